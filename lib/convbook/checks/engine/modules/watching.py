"""Give a learner's module and a recipe the same weights and the same input, and compare all that can be seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from convbook.answers import Built
from convbook.checks.compare import Fault, fault_of
from convbook.checks.modules.drawn import drawn_weights
from convbook.checks.modules.matching import Layer, Signatures, match
from convbook.checks.modules.recipe import BUFFERS, Recipe, entries, run
from convbook.checks.modules.remarks import misfit
from convbook.checks.seed import secret
from convbook.forms import Reply

ASPECTS = (
    "evaluation mode",
    "training mode",
    "running statistics",
    "gradient by the input",
    "gradient by the weights",
)


@dataclass(frozen=True)
class ModuleCase:
    """One trial: what the class is built with, the input, and how the weights are set.

    `weights` is "random" (gammas, betas and running statistics far from their first values) or
    "last gamma 0" (also its beta 0, so that F is 0 everywhere).
    """

    args: tuple
    x: np.ndarray
    weights: str = "random"
    drawn: bool = False
    about: str = ""


@dataclass(frozen=True)
class Difference:
    """A fault, in which aspect it shows, and the recipe's own numbers at the first place that differs."""

    fault: Fault
    aspect: str = ""
    numbers: dict[str, str] = field(default_factory=dict)


@dataclass
class Session:
    """Hold one built module with all that was read off it, ready to be compared with any recipe."""

    case: ModuleCase
    built: Built
    layers: list[Layer]
    shapes: dict[str, tuple[int, ...]]
    signatures: Signatures
    by_name: bool = False
    remarks: list[str] = field(default_factory=list)
    built_with: dict[str, tuple[int, ...]] = field(default_factory=dict)
    heard: dict[Any, Any] = field(default_factory=dict)
    drawn: dict[Any, torch.Tensor] = field(default_factory=dict)

    def difference(self, recipe: Recipe, strict: bool = True) -> Difference | None:
        """Return how the module differs from a recipe, or None. `strict` also refuses tensors that are never used."""
        names = self._names(recipe)
        if names is None:
            return Difference(self._other_tensors(recipe) if self.by_name else self._other_layers(recipe))
        for name, wanted in recipe.built.items():
            if (yours := self.built_with.get(name, ())) != wanted:
                place = name.removesuffix(".built_with")
                told = [f"{place} is block{numbers}" for numbers in (yours, wanted)]
                return Difference(Fault("wrong", "builds a block otherwise than asked for", *told))
        unused = self._unused(names, recipe, strict)
        if unused is not None and not strict:
            return unused
        weights = drawn_weights(recipe, names, self.case.weights, self.drawn)
        for aspect, yours, wanted, values in self._seen(recipe, names, weights):
            fault = fault_of(yours, wanted, "float64")
            if fault is not None:
                return Difference(fault, aspect, _numbers(yours.value, wanted, values))
        return unused

    def said(self, recipe: Recipe) -> list[str]:
        """Return what is odd in this module beside what the recipe asks for, as sentences for a reader."""
        return [*self.remarks, *self._strides(recipe), *self._frozen()]

    def _strides(self, recipe: Recipe) -> list[str]:
        if self.case.drawn and secret():
            return []
        names = self._names(recipe) or {}
        own = {layer.tensors.get("weight", ""): layer.settings.get("stride", 1) for layer in self.layers}
        for step in recipe.steps:
            name = names.get(f"{step.part}.weight", "")
            if step.kind == "conv" and name in own:
                wanted, yours = step.settings["stride"], own[name]
                if yours not in (wanted, (wanted, wanted)):
                    told = yours[0] if isinstance(yours, tuple) and len({*yours}) == 1 else yours
                    return [
                        f"the convolution with the weights {name} has stride {told}; {wanted} is asked for"
                    ]
        return []

    def _frozen(self) -> list[str]:
        trained = self.built.parameters().value
        used = [
            n for layer in self.layers for key, n in layer.tensors.items() if n and key in ("weight", "bias")
        ]
        still = next((name for name in used if name not in trained), None)
        return [f"{still} is no parameter that is trained: requires_grad is False"] if still else []

    def _other_tensors(self, recipe: Recipe) -> Fault:
        wanted = {name: shape for name, shape, kind in entries(recipe) if kind != "count"}
        name = next(name for name, shape in wanted.items() if self.shapes.get(name) != shape)
        yours = f"{name} {self.shapes[name]}" if name in self.shapes else f"no {name}"
        return Fault("wrong", "holds other tensors than asked for", yours, f"{name} {wanted[name]}")

    def _other_layers(self, recipe: Recipe) -> Fault:
        yours, wanted = [layer.word(self.shapes) for layer in self.layers], recipe.layers()
        used = Counter(name for layer in self.layers for name in set(layer.tensors.values()) if name)
        shared = [name for name, times in used.items() if times > 1]
        told = " → ".join(yours) or "no layer with weights"
        return Fault("wrong", misfit(yours, wanted, shared, recipe.free_bias), told, " → ".join(wanted))

    def _names(self, recipe: Recipe) -> dict[str, str] | None:
        if not self.by_name:
            return match(self.layers, recipe, self.signatures)
        names = {name: name for name, shape, _ in entries(recipe) if self.shapes.get(name) == shape}
        wanted = [name for name, _, kind in entries(recipe) if kind != "count"]
        return names if set(wanted) <= set(names) else None

    def _unused(self, names: dict[str, str], recipe: Recipe, strict: bool) -> Difference | None:
        left = [n for n in self.shapes if n not in names.values() and not n.endswith(BUFFERS)]
        declared = [
            shape for name, shape, kind in entries(recipe) if kind == "parameter" and name not in names
        ]
        if not strict and not declared:
            return None
        left = self._without_second_names(left, names, recipe)
        if Counter(self.shapes[n] for n in left) == Counter(declared):
            return None
        told = ", ".join(f"{name} {self.shapes[name]}" for name in left) or "nothing"
        return Difference(Fault("wrong", "holds weights that never take part", told, "no such weights"))

    def _without_second_names(self, left: list[str], names: dict[str, str], recipe: Recipe) -> list[str]:
        """Return the names in `left` whose tensors are no used ones that were given two names."""
        if not left:
            return left
        _load(self.built, names, drawn_weights(recipe, names, "random", self.drawn))
        state = self.built.state().value
        used = [state[name] for name in names.values()]
        return [n for n in left if not any(np.array_equal(state[n], tensor) for tensor in used)]

    def _seen(self, recipe, names, weights) -> Iterator[tuple[str, Reply, np.ndarray, dict]]:
        """Yield aspect, the module's reply, what is wanted, and the recipe's intermediate results."""
        x = self.case.x.astype(np.float64)
        for training in (False, True):
            own = {name: tensor.clone() for name, tensor in weights.items()}
            values = _computed(recipe, own, x, training)
            yours = self._heard(ASPECTS[training], recipe, names, weights)
            yield ASPECTS[training], yours, values[recipe.output].numpy(), values
        state = self._heard(ASPECTS[2], recipe, names, weights).value
        for name, tensor in own.items():
            if name.endswith(BUFFERS[:2]) and name in names:
                yield ASPECTS[2], Reply("returned", state[names[name]]), tensor.numpy(), {}
        yield from self._gradients(recipe, names, weights, x)

    def _heard(self, aspect: str, recipe, names, weights, scale: Any = None) -> Reply:
        """Return the module's reply with these weights in it: asked for once, whatever recipes it is compared with."""
        weighted = tuple(sorted(names.items())), recipe.last
        if (aspect, *weighted) not in self.heard:
            _load(self.built, names, weights)
            training = aspect == ASPECTS[1]
            self.built.train(training)
            x = self.case.x.astype(np.float64)
            asked = self.built.call(x) if scale is None else self.built.gradient(x, weights=scale)
            self.heard[aspect, *weighted] = asked
            if training:
                self.heard[ASPECTS[2], *weighted] = self.built.state()
        return self.heard[aspect, *weighted]

    def _gradients(self, recipe, names, weights, x) -> Iterator[tuple[str, Reply, np.ndarray, dict]]:
        with torch.enable_grad():
            own = {
                n: t.clone().requires_grad_(t.is_floating_point() and not n.endswith(BUFFERS))
                for n, t in weights.items()
            }
            leaf = torch.from_numpy(x).requires_grad_()
            output = run(recipe, own, leaf, False)[recipe.output]
            scale = torch.linspace(-1, 1, output.numel(), dtype=torch.float64).reshape(output.shape)
            leaves = {n: t for n, t in own.items() if t.requires_grad}
            wanted = [leaf, *leaves.values()]
            found = [None] * len(wanted)
            if output.requires_grad:
                found = torch.autograd.grad((output * scale).sum(), wanted, allow_unused=True)
        reply = self._heard(ASPECTS[3], recipe, names, weights, scale.numpy())
        if reply.status != "returned":
            yield ASPECTS[3], reply, np.zeros(x.shape), {}
            return
        yield ASPECTS[3], _filled(reply.value["inputs"][0], x.shape), _filled(found[0], x.shape).value, {}
        shared = {*recipe.aliases, *recipe.aliases.values()}  # such a tensor has two names, its gradient one
        for name, gradient in zip(leaves, found[1:], strict=True):
            if name in names and name.rsplit(".", 1)[0] not in shared:
                shape = tuple(leaves[name].shape)
                yours = reply.value["parameters"].get(names[name])
                yield ASPECTS[4], _filled(yours, shape), _filled(gradient, shape).value, {}


def _load(built: Built, names: dict[str, str], weights: dict[str, torch.Tensor]) -> None:
    built.load_state({own: weights[name].numpy() for name, own in names.items()})


def _computed(
    recipe: Recipe, weights: dict[str, torch.Tensor], x: np.ndarray, training: bool
) -> dict[str, Any]:
    with torch.no_grad():
        return run(recipe, weights, torch.from_numpy(x), training)


def _filled(gradient: Any, shape: tuple[int, ...]) -> Reply:
    """Return a gradient as a reply, no gradient as zeros."""
    if isinstance(gradient, torch.Tensor):
        gradient = gradient.numpy()
    return Reply("returned", np.zeros(shape) if gradient is None else gradient)


def _numbers(yours: Any, wanted: np.ndarray, values: dict[str, torch.Tensor]) -> dict[str, str]:
    """Return the numbers at the first place that differs: yours, wanted, and F, shortcut and the like."""
    if not isinstance(yours, np.ndarray) or yours.shape != wanted.shape or not yours.size:
        return {}
    differs = ~np.isclose(yours, wanted, rtol=1e-8, atol=1e-8)
    if not differs.any():
        return {}
    place = tuple(np.argwhere(differs)[0])
    numbers = {
        "yours": f"{yours[place]:.3g}",
        "wanted": f"{wanted[place]:.3g}",
        "place": str([int(i) for i in place]),
    }
    for name, tensor in values.items():
        if name.isidentifier() and tuple(tensor.shape) == wanted.shape:
            numbers[name] = f"{tensor.numpy()[place]:.3g}"
    return numbers
