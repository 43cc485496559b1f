"""What a learner does next: one exercise, in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

from convbook.authoring.progress.states import State, UnitState


def next_exercise(units: Sequence[UnitState]) -> tuple[UnitState, State] | None:
    """Return the first open exercise of the unit that was worked on last, else of the course; None if all are done."""
    worked_on = max(units, key=lambda unit: unit.last, default=None)
    ordered = [worked_on, *units] if worked_on is not None and worked_on.last else list(units)
    return next(((unit, unit.open[0]) for unit in ordered if unit.open), None)


def next_step(units: Sequence[UnitState]) -> str:
    """Return in one sentence which exercise to open next, and how long it may take."""
    found = next_exercise(units)
    if found is None:
        return "Every check is green: `convbook drill` asks what an exam asks."
    unit, state = found
    verb = "Go on" if any(u.last for u in units) else "Begin"
    time = f", about {state.minutes} minutes" if state.minutes else ""
    which = f"exercise {state.number}, {state.title}" if state.number else state.exercise
    return f"{verb} with {which}: {unit.folder}/{unit.folder}.ipynb{time}."


def minutes_left(units: Sequence[UnitState]) -> int:
    """Return the minutes of all exercises that are open."""
    return sum(state.minutes for unit in units for state in unit.open)
