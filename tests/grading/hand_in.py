"""Jobs for the tests: a small course of one function, checked by one cell."""

from __future__ import annotations

import itertools

from convbook.grading.job import Cell, Job, Limits, Result

SETUP = "import numpy as np\nrng = np.random.default_rng(1)\nimage = rng.random((4, 4))"
SQUARE = "def square(x):\n    return x * x\n"
TEST = "assert square(3) == 9\nassert np.allclose(square(image), image**2)\nprint('fine')"
LIMITS = Limits(
    cell_seconds=6.0, submission_seconds=60.0, memory_bytes=512 * 1024**2, disk_bytes=32 * 1024**2
)

_number = itertools.count()


def job(
    answer: str = SQUARE,
    *,
    setup: str = SETUP,
    test: str = TEST,
    solution: str = SQUARE,
    more: tuple[Cell, ...] = (),
    weak: bool = False,
    limits: Limits = LIMITS,
    seed: int = 20_26,
    student: str = "anna",
    instructor: tuple[Cell, ...] | None = None,
    **rest,
) -> Job:
    """Return a job: `setup`, the student's `answer`, `more` cells, then `test`."""
    return Job(
        key=f"key-{next(_number)}",
        student=student,
        notebook="unit",
        cells=(
            Cell("setup", "student", setup),
            Cell("square", "student", answer),
            *more,
            Cell("test", "check", test, 2.0, weak),
        ),
        instructor=instructor
        or (
            Cell("setup", "setup", SETUP),
            Cell("square", "student", solution),
            Cell("test", "check", test, 2.0),
        ),
        limits=limits,
        seed=seed,
        **rest,
    )


def last(result: Result):
    """Return the result of the last cell."""
    return result.cells[-1]


def said(result: Result) -> str:
    """Return all text of all outputs."""
    parts = []
    for cell in result.cells:
        for output in cell.outputs:
            parts.append(output.get("text", ""))
            parts += output.get("traceback", [])
            parts.append(str(output.get("data", {}).get("text/plain", "")))
    return "\n".join(parts)
