"""Who needs help, and who improved since the run before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from convbook.reports.stored import ABSENT, OPEN, RIGHT, STOPPED, UNREADABLE, WRONG, Results, Student
from convbook.reports.words import percent

LOW = 0.4  # of the points: below, somebody should talk to the student
FALL = 0.3  # of the points below what is usual for this student in other units
MOVED = 0.05  # of the points: less is no news


@dataclass(frozen=True)
class Need:
    """Say why somebody needs a person; `urgency` sorts, the highest first."""

    student: Student
    why: str
    urgency: float
    kind: str

    def plain(self) -> dict[str, Any]:
        """Return the need as plain data."""
        person = self.student.person
        return {"student": person.id, "name": person.name, "kind": self.kind, "why": self.why}


def needs(results: Results, usual: dict[str, float] | None = None) -> list[Need]:
    """Return who needs a person and why, the most urgent first.

    `usual` is the share of points that a student has on average in other units.
    """
    found = [_need(student, (usual or {}).get(student.person.id)) for student in results.students]
    return sorted((one for one in found if one), key=lambda one: (-one.urgency, one.student.person.id))


def _need(student: Student, usual: float | None) -> Need | None:
    if student.status == UNREADABLE:
        return Need(student, f"the hand-in could not be read: {student.reason}", 4.0, "unreadable")
    if student.status == ABSENT:
        before = f", {percent(usual)} on average in other units" if usual else ""
        return Need(student, f"nothing was handed in{before}", 1.0 + (usual or 0.0), "absent")
    if student.points <= 0:
        return None
    if usual is not None and usual - student.share >= FALL and not student.waiting:
        return Need(
            student,
            f"{_points(student)}, usually {percent(usual)} of a unit; {_ended(student)}",
            3.0 + usual,
            "fell",
        )
    if student.share < LOW and not student.waiting:
        return Need(student, f"{_points(student)}; {_ended(student)}", 3.0 - student.share, "low")
    return None


def _points(student: Student) -> str:
    late = f" ({student.penalty:g} lost for being late)" if student.penalty else ""
    return f"{student.score:g} of {student.points:g} points{late}"


def _ended(student: Student) -> str:
    """Return how a student's exercises ended, in a few words.

    An exercise not attempted and one that went wrong ask for two different talks.
    """
    kinds = {RIGHT: "right", WRONG: "wrong", OPEN: "not attempted", STOPPED: "stopped"}
    ended = [attempt.outcome for attempt in student.attempts.values()]
    return ", ".join(f"{ended.count(kind)} {word}" for kind, word in kinds.items() if kind in ended)


def moved(results: Results) -> dict[str, Any]:
    """Return how many can be compared with the run before, who has more points now and who fewer."""
    changes = [
        {"student": s.person.id, "name": s.person.name, "before": results.before[s.person.id], "now": s.share}
        for s in results.students
        if s.handed_in and s.person.id in results.before
    ]
    changes.sort(key=lambda one: (-abs(one["now"] - one["before"]), one["student"]))
    return {
        "compared": len(changes),
        "improved": [one for one in changes if one["now"] - one["before"] >= MOVED],
        "fell": [one for one in changes if one["before"] - one["now"] >= MOVED],
    }


def waiting(students: Sequence[Student]) -> int:
    """Return how many have answers that a person has yet to judge."""
    return sum(student.waiting > 0 and student.status != UNREADABLE for student in students)
