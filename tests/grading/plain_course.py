"""What several tests ask of the plain course: grade it, read its gradebook."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from convbook.grading.course import Course, in_folder
from convbook.grading.pipeline import Pipeline
from convbook.grading.recording.report import Line, Report

QUESTION = """
select a.student_id, n.name, c.name, c.type, g.auto_score, g.manual_score, g.extra_credit, g.needs_manual_grade
from grade g join submitted_notebook s on g.notebook_id = s.id join submitted_assignment a on s.assignment_id = a.id
join notebook n on s.notebook_id = n.id join base_cell c on g.cell_id = c.id
"""
COMMENTS = """
select a.student_id, n.name, c.name, c.type, m.auto_comment, m.manual_comment
from comment m join submitted_notebook s on m.notebook_id = s.id join submitted_assignment a on s.assignment_id = a.id
join notebook n on s.notebook_id = n.id join base_cell c on m.cell_id = c.id
"""
SUBMISSIONS = """
select a.student_id, a.timestamp, a.extension, s.late_submission_penalty, s.flagged
from submitted_assignment a join submitted_notebook s on s.assignment_id = a.id
"""


def grade(folder: Path, engine, assignment: str = "unit", students=None, **settings) -> Report:
    """Grade a course as `convbook grade` does."""
    course = Course(folder)
    with in_folder(course.root):
        return Pipeline(course, assignment, **settings).grade(engine, students)


def line(report: Report, student: str) -> Line:
    """Return a student's line."""
    return next(line for line in report.lines if line.student == student)


def rows(folder: Path) -> dict[str, list[tuple]]:
    """Return everything grading writes into a gradebook, without its random ids."""
    with sqlite3.connect(folder / "gradebook.db") as db:
        assert db.execute("pragma integrity_check").fetchone() == ("ok",)
        questions = {
            "grades": QUESTION,
            "comments": COMMENTS,
            "submissions": SUBMISSIONS,
            "students": "select * from student",
        }
        return {name: sorted(db.execute(text).fetchall(), key=repr) for name, text in questions.items()}


def auto_scores(folder: Path, student: str) -> dict[str, float | None]:
    """Return a student's automatic scores by cell."""
    return {row[2]: row[4] for row in rows(folder)["grades"] if row[0] == student}
