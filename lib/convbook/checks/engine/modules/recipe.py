"""A recipe: what a block computes, as plain data, run by PyTorch's functions in float64.

A recipe is the oracle of a module exercise, and bent it is a named mistake. It is no module that could be handed in:
it has no class, and what turns it into one (`bent_class`) refuses a recipe that is not bent.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as functional
from torch import nn

from convbook.answers.blocks import furnish

BUFFERS = ("running_mean", "running_var", "num_batches_tracked")
WEIGHTED = ("conv", "bn", "linear", "relay")


@dataclass(frozen=True)
class Step:
    """One operation: what it takes, what its result is called, the part whose weights it uses, its settings."""

    kind: str
    sources: tuple[str, ...]
    result: str
    part: str = ""
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass
class Recipe:
    """Steps from `x` to the last result, and the tensors of every part: `{"conv1": {"weight": shape}}`.

    `aliases` are parts that share another part's tensors; `last` is the last batch norm before the addition; `built`
    tells what a block of the course notes down when it is built: `{"layer1.0.built_with": (c_in, c, stride)}`.
    """

    steps: list[Step] = field(default_factory=list)
    tensors: dict[str, dict[str, tuple[int, ...]]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    built: dict[str, tuple[int, ...]] = field(default_factory=dict)
    free_bias: bool = False
    last: str = ""

    def conv(self, source, part, shape, stride=1, padding=0, bias=False, result="") -> str:
        """Add a convolution and return the name of its result; `shape` is (f, c, kh, kw)."""
        self._own(part, {"weight": shape} | ({"bias": shape[:1]} if bias else {}))
        return self.step("conv", (source,), result, part, stride=stride, padding=padding)

    def bn(self, source, part, c, result="", statistics="switched") -> str:
        """Add a batch norm; `statistics` may be bent to "batch" or "running", whatever the mode."""
        self.declare(part, c)
        return self.step("bn", (source,), result, part, statistics=statistics)

    def linear(self, source, part, shape, result="", bias=True) -> str:
        """Add a linear layer; `shape` is (out, in)."""
        self._own(part, {"weight": shape} | ({"bias": shape[:1]} if bias else {}))
        return self.step("linear", (source,), result, part)

    def declare(self, part: str, c: int) -> None:
        """Add the tensors of a batch norm, whether or not a step uses them."""
        self._own(
            part, {"weight": (c,), "bias": (c,), "running_mean": (c,), "running_var": (c,), BUFFERS[2]: ()}
        )

    def step(self, kind, sources, result="", part="", **settings) -> str:
        """Add any other operation and return the name of its result."""
        result = result or f"{kind} {len(self.steps)}"
        self.steps.append(Step(kind, tuple(sources), result, part, settings))
        return result

    def _own(self, part: str, tensors: dict[str, tuple[int, ...]]) -> None:
        self.tensors.setdefault(part, tensors)

    @property
    def output(self) -> str:
        return self.steps[-1].result

    def layers(self) -> list[str]:
        """Return the weighted layers as words, in order, for a reader."""
        return [_word(step, self) for step in self.steps if step.kind in WEIGHTED]


def run(
    recipe: Recipe, weights: Mapping[str, torch.Tensor], x: torch.Tensor, training: bool
) -> dict[str, torch.Tensor]:
    """Return every intermediate result by name. `weights` are named `part.tensor`; running statistics change in place."""
    values = {"x": x}
    for step in recipe.steps:
        own = recipe.aliases.get(step.part, step.part)
        names = ("bias", *recipe.tensors.get(own, ()))
        tensors = {name: weights[f"{own}.{name}"] for name in names if f"{own}.{name}" in weights}
        taken = [values[name] for name in step.sources]
        values[step.result] = OPERATIONS[step.kind](
            *taken, tensors=tensors, training=training, **step.settings
        )
    return values


def _conv(x, tensors, training, stride=1, padding=0):
    return functional.conv2d(x, tensors["weight"], tensors.get("bias"), stride, padding)


def _bn(x, tensors, training, statistics="switched"):
    training = {"switched": training, "batch": True, "running": False}[statistics]
    return functional.batch_norm(
        x, tensors["running_mean"], tensors["running_var"], tensors["weight"], tensors["bias"], training
    )


def _relay(x, tensors, training, stride=1):
    maps = torch.arange(len(tensors["gain"])) % x.shape[1]
    passed = x[:, maps, ::stride, ::stride]
    return passed * tensors["gain"][:, None, None] + tensors["shift"][:, None, None]


def _join(*taken, tensors, training, how="sum"):
    f, shortcut = taken
    return {
        "sum": lambda: f + shortcut, "shortcut − F": lambda: shortcut - f, "F − shortcut": lambda: f - shortcut,
        "product": lambda: f * shortcut, "mean": lambda: (f + shortcut) / 2,
        "F": lambda: f, "shortcut": lambda: shortcut,
        "detached": lambda: f + shortcut.detach(), "F detached": lambda: f.detach() + shortcut,
        "both detached": lambda: (f + shortcut).detach(), "larger": lambda: torch.maximum(f, shortcut),
    }[how]()  # fmt: skip


OPERATIONS: dict[str, Callable[..., torch.Tensor]] = {
    "conv": _conv,
    "bn": _bn,
    "relay": _relay,
    "join": _join,
    "linear": lambda x, tensors, training: functional.linear(x, tensors["weight"], tensors.get("bias")),
    "relu": lambda x, tensors, training: functional.relu(x),
    "keep": lambda x, tensors, training: x,
    "maxpool": lambda x, tensors, training, k, stride, padding: functional.max_pool2d(x, k, stride, padding),
    "avgpool": lambda x, tensors, training, k, stride, padding: functional.avg_pool2d(x, k, stride, padding),
    "mean": lambda x, tensors, training: x.mean((2, 3)),
    "largest": lambda x, tensors, training: x.amax((2, 3)),
    "corner": lambda x, tensors, training: x[:, :, 0, 0],
    "sum over pixels": lambda x, tensors, training: x.sum((2, 3)),
    "subsample": lambda x, tensors, training, stride: x[:, :, ::stride, ::stride],
    "widen": lambda x, tensors, training, c: functional.pad(x, (0, 0, 0, 0, 0, c - x.shape[1])),
    "detach": lambda x, tensors, training: x.detach(),
    "mean without axes of 1": lambda x, tensors, training: x.mean((2, 3)).squeeze(),
    "log softmax": lambda x, tensors, training: functional.log_softmax(x, -1),
    "softmax": lambda x, tensors, training: functional.softmax(x, -1),
    "flat": lambda x, tensors, training: x.flatten(1),
}


def bent_class(
    recipe: Callable[..., Recipe], name: str, attributes: Mapping[str, Any] = (), **bend: Any
) -> type:
    """Return a module class that computes a bent recipe: a named mistake, made flesh for the tests.

    A recipe that is not bent would be the answer itself; it is refused. `recipe.bends` lists the values that each of
    its keywords may have, the straight one first.
    """
    refuse_straight(bend, recipe.bends, "recipe becomes a class")

    class Bent(nn.Module):
        def __init__(self, *args: Any):
            super().__init__()
            self.recipe = recipe(*args, **bend)
            furnish(self, entries(self.recipe))
            for part, own in self.recipe.aliases.items():
                self.get_submodule(part).__dict__.update(self.get_submodule(own).__dict__)
            for name, tensor in self.state_dict().items():
                told = self.recipe.built.get(name)
                tensor.copy_(first_values(name, tensor) if told is None else torch.tensor(told))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            weights = self.state_dict(keep_vars=True)
            return run(self.recipe, weights, x, self.training)[self.recipe.output]

    Bent.__name__ = Bent.__qualname__ = name
    for attribute, value in dict(attributes).items():
        setattr(Bent, attribute, value)
    return Bent


def refuse_straight(bend: Mapping[str, Any], bends: Mapping[str, Sequence[Any]], what: str) -> None:
    """Raise `ValueError` unless every keyword bends something, to a value that is known.

    >>> refuse_straight({"join": "sum"}, {"join": ("sum", "product")}, "recipe becomes a class")
    Traceback (most recent call last):
    ...
    ValueError: only a bent recipe becomes a class: the straight one is the exercise; join may be 'product'
    """
    for name, value in bend.items():
        if name not in bends or value not in bends[name][1:]:
            bent = ", ".join(map(repr, bends[name][1:])) if name in bends else f"one of {sorted(bends)}"
            raise ValueError(f"only a bent {what}: the straight one is the exercise; {name} may be {bent}")
    if not bend:
        raise ValueError(f"only a bent {what}: the straight one is the exercise")


def entries(recipe: Recipe) -> Iterator[tuple[str, tuple[int, ...], str]]:
    """Yield name, shape and kind of every tensor of a recipe."""
    for part, tensors in recipe.tensors.items():
        for name, shape in tensors.items():
            kind = "count" if name.endswith("num_batches_tracked") else "parameter"
            if name.endswith(BUFFERS[:2]) or name == "built_with":
                kind = "buffer"
            yield f"{part}.{name}", shape, kind


def first_values(name: str, tensor: torch.Tensor) -> torch.Tensor:
    """Return the values a fresh layer might have: small random weights, a batch norm that does nothing."""
    if tensor.numel() > 100_000:
        return torch.full_like(
            tensor, 0.01
        )  # where a million numbers are asked for, their names and shapes are
    if tensor.dim() > 1:
        return torch.randn(tensor.shape) / math.sqrt(tensor[0].numel())
    one = name.endswith(("running_var", "weight", "gain"))
    return torch.ones_like(tensor) if one else torch.zeros_like(tensor)


def _word(step: Step, recipe: Recipe) -> str:
    tensors = recipe.tensors.get(recipe.aliases.get(step.part, step.part), {})
    return layer_word(step.kind, tensors.get("weight"), "bias" in tensors)


def layer_word(kind: str, shape: tuple[int, ...] | None, bias: bool) -> str:
    """Return a layer with weights as words: what tells two layers of one kind apart.

    >>> layer_word("conv", (8, 4, 3, 3), bias=False), layer_word("linear", (10, 64), bias=True)
    ('conv 3×3 (4 to 8)', 'linear (64 to 10)')
    """
    if kind == "conv" and shape and len(shape) == 4:
        return f"conv {shape[2]}×{shape[3]} ({shape[1]} to {shape[0]})" + (" with bias" if bias else "")
    if kind == "linear" and shape and len(shape) == 2:
        return f"linear ({shape[1]} to {shape[0]})" + ("" if bias else " without bias")
    return f"{kind} (affine=False)" if kind == "bn" and not shape else kind
