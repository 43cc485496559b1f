"""Networks as lists of layers, walked with PyTorch: shapes, activations and parameters, right and wrong.

A layer is ("conv", c_out, k, stride, padding), ("pool", k, stride) or ("linear", n_out).
"""

from __future__ import annotations

import functools
import math

from torch import nn

from convbook.checks.engine.families_counting import applied, blank, conv, every, learned

CONVS = ("conv", "pool")
ALEXNET = {
    "conv1": ("conv", 96, 11, 4, 0), "pool1": ("pool", 3, 2), "conv2": ("conv", 256, 5, 1, 2),
        "pool2": ("pool", 3, 2),
    "conv3": ("conv", 384, 3, 1, 1), "conv4": ("conv", 384, 3, 1, 1), "conv5": ("conv", 256, 3, 1, 1),
        "pool5": ("pool", 3, 2),
    "fc6": ("linear", 4096), "fc7": ("linear", 4096), "fc8": ("linear", 1000),
}  # fmt: skip


def vgg(*stages, classes=1000, wide=4096):
    """Return VGG's layers by name: stages of (convolutions, filters) and a pool, then three linear layers."""
    found = {}
    for stage, (count, filters) in enumerate(stages, 1):
        found |= {f"conv{stage}_{i}": ("conv", filters, 3, 1, 1) for i in range(1, count + 1)}
        found[f"pool{stage}"] = ("pool", 2, 2)
    return found | {"fc6": ("linear", wide), "fc7": ("linear", wide), "fc8": ("linear", classes)}


VGG16 = vgg((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))


@functools.cache
def weighed(kind, inputs, outputs, k=1, bias=True):
    """Return how many numbers a layer learns; counted once, for two mistakes at once ask often."""
    if kind == "conv":
        return learned(conv(inputs, outputs, k, bias))
    return learned(nn.Linear(inputs, outputs, bias=bias, device="meta"))


@functools.cache
def sized(kind, numbers, size):
    """Return the size of a map after one layer: a single map is computed, a network would take seconds."""
    numbers = (1, *numbers[1:]) if kind == "conv" else numbers
    return tuple(applied(blank(1, 1, *size), kind, *numbers).shape[2:])


def shaped(shape, kind, *numbers):
    """Return the shape after one layer."""
    if kind == "linear":
        return numbers
    return (numbers[0] if kind == "conv" else shape[0], *sized(kind, numbers, shape[1:]))


def shapes(layers, shape, layer=shaped):
    """Return the shape after every layer; `layer` is the rule for a single one."""
    found = []
    for one in layers:
        shape = layer(shape, *one)
        found.append(tuple(shape))
    return found


def changed(layers, kind, change, *names):
    """Return the layers in which those of a kind, or only those of some names, have other numbers."""
    return [
        every(kind, change)([one])[0] if not names or name in names else one for name, one in layers.items()
    ]


def bill(layers, shape, bias=True, flat=None):
    """Return (activations, parameters) of every layer; `flat` is what the first linear layer takes."""
    rows, taken = [], shape
    for layer, given in zip(layers, shapes(layers, shape), strict=True):
        kind, *numbers = layer
        parameters = 0
        if kind == "conv":
            parameters = weighed(kind, taken[0], numbers[0], numbers[1], bias)
        if kind == "linear":
            inputs = flat if flat and len(taken) == 3 else math.prod(taken)
            parameters = weighed(kind, inputs, numbers[0], bias=bias)
        rows.append((math.prod(given), parameters))
        taken = given
    return rows
