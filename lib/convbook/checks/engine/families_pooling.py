"""Mistakes of pooling, forward and backward, for oracles that take `x` (n, c, h, w), `k` and `stride` (None for k).

The exercise's facts are those of `PLACES`. Results end in (rows, columns), unless they are gradients of the image.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as functional

from convbook.checks.engine.declare import Draft, mistake
from convbook.checks.engine.families.windows import LOOPS_END, kept

PLACES: dict[str, Callable[..., Any]] = {
    "step": lambda stride, k: k if stride is None else stride,
    "rows": lambda h, k, step: (h - k) // step + 1,
    "columns": lambda w, k, step: (w - k) // step + 1,
    "area": lambda k: k * k,
}
MOVES = "the window moves `stride` pixels at a time, down and across"
COUNT = "⌊({h} − {k}) / {step}⌋ + 1 = {rows} rows and {columns} columns"
OWN_MAP = "every map of every image is pooled by itself"


def pooling_strides() -> tuple[Draft, ...]:
    """Return the ways to move a pooling window by the wrong number of pixels."""
    return (
        mistake("the stride is ignored, the window moves by 1", MOVES, COUNT, stride=lambda: 1),
        mistake("the stride is always the window's side", "`stride` may differ from `k`: only where it is None, k takes its place", COUNT,
                stride=lambda: None),
        mistake("the stride is always 2", "the stride is what the caller asks for, and k where nothing is asked for", COUNT, stride=lambda: 2),
        mistake("without a stride the window moves by 1", "where `stride` is None, the window moves on by its own side k", COUNT,
                stride=lambda stride: 1 if stride is None else stride),
        mistake("without a stride the window moves by 2", "where `stride` is None, the window moves on by its own side k", COUNT,
                stride=lambda stride: 2 if stride is None else stride),
        mistake("the stride is used for rows only", MOVES, COUNT, stride=lambda step: (step, 1)),
        mistake("the stride is used for columns only", MOVES, COUNT, stride=lambda step: (1, step)),
    )  # fmt: skip


def pooled_places() -> tuple[Draft, ...]:
    """Return the ways to compute too few, too many or the wrong places of a result (n, c, rows, columns)."""
    start = "output row i looks at the image from row i · stride on"
    return (
        mistake("the stride sets the size, but the window moves by 1", start, "the second window begins at {step}",
                result=lambda y, again: again(stride=1)[..., : y.shape[-2], : y.shape[-1]]),
        mistake("the last row and column are missing", "the first place counts too: ⌊(side − k) / stride⌋ + 1", COUNT,
                result=lambda y: y[..., :-1, :-1]),
        mistake("the last row and column are never written", LOOPS_END, COUNT, result=lambda y: kept(y, y[..., :-1, :-1])),
        mistake("there are side // stride places", "the window must fit: ⌊(side − k) / stride⌋ + 1 places along a side", COUNT,
                result=lambda y, h, w, step: _cut_or_grown(y, h // step, w // step),
                ways=({"result": lambda again, x, k, h, w, step: again(x=functional.pad(x, (0, k, 0, k), value=-np.inf))[:, :, : h // step, : w // step]},)),
        mistake("rows and columns of the output are swapped", "the output's first axis runs down the image", COUNT,
                result=lambda y: y.transpose(2, 3)),
        mistake("the window never moves", start, COUNT, result=lambda y: y[..., :1, :1].expand(y.shape)),
    )  # fmt: skip


def _cut_or_grown(y: Any, rows: int, columns: int) -> Any:
    """Return a result with another number of places, 0 where nothing was computed."""
    return functional.pad(y, (0, columns - y.shape[-1], 0, rows - y.shape[-2]))


def mixed_maps(pooled: Callable[..., Any]) -> tuple[Draft, ...]:
    """Return the ways to pool more or less than one map at a time; `pooled(values, axis)` is the maximum or the mean."""
    whole = "{n} images with {c} maps each stay as many"
    return (
        mistake("the channels are pooled too", OWN_MAP, whole, result=lambda y: pooled(y, 1)),
        mistake("every map is the pool of all channels", OWN_MAP, whole, result=lambda y: pooled(y, 1).expand(y.shape)),
        mistake("the images are pooled too", OWN_MAP, whole, result=lambda y: pooled(y, 0)),
        mistake("all images and channels are pooled together", OWN_MAP + ": over the last two axes only", whole,
                result=lambda y: pooled(pooled(y, 0), 1).expand(y.shape)),
        mistake("every output shows the first channel", OWN_MAP, whole, result=lambda y: y[:, :1].expand(y.shape)),
        mistake("every output shows the first image", OWN_MAP, whole, result=lambda y: y[:1].expand(y.shape)),
        mistake("only the first image is pooled", "all images of the batch count: is the `return` inside a loop?", "n = {n}",
                result=lambda y: kept(y, y[:1])),
        mistake("only the first channel is pooled", "all channels count: is the `return` inside a loop?", "c = {c}",
                result=lambda y: kept(y, y[:, :1])),
    )  # fmt: skip


def windows(x: Any, k: int, step: int) -> Any:
    """Return the windows of an image as two further axes: (n, c, rows, columns, k, k)."""
    return x.unfold(2, k, step).unfold(3, k, step)


def gradient_of(y: Any, x: Any, dout: Any) -> Any:
    """Return the gradient of x from that of y. Asked of one number: handing `dout` over makes PyTorch load SymPy first."""
    return torch.autograd.grad((y * dout).sum(), x)[0]


def led_back(pool: Callable[..., Any]) -> Callable[..., Any]:
    """Return the gradient of another pooling of windows (n, c, rows, columns, k·k), made by PyTorch."""

    def instead(dout: Any, x: Any, k: int, step: int) -> Any:
        x = x.clone().requires_grad_()
        return gradient_of(pool(windows(x, k, step).flatten(-2)), x, dout)

    return instead


def moved_by(steps: Callable[..., int]) -> Callable[..., Any]:
    """Return the gradient of windows that move by another step; where they hang over the edge, they are cut off."""

    def instead(dout: Any, x: Any, k: int, stride: Any) -> Any:
        step, (rows, columns), (h, w) = steps(k, stride), dout.shape[2:], x.shape[2:]
        room = (0, max(0, (columns - 1) * step + k - w), 0, max(0, (rows - 1) * step + k - h))
        x = x.clone().requires_grad_()
        pixels = windows(functional.pad(x, room, value=-np.inf), k, step)[:, :, :rows, :columns]
        return gradient_of(pixels.flatten(-2).max(-1)[0], x, dout)

    return instead


def overwritten(dout: Any, x: Any, k: int, stride: Any) -> Any:
    places = functional.max_pool2d(x, k, stride, return_indices=True)[1]
    return functional.max_unpool2d(dout, places, k, stride, output_size=x.shape[2:])


def from_the_corner(dout: Any, x: Any, k: int, step: int) -> Any:
    """Return the gradient where every window puts its largest pixel's place into the corner of the map."""
    place = windows(x, k, step).flatten(-2).argmax(-1)
    x = x.clone().requires_grad_()
    taken = x.flatten(2).gather(2, (place // k * x.shape[3] + place % k).flatten(2))
    return gradient_of(taken, x, dout.flatten(2))


def shared_with_all(pixels: Any) -> Any:
    """Return a sum whose gradient is 1 for every pixel that is as large as the largest."""
    largest = (pixels == pixels.amax(-1, keepdim=True)).detach()
    return (pixels * largest).sum(-1)


def last_cover(gradient: Callable[..., Any]) -> Callable[..., Any]:
    """Return what each pixel got from the last window that covers it, where `gradient` adds up all windows."""

    def instead(dout: Any, x: Any, k: int, step: int) -> Any:
        y, everywhere = torch.zeros(x.shape), led_back(lambda pixels: pixels.sum(-1))
        for i, j in np.ndindex(*dout.shape[2:]):
            one = torch.zeros(dout.shape)
            one[:, :, i, j] = 1
            y = torch.where(everywhere(one, x, k, step) > 0, gradient(dout * one, x, k, step), y)
        return y

    return instead
