"""Make the cases of an exercise: from a table, in every form of an array, and drawn from the seed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from convbook.answers.values import LAYOUTS, laid_out
from convbook.checks.engine.oracles import DeclarationError
from convbook.forms import Case

LAYOUT_WORDS = {
    "read-only": "the arrays are read-only",
    "reversed in memory": "the arrays lie backwards in memory",
    "every other element": "the arrays are every other element of larger ones",
    "Fortran order": "the arrays lie column by column in memory",
}


def case(*args: Any, about: str = "", **kwargs: Any) -> Case:
    """Return one hand-made case."""
    return Case(args, kwargs, about)


def drawn(*args: Any, about: str = "", **kwargs: Any) -> Case:
    """Return one case drawn from the seed: while a class is graded its numbers stay untold."""
    return Case(args, kwargs, about, drawn=True)


def counting(*shape: int) -> np.ndarray:
    """Return 1, 2, 3, … in a shape: numbers a reader can follow by hand.

    >>> counting(2, 2)
    array([[1., 2.],
           [3., 4.]])
    """
    return np.arange(1.0, np.prod(shape) + 1).reshape(shape)


def table(*rows: tuple[Any, ...]) -> Iterator[Case]:
    """Yield a hand-made case for every row: its arguments, and where needed a dict of keywords and a remark.

    A tuple stands for an array of that shape with 1, 2, 3, …; a list for an array of its numbers.

    >>> for one in table((7, 3), (7, 3, {"stride": 2}, "a rest is left"), ((1, 2), [5.0])):
    ...     print(one.args, one.kwargs, one.about)
    (7, 3) {} \n    (7, 3) {'stride': 2} a rest is left
    (array([[1., 2.]]), array([5.])) {} \n"""
    for row in rows:
        about = next((v for v in row if isinstance(v, str)), "")
        keywords = next((v for v in row if isinstance(v, dict)), {})
        yield case(*(_argument(v) for v in row if not isinstance(v, str | dict)), about=about, **keywords)


def _argument(value: Any) -> Any:
    if isinstance(value, list):
        return np.array(value)
    return counting(*value) if isinstance(value, tuple) else value


def every_layout(*args: Any, **kwargs: Any) -> Iterator[Case]:
    """Yield a case for each unusual way its arrays may lie in memory: any `ndarray` is valid input."""
    for layout in LAYOUTS[1:]:
        laid = (laid_out(a, layout) if isinstance(a, np.ndarray) else a for a in args)
        yield Case(tuple(laid), kwargs, LAYOUT_WORDS[layout])


def every_form(*args: Any, **kwargs: Any) -> Iterator[Case]:
    """Yield arrays in `every_layout` and in float32; a tuple stands for `counting(*shape)`."""
    arrays = [_argument(value) for value in args]
    yield from every_layout(*arrays, **kwargs)
    floats = [isinstance(a, np.ndarray) and a.dtype.kind == "f" for a in arrays]
    single = (a.astype(np.float32) if is_float else a for a, is_float in zip(arrays, floats, strict=True))
    yield case(*single, about="float32", **kwargs)


def draws(
    rng: np.random.Generator,
    times: int,
    arguments: str,
    *,
    fill: Callable[[Any], np.ndarray] | None = None,
    **ranges: Any,
) -> Iterator[Case]:
    """Yield cases drawn from the seed, their arguments written like `shapes`: `"x (n, c, h, w), k"`.

    Every letter, plain number and keyword is fixed (`h=5`), or lies between two values (`h=(2, 5)`), or
    between an earlier one and as many more (`h=("kh", 4)`: from kh to kh + 4). `fill` makes an array of a shape, by
    default of normal numbers. Raises `DeclarationError` where a letter has no range.

    >>> rng = np.random.default_rng(0)
    >>> for one in draws(rng, 2, "x (h, 5), k", k=(2, 3), h=("k", 2), stride=(1, 2)):
    ...     print(one.args[0].shape, one.args[1], one.kwargs)
    (4, 5) 3 {'stride': 2}
    (2, 5) 2 {'stride': 2}
    """
    found = re.findall(r"(\w+)(?: \(([^()]*)\))?", arguments)
    axes = {name: re.findall(r"\w+", inside) for name, inside in found}
    used = {*axes, *(letter for letters in axes.values() for letter in letters)}
    for letter in sorted({one for name, letters in axes.items() for one in letters or [name]} - {*ranges}):
        if not letter.isdigit():
            raise DeclarationError(
                f"draws: no range is given for {letter!r} of {arguments!r}; add {letter}=(1, 3)"
            )
    for _ in range(times):
        sizes = _sizes(rng, ranges)
        given = []
        for name, letters in axes.items():
            shape = tuple(int(one) if one.isdigit() else sizes[one] for one in letters)
            given.append((fill or rng.standard_normal)(shape) if letters else sizes[name])
        yield drawn(*given, **{name: value for name, value in sizes.items() if name not in used})


def _sizes(rng: np.random.Generator, ranges: dict[str, Any]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for name, wanted in ranges.items():
        if isinstance(wanted, tuple):
            least, greatest = wanted
            if isinstance(least, str):
                least, greatest = sizes[least], sizes[least] + greatest
            wanted = int(rng.integers(least, greatest + 1))
        sizes[name] = wanted
    return sizes


def size(case: Case) -> float:
    """Return how much there is to read in a case."""
    values = (*case.args, *case.kwargs.values())
    entries = sum(value.size for value in values if isinstance(value, np.ndarray))
    scalars = sum(
        min(abs(v), 10_000) for v in values if isinstance(v, int | float) and not isinstance(v, bool)
    )
    return 1 + entries + scalars
