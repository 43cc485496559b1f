"""How batch norm over images goes wrong where its statistics are taken over other axes.

For oracles of `x` (n, c, h, w), `gamma`, `beta`, the running statistics, `momentum` and `eps` that return (y, running mean,
running variance); `as_one` serves vectors (n, d) too.
"""

from __future__ import annotations

import torch.nn.functional as functional

from convbook.checks.engine.declare import Draft, mistake
from convbook.checks.engine.families_norms import count_of, per, unbiased

MAPS = "a channel's statistics are taken over all images and all pixels: axes 0, 2 and 3"


def as_one(x, gamma, beta, running_mean, running_var, momentum, eps, factor=None):
    """Return what comes out where one mean and one variance are taken of everything."""
    y = (x - x.mean()) / (x.var(unbiased=False) + eps).sqrt() * per(gamma, x) + per(beta, x)
    variance = x.var() if factor is None else x.var(unbiased=False) * factor
    return y, running_mean.lerp(x.mean(), momentum), running_var.lerp(variance, momentum)


def as_one_corrected(x, gamma, beta, running_mean, running_var, momentum, eps):
    values = x.numel() // x.shape[1]
    return as_one(x, gamma, beta, running_mean, running_var, momentum, eps, values / (values - 1))


def otherwise(function):
    """Return the change in which y is gamma · function(x, eps) + beta, the rest is right."""
    return lambda out, x, gamma, beta, eps: (function(x, eps) * per(gamma, x) + per(beta, x), *out[1:])


def over(*dims):
    """Return the change in which x is normalised over these axes."""
    return otherwise(
        lambda x, eps: (x - x.mean(dims, True)) / (x.var(dims, False, keepdim=True) + eps).sqrt()
    )


def averaged(dims, rest):
    """Return the change of `over` in which the variances it takes are averaged over `rest` and kept."""

    def result(out, running_var, x, momentum, gamma, beta, eps):
        kept = x.var(dims, unbiased=False).mean(rest)
        return over(*dims)(out, x, gamma, beta, eps)[0], out[1], running_var.lerp(kept, momentum)

    return result


def image_by_image(out, x, gamma, beta, running_mean, running_var, momentum, eps):
    """Return what comes out where every image is given to batch norm by itself, one after the other."""
    for image in x.split(1):
        running_mean = running_mean.lerp(image.mean((0, 2, 3)), momentum)
        running_var = running_var.lerp(unbiased(image), momentum)
    return over(2, 3)(out, x, gamma, beta, eps)[0], running_mean, running_var


def images_averaged(x, gamma, beta, running_mean, running_var, momentum, eps):
    """Return what comes out where the variance of a channel is the mean of the variances in its images."""
    mean, variance = x.mean((0, 2, 3)), x.var((2, 3), unbiased=False).mean(0)
    y = functional.batch_norm(x, mean, variance, gamma, beta, False, 0.0, eps)
    ratio = count_of(x) / max(count_of(x) - 1, 1)
    return y, running_mean.lerp(mean, momentum), running_var.lerp(variance * ratio, momentum)


def other_axes() -> tuple[Draft, ...]:
    """Return the ways to take a channel's statistics over too few axes or too many."""
    return (
        mistake("every image has statistics of its own", MAPS + "; over axes 2 and 3 alone it is instance "
                "norm", "{n} images count together", result=over(2, 3), ways=({"result": averaged((2, 3),
                0)}, {"result": image_by_image})),
        mistake("every pixel has statistics of its own", MAPS + ": a pixel's place makes no difference",
                "{h} · {w} pixels count together", result=over(0), ways=({"result":
                averaged((0,), (1, 2))},)),
        mistake("the channels of an image are averaged together", MAPS +
                "; over axes 1, 2 and 3 it is layer norm", "{c} channels, {c} means", result=over(1, 2, 3)),
        mistake("the variance is the mean of the images' variances", MAPS + ": the images' means differ, and "
                "that is a part of the variance", "{n} images count together", instead=images_averaged),
        mistake("all channels share one mean and one variance", MAPS, "{c} means and {c} variances",
                instead=as_one, ways=({"instead": as_one_corrected},)),
    )  # fmt: skip
