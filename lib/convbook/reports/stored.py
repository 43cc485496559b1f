"""What grading stores of one unit: the one place in this room that knows grading's files and words.

`.convbook/reports/UNIT.json` says how every hand-in ended, `.convbook/reports/before/UNIT.json` how it ended
in the run before, `autograded/` holds the answers and what the tests said to them.
"""

from __future__ import annotations

import glob
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from convbook.grading.course import Course, GradingError
from convbook.grading.recording.report import (
    ABSENT,
    OPEN,
    RIGHT,
    STOPPED,
    TAMPER,
    UNREADABLE,
    WRONG,
    outcome_of,
)
from convbook.reports import gradebook
from convbook.reports.gradebook import Person

__all__ = ["ABSENT", "OPEN", "RIGHT", "STOPPED", "TAMPER", "UNREADABLE", "WRONG", "GradingError"]

MARKS = ("### BEGIN SOLUTION", "### END SOLUTION")


@dataclass
class Attempt:
    """Hold one student's answer to one test: how it ended, what the test said, and the answer's cells."""

    outcome: str
    mistakes: list[str] = field(default_factory=list)
    seconds: float = 0.0
    score: float | None = None
    message: str = ""
    code: str = ""
    status: str = ""


@dataclass
class Student:
    """Hold what a run found of one student.

    `score` is what counts: with what a person added or took away `by_hand`, after the `penalty` for being late.
    """

    person: Person
    status: str
    reason: str = ""
    score: float = 0.0
    by_hand: float = 0.0
    penalty: float = 0.0
    points: float = 0.0
    waiting: int = 0
    seconds: float = 0.0
    again: bool = False
    remarks: list[dict[str, str]] = field(default_factory=list)
    attempts: dict[str, Attempt] = field(default_factory=dict)

    @property
    def handed_in(self) -> bool:
        """Tell whether there is a hand-in that could be read."""
        return self.status not in (ABSENT, UNREADABLE)

    @property
    def share(self) -> float:
        """Return the share of the points, 0 to 1."""
        return self.score / self.points if self.points else 0.0


@dataclass
class Item:
    """Name one test, which is an exercise of the unit: its points, and the instructor's own answer."""

    name: str
    points: float = 0.0
    solution: str = ""


@dataclass
class Results:
    """Hold all that is stored of one unit's last run; `before` are shares of points in the run before."""

    unit: str
    students: list[Student]
    items: dict[str, Item]
    before: dict[str, float] = field(default_factory=dict)
    run: dict[str, Any] = field(default_factory=dict)
    when: float = 0.0  # seconds since 1970, when the run's record was written


def graded(course: Course) -> list[str]:
    """Return the names of the units of which a run has been kept, sorted."""
    return [name for name in course.assignments() if course.store.path("reports", f"{name}.json").is_file()]


def read(course: Course, unit: str, answers: bool = True) -> Results:
    """Return what is stored of a unit; without `answers` no notebook is opened, which is quick.

    Raises `GradingError`, in one sentence, where nothing was graded yet or the record is damaged.
    """
    kept = _report(course, unit)
    people = gradebook.persons(course)
    book = gradebook.units(course, [unit]).get(unit)
    students = [_student(line, people, book) for line in kept["lines"]]
    when = course.store.path("reports", f"{unit}.json").stat().st_mtime
    results = Results(unit, students, {}, _before(course, unit), kept, when)
    if answers:
        for student in students:
            if student.handed_in:
                _read_answers(course, unit, student, results.items)
        _read_solutions(course, unit, results.items)
    worth = _either_way(book.cells) if book else {}
    for student in students:
        for name, attempt in student.attempts.items():
            item = results.items.setdefault(name, Item(name))
            item.points = worth.get(name, item.points)
            if attempt.outcome == RIGHT and attempt.score is not None and attempt.score < item.points - 1e-9:
                attempt.outcome = WRONG  # a test that gave a part of its points ends without an error
    return results


def _report(course: Course, unit: str) -> dict[str, Any]:
    kept = course.store.read("reports", f"{unit}.json")
    if kept is None and course.store.path("reports", f"{unit}.json").exists():
        raise GradingError(
            f"the record of the last run of {unit} is damaged; `convbook grade {unit}` writes it anew "
            "(no score is lost, and what has not changed is not run again)"
        )
    if kept is None:
        raise GradingError(f"{unit} has not been graded yet; `convbook grade {unit}` does it")
    lines = kept.get("lines")
    if not isinstance(lines, list) or not all(map(_is_sound, lines)):
        raise GradingError(
            f"the record of the last run of {unit} has no lines; `convbook grade {unit}` writes it anew"
        )
    return kept


def _is_sound(line: Any) -> bool:
    """Tell whether a line of a report has what is read of it."""
    if not isinstance(line, dict) or not isinstance(line.get("student"), str):
        return False
    cells = line.get("cells", [])
    return isinstance(cells, list) and all(
        isinstance(cell, dict) and {"cell", "status", "mistakes"} <= cell.keys() for cell in cells
    )


def _before(course: Course, unit: str) -> dict[str, float]:
    kept = course.store.read("reports", "before", f"{unit}.json") or {}
    lines = [line for line in kept.get("lines", []) if line.get("points") and line.get("status") != ABSENT]
    return {line["student"]: _counts(line) / line["points"] for line in lines}


def _counts(line: dict[str, Any]) -> float:
    """Return what a report's line counted in the gradebook when it was written."""
    score, by_hand, penalty = (line.get(name) or 0.0 for name in ("score", "by_hand", "penalty"))
    return max(0.0, score + by_hand - penalty)


def _student(line: dict[str, Any], people: dict[str, Person], book: gradebook.Unit | None) -> Student:
    """Return a student by the report's line; points are the gradebook's: a person may have changed them."""
    name = line["student"]
    known = {key: line[key] for key in ("reason", "waiting", "seconds", "again", "remarks") if key in line}
    student = Student(people.get(name, Person(name)), line.get("status", ""), **known)
    student.points, student.penalty = line.get("points") or 0.0, line.get("penalty") or 0.0
    student.score, student.by_hand = _counts(line), line.get("by_hand") or 0.0
    for cell in line.get("cells", []):
        if cell.get("check"):
            ended = outcome_of(cell)
            student.attempts[cell["cell"]] = Attempt(
                ended, list(cell.get("mistakes", [])), cell.get("seconds", 0.0), status=cell.get("status", "")
            )
    total = book.totals.get(name) if book else None
    if book is not None and total is not None:
        student.score, student.penalty, student.points = total.score, total.penalty, book.points
        student.waiting, student.by_hand = total.waiting, total.by_hand
        by_cell = _either_way(total.cells)
        for test, attempt in student.attempts.items():
            attempt.score = by_cell.get(test)
    return student


def _either_way(cells: dict[str, Any]) -> dict[str, Any]:
    """Return what is known by `notebook/cell` by the cell's name alone, too."""
    return cells | {key.split("/", 1)[-1]: value for key, value in cells.items()}


# --- the notebooks


def _read_answers(course: Course, unit: str, student: Student, items: dict[str, Item]) -> None:
    """Add to a student's attempts what was answered and what the tests said."""
    folder = course.folder("autograded", student.person.id, unit)
    for path in sorted(folder.glob("*.ipynb")):
        for answer, cell, marks in tested(_cells(path)):
            name = marks["grade_id"]
            name = name if name in student.attempts else f"{path.stem}/{name}"
            items.setdefault(name, Item(name, _number(marks.get("points"))))
            if name in student.attempts:
                student.attempts[name].code = answer
                student.attempts[name].message = said(cell)


def _read_solutions(course: Course, unit: str, items: dict[str, Item]) -> None:
    for path in sorted(Path(p) for p in glob.glob(glob.escape(str(course.source_folder(unit))) + "/*.ipynb")):
        for answer, _, marks in tested(_cells(path)):
            for name in (marks["grade_id"], f"{path.stem}/{marks['grade_id']}"):
                if name in items:
                    lines = [line for line in answer.split("\n") if line.strip() not in MARKS]
                    items[name].solution = "\n".join(lines)


def _cells(path: Path) -> list[dict[str, Any]]:
    """Return the code cells of a notebook's file; none of one that cannot be read."""
    try:
        cells = json.loads(path.read_bytes())["cells"]
        return [cell for cell in cells if cell["cell_type"] == "code"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []


def tested(cells: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Return every test of a notebook with the answers since the one before: `(answers, test, marks)`."""
    found, answers = [], []
    for cell in cells:
        marks = cell.get("metadata", {}).get("nbgrader") or {}
        if marks.get("solution"):
            answers.append("".join(cell.get("source", "")))
        elif marks.get("grade") and isinstance(marks.get("grade_id"), str):
            found.append(("\n\n".join(answers), cell, marks))
            answers = []
    return found


def said(cell: dict[str, Any]) -> str:
    """Return what a test said when it failed, or else what it printed."""
    outputs = [output for output in cell.get("outputs", []) if isinstance(output, dict)]
    errors = [
        f"{o.get('ename', '')}: {o.get('evalue', '')}" for o in outputs if o.get("output_type") == "error"
    ]
    printed = ["".join(o.get("text", "")) for o in outputs if o.get("output_type") == "stream"]
    return (errors or printed or [""])[-1]


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
