"""Conditions: a fact of the cases that parts those that are right from those that are wrong."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from convbook.checks.engine.observe import Trial, precision
from convbook.checks.engine.relations.facts import is_empty, is_number, is_wrong

if TYPE_CHECKING:
    from convbook.checks.engine.judge import Trials


def condition(trials: Trials, ends: float) -> str | None:
    """Return a sentence if a plain fact of the cases (stride 1, one image, a bias) parts the right ones from the wrong."""
    return _first_condition(trials, _plain_conditions, least=2)


def comparison(trials: Trials, ends: float) -> str | None:
    """Return a sentence if a comparison of sizes parts the right cases from the wrong, four of each at least."""
    return _first_condition(trials, _comparisons, least=4)


LOOKS_ONLY = (
    "the arrays are float64",
    "the arrays lie plainly in memory",
)  # what a few cases are about, and no more
Conditions = Iterator[tuple[str, str, Callable[[dict[str, Any]], bool]]]


def _first_condition(trials: Trials, conditions: Callable[..., Conditions], least: int) -> str | None:
    # Where nothing or only zeros are asked for, a wrong answer may be right by chance.
    done = [t for t in trials.done if t.conclusive and (is_wrong(t) or not is_empty(t.wanted))]
    done = [t for t in done if trials.question.observer.compares(t.case)]
    wrong = [is_wrong(t) for t in done]
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
        if words not in LOOKS_ONLY:
            loose = loose or _one_sided(words, opposite, told, wrong)
            loose = loose or _one_sided(opposite, words, [not t for t in told], wrong)
    return loose


def _one_sided(words: str, others: str, holds: list[bool], wrong: list[bool]) -> str | None:
    """Return a sentence if all cases under a condition are right, four at least, and half of the others are wrong."""
    good = sum(holds)
    bad, rest = sum(wrong), len(holds) - good
    if good < 4 or any(h and w for h, w in zip(holds, wrong, strict=True)) or 2 * bad < rest or bad < 2:
        return None
    return f"is right in all {good} cases where {words}; it goes wrong only where {others}, in {bad} of {rest} cases"


def _parted(words: str, others: str, right: list[bool]) -> str:
    good, bad = sum(right), len(right) - sum(right)
    return f"is right in all {good} cases where {words}, and wrong in all {bad} where {others}"


def _plain_facts(trials: Trials, trial: Trial) -> dict[str, Any]:
    facts = trials.question.observer.facts_of(trials.question, trial).known  # type: ignore[attr-defined]
    arrays = [v for v in (*trial.case.args, *trial.case.kwargs.values()) if isinstance(v, np.ndarray)]
    found = {n: v for n, v in facts.items() if (is_number(v) or v is None) and n not in ("yours", "wanted")}
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
        for value in sorted({f[name] for f in known if is_number(f.get(name))})[:-1]:
            yield (
                f"{name} is at most {value}",
                f"{name} is larger than {value}",
                lambda f, n=name, v=value: f[n] <= v,
            )


def _number_names(known: list[dict[str, Any]]) -> list[str]:
    return list(
        dict.fromkeys(
            n for facts in known for n, v in facts.items() if is_number(v) and not isinstance(v, bool)
        )
    )
