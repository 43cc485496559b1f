"""Batch norm folded into the convolution before it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from torch.nn.utils.fusion import fuse_conv_bn_weights

from convbook.checks.engine.declare import case, counting, drawn, every_layout, exercise, mistake
from convbook.checks.engine.parts import Parts
from convbook.forms import Case


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
        mistake("without a bias, the running mean is lost", PUT_IN + ": without b the mean is still "
                "subtracted", result=lambda out, b, beta: (out[0], beta if b is None else out[1])),
        mistake("without a bias, no bias is returned", "the mean and beta need one, even where the "
                "convolution had none", result=lambda out, b: (out[0], None if b is None else out[1])),
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
