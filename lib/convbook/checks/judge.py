"""The judge: tries an answer case by case, compares it with the oracle, and names what is wrong."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from convbook.answers import Answer, LocalAnswer, hold
from convbook.answers.values import laid_out, layout_of
from convbook.checks import message
from convbook.checks.compare import Fault, Raised, fault_of, is_a, same, shown
from convbook.checks.question import Question, exercise_of
from convbook.checks.seed import generator, seeded
from convbook.forms import Case, Exercise, Mistake, Reply, Verdict

__all__ = ["Trial", "exercise", "judge", "refused_call", "seeded"]

SECONDS = 4.0  # for all calls of one check; the rest of the five seconds is the judge's own
PAIRING_SECONDS = 0.5  # of that rest: there are hundreds of pairs of mistakes, and a machine may be busy


def exercise(question: Question) -> Exercise:
    """Return the exercise that asks `question`."""
    return exercise_of(question, judge)


def judge(question: Question, answer: Any) -> Verdict:
    """Return the verdict on an answer: the smallest failing case, with the mistake's name if it is known."""
    from convbook.answers.steady import one_thread  # torch is loaded when the first check runs, not before

    with one_thread():
        return _judged(question, answer)


def _judged(question: Question, answer: Any) -> Verdict:
    held = hold(answer)
    if isinstance(held, LocalAnswer) and not callable(held.target):
        return message.not_a_function(question, held.target)
    # Our own bent oracles use torch; nothing is given away by letting exactly them through.
    ours = any(getattr(held, "target", None) is mistake.answer for mistake in question.mistakes)
    trials = Trials(question, held, forbid="" if ours else question.forbid)
    # Hand-made cases keep their order, the simplest first; drawn ones follow, the smallest first.
    cases = sorted(question.cases(generator(question.name)), key=lambda one: size(one) if one.drawn else 0)
    for position, one in enumerate(cases):
        trial = trials.run(one)
        if verdict := refused_call(question, trial):
            return _named_crash(question, trials, trial, cases[position + 1 :]) or verdict
        if _changed(trial):
            return message.changed_input(question, trial)
        if trial.fault is not None:
            trials.run_all(cases[position + 1 :])
            return message.wrong(question, trial, trials.named())
    for probe in question.probes:
        found = probe(held, trials.forbid)
        if isinstance(found, Reply):  # the call itself was refused
            found = refused_call(question, Trial(Case(about="a large input"), None, found, None))
        elif found is not None:
            found = message.probe_failed(question, *found)
        if found is not None:
            return found
    return message.right(question, len(cases))


@dataclass(frozen=True)
class Trial:
    """Hold one case with what was wanted, what came back and how it differs."""

    case: Case
    wanted: Any
    reply: Reply
    fault: Fault | None

    @property
    def heard(self) -> Any:
        """Return the value, or what was raised, as something comparable."""
        if self.reply.status != "raised":
            return self.reply.value
        if isinstance(self.wanted, Raised) and is_a(self.reply, self.wanted):
            return self.wanted
        return Raised(self.reply.error_kind)

    def looks_like(self, suspect: Callable[..., Any]) -> bool | None:
        """Tell whether a bent oracle gives what was heard; None where it breaks and so has nothing to say.

        It must explain the fault: a right number of the wrong type is no known mistake. Where an exception is asked
        for, any number in its place is like another (and so is the division by zero of a bare formula);
        where none is asked for, one exception is like another.
        """
        made, heard = outcome(suspect, self.case, any_error=True), self.heard
        if self.fault is not None and same(made, self.wanted, precision(self.case)):
            return False
        if isinstance(self.wanted, Raised) and made != self.wanted:
            bare = heard == Raised("ZeroDivisionError") or not isinstance(
                heard, Raised | BaseException | type
            )
            return self.fault is not None and bare
        if isinstance(made, Raised) and not isinstance(self.wanted, Raised):
            broken = made.kind != "ValueError"  # what an oracle raises on purpose is a result like any other
            return isinstance(heard, Raised) or (None if broken else False)
        return same(heard, made, precision(self.case))


class Trials:
    """Run cases against one answer within one budget of seconds, and remember them."""

    def __init__(self, question: Question, answer: Answer, forbid: str):
        self.question, self.answer, self.forbid = question, answer, forbid
        self.done: list[Trial] = []
        self.missed = 0
        self.ends = time.monotonic() + SECONDS

    def run(self, case: Case) -> Trial:
        """Try one case."""
        args = tuple(fresh(a) for a in case.args)
        left = max(0.05, self.ends - time.monotonic())
        reply = self.answer.call(*args, seconds=left, forbid=self.forbid, **case.kwargs)
        if reply.status == "stub" and reply.error is not None and self.done:
            reply = replace(reply, status="raised")  # it was begun: this is no untouched hand-out
        wanted = outcome(
            self.question.oracle, case
        )  # afterwards: no frame of ours holds it while the answer runs
        fault = None
        if reply.status == "returned" or (reply.status == "raised" and isinstance(wanted, Raised)):
            fault = fault_of(reply, wanted, precision(case), self.question.counts)
        trial = Trial(case, wanted, reply, fault)
        self.done.append(trial)
        return trial

    def run_all(self, cases: list[Case]) -> None:
        """Gather evidence from more cases, as long as there is time."""
        for tried, case in enumerate(cases):
            if time.monotonic() > self.ends:
                self.missed = len(cases) - tried
                return
            self.run(case)

    def suspects(self) -> tuple[Mistake, ...]:
        """Return the mistake, or two, that would have given exactly these replies; empty if none is known.

        Every reply counts first. Failing that, the crashes are left out: an answer may make a known mistake
        and stumble elsewhere besides. Failing that, so is what was rightly refused: an answer may be more careful than
        the mistake. Failing cases are compared first, for they rule out most. Of an answer so slow that most cases
        were never tried nothing is said: few cases look like many mistakes.
        """
        if self.missed > len(self.done):
            return ()
        told = [t for t in self.done if t.reply.status in ("returned", "raised")]
        told.sort(key=lambda t: t.fault is None)
        steady = [t for t in told if t.reply.status == "returned" or isinstance(t.wanted, Raised)]
        plain = [t for t in steady if t.reply.status == "returned" or t.fault is not None]
        kinds = [told, steady, plain] if steady and steady[0].fault else [told]
        for position, evidence in enumerate(kinds):
            if position and len(evidence) == len(kinds[position - 1]):
                continue  # nothing was left out
            for mistakes, answer in self.question.suspects():
                if len(mistakes) > 1 and time.monotonic() > self.ends + PAIRING_SECONDS:
                    break
                if _explains(answer, evidence):
                    return mistakes
        return ()

    def named(self) -> list[tuple[Mistake, Trial]]:
        """Return every recognised mistake with the first trial in which it matters, the earliest first."""
        found = [(mistake, self._where(mistake)) for mistake in self.suspects()]
        return sorted(
            found, key=lambda pair: next(i for i, trial in enumerate(self.done) if trial is pair[1])
        )

    def _where(self, mistake: Mistake) -> Trial:
        for trial in sorted(self.done, key=lambda one: one.fault is None):  # best one in which it was made
            made = outcome(mistake.answer, trial.case, any_error=True)
            if not same(made, trial.wanted, precision(trial.case)):
                return trial
        return self.done[-1]


def _explains(suspect: Callable[..., Any], evidence: list[Trial]) -> bool:
    """Tell whether a bent oracle contradicts no trial and gives what was heard in one that failed."""
    agreed = False
    for trial in evidence:
        alike = trial.looks_like(suspect)
        if alike is False:
            return False
        agreed = agreed or (bool(alike) and (trial.fault is not None or trial.reply.status == "raised"))
    return agreed


def outcome(function: Callable[..., Any], case: Case, any_error: bool = False) -> Any:
    """Return what `function` gives for a case, with an exception as `Raised`.

    The oracle may raise only `ValueError`; a bent one may break in any way (`any_error`).
    """
    try:
        return function(*(fresh(a) for a in case.args), **case.kwargs)
    except ValueError:
        return Raised("ValueError")
    except Exception as error:
        if not any_error:
            raise
        return Raised(type(error).__name__)


def fresh(value: Any) -> Any:
    """Return a copy of an argument that lies in memory as the original does."""
    return laid_out(value, layout_of(value)) if isinstance(value, np.ndarray) else value


def precision(case: Case) -> str:
    """Return "float32" if an argument is of that type, else "float64"."""
    arrays = [a for a in case.args if isinstance(a, np.ndarray)]
    return "float32" if any(a.dtype == np.float32 for a in arrays) else "float64"


def size(case: Case) -> float:
    """Return how much there is to read in a case."""
    values = (*case.args, *case.kwargs.values())
    entries = sum(value.size for value in values if isinstance(value, np.ndarray))
    scalars = sum(min(abs(v), 50) for v in values if isinstance(v, int | float) and not isinstance(v, bool))
    return 1 + entries + scalars


def refused_call(question: Question, trial: Trial) -> Verdict | None:
    """Return the verdict on a call that did not return; None if it did, or where an exception was the result."""
    status = trial.reply.status
    if status == "returned":
        return None
    if status == "stub":
        return message.not_attempted(question)
    if status == "endless":
        return message.endless(question, trial, SECONDS)
    if status == "forbidden":
        return message.forbidden(question, trial)
    if isinstance(trial.wanted, Raised):
        return None
    return message.crash(question, trial)


def _changed(trial: Trial) -> bool:
    pairs = zip(trial.case.args, trial.reply.arguments, strict=False)
    return any(
        isinstance(before, np.ndarray) and not np.array_equal(before, after, equal_nan=True)
        for before, after in pairs
    )


def _named_crash(question: Question, trials: Trials, trial: Trial, rest: list[Case]) -> Verdict | None:
    """Return the verdict on a crash that is what a named mistake gives, or None."""
    if trial.reply.status != "raised":
        return None
    trials.run_all(rest)
    named = trials.named()
    if not named:
        return None
    error = f"{trial.reply.error_kind}: {trial.reply.error}"
    fault = Fault("crash", f"stops with {trial.reply.error_kind}", error, shown(trial.wanted))
    return message.wrong(question, replace(trial, fault=fault), named)
