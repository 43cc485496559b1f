"""Implementations of `conv2d_naive` for a learner's test: right ones, and faulty ones of many kinds.

The faulty ones are the mistakes that the check of `conv2d_naive` declares, and some that show under a condition only. All
of them, right or wrong, are PyTorch underneath, and all look alike from outside: one name, one signature, one source.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from convbook.checks.convolution import conv2d_naive as exercise
from convbook.checks.engine.declare import question_of
from convbook.checks.engine.oracles import Change

ORACLE = question_of(exercise).oracle
Run = Callable[..., np.ndarray]


@dataclass(frozen=True)
class Implementation:
    """Hold one implementation: `kind` is the kind of its fault, "" for a right one; `make` returns a fresh function."""

    kind: str
    what: str
    make: Callable[[], Run]

    @property
    def right(self) -> bool:
        return not self.kind


class Stage:
    """Stand for one implementation in the function that a test is given; what runs, it does not tell."""

    def __repr__(self) -> str:
        return "conv2d_naive"


_running: weakref.WeakKeyDictionary[Stage, Run] = weakref.WeakKeyDictionary()


def disguised(run: Run) -> Callable[..., np.ndarray]:
    """Return a function that calls `run`: name, module, signature and source are the same for all."""
    stage = Stage()
    _running[stage] = run

    def conv2d_naive(x, w, b=None, stride=1, padding=0):
        return _running[stage](x, w, b, stride, padding)

    conv2d_naive.__module__, conv2d_naive.__qualname__ = "__main__", "conv2d_naive"
    return conv2d_naive


def computed(x: Any, w: Any, b: Any, stride: Any, padding: Any, *changes: Change) -> np.ndarray:
    """Return the right result in float64, or what changes make of it."""
    x, w = (np.asarray(value, dtype=float) for value in (x, w))
    b = None if b is None else np.asarray(b, dtype=float)
    return ORACLE.run((x, w, b, int(stride), int(padding)), {}, changes)


# --- right ones: what `conv2d_naive` promises is the result, not how it lies in memory or how it is summed up


def in_float32(*given: Any) -> np.ndarray:
    """Return the result as one gets it who computes in float32."""
    import torch

    x, w, b = (None if v is None else torch.tensor(np.asarray(v, dtype=np.float32)) for v in given[:3])
    return ORACLE.function(x, w, b, *map(int, given[3:])).numpy()


def as_the_image(x: Any, *rest: Any) -> np.ndarray:
    """Return the result in the image's own floating type, as one gets it who fills `np.zeros(..., dtype=x.dtype)`."""
    y, kind = computed(x, *rest), np.asarray(x).dtype
    return y.astype(kind) if kind.kind == "f" and kind.itemsize >= 4 else y


def column_by_column(*given: Any) -> np.ndarray:
    """Return the result in an array that lies column by column in memory, and is a view."""
    return np.asfortranarray(computed(*given))[...]


def other_order(x: Any, w: Any, *rest: Any) -> np.ndarray:
    """Return the result with the products summed up in another order: the last digits differ."""
    return computed(np.asarray(x)[:, ::-1], np.asarray(w)[:, ::-1], *rest)


RIGHT = {
    "float64": computed,
    "float32": in_float32,
    "the image's own type": as_the_image,
    "another layout in memory": column_by_column,
    "another order of summing": other_order,
}

# --- faulty ones

DECLARED = {
    "the kernel": (
        "the kernel is flipped", "the kernel's rows are in reverse order", "the kernel's columns are in reverse order",
        "the kernel is transposed",
    ),
    "the stride": (
        "the stride is ignored", "the stride is used for rows only", "the stride is used for columns only",
        "the stride sets the size, but the window moves by 1",
    ),
    "the padding": (
        "the padding is ignored", "the padding is put on one side only", "the padding is doubled",
        "the frame repeats the border instead of zeros",
    ),
    "the bias": (
        "the bias is not added", "the bias is added once for every channel", "every map gets the first filter's bias",
    ),
    "the channels": (
        "only the first channel is used", "the channels are averaged, not summed", "every channel gets the same kernel",
        "the channels meet the kernels in reverse order",
    ),
    "the filters": ("every map comes from the first filter", "places and filters are mixed by a reshape"),
    "the batch": (
        "every output shows the first image", "only the first image is computed", "every output is the sum over all images",
    ),
    "the last row and column": (
        "the last row and column are missing", "the last row and column are never written",
    ),
}  # fmt: skip


def _right_on_squares(y, h, w):
    return y if h == w else y.transpose(2, 3).reshape(y.shape)


CONDITIONAL = {
    "the stride": {"right up to stride 2": Change({"stride": lambda stride: min(stride, 2)})},
    "the padding": {
        "right up to padding 1": Change({"padding": lambda padding: min(padding, 1)}),
        "right for stride 1 only": Change({"padding": lambda padding, stride: padding if stride == 1 else 0}),
    },
    "sides that differ": {
        "right on square images only": Change(
            result=lambda y, x: _right_on_squares(y, x.shape[2], x.shape[3])
        ),
        "right for square kernels only": Change({"w": lambda w, kh, kw: w if kh == kw else w.flip(2, 3)}),
        "right for odd kernels only": Change(
            {"w": lambda w, kh, kw: w if kh % 2 and kw % 2 else w.roll((1, 1), (2, 3))}
        ),
    },
    "the numbers": {
        "whole numbers": Change(result=lambda y: y.trunc()),
        "nothing below 0": Change(result=lambda y: y.relu()),
        "one decimal": Change(result=lambda y: y.round(decimals=1)),
    },
}


def needs_a_bias(x: Any, w: Any, b: Any, *rest: Any) -> np.ndarray:
    """Stop where no bias is given."""
    return computed(x, w, b[: len(w)], *rest)


def spoils(place: int) -> Run:
    """Return a function that leaves one of its arrays with other numbers."""

    def run(*given: Any) -> np.ndarray:
        y = computed(*given)
        given[place][...] = given[place][..., ::-1, ::-1] + 1
        return y

    return run


def remembering() -> Run:
    """Return a function that uses the first filters of a shape again for every later call."""
    kept: dict[tuple, Any] = {}

    def run(x: Any, w: Any, *rest: Any) -> np.ndarray:
        return computed(x, kept.setdefault(np.shape(w), np.array(w)), *rest)

    return run


OTHERS = {
    "the bias": {"stops without a bias": lambda: needs_a_bias},
    "what it leaves behind": {
        "changes the image": lambda: spoils(0),
        "changes the filters": lambda: spoils(1),
        "remembers earlier filters": remembering,
    },
}


def changed(change: Change) -> Callable[[], Run]:
    return lambda: lambda *given: computed(*given, change)


def faulty() -> Iterator[Implementation]:
    """Yield all faulty implementations, kind by kind."""
    declared = {one.name: one for one in exercise.mistakes}
    for kind, names in DECLARED.items():
        for name in names:
            yield Implementation(kind, name, changed(declared[name].ways[0]))
    for kind, changes in CONDITIONAL.items():
        for what, change in changes.items():
            yield Implementation(kind, what, changed(change))
    for kind, makers in OTHERS.items():
        for what, maker in makers.items():
            yield Implementation(kind, what, maker)


def everyone() -> list[Implementation]:
    """Return all implementations, the right ones first."""
    return [*(Implementation("", what, lambda run=run: run) for what, run in RIGHT.items()), *faulty()]


def suspects() -> dict[str, Callable[..., np.ndarray]]:
    """Return three functions that look alike from outside, and give the same for a kernel that is the same from all sides.

    One of them is right, one turns its kernel, one pads only where the stride is 1.
    """
    wanted = ("right for stride 1 only", "float64", "the kernel is flipped")
    made = {one.what: one for one in everyone()}
    return {name: disguised(made[what].make()) for name, what in zip("ABC", wanted, strict=True)}


ADVICE = {
    "the kernel": "a kernel that looks the same from all sides hides how it is turned: give it numbers that all differ",
    "the stride": "try strides of 1, 2 and 3, and look at both axes",
    "the padding": "try paddings of 1 and 2, with a stride as well, on an image whose border is not 0",
    "the bias": "try a layer with a bias and one without; several channels and several filters, each with its own bias",
    "the channels": "try several channels, each with numbers of its own in image and kernel",
    "the filters": "try several filters that all differ, and look at every map",
    "the batch": "try several images that all differ, and look at every output",
    "the last row and column": "compare the shape, and every number up to the last row and column",
    "sides that differ": "try images and kernels with more columns than rows, and kernels of an even side",
    "the numbers": "try fractions and negative numbers, and allow no more than rounding in float32",
    "what it leaves behind": "call it several times, with other arrays of the same shapes, and see whether its arguments are as before",
}
KINDS = tuple(ADVICE)
