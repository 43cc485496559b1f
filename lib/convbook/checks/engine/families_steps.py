"""Steps of PyTorch's SGD on lists of arrays, and rules that change what such a step leaves."""

from __future__ import annotations

import torch

from convbook.checks.engine.stepping import joined


def stepped(params, grads, velocity, lr, momentum, weight_decay, **options):
    """Return what PyTorch's optimizer makes of the arrays."""
    given = [[torch.tensor(a, dtype=torch.float64) for a in arrays] for arrays in (params, grads, velocity)]
    leaves = [p.requires_grad_() for p in given[0]]
    optimizer = torch.optim.SGD(
        leaves, abs(lr), momentum, weight_decay=weight_decay, maximize=lr < 0, **options
    )
    for leaf, gradient, moving in zip(leaves, *given[1:], strict=True):
        leaf.grad = gradient
        optimizer.state[leaf]["momentum_buffer"] = moving
    optimizer.step()
    return {
        "params": joined([p.detach() for p in leaves]),
        "velocity": joined(given[2]) if momentum else None,
        "grads": joined(grads),
    }


def bent(change):
    """Return a rule that changes the record of a right step; it is given the record and the lists, each in one row."""

    def instead(params, grads, velocity, lr, momentum, weight_decay):
        right = stepped(params, grads, velocity, lr, momentum, weight_decay)
        return right | change(
            right, joined(params), joined(grads), joined(velocity), lr, momentum, weight_decay
        )

    return instead


def scaled(arrays, factor):
    return [factor * a for a in arrays]
