"""Write a graded submission where nbgrader would: its folder in `autograded/`, its rows in the gradebook.

One writer, one database session, one transaction a submission. Everything that is written says what *is*, nothing
says what to add, so writing twice is the same as writing once. The order makes a kill at any moment harmless: the
folder is exchanged in one step, then the rows are committed, and only then is it noted that both are done; what
is not noted is written again by the next run. Rows are written as nbgrader's `SaveAutoGrades` and
`AssignLatePenalties` would leave them, by its own functions where they judge.
"""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from convbook.grading.course import Course, GradingError
from convbook.grading.reading.handin import HandIn, own_files, parsed_time
from convbook.grading.reading.reference import Reference
from convbook.grading.recording.folder import as_bytes, exchange
from convbook.grading.recording.judgement import judge, nothing

PATIENCE = 60.0  # seconds that another program may keep the database locked


@dataclass
class Graded:
    """Hold one submission ready to be written: its notebooks as nbformat, by name.

    `unreadable` are the notebooks that need a person, `missing` those that were not handed in (nothing is written
    for them but zeros, as nbgrader does); `sums` say on what the results depend.
    """

    hand_in: HandIn
    notebooks: dict[str, dict[str, Any]]
    sums: dict[str, str] = field(default_factory=dict)
    unreadable: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()


@dataclass
class Standing:
    """Hold what stands in the gradebook beside a submission's automatic score.

    `by_hand` is what a person's scores and extra credit add or take away, `penalty` what being late costs, `waiting`
    how many answers nobody has judged yet.
    """

    by_hand: float = 0.0
    penalty: float = 0.0
    waiting: int = 0


class Recorder:
    """Write graded submissions of one assignment; use it as a context manager."""

    def __init__(self, course: Course, assignment: str, references: Iterable[Reference]):
        self.course, self.assignment = course, assignment
        self.references = {reference.name: reference for reference in references}
        self.closing = contextlib.ExitStack()

    def __enter__(self) -> Recorder:
        from nbgrader import api

        self.api = api
        gradebook = self.closing.enter_context(self.course.gradebook())
        self.db = gradebook.db
        entry = gradebook.find_assignment(self.assignment)
        self.assignment_id, self.duedate = entry.id, entry.duedate
        self.notebook_ids = {notebook.name: notebook.id for notebook in entry.notebooks}
        self.cells = {
            notebook.name: {(cell.name, cell.type): cell.id for cell in notebook._base_cells}
            for notebook in entry.notebooks
        }
        self.db.rollback()  # nothing stays open between two submissions
        self.penalty = _late_penalty(self.course)
        self.own_files = own_files(self.course, self.assignment)
        self.in_gradebook = self._scores()
        self.standing: dict[str, Standing] = {}  # of the submissions that this run has met
        return self

    def __exit__(self, *error: object) -> None:
        self.closing.close()

    # --- what is there already

    def _scores(self) -> dict[str, dict[str, float | None]]:
        """Return the automatic scores of every submission: student → `notebook/cell` → score."""
        api = self.api
        kinds = (api.SubmittedNotebook, api.SubmittedAssignment, api.Notebook, api.BaseCell)
        grade, submitted, submission, notebook, cell = (kind.__table__.c for kind in (api.Grade, *kinds))
        wanted = api.select(submission.student_id, notebook.name, cell.name, grade.auto_score).where(
            grade.notebook_id == submitted.id,
            submitted.assignment_id == submission.id,
            submitted.notebook_id == notebook.id,
            grade.cell_id == cell.id,
            submission.assignment_id == self.assignment_id,
        )
        rows = self.db.execute(wanted).all()
        self.db.rollback()
        found: dict[str, dict[str, float | None]] = {}
        for student, notebook, cell, score in rows:
            found.setdefault(student, {})[f"{notebook}/{cell}"] = score
        return found

    def is_recorded(self, graded: Graded) -> bool:
        """Tell whether this very grading stands in the gradebook and in `autograded/` already."""
        student = graded.hand_in.student
        noted = self.course.store.read("recorded", self.assignment, f"{student}.json")
        folder = self.course.folder("autograded", student, self.assignment)
        return (
            noted is not None
            and noted.get("sums") == graded.sums
            and noted.get("timestamp") == graded.hand_in.timestamp
            and noted.get("scores") == self.in_gradebook.get(student)
            and all((folder / f"{name}.ipynb").is_file() for name in graded.notebooks)
        )

    # --- writing

    def record(self, graded: Graded) -> dict[str, float | None]:
        """Write one submission and return its automatic scores, by `notebook/cell`."""
        self._write_folder(graded)
        scores = self._patiently(lambda: self._write_rows(graded))
        student = graded.hand_in.student
        self.in_gradebook[student] = scores
        noted = {"sums": graded.sums, "timestamp": graded.hand_in.timestamp, "scores": scores}
        self.course.store.write(noted, "recorded", self.assignment, f"{student}.json")
        return scores

    def renew_penalty(self, graded: Graded) -> None:
        """Bring the late penalties of a submission that is recorded already up to the due date and the rule of now."""
        self._patiently(lambda: self._write_rows(graded, again=True))

    def _write_penalties(self, submission: Any) -> None:
        """Write what every notebook of a submission loses for being late, from the grades that stand there now."""
        late = self._seconds_late(submission.timestamp, submission.extension)
        self.standing[submission.student_id] = standing = Standing()
        for notebook in self._rows(self.api.SubmittedNotebook, assignment_id=submission.id):
            grades = self._rows(self.api.Grade, notebook_id=notebook.id)
            total = sum(map(_counted, grades))
            standing.by_hand += sum(_counted(grade) - (grade.auto_score or 0.0) for grade in grades)
            standing.waiting += sum(grade.auto_score is grade.manual_score is None for grade in grades)
            notebook.late_submission_penalty = (
                self.penalty(submission.student_id, total, late) if late > 0 else None
            )
            standing.penalty += notebook.late_submission_penalty or 0.0

    def _seconds_late(self, timestamp: Any, extension: Any) -> float:
        if self.duedate is None or timestamp is None:
            return 0.0
        return max(0.0, (timestamp - self.duedate - (extension or timestamp - timestamp)).total_seconds())

    def _write_folder(self, graded: Graded) -> None:
        student, kept = (
            graded.hand_in.student,
            self.course.section("Autograde").get("exclude_overwriting", {}),
        )
        handed_in, ours = graded.hand_in.files, set(kept.get(self.assignment, []))
        own = {n: p for n, p in self.own_files.items() if n not in ours or n not in handed_in}
        notebooks = {f"{name}.ipynb": as_bytes(notebook) for name, notebook in graded.notebooks.items()}
        target = self.course.folder("autograded", student, self.assignment)
        exchange(target, {**handed_in, **own}, notebooks, self.course)

    def _patiently(self, write: Callable[[], Any]) -> Any:
        """Write, and again while another program (formgrader, a manual grade) holds the database."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return write()
            except Exception as error:
                self.db.rollback()
                if "locked" not in str(error) or time.monotonic() > until:
                    raise
                time.sleep(0.1)
            except BaseException:
                self.db.rollback()
                raise

    def _write_rows(self, graded: Graded, again: bool = False) -> dict[str, float | None]:
        """Write a submission's rows; `again` those that change without a new grade."""
        student, timestamp = graded.hand_in.student, parsed_time(graded.hand_in.timestamp)
        self._enter_student(student)
        submission = self._row(
            self.api.SubmittedAssignment, assignment_id=self.assignment_id, student_id=student
        )
        submission.timestamp = timestamp or submission.timestamp
        scores: dict[str, float | None] = {}
        for name in [] if again else self.notebook_ids:
            if name in graded.notebooks or name in graded.missing:
                scores |= self._write_notebook(submission.id, name, graded)
        self._write_penalties(submission)
        self.db.commit()
        return scores

    def _enter_student(self, student: str) -> None:
        if not self._rows(self.api.Student, id=student):
            if not self.course.section("Autograde").get("create_student", True):
                raise GradingError(
                    f"there is no student {student} in the gradebook, and none is to be created"
                )
            self.db.add(self.api.Student(id=student))

    def _write_notebook(self, submission: str, name: str, graded: Graded) -> dict[str, float | None]:
        """Write the automatic scores; a person's own stay, and are marked to be looked at again, as in nbgrader."""
        unreadable = name in graded.unreadable
        judged = nothing(self.references[name]) if name in graded.missing else judge(graded.notebooks[name])
        own = self._row(
            self.api.SubmittedNotebook, notebook_id=self.notebook_ids[name], assignment_id=submission
        )
        own.flagged = own.flagged or unreadable
        grades = {row.cell_id: row for row in self._rows(self.api.Grade, notebook_id=own.id)}
        comments = {row.cell_id: row for row in self._rows(self.api.Comment, notebook_id=own.id)}
        scores: dict[str, float | None] = {}
        for (cell, kind), cell_id in self.cells[name].items():
            if kind in ("GradeCell", "TaskCell"):
                grade = grades.get(cell_id) or self._new(self.api.Grade, notebook_id=own.id, cell_id=cell_id)
                grade.auto_score = scores[f"{name}/{cell}"] = score = judged.scores.get(cell)
                grade.needs_manual_grade = grade.manual_score is not None or score is None or unreadable
            if kind in ("SolutionCell", "TaskCell"):
                comment = comments.get(cell_id) or self._new(
                    self.api.Comment, notebook_id=own.id, cell_id=cell_id
                )
                comment.auto_comment = judged.comments.get(cell)
        return scores

    # --- nbgrader's rows: their own columns alone, since its classes count a whole class's points with every one

    def _rows(self, kind: Any, **where: Any) -> list[Any]:
        """Return the rows of a table with these values."""
        from sqlalchemy.orm import load_only

        own = [getattr(kind, column.name) for column in kind.__table__.columns]
        return self.db.query(kind).options(load_only(*own)).filter_by(**where).all()

    def _row(self, kind: Any, **where: Any) -> Any:
        """Return the row with these values, a new one where there is none."""
        return next(iter(self._rows(kind, **where)), None) or self._new(kind, **where)

    def _new(self, kind: Any, **values: Any) -> Any:
        row = kind(id=uuid.uuid4().hex, **values)
        self.db.add(row)
        return row


def _counted(grade: Any) -> float:
    """Return what one grade counts: a person's score before the automatic one, and the extra credit."""
    manual = grade.manual_score
    return (manual if manual is not None else grade.auto_score or 0.0) + (grade.extra_credit or 0.0)


def _late_penalty(course: Course) -> Callable[[str, float, float], float | None]:
    """Return the course's own rule for late submissions: a plugin of nbgrader's."""
    from nbgrader.preprocessors import AssignLatePenalties

    rule = AssignLatePenalties(parent=course.app)
    rule.init_plugin()

    def penalty(student: str, score: float, seconds: float) -> float | None:
        asked = rule.plugin_inst.late_submission_penalty(student, score, seconds)
        return None if asked is None else rule._check_late_penalty(SimpleNamespace(score=score), asked)

    return penalty
