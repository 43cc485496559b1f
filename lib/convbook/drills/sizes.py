"""Drills of unit 01: how many places fit, and what a filter makes of a window."""

from __future__ import annotations

import numpy as np

from convbook.checks.convolution import conv_out_size, same_padding
from convbook.drills.kinds import Facts, Volume, kind, one_of, pick, shown
from convbook.drills.shared import right, slips

COUNTED = (
    "the + 1 is missing", "the padding is ignored", "the padding is counted once", "the stride is ignored", "it rounds up",
)  # fmt: skip
SIDE = "{n} + 2 · {padding} − {k} = {room} pixels of room.\n⌊{room} / {stride}⌋ = {steps} steps, and the first place: {side}."


def _window(rng: np.random.Generator) -> Facts:
    """Return a window whose last step does not fit, so that rounding matters."""
    while True:
        n, k, stride, padding = pick(rng, 9, 64), one_of(rng, 3, 5, 7), pick(rng, 2, 3), pick(rng, 1, 5)
        room = n + 2 * padding - k
        once = (
            room - padding
        ) // stride  # the steps with one side's padding: another number than with one step too few
        if room % stride and n > k and once not in (room // stride, room // stride - 1):
            return {"n": n, "k": k, "stride": stride, "padding": padding, "room": room, "steps": room // stride,
                    "side": room // stride + 1}  # fmt: skip


def _volume(rng: np.random.Generator) -> Facts:
    return {**_window(rng), "c": one_of(rng, 1, 3, 4, 8), "f": one_of(rng, 6, 10, 12, 16)}


def _stride(rng: np.random.Generator) -> Facts:
    while True:
        n, k = pick(rng, 10, 40), one_of(rng, 3, 4, 5, 6, 7)
        if _only(n - k) and (_only(n) or _only(n - k + 1)):
            return {"n": n, "k": k, "room": n - k}


def _only(number: int) -> int | None:
    """Return the one of the three strides that divides a number, if there is just one."""
    fitting = [stride for stride in (2, 3, 5) if number % stride == 0]
    return fitting[0] if len(fitting) == 1 else None


def _places(at: int, n: int, k: int) -> int:
    """Return how many windows of `k` along a side of `n` cover the pixel at `at`."""
    return min(at, n - k) - max(0, at - k + 1) + 1


def _pixel(rng: np.random.Generator) -> Facts:
    n, k = pick(rng, 6, 9), pick(rng, 3, 4)
    row, column = pick(rng, 0, k - 1), pick(rng, 1, n - 1)
    return {
        "n": n,
        "k": k,
        "row": row,
        "column": column,
        "rows": _places(row, n, k),
        "columns": _places(column, n, k),
    }


def _patch(rng: np.random.Generator) -> Facts:
    x, w = rng.integers(0, 10, 4), rng.integers(-3, 4, 4)
    return {"x": [int(one) for one in x], "w": [int(one) for one in w], "bias": one_of(rng, -4, -2, 3, 5)}


def _square(numbers: list[int]) -> str:
    return "  ".join(" ".join(shown(one) for one in row) for row in (numbers[:2], numbers[2:])).replace(
        "  ", " / "
    )


def _products(x: list[int], w: list[int], bias: int, answer: int) -> str:
    terms = " + ".join(f"{a} · ({shown(b)})" if b < 0 else f"{a} · {b}" for a, b in zip(x, w, strict=True))
    total = sum(a * b for a, b in zip(x, w, strict=True))
    return f"{terms} = {shown(total)}.\nWith the bias {shown(bias)}: {shown(answer)}."


KINDS = (
    kind("output_size", "01", "How many places fit", exam=("output size",), draw=_window, square=True,
         ask="An image of {n} × {n} pixels, a {k} × {k} filter, stride {stride}, padding {padding}. "
             "How many pixels wide is the output?",
         answer=lambda n, k, stride, padding: right(conv_out_size, n=n, k=k, stride=stride, padding=padding),
         worked=SIDE,
         mistakes={**slips(conv_out_size, *COUNTED),
                   "it is not rounded: a side has whole pixels, and a step that does not fit is not taken":
                       lambda room, stride: room / stride + 1}),
    kind("output_volume", "01", "The shape of the output", exam=("output volume",), draw=_volume,
         ask="{f} filters of {k} × {k} move over an input of shape ({c}, {n}, {n}) with stride {stride} and padding {padding}. "
             "What is the shape of the output?",
         answer=lambda n, k, stride, padding, f: Volume(
             f, *[right(conv_out_size, n=n, k=k, stride=stride, padding=padding)] * 2),
         worked=SIDE + "\nEvery filter makes one map: ({f}, {side}, {side}).",
         mistakes={
             **slips(conv_out_size, *COUNTED, part=lambda side, facts: Volume(facts["f"], int(side), int(side))),
             "the input's channels are kept: every filter looks at all channels and makes one map":
                 lambda c, side: Volume(c, side, side),
             "channels and filters are multiplied: a filter adds up its channels, and makes one map":
                 lambda c, f, side: Volume(c * f, side, side) if c > 1 else None,
         }),
    kind("stride_that_fits", "01", "Which stride fits", draw=_stride,
         ask="A window of {k} pixels moves along a side of {n} pixels without padding. "
             "Which of the strides 2, 3 and 5 leads it exactly to the last pixel?",
         answer=lambda room: _only(room),
         worked="{n} − {k} = {room} pixels of room.\nOf 2, 3 and 5 only {answer} divides {room} without a remainder.",
         mistakes={
             "the window's own length is forgotten: the room is the side without one window": lambda n: _only(n),
             "the places are divided, not the steps: the + 1 comes after the division": lambda room: _only(room + 1),
         }),
    kind("same_padding", "01", "Padding that keeps the size", draw=lambda rng: {"k": one_of(rng, 5, 7, 9, 11, 13, 15)},
         ask="A {k} × {k} filter moves with stride 1. Which padding on each side keeps the size of the image?",
         answer=lambda k: right(same_padding, k=k),
         worked=lambda k, answer: f"A filter of {k} makes a side shorter by {k} − 1 = {k - 1}.\nHalf of it on each side: {answer}.",
         mistakes=slips(same_padding, "it is the padding of both sides together", "it rounds up",
                        "it is the kernel's own side", "it is 1 for every kernel")),
    kind("windows_on_a_pixel", "01", "Who looks at the border", draw=_pixel,
         ask="A {k} × {k} window moves with stride 1 over {n} × {n} pixels, without padding. "
             "How many windows see the pixel in row {row}, column {column}, counted from 0?",
         answer=lambda rows, columns: rows * columns,
         worked="{rows} places from top to bottom cover row {row}, and {columns} from left to right cover column {column}.\n"
                "Each goes with each: {rows} · {columns} = {answer}.",
         mistakes={
             "every pixel counts as seen k · k times: that holds in the middle only": lambda k: k * k,
             "the places of both directions are added: each row of places meets each column": lambda rows, columns: rows + columns,
             "only the rows are looked at: the window moves in both directions": lambda rows: rows,
             "all windows are counted: a window counts only if it covers the pixel": lambda n, k: (n - k + 1) ** 2,
         }),
    kind("one_window", "01", "One window by hand", draw=_patch,
         ask=lambda x, w, bias: f"A window shows the pixels {_square(x)} (two rows), the kernel is {_square(w)}, the bias "
                                f"{shown(bias)}. What does the convolution of a network give there?",
         answer=lambda x, w, bias: sum(a * b for a, b in zip(x, w, strict=True)) + bias,
         worked=_products,
         mistakes={
             "the kernel is flipped: a network's convolution lays it on the pixels as it is":
                 lambda x, w, bias: sum(a * b for a, b in zip(x, w[::-1], strict=True)) + bias,
             "the bias is missing: it is added to the sum of the products":
                 lambda x, w: sum(a * b for a, b in zip(x, w, strict=True)),
             "the bias is subtracted: it is added, with its sign":
                 lambda x, w, bias: sum(a * b for a, b in zip(x, w, strict=True)) - bias,
             "the products are averaged: a convolution adds them up":
                 lambda x, w, bias: sum(a * b for a, b in zip(x, w, strict=True)) / 4 + bias,
             "negative weights are taken as positive: the sign of a weight counts":
                 lambda x, w, bias: sum(a * abs(b) for a, b in zip(x, w, strict=True)) + bias,
         }),
)  # fmt: skip
