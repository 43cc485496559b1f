"""A layer at every pixel: `conv1x1`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch.nn.functional as functional

from convbook.checks.engine.declare import case, counting, drawn, every_layout, exercise, mistake
from convbook.checks.engine.families import batches
from convbook.forms import Case

OWN_BIAS = "each filter adds one number of its own to its whole map"
MIXED = "every output channel is a sum over *all* input channels, each times a weight of its own"


def conv1x1_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield images and weights of all shapes and layouts, with and without a bias."""
    yield case(counting(1, 2, 1, 3), np.array([[1.0, 10.0]]))
    yield case(counting(1, 2, 2, 3), np.array([[1.0, 0], [0, 2], [1, -1]]), np.array([0.0, 10, 100]))
    yield case(counting(2, 3, 1, 2), counting(2, 3))
    yield case(counting(2, 2, 3, 2), np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([0.5, -0.5]))
    yield case(counting(1, 1, 2, 2), np.array([[3.0]]), np.array([1.0]))
    yield from every_layout(counting(2, 3, 2, 4), counting(2, 3), np.array([0.5, -1.0]))
    yield case(np.float32(counting(2, 3, 2, 4)), np.float32(counting(5, 3)), about="float32")
    for number in range(10):
        n, c, h, w, f = (int(side) for side in rng.integers(1, 6, 5))
        bias = rng.normal(size=f) if number % 2 else None
        yield drawn(rng.normal(size=(n, c, h, w)), rng.normal(size=(f, c)), bias)
    yield drawn(rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(6, 3)), b=rng.normal(size=6))


def rebiased(function):
    """Return a change of the result in which another number is added than each filter's own bias."""
    return lambda y, b, w: y if b is None else y - b.reshape(-1, 1, 1) + function(b.reshape(-1, 1, 1), w)


def rows_of(x):
    """Return rows of c numbers as `reshape` makes them: not the channels of a pixel."""
    return x.reshape(-1, x.shape[1])


def back(rows, x, w):
    """Return a matrix reshaped to the maps (n, f, h, w), whatever its rows are."""
    return rows.reshape(x.shape[0], len(w), *x.shape[2:])


def moved(rows, x, w):
    """Return rows (pixels, f) as maps (n, f, h, w)."""
    return rows.reshape(x.shape[0], *x.shape[2:], len(w)).permute(0, 3, 1, 2)


def swapped(rows, x, w):
    """Return rows (f, images and pixels) as maps (n, f, h, w)."""
    return rows.reshape(len(w), x.shape[0], *x.shape[2:]).transpose(0, 1)


def biased(y, b):
    """Return maps (n, f, h, w) with their biases."""
    return y if b is None else y + b.reshape(-1, 1, 1)


def biased_rows(rows, b):
    """Return rows (pixels, f) with their biases."""
    return rows if b is None else rows + b


@exercise(
    "1×1 is a layer at every pixel", points=4, cases=conv1x1_cases,
    shapes="x (n, c, h, w), w (f, c) -> (n, f, rows, columns)",
    why="c = {c} in and f = {f} out at every pixel: each number that comes out is a sum over all channels, "
        "c products with one row of `w`",
    shape="n = {n}, f = {f}, and the {rows} × {columns} pixels stay: ({n}, {f}, {rows}, {columns})",
    help=("mismatch in its core dimension", "operands could not be broadcast together", "truth value of an array"),
    mistakes=(
        *batches(),
        mistake("pixels and channels are mixed by a reshape", "`reshape` moves no axis: `x.reshape(-1, c)` "
                "puts neighbouring pixels of one channel into a row. Keep an axis of channels, `x.reshape(n, "
                "c, -1)`, or move the channels to the end first", "a row has to hold the c = {c} channels of "
                "one pixel", instead=lambda x, w, b: biased(back(rows_of(x) @ w.mT, x, w), b),
                ways=[{"instead": lambda x, w, b: back(biased_rows(rows_of(x) @ w.mT, b), x, w)},
                      {"instead": lambda x, w, b: biased(moved(rows_of(x) @ w.mT, x, w), b)}]),
        mistake("images and channels are mixed by a reshape", "`reshape` moves no axis: as soon as there are "
                "two images, the axes (n, c) have to be exchanged before one row can hold a channel, and "
                "back again afterwards", "here n = {n} images of c = {c} channels",
                instead=lambda x, w, b: biased(back(w @ x.reshape(x.shape[1], -1), x, w), b),
                ways=[{"instead": lambda x, w, b: biased(swapped(w @ x.reshape(x.shape[1], -1), x, w), b)},
                      {"instead": lambda x, w, b: biased(back(w @ x.transpose(0, 1).flatten(1), x, w), b)}]),
        mistake("the bias is not added", OWN_BIAS, "f = {f} biases", b=lambda: None),
        mistake("the bias is added once for every channel", OWN_BIAS + ", after the sum over the channels",
                "c = {c}, but one bias a map", result=rebiased(lambda b, w: w.shape[1] * b)),
        mistake("the biases lie along the columns", "NumPy matches the last axis: give `b` the shape (f, 1, "
                "1)", "f = {f} maps of {rows} × {columns}", result=rebiased(lambda b, w: b.flatten())),
        mistake("the weights are transposed", "a row of `w` is a filter: `w` is (f, c)",
                "f = {f} rows of c = {c} weights", w=lambda w: w.mT),
        mistake("the channels are averaged, not summed", MIXED, "yours is divided by {c}",
                w=lambda w: w / w.shape[1]),
        mistake("only the last channel counts", MIXED + "; here each overwrites the one before (`=` where "
                "`+=` is meant)", "{c} channels", x=lambda x: x[:, -1:], w=lambda w: w[:, -1:]),
        mistake("a filter has one weight for all channels", MIXED + ": a 1×1 filter is a vector, not a "
                "number", "{c} weights a filter", w=lambda w: w[:, :1].expand(w.shape)),
    ),
)  # fmt: skip
def conv1x1(x, w, b=None):
    return functional.conv2d(x, w[:, :, None, None], b)
