"""What a question takes for an answer, and when a guess is right; `static/_predict_rule.js` is its twin."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

SHARE = 0.15  # of a sketch's height: a hand draws no more exactly
ALIKE = 1e-9


@dataclass(frozen=True)
class Question:
    """Hold one question: its text, its `kind` (number, choice, place or sketch), and what belongs to that kind."""

    text: str
    kind: str
    choices: list[str]
    table: list[list[float]]
    x: list[float]
    curves: list[str]
    between: tuple[float, float]
    labels: tuple[str, str]
    unit: str
    within: float
    factor: float

    @classmethod
    def made(cls, text: str, choices: Any, place: Any, sketch: Any, curves: list[str], between: Any, labels: Any,
             unit: str, within: float | None, factor: float | None) -> Question:  # fmt: skip
        """Return the question that the arguments of `Predict` describe, or raise `ValueError`."""
        kinds = {"choice": choices, "place": place, "sketch": sketch}
        given = [kind for kind, value in kinds.items() if value is not None]
        if len(given) > 1:
            raise ValueError(
                f"a question asks for one thing, and this one for {' and '.join(given)}: ask two questions"
            )
        kind = given[0] if given else "number"
        if kind == "choice" and (len(choices) < 2 or len(set(choices)) < len(choices)):
            raise ValueError(f"choices are two or more different texts; these are {list(choices)!r}")
        table = [] if place is None else np.asarray(place, dtype=float).tolist()
        if place is not None and np.ndim(table) != 2:
            raise ValueError(f"place is a table (h, w) of numbers; this has shape {np.shape(place)}")
        low, high = (float(end) for end in between)
        if not low < high:
            raise ValueError(f"between goes from low to high; this is {low:g} to {high:g}")
        near = within if within is not None else (SHARE * (high - low) if kind == "sketch" else 0.0)
        x = [float(place) for place in sketch or ()]
        return cls(text, kind, list(choices or ()), table, x, curves, (low, high), tuple(labels), unit,
                   float(near), float(factor or 1.0))  # fmt: skip

    def checked(self, value: Any) -> Any:
        """Return a truth as plain JSON, or raise `ValueError` with one sentence."""
        value = value.tolist() if hasattr(value, "tolist") else value
        if self.kind == "sketch" and len(self.curves) == 1 and np.ndim(value) == 1:
            value = [value]
        if self.kind in ("place", "sketch"):
            value = [list(part) if self.kind == "sketch" else int(part) for part in value]
        if not self.accepts(value):
            raise ValueError(
                f"the truth of {self.text!r} must be {self._wanted()}; what came is {value!r:.80}"
            )
        return value

    def accepts(self, value: Any) -> bool:
        """Tell whether a value can be an answer to this question."""
        try:
            if self.kind == "choice":
                return value in self.choices
            if self.kind == "place":
                row, column = value
                return 0 <= row < len(self.table) and 0 <= column < len(self.table[0])
            if self.kind == "sketch":
                return np.shape(value) == (len(self.curves), len(self.x)) and bool(np.isfinite(value).all())
            return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        except (TypeError, ValueError):
            return False

    def right(self, guess: Any, truth: Any) -> bool:
        """Tell whether a guess is as near to the truth as the question asks."""
        if self.kind == "sketch":
            return bool(np.max(np.abs(np.subtract(guess, truth))) <= self.within + ALIKE)
        if self.kind != "number":
            return guess == truth
        if abs(guess - truth) <= self.within + ALIKE * max(1.0, abs(truth)):
            return True
        return guess * truth > 0 and 1 / self.factor <= guess / truth <= self.factor

    def said(self, value: Any) -> str:
        """Return an answer in words."""
        if value is None:
            return "none"
        if self.kind == "choice":
            return str(value)
        if self.kind == "place":
            return f"row {value[0]}, column {value[1]}" if len(self.table) > 1 else f"column {value[1]}"
        if self.kind == "number":
            return f"{amount(value)} {self.unit}".strip()
        return "; ".join(
            f"{name + ' ' if name else ''}{', '.join(f'{y:.3g}' for y in curve)}"
            for name, curve in zip(self.curves, value, strict=True)
        )

    def _wanted(self) -> str:
        return {
            "choice": f"one of its choices, {self.choices!r}",
            "place": f"(row, column) in a table of {len(self.table)} rows",
            "sketch": f"{len(self.curves)} × {len(self.x)} numbers: a value for each curve at each x",
            "number": "a finite number",
        }[self.kind]


def amount(value: float) -> str:
    """Return a number as a person reads it.

    >>> amount(1082.25), amount(28.0), amount(1.1732), amount(2e-5), amount(-0.5)
    ('1,082', '28', '1.17', 'nearly 0', '−0.5')
    """
    size = abs(value)
    if 0 < size < 0.001:
        return "nearly 0"
    text = f"{size:,.0f}" if size >= 100 or size == int(size) else f"{float(f'{size:.3g}'):g}"
    return f"−{text}" if value < 0 else text
