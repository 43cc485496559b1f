"""Functions that a check hands to an answer as an argument, each with words for a reader.

They compute with NumPy, leave their argument as it was and return an array of their own. The answer calls them: in a
notebook directly, while a class is graded across the processes (they stay on the check's side, only arrays cross).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Given:
    """A function of arrays; `told` says what it does, in a case's text: f “keeps every second row and column”."""

    told: str
    function: Callable[[np.ndarray], np.ndarray]

    def __call__(self, x: Any) -> np.ndarray:
        return self.function(np.asarray(x))

    def __repr__(self) -> str:
        return f"“{self.told}”"


def _by_row(x: np.ndarray) -> np.ndarray:
    """Return every pixel times the number of its row, plus its column: nothing about it stays when the image moves."""
    rows, columns = np.indices(x.shape[-2:])
    return x * (rows + 1) + 10 * columns


def _difference(x: np.ndarray) -> np.ndarray:
    """Return each pixel minus its left neighbour, black outside: zero padding is felt at the border."""
    left = np.zeros_like(x)
    left[..., 1:] = x[..., :-1]
    return x - left


same = Given("leaves x as it is", lambda x: x.copy())
round_trip = Given("subtracts the left neighbour, round the edge too", lambda x: x - np.roll(x, 1, -1))
by_row = Given("multiplies by the row's number + 1, adds 10 times the column's", _by_row)
edge = Given("subtracts the left neighbour, 0 outside", _difference)
negative = Given("subtracts 10 times the column's number", lambda x: x - 10 * np.arange(x.shape[-1]))
halved = Given("keeps every second row and column", lambda x: x[..., ::2, ::2].copy())
window = Given(
    "adds up windows of 2 × 2, only inside",
    lambda x: x[..., 1:, 1:] + x[..., :-1, 1:] + x[..., 1:, :-1] + x[..., :-1, :-1],
)
running = Given("adds up all pixels above", lambda x: x.cumsum(-2))


def mixing(rng: np.random.Generator, columns: int) -> Given:
    """Return a function that mixes the columns of images by a random matrix: it commutes with nothing."""
    across = rng.normal(size=(columns, columns))
    return Given("multiplies by a matrix of random numbers", lambda x: np.tanh(x) @ across)
