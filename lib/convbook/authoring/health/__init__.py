"""The course proves itself: it runs, it is current, unsolved it earns nothing, nothing leaks, all agrees."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from convbook.authoring import release, table
from convbook.authoring.canonical import canonical_bytes, notebooks_in, read
from convbook.authoring.course import Course
from convbook.authoring.health.agreement import disagreements
from convbook.authoring.health.asking import unanswered
from convbook.authoring.health.findings import Finding
from convbook.authoring.health.leaks import leaks, stray_files
from convbook.authoring.health.style import oddities
from convbook.checks import of_topic as checks_of
from convbook.forms import Unit
from convbook.nbgrader_course import CourseError

BUDGET_SECONDS = 300.0
FindChecks = Callable[[str], Unit | None]

__all__ = ["Finding", "checks_of", "examine_course", "examine_unit", "report", "run_units"]


def examine_unit(course: Course, unit: str, find_checks: FindChecks = checks_of) -> Iterator[Finding]:
    """Yield what is wrong in one unit, as far as reading tells; nothing is run."""
    source = course.notebook(unit)
    notebook, file = read(source), course.short(source)
    try:
        for cell, sentence in disagreements(notebook, unit, find_checks(unit[3:])):
            yield Finding(file, sentence, cell)
    except CourseError as error:  # the unit's checks cannot be loaded: the rest is told all the same
        yield Finding(file, str(error))
    for cell, sentence in unanswered(notebook):
        yield Finding(file, sentence, cell)
    for path in notebooks_in([course.source / unit]):
        if path.read_bytes() != canonical_bytes(path):
            yield Finding(course.short(path), "not in the committed form; run `convbook clean`")
    yield from leaks(course, unit)
    for cell, sentence in oddities(notebook):
        yield Finding(file, sentence, cell, warning=True)


def examine_course(course: Course, units: list[str]) -> Iterator[Finding]:
    """Yield what is wrong between the units, the release and the README."""
    yield from stray_files(course)
    for folder in release.orphans(course):
        yield Finding(course.short(folder), "no source stands behind it; remove it")
    try:
        for path in release.stale(course, units):
            yield Finding(course.short(path), "the release is out of date; run `convbook release`")
    except CourseError as error:
        yield Finding(course.short(course.source), str(error))
    readme = course.folder / "README.md"
    if not readme.is_file() or table.BEGIN not in readme.read_text(encoding="utf-8"):
        yield Finding("README.md", f"it has no table of units between {table.BEGIN} and {table.END}")
    elif not table.readme_is_current(course):
        yield Finding("README.md", "its table of units is out of date; run `convbook release`")


def run_units(
    course: Course, units: list[str], budget: float, jobs: int
) -> Iterator[tuple[str, list[Finding], str]]:
    """Run units, `jobs` at once, and yield `(unit, findings, times)` in order as they are done."""
    from concurrent.futures import ThreadPoolExecutor

    from convbook.authoring.health import runs

    runs.need_kernel()
    with ThreadPoolExecutor(max_workers=max(1, jobs)) as pool:
        waiting = [(unit, pool.submit(runs.run_unit, course, unit, budget)) for unit in units]
        for unit, future in waiting:
            yield unit, *future.result()


def report(
    course: Course,
    units: list[str],
    run: bool = True,
    jobs: int = 1,
    budget: float = BUDGET_SECONDS,
    find_checks: FindChecks = checks_of,
) -> int:
    """Print every finding and a closing line; return 1 if there is a fault, else 0."""
    if not units:
        raise CourseError(
            f"{course.source} has no units; a unit is a folder 01_topic with 01_topic.ipynb in it"
        )
    findings = _told(examine_course(course, units))
    for unit in units:
        findings += _told(examine_unit(course, unit, find_checks))
    for unit, faults, times in run_units(course, units, budget, jobs) if run else ():
        print(f"{unit}: ran, {times}", flush=True)
        findings += _told(faults)
    faults = sum(not finding.warning for finding in findings)
    print(
        f"{_count(len(units), 'unit')}: {_count(faults, 'fault')}, {_count(len(findings) - faults, 'warning')}"
    )
    return 1 if faults else 0


def _told(findings: Iterator[Finding] | list[Finding]) -> list[Finding]:
    told = []
    for finding in findings:
        print(f"{'warning' if finding.warning else 'fault'}  {finding}", flush=True)
        told.append(finding)
    return told


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
