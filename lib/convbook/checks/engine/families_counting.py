"""Layers, single and in lists, of which only sizes count: what PyTorch makes of them, right and wrong.

A layer in a list is ("conv", c_out, k, stride, padding), ("pool", k, stride), ("flatten",) or ("linear", n_out).
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as functional
from torch import nn


def learned(*layers: nn.Module) -> int:
    """Return how many numbers some layers learn."""
    return sum(parameter.numel() for layer in layers for parameter in layer.parameters())


def conv(c_in, c_out, k, bias=False) -> nn.Module:
    """Return a convolution layer without memory for its weights; `ValueError` for an empty one."""
    if np.min((c_in, c_out, np.min(k))) < 1:
        raise ValueError("a layer has at least one channel and one weight")
    return nn.Conv2d(c_in, c_out, k, bias=bias, device="meta")


def blank(*sides):
    """Return a tensor of which only the shape counts.

    It has memory, for on the device "meta" PyTorch first loads sympy: the learner would wait for seconds.
    """
    return torch.zeros(*sides)


def applied(x, kind, *numbers):
    """Return what one layer makes of images (n, c, h, w), or of vectors (n, d)."""
    if kind == "conv":
        c_out, k, stride, padding = numbers
        return functional.conv2d(x, blank(c_out, x.shape[1], k, k), None, stride, padding)
    if kind == "pool":
        return functional.max_pool2d(x, *numbers)
    x = x.flatten(1)
    return x if kind == "flatten" else functional.linear(x, blank(*numbers, x.shape[1]))


def walked(layers, shape, layer=applied, chained=True):
    """Return the shapes after each layer; without `chained` every layer gets the first input."""
    x, shapes = blank(1, *shape), []
    for one in layers:
        made = layer(x, *one)
        shapes.append(tuple(made.shape[1:]))
        x = made if chained else x
    return shapes


def every(wanted, change):
    """Return the change of a list of layers in which the numbers of one kind are replaced."""
    return lambda layers: [
        (kind, *(change(*numbers) if kind == wanted else numbers)) for kind, *numbers in layers
    ]


def made(change, *kinds):
    """Return a way to walk in which layers of these kinds give what `change` makes of their input and numbers."""

    def layer(x, kind, *numbers):
        return change(x, numbers) if kind in kinds else applied(x, kind, *numbers)

    return {"instead": lambda layers, shape: walked(layers, shape, layer)}


def roomy(x, numbers):
    """Return what a conv or pool makes where a step that does not fit is taken after all."""
    *c_out, k, stride, padding = numbers if len(numbers) == 4 else (*numbers, 0)
    spare = [-(side + 2 * padding - k) % stride for side in x.shape[2:]]
    kind = "conv" if c_out else "pool"
    return applied(functional.pad(x, (0, spare[1], 0, spare[0])), kind, *numbers)


def fewer(number):
    """Return what a pool makes that divides the channels by one of its numbers."""
    return lambda x, numbers: applied(x[:, : x.shape[1] // numbers[number]], "pool", *numbers)


def nearest(x, numbers):
    """Return what a conv or pool makes where the size of its output is rounded, not cut off."""
    *c_out, k, stride, padding = numbers if len(numbers) == 4 else (*numbers, 0)
    sides = [round((side + 2 * padding - k) / stride) + 1 for side in x.shape[2:]]
    return blank(x.shape[0], *(c_out or x.shape[1:2]), *sides)


def square(x, numbers):
    """Return what a conv or pool makes where the width of its output is taken from the height."""
    y = applied(x, "conv" if len(numbers) == 4 else "pool", *numbers)
    return blank(*y.shape[:3], y.shape[2])


def covered(layers, units=1):
    """Return how many input pixels lie under some neighbouring units: what their gradient would cover."""
    x = blank(1, 1, units)
    for k, stride in reversed(layers):
        x = functional.conv_transpose1d(x, blank(1, 1, k), stride=stride)
    return x.shape[2]
