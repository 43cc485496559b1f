"""Right answers to the exercises of unit 02, in other styles than the solution's: only tests may know them."""

from __future__ import annotations

import functools
import math
from fractions import Fraction

import numpy as np

from right import way


@way("conv_params")
def counted_filter_by_filter(c_in, c_out, k, bias=True):
    total = 0
    for _ in range(c_out):
        total += c_in * k * k
        if bias:
            total += 1
    return total


@way("conv_params")
def arrays_of_the_same_shape(c_in, c_out, k, bias=True):
    return np.zeros((c_out, c_in, k, k)).size + np.zeros(c_out).size * bool(bias)


@way("conv_params")
def parameters_of_a_layer_of_torch(c_in, c_out, k, bias=True):
    from torch import nn

    return sum(p.numel() for p in nn.Conv2d(c_in, c_out, k, bias=bias).parameters())


@way("conv_params")
def a_float_that_is_a_whole_number(c_in, c_out, k, bias=True):
    return np.float64(c_out * (c_in * k**2 + int(bias)))


@way("linear_params")
def two_products(shape_in, shape_out, bias=True):
    inputs, outputs = np.prod(shape_in), np.prod(shape_out)
    return inputs * outputs + (outputs if bias else 0)


@way("linear_params")
def unpacked_sides(shape_in, shape_out, bias=True):
    c, h, w = shape_in
    f, rows, columns = shape_out
    return (c * h * w + (1 if bias else 0)) * f * rows * columns


@way("linear_params")
def one_more_input_for_the_bias(shape_in, shape_out, bias=True):
    return functools.reduce(lambda a, b: a * b, shape_out) * (math.prod(shape_in) + bias)


@way("conv_macs")
def weights_times_places(c_in, c_out, k, h_out, w_out):
    weights = np.zeros((c_out, c_in, k, k)).size
    return weights * h_out * w_out


@way("conv_macs")
def places_one_by_one(c_in, c_out, k, h_out, w_out):
    total = 0
    for _ in range(h_out):
        for _ in range(w_out):
            total += c_out * c_in * k * k
    return total


@way("conv_macs")
def a_fraction(c_in, c_out, k, h_out, w_out):
    return Fraction(2 * c_in * c_out * k * k * h_out * w_out, 2)


@way("trace_shapes")
def one_branch_a_kind(layers, shape):
    shapes = []
    for layer in layers:
        kind = layer[0]
        if kind == "conv":
            _, c, k, s, p = layer
            shape = (c, (shape[1] + 2 * p - k) // s + 1, (shape[2] + 2 * p - k) // s + 1)
        elif kind == "pool":
            _, k, s = layer
            shape = (shape[0], (shape[1] - k) // s + 1, (shape[2] - k) // s + 1)
        elif kind == "flatten":
            shape = (math.prod(shape),)
        else:
            shape = (layer[1],)
        shapes.append(shape)
    return shapes


@way("trace_shapes")
def numbers_of_numpy(layers, shape):
    sides, shapes = np.array(shape), []
    for kind, *numbers in layers:
        if kind in ("conv", "pool"):
            channels, k, stride, padding = numbers if kind == "conv" else (sides[0], *numbers, 0)
            sides = np.concatenate(
                [[channels], np.floor((sides[1:] + 2 * padding - k) / stride).astype(int) + 1]
            )
        else:
            sides = np.array([sides.prod()] if kind == "flatten" else numbers)
        shapes.append(tuple(sides))
    return shapes


@way("trace_shapes")
def recursive_walk(layers, shape):
    if not layers:
        return []
    (kind, *numbers), rest = layers[0], layers[1:]
    if kind == "conv":
        c, k, stride, padding = numbers
        new = (c, *(1 + (side - k + 2 * padding) // stride for side in shape[1:]))
    elif kind == "pool":
        new = (shape[0], *(len(range(0, side - numbers[0] + 1, numbers[1])) for side in shape[1:]))
    else:
        new = tuple(numbers) or (int(np.prod(shape)),)
    return [new, *recursive_walk(rest, new)]


@way("trace_shapes")
def layers_of_torch(layers, shape):
    import torch
    from torch import nn

    x, shapes = torch.zeros(1, *shape), []
    for kind, *numbers in layers:
        made = {
            "conv": lambda c=None, k=1, s=1, p=0, x=x: nn.Conv2d(x.shape[1], c, k, s, p),
            "pool": lambda *n: nn.MaxPool2d(*n),
            "flatten": nn.Flatten,
            "linear": lambda n=None, x=x: nn.Linear(x.shape[1], n),
        }[kind](*numbers)
        x = made(x)
        shapes.append(x.shape[1:])  # a torch.Size is a tuple
    return shapes


@way("receptive_field")
def from_the_input_up(layers):
    size, jump = 1, 1
    for k, stride in layers:
        size += (k - 1) * jump
        jump *= stride
    return size, jump


@way("receptive_field")
def from_the_top_down(layers):
    size = 1
    for k, stride in reversed(layers):
        size = (size - 1) * stride + k
    return size, math.prod(stride for _, stride in layers)


@way("receptive_field")
def sets_of_pixels(layers):
    def pixels(unit):
        seen = {unit}
        for k, stride in layers[::-1]:
            seen = {u * stride + offset for u in seen for offset in range(k)}
        return seen

    first, second = pixels(0), pixels(1)
    return max(first) - min(first) + 1, min(second) - min(first)


@way("receptive_field")
def cumulative_products(layers):
    table = np.array(layers, dtype=int).reshape(-1, 2)
    jumps = np.cumprod([1, *table[:, 1]])
    return 1 + ((table[:, 0] - 1) * jumps[:-1]).sum(), jumps[-1]


@way("conv1x1")
def einsum_over_channels(x, w, b=None):
    y = np.einsum("fc,nchw->nfhw", w, x)
    return y if b is None else y + b[:, None, None]


@way("conv1x1")
def product_of_matrices(x, w, b=None):
    n, c, height, width = x.shape
    y = (w @ x.reshape(n, c, height * width)).reshape(n, len(w), height, width)
    return y if b is None else y + b.reshape(1, -1, 1, 1)


@way("conv1x1")
def channels_last_and_back(x, w, b=None):
    y = np.moveaxis(x, 1, -1) @ w.T
    if b is not None:
        y = y + b
    return np.moveaxis(y, -1, 1)


@way("conv1x1")
def loops_over_filters_and_channels(x, w, b=None):
    n, c, height, width = x.shape
    y = np.zeros((n, len(w), height, width))
    for f in range(len(w)):
        for channel in range(c):
            y[:, f] += w[f, channel] * x[:, channel]
        if b is not None:
            y[:, f] += b[f]
    return y


@way("conv1x1")
def tensordot_of_the_channels(x, w, b=None):
    y = np.tensordot(w, x, axes=(1, 1)).transpose(1, 0, 2, 3)
    return y + (0 if b is None else b[None, :, None, None])


@way("bottleneck_params")
def factored(c, squeeze, k):
    return c * squeeze * (1 + k * k)


@way("bottleneck_params")
def two_arrays(c, squeeze, k):
    return np.zeros((squeeze, c, 1, 1)).size + np.zeros((c, squeeze, k, k)).size


@way("bottleneck_params")
def layers_without_bias(c, squeeze, k):
    from torch import nn

    layers = nn.Sequential(nn.Conv2d(c, squeeze, 1, bias=False), nn.Conv2d(squeeze, c, k, bias=False))
    return sum(p.numel() for p in layers.parameters())
