"""Generic mistakes: what may happen to the arguments or the result of any exercise, and a sentence for each."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from convbook.checks.engine.oracles import Change, Named

if TYPE_CHECKING:
    from convbook.checks.engine.judge import Trials


AXES = {
    "n": "images", "c": "channels", "h": "rows", "w": "columns", "f": "filters", "kh": "kernel rows", "kw": "kernel columns",
    "rows": "rows", "columns": "columns", "places": "places", "d": "features", "long": "entries of a window",
}  # fmt: skip
Relation = tuple[str, Change]


def generic(trials: Trials) -> Iterator[Relation]:
    """Yield a sentence and a change for everything that may happen to the arguments or the result of any exercise."""
    oracle = trials.question.oracle
    bound = max(
        (oracle.bound(t.case.args, t.case.kwargs) for t in trials.done),
        key=lambda b: sum(v is not None for v in b.values()),
    )
    numbers = [n for n, v in bound.items() if isinstance(v, int | float) and not isinstance(v, bool)]
    arrays = {n: v for n, v in bound.items() if isinstance(v, np.ndarray)}
    yield from of_result(trials, oracle.result_axes)
    for name in numbers:
        yield from _of_number(name, [other for other in numbers if other != name])
    for name, value in arrays.items():
        yield from _of_array(name, oracle.axes.get(name) or tuple(f"axis {i}" for i in range(value.ndim)))
    yield from _of_several(numbers, arrays)


def _of_number(name: str, others: Sequence[str]) -> Iterator[Relation]:
    for value in (1, 0, 2, 3):
        yield (
            f"is what comes out with {name} = {value}, whatever {name} is given",
            Change({name: _always(value)}),
        )
    for words, change in (
        (f"{name} + 1", lambda old: old + 1), (f"{name} − 1", lambda old: old - 1), (f"2 · {name}", lambda old: 2 * old),
        (f"⌊{name} / 2⌋", lambda old: old // 2), (f"{name}²", lambda old: old * old),
    ):  # fmt: skip
        yield f"is what comes out with {words} in the place of {name}", Change({name: _taking(name, change)})
    for other in others:
        yield f"is what comes out with {other} in the place of {name}", Change({name: _getting(other)})


def _of_several(numbers: Sequence[str], arrays: dict[str, np.ndarray]) -> Iterator[Relation]:
    for a, b in itertools.combinations(numbers, 2):
        yield f"is what comes out with {a} and {b} exchanged", Change({a: _getting(b), b: _getting(a)})
    for a, b in itertools.combinations(arrays, 2):
        yield f"is what comes out with {a} and {b} exchanged", Change({a: _getting(b), b: _getting(a)})
        if arrays[a].ndim == arrays[b].ndim:
            yield f"is what comes out with {b} in the place of {a}", Change({a: _getting(b)})
            yield f"is what comes out with {a} in the place of {b}", Change({b: _getting(a)})


def _of_array(name: str, letters: Sequence[str]) -> Iterator[Relation]:
    yield f"is what comes out without {name}: as if it were 0", Change({name: _taking(name, lambda a: a * 0)})
    yield (
        f"is what comes out if every number in {name} were 1",
        Change({name: _taking(name, lambda a: a * 0 + 1)}),
    )
    yield f"is what comes out if {name} were negated", Change({name: _taking(name, lambda a: -a)})
    yield (
        f"is what comes out if every number in {name} were squared",
        Change({name: _taking(name, lambda a: a * a)}),
    )
    for axis, letter in enumerate(letters):
        word = f"the {AXES.get(letter, letter)} of {name}"
        for told, change in (
            (f"{word} in reverse order", lambda a, i: a.flip(i)),
            (f"{word} moved on by one, the last in front", lambda a, i: a.roll(1, i)),
            (f"{word} moved back by one, the first at the end", lambda a, i: a.roll(-1, i)),
            (f"the first of {word} in the place of all", lambda a, i: a.narrow(i, 0, 1).expand(a.shape)),
            (
                f"the last of {word} in the place of all",
                lambda a, i: a.narrow(i, a.shape[i] - 1, 1).expand(a.shape),
            ),
            (
                f"the sum over {word} in the place of each",
                lambda a, i: a.sum(i, keepdim=True).expand(a.shape),
            ),
            (
                f"the mean over {word} in the place of each",
                lambda a, i: a.mean(i, keepdim=True).expand(a.shape),
            ),
            (f"the last of {word} left out", lambda a, i: a.narrow(i, 0, a.shape[i] - 1)),
            (f"the first of {word} left out", lambda a, i: a.narrow(i, 1, a.shape[i] - 1)),
        ):
            yield (
                f"is what comes out with {told}",
                Change({name: _taking(name, lambda a, i=axis, f=change: f(a, i))}),
            )
    for one, other in itertools.combinations(range(len(letters)), 2):
        words = f"{AXES.get(letters[one], letters[one])} and {AXES.get(letters[other], letters[other])} of {name} exchanged"
        yield (
            f"is what comes out with {words}",
            Change({name: _taking(name, lambda a, i=one, j=other: a.transpose(i, j))}),
        )
        reshaped = f"{name} reshaped where its {words.removesuffix(f' of {name} exchanged')} should be exchanged, or the other way round"
        yield f"is what comes out with {reshaped}", Change({
            name: _taking(name, lambda a, i=one, j=other: a.transpose(i, j).reshape(a.shape))})  # fmt: skip


RESULTS: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("has the opposite sign everywhere", lambda y: -y),
    ("is the wanted result without its sign: what should be below 0 is not", lambda y: abs(y)),
    (
        "is the wanted result with 0 in place of what is below 0",
        lambda y: y.clamp(min=0) if hasattr(y, "clamp") else max(y, 0),
    ),
    ("is the wanted result squared", lambda y: y * y),
    ("is the wanted result, rounded", lambda y: y.round() if hasattr(y, "round") else round(y)),
    ("is the wanted result, rounded down", lambda y: y.floor() if hasattr(y, "floor") else math.floor(y)),
    ("is the wanted result, rounded up", lambda y: y.ceil() if hasattr(y, "ceil") else math.ceil(y)),
    ("is the root of the wanted result", lambda y: y**0.5),
    ("is one over the wanted result", lambda y: 1 / y),
    ("is 1 minus the wanted result", lambda y: 1 - y),
)


def of_result(trials: Trials, letters: Sequence[str]) -> Iterator[Relation]:
    for sentence, function in RESULTS:
        yield sentence, Change(result=_closed(function))
    wanted = next((t.wanted for t in trials.done if isinstance(t.wanted, np.ndarray)), None)
    for name in trials.question.oracle.signature.parameters:
        yield f"is {name} itself, as it was given", Change(instead=_getting(name))
    if wanted is None:
        return
    letters = letters or tuple(f"axis {i}" for i in range(wanted.ndim))
    for axis, letter in enumerate(letters):
        word = AXES.get(letter, letter)
        for told, change in (
            (f"has its {word} in reverse order", lambda y, i: y.flip(i)),
            (f"is moved on by one along its {word}", lambda y, i: y.roll(1, i)),
            (f"is moved back by one along its {word}", lambda y, i: y.roll(-1, i)),
            (f"lacks the last of its {word}", lambda y, i: y.narrow(i, 0, y.shape[i] - 1)),
            (f"lacks the first of its {word}", lambda y, i: y.narrow(i, 1, y.shape[i] - 1)),
            (f"adds up along its {word}: each holds the sum so far", lambda y, i: y.cumsum(i)),
            (f"is summed over its {word}", lambda y, i: y.sum(i)),
            (
                f"is summed over its {word}, and the sum stands in each",
                lambda y, i: y.sum(i, keepdim=True).expand(y.shape),
            ),
            (f"is averaged over its {word}", lambda y, i: y.mean(i)),
            (
                f"is averaged over its {word}, and the mean stands in each",
                lambda y, i: y.mean(i, keepdim=True).expand(y.shape),
            ),
            (f"holds the first of its {word} in every place", lambda y, i: y.narrow(i, 0, 1).expand(y.shape)),
            (
                f"holds the last of its {word} in every place",
                lambda y, i: y.narrow(i, y.shape[i] - 1, 1).expand(y.shape),
            ),
            (f"has only the first of its {word}, the rest is 0", lambda y, i: _only(y, i, first=True)),
            (f"has 0 in the last of its {word}", lambda y, i: _only(y, i, first=False)),
        ):
            yield told, Change(result=_closed(change, axis))
    yield (
        "adds up from place to place: each holds the sum so far",
        Change(result=lambda result_: result_.flatten().cumsum(0).reshape(result_.shape)),
    )
    for one, other in itertools.combinations(range(len(letters)), 2):
        words = (
            f"{AXES.get(letters[one], letters[one])} and {AXES.get(letters[other], letters[other])} exchanged"
        )
        yield (
            f"is the wanted result with {words}",
            Change(result=_closed(lambda y, i, j: y.transpose(i, j), one, other)),
        )
        mixed = f"mixes {words.removesuffix(' exchanged')}: `reshape` moves no axis, `transpose` does"
        yield (
            mixed,
            Change(result=_closed(lambda y, i, j: y.transpose(i, j).reshape(y.shape), one, other)),
        )


def _closed(function: Callable[..., Any], *rest: Any) -> Callable[..., Any]:
    """Return a function of the result alone, so that no fact of an exercise is taken for one of `rest`."""
    return lambda result: function(result, *rest)


def _always(value: Any) -> Callable[[], Any]:
    return lambda: value


def _only(y: Any, axis: int, first: bool) -> Any:
    kept = y.clone()
    kept.narrow(axis, *((1, y.shape[axis] - 1) if first else (y.shape[axis] - 1, 1))).zero_()
    return kept


def _taking(name: str, function: Callable[[Any], Any]) -> Named:
    """Return a function of the argument `name`, as `Change` wants it; an argument that was left out stays so."""
    return Named(name, lambda value: None if value is None else function(value))


def _getting(name: str) -> Named:
    return Named(name, lambda value: value)
