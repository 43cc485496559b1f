"""How batch norm goes wrong: what it divides by, what it scales with, what it keeps for later.

For oracles of `x` (n, d) or (n, c, h, w), `gamma`, `beta` and `eps` that return (y, running mean, running
variance).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch.nn.functional as functional

from convbook.checks.engine.declare import Draft, mistake

ROOT = "the deviation is √(variance + eps): eps goes under the root, and the root is divided by"
OWN = "every {} is multiplied by its own gamma, and its own beta is added, after it was normalised"


def axes(x: Any) -> list[int]:
    """Return the axes over which batch norm averages: all but the feature's or channel's."""
    return [axis for axis in range(x.dim()) if axis != 1]


def biased(x: Any) -> Any:
    """Return the variance of every feature or channel, divided by how many values there are."""
    return x.var(axes(x), unbiased=False)


def unbiased(x: Any) -> Any:
    """Return the variance of every feature or channel, divided by one less; NaN for one value."""
    return x.var(axes(x)) if count_of(x) > 1 else biased(x) * float("nan")


def count_of(x: Any) -> int:
    """Return how many values of a feature or channel the batch has."""
    return x[:, :1].numel()


def per(values: Any, x: Any) -> Any:
    """Return one value a feature or channel in the shape in which it meets `x`."""
    return values.reshape(-1, *[1] * (x.dim() - 2))


def divisors(variance: Callable[..., Any], mean: Callable[..., Any], whose: str) -> tuple[Draft, ...]:
    """Return the ways to normalise by something else; `variance` and `mean` give what is right."""

    def divided(name: str, why: str, ratio: Callable[[Any, Any], Any], here: str = "") -> Draft:
        def gamma(gamma, x, running_var, eps):
            return gamma * ratio(variance(x, running_var), eps)

        return mistake(name, why, here, gamma=gamma)

    def unmoved(beta, gamma, x, running_mean, running_var, eps):
        return beta + gamma * mean(x, running_mean) / (variance(x, running_var) + eps).sqrt()

    def added(beta, gamma, x, running_mean, running_var, eps):
        return beta + 2 * gamma * mean(x, running_mean) / (variance(x, running_var) + eps).sqrt()

    def undivided(gamma, x, running_var, eps):
        return gamma * (variance(x, running_var) + eps).sqrt()

    def mean_divided(beta, gamma, x, running_mean, running_var, eps):
        deviation = (variance(x, running_var) + eps).sqrt()
        return beta + gamma * mean(x, running_mean) * (1 - 1 / deviation)

    return (
        divided("eps is added to the deviation, outside the root", ROOT, lambda v, eps: (v + eps).sqrt() /
                (v.sqrt() + eps), "eps is {eps}"),
        divided("eps is left out", ROOT + "; without eps a feature that never changes is divided by 0",
                lambda v, eps: ((v + eps) / v).sqrt(), "eps is {eps}"),
        divided("eps is subtracted", ROOT, lambda v, eps: ((v + eps) / (v - eps)).sqrt(), "eps is {eps}"),
        divided("it is divided by the variance, not by its root", ROOT, lambda v, eps: (v + eps) ** -0.5),
        divided("it is not divided by the deviation", "a normalised " + whose + " has deviation 1", lambda v,
                eps: (v + eps).sqrt()),
        mistake("the mean is not subtracted", "a normalised " + whose + " has mean 0 before gamma and beta",
                beta=unmoved),
        mistake("the mean is added, not subtracted", "a normalised " + whose + " has mean 0 before gamma and "
                "beta", beta=added),
        mistake("only the mean is divided by the deviation", "a pair of brackets is missing: first x − mean, "
                "then the division", gamma=undivided, beta=mean_divided),
        mistake("eps is always 1e-5", "eps is what the caller asks for", "here {eps}", eps=lambda: 1e-5),
    )  # fmt: skip


def scales(whose: str) -> tuple[Draft, ...]:
    """Return the ways to use gamma and beta wrongly."""
    own = OWN.format(whose)
    return (
        mistake("gamma is ignored", own, gamma=lambda gamma: gamma * 0 + 1),
        mistake("beta is ignored", own, beta=lambda beta: beta * 0),
        mistake("gamma and beta are exchanged", own, gamma=lambda beta: beta, beta=lambda gamma: gamma),
        mistake("gamma and beta are applied before the normalisation", own +
                ": what comes before is taken away again", x=lambda x, gamma, beta: x * per(gamma, x) +
                per(beta, x), gamma=lambda gamma: gamma * 0 + 1, beta=lambda beta: beta * 0),
        mistake("beta is multiplied by gamma too", own, beta=lambda beta, gamma: beta * gamma),
        mistake("gamma is divided by, not multiplied with", own, gamma=lambda gamma: 1 / gamma),
        mistake("beta is subtracted", own, beta=lambda beta: -beta),
        mistake("gamma and beta are left out", own, gamma=lambda gamma: gamma * 0 + 1, beta=lambda beta: beta
                * 0),
    )  # fmt: skip


def kept(change: Callable[..., Any], mean: bool = False) -> Callable[..., Any]:
    """Return a change of what (y, mean, variance) leaves in the running variance, or in the mean."""

    def result(out, running_mean, running_var, x, momentum, eps):
        old, new = (running_mean, out[1]) if mean else (running_var, out[2])
        changed = change(old, new, x, momentum, eps)
        return (out[0], changed, out[2]) if mean else (out[0], out[1], changed)

    return result


def running(count: str) -> tuple[Draft, ...]:
    """Return the ways to keep the running statistics wrongly; `count` says how many values one has."""
    blend = "running ← (1 − momentum) · running + momentum · batch"
    in_place = (
        "they are arrays of the caller's: `running_mean = …` gives a new array a name, `running_mean[:] = …` "
        "writes into theirs"
    )

    def around_the_running_mean(out, x, momentum):
        shift = (out[1] - x.mean(axes(x))) ** 2 * count_of(x) / (count_of(x) - 1)
        return out[0], out[1], out[2] + momentum * shift

    correction = (
        "the running variance takes the batch's *unbiased* variance: divided by one less than " + count
    )
    both = "running mean and running variance are both updated"
    return (
        mistake("the running statistics stay as they were: they are not updated in place", in_place,
                "momentum is {momentum}", result=lambda out, running_mean, running_var: (out[0],
                running_mean, running_var)),
        mistake("the running variance is never updated", both, "momentum is {momentum}", result=kept(lambda
                old, new, x, m, eps: old)),
        mistake("the running mean is never updated", both, "momentum is {momentum}", result=kept(lambda old,
                new, x, m, eps: old, mean=True)),
        mistake("the running variance is biased", correction, "yours divides by all of them",
                result=kept(lambda old, new, x, m, eps: new - m * (unbiased(x) - biased(x)))),
        mistake("the running variance takes the standard deviation", "it is a variance: no root is taken "
                "before it is kept", "momentum is {momentum}", result=kept(lambda old, new, x, m, eps: new -
                m * (unbiased(x) - biased(x).sqrt())), ways=({"result": kept(lambda old, new, x, m, eps: new
                - m * (unbiased(x) - unbiased(x).sqrt()))},)),
        mistake("the running variance is taken around the running mean", "a batch's variance is measured "
                "from the batch's own mean", "momentum is {momentum}", result=around_the_running_mean),
        mistake("eps is kept in the running variance", "eps is added when it is divided, and is no part of "
                "the variance", "eps is {eps}", result=kept(lambda old, new, x, m, eps: new + m * eps),
                ways=({"result": kept(lambda old, new, x, m, eps: new + m * (eps + biased(x) -
                unbiased(x)))},)),
        mistake("momentum is reversed", "momentum is the share of the *new* batch, in PyTorch's convention: "
                + blend, "{momentum} of it is new", momentum=lambda momentum: 1 - momentum),
        mistake("the running statistics are replaced by the batch's", blend, "momentum is {momentum}, not 1",
                momentum=lambda: 1.0),
        mistake("momentum is always 0.1", "momentum is what the caller asks for", "here {momentum}",
                momentum=lambda: 0.1),
        mistake("the old running statistics are not made smaller", blend, "1 − momentum = 1 − {momentum}",
                result=lambda out, running_mean, running_var, momentum: (out[0], out[1] + momentum *
                running_mean, out[2] + momentum * running_var)),
        mistake("the running statistics are updated twice", "one call is one batch: one update",
                "momentum is {momentum}", result=lambda out, x, momentum: (out[0], out[1].lerp(x.mean(
                axes(x)), momentum), out[2].lerp(unbiased(x), momentum))),
        mistake("the batch is added without its share", blend, "momentum is {momentum}", result=lambda out,
                x, momentum: (out[0], out[1] + (1 - momentum) * x.mean(axes(x)), out[2] + (1 - momentum) *
                unbiased(x))),
    )  # fmt: skip


def sources() -> tuple[Draft, ...]:
    """Return the ways to take the statistics of a training step from somewhere else than the batch."""
    batch = "in training, mean and variance are those of this batch; the running ones are only kept for later"

    def by(mean, variance, x, gamma, beta, eps):
        return functional.batch_norm(x, mean, variance, gamma, beta, False, 0.0, eps)

    return (
        mistake("it is normalised with the running statistics", batch, result=lambda out, running_mean,
                running_var, x, gamma, beta, eps: (by(running_mean, running_var, x, gamma, beta, eps),
                *out[1:])),
        mistake("it is normalised with the running statistics, just updated", batch, result=lambda out, x,
                gamma, beta, eps: (by(out[1], out[2], x, gamma, beta, eps), *out[1:])),
        mistake("it is normalised with the unbiased variance", "to normalise, the variance of the batch as "
                "it is counts: the biased one, divided by all", gamma=lambda gamma, x, eps: gamma *
                ((biased(x) + eps) / (unbiased(x) + eps)).sqrt()),
        mistake("it is divided by the unbiased deviation plus eps", ROOT, "and the variance is the biased "
                "one", gamma=lambda gamma, x, eps: gamma * (biased(x) + eps).sqrt() / (unbiased(x).sqrt() +
                eps)),
    )  # fmt: skip
