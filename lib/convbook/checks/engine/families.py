"""Mistakes that come back in many exercises, declared once: put `*kernels("w")` among an exercise's own.

Each function returns mistakes for the argument it is given by name. Their texts use the axis letters of the course
(`n c h w f kh kw`, `rows columns` for the places of a window) and the facts `first` and `last`, which `corners` makes.
The oracle must hand stride and padding to PyTorch as they are, for a pair of them stands for rows and columns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch.nn.functional as functional

from convbook.checks.engine.declare import Draft, mistake
from convbook.checks.engine.oracles import Named

PLACES = "there are {rows} × {columns} places"
LOOPS_END = "the loops end one too early: `range(n)` already stops at n − 1"
OWN_IMAGE = "each image of the batch has its own output"
OWN_BIAS = "each filter adds one number of its own to its whole map"


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
    """Return the ways to mix up the images of a batch and the filters of a layer, results (n, f, rows, columns)."""
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
                "n = {n}", result=lambda y: _kept(y, y[:1])),
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


def unfinished() -> tuple[Draft, ...]:
    """Return the ways to leave a part of a result (…, rows, columns) out, or empty."""
    size = "there are {rows} rows and {columns} columns to fill"
    return (
        mistake("the last row and column are missing", "the number of places is ⌊(side + 2·padding − kernel) "
                "/ stride⌋ + 1: the + 1 counts the first place", "there are {rows} rows and {columns} "
                "columns", result=lambda y: y[..., :-1, :-1]),
        mistake("the last row and column are never written",
                "the output has the right size, but " + LOOPS_END, size,
                result=lambda y: _kept(y, y[..., :-1, :-1])),
        mistake("only the first output is computed", "every filter on every window gives one output: is the "
                "`return` inside the loops?", "there are {rows} × {columns} places",
                result=lambda y: _kept(y, y[(slice(1),) * y.dim()])),
        mistake("only the first row is computed", "is the `return` inside the loop over the rows?",
                "there are {rows} rows", result=lambda y: _kept(y, y[..., :1, :])),
    )  # fmt: skip


def _kept(y: Any, part: Any) -> Any:
    """Return zeros in the shape of `y`, with a part that lies at its beginning filled in."""
    empty = y * 0
    empty[tuple(slice(side) for side in part.shape)] = part
    return empty


def unguarded(fits: Callable[..., Any], **least: tuple[int, str, str]) -> tuple[Draft, ...]:
    """Return the ways to accept numbers that no window can have; `fits` gives an `n` that a window of any size fits into.

    Each keyword is an argument with its least value, what it is called, and why less is impossible:
    `stride=(1, "a stride below 1", "a window that does not move forward never ends")`.
    """
    lifted = {name: Named(name, _at_least(low)) for name, (low, _, _) in least.items()}
    refused = tuple(
        mistake(
            f"{told} is not refused",
            f"{why}: raise ValueError for {name} below {low}",
            **{name: lifted[name]},
        )
        for name, (low, told, why) in least.items()
    )
    every = ", ".join(f"{name} at least {low}" for name, (low, _, _) in least.items())
    return (
        *refused,
        mistake("a window that does not fit is not refused", "where no window fits there is no output: raise "
                "ValueError", "{span} pixels do not fit into {framed}", n=fits),
        mistake("impossible arguments are not refused", every + ": raise ValueError otherwise", **lifted),
        mistake("nothing is refused", "where no window fits, or an argument is impossible, raise ValueError "
                "instead of giving a number", **{**lifted, "n": _roomy(fits)}),
    )  # fmt: skip


def _at_least(low: int) -> Callable[[int], int]:
    return lambda value: max(value, low)


def _roomy(fits: Callable[..., Any]) -> Callable[..., Any]:
    return lambda n, k, padding, dilation: fits(max(n, 1), max(k, 1), max(padding, 0), max(dilation, 1))
