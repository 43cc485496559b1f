"""Say in one sentence what does not fit, before PyTorch does it in its own words."""

from __future__ import annotations

from typing import Any


def fit(x: Any, eps: float, least: int = 1, sides: int = 2, **given: Any) -> None:
    """Raise `ValueError` where `x` has too few values, or `given` numbers do not belong to its axis 1."""
    if x.dim() != sides:
        wanted = "(n, d)" if sides == 2 else "(n, c, h, w)"
        raise ValueError(f"x has shape {tuple(x.shape)}; this layer takes x {wanted}: reshape it first")
    values = x.numel() // max(1, x.shape[1])
    if values < least:
        raise ValueError(
            f"a feature has {values} value in this batch, and a variance needs {least}: give a larger batch "
            f"in training, "
            "or use the running statistics"
        )
    for name, numbers in given.items():
        if tuple(numbers.shape) != (x.shape[1],):
            raise ValueError(
                f"{name} has shape {tuple(numbers.shape)} and x has {x.shape[1]} on axis 1: give {name} the "
                f"shape ({x.shape[1]},)"
            )
    if eps <= 0:
        raise ValueError(
            f"eps is {eps:g}; give a number above 0, or a feature of variance zero is divided by 0"
        )
