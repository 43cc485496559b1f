"""Modules, learnt tensors and optimizers that both processes hold, kept alike."""

from __future__ import annotations

import weakref
from typing import Any

import torch
from torch import nn

from convbook.grading.rpc.described import Ref, checked, describe, difference, fill, is_plain, new_module
from convbook.grading.rpc.frame import Malformed, NotPlain


class Shared:
    """Keep modules alike that both processes hold: what changed here is told, what changed there is done here.

    Each side says how it numbers a module (`refer`), finds one by its number (`find`), keeps a new one under a number
    (`adopt`), and what stands for a module of a class that is not torch's own (`stand_in`).
    """

    def __init__(self) -> None:
        self.known: dict[Ref, tuple[weakref.ref[nn.Module], dict[str, list]]] = {}

    def refer(self, module: nn.Module) -> Ref:
        raise NotImplementedError

    def find(self, ref: Ref) -> nn.Module | None:
        raise NotImplementedError

    def adopt(self, module: nn.Module, ref: Ref) -> None:
        raise NotImplementedError

    def stand_in(self, node: dict[str, Any]) -> nn.Module:
        raise NotImplementedError

    def offer(self, module: nn.Module) -> dict[str, list]:
        """Return the whole description of a module, for the other side to make one."""
        ref = self.refer(module)
        known = told = describe(module, self.refer)
        if self.known and ref not in self.known:  # some of its tensors may be over there already
            told = describe(module, self.refer, self.place_of)
        self.known[ref] = weakref.ref(module), known
        return told

    def accept(self, told: Any) -> nn.Module:
        """Return the module of a description that the other side offered: a new one, or the known one renewed."""
        nodes, tensors = checked(told)
        modules = []
        for node in nodes:
            mine, number = node["ref"]
            ref = (not mine, int(number))
            module = self.find(ref)
            if module is None:
                module = new_module(node, self.stand_in)
                self.adopt(module, ref)
            modules.append(module)
        for index, told in enumerate(tensors):
            if isinstance(told, dict):
                mine, number = told["ref"]
                tensors[index] = self.tensor((not mine, number), told["name"])
        fill(modules, nodes, tensors)
        self.offer(modules[0])
        return modules[0]

    def news(self) -> list:
        """Return what has changed here since the other side heard of it last."""
        told = []
        for ref, (held, known) in list(self.known.items()):
            module = held()
            if module is None:
                del self.known[ref]
                continue
            try:
                now = describe(module, self.refer)
            except NotPlain:  # it has become what cannot be copied
                del self.known[ref]
                continue
            if (new := difference(now, known)) is not None:
                self.known[ref] = held, now
                told.append([list(ref), new])
        return told

    def hear(self, news: Any) -> None:
        """Do here what has changed there."""
        for (mine, number), told in news:
            held, known = self.known.get((not mine, number), (lambda: None, None))
            module = held()
            if module is None:
                continue
            if told["nodes"] is not None:
                self.accept(told)
                continue
            tensors = told["tensors"]
            if len(tensors) != len(known["tensors"]):
                raise Malformed("a module arrived without its tensors")
            modules = list(_in_order(module, known["nodes"]))
            fill(modules, known["nodes"], tensors)
            self.offer(module)

    # --- tensors that are learnt: parameters of shared modules, and others that an object over there keeps

    def place_of(self, tensor: torch.Tensor) -> tuple[Ref, str] | None:
        """Return the module and the name under which both sides hold a tensor."""
        for ref, (held, _) in self.known.items():
            for name, one in _named(held()):
                if one is tensor:
                    return ref, name
        return None

    def holder(self, tensor: torch.Tensor) -> nn.Module:
        """Return a module around a tensor, by which both sides hold it from now on."""
        made = nn.Module()
        (made._parameters if isinstance(tensor, nn.Parameter) else made._buffers)["it"] = tensor
        return made

    def tensor(self, ref: Ref, name: str) -> torch.Tensor:
        """Return the tensor at a place."""
        return dict(_named(self.find(ref)))[name]


def _named(module: nn.Module | None) -> list[tuple[str, torch.Tensor]]:
    if module is None:
        return []
    return [*module.named_parameters(remove_duplicate=False), *module.named_buffers(remove_duplicate=False)]


def optimizer_state(optimizer: torch.optim.Optimizer) -> list:
    """Return the settings of an optimizer's groups, and what it keeps of each parameter."""
    groups = [
        {k: v for k, v in group.items() if k != "params" and is_plain(v)} for group in optimizer.param_groups
    ]
    return [
        groups,
        [dict(optimizer.state.get(p, {})) for group in optimizer.param_groups for p in group["params"]],
    ]


def set_optimizer_state(optimizer: torch.optim.Optimizer, told: Any) -> None:
    """Give an optimizer the settings and the memory of another."""
    groups, kept = told
    for group, new in zip(optimizer.param_groups, groups, strict=True):
        group.update(
            {
                name: value
                for name, value in new.items()
                if name in group and name != "params" and is_plain(value)
            }
        )
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    for parameter, state in zip(parameters, kept, strict=True):
        if all(value is None or isinstance(value, torch.Tensor | int | float) for value in state.values()):
            optimizer.state[parameter].clear()
            optimizer.state[parameter].update(state)


def _in_order(module: nn.Module, nodes: list[dict]) -> list[nn.Module]:
    """Return a module and its parts in the order of its description's nodes."""
    found: dict[int, nn.Module] = {}
    waiting = [(0, module)]
    while waiting:
        index, one = waiting.pop()
        if index not in found:
            found[index] = one
            children = nodes[index]["children"].items()
            waiting += [(child, one._modules[name]) for name, child in children if child is not None]
    return [found[index] for index in range(len(nodes))]
