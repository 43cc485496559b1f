"""Which axes a norm averages over, layer norm, and batch norm folded into the convolution before it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as functional
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from convbook.checks.engine.axes import Axes
from convbook.checks.engine.declare import case, counting, drawn, every_layout, exercise, mistake
from convbook.checks.engine.parts import Parts
from convbook.checks.normalization.fitting import fit
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


def right_batch(ndim):
    return (0, *rest(ndim))


def right_layer(ndim):
    return (1, *rest(ndim))


@exercise(
    "Which axes", points=4, cases=axes_cases, observe=Axes(),
    facts={"input": lambda ndim: "(n, d)" if ndim == 2 else "(n, c, h, w)"},
    why="the axes that are averaged over are those that the mean no longer has",
    help=("is not iterable",),
    mistakes=(
        mistake("batch and layer are exchanged", BATCH + ". " + LAYER, "the input is {input}",
                result=answered(batch=right_layer, layer=right_batch)),
        mistake("the axes that stay are returned, not those that are averaged over",
                "what is averaged over is gone from the mean", "the input is {input}",
                result=answered(batch=lambda n: (1,), layer=lambda n: (0,), instance=lambda n: (0, 1))),
        mistake("batch norm averages over the images only", BATCH + ", the pixels too",
                "the input is {input}", result=answered(batch=lambda n: (0,))),
        mistake("batch norm averages over the pixels only", BATCH + ", the images too",
                "the input is {input}", result=answered(batch=lambda n: rest(n) or (0,))),
        mistake("batch norm averages over everything", BATCH, "the input is {input}",
                result=answered(batch=lambda n: tuple(range(n)))),
        mistake("layer norm averages over the channels only", LAYER + ", as PyTorch's over all of (c, h, w)",
                "the input is {input}", result=answered(layer=lambda n: (1,))),
        mistake("layer norm averages over the pixels only", LAYER + ", the channels too",
                "the input is {input}", result=answered(layer=lambda n: rest(n) or (1,))),
        mistake("layer norm averages over everything", LAYER, "the input is {input}",
                result=answered(layer=lambda n: tuple(range(n)))),
        mistake("layer norm takes the last axis only", LAYER, "the input is {input}",
                result=answered(layer=lambda n: (n - 1,))),
        mistake("instance norm averages over the images too", "each map of each image has statistics of its "
                "own", "the input is {input}", result=answered(instance=lambda n: (0, 2, 3))),
        mistake("instance norm averages over the channels too", "each map of each image has statistics of "
                "its own", "the input is {input}", result=answered(instance=lambda n: (1, 2, 3))),
        mistake("it is right for vectors only", "an image has h and w, which are averaged over too",
                "the input is {input}", result=answered(batch=lambda n: (0,), layer=lambda n: (1,))),
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


def layernorm_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield batches (n, d): single examples and a square one among them."""
    gamma, beta = np.array([1.0, 2.0, 3.0]), np.array([10.0, 0.0, -10.0])
    yield case(np.array([[0.0, 1.0, 5.0], [2.0, 6.0, 4.0]]), gamma, beta, 0.5)
    yield case(np.array([[0.0, 1.0, 5.0]]), gamma, beta, about="a single example")
    yield case((counting(3, 3) ** 2) % 7, gamma, beta)
    yield case((counting(5, 2) ** 2) % 7, gamma[:2], beta[:2], eps=0.25)
    yield case(
        np.array([[3.0, 3.0, 3.0], [1.0, 2.0, 4.0]]), gamma, beta, about="an example whose variance is 0"
    )
    yield from every_layout((counting(4, 3) ** 2) % 7, gamma, beta)
    yield case(*(a.astype(np.float32) for a in ((counting(4, 3) ** 2) % 7, gamma, beta)), about="float32")
    for number in range(8):
        n, d = (int(side) for side in rng.integers(2, 7, 2))
        yield drawn(
            3 * rng.normal(size=(n, d)) + 1,
            rng.normal(size=d),
            rng.normal(size=d),
            eps=(1e-5, 0.2)[number % 2],
        )


EXAMPLE = "every example is normalised by itself, over its own d features: axis 1"
FEATURE = "gamma and beta belong to the features, as in batch norm"


def by_example(function):
    """Return the rule in which the normalised x is multiplied by a function of variance and eps."""
    return lambda x, gamma, beta, eps: (
        plain(x, eps) * function(x.var(1, unbiased=False, keepdim=True), eps) * gamma + beta
    )


def plain(x, eps):
    return functional.layer_norm(x, x.shape[1:], eps=eps)


@exercise(
    "Layer norm", points=4, cases=layernorm_cases, shapes="x (n, d), gamma (d), beta (d) -> (n, d)",
    why="each of the {n} examples is normalised with the mean and the variance of its {d} features",
            help=("operands could not be broadcast together",),
    mistakes=(
        mistake("it is batch norm: the statistics are those of each feature", EXAMPLE, "{n} means, not {d}",
                instead=lambda x, gamma, beta, eps: (x - x.mean(0)) / (x.var(0, unbiased=False) + eps).sqrt()
                * gamma + beta),
        mistake("all examples share one mean and one variance", EXAMPLE, "{n} means", instead=lambda x,
                gamma, beta, eps: (x - x.mean()) / (x.var(unbiased=False) + eps).sqrt() * gamma + beta),
        mistake("the statistics run along the features", "keep the axis, with `keepdims=True`, so that an "
                "example's mean meets its own row", "{n} means for {n} rows", instead=lambda x, gamma, beta,
                eps: (x - x.mean(1)) / (x.var(1, unbiased=False) + eps).sqrt() * gamma + beta),
        mistake("it is normalised with the unbiased variance", "layer norm divides by the biased variance",
                "divided by {d}, not by {d} − 1", instead=lambda x, gamma, beta, eps: (x - x.mean(1, True)) /
                (x.var(1, keepdim=True) + eps).sqrt() * gamma + beta),
        mistake("eps is added to the deviation, outside the root", "eps goes under the root", "eps is {eps}",
                instead=by_example(lambda v, eps: (v + eps).sqrt() / (v.sqrt() + eps))),
        mistake("eps is left out", "the deviation is √(variance + eps)", "eps is {eps}",
                instead=by_example(lambda v, eps: ((v + eps) / v).sqrt())),
        mistake("it is divided by the variance, not by its root", "the deviation is √(variance + eps)",
                instead=by_example(lambda v, eps: (v + eps) ** -0.5)),
        mistake("it is not divided by the deviation", "a normalised example has deviation 1",
                instead=by_example(lambda v, eps: (v + eps).sqrt())),
        mistake("the mean is not subtracted", "a normalised example has mean 0", result=lambda y, x, gamma,
                eps: y + x.mean(1, True) / (x.var(1, unbiased=False, keepdim=True) + eps).sqrt() * gamma),
        mistake("gamma is ignored", FEATURE, "{d} of them", gamma=lambda gamma: gamma * 0 + 1),
        mistake("beta is ignored", FEATURE, "{d} of them", beta=lambda beta: beta * 0),
        mistake("gamma and beta are exchanged", FEATURE, gamma=lambda beta: beta, beta=lambda gamma: gamma),
        mistake("gamma and beta are applied before the normalisation", FEATURE + ", and come after it",
                x=lambda x, gamma, beta: x * gamma + beta, gamma=lambda gamma: gamma * 0 + 1, beta=lambda
                beta: beta * 0),
        mistake("gamma and beta belong to the examples", FEATURE, "{d} features, {n} examples",
                instead=lambda x, gamma, beta, eps: plain(x, eps) * gamma[:, None] + beta[:, None]),
        mistake("beta is multiplied by gamma too", FEATURE + ": first times gamma, then plus beta",
                beta=lambda beta, gamma: beta * gamma),
    ),
)  # fmt: skip
def layernorm(x, gamma, beta, eps=1e-5):
    fit(x, eps, gamma=gamma, beta=beta)
    return functional.layer_norm(x, x.shape[1:], gamma, beta, eps)


def fold_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield filters (f, c, k, k) with the batch norm behind them, with and without a bias."""
    states = np.array([2.0, -1.0]), np.array([10.0, 20.0]), np.array([1.0, 3.0]), np.array([4.0, 9.0])
    yield case(counting(2, 1, 1, 1), np.array([5.0, 6.0]), *states, 0.5)
    yield case(counting(2, 1, 1, 3), None, *states, about="no bias")
    yield case(counting(2, 3, 2, 2), np.array([0.5, -1.0]), *states, eps=0.25)
    yield case(counting(2, 2, 2, 2), np.array([1.0, 2.0]), *states, about="all sides alike")
    yield from every_layout(counting(2, 3, 1, 2), np.array([5.0, 6.0]), *states)
    yield case(
        *(a.astype(np.float32) for a in (counting(2, 1, 2, 3), np.array([5.0, 6.0]), *states)),
        about="float32",
    )
    for number in range(8):
        f, c, kh, kw = (int(side) for side in rng.integers(1, 5, 4))
        bias = rng.normal(size=f) if number % 2 else None
        yield drawn(
            rng.normal(size=(f, c, kh, kw)),
            bias,
            *rng.normal(size=(3, f)),
            rng.uniform(0.3, 3, f),
            eps=(1e-5, 0.3)[number // 4],
        )


PUT_IN = "put w · x + b into the formula of batch norm at test time, and sort by what is multiplied with x"
EACH = "every filter has a gamma, a beta, a mean and a variance of its own"


def factor(gamma, running_var, eps):
    return gamma / (running_var + eps).sqrt()


def along(w, other):
    """Return the change in which each filter's factor runs along another axis of w."""
    return lambda out, w, gamma, running_var, eps: (other(w, factor(gamma, running_var, eps)), out[1])


@exercise(
    "Fold it away", points=6, cases=fold_cases, observe=Parts("w", "b"), shapes="w (f, c, kh, kw)",
    why="the folded convolution gives what convolution and batch norm gave together, for all {f} filters",
            shape="w keeps its shape, and b is one number for each of the {f} filters",
    help=("operands could not be broadcast together", "unsupported operand type(s)"),
    mistakes=(
        mistake("the convolution's bias is lost", PUT_IN + ": b is normalised too", b=lambda: None),
        mistake("the convolution's bias is not scaled", PUT_IN + ": b is divided by the deviation and "
                "multiplied by gamma, as w is", result=lambda out, b, gamma, running_var, eps: (out[0],
                out[1] if b is None else out[1] + b * (1 - factor(gamma, running_var, eps)))),
        mistake("the running mean is not subtracted", PUT_IN + ": the mean goes into the bias",
                running_mean=lambda running_mean: running_mean * 0),
        mistake("the running mean is not scaled", PUT_IN + ": the mean is divided by the deviation and "
                "multiplied by gamma", result=lambda out, running_mean, gamma, running_var, eps: (out[0],
                out[1] + running_mean * (factor(gamma, running_var, eps) - 1))),
        mistake("the running mean is added", "batch norm subtracts the mean", running_mean=lambda
                running_mean: -running_mean),
        mistake("beta is left out", PUT_IN + ": beta is added last", beta=lambda beta: beta * 0),
        mistake("beta is scaled too", "beta is added last: nothing is multiplied with it any more",
                result=lambda out, beta, gamma, running_var, eps: (out[0], out[1] + beta * (factor(gamma,
                running_var, eps) - 1))),
        mistake("gamma is left out", EACH, gamma=lambda gamma: gamma * 0 + 1),
        mistake("gamma is left out of the bias", PUT_IN + ": gamma multiplies all but beta", result=lambda
                out, again, gamma: (out[0], again(gamma=gamma * 0 + 1)[1])),
        mistake("the weights stay as they were", PUT_IN + ": the weights are scaled, too", result=lambda out,
                w: (w, out[1])),
        mistake("eps is left out", "batch norm divides by √(variance + eps)", "eps is {eps}", eps=lambda:
                0.0),
        mistake("eps is added outside the root", "batch norm divides by √(variance + eps)", "eps is {eps}",
                running_var=lambda running_var, eps: (running_var.sqrt() + eps) ** 2 - eps),
        mistake("it is divided by the variance, not by its root", "batch norm divides by √(variance + eps)",
                running_var=lambda running_var, eps: (running_var + eps) ** 2 - eps),
        mistake("the factors run along the columns of the kernel", EACH +
                ": give the factor the shape (f, 1, 1, 1)", "{f} filters, {kw} columns", result=along("w",
                lambda w, a: w * a)),
        mistake("the factors run along the channels", EACH + ": axis 0 of w is the filter",
                "{f} filters, {c} channels", result=along("w", lambda w, a: w * a[:, None, None])),
        mistake("b' comes before w'", "the order is weights, biases", result=lambda out: (out[1], out[0])),
        mistake("the folded bias is added to the old one", "b is part of it already", result=lambda out, b:
                (out[0], out[1] if b is None else out[1] + b)),
    ),
)  # fmt: skip
def fold_batchnorm(w, b, gamma, beta, running_mean, running_var, eps=1e-5):
    for name, numbers in {
        "b": b,
        "gamma": gamma,
        "beta": beta,
        "running_mean": running_mean,
        "running_var": running_var,
    }.items():
        if numbers is not None and tuple(numbers.shape) != (len(w),):
            raise ValueError(
                f"{name} has shape {tuple(numbers.shape)} and there are {len(w)} filters: give it the shape "
                f"({len(w)},)"
            )
    fused = fuse_conv_bn_weights(w, b, running_mean, running_var, eps, gamma, beta)
    return tuple(part.detach() for part in fused)
