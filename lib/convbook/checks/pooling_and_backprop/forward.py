"""Pooling forward: `maxpool2d`, `avgpool2d`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch.nn.functional as functional

from convbook.checks.engine.declare import (
    case,
    counting,
    draws,
    every_form,
    exercise,
    mistake,
    table,
)
from convbook.checks.engine.families_pooling import (
    COUNT,
    PLACES,
    mixed_maps,
    pooled_places,
    pooling_strides,
    windows,
)
from convbook.forms import Case


def pool_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield images from one window up: below 0, with a rest, with windows that overlap or leave gaps."""
    mixed = np.array([[[[3.0, 9.0, 1.0, 2.0], [4.0, 5.0, 8.0, 6.0]]]])
    yield case(mixed, 2)
    yield case(-mixed, 2, about="every pixel is below 0")
    yield case(mixed[..., ::-1, ::-1] - 5, 2, about="the largest pixel of a window lies anywhere in it")
    yield from table(
        ((1, 1, 3, 4), 2, 1, "windows that overlap"),
        ((1, 1, 4, 7), 2, 3, "steps wider than the window"),
        ((1, 1, 5, 3), 2, "a rest is left"),
        ((1, 1, 3, 2), 1),
        ((1, 2, 2, 2), 2),
        ((2, 1, 2, 2), 2),
        ((2, 3, 4, 6), 2),
        ((1, 1, 7, 10), 3, {"stride": None}),
        ((2, 2, 6, 9), 3),
        ((1, 1, 8, 9), 3, {"stride": 2}),
        ((1, 1, 10, 9), 4, {"stride": 3}),
    )
    yield case(-counting(2, 2, 5, 6), 3, 2)
    yield from every_form((2, 3, 4, 5), 2)
    for n, c in ((1, 3), (2, 1), (3, 2)):
        some: dict[str, Any] = {"n": n, "c": c, "k": (1, 4), "h": ("k", 5), "w": ("k", 5)}
        yield from draws(rng, 3, "x (n, c, h, w), k", **some)
        yield from draws(rng, 3, "x (n, c, h, w), k", **some, stride=(1, 4))
    yield from draws(rng, 1, "x (2, 3, 12, 15), k", k=3, stride=2)


def fits(x: Any, k: int) -> None:
    """Raise `RuntimeError`, as PyTorch does, where a window of k × k has no place on an image (n, c, h, w)."""
    if x.dim() != 4:
        raise RuntimeError(
            f"pooling takes images of shape (n, c, h, w); this array has the shape {tuple(x.shape)}"
        )
    if not 1 <= k <= min(x.shape[2:]):
        raise RuntimeError(
            f"a window of {k} × {k} has no place on images of {x.shape[2]} × {x.shape[3]} pixels"
        )


POOLING: dict[str, Any] = {
    "shapes": "x (n, c, h, w)", "facts": PLACES, "cases": pool_cases,
    "shape": "{n} images with {c} maps each, and " + COUNT,
    "help": ("unsupported operand type", "zero-size array to reduction operation", "could not broadcast"),
}  # fmt: skip
WINDOW = "a window is {k} × {k} pixels"


@exercise(
    "Max pooling", points=5,
    why="an output is the largest of the {k} × {k} pixels in its window; the window moves by {step}",
    mistakes=(
        *pooling_strides(), *pooled_places(), *mixed_maps(lambda y, axis: y.amax(axis, keepdim=True)),
        mistake("a window below 0 gives 0", "start from the window's first pixel, or from −∞: not from 0, or negative pixels never win",
                "all {area} pixels may be negative", result=lambda y: y.clamp(min=0)),
        mistake("it is the bottom right pixel of the window", "the largest pixel may lie anywhere in the window", WINDOW,
                result=lambda x, k, step: windows(x, k, step)[..., -1, -1]),
        mistake("it is the top left pixel of the window", "the largest pixel may lie anywhere in the window: was only its start read?", WINDOW,
                result=lambda x, k, step: windows(x, k, step)[..., 0, 0]),
        mistake("it is the average of the window", "max pooling keeps the largest pixel", WINDOW, result=lambda x, k, step: windows(x, k, step).mean((-1, -2))),
        mistake("it is the smallest pixel of the window", "max pooling keeps the largest", WINDOW, result=lambda x, k, step: windows(x, k, step).amin((-1, -2))),
        mistake("it is the largest absolute value", "the largest pixel is asked for, with its sign", WINDOW,
                result=lambda x, k, step: windows(x.abs(), k, step).amax((-1, -2))),
        mistake("it is where the largest pixel lies", "its value is asked for: `max`, not `argmax`", WINDOW,
                result=lambda x, k, step: windows(x, k, step).flatten(-2).argmax(-1).double()),
        mistake("the last row and column of each window are left out", "a slice already stops before its end: `x[i : i + k]`", WINDOW,
                result=lambda x, k, step: windows(x, k, step)[..., : max(k - 1, 1), : max(k - 1, 1)].amax((-1, -2))),
        mistake("the window is one pixel too wide", "a slice stops before its end: `x[i : i + k]` has k rows", WINDOW,
                result=lambda x, k, step, h, w: windows(functional.pad(x, (0, 1, 0, 1), value=-1e9), k + 1, step)[
                    :, :, : (h - k) // step + 1, : (w - k) // step + 1].amax((-1, -2))),
        mistake("the window has one row only", "the window is a square: k rows and k columns", WINDOW,
                result=lambda x, k, step: windows(x, k, step)[..., 0, :].amax(-1)),
        mistake("windows that hang over the edge count too", "only windows that lie completely inside the image count", COUNT,
                instead=lambda x, k, stride: functional.max_pool2d(x, k, stride, ceil_mode=True),
                ways=({"instead": lambda x, k, step: windows(functional.pad(x, (0, step - 1, 0, step - 1), value=-np.inf), k, step).amax((-1, -2))},)),
    ), **POOLING,
)  # fmt: skip
def maxpool2d(x, k, stride=None):
    fits(x, k)
    return functional.max_pool2d(x, k, stride)


DIVIDE = "a mean is the sum of all pixels divided by how many there are"


@exercise(
    "Average pooling", points=3,
    why="an output is the mean of the {k} · {k} = {area} pixels in its window; the window moves by {step}",
    mistakes=(
        *pooling_strides(), *pooled_places(), *mixed_maps(lambda y, axis: y.mean(axis, keepdim=True)),
        mistake("it is the sum of the window", DIVIDE, "{k} · {k} = {area} pixels", result=lambda y, area: y * area),
        mistake("it is divided by k only", "a window of k rows and k columns has k · k pixels", "{area} pixels", result=lambda y, k: y * k),
        mistake("it is divided by the stride squared", DIVIDE + ", and the stride changes nothing in that", "{area} pixels, stride {step}",
                result=lambda y, area, step: y * area / step**2),
        mistake("it is always divided by 4", DIVIDE, "{k} · {k} = {area} pixels", result=lambda y, area: y * area / 4),
        mistake("it is the largest pixel of the window", "average pooling keeps the mean", WINDOW, result=lambda x, k, step: windows(x, k, step).amax((-1, -2))),
        mistake("it is the middle value of the window", DIVIDE + ": a median is not", WINDOW,
                result=lambda x, k, step: windows(x, k, step).flatten(-2).quantile(0.5, -1)),
        mistake("pixels below 0 are left out", "all pixels count, also negative ones", WINDOW, x=lambda x: x.clamp(min=0)),
        mistake("only the pixels above 0 are counted", DIVIDE, "all {area} count", result=lambda x, k, step: _above_0(windows(x, k, step))),
        mistake("the mean is rounded down to a whole number", "use `/`, not `//`", "a mean of {area} pixels has decimals", result=lambda y: y.floor()),
        mistake("the last row and column of each window are left out", "a slice already stops before its end: `x[i : i + k]`", WINDOW,
                result=lambda x, k, step: windows(x, k, step)[..., : max(k - 1, 1), : max(k - 1, 1)].mean((-1, -2))),
        mistake("the last row and column of each window are left out of the sum", "a slice already stops before its end: `x[i : i + k]`", WINDOW,
                result=lambda x, k, step, area: windows(x, k, step)[..., : k - 1, : k - 1].sum((-1, -2)) / area),
        mistake("the window has one row only", "the window is a square: k rows and k columns", WINDOW,
                result=lambda x, k, step: windows(x, k, step)[..., 0, :].mean(-1)),
        mistake("windows that hang over the edge count too", "only windows that lie completely inside the image count", COUNT,
                instead=lambda x, k, stride: functional.avg_pool2d(x, k, stride, ceil_mode=True)),
    ), **POOLING,
)  # fmt: skip
def avgpool2d(x, k, stride=None):
    fits(x, k)
    return functional.avg_pool2d(x, k, stride)


def _above_0(pixels: Any) -> Any:
    """Return the mean of those pixels of each window that are above 0."""
    return pixels.clamp(min=0).sum((-1, -2)) / (pixels > 0).sum((-1, -2)).clamp(min=1)
