"""An observer of functions that are tried on a bench: what became of a model is told in words, part by part.

The bench (`answers.transfer`) belongs to the answer's side. A mistake is a set of bends, as of a training loop (`epochs.bent`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from convbook.checks.engine.compare import Fault
from convbook.checks.engine.epochs import Loops, Performer
from convbook.checks.engine.seed import secret
from convbook.forms import Case


class Benched(Loops):
    """Run a function on a bench; `told` says what a case is about."""

    def __init__(self, bench: str, perform: Performer, words: Mapping[str, str], told: Callable[..., str]):
        super().__init__(bench, perform, words)
        self.case_words = told

    def part_fault(self, part: str, yours: Any, goal: Any, case: Case) -> Fault | None:
        if self.alike(part, yours, goal, case):
            return None
        return Fault("wrong", self.words[part], str(yours), str(goal))

    def alike(self, part: str, yours: Any, goal: Any, case: Case) -> bool:
        return bool(yours == goal)

    def case_text(self, question: Any, case: Case) -> str:
        if case.drawn and secret():
            return "one drawn for grading"
        return self.case_words(*case.args) + (f" ({case.about})" if case.about else "")
