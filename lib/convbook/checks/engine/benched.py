"""An observer of functions that are tried on a bench: what became of a model is told in words, part by part.

The bench (`answers.transfer`) belongs to the answer's side. A mistake is a set of bends, as of a training loop (`epochs.bent`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from convbook.checks.engine.compare import Fault
from convbook.checks.engine.epochs import Loops, Performer
from convbook.checks.engine.seed import secret
from convbook.forms import Case

MOST = 400  # records that are kept


class Benched(Loops):
    """Run a function on a bench; `told` says what a case is about.

    With `composed`, bends show mostly in parts of the record of their own: what two of them do is put together, and run only
    where both show in one part.
    """

    def __init__(self, bench: str, perform: Performer, words: Mapping[str, str], told: Callable[..., str],
                 composed: bool = False):  # fmt: skip
        super().__init__(bench, perform, words)
        self.case_words, self.composed = told, composed
        self.known: dict[
            tuple[int, Any], tuple[Case, Any]
        ] = {}  # what a bend gives in a case, which is kept with it

    def predicted(self, question: Any, case: Case, ways: Sequence[Any]) -> dict[str, Any] | None:
        singles = [self._single(question, case, way) for way in ways] if self.composed else [None]
        if any(record is None for record in singles):
            return super().predicted(question, case, ways)
        wanted = self.wanted(question, case)
        record = dict(wanted)
        for part, value in (shown for one in singles for shown in one.items()):
            if value == wanted[part]:
                continue
            if record[part] not in (wanted[part], value):  # both bends show here: only a run tells how
                return super().predicted(question, case, ways)
            record[part] = value
        return record

    def _single(self, question: Any, case: Case, way: Any) -> dict[str, Any] | None:
        key = (id(case), way)
        if key not in self.known:
            if len(self.known) > MOST:
                self.known.clear()
            self.known[key] = (case, super().predicted(question, case, [way]))
        return self.known[key][1]

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
