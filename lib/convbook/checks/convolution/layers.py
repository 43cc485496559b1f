"""The layer itself: `conv2d_naive`, and as one matrix product: `im2col`, `conv2d_im2col`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch.nn.functional as functional

from convbook.checks.engine import families
from convbook.checks.engine.declare import (
    case,
    counting,
    draws,
    every_form,
    exercise,
    mistake,
    question_of,
    table,
)
from convbook.checks.engine.speed import no_pixel_loop, pixel_loop
from convbook.forms import Case, Mistake


def conv2d_cases(rng: np.random.Generator, square: bool = False) -> Iterator[Case]:
    """Yield layers from one window up; with `square`, kernels of equal sides."""
    yield from table(
        ((1, 1, 3, 3), (1, 1, 2, 2)),
        ((1, 2, 2, 3), (1, 2, 2, 2)),
        ((1, 1, 2, 3), (2, 1, 2, 2)),
        ((2, 1, 2, 3), (1, 1, 2, 2)),
        ((2, 1, 2, 3), (3, 1, 2, 2)),
        ((1, 1, 2, 2), (1, 1, 2, 2), [100.0]),
        ((1, 2, 2, 2), (1, 2, 1, 1), [100.0]),
        ((1, 1, 2, 3), (2, 1, 2, 2), [100.0, 200.0]),
        ((1, 1, 2, 3), (1, 1, 2, 2), {"padding": 1}),
        ((1, 1, 3, 4), (1, 1, 2, 2), {"stride": 2}),
        ((1, 1, 5, 4), (1, 1, 2, 2), {"stride": 2, "padding": 1}),
        ((1, 1, 4, 4), (1, 1, 2, 2), {"stride": 3, "padding": 1}),
        ((1, 1, 4, 5), (2, 1, 2, 2), [0.0, 100.0], 2, 1, "stride 2 and padding 1 by position"),
    )
    if not square:
        yield case(counting(1, 1, 3, 4), counting(1, 1, 1, 3))
    yield from every_form((2, 3, 4, 5), (2, 3, 2, 2), np.array([0.0, 100.0]))
    layer, plain = "x (n, c, h, w), w (f, c, kh, kw), b (f)", "x (n, c, h, w), w (f, c, kh, kw)"
    for n, c, f in ((1, 3, 2), (2, 1, 3), (3, 2, 1)):
        some = {"n": n, "c": c, "f": f, "kh": (1, 3), "kw": ("kh", 0) if square else (1, 3)}
        some |= {"h": ("kh", 3), "w": ("kw", 3), "stride": (1, 3), "padding": (0, 2)}
        yield from draws(rng, 3, layer, **some)
        yield from draws(rng, 2, plain, **some)
    yield from draws(
        rng, 1, layer, n=2, c=3, h=4, w=5, f=2, kh=2, kw=2
    )  # shapes seen before: do not remember
    yield from draws(rng, 1, layer, n=2, c=5, h=7, w=6, f=3, kh=5, kw=5 if square else 4, stride=2, padding=6)
    yield from draws(rng, 1, plain, n=1, c=2, h=8, w=9, f=3, kh=7, kw=7, padding=3)
    yield from draws(rng, 1, layer, n=2, c=3, h=18, w=20, f=4, kh=3, kw=3 if square else 2, padding=1)


def spread(x, w, b, stride, padding):
    """Return what a window times a transposed kernel gives where NumPy spreads one over the other."""
    windows = functional.pad(x, (padding,) * 4).unfold(2, w.shape[2], stride).unfold(3, w.shape[3], stride)
    y = (windows[:, None] * w.transpose(2, 3)[:, :, None, None]).sum((2, 5, 6))
    return y if b is None else y + b[:, None, None]


LAYER: dict[str, Any] = {
    "shapes": "x (n, c, h, w), w (f, c, kh, kw), b (f) -> (n, f, rows, columns)",
    "facts": families.corners("w"),
    "shape": "n images, a map for each of the f filters, and ⌊(side + 2·padding − kernel) / stride⌋ + 1 "
    "places along a side: ({n}, {f}, {rows}, {columns})",
}  # fmt: skip
LAYER_WHY = (
    "an output is one filter on one window: multiply {c} × {kh} × {kw} pixels by {c} × {kh} × {kw} weights, "
    "add them all, add the bias; " + families.PLACES.replace("places", "windows")
)


@exercise(
    "Every channel, every filter", points=9, cases=conv2d_cases, why=LAYER_WHY,
    help=("operands could not be broadcast together", "truth value of an array with more than one element is ambiguous",
          "'int' object has no attribute 'shape'", "is not subscriptable",
          "'float' object cannot be interpreted as an integer",),
    mistakes=(
        *families.layer(),
        mistake("the kernels are transposed and spread", "`w.T` has other sides than the window, and NumPy "
                "spreads it over it: multiply by the kernel as it is", "{kh} × {kw} products to a kernel",
                instead=spread),
    ), **LAYER,
)  # fmt: skip
def conv2d_naive(x, w, b=None, stride=1, padding=0):
    return functional.conv2d(x, w, b, stride, padding)


def im2col_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield images to take apart into windows."""
    yield from table(
        ((1, 1, 3, 3), 2),
        ((1, 1, 2, 3), 1),
        ((1, 1, 2, 2), 2, "one window"),
        ((1, 2, 2, 3), 2),
        ((2, 1, 2, 3), 2),
        ((1, 1, 3, 4), 2, {"stride": 2}),
        ((1, 1, 2, 3), 2, {"padding": 1}),
        ((1, 1, 4, 5), 2, 2, 1, "stride 2 and padding 1 by position"),
    )
    yield from every_form((2, 3, 4, 5), 2)
    some = {"k": (1, 3), "h": ("k", 3), "w": ("k", 3), "stride": (1, 3), "padding": (0, 2)}
    for n, c in ((1, 3), (2, 1), (3, 2)):
        yield from draws(rng, 3, "x (n, c, h, w), k", n=n, c=c, **some)
    yield from draws(rng, 1, "x (2, 3, 4, 5), k", k=2)  # a shape seen before: do not remember
    yield from draws(rng, 1, "x (2, 5, 7, 6), k", k=5, stride=2, padding=6)
    yield from draws(rng, 1, "x (1, 6, 4, 5), k", k=2)
    yield from draws(rng, 1, "x (2, 3, 24, 20), k", k=3, padding=1)


def taken_apart(*order: int, flip: bool = False, shaped: bool = True) -> Callable[..., Any]:
    """Return a change of windows as columns: their axes (n, c, k, k, rows, columns) reordered."""

    def change(y, n, c, k, rows, columns):
        windows = y.reshape(n, c, k, k, rows, columns)
        windows = windows.flip(2, 3) if flip else windows.permute(*order)
        return windows.reshape(y.shape) if shaped else windows.reshape(c * k * k, -1)

    return change


def moved_by_one(y, again, n, c, k, h, w, padding, rows, columns):
    """Return the first `rows` × `columns` windows of those that move by 1."""
    sides = [side + 2 * padding - k + 1 for side in (h, w)]
    return again(stride=1).reshape(n, c * k * k, *sides)[..., :rows, :columns].reshape(y.shape)


WANTED, OWN = (
    "wanted ({n}, {long}, {places})",
    "each image has a matrix of its own: the result has three axes",
)


@exercise(
    "Windows as columns", points=6, cases=im2col_cases, shapes="x (n, c, h, w) -> (n, long, places)",
    facts={"rows": lambda h, k, stride, padding: (h + 2 * padding - k) // stride + 1,
           "columns": lambda w, k, stride, padding: (w + 2 * padding - k) // stride + 1},
    why="a column is one window, read channel by channel, row by row: {c} · {k} · {k} = {long} numbers; "
    "there are {rows} · {columns} = {places} columns",
    shape="(n, c·k·k, h'·w') is ({n}, {c} · {k} · {k}, {rows} · {columns}) = ({n}, {long}, {places})",
    help=("could not broadcast input array from shape",),
    mistakes=(
        *families.paddings(), *families.strides()[:3],
        mistake("every window is a row, not a column", "axis 1 holds the pixels of a window, axis 2 the "
                "windows", WANTED, result=lambda y: y.transpose(1, 2)),
        mistake("rows are reshaped into columns", "`reshape` does not transpose: swap the last two axes "
                "instead", "from ({n}, {places}, {long}) to ({n}, {long}, {places})",
                result=lambda y: y.transpose(1, 2).reshape(y.shape)),
        mistake("the channel runs fastest", "a column holds all of channel 0 first, then all of channel 1",
                "the first {k} · {k} numbers of a column are channel 0",
                result=taken_apart(0, 2, 3, 1, 4, 5)),
        mistake("the window is read column by column", "inside a window the row comes first: (0, 0), (0, 1), "
                "…", "the second number of a column lies right of the first in a window of {k} × {k}",
                result=taken_apart(0, 1, 3, 2, 4, 5)),
        mistake("the window is read backwards", "a column begins with the window's top left pixel",
                "{k} × {k} pixels, top left first", result=taken_apart(flip=True)),
        mistake("the windows are taken column by column", "the windows follow each other along the rows of "
                "the image", "the second column is the window one step to the right; there are {columns} in "
                "a row", result=taken_apart(0, 1, 2, 3, 5, 4)),
        mistake("the stride sets the number of windows, but they move by 1", "window i of a row starts at "
                "column i · stride", "with stride {stride} the second window starts at {stride}",
                result=moved_by_one),
        mistake("the windows do not overlap", "the window moves on by `stride` pixels, not by its own side",
                "with stride {stride} there are {places} windows", stride=lambda k: k),
        mistake("the images are mixed by a reshape", "`reshape` moves no axis: the image's axis must be "
                "brought to the front first (`transpose`)", "({long}, {n} · {places}) must become ({n}, "
                "{long}, {places})", result=taken_apart(1, 2, 3, 0, 4, 5)),
        mistake("the image runs fastest along the columns", OWN + ", and the image is the " "first", WANTED,
                result=taken_apart(1, 2, 3, 4, 5, 0),
                ways=({"result": taken_apart(1, 2, 3, 4, 5, 0, shaped=False)},)),
        mistake("all images lie side by side in one matrix", OWN, WANTED,
                result=taken_apart(1, 2, 3, 0, 4, 5, shaped=False)),
        mistake("only the first channel is used", "a column holds the window of every channel",
                "{c} channels make columns of {long}", x=lambda x: x[:, :1]),
        mistake("the axes are reshaped before they are moved", "`reshape` keeps the order in memory: bring "
                "the window's axes in front of the places (`transpose`) first", "(n, c, k, k, h', w') is "
                "then ({n}, {c}, {k}, {k}, {rows}, {columns})", result=taken_apart(0, 1, 4, 5, 2, 3),
                ways=({"result": taken_apart(0, 4, 5, 1, 2, 3)},)),
        mistake("the last row and column of windows are missing", "the number of places is ⌊(side + "
                "2·padding − k) / stride⌋ + 1", "{rows} down and {columns} across",
                result=lambda y, n, rows, columns: y.reshape(n, -1, rows, columns)[..., :-1, :-1].flatten(2)),
    ),
)  # fmt: skip
def im2col(x, k, stride=1, padding=0):
    return functional.unfold(x, k, 1, padding, stride)


def mixed(w):
    """Return filters laid flat the other way round, so that their numbers change places."""
    return w.reshape(-1, len(w)).T.reshape(w.shape)


conv2d = question_of(conv2d_naive).oracle
SLOW = Mistake(
    "it loops over the output's pixels",
    "one matrix product computes all windows at once; only loops over images, channels or kernel offsets are "
    "cheap; look for the loop here, and in your `im2col`",
    pixel_loop(lambda *args: conv2d.run(args, {})),
)


@exercise(
    "One matrix product", points=4, cases=lambda rng: conv2d_cases(rng, square=True),
    why=LAYER_WHY + "; the filters as rows (f, c·k·k), the windows as columns (c·k·k, h'·w')",
    help=("mismatch in its core dimension", "cannot reshape array of size",),
    mistakes=(
        *families.layer(),
        mistake("the filters are mixed up when they are laid flat", "each filter becomes one row: "
                "`w.reshape(f, -1)`; reshaping the other way and transposing mixes them",
                "{f} rows, one a filter", w=mixed),
        mistake(SLOW.name, SLOW.explanation, answer=SLOW.answer),
    ),
    uses=(im2col,), probes=(no_pixel_loop(SLOW, lambda *args: conv2d.run(args, {})),), **LAYER,
)  # fmt: skip
def conv2d_im2col(x, w, b=None, stride=1, padding=0):
    return functional.conv2d(x, w, b, stride, padding)
