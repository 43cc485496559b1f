"""Run a graph with PyTorch's functions: the oracle of a module exercise, or one of its mistakes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as functional
from torch import nn

from convbook.answers.blocks import furnish
from convbook.checks.engine.modules.graph import Graph, Node


def run(
    graph: Graph,
    weights: Mapping[str, torch.Tensor],
    x: torch.Tensor,
    training: bool,
    masks: Sequence[Any] = (),
) -> dict[str, torch.Tensor]:
    """Return every result by its name, the labelled ones also by their labels.

    `weights` are named `part.tensor`; running statistics change in place. `masks` are what the dropouts that are active
    multiply with, in their order; without them a mask is drawn.
    """
    values = {"x": x}
    left, own = list(masks), parts_of(weights)
    for node in graph.body:
        taken = [values[name] for name in node.sources]
        if node.kind == "dropout":
            values[node.name] = _dropped(taken[0], node, training, left)
        else:
            given = own.get(node.part, {})
            values[node.name] = OPERATIONS[node.kind](*taken, own=given, training=training, **_settings(node))
    return values | {label: values[name] for label, name in graph.labels.items() if name in values}


def parts_of(weights: Mapping[str, torch.Tensor]) -> dict[str, dict[str, torch.Tensor]]:
    """Return the weights of every part by their own names."""
    found: dict[str, dict[str, torch.Tensor]] = {}
    for name, tensor in weights.items():
        part, _, last = name.rpartition(".")
        found.setdefault(part, {})[last] = tensor
    return found


def active(node: Node, training: bool) -> bool:
    """Tell whether a dropout drops anything in a mode."""
    return (
        bool((training and node.get("when") != "never") or node.get("when") == "always") and node.get("p") > 0
    )


def _dropped(x: torch.Tensor, node: Node, training: bool, masks: list[Any]) -> torch.Tensor:
    if not active(node, training):
        return x
    if masks:
        mask = torch.as_tensor(masks.pop(0)).to(x)
        return x * mask if mask.shape == x.shape else x * math.nan
    return functional.dropout(x, node.get("p"), True)


WANTED = {
    "conv": ("stride", "padding"), "bn": ("statistics",), "block": ("stride",), "maxpool": ("k", "stride", "padding"),
    "avgpool": ("k", "stride", "padding"), "subsample": ("stride",), "widen": ("f",), "scale": ("by", "plus"),
}  # fmt: skip


def _settings(node: Node) -> dict[str, Any]:
    return {name: node.settings[name] for name in WANTED.get(node.kind, ()) if name in node.settings}


def _conv(x, own, training, stride=1, padding=0):
    return functional.conv2d(x, own["weight"], own.get("bias"), stride, padding)


def _bn(x, own, training, statistics="switched"):
    training = {"switched": training, "batch": True, "running": False}[statistics]
    return functional.batch_norm(
        x, own["running_mean"], own["running_var"], own["weight"], own["bias"], training
    )


def _block(x, own, training, stride=1):
    if "gain" not in own:  # it carries published weights and never computes with them
        return x[:, :, ::stride, ::stride]
    maps = torch.arange(len(own["gain"])) % x.shape[1]
    return x[:, maps, ::stride, ::stride] * own["gain"][:, None, None] + own["shift"][:, None, None]


def _plain(function: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    return lambda *taken, own, training, **settings: function(*taken, **settings)


OPERATIONS: dict[str, Callable[..., torch.Tensor]] = {
    "conv": _conv,
    "bn": _bn,
    "block": _block,
    "linear": lambda x, own, training: functional.linear(x, own["weight"], own.get("bias")),
    "maxpool": _plain(lambda x, k, stride, padding: functional.max_pool2d(x, k, stride, padding)),
    "avgpool": _plain(lambda x, k, stride, padding: functional.avg_pool2d(x, k, stride, padding)),
    "mean": _plain(lambda x: x.mean((2, 3))),
    "amax": _plain(lambda x: x.amax((2, 3))),
    "total": _plain(lambda x: x.sum((2, 3))),
    "corner": _plain(lambda x: x[:, :, 0, 0]),
    "flatten": _plain(lambda x: x.flatten(1)),
    "squeeze": _plain(lambda x: x.squeeze()),
    "relu": _plain(functional.relu),
    "tanh": _plain(torch.tanh),
    "sigmoid": _plain(torch.sigmoid),
    "leaky_relu": _plain(functional.leaky_relu),
    "gelu": _plain(functional.gelu),
    "elu": _plain(functional.elu),
    "softmax": _plain(lambda x: functional.softmax(x, -1)),
    "log_softmax": _plain(lambda x: functional.log_softmax(x, -1)),
    "keep": _plain(lambda x: x),
    "detach": _plain(lambda x: x.detach()),
    "scale": _plain(lambda x, by, plus: by * x + plus),
    "subsample": _plain(lambda x, stride: x[:, :, ::stride, ::stride]),
    "widen": _plain(lambda x, f: functional.pad(x, (0, 0, 0, 0, 0, f - x.shape[1]))),
    "add": _plain(lambda a, b: a + b),
    "sub": _plain(lambda a, b: a - b),
    "rsub": _plain(lambda a, b: b - a),
    "mul": _plain(lambda a, b: a * b),
    "average": _plain(lambda a, b: (a + b) / 2),
    "maximum": _plain(torch.maximum),
    "first": _plain(lambda a, b: a),
    "second": _plain(lambda a, b: b),
    "twice": _plain(lambda a, b: a + b + b),
    "cat": _plain(lambda *taken: torch.cat(taken, 1)),
}


def bent_class(name: str, edited: Callable[..., Graph], attributes: Mapping[str, Any]) -> type:
    """Return a module class that computes an edited graph: a mistake, made flesh for the tests.

    `edited` gives the graph for the arguments of a call; it must refuse to give a straight one.
    """

    class Bent(nn.Module):
        def __init__(self, *args: Any, **kwargs: Any):
            super().__init__()
            self.graph = edited(*args, **kwargs)
            hidden = nn.Module()  # what sits in a plain list is in no state-dict
            self.hidden = [hidden]
            for place, owned in ((self, True), (hidden, False)):
                furnish(place, list(self.graph.entries(owned)))
                _fill(place, self.graph)
            for part, own in self.graph.aliases.items():
                self.get_submodule(part).__dict__.update(self.get_submodule(own).__dict__)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            weights = self.state_dict(keep_vars=True) | self.hidden[0].state_dict(keep_vars=True)
            return run(self.graph, weights, x, self.training)[self.graph.output]

    Bent.__name__ = Bent.__qualname__ = name
    for attribute, value in attributes.items():
        setattr(Bent, attribute, value)
    return Bent


def _fill(place: nn.Module, graph: Graph) -> None:
    told = graph.built()
    for name, tensor in place.state_dict().items():
        tensor.copy_(torch.tensor(told[name]) if name in told else first_values(name, tensor))


def first_values(name: str, tensor: torch.Tensor) -> torch.Tensor:
    """Return the values a fresh layer might have: small random weights, a batch norm that does nothing."""
    if tensor.numel() > 100_000:
        return torch.full_like(
            tensor, 0.01
        )  # where a million numbers are asked for, names and shapes are what counts
    if tensor.dim() > 1:
        return torch.randn(tensor.shape) / math.sqrt(tensor[0].numel())
    one = name.endswith(("running_var", "weight", "gain"))
    return torch.ones_like(tensor) if one else torch.zeros_like(tensor)
