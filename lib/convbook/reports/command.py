"""The command `convbook report`: the grader's text, and the same class as a page, as tables and as JSON."""

from __future__ import annotations

import argparse
import json
import sys
import webbrowser
from pathlib import Path
from typing import Any

from convbook.grading import command as grading

ABOUT = """\
Show what a graded class got and what it misunderstood, of one unit or of the whole course.

Without options: text for the terminal. `--html` makes one page that needs nothing else: who did how, what to
re-teach, with an anonymous example and the explanation, whom to talk to, what is wrong with the run. It
names students: keep it where you keep grades. Reads what `convbook grade` left and runs nothing.
"""
EXAMPLES = """\
examples
  convbook report 1                         the last run of unit 1, as text
  convbook report 1 --html unit1.html       one page, for the browser and for paper
  convbook report 1 --open                  write report-01_convolution.html and open it
  convbook report --html course.html        the whole course
  convbook report 1 --csv unit1.csv         students; exercises and causes in two files beside it
  convbook report 1 --json | jq .mistakes   everything as data

exit code: 0 done, 2 not possible
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give a parser the options of `convbook report`: the grader's for the text, and where the page goes."""
    grading.add_arguments(parser)
    parser.description, parser.epilog = ABOUT, EXAMPLES
    parser.add_argument("--html", type=Path, metavar="FILE", help="write one page that needs nothing else")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write tables")
    parser.add_argument("--open", action="store_true", help="open the page in the browser")


def run(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    if arguments.unit and not (arguments.html or arguments.csv or arguments.open or arguments.json):
        return grading.run(arguments)
    from traitlets import TraitError

    from convbook.grading.course import Course
    from convbook.nbgrader_course import CourseError

    try:
        return _report(Course(arguments.course), arguments)
    except TraitError as error:  # a setting of nbgrader's that is read late
        raise CourseError(f"the configuration could not be used: {error}") from error


def _report(course: Any, arguments: argparse.Namespace) -> int:
    from convbook.reports import analysis

    unit = course.assignment(arguments.unit) if arguments.unit else ""
    found = analysis.of_unit(course, unit) if unit else analysis.of_course(course)
    if arguments.json:
        kept = course.store.read("reports", f"{unit}.json") if unit else None
        print(json.dumps({**(kept or {}), "analysis": found}, indent=1, ensure_ascii=False))
    page = arguments.html or (Path(f"report-{unit or 'course'}.html") if arguments.open else None)
    for path, content in _files(found, unit, page, arguments.csv).items():
        _write(path, content)
    if arguments.open and page:
        webbrowser.open(page.resolve().as_uri())
    if not (page or arguments.csv or arguments.json):
        from convbook.reports import text

        print(text.course(found))
    return 0


def _files(found: dict[str, Any], unit: str, page: Path | None, table: Path | None) -> dict[Path, str]:
    from convbook.reports import pages, tables

    files: dict[Path, str] = {}
    if page:
        files[page] = pages.unit_page(found) if unit else pages.course_page(found)
    if table:
        files |= tables.unit_files(found, table) if unit else tables.course_files(found, table)
    return files


def _write(path: Path, content: str) -> None:
    from convbook.reports import tables

    tables.write(path, content)
    print(path, file=sys.stderr)
