"""Parts of a learner's block: its batch norms, and another shortcut where it has a projection."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn


class Shortcut(nn.Module):
    """Wrap a function `shortcut(x, c_out, stride)` as a module without weights."""

    def __init__(self, shortcut: Callable[..., torch.Tensor], c_out: int, stride: int):
        super().__init__()
        self.shortcut, self.c_out, self.stride = shortcut, c_out, stride

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.shortcut(x, self.c_out, self.stride)


def with_shortcut(block: type[nn.Module], shortcut: Callable[..., torch.Tensor]) -> type[nn.Module]:
    """Return a class like `block(c_in, c_out, stride)` whose projection is replaced by `shortcut(x, c_out, stride)`.

    The projection is the block's attribute `downsample`, where it has weights. Raises `ValueError`, in one sentence, where a block
    that changes shapes has none.
    """

    class Exchanged(block):  # type: ignore[misc, valid-type]
        def __init__(self, c_in: int, c_out: int, stride: int = 1):
            super().__init__(c_in, c_out, stride)
            projection = getattr(self, "downsample", None)
            if isinstance(projection, nn.Module) and any(True for _ in projection.parameters()):
                self.downsample = Shortcut(shortcut, c_out * self.expansion, stride)
            elif stride != 1 or c_in != c_out * self.expansion:
                raise ValueError(
                    f"{block.__name__} keeps its projection under another name than `downsample`; give it that name, and "
                    "its shortcut can be exchanged"
                )

    Exchanged.__name__ = Exchanged.__qualname__ = f"{block.__name__}WithShortcut"
    return Exchanged


def batch_norms(module: nn.Module) -> list[nn.BatchNorm2d]:
    """Return a module's batch norms of maps, in the order in which they were set as attributes."""
    return [layer for layer in module.modules() if isinstance(layer, nn.BatchNorm2d)]
