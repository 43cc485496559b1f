"""Forget where: `global_pool`; and filters that do not look at all channels: `grouped_conv_params`."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
import torch.nn.functional as functional
from torch import nn

from convbook.checks.engine.declare import case, counting, drawn, every_layout, exercise, mistake
from convbook.forms import Case


def pool_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield maps of different sides for both modes, maps below 0 among them."""
    for mode in ("max", "avg"):
        yield case(np.array([[[[1.0, 2.0, 6.0], [4.0, 5.0, 0.0]]]]), mode)
        yield case(counting(1, 2, 2, 3), mode)
        yield case(counting(3, 2, 2, 3)[:, :, ::-1, ::-1].copy(), mode)
        yield case(-counting(2, 3, 2, 4), mode, about="every map below 0")
        yield case(np.array([[[[0.0, -7.0, 3.0]]]]), mode)
        yield case(counting(2, 3, 1, 1), mode, about="maps of one pixel")
        yield from every_layout(counting(2, 3, 4, 5), mode)
        yield case(counting(1, 2, 3, 2).astype(np.float32), mode, about="float32")
        yield case(x=counting(2, 1, 2, 3), mode=mode)
    for _ in range(5):
        shape = tuple(rng.integers(1, 6, 4))
        for mode in (
            "max",
            "avg",
        ):  # of the same size, so that a mistake in one mode is not taken for one of a size
            yield drawn(rng.normal(size=shape), mode)


OWN_MAP = "each of the maps gives one number of its own"
SIZES = "({n}, {c}) numbers are wanted"
PIXELS = "there are {h} · {w} pixels in a map"


@exercise(
    "Forget where", points=4, cases=pool_cases, shapes="x (n, c, h, w) -> (n, c)",
    why="each of the {n} · {c} maps gives one number, taken over its {h} · {w} pixels",
    shape="{n} images with {c} maps each give a table of shape ({n}, {c})",
    help=("axis 3 is out of bounds",),
    mistakes=(
        mistake("the two modes are exchanged", '"max" is the largest pixel, "avg" the mean of all', PIXELS,
                mode=lambda mode: "avg" if mode == "max" else "max"),
        mistake("it is the maximum in both modes", '"avg" asks for the mean of all pixels', PIXELS, mode=lambda: "max"),
        mistake("it is the average in both modes", '"max" asks for the largest pixel', PIXELS, mode=lambda: "avg"),
        mistake("the average is a sum", "a mean is the sum divided by how many there are", PIXELS,
                result=lambda y, x, mode: x.sum((2, 3)) if mode == "avg" else y),
        mistake("the average is divided by the height only", "a mean divides by height times width", PIXELS,
                result=lambda y, mode, w: y * w if mode == "avg" else y),
        mistake("the average is divided by the width only", "a mean divides by height times width", PIXELS,
                result=lambda y, mode, h: y * h if mode == "avg" else y),
        mistake("the map is taken for a square", "a mean divides by height times width, not by one side twice", PIXELS,
                result=lambda y, mode, h, w: y * w / h if mode == "avg" else y),
        mistake("a maximum below 0 becomes 0", "do not start from 0: start from the map's first pixel, or from −∞", "the largest pixel may be negative",
                result=lambda y, mode: y.clamp(min=0) if mode == "max" else y),
        mistake("it is the largest absolute value", "the largest pixel is asked for, with its sign", PIXELS,
                result=lambda y, x, mode: x.abs().amax((2, 3)) if mode == "max" else y),
        mistake("it is the smallest pixel", '"max" asks for the largest', PIXELS, result=lambda y, x, mode: x.amin((2, 3)) if mode == "max" else y),
        mistake("only the rows are gone", OWN_MAP + ": over both height and width", SIZES, instead=lambda x, mode: x.amax(2) if mode == "max" else x.mean(2)),
        mistake("only the columns are gone", OWN_MAP + ": over both height and width", SIZES, instead=lambda x, mode: x.amax(3) if mode == "max" else x.mean(3)),
        mistake("the channels are pooled, not the pixels", OWN_MAP + ": axis 1 stays, axes 2 and 3 go", SIZES, instead=lambda x, mode: x.amax(1) if mode == "max" else x.mean(1)),
        mistake("channels and pixels are pooled together", OWN_MAP, SIZES, instead=lambda x, mode: x.amax((1, 2, 3)) if mode == "max" else x.mean((1, 2, 3))),
        mistake("the images are pooled too", "every image keeps its own numbers", SIZES, instead=lambda x, mode: x.amax((0, 2, 3)) if mode == "max" else x.mean((0, 2, 3))),
        mistake("everything is pooled into one number", OWN_MAP, SIZES, instead=lambda x, mode: x.max() if mode == "max" else x.mean()),
        mistake("the first two axes are pooled", "images and channels stay, height and width go: axes 2 and 3", SIZES,
                instead=lambda x, mode: x.amax((0, 1)) if mode == "max" else x.mean((0, 1))),
        mistake("axes of length 1 are left over", "height and width are gone: leave `keepdims` out", "shape ({n}, {c}), not ({n}, {c}, 1, 1)", result=lambda y: y[..., None, None]),
        mistake("images and channels are exchanged", "axis 0 stays the image", SIZES, result=lambda y: y.transpose(0, 1)),
        mistake("it is where the largest pixel lies", "its value is asked for: `max`, not `argmax`", PIXELS,
                result=lambda y, x, mode: x.flatten(2).argmax(2).double() if mode == "max" else y),
        mistake("only the pixels above 0 are averaged", "all pixels count, zeros and negative ones too", PIXELS,
                result=lambda y, x, mode: x.clamp(min=0).sum((2, 3)) / (x > 0).sum((2, 3)).clamp(min=1) if mode == "avg" else y),
        mistake("only the first image is pooled", "every image keeps its own numbers: is the `return` inside the loop?", SIZES,
                result=lambda y: _first(y), ways=({"result": lambda y: y[0]},)),
        mistake("channels and rows are pooled, the columns are left", OWN_MAP + ": axis 1 stays, axes 2 and 3 go", SIZES,
                instead=lambda x, mode: x.amax((1, 2)) if mode == "max" else x.mean((1, 2))),
        mistake("axes of length 1 are lost", "one image, or one channel, still has an axis of its own: leave `squeeze` out", "shape ({n}, {c})", result=lambda y: y.squeeze()),
        mistake("the average is taken of each row's largest pixel", "all pixels count: one mean over both axes", PIXELS,
                result=lambda y, x, mode: x.amax(3).mean(2) if mode == "avg" else y),
        mistake("the average is cut to a whole number", "`//` leaves the fraction out: divide with `/`", PIXELS, result=lambda y, mode: y.floor() if mode == "avg" else y),
        mistake("the average is divided by height plus width", "a map has height times width pixels", PIXELS,
                result=lambda y, mode, h, w: y * h * w / (h + w) if mode == "avg" else y),
        mistake("the average is divided by the channels too", "each map has an average of its own", PIXELS, result=lambda y, mode, c: y / c if mode == "avg" else y),
        mistake("the signs are lost in the average", "negative pixels count with their sign", PIXELS, result=lambda y, x, mode: x.abs().mean((2, 3)) if mode == "avg" else y),
        mistake("it is the root of the mean square", "the average is the sum of all pixels, divided by how many there are", PIXELS,
                result=lambda y, x, mode: (x**2).mean((2, 3)).sqrt() if mode == "avg" else y),
        mistake("it is the first pixel", '"max" asks for the largest of all pixels', PIXELS, result=lambda y, x, mode: x[:, :, 0, 0] if mode == "max" else y),
        mistake("the average is taken over the columns only", OWN_MAP + ": over both height and width", PIXELS,
                instead=lambda x, mode: x.amax((2, 3)) if mode == "max" else x.mean(3)),
        mistake("it is the median", "the average is the sum of all pixels, divided by how many there are", PIXELS,
                result=lambda y, x, mode: x.flatten(2).quantile(0.5, 2) if mode == "avg" else y),
        mistake("pixels of value 0 are not counted", "all pixels count, zeros too", PIXELS,
                result=lambda y, x, mode: x.sum((2, 3)) / (x != 0).sum((2, 3)).clamp(min=1) if mode == "avg" else y),
    ),
)  # fmt: skip
def global_pool(x, mode):
    pool = functional.adaptive_max_pool2d if mode == "max" else functional.adaptive_avg_pool2d
    return pool(x, 1).flatten(1)


def _first(y):
    kept = y * 0
    kept[:1] = y[:1]
    return kept


def group_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield layers with one group, with several, with a group for each channel, and layers that cannot be."""
    yield case(4, 6, 3, 2)
    yield case(4, 8, 1, 2)
    yield case(2, 3, 3, 1, about="one group: an ordinary convolution")
    yield case(3, 3, 5, 3, about="a group for each channel")
    yield case(3, 12, 2, 3, about="a group for each channel, four filters in it")
    yield case(8, 4, 3, 4, about="a group for each filter")
    yield case(48 * 2, 256, 5, 2)
    yield case(4, 6, 3, 0, about="no group")
    yield case(4, 6, 3, -1, about="a negative number of groups")
    yield case(4, 6, 3, -2, about="a negative number of groups")
    yield case(6, 4, 3, 4, about="the groups divide the filters, not the channels")
    yield case(4, 6, 3, 4, about="the groups divide the channels, not the filters")
    yield case(5, 7, 1, 2, about="the groups divide neither")
    yield case(6, 10, 1, 4, about="the groups divide neither, but their product")
    yield case(3, 6, 2, 6, about="more groups than channels")
    yield case(c_in=6, c_out=9, k=2, groups=3)
    for _ in range(14):
        groups, a, b, k = (int(side) for side in rng.integers(1, 7, 4))
        yield drawn(groups * a, groups * b, k, groups)


def down(c: int, groups: int) -> int:
    """Return the largest number of channels not above c that the groups divide, at least one each."""
    return max(c - c % groups, groups) if groups > 0 else c


def fewer_channels(c_in, groups):
    return down(c_in, groups)


def fewer_filters(c_out, groups):
    return down(c_out, groups)


GROUP = "a filter looks only at the channels of its own group"
SHARE = "{c_in} / {groups} channels, seen by each of {c_out} filters, {k} · {k} weights each"
DIVIDE = "groups of equal size need a number that divides both: raise ValueError otherwise"
REST = "{c_in} channels and {c_out} filters in {groups} groups"


@exercise(
    "Partial channel tables", points=5, cases=group_cases,
    facts={"channels": lambda c_in, groups: c_in // groups if groups > 0 else c_in},
    why=GROUP + ": " + SHARE,
    mistakes=(
        mistake("the groups are ignored", GROUP, SHARE, c_in=lambda c_in, groups: c_in * groups if _fits(c_in, groups) else c_in),
        mistake("only one group is counted", "every group has its own filters", "there are {groups} groups", result=lambda y, groups: y // groups),
        mistake("it is multiplied by the groups", "groups save weights: each filter looks at fewer channels", SHARE, result=lambda y, groups: y * groups**2),
        mistake("the filters are left out", "every filter has weights of its own", "c_out = {c_out}", result=lambda y, c_out: y // c_out),
        mistake("the channels are left out", "a filter has a kernel for each channel of its group", "{channels} kernels each", result=lambda y, channels: y // channels),
        mistake("a kernel is taken to have k weights", "a kernel is a square: k · k weights", "{k} · {k}", result=lambda y, k: y // k),
        mistake("a kernel is taken to have k + k weights", "a kernel is a square: k · k weights", "{k} · {k}", result=lambda y, k: y // k**2 * 2 * k),
        mistake("the kernel is left out", "a kernel is a square: k · k weights", "{k} · {k}", result=lambda y, k: y // k**2),
        mistake("the biases are counted too", "only the weights are asked for", "{c_out} biases too many", result=lambda y, c_out: y + c_out),
        mistake("there is a bias for every group", "only the weights are asked for", "{groups} too many", result=lambda y, groups: y + groups),
        mistake("groups below 1 are not refused", "there is at least one group: raise ValueError otherwise", "groups is {groups}",
                groups=lambda groups: max(groups, 1), ways=({"result": lambda y: y, "groups": lambda groups: abs(groups) or 1},)),
        mistake("negative groups are not refused", "there is at least one group: raise ValueError otherwise", "groups is {groups}",
                groups=lambda groups, c_in, c_out: -groups if groups < 0 else groups,
                ways=({"instead": lambda again, groups, c_in, c_out: again(groups=-groups) * -1 if groups < 0 else again()},)),
        mistake("channels that do not fit are not refused", DIVIDE, REST, c_in=fewer_channels),
        mistake("filters that do not fit are not refused", DIVIDE, REST, c_out=fewer_filters),
        mistake("groups that do not divide are not refused", DIVIDE, REST, c_in=fewer_channels, c_out=fewer_filters),
        mistake("nothing is refused", "raise ValueError where there is no group, or where the groups do not fit", REST,
                instead=lambda again, c_in, c_out, groups: again(c_in=down(c_in, abs(groups) or 1), c_out=down(c_out, abs(groups) or 1), groups=abs(groups) or 1)),
        mistake("it tests the product of channels and filters", "the groups must divide each of them, not only their product", REST,
                c_in=lambda c_in, c_out, groups: down(c_in, groups) if _product(c_in, c_out, groups) else c_in,
                c_out=lambda c_in, c_out, groups: down(c_out, groups) if _product(c_in, c_out, groups) else c_out),
        mistake("it refuses only what fits neither", "one of the two is enough to refuse: `or`, not `and`", REST,
                c_in=lambda c_in, c_out, groups: down(c_in, groups) if _fits(c_out, groups) else c_in,
                c_out=lambda c_in, c_out, groups: down(c_out, groups) if _fits(c_in, groups) else c_out),
        mistake("a group for each channel is refused", "one channel in each group is fine: a depthwise convolution", REST,
                result=lambda y, c_in, groups: _refused() if groups == c_in else y,
                ways=({"result": lambda y, c_in, c_out, groups: _refused() if groups == min(c_in, c_out) else y},)),
        mistake("the channels must divide the filters", "it is the groups that must divide each of them", REST,
                result=lambda y, c_in, c_out: _refused() if c_out % c_in else y),
        mistake("one group is refused", "one group is an ordinary convolution", REST, result=lambda y, groups: _refused() if groups == 1 else y),
        mistake("channels and filters must be equal", "they need not be: the groups must divide each of them", REST,
                result=lambda y, c_in, c_out: _refused() if c_in != c_out else y),
    ),
)  # fmt: skip
def grouped_conv_params(c_in, c_out, k, groups):
    with warnings.catch_warnings():  # a layer without filters, as some mistakes have it, makes PyTorch warn
        warnings.simplefilter("ignore")
        return nn.Conv2d(c_in, c_out, k, groups=groups, bias=False, device="meta").weight.numel()


def _fits(c, groups):
    return groups > 0 and c % groups == 0


def _product(c_in, c_out, groups):
    return groups > 0 and c_in * c_out % groups == 0


def _refused():
    raise ValueError("refused")
