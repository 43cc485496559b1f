"""Drills of unit 06: batch norm and layer norm by hand, running averages, folding, and what a batch costs."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from convbook.checks.normalization import (
    activation_bytes,
    batchnorm_train,
    fold_batchnorm,
    largest_batch,
    layernorm,
)
from convbook.drills.kinds import Facts, kind, one_of, pick, shown
from convbook.drills.shared import right, sentence, slips

EVEN = {
    1: (-1, -1, 1, 1),
    2: (-3, -1, 0, 1, 3),
    5: (-7, -1, 1, 7),
}  # deviations from the mean, by their root mean square
BY_ROW = {
    "it is batch norm: the statistics are those of each feature":
        "it is batch norm, with the mean of each feature: layer norm takes the mean of each example",
    "all examples share one mean and one variance":
        "all examples share one mean and one variance: layer norm takes each example by itself",
}  # fmt: skip
OVER = {
    "batch norm": ("n", "h", "w"),
    "layer norm, as in PyTorch over all of (c, h, w),": ("c", "h", "w"),
    "instance norm": ("h", "w"),
}


def _values(rng: np.random.Generator) -> Facts:
    """Return values whose deviation is a whole number, with gamma and beta."""
    root, size = one_of(rng, 2, 5), pick(rng, 1, 2)
    mean = pick(rng, 2, 9)
    x = [mean + size * int(one) for one in rng.permutation(EVEN[root])]
    return {"x": x, "mean": mean, "deviation": root * size, "gamma": pick(rng, 2, 5), "beta": one_of(rng, -2, -1, 1, 3),
            "first": x[0], "count": len(x)}  # fmt: skip


def _unbiased(x: list[int], mean: float, gamma: float, beta: float) -> float:
    return gamma * (x[0] - mean) / math.sqrt(sum((one - mean) ** 2 for one in x) / (len(x) - 1)) + beta


def _by_row(name: str) -> tuple[str, Callable[..., Any]]:
    """Return a mistake of layer norm, in words for pen and paper, with its value at the first feature."""

    def arguments(facts: Facts) -> Facts:
        row = np.array([facts["x"], facts["other"]], float)
        full = np.ones(row.shape[1])
        return {"x": row, "gamma": full * facts["gamma"], "beta": full * facts["beta"], "eps": 1e-12}

    made = slips(layernorm, name, arguments=arguments, part=lambda y, facts: float(y[0, 0]))
    said, formula = next(iter(made.items()))
    return BY_ROW.get(name, said), formula


def _rows(rng: np.random.Generator) -> Facts:
    facts = _values(rng)
    return {**facts, "other": [pick(rng, 0, 20) for _ in facts["x"]]}


def _running(rng: np.random.Generator) -> Facts:
    return {
        "momentum": one_of(rng, 0.1, 0.2, 0.25),
        "old": pick(rng, 1, 9),
        "mean": pick(rng, 10, 20),
        "many": 2,
    }


def _again(old: float, mean: float, momentum: float, many: int) -> float:
    for _ in range(many):
        old = (1 - momentum) * old + momentum * mean
    return old


def _running_steps(old: float, mean: float, momentum: float, answer: float) -> str:
    once = _again(old, mean, momentum, 1)
    keep = 1 - momentum
    return (f"New = {shown(keep)} · old + {momentum} · batch.\nFirst batch: {shown(keep)} · {old} + {momentum} · {mean} = "
            f"{shown(once)}.\nSecond batch: {shown(keep)} · {shown(once)} + {momentum} · {mean} = {shown(answer)}.")  # fmt: skip


def _shared(rng: np.random.Generator) -> Facts:
    sides = dict(
        zip(
            "nchw",
            (one_of(rng, 8, 16, 32), one_of(rng, 3, 6, 10), *map(int, rng.permutation([4, 5, 7])[:2])),
            strict=True,
        )
    )
    which = one_of(rng, *OVER)
    return {**sides, "which": which, "axes": OVER[which]}


def _product(sides: Facts, axes: Any) -> int:
    return math.prod(sides[axis] for axis in axes)


def _folded(rng: np.random.Generator) -> Facts:
    return {"w": pick(rng, 2, 9), "b": pick(rng, 1, 6), "gamma": pick(rng, 2, 6), "beta": one_of(rng, -3, -1, 2, 4),
            "mean": pick(rng, 7, 12), "deviation": one_of(rng, 2, 4, 5)}  # fmt: skip


def _fold_arguments(facts: Facts) -> Facts:
    ones = np.ones(1)
    return {"w": np.full((1, 1, 1, 1), float(facts["w"])), "b": ones * facts["b"], "gamma": ones * facts["gamma"], "eps": 1e-12,
            "beta": ones * facts["beta"], "running_mean": ones * facts["mean"], "running_var": ones * facts["deviation"] ** 2}  # fmt: skip


def _memory(rng: np.random.Generator) -> Facts:
    side = one_of(rng, 4, 8)
    shapes = [
        (one_of(rng, 3, 6), side, side),
        (one_of(rng, 8, 12), side // 2, side // 2),
        (one_of(rng, 10, 20),),
    ]
    values = sum(math.prod(shape) for shape in shapes)
    size = one_of(rng, 2, 8)
    return {"shapes": shapes, "batch_size": one_of(rng, 10, 20, 50), "bytes_per_value": size, "values": values,
            "budget_bytes": 1000 * pick(rng, 20, 90), "each": values * size}  # fmt: skip


KINDS = (
    kind("batch_norm", "06", "Batch norm by hand", exam=("batch norm",), draw=_values, decimals=2,
         ask=lambda x, gamma, beta: f"In a batch of {len(x)} a feature has the values {', '.join(map(shown, x))}. With γ = {gamma} and "
                                    f"β = {shown(beta)}, ε left out: what does batch norm make of the first value while it trains? "
                                    "(Two decimals.)",
         answer=lambda first, mean, deviation, gamma, beta: gamma * (first - mean) / deviation + beta,
         worked="The mean is {mean}, the deviation (biased) {deviation}.\n({first} − {mean}) / {deviation} is normalised; "
                "times γ = {gamma}, plus β = {beta}: {answer}.",
         mistakes={
             sentence(batchnorm_train, "it is divided by the variance, not by its root"):
                 lambda first, mean, deviation, gamma, beta: gamma * (first - mean) / deviation**2 + beta,
             sentence(batchnorm_train, "it is normalised with the unbiased variance"): _unbiased,
             sentence(batchnorm_train, "gamma and beta are left out"):
                 lambda first, mean, deviation: (first - mean) / deviation,
             sentence(batchnorm_train, "gamma and beta are exchanged"):
                 lambda first, mean, deviation, gamma, beta: beta * (first - mean) / deviation + gamma,
             sentence(batchnorm_train, "beta is multiplied by gamma too"):
                 lambda first, mean, deviation, gamma, beta: gamma * ((first - mean) / deviation + beta),
             sentence(batchnorm_train, "the mean is not subtracted"):
                 lambda first, deviation, gamma, beta: gamma * first / deviation + beta,
         }),
    kind("running_average", "06", "Running averages", exam=("batch norm",), draw=_running, decimals=2,
         ask="Batch norm with momentum {momentum}, as in PyTorch, holds the running mean {old}. Two batches follow, both with the "
             "mean {mean}. What is the running mean then? (Two decimals.)",
         answer=_again, worked=_running_steps,
         mistakes={
             sentence(batchnorm_train, "momentum is reversed"):
                 lambda old, mean, momentum, many: _again(old, mean, 1 - momentum, many),
             "one batch is counted: each batch moves the running mean":
                 lambda old, mean, momentum: _again(old, mean, momentum, 1),
             sentence(batchnorm_train, "the running statistics are replaced by the batch's"): lambda mean: mean,
             sentence(batchnorm_train, "the old running statistics are not made smaller"):
                 lambda old, mean, momentum, many: old + many * momentum * mean,
             "the second batch counts as much as the first: what is missing shrinks by the same factor each time":
                 lambda old, mean, momentum, many: old + many * momentum * (mean - old),
         }),
    kind("shared_statistics", "06", "Which axes", exam=("batch norm",), draw=_shared,
         ask="Images of shape (n, c, h, w) = ({n}, {c}, {h}, {w}) pass {which} in training. "
             "How many numbers share one mean?",
         answer=lambda n, c, h, w, axes: _product({"n": n, "c": c, "h": h, "w": w}, axes),
         worked=lambda axes, n, c, h, w, answer: f"It averages over {', '.join(axes)}:\n" + " · ".join(
             str({"n": n, "c": c, "h": h, "w": w}[axis]) for axis in axes) + f" = {shown(answer)}.",
         mistakes={
             "it is the number of means: asked for is how many numbers share one":
                 lambda n, c, h, w, axes: _product({"n": n, "c": c, "h": h, "w": w}, set("nchw") - set(axes)),
             "it averages over the images only: the pixels count too": lambda n: n,
             "it averages over everything: then all channels of all images had one mean": lambda n, c, h, w: n * c * h * w,
             "it is batch norm, which averages over n, h and w": lambda n, h, w, axes: n * h * w if "n" not in axes else None,
             "it is layer norm, which averages over c, h and w": lambda c, h, w, axes: c * h * w if "c" not in axes else None,
             "it is instance norm, which averages over h and w": lambda h, w, axes: h * w if len(axes) > 2 else None,
         }),
    kind("layer_norm", "06", "Layer norm by hand", draw=_rows, decimals=2,
         ask=lambda x, other, gamma, beta: f"Two examples of a batch are {shown(tuple(x))} and {shown(tuple(other))}. With γ = {gamma} and "
                                           f"β = {shown(beta)} for every feature, ε left out: what does layer norm make of the first "
                                           "number of the first example? (Two decimals.)",
         answer=lambda first, mean, deviation, gamma, beta: gamma * (first - mean) / deviation + beta,
         worked="Layer norm takes each example by itself: the mean of the first is {mean}, its deviation {deviation}.\n"
                "{gamma} · ({first} − {mean}) / {deviation} + {beta!p} = {answer}.",
         mistakes=dict(map(_by_row, ("it is batch norm: the statistics are those of each feature",
                                     "all examples share one mean and one variance",
                                     "it is normalised with the unbiased variance",
                                     "it is divided by the variance, not by its root", "gamma and beta are left out")))),
    kind("folded_bias", "06", "Batch norm folded away", draw=_folded, decimals=2,
         ask="A convolution with bias {b} is followed by batch norm with running mean {mean}, running variance {deviation}², "
             "γ = {gamma}, β = {beta}, ε left out. Folded into one convolution: which bias does it have? (Two decimals.)",
         answer=lambda b, mean, gamma, deviation, beta: (b - mean) * gamma / deviation + beta,
         worked="The bias passes batch norm like any value: ({b} − {mean}) / {deviation} · {gamma} + {beta!p} = {answer}.",
         mistakes=slips(fold_batchnorm, "the convolution's bias is lost", "the convolution's bias is not scaled",
                        "the running mean is not subtracted", "the running mean is not scaled", "beta is left out",
                        "it is divided by the variance, not by its root",
                        arguments=_fold_arguments, part=lambda out, facts: float(out[1][0]))),
    kind("batch_memory", "06", "What a batch costs", exam=("mini-batch and memory",), draw=_memory,
         ask=lambda shapes, batch_size, bytes_per_value: f"For each image a network keeps activations of the shapes "
             f"{', '.join(map(shown, shapes))}, each number in {bytes_per_value} bytes. How many bytes do the activations of a batch "
             f"of {batch_size} take?",
         answer=lambda shapes, batch_size, bytes_per_value: right(
             activation_bytes, shapes=shapes, batch_size=batch_size, bytes_per_value=bytes_per_value),
         worked="One image: {values} numbers in all, {values} · {bytes_per_value} = {each} bytes.\n"
                "{batch_size} images: {each} · {batch_size} = {answer}.",
         mistakes=slips(activation_bytes, "the batch is left out", "the numbers are counted, not their bytes: each takes several",
                        "a number always takes 4 bytes", "only the largest activation is counted",
                        "every activation is counted twice", "it is given in kilobytes")),
    kind("largest_batch", "06", "The largest batch", exam=("mini-batch and memory",), draw=_memory,
         ask=lambda shapes, budget_bytes, bytes_per_value: f"For each image a network keeps activations of the shapes "
             f"{', '.join(map(shown, shapes))}, each number in {bytes_per_value} bytes. There is room for {budget_bytes:,} bytes. "
             "How many images does the largest batch hold?",
         answer=lambda shapes, budget_bytes, bytes_per_value: right(
             largest_batch, shapes=shapes, budget_bytes=budget_bytes, bytes_per_value=bytes_per_value),
         worked="One image: {values} numbers, {values} · {bytes_per_value} = {each} bytes.\n"
                "{budget_bytes} / {each}, rounded down: {answer}.",
         mistakes=slips(largest_batch, "it is rounded up", "the bytes of a number are left out",
                        "a number always takes 4 bytes", "only the largest activation has to fit",
                        "it is rounded down to a power of two") | {
             "it is not rounded: an image fits completely or not at all": lambda budget_bytes, each: budget_bytes / each,
         }),
)  # fmt: skip
