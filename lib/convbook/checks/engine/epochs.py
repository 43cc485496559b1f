"""Observers of training loops: a learner's function trains or evaluates a small network of the check's own.

A mistake is a set of bends of a loop, `bent(zeroing="never")`: the observer performs them. What is right is never performed
by a loop: the exercise's oracle computes it from arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convbook.answers import Answer, hold
from convbook.answers.values import Reference
from convbook.checks.engine.compare import Fault, same, shown
from convbook.checks.engine.observe import Records
from convbook.checks.engine.oracles import Oracle
from convbook.checks.engine.seed import secret
from convbook.forms import Case, Reply

STRAIGHT = "only a bent loop becomes a function: the straight one is the exercise"
Performer = Callable[[Mapping[str, str]], Callable[..., Any]]


@dataclass(frozen=True)
class Bend:
    """Say in which respects a loop is bent, and how."""

    how: tuple[tuple[str, str], ...]

    @property
    def respects(self) -> set[str]:
        return {name for name, _ in self.how}


def bent(**how: str) -> Bend:
    """Return the bends of a loop, `respect=manner`: a mistake's `edit`."""
    return Bend(tuple(how.items()))


class Loops(Records):
    """Run a function on a bench, `"training"` or `"evaluation"`; `perform` makes loops of bends."""

    library = "PyTorch"
    pairing_seconds = 2.0  # every pair runs whole loops

    def __init__(self, bench: str, perform: Performer, words: Mapping[str, str]):
        self.bench, self.perform, self.words = bench, perform, words

    def watch(self, answer: Answer, case: Case, seconds: float, forbid: str) -> Reply:
        bench = answer.place(Reference(self.bench))
        reply = bench.call(answer, *case.args, seconds=seconds)
        if reply.status != "returned":
            return reply
        return Reply("returned", reply.value, (), None, reply.printed, reply.seconds)

    def predicted(self, question: Any, case: Case, ways: Sequence[Any]) -> dict[str, Any] | None:
        reply = self.watch(hold(self.mutant(question.oracle, ways)), case, 2.0, "")
        return reply.value if reply.status == "returned" else None

    def explains(self, question: Any, trial: Any, ways: Sequence[Any]) -> bool | None:
        """Tell whether bends give what was seen; a crash may be one of a loop that is bent."""
        made = self.predicted(question, trial.case, ways)
        if made is None or trial.reply.status != "returned":
            return None if trial.reply.status != "returned" else False
        if trial.fault is not None and self._same(made, trial.wanted, trial.case):
            return False
        return self._same(trial.reply.value, made, trial.case)

    def mutant(self, oracle: Oracle, ways: Sequence[Any]) -> Callable[..., Any]:
        how = {name: manner for way in ways for name, manner in way.how}
        if not how:
            raise ValueError(STRAIGHT)
        return self.perform(how)

    def alike(self, part: str, yours: Any, goal: Any, case: Case) -> bool:
        if isinstance(yours, str) != isinstance(goal, str):
            return False
        if isinstance(goal, float):  # a mean may be taken in float32
            return same(yours, goal, "float32")
        return super().alike(part, yours, goal, case)

    def part_fault(self, part: str, yours: Any, goal: Any, case: Case) -> Fault | None:
        if self.alike(part, yours, goal, case):
            return None
        if isinstance(goal, np.ndarray):
            yours, goal = (f"{shown(one[-4:])} in the last layer's biases" for one in (yours, goal))
        elif not isinstance(goal, str | int):
            yours, goal = (f"{one:.6g}" if isinstance(one, float) else f"{one}" for one in (yours, goal))
        return Fault("wrong", self.words[part], str(yours), str(goal))

    def combine(self, one: Any, other: Any) -> bool:
        return not one.respects & other.respects

    def case_text(self, question: Any, case: Case) -> str:
        if case.drawn and secret():
            return "one drawn for grading"
        _, batches, *optimizer = case.args
        told = f", lr {optimizer[0]['lr']:.3g}, momentum {optimizer[0]['momentum']:.3g}" if optimizer else ""
        sizes = ", ".join(str(len(labels)) for _, labels in batches)
        return f"batches of {sizes} examples{told}" + (f" ({case.about})" if case.about else "")
