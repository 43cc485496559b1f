"""Show a self-study learner one solution: the instructor's cell, as it stands in the course's sources.

The library holds no answer. Where the sources were not delivered, or an instructor has switched the command off, there is none.
"""

from __future__ import annotations

import contextlib
import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from convbook.authoring.canonical import grade_id, read
from convbook.authoring.course import Course, config_of, open_course
from convbook.authoring.headings import CHECK, Exercise, exercises_of
from convbook.authoring.lab import work_folder
from convbook.authoring.progress.states import NEVER_RUN, unit_state
from convbook.nbgrader_course import CourseError
from convbook.records import PROGRESS, number

NUMBER = re.compile(r"(\d+)\.(\d+)")
MARK = re.compile(r"^\s*### (BEGIN|END) SOLUTION\n?", re.MULTILINE)
HINT = re.compile(r"<details><summary>(Hint — .*?)</summary>(.*?)</details>", re.DOTALL)


def shown(folder: Path | None, work: Path | None, word: str, at_once: bool = False) -> str:
    """Return the solution of the exercise that a word stands for, or before the first try its hints.

    Raises `CourseError`, in one sentence, where solutions are switched off or not delivered, and for a word that fits none.
    """
    course = open_course(folder)
    if config_of(course.folder).ConvbookCourse.solutions is False:
        raise CourseError(
            "your instructor has switched solutions off for this course; the hints below a check stay"
        )
    unit, exercise = _meant(course, word)
    tries = _tries(work_folder(course, work), unit, exercise)
    head = f"Exercise {exercise.unit}.{exercise.number} — {exercise.title}"
    if not tries and not at_once:
        first = "You have not run its check yet. Try it once, then ask again"
        return "\n\n".join([head, *_hints(exercise), f"{first}; or ask for the solution at once with --yes."])
    told = f"{head}   ({tries} {'try' if tries == 1 else 'tries'})" if tries else head
    return "\n\n".join([told, *(MARK.sub("", cell["source"]).rstrip() for cell in _answers(exercise))])


def _meant(course: Course, word: str) -> tuple[str, Exercise]:
    """Return the unit and the exercise that a number or a name stands for."""
    every = list(_exercises(course))
    if not every:
        raise CourseError(
            f"the solutions are not in this course ({course.source}); whoever gave it to you has them"
        )
    asked = NUMBER.fullmatch(word.strip())
    found = [
        (unit, one)
        for unit, one in every
        if (
            (one.unit, one.number) == (int(asked[1]), int(asked[2])) if asked else word.strip() in _names(one)
        )
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise CourseError(
            f"{word!r} is the name of several exercises: {', '.join(_label(one) for _, one in found)}"
        )
    raise CourseError(f"no exercise is called {word!r}; {_instead([one for _, one in every], word, asked)}")


def _instead(every: list[Exercise], word: str, asked: re.Match[str] | None) -> str:
    """Return what may have been meant: the exercises of a unit, or names that look alike."""
    same_unit = [one for one in every if asked and one.unit == int(asked[1])]
    if same_unit:
        return f"unit {asked[1]} has {', '.join(map(_label, same_unit))}"
    named = {name.casefold(): one for one in every for name in _names(one)}
    alike = difflib.get_close_matches(word.strip().casefold(), named, n=3)
    if alike and not asked:
        return f"did you mean {' or '.join(_label(named[name]) for name in alike)}?"
    return "give a number as it stands in the headings, such as 01.6, or the name of what you write"


def _exercises(course: Course) -> Iterator[tuple[str, Exercise]]:
    for unit in course.units():
        yield from ((unit, one) for one in exercises_of(read(course.notebook(unit))))


def _answers(exercise: Exercise) -> list[dict[str, Any]]:
    return [*exercise.solutions, *exercise.answers]


def _names(exercise: Exercise) -> list[str]:
    """Return what an exercise is called: the names of its answers, and of what its checks look at."""
    named = [grade_id(cell) or "" for cell in _answers(exercise)]
    return [*named, *((grade_id(cell) or "").removeprefix(CHECK) for cell in exercise.checks)]


def _label(exercise: Exercise) -> str:
    return f"{exercise.unit}.{exercise.number} {(_names(exercise) or [exercise.title])[0]}"


def _tries(work: Path, unit: str, exercise: Exercise) -> int:
    """Return how often an exercise's checks were run: as they have kept it, else one for each that a notebook shows."""
    kept = PROGRESS.read(work).get(unit, {})
    tries = sum(number(kept, name, "tries") for name in set(_names(exercise)))
    if tries or not (work / unit / f"{unit}.ipynb").is_file():
        return tries
    with contextlib.suppress(CourseError):  # half a notebook: then nothing was tried
        states = unit_state(work, unit, {}).states
        return sum(state.name in _names(exercise) and state.sign not in (NEVER_RUN, "•") for state in states)
    return 0


def _hints(exercise: Exercise) -> Iterator[str]:
    """Yield an exercise's hints as text."""
    for cell in exercise.cells:
        for title, body in HINT.findall(cell["source"]):
            yield "\n".join([title, *(f"  {line}".rstrip() for line in body.strip().splitlines())])
