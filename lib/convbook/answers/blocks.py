"""The course's own stand-ins for blocks and models, made on the answer's side of the fence.

`make_stage`, `ResNet` and `load_by_order` take a learner's blocks and models as arguments, and must be judged with
blocks that are known to work. These work, and teach nothing about a residual block: a `relay` passes
every so-many-th pixel on, scaled and shifted by channel. It carries, where asked, the *names and shapes* of a published
block's weights, which stand in the hand-out anyway, and never computes with them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import nn

# Published layouts: (number, maps in, maps out, kernel side) of each convolution and its batch norm.
LAYOUTS = {
    "basic": (("1", "in", "c", 3), ("2", "c", "c", 3)),
    "bottleneck": (("1", "in", "c", 1), ("2", "c", "c", 3), ("3", "c", "out", 1)),
}


def relay(expansion: int = 1, layout: str = "") -> type[nn.Module]:
    """Return a stand-in for a block class, called as `block(c_in, c, stride)` and giving `c * expansion` maps.

    Its parameters are `gain` and `shift`, one number a map, and its buffer `built_with` tells
    `[c_in, c, stride]`; or, with a name in `LAYOUTS`, what a published block of that layout holds.
    """
    if layout and layout not in LAYOUTS:
        raise ValueError(f"no layout is called {layout!r}; choose one of {sorted(LAYOUTS)}")

    class Relay(nn.Module):
        def __init__(self, c_in: int, c: int, stride: int = 1):
            super().__init__()
            _refuse_odd(c_in, c, stride)
            self.c_in, self.c_out, self.stride = c_in, c * expansion, stride
            if layout:
                furnish(self, published(layout, c_in, c, self.c_out, stride))
                return
            self.gain = nn.Parameter(torch.ones(self.c_out))
            self.shift = nn.Parameter(torch.zeros(self.c_out))
            self.register_buffer("built_with", torch.tensor([c_in, c, stride]))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if x.shape[1] != self.c_in:
                raise ValueError(f"a block built for {self.c_in} maps was given {x.shape[1]}")
            passed = x[:, torch.arange(self.c_out) % self.c_in, :: self.stride, :: self.stride]
            if layout:
                return passed
            return passed * self.gain[:, None, None] + self.shift[:, None, None]

    Relay.expansion, Relay.layout = expansion, layout
    return Relay


def published(
    layout: str, c_in: int, c: int, c_out: int, stride: int
) -> Iterator[tuple[str, tuple[int, ...], str]]:
    """Yield name, shape and kind of every tensor in a published block's state-dict, in order.

    >>> [name for name, shape, kind in published("basic", 4, 4, 4, 1)][:2]
    ['conv1.weight', 'bn1.weight']
    """
    maps = {"in": c_in, "c": c, "out": c_out}
    for number, taken, given, k in LAYOUTS[layout]:
        yield f"conv{number}.weight", (maps[given], maps[taken], k, k), "parameter"
        yield from normalization(f"bn{number}", maps[given])
    if c_in != c_out or stride != 1:
        yield "downsample.0.weight", (c_out, c_in, 1, 1), "parameter"
        yield from normalization("downsample.1", c_out)


def normalization(name: str, c: int) -> Iterator[tuple[str, tuple[int, ...], str]]:
    """Yield name, shape and kind of the five tensors of a batch norm over `c` maps."""
    yield f"{name}.weight", (c,), "parameter"
    yield f"{name}.bias", (c,), "parameter"
    yield f"{name}.running_mean", (c,), "buffer"
    yield f"{name}.running_var", (c,), "buffer"
    yield f"{name}.num_batches_tracked", (), "count"


def furnish(module: nn.Module, entries: Any) -> None:
    """Give a module parameters and buffers of these dotted names, shapes and kinds; their values are left open."""
    for name, shape, kind in entries:
        *path, last = name.split(".")
        place = module
        for part in path:
            if part not in dict(place.named_children()):
                place.add_module(part, nn.Module())
            place = place.get_submodule(part)
        if kind == "parameter":
            place.register_parameter(last, nn.Parameter(torch.empty(shape)))
        else:
            place.register_buffer(last, torch.zeros(shape, dtype=torch.int64 if kind == "count" else None))


class Shelf(nn.Module):
    """A model that holds tensors of given names and shapes, counted up from `start`, and hands them out on a call.

    It remembers the very tensors it was made with, so that what replaces them is not mistaken for what fills them.
    """

    def __init__(self, entries: Sequence[tuple[str, tuple[int, ...], str]], start: float = 0.0):
        super().__init__()
        furnish(self, entries)
        self.made_with = [tuple(self.state_dict(keep_vars=True).values())]
        with torch.no_grad():
            for tensor in self.made_with[0]:
                size = math.prod(tensor.shape)
                tensor.copy_((start + torch.arange(float(size))).reshape(tensor.shape))
                start += size

    def forward(self) -> torch.Tensor:
        return torch.cat([tensor.flatten().double() for tensor in self.made_with[0]])


def _refuse_odd(c_in: Any, c: Any, stride: Any) -> None:
    for word, value in (("c_in", c_in), ("c", c), ("stride", stride)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ValueError(f"a block takes whole numbers from 1 up; here {word} is {value!r}")


OFFERED = {"relay": relay, "shelf": Shelf}
