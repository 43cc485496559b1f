"""The course's own stand-ins for blocks and models, made on the answer's side of the fence.

`make_stage`, `ResNet` and `load_by_order` take a learner's blocks and models as arguments, and must be judged with
blocks that are known to work. These work, and teach nothing about a residual block: a `relay` passes
every so-many-th pixel on, scaled and shifted by channel. It carries, where asked, the *names and shapes* of a published
block's weights, which stand in the hand-out anyway, and never computes with them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from convbook.answers.benches import BENCHES
from convbook.answers.chains import CHAINS
from convbook.answers.layouts import LAYOUTS, published
from convbook.answers.rehearsal import Noisy, Rehearsal
from convbook.answers.script_bench import ScriptBench
from convbook.answers.transfer import BENCHES as TRANSFER


def relay(expansion: int = 1, layout: str = "") -> type[nn.Module]:
    """Return a stand-in for a block class, called as `block(c_in, c, stride)` and giving `c * expansion` maps.

    Its parameters are `gain` and `shift`, one number a map, and its buffer `built_with` tells
    `[c_in, c, stride]`; or, with a name in `LAYOUTS`, what a published block of that layout holds.
    """
    if layout and layout not in LAYOUTS:
        raise ValueError(f"no layout is called {layout!r}; choose one of {sorted(LAYOUTS)}")

    class Relay(nn.Module):
        def __init__(self, *args: Any, **kwargs: Any):
            super().__init__()
            c_in, c, stride = _given(args, kwargs)
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


def _given(args: tuple, kwargs: dict[str, Any]) -> tuple[Any, Any, Any]:
    """Return c_in, c and stride as a block was given them; `TypeError` in one clear sentence where they are others."""
    names = ("c_in", "c", "stride")
    strange = next((name for name in kwargs if name not in names), None)
    if strange is not None:
        raise TypeError(
            f"a block is called by position, block(c_in, c, stride): every block calls its arguments otherwise, and this one "
            f"has none called {strange!r}"
        )
    given = dict(zip(names, args, strict=False)) | kwargs
    if len(args) > 3 or not {"c_in", "c"} <= set(given):
        raise TypeError(
            f"a block is called as block(c_in, c, stride); here it was given {len(args) + len(kwargs)} arguments"
        )
    return given["c_in"], given["c"], given.get("stride", 1)


def _refuse_odd(c_in: Any, c: Any, stride: Any) -> None:
    for word, value in (("c_in", c_in), ("c", c), ("stride", stride)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ValueError(f"a block takes whole numbers from 1 up; here {word} is {value!r}")


OFFERED = {
    "noisy": Noisy,
    "rehearsal": Rehearsal,
    "relay": relay,
    "shelf": Shelf,
    "script": ScriptBench,
    **BENCHES,
    **CHAINS,
    **TRANSFER,
}
