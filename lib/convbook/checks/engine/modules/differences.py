"""Make a function of arrays one of tensors through which gradients flow, found by differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from convbook.checks.engine.modules.slopes import pulled_back


def differentiable(function: Callable[[np.ndarray], Any], x: torch.Tensor, factor: float = 1.0) -> Any:
    """Return function(x) as a tensor whose gradient by x is multiplied with a factor; 0 lets none flow back."""
    result = function(x.detach().numpy())
    made = torch.from_numpy(np.asarray(result)).to(x.dtype)
    return _Differences.apply(x, made, function, factor) if factor else made


class _Differences(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, made: torch.Tensor, function: Any, factor: float) -> torch.Tensor:
        ctx.x, ctx.function, ctx.factor = x.detach(), function, factor
        return made.clone()

    @staticmethod
    def backward(ctx: Any, weights: torch.Tensor) -> tuple:  # type: ignore[override]
        found = pulled_back(ctx.function, ctx.x.numpy(), weights.double().numpy())
        return torch.from_numpy(ctx.factor * found).to(ctx.x.dtype), None, None, None
