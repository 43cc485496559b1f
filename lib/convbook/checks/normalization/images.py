"""Batch norm over images."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch.nn.functional as functional

from convbook.checks.engine.declare import exercise, mistake
from convbook.checks.engine.families_norms import (
    axes,
    biased,
    divisors,
    kept,
    per,
    running,
    scales,
    sources,
    unbiased,
)
from convbook.checks.engine.families_norms_images import other_axes
from convbook.checks.normalization.batch import KEPT, batchnorm_train, training_cases
from convbook.checks.normalization.fitting import fit
from convbook.forms import Case


def batchnorm2d_train_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield images (n, c, h, w): as many columns as channels, one image, single pixels among them."""
    yield from training_cases(
        rng, (2, 3, 1, 2), (2, 2, 1, 2), (2, 3, 2, 3), (3, 1, 2, 4), (1, 2, 2, 3), (3, 2, 1, 1)
    )


MOVED = "`reshape` moves no axis: bring the channels to the end with `transpose` or `moveaxis` first"
MEETS = "NumPy matches the last axis: give gamma, beta and the statistics the shape (1, c, 1, 1)"


def first_only(out, running_mean, running_var):
    """Return what comes out where the loop over the channels ends after the first."""
    y, mean, variance = out[0].clone(), running_mean.clone(), running_var.clone()
    y[:, 1:], mean[0], variance[0] = 0, out[1][0], out[2][0]
    return y, mean, variance


def mixed(x, gamma, beta, running_mean, running_var, momentum, eps):
    """Return what comes out where (n, c, h, w) is reshaped to (−1, c) without moving the channels."""
    rows = x.reshape(-1, x.shape[1])
    y, *states = batchnorm_train_oracle(rows, gamma, beta, running_mean, running_var, momentum, eps)
    return y.reshape(x.shape), *states


def batchnorm_train_oracle(x, gamma, beta, running_mean, running_var, momentum, eps):
    mean, variance = running_mean.clone(), running_var.clone()
    return functional.batch_norm(x, mean, variance, gamma, beta, True, momentum, eps), mean, variance


@exercise(
    "Over images", points=6, cases=batchnorm2d_train_cases, observe=KEPT,
    shapes="x (n, c, h, w) -> (n, c, h, w)",
    facts={"values": lambda n, h, w: n * h * w}, uses=(batchnorm_train,),
    why="each of the {c} channels is normalised with the mean and the variance of its {n} · {h} · {w} = "
            "{values} values",
    shape="a batch of shape ({n}, {c}, {h}, {w}) keeps its shape",
    help=("operands could not be broadcast together", "could not broadcast input array"),
    mistakes=(
        *running("n · h · w"), *sources(),
        *divisors(lambda x, running_var: biased(x), lambda x, running_mean: x.mean(axes(x)), "channel"),
                *scales("channel"),
        mistake("gamma and beta run along the columns", MEETS, "{c} channels, {w} columns", result=lambda
                out, x, gamma, beta, eps: (functional.batch_norm(x, None, None, training=True, eps=eps) *
                gamma + beta, *out[1:])),
        mistake("the statistics run along the columns", MEETS, "{c} channels, {w} columns", result=lambda
                out, x, gamma, beta, eps: ((x - x.mean((0, 2, 3))) / (biased(x) + eps).sqrt() * gamma + beta,
                *out[1:]), ways=({"result": lambda out, x, gamma, beta, eps: ((x - x.mean((0, 2, 3))) /
                (biased(x) + eps).sqrt() * per(gamma, x) + per(beta, x), *out[1:])},)),
        *other_axes(),
        mistake("momentum and eps are not passed on", "both are what the caller asks for",
                "here {momentum} and {eps}", momentum=lambda: 0.1, eps=lambda: 1e-5),
        mistake("only the first channel is normalised", "a `return` in the loop ends it after its first "
                "round", "{c} channels", result=first_only),
        mistake("the correction of the running variance counts images only",
                "unbiased means divided by one less than there are *values*: n · h · w of them",
                "{values} values, not {n}", result=kept(lambda old, new, x, m, eps: new + m * (biased(x) *
                (len(x) / (len(x) - 1) if len(x) > 1 else float("inf")) - unbiased(x))), ways=({"result":
                kept(lambda old, new, x, m, eps: new + m * (biased(x) * (len(x) / max(len(x) - 1, 1)) -
                unbiased(x)))},)),
        mistake("channels and pixels are mixed by a reshape", MOVED, "({n}, {c}, {h}, {w})", instead=mixed),
        mistake("the channels are the last axis of the result", "the layout stays (n, c, h, w)",
                "({n}, {c}, {h}, {w})", result=lambda out: (out[0].permute(0, 2, 3, 1), *out[1:])),
        mistake("the result is reshaped where its axes should be moved back", MOVED, "({n}, {c}, {h}, {w})",
                result=lambda out, x: (out[0].permute(0, 2, 3, 1).reshape(x.shape), *out[1:])),
    ),
)  # fmt: skip
def batchnorm2d_train(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    fit(x, eps, 2, 4, gamma=gamma, beta=beta, running_mean=running_mean, running_var=running_var)
    return batchnorm_train_oracle(x, gamma, beta, running_mean, running_var, momentum, eps)
