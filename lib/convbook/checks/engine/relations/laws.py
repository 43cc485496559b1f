"""Factors, offsets, orders and shapes: how yours is made of the wanted result, in every case."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from convbook.checks.engine.compare import same
from convbook.checks.engine.observe import Calls, Trial, precision
from convbook.checks.engine.relations.facts import is_number, numbers
from convbook.checks.engine.relations.generic import AXES

if TYPE_CHECKING:
    from convbook.checks.engine.judge import Trials


def scaled(trials: Trials) -> str | None:
    """Return a sentence if yours is the wanted result times, over, plus or minus one and the same fact in every case."""
    failed = [t for t in trials.failed if numbers(t) is not None]
    if len(failed) < max(2, len(trials.failed)) or any(not t.conclusive for t in trials.done):
        return None
    right = [
        t for t in trials.done if t.fault is None and t.reply.status == "returned" and numbers(t) is not None
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
    if factor is not None and f"{factor:.4g}" != "1":
        yield f"is the wanted result times {factor:.4g}, the same factor", lambda y, f: y * factor
    for words, term in terms:
        yield f"is smaller than wanted by a factor of {words}", lambda y, f, t=term: y / t(f)
        yield f"is larger than wanted by a factor of {words}", lambda y, f, t=term: y * t(f)
        yield f"is larger than wanted by {words}", lambda y, f, t=term: y + t(f)
        yield f"is smaller than wanted by {words}", lambda y, f, t=term: y - t(f)


def _constant_factor(trials: Trials) -> float | None:
    yours, wanted = numbers(trials.failed[0]) or (np.zeros(0), np.zeros(0))
    return float(np.vdot(wanted, yours) / np.vdot(wanted, wanted)) if wanted.size and wanted.any() else None


def _obeys(predicted: Callable[[np.ndarray, dict[str, float]], Any], trial: Trial) -> bool:
    yours, wanted = numbers(trial)  # type: ignore[misc]
    try:
        with np.errstate(all="ignore"):
            made = predicted(wanted, trial.facts)
    except (KeyError, ZeroDivisionError):
        return False
    return same(yours, made, precision(trial.case))


def _number_facts(trials: Trials, trial: Trial) -> dict[str, float]:
    """Return the facts of a case that are plain numbers: sizes of axes, numbers among the arguments."""
    facts = trials.question.observer.facts_of(trials.question, trial)
    for t in trials.done:
        own = trials.question.observer.facts_of(trials.question, t).known  # type: ignore[attr-defined]
        t.facts.update({n: float(v) for n, v in own.items() if is_number(v) and n not in ("yours", "wanted")})
    return {n: float(v) for n, v in facts.known.items() if is_number(v) and n not in ("yours", "wanted")}  # type: ignore[attr-defined]


def shaped(trials: Trials, ends: float) -> str | None:
    """Return a sentence if yours has the shape of an argument, or too many or too few axes, in every case that fails."""
    if not isinstance(trials.question.observer, Calls):
        return None
    failed = [
        t for t in trials.failed if isinstance(t.reply.value, np.ndarray) and isinstance(t.wanted, np.ndarray)
    ]
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
    failed = [t for t in trials.failed if numbers(t) is not None]
    if len(failed) < max(2, len(trials.failed)):
        return None
    letters = trials.question.oracle.result_axes
    for axis in range(np.ndim(failed[0].wanted)):
        if all(_is_permuted(*numbers(t), axis) for t in failed):  # type: ignore[misc]
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
