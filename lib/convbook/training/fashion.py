"""A small residual network for one-channel images of about 28×28 pixels."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn


def fashion_net(
    block: Callable[..., nn.Module], widths: tuple[int, ...] = (16, 32, 64), n_classes: int = 10
) -> nn.Module:
    """Return a residual network of one block per width, built from the learner's own `block(c_in, c_out, stride)`.

    A 3×3 stem with stride 2 comes first: a quarter of the pixels, a quarter of the time.
    Every later block halves the sides again. (n, 1, h, w) -> (n, n_classes)
    """
    stem = [nn.Conv2d(1, widths[0], 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU()]
    body = [block(widths[max(i - 1, 0)], width, 1 if i == 0 else 2) for i, width in enumerate(widths)]
    return nn.Sequential(
        *stem, *body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(widths[-1], n_classes)
    )
