"""How the way back through batch norm goes wrong.

For oracles of `dout` (n, d), `x` (n, d), `gamma` and `eps` that return (dx, dgamma, dbeta).
"""

from __future__ import annotations

import torch
import torch.nn.functional as functional

from convbook.checks.engine.declare import Draft, mistake
from convbook.checks.engine.families_norms import biased

SHARED = "gamma and beta are shared by all examples, so their gradients are sums over axis 0"


def dx(function):
    """Return the change in which dx is gamma / deviation times `function` of dout, x-hat and n."""

    def result(out, dout, x, gamma, eps):
        deviation = (biased(x) + eps).sqrt()
        return gamma / deviation * function(dout, (x - x.mean(0)) / deviation, len(x)), *out[1:]

    return result


def hat(x, eps):
    """Return the normalised x."""
    return functional.batch_norm(x, None, None, training=True, eps=eps)


def differentiated(dout, x, gamma, variance, eps):
    """Return the gradients of a forward pass that divides by another variance, or without eps."""
    leaves = [
        x.clone().requires_grad_(),
        gamma.clone().requires_grad_(),
        torch.zeros(len(gamma), requires_grad=True),
    ]
    y = (leaves[0] - leaves[0].mean(0)) / (variance(leaves[0]) + eps).sqrt() * leaves[1] + leaves[2]
    return torch.autograd.grad((y * dout).sum(), leaves)


def learned_gradients() -> tuple[Draft, ...]:
    """Return the ways to get dgamma and dbeta wrong."""
    return (
        mistake("dgamma and dbeta are not summed over the examples", SHARED, "shape ({d},)", result=lambda
                out, dout, x, eps: (out[0], dout * hat(x, eps), dout)),
        mistake("dgamma and dbeta are summed over the features", SHARED, "shape ({d},), not ({n},)",
                result=lambda out, dout, x, eps: (out[0], (dout * hat(x, eps)).sum(1), dout.sum(1))),
        mistake("dgamma and dbeta are averages", SHARED + ", not averages",
                "yours are smaller by a factor of {n}", result=lambda out, n: (out[0], out[1] / n, out[2] /
                n)),
        mistake("dgamma is made with x, not with the normalised x", "gamma is multiplied with the "
                "*normalised* x in the forward pass", result=lambda out, dout, x: (out[0], (dout * x).sum(0),
                out[2])),
        mistake("dgamma is multiplied by gamma", "dgamma is dout · normalised x, summed; gamma itself is not "
                "in it", result=lambda out, gamma: (out[0], out[1] * gamma, out[2])),
        mistake("dgamma is made with the centred x, which is not divided by the deviation",
                "gamma is multiplied with the *normalised* x", result=lambda out, dout, x: (out[0], (dout *
                (x - x.mean(0))).sum(0), out[2])),
        mistake("dbeta is multiplied by gamma", "beta is added last: its gradient is dout, summed",
                result=lambda out, gamma: (*out[:2], out[2] * gamma)),
        mistake("dgamma and dbeta are exchanged", "the order is dx, dgamma, dbeta", result=lambda out:
                (out[0], out[2], out[1])),
        mistake("dgamma and dbeta keep the axis of the examples", "they have the shape of gamma and beta",
                "shape ({d},), not (1, {d})", result=lambda out: (out[0], out[1][None], out[2][None])),
    )  # fmt: skip
