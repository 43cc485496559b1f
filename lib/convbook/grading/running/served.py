"""What a plain test asks of the student's objects and modules, done in the student's process."""

from __future__ import annotations

import contextlib
import copy
import functools
import itertools
import operator
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from convbook.answers.values import copied
from convbook.grading.rpc.arguments import class_places, settled, torch_here
from convbook.grading.rpc.errors import builtin_error
from convbook.grading.rpc.frame import Handle, Same

CHANGEABLE = (np.ndarray, np.random.Generator, list, dict)


def _renew(owner: Any, name: str, new: Any) -> None:
    old = getattr(owner, name)
    if settled(old, new) is not old:
        setattr(owner, name, new)


def _leave(owner: Any, kind: str | None, said: str) -> Any:
    error = kind and (builtin_error(kind) or RuntimeError)(said)
    return bool(type(owner).__exit__(owner, error and type(error), error, None))


END, MOST_ITEMS = object(), 10_000  # as for a generator
OPERATIONS: dict[str, Callable[..., Any]] = {
    **{name: do for name, do in vars(operator).items() if name[:2] == "__" and callable(do)},
    **{f"__{kind.__name__}__": kind for kind in (len, bool, int, float, str, repr, hash)},
    "__radd__": lambda one, other: other + one,
    "__rsub__": lambda one, other: other - one,
    "__rmul__": lambda one, other: other * one,
    "__enter__": lambda owner: type(owner).__enter__(owner),
    "leave": _leave,
    "__iter__": lambda one: list(itertools.islice(one, MOST_ITEMS)),
    "get": getattr,
    "set": setattr,
    "del": delattr,
    "renew": _renew,
    "parents": lambda own: [k for k in own.__mro__[1:] if not k.__module__.startswith(("torch", "builtins"))],
    "holds": lambda kind, one: isinstance(one, kind),
    "copy": copy.deepcopy,
    "next": lambda one: [item for item in [next(one, END)] if item is not END],
    "backward": lambda graph, grads: graph.backward(grads),
}


def kind_of(value: Any) -> str:
    """Return how something that stays here is used there: as a function, a class or an object."""
    if issubclass(type(value), type):
        return "class"
    call = getattr(type(value), "__call__", None)  # noqa: B004
    by_python = isinstance(call, types.FunctionType) and not isinstance(value, types.FunctionType)
    return "function" if callable(value) and not by_python else "object"


def about(value: Any, kind: str) -> dict[str, list[str]]:
    """Return which special methods an object has, and which classes of torch or Python its own is derived from."""
    if kind == "function":
        return {}
    own = value if kind == "class" else type(value)
    if issubclass(own, Exception):
        return {"error": [kind.__name__ for kind in own.__mro__]}
    bases = [
        f"{place}.{base.__name__}"
        for base in own.__mro__[:-1]
        for place, module in class_places().items()
        if getattr(module, base.__name__, None) is base
    ]
    found = {name: getattr(own, name, None) for name in dir(own) if name[:2] == "__" and kind == "object"}
    # Those that `object` has not, or has others.
    specials = [
        name for name, one in found.items() if callable(one) and one is not getattr(object, name, None)
    ]
    return {"bases": bases, "specials": specials}


class Call:
    """Call something as a plain test does: with the gradients on, and what they need kept, if the test learns."""

    def __init__(self, target: Any, learn: dict | None, args: list, kwargs: dict, modules: Any):
        self.target, self.learn, self.args = target, learn, args
        self.torch = torch_here() if learn else None
        self.inputs: list[Any] = []
        self.watched: dict[tuple, Any] = {}  # parts of modules on which the test has put hooks
        self.seen: list[Any] = []  # what went through them
        if self.torch is None:
            return
        from convbook.grading.rpc.shared import learning, tensors_in

        self.watched = _parts(learn["hooked"], modules)
        if learn["grad"]:
            tensors = tensors_in([args, kwargs])
            self.inputs = [tensors[n].requires_grad_() for n in learn["inputs"]]
            ids = {id(one) for one in self.inputs}
            known = learning(list(_parts(learn["modules"], modules).values()))
            self.inputs += [p for p in known if id(p) not in ids]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with contextlib.ExitStack() as stack:
            if self.torch is not None:
                stack.enter_context(self.torch.set_grad_enabled(self.learn["grad"]))
            for ref, part in self.watched.items():
                seen = functools.partial(self._see, list(ref))
                stack.callback(part.register_forward_hook(seen).remove)
            return self.target(*args, **kwargs)

    def _see(self, ref: list, part: Any, args: Any, output: Any) -> None:
        self.seen.append([ref, copied(args), copied(output)])

    def told(self, result: Any) -> Any:
        """Return what the test sees: an argument that came back is that one; tensors of a graph with their graph."""
        same = [n for n, one in enumerate(self.args) if one is result and isinstance(one, CHANGEABLE)]
        if same or isinstance(result, types.GeneratorType):
            return self._with(Same(same[0]) if same else result)
        if self.torch is None:
            return self._with(copied(result))
        from convbook.grading.rpc.shared import mapped, tensors_in

        outputs = tensors_in(result)
        learnt = [n for n, one in enumerate(outputs) if one.grad_fn is not None]
        graph = Graph([outputs[n] for n in learnt], self.inputs) if learnt else None
        result = mapped(result, lambda one: one if one.is_leaf else one.detach().clone())
        return self._with(result, graph, learnt)

    def _with(self, value: Any, graph: Any = None, places: list[int] | None = None) -> Any:
        return [value, graph, places or [], self.seen] if self.learn else value


def _parts(refs: list, modules: Any) -> dict[tuple, Any]:
    """Return the modules that the other side names, each under the name that it has here."""
    return {(not mine, number): modules.find((not mine, number)) for mine, number in refs}


class Graph:
    """Keep what one call computed, for the gradients of it."""

    def __init__(self, outputs: list[Any], inputs: list[Any]):
        self.outputs, self.inputs = outputs, inputs

    def backward(self, grads: list[Any]) -> list[Any]:
        """Return the gradients of all inputs; those of other leaves of the graph are added where they lie."""
        import torch

        before = [one.grad for one in self.inputs]
        try:
            for one in self.inputs:
                one.grad = None
            torch.autograd.backward(self.outputs, grads, retain_graph=True)
            return [one.grad for one in self.inputs]
        finally:
            for one, grad in zip(self.inputs, before, strict=True):
                one.grad = grad


def optimizer(handle: Handle, old: Any) -> Any:
    """Return a copy of a test's optimizer, for the parameters that both processes hold."""
    import torch

    from convbook.grading.rpc.shared import set_optimizer_state

    groups, state = handle.about
    if old is None:
        old = getattr(torch.optim, handle.name)([{"params": params} for params in groups], lr=0.1)
    set_optimizer_state(old, state)
    return old
