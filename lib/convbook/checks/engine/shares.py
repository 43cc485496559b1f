"""An exercise that has parts: points for the share that is right, and words for what is not.

How the parts are looked at, the exercise knows (`look`); here a verdict is made of what was found. A check cell with
`check.<name>.credit(<name>)` gives the points for the share, where `check.<name>(<name>)` raises below full marks.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from convbook.answers import Answer, hold
from convbook.checks.engine import message
from convbook.checks.engine.observe import Records, admitted
from convbook.checks.engine.question import Question, question_of
from convbook.forms import Exercise, Verdict


@dataclass(frozen=True)
class Found:
    """Hold what was found in an answer: the share that is right, and what is to be said.

    `headline` completes "✓ name: …" or "✗ name: …"; `rows` are labelled lines below a wrong one. `kind` is one
    of `Verdict`'s. Raised as `Stopped`, it ends the look at an answer.
    """

    share: float
    headline: str
    rows: tuple[tuple[str, str], ...] = ()
    mistakes: tuple[str, ...] = ()
    kind: str = "wrong"


class Stopped(Exception):
    """End the look at an answer that cannot be judged any further, with what there is to say."""

    def __init__(self, found: Found):
        super().__init__(found.headline)
        self.found = found


class Parts(Records):
    """Stand for the observer of an exercise whose parts are looked at by a function of its own."""


def shared(look: Callable[[Question, Answer], Found]) -> Callable[[Exercise], Exercise]:
    """Return a decorator that lets `look` judge an exercise declared with `observe=Parts()`, below it."""

    def declared(exercise: Exercise) -> Exercise:
        return replace(exercise, judging=functools.partial(judge_parts, question_of(exercise), look=look))

    return declared


def judge_parts(question: Question, answer: Any, look: Callable[[Question, Answer], Found]) -> Verdict:
    """Return the verdict on an answer that has parts."""
    from convbook.answers.steady import one_thread

    held = hold(answer)
    if not admitted(question.observer, held):
        return message.not_given(question, held.target)
    with one_thread():
        try:
            found = look(question, held)
        except Stopped as stopped:
            found = stopped.found
    if found.kind == "not attempted":
        return message.not_attempted(question)
    if found.share == 1.0:
        points = f"{question.points} {'point' if question.points == 1 else 'points'}"
        return Verdict(question.name, "right", f"✓ {question.name}: {found.headline} ({points})", share=1.0)
    rows = [("score", score(question, found.share)), *found.rows]
    told = message.page(f"✗ {question.name}: {found.headline}", rows)
    return Verdict(question.name, found.kind, told, found.mistakes, share=found.share)


def score(question: Question, share: float) -> str:
    """Return in words how many points a share earns."""
    return f"{round(question.points * share, 2):g} of {question.points} points"
