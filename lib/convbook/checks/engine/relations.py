"""Explain what nobody declared: a relation between what came back and what was wanted that holds in every case tried.

Three kinds. *Generic mistakes* are made by themselves from the arguments and the result of any exercise: an argument
ignored, exchanged or reversed along an axis, a result transposed, negated or summed up. *Factors and offsets*: yours is the
wanted number times, over, plus or minus a fact of the case. A *condition* parts the right cases from the wrong ones.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from convbook.checks.engine.compare import Raised, same, shown
from convbook.checks.engine.evidence import evidence_of, explains
from convbook.checks.engine.observe import Calls, Trial, precision
from convbook.checks.engine.oracles import Change, Named

if TYPE_CHECKING:
    from convbook.checks.engine.judge import Trials

AXES = {
    "n": "images", "c": "channels", "h": "rows", "w": "columns", "f": "filters", "kh": "kernel rows", "kw": "kernel columns",
    "rows": "rows", "columns": "columns", "places": "places", "d": "features", "long": "entries of a window",
}  # fmt: skip
Relation = tuple[str, Change]


def restless(trials: Trials) -> str | None:
    """Return a sentence if one and the same call gives two different results."""
    failed = next((t for t in trials.failed if t.reply.status == "returned"), None)
    if failed is None or not isinstance(trials.question.observer, Calls) or failed.reply.seconds > 0.5:
        return None
    again = [trials.attempt(failed.case).reply.value for _ in range(2)]
    if not _comparable(failed.reply.value) or all(
        _equal(value, failed.reply.value, failed) for value in again
    ):
        return None
    return (
        "differs from call to call: something in it was never written (`np.empty`), lies outside of what was given, "
        "or is kept from the call before"
    )


def _comparable(value: Any) -> bool:
    return isinstance(value, np.ndarray | np.generic | int | float | tuple | list)


def _equal(one: Any, other: Any, trial: Trial) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.shape == other.shape and np.array_equal(one, other, equal_nan=one.dtype.kind in "fc")
    return one is other or same(one, other, precision(trial.case)) or shown(one) == shown(other)


def one(trials: Trials, ends: float) -> str | None:
    """Return the first relation that explains every trial, or None."""
    if not isinstance(trials.question.observer, Calls):
        return None
    for evidence in evidence_of(trials):
        for sentence, change in generic(trials):
            if time.monotonic() > ends:
                break
            if explains(trials, evidence, [change]):
                return sentence
    return scaled(trials) or permuted(trials)


def beside(trials: Trials, ends: float) -> str | None:
    """Return a declared mistake together with a relation that explain every trial, as one sentence, or None."""
    if not isinstance(trials.question.observer, Calls):
        return None
    evidence = next(evidence_of(trials), [])
    for mistake in trials.question.mistakes:
        for sentence, change in generic(trials):
            if time.monotonic() > ends:
                return None
            if mistake.ways and explains(trials, evidence, [mistake.ways[0], change]):
                return f"{sentence}; and besides, {mistake.name}"
    return None


# ---- generic mistakes


def generic(trials: Trials) -> Iterator[Relation]:
    """Yield a sentence and a change for everything that may happen to the arguments or the result of any exercise."""
    oracle = trials.question.oracle
    bound = max(
        (oracle.bound(t.case.args, t.case.kwargs) for t in trials.done),
        key=lambda b: sum(v is not None for v in b.values()),
    )
    numbers = [n for n, v in bound.items() if isinstance(v, int | float) and not isinstance(v, bool)]
    arrays = {n: v for n, v in bound.items() if isinstance(v, np.ndarray)}
    yield from _of_result(trials, oracle.result_axes)
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


def _of_result(trials: Trials, letters: Sequence[str]) -> Iterator[Relation]:
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


# ---- factors and offsets


def scaled(trials: Trials) -> str | None:
    """Return a sentence if yours is the wanted result times, over, plus or minus one and the same fact in every case."""
    failed = [t for t in trials.failed if _numbers(t) is not None]
    if len(failed) < max(2, len(trials.failed)) or any(not t.conclusive for t in trials.done):
        return None
    right = [
        t for t in trials.done if t.fault is None and t.reply.status == "returned" and _numbers(t) is not None
    ]
    for sentence, predicted in _laws(trials):
        if all(_obeys(predicted, t) for t in failed) and all(_obeys(predicted, t) for t in right):
            return f"{sentence} in every case"
    return None


def _laws(trials: Trials) -> Iterator[tuple[str, Callable[[np.ndarray, dict[str, float]], Any]]]:
    names = [n for n, v in _number_facts(trials, trials.failed[0]).items() if v > 0]
    terms: list[tuple[str, Callable[[dict[str, float]], float]]] = [(n, lambda f, n=n: f[n]) for n in names]
    terms += [
        (f"{a} · {b}", lambda f, a=a, b=b: f[a] * f[b])
        for a, b in itertools.combinations_with_replacement(names, 2)
    ]
    triples = itertools.combinations_with_replacement(names, 3) if len(names) < 9 else ()
    terms += [(f"{a} · {b} · {c}", lambda f, a=a, b=b, c=c: f[a] * f[b] * f[c]) for a, b, c in triples]
    terms += [(str(v), lambda f, v=v: v) for v in (2, 3, 4, 10, 255)]
    yield "is larger than wanted by 1", lambda y, f: y + 1
    yield "is smaller than wanted by 1", lambda y, f: y - 1
    factor = _constant_factor(trials)
    if factor is not None:
        yield f"is the wanted result times {factor:.4g}, the same factor", lambda y, f: y * factor
    for words, term in terms:
        yield f"is smaller than wanted by a factor of {words}", lambda y, f, t=term: y / t(f)
        yield f"is larger than wanted by a factor of {words}", lambda y, f, t=term: y * t(f)
        yield f"is larger than wanted by {words}", lambda y, f, t=term: y + t(f)
        yield f"is smaller than wanted by {words}", lambda y, f, t=term: y - t(f)


def _constant_factor(trials: Trials) -> float | None:
    yours, wanted = _numbers(trials.failed[0]) or (np.zeros(0), np.zeros(0))
    return float(np.vdot(wanted, yours) / np.vdot(wanted, wanted)) if wanted.size and wanted.any() else None


def _obeys(predicted: Callable[[np.ndarray, dict[str, float]], Any], trial: Trial) -> bool:
    yours, wanted = _numbers(trial)  # type: ignore[misc]
    try:
        with np.errstate(all="ignore"):
            made = predicted(wanted, trial.facts)
    except (KeyError, ZeroDivisionError):
        return False
    return same(yours, made, precision(trial.case))


def _numbers(trial: Trial) -> tuple[np.ndarray, np.ndarray] | None:
    """Return yours and wanted as arrays of one shape, or None where they are no such numbers."""
    try:
        yours, wanted = np.asarray(trial.reply.value, dtype=float), np.asarray(trial.wanted, dtype=float)
    except (TypeError, ValueError, OverflowError):
        return None
    fits = trial.reply.status == "returned" and yours.shape == wanted.shape and np.isfinite(yours).all()
    return (yours, wanted) if fits else None


def _number_facts(trials: Trials, trial: Trial) -> dict[str, float]:
    """Return the facts of a case that are plain numbers: sizes of axes, numbers among the arguments."""
    facts = trials.question.observer.facts_of(trials.question, trial)
    for t in trials.done:
        own = trials.question.observer.facts_of(trials.question, t).known  # type: ignore[attr-defined]
        t.facts.update(
            {n: float(v) for n, v in own.items() if _is_number(v) and n not in ("yours", "wanted")}
        )
    return {n: float(v) for n, v in facts.known.items() if _is_number(v) and n not in ("yours", "wanted")}  # type: ignore[attr-defined]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def shaped(trials: Trials, ends: float) -> str | None:
    """Return a sentence if yours has the shape of an argument, or too many or too few axes, in every case that fails."""
    if not isinstance(trials.question.observer, Calls):
        return None
    failed = [t for t in trials.failed if isinstance(t.reply.value, np.ndarray) and isinstance(t.wanted, np.ndarray)]
    failed = [t for t in failed if t.fault.kind == "wrong shape"]
    if not failed or len(failed) < len(trials.failed):
        return None
    for name in trials.question.oracle.signature.parameters:
        given = [trials.question.oracle.bound(t.case.args, t.case.kwargs)[name] for t in failed]
        if all(
            isinstance(g, np.ndarray) and g.shape == t.reply.value.shape
            for g, t in zip(given, failed, strict=True)
        ):
            return f"has the shape of {name} in every case that is wrong"
    axes = {t.reply.value.ndim - t.wanted.ndim for t in failed}
    if len(axes) == 1 and (more := axes.pop()):
        words = {1: "one axis too many", -1: "one axis too few"}.get(
            more, f"{abs(more)} axes too {'many' if more > 0 else 'few'}"
        )
        return f"has {words} in every case that is wrong"
    return None


def permuted(trials: Trials) -> str | None:
    """Return a sentence if yours holds the wanted numbers in another order along one axis, in every case that fails."""
    failed = [t for t in trials.failed if _numbers(t) is not None]
    if len(failed) < max(2, len(trials.failed)):
        return None
    letters = trials.question.oracle.result_axes
    for axis in range(np.ndim(failed[0].wanted)):
        if all(_is_permuted(*_numbers(t), axis) for t in failed):  # type: ignore[misc]
            word = AXES.get(letters[axis], letters[axis]) if axis < len(letters) else f"axis {axis}"
            return f"holds the wanted numbers, with its {word} in another order"
    return None


def _is_permuted(yours: np.ndarray, wanted: np.ndarray, axis: int) -> bool:
    mine, theirs = (np.moveaxis(a, axis, 0).reshape(a.shape[axis], -1) for a in (yours, wanted))
    left = list(range(len(theirs)))
    for row in mine:
        fitting = next((i for i in left if np.allclose(row, theirs[i], rtol=1e-6, atol=1e-6)), None)
        if fitting is None:
            return False
        left.remove(fitting)
    return True


def where_wrong(trials: Trials, ends: float) -> str | None:
    """Return a relation that holds in every case that is wrong, though not in those that are right, or None."""
    failed = [t for t in trials.failed if np.size(t.wanted) > 3]
    if (
        not isinstance(trials.question.observer, Calls)
        or not failed
        or any(not t.conclusive for t in trials.failed)
    ):
        return None
    for sentence, change in _of_result(trials, trials.question.oracle.result_axes):
        if time.monotonic() > ends:
            return None
        if all(trials.question.observer.explains(trials.question, t, [change]) for t in trials.failed):
            parted = condition(trials, ends)
            return f"{sentence}, in each of the {len(trials.failed)} cases that are wrong" + (
                f"; it {parted}" if parted else ""
            )
    return None


# ---- conditions


def condition(trials: Trials, ends: float) -> str | None:
    """Return a sentence if a plain fact of the cases (stride 1, one image, a bias) parts the right ones from the wrong."""
    return _first_condition(trials, _plain_conditions, least=2)


def comparison(trials: Trials, ends: float) -> str | None:
    """Return a sentence if a comparison of sizes parts the right cases from the wrong, four of each at least."""
    return _first_condition(trials, _comparisons, least=4)


Conditions = Iterator[tuple[str, str, Callable[[dict[str, Any]], bool]]]


def _first_condition(trials: Trials, conditions: Callable[..., Conditions], least: int) -> str | None:
    # Where nothing or only zeros are asked for, a wrong answer may be right by chance.
    done = [t for t in trials.done if t.conclusive and (_is_wrong(t) or not _is_empty(t.wanted))]
    done = [t for t in done if trials.question.observer.compares(t.case)]
    wrong = [_is_wrong(t) for t in done]
    if min(sum(wrong), len(wrong) - sum(wrong)) < least:
        return None
    loose: str | None = None
    known = [_plain_facts(trials, t) for t in done]
    letters = {
        letter
        for group in (*trials.question.oracle.axes.values(), trials.question.oracle.result_axes)
        for letter in group
    }
    for words, opposite, holds in conditions(known, letters):
        try:
            told = [bool(holds(facts)) for facts in known]
        except (KeyError, TypeError):
            continue
        if told == [not w for w in wrong]:
            return _parted(words, opposite, told)
        if told == wrong:
            return _parted(opposite, words, [not t for t in told])
        loose = (
            loose
            or _one_sided(words, opposite, told, wrong)
            or _one_sided(opposite, words, [not t for t in told], wrong)
        )
    return loose


def _one_sided(words: str, others: str, holds: list[bool], wrong: list[bool]) -> str | None:
    """Return a sentence if all cases under a condition are right, four at least, and half of the others are wrong."""
    good = sum(holds)
    bad, rest = sum(wrong), len(holds) - good
    if good < 4 or any(h and w for h, w in zip(holds, wrong, strict=True)) or 2 * bad < rest or bad < 2:
        return None
    return f"is right in all {good} cases where {words}; it goes wrong only where {others}, in {bad} of {rest} cases"


def _is_wrong(trial: Trial) -> bool:
    """Tell whether a trial went wrong: another result than wanted, or a crash where a result is wanted."""
    return trial.fault is not None or (
        trial.reply.status == "raised" and not isinstance(trial.wanted, Raised)
    )


def _is_empty(wanted: Any) -> bool:
    return isinstance(wanted, np.ndarray) and not wanted.any()


def _parted(words: str, others: str, right: list[bool]) -> str:
    good, bad = sum(right), len(right) - sum(right)
    return f"is right in all {good} cases where {words}, and wrong in all {bad} where {others}"


def _plain_facts(trials: Trials, trial: Trial) -> dict[str, Any]:
    facts = trials.question.observer.facts_of(trials.question, trial).known  # type: ignore[attr-defined]
    arrays = [v for v in (*trial.case.args, *trial.case.kwargs.values()) if isinstance(v, np.ndarray)]
    found = {n: v for n, v in facts.items() if (_is_number(v) or v is None) and n not in ("yours", "wanted")}
    found |= {
        f"{n} is given": v is not None
        for n, v in facts.items()
        if n in trials.question.oracle.signature.parameters
    }
    contiguous = all(a.flags.c_contiguous and a.flags.writeable for a in arrays)
    return found | {"float32": precision(trial.case) == "float32", "plain layout": contiguous}


def _plain_conditions(known: list[dict[str, Any]], letters: set[str]) -> Conditions:
    """Yield conditions on one fact, the simplest first: in words, its opposite in words, and the test."""
    yield "the arrays are float64", "they are float32", lambda f: not f["float32"]
    yield (
        "the arrays lie plainly in memory",
        "they lie in another way, or are read-only",
        lambda f: f["plain layout"],
    )
    for name in (n for n in known[0] if n.endswith(" is given")):
        yield name, name.replace("is given", "is left out"), lambda f, n=name: f[n]
    names = _number_names(known)
    for name in names:
        for value in (1, 0):
            yield f"{name} = {value}", f"{name} is not {value}", lambda f, n=name, v=value: f[n] == v
    for a, b in SQUARE:
        yield f"{a} = {b}", f"{a} and {b} differ", lambda f, a=a, b=b: f[a] == f[b]
    for name in names:
        yield f"{name} is odd", f"{name} is even", lambda f, n=name: f[n] % 2 == 1


SQUARE = (("h", "w"), ("kh", "kw"), ("rows", "columns"))


def _comparisons(known: list[dict[str, Any]], letters: set[str]) -> Conditions:
    names = _number_names(known)
    sizes = [name for name in names if name in letters]
    for a, b in itertools.combinations(sizes, 2):
        yield f"{a} = {b}", f"{a} and {b} differ", lambda f, a=a, b=b: f[a] == f[b]
    for name in names:
        for value in sorted({f[name] for f in known if _is_number(f.get(name))})[:-1]:
            yield (
                f"{name} is at most {value}",
                f"{name} is larger than {value}",
                lambda f, n=name, v=value: f[n] <= v,
            )


def _number_names(known: list[dict[str, Any]]) -> list[str]:
    return list(
        dict.fromkeys(
            n for facts in known for n, v in facts.items() if _is_number(v) and not isinstance(v, bool)
        )
    )
