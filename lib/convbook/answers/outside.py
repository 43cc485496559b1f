"""Find the data of the notebook that a function reads though nobody passed it."""

from __future__ import annotations

import dis
import functools
import inspect
import sys
import types
from collections.abc import Iterator
from typing import Any

import numpy as np

PLAIN = (bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset, range, type(None), np.ndarray,
         np.generic)  # fmt: skip
READS = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS")


def outside_data(target: Any) -> list[str]:
    """Return the global names under which a function, or a class's methods, read plain data, in order of first use.

    Plain data is numbers, texts, lists and the like, arrays and tensors; modules, functions and classes are not.
    The compiled code is read, nested functions included; nothing is run. What other functions read is not looked at.

    >>> size = 3
    >>> outside_data(lambda x: len(x) * size)
    ['size']
    """
    found: dict[str, None] = {}  # a set that keeps its order
    for function in _functions(target):
        for name in _names_read(function.__code__):
            if name in function.__globals__ and _is_plain(function.__globals__[name]):
                found[name] = None
    return list(found)


def _functions(target: Any) -> Iterator[types.FunctionType]:
    """Yield the Python functions that a callable consists of; none for what is written in C."""
    if isinstance(target, types.FunctionType):
        yield target
    elif isinstance(target, (types.MethodType, staticmethod, classmethod)):
        yield from _functions(target.__func__)
    elif isinstance(target, (functools.partial, functools.cached_property)):
        yield from _functions(target.func)
    elif isinstance(target, property):
        for accessor in (target.fget, target.fset, target.fdel):
            yield from _functions(accessor)
    elif isinstance(target, type):
        for member in vars(target).values():
            if not isinstance(member, type):
                yield from _functions(member)
    else:  # `functools.cache` keeps the function there
        wrapped = inspect.getattr_static(target, "__wrapped__", None)
        if isinstance(wrapped, types.FunctionType):
            yield wrapped


def _names_read(code: types.CodeType) -> Iterator[str]:
    """Yield the names that code may look up among the globals, in the order in which it is written."""
    own = {
        step.argval for step in dis.get_instructions(code) if step.opname == "STORE_NAME"
    }  # of a class's body
    for step in dis.get_instructions(code):
        if step.opname in READS:
            if step.argval not in own and not step.argval.startswith(
                "__"
            ):  # a class's body asks for `__name__`
                yield step.argval
        elif isinstance(step.argval, types.CodeType):
            yield from _names_read(step.argval)


def _is_plain(value: Any) -> bool:
    """Tell whether a value is data, by its type alone: asking the value itself could run code of the learner's."""
    torch = sys.modules.get("torch")
    return issubclass(type(value), PLAIN) or (torch is not None and issubclass(type(value), torch.Tensor))
