"""The judge: tries an answer case by case, compares what was seen with what was wanted, and says what is wrong.

One judge for every exercise. How an answer is driven and compared, the exercise's observer knows (`observe`); what explains a
wrong one, `causes` finds; how it is said, `message` knows.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np

from convbook.answers import Answer, hold
from convbook.checks.engine import causes, message
from convbook.checks.engine.cases import size
from convbook.checks.engine.compare import Fault
from convbook.checks.engine.observe import Trial, admitted
from convbook.checks.engine.question import Question
from convbook.checks.engine.seed import generator, secret
from convbook.forms import Case, Reply, Verdict

SECONDS = 4.0  # for all calls of one check; the rest of the five seconds is the judge's own
GATHERING_SECONDS = 2.0  # of them for further cases once one has failed, where the answer is slow


def judge(question: Question, answer: Any) -> Verdict:
    """Return the verdict on an answer: the smallest failing case, with the mistake's name or the cause if it is known."""
    from convbook.answers.steady import one_thread  # torch is loaded when the first check runs, not before

    with one_thread():
        return _judged(question, answer)


def _judged(question: Question, answer: Any) -> Verdict:
    held = hold(answer)
    if not admitted(question.observer, held):
        return message.not_given(question, held.target)
    # Our own mutants use torch; nothing is given away by letting exactly them through.
    ours = any(getattr(held, "target", None) is mistake.answer for mistake in question.mistakes)
    trials = Trials(question, held, forbid="" if ours else question.forbid)
    cases = question.ordered_cases(generator(question.name))
    for position, one in enumerate(cases):
        trial = trials.run(one)
        if verdict := stopped(question, trial, trials):
            return _named_crash(question, trials, trial, cases[position + 1 :]) or verdict
        if changed_arguments(trial):
            return message.changed_input(question, trial)
        if trial.fault is not None:
            return _wrong(question, trials, trial, cases[position + 1 :])
    return _probed(question, held, trials) or message.right(
        question, len(cases), question.observer.note(question, held)
    )


def _wrong(question: Question, trials: Trials, trial: Trial, rest: list[Case]) -> Verdict:
    if trial.fault.final:
        return message.wrong(question, trial, causes.NONE)
    trials.run_all(rest)
    cause = causes.find(trials)
    return message.wrong(question, causes.best_shown(trials, trial, cause), cause)


def _probed(question: Question, held: Answer, trials: Trials) -> Verdict | None:
    for probe in question.probes:
        found = probe(held, trials.forbid)
        if isinstance(found, Reply):  # the call itself was refused
            return stopped(question, Trial(Case(about="a large input"), None, found, None), trials)
        if found is not None:
            return message.probe_failed(question, *found)
    return None


class Trials:
    """Run cases against one answer within one budget of seconds, and remember them."""

    def __init__(self, question: Question, answer: Answer, forbid: str):
        self.question, self.answer, self.forbid = question, answer, forbid
        self.done: list[Trial] = []
        self.missed = 0
        self.spent = (
            0.0  # seconds in the answer's own calls: a busy machine makes the judge slow, not the answer
        )

    @property
    def left(self) -> float:
        """Return the seconds that are left for the answer's calls."""
        return max(0.05, SECONDS - self.spent)

    @property
    def failed(self) -> list[Trial]:
        """Return the trials that went wrong."""
        return [t for t in self.done if t.fault is not None]

    def run(self, case: Case) -> Trial:
        """Try one case and remember it."""
        trial = self.attempt(case)
        self.done.append(trial)
        return trial

    def attempt(self, case: Case) -> Trial:
        """Try one case."""
        observer = self.question.observer
        reply = observer.observe(self.question, self.answer, case, self.left, self.forbid)
        self.spent += reply.seconds
        if reply.status == "stub" and reply.error is not None and self.done:
            reply = replace(reply, status="raised")  # it was begun: this is no untouched hand-out
        # Afterwards: no frame of ours holds what is wanted while the answer runs.
        wanted = observer.wanted(self.question, case)
        fault = None
        if reply.status in ("returned", "raised"):
            fault = observer.fault(self.question, case, reply, wanted)
        return Trial(case, wanted, reply, fault)

    def run_all(self, cases: list[Case]) -> None:
        """Gather evidence from more cases, as long as there is time."""
        ends = time.monotonic() + GATHERING_SECONDS
        for tried, case in enumerate(cases):
            if self.spent > SECONDS or (time.monotonic() > ends and self.spent > GATHERING_SECONDS / 2):
                self.missed = len(cases) - tried
                return
            self.run(case)
        self._shrink()

    def _shrink(self) -> None:
        """Look for a smaller case of plain numbers that fails like the smallest one known: that one is shown."""
        failed = [t for t in self.failed if not (t.case.drawn and secret())]
        if not failed:
            return
        smallest = min(failed, key=lambda t: size(t.case)).case
        tries = 24
        for case in smaller_cases(smallest):
            if tries == 0 or self.spent > SECONDS / 2:
                return
            tries -= 1
            if self._has_a_result(case) and self.run(case).fault is not None:
                return

    def _has_a_result(self, case: Case) -> bool:
        """Tell whether the oracle can say what is wanted in a case that nobody wrote down."""
        try:
            self.question.observer.wanted(self.question, case)
        except Exception:
            return False
        return True


def smaller_cases(case: Case) -> list[Case]:
    """Return cases with a smaller first number, where a case has only numbers and the first is large."""
    if (
        not case.args
        or not all(isinstance(a, int) and not isinstance(a, bool) for a in case.args)
        or case.args[0] < 13
    ):
        return []
    first, rest = case.args[0], case.args[1:]
    return [Case((n, *rest), case.kwargs, "", case.drawn) for n in range(1, 13) if n < first]


def stopped(question: Question, trial: Trial, trials: Trials | None = None) -> Verdict | None:
    """Return the verdict on a call that did not return; None if it did, or where an exception was the result."""
    status = trial.reply.status
    if status == "returned" or trial.fault is not None:
        return None
    if status == "stub":
        return message.not_attempted(question)
    if status == "endless":
        return message.endless(question, trial, SECONDS)
    if status == "forbidden":
        return message.forbidden(question, trial)
    if causes.error_is_wanted(trial):
        return None
    return message.crash(question, trial, trials.answer if trials else None)


def changed_arguments(trial: Trial) -> bool:
    """Tell whether an array that an answer was given holds other numbers, or has another shape, afterwards."""
    pairs = zip(trial.case.args, trial.reply.arguments, strict=False)
    return any(
        isinstance(before, np.ndarray)
        and not np.array_equal(before, after, equal_nan=before.dtype.kind == "f")
        for before, after in pairs
    )


def _named_crash(question: Question, trials: Trials, trial: Trial, rest: list[Case]) -> Verdict | None:
    """Return the verdict on a crash that is what a named mistake gives, or None."""
    if trial.reply.status != "raised":
        return None
    trials.run_all(rest)
    cause = causes.declared(trials)
    if not cause.mistakes:
        return None
    error = f"{trial.reply.error_kind}: {trial.reply.error}"
    fault = Fault(
        "crash", f"stops with {trial.reply.error_kind}", error, question.observer.shown(trial.wanted)
    )
    return message.wrong(question, replace(trial, fault=fault), cause)
