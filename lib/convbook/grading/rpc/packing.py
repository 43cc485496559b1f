"""Turn plain values into a frame, and a frame back into plain values, believing nothing that it says."""

from __future__ import annotations

import contextlib
import itertools
import json
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from convbook.answers.values import Opaque, Reference, StateOf, laid_out, layout_of
from convbook.grading.rpc import frame
from convbook.grading.rpc.arguments import torch_here
from convbook.grading.rpc.chance import generator_from
from convbook.grading.rpc.frame import HEAD, LARGEST_BODY, Give, Handle, Malformed, NotPlain, Same, Size, Take

UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RuntimeError)


def packed(value: Any, give: Give | None = None) -> list[bytes]:
    """Return a value as the header and the buffers of one frame; `NotPlain` if it cannot be, or is too large.

    >>> header, *buffers = packed([1, (2.5, None)])
    >>> unpacked(header[HEAD.size :], b"".join(buffers))
    [1, (2.5, None)]
    """
    writer = Writer(give)
    tree = writer.tree(value, 0)
    header = json.dumps({"sizes": [len(b) for b in writer.buffers], "value": tree}).encode()
    body = sum(map(len, writer.buffers))
    if len(header) > frame.LARGEST_HEADER or body > LARGEST_BODY:
        raise NotPlain(f"a value of {len(header) + body:,} bytes is too large to cross")
    return [HEAD.pack(frame.MARK, len(header), body) + header, *writer.buffers]


def unpacked(header: bytes, body: bytes, take: Take | None = None) -> Any:
    """Return the value of a frame; `Malformed` whatever is wrong with it."""
    try:
        head = json.loads(header)
        sizes = head["sizes"]
        if any(type(size) is not int or size < 0 for size in sizes) or sum(sizes) != len(body):
            raise Malformed("the buffers of a frame do not fit")
        view, ends = memoryview(body), itertools.accumulate(sizes)
        buffers = [view[end - size : end] for size, end in zip(sizes, ends, strict=True)]
        return Reader(buffers, take).value(head["value"], 0)
    except Malformed:
        raise
    except UNREADABLE as wrong:
        raise Malformed(f"a frame cannot be read: {type(wrong).__name__}") from wrong


def is_json(value: Any) -> bool:
    """Tell whether a value stands in the header as it is. Larger integers do not: many may have one hash."""
    if type(value) is int:
        return -frame.SAFE_INTEGER < value < frame.SAFE_INTEGER
    return value is None or type(value) in (bool, str) or (type(value) is float and math.isfinite(value))


class Writer:
    """Turn one value into a JSON tree and a list of buffers."""

    def __init__(self, give: Give | None):
        self.give, self.size = give, Size(NotPlain)
        self.buffers: list[bytes] = []

    def tree(self, value: Any, depth: int) -> Any:
        """Return the JSON tree of a value."""
        if is_json(value):
            return value
        if depth > frame.DEEPEST:
            raise NotPlain(f"a value is nested in itself or deeper than {frame.DEEPEST} levels")
        if type(value) is list:
            return self.items(value, depth + 1)
        tag = tag_of(value)
        own = not tag or (tag == "tensor" and value.requires_grad)  # may be one that both sides hold
        handle = self.give(value) if self.give and own else None
        if handle is not None:
            return {"handle": self.handle(handle, value, depth + 1)}
        if tag:
            return {tag: KINDS[tag].write(self, value, depth + 1)}
        if (plain := content(value)) is not None:
            return self.tree(plain, depth)
        raise NotPlain(f"a {type(value).__name__} is not a plain value")

    def handle(self, handle: Handle, value: Any, depth: int) -> list:
        told = [handle.mine, handle.id, handle.kind, handle.name, self.tree(handle.about, depth)]
        if handle.mine and (plain := content(value)) is not None:
            with contextlib.suppress(NotPlain):
                told.append(self.tree(plain, depth))
        return told

    def items(self, values: Any, depth: int) -> list:
        self.size.count(lists=1, items=len(values))
        return [self.tree(item, depth) for item in values]

    def pairs(self, value: dict, depth: int) -> list:
        self.size.count(lists=1, items=2 * len(value))
        return [[self.tree(key, depth), self.tree(item, depth)] for key, item in value.items()]

    def steps(self, value: range | slice, depth: int) -> list:
        if type(value) is range:
            self.size.steps(value)
        return self.items((value.start, value.stop, value.step), depth)

    def integer(self, value: int, depth: int) -> str:
        bits = value.bit_length()
        self.size.count(bits=bits if bits > frame.MODEST_BITS else 0)
        return hex(value)

    def fraction(self, value: Fraction, depth: int) -> list[str]:
        self.size.count(fraction_bits=value.numerator.bit_length() + value.denominator.bit_length())
        return [hex(value.numerator), hex(value.denominator)]

    def array(self, value: np.ndarray, depth: int) -> list:
        data = np.asarray(value)
        return [data.dtype.str, list(data.shape), layout_of(value), self.buffer(data.tobytes())]

    def tensor(self, value: Any, depth: int) -> list:
        flat = value.detach().cpu().reshape(-1)
        flat = flat.clone(memory_format=torch_here().contiguous_format)  # one number may have been expanded
        data = self.buffer(flat.view(torch_here().uint8).numpy().tobytes())
        learns = value.requires_grad and value.is_leaf
        told = [str(value.dtype).removeprefix("torch."), list(value.shape), learns, data]
        grad = value.grad if value.is_leaf else None
        return told if grad is None or not tag_of(grad) else [*told, self.tree(grad.detach(), depth)]

    def buffer(self, data: bytes) -> int:
        self.buffers.append(data)
        return len(self.buffers) - 1


def tag_of(value: Any) -> str:
    """Return under which tag of `KINDS` a value crosses; empty for what is not plain."""
    if type(value) in TAGS:
        return TAGS[type(value)]
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in frame.DTYPES:
        return "array" if isinstance(value, np.ndarray) else "scalar"
    torch = torch_here() if type(value).__module__.partition(".")[0] == "torch" else None
    if torch is not None and isinstance(value, torch.Tensor):
        return "tensor" if value.layout is torch.strided and not value.is_quantized else ""
    return "dtype" if torch is not None and isinstance(value, torch.dtype) else ""


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
BASES = tuple(DERIVED)


def content(value: Any) -> Any:
    """Return what a value of a class derived from a plain one holds; None for others."""
    return next((plain(value) for base, plain in DERIVED.items() if issubclass(type(value), base)), None)


class Reader:
    """Turn a JSON tree and its buffers back into a value."""

    def __init__(self, buffers: list[memoryview], take: Take | None):
        self.buffers, self.take, self.size = buffers, take, Size(Malformed)
        self.hashes: dict[int, list] = {}

    def value(self, tree: Any, depth: int) -> Any:
        """Return the value of a tree."""
        if is_json(tree):
            return tree
        if depth > frame.DEEPEST + 2:
            raise Malformed("a value is nested too deep")
        if isinstance(tree, list):
            return self.items(tree, depth + 1)
        ((tag, content),) = tree.items()
        return KINDS[tag].read(self, content, depth + 1)

    def items(self, content: Any, depth: int) -> list:
        if not isinstance(content, list):
            raise Malformed("a list was expected")
        self.size.count(lists=1, items=len(content))
        return [self.value(item, depth) for item in content]

    def pairs(self, content: Any, depth: int) -> dict:
        self.size.count(lists=1, items=2 * len(content))
        return {self.value(key, depth): self.value(item, depth) for key, item in content}

    def hashed(self, value: Any) -> Any:
        """Return a value; `Malformed` where many others of a frame have its hash: no set can hold them."""
        try:
            same = self.hashes.setdefault(hash(value), [])
        except TypeError:  # a tuple with a list in it
            return value
        if value not in same:
            same.append(value)
            if len(same) > frame.MOST_COLLISIONS:
                raise Malformed("many values with one hash are a trap")
        return value

    def integer(self, content: Any, depth: int) -> int:
        bits = 4 * len(content)
        self.size.count(bits=bits if bits > frame.MODEST_BITS else 0)
        return self.hashed(int(content, 16))

    def fraction(self, content: Any, depth: int) -> Fraction:
        self.size.count(fraction_bits=4 * sum(map(len, content)))
        return self.hashed(Fraction(int(content[0], 16), int(content[1], 16)))

    def array(self, content: Any, depth: int) -> np.ndarray:
        """Return an array of its own memory, lying in it as the sender's did."""
        name, shape, layout, buffer = content
        dtype, data = plain_dtype(name), self.buffers[buffer]
        array = np.ndarray(plain_shape(shape, dtype.itemsize, data), dtype, data).copy()
        gaps = len(data) << array.ndim  # beside every element
        if not array.size or layout == "plain" or gaps > LARGEST_BODY:
            return array
        try:
            return laid_out(array, str(layout))
        except OverflowError:  # a small integer type has no room for the filler between the elements
            return array

    def tensor(self, content: Any, depth: int) -> Any:
        import torch

        name, shape, learnt, buffer, *grad = content
        dtype, data = torch_dtype(name), self.buffers[buffer]
        shape = plain_shape(shape, dtype.itemsize, data)
        flat = torch.frombuffer(bytearray(data), dtype=dtype) if data else torch.empty(0, dtype=dtype)
        tensor = flat.reshape(shape).requires_grad_(learnt is True)
        if grad and tensor.requires_grad:
            tensor.grad = self.value(grad[0], depth)
        return tensor

    def handle(self, content: Any, depth: int) -> Any:
        mine, number, kind, name, about, *holds = content
        if type(mine) is not bool or type(number) is not int or self.take is None:
            raise Malformed("a handle was not expected")
        plain = self.value(holds[0], depth) if holds else None
        plain = plain if type(plain) in BASES else None
        told = str(kind)[:200], str(name)[:1000], plain, self.value(about, depth)
        return self.take(Handle(not mine, number, *told))


class Kind(NamedTuple):
    """Say of one kind of values of which type they are, how they are written, and how they are read."""

    type: type | None  # none where `tag_of` must look closer
    write: Callable[[Writer, Any, int], Any]
    read: Callable[[Reader, Any, int], Any]


NOT_FINITE = {repr(number): number for number in (math.inf, -math.inf, math.nan)}
KINDS = {
    "int": Kind(int, Writer.integer, Reader.integer),
    "float": Kind(float, lambda w, v, d: repr(v), lambda r, c, d: NOT_FINITE[c]),
    "complex": Kind(complex, lambda w, v, d: repr(v), lambda r, c, d: r.hashed(complex(c))),
    "fraction": Kind(Fraction, Writer.fraction, Reader.fraction),
    "ellipsis": Kind(type(...), lambda w, v, d: True, lambda r, c, d: ...),
    "bytes": Kind(bytes, lambda w, v, d: w.buffer(v), lambda r, c, d: bytes(r.buffers[c])),
    "bytearray": Kind(bytearray, lambda w, v, d: w.buffer(bytes(v)), lambda r, c, d: bytearray(r.buffers[c])),
    "tuple": Kind(tuple, Writer.items, lambda r, c, d: r.hashed(tuple(r.items(c, d)))),
    "set": Kind(set, Writer.items, lambda r, c, d: set(r.items(c, d))),
    "frozenset": Kind(frozenset, Writer.items, lambda r, c, d: r.hashed(frozenset(r.items(c, d)))),
    "dict": Kind(dict, Writer.pairs, Reader.pairs),
    "keys": Kind(type({}.keys()), Writer.items, lambda r, c, d: dict.fromkeys(r.items(c, d)).keys()),
    "values": Kind(type({}.values()), Writer.items, lambda r, c, d: dict(enumerate(r.items(c, d))).values()),
    "items": Kind(type({}.items()), Writer.items, lambda r, c, d: dict(r.items(c, d)).items()),
    "range": Kind(range, Writer.steps, lambda r, c, d: r.size.steps(range(*r.items(c, d)))),
    "slice": Kind(slice, Writer.steps, lambda r, c, d: slice(*r.items(c, d))),
    "reference": Kind(
        Reference,
        lambda w, v, d: [v.name, w.tree(v.options, d)],
        lambda r, c, d: Reference(str(c[0]), r.value(c[1], d)),
    ),
    "stateof": Kind(StateOf, lambda w, v, d: w.tree(v.built, d), lambda r, c, d: StateOf(r.value(c, d))),
    "opaque": Kind(Opaque, lambda w, v, d: v.kind, lambda r, c, d: Opaque(str(c)[:200])),
    "same": Kind(Same, lambda w, v, d: v.place, lambda r, c, d: Same(int(c))),
    "array": Kind(None, Writer.array, Reader.array),
    "scalar": Kind(None, Writer.array, lambda r, c, d: r.array(c, d)[()]),
    "tensor": Kind(None, Writer.tensor, Reader.tensor),
    "dtype": Kind(None, lambda w, v, d: str(v).removeprefix("torch."), lambda r, c, d: torch_dtype(c)),
    "rng": Kind(
        np.random.Generator,
        lambda w, v, d: w.tree(v.bit_generator.state, d),
        lambda r, c, d: generator_from(r.value(c, d)),
    ),
    "handle": Kind(None, Writer.handle, Reader.handle),
}
TAGS = {kind.type: tag for tag, kind in KINDS.items() if kind.type}


def plain_dtype(name: Any) -> np.dtype:
    """Return the dtype of that name; `Malformed` for objects, records and what is no dtype."""
    if not isinstance(name, str) or len(name) > 32:
        raise Malformed("a dtype was expected")
    dtype = np.dtype(name)
    if dtype.kind not in frame.DTYPES or dtype.hasobject or dtype.names:
        raise Malformed(f"the dtype {name!r} may not cross")
    return dtype


def plain_shape(shape: Any, itemsize: int, data: memoryview) -> tuple[int, ...]:
    """Return a shape as a tuple of sizes that are not negative, and that its numbers fit."""
    if not isinstance(shape, list) or len(shape) > 32 or any(type(n) is not int or n < 0 for n in shape):
        raise Malformed("a shape was expected")
    if math.prod(shape) * itemsize != len(data) or (math.prod(shape) and not len(data)):
        raise Malformed("an array and its numbers do not fit")
    return tuple(shape)


def torch_dtype(name: Any) -> Any:
    """Return torch's dtype of that name."""
    import torch

    dtype = getattr(torch, name) if isinstance(name, str) else None
    if not isinstance(dtype, torch.dtype) or str(dtype).startswith("torch.q"):
        raise Malformed(f"torch has no plain dtype {name!r}")
    return dtype
