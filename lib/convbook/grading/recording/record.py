"""Write a graded submission where nbgrader would: its folder in `autograded/`, its rows in the gradebook.

One writer, one database session, one transaction a submission. Everything that is written says what *is*, nothing
says what to add, so writing twice is the same as writing once. The order makes a kill at any moment harmless: the
folder is exchanged in one step, then the rows are committed, and only then is it noted that both are done; what
is not noted is written again by the next run. Rows are written as nbgrader's `SaveAutoGrades` and
`AssignLatePenalties` would leave them, by its own functions where they judge.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from nbformat import NotebookNode

from convbook.grading.course import Course, GradingError
from convbook.grading.reading.handin import HandIn, own_files
from convbook.grading.recording.folder import exchange

PATIENCE = 60.0  # seconds that another program may keep the database locked
Scores = dict[str, float | None]  # automatic ones, by `notebook/cell`


@dataclass
class Graded:
    """Hold one submission ready to be written: its notebooks by name.

    `unreadable` are the notebooks that need a person, `missing` those that were not handed in (nothing is written
    for them but zeros, as nbgrader does); `sums` say on what the results depend.
    """

    hand_in: HandIn
    notebooks: dict[str, NotebookNode] = field(default_factory=dict)
    sums: dict[str, str] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)


class Recorder:
    """Write graded submissions of one assignment into an open gradebook."""

    def __init__(self, course: Course, assignment: str, gradebook: Any):
        from nbgrader import api
        from nbgrader.preprocessors import AssignLatePenalties

        self.course, self.assignment, self.api = course, assignment, api
        self.db, self.entry = gradebook.db, gradebook.find_assignment(assignment)
        self.cells = {
            (notebook.id, notebook.name): [(cell.type, cell.name, cell.id) for cell in notebook._base_cells]
            for notebook in self.entry.notebooks
        }
        self.late = AssignLatePenalties(parent=course.app)  # with the course's own rule
        self.late.init_plugin()
        self.own_files = own_files(course, assignment)
        self.in_gradebook = self._scores()
        self.db.rollback()  # nothing stays open between two submissions

    # --- what is there already

    def _scores(self) -> dict[str, Scores]:
        """Return the automatic scores of every submission, by student."""
        from sqlalchemy.orm import selectinload

        api = self.api
        parts = selectinload(api.SubmittedAssignment.notebooks).selectinload(api.SubmittedNotebook.grades)
        rows = self.db.query(api.SubmittedAssignment).options(parts).filter_by(assignment=self.entry)
        return {
            row.student_id: {
                f"{n.name}/{grade.name}": grade.auto_score for n in row.notebooks for grade in n.grades
            }
            for row in rows
        }

    def is_recorded(self, graded: Graded) -> bool:
        """Tell whether this very grading stands in the gradebook and in `autograded/` already."""
        student = graded.hand_in.student
        noted = self.course.store.read("recorded", self.assignment, f"{student}.json")
        folder = self.course.folder("autograded", student, self.assignment)
        there = all((folder / f"{name}.ipynb").is_file() for name in graded.notebooks)
        return there and noted == _note(graded, self.in_gradebook.get(student))

    # --- writing

    def record(self, graded: Graded, again: bool = False) -> tuple[Scores, dict[str, Any]]:
        """Write one submission; return its automatic scores, and what stands beside them as a report's line has it.

        Of one that is recorded already only the late penalties are written `again`, by the due date and rule of now.
        """
        student = graded.hand_in.student
        if not again:
            self._write_folder(graded)
        scores, standing = self._patiently(lambda: self._write_rows(graded, again))
        if again:
            return self.in_gradebook[student], standing
        self.in_gradebook[student] = scores
        self.course.store.write(_note(graded, scores), "recorded", self.assignment, f"{student}.json")
        return scores, standing

    def _write_folder(self, graded: Graded) -> None:
        student, handed_in = graded.hand_in.student, graded.hand_in.files
        kept = self.course.section("Autograde").get("exclude_overwriting", {}).get(self.assignment, [])
        own = {n: p for n, p in self.own_files.items() if n not in kept or n not in handed_in}
        target = self.course.folder("autograded", student, self.assignment)
        exchange(target, {**handed_in, **own}, graded.notebooks, self.course)

    def _patiently(self, write: Callable[[], Any]) -> Any:
        """Write, and again while another program (formgrader, a manual grade) holds the database."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return write()
            except BaseException as error:
                self.db.rollback()
                if "locked" not in str(error) or time.monotonic() > until:
                    raise
                time.sleep(0.1)

    def _write_rows(self, graded: Graded, again: bool) -> tuple[Scores, dict[str, Any]]:
        """Write a submission's rows; `again` those that change without a new grade."""
        student = graded.hand_in.student
        is_new = self.db.get(self.api.Student, student) is None
        if is_new and not self.course.section("Autograde").get("create_student", True):
            raise GradingError(f"there is no student {student} in the gradebook, and none is to be created")
        if is_new:
            self.db.add(self.api.Student(id=student))
        rows = self.db.query(self.api.SubmittedAssignment)
        submission = rows.filter_by(assignment=self.entry, student_id=student).one_or_none()
        if submission is None:
            submission = self.api.SubmittedAssignment(assignment=self.entry, student_id=student)
            self.db.add(submission)
        submission.timestamp = graded.hand_in.timestamp or submission.timestamp
        scores: Scores = {}
        for notebook_id, name in () if again else self.cells:
            scores |= self._write_notebook(submission, notebook_id, name, graded)
        standing = self._write_penalties(submission)
        self.db.commit()
        return scores, standing

    def _write_notebook(self, submission: Any, notebook_id: str, name: str, graded: Graded) -> Scores:
        """Write the automatic scores; a person's own stay, and are marked to be looked at again, as in nbgrader."""
        from nbgrader import utils

        own = _row(submission.notebooks, self.api.SubmittedNotebook, "notebook_id", notebook_id)
        own.flagged = own.flagged or name in graded.unreadable
        grades, comments = {}, {}
        for kind, cell, cell_id in self.cells[notebook_id, name]:
            if kind in ("GradeCell", "TaskCell"):
                grades[cell] = _row(own.grades, self.api.Grade, "cell_id", cell_id)
                grades[cell].auto_score = 0.0 if name in graded.missing else None
            if kind in ("SolutionCell", "TaskCell"):
                comments[cell] = _row(own.comments, self.api.Comment, "cell_id", cell_id)
                comments[cell].auto_comment = None
        for cell in graded.notebooks[name].cells if name in graded.notebooks else ():
            marks = cell.metadata.get("nbgrader", {})
            if utils.is_grade(cell):
                grades[marks.grade_id].auto_score = utils.determine_grade(cell)[0]
            if utils.is_solution(cell) and marks.get("checksum") == utils.compute_checksum(cell):
                comments[marks.grade_id].auto_comment = "No response."
        for grade in grades.values():
            judged = grade.manual_score is None and grade.auto_score is not None
            grade.needs_manual_grade = not judged or name in graded.unreadable
        return {f"{name}/{cell}": grade.auto_score for cell, grade in grades.items()}

    def _write_penalties(self, submission: Any) -> dict[str, Any]:
        """Write what every notebook of a submission loses for being late, from the grades that stand there now."""
        seconds = submission.total_seconds_late if self.entry.duedate is not None else 0.0
        rule = self.late.plugin_inst.late_submission_penalty
        standing = {"by_hand": 0.0, "penalty": 0.0, "waiting": 0}
        for notebook in submission.notebooks:
            total = sum(map(_counted, notebook.grades))
            lost = rule(submission.student_id, total, seconds) if seconds > 0 else None
            if lost is not None:
                lost = self.late._check_late_penalty(SimpleNamespace(score=total), lost)
            notebook.late_submission_penalty = lost
            standing["penalty"] += lost or 0.0
            for grade in notebook.grades:
                standing["by_hand"] += _counted(grade) - (grade.auto_score or 0.0)
                standing["waiting"] += grade.auto_score is grade.manual_score is None
        return standing


def _row(rows: list[Any], kind: Any, column: str, value: str) -> Any:
    """Return the row with this value, a new one among them where there is none."""
    found = next((row for row in rows if getattr(row, column) == value), None)
    if found is None:
        found = kind(**{column: value})
        rows.append(found)
    return found


def _note(graded: Graded, scores: Scores | None) -> dict[str, Any]:
    """Return what is noted of a submission that is recorded."""
    return {"sums": graded.sums, "timestamp": str(graded.hand_in.timestamp), "scores": scores}


def _counted(grade: Any) -> float:
    """Return what one grade counts: a person's score before the automatic one, and the extra credit."""
    manual = grade.manual_score
    return (manual if manual is not None else grade.auto_score or 0.0) + (grade.extra_credit or 0.0)
