"""Modules, learnt tensors and optimizers that both processes hold, kept alike."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Callable, MutableMapping
from typing import Any

import torch
from torch import nn

from convbook.grading.rpc import described
from convbook.grading.rpc.described import Place, Ref, describe
from convbook.grading.rpc.frame import Malformed, NotPlain


def mapped(value: Any, change: Callable[[torch.Tensor], Any]) -> Any:
    """Return a value with every tensor in its lists, tuples and dicts changed, in the order of both sides."""
    if isinstance(value, torch.Tensor):
        return change(value)
    if type(value) in (list, tuple):
        return type(value)([mapped(item, change) for item in value])
    if type(value) is dict:
        return {key: mapped(item, change) for key, item in value.items()}
    return value


def tensors_in(value: Any) -> list[torch.Tensor]:
    """Return the tensors of a value in order."""
    found: list[torch.Tensor] = []
    mapped(value, found.append)
    return found


def learning(modules: list[nn.Module]) -> list[torch.Tensor]:
    """Return the parameters of modules that are to be learnt, each once."""
    found = {id(p): p for module in modules for p in module.parameters() if p.requires_grad}
    return list(found.values())


class FarModule(nn.Module):
    """Stand for a module that lives on the other side: its `forward` runs there."""

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.__dict__["__far__"](*args, **kwargs)


class Shared:
    """Keep modules alike that both processes hold: what changed here is told, what changed there is done here.

    Each side says how it gives a module of its own a number (`lend`), what has such a number (`lent`), what
    stands for a module of a class that is not torch's own (`stand_in`), and what calls one of the other side's
    (`caller`). Those of the other side lie in `theirs` by their numbers there.
    """

    def __init__(
        self,
        lend: Callable[[nn.Module], int],
        lent: Callable[[int], Any],
        stand_in: Callable[[dict[str, Any]], nn.Module],
        caller: Callable[[nn.Module, int], Callable[..., Any]],
        theirs: MutableMapping[int, Any],
    ):
        self.lend, self.lent, self.stand_in, self.caller, self.theirs = lend, lent, stand_in, caller, theirs
        self.numbers: dict[int, int] = {}  # theirs of a module, by its id
        self.known: dict[Ref, tuple[weakref.ref[nn.Module], dict[str, list]]] = {}

    def number(self, module: nn.Module) -> int | None:
        """Return the number of a module that lives over there; None for one of ours."""
        number = self.numbers.get(id(module))
        return number if self.theirs.get(number) is module else None

    def refer(self, module: nn.Module) -> Ref:
        """Return whose a module is, and its number there."""
        number = self.number(module)
        return (True, self.lend(module)) if number is None else (False, number)

    def find(self, ref: Ref) -> nn.Module | None:
        """Return the module that `refer` told of."""
        mine, number = ref
        found = self.lent(number) if mine else self.theirs.get(number)
        return found if isinstance(found, nn.Module) else None

    def adopt(self, module: nn.Module, ref: Ref) -> None:
        """Hold a module from now on for one of the other side's."""
        mine, number = ref
        if mine:
            raise Malformed("it described a module that it was not lent")
        self.theirs[number], self.numbers[id(module)] = module, number
        caller = self.caller(module, number)
        if isinstance(module, FarModule):
            module.__dict__["__far__"] = caller

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
        nodes, tensors = described.checked(told)
        modules = []
        for node in nodes:
            mine, number = node["ref"]
            ref = (not mine, int(number))
            module = self.find(ref)
            if module is None:
                kind = described.own_class(node["base"]) if node["own"] is True else None
                module = self.stand_in(node) if kind is None else described.blank(kind)
                self.adopt(module, ref)
            modules.append(module)
        for index, place in enumerate(tensors):
            if isinstance(place, dict):
                mine, number = place["ref"]
                tensors[index] = self.tensor((not mine, number), place["name"])
        described.fill(modules, nodes, tensors)
        self.offer(modules[0])
        return modules[0]

    def news(self) -> list:
        """Return what has changed here since the other side heard of it last."""
        told = []
        for ref, (held, known) in list(self.known.items()):
            now = None
            if (module := held()) is not None:
                with contextlib.suppress(NotPlain):  # it has become what cannot be copied
                    now = describe(module, self.refer)
            if now is None:
                del self.known[ref]
            elif (new := described.difference(now, known)) is not None:
                self.known[ref] = held, now
                told.append([list(ref), new])
        return told

    def hear(self, news: Any) -> None:
        """Do here what has changed there."""
        for (mine, number), told in news:
            held, known = self.known.get((not mine, number), (lambda: None, None))
            if (module := held()) is None:
                continue
            if told["nodes"] is not None:
                self.accept(told)
                continue
            if len(told["tensors"]) != len(known["tensors"]):
                raise Malformed("a module arrived without its tensors")
            modules = [self.find(tuple(node["ref"])) for node in known["nodes"]]
            described.fill(modules, known["nodes"], told["tensors"])
            self.offer(module)

    def alive(self) -> dict[Ref, nn.Module]:
        """Return the modules that both sides hold, by their numbers."""
        return {ref: module for ref, (held, _) in self.known.items() if (module := held()) is not None}

    # --- tensors that are learnt: parameters of shared modules, and others that an object over there keeps

    def place_of(self, tensor: torch.Tensor) -> Place | None:
        """Return the module and the name under which both sides hold a tensor."""
        alive = self.alive().items()
        places = ((ref, name) for ref, module in alive for name, one in _named(module) if one is tensor)
        return next(places, None)

    def tensor(self, ref: Ref, name: str) -> torch.Tensor:
        """Return the tensor at a place."""
        return dict(_named(self.find(ref)))[name]


def _named(module: nn.Module) -> list[tuple[str, torch.Tensor]]:
    return [*module.named_parameters(remove_duplicate=False), *module.named_buffers(remove_duplicate=False)]


def _learnt(optimizer: torch.optim.Optimizer) -> list[torch.Tensor]:
    return [one for group in optimizer.param_groups for one in group["params"]]


def _settings(group: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in group.items() if name != "params" and described.is_plain(value)}


def optimizer_state(optimizer: torch.optim.Optimizer) -> list:
    """Return the settings of an optimizer's groups, and what it keeps of each parameter."""
    kept = [dict(optimizer.state.get(one, {})) for one in _learnt(optimizer)]
    return [[_settings(group) for group in optimizer.param_groups], kept]


def set_optimizer_state(optimizer: torch.optim.Optimizer, told: Any) -> None:
    """Give an optimizer the settings and the memory of another."""
    groups, kept = told
    for group, new in zip(optimizer.param_groups, groups, strict=True):
        group.update({name: value for name, value in _settings(new).items() if name in group})
    for parameter, state in zip(_learnt(optimizer), kept, strict=True):
        if all(value is None or isinstance(value, torch.Tensor | int | float) for value in state.values()):
            optimizer.state[parameter].clear()
            optimizer.state[parameter].update(state)
