"""The executed notebooks that the book is built from: kept ones where there are, and the rest executed now."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from convbook.authoring import executed
from convbook.authoring.course import Course
from convbook.authoring.headings import name_of
from convbook.authoring.health import runs
from convbook.nbgrader_course import CourseError

SECONDS = 900.0  # for one cell: a notebook that is only read may take longer than a class's budget


def executed_notebooks(course: Course, paths: list[Path], jobs: int) -> list[Any]:
    """Return the executed notebooks of those at `paths`, `jobs` of them executed at once; say what it takes.

    Raises `CourseError` in one sentence for the first notebook that does not run to its end.
    """
    found = {path: executed.kept(course, path) for path in paths}
    missing = [path for path, notebook in found.items() if notebook is None]
    if missing:
        runs.need_kernel()
        print(
            f"executing {len(missing)} of {len(paths)} notebooks, {max(1, jobs)} at once: this takes from seconds "
            "to minutes for each; what is executed is kept",
            flush=True,
        )
    with ThreadPoolExecutor(max_workers=max(1, jobs)) as pool:
        waiting = {path: pool.submit(_run, course, path) for path in missing}
        try:
            for path, future in waiting.items():
                found[path] = future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    return [found[path] for path in paths]


def _run(course: Course, path: Path) -> Any:
    solved = path.is_relative_to(course.source)
    run = runs.execute(path, SECONDS, keep_going=not solved)
    reason = run.stopped or (_failure(run.notebook) if solved else "")
    if reason:
        raise CourseError(
            f"{course.short(path)} could not be executed: {reason}; nothing was written. `convbook check` tells more"
        )
    executed.keep(course, path, run.notebook)
    print(f"{course.short(path)}: executed in {run.seconds:.1f} s", flush=True)
    return run.notebook


def _failure(notebook: Any) -> str:
    """Return which cell of a solved notebook failed with what, or nothing."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            if output["output_type"] == "error":
                line = (output["evalue"].strip().splitlines() or [""])[0]
                return f"cell {name_of(cell)} fails with {output['ename']}: {line}"
    return ""
