"""A learner's `torch.nn.Module` in this process, behind `Built`: arrays in, arrays out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from convbook.answers import blocks
from convbook.answers.answer import CALL_SECONDS, Built
from convbook.answers.calling import observe
from convbook.answers.steady import Stream, steady
from convbook.answers.tracing import scripts_as_python, traced
from convbook.answers.values import Opaque, Reference, StateOf, copied
from convbook.answers.watch import Forbidden
from convbook.forms import Reply

READY_MADE = ("torchvision", "timm")  # libraries whose networks are what the learner is asked to write


class LocalBuilt(Built):
    """Hold a module of this very process."""

    def __init__(self, module: nn.Module, stream: Stream | None = None):
        self.module = module
        self.stream = stream or Stream()
        self.kinds = tuple(kind.__name__ for kind in type(module).__mro__)

    def call(self, *args: Any, seconds: float = CALL_SECONDS, **kwargs: Any) -> Reply:
        tensors = [tensor_of(a) for a in args]
        handles = [a for a in args if isinstance(a, LocalBuilt)]
        reply = self._observe(
            lambda: self.module(*tensors, **{name: tensor_of(a) for name, a in kwargs.items()}),
            seconds,
            value=lambda result: plain(result, handles),
        )
        return dataclasses.replace(reply, arguments=tuple(plain(t, handles) for t in tensors))

    def double(self) -> Reply:
        return self._observe(self.module.double, value=_nothing)

    def train(self, mode: bool = True) -> Reply:
        return self._observe(lambda: self.module.train(mode), value=_nothing)

    def state(self) -> Reply:
        return self._observe(self.module.state_dict, value=lambda state: plain(dict(state)))

    def shapes(self) -> Reply:
        return self._observe(
            self.module.state_dict, value=lambda state: {name: tuple(t.shape) for name, t in state.items()}
        )

    def load_state(self, state: dict[str, Any]) -> Reply:
        def write() -> None:
            own = self.module.state_dict(keep_vars=True)
            with torch.no_grad():
                for name, array in state.items():
                    own[name].copy_(tensor_of(np.asarray(array)))

        return self._observe(write)

    def parameters(self) -> Reply:
        return self._observe(lambda: [name for name, p in self.module.named_parameters() if p.requires_grad])

    def gradient(self, *args: Any, weights: Any = None, seconds: float = CALL_SECONDS) -> Reply:
        tensors = [tensor_of(a) for a in args]
        return self._observe(lambda: _differentiated(self.module, tensors, weights), seconds, value=plain)

    def trace(self, *args: Any, seconds: float = CALL_SECONDS) -> Reply:
        tensors = [tensor_of(a) for a in args]
        with scripts_as_python():
            return self._observe(lambda: traced(self.module, tensors, plain), seconds)

    def attribute(self, name: str) -> Reply:
        return attribute_of(self.module, name)

    def _observe(
        self, function: Callable[[], Any], seconds: float = CALL_SECONDS, value: Any = copied
    ) -> Reply:
        with steady(self.stream):
            return observe(function, (), {}, seconds, value=value)


def build(
    target: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any], seconds: float, forbid: str
) -> Reply:
    """Call a class (or a function that returns a module) and return its module as a `LocalBuilt`.

    What is no module comes back as `Opaque`. `forbid="torchvision"` refuses modules whose classes come from, or
    derive from, a library of ready-made networks.
    """
    stream = Stream()
    real = [tensor_of(a) for a in args]

    def held(result: Any) -> LocalBuilt | Opaque:
        if not isinstance(result, nn.Module):
            return Opaque(type(result).__name__)
        if forbid == "torchvision":
            _refuse_ready_made(result)
        return LocalBuilt(result, stream)

    with steady(stream):
        reply = observe(target, real, kwargs, seconds, "" if forbid == "torchvision" else forbid, value=held)
    after = [r if isinstance(a, list) and _plain(a) else a for a, r in zip(args, real, strict=True)]
    return dataclasses.replace(reply, arguments=tuple(after))


def _plain(values: list[Any]) -> bool:
    """Tell whether a list holds numbers and words only: such a list can be compared with itself afterwards."""
    return all(isinstance(value, int | float | str) for value in values)


def wrapped(function: Callable[..., Any]) -> LocalBuilt:
    """Return a function of tensors as a module without parameters."""

    class Function(nn.Module):
        def forward(self, *args: Any, **kwargs: Any) -> Any:
            return function(*args, **kwargs)

    return LocalBuilt(Function())


def placed(reference: Reference) -> LocalBuilt:
    """Return one of the course's own modules."""
    stream = Stream()
    with steady(stream):
        return LocalBuilt(made(reference), stream)


def made(reference: Reference) -> Any:
    """Return what a reference names: a class or a module of `convbook.answers.blocks`."""
    if reference.name not in blocks.OFFERED:
        raise ValueError(f"no block is called {reference.name!r}; choose one of {sorted(blocks.OFFERED)}")
    return blocks.OFFERED[reference.name](**reference.options)


def attribute_of(target: Any, name: str) -> Reply:
    """Return a plain attribute of an object, or what its absence raises."""
    return observe(lambda: plain(getattr(target, name)), (), {}, CALL_SECONDS)


def tensor_of(value: Any) -> Any:
    """Return a value as a learner's code receives it: arrays as tensors of their own, references and handles resolved."""
    if isinstance(value, np.ndarray):
        return torch.from_numpy(np.array(value, order="C"))
    if isinstance(value, Reference):
        return made(value)
    if isinstance(value, LocalBuilt):
        return value.module
    if isinstance(value, StateOf):
        return value.built.module.state_dict()
    if isinstance(value, (list, tuple)) and type(value) in (list, tuple):
        return type(value)(tensor_of(item) for item in value)
    if type(value) is dict:
        return {key: tensor_of(item) for key, item in value.items()}
    return value


def plain(value: Any, handles: Sequence[LocalBuilt] = ()) -> Any:
    """Return a result as the judge may hold it: tensors as arrays, modules as handles, the rest by the class's name."""
    if isinstance(value, torch.Tensor):
        value = value.detach()
        return (value.float() if value.dtype in (torch.bfloat16,) else value).cpu().numpy().copy()
    if isinstance(value, nn.Module):
        return next((h for h in handles if h.module is value), None) or LocalBuilt(value)
    if isinstance(value, dict):
        return {key: plain(item, handles) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(plain(item, handles) for item in value) if type(value) in (list, tuple) else Opaque(
            type(value).__name__)  # fmt: skip
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes, np.ndarray, np.generic)):
        return copied(value)
    return Opaque(type(value).__name__)


def _nothing(result: Any) -> None:
    return None


def _differentiated(module: nn.Module, tensors: list[Any], weights: Any) -> dict[str, Any]:
    leaves = [t.requires_grad_() for t in tensors if isinstance(t, torch.Tensor) and t.is_floating_point()]
    # A clone is no leaf: a ReLU in place on the block's input is judged as such and does not crash here.
    output = module(*(t.clone() if isinstance(t, torch.Tensor) else t for t in tensors))
    named = [(name, p) for name, p in module.named_parameters() if p.requires_grad]
    wanted = leaves + [p for _, p in named]
    gradients: list[Any] = [None] * len(wanted)
    if isinstance(output, torch.Tensor) and output.requires_grad:
        scale = torch.ones_like(output) if weights is None else tensor_of(np.asarray(weights)).to(output)
        gradients = list(torch.autograd.grad((output * scale).sum(), wanted, allow_unused=True))
    return {
        "output": output,
        "inputs": gradients[: len(leaves)],
        "parameters": dict(zip((name for name, _ in named), gradients[len(leaves) :], strict=True)),
    }


def _refuse_ready_made(module: nn.Module) -> None:
    for part in module.modules():
        for kind in type(part).__mro__:
            if kind.__module__.split(".")[0] in READY_MADE:
                raise Forbidden(f"{kind.__module__}.{kind.__qualname__}")
