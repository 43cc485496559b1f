"""Plain values: what may cross between a judge and an answer, and the many ways an array can lie in memory."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any

import numpy as np

LAYOUTS = ("plain", "read-only", "reversed in memory", "every other element", "Fortran order")


def copied(value: Any) -> Any:
    """Return `value` with every array in it copied, so that later changes cannot reach it.

    Tensors come back as tensors, detached from their graph; unknown objects come back as they are.

    >>> copied([np.zeros(2), "a"])
    [array([0., 0.]), 'a']
    """
    if isinstance(value, np.ndarray):
        return np.array(value)
    if isinstance(value, (list, tuple)) and type(value) in (list, tuple):
        return type(value)(copied(item) for item in value)
    if type(value) is dict:
        return {key: copied(item) for key, item in value.items()}
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        return value.detach().clone()
    return value


def laid_out(array: np.ndarray, layout: str) -> np.ndarray:
    """Return the same values in another memory layout, one of `LAYOUTS`.

    >>> laid_out(np.arange(3.0), "reversed in memory").strides
    (-8,)
    """
    if layout == "plain":
        return np.array(array, order="C")
    if layout == "read-only":
        fixed = np.array(array, order="C")
        fixed.flags.writeable = False
        return fixed
    if layout == "reversed in memory":
        backwards = tuple(slice(None, None, -1) for _ in array.shape)
        return np.array(array[backwards], order="C")[backwards]
    if layout == "every other element":
        roomy = np.full(tuple(2 * side for side in array.shape), -77, dtype=array.dtype)
        every_other = tuple(slice(None, None, 2) for _ in array.shape)
        roomy[every_other] = array
        return roomy[every_other]
    if layout == "Fortran order":
        return np.asfortranarray(array).copy(order="F")
    raise ValueError(f"no memory layout is called {layout!r}; choose one of {LAYOUTS}")


def layout_of(array: np.ndarray) -> str:
    """Return the name in `LAYOUTS` that fits how an array lies in memory."""
    if not array.flags.writeable:
        return "read-only"
    if array.flags.c_contiguous:
        return "plain"
    if any(stride < 0 for stride in array.strides):
        return "reversed in memory"
    return "Fortran order" if array.flags.f_contiguous else "every other element"


@dataclass(frozen=True)
class Reference:
    """Name one of the course's own blocks or modules, to be made on the answer's side.

    `name` is a function in `convbook.answers.blocks`, `options` its keywords: plain data, so that a judge can
    hand a class to a learner's function without sending code.
    """

    name: str
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class StateOf:
    """Stand for the live state-dict of a module that an answer's side holds."""

    built: Any


@dataclass(frozen=True)
class Opaque:
    """Stand for an object that does not cross: all that is told is the name of its class.

    >>> Opaque("list")
    Opaque(kind='list')
    """

    kind: str
