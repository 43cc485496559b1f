"""Fill a model as a record says: a mistake of loading, made flesh for the tests."""

from __future__ import annotations

import builtins
import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from convbook.checks.engine.modules.seen import VALUES, Entries, Record, differing


def performed(
    model: nn.Module, state_dict: dict[str, Any], record: Callable[[Entries, Entries], Record]
) -> Any:
    """Do to a model and a state-dict what `record` says of their entries: fill, raise, return."""
    parameters = {name for name, _ in model.named_parameters()}
    sides = [
        tuple((name, tuple(t.shape), _kind(name, t, parameters)) for name, t in side.items())
        for side in (model.state_dict(), state_dict)
    ]
    seen, given = record(*sides), copy.copy(state_dict)
    if seen["given"] == "changed":
        state_dict.clear()
    for name, other in seen["filled"].items():
        _fill(model, name, None if other == VALUES else given[other], seen["kept"])
    if seen["event"] != "returns":
        raise getattr(builtins, seen["event"])(_message(seen["message"], *sides))
    if seen["kept"] == "frozen":
        model.requires_grad_(False)
    return {"the model": model, "nothing": None}.get(seen["returned"], "<All keys matched>")


def _kind(name: str, tensor: Any, parameters: set[str]) -> str:
    return "parameter" if name in parameters else "buffer" if tensor.is_floating_point() else "count"


def _fill(model: nn.Module, name: str, value: Any, how: str) -> None:
    path, _, last = name.rpartition(".")
    place = model.get_submodule(path)
    own = getattr(place, last)
    if value is None:
        own.data.fill_(-1)
    elif how == "shared":
        own.data = value
    elif how == "new tensors":
        kept = place._parameters if last in place._parameters else place._buffers
        kept[last] = nn.Parameter(value.clone()) if last in place._parameters else value.clone()
    else:
        with torch.no_grad():
            own.copy_(value)


def _message(told: str, model: Entries, state_dict: Entries) -> str:
    shapes = {name: shape for name, shape, _ in (*model, *state_dict)}
    first, *words = (told or "nothing").split()
    if first == "about":
        return " ".join(f"{name} {shapes[name]}" for name in (words[0], words[2]))
    if first == "counts":
        return f"{words[0]} here, {words[2]} there"
    place = differing(model, state_dict)
    if place is None or told in ("", "neither"):
        return "they do not fit"
    sides = [entries[place] for entries in (model, state_dict)]
    return " ".join(str(side[1] if told == "no names" else side[0]) for side in sides)
