"""A student's module in a plain test: an `nn.Module` here, whose `forward` and gradients are made over there."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from convbook.answers.answer import Answer
from convbook.grading.rpc import shared
from convbook.grading.rpc.described import SPECIALS, blank, own_class
from convbook.grading.rpc.errors import as_error
from convbook.grading.rpc.frame import Handle
from convbook.grading.rpc.link import Link
from convbook.grading.rpc.objects import specials
from convbook.grading.rpc.remote import RemoteAnswer, Thing, operated


class Learning:
    """Hold by what a call over there may be differentiated: its arguments, and parameters that both sides hold."""

    def __init__(self, modules: TrustedModules, thing: Thing, args: tuple, kwargs: dict):
        held, grad = modules.alive(), torch.is_grad_enabled()
        tensors = shared.tensors_in([list(args), kwargs])
        places = [n for n, tensor in enumerate(tensors) if grad and tensor.requires_grad]
        known = {id(tensors[n]): n for n in reversed(places) if modules.place_of(tensors[n]) is not None}
        places = [n for n in places if known.get(id(tensors[n]), n) == n]  # one tensor there counts once
        parameters = shared.learning(list(held.values())) if grad else []
        self.inputs = [tensors[n] for n in places] + [p for p in parameters if id(p) not in known]
        parts = {modules.refer(p): p for module in held.values() for p in module.modules() if _hooks(p)}
        self.hooked = {ref: part for ref, part in parts.items() if ref[1] != thing._number}
        self.told = {"grad": grad, "inputs": places, "modules": list(held), "hooked": list(self.hooked)}

    def joined(self, told: Any) -> Any:
        """Return what the call gave, as part of the graph here."""
        whole = isinstance(told, list) and len(told) == 4
        value, far, places, hooked = told if whole else (told, None, [], [])
        self._call_hooks(hooked)
        if not isinstance(far, Thing):
            return value
        found = shared.tensors_in(value)
        try:
            chosen = {id(found[n]): n for n in places}
            # The last: what is learnt may all be over there.
            inputs = [*self.inputs, torch.zeros((), requires_grad=True)]
            new = Boundary.apply(far, [found[n] for n in chosen.values()], *inputs)
        except (IndexError, TypeError) as wrong:
            raise as_error("RuntimeError", "what came back is no tensor to be differentiated") from wrong
        joined = dict(zip(chosen, new, strict=True))
        return shared.mapped(value, lambda tensor: joined.get(id(tensor), tensor))

    def _call_hooks(self, hooked: Any) -> None:
        """Call the hooks that the test has put on parts of a module, with what went through these parts there."""
        for (mine, number), args, output in hooked if isinstance(hooked, list) else ():
            part = self.hooked.get((not mine, number))
            for hook in _hooks(part) if isinstance(part, nn.Module) else ():
                hook(part, args, output) if hook in part._forward_hooks.values() else hook(part, args)


def _hooks(module: nn.Module) -> list[Callable[..., Any]]:
    return [*module._forward_pre_hooks.values(), *module._forward_hooks.values()]


class Boundary(torch.autograd.Function):
    """Join a call over there to the graph here; the graph there, `far`, is given up with this one."""

    @staticmethod
    def forward(ctx: Any, far: Thing, outputs: list[torch.Tensor], *inputs: torch.Tensor) -> tuple:
        ctx.far, ctx.shapes = far, [one.shape for one in inputs[:-1]]
        return tuple(one.detach() for one in outputs)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *grads: Any) -> tuple:
        found = operated(ctx.far, "backward", list(grads))
        if not isinstance(found, list) or len(found) != len(ctx.shapes):
            raise as_error("RuntimeError", "the gradients that came back do not fit what was asked")
        for grad, shape in zip(found, ctx.shapes, strict=True):
            if grad is not None and not (isinstance(grad, torch.Tensor) and grad.shape == shape):
                raise as_error("RuntimeError", "a gradient has another shape than what it belongs to")
        return (None, None, *found, None)


class RemoteModule(shared.FarModule):
    """Stand for a module of the student's own class. Parameters, buffers and parts are here, `forward` is there."""

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            if name[:1] == "_":
                raise
            return RemoteAnswer.__getattr__(self.__dict__["__far__"], name)

    def __deepcopy__(self, memo: dict) -> Any:
        return operated(self.__dict__["__far__"], "copy")

    def _as_answer(self) -> Answer:
        return self.__dict__["__far__"]


def _special_methods(names: Any) -> dict[str, Any]:
    def ask(method: Callable[..., Any]) -> Callable[..., Any]:
        return lambda self, *args, **kwargs: method(self.__dict__["__far__"], *args, **kwargs)

    return {name: ask(method) for name, method in specials(names).items() if name in SPECIALS}


class TrustedModules(shared.Shared):
    """Hold the modules that both processes have, on the trusted side."""

    def __init__(self, link: Link):
        super().__init__(self._lend, lambda n: link.lent.get(n), self._stand_in, self._caller, link.things)
        self.link = link
        self.far: weakref.WeakKeyDictionary[nn.Module, RemoteAnswer] = weakref.WeakKeyDictionary()
        self.holders: list[nn.Module] = []

    def _lend(self, one: nn.Module | torch.optim.Optimizer) -> int:
        known = (number for number, held in self.link.lent.items() if held is one)
        return next(known, None) or self.link.lend(one)

    def _caller(self, module: nn.Module, number: int) -> RemoteAnswer:
        self.far[module] = RemoteAnswer(self.link, number, type(module).__name__)
        return self.far[module]

    def _stand_in(self, node: dict[str, Any]) -> nn.Module:
        base = own_class(node["base"]) or nn.Module
        name = node["name"] if isinstance(node["name"], str) and node["name"].isidentifier() else "Module"
        bases = (RemoteModule,) if base is nn.Module else (RemoteModule, base)
        return blank(type(name, bases, _special_methods(node.get("specials"))))

    def learning(self, target: Thing, args: tuple, kwargs: dict) -> Learning:
        """Return by what a call may be differentiated."""
        return Learning(self, target, args, kwargs)

    def give_module(self, module: nn.Module) -> Handle:
        """Return a handle to a module: of theirs, or of ours with all that it is made of."""
        mine, number = self.refer(module)
        told = self.offer(module) if mine else None
        return Handle(mine, number, "module", type(module).__name__, about=told)

    def give_tensor(self, tensor: torch.Tensor) -> Handle | None:
        """Return a handle to a tensor that both sides hold, or are to hold where what is called may keep it."""
        place, told = self.place_of(tensor), None
        if place is None and self.link.keeps and tensor.is_leaf:
            holder = nn.Module()  # by which both sides hold it from now on
            (holder._parameters if isinstance(tensor, nn.Parameter) else holder._buffers)["it"] = tensor
            self.holders.append(holder)
            place, told = (self.refer(holder), "it"), self.offer(holder)
        return None if place is None else Handle(*place[0], "tensor", place[1], about=told)

    def give_optimizer(self, optimizer: torch.optim.Optimizer) -> Handle:
        """Return a handle to an optimizer of ours, with its parameters and what it has come to."""
        self.link.keeps = True  # its parameters are written next
        number = self._lend(optimizer)
        told = [[group["params"] for group in optimizer.param_groups], shared.optimizer_state(optimizer)]
        return Handle(True, number, "optimizer", type(optimizer).__name__, about=told)

    def hear_optimizers(self, news: Any) -> None:
        """Let our optimizers come to where their copies are."""
        for number, told in news:
            if isinstance(one := self.link.lent.get(number), torch.optim.Optimizer):
                shared.set_optimizer_state(one, told)
