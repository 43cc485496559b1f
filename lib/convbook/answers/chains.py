"""Chains of small blocks on the answer's side, which a learner's function unrolls or differentiates and which remember it.

Both benches take a chain as plain data, a list of `{"matrix": (c, c), "bias": (c,), "skip": bool}`, and give back plain values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

PAIR, NUMBER = "a tensor and a list of tensors", "a number"


class Link(nn.Module):
    """Mix the channels of (n, c) or (n, c, h, w) by a matrix, then tanh; with `skip` the input is added. It counts its calls."""

    def __init__(self, matrix: Any, bias: Any, skip: bool = True, training: bool = True):
        super().__init__()
        self.matrix = nn.Parameter(torch.as_tensor(matrix, dtype=torch.float64))
        self.bias = nn.Parameter(torch.as_tensor(bias, dtype=torch.float64))
        self.inner = nn.Tanh()
        self.skip, self.calls = skip, 0
        self.train(training)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        mixed = torch.einsum("fc,nc...->nf...", self.matrix, x.to(self.matrix.dtype))
        y = self.inner(mixed + self.bias.reshape(-1, *[1] * (x.dim() - 2)))
        return x + y if self.skip else y


def linked(chain: list[dict[str, Any]]) -> list[Link]:
    """Return the blocks of a chain."""
    return [Link(**one) for one in chain]


def held(function: Any) -> Callable[..., Any]:
    """Return the learner's function itself: in one process it comes held as an `Answer`."""
    return getattr(function, "target", function)


class UnrollBench(nn.Module):
    """Let a function unroll a chain, and tell what it returned and how often it called each block."""

    def forward(self, function: Any, chain: list[dict[str, Any]], x: torch.Tensor) -> dict[str, Any]:
        blocks, given = linked(chain), x.clone()
        blocks_given = list(blocks)
        returned = held(function)(blocks_given, given)
        kind = kind_of_pair(returned)
        last, parts = returned if kind == PAIR else (torch.zeros(0), [])
        parts = [part.detach().clone() for part in parts]
        alike = len({part.shape for part in parts}) <= 1
        return {
            "kind": kind if alike else "contributions of several shapes",
            "last": last.detach().clone(), "many": len(parts),
            "contributions": torch.stack(parts) if parts and alike else torch.zeros(0),
            "calls": [block.calls for block in blocks],
            "given": "the list of blocks is changed" if blocks_given != blocks else "as before" if torch.equal(given, x) else "changed",
        }  # fmt: skip


def kind_of_pair(returned: Any) -> str:
    """Return in words what a function returned that should return a tensor and a list of tensors."""
    if returned is None:
        return "nothing"
    if isinstance(returned, torch.Tensor):
        return "one tensor"
    if not isinstance(returned, tuple | list):
        return f"a {type(returned).__name__}"
    if len(returned) != 2:
        return f"{len(returned)} values"
    last, parts = returned
    if isinstance(last, tuple | list) and isinstance(parts, torch.Tensor):
        return "a list first and a tensor second"
    if not isinstance(last, torch.Tensor):
        return f"a {type(last).__name__} first"
    if not isinstance(parts, tuple | list):
        return (
            "a tensor and one tensor"
            if isinstance(parts, torch.Tensor)
            else f"a {type(parts).__name__} second"
        )
    return (
        PAIR
        if all(isinstance(part, torch.Tensor) for part in parts)
        else "a list of other things than tensors"
    )


class SlopeBench(nn.Module):
    """Let a function measure a gradient at the input of a chain, and tell the result and what it left behind.

    `before` says how x and the parameters come: `{"wants": bool, "gradients": bool}`.
    """

    def forward(
        self, function: Any, chain: list[dict[str, Any]], x: torch.Tensor, before: dict[str, bool]
    ) -> dict[str, Any]:
        blocks, given = linked(chain), x.clone().requires_grad_(before["wants"])
        leaves = [leaf for block in blocks for leaf in block.parameters()]
        if before["gradients"]:
            for leaf in [*leaves, *([given] if before["wants"] else [])]:
                leaf.grad = torch.full_like(leaf, 0.25)
        was = [_noted([given]), _noted(leaves), _modes(blocks)]
        with torch.enable_grad():
            returned = held(function)(blocks, given)
        now = [_noted([given]), _noted(leaves), _modes(blocks)]
        same = [_alike(a, b) for a, b in zip(was, now, strict=True)]
        number = isinstance(returned, int | float) or type(returned).__name__.startswith("float")
        found = {
            "kind": NUMBER if number else "nothing" if returned is None else _kind(returned),
            "norm": float(returned) if number else 0.0,
        }
        words = [("as before", "changed")[not one] for one in same]
        return found | dict(zip(("input", "parameters", "modes"), words, strict=True))


def _kind(value: Any) -> str:
    if isinstance(value, torch.Tensor):
        return "a tensor without axes" if value.dim() == 0 else f"a tensor of shape {tuple(value.shape)}"
    return f"a {type(value).__name__}"


def _noted(tensors: list[torch.Tensor]) -> list[Any]:
    """Return the values, the gradients and whether gradients are wanted."""
    noted: list[Any] = []
    for one in tensors:
        noted += [one.detach().clone(), None if one.grad is None else one.grad.clone(), one.requires_grad]
    return noted


def _modes(blocks: list[Link]) -> list[Any]:
    return [part.training for block in blocks for part in block.modules()]


def _alike(one: list[Any], other: list[Any]) -> bool:
    pairs = zip(one, other, strict=True)
    return all(
        torch.equal(a, b) if isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor) else a is b
        for a, b in pairs
    )


CHAINS = {"unroll": UnrollBench, "slope": SlopeBench}
