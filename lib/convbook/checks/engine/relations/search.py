"""The search: the first relation that explains every trial."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from convbook.checks.engine.compare import same, shown
from convbook.checks.engine.evidence import evidence_of, explains
from convbook.checks.engine.observe import Calls, Trial, precision
from convbook.checks.engine.relations.facts import entries
from convbook.checks.engine.relations.generic import generic, of_result

if TYPE_CHECKING:
    from convbook.checks.engine.judge import Trials
from convbook.checks.engine.relations.conditions import condition
from convbook.checks.engine.relations.laws import permuted, scaled


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
            alone = any(
                trials.question.observer.matters(trials.question, t.case, [change]) for t in trials.failed[:4]
            )
            if alone and mistake.ways and explains(trials, evidence, [mistake.ways[0], change]):
                return f"{sentence}; and besides, {mistake.name}"
    return None


def where_wrong(trials: Trials, ends: float) -> str | None:
    """Return a relation that holds in every case that is wrong, though not in those that are right, or None."""
    failed = [t for t in trials.failed if entries(t.wanted) > 3]
    if (
        not isinstance(trials.question.observer, Calls)
        or not failed
        or any(not t.conclusive for t in trials.failed)
    ):
        return None
    for sentence, change in of_result(trials, trials.question.oracle.result_axes):
        if time.monotonic() > ends:
            return None
        if all(trials.question.observer.explains(trials.question, t, [change]) for t in trials.failed):
            parted = condition(trials, ends)
            return f"{sentence}, in each of the {len(trials.failed)} cases that are wrong" + (
                f"; it {parted}" if parted else ""
            )
    return None
