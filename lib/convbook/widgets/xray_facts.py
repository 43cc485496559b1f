"""An X-ray as the browser takes it, and where it differs from the truth.

The state is plain: `yours` and `wanted` each hold `shape` (f, h', w'), `products` (for every output a list of
[pixel, weight, times], all counted in the arrays' order), `bias` (for every output a list of [filter, times]) and
`constant` (a number for every output).
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from convbook.answers.probes import Reading

State = dict[str, Any]


def told(reading: Reading) -> State:
    """Return a reading as plain lists, ready for the browser."""

    def sparse(table: np.ndarray) -> list[list[list[float]]]:
        return [[[*map(int, place), float(row[tuple(place)])] for place in np.argwhere(row)] for row in table]

    return {
        "shape": list(reading.shape),
        "products": sparse(reading.products),
        "bias": sparse(reading.bias),
        "constant": [float(value) for value in reading.constant],
    }


def whole_shape(state: State) -> tuple[int, int, int]:
    """Return the shape of a map that holds all of yours and all of the wanted outputs."""
    shapes = zip(state["yours"]["shape"], state["wanted"]["shape"], strict=True)
    filters, rows, columns = (max(pair) for pair in shapes)
    return filters, rows, columns


def status(state: State, at: tuple[int, ...]) -> str:
    """Return `right`, `wrong`, `extra` (only in yours) or `missing` (only in the wanted) for one output."""
    yours, wanted = (_flat(state[side]["shape"], at) for side in ("yours", "wanted"))
    if wanted is None:
        return "extra"
    if yours is None:
        return "missing"
    same = all(
        state["yours"][part][yours] == state["wanted"][part][wanted]
        for part in ("products", "bias", "constant")
    )
    return "right" if same else "wrong"


def wrong_places(state: State) -> list[tuple[int, ...]]:
    """Return the outputs that are not right, in order."""
    every = itertools.product(*(range(length) for length in whole_shape(state)))
    return [at for at in every if status(state, at) != "right"]


def _flat(shape: list[int], at: tuple[int, ...]) -> int | None:
    """Return the position of a place in flat lists, or None where the map has no such place."""
    if any(place >= length for place, length in zip(at, shape, strict=True)):
        return None
    return (at[0] * shape[1] + at[1]) * shape[2] + at[2]
