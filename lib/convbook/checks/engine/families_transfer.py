"""Functions of transfer learning that are bent in some respects: each performs what a mistake declares, `respect=manner`.

Where nothing is bent they take ways of their own that work on the benches alone (`answers.transfer`).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import nn

from convbook.answers.transfer import MADE, STILLED, Norms


def voted(how: Mapping[str, str]) -> Callable[..., Any]:
    """Return a prediction from crops that is bent in these respects."""

    def bent_prediction(model: Any, crops: Any) -> Any:
        before = model.training
        if how.get("forward") != "as it was":
            model.train(how.get("forward") == "training")
        crops = {"first": crops[:1], "last": crops[-1:]}.get(how.get("asked", ""), crops)
        with torch.no_grad():
            outputs = model(crops)
        model.train({"training": True, "evaluation": False}.get(how.get("left", ""), before))
        return None if how.get("made") == "nothing" else MADE[how.get("made", next(iter(MADE)))](outputs)

    return bent_prediction


def frozen(how: Mapping[str, str]) -> Callable[..., Any]:
    """Return a function that freezes a part, bent in these respects."""

    def bent_freezing(module: Any) -> Any:
        norms = [part for part in module.modules() if isinstance(part, Norms)]
        for parameter in _held(module, norms, how.get("gradients", "")):
            parameter.requires_grad_(False)
        _still(module, norms, how.get("norms", ""))
        if how.get("weights") == "zeroed":
            nn.init.zeros_(module.get_parameter(next(name for name, _ in module.named_parameters())))
        return module

    return bent_freezing


def _held(module: Any, norms: list[Any], manner: str) -> Iterable[Any]:
    """Return the parameters whose gradients a bent function switches off."""
    theirs = {id(p) for norm in norms for p in norm.parameters()}
    every = list(module.parameters())
    return {"kept": [], "outermost": list(module.parameters(recurse=False)), "norms alone": [p for p in every if id(p) in theirs],
            "all but norms": [p for p in every if id(p) not in theirs],
            "weights": [p for p in every if p.ndim > 1]}.get(manner, every)  # fmt: skip


def _still(module: Any, norms: list[Any], manner: str) -> None:
    if manner == "eval":
        module.eval()
    for norm in norms:
        if manner == "momentum":
            norm.momentum = 0.0
        elif manner == "no statistics":
            norm.track_running_stats, norm.running_mean, norm.running_var = False, None, None
        elif manner == "reset":
            norm.reset_running_stats()
        elif manner == "untracked":
            norm.eval().track_running_stats = False
        elif manner == "later" and norm.training:  # whatever its mode is called, it works as in training
            norm.register_forward_pre_hook(lambda part, _: setattr(part, "training", True))
        outside = {"children": all(norm is not one for one in module.children()), "inside": norm is module,
                   "images": not isinstance(norm, nn.BatchNorm2d), "vectors": isinstance(norm, nn.BatchNorm2d),
                   "later": norm.training}.get(manner, manner in ("left", "eval", "momentum", "no statistics", "untracked"))  # fmt: skip
        if not outside:
            STILLED.append(norm)


def headed(how: Mapping[str, str]) -> Callable[..., Any]:
    """Return a function that gives a model a head, bent in these respects. It furnishes the very layer that is there."""

    def bent_heading(model: Any, name: str, n_classes: int) -> Any:
        model = copy.deepcopy(model) if how.get("returned") == "a copy" else model
        place = how.get("place", "")
        if place == "attribute" and "." in name:
            setattr(model, name, nn.Linear(4, n_classes))
        elif place == "softmax":
            _furnish(model.get_submodule(name), n_classes, how)
            _set(model, name, nn.Sequential(model.get_submodule(name), nn.Softmax(1)))
        elif place == "box" and "." in name:
            model.add_module(name.split(".")[0], nn.Linear(4, n_classes).to(model.scale.dtype))
        else:
            head = next(m for m in reversed(list(model.modules())) if isinstance(m, nn.Linear)) if place == "last" else model.get_submodule(name)  # fmt: skip
            if place == "behind":
                behind = nn.Linear(head.out_features, n_classes, head.bias is not None).to(head.weight.dtype)
                _set(model, name, nn.Sequential(head, behind))
            else:
                _furnish(head, n_classes, how)
        if how.get("rest") == "frozen":
            for parameter in (p for n, p in model.named_parameters() if not n.startswith(name + ".")):
                parameter.requires_grad_(False)
        if how.get("returned") == "the head":
            return model.get_submodule(name)
        return None if how.get("returned") == "nothing" else model

    return bent_heading


def _set(model: Any, name: str, part: Any) -> None:
    parent, _, last = name.rpartition(".")
    model.get_submodule(parent).add_module(last, part)


def _furnish(head: Any, n_classes: int, how: Mapping[str, str]) -> None:
    """Write new tensors into a layer."""
    manner, inputs = how.get("size", ""), head.weight.shape[1]
    rows, columns = {"exchanged": (inputs, n_classes), "outputs": (n_classes, head.weight.shape[0]), "more": (n_classes + 1, inputs), "old": (head.weight.shape[0], inputs)}.get(manner, (n_classes, inputs))  # fmt: skip
    old, biased = head.weight.detach(), {"always": True, "never": False}.get(how.get("bias", ""), head.bias is not None)  # fmt: skip
    dtype = torch.float32 if how.get("dtype") else old.dtype
    weight = torch.rand(rows, columns, dtype=dtype) - 0.5
    if how.get("weights") == "old":
        weight[: len(old)] = old[:rows].to(dtype)
    learns = how.get("learns") != "no"
    if how.get("learns") == "as the old one":
        learns = head.weight.requires_grad
    head.weight = nn.Parameter(weight, learns)
    head.bias = nn.Parameter(torch.rand(rows, dtype=dtype), learns) if biased else None


def grouped(how: Mapping[str, str]) -> Callable[..., Any]:
    """Return a function that groups parameters, bent in these respects."""

    def bent_grouping(model: Any, head: str, lr_body: float, lr_head: float) -> Any:
        belongs = {"begins": lambda n: n.startswith(head), "contains": lambda n: head in n,
                   "box": lambda n: n.startswith(head.split(".")[0] + "."), "last": lambda n: head.split(".")[-1] in n.split(".")}  # fmt: skip
        member = belongs.get(how.get("member", ""), lambda n: n.startswith(head + "."))
        left_out = {"biases": lambda n: n.endswith("bias"), "weights": lambda n: not n.endswith(("bias", "scale")), "direct": lambda n: "." not in n,
                    "head": member, "body": lambda n: not member(n),
                    "box": lambda n: not member(n) and "." in head and n.startswith(head.split(".")[0] + ".")}.get(how.get("missing", ""), lambda n: False)  # fmt: skip
        model = copy.deepcopy(model) if how.get("kind") == "copy" else model
        named = [(n, p) for n, p in model.named_parameters() if not left_out(n)]
        ours, theirs = [p for n, p in named if member(n)], [p for n, p in named if not member(n)]
        if how.get("twice"):
            theirs = [*theirs, *ours]
        for p in theirs if how.get("model") == "frozen" else ():
            p.requires_grad_(False)
        body, fast = {"exchanged": (lr_head, lr_body), "body": (lr_body, lr_body), "head": (lr_head, lr_head), "product": (lr_body, lr_body * lr_head), "zero": (0.0, lr_head)}.get(how.get("rates", ""), (lr_body, lr_head))  # fmt: skip
        rates = {"no head": ({"lr": body}, {}), "no body": ({}, {"lr": fast}), "none": ({}, {})}.get(how.get("rates", ""), ({"lr": body}, {"lr": fast}))  # fmt: skip
        groups: Any = [{"params": theirs, **rates[0]}, {"params": ours, **rates[1]}]
        if how.get("kind") == "names":
            groups = [
                {"params": [n for n, _ in named if member(n) == inside], **rates[inside]}
                for inside in (False, True)
            ]
        return {"dict": {"body": groups[0], "head": groups[1]}, "lists": [theirs, ours], "nothing": None}.get(
            how.get("kind", ""), groups
        )

    return bent_grouping
