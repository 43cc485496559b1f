"""Benches: networks, optimizers and arrays on the answer's side, on which a learner's training code is run and watched.

A bench is placed like one of the course's own blocks (`Answer.place`), is called with the learner's function and plain
arrays, and gives back what it saw as plain values: what is right, the check decides on its own side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.optim.sgd import sgd


class Watch(nn.Module):
    """Hand on what comes in, and remember in which mode and whether with gradients."""

    def __init__(self) -> None:
        super().__init__()
        self.modes: list[str] = []
        self.gradients: list[str] = []

    def __deepcopy__(self, memo: dict) -> Watch:
        """Return a watch that remembers in the same lists: what runs a copy of the model is seen too."""
        copy = Watch().train(self.training)
        copy.modes, copy.gradients = self.modes, self.gradients
        return copy

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.modes.append(mode_of(self))
        self.gradients.append("on" if torch.is_grad_enabled() else "off")
        return x


def mode_of(module: nn.Module) -> str:
    return "training" if module.training else "evaluation"


def network(weights: dict[str, torch.Tensor]) -> nn.Sequential:
    """Return two linear layers with a batch norm, a tanh and two watches between them, filled with `weights` in float64.

    Names: 0 linear, 1 a box (norm, tanh, watch), 2 watch, 3 linear.
    """
    hidden, inputs = weights["0.weight"].shape
    box = nn.Sequential(nn.BatchNorm1d(hidden), nn.Tanh(), Watch())
    model = nn.Sequential(
        nn.Linear(inputs, hidden), box, Watch(), nn.Linear(hidden, len(weights["3.bias"]))
    ).double()
    own = model.state_dict()
    own.update(weights)
    model.load_state_dict(own)
    return model


def watches(model: nn.Module) -> list[Watch]:
    return [part for part in model.modules() if isinstance(part, Watch)]


def summed_up(seen: Iterator[str] | list[str]) -> str:
    """Return the one word that was seen, "both", or "nothing".

    >>> summed_up(["on", "on"]), summed_up(["on", "off"]), summed_up([])
    ('on', 'both', 'nothing')
    """
    words = set(seen)
    return words.pop() if len(words) == 1 else "both" if words else "nothing"


def number(value: Any) -> Any:
    """Return a result as a plain number where it is one, else a word for what it is."""
    if isinstance(value, torch.Tensor) and value.requires_grad:
        return "a tensor with its graph"
    if isinstance(value, torch.Tensor) and value.numel() == 1:
        return float(value.detach())
    if isinstance(value, int | float | np.floating | np.integer) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, np.ndarray) and value.size == 1:
        return float(value.reshape(()))
    return "nothing" if value is None else f"a {type(value).__name__}"


class Stream:
    """Yield batches once, as a generator does, and count them."""

    def __init__(self, batches: list[tuple[torch.Tensor, torch.Tensor]]):
        self.batches, self.drawn = batches, 0

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        while self.drawn < len(self.batches):
            self.drawn += 1
            yield self.batches[self.drawn - 1]


class Descent:
    """An optimizer as a training loop needs it, `zero_grad` and `step`, on PyTorch's own SGD function.

    `torch.optim.SGD` itself loads so much of PyTorch when the first one is made that an answer's time would be over.
    """

    def __init__(self, parameters: Any, lr: float, momentum: float):
        self.param_groups = [{"params": list(parameters), "lr": lr, "momentum": momentum}]
        self.buffers: list[Any] = [None] * len(self.param_groups[0]["params"])

    def zero_grad(self, set_to_none: bool = True) -> None:
        for parameter in self.param_groups[0]["params"]:
            parameter.grad = None if set_to_none or parameter.grad is None else torch.zeros_like(parameter)

    @torch.no_grad()
    def step(self) -> None:
        group = self.param_groups[0]
        have = [place for place, p in enumerate(group["params"]) if p.grad is not None]
        buffers = [self.buffers[place] for place in have]
        sgd([group["params"][place] for place in have], [group["params"][place].grad for place in have], buffers,
            foreach=False, fused=False, weight_decay=0.0, momentum=group["momentum"], lr=group["lr"], dampening=0.0,
            nesterov=False, maximize=False)  # fmt: skip
        for place, buffer in zip(have, buffers, strict=True):
            self.buffers[place] = buffer


class TrainingBench(nn.Module):
    """Let a function train a small network for one pass, and tell the weights, the result, the modes."""

    def forward(
        self, function: Callable[..., Any], given: dict, batches: list, rates: dict
    ) -> dict[str, Any]:
        model = network(given["weights"])
        model.train(given["mode"] == "training")
        optimizer = Descent(model.parameters(), rates["lr"], rates["momentum"])
        stream = Stream(batches)
        returned = target(function)(model, iter(stream), optimizer)
        seen = [mode for watch in watches(model) for mode in watch.modes]
        return {
            "batches": stream.drawn, "forward": summed_up(seen), "weights": flat(model.parameters()),
            "loss": number(returned), "mode": summed_up(mode_of(m) for m in model.modules()),
        }  # fmt: skip


class EvaluationBench(nn.Module):
    """Let a function evaluate a small network, and tell its result, and what it left behind."""

    def forward(self, function: Callable[..., Any], given: dict, batches: list) -> dict[str, Any]:
        model = network(given["weights"])
        for name, module in model.named_modules():
            module.training = given["modes"].get(name, given["modes"].get(name.split(".")[0], True))
        for parameter in model.parameters():
            parameter.grad = torch.ones_like(parameter)  # as a step before may have left it
        before, state = [m.training for m in model.modules()], flat(model.state_dict().values())
        with torch.set_grad_enabled(given["gradients"] == "on"):
            returned = target(function)(model, iter(Stream(batches)))
            gradients = "on" if torch.is_grad_enabled() else "off"
        after = [m.training for m in model.modules()]
        seen = watches(model)
        return {
            "forward": summed_up([mode for watch in seen for mode in watch.modes]),
            "inside": summed_up([on for watch in seen for on in watch.gradients]),
            "accuracy": number(returned),
            "mode": "as before" if before == after else left(after, before),
            "gradients": gradients, "model": altered(model, state),
        }  # fmt: skip


def altered(model: nn.Module, state: torch.Tensor) -> str:
    """Return in words what an evaluation did to a model's numbers, whose gradients were all 1."""
    if bool((flat(model.state_dict().values()) != state).any()):
        return "changed"
    if not all(parameter.requires_grad for parameter in model.parameters()):
        return "weights that no longer ask for gradients"
    kept = all(p.grad is not None and bool((p.grad == 1).all()) for p in model.parameters())
    return "as before" if kept else "other gradients than before"


def left(after: list[bool], before: list[bool]) -> str:
    """Return in words which modes a model was left in."""
    if len(set(after)) == 1:
        return "all in training mode" if after[0] else "all in evaluation mode"
    return "the model itself as before, its parts not" if after[0] == before[0] else "others than before"


class Hands(nn.Module):
    """Hand lists of NumPy arrays to a function, and return the very arrays that it was given, as it left them."""

    def forward(self, function: Callable[..., Any], lists: list, rest: list) -> list[list[torch.Tensor]]:
        given = [[tensor.numpy().copy() for tensor in tensors] for tensors in lists]
        target(function)(*(list(arrays) for arrays in given), *rest)
        return [[torch.from_numpy(array) for array in arrays] for arrays in given]


def target(function: Any) -> Callable[..., Any]:
    """Return the learner's function itself: in one process it comes held as an `Answer`."""
    return getattr(function, "target", function)


def flat(tensors: Any) -> torch.Tensor:
    return torch.cat([tensor.detach().double().flatten() for tensor in tensors])


BENCHES = {"training": TrainingBench, "evaluation": EvaluationBench, "hands": Hands}
