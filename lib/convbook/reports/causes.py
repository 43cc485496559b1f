"""What a class misunderstood: each cause, how many met it, one example, and what to say about it."""

from __future__ import annotations

import contextlib
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from convbook import checks
from convbook.forms import Exercise, Unit
from convbook.nbgrader_course import CourseError
from convbook.reports.anonymous import example, names_of, tells
from convbook.reports.stored import OPEN, STOPPED, WRONG, Attempt, Results, Student

STOPPED_BY = {"time-out": "it took too long", "died": "its process ended", "skipped": "it was not reached"}
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
ERROR = re.compile(r"\w+(Error|Exception): ")
NAME_ERROR = (
    "a name is used that no cell of the notebook defines, or whose cell failed: restart the kernel and run all "
    "cells before handing in; what works only in the old session shows then"
)
UNDEFINED = re.compile(r"NameError: name '(\w+)' is not defined")
LONGEST = 160  # characters of a cause that no check named


@dataclass
class Cause:
    """Hold one cause: its name, whether a check declares it, who met it where, what to say."""

    name: str
    known: bool
    students: set[str] = field(default_factory=set)
    exercises: dict[str, int] = field(default_factory=dict)
    tried: int = 0
    explanation: str = ""
    example: str = ""
    example_of: str = ""

    def plain(self) -> dict[str, Any]:
        """Return the cause as plain data; students as a number."""
        return {
            "cause": self.name,
            "named_by_check": self.known,
            "students": len(self.students),
            "of_tried": self.tried,
            "exercises": self.exercises,
            "explanation": self.explanation,
            "example": self.example,
            "example_of": self.example_of,
        }


def causes(results: Results) -> list[Cause]:
    """Return the causes of all wrong answers, of most students first; one name is one cause everywhere."""
    met: dict[str, list[tuple[str, Student, Attempt]]] = defaultdict(list)
    missing = _missing(results)
    for student in results.students:
        for item, attempt in student.attempts.items():
            for name in _names(item, attempt, missing):
                met[name].append((item, student, attempt))
    declared = declared_explanations(results)
    found = [_cause(name, places, declared, results) for name, places in met.items()]
    return sorted(found, key=lambda one: (-len(one.students), not one.known, one.name))


def _missing(results: Results) -> set[str]:
    """Return the undefined names that two or more met: one that many lack may be missing in the hand-out.

    What only one student lacks stays out: it may be made of that student's own name.
    """
    met: dict[str, set[str]] = defaultdict(set)
    for student in results.students:
        for attempt in student.attempts.values():
            if found := UNDEFINED.match(attempt.message):
                met[found[1]].add(student.person.id)
    return {name for name, students in met.items() if len(students) > 1}


def _names(item: str, attempt: Attempt, missing: set[str]) -> list[str]:
    """Return what a wrong answer is called: by the check's names, or by what its message begins with."""
    if attempt.mistakes:
        return attempt.mistakes
    if attempt.outcome == STOPPED:
        return [STOPPED_BY.get(attempt.status, "it was stopped by the clock")]
    if attempt.outcome == WRONG and attempt.status == "ok":
        return ["only a part of it is right"]
    undefined = UNDEFINED.match(attempt.message) if attempt.outcome == WRONG else None
    if undefined and undefined[1] in missing:
        return [undefined[0]]
    return [headline(item, attempt.message)] if attempt.outcome == WRONG else []


def headline(item: str, message: str) -> str:
    """Return the cause that a message states in its first line, without the exercise's name.

    >>> headline("check-corr2d", "CheckFailed: ✗ corr2d has the wrong shape\\n    case …")
    'has the wrong shape'
    >>> headline("check-corr2d", "NameError: name 'y' is not defined")
    "NameError: name '…' is not defined"
    """
    line = COLOURS.sub("", message).strip().split("\n")[0]
    line = re.sub(r"^(CheckFailed|NotAttempted|AssertionError): (?=.)", "", line)
    line = line.removeprefix("✗ ").removeprefix(exercise_of(item)).removeprefix(":").strip()
    if line.startswith("it shows in the X-ray"):  # what follows are the numbers of one student's case
        return "other pixels are used than wanted: the X-ray shows which"
    line = re.sub(r"'[^']*'", "'…'", line) if ERROR.match(line) else line
    return (
        line[:LONGEST] + "…" if len(line) > LONGEST else line
    ) or "it is wrong, and nothing was said about why"


def exercise_of(item: str) -> str:
    """Return the exercise that a test belongs to, by this course's own names.

    >>> exercise_of("check-corr2d"), exercise_of("unit/test-square")
    ('corr2d', 'test-square')
    """
    return item.rpartition("/")[2].removeprefix("check-")


def _cause(name: str, places: list, declared: dict[str, dict[str, str]], results: Results) -> Cause:
    cause = Cause(name, any(name in attempt.mistakes for _, _, attempt in places))
    for item, student, _ in places:
        cause.students.add(student.person.id)
        cause.exercises[item] = cause.exercises.get(item, 0) + 1
    cause.exercises = dict(sorted(cause.exercises.items(), key=lambda one: -one[1]))
    cause.tried = sum(_tried(student, cause.exercises) for student in results.students)
    most = next(iter(cause.exercises))
    cause.explanation = next((declared[i][name] for i in cause.exercises if name in declared.get(i, {})), "")
    cause.explanation = (
        cause.explanation or _why(places) or (NAME_ERROR if name.startswith("NameError") else "")
    )
    alone = [
        (s.person, a.code) for i, s, a in places if i == most and len(a.mistakes) <= 1 and a.code.strip()
    ]
    cause.example, cause.example_of = example(alone), most
    return cause


def _tried(student: Student, items: Iterable[str]) -> bool:
    return any(student.attempts[item].outcome != OPEN for item in items if item in student.attempts)


def _why(places: Iterable[tuple[str, Student, Attempt]]) -> str:
    """Return what the check's message says in its line `why`, of the first message that names nobody."""
    for _, student, attempt in places:
        found = re.search(r"^    why\s+(.+(?:\n {12}.+)*)", COLOURS.sub("", attempt.message), re.MULTILINE)
        if found and not tells(found[1], names_of(student.person)):
            return " ".join(found[1].split())
    return ""


def declared_explanations(results: Results) -> dict[str, dict[str, str]]:
    """Return what this course's checks say about their mistakes: test → mistake → explanation."""
    known = exercises(results.unit)
    return {
        item: {mistake.name: mistake.explanation for mistake in known[exercise_of(item)].mistakes}
        for item in results.items
        if exercise_of(item) in known
    }


def exercises(unit: str) -> dict[str, Exercise]:
    """Return the exercises of one of this course's units by name; none for another course's."""
    known = _known(unit)
    return {one.name: one for one in known.exercises} if known else {}


def title(unit: str) -> str:
    """Return a unit's title as learners read it; of another course's the assignment's name.

    >>> title("00_start_here"), title("ps1")
    ('Start here', 'ps1')
    """
    known = _known(unit)
    return known.title if known else unit


@lru_cache
def _known(unit: str) -> Unit | None:
    with contextlib.suppress(CourseError):
        found = checks.unit(unit)
        return found if found.folder == unit else None
    return None
