"""Benches for heads: a small model whose head a learner's function replaces, or whose parameters it groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import nn

from convbook.answers.benches import target


class Layers(nn.Module):
    """A small model whose head bears a name: "fc", "classifier.2" or "top.head"; with parts whose names are similar."""

    def __init__(self, head: str, bias: bool = True):
        super().__init__()
        box, _, last = head.rpartition(".")
        self.scale = nn.Parameter(torch.ones(()))
        linear = nn.Linear(4, 6, bias)
        if not box:
            self.add_module(last, linear)  # before the others: the last layer of all is another one
        self.stem = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
        self.old = nn.ModuleDict({f"{last}_old" if not last.isdigit() else "2": nn.Linear(2, 2)})
        if box:
            self.add_module(
                box,
                nn.Sequential(nn.Linear(4, 4), nn.ReLU(), linear)
                if last == "2"
                else nn.ModuleDict({last: linear}),
            )
        self.add_module(
            f"{box or last}1", nn.Linear(2, 3)
        )  # a name that begins like the head's; it takes no part
        self.route = head

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.stem(x * self.scale)
        box, _, last = self.route.rpartition(".")
        parent = self.get_submodule(box)
        return parent(y) if isinstance(parent, nn.Sequential | nn.Linear) else parent.get_submodule(last)(y)


class HeadBench(nn.Module):
    """Let a function give a model a new head, and tell what it looks like, and what became of the rest."""

    def forward(self, function: Callable[..., Any], given: dict, classes: int) -> dict[str, Any]:
        torch.manual_seed(3)
        model = Layers(given["head"], given["bias"]).to(getattr(torch, given["dtype"])).eval()
        model.requires_grad_(not given["frozen"])
        old = model.get_submodule(given["head"]).weight.detach().clone()
        names, before = set(dict(model.named_modules())), {n: p for n, p in model.named_parameters()}
        returned = target(function)(model, given["head"], classes)
        try:
            head = model.get_submodule(given["head"])
        except AttributeError:
            head = None
        linear = isinstance(head, nn.Linear)
        weight = head.weight if linear else None
        after = dict(model.named_parameters())
        rest = [n for n in before if not n.startswith(given["head"] + ".")]
        kept = (
            linear
            and old.shape[1:] == weight.shape[1:]
            and bool((weight.detach().float()[:, None] == old.float()[None]).all(2).any())
        )
        same = all(after.get(n) is before[n] for n in rest) and set(dict(model.named_modules())) == names
        held = [n for n in rest if before[n].requires_grad == given["frozen"]]
        return {
            "rest": "other parts than before" if not same else ("no longer frozen" if given["frozen"] else "no longer learning") if held else "as before",
            "head": "a linear layer" if linear else "gone" if head is None else _kind(head, before),
            "inputs": weight.shape[1] if linear else 0, "outputs": _classes(model),
            "bias": "with a bias" if linear and head.bias is not None else "without a bias",
            "dtype": str(weight.dtype).removeprefix("torch.") if linear else "",
            "weights": "the old ones" if kept else "new ones", "learns": "yes" if linear and all(p.requires_grad for p in head.parameters()) else "no",
            "returned": "the model" if returned is model else "nothing" if returned is None else "the head" if returned is head else
                        "a copy of the model" if isinstance(returned, Layers) else f"a {type(returned).__name__}",
        }  # fmt: skip


def _kind(part: nn.Module, before: Mapping[str, nn.Parameter]) -> str:
    """Return in words what stands in a linear layer's place."""
    old = {id(p) for p in before.values()}
    return f"a {type(part).__name__}" + (
        " with the old layer" if any(id(p) in old for p in part.parameters()) else ""
    )


def _classes(model: nn.Module) -> str:
    """Return how many logits a model gives for an image, or that it does not run."""
    try:
        with torch.no_grad():
            return f"{model(torch.ones(2, 3, dtype=model.scale.dtype)).shape[-1]} logits"
    except (RuntimeError, KeyError, AttributeError):
        return "an error when the model is called"


class GroupsBench(nn.Module):
    """Let a function group a model's parameters for an optimizer, and tell what is where, and at which rate."""

    def forward(self, function: Callable[..., Any], given: dict, rates: dict) -> dict[str, str]:
        model = Layers(given["head"])
        names = {id(p): name for name, p in model.named_parameters()}
        groups = target(function)(model, given["head"], rates["lr_body"], rates["lr_head"])
        if not isinstance(groups, list | tuple) or not all(
            isinstance(g, dict) and "params" in g for g in groups
        ):
            return {"returned": "nothing" if groups is None else f"a {type(groups).__name__}"}
        found: dict[str, list[Any]] = {name: [] for name in names.values()}
        strange: list[str] = []
        for group in groups:
            for p in _parameters(group["params"]):
                name = names.get(id(p))
                strange += [f"a {type(p).__name__}"] if name is None else []
                found.get(name, []).append(group.get("lr"))
        head = [n for n in found if n.startswith(given["head"] + ".")]
        told = {
            "returned": "groups of parameters"
            if not strange
            else "groups of another model's parameters"
            if set(strange) == {"a Parameter"}
            else "groups with something else in them"
        }
        told["missing"] = ", ".join(n for n, lrs in found.items() if not lrs) or "none"
        told["twice"] = ", ".join(n for n, lrs in found.items() if len(lrs) > 1) or "none"
        told["head"] = _rate([lr for n in head for lr in found[n]], rates)
        told["body"] = _rate([lr for n in found if n not in head for lr in found[n]], rates)
        told["model"] = "as before" if all(p.requires_grad for p in model.parameters()) else "partly frozen"
        return told


def _parameters(params: Any) -> Iterable[Any]:
    """Return a group's parameters, also where they come with their names or as a single one."""
    if isinstance(params, torch.Tensor):
        return [params]
    return [one[1] if isinstance(one, tuple) and len(one) == 2 else one for one in params]


def _rate(rates: list[Any], given: Mapping[str, float]) -> str:
    """Return in words at which rate some parameters learn."""
    known = {value: name for name, value in given.items()} | {None: "no rate of their own"}
    words = {known.get(rate, f"{rate}") for rate in rates}
    return words.pop() if len(words) == 1 else "different rates" if words else "none of them is in a group"


BENCHES = {"heads": HeadBench, "groups": GroupsBench}
