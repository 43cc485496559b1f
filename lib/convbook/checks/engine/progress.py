"""Show a learner where they stand in a unit."""

from __future__ import annotations

import html
import importlib
from collections.abc import Callable
from typing import Any

from convbook.forms import Exercise, Unit

SIGNS = {"right": "✓", "not tried": "·", "not attempted": "•"}  # anything else: ✗


class Progress:
    """A table of a unit's exercises: a picture in a notebook, text elsewhere, the same words in both."""

    def __init__(self, unit: Unit):
        self.unit = unit

    @property
    def earned(self) -> int:
        """Return the points of the exercises whose last check was right."""
        return sum(e.points for e in self.unit.exercises if e.state == "right")

    def rows(self) -> list[tuple[str, str, str, str]]:
        """Return sign, exercise, state and points of every exercise."""
        return [(_sign(e), f"{e.title} · {e.name}", _state(e), str(e.points)) for e in self.unit.exercises]

    def __repr__(self) -> str:
        lines = [f"{sign} {points:>2} points  {name}: {state}" for sign, name, state, points in self.rows()]
        return "\n".join([*lines, f"{self.earned} of {self.unit.points} points"])

    def _repr_html_(self) -> str:
        names = ("Exercise", "State", "Points")  # the signs need no name: an empty heading says nothing aloud
        head = "<td></td>" + "".join(f'<th scope="col" style="text-align:left">{name}</th>' for name in names)
        body = "".join(
            "<tr>"
            + "".join(f'<td style="text-align:left">{html.escape(cell)}</td>' for cell in row)
            + "</tr>"
            for row in self.rows()
        )
        total = f"{self.earned} of {self.unit.points} points"
        caption = f'<caption style="caption-side:bottom;text-align:left">{total}</caption>'
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def reporter(unit: Unit) -> Callable[..., Any]:
    """Return the function `progress()` of one unit."""

    def progress(units: str = "") -> Any:
        """Return a table of this unit's exercises with the state of each, as checked since the kernel started.

        With "all": a page on all units, with the mistakes met and mended, and the next step. Raises `ValueError` for
        another word.
        """
        if units == "all":  # it reads saved notebooks, and stands on what stands on the checks: found by name
            return importlib.import_module("convbook.authoring.progress").page()
        if units:
            raise ValueError(
                f'check.progress() shows this unit, check.progress("all") all; {units!r} is neither'
            )
        return Progress(unit)

    return progress


def _sign(exercise: Exercise) -> str:
    return SIGNS.get(exercise.state, "✗")


def _state(exercise: Exercise) -> str:
    verdict = exercise.outcomes[0] if exercise.outcomes else None
    if verdict is not None and verdict.mistakes:
        return "; ".join(verdict.mistakes)
    return exercise.state
