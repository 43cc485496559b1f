"""How a window is laid and moved wrongly: its kernel, its frame, its steps, its places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch.nn.functional as functional

from convbook.checks.engine.declare import Draft, mistake
from convbook.checks.engine.oracles import Named

PLACES = "there are {rows} × {columns} places"
INSIDE = "only windows that lie completely inside the image count"
LOOPS_END = "the loops end one too early: `range(n)` already stops at n − 1"


def corners(name: str) -> dict[str, Callable[..., Any]]:
    """Return the facts `first` and `last`: the first and the last number of an argument."""
    return {"first": Named(name, lambda a: a.flatten()[0]), "last": Named(name, lambda a: a.flatten()[-1])}


def kernels(w: str) -> tuple[Draft, ...]:
    """Return the ways to lay a kernel wrongly on its window."""

    def laid(name: str, why: str, here: str, function: Callable[[Any], Any], **more: Any) -> Draft:
        return mistake(name, why, here, **{w: Named(w, function)}, **more)

    return (
        laid("the kernel is flipped", "cross-correlation lays the kernel on the window as it is: its first "
             "weight meets the window's first pixel", "the window's first pixel meets the weight {first}, "
             "not {last}", lambda a: a.flip(-2, -1)),
        laid("the kernel's rows are in reverse order", "only the order of the rows is turned round",
             "the weight {first} belongs to the window's first row", lambda a: a.flip(-2)),
        laid("the kernel's columns are in reverse order", "only the order of the columns is turned round",
             "the weight {first} belongs to the window's first column", lambda a: a.flip(-1)),
        laid("the kernel is transposed", "rows and columns of each kernel are exchanged",
             "each kernel has {kh} rows and {kw} columns", lambda a: a.transpose(-2, -1)),
        laid("the weights are not used", "each pixel of the window is multiplied by its own weight before "
             "the sum", "a kernel of {kh} × {kw} has {kh} · {kw} weights", lambda a: a * 0 + 1),
        laid("only the last product counts", "the products are added up; here each overwrites the one before "
             "(`=` where `+=` is meant)", "there are {kh} · {kw} products to a kernel", _last_weight),
        laid("the kernel's last row and column are left out", "`range(n)` already stops at n − 1: all rows "
             "and columns of the kernel count", "{kh} · {kw} products to a kernel",
             lambda a: functional.pad(a[..., :-1, :-1], (0, 1, 0, 1))),
    )  # fmt: skip


def _last_weight(a: Any) -> Any:
    return functional.pad(a[..., -1:, -1:], (a.shape[-1] - 1, 0, a.shape[-2] - 1, 0))


def paddings(x: str = "x") -> tuple[Draft, ...]:
    """Return the ways to put a wrong frame round an image (n, c, h, w), or none."""

    def framed(
        name: str, why: str, here: str, sides: Callable[[int], tuple[int, ...]], mode: str = "constant"
    ) -> Draft:
        frame = Named(
            (x, "padding"),
            lambda pair: functional.pad(pair[0], sides(pair[1]), mode=mode) if pair[1] else pair[0],
        )
        return mistake(name, why, here, padding=lambda: 0, **{x: frame})

    grown = "each side grows by 2 · {padding}, not by {padding}"
    return (
        mistake("the padding is ignored", "padding puts a frame of zeros round every image first",
                "with a frame of {padding} " + PLACES, padding=lambda: 0),
        framed("the padding is put on one side only", "padding goes on all four sides", grown,
               lambda p: (p, 0, p, 0)),
        framed("the image lies in a corner of its frame", "the frame goes round the image: its first pixel "
               "lies at [padding, padding]", "{padding} rows of zeros above the image, {padding} below",
               lambda p: (0, 2 * p, 0, 2 * p)),
        framed("the padding is doubled", "`padding` already is the width of the frame on each side",
               "{h} + 2 · {padding} rows", lambda p: (2 * p,) * 4),
        framed("the frame repeats the border instead of zeros", "the padding here is made of zeros",
               "the frame is {padding} wide", lambda p: (p,) * 4, "replicate"),
        framed("the frame mirrors the image instead of zeros", "the padding here is made of zeros",
               "the frame is {padding} wide", lambda p: (p,) * 4, "reflect"),
        framed("the frame continues the image from its other side", "the padding here is made of zeros",
               "the frame is {padding} wide", lambda p: (p,) * 4, "circular"),
        framed("the padding goes round images and channels too", "only height and width are padded: np.pad "
               "takes one pair for each axis", "the images stay n = {n}, the channels c = {c}",
               lambda p: (p,) * 8),
    )  # fmt: skip


def strides() -> tuple[Draft, ...]:
    """Return the ways to move a window wrongly over an image, for results that end in (rows, columns)."""
    both = "the window moves `stride` pixels at a time, in both directions"
    steps = "in steps of {stride} " + PLACES
    return (
        mistake("the stride is ignored", both, steps, stride=lambda: 1),
        mistake("the stride is used for rows only", both, PLACES, stride=lambda stride: (stride, 1)),
        mistake("the stride is used for columns only", both, PLACES, stride=lambda stride: (1, stride)),
        mistake("the stride sets the size, but the window moves by 1", "output row i looks at the image from "
                "row i · stride on", "with stride {stride} the second window begins at {stride}",
                result=lambda y, again: again(stride=1)[..., : y.shape[-2], : y.shape[-1]]),
        mistake("the row start forgets the stride", "output row i looks at the image from row i · stride on",
                "the second row of windows begins at {stride}",
                result=lambda y, again, stride: again(stride=(1, stride))[..., : y.shape[-2], :]),
        mistake("the column start forgets the stride", "output column j looks at the image from column j · "
                "stride on", "the second column of windows begins at {stride}",
                result=lambda y, again, stride: again(stride=(stride, 1))[..., : y.shape[-1]]),
        mistake("the window never moves down", "output row i looks at the image from row i · stride on",
                "there are {rows} rows", result=lambda y: y[..., :1, :].expand(y.shape)),
        mistake("the window never moves to the right", "output column j looks at the image from column j · "
                "stride on", "there are {columns} columns", result=lambda y: y[..., :1].expand(y.shape)),
    )  # fmt: skip


def unfinished() -> tuple[Draft, ...]:
    """Return the ways to leave a part of a result (…, rows, columns) out, or empty."""
    size = "there are {rows} rows and {columns} columns to fill"
    return (
        mistake("the last row and column are missing", "the number of places is ⌊(side + 2·padding − kernel) "
                "/ stride⌋ + 1: the + 1 counts the first place", "there are {rows} rows and {columns} "
                "columns", result=lambda y: y[..., :-1, :-1]),
        mistake("the last row and column are never written",
                "the output has the right size, but " + LOOPS_END, size,
                result=lambda y: kept(y, y[..., :-1, :-1])),
        mistake("only the first output is computed", "every filter on every window gives one output: is the "
                "`return` inside the loops?", "there are {rows} × {columns} places",
                result=lambda y: kept(y, y[(slice(1),) * y.dim()])),
        mistake("only the first row is computed", "is the `return` inside the loop over the rows?",
                "there are {rows} rows", result=lambda y: kept(y, y[..., :1, :])),
    )  # fmt: skip


def kept(y: Any, part: Any) -> Any:
    """Return zeros in the shape of `y`, with a part that lies at its beginning filled in."""
    empty = y * 0
    empty[tuple(slice(side) for side in part.shape)] = part
    return empty


def overhanging(x: str, here: str = PLACES) -> tuple[Draft, ...]:
    """Return the way to let windows of (kh, kw) hang over the edges of an image (h, w)."""

    def hanging(top: int) -> Callable[[Any], Any]:
        return Named(
            (x, "kh", "kw"),
            lambda v: functional.pad(v[0], (top * (v[2] - 1), v[2] - 1, top * (v[1] - 1), v[1] - 1)),
        )

    return (
        mistake("windows that hang over the edge count too", INSIDE, here, **{x: hanging(1)},
                ways=({x: hanging(0)},)),
    )  # fmt: skip


def exchanged(x: str) -> tuple[Draft, ...]:
    """Return the ways to take rows for columns, in an image (h, w) and in a result (rows, columns)."""
    return (
        mistake("the image is read with rows and columns exchanged",
                f"`{x}[row, column]`: the first index " "runs down the image, the second across",
                "the image has {h} rows and {w} columns", **{x: Named(x, lambda a: a.T)}),
        mistake("rows and columns of the output are swapped", "the output's first axis runs down the image",
                "wanted: {rows} down, {columns} across", result=lambda y: y.T),
    )  # fmt: skip
