"""Drills of unit 04: pooling by hand, and gradients that pass ReLU, pooling and convolution."""

from __future__ import annotations

from typing import Any

import numpy as np

from convbook.checks.pooling_and_backprop import (
    avgpool2d,
    conv2d_backward_weight,
    maxpool2d,
    maxpool2d_backward,
    relu_backward,
    slices_after_regrouping,
)  # fmt: skip
from convbook.drills.kinds import Facts, kind, one_of, pick, shown, some
from convbook.drills.shared import right, slips
from convbook.drills.start import table


def _map(rng: np.random.Generator, low: int = 0) -> Facts:
    """Return 4 × 4 pixels; with `low` below 0 some windows show whether signs are taken as they are."""
    x = rng.integers(0, 10, (4, 4))
    if low < 0:
        x[:2, 2:] = np.array(some(rng, 4, low, -1)).reshape(2, 2)
        x[2 + pick(rng, 0, 1), pick(rng, 0, 1)] = low - 9
    return {"x": x[None, None].astype(float), "rows": x.tolist(), "k": 2}


def _row(y: Any, facts: Facts | None = None) -> tuple[float, ...] | None:
    """Return a map as a row of numbers; None where it is not of 2 × 2."""
    return tuple(float(one) for one in np.ravel(y)) if np.size(y) == 4 else None


def _windows(rows: list[list[int]]) -> list[list[int]]:
    return [[rows[i][j], rows[i][j + 1], rows[i + 1][j], rows[i + 1][j + 1]] for i in (0, 2) for j in (0, 2)]


def _pooled(word: str) -> Any:
    def worked(rows: list[list[int]], answer: tuple) -> str:
        lines = [
            f"{', '.join(map(shown, w))} → {shown(y)}" for w, y in zip(_windows(rows), answer, strict=True)
        ]
        return f"{word} of each window, row by row:\n{'; '.join(lines)}.\nTogether {shown(answer)}."

    return worked


def _routes(rng: np.random.Generator) -> Facts:
    """Return 3 × 3 pixels whose middle is the largest of more than one window."""
    x = np.array(some(rng, 9, 0, 9)).reshape(3, 3)
    if x.argmax() != 4:
        x.flat[x.argmax()], x.flat[4] = x.flat[4], x.flat[x.argmax()]
    dout = np.array(some(rng, 4, 1, 9)).reshape(2, 2)
    return {"x": x[None, None].astype(float), "rows": x.tolist(), "dout": dout[None, None].astype(float), "k": 2, "stride": 1,
            "gradients": dout.tolist(), "flat": [int(one) for one in dout.flat]}  # fmt: skip


def _middle(y: Any, facts: Facts | None = None) -> float | None:
    return float(np.reshape(y, (3, 3))[1, 1]) if np.size(y) == 9 else None


def _gates(rng: np.random.Generator) -> Facts:
    x = [one_of(rng, -4, -3, -2, -1), pick(rng, 1, 5), one_of(rng, -3, -1), pick(rng, 2, 6)]
    dout = [one_of(rng, 2, 3, 4), one_of(rng, -5, -3, -2), one_of(rng, -4, -1), pick(rng, 2, 9)]
    order = rng.permutation(4)
    x, dout = ([values[int(i)] for i in order] for values in (x, dout))
    return {"x": np.array(x, float), "dout": np.array(dout, float), "inputs": x, "gradients": dout}


def _line(rng: np.random.Generator) -> Facts:
    x, dout = [int(one) for one in rng.integers(-4, 7, 4)], [int(one) for one in rng.integers(-3, 6, 3)]
    return {"pixels": x, "gradients": dout}


def _weight(facts: Facts) -> Facts:
    return {"dout": np.array(facts["gradients"], float).reshape(1, 1, 1, 3), "x": np.array(facts["pixels"], float).reshape(1, 1, 1, 4),
            "w_shape": (1, 1, 1, 2)}  # fmt: skip


def _sum(pixels: list[int], gradients: list[int]) -> int:
    return sum(a * b for a, b in zip(pixels, gradients, strict=False))


def _signed(number: int) -> str:
    return f"({shown(number)})" if number < 0 else shown(number)


KINDS = (
    kind("max_pooling", "04", "Max pooling by hand", draw=lambda rng: _map(rng, -6),
         ask=lambda rows: f"A map has the rows {table(rows)}. What does max pooling with 2 × 2 windows and stride 2 give, row by row?",
         answer=lambda x: _row(right(maxpool2d, x=x, k=2)), worked=_pooled("The largest number"),
         mistakes=slips(maxpool2d, "it is the average of the window", "it is the smallest pixel of the window",
                        "it is the top left pixel of the window", "it is the largest absolute value",
                        "rows and columns of the output are swapped", "a window below 0 gives 0", part=_row)),
    kind("average_pooling", "04", "Average pooling by hand", draw=_map, decimals=2,
         ask=lambda rows: f"A map has the rows {table(rows)}. What does average pooling with 2 × 2 windows and stride 2 give, row by "
                          "row? (Two decimals.)",
         answer=lambda x: _row(right(avgpool2d, x=x, k=2)), worked=_pooled("The mean"),
         mistakes={
             "it is the sum of each window: a mean is divided by how many there are":
                 lambda rows: tuple(sum(one) for one in _windows(rows)),
             "it is the largest of each window: that is max pooling": lambda rows: tuple(max(one) for one in _windows(rows)),
             "it is divided by the window's side: a window of 2 × 2 has 4 pixels":
                 lambda rows: tuple(sum(one) / 2 for one in _windows(rows)),
             "rows and columns of the output are swapped: it is read row by row":
                 lambda rows: tuple(sum(_windows(rows)[i]) / 4 for i in (0, 2, 1, 3)),
         }),
    kind("max_pooling_backward", "04", "The way back through max pooling", draw=_routes,
         ask=lambda rows, gradients: f"Max pooling with 2 × 2 windows and stride 1 saw the rows {table(rows)}. The gradient of its output is "
                                     f"{table(gradients)}. What is the gradient of the pixel in the middle?",
         answer=lambda dout, x: round(_middle(right(maxpool2d_backward, dout=dout, x=x, k=2, stride=1))),
         worked=lambda rows, flat, answer: f"The middle, {rows[1][1]}, is the largest number of all four windows.\n"
                                           f"The gradients that arrive there add up: {' + '.join(map(str, flat))} = {answer}.",
         mistakes={
             "one window's gradient overwrites the other: they add up": lambda flat: flat[-1],
             "only the first window is counted: the pixel wins in all of them": lambda flat: flat[0],
             "the gradient is shared out evenly, as in average pooling: the largest pixel gets all of it":
                 lambda flat: sum(flat) / 4,
             "the gradient is multiplied by the pixel: pooling has a slope of 1 or 0": lambda flat, rows: sum(flat) * rows[1][1],
             "the largest gradient wins: all that arrive are added": lambda flat: max(flat) if max(flat) not in (flat[0], flat[3]) else None,
         }),
    kind("relu_gradient", "04", "The way back through a ReLU", draw=_gates,
         ask=lambda inputs, gradients: f"A ReLU got {shown(tuple(inputs))}. The gradient of its output is {shown(tuple(gradients))}. "
                                       "What is the gradient of its input?",
         answer=lambda dout, x: _row(right(relu_backward, dout=dout, x=x)),
         worked="The gradient passes where the input was above 0, and is 0 elsewhere:\n{answer}.",
         mistakes=slips(relu_backward, "everything passes", "the gradient's sign decides, not the input's",
                        "it passes where the input was negative", "it is the slope alone", "negative gradients are stopped too",
                        "it is the ReLU of the input", part=_row)),
    kind("regrouped_filters", "04", "Regrouped filters", draw=lambda rng: {"f": one_of(rng, 10, 12, 16, 20), "c": pick(rng, 2, 6)},
         ask="A layer has {f} filters on {c} input channels. For the way back their slices are regrouped. "
             "How many filters are there then, and how deep is each? (Two numbers.)",
         answer=lambda f, c: tuple(right(slices_after_regrouping, f=f, c=c)),
         worked="Each of the {c} input channels gets a filter of its own,\nwith one slice from each of the {f} old filters: {answer}.",
         mistakes=slips(slices_after_regrouping, "the two numbers are exchanged", "every slice is a filter by itself",
                        "all slices make one filter", "the number of filters stays what it was", "the depth stays what it was")),
    kind("weight_gradient", "04", "The gradient of one weight", draw=_line,
         ask=lambda pixels, gradients: f"A kernel of 2 weights moves along the pixels {shown(tuple(pixels))} with stride 1. The gradients of "
                                       f"the outputs are {shown(tuple(gradients))}. What is the gradient of the first weight?",
         answer=lambda pixels, gradients: round(float(right(
             conv2d_backward_weight, **_weight({"pixels": pixels, "gradients": gradients}))[0].ravel()[0])),
         worked=lambda pixels, gradients, answer:
             "The first weight met the first pixel of each window; each product counts:\n"
             + " + ".join(f"{_signed(a)} · {_signed(b)}" for a, b in zip(pixels, gradients, strict=False)) + f" = {shown(answer)}.",
         mistakes={
             "it is the other weight's: the first weight meets the first pixel of each window":
                 lambda pixels, gradients: _sum(pixels[1:], gradients),
             "the gradients are flipped: a weight's gradient needs no flip": lambda pixels, gradients: _sum(pixels, gradients[::-1]),
             "the places are averaged: a shared weight's gradients add up": lambda pixels, gradients: _sum(pixels, gradients) / 3,
             "only the first place is counted: the weight is used at each": lambda pixels, gradients: pixels[0] * gradients[0],
             "the pixels are left out: each gradient is multiplied by the pixel that the weight met": lambda gradients: sum(gradients),
         }),
)  # fmt: skip
