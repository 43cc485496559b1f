"""What nbgrader's gradebook knows: who is in the course, and what counts, by nbgrader's own rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from convbook.grading.course import Course


@dataclass(frozen=True)
class Person:
    """Hold what the gradebook knows of a student; `lms_id` is the number that Canvas or Moodle gave."""

    id: str
    first: str = ""
    last: str = ""
    email: str = ""
    lms_id: str = ""

    @property
    def name(self) -> str:
        """Return the name as it is written, or the id where no name is known."""
        return " ".join(part for part in (self.first, self.last) if part) or self.id


@dataclass
class Total:
    """Hold what one hand-in counts: points by `notebook/cell`, None where a person has yet to judge."""

    cells: dict[str, float | None] = field(default_factory=dict)
    penalty: float = 0.0
    waiting: int = 0
    timestamp: str = ""
    by_hand: float = 0.0  # what a person's scores and extra credit add or take away

    @property
    def raw(self) -> float:
        """Return the points before what being late costs."""
        return sum(score or 0.0 for score in self.cells.values())

    @property
    def score(self) -> float:
        """Return what counts, as `nbgrader export` has it: never below 0."""
        return max(0.0, self.raw - self.penalty)


@dataclass
class Unit:
    """Hold one assignment: what it and each `notebook/cell` is worth, and what every hand-in counts."""

    name: str
    points: float
    totals: dict[str, Total] = field(default_factory=dict)
    cells: dict[str, float] = field(default_factory=dict)


def persons(course: Course) -> dict[str, Person]:
    """Return everyone whom the gradebook knows, by id."""
    with course.gradebook() as book:
        found = [
            Person(s.id, *(str(v or "").strip() for v in (s.first_name, s.last_name, s.email, s.lms_user_id)))
            for s in book.students
        ]
    excluded = set(filter(None, course.directory.student_id_exclude.split(",")))
    return {one.id: one for one in sorted(found, key=lambda one: one.id) if one.id not in excluded}


def units(course: Course, names: list[str] | None = None) -> dict[str, Unit]:
    """Return the assignments of the gradebook, all or those named, with every hand-in's points."""
    from nbgrader import api

    with course.gradebook() as book:
        known = [one for one in book.assignments if names is None or one.name in names]
        found = {one.name: Unit(one.name, float(one.max_score)) for one in known}
        for one in known:
            tests = [(notebook.name, cell) for notebook in one.notebooks for cell in notebook.grade_cells]
            found[one.name].cells = {
                f"{notebook}/{cell.name}": float(cell.max_score) for notebook, cell in tests
            }
        for row in _grades(book.db, api, list(found)):
            _enter(found[row.assignment].totals, row)
    return dict(sorted(found.items()))


def _grades(db: Any, api: Any, names: list[str]) -> list[Any]:
    """Return a row for every graded cell of every hand-in."""
    unit, hand_in, sheet = (
        api.Assignment.__table__,
        api.SubmittedAssignment.__table__,
        api.SubmittedNotebook.__table__,
    )
    grade, cell, notebook = api.Grade.__table__, api.BaseCell.__table__, api.Notebook.__table__
    columns = (
        unit.c.name.label("assignment"), hand_in.c.student_id, hand_in.c.timestamp,
        notebook.c.name.label("notebook"),
        sheet.c.id.label("sheet"), sheet.c.late_submission_penalty, cell.c.name.label("cell"),
        grade.c.auto_score, grade.c.manual_score, grade.c.extra_credit, grade.c.needs_manual_grade,
    )  # fmt: skip
    places = (
        hand_in.join(unit, hand_in.c.assignment_id == unit.c.id)
        .join(sheet, sheet.c.assignment_id == hand_in.c.id)
        .join(notebook, sheet.c.notebook_id == notebook.c.id)
        .outerjoin(grade, grade.c.notebook_id == sheet.c.id)
        .outerjoin(cell, grade.c.cell_id == cell.c.id)
    )
    return list(db.execute(api.select(*columns).select_from(places).where(unit.c.name.in_(names))).all())


def _enter(totals: dict[str, Total], row: Any) -> None:
    total = totals.setdefault(row.student_id, Total(timestamp=str(row.timestamp or "")))
    if f"{row.notebook}/" not in total.cells:  # the penalty is the notebook's: it counts once
        total.cells[f"{row.notebook}/"] = 0.0
        total.penalty += row.late_submission_penalty or 0.0
    if row.cell is None:
        return
    judged = row.manual_score if row.manual_score is not None else row.auto_score
    extra = row.extra_credit or 0.0
    total.cells[f"{row.notebook}/{row.cell}"] = (
        None if judged is None and not extra else (judged or 0.0) + extra
    )
    total.by_hand += (judged or 0.0) + extra - (row.auto_score or 0.0)
    total.waiting += bool(row.needs_manual_grade)
