"""Run an oracle, as it is or with a mistake in it: arrays in, arrays out, PyTorch in float64 between them."""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

MISSING = inspect.Parameter.empty


class DeclarationError(ValueError):
    """Say in one sentence which exercise, and which of its mistakes, is declared wrongly."""


@dataclass(frozen=True)
class Change:
    """One way to make a mistake: changed arguments, a changed result, or another rule in the oracle's place.

    `arguments` maps an argument's name to a function that gives its new value; `result` takes the right result as its
    first parameter, or only facts; `instead` takes what it names and gives the result itself. Every function names as its
    parameters what it wants to know: arguments, axis letters and facts of the exercise, and `again`, which
    runs the right oracle with some arguments replaced.
    """

    arguments: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    result: Callable[..., Any] | None = None
    instead: Callable[..., Any] | None = None

    def functions(self) -> list[Callable[..., Any]]:
        """Return all functions of this change."""
        return [f for f in (*self.arguments.values(), self.result, self.instead) if f is not None]


class Facts(Mapping[str, Any]):
    """Know the numbers of one case by name: its arguments, the sizes of their axes, and further facts.

    A further fact is a function of others, and is worked out when it is first asked for.
    """

    def __init__(
        self, arguments: Mapping[str, Any], axes: Mapping[str, tuple[str, ...]], further: Mapping[str, Any]
    ):
        self.further = further
        self.known = dict(arguments)
        for name, letters in axes.items():
            if (shape := getattr(arguments.get(name), "shape", None)) is not None:
                self.add_axes(letters, shape)

    def add_axes(self, letters: Sequence[str], shape: Sequence[int]) -> None:
        """Bind axis letters to the sides of a shape, where nothing else bears their name."""
        if len(letters) == len(shape):
            for letter, side in zip(letters, shape, strict=True):
                self.known.setdefault(letter, int(side))

    def __getitem__(self, name: str) -> Any:
        if name not in self.known:
            self.known[name] = call_by_name(self.further[name], self)
        return self.known[name]

    def __contains__(self, name: object) -> bool:
        return name in self.known or name in self.further

    def __iter__(self) -> Iterator[str]:
        return iter({**self.known, **self.further})

    def __len__(self) -> int:
        return len({**self.known, **self.further})


@dataclass(frozen=True)
class Named:
    """Hold a function of one value, or of a tuple of values, known by names found out at run time."""

    name: str | tuple[str, ...]
    function: Callable[[Any], Any]

    def __call__(self, value: Any) -> Any:
        return self.function(value)


@functools.lru_cache(maxsize=4096)
def parameters(function: Callable[..., Any]) -> tuple[tuple[str, bool], ...]:
    """Return the names of a function's parameters, each with whether it must be given.

    >>> parameters(lambda x, stride=1: x)
    (('x', True), ('stride', False))
    """
    if isinstance(function, Named):
        names = (function.name,) if isinstance(function.name, str) else function.name
        return tuple((name, True) for name in names)
    found = inspect.signature(function).parameters.values()
    return tuple((p.name, p.default is MISSING) for p in found if p.kind is not p.VAR_KEYWORD)


def call_by_name(function: Callable[..., Any], known: Mapping[str, Any], *first: Any) -> Any:
    """Call a function with what its parameters name; `first` are given by position.

    >>> call_by_name(lambda y, k: y * k, {"k": 3, "x": 5}, 2)
    6
    """
    if isinstance(function, Named):
        name = function.name
        return function(known[name] if isinstance(name, str) else tuple(known[one] for one in name))
    wanted = parameters(function)
    rest = wanted[len(first) :]
    return function(
        *first[: len(wanted)], **{name: known[name] for name, needed in rest if needed or name in known}
    )


@contextlib.contextmanager
def oracle_mode() -> Iterator[None]:
    """Compute in float64, with gradients, whatever the notebook has switched to; all is put back afterwards."""
    import torch

    dtype = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        with torch.inference_mode(False), torch.enable_grad():
            yield
    finally:
        torch.set_default_dtype(dtype)


def tensor(value: Any) -> Any:
    """Return an array of any layout as a tensor of its own, floats in float64; anything else as it is."""
    import torch

    if not isinstance(value, np.ndarray):
        return value
    kind = {"f": np.float64, "b": np.bool_}.get(value.dtype.kind, np.int64)
    return torch.from_numpy(np.array(value, dtype=kind, order="C"))


def array(value: Any) -> Any:
    """Return a tensor as an array of its own, one without axes as a number; tuples and lists item by item."""
    import torch

    if isinstance(value, torch.Tensor):
        value = value.detach()
        return value.item() if value.dim() == 0 else value.numpy().copy()
    if isinstance(value, (tuple, list)):
        return type(value)(array(item) for item in value)
    return value


@dataclass(frozen=True)
class Oracle:
    """Hold an exercise's oracle, a function of tensors, with the letters of its axes and its further facts."""

    function: Callable[..., Any]
    axes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    further: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    result_axes: tuple[str, ...] = ()

    @functools.cached_property
    def signature(self) -> inspect.Signature:
        return inspect.signature(self.function)

    def bound(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Return all arguments by name, those that were left out with their defaults."""
        bound = self.signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return dict(bound.arguments)

    def facts(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Facts:
        """Return the facts of one case."""
        return Facts(self.bound(args, kwargs), self.axes, self.further)

    def run(self, args: Sequence[Any], kwargs: Mapping[str, Any], changes: Sequence[Change] = ()) -> Any:
        """Return the right result of one case, or what it becomes with some mistakes in it, as arrays and numbers."""
        with oracle_mode():
            given = {name: tensor(value) for name, value in self.bound(args, kwargs).items()}
            return array(self._changed(given, changes))

    def _changed(self, given: dict[str, Any], changes: Sequence[Change]) -> Any:
        current = dict(given)

        def known() -> Facts:
            facts = Facts(given, self.axes, self.further)
            facts.known.update(current)
            facts.known["again"] = lambda **replaced: self.function(**{**current, **replaced})
            return facts

        for change in changes:
            now = known()
            current.update({name: call_by_name(f, now) for name, f in change.arguments.items()})
        instead = [change.instead for change in changes if change.instead is not None]
        result = call_by_name(instead[0], known()) if instead else self.function(**current)
        for change in changes:
            if change.result is not None:
                result = self._with_result(change.result, known(), result)
        return result

    def _with_result(self, function: Callable[..., Any], known: Facts, result: Any) -> Any:
        if (shape := getattr(result, "shape", None)) is not None:
            known.add_axes(self.result_axes, shape)
        names = parameters(function)
        first = () if names and names[0][0] in known else (result,)
        return call_by_name(function, known, *first)

    def mutant(self, *changes: Change) -> Callable[..., Any]:
        """Return a function with the oracle's signature that makes these mistakes."""
        if not changes:
            raise ValueError("a mutant has at least one change: without any it would be the answer")

        def mutant(*args: Any, **kwargs: Any) -> Any:
            return self.run(args, kwargs, changes)

        mutant.__name__ = mutant.__qualname__ = self.function.__name__
        mutant.__signature__ = self.signature  # type: ignore[attr-defined]
        return mutant


def parsed_shapes(shapes: str) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """Return the axis letters of every argument, and those of the result.

    >>> parsed_shapes("x (h, w), k (kh, kw) -> (rows, columns)")
    ({'x': ('h', 'w'), 'k': ('kh', 'kw')}, ('rows', 'columns'))
    """
    import re

    before, _, after = shapes.partition("->")
    letters = {name: _letters(inside) for name, inside in re.findall(r"(\w+) \(([^()]*)\)", before)}
    return letters, _letters(after.strip().strip("()"))


def _letters(inside: str) -> tuple[str, ...]:
    return tuple(letter.strip() for letter in inside.split(",") if letter.strip())
