"""Watch PyTorch while a script trains: every pass through a network, every loss, backward and step."""

from __future__ import annotations

import contextlib
import inspect
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as functional
from torch import nn
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook
from torch.optim.sgd import sgd
from torch.overrides import TorchFunctionMode

LOSSES = (functional.cross_entropy, functional.nll_loss)


@dataclass
class Pass:
    """Hold one pass of images through a network: what went in, in which modes, and what came out."""

    images: torch.Tensor
    size: str = ""
    norm: bool | None = None
    dropout: bool | None = None
    outputs: torch.Tensor = field(default_factory=lambda: torch.zeros(0, 1))
    weights: list[torch.Tensor] = field(default_factory=list)
    which: list[int] = field(default_factory=list)

    def same_weights(self, other: Pass) -> bool:
        pairs = zip(self.weights, other.weights, strict=False)
        return all(torch.allclose(a, b, 0.0, 0.0, equal_nan=True) for a, b in pairs)


@dataclass
class Update:
    """Hold one backward: the pass it belongs to, the loss, and what lay in the gradients before."""

    passed: Pass | None
    loss: float
    scores: torch.Tensor | None
    target: torch.Tensor | None
    before: bool

    def told(self, labels: torch.Tensor) -> str:
        """Return in a word what the loss was: the mean, the sum or the negative of a cross-entropy; of probabilities or not.

        `labels` are those of the pass's images: they are taken where the script computes a loss in a way of its own.
        """
        scores, target = self.scores, self.target
        if scores is None or target is None:
            scores, target = self.passed.outputs if self.passed else None, labels
            if scores is None or len(scores) != len(target):
                return "unknown"
            scores = scores.log() if _probabilities(scores) else scores
        mean = float(functional.cross_entropy(scores, target))
        if not math.isfinite(mean):
            return "not finite"
        said = "of probabilities, " if _squashed(scores) else ""
        for word, value in (("mean", mean), ("sum", mean * len(target)), ("negative", -mean)):
            if abs(self.loss - value) <= 1e-3 * max(1.0, abs(value)):
                return said + word
        return said + "another"


def _probabilities(scores: torch.Tensor) -> bool:
    sums = scores.sum(1)
    return bool((scores >= 0).all()) and torch.allclose(sums, torch.ones_like(sums), atol=1e-4)


def _squashed(scores: torch.Tensor) -> bool:
    """Tell whether all scores lie from 0 to 1, as a softmax or a sigmoid leaves them, and those of a linear layer do not."""
    return bool(((scores >= 0) & (scores <= 1)).all())


class Calls(TorchFunctionMode):
    """Tell a watcher of every call of a function of PyTorch."""

    def __init__(self, watcher: Watcher):
        super().__init__()
        self.watcher = watcher

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func is torch.Tensor.backward:
            self.watcher.backward(args[0])
        result = func(*args, **kwargs)
        self.watcher.called(func, args, kwargs, result)
        return result


class Watcher:
    """Remember all passes and updates of whatever is trained in its `watching` block."""

    def __init__(self) -> None:
        self.passes: list[Pass] = []
        self.updates: list[Update] = []
        self.modules: dict[int, nn.Module] = {}
        self.model: nn.Module | None = None
        self.depth = 0
        self.steps: list[tuple[float, set[int]]] = []
        self.scored: tuple[Any, Any] = (None, None)

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        hooks = [
            nn.modules.module.register_module_forward_pre_hook(self.entered),
            nn.modules.module.register_module_forward_hook(self.left, always_call=True),
            register_optimizer_step_pre_hook(self.before_step),
            register_optimizer_step_post_hook(self.after_step),
        ]
        sgd_of_torch = torch.optim.SGD
        torch.optim.SGD = type("SGD", (LightSGD,), {"watcher": self})  # type: ignore
        try:
            with Calls(self):
                yield
        finally:
            torch.optim.SGD = sgd_of_torch  # type: ignore
            for hook in hooks:
                hook.remove()

    # --- what happens

    def entered(self, module: nn.Module, args: Any) -> None:
        self.modules[id(module)] = module
        if self.depth == 0 and list(module.children()):
            self.model = module
            self.passes.append(Pass(args[0].detach().clone(), weights=snapshot(module)))
        self.depth += 1

    def left(self, module: nn.Module, args: Any, result: Any) -> None:
        self.depth -= 1
        if self.depth == 0 and module is self.model and isinstance(result, torch.Tensor):
            self.passes[-1].outputs = result.detach().clone()

    def called(self, func: Any, args: tuple, kwargs: dict, result: Any) -> None:
        if not self.passes:
            return
        here = self.passes[-1]
        if func in (functional.dropout, functional.dropout1d, functional.dropout2d) and self.depth:
            here.dropout = bool(here.dropout) or bool(_given(func, args, kwargs)["training"])
        elif func is functional.batch_norm and self.depth:
            here.norm = bool(_given(func, args, kwargs)["training"])
        elif func in (torch.conv2d, functional.conv2d) and self.depth and not here.size:
            kernel = (args[1] if len(args) > 1 else kwargs["weight"]).shape[2:]
            here.size = f"{tuple(args[0].shape[2:])} -> {tuple(result.shape[2:])} by {tuple(kernel)}"
        elif func in LOSSES:
            given = _given(func, args, kwargs)
            self.scored = given["input"].detach().clone(), given["target"].detach().clone()

    def backward(self, loss: torch.Tensor) -> None:
        stepped = self.steps[-1][1] if self.steps else set()
        before = any(
            id(p) in stepped and p.grad is not None and bool(p.grad.any()) for p in self.parameters()
        )
        passed = self.passes[-1] if self.passes else None
        self.updates.append(Update(passed, float(loss.detach().sum()), *self.scored, before))
        self.scored = (None, None)

    def before_step(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        self.held = [(p, p.detach().clone(), p.grad) for p in _all(optimizer) if p.grad is not None]

    def after_step(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        along = sum(float(((p.detach() - before) * grad).sum()) for p, before, grad in self.held)
        self.steps.append((along, {id(p) for p in _all(optimizer)}))

    # --- what can be said of it

    def parameters(self) -> list[nn.Parameter]:
        return list(self.model.parameters()) if self.model is not None else []

    def direction(self) -> str:
        """Return where the first step went: down or up the gradient, or nowhere."""
        first = next((along for along, _ in self.steps if along), 0.0)
        return "down" if first < 0 else "up" if first > 0 else "nowhere"

    def covered(self) -> bool:
        """Tell whether the optimizer has all parameters of the model."""
        return bool(self.steps) and {id(p) for p in self.parameters()} <= self.steps[-1][1]

    def statistics(self) -> str:
        """Return whether the running statistics of batch norm have moved; "none" where there are none."""
        norms = [m for m in self.modules.values() if getattr(m, "running_mean", None) is not None]
        if not norms:
            return "none"
        return "moved" if all(bool(norm.running_mean.any()) for norm in norms) else "as at the start"


class LightSGD:
    """Stand for `torch.optim.SGD`, whose first object makes PyTorch load for seconds; it steps by PyTorch's own function."""

    watcher: Watcher

    def __init__(
        self, params: Any, lr: float = 1e-3, momentum: float = 0.0, dampening: float = 0.0,
        weight_decay: float = 0.0, nesterov: bool = False, *, maximize: bool = False, **_: Any,
    ):  # fmt: skip
        groups = list(params)
        groups = groups if groups and isinstance(groups[0], dict) else [{"params": groups}]
        options = {"lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay,
                   "nesterov": nesterov, "maximize": maximize}  # fmt: skip
        self.param_groups = [{**options, **group, "params": list(group["params"])} for group in groups]
        self.buffers: dict[int, Any] = {}

    def zero_grad(self, set_to_none: bool = True) -> None:
        for parameter in _all(self):
            empty = set_to_none or parameter.grad is None
            parameter.grad = None if empty else torch.zeros_like(parameter)

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        self.watcher.before_step(self, (), {})
        for group in self.param_groups:
            have = [p for p in group["params"] if p.grad is not None]
            kept = [self.buffers.get(id(p)) for p in have]
            options = {name: value for name, value in group.items() if name != "params"}
            sgd(have, [p.grad for p in have], kept, foreach=False, fused=False, **options)
            self.buffers |= {id(p): buffer for p, buffer in zip(have, kept, strict=True)}
        self.watcher.after_step(self, (), {})


def snapshot(module: nn.Module) -> list[torch.Tensor]:
    """Return copies of a model's parameters; its running statistics may move in an evaluation as well."""
    return [parameter.detach().clone() for parameter in module.parameters()]


def _all(optimizer: Any) -> list[torch.Tensor]:
    return [p for group in optimizer.param_groups for p in group["params"]]


def _given(func: Any, args: tuple, kwargs: dict) -> dict[str, Any]:
    """Return a call's arguments by name, with defaults."""
    bound = inspect.signature(func).bind(*args, **kwargs)
    bound.apply_defaults()
    return dict(bound.arguments)
