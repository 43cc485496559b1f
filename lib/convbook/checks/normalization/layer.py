"""Layer norm."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch.nn.functional as functional

from convbook.checks.engine.declare import case, counting, drawn, every_layout, exercise, mistake
from convbook.checks.engine.families_norms import unbiased
from convbook.checks.normalization.fitting import fit
from convbook.forms import Case


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
                (unbiased(x.T)[:, None] + eps).sqrt() * gamma + beta),
        mistake("it is divided by the unbiased deviation plus eps", "layer norm divides by √(biased variance "
                "+ eps)", "divided by {d}, not by {d} − 1, and eps goes under the root", instead=lambda x,
                gamma, beta, eps: (x - x.mean(1, True)) / (unbiased(x.T)[:, None].sqrt() + eps) * gamma +
                beta),
        mistake("the mean is each feature's, the variance each example's", EXAMPLE, "{n} means, not {d}",
                instead=lambda x, gamma, beta, eps: (x - x.mean(0)) / (x.var(1, False, keepdim=True) +
                eps).sqrt() * gamma + beta),
        mistake("the mean is each example's, the variance each feature's", EXAMPLE, "{n} variances, not {d}",
                instead=lambda x, gamma, beta, eps: (x - x.mean(1, True)) / (x.var(0, False) + eps).sqrt() *
                gamma + beta),
        mistake("it is divided by the length of the row, not by its deviation", "the deviation is the root "
                "of a *mean* of squares, not of their sum", "{d} features", instead=lambda x, gamma, beta,
                eps: (x - x.mean(1, True)) / ((x - x.mean(1, True)).norm(dim=1, keepdim=True) + eps) * gamma +
                beta),
        mistake("it is divided by the root of the mean square, and the mean stays",
                "this is RMS norm; layer norm subtracts each example's mean first", instead=lambda x, gamma,
                beta, eps: x / ((x * x).mean(1, True) + eps).sqrt() * gamma + beta),
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
        mistake("only the mean is divided by the deviation", "a pair of brackets is missing: first x − mean, "
                "then the division", instead=lambda x, gamma, beta, eps: gamma * (x - x.mean(1, True) /
                (x.var(1, False, keepdim=True) + eps).sqrt()) + beta, ways=({"instead": lambda x, gamma,
                beta, eps: gamma * x - x.mean(1, True) / (x.var(1, False, keepdim=True) + eps).sqrt() +
                beta},)),
        mistake("gamma is ignored", FEATURE, "{d} of them", gamma=lambda gamma: gamma * 0 + 1),
        mistake("beta is ignored", FEATURE, "{d} of them", beta=lambda beta: beta * 0),
        mistake("gamma and beta are left out", FEATURE, "{d} of each", gamma=lambda gamma: gamma * 0 + 1,
                beta=lambda beta: beta * 0),
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
