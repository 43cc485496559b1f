"""The judge of modules: builds, traces, loads weights, compares, and names what is wrong."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from torch import nn

from convbook.answers import Answer, Built, LocalAnswer, hold
from convbook.answers.steady import one_thread
from convbook.answers.values import Opaque
from convbook.checks.compare import Fault, shown
from convbook.checks.modules import telling
from convbook.checks.modules.matching import Signatures, layers_of
from convbook.checks.modules.question import ModuleQuestion
from convbook.checks.modules.recipe import WEIGHTED
from convbook.checks.modules.remarks import remarks
from convbook.checks.modules.watching import Difference, ModuleCase, Session
from convbook.checks.question import exercise_of
from convbook.checks.seed import generator
from convbook.forms import Exercise, Mistake, Reply, Verdict

SECONDS = 4.0  # for all calls of one answer; the rest of the five seconds is the judge's own
GATHERING_SECONDS, NAMING_SECONDS = 2.0, 2.0


def exercise(question: ModuleQuestion) -> Exercise:
    """Return the exercise that asks `question`."""
    return exercise_of(question, judge)


def judge(question: ModuleQuestion, answer: Any) -> Verdict:
    """Return the verdict on a class: the first failing case, with the mistake's name if it is known."""
    held = hold(answer)
    if (verdict := no_class(question, held)) is not None:
        return verdict
    with one_thread():
        return _judged(question, Bench(question, held))


def no_class(question: ModuleQuestion, held: Answer) -> Verdict | None:
    """Return the verdict on something that cannot be built, or has been built already; None if it can."""
    if isinstance(held, LocalAnswer) and (isinstance(held.target, nn.Module) or not callable(held.target)):
        return telling.not_a_class(question, held.target)
    return None


def _judged(question: ModuleQuestion, bench: Bench) -> Verdict:
    cases = list(question.cases(generator(question.name)))
    for position, case in enumerate(cases):
        session = bench.session(case)
        if isinstance(session, Verdict):
            return session
        difference = session.difference(question.recipe(*case.args))
        if difference is not None:
            bench.gather(cases[position + 1 :])
            named = bench.named()
            said = [] if named else [*session.said(question.recipe(*case.args)), *bench.restless(session)]
            return telling.wrong(question, case, difference, named, said)
    return _wrong_attribute(question, bench.answer) or telling.right(question, len(cases))


class Bench:
    """Hold one answer while it is tried, and every session so far."""

    def __init__(self, question: ModuleQuestion, answer: Answer):
        self.question, self.answer = question, answer
        self.sessions: list[Session] = []
        self.spent = (
            0.0  # seconds in the answer's own calls: a busy machine makes the judge slow, not the answer
        )

    def session(self, case: ModuleCase) -> Session | Verdict:
        """Build and trace the answer for one case, or return the verdict that ends it."""
        question = self.question
        reply = self.timed(self.answer.build(*case.args, seconds=self.left(), forbid=question.forbid))
        if reply.status != "returned":
            return telling.stopped(question, case, reply, SECONDS)
        built = reply.value
        if not isinstance(built, Built):
            return telling.not_a_module(question, case, f"a {built.kind}")
        built.train(False)
        traced = self.timed(built.trace(case.x.astype(np.float32), seconds=self.left()))
        shapes = built.shapes()  # after a first run: a lazy layer has its sizes from then on
        for one in (traced, shapes):
            if one.status != "returned":
                return telling.stopped(question, case, one, SECONDS)
        loose = [e for e in traced.value if e["kind"] in WEIGHTED and "" in e["tensors"].values()]
        if loose:
            return telling.loose(question, case, loose[0]["kind"])
        signatures = Signatures()
        layers = layers_of(traced.value, shapes.value, signatures)
        noted = _built_with(built) if question.by_name else {}
        session = Session(
            case, built, layers, shapes.value, signatures, question.by_name, remarks(traced.value), noted
        )
        built.double()
        verdict = self._output_fault(session)
        if verdict is None:
            self.sessions.append(session)
        return verdict or session

    def _output_fault(self, session: Session) -> Verdict | None:
        """Return the verdict on a call that stops, or that changes what it was given."""
        case = session.case
        x = case.x.astype(np.float64)
        for training in (False, True):
            session.built.train(training)
            reply = self.timed(session.built.call(x, seconds=self.left()))
            if reply.status != "returned":
                return telling.stopped(self.question, case, reply, SECONDS)
            if not np.array_equal(reply.arguments[0], x):
                return telling.changed_input(self.question, case)
            if (fault := _not_an_array(reply)) is not None:
                return telling.wrong(self.question, case, Difference(fault), ())
        return None

    def gather(self, cases: list[ModuleCase]) -> None:
        """Gather evidence from more cases, as long as there is time; the hand-made ones tell mistakes apart."""
        ends = time.monotonic() + GATHERING_SECONDS
        for case in cases:
            if time.monotonic() > ends:
                return
            if not case.drawn:
                self.session(case)

    def named(self) -> tuple[Mistake, ...]:
        """Return the mistake, or two, that would behave exactly like this in every session; empty if none is known."""
        ends = time.monotonic() + NAMING_SECONDS
        for mistakes, recipe in self.question.suspects():
            if len(mistakes) == 2 and time.monotonic() > ends:
                return ()
            if all(s.difference(recipe(*s.case.args), strict=False) is None for s in self.sessions):
                return mistakes
        return ()

    def restless(self, session: Session) -> list[str]:
        """Return a remark if two calls with one input give two outputs."""
        x = session.case.x.astype(np.float64)
        for mode in (False, True):
            session.built.train(mode)
            one, other = (session.built.call(x, seconds=self.left()).value for _ in range(2))
            if not (isinstance(one, np.ndarray) and isinstance(other, np.ndarray)):
                return []
            if not np.array_equal(one, other, equal_nan=True):
                where = "training" if mode else "evaluation"
                return [f"in {where} mode two calls with the same input give two outputs: what differs?"]
        return []

    def timed(self, reply: Reply) -> Reply:
        """Return a reply of the answer, with its time taken off what is left."""
        self.spent += reply.seconds
        return reply

    def left(self) -> float:
        return max(0.05, SECONDS - self.spent)


def _built_with(built: Built) -> dict[str, tuple[int, ...]]:
    """Return what the course's own blocks in a module noted down when they were built."""
    state = built.state().value
    return {n: tuple(int(v) for v in array) for n, array in state.items() if n.endswith(".built_with")}


def _not_an_array(reply: Reply) -> Fault | None:
    if isinstance(reply.value, np.ndarray):
        return None
    if reply.value is None:
        return Fault(
            "wrong type", "returns nothing from `forward`: is the `return` missing?", "None", "a tensor"
        )
    return Fault(
        "wrong type", "returns something else than a tensor from `forward`", _shown(reply.value), "a tensor"
    )


def _shown(value: Any) -> str:
    """Return a value as a person reads it, what does not cross by the name of its class."""
    if isinstance(value, Opaque):
        return f"a {value.kind}"
    if isinstance(value, tuple):
        return f"a tuple of {len(value)}"
    return shown(value)


def _wrong_attribute(question: ModuleQuestion, answer: Answer) -> Verdict | None:
    for name, wanted in question.attributes.items():
        reply = answer.attribute(name)
        if reply.status != "returned" or reply.value != wanted:
            yours = "no such attribute" if reply.status != "returned" else repr(reply.value)
            return telling.wrong_attribute(question, name, yours, repr(wanted))
    return None
