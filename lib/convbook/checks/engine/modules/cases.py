"""The trials of a class: what it is built with, the image it is given, and how its weights are set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from convbook.forms import Case


@dataclass(frozen=True)
class ModuleCase(Case):
    """Hold one trial of a class: its arguments are the image `x`, then what the class is built with.

    `zero` is the part whose weights are 0; `tensors` says that only names and shapes are looked at.
    """

    zero: str = ""
    tensors: bool = False


def built(
    *args: Any, x: np.ndarray, zero: str = "", tensors: bool = False, about: str = "", drawn: bool = False
) -> Case:
    """Return one trial of a class: what it is built with, then its input."""
    return ModuleCase((x, *args), {}, about, drawn, zero, tensors)


def small(*shape: int) -> np.ndarray:
    """Return a readable image of positive and negative whole numbers, never 0, where a ReLU has no gradient.

    >>> small(1, 1, 2, 2)
    array([[[[-3.,  2.],
             [ 1., -2.]]]])
    """
    numbers = np.array([-3.0, 2.0, 1.0, -2.0, 3.0, -1.0, 2.0])
    return numbers[np.arange(int(np.prod(shape))) % 7].reshape(shape)
