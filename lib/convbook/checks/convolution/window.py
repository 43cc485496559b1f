"""One window on one image: `corr2d`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from convbook.checks.convolution import oracle
from convbook.checks.judge import exercise
from convbook.checks.question import Question, bent, case, drawn, every_layout
from convbook.forms import Case


def counting(*shape: int) -> np.ndarray:
    """Return 1, 2, 3, … in a shape: numbers a reader can follow by hand."""
    return np.arange(1.0, np.prod(shape) + 1).reshape(shape)


def corr2d_facts(x: np.ndarray, k: np.ndarray) -> dict[str, Any]:
    """Return the numbers that explain one window on one image."""
    (h, w), (kh, kw) = x.shape, k.shape
    return {
        "h": h, "w": w, "kh": kh, "kw": kw, "rows": h - kh + 1, "columns": w - kw + 1, "weights": kh * kw,
        "first": f"{k[0, 0]:g}", "last": f"{k[-1, -1]:g}", "pixel": f"{x[0, 0]:g}",
    }  # fmt: skip


def corr2d_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield images and kernels of all shapes and layouts."""
    yield case(counting(3, 3), counting(2, 2))
    yield case(counting(3, 4), np.array([[1.0, 0.0], [0.0, -1.0]]))
    yield case(counting(2, 4), counting(1, 3))
    yield case(counting(4, 2), counting(3, 1))
    yield case(counting(3, 3), counting(3, 3), about="the kernel is as large as the image")
    yield case(counting(1, 1), np.array([[2.0]]))
    yield case(oracle.tensor(np.eye(6)).numpy(), 4.0 ** np.arange(9).reshape(3, 3))
    yield from every_layout(counting(4, 5), counting(2, 3))
    yield case(counting(4, 5).astype(np.float32), counting(2, 3).astype(np.float32), about="float32")
    for _ in range(12):
        kh, kw = rng.integers(1, 4, 2)
        h, w = kh + rng.integers(0, 5), kw + rng.integers(0, 5)
        yield drawn(rng.normal(size=(h, w)), rng.normal(size=(kh, kw)))
    yield drawn(
        rng.normal(size=(4, 5)), rng.normal(size=(2, 3))
    )  # a shape that was there before: nothing may be remembered
    yield drawn(rng.normal(size=(9, 8)), rng.normal(size=(5, 6)))
    yield drawn(rng.normal(size=(36, 40)), rng.normal(size=(3, 4)))


corr2d = exercise(
    Question(
        name="corr2d",
        title="One window at a time",
        points=5,
        oracle=oracle.corr2d,
        cases=corr2d_cases,
        facts=corr2d_facts,
        look_at="every output is the sum of {kh} × {kw} products, and the window starts at the output's own place",
        shape="a window of {kh} × {kw} finds {h} − {kh} + 1 = {rows} places down and {w} − {kw} + 1 = {columns} across",
        mistakes=(
            bent(oracle.corr2d, "the kernel is flipped",
                 "cross-correlation lays the kernel on the window as it is: its first weight meets the window's first pixel",
                 "here the weight {first} meets the pixel {pixel} at the top left, not the weight {last}", kernel="flipped"),
            bent(oracle.corr2d, "the kernel's rows are in reverse order", "only the order of the rows is turned round",
                 "the weight {first} belongs to the window's first row", kernel="rows flipped"),
            bent(oracle.corr2d, "the kernel's columns are in reverse order", "only the order of the columns is turned round",
                 "the weight {first} belongs to the window's first column", kernel="columns flipped"),
            bent(oracle.corr2d, "the kernel is transposed", "rows and columns of the kernel are exchanged",
                 "the kernel has {kh} rows and {kw} columns", kernel="transposed"),
            bent(oracle.corr2d, "the last row and column are missing",
                 "the number of places is side − kernel + 1: the + 1 counts the first place",
                 "{h} − {kh} + 1 = {rows} rows and {w} − {kw} + 1 = {columns} columns", size="short"),
            bent(oracle.corr2d, "the image is padded",
                 "this exercise has no padding: only windows that lie wholly inside the image count",
                 "a kernel of {kh} × {kw} leaves {rows} × {columns} places in {h} × {w}", size="same"),
            bent(oracle.corr2d, "the window's products are averaged, not summed",
                 "a convolution adds its products; dividing by their number is a box filter's own choice of weights",
                 "yours is smaller by a factor of {kh} · {kw} = {weights}", total="mean"),
            bent(oracle.corr2d, "it is divided by the sum of the weights", "a convolution only multiplies and adds",
                 "the {weights} products are added up", total="normalised"),
            bent(oracle.corr2d, "only the last product counts", "the products are added up; here each overwrites the one before (`=` where `+=` is meant)",
                 "there are {weights} products", kernel="last weight"),
            bent(oracle.corr2d, "the sum goes on from window to window", "every window starts again from 0", "there are {rows} × {columns} windows",
                 total="running"),
            bent(oracle.corr2d, "window and kernel are multiplied as matrices", "each pixel meets its own weight: use `*`, not `@`",
                 "{kh} × {kw} products, one for each weight", total="matrix product"),
            bent(oracle.corr2d, "only the first output is filled", "every window gives one output: is the `return` inside the loops?",
                 "there are {rows} × {columns} outputs", size="first output"),
            bent(oracle.corr2d, "only the first row is filled", "is the `return` inside the loop?", "there are {rows} rows", size="first row"),
            bent(oracle.corr2d, "the windows do not overlap", "the window moves on by one pixel, not by its own width",
                 "there are {rows} × {columns} places", size="apart"),
            bent(oracle.corr2d, "the weights are not used",
                 "each pixel of the window is multiplied by its own weight before the sum",
                 "the number of weights here is {weights}", kernel="all ones"),
            bent(oracle.corr2d, "the last row and column are never written",
                 "the output has the right size, but the loops end one too early: `range(n)` already stops at n − 1",
                 "there are {rows} rows and {columns} columns to fill", size="never last"),
            bent(oracle.corr2d, "the output is as large as the image", "a window has fewer places than the image has pixels: side − kernel + 1 along each side",
                 "{h} − {kh} + 1 = {rows} rows and {w} − {kw} + 1 = {columns} columns", size="image"),
            bent(oracle.corr2d, "windows that hang over the edge count too", "only windows that lie wholly inside the image count",
                 "a kernel of {kh} × {kw} leaves {rows} × {columns} places in {h} × {w}", size="overhang"),
            bent(oracle.corr2d, "the sum goes on along a row", "every window starts again from 0, not every row",
                 "there are {columns} windows in a row", total="running in a row"),
            bent(oracle.corr2d, "the image is read with rows and columns exchanged", "`x[row, column]`: the first index runs down the image, the second across",
                 "the image has {h} rows and {w} columns", axes="image swapped"),
            bent(oracle.corr2d, "rows and columns of the output are swapped", "the output's first axis runs down the image",
                 "wanted: {rows} down, {columns} across", axes="swapped"),
        ),
    )
)  # fmt: skip
