"""The student's own objects in a plain test: attributes, methods, length, items, operators, as values that are told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from convbook.answers.answer import Answer
from convbook.grading.rpc.arguments import class_places, settled
from convbook.grading.rpc.errors import error_class
from convbook.grading.rpc.link import Link
from convbook.grading.rpc.packing import packed
from convbook.grading.rpc.remote import VERDICTS, RemoteAnswer, RemoteBuilt, Thing, called, operated
from convbook.grading.rpc.transport import Handle, NotPlain


class RemoteObject(Thing):
    """Hold an object of the student's process. What it says about itself is a value like any returned value."""

    def __init__(self, link: Link, number: int, name: str):
        super().__init__(link, number, name)
        self._held: dict[str, tuple[Any, bytes]] = {}  # what can be changed in place, as it was told

    def __getattr__(self, name: str) -> Any:
        of_python = name.startswith(("__", "_repr_", "_ipython_"))
        if of_python or (name in VERDICTS and not self._under_test):
            raise AttributeError(f"{name}: not told of an object of the student's")
        value = operated(self, "get", name)
        if isinstance(value, np.ndarray | list | dict):
            old = self._held.get(name, (None, b""))[0]
            value = settled(old, value) if type(old) is type(value) else value
            self._held[name] = value, _frozen(value)
            self._link.holding[self._number] = self
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        if name[:1] == "_":
            super().__setattr__(name, value)
        else:
            self._held.pop(name, None)
            operated(self, "set", name, value)

    def __delattr__(self, name: str) -> None:
        operated(self, "del", name)

    def _tell_changes(self) -> None:
        """Do in the student's process what the test did to an attribute in place (`layer.W[0] = 1`)."""
        for name, (value, before) in list(self._held.items()):
            if (now := _frozen(value)) != before:
                self._held[name] = value, now
                operated(self, "renew", name, value)

    def _as_answer(self) -> Answer:
        answer = RemoteAnswer(self._link, self._number, self._name, self._label)
        answer._owner = self
        return answer


def _frozen(value: Any) -> bytes:
    try:
        return b"".join(packed(value))
    except NotPlain:
        return b""


def _items(self: RemoteObject) -> Iterator[Any]:
    items = operated(self, "__iter__")
    return iter(items if isinstance(items, list) else [])


def _next(self: RemoteObject) -> Any:
    for item in operated(self, "next"):
        return item
    raise StopIteration


def _leave(self: RemoteObject, kind: Any, error: Any, trace: Any) -> bool:
    return operated(self, "leave", kind and kind.__name__, str(error)) is True


def _asked(name: str) -> Any:
    return lambda self, *args: operated(self, name, *args)


def _with_another(name: str) -> Any:
    def use(self: RemoteObject, other: Any) -> Any:
        if self._under_test or isinstance(other, RemoteObject):
            return operated(self, name, other)
        return NotImplemented

    return use


def _contains(self: RemoteObject, one: Any) -> bool:
    return operated(self, "__contains__", one) is True if self._under_test else one in list(_items(self))


ASKED = [
    "__len__", "__bool__", "__int__", "__float__", "__str__", "__repr__", "__abs__", "__neg__",
    "__enter__", "__hash__", "__getitem__", "__setitem__", "__delitem__",
]  # fmt: skip
BINARY = [
    "__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__add__", "__radd__", "__sub__",
    "__rsub__", "__mul__", "__rmul__", "__truediv__", "__floordiv__", "__mod__", "__pow__",
    "__matmul__", "__and__", "__or__", "__xor__",
]  # fmt: skip
SPECIALS: dict[str, Any] = {
    **{name: _asked(name) for name in ASKED},
    **{name: _with_another(name) for name in BINARY},
    "__contains__": _contains,
    "__iter__": _items,
    "__next__": _next,
    "__exit__": _leave,
    "__call__": lambda self, *args, **kwargs: called(self, args, kwargs),
    "train": lambda self, mode=True: operated(self, "get", "train")(mode),  # of a module
}


def specials(names: Any) -> dict[str, Any]:
    """Return the special methods that a class has there, as methods that ask for them."""
    found = {name: SPECIALS[name] for name in names if name in SPECIALS} if isinstance(names, list) else {}
    if "__eq__" in found:
        found.setdefault("__hash__", object.__hash__)
    return found


def known_bases(names: Any) -> tuple[type, ...]:
    """Return the classes of torch and the exceptions of Python that a class is derived from, by their names."""
    places, found = class_places(), []
    for name in names if isinstance(names, list) else ():
        place, _, word = str(name).partition(".")
        kind = getattr(places.get(place), word, None) if word.isidentifier() else None
        if isinstance(kind, type) and (place != "builtins" or issubclass(kind, BaseException)):
            found.append(kind)
    return tuple(found)


def thing(link: Link, handle: Handle) -> Any:
    """Return what stands for a handle of the student's process."""
    if handle.kind == "built":
        return RemoteBuilt(link, handle.id, tuple(handle.name.split(",")))
    about = handle.about if isinstance(handle.about, dict) else {}
    if handle.kind == "class" and isinstance(names := about.get("error"), list):
        return error_class(tuple(map(str, names[:20])))
    if handle.kind in ("function", "class"):
        answer = RemoteAnswer(link, handle.id, handle.name)
        answer._bases = known_bases(about.get("bases")) or (object,) * (handle.kind == "class")
        return answer
    kind = handle.name if handle.name.isidentifier() else "object"
    if (
        handle.plain is not None
    ):  # of a class derived from a plain one; handed back, it is the student's own again
        made = type(kind, (type(handle.plain),), {})(handle.plain)
        made._number, made._generation = handle.id, link.generation
        return made
    body = specials(about.get("specials"))
    if bases := known_bases(about.get("bases")):
        seen_as = type(kind, (bases[0],), {})  # what `isinstance` sees
        body["__class__"] = property(lambda self: seen_as)
    return type(kind, (RemoteObject,), body)(link, handle.id, kind)
