"""Choose what is asked next: what went wrong comes back soon, what is known seldom.

A kind that was answered wrong comes again after three other questions; each right answer in a row makes the pause longer.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from convbook.drills.kinds import Kind
from convbook.drills.papers import Drill, generator
from convbook.records import CLOCK, number
from convbook.records import DRILLS as RECORDS

OTHERS = 20  # draws that are tried for a question that was not asked in this practice
PAUSES = (3, 8, 20, 50, 120)  # questions until a kind comes again, after 0, 1, 2, … right answers in a row


@dataclass
class Practice:
    """Draw one drill after another from some kinds; remember the answers in the folder `place`, or nowhere."""

    kinds: list[Kind]
    name: str = ""
    seed: int = 0
    place: Path | None = None
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    drawn: dict[str, int] = field(default_factory=dict)
    texts: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        if self.place is not None:
            self.kept = RECORDS.read(self.place)

    def next(self) -> Drill:
        """Return the next question, with numbers that this kind has not had yet."""
        return self.another(min(self.kinds, key=self._rank))

    def several(self, count: int) -> list[Drill]:
        """Return some questions at once: of different kinds, as long as there are enough."""
        ranked = sorted(self.kinds, key=self._rank)
        return [self.another(ranked[number % len(ranked)]) for number in range(count)]

    def another(self, kind: Kind) -> Drill:
        """Return a question of one kind, with numbers that it has not had yet, as long as the kind has others."""
        count = self.drawn[kind.name] = self.drawn.get(kind.name, number(self.kept, kind.name, "asked")) + 1
        words = ("practice", self.name.casefold(), self.seed, kind.name, count)
        drill = Drill(kind, kind.draw(generator(*words)))
        for again in range(OTHERS):
            if drill.text not in self.texts:
                break
            drill = Drill(kind, kind.draw(generator(*words, again)))
        self.texts.add(drill.text)
        return drill

    def _rank(self, kind: Kind) -> tuple[int, int, int]:
        """Return a rank that is least for what was wrong and is due, then for what is new, then for what is due first."""
        now, due = number(self.kept, CLOCK, "asked"), number(self.kept, kind.name, "due")
        order = int(generator("order", self.name.casefold(), self.seed, kind.name).integers(2**31))
        if not number(self.kept, kind.name, "asked"):
            return 1, 0, order
        if due <= now:
            return (0 if not number(self.kept, kind.name, "row") else 2), due, order
        return 3, due, order

    def heard(self, drill: Drill, right: bool) -> bool:
        """Remember whether the first answer to a drill was right; return whether it is on the disk."""

        def update(kept: dict[str, dict[str, Any]]) -> None:
            clock = kept.setdefault(CLOCK, {})
            clock["asked"] = number(kept, CLOCK, "asked") + 1
            about, name = kept.setdefault(drill.kind.name, {}), drill.kind.name
            row = number(kept, name, "row") + 1 if right else 0
            about.update(
                asked=number(kept, name, "asked") + 1, right=number(kept, name, "right") + right, row=row,
                due=clock["asked"] + PAUSES[min(row, len(PAUSES) - 1)],
            )  # fmt: skip

        if self.place is not None:
            with contextlib.suppress(OSError):
                done = RECORDS.change(self.place, update)
                self.kept = RECORDS.read(self.place)
                if done:
                    return True
        update(self.kept)
        return False
