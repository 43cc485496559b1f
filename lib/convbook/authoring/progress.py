"""How far a learner is, read from what the checks printed when the notebooks were last saved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convbook.authoring.canonical import grade_id, read
from convbook.authoring.course import find_unit, open_course, units_in
from convbook.authoring.headings import CHECK, exercises_of, points_of, role, title_of
from convbook.authoring.lab import work_folder
from convbook.nbgrader_course import CourseError

NEVER_RUN = "·"
WORDS = {"✓": "right", "✗": "not yet", "•": "not attempted", NEVER_RUN: "never run"}


@dataclass(frozen=True)
class State:
    """Hold what one check said: `sign` is ✓ right, ✗ wrong, • not attempted or · never run."""

    exercise: str
    sign: str
    points: float
    said: str = ""

    @property
    def earned(self) -> float:
        return self.points if self.sign == "✓" else 0


def report(course: Path | None, work: Path | None, wanted: list[str]) -> str:
    """Return the progress as text: a line a unit, or for wanted units a line an exercise."""
    mine = work_folder(open_course(course), work)
    units = units_in(mine)
    if not units:
        raise CourseError(f"there are no notebooks in {mine} yet; `convbook lab` puts them there")
    if wanted:
        return "\n\n".join(_one(mine, unit) for unit in dict.fromkeys(find_unit(w, units) for w in wanted))
    return _all(mine, units)


def states(notebook: dict[str, Any]) -> list[State]:
    """Return the state of every check of a notebook, in order."""
    titles = {id(cell): e.title for e in exercises_of(notebook) for cell in e.checks}
    return [_state(cell, titles.get(id(cell), "")) for cell in notebook["cells"] if role(cell) == "check"]


def _state(cell: dict[str, Any], title: str) -> State:
    name = (grade_id(cell) or "").removeprefix(CHECK)
    label = f"{title} · {name}" if title else name
    sign, said = heard(cell)
    return State(label, sign, points_of(cell), said)


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


def _one(work: Path, unit: str) -> str:
    found = states(read(work / unit / f"{unit}.ipynb"))
    width = max((len(state.exercise) for state in found), default=0)
    lines = [f"{s.sign}  {s.exercise:<{width}}  {s.points:>3g}  {s.said or WORDS[s.sign]}" for s in found]
    return "\n".join(
        [_name(work, unit), *lines, f"{_sum(found, 'earned')} of {_sum(found, 'points')} points"]
    )


def _all(work: Path, units: list[str]) -> str:
    found = {unit: states(read(work / unit / f"{unit}.ipynb")) for unit in units}
    names = {unit: _name(work, unit) for unit in units}
    width = max(map(len, names.values()))
    lines = [f"{'unit':<{width}}  points    checks"]
    for unit, state in found.items():
        signs = "".join(s.sign for s in state)
        lines.append(
            f"{names[unit]:<{width}}  {_sum(state, 'earned'):>3}/{_sum(state, 'points'):<3}   {signs}"
        )
    every = [s for state in found.values() for s in state]
    lines.append(f"{'all':<{width}}  {_sum(every, 'earned'):>3}/{_sum(every, 'points'):<3}")
    legend = "   ".join(f"{sign} {word}" for sign, word in WORDS.items())
    return "\n".join([*lines, "", f"{legend}   (as last saved)"])


def _name(work: Path, unit: str) -> str:
    title = title_of(read(work / unit / f"{unit}.ipynb"))
    return f"{unit[:2]} {title.topic}" if title else unit


def _sum(found: list[State], part: str) -> str:
    return f"{sum(getattr(state, part) for state in found):g}"


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")
