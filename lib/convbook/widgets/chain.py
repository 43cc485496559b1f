"""Read a learner's model as a chain of simple layers: from what really runs, however its `forward` is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from convbook.widgets.chain_steps import ACTIVATIONS, LAYERS, NoStep, arguments_of, step_of

KINDS = "Conv2d, ReLU, Tanh, Sigmoid, MaxPool2d, AvgPool2d, Flatten and Linear"
SAME = (
    "flatten", "view", "reshape", "squeeze", "unsqueeze", "contiguous", "clone", "float", "double", "to", "type", "detach",
    "view_as", "reshape_as", "unflatten",
)  # fmt: skip


class Unread(ValueError):
    """Say in one sentence which layer of a model is not one that can be read."""


@dataclass
class Chain:
    """Hold the steps of a model in their order, all weights one after the other, and what each step gave."""

    steps: list[dict[str, Any]] = field(default_factory=list)
    weights: list[np.ndarray] = field(default_factory=list)
    results: list[torch.Tensor] = field(default_factory=list)

    def keep(self, weight: torch.Tensor | None) -> int:
        """Keep an array of weights and return where it begins; −1 for none."""
        if weight is None:
            return -1
        begin = sum(one.size for one in self.weights)
        self.weights.append(weight.detach().cpu().numpy().astype("<f4").ravel())
        return begin

    def first_maps(self) -> np.ndarray:
        """Return what the first convolution gave, after its activation, as (n, c, h, w)."""
        number = next(i for i, step in enumerate(self.steps) if step["kind"] == "conv")
        after = self.steps[number + 1 : number + 2]
        return self.results[number + (bool(after) and after[0]["kind"] in ACTIVATIONS)].double().cpu().numpy()


def strongest(maps: np.ndarray, many: int) -> list[list[float]]:
    """Return where maps (n, h, w) are largest, one place an image, as lists [image, row, column, value].

    >>> strongest(np.array([[[0, 1]], [[3, 2]]]), 1)
    [[1, 0, 0, 3.0]]
    """
    flat = maps.reshape(len(maps), -1)
    order = np.argsort(-flat.max(1), kind="stable")[:many]
    places = [divmod(int(flat[i].argmax()), maps.shape[2]) for i in order]
    return [[int(i), *place, float(flat[i].max())] for i, place in zip(order, places, strict=True)]


def read_chain(model: Any, images: np.ndarray) -> Chain:
    """Return the chain that a model runs on images (n, c, h, w), in evaluation mode; the model is left as it was.

    A step is a dict with its `kind` (conv, linear, relu, tanh, sigmoid, max or mean), its `name` and its sizes. A
    convolution whose kernels are as large as what they see is linear: it has no maps. Raises `ValueError` where the
    model stops, and where a layer, which is named, is not part of such a chain.
    """
    if not isinstance(model, nn.Module):
        raise ValueError(f"model is {type(model).__name__}; wanted a network, an nn.Module")
    parts = [(part, part.training) for part in model.modules()]
    weight = next(model.parameters(), torch.zeros(0))
    batch = torch.tensor(images, dtype=weight.dtype, device=weight.device)
    watch = _Watch(batch)
    hooks = [hook for name, part in model.named_modules() for hook in watch.follow(name, part)]
    try:
        model.eval()
        with torch.no_grad(), watch:
            result = model(batch)
    except Unread:
        raise
    except Exception as error:
        reason = str(error).split("\n")[0]
        raise ValueError(f"the model stopped on images of shape {tuple(batch.shape)}: {reason}") from error
    finally:
        for hook in hooks:
            hook.remove()
        for part, training in parts:
            part.training = training
    watch.end_with(result)
    return watch.chain


class _Watch(TorchFunctionMode):
    """Follow one batch through a model, and note each step it takes."""

    def __init__(self, batch: torch.Tensor):
        super().__init__()
        self.now = batch
        self.chain = Chain()
        self.inside: list[str] = []
        self.before = [batch]  # also keeps their ids from being used again
        self.strange: list[tuple[torch.Tensor, str]] = []

    def follow(self, name: str, part: nn.Module) -> list[Any]:
        """Remember, by hooks, which part of the model is at work."""
        title = f"{name or 'the model'} ({type(part).__name__})"

        def enter(*_: Any) -> None:
            self.inside.append(title)

        def leave(*_: Any) -> None:
            self.inside.pop()

        return [part.register_forward_pre_hook(enter), part.register_forward_hook(leave)]

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        name = getattr(func, "__name__", str(func))
        name = name if name.startswith("__") else name.rstrip("_")  # `relu_` is `relu` in place
        given = [one for one in (*args, *(kwargs or {}).values()) if isinstance(one, torch.Tensor)]
        if name == "__setitem__" and any(self._known(one) for one in given):
            raise self._cannot("an assignment to some numbers")
        if isinstance(result, torch.Tensor):
            self._take(name, args, kwargs or {}, given, result)
        return result

    def _take(self, name: str, args: Any, kwargs: dict, given: list, result: torch.Tensor) -> None:
        """Note a step, or that a result is not one that the chain can go on with."""
        still = name in ("dropout", "dropout2d", "feature_dropout") and torch.equal(result, given[0])
        if name in SAME or still or name in LAYERS or name in ACTIVATIONS:
            if not given or not (self._known(given[0]) or self._strangeness(given[0])):
                return  # of weights alone: not the image's way
            self._must_follow(name, given[0])
            if name in LAYERS or name in ACTIVATIONS:
                self._note(name, args, kwargs, result)
            elif result.numel() != given[0].numel() or len(result) != len(given[0]):
                raise self._cannot(f"`{name}`, which mixes images,")
            self.now = result
            self.before.append(result)
        elif any(self._known(one) for one in given) or any(self._strangeness(one) for one in given):
            if self._known(result):
                raise self._cannot(f"`{name}`")
            self.strange.append((result, self._where(name)))

    def _known(self, tensor: torch.Tensor) -> bool:
        return any(one is tensor for one in self.before)

    def _strangeness(self, tensor: Any) -> str:
        return next((what for one, what in self.strange if one is tensor), "")

    def _must_follow(self, name: str, tensor: torch.Tensor) -> None:
        """Raise `Unread` unless a step begins where the last one ended."""
        if what := self._strangeness(tensor):
            raise Unread(_sentence(what))
        if tensor is not self.now:
            raise Unread(_sentence(self._where(name), "goes on from an earlier result than the last"))

    def end_with(self, result: Any) -> None:
        """Raise `ValueError` unless the chain ends with logits (n, classes)."""
        if what := self._strangeness(result):
            raise Unread(_sentence(what))
        shape = tuple(getattr(result, "shape", ()))
        if len(shape) != 2 or shape[0] != len(self.before[0]) or result is not self.now:
            raise ValueError(f"the model returns {f'shape {shape}' if shape else type(result).__name__}; "
                             f"wanted one row of logits for each image, ({len(self.before[0])}, classes)")  # fmt: skip

    def _where(self, name: str) -> str:
        return f"`{name}` in {self.inside[-1] if self.inside else 'the model'}"

    def _cannot(self, what: str) -> Unread:
        return Unread(_sentence(f"{what} in {self.inside[-1] if self.inside else 'the model'}"))

    def _note(self, name: str, args: Any, kwargs: dict, result: torch.Tensor) -> None:
        """Add a step to the chain, with its weights."""
        of = arguments_of(name, args, kwargs)
        try:
            step = step_of(name, of, self.now, result)
        except NoStep as why:
            raise self._cannot(str(why)) from None
        if "weight" in of:
            step["name"] = self.inside[-1].split(" (")[0] if self.inside else name
            step |= {what: self.chain.keep(of.get(what)) for what in ("weight", "bias")}
        self.chain.steps.append(step)
        self.chain.results.append(result)


def _sentence(what: str, fault: str = "is something else") -> str:
    return f"the model cannot be read as a chain of {KINDS}: {what} {fault}"
