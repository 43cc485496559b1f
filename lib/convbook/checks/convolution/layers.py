"""The layer itself: `conv2d_naive`, and as one matrix product: `im2col`, `conv2d_im2col`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
import torch.nn.functional as functional

from convbook.checks.engine.declare import (
    Draft,
    case,
    counting,
    drawn,
    every_layout,
    exercise,
    mistake,
    question_of,
)
from convbook.checks.engine.families import (
    PLACES,
    batches,
    biases,
    channels,
    corners,
    kernels,
    paddings,
    strides,
    unfinished,
)
from convbook.checks.engine.speed import no_pixel_loop, pixel_loop
from convbook.forms import Case, Mistake


def conv2d_cases(rng: np.random.Generator, square: bool = False) -> Iterator[Case]:
    """Yield layers from one window up; with `square`, kernels of equal sides."""
    yield case(counting(1, 1, 3, 3), counting(1, 1, 2, 2))
    yield case(counting(1, 2, 2, 3), counting(1, 2, 2, 2))
    yield case(counting(1, 1, 2, 3), counting(2, 1, 2, 2))
    yield case(counting(2, 1, 2, 3), counting(1, 1, 2, 2))
    yield case(counting(2, 1, 2, 3), counting(3, 1, 2, 2))
    yield case(counting(1, 1, 2, 2), counting(1, 1, 2, 2), np.array([100.0]))
    yield case(counting(1, 2, 2, 2), counting(1, 2, 1, 1), np.array([100.0]))
    yield case(counting(1, 1, 2, 3), counting(2, 1, 2, 2), np.array([100.0, 200.0]))
    yield case(counting(1, 1, 2, 3), counting(1, 1, 2, 2), padding=1)
    yield case(counting(1, 1, 3, 4), counting(1, 1, 2, 2), stride=2)
    yield case(counting(1, 1, 5, 4), counting(1, 1, 2, 2), stride=2, padding=1)
    yield case(counting(1, 1, 4, 4), counting(1, 1, 2, 2), stride=3, padding=1)
    if not square:
        yield case(counting(1, 1, 3, 4), counting(1, 1, 1, 3))
    bias = np.array([0.0, 100.0])
    yield case(
        counting(1, 1, 4, 5), counting(2, 1, 2, 2), bias, 2, 1, about="stride 2 and padding 1 by position"
    )
    yield from every_layout(counting(2, 3, 4, 5), counting(2, 3, 2, 2), bias)
    single = [a.astype(np.float32) for a in (counting(1, 2, 4, 3) / 8, counting(2, 2, 2, 2) / 8)]
    yield case(*single, about="float32")
    for number in range(14):
        n, c, f = ((1, 3, 2), (2, 1, 3), (3, 2, 1))[number % 3]
        kh, kw = rng.integers(1, 4, 2)
        kw = kh if square else kw
        x = rng.normal(size=(n, c, kh + rng.integers(0, 4), kw + rng.integers(0, 4)))
        arguments = (x, rng.normal(size=(f, c, kh, kw)), rng.normal(size=f))[: 2 + number % 2]
        yield drawn(*arguments, stride=int(rng.integers(1, 4)), padding=int(rng.integers(0, 3)))
    yield drawn(
        *(rng.normal(size=s) for s in ((2, 3, 4, 5), (2, 3, 2, 2), 2))
    )  # a shape seen before: nothing may be remembered
    w = (3, 5, 5, 5 if square else 4)
    yield drawn(*(rng.normal(size=s) for s in ((2, 5, 7, 6), w, 3)), stride=2, padding=6)
    yield drawn(rng.normal(size=(1, 2, 8, 9)), rng.normal(size=(3, 2, 7, 7)), padding=3)
    yield drawn(*(rng.normal(size=s) for s in ((2, 3, 18, 20), (4, 3, 3, 3 if square else 2), 4)), padding=1)


def clipped(x, w, b, stride, padding):
    """Return what windows give whose starts are lifted to 0 instead of lying in a frame."""
    (h, width), (kh, kw) = x.shape[2:], w.shape[2:]
    taken = x
    for axis, (side, k) in enumerate(((h, kh), (width, kw)), start=2):
        places = (side + 2 * padding - k) // stride + 1
        starts = (torch.arange(places) * stride - padding).clamp(min=0)
        if int(starts[-1]) + k > side:
            raise IndexError("the last window is cut off")
        taken = taken.index_select(axis, (starts[:, None] + torch.arange(k)).flatten())
    return functional.conv2d(taken, w, b, stride=(kh, kw))


def layer_mistakes() -> tuple[Draft, ...]:
    """Return the usual mistakes of a convolution layer."""
    return (
        *kernels("w")[:4], *paddings(), *strides(), *biases(), *channels(), *batches(), *unfinished(), *kernels("w")[4:],
        mistake("the last row and column hold the bias alone", "the output has the right size, but the loops "
                "end one too early: `range(n)` already stops at n − 1", "there are {rows} rows and {columns} "
                "columns to fill",
                result=lambda y, again, b: y if b is None else again(b=None)[..., :-1, :-1].clone().new_zeros(y.shape).add(functional.pad(again(b=None)[..., :-1, :-1], (0, 1, 0, 1))) + b[:, None, None]),
        mistake("windows that begin in the frame are moved into the image", "a window that begins outside "
                "the image meets zeros there: pad the image first, then start at r · stride",
                "with padding {padding} the first window begins at −{padding}", instead=clipped),
    )  # fmt: skip


def spread(x, w, b, stride, padding):
    """Return what a window times a transposed kernel gives where NumPy spreads one over the other."""
    windows = functional.pad(x, (padding,) * 4).unfold(2, w.shape[2], stride).unfold(3, w.shape[3], stride)
    y = (windows[:, None] * w.transpose(2, 3)[:, :, None, None]).sum((2, 5, 6))
    return y if b is None else y + b[:, None, None]


LAYER: dict[str, Any] = {
    "shapes": "x (n, c, h, w), w (f, c, kh, kw), b (f) -> (n, f, rows, columns)",
    "facts": corners("w"),
    "shape": "n images, a map for each of the f filters, and ⌊(side + 2·padding − kernel) / stride⌋ + 1 places along a side: "
    "({n}, {f}, {rows}, {columns})",
}  # fmt: skip
LAYER_WHY = (
    "an output is one filter on one window: multiply {c} × {kh} × {kw} pixels by {c} × {kh} × {kw} weights, "
    "add them all, add the bias; " + PLACES.replace("places", "windows")
)


@exercise(
    "Every channel, every filter", points=9, cases=conv2d_cases, why=LAYER_WHY,
    mistakes=(
        *layer_mistakes(),
        mistake("the kernels are transposed and spread", "`w.T` has other sides than the window, and NumPy "
                "spreads it over it: multiply by the kernel as it is", "{kh} × {kw} products to a kernel",
                instead=spread),
    ), **LAYER,
)  # fmt: skip
def conv2d_naive(x, w, b=None, stride=1, padding=0):
    return functional.conv2d(x, w, b, stride, padding)


def im2col_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield images to take apart into windows."""
    for shape, k in (
        ((1, 1, 3, 3), 2),
        ((1, 1, 2, 3), 1),
        ((1, 1, 2, 2), 2),
        ((1, 2, 2, 3), 2),
        ((2, 1, 2, 3), 2),
    ):
        yield case(counting(*shape), k, about="one window" if shape[2:] == (k, k) else "")
    yield case(counting(1, 1, 3, 4), 2, stride=2)
    yield case(counting(1, 1, 2, 3), 2, padding=1)
    yield case(counting(1, 1, 4, 5), 2, 2, 1, about="stride 2 and padding 1 by position")
    yield from every_layout(counting(2, 3, 4, 5), 2)
    yield case(counting(1, 2, 3, 4).astype(np.float32), 2, about="float32")
    for number in range(10):
        n, c = ((1, 3), (2, 1), (3, 2))[number % 3]
        k, stride, padding = (int(v) for v in (rng.integers(1, 4), rng.integers(1, 4), rng.integers(0, 3)))
        yield drawn(rng.normal(size=(n, c, *(k + rng.integers(0, 4, 2)))), k, stride=stride, padding=padding)
    yield drawn(rng.normal(size=(2, 3, 4, 5)), 2)  # a shape seen before: nothing may be remembered
    yield drawn(rng.normal(size=(2, 5, 7, 6)), 5, stride=2, padding=6)
    yield drawn(rng.normal(size=(1, 6, 4, 5)), 2)
    yield drawn(rng.normal(size=(2, 3, 24, 20)), 3, padding=1)


def taken_apart(*order: int, flip: bool = False, shaped: bool = True) -> Callable[..., Any]:
    """Return a change of a matrix of windows: its axes (n, c, k, k, rows, columns) in another order, forced into shape."""

    def change(y, n, c, k, rows, columns):
        windows = y.reshape(n, c, k, k, rows, columns)
        windows = windows.flip(2, 3) if flip else windows.permute(*order)
        return windows.reshape(y.shape) if shaped else windows.reshape(c * k * k, -1)

    return change


def moved_by_one(y, again, n, c, k, h, w, padding, rows, columns):
    """Return the first `rows` × `columns` windows of those that move by 1."""
    sides = [side + 2 * padding - k + 1 for side in (h, w)]
    return again(stride=1).reshape(n, c * k * k, *sides)[..., :rows, :columns].reshape(y.shape)


WINDOWS, WANTED = "with it there are {rows} · {columns} = {places} windows", "wanted ({n}, {long}, {places})"
APART = "window i of a row starts at column i · stride"


@exercise(
    "Windows as columns", points=6, cases=im2col_cases, shapes="x (n, c, h, w) -> (n, long, places)",
    facts={"rows": lambda h, k, stride, padding: (h + 2 * padding - k) // stride + 1,
           "columns": lambda w, k, stride, padding: (w + 2 * padding - k) // stride + 1},
    why="a column is one window, read channel by channel, row by row: {c} · {k} · {k} = {long} numbers; there are {rows} · {columns} = "
    "{places} columns",
    shape="(n, c·k·k, h'·w') is ({n}, {c} · {k} · {k}, {rows} · {columns}) = ({n}, {long}, {places})",
    mistakes=(
        *paddings(),
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
        mistake("the stride is ignored", "the window moves `stride` pixels at a time, in both directions",
                "in steps of {stride} there are {places} windows", stride=lambda: 1),
        mistake("the stride is used for rows only", APART, WINDOWS, stride=lambda stride: (stride, 1)),
        mistake("the stride is used for columns only", APART, WINDOWS, stride=lambda stride: (1, stride)),
        mistake("the stride sets the number of windows, but they move by 1", APART,
                "with stride {stride} the second window starts at {stride}", result=moved_by_one),
        mistake("the windows do not overlap", "the window moves on by `stride` pixels, not by its own side",
                "with stride {stride} there are {places} windows", stride=lambda k: k),
        mistake("the images are mixed by a reshape", "`reshape` moves no axis: the image's axis must be "
                "brought to the front first (`transpose`)", "({long}, {n} · {places}) must become ({n}, "
                "{long}, {places})", result=taken_apart(1, 2, 3, 0, 4, 5)),
        mistake("the image runs fastest along the columns", "each image has a matrix of its own: the result "
                "has three axes, and the image is the first", WANTED, result=taken_apart(1, 2, 3, 4, 5, 0),
                ways=({"result": taken_apart(1, 2, 3, 4, 5, 0, shaped=False)},)),
        mistake("all images lie side by side in one matrix", "each image has a matrix of its own: the result "
                "has three axes", WANTED, result=taken_apart(1, 2, 3, 0, 4, 5, shaped=False)),
        mistake("only the first channel is used", "a column holds the window of every channel",
                "{c} channels make columns of {long}", x=lambda x: x[:, :1]),
        mistake("the axes are reshaped before they are moved", "`reshape` keeps the order in memory: bring "
                "the window's axes in front of the places (`transpose`) first", "(n, c, k, k, h', w') is "
                "then ({n}, {c}, {k}, {k}, {rows}, {columns})", result=taken_apart(0, 1, 4, 5, 2, 3),
                ways=({"result": taken_apart(0, 4, 5, 1, 2, 3)},)),
        mistake("the last row and column of windows are missing", "the number of places is ⌊(side + "
                "2·padding − k) / stride⌋ + 1", "{rows} down and {columns} across",
                result=lambda y, n, long, rows, columns: y.reshape(n, long, rows, columns)[..., :-1, :-1].reshape(n, long, -1)),
    ),
)  # fmt: skip
def im2col(x, k, stride=1, padding=0):
    return functional.unfold(x, k, 1, padding, stride)


def mixed(w):
    """Return filters laid flat the other way round, so that their numbers change places."""
    return w.reshape(-1, len(w)).T.reshape(w.shape)


conv2d = question_of(conv2d_naive).oracle
SLOW = Mistake("it loops over the output's pixels", "one matrix product computes all windows at once; only loops over images, channels "
               "or kernel offsets are cheap; look for the loop here, and in your `im2col`", pixel_loop(lambda *args: conv2d.run(args, {})))  # fmt: skip


@exercise(
    "One matrix product", points=4, cases=lambda rng: conv2d_cases(rng, square=True),
    why=LAYER_WHY + "; the filters as rows (f, c·k·k), the windows as columns (c·k·k, h'·w')",
    mistakes=(
        *layer_mistakes(),
        mistake("the filters are mixed up when they are laid flat", "each filter becomes one row: "
                "`w.reshape(f, -1)`; reshaping the other way and transposing mixes them",
                "{f} rows, one a filter", w=mixed),
        mistake(SLOW.name, SLOW.explanation, answer=SLOW.answer),
    ),
    uses=(im2col,), probes=(no_pixel_loop(SLOW, lambda *args: conv2d.run(args, {})),), **LAYER,
)  # fmt: skip
def conv2d_im2col(x, w, b=None, stride=1, padding=0):
    return functional.conv2d(x, w, b, stride, padding)
