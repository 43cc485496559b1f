"""Find what explains a wrong answer: a named mistake, two at once, or a relation that holds in every case.

Only what is true in every case that was tried is said. The simplest explanation comes first: one declared mistake, then one
relation that nobody declared (`relations`), then two mistakes at once, then a condition that parts right from wrong.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from convbook.checks.engine import relations, xray
from convbook.checks.engine.cases import size
from convbook.checks.engine.compare import Raised
from convbook.checks.engine.evidence import evidence_of, explains
from convbook.checks.engine.observe import Trial, ways_of
from convbook.checks.engine.outside import outside_data
from convbook.checks.engine.question import fields
from convbook.checks.engine.seed import secret
from convbook.forms import Mistake

if TYPE_CHECKING:
    from convbook.checks.engine.judge import Trials

SEARCH_SECONDS = 0.6  # for what nobody declared
PAIRING_SECONDS = 1.0  # that this thread computes: there are hundreds of pairs of mistakes
BUSY = 8  # a busy machine may take so many times longer by the clock
SEARCHED = ("wrong", "wrong shape", "not finite", "crash")  # a wrong type explains itself


@dataclass(frozen=True)
class Cause:
    """Hold what explains a wrong answer.

    `mistakes` are declared ones, each with the trial in which it is best seen; `relation` is a sentence that completes
    "it …"; `remarks` are further sentences about what is odd.
    """

    mistakes: tuple[tuple[Mistake, Trial], ...] = ()
    relation: str = ""
    remarks: tuple[str, ...] = field(default=())

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(mistake.name for mistake, _ in self.mistakes)


NONE = Cause()


def find(trials: Trials) -> Cause:
    """Return what explains the trials, or `NONE`."""
    question, observer = trials.question, trials.question.observer
    if (blamed := wrong_helper(trials)) is not None:
        return Cause(relation=blamed[0], remarks=(blamed[1],))
    outside = tuple(outside_data(trials.answer))
    if (sentence := relations.restless(trials)) is not None:
        return Cause(relation=sentence, remarks=outside)
    if (found := singles(trials)) or trials.missed > len(trials.done):
        return Cause(_placed(trials, found), remarks=outside if not found else ())
    sentence, ends = None, time.monotonic() + SEARCH_SECONDS
    searchable = [t for t in trials.failed if t.fault.kind in SEARCHED and not t.fault.hint]
    if searchable:
        sentence = relations.one(trials, ends)
    if sentence is None:
        found = pairs(trials)
    if searchable and sentence is None and not found:
        looks = (
            relations.beside,
            relations.where_wrong,
            relations.condition,
            xray.products,
            relations.comparison,
            relations.shaped,
        )
        sentence = next((said for look in looks if (said := look(trials, ends))), None)
    failing = min(trials.failed, key=_reading, default=trials.done[-1])
    remarks = () if found else (*outside, *observer.remarks(question, trials.answer, failing))
    return Cause(_placed(trials, found), sentence or "", remarks)


def wrong_helper(trials: Trials) -> tuple[str, str] | None:
    """Return what to mend first where an answer calls another answer of the learner's that is wrong itself, or None."""
    function = getattr(trials.answer, "target", None)
    code, names = getattr(function, "__code__", None), getattr(function, "__globals__", {})
    for exercise in trials.question.uses:
        if code is None or exercise.name not in code.co_names or exercise.name not in names:
            continue
        verdict = exercise.judge(names[exercise.name])
        if not verdict.right:
            said = verdict.message.splitlines()[0].lstrip("✗• ")
            return (
                f"calls your `{exercise.name}`, which is not right yet: mend that first",
                f"its own check says: {said}",
            )
    return None


def declared(trials: Trials) -> Cause:
    """Return the declared mistake, or the two, that explain the trials; `NONE` if there are none."""
    return Cause(_placed(trials, singles(trials) or pairs(trials)))


def singles(trials: Trials) -> tuple[Mistake, ...]:
    """Return the declared mistake that would have given exactly these replies, or nothing."""
    for evidence in evidence_of(trials):
        for mistake in trials.question.suspects():
            if any(explains(trials, evidence, [way]) for way in ways_of(mistake)):
                return (mistake,)
    return ()


def pairs(trials: Trials) -> tuple[Mistake, ...]:
    """Return the two declared mistakes that, made at once, would have given exactly these replies, or nothing."""
    seconds = trials.question.observer.pairing_seconds or PAIRING_SECONDS
    over = _spent(seconds)
    for evidence in evidence_of(trials):
        for one, other in trials.question.pairs():
            if over():
                return ()
            if explains(trials, evidence, [one.ways[0], other.ways[0]]):
                return one, other
    return ()


def _spent(seconds: float) -> Callable[[], bool]:
    """Return a function that tells whether this thread has computed for so many seconds since.

    The processor's time counts, so that what a learner is told does not depend on what else the machine does; a clock on the
    wall ends a search that only waits.
    """
    computed, began = time.thread_time(), time.monotonic()
    return lambda: time.thread_time() - computed > seconds or time.monotonic() - began > BUSY * seconds


def error_is_wanted(trial: Trial) -> bool:
    """Tell whether an exception is the right result of a case."""
    return isinstance(trial.wanted, Raised)


def _placed(trials: Trials, mistakes: Sequence[Mistake]) -> tuple[tuple[Mistake, Trial], ...]:
    """Return every mistake with the trial in which it is best seen, the earliest first."""
    placed = [(mistake, _best(trials, mistake)) for mistake in mistakes]
    order = {id(trial): place for place, trial in enumerate(trials.done)}
    return tuple(sorted(placed, key=lambda pair: order[id(pair[1])]))


def _best(trials: Trials, mistake: Mistake) -> Trial:
    """Return the first readable failing trial in which a mistake matters and the axes it speaks of have different sizes."""
    observer, question = trials.question.observer, trials.question
    way = ways_of(mistake)[0]

    def mattering(candidates: list[Trial]) -> list[Trial]:
        return [t for t in candidates if observer.matters(question, t.case, [way])]

    found = mattering(trials.failed) or mattering([t for t in trials.done if t.conclusive]) or trials.failed
    return min(
        found, key=lambda t: (_alike_axes(trials, mistake.here, t), *_reading(t)), default=trials.done[-1]
    )


READABLE = (
    60  # numbers in a case that a person takes in; such hand-made cases keep their order, the simplest first
)


def _reading(trial: Trial) -> tuple[bool, bool, float]:
    """Return what a case costs a reader: hidden ones last, readable hand-made ones first, in their order."""
    large = size(trial.case)
    readable = not trial.case.drawn and large <= READABLE
    return _hidden(trial), not readable, 0.0 if readable else large


def _hidden(trial: Trial) -> bool:
    return trial.case.drawn and secret()


def _alike_axes(trials: Trials, template: str, trial: Trial) -> int:
    """Return how many of the axes that a template speaks of have a size that another one has too."""
    letters = {
        letter
        for group in (*trials.question.oracle.axes.values(), trials.question.oracle.result_axes)
        for letter in group
    }
    facts = trials.question.observer.facts_of(trials.question, trial)
    sizes = [facts[name] for name in dict.fromkeys(fields(template)) if name in letters and name in facts]
    return len(sizes) - len(set(sizes))


def best_shown(trials: Trials, first: Trial, cause: Cause) -> Trial:
    """Return the trial that a message shows: where the first named mistake is best seen, else the smallest that failed."""
    if cause.mistakes and cause.mistakes[0][1].fault is not None:
        return cause.mistakes[0][1]
    alike = [t for t in trials.failed if t.fault.kind == first.fault.kind]
    return min(alike, key=_reading, default=first)
