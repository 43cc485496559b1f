"""What the gradient meets on its way back: `slices_after_regrouping`, `regroup_filters`, `dilate`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
import torch.nn.functional as functional

from convbook.checks.engine.declare import case, counting, drawn, draws, every_form, exercise, mistake, table
from convbook.checks.engine.families.windows import kept
from convbook.forms import Case


def slice_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield layers whose filters and channels differ, then others."""
    yield from table((20, 3), (6, 1), (16, 6), (3, 3), (1, 5), (2, 7), (64, 128))
    for _ in range(6):
        yield drawn(*(int(side) for side in rng.integers(2, 40, 2)))


GROUPS = "each channel of the input gets one group, with one slice from each of the filters"
HERE = "{f} filters of depth {c} have {slices} slices; they become {c} groups"


@exercise(
    "Count the slices", points=2, cases=slice_cases, facts={"slices": lambda f, c: f * c}, why=GROUPS + "; " + HERE,
    mistakes=(
        mistake("the two numbers are exchanged", "the number of filters comes first, then their depth", HERE, result=lambda y: y[::-1]),
        mistake("every slice is a filter by itself", GROUPS, HERE, result=lambda slices: (slices, 1)),
        mistake("all slices make one filter", GROUPS, HERE, result=lambda slices: (1, slices)),
        mistake("the depth is the number of all slices", GROUPS, HERE, result=lambda y, slices: (y[0], slices)),
        mistake("the number of filters is the number of all slices", GROUPS, HERE, result=lambda y, slices: (slices, y[1])),
        mistake("the number of filters stays what it was", GROUPS, HERE, result=lambda y, f: (f, f)),
        mistake("the depth stays what it was", GROUPS, HERE, result=lambda y, c: (c, c)),
        mistake("it is always the lecture's layer", "the answer depends on f and c: 20 filters on 3 channels are only one example", HERE, instead=lambda: (3, 20)),
        mistake("the number of all slices is returned", "two numbers are asked for, as a tuple: how many filters, and how deep", HERE, result=lambda slices: slices),
    ),
)  # fmt: skip
def slices_after_regrouping(f, c):
    return tuple(torch.empty(f, c, 1, 1, device="meta").transpose(0, 1).shape[:2])


def filter_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield filters (f, c, kh, kw): one kernel, one row of kernels, as many filters as channels."""
    yield from table(
        ((1, 1, 2, 2),), ((1, 1, 2, 3),), ((2, 1, 1, 1),), ((1, 2, 1, 2),), ((2, 3, 1, 1),), ((2, 2, 2, 2),), ((3, 2, 2, 3),),
    )  # fmt: skip
    yield from every_form((2, 3, 2, 2))
    yield from draws(rng, 6, "w (f, c, kh, kw)", f=(1, 4), c=(1, 4), kh=(1, 4), kw=(1, 4))
    yield from draws(rng, 2, "w (f, c, kh, kw)", f=3, c=("f", 0), kh=3, kw=("kh", 0))


TURN = "every kernel is turned by 180°: rows and columns are both reversed, the first weight becomes the last"
GROUP = "axis 0 becomes the channel, axis 1 the filter"


@exercise(
    "Regroup the filters", points=4, cases=filter_cases, shapes="w (f, c, kh, kw)",
    facts={"first": lambda w: w.flatten()[0]},
    why=GROUP + ", and " + TURN, shape="{f} filters of depth {c} become {c} of depth {f}: ({c}, {f}, {kh}, {kw})",
    help=("axes don't match array",),
    mistakes=(
        mistake("the kernels are not turned", TURN, "{kh} rows and {kw} columns", w=lambda w: w.flip(2, 3)),
        mistake("only the rows are reversed", TURN, "{kw} columns as well", w=lambda w: w.flip(3)),
        mistake("only the columns are reversed", TURN, "{kh} rows as well", w=lambda w: w.flip(2)),
        mistake("channels and filters are not exchanged", GROUP, "wanted ({c}, {f}, {kh}, {kw})", w=lambda w: w.transpose(0, 1)),
        mistake("channels and filters are exchanged by a reshape", "`reshape` keeps the order in memory and moves no axis: use `transpose` or `swapaxes`",
                "wanted ({c}, {f}, {kh}, {kw})", w=lambda w: w.reshape(w.shape[1], w.shape[0], *w.shape[2:]).transpose(0, 1)),
        mistake("the kernels are transposed", "a turn by 180° is no transpose", TURN, w=lambda w: w.flip(2, 3).transpose(2, 3)),
        mistake("the kernels are turned by 90°", TURN, "`np.rot90` turns by 90°: twice is needed, over the axes (2, 3)", w=lambda w: torch.rot90(w, 1, (2, 3)).flip(2, 3)),
        mistake("the order of the filters is reversed too", "only the kernels are turned, their order stays", "axis 0 and 1 are exchanged, not reversed", w=lambda w: w.flip(0)),
        mistake("the order of the channels is reversed too", "only the kernels are turned, their order stays", "axis 0 and 1 are exchanged, not reversed", w=lambda w: w.flip(1)),
        mistake("filters and channels are reversed, the kernels are not", "the last two axes are reversed: rows and columns of each kernel", "axes 2 and 3",
                w=lambda w: w.flip(0, 1, 2, 3)),
        mistake("all four axes are reversed", "only the last two axes are reversed: rows and columns of each kernel", "axes 2 and 3", w=lambda w: w.flip(0, 1)),
        mistake("all four axes are in reverse order", "`w.T` exchanges rows and columns of each kernel too: `transpose(1, 0, 2, 3)`", GROUP, result=lambda y, w: w.permute(3, 2, 1, 0),
                ways=({"result": lambda y, w: w.permute(3, 2, 1, 0).flip(0, 1)}, {"result": lambda y, w: w.permute(3, 2, 1, 0).flip(2, 3)})),
        mistake("only the first filter is regrouped", "every filter gives a slice to each group", "{f} filters", w=lambda w: kept(w, w[:1])),
        mistake("the slices are added up", "each slice keeps its place, nothing is added up", "a group has {f} of them", result=lambda y: y.sum(1)),
    ),
)  # fmt: skip
def regroup_filters(w):
    return functional.conv2d(single_pixels(w), w)


def single_pixels(w: Any) -> Any:
    """Return an image for each channel of the filters: 0 but for one 1, which every weight meets at another place."""
    c, kh, kw = w.shape[1:]
    return functional.pad(torch.eye(c)[:, :, None, None], (kw - 1, kw - 1, kh - 1, kh - 1))


def dilate_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield maps to spread, from one row of two."""
    yield case(np.array([[[[5.0, 7.0]]]]), 2)
    yield from table(
        ((1, 1, 2, 1), 3),
        ((1, 1, 2, 2), 2),
        ((1, 1, 2, 3), 3),
        ((1, 1, 1, 1), 2, "one entry: nothing lies between"),
    )
    yield from table(
        ((1, 2, 2, 3), 1, "stride 1: nothing lies between"),
        ((2, 3, 1, 2), 2),
        ((3, 1, 2, 2), 4),
        ((1, 1, 4, 3), 2),
    )
    yield case(-counting(1, 2, 2, 2), stride=2)
    yield from every_form((2, 3, 2, 3), 2)
    yield from draws(
        rng, 8, "dout (n, f, h, w), stride", n=(1, 3), f=(1, 3), h=(1, 4), w=(1, 4), stride=(1, 5)
    )


BETWEEN = "zeros lie between the entries, and nowhere else"
GAP = "stride {stride} puts {gap} zeros between two entries"
SIDES = "({h} − 1) · {stride} + 1 = {tall} rows, ({w} − 1) · {stride} + 1 = {wide} columns"


@exercise(
    "Spread the gradient", points=4, cases=dilate_cases, shapes="dout (n, f, h, w)",
    facts={"gap": lambda stride: stride - 1, "tall": lambda h, stride: (h - 1) * stride + 1, "wide": lambda w, stride: (w - 1) * stride + 1},
    why="entry (i, j) moves to (i · {stride}, j · {stride}); the rest is 0", shape=SIDES,
    help=("could not broadcast",),
    mistakes=(
        mistake("there are zeros behind the last entry", BETWEEN + ": a side has (side − 1) · stride + 1 places, not side · stride", SIDES,
                result=lambda y, stride: functional.pad(y, (0, stride - 1, 0, stride - 1))),
        mistake("there are zeros before the first entry", BETWEEN, SIDES, result=lambda y, stride: functional.pad(y, (stride - 1, 0, stride - 1, 0))),
        mistake("there are zeros all round", BETWEEN, SIDES, result=lambda y, stride: functional.pad(y, (stride - 1,) * 4)),
        mistake("there are as many zeros as the stride", "the stride counts from entry to entry: one fewer lies between", GAP, stride=lambda stride: stride + 1),
        mistake("one zero too few lies between", "the stride counts from entry to entry", GAP, stride=lambda stride: max(stride - 1, 1)),
        mistake("there is always one zero between", "the stride says how many there are", GAP, stride=lambda: 2),
        mistake("nothing is spread", BETWEEN, GAP, stride=lambda: 1),
        mistake("only the rows are spread", "both rows and columns are spread", SIDES, result=lambda y, stride: y[..., ::stride]),
        mistake("only the columns are spread", "both rows and columns are spread", SIDES, result=lambda y, stride: y[..., ::stride, :]),
        mistake("the entries are repeated", "between the entries lie zeros, not copies", GAP,
                result=lambda dout, stride: dout.repeat_interleave(stride, 2).repeat_interleave(stride, 3)),
        mistake("the entries are repeated, and the last ones cut off", "between the entries lie zeros, not copies", GAP,
                result=lambda y, dout, stride: dout.repeat_interleave(stride, 2).repeat_interleave(stride, 3)[:, :, : y.shape[2], : y.shape[3]]),
        mistake("entries are left out, not moved apart", "`dout[::stride]` takes every stride-th entry: here the *result* has them there", SIDES,
                result=lambda dout, stride: dout[:, :, ::stride, ::stride]),
        mistake("the entries stay together, zeros follow", "the shape is right, but entry i belongs to place i · stride", GAP,
                result=lambda y, dout: kept(y, dout)),
        mistake("images and maps are spread, not rows and columns", "rows and columns are the last two axes", SIDES,
                instead=lambda again, dout: again(dout=dout.permute(2, 3, 0, 1)).permute(2, 3, 0, 1)),
        mistake("the result is all zeros", "the entries must be put in as well", GAP, result=lambda y: y * 0),
    ),
)  # fmt: skip
def dilate(dout, stride):
    spread = functional.conv_transpose2d(dout.flatten(0, 1)[:, None], torch.ones(1, 1, 1, 1), stride=stride)
    return spread.unflatten(0, dout.shape[:2])[:, :, 0]
