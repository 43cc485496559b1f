"""One window on one image: `corr2d`, and a kernel turned round: `flip180`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as functional

from convbook.checks.engine import families
from convbook.checks.engine.declare import case, draws, every_form, exercise, mistake, table
from convbook.forms import Case


def corr2d_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield images and kernels of all shapes and layouts."""
    yield from table(((3, 3), (2, 2)), ((3, 4), [[1.0, 0], [0, -1]]), ((2, 4), (1, 3)), ((4, 2), (3, 1)))
    yield from table(((3, 3), (3, 3), "the kernel is as large as the image"), ((1, 1), [[2.0]]))
    yield case(np.eye(6), 4.0 ** np.arange(9).reshape(3, 3))
    yield from every_form((4, 5), (2, 3))
    arguments = "x (h, w), k (kh, kw)"
    yield from draws(rng, 12, arguments, kh=(1, 3), kw=(1, 3), h=("kh", 4), w=("kw", 4))
    for h, w, kh, kw in (
        (4, 5, 2, 3),
        (9, 8, 5, 6),
        (36, 40, 3, 4),
    ):  # the first was seen before: do not remember
        yield from draws(rng, 1, arguments, h=h, w=w, kh=kh, kw=kw)


def windows(x, kh, kw):
    return x.unfold(0, kh, 1).unfold(1, kw, 1)


@exercise(
    "One window at a time", points=5, cases=corr2d_cases, shapes="x (h, w), k (kh, kw) -> (rows, columns)",
    facts=families.corners("k"),
    why="every output is the sum of {kh} × {kw} products, and the window starts at the output's own place",
    shape="a window of {kh} × {kw} finds {h} − {kh} + 1 = {rows} places down, "
    "{w} − {kw} + 1 = {columns} across",
    help=("operands could not be broadcast together", "setting an array element with a sequence",
          "Cannot interpret … as a data type"),
    mistakes=(
        *families.kernels("k"), *families.unfinished(), *families.overhanging("x"), *families.exchanged("x"),
        *families.running_sums(families.PLACES),
        mistake("the kernel is transposed and spread", "`k.T` has other sides than the window, and NumPy "
                "spreads it over it: multiply by `k` as it is", "{kh} × {kw} products",
                instead=lambda x, k, kh, kw: (windows(x, kh, kw) * k.T).sum((2, 3))),
        mistake("the image is padded", "this exercise has no padding: " + families.INSIDE, families.PLACES,
                x=lambda x, kh, kw: functional.pad(x, ((kw - 1) // 2, kw // 2, (kh - 1) // 2, kh // 2))),
        mistake("the window's products are averaged, not summed", "a convolution adds its products; dividing "
                "by their number is a box filter's own choice of weights", "yours is smaller by a factor of "
                "{kh} · {kw}", result=lambda y, kh, kw: y / (kh * kw)),
        mistake("it is divided by the sum of the weights", "a convolution only multiplies and adds",
                result=lambda y, k: y / k.sum()),
        mistake("window and kernel are multiplied as matrices", "each pixel meets its own weight: use `*`, "
                "not `@`", "{kh} × {kw} products",
                instead=lambda x, k, kh, kw: (windows(x, kh, kw) @ k).sum((2, 3))),
        mistake("the windows do not overlap", "the window moves on by one pixel, not by its own width",
                families.PLACES,
                instead=lambda x, k: functional.conv2d(x[None, None], k[None, None], stride=k.shape)[0, 0]),
        mistake("the output is as large as the image", "a window has fewer places than the image has pixels: "
                "side − kernel + 1 along each side", families.PLACES,
                result=lambda y, kh, kw: functional.pad(y, (0, kw - 1, 0, kh - 1))),
    ),
)  # fmt: skip
def corr2d(x, k):
    return functional.conv2d(x[None, None], k[None, None])[0, 0]


def flip180_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield kernels of all shapes and layouts."""
    yield from table(((2, 2),), ((2, 3),), ((1, 3),), ((3, 3),))
    yield from every_form((2, 3))
    yield from draws(rng, 6, "k (kh, kw)", kh=(1, 4), kw=(1, 4))
    yield from draws(rng, 1, "k (kh, kw)", kh=40, kw=50)


def overwritten(kernel):
    """Return a kernel turned in its own memory: the second half reads what the first has already changed."""
    first, half = kernel.flatten(), (kernel.numel() + 1) // 2
    return torch.cat([first.flip(0)[:half], first[half:]]).reshape(kernel.shape)


BOTH, KEPT = "half a turn reverses rows and columns", "the shape stays ({kh}, {kw})"
LAST = "the last corner must hold {first}"
FIRST = "the first corner must hold {last}, not {first}"


@exercise(
    "Turn it round", points=2, cases=flip180_cases, shapes="k (kh, kw) -> (rows, columns)",
    facts=families.corners("k"),
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
