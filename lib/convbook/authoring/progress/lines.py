"""The progress as text, for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from convbook.authoring.course import find_unit, open_course, units_in
from convbook.authoring.lab import work_folder
from convbook.authoring.progress.kept import Kept, Met, all_kept
from convbook.authoring.progress.next_step import next_step
from convbook.authoring.progress.states import WORDS, State, UnitState, all_units, unit_state
from convbook.nbgrader_course import CourseError

SHOWN = 5  # the newest of each kind; the files beside the notebooks have all


def report(course: Path | None, work: Path | None, wanted: list[str]) -> tuple[str, list[str]]:
    """Return the progress as text, a line a unit, or for wanted units a line an exercise; and what could not be read.

    Raises `CourseError`, in one sentence, where there is nothing to read.
    """
    opened = open_course(course)
    mine = work_folder(opened, work)
    units = units_in(mine)
    if not units:
        raise CourseError(f"there are no notebooks in {mine} yet; `convbook lab` puts them there")
    kept = all_kept(mine)
    if wanted:
        chosen = dict.fromkeys(find_unit(word, units) for word in wanted)
        return "\n\n".join(one_unit(unit_state(mine, u, kept.checks.get(u, {})), kept) for u in chosen), []
    found, faults = all_units(mine, kept.checks)
    text = overview(found, kept) if found else ""
    if more := len(set(units_in(opened.release)) - set(units)):
        be = "unit of the course is" if more == 1 else "units of the course are"
        text += f"\n{more} {be} not in your copy yet: `convbook lab` adds what is new."
    return text, faults


def one_unit(unit: UnitState, kept: Kept) -> str:
    """Return one unit, exercise by exercise, and the mistakes that were met in it."""
    width = max((len(state.exercise) for state in unit.states), default=0)
    lines = [
        f"{s.sign}  {s.exercise:<{width}}  {s.points:>3g}  {s.said or WORDS[s.sign]}" for s in unit.states
    ]
    mistakes = [met for met in kept.mistakes if met.unit == unit.folder]
    told = ["", *_mistakes(mistakes, numbers([unit]), len(mistakes))] if mistakes else []
    return "\n".join([unit.name, *lines, f"{unit.earned:g} of {unit.points:g} points", *told])


def overview(units: Sequence[UnitState], kept: Kept) -> str:
    """Return all units at a glance, what is kept beside them, and the next step."""
    width = max(len(unit.name) for unit in units)
    lines = [f"{'unit':<{width}}  points    checks"]
    lines += [f"{u.name:<{width}}  {u.earned:>3g}/{u.points:<3g}   {_signs(u.states)}" for u in units]
    earned, points = sum(u.earned for u in units), sum(u.points for u in units)
    lines.append(f"{'all':<{width}}  {earned:>3g}/{points:<3g}")
    lines += ["", "   ".join(f"{sign} {word}" for sign, word in WORDS.items())]
    for part in (_mistakes(kept.mistakes, numbers(units)), _surprises(kept), _drills(kept)):
        lines += ["", *part] if (part := list(part)) else []
    return "\n".join([*lines, "", f"Next: {next_step(units)}"])


def numbers(units: Iterable[UnitState]) -> dict[tuple[str, str], str]:
    """Return each exercise's number in the headings, by unit and name."""
    return {(unit.folder, state.name): state.number for unit in units for state in unit.states}


def _mistakes(
    mistakes: Sequence[Met], numbered: Mapping[tuple[str, str], str], shown: int = SHOWN
) -> Iterator[str]:
    if not mistakes:
        return
    mended = sum(bool(met.mended) for met in mistakes)
    yield f"Mistakes: {len(mistakes)} met, {mended} mended."
    newest = sorted(
        sorted(mistakes, key=lambda met: met.last, reverse=True), key=lambda met: bool(met.mended)
    )
    for met in newest[:shown]:
        where = f"{numbered.get((met.unit, met.exercise)) or met.unit[:2]} {met.exercise}"
        yield f"  {'mended' if met.mended else 'open':<6}  {where}: {met.name}"
    if len(newest) > shown:
        yield f"  and {len(newest) - shown} more in progress.json"


def _surprises(kept: Kept) -> Iterator[str]:
    if not kept.guessed:
        return
    yield f"Predictions: {kept.guessed} with an answer, {len(kept.surprises)} surprised you."
    for one in kept.surprises[-SHOWN:]:
        yield f"  {one.unit[:2]}  {one.question} You: {one.guess}. The answer: {one.truth}."


def _drills(kept: Kept) -> Iterator[str]:
    if not kept.drills_answered:
        return
    due = kept.drills_due
    what = f"{due} kind{'s are' if due > 1 else ' is'} due: `convbook drill`" if due else "none is due"
    yield f"Drills: {kept.drills_answered} answered, {what}."


def _signs(states: Iterable[State]) -> str:
    return "".join(state.sign for state in states)
