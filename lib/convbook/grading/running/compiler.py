"""Keep PyTorch's compiler out of memory until somebody compiles.

An optimizer's first step imports `torch._dynamo`, only to have the compiler leave its methods alone. That takes a
second, and 70 MB that every fork has to carry.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
from collections.abc import Callable
from typing import Any

NAME = "torch._dynamo"


class NotLoaded(types.ModuleType):
    """Stand for the compiler: do what optimizers ask of it, and load it when anything else is asked."""

    def disable(self, function: Callable | None = None, recursive: bool = True, **more: Any) -> Callable:
        """Return a function that the compiler is to leave alone, or a decorator that does: nothing is compiled here."""
        return function if function is not None else lambda other: other

    def graph_break(self, *reason: str) -> None:
        """Do nothing: there is no graph."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__path__":  # who lists modules asks every one for such names
            raise AttributeError(name)
        if sys.modules.get(NAME) is self:
            del sys.modules[NAME]
        return getattr(importlib.import_module(NAME), name)


def keep_out() -> None:
    """Put the stand-in in the compiler's place, where PyTorch is loaded and its compiler is not."""
    torch, spec = sys.modules.get("torch"), importlib.util.find_spec(NAME) if "torch" in sys.modules else None
    if torch is None or spec is None or NAME in sys.modules:
        return
    there = sys.modules[NAME] = torch._dynamo = NotLoaded(NAME)
    there.__spec__, there.__file__ = spec, spec.origin
