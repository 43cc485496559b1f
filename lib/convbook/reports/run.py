"""What is to be known of the run itself: faults, times, and what students touched that they should not."""

from __future__ import annotations

from collections import Counter
from typing import Any

from convbook.reports.people import waiting
from convbook.reports.stored import OPEN, RIGHT, STOPPED, TAMPER, UNREADABLE, Results

SHOWN, NOTE, REPAIR, RELEASE = "shown", "note", "repair", "release"
SLOWEST = 5
SUSPECT = 8  # students: where as many tried and nobody is right, the fault may not be theirs
GOOD, LOOK, BAD = "good", "look", "bad"


def faults(results: Results) -> list[dict[str, str]]:
    """Return what may be wrong with the run, worst first: `{"level", "sentence"}`; nothing if all is well."""
    run, people = results.run, results.students
    unsolved, weak = run.get("unsolved") or [], run.get("weak") or []
    unread = sum(student.status == UNREADABLE for student in people)
    stopped = sum(a.outcome == STOPPED for s in people for a in s.attempts.values())
    versions = run.get("class_versions") or []
    touched = sum(bool(_said(student, TAMPER)) for student in people)
    shown = sum(bool(_said(student, (SHOWN,))) for student in people)
    hopeless = _nobody_right(results)
    found = [
        (BAD, run.get("warning")),
        (
            BAD,
            not run.get("complete", True)
            and "The run was stopped before its end; the next one goes on from there.",
        ),
        (
            BAD,
            unsolved
            and f"The solution itself does not pass {', '.join(unsolved)}: these scores say nothing.",
        ),
        (BAD, unread and f"{_many(unread, 'hand-in')} could not be read."),
        (
            LOOK,
            hopeless
            and f"Nobody is right in {', '.join(hopeless)}: look whether the exercise or its test is at fault.",
        ),
        (
            LOOK,
            touched
            and f"{_many(touched, 'student')} touched tests, or reached for files, network or processes.",
        ),
        (LOOK, shown and f"{_many(shown, 'notebook')} showed a test as passed that fails here."),
        (LOOK, stopped and f"{_many(stopped, 'test')} ended by the clock or with a crash."),
        (
            LOOK,
            versions and f"Most of the class has another version of {', '.join(versions)}: an older release.",
        ),
        (
            LOOK,
            weak
            and f"{_many(len(weak), 'test')} ran beside answers ({', '.join(weak)}): a cheat could pass.",
        ),
        (
            LOOK,
            waiting(people)
            and f"{_many(waiting(people), 'hand-in')} to be given points by hand, in formgrader.",
        ),
        *((LOOK, note) for note in run.get("notes") or []),
    ]
    return [{"level": level, "sentence": sentence} for level, sentence in found if sentence]


def _nobody_right(results: Results) -> list[str]:
    """Return the tests that many tried and nobody passed, be it in part."""
    tried: dict[str, list[bool]] = {}
    for student in results.students:
        for name, attempt in student.attempts.items():
            if attempt.outcome != OPEN:
                tried.setdefault(name, []).append(attempt.outcome == RIGHT or (attempt.score or 0.0) > 0)
    return [name for name, passed in tried.items() if len(passed) >= SUSPECT and not any(passed)]


def _many(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def times(results: Results) -> dict[str, Any]:
    """Return how long the run took, how many notebooks ran, and the slowest tests."""
    cells = [(a.seconds, s.person.id, name) for s in results.students for name, a in s.attempts.items()]
    seconds, ran = results.run.get("seconds") or 0.0, results.run.get("ran") or 0
    return {
        "seconds": seconds,
        "notebooks": ran,
        "a_minute": 60 * ran / seconds if ran and seconds else None,
        "unchanged": sum(student.again for student in results.students),
        "slowest": [
            {"seconds": s, "student": student, "exercise": name}
            for s, student, name in sorted(cells, reverse=True)[:SLOWEST]
            if s >= 1.0
        ],
    }


def touched(results: Results) -> list[dict[str, Any]]:
    """Return the tamper report: every sentence once, with its students, the most telling kinds first."""
    return _gathered(results, (*TAMPER, SHOWN))


def remarks(results: Results) -> list[dict[str, Any]]:
    """Return what was repaired and what is noted, every sentence once."""
    return _gathered(results, (NOTE, REPAIR, RELEASE))


def _gathered(results: Results, kinds: tuple[str, ...]) -> list[dict[str, Any]]:
    said: dict[tuple[str, str], list[str]] = {}
    for student in results.students:
        for remark in _said(student, kinds):
            names = said.setdefault((remark["kind"], remark["sentence"]), [])
            if student.person.id not in names:
                names.append(student.person.id)
    order = sorted(said.items(), key=lambda one: (kinds.index(one[0][0]), -len(one[1]), one[0][1]))
    return [{"kind": kind, "sentence": sentence, "students": names} for (kind, sentence), names in order]


def _said(student: Any, kinds: tuple[str, ...]) -> list[dict[str, str]]:
    return [
        r for r in student.remarks if isinstance(r, dict) and r.get("kind") in kinds and r.get("sentence")
    ]


def statuses(results: Results) -> dict[str, int]:
    """Return how many students ended in which way."""
    return dict(Counter(student.status for student in results.students))
