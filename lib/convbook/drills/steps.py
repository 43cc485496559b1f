"""Drills of unit 05: the step, the loss, scaling, and how many steps a pass has."""

from __future__ import annotations

import math

import numpy as np

from convbook.checks.training import (
    apply_normalizer,
    dead_fraction,
    minibatches,
    sgd_momentum_step,
    softmax_cross_entropy,
)
from convbook.drills.kinds import Facts, kind, one_of, pick, shown, some
from convbook.drills.shared import right, sentence, slips
from convbook.drills.start import table


def _step(rng: np.random.Generator) -> Facts:
    facts = {"p": pick(rng, 2, 9), "g": pick(rng, 2, 8), "v": one_of(rng, -6, -4, 3, 5, 10), "lr": one_of(rng, 0.1, 0.2, 0.5),
             "momentum": one_of(rng, 0.5, 0.8, 0.9)}  # fmt: skip
    return {**facts, "new": facts["momentum"] * facts["v"] + facts["g"]}


def _scores(rng: np.random.Generator) -> Facts:
    values = next(v for v in iter(lambda: some(rng, 3, 1, 8), None) if sum(v) in (5, 8, 10, 12, 16, 20))
    label, asked = pick(rng, 0, 2), pick(rng, 0, 2)
    return {
        "values": values,
        "label": label,
        "asked": asked,
        "total": sum(values),
        "share": values[asked] / sum(values),
    }


def _losses(rng: np.random.Generator) -> Facts:
    powers = some(rng, 3, 1, 5)
    return {"powers": powers, "shares": [2.0**-power for power in powers], "total": sum(powers)}


def _epoch(rng: np.random.Generator) -> Facts:
    batch, full, epochs = one_of(rng, 16, 32, 50, 64), pick(rng, 5, 30), pick(rng, 2, 5)
    return {
        "batch": batch,
        "full": full,
        "n": batch * full + pick(rng, 1, batch // 2 - 1),
        "epochs": epochs,
        "steps": full + 1,
    }


def _pixel(rng: np.random.Generator) -> Facts:
    return {"x": pick(rng, 5, 9) / 10, "mean": pick(rng, 2, 4) / 10, "std": one_of(rng, 0.2, 0.4, 0.5),
            "own": pick(rng, 45, 48) / 100}  # fmt: skip


def _units(rng: np.random.Generator) -> Facts:
    activations = rng.integers(-3, 4, (3, 4))
    activations[:, pick(rng, 0, 3)] = [0, *some(rng, 2, -4, -1)]
    return {"activations": activations.astype(float), "rows": activations.tolist(),
            "dead": int((activations.max(0) <= 0).sum())}  # fmt: skip


KINDS = (
    kind("momentum_step", "05", "One step with momentum", draw=_step, decimals=2,
         ask="SGD as in PyTorch: the weight is {p}, its gradient {g}, its velocity {v}, the momentum {momentum}, the learning rate {lr}. "
             "What is the weight after the step? (Two decimals.)",
         answer=lambda p, lr, new: p - lr * new,
         worked="New velocity: {momentum} · {v!p} + {g} = {new}.\nWeight: {p} − {lr} · {new!p} = {answer}.",
         mistakes={
             sentence(sgd_momentum_step, "there is no momentum"): lambda p, g, lr: p - lr * g,
             sentence(sgd_momentum_step, "the momentum is an average"):
                 lambda p, g, v, lr, momentum: p - lr * (momentum * v + (1 - momentum) * g),
             sentence(sgd_momentum_step, "the step is taken with the old velocity"): lambda p, v, lr: p - lr * v,
             sentence(sgd_momentum_step, "the step goes uphill"): lambda p, lr, new: p + lr * new,
             sentence(sgd_momentum_step, "there is no learning rate"): lambda p, new: p - new,
             sentence(sgd_momentum_step, "the old velocity does not fade"): lambda p, g, v, lr: p - lr * (v + g),
         }),
    kind("softmax_gradient", "05", "Softmax and its gradient", draw=_scores, decimals=2,
         ask=lambda values, label, asked: f"The exponentials of three scores are {', '.join(map(str, values))}; the label is class {label}, "
                                          f"counted from 0. What is the gradient of the cross-entropy at the score of class {asked}? "
                                          "(A fraction, or two decimals.)",
         answer=lambda share, label, asked: share - (label == asked),
         worked=lambda values, total, asked, label, answer:
             f"Softmax: {values[asked]} / {total}.\nMinus {int(label == asked)}, as class {asked} is "
             f"{'the label' if label == asked else 'not the label'}: {shown(answer)}.",
         mistakes={
             sentence(softmax_cross_entropy, "the gradient points the wrong way"): lambda share, label, asked: (label == asked) - share,
             sentence(softmax_cross_entropy, "the gradient is the softmax alone"):
                 lambda share, label, asked: share if label == asked else None,
             sentence(softmax_cross_entropy, "the gradient is only at the label"): lambda label, asked: None if label == asked else 0.0,
             "the label's 1 is subtracted in every class: only at the label": lambda share, label, asked: None if label == asked else share - 1,
             "the exponentials are not divided by their sum: shares add up to 1":
                 lambda values, label, asked: float(values[asked] - (label == asked)),
             sentence(softmax_cross_entropy, "it is the gradient with respect to the probabilities"):
                 lambda share, label, asked: -1 / share if label == asked else None,
         }),
    kind("mean_cross_entropy", "05", "Cross-entropy of a batch", draw=_losses, decimals=2,
         ask=lambda powers: f"A network gives the right class of three images the probabilities {', '.join(f'1/{2**p}' for p in powers)}. "
                            "With ln 2 = 0.6931: what is the mean cross-entropy? (Two decimals.)",
         answer=lambda total: total * math.log(2) / 3,
         worked=lambda powers, total, answer: f"−ln of them: {', '.join(f'{p} · ln 2' for p in powers)}.\n"
                                              f"The mean: {total} / 3 · 0.6931 = {shown(answer)}.",
         mistakes={
             sentence(softmax_cross_entropy, "the loss is summed over the batch"): lambda total: total * math.log(2),
             sentence(softmax_cross_entropy, "the loss is negative"): lambda total: -total * math.log(2) / 3,
             sentence(softmax_cross_entropy, "it is another logarithm: the natural one, ln, is meant"): lambda total: total / 3,
             sentence(softmax_cross_entropy, "the logarithm is missing"): lambda shares: sum(shares) / 3,
             "it is the logarithm of the mean: each image has its own loss, and these are averaged":
                 lambda shares: -math.log(sum(shares) / 3),
         }),
    kind("steps_of_training", "05", "Steps of a training", draw=_epoch, exam=("mini-batch and memory",),
         ask="{n} images are trained on for {epochs} epochs in batches of {batch}; the last short batch of each pass is kept. "
             "How many steps is that?",
         answer=lambda steps, epochs: steps * epochs,
         worked="{n} / {batch} is {full} full batches and a short one: {steps} steps a pass.\n{steps} · {epochs} = {answer}.",
         mistakes={
             sentence(minibatches, "the last short batch is left out: every image counts in every pass"): lambda full, epochs: full * epochs,
             "one epoch is counted: every epoch goes through all images": lambda steps: steps,
             "the batches run on over the end of a pass: every pass begins anew":
                 lambda n, batch, epochs, steps: -(-n * epochs // batch) if -(-n * epochs // batch) != steps * epochs else None,
             "it is not rounded: a short batch is a whole step": lambda n, batch, epochs: n / batch * epochs,
             "one image is a step: a step takes a batch": lambda n, epochs: n * epochs,
         }),
    kind("normalised_pixel", "05", "A pixel on the training set's scale", draw=_pixel, decimals=2,
         ask="The training set has the mean {mean} and the standard deviation {std}; the test set's own mean is {own}. "
             "What becomes of a test pixel of {x} when it is normalised? (Two decimals.)",
         answer=lambda x, mean, std: (x - mean) / std,
         worked="The training set's numbers hold for the test set too:\n({x} − {mean}) / {std} = {answer}.",
         mistakes={
             sentence(apply_normalizer, "the images' own mean is subtracted"): lambda x, own, std: (x - own) / std,
             sentence(apply_normalizer, "nothing is divided"): lambda x, mean: x - mean,
             sentence(apply_normalizer, "nothing is subtracted"): lambda x, std: x / std,
             sentence(apply_normalizer, "it is divided by the variance"): lambda x, mean, std: (x - mean) / std**2,
             sentence(apply_normalizer, "it is divided before the mean is subtracted"): lambda x, mean, std: x / std - mean,
         }),
    kind("dead_units", "05", "Dead units", draw=_units, decimals=2,
         ask=lambda rows: f"A batch of three gives four units these values before the ReLU, a row for each example: {table(rows)}. "
                          "Which share of the units is dead? (A fraction, or two decimals.)",
         answer=lambda activations: right(dead_fraction, activations=activations),
         worked="A unit is a column, and dead if it is never above 0: {dead} of 4.\n{dead} / 4 = {answer}.",
         mistakes=slips(dead_fraction, "it is the share of units that live", "it is the number of dead units",
                        "it is the share of zeros", "it counts examples, not units: a unit is a column")),
)  # fmt: skip
