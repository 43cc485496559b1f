"""Which axes a norm averages over."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import nn

from convbook.checks.engine.axes import Axes
from convbook.checks.engine.declare import case, exercise, mistake
from convbook.forms import Case

LAYERS = {
    ("batch", 2): lambda: nn.BatchNorm1d(3), ("batch", 4): lambda: nn.BatchNorm2d(3), ("instance", 4):
            lambda: nn.InstanceNorm2d(3),
    ("layer", 2): lambda: nn.LayerNorm(3), ("layer", 4): lambda: nn.LayerNorm([3, 4, 5]),
}  # fmt: skip


def axes_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield every norm on vectors (n, d) and on images (n, c, h, w)."""
    yield from (
        case(*key) for key in (("batch", 2), ("layer", 2), ("batch", 4), ("layer", 4), ("instance", 4))
    )


def mixing(layer: nn.Module, sides: tuple[int, ...]) -> tuple[int, ...]:
    """Return the axes along which other inputs have a say in the first output: what a layer averages over."""
    x = (torch.arange(float(np.prod(sides))) ** 2 % 11).reshape(sides).requires_grad_()
    gradient = torch.autograd.grad(layer.double()(x).flatten()[0], x)[0]
    told = [
        gradient[(0,) * axis + (slice(1, None), *(0,) * (len(sides) - axis - 1))]
        for axis in range(len(sides))
    ]
    return tuple(axis for axis, others in enumerate(told) if others.abs().max() > 1e-9)


def answered(**kinds):
    """Return the change in which these kinds have other axes, each a function of the number of axes."""
    return lambda out, kind, ndim: kinds[kind](ndim) if kind in kinds else out


def rest(ndim):
    return tuple(range(2, ndim))


BATCH = "batch norm keeps one mean a feature or channel: it averages over everything but axis 1"
LAYER = "layer norm keeps one mean an example: it averages over everything but axis 0"


def one_mean(kind, ndim):
    """Return in words what has a mean of its own."""
    feature = "each feature" if ndim == 2 else "each channel"
    return {"batch": feature, "layer": "each example", "instance": "each map of each image"}[kind]


def right_batch(ndim):
    return (0, *rest(ndim))


def right_layer(ndim):
    return (1, *rest(ndim))


@exercise(
    "Which axes", points=4, cases=axes_cases, observe=Axes(),
    facts={"input": lambda ndim: "(n, d)" if ndim == 2 else "(n, c, h, w)", "one": one_mean},
    why="the mean of {input} no longer has the axes that are averaged over, and there is one mean for {one}",
    help=("is not iterable",),
    mistakes=(
        mistake("batch and layer are exchanged", BATCH + ". " + LAYER, "the input is {input}",
                result=answered(batch=right_layer, layer=right_batch), ways=({"result": answered(batch=lambda
                n: (1,) if n == 2 else (0, 2, 3), layer=lambda n: (0,) if n == 2 else (1, 2, 3))},
                {"result": answered(batch=lambda n: (0,) if n == 2 else (1, 2, 3), layer=lambda n: (1,) if n
                == 2 else (0, 2, 3))})),
        mistake("for instance norm the axes that stay are returned", "instance norm keeps one mean for each "
                "map of each image: axes 0 and 1 stay", "the input is {input}",
                result=answered(instance=lambda n: (0, 1))),
        mistake("the axes that stay are returned, not those that are averaged over",
                "what is averaged over is gone from the mean", "the input is {input}",
                result=answered(batch=lambda n: (1,), layer=lambda n: (0,), instance=lambda n: (0, 1))),
        mistake("batch norm averages over the images only", BATCH + ", the pixels too",
                "the input is {input}", result=answered(batch=lambda n: (0,))),
        mistake("batch norm averages over the pixels only", BATCH + ", the images too",
                "the input is {input}", result=answered(batch=lambda n: rest(n) or (0,))),
        mistake("batch norm averages over everything", BATCH, "the input is {input}",
                result=answered(batch=lambda n: tuple(range(n))), ways=({"result": answered(batch=lambda n:
                (0,) if n == 2 else (0, 1, 2, 3))},)),
        mistake("layer norm averages over the channels only", LAYER + ", as PyTorch's over all of (c, h, w)",
                "the input is {input}", result=answered(layer=lambda n: (1,))),
        mistake("layer norm averages over the pixels only", LAYER + ", the channels too",
                "the input is {input}", result=answered(layer=lambda n: rest(n) or (1,))),
        mistake("layer norm averages over everything", LAYER, "the input is {input}",
                result=answered(layer=lambda n: tuple(range(n))), ways=({"result": answered(layer=lambda n:
                (1,) if n == 2 else (0, 1, 2, 3))},)),
        mistake("layer norm takes the last axis only", LAYER, "the input is {input}",
                result=answered(layer=lambda n: (n - 1,))),
        mistake("instance norm averages over the images too", "each map of each image has statistics of its "
                "own", "the input is {input}", result=answered(instance=lambda n: (0, 2, 3))),
        mistake("instance norm averages over the channels too", "each map of each image has statistics of "
                "its own", "the input is {input}", result=answered(instance=lambda n: (1, 2, 3))),
        mistake("instance norm averages over the channels only", "a map's pixels are averaged over, its "
                "channel stays", "the input is {input}", result=answered(instance=lambda n: (1,))),
        mistake("it is right for vectors only", "an image has h and w, which are averaged over too",
                "the input is {input}", result=answered(batch=lambda n: (0,), layer=lambda n: (1,)),
                ways=({"result": answered(batch=lambda n: (0,), layer=lambda n: (1,), instance=lambda n:
                ())},)),
        mistake("the channels are taken for the last axis", "here the channels are axis 1, as in PyTorch",
                "the input is {input}", result=answered(batch=lambda n: tuple(range(n - 1)),
                instance=lambda n: (1, 2))),
        mistake("axes are counted from 1", "axes are counted from 0: 0 is the example",
                "the input is {input}", result=lambda out: tuple(axis + 1 for axis in out)),
    ),
)  # fmt: skip
def norm_axes(kind, ndim):
    if (kind, ndim) not in LAYERS:
        raise ValueError(
            f"there is no {kind!r} norm for {ndim} axes here; ask for batch or layer with 2 or 4 axes, or "
            f"instance with 4"
        )
    return mixing(LAYERS[kind, ndim](), (2, 3, 4, 5)[:ndim])
