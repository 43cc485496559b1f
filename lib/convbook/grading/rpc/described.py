"""Modules of torch as plain data and back, so that both processes hold one each and keep them alike."""

from __future__ import annotations

import graphlib
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import nn

from convbook.grading.rpc.frame import Malformed, NotPlain

MOST_MODULES = 2_000
SPECIALS = ("__len__", "__getitem__", "__iter__", "train")  # that a module of the student's may have
# What every module holds in `__dict__` for torch itself.
INTERNAL = frozenset([*vars(nn.Module()), "_flat_weights", "_flat_weight_refs"])
PLAIN = (int, float, str, bool, type(None), torch.dtype)
Ref = tuple[bool, int]  # whose object it is, as its holder sees it, and its number there
Place = tuple[Ref, str]  # of a tensor: the module that holds it, and under which name
Refer = Callable[[nn.Module], Ref]
PlaceOf = Callable[[torch.Tensor], Place | None]


def own_class(name: Any) -> type[nn.Module] | None:
    """Return torch's own class of that name in `torch.nn`."""
    found = getattr(nn, name, None) if isinstance(name, str) and name.isidentifier() else None
    return found if isinstance(found, type) and issubclass(found, nn.Module) else None


def is_plain(value: Any) -> bool:
    """Tell whether an attribute of a module is told: numbers, texts, and lists and tuples of them."""
    if type(value) in (tuple, list):
        return len(value) <= 1000 and all(is_plain(item) for item in value)
    return type(value) in PLAIN


def _own(module: nn.Module, attributes: dict[str, Any]) -> bool:
    """Tell whether a module is torch's own and does nothing that its description does not tell."""
    extra = [name for name in vars(module) if name not in INTERNAL and name not in attributes]
    hooks = [module._forward_hooks, module._forward_pre_hooks, module._backward_hooks]
    return own_class(type(module).__name__) is type(module) and not extra and not any(hooks)


def describe(module: nn.Module, refer: Refer, place_of: PlaceOf = lambda tensor: None) -> dict[str, list]:
    """Return a module with all its submodules as plain data: nodes, and tensors that nodes name by their place.

    `refer` numbers a submodule, `place_of` names the place of a tensor that the other side has already. Two names of one tensor, or of one submodule, stay one.
    """
    parts = list(nn.Module.modules(module))
    if len(parts) > MOST_MODULES:
        raise NotPlain(f"a module has more than {MOST_MODULES} parts")
    places: dict[int, int | None] = {id(None): None, **{id(part): n for n, part in enumerate(parts)}}
    held = [one for part in parts for one in (*part._parameters.values(), *part._buffers.values())]
    tensors = {id(one): one for one in held if one is not None}
    places |= {key: place for place, key in enumerate(tensors)}
    nodes = [_node(part, refer, places) for part in parts]
    return {"nodes": nodes, "tensors": [_told(one, place_of(one)) for one in tensors.values()]}


def _told(tensor: torch.Tensor, place: Place | None) -> list | dict:
    if not tensor.is_leaf or nn.parameter.is_lazy(tensor) or tensor.layout is not torch.strided:
        raise NotPlain("a module holds a tensor that cannot be copied")
    if place is not None:
        return {"ref": list(place[0]), "name": place[1]}
    grad = None if tensor.grad is None else tensor.grad.detach().clone()
    return [tensor.detach().clone(), grad, tensor.requires_grad]


def _node(one: nn.Module, refer: Refer, places: dict[int, int | None]) -> dict[str, Any]:
    attributes = {name: value for name, value in vars(one).items() if _may_be_told(name, value)}
    base = next(kind for kind in type(one).__mro__ if own_class(kind.__name__) is kind)
    kept = one._non_persistent_buffers_set
    return {
        "ref": list(refer(one)),
        "name": type(one).__name__,
        "own": _own(one, attributes),
        "base": base.__name__,
        "training": one.training,
        "attributes": attributes,
        "specials": [n for n in SPECIALS if getattr(type(one), n, None) is not getattr(base, n, None)],
        "parameters": {name: places[id(p)] for name, p in one._parameters.items()},
        "buffers": {name: [places[id(b)], name not in kept] for name, b in one._buffers.items()},
        "children": {name: places[id(child)] for name, child in one._modules.items()},
    }


def _may_be_told(name: Any, value: Any) -> bool:
    """Tell whether an attribute is a module's own, by its name, and crosses."""
    own = isinstance(name, str) and name.isidentifier() and name[:2] != "__" and name not in INTERNAL
    return own and is_plain(value)


def difference(new: dict[str, list], old: dict[str, list]) -> dict[str, Any] | None:
    """Return what of a description is new: None for a tensor that is as it was, and for nodes that are."""
    if new["nodes"] != old["nodes"]:
        return new
    tensors = [None if _alike(a, b) else a for a, b in zip(new["tensors"], old["tensors"], strict=True)]
    return {"nodes": None, "tensors": tensors} if any(one is not None for one in tensors) else None


def _alike(a: list, b: list) -> bool:
    def same(x: torch.Tensor | None, y: torch.Tensor | None) -> bool:
        return x is y or (x is not None and y is not None and x.dtype == y.dtype and torch.equal(x, y))

    return same(a[0], b[0]) and same(a[1], b[1]) and a[2] == b[2]


def blank(kind: type[nn.Module]) -> nn.Module:
    """Return an empty module of a class, whose constructor does not run."""
    made = kind.__new__(kind)
    nn.Module.__init__(made)
    return made


def fill(modules: list[nn.Module], nodes: list[dict], tensors: list[list | None]) -> None:
    """Make modules what their nodes say. A tensor that a module has already under a name keeps its identity."""
    made: dict[int, torch.Tensor] = {}

    def tensor(index: int | None, old: torch.Tensor | None, parameter: bool) -> torch.Tensor | None:
        if index is None:
            return None
        if index not in made:
            told = old if tensors[index] is None else tensors[index]
            known = isinstance(told, torch.Tensor | None)
            made[index] = told if known else _tensor(old, *told, parameter=parameter)
        if made[index] is None or (parameter and not isinstance(made[index], nn.Parameter)):
            raise Malformed("a parameter was expected")
        return made[index]

    for module, node in zip(modules, nodes, strict=True):
        module.training = node["training"] is True
        for name, value in node["attributes"].items():
            if _may_be_told(name, value) and not callable(getattr(type(module), name, None)):
                module.__dict__[name] = value
        old, buffers = module._parameters, module._buffers
        new = (
            {name: tensor(index, old.get(name), True) for name, index in node["parameters"].items()},
            {name: tensor(index, buffers.get(name), False) for name, (index, _) in node["buffers"].items()},
            {name: None if child is None else modules[child] for name, child in node["children"].items()},
        )
        for held, told in zip((old, buffers, module._modules), new, strict=True):
            held.clear()
            held.update(told)
        module._non_persistent_buffers_set = {name for name, (_, kept) in node["buffers"].items() if not kept}
        if isinstance(module, nn.RNNBase) and node["own"] is True:
            module._init_flat_weights()


def _tensor(old: torch.Tensor | None, data: Any, grad: Any, learns: Any, parameter: bool) -> torch.Tensor:
    if not isinstance(data, torch.Tensor) or not (grad is None or isinstance(grad, torch.Tensor)):
        raise Malformed("a tensor was expected")
    learns = learns is True and (data.is_floating_point() or data.is_complex())
    if grad is not None and (grad.shape != data.shape or grad.dtype != data.dtype):
        raise Malformed("a gradient has another shape than its parameter")
    if old is None or (parameter and not isinstance(old, nn.Parameter)):
        old = nn.Parameter(data, requires_grad=learns) if parameter else data
    elif old.shape == data.shape and old.dtype == data.dtype:
        old.data.copy_(data)
    else:
        old.grad = None
        old.data = data
    old.requires_grad_(learns)
    old.grad = grad
    return old


def checked(told: Any) -> tuple[list[dict], list]:
    """Return nodes and tensors of a description; `Malformed` for what is none, also for a module within itself."""
    nodes, tensors = told["nodes"], told["tensors"]
    if not isinstance(nodes, list) or not isinstance(tensors, list) or not 0 < len(nodes) <= MOST_MODULES:
        raise Malformed("the description of a module was expected")
    for node in nodes:
        names = [*node["parameters"], *node["buffers"], *node["children"]]
        if any(not isinstance(name, str) or not name or "." in name or len(name) > 200 for name in names):
            raise Malformed("a part of a module has no name")
        used = [*node["parameters"].values(), *(index for index, _ in node["buffers"].values())]
        if not _are_in(tensors, used):
            raise Malformed("a tensor of a module is missing")
        if not _are_in(nodes, node["children"].values()):
            raise Malformed("a part of a module is missing")
    graph = {n: set(node["children"].values()) - {None} for n, node in enumerate(nodes)}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError:
        raise Malformed("a module lies within itself") from None
    return nodes, tensors


def _are_in(parts: list, indices: Iterable[Any]) -> bool:
    return all(one is None or (type(one) is int and 0 <= one < len(parts)) for one in indices)
