"""Turn plain values into a frame."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from convbook.answers.values import Opaque, Reference, StateOf, layout_of
from convbook.grading.rpc.frame import (
    DEEPEST,
    HEAD,
    KINDS,
    LARGEST_BODY,
    LARGEST_HEADER,
    MARK,
    SAFE_INTEGER,
    Handle,
    NotPlain,
    Same,
    Size,
)
from convbook.grading.rpc.generators import plain_state


def packed(
    value: Any, give: Callable[[Any], Handle | None] | None = None, largest: int = LARGEST_BODY
) -> list[bytes | memoryview]:
    """Return a value as the pieces of one frame; `NotPlain` if it cannot be, or is too large.

    >>> from convbook.grading.rpc.frame import split
    >>> from convbook.grading.rpc.reader import unpacked
    >>> frame = b"".join(packed([1, (2.5, None)]))
    >>> unpacked(*split(frame))
    [1, (2.5, None)]
    """
    buffers: list[Any] = []
    tree = Writer(buffers, give).tree(value, 0)
    header = json.dumps({"sizes": [len(b) for b in buffers], "value": tree}).encode()
    body = sum(len(b) for b in buffers)
    if len(header) > LARGEST_HEADER or body > largest:
        raise NotPlain(f"a value of {len(header) + body:,} bytes is too large to cross")
    return [HEAD.pack(MARK, len(header), body) + header, *buffers]


class Writer:
    """Turn one value into a JSON tree and a list of buffers."""

    def __init__(self, buffers: list[Any], give: Callable[[Any], Handle | None] | None):
        self.buffers, self.give = buffers, give
        self.size = Size(NotPlain)
        self.path: set[int] = set()  # containers being written: a list may hold itself

    def tree(self, value: Any, depth: int) -> Any:
        """Return the JSON tree of a value."""
        if value is None or value is True or value is False:
            return value
        write = WRITERS.get(type(value))
        if write is not None:
            if depth > DEEPEST or id(value) in self.path:
                raise NotPlain(f"a value is nested in itself or deeper than {DEEPEST} levels")
            return write(self, value, depth + 1)
        return self.other(value, depth)

    def other(self, value: Any, depth: int) -> Any:
        """Return the tree of a NumPy value, a tensor, a subclass of something plain, or a handle."""
        if isinstance(value, np.ndarray) and value.dtype.kind in KINDS:
            return self.array(np.asarray(value), layout_of(value))
        if isinstance(value, np.generic) and value.dtype.kind in KINDS:
            return {"scalar": [value.dtype.str, self.buffer(value.tobytes())]}
        if type(value) is np.random.Generator:
            return {"rng": plain_state(value)}
        kind = type(value).__module__.partition(".")[0]
        learnt = (
            kind == "torch" and getattr(value, "requires_grad", False) is True
        )  # may be one that both sides hold
        handle = self.give(value) if self.give and learnt else None
        if handle is None and kind == "torch" and (tree := self.torch(value)) is not None:
            return tree
        if handle is None:
            handle = self.give(value) if self.give else None
        if handle is not None:
            return {
                "handle": [
                    handle.mine,
                    handle.id,
                    handle.kind,
                    handle.name,
                    self.tree(handle.about, depth + 1),
                    *self.content(value, handle, depth),
                ]
            }
        for base in (bool, int, float, str, tuple, list, dict):
            if isinstance(value, base):
                return WRITERS[base](self, base(value), depth + 1)
        raise NotPlain(f"a {type(value).__name__} is not a plain value")

    def content(self, value: Any, handle: Handle, depth: int) -> list:
        """Return, in a list, what a value holds that is of a class derived from a plain one; else nothing."""
        base = next((kind for kind in DERIVED if isinstance(value, kind)), None)
        if base is None or not handle.mine:
            return []
        try:
            return [self.tree(DERIVED[base](value), depth + 1)]
        except NotPlain:
            return []

    def array(self, array: np.ndarray, layout: str) -> dict:
        data = np.ascontiguousarray(array)
        return {"array": [data.dtype.str, list(array.shape), layout, self.buffer(data.tobytes())]}

    def torch(self, value: Any) -> dict | None:
        import torch

        if isinstance(value, torch.Tensor) and value.layout is torch.strided and not value.is_quantized:
            plain = value.detach().cpu().contiguous()
            name = str(plain.dtype).removeprefix("torch.")
            flat = plain.reshape(-1)
            if flat.stride() != (1,):  # one number that was expanded
                flat = flat.clone(memory_format=torch.contiguous_format)
            data = flat.view(torch.uint8).numpy().tobytes()
            learns = bool(value.requires_grad and value.is_leaf)
            grad = [] if not value.is_leaf or value.grad is None else [self.torch(value.grad)]
            return {"tensor": [name, list(plain.shape), learns, self.buffer(data), *grad]}
        if isinstance(value, torch.dtype):
            return {"dtype": str(value).removeprefix("torch.")}
        return None

    def buffer(self, data: bytes) -> int:
        self.buffers.append(data)
        return len(self.buffers) - 1

    def items(self, values: Any, depth: int) -> list:
        self.size.container(len(values))
        self.path.add(id(values))
        try:
            return [self.tree(item, depth) for item in values]
        finally:
            self.path.discard(id(values))


def _integer(writer: Writer, value: int, depth: int) -> Any:
    if -SAFE_INTEGER < value < SAFE_INTEGER:
        return value
    writer.size.integer(value.bit_length())
    return {"int": hex(value)}


def _fraction(writer: Writer, value: Fraction, depth: int) -> dict:
    writer.size.fraction(value.numerator.bit_length() + value.denominator.bit_length())
    return {"fraction": [hex(value.numerator), hex(value.denominator)]}


def _range(writer: Writer, value: range, depth: int) -> dict:
    writer.size.steps(value.start, value.stop, value.step)
    return {"range": [writer.tree(n, depth) for n in (value.start, value.stop, value.step)]}


def _number(writer: Writer, value: float, depth: int) -> Any:
    return value if math.isfinite(value) else {"float": repr(value)}


def _mapping(writer: Writer, value: dict, depth: int) -> dict:
    writer.size.container(2 * len(value))
    writer.path.add(id(value))
    try:
        return {"dict": [[writer.tree(k, depth), writer.tree(v, depth)] for k, v in value.items()]}
    finally:
        writer.path.discard(id(value))


DERIVED: dict[type, Callable[[Any], Any]] = {
    int: int.__int__,
    float: float.__float__,
    str: str.__str__,
    tuple: lambda value: tuple(tuple.__iter__(value)),
    list: lambda value: list(list.__iter__(value)),
    dict: lambda value: dict(dict.items(value)),
    set: lambda value: set(set.__iter__(value)),
    frozenset: lambda value: frozenset(frozenset.__iter__(value)),
}  # what a value of a derived class holds, whatever the class says of itself

WRITERS: dict[type, Callable[[Writer, Any, int], Any]] = {
    bool: lambda w, v, d: bool(v),
    int: _integer,
    float: _number,
    str: lambda w, v, d: v,
    list: lambda w, v, d: w.items(v, d),
    tuple: lambda w, v, d: {"tuple": w.items(v, d)},
    set: lambda w, v, d: {"set": w.items(v, d)},
    frozenset: lambda w, v, d: {"frozenset": w.items(v, d)},
    dict: _mapping,
    bytes: lambda w, v, d: {"bytes": w.buffer(v)},
    bytearray: lambda w, v, d: {"bytearray": w.buffer(bytes(v))},
    complex: lambda w, v, d: {"complex": [repr(v.real), repr(v.imag)]},
    range: _range,
    type({}.keys()): lambda w, v, d: {"keys": w.items(v, d)},
    type({}.values()): lambda w, v, d: {"values": w.items(v, d)},
    type({}.items()): lambda w, v, d: {"items": w.items(v, d)},
    slice: lambda w, v, d: {"slice": [w.tree(n, d) for n in (v.start, v.stop, v.step)]},
    Reference: lambda w, v, d: {"reference": [v.name, w.tree(v.options, d)]},
    StateOf: lambda w, v, d: {"stateof": w.tree(v.built, d)},
    Opaque: lambda w, v, d: {"opaque": v.kind},
    Same: lambda w, v, d: {"same": v.place},
    Fraction: _fraction,
    type(Ellipsis): lambda w, v, d: {"ellipsis": True},
}
