"""Batch norm backward, and the parameters that undo it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as functional

from convbook.checks.engine.declare import case, counting, drawn, every_layout, exercise, mistake
from convbook.checks.engine.families_norms import biased, unbiased
from convbook.checks.engine.families_norms_backward import differentiated, dx, hat, learned_gradients
from convbook.checks.engine.parts import Parts
from convbook.checks.normalization.fitting import fit
from convbook.forms import Case


def backward_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield gradients (n, d) with the batch they belong to, small ones first."""
    x = np.array([[0.0, 1.0], [1.0, 4.0], [5.0, 1.0]])
    yield case(np.array([[1.0, 0.0], [0.0, 2.0], [0.0, -1.0]]), x, np.array([2.0, 3.0]), 0.5)
    yield case((counting(4, 3) ** 2) % 5, (counting(4, 3) ** 2) % 7, np.array([1.0, -2.0, 0.5]))
    yield case((counting(2, 2) ** 2) % 5, np.array([[1.0, 0.0], [3.0, 4.0]]), np.array([2.0, -1.0]), eps=0.25)
    yield case(np.ones((3, 2)), x, np.array([2.0, 3.0]), about="every output counts the same")
    still = np.array([[3.0, 1.0], [3.0, 4.0], [3.0, 2.0]])
    yield case(
        (counting(3, 2) ** 2) % 5, still, np.array([2.0, 3.0]), 0.5, about="a feature that never changes"
    )
    yield from every_layout((counting(4, 3) ** 2) % 5, (counting(4, 3) ** 2) % 7, np.array([1.0, 2.0, 0.5]))
    arrays = (counting(4, 3) % 5, (counting(4, 3) ** 2) % 7, np.array([1.0, 2.0, 0.5]))
    yield case(*(a.astype(np.float32) for a in arrays), about="float32")
    for number in range(8):
        n, d = int(rng.integers(3, 7)), int(rng.integers(1, 5))
        yield drawn(
            rng.normal(size=(n, d)),
            2 * rng.normal(size=(n, d)) + 3,
            rng.normal(size=d),
            eps=(1e-5, 0.3)[number % 2],
        )


WAYS = "x reaches the result in three ways: by itself, by the mean and by the variance"


def rows(g, xhat):
    """Return what is left of a gradient where its means are taken over the features."""
    return g - g.mean(1, True) - xhat * (g * xhat).mean(1, True)


def through_variance(dout, x, gamma, eps):
    """Return what reaches x through the variance, taken away in dx."""
    xhat, g = hat(x, eps), dout * gamma
    return xhat * (g * xhat).mean(0) / (biased(x) + eps).sqrt()


@exercise(
    "Backward", points=8, cases=backward_cases, observe=Parts("dx", "dgamma", "dbeta"),
    shapes="dout (n, d), x (n, d), gamma (d)",
    why="the {d} features are differentiated one by one, and each of the {n} values moves its feature's mean "
            "and variance",
    help=("operands could not be broadcast together",),
    mistakes=(
        mistake("the mean's part is missing", WAYS + "; a larger x moves the mean",
                "subtract what reaches the {n} values through it", result=dx(lambda g, xhat, n: g - xhat * (g
                * xhat).mean(0))),
        mistake("the variance's part is missing", WAYS + "; a larger x moves the variance",
                "subtract what reaches the {n} values through it", result=dx(lambda g, xhat, n: g -
                g.mean(0))),
        mistake("mean and variance are taken for constants", WAYS, "the first way alone is gamma / deviation "
                "· dout", result=dx(lambda g, xhat, n: g)),
        mistake("the mean's and the variance's part are added, not subtracted",
                "the mean is subtracted in the forward pass: its part has a minus", result=dx(lambda g, xhat,
                n: g + g.mean(0) + xhat * (g * xhat).mean(0))),
        mistake("the variance's part is added, not subtracted", "a larger x − mean makes the deviation "
                "larger, and the result smaller: its part has a minus", result=dx(lambda g, xhat, n: g -
                g.mean(0) + xhat * (g * xhat).mean(0))),
        mistake("the mean's part is added, not subtracted",
                "the mean is subtracted in the forward pass: its part has a minus", result=dx(lambda g, xhat,
                n: g + g.mean(0) - xhat * (g * xhat).mean(0))),
        mistake("the means of the gradient are sums", "a mean over the batch passes 1 / n of its gradient to "
                "each example", "n is {n}", result=dx(lambda g, xhat, n: g - g.sum(0) - xhat * (g *
                xhat).sum(0))),
        mistake("the means of the gradient are taken over the features", "mean and variance belong to one "
                "feature: axis 0", "{n} examples share them", result=lambda out, dout, x, gamma, eps:
                (rows(dout * gamma, hat(x, eps)) / (biased(x) + eps).sqrt(), *out[1:])),
        mistake("the variance's part is made with x − mean, which is not normalised",
                "the way through the variance passes the division twice: it takes the *normalised* x",
                result=lambda out, dout, x, gamma, eps: (out[0] - through_variance(dout, x, gamma, eps) *
                (biased(x) + eps - 1), *out[1:])),
        mistake("the variance is taken for unbiased", "the forward pass normalises with the biased variance, "
                "divided by n", "n is {n}", result=dx(lambda g, xhat, n: g - g.mean(0) - xhat * (g *
                xhat).sum(0) / (n - 1)), ways=({"instead": lambda dout, x, gamma, eps: differentiated(dout,
                x, gamma, unbiased, eps)},)),
        mistake("the mean's part is made with dout, without gamma", "what passes through the mean was "
                "multiplied by gamma before", result=lambda out, dout, x, gamma, eps: (out[0] + (dout *
                (gamma - 1)).mean(0) / (biased(x) + eps).sqrt(), *out[1:])),
        mistake("gamma is left out of dx", "the gradient passes through the multiplication by gamma: it is "
                "multiplied by gamma too", result=lambda out, gamma, again: (again(gamma=gamma * 0 + 1)[0],
                *out[1:])),
        mistake("dx is not divided by the deviation",
                "x was divided by the deviation, and so is its gradient", result=lambda out, x, eps: (out[0]
                * (biased(x) + eps).sqrt(), *out[1:])),
        mistake("dx is divided by the variance, not by its root",
                "x was divided by the deviation, and so is its gradient", result=lambda out, x, eps: (out[0]
                / (biased(x) + eps).sqrt(), *out[1:])),
        mistake("dx is divided by n once more", "the sums are already means", "n is {n}", result=lambda out,
                n: (out[0] / n, *out[1:])),
        *learned_gradients(),
        mistake("dx comes last", "the order is dx, dgamma, dbeta", result=lambda out: (out[1], out[2],
                out[0])),
        mistake("eps is left out", "the forward pass divides by √(variance + eps), and so does the way back",
                "eps is {eps}", instead=lambda dout, x, gamma: differentiated(dout, x, gamma, biased, 0.0)),
    ),
)  # fmt: skip
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    fit(x, eps, 2, gamma=gamma)
    leaves = [one.clone().requires_grad_() for one in (x, gamma, gamma * 0)]
    y = functional.batch_norm(leaves[0], None, None, leaves[1], leaves[2], True, 0.0, eps)
    return torch.autograd.grad((y * dout).sum(), leaves)


def identity_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield batches (n, d) whose features all vary: where one does not, any gamma would do."""
    yield case(np.array([[0.0, 3.0], [4.0, 5.0]]), 0.5)
    yield case(np.array([[0.0, 3.0], [4.0, 5.0], [2.0, 13.0]]))
    yield case(np.array([[1.0, 2.0, 0.0], [3.0, 2.5, 8.0]]), eps=2.0)
    yield case(
        np.array([[0.001, -50.0], [0.002, 70.0], [0.004, 0.0]]), about="features of very different size"
    )
    yield from every_layout((counting(4, 3) ** 2) % 7)
    yield case(((counting(4, 3) ** 2) % 7).astype(np.float32), about="float32")
    for number in range(8):
        yield drawn(5 * rng.normal(size=tuple(rng.integers(2, 7, 2))) + 2, eps=(1e-5, 0.3)[number % 2])


UNDONE = "what was subtracted is added again, and what was divided by is multiplied with: √(variance + eps)"


def gamma_is(function):
    """Return the change in which gamma is a function of x and eps."""
    return lambda out, x, eps: (function(x, eps), out[1])


@exercise(
    "Undo it", points=4, cases=identity_cases, observe=Parts("gamma", "beta"), shapes="x (n, d)",
    why="`batchnorm_train(x, gamma, beta, …)` must give x again: {d} gammas and {d} betas",
            help=("not enough values to unpack",),
    mistakes=(
        mistake("eps is forgotten in gamma", UNDONE, "eps is {eps}", result=gamma_is(lambda x, eps:
                biased(x).sqrt())),
        mistake("eps is added outside the root", UNDONE, "eps is {eps}", result=gamma_is(lambda x, eps:
                biased(x).sqrt() + eps)),
        mistake("eps is subtracted", UNDONE, "eps is {eps}", result=gamma_is(lambda x, eps: (biased(x) -
                eps).sqrt())),
        mistake("gamma is the variance, not its root", UNDONE, result=gamma_is(lambda x, eps: biased(x) +
                eps), ways=({"result": gamma_is(lambda x, eps: biased(x))},)),
        mistake("gamma is one over the deviation", UNDONE, result=lambda out: (1 / out[0], out[1])),
        mistake("gamma is made of the unbiased variance", "batch norm divides by the biased variance, so "
                "gamma is made of it too", result=gamma_is(lambda x, eps: (unbiased(x) + eps).sqrt()),
                ways=({"result": gamma_is(lambda x, eps: unbiased(x).sqrt())},)),
        mistake("beta has the wrong sign", UNDONE, "beta is added", result=lambda out: (out[0], -out[1])),
        mistake("beta is 0", "the *normalised* x has mean 0, and the mean of x itself is wanted",
                result=lambda out: (out[0], out[1] * 0)),
        mistake("beta is divided by the deviation", "beta is added after gamma: it is the mean itself",
                result=lambda out: (out[0], out[1] / out[0])),
        mistake("beta is minus the mean over the deviation", "this normalises; what is asked for undoes it",
                result=lambda out: (out[0], -out[1] / out[0]), ways=({"result": lambda out: (1 / out[0],
                -out[1] / out[0])},)),
        mistake("gamma is 1 and beta is 0",
                "these leave the *normalised* x as it is, and x itself is wanted", result=lambda out: (out[0]
                * 0 + 1, out[1] * 0)),
        mistake("gamma and beta are exchanged", "the order is gamma, beta", result=lambda out: (out[1],
                out[0])),
        mistake("the statistics are those of each row", "a feature's gamma and beta come from its own "
                "values: axis 0", "{n} values, {d} of each", instead=lambda x, eps: ((x.var(1,
                unbiased=False) + eps).sqrt(), x.mean(1))),
        mistake("all features share one gamma and one beta", "every feature has its own: average over axis 0 "
                "only", "{d} of each", instead=lambda x, eps: ((x.var(unbiased=False) + eps).sqrt(),
                x.mean()), ways=({"instead": lambda x, eps, d: ((x.var(unbiased=False) +
                eps).sqrt().expand(d), x.mean().expand(d))},)),
        mistake("gamma and beta keep the axis of the examples", "one number a feature",
                "shape ({d},), not (1, {d})", result=lambda out: (out[0][None], out[1][None])),
    ),
)  # fmt: skip
def identity_parameters(x, eps=1e-5):
    fit(x, eps, 2)
    variance, mean = torch.var_mean(x, 0, unbiased=False)
    return (variance + eps).sqrt(), mean
