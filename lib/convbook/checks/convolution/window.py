"""One window on one image: `corr2d`, and a kernel turned round: `flip180`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as functional

from convbook.checks.engine.declare import case, counting, drawn, every_layout, exercise, mistake
from convbook.checks.engine.families import PLACES, corners, kernels, unfinished
from convbook.forms import Case

INSIDE = "only windows that lie completely inside the image count"


def corr2d_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield images and kernels of all shapes and layouts."""
    yield case(counting(3, 3), counting(2, 2))
    yield case(counting(3, 4), np.array([[1.0, 0.0], [0.0, -1.0]]))
    yield case(counting(2, 4), counting(1, 3))
    yield case(counting(4, 2), counting(3, 1))
    yield case(counting(3, 3), counting(3, 3), about="the kernel is as large as the image")
    yield case(counting(1, 1), np.array([[2.0]]))
    yield case(np.eye(6), 4.0 ** np.arange(9).reshape(3, 3))
    yield from every_layout(counting(4, 5), counting(2, 3))
    yield case(counting(4, 5).astype(np.float32), counting(2, 3).astype(np.float32), about="float32")
    for _ in range(12):
        kh, kw = rng.integers(1, 4, 2)
        yield drawn(
            rng.normal(size=(kh + rng.integers(0, 5), kw + rng.integers(0, 5))), rng.normal(size=(kh, kw))
        )
    yield drawn(
        rng.normal(size=(4, 5)), rng.normal(size=(2, 3))
    )  # a shape seen before: nothing may be remembered
    yield drawn(rng.normal(size=(9, 8)), rng.normal(size=(5, 6)))
    yield drawn(rng.normal(size=(36, 40)), rng.normal(size=(3, 4)))


def windows(x, kh, kw):
    return x.unfold(0, kh, 1).unfold(1, kw, 1)


@exercise(
    "One window at a time", points=5, cases=corr2d_cases, shapes="x (h, w), k (kh, kw) -> (rows, columns)", facts=corners("k"),
    why="every output is the sum of {kh} × {kw} products, and the window starts at the output's own place",
    shape="a window of {kh} × {kw} finds {h} − {kh} + 1 = {rows} places down and {w} − {kw} + 1 = {columns} across",
    help=("could not be broadcast together", "out of bounds", "only integer scalar arrays", "could not broadcast input array"),
    mistakes=(
        *kernels("k"), *unfinished(),
        mistake("the kernel is transposed and spread", "`k.T` has other sides than the window, and NumPy "
                "spreads it over it: multiply by `k` as it is", "{kh} × {kw} products",
                instead=lambda x, k, kh, kw: (windows(x, kh, kw) * k.T).sum((2, 3))),
        mistake("the image is padded", "this exercise has no padding: " + INSIDE, PLACES,
                x=lambda x, kh, kw: functional.pad(x, ((kw - 1) // 2, kw // 2, (kh - 1) // 2, kh // 2))),
        mistake("windows that hang over the edge count too", INSIDE, PLACES,
                x=lambda x, kh, kw: functional.pad(x, (kw - 1, kw - 1, kh - 1, kh - 1)),
                ways=({"x": lambda x, kh, kw: functional.pad(x, (0, kw - 1, 0, kh - 1))},)),
        mistake("the window's products are averaged, not summed", "a convolution adds its products; dividing "
                "by their number is a box filter's own choice of weights", "yours is smaller by a factor of "
                "{kh} · {kw}", result=lambda y, kh, kw: y / (kh * kw)),
        mistake("it is divided by the sum of the weights", "a convolution only multiplies and adds",
                result=lambda y, k: y / k.sum()),
        mistake("the sum goes on from window to window", "every window starts again from 0", PLACES,
                result=lambda y: y.flatten().cumsum(0).reshape(y.shape)),
        mistake("the sum goes on along a row", "every window starts again from 0, not every row", PLACES,
                result=lambda y: y.cumsum(1)),
        mistake("window and kernel are multiplied as matrices", "each pixel meets its own weight: use `*`, "
                "not `@`", "{kh} × {kw} products",
                instead=lambda x, k, kh, kw: (windows(x, kh, kw) @ k).sum((2, 3))),
        mistake("the windows do not overlap", "the window moves on by one pixel, not by its own width",
                PLACES,
                instead=lambda x, k: functional.conv2d(x[None, None], k[None, None], stride=k.shape)[0, 0]),
        mistake("the output is as large as the image", "a window has fewer places than the image has pixels: "
                "side − kernel + 1 along each side", PLACES,
                result=lambda y, kh, kw: functional.pad(y, (0, kw - 1, 0, kh - 1))),
        mistake("the image is read with rows and columns exchanged", "`x[row, column]`: the first index runs "
                "down the image, the second across", "the image has {h} rows and {w} columns",
                x=lambda x: x.T),
        mistake("rows and columns of the output are swapped", "the output's first axis runs down the image",
                "wanted: {rows} down, {columns} across", result=lambda y: y.T),
    ),
)  # fmt: skip
def corr2d(x, k):
    return functional.conv2d(x[None, None], k[None, None])[0, 0]


def flip180_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield kernels of all shapes and layouts."""
    yield case(counting(2, 2))
    yield case(counting(2, 3))
    yield case(counting(1, 3))
    yield case(counting(3, 3))
    yield from every_layout(counting(2, 3))
    yield case(counting(3, 2).astype(np.float32), about="float32")
    for _ in range(6):
        yield drawn(rng.normal(size=tuple(rng.integers(1, 5, 2))))
    yield drawn(rng.normal(size=(40, 50)))


def overwritten(kernel):
    """Return a kernel turned in its own memory: the second half reads what the first has already changed."""
    first, half = kernel.flatten(), (kernel.numel() + 1) // 2
    return torch.cat([first.flip(0)[:half], first[half:]]).reshape(kernel.shape)


BOTH, KEPT, LAST = (
    "half a turn reverses rows and columns",
    "the shape stays ({kh}, {kw})",
    "the last corner must hold {first}",
)
FIRST = "the first corner must hold {last}, not {first}"


@exercise(
    "Turn it round", points=2, cases=flip180_cases, shapes="k (kh, kw) -> (rows, columns)", facts=corners("k"),
    why="after half a turn the weight {last} of the last corner stands in the first",
    shape="half a turn keeps the shape: ({kh}, {kw})",
    mistakes=(
        mistake("only the rows are reversed", BOTH, LAST, result=lambda k: k.flip(0)),
        mistake("only the columns are reversed", BOTH, LAST, result=lambda k: k.flip(1)),
        mistake("it is transposed", "a transpose mirrors at the diagonal; half a turn keeps the shape", KEPT,
                result=lambda k: k.T),
        mistake("it is mirrored at the other diagonal", "half a turn keeps rows as rows", KEPT,
                result=lambda k: k.T.flip(0, 1)),
        mistake("it is turned by a quarter to the left", "180 degrees are two quarter turns", KEPT,
                result=lambda k: k.rot90(1)),
        mistake("it is turned by a quarter to the right", "180 degrees are two quarter turns", KEPT,
                result=lambda k: k.rot90(-1)),
        mistake("it is not turned at all", "the kernel came back as it was", FIRST, result=lambda k: k),
        mistake("the signs are flipped, not the places", "the weights keep their values and change their "
                "places", "{last} moves to the first corner", result=lambda k: -k),
        mistake("half of it is read after it was overwritten", "the loop writes into the kernel it still "
                "reads from: read from the original, write into a new array", LAST,
                result=lambda k: overwritten(k)),
        mistake("the counting from the end begins at 0", "`k[-0]` is `k[0]`: the last entry is `k[-1]`, so "
                "index i becomes −1 − i", FIRST, result=lambda y: y.roll((1, 1), (0, 1))),
        mistake("the first row and column are lost", "a slice leaves its end out: `a[-1:0:-1]` stops before "
                "entry 0, `a[::-1]` goes all the way", KEPT, k=lambda k: k[1:, 1:]),
    ),
)  # fmt: skip
def flip180(k):
    return k.flip(0, 1)
