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
from convbook.checks.modules.matching import Layer, Signatures, match
from convbook.checks.modules.recipe import BUFFERS, Recipe, entries, run
from convbook.checks.seed import generator
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

    def difference(self, recipe: Recipe, strict: bool = True) -> Difference | None:
        """Return how the module differs from a recipe, or None. `strict` also refuses tensors that are never used."""
        names = self._names(recipe)
        if names is None:
            yours = " → ".join(layer.word(self.shapes) for layer in self.layers) or "no layer with weights"
            wanted = " → ".join(recipe.layers())
            sentence = "runs other layers than asked for"
            if "bn" in wanted and not any(layer.kind == "bn" for layer in self.layers):
                sentence = "runs no batch norm that PyTorch knows as one: use nn.BatchNorm2d"
            elif "with bias" in yours and "with bias" not in wanted:
                sentence = (
                    "has a convolution with a bias; the batch norm after it takes any bias away: bias=False"
                )
            elif "linear" in yours and yours.split("linear")[0] == wanted.split("linear")[0]:
                sentence = "has a last layer of another size than asked for"
            return Difference(Fault("wrong", sentence, yours, wanted))
        unused = self._unused(names, recipe, strict)
        if unused is not None and not strict:
            return unused
        weights = drawn_weights(recipe, names, self.case.weights)
        for aspect, yours, wanted, values in self._seen(recipe, names, weights):
            fault = fault_of(yours, wanted, "float64")
            if fault is not None:
                return Difference(fault, aspect, _numbers(yours.value, wanted, values))
        return unused

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
        if Counter(self.shapes[n] for n in left) == Counter(declared):
            return None
        told = ", ".join(f"{name} {self.shapes[name]}" for name in left) or "nothing"
        return Difference(Fault("wrong", "holds weights that never take part", told, "no such weights"))

    def _seen(self, recipe, names, weights) -> Iterator[tuple[str, Reply, np.ndarray, dict]]:
        """Yield aspect, the module's reply, what is wanted, and the recipe's intermediate results."""
        built, x = self.built, self.case.x.astype(np.float64)
        for training in (False, True):
            _load(built, names, weights)
            built.train(training)
            own = {name: tensor.clone() for name, tensor in weights.items()}
            values = _computed(recipe, own, x, training)
            wanted = values[recipe.output].numpy()
            yield ASPECTS[training], built.call(x), wanted, values
        state = built.state().value
        for name, tensor in own.items():
            if name.endswith(BUFFERS[:2]) and name in names:
                yield ASPECTS[2], Reply("returned", state[names[name]]), tensor.numpy(), {}
        yield from self._gradients(recipe, names, weights, x)

    def _gradients(self, recipe, names, weights, x) -> Iterator[tuple[str, Reply, np.ndarray, dict]]:
        built = self.built
        _load(built, names, weights)
        built.train(False)
        with torch.enable_grad():
            own = {
                n: t.clone().requires_grad_(t.is_floating_point() and not n.endswith(BUFFERS))
                for n, t in weights.items()
            }
            leaf = torch.from_numpy(x).requires_grad_()
            output = run(recipe, own, leaf, False)[recipe.output]
            scale = torch.linspace(-1, 1, output.numel(), dtype=torch.float64).reshape(output.shape)
            leaves = {n: t for n, t in own.items() if t.requires_grad}
            found = torch.autograd.grad((output * scale).sum(), [leaf, *leaves.values()], allow_unused=True)
        reply = built.gradient(x, weights=scale.numpy())
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


def drawn_weights(recipe: Recipe, names: dict[str, str], how: str) -> dict[str, torch.Tensor]:
    """Return a tensor for every tensor of a recipe that counts: from the names alone, the same every time."""
    weights = {}
    wanted = {name: shape for name, shape, _ in entries(recipe)}
    for name, shape in wanted.items():
        left_out = name.endswith(".bias") and name not in names and name[:-4] + "weight" in names
        if not left_out:
            weights[name] = _one(name, shape)
    for name in names:
        if name not in weights:  # a bias that the exercise leaves open
            weights[name] = _one(name, wanted[name.rsplit(".", 1)[0] + ".weight"][:1])
    if how == "last gamma 0" and f"{recipe.last}.weight" in weights:
        weights[f"{recipe.last}.weight"].zero_()
        weights[f"{recipe.last}.bias"].zero_()
    return weights


def _one(name: str, shape: tuple[int, ...]) -> torch.Tensor:
    if name.endswith(BUFFERS[2]):
        return torch.zeros(shape, dtype=torch.int64)
    rng = generator(name)
    values = rng.normal(size=shape)
    if len(shape) > 1:
        values /= np.sqrt(np.prod(shape[1:]) / 2)
    if name.endswith("running_var"):
        values = rng.uniform(0.5, 2.0, shape)
    elif len(shape) == 1 and not name.endswith(("bias", "shift", "running_mean")):
        values = rng.uniform(0.5, 1.5, shape) * rng.choice([-1, 1], shape, p=[0.25, 0.75])
    elif len(shape) == 1:
        values *= 0.5
    return torch.from_numpy(np.asarray(values, dtype=np.float64))


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
