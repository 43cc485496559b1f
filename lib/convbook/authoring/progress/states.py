"""What the checks of a learner's notebooks said: when they were last saved, or later if a check has kept it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from convbook.authoring.canonical import grade_id, read
from convbook.authoring.course import units_in
from convbook.authoring.headings import CHECK, Exercise, exercises_of, points_of, role, title_of
from convbook.nbgrader_course import CourseError

NEVER_RUN = "·"
WORDS = {"✓": "right", "✗": "not yet", "•": "not attempted", NEVER_RUN: "never run"}


@dataclass(frozen=True)
class State:
    """Hold what one check said: `sign` is ✓ right, ✗ wrong, • not attempted or · never run.

    `number` is the exercise's in the notebook's headings, as "1.6"; `minutes` what it may take, 0 if nobody says.
    """

    name: str
    title: str
    sign: str
    points: float
    said: str = ""
    number: str = ""
    minutes: int = 0

    @property
    def exercise(self) -> str:
        return f"{self.title} · {self.name}" if self.title else self.name

    @property
    def earned(self) -> float:
        return self.points if self.sign == "✓" else 0


@dataclass(frozen=True)
class UnitState:
    """Hold a unit of the learner's folder, its checks in order, and the last time that one of them was run."""

    folder: str
    name: str
    states: tuple[State, ...]
    last: float = 0.0

    @property
    def earned(self) -> float:
        return sum(state.earned for state in self.states)

    @property
    def points(self) -> float:
        return sum(state.points for state in self.states)

    @property
    def open(self) -> list[State]:
        return [state for state in self.states if state.sign != "✓"]


def all_units(work: Path, kept: Mapping[str, Any]) -> tuple[list[UnitState], list[str]]:
    """Return every unit of a learner's folder, and a sentence for each notebook that cannot be read."""
    found, faults = [], []
    for folder in units_in(work):
        try:
            found.append(unit_state(work, folder, kept.get(folder, {})))
        except CourseError as error:
            faults.append(str(error))
    return found, faults


def unit_state(work: Path, folder: str, kept: Mapping[str, Any]) -> UnitState:
    """Return how far one unit is; `kept` is what its checks have kept, by exercise.

    Raises `CourseError`, in one sentence, where the notebook is not whole.
    """
    path = work / folder / f"{folder}.ipynb"
    notebook = read(path)
    try:
        title, saved = title_of(notebook), path.stat().st_mtime
        found = tuple(_newer(state, kept.get(state.name), saved) for state in states(notebook))
        ran = saved if any(state.sign in "✓✗" for state in found) else 0.0
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CourseError(
            f"{path} is not a whole notebook ({type(error).__name__}: {error}); open it in a text editor, "
            "or put it aside: `convbook lab` lays a fresh copy there"
        ) from error
    last = max([ran, *(time_of(about) for about in kept.values())])
    return UnitState(folder, f"{folder[:2]} {title.topic}" if title else folder, found, last)


def states(notebook: dict[str, Any]) -> list[State]:
    """Return the state of every check of a notebook, in order."""
    owners = {id(cell): one for one in exercises_of(notebook) for cell in one.checks}
    return [_state(cell, owners.get(id(cell))) for cell in notebook["cells"] if role(cell) == "check"]


def _state(cell: dict[str, Any], owner: Exercise | None) -> State:
    name = (grade_id(cell) or "").removeprefix(CHECK)
    sign, said = heard(cell)
    if owner is None:
        return State(name, "", sign, points_of(cell), said)
    number = f"{owner.unit}.{owner.number}"
    return State(name, owner.title, sign, points_of(cell), said, number, owner.minutes or 0)


def _newer(state: State, about: Any, saved: float) -> State:
    """Return a state as the check has kept it, if that was after the notebook was last saved."""
    if time_of(about) <= saved:
        return state
    sign = "✓" if about.get("state") == "right" else "✗"
    return replace(state, sign=sign, said=f"{WORDS[sign]} (the notebook is not saved yet)")


def time_of(about: Any) -> float:
    """Return when something kept happened last, in seconds; 0 where nothing says so."""
    with contextlib.suppress(AttributeError, KeyError, TypeError, ValueError, OverflowError):
        return datetime.fromisoformat(about["last"]).timestamp()
    return 0.0


def heard(cell: dict[str, Any]) -> tuple[str, str]:
    """Return the sign of what a check cell's saved output says, and the words that say it."""
    outputs = cell.get("outputs", [])
    if not outputs:
        return NEVER_RUN, "ran, but said nothing" if cell.get("execution_count") else ""
    for output in outputs:
        if output.get("output_type") == "error":
            message = str(output.get("evalue") or output.get("ename", "")).strip()
            sign = "•" if output.get("ename") == "NotAttempted" or message.startswith("•") else "✗"
            return sign, _first_line(message) or str(output.get("ename"))
    text = "".join("".join(o.get("text", "")) for o in outputs if o.get("output_type") == "stream")
    line = _first_line(text)
    return (line[0], line) if line[:1] in WORDS else (NEVER_RUN, line)


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")
