"""The commands `convbook grade` and `convbook report`: their options, and what they print."""

from __future__ import annotations

import argparse
import gc
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from convbook.grading.course import Course
    from convbook.grading.recording.report import Report

BEGUN = time.monotonic()

GRADE = """\
Grade what was handed in for one unit, many submissions at once, each in a sandbox of its own.

Works on any nbgrader course: results go where nbgrader puts them, into `autograded/` and the
gradebook, so formgrader, `nbgrader generate_feedback` and `nbgrader export` go on from there.
What has not changed since the last run is not run again. A run can be stopped at any time (Ctrl-C)
and started again: nothing is lost, nothing counts twice.
"""
EXAMPLES = """\
examples
  convbook grade 1                          everything that was handed in for unit 1
  convbook grade ps1 --course ~/bio101      an assignment of any nbgrader course
  convbook grade 1 --students ada,grace     only these two
  convbook grade 1 --feedback               write the students' feedback pages as well
  convbook grade 1 --watch                  grade what arrives in the exchange, until Ctrl-C
  convbook grade 1 --scheduler tcp://host:8786     on a Dask cluster

exit code: 0 all graded, 1 some hand-ins could not be read, 2 not possible, 130 stopped by Ctrl-C
"""
SWITCHES = {
    "--require-sandbox": "refuse to run students' code without a sandbox",
    "--feedback": "write the students' feedback pages, too",
    "--watch": "go on: grade what arrives in the exchange and publish feedback",
    "--force": "run everything again, also what has not changed",
    "--timing": "say at the end where the time went (in the JSON it always stands)",
    "--renew": "take the tests of the source into the gradebook first",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give a parser the options of `convbook grade`, or of `convbook report` if that is its name."""
    add, only_report = parser.add_argument, parser.prog.split()[-1] == "report"
    parser.set_defaults(report_only=only_report)
    optional = {"nargs": "?"} if only_report else {}  # without a unit: of all
    about = "the assignment: its name, or the number or topic of a unit"
    add("unit", metavar="UNIT", help=about, **optional)
    add("--course", type=Path, metavar="DIR", help="the course's folder (default: here or above)")
    add("--json", action="store_true", help="print the report as JSON on stdout")
    if only_report:
        return
    parser.description, parser.epilog = GRADE, EXAMPLES
    add("--students", type=_names, metavar="A,B", help="only these students")
    add("--workers", type=_above_zero, metavar="N", help="submissions at once (default: one a core)")
    add("--scheduler", metavar="ADDRESS", help="run on the Dask cluster with this scheduler")
    for name, about in SWITCHES.items():
        add(name, action="store_true", help=about)


def _names(word: str) -> list[str]:
    names = [name.strip() for name in word.split(",") if name.strip()]
    if not names:
        raise argparse.ArgumentTypeError("name at least one student")
    return names


def _above_zero(word: str) -> int:
    if word.isdigit() and int(word) > 0:
        return int(word)
    raise argparse.ArgumentTypeError(f"{word!r} is not a number above 0")


def run(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code; what hand-ins are forked from starts while nbgrader is still being read in."""
    gc.set_threshold(50_000, 20, 20)  # imports and rows of the gradebook leave little to collect
    with _early(arguments) as arguments.early:
        from traitlets import TraitError

        from convbook.grading.course import Course
        from convbook.nbgrader_course import CourseError

        try:
            course = Course(arguments.course)
            assignment = course.assignment(arguments.unit)
            return (_report if arguments.report_only else _grade)(course, assignment, arguments)
        except (CourseError, TraitError) as error:
            late = isinstance(error, TraitError)  # a setting of nbgrader's that is read late
            said = f"the configuration could not be used: {error}" if late else error
            print(f"convbook {arguments.command}: {said}", file=sys.stderr)
            return 2
        finally:
            gc.freeze()  # the program's end would look through all objects once more: a quarter of a second


def _early(arguments: argparse.Namespace) -> AbstractContextManager[Callable[[], Any]]:
    if arguments.report_only or arguments.scheduler or not hasattr(os, "fork"):
        return nullcontext(lambda: None)
    from convbook.grading.running.early import Early

    return Early(arguments.course or Path.cwd(), arguments.unit)


def _grade(course: Course, assignment: str, arguments: argparse.Namespace) -> int:
    from convbook.grading.course import GradingError
    from convbook.grading.recording.report import UNREADABLE
    from convbook.grading.recording.store import exclusive
    from convbook.grading.timing import table

    if not hasattr(os, "fork"):  # Windows
        raise GradingError(
            "grading many at once needs Linux, macOS or the Windows Subsystem for Linux; "
            f"`nbgrader autograde {assignment}` works here, one after the other and not sandboxed"
        )
    arguments.require_sandbox |= bool(course.section("ConvbookGrade").get("require_sandbox"))
    engine = partial(_engine, arguments, arguments.workers or course.workers)
    if arguments.watch:
        from convbook.grading import arrivals

        return arrivals.watch(course, assignment, engine, _say, arguments.require_sandbox)
    unwritten = {}
    with exclusive(course.store.folder / "lock", _say), one_interruption():
        report = _graded(course, assignment, engine, arguments)
        _show(report, arguments.json)
        if arguments.timing and report.timing and not arguments.json:
            print("\n" + table(report.timing))
        if arguments.feedback and report.complete:
            unwritten = _write_feedback(course, report, arguments.workers)
    if not report.complete:
        return 130
    return int(any(line.status == UNREADABLE for line in report.lines) or bool(unwritten))


@contextmanager
def one_interruption() -> Iterator[None]:
    """Let the first Ctrl-C stop the block, and further ones, to the program's end, say that it is stopping already."""
    before = signal.getsignal(signal.SIGINT)

    def interrupted(number: int, frame: object) -> None:
        signal.signal(
            signal.SIGINT, lambda *_: _say("already stopping: what is graded is being written down")
        )
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        # Python's own end would put the default back in place of a handler, and a late Ctrl-C would cut it off.
        stopping = signal.getsignal(signal.SIGINT) is not interrupted
        signal.signal(signal.SIGINT, signal.SIG_IGN if stopping else before)


def _graded(course: Course, assignment: str, engine: Any, arguments: argparse.Namespace) -> Report:
    from convbook.grading.course import in_folder
    from convbook.grading.pipeline import Pipeline
    from convbook.grading.timing import Timing

    with in_folder(course.root):
        pipeline = Pipeline(
            course, assignment, arguments.force, arguments.renew, arguments.require_sandbox, Timing(BEGUN)
        )
        return pipeline.grade(engine, arguments.students)


def _write_feedback(course: Course, report: Report, workers: int | None) -> dict[str, str]:
    """Write the feedback pages; say and return whose could not be written, and why."""
    from convbook.grading.recording.feedback import write_all

    students = [line.student for line in report.lines if line.cells or line.points]
    failed = write_all(course, report.assignment, students, workers)
    for student, why in failed.items():
        _say(f"no feedback could be written for {student}: {why}")
    _say(f"feedback written for {len(students) - len(failed)} students")
    return failed


@contextmanager
def _engine(arguments: argparse.Namespace, workers: int | None) -> Iterator[Any]:
    """Open what runs hand-ins; why it refuses is one sentence for the user."""
    from convbook.grading.course import GradingError
    from convbook.grading.running.sandbox import NoSandbox

    required = arguments.require_sandbox
    try:
        if arguments.scheduler:
            from convbook.grading.cluster import Cluster

            made: Any = Cluster(arguments.scheduler, require_sandbox=required)
        else:
            from convbook.grading.running.engine import Engine

            made = Engine(workers, require_sandbox=required, early=arguments.early)
    except NoSandbox as error:
        raise GradingError(str(error)) from error
    with made as engine:
        if engine.warning:
            _say(engine.warning)
        yield engine


def _report(course: Course, assignment: str, arguments: argparse.Namespace) -> int:
    from convbook.grading.course import GradingError
    from convbook.grading.recording.report import Report

    kept = course.store.read("reports", f"{assignment}.json")
    if kept is None:
        raise GradingError(f"{assignment} has not been graded yet; `convbook grade {assignment}` does it")
    _show(Report.from_plain(kept), arguments.json)
    return 0


def _show(report: Report, as_json: bool) -> None:
    from convbook.grading.recording.page import text

    print(json.dumps(report.plain(), indent=1, ensure_ascii=False) if as_json else text(report))


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
