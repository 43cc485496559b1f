"""How a convolution layer goes wrong: its bias, channels, images and filters, and all together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as functional

from convbook.checks.engine.declare import Draft, mistake
from convbook.checks.engine.families.windows import (
    LOOPS_END,
    kept,
    kernels,
    paddings,
    strides,
    unfinished,
)
from convbook.checks.engine.oracles import Named

OWN_IMAGE = "each image of the batch has its own output"
OWN_BIAS = "each filter adds one number of its own to its whole map"


def biases() -> tuple[Draft, ...]:
    """Return the ways to add a bias `b` (f,) wrongly to maps (n, f, rows, columns) that filters `w` made."""

    def biased(name: str, why: str, here: str, function: Callable[[Any, Any], Any]) -> Draft:
        def added(y: Any, b: Any, w: Any) -> Any:
            return y if b is None else y - b.reshape(-1, 1, 1) + function(b.reshape(-1, 1, 1), w)

        return mistake(name, why, here, result=added)

    return (
        mistake("the bias is not added", OWN_BIAS, "f = {f} biases", b=lambda: None),
        biased("the bias is added once for every channel", "each filter has one bias, added once, after the "
               "channels are summed", "c = {c}, but one bias a map", lambda b, w: w.shape[1] * b),
        biased("the bias is added with every product", "each filter has one bias, added once, after "
               "everything is summed", "{c} · {kh} · {kw} products, but one bias",
               lambda b, w: w[0].numel() * b),
        biased("the bias is subtracted", "the bias is added", "f = {f} biases", lambda b, w: -b),
        biased("every map gets the first filter's bias", "each filter has a bias of its own", "f = {f}",
               lambda b, w: b[:1]),
        biased("every map gets the sum of the biases", "each filter has a bias of its own: `b[f]`, not "
               "`b.sum()`", "f = {f}", lambda b, w: b.sum()),
        biased("the biases lie along the columns", "NumPy matches the last axis: give `b` the shape (f, 1, "
               "1)", "f = {f} maps of {rows} × {columns}", lambda b, w: b.flatten()),
    )  # fmt: skip


def channels(x: str = "x", w: str = "w") -> tuple[Draft, ...]:
    """Return the ways to use the channels of images (n, c, h, w) and filters (f, c, kh, kw) wrongly."""
    count, own = "there are {c} channels", "each of a filter's kernels looks at its own channel of the image"
    return (
        mistake("only the first channel is used", "a filter looks at all channels and sums over them", count,
                **{x: Named(x, lambda a: a[:, :1]), w: Named(w, lambda a: a[:, :1])}),
        mistake("only the last channel counts", "the channels are added up; here each overwrites the one "
                "before (`=` where `+=` is meant)", count,
                **{x: Named(x, lambda a: a[:, -1:]), w: Named(w, lambda a: a[:, -1:])}),
        mistake("the channels are averaged, not summed", "the products of all channels are added up, without "
                "dividing", "yours is divided by {c}", **{w: Named(w, lambda a: a / a.shape[1])}),
        mistake("every channel gets the same kernel", "a filter has one kernel of its own for each channel",
                "{c} channels need {c} kernels of {kh} × {kw}",
                **{w: Named(w, lambda a: a[:, :1].expand(a.shape))}),
        mistake("every kernel looks at the first channel", own, "{c} kernels for {c} channels",
                **{x: Named(x, lambda a: a[:, :1].expand(a.shape))}),
        mistake("the channels meet the kernels in reverse order", own, "channel 0 meets kernel 0, not kernel "
                "{c} − 1", **{w: Named(w, lambda a: a.flip(1))}),
        mistake("the filter's number is used as the channel's", own + ": `x[n, c]`, not `x[n, f]`", count,
                **{w: Named(w, _filter_as_channel)}),
        mistake("each channel makes a map of its own", "a filter sums over all channels into one map",
                "f = {f} maps, whatever c is", instead=_map_per_channel),
    )  # fmt: skip


def _filter_as_channel(a: Any) -> Any:
    """Return filters that lay all their kernels on the channel of the filter's own number."""
    laid = a * 0
    for f in range(a.shape[0]):
        laid[f, f] = a[f].sum(0)  # breaks where there are more filters than channels, as such an answer does
    return laid


def _map_per_channel(x: Any, w: Any, stride: Any, padding: Any) -> Any:
    return functional.conv2d(x, w[0][:, None], None, stride, padding, groups=x.shape[1])


def batches(x: str = "x", w: str = "w") -> tuple[Draft, ...]:
    """Return the ways to mix up the images and the filters of a layer, results (n, f, rows, columns)."""
    moved = "`reshape` moves no axis: bring the {} (`transpose`, `swapaxes`) instead"
    wanted = "wanted ({n}, {f}, {rows}, {columns})"
    return (
        mistake("every map comes from the first filter", "each filter makes one map of its own",
                "there are {f} filters", **{w: Named(w, lambda a: a[:1].expand(a.shape))}),
        mistake("every output shows the first image", OWN_IMAGE, "n = {n}",
                **{x: Named(x, lambda a: a[:1].expand(a.shape))}),
        mistake("every output shows the last image", OWN_IMAGE, "n = {n}",
                **{x: Named(x, lambda a: a[-1:].expand(a.shape))}),
        mistake("every output is the sum over all images", OWN_IMAGE, "n = {n}",
                **{x: Named(x, lambda a: a.sum(0, keepdim=True).expand(a.shape))}),
        mistake("only the first image is computed", OWN_IMAGE + ": is the `return` inside the loop?",
                "n = {n}", result=lambda y: kept(y, y[:1])),
        mistake("filters and images are swapped", "axis 0 is the image, axis 1 the filter", wanted,
                result=lambda y: y.transpose(0, 1)),
        mistake("the filters are the last axis", "axis 0 is the image, axis 1 the filter", wanted,
                result=lambda y: y.permute(0, 2, 3, 1)),
        mistake("rows and columns of the output are swapped", "axis 2 runs down the image, axis 3 across",
                wanted, result=lambda y: y.transpose(2, 3)),
        mistake("images and filters are mixed by a reshape", moved.format("image's axis to the front"),
                "({f}, {n}, …) must become ({n}, {f}, …)",
                result=lambda y: y.transpose(0, 1).reshape(y.shape)),
        mistake("places and filters are mixed by a reshape",
                moved.format("filter's axis in front of the places"), "({n}, {rows} · {columns}, {f}) must "
                "become ({n}, {f}, {rows} · {columns})",
                result=lambda y: y.permute(0, 2, 3, 1).reshape(y.shape)),
    )  # fmt: skip


def layer() -> tuple[Draft, ...]:
    """Return the ways to get a convolution layer wrong: x (n, c, h, w), w (f, c, kh, kw), b (f,) or None."""
    frames = paddings()[
        :-1
    ]  # whose frame goes round the channels too stops with an error: no result speaks for it
    return (
        *kernels("w")[:4], *frames, *strides(), *biases(), *channels(), *batches(), *unfinished(),
        *kernels("w")[4:],
        mistake("the last row and column hold the bias alone",
                "the output has the right size, but " + LOOPS_END, "there are {rows} rows and {columns} "
                "columns to fill", result=_bias_alone),
        mistake("windows that begin in the frame are moved into the image", "a window that begins outside "
                "the image meets zeros there: pad the image first, then start at r · stride",
                "with padding {padding} the first window begins at −{padding}",
                instead=_moved_into_the_image),
    )  # fmt: skip


def _bias_alone(y: Any, b: Any) -> Any:
    """Return maps whose last row and column got no products."""
    if b is None:
        return kept(y, y[..., :-1, :-1])
    bias = b[:, None, None].expand(y.shape)
    return kept(y, (y - bias)[..., :-1, :-1]) + bias


def _moved_into_the_image(x: Any, w: Any, b: Any, stride: int, padding: int) -> Any:
    """Return what windows give whose starts are lifted to 0 instead of lying in a frame."""
    taken = x
    for axis in (2, 3):
        side, k = x.shape[axis], w.shape[axis]
        places = (side + 2 * padding - k) // stride + 1
        starts = (torch.arange(places) * stride - padding).clamp(min=0)
        if int(starts[-1]) + k > side:
            raise IndexError("the last window is cut off")
        taken = taken.index_select(axis, (starts[:, None] + torch.arange(k)).flatten())
    return functional.conv2d(taken, w, b, stride=w.shape[2:])
