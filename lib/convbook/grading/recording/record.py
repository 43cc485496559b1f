"""Write a graded submission where nbgrader would: its folder in `autograded/`, its rows in the gradebook.

One writer, one database session, one transaction a submission. Everything that is written says what *is*, nothing
says what to add, so writing twice is the same as writing once. The order makes a kill at any moment harmless: the
folder is exchanged in one step, then the rows are committed, and only then is it noted that both are done; what
is not noted is written again by the next run. Rows are written as nbgrader's `SaveAutoGrades`, `AssignLatePenalties` would leave them, by its own functions where they judge, but without reading every object
back through forty queries.
"""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
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
        self.penalties: dict[str, float] = {}  # of the submissions that this run has met, for being late
        return self

    def __exit__(self, *error: object) -> None:
        self.closing.close()

    # --- what is there already

    def _scores(self) -> dict[str, dict[str, float | None]]:
        """Return the automatic scores of every submission: student → `notebook/cell` → score."""
        api = self.api
        rows = self.db.execute(
            api.select(
                api.SubmittedAssignment.__table__.c.student_id,
                api.Notebook.__table__.c.name,
                api.BaseCell.__table__.c.name,
                api.Grade.__table__.c.auto_score,
            )
            .select_from(api.Grade.__table__)
            .join(
                api.SubmittedNotebook.__table__,
                api.Grade.__table__.c.notebook_id == api.SubmittedNotebook.__table__.c.id,
            )
            .join(
                api.SubmittedAssignment.__table__,
                api.SubmittedNotebook.__table__.c.assignment_id == api.SubmittedAssignment.__table__.c.id,
            )
            .join(
                api.Notebook.__table__,
                api.SubmittedNotebook.__table__.c.notebook_id == api.Notebook.__table__.c.id,
            )
            .join(api.BaseCell.__table__, api.Grade.__table__.c.cell_id == api.BaseCell.__table__.c.id)
            .where(api.SubmittedAssignment.__table__.c.assignment_id == self.assignment_id)
        ).all()
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

    def _write_penalties(self, student: str, submission: str, late: float) -> None:
        """Write what every notebook of a submission loses for being late, from the grades that stand there now."""
        grades, notebooks = self.api.Grade.__table__, self.api.SubmittedNotebook.__table__
        self.penalties[student] = 0.0
        for row in self.db.execute(notebooks.select().where(notebooks.c.assignment_id == submission)).all():
            rows = self.db.execute(grades.select().where(grades.c.notebook_id == row.id)).all()
            total = sum(_counted(grade.manual_score, grade.auto_score, grade.extra_credit) for grade in rows)
            penalty = self.penalty(student, total, late) if late > 0 else None
            self.penalties[student] += penalty or 0.0
            if penalty != row.late_submission_penalty:
                change = notebooks.update().where(notebooks.c.id == row.id)
                self.db.execute(change.values(late_submission_penalty=penalty))

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
        submission, timestamp, extension = self._enter_submission(student, timestamp)
        scores: dict[str, float | None] = {}
        for name in [] if again else self.notebook_ids:
            if name in graded.notebooks or name in graded.missing:
                scores |= self._write_notebook(submission, name, graded)
        self._write_penalties(student, submission, self._seconds_late(timestamp, extension))
        self.db.commit()
        return scores

    def _enter_student(self, student: str) -> None:
        table = self.api.Student.__table__
        if self.db.execute(self.api.select(table.c.id).where(table.c.id == student)).first() is None:
            if not self.course.section("Autograde").get("create_student", True):
                raise GradingError(
                    f"there is no student {student} in the gradebook, and none is to be created"
                )
            self.db.execute(table.insert().values(id=student))

    def _enter_submission(self, student: str, timestamp: Any) -> tuple[str, Any, Any]:
        table = self.api.SubmittedAssignment.__table__
        row = self.db.execute(
            self.api.select(table.c.id, table.c.timestamp, table.c.extension).where(
                table.c.assignment_id == self.assignment_id, table.c.student_id == student
            )
        ).first()
        if row is None:
            values = {"id": _new_id(), "assignment_id": self.assignment_id, "student_id": student}
            self.db.execute(table.insert().values(**values, timestamp=timestamp))
            return values["id"], timestamp, None
        if timestamp is not None and timestamp != row.timestamp:
            self.db.execute(table.update().where(table.c.id == row.id).values(timestamp=timestamp))
        return row.id, timestamp or row.timestamp, row.extension

    def _write_notebook(self, submission: str, name: str, graded: Graded) -> dict[str, float | None]:
        unreadable = name in graded.unreadable
        judged = nothing(self.references[name]) if name in graded.missing else judge(graded.notebooks[name])
        table = self.api.SubmittedNotebook.__table__
        where = (table.c.notebook_id == self.notebook_ids[name], table.c.assignment_id == submission)
        row = self.db.execute(self.api.select(table.c.id).where(*where)).first()
        own_id = row.id if row else _new_id()
        if row is None:
            values = {"id": own_id, "notebook_id": self.notebook_ids[name], "assignment_id": submission}
            self.db.execute(table.insert().values(**values, flagged=unreadable))
        elif unreadable:
            self.db.execute(table.update().where(table.c.id == own_id).values(flagged=True))
        self._write_grades(own_id, name, judged.scores, unreadable)
        self._write_comments(own_id, name, judged.comments)
        return {f"{name}/{cell}": judged.scores.get(cell) for cell, _ in self._graded_cells(name)}

    def _graded_cells(self, name: str) -> Iterator[tuple[str, str]]:
        for (cell, kind), cell_id in self.cells[name].items():
            if kind in ("GradeCell", "TaskCell"):
                yield cell, cell_id

    def _write_grades(
        self, own_id: str, name: str, scores: dict[str, float | None], unreadable: bool
    ) -> None:
        """Write the automatic scores; a person's own score stays, and is marked to be looked at again, as in nbgrader."""
        table = self.api.Grade.__table__
        rows = {r.cell_id: r for r in self.db.execute(table.select().where(table.c.notebook_id == own_id))}
        new = []
        for cell, cell_id in self._graded_cells(name):
            row, score = rows.get(cell_id), scores.get(cell)
            look = (row is not None and row.manual_score is not None) or score is None or unreadable
            values = {"auto_score": score, "needs_manual_grade": look}
            if row is None:
                new.append({"id": _new_id(), "cell_id": cell_id, "notebook_id": own_id, **values})
            elif (row.auto_score, row.needs_manual_grade) != (score, look):
                self.db.execute(table.update().where(table.c.id == row.id).values(**values))
        if new:
            self.db.execute(table.insert(), new)

    def _write_comments(self, own_id: str, name: str, comments: dict[str, str | None]) -> None:
        table = self.api.Comment.__table__
        rows = {r.cell_id: r for r in self.db.execute(table.select().where(table.c.notebook_id == own_id))}
        new = []
        for (cell, kind), cell_id in self.cells[name].items():
            if kind not in ("SolutionCell", "TaskCell"):
                continue
            row, comment = rows.get(cell_id), comments.get(cell)
            if row is None:
                new.append(
                    {"id": _new_id(), "cell_id": cell_id, "notebook_id": own_id, "auto_comment": comment}
                )
            elif row.auto_comment != comment:
                self.db.execute(table.update().where(table.c.id == row.id).values(auto_comment=comment))
        if new:
            self.db.execute(table.insert(), new)


def _counted(manual: float | None, auto: float | None, extra: float | None) -> float:
    """Return what one grade counts: a person's score before the automatic one, and the extra credit."""
    return (manual if manual is not None else auto or 0.0) + (extra or 0.0)


def _late_penalty(course: Course) -> Callable[[str, float, float], float | None]:
    """Return the course's own rule for late submissions: a plugin of nbgrader's."""
    from nbgrader.preprocessors import AssignLatePenalties

    rule = AssignLatePenalties(parent=course.app)
    rule.init_plugin()

    def penalty(student: str, score: float, seconds: float) -> float | None:
        asked = rule.plugin_inst.late_submission_penalty(student, score, seconds)
        return None if asked is None else rule._check_late_penalty(SimpleNamespace(score=score), asked)

    return penalty


def _new_id() -> str:
    return uuid.uuid4().hex
