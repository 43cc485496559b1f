"""The judge of modules: builds, traces, loads weights, compares, and names what is wrong."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from convbook.answers import Answer, Built, hold
from convbook.answers.steady import one_thread
from convbook.checks.compare import Fault, shown
from convbook.checks.modules import telling
from convbook.checks.modules.matching import Signatures, layers_of
from convbook.checks.modules.question import ModuleQuestion
from convbook.checks.modules.watching import Difference, ModuleCase, Session
from convbook.checks.seed import generator
from convbook.forms import Exercise, Mistake, Reply, Verdict

SECONDS = 4.0  # for all that is tried; the rest of the five seconds is the judge's own
NAMING_SECONDS = 1.5


def exercise(question: ModuleQuestion) -> Exercise:
    """Return the exercise that asks `question`."""
    return Exercise(
        name=question.name,
        title=question.title,
        points=question.points,
        mistakes=question.mistakes,
        judging=lambda answer: judge(question, answer),
    )


def judge(question: ModuleQuestion, answer: Any) -> Verdict:
    """Return the verdict on a class: the first failing case, with the mistake's name if it is known."""
    with one_thread():
        return _judged(question, Bench(question, hold(answer)))


def _judged(question: ModuleQuestion, bench: Bench) -> Verdict:
    cases = list(question.cases(generator(question.name)))
    for position, case in enumerate(cases):
        session = bench.session(case)
        if isinstance(session, Verdict):
            return session
        difference = session.difference(question.recipe(*case.args))
        if difference is not None:
            bench.gather(cases[position + 1 :])
            return telling.wrong(question, case, difference, bench.named())
    return _wrong_attribute(question, bench.answer) or telling.right(question, len(cases))


class Bench:
    """Hold one answer while it is tried, and every session so far."""

    def __init__(self, question: ModuleQuestion, answer: Answer):
        self.question, self.answer = question, answer
        self.sessions: list[Session] = []
        self.ends = time.monotonic() + SECONDS

    def session(self, case: ModuleCase) -> Session | Verdict:
        """Build and trace the answer for one case, or return the verdict that ends it."""
        question = self.question
        reply = self.answer.build(*case.args, seconds=self.left(), forbid=question.forbid)
        if reply.status != "returned":
            return telling.stopped(question, case, reply, SECONDS)
        built = reply.value
        if not isinstance(built, Built):
            return telling.not_a_module(question, case, f"a {built.kind}")
        shapes = built.shapes()
        built.train(False)
        traced = built.trace(case.x.astype(np.float32), seconds=self.left())
        for one in (shapes, traced):
            if one.status != "returned":
                return telling.stopped(question, case, one, SECONDS)
        loose = [entry for entry in traced.value if "" in entry["tensors"].values()]
        if loose:
            return telling.loose(question, case, loose[0]["kind"])
        signatures = Signatures()
        layers = layers_of(traced.value, shapes.value, signatures)
        session = Session(case, built, layers, shapes.value, signatures, question.by_name)
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
            reply = session.built.call(x, seconds=self.left())
            if reply.status != "returned":
                return telling.stopped(self.question, case, reply, SECONDS)
            if not np.array_equal(reply.arguments[0], x):
                return telling.changed_input(self.question, case)
            if (fault := _not_an_array(reply)) is not None:
                return telling.wrong(self.question, case, Difference(fault), ())
        return None

    def gather(self, cases: list[ModuleCase]) -> None:
        """Gather evidence from more cases, as long as there is time."""
        for case in cases:
            if self.left() <= 0.5:
                return
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

    def left(self) -> float:
        return max(0.05, self.ends - time.monotonic())


def _not_an_array(reply: Reply) -> Fault | None:
    if isinstance(reply.value, np.ndarray):
        return None
    if reply.value is None:
        return Fault(
            "wrong type", "returns nothing from `forward`: is the `return` missing?", "None", "a tensor"
        )
    return Fault(
        "wrong type", "returns something else than a tensor from `forward`", shown(reply.value), "a tensor"
    )


def _wrong_attribute(question: ModuleQuestion, answer: Answer) -> Verdict | None:
    for name, wanted in question.attributes.items():
        reply = answer.attribute(name)
        if reply.status != "returned" or reply.value != wanted:
            yours = "no such attribute" if reply.status != "returned" else repr(reply.value)
            return telling.wrong_attribute(question, name, yours, repr(wanted))
    return None
