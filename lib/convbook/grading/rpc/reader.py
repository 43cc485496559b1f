"""Turn a frame back into plain values, believing nothing that it says."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from convbook.answers.values import Opaque, Reference, StateOf, laid_out
from convbook.grading.rpc.frame import (
    DEEPEST,
    KINDS,
    LARGEST_BODY,
    MOST_COLLISIONS,
    Handle,
    Malformed,
    Same,
    Size,
)
from convbook.grading.rpc.generators import generator_from


def unpacked(header: bytes, body: bytes, take: Callable[[Handle], Any] | None = None) -> Any:
    """Return the value of a frame; `Malformed` whatever is wrong with it."""
    try:
        head = json.loads(header)
        sizes = head["sizes"]
        if any(type(size) is not int or size < 0 for size in sizes) or sum(sizes) != len(body):
            raise Malformed("the buffers of a frame do not fit")
        view, buffers, start = memoryview(body), [], 0
        for size in sizes:
            buffers.append(view[start : start + size])
            start += size
        return Reader(buffers, take).value(head["value"], 0)
    except Malformed:
        raise
    except (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        RecursionError,
        ArithmeticError,
        RuntimeError,
    ) as wrong:
        raise Malformed(f"a frame cannot be read: {type(wrong).__name__}") from wrong


class Reader:
    """Turn a JSON tree and its buffers back into a value."""

    def __init__(self, buffers: list[memoryview], take: Callable[[Handle], Any] | None):
        self.buffers, self.take, self.size = buffers, take, Size(Malformed)
        self.hashes: dict[int, list] = {}

    def value(self, tree: Any, depth: int) -> Any:
        """Return the value of a tree."""
        if tree is None or isinstance(tree, bool | int | float | str):
            return tree
        if depth > DEEPEST + 2:
            raise Malformed("a value is nested too deep")
        if isinstance(tree, list):
            return self.items(tree, depth + 1)
        ((tag, content),) = tree.items()
        return READERS[tag](self, content, depth + 1)

    def items(self, content: Any, depth: int) -> list:
        if not isinstance(content, list):
            raise Malformed("a list was expected")
        self.size.container(len(content))
        return [self.value(item, depth) for item in content]

    def hashed(self, value: Any) -> Any:
        """Return a value; `Malformed` where many different ones of a frame have its hash, so that no set can hold them."""
        try:
            same = self.hashes.setdefault(hash(value), [])
        except TypeError:  # a tuple with a list in it
            return value
        if value not in same:
            same.append(value)
            if len(same) > MOST_COLLISIONS:
                raise Malformed("many values with one hash are a trap")
        return value

    def integer(self, content: Any, depth: int) -> int:
        self.size.integer(4 * len(content))
        return self.hashed(int(content, 16))

    def fraction(self, content: Any, depth: int) -> Fraction:
        self.size.fraction(4 * sum(map(len, content)))
        return self.hashed(Fraction(int(content[0], 16), int(content[1], 16)))

    def range(self, content: Any, depth: int) -> range:
        found = range(*self.items(content, depth))
        self.size.steps(found.start, found.stop, found.step)
        return found

    def mapping(self, content: Any, depth: int) -> dict:
        self.size.container(2 * len(content))
        return {self.value(key, depth): self.value(item, depth) for key, item in content}

    def array(self, content: Any, depth: int) -> np.ndarray:
        name, shape, layout, buffer = content
        return rebuilt(plain_dtype(name), plain_shape(shape), layout, self.buffers[buffer])

    def scalar(self, content: Any, depth: int) -> np.generic:
        name, buffer = content
        return rebuilt(plain_dtype(name), (), "plain", self.buffers[buffer])[()]

    def tensor(self, content: Any, depth: int) -> Any:
        import torch

        name, shape, learns, buffer, *grad = content
        dtype = torch_dtype(name)
        data = np.frombuffer(self.buffers[buffer], np.uint8).copy()
        tensor = torch.from_numpy(data).view(dtype).reshape(plain_shape(shape)) if data.size else None
        if tensor is None:
            tensor = torch.empty(plain_shape(shape), dtype=dtype)
            if tensor.numel():
                raise Malformed("a tensor arrived without its numbers")
        tensor = tensor.requires_grad_() if learns is True else tensor
        if grad and tensor.requires_grad:
            tensor.grad = self.value(grad[0], depth)
        return tensor

    def handle(self, content: Any, depth: int) -> Any:
        mine, number, kind, name, about, *holds = content
        if type(mine) is not bool or type(number) is not int or self.take is None:
            raise Malformed("a handle was not expected")
        plain = self.value(holds[0], depth) if holds else None
        plain = plain if type(plain) in BASES else None
        about = self.value(about, depth)
        return self.take(Handle(not mine, number, str(kind)[:200], str(name)[:1000], plain, about))


BASES = (int, float, str, tuple, list, dict, set, frozenset)

READERS: dict[str, Callable[[Reader, Any, int], Any]] = {
    "int": Reader.integer,
    "float": lambda r, c, d: float({"inf": "inf", "-inf": "-inf", "nan": "nan"}[c]),
    "tuple": lambda r, c, d: r.hashed(tuple(r.items(c, d))),
    "set": lambda r, c, d: set(r.items(c, d)),
    "frozenset": lambda r, c, d: r.hashed(frozenset(r.items(c, d))),
    "dict": Reader.mapping,
    "bytes": lambda r, c, d: bytes(r.buffers[c]),
    "bytearray": lambda r, c, d: bytearray(r.buffers[c]),
    "complex": lambda r, c, d: r.hashed(complex(float(c[0]), float(c[1]))),
    "range": Reader.range,
    "keys": lambda r, c, d: dict.fromkeys(r.items(c, d)).keys(),
    "values": lambda r, c, d: dict(enumerate(r.items(c, d))).values(),
    "items": lambda r, c, d: dict(r.items(c, d)).items(),
    "slice": lambda r, c, d: slice(*r.items(c, d)),
    "ellipsis": lambda r, c, d: ...,
    "reference": lambda r, c, d: Reference(str(c[0]), r.value(c[1], d)),
    "stateof": lambda r, c, d: StateOf(r.value(c, d)),
    "opaque": lambda r, c, d: Opaque(str(c)[:200]),
    "same": lambda r, c, d: Same(int(c)),
    "fraction": Reader.fraction,
    "array": Reader.array,
    "scalar": Reader.scalar,
    "tensor": Reader.tensor,
    "dtype": lambda r, c, d: torch_dtype(c),
    "rng": lambda r, c, d: generator_from(c),
    "handle": Reader.handle,
}


def plain_dtype(name: Any) -> np.dtype:
    """Return the dtype of that name; `Malformed` for objects, records and what is no dtype."""
    if not isinstance(name, str) or len(name) > 32:
        raise Malformed("a dtype was expected")
    dtype = np.dtype(name)
    if dtype.kind not in KINDS or dtype.hasobject or dtype.names:
        raise Malformed(f"the dtype {name!r} may not cross")
    return dtype


def plain_shape(shape: Any) -> tuple[int, ...]:
    """Return a shape as a tuple of sizes that are not negative."""
    if not isinstance(shape, list) or len(shape) > 32 or any(type(n) is not int or n < 0 for n in shape):
        raise Malformed("a shape was expected")
    return tuple(shape)


def rebuilt(dtype: np.dtype, shape: tuple[int, ...], layout: Any, data: memoryview) -> np.ndarray:
    """Return an array of its own memory, lying in it as the sender's did."""
    if math.prod(shape) * dtype.itemsize != len(data):
        raise Malformed("an array and its numbers do not fit")
    if not len(data):
        if math.prod(shape):
            raise Malformed("an array arrived without its numbers")
        return np.zeros(shape, dtype)
    array = np.frombuffer(data, dtype).reshape(shape).copy()
    if layout == "plain" or len(data) << len(shape) > LARGEST_BODY:  # a gap beside every element takes room
        return array
    try:
        return laid_out(array, str(layout))
    except OverflowError:  # a small integer type has no room for the filler between the elements
        return array


def torch_dtype(name: Any) -> Any:
    """Return torch's dtype of that name."""
    import torch

    dtype = getattr(torch, name) if isinstance(name, str) else None
    if not isinstance(dtype, torch.dtype) or str(dtype).startswith("torch.q"):
        raise Malformed(f"torch has no plain dtype {name!r}")
    return dtype
