"""Batch norm of vectors: in training, and at test time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch.nn.functional as functional

from convbook.answers.values import LAYOUTS, laid_out
from convbook.checks.engine.cases import LAYOUT_WORDS
from convbook.checks.engine.declare import case, counting, drawn, exercise, mistake
from convbook.checks.engine.families_norms import (
    biased,
    divisors,
    running,
    scales,
    sources,
    unbiased,
)
from convbook.checks.engine.families_norms_images import as_one, as_one_corrected
from convbook.checks.engine.updates import Updates
from convbook.checks.normalization.fitting import fit
from convbook.forms import Case

KEPT = Updates(running_mean="running mean", running_var="running variance")


def learned(d: int) -> tuple[np.ndarray, ...]:
    """Return gamma, beta, running mean and running variance, four different rows of numbers."""
    one = np.arange(1.0, d + 1)
    return one + 1, 10 * one - 20, one / 2, one * 4


def training_cases(rng: np.random.Generator, *shapes: tuple[int, ...]) -> Iterator[Case]:
    """Yield batches of these shapes in training, then in all layouts, then from the seed."""
    for shape in shapes:
        x = (counting(*shape) ** 2) % 11
        yield case(x, *learned(shape[1]), 0.25, 0.5)
    shape = shapes[0]
    x = (counting(*shape) ** 2) % 7
    yield case(x, *learned(shape[1]), about="momentum 0.1 and eps 1e-5, as they are if nobody says otherwise")
    yield case(x, *learned(shape[1]), momentum=0.5, eps=0.25)
    yield case(x, *learned(shape[1]), momentum=1.0)
    still = x.copy()
    still[:, 0] = 3.0
    yield case(still, *learned(shape[1]), about="a feature that never changes: its variance is 0")
    for layout in LAYOUTS[1:]:
        given = [laid_out(a, layout) for a in (x, *learned(shape[1])[:2])]
        states = (
            learned(shape[1])[2:]
            if layout == "read-only"
            else [laid_out(a, layout) for a in learned(shape[1])[2:]]
        )
        yield case(
            *given, *states, about=LAYOUT_WORDS[layout]
        )  # what is updated in place cannot be read-only
    yield case(*(a.astype(np.float32) for a in (x, *learned(shape[1]))), about="float32")
    for number in range(8):
        sides = tuple(int(side) + 1 + (axis == 0) for axis, side in enumerate(rng.integers(1, 5, len(shape))))
        d = sides[1]
        yield drawn(3 * rng.normal(size=sides) + 5, *rng.normal(size=(3, d)), rng.uniform(0.5, 2, d),
                    momentum=(0.1, 0.3)[number % 2], eps=(1e-5, 0.1)[number % 2])  # fmt: skip


def batchnorm_train_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield batches (n, d), the smallest first, a square one among them."""
    yield from training_cases(rng, (3, 2), (2, 3), (2, 2), (5, 4))


@exercise(
    "Batch norm, training", points=9, cases=batchnorm_train_cases, observe=KEPT, shapes="x (n, d) -> (n, d)",
    why="each of the {d} features is normalised with the mean and the variance of its own {n} values",
    shape="a batch of shape ({n}, {d}) keeps its shape",
    help=("operands could not be broadcast together", "could not broadcast input array",
            "output array is read-only"),
    mistakes=(
        *running("n"), *sources(),
        *divisors(lambda x, running_var: biased(x), lambda x, running_mean: x.mean(0), "feature"),
                *scales("feature"),
        mistake("the statistics are those of each row, as in layer norm",
                "a feature is compared with itself in the other examples: average over axis 0",
                "{d} means, one a feature, not {n}", result=lambda out, x, gamma, beta, eps:
                (functional.layer_norm(x, x.shape[1:], eps=eps) * gamma + beta, *out[1:])),
        mistake("all features share one mean and one variance", "every feature has statistics of its own: "
                "average over axis 0 only", "{d} means and {d} variances", instead=as_one, ways=({"instead":
                as_one_corrected},)),
    ),
)  # fmt: skip
def batchnorm_train(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    fit(x, eps, 2, gamma=gamma, beta=beta, running_mean=running_mean, running_var=running_var)
    mean, variance = running_mean.clone(), running_var.clone()
    return functional.batch_norm(x, mean, variance, gamma, beta, True, momentum, eps), mean, variance


def batchnorm_eval_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield batches (n, d) at test time, single examples among them."""
    for number, one in enumerate(training_cases(rng, (3, 2), (2, 3), (2, 2), (5, 4))):
        if len(one.args) == 7 or number % 2:
            eps = one.args[6] if len(one.args) == 7 else one.kwargs.get("eps", 1e-5)
            yield case(*one.args[:5], eps) if not one.drawn else drawn(*one.args[:5], eps=eps)
    yield case(counting(1, 3), *learned(3), about="a single example")
    read_only = [laid_out(a, "read-only") for a in (counting(3, 2), *learned(2))]
    yield case(*read_only, about="nothing may be written into: the arrays are read-only")
    yield case(*(laid_out(a, "Fortran order") for a in (counting(4, 3), *learned(3))), about="other layouts")
    yield case(*(a.astype(np.float32) for a in (counting(4, 3), *learned(3))), about="float32")
    yield drawn(rng.normal(size=(1, 4)), *rng.normal(size=(3, 4)), rng.uniform(0.5, 2, 4))


FIXED = "at test time nothing is learned and nothing is kept: the running statistics stay as they are"
TEST = "at test time the running mean and variance take the batch's place"


@exercise(
    "Batch norm, test", points=4, cases=batchnorm_eval_cases, observe=KEPT, shapes="x (n, d) -> (n, d)",
    why="each of the {d} features is normalised with its running mean and running variance, whatever the "
            "other examples are",
    shape="{n} examples of {d} features stay as many",
    help=("operands could not be broadcast together",),
    mistakes=(
        *divisors(lambda x, running_var: running_var, lambda x, running_mean: running_mean, "feature"),
                *scales("feature")[:3], *scales("feature")[4:-1],
        mistake("the statistics of the batch are used", TEST, "an example may not depend on the {n} − 1 "
                "others", instead=lambda x, gamma, beta, running_mean, running_var, eps: (by_batch(x, gamma,
                beta, eps), running_mean, running_var)),
        mistake("the statistics are those of each row, as in layer norm", TEST + ": one of each for "
                "a feature", "{d} means, not {n}", instead=lambda x, gamma, beta, running_mean, running_var,
                eps: (functional.layer_norm(x, x.shape[1:], eps=eps) * gamma + beta, running_mean,
                running_var)),
        mistake("the running mean is used with the batch's variance", TEST + ", both of them", instead=lambda
                x, gamma, beta, running_mean, running_var, eps: ((x - running_mean) / (biased(x) +
                eps).sqrt() * gamma + beta, running_mean, running_var)),
        mistake("the batch's mean is used with the running variance", TEST + ", both of them", instead=lambda
                x, gamma, beta, running_mean, running_var, eps: ((x - x.mean(0)) / (running_var + eps).sqrt()
                * gamma + beta, running_mean, running_var)),
        mistake("running mean and running variance are exchanged", "the mean is subtracted, the root of the "
                "variance divides", instead=lambda x, gamma, beta, running_mean, running_var, eps: ((x -
                running_var) / (running_mean + eps).sqrt() * gamma + beta, running_mean, running_var)),
        mistake("gamma and beta are left out at test time", "gamma and beta act in training *and* at test "
                "time; only the source of mean and variance changes", gamma=lambda gamma: gamma * 0 + 1,
                beta=lambda beta: beta * 0),
        mistake("the running statistics are updated", FIXED, result=lambda out, x: (out[0],
                out[1].lerp(x.mean(0), 0.1), out[2].lerp(unbiased(x), 0.1)), ways=({"result": lambda out, x:
                (out[0], out[1].lerp(x.mean(0), 0.1), out[2].lerp(biased(x), 0.1))}, {"running_mean": lambda
                running_mean, x: running_mean.lerp(x.mean(0), 0.1), "running_var": lambda running_var, x:
                running_var.lerp(biased(x), 0.1)}, {"running_mean": lambda running_mean, x:
                running_mean.lerp(x.mean(0), 0.1), "running_var": lambda running_var, x:
                running_var.lerp(unbiased(x), 0.1)}, {"running_mean": lambda running_mean, x:
                running_mean.lerp(x.mean(0), 0.1)})),
    ),
)  # fmt: skip
def batchnorm_eval(x, gamma, beta, running_mean, running_var, eps=1e-5):
    fit(x, eps, gamma=gamma, beta=beta, running_mean=running_mean, running_var=running_var)
    y = functional.batch_norm(x, running_mean, running_var, gamma, beta, False, 0.0, eps)
    return y, running_mean.clone(), running_var.clone()


def by_batch(x, gamma, beta, eps):
    return (x - x.mean(0)) / (biased(x) + eps).sqrt() * gamma + beta
