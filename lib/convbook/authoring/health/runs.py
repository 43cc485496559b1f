"""What happens when a unit is run: its solution from top to bottom, and its release as it is handed out."""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convbook.authoring import executed
from convbook.authoring.canonical import read
from convbook.authoring.course import Course
from convbook.authoring.headings import banner_of, name_of, role
from convbook.authoring.health.findings import Finding
from convbook.authoring.release import FIGURES
from convbook.nbgrader_course import CourseError


@dataclass(frozen=True)
class Run:
    """Hold an executed notebook and the seconds it took; `stopped` says why it was not finished."""

    notebook: Any
    seconds: float
    stopped: str = ""


def execute(path: Path, seconds: float, keep_going: bool) -> Run:
    """Run a notebook in a temporary folder, its figures beside it, and return what came out.

    Stops at the first error unless `keep_going`, and after `seconds` in any one cell.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    notebook = nbformat.from_dict(read(path))
    stopped, started = "", time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="convbook-check-") as folder:
        for figure in (p for p in path.parent.iterdir() if p.suffix in FIGURES):
            shutil.copyfile(figure, Path(folder, figure.name))
        client = NotebookClient(
            notebook,
            timeout=math.ceil(seconds),  # nbclient takes whole seconds only
            kernel_name="python3",
            allow_errors=keep_going,
            resources={"metadata": {"path": folder}},
        )
        client.extra_arguments = ["--HistoryManager.enabled=False"]
        try:
            # The kernel's own log is not the notebook's output; what cells write is captured all the same.
            client.execute(env=_environment(folder), stderr=subprocess.DEVNULL)
        except CellExecutionError:
            pass  # the cell's output tells
        except CellTimeoutError:
            stopped = f"a cell ran longer than {seconds:g} s"
        except DeadKernelError:
            stopped = "the kernel died"
    return Run(notebook, time.perf_counter() - started, stopped)


def solution_faults(course: Course, unit: str, run: Run, budget: float) -> Iterator[Finding]:
    """Yield a finding for every error, line on stderr and lost point of an executed solution."""
    file = course.short(course.notebook(unit))
    if run.stopped:
        yield Finding(file, f"the solution did not finish: {run.stopped}", _last_run(run))
    for cell in _code(run):
        for output in cell.get("outputs", []):
            if output["output_type"] == "error":
                yield Finding(file, f"the solution fails with {_error(output)}", name_of(cell))
            elif output["output_type"] == "stream" and output["name"] == "stderr":
                yield Finding(file, f"writes to stderr: {_first_line(output['text'])}", name_of(cell))
        if not run.stopped and role(cell) == "check" and earned(cell) not in (None, _worth(cell)):
            yield Finding(
                file, f"the solution earns {earned(cell):g} of {_worth(cell):g} points", name_of(cell)
            )
    if run.seconds > budget:
        yield Finding(file, f"the solution took {run.seconds:.0f} s; the unit's budget is {budget:g} s")


def unsolved_faults(course: Course, unit: str, run: Run) -> Iterator[Finding]:
    """Yield a finding for every check that an unsolved unit passes, and every other cell that fails as it should not.

    Before the first exercise nothing fails. From there on answers and the cells that try them may; whatever shows
    something with an answer ends at most with one line.
    """
    file = course.short(course.released(unit))
    if run.stopped:
        yield Finding(file, f"unsolved, the notebook did not finish: {run.stopped}", _last_run(run))
        return
    before, trying = True, False
    for cell in run.notebook["cells"]:
        before = before and not (cell["cell_type"] == "markdown" and banner_of(cell))
        if cell["cell_type"] != "code":
            continue
        errors = [o for o in cell.get("outputs", []) if o["output_type"] == "error"]
        if before and errors:
            yield Finding(file, f"fails before the first exercise with {_error(errors[0])}", name_of(cell))
        trying = role(cell) == "solution" or (trying and role(cell) != "check")
        if not before and not trying and not role(cell) and errors and len(errors[0]["traceback"]) > 1:
            said = f"unsolved, it fails with {_error(errors[0])}; let `yours` stand in for the answer, or say it in one line"
            yield Finding(file, said, name_of(cell))
        if role(cell) == "check" and earned(cell) != 0:
            yield Finding(
                file, f"unsolved, this check earns {earned(cell):g} of {_worth(cell):g} points", name_of(cell)
            )


def earned(cell: Any) -> float | None:
    """Return the points nbgrader gives for an executed check cell, or None where a person decides."""
    from nbgrader.utils import determine_grade

    return determine_grade(cell)[0]


def run_unit(course: Course, unit: str, budget: float) -> tuple[list[Finding], str]:
    """Run a unit's solution and its release; return the findings and a line that tells the times.

    What ran well is kept: `convbook book` need not execute it again.
    """
    solved = execute(course.notebook(unit), budget, keep_going=False)
    findings = list(solution_faults(course, unit, solved, budget))
    if not findings:
        executed.keep(course, course.notebook(unit), solved.notebook)
    if not course.released(unit).is_file():
        return findings, f"solution {solved.seconds:.1f} s"
    unsolved = execute(course.released(unit), budget, keep_going=True)
    if not unsolved.stopped:
        executed.keep(course, course.released(unit), unsolved.notebook)
    findings += unsolved_faults(course, unit, unsolved)
    return findings, f"solution {solved.seconds:.1f} s, unsolved {unsolved.seconds:.1f} s"


def need_kernel() -> None:
    """Raise `CourseError` where notebooks cannot be run at all."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel as error:
        raise CourseError(
            "Jupyter finds no Python kernel; install the course again with `make lab`"
        ) from error


def _environment(folder: str) -> dict[str, str]:
    """Return the kernel's environment: nothing of the author's own IPython, this environment's packages first."""
    return os.environ | {"IPYTHONDIR": str(Path(folder, ".ipython")), "JUPYTER_PREFER_ENV_PATH": "1"}


def _code(run: Run) -> list[Any]:
    return [cell for cell in run.notebook["cells"] if cell["cell_type"] == "code"]


def _last_run(run: Run) -> str:
    """Return the name of the cell that was running when a run stopped."""
    done = [cell for cell in _code(run) if cell.get("execution_count") or cell.get("outputs")]
    later = _code(run)[len(done) :]
    return name_of(later[0] if later else _code(run)[-1])


def _worth(cell: Any) -> float:
    return float(cell["metadata"]["nbgrader"]["points"])


def _error(output: Any) -> str:
    return f"{output['ename']}: {_first_line(output['evalue'])}"


def _first_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0] if lines else ""
