"""What a run found: every student with one line, then what an instructor should look at.

A report is plain data (`Report.plain`, kept for `convbook report`); `page.py` makes text of it.
"""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

GRADED, REPAIRED, UNREADABLE, ABSENT = "graded", "graded with repairs", "unreadable", "absent"
NOTHING = "nothing was handed in"
CLASS_SHARE = 0.5  # a test changed alike in more than this share was changed by a release, not by students
TAMPER = ("tamper", "forbidden", "protocol", "network", "inside", "file")  # kinds of remarks
ENDINGS = RIGHT, WRONG, OPEN, STOPPED = "right", "wrong", "not attempted", "stopped"


@dataclass
class Line:
    """Say how one student's submission ended.

    `remarks` are plain `repair.Remark`s and the events of the run. `score` is what the tests give so far, `by_hand`
    what a person's scores and extra credit add or take away, `penalty` what being late costs, `waiting` how many answers
    nobody has judged yet.
    """

    student: str
    status: str
    reason: str = ""
    score: float = 0.0
    points: float = 0.0
    by_hand: float = 0.0
    penalty: float = 0.0
    waiting: int = 0
    again: bool = False
    seconds: float = 0.0
    remarks: list[dict[str, str]] = field(default_factory=list)
    cells: list[dict[str, Any]] = field(default_factory=list)

    @property
    def counts(self) -> float:
        """Return what counts in the gradebook: never below 0."""
        return max(0.0, self.score + self.by_hand - self.penalty)

    def said(self, *kinds: str) -> list[dict[str, str]]:
        """Return the remarks of some kinds."""
        return [remark for remark in self.remarks if remark["kind"] in kinds]


@dataclass
class Report:
    """Hold what a run of one assignment found."""

    assignment: str
    lines: list[Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    warning: str = ""
    weak: list[str] = field(default_factory=list)
    unsolved: list[str] = field(default_factory=list)
    seconds: float = 0.0
    timing: dict[str, dict[str, float]] = field(default_factory=dict)
    ran: int = 0
    complete: bool = True
    class_versions: list[str] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return asdict(self) | {"mistakes": mistakes(self.lines), "counts": self.counts, "spread": self.spread}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Report:
        """Return the report that `plain` wrote."""
        known = {name: plain[name] for name in cls.__dataclass_fields__ if name in plain}
        return cls(**known | {"lines": [Line(**line) for line in known["lines"]]})

    @property
    def counts(self) -> dict[str, int]:
        """Return how many students ended in which way."""
        found = Counter(line.status for line in self.lines)
        return {status: found[status] for status in (GRADED, REPAIRED, UNREADABLE, ABSENT)}

    @property
    def spread(self) -> dict[str, Any]:
        """Return mean, median and a histogram in ten bins of what counts, of all that could be read."""
        graded = [line for line in self.lines if line.status in (GRADED, REPAIRED)]
        points = max((line.points for line in graded), default=0.0)
        if points <= 0:
            return {}
        scores = [line.counts for line in graded]
        bins = Counter(min(9, int(10 * score / points)) for score in scores)
        return {
            "mean": statistics.fmean(scores),
            "median": statistics.median(scores),
            "points": points,
            "bins": [bins[number] for number in range(10)],
        }

    def settle(self) -> None:
        """Tell a release's other version of a test from a student's: the same change in most of the class is no tampering."""
        remarks = [remark for line in self.lines for remark in line.remarks]
        changed = Counter((r["cell"], r["version"]) for r in remarks if r.get("version"))
        most = max(2, CLASS_SHARE * (self.counts[GRADED] + self.counts[REPAIRED]))
        common = {key for key, times in changed.items() if times > most}
        self.class_versions = sorted({cell for cell, _ in common})
        for line in self.lines:
            line.remarks = [r for r in line.remarks if (r["cell"], r.get("version", "")) not in common]
            if line.status == REPAIRED and not line.said("repair", "tamper"):
                line.status = GRADED


def mistakes(lines: Iterable[Line]) -> dict[str, dict[str, Any]]:
    """Return what the class did with each test: how many were right, wrong and so on, and who made which mistake.

    Most wrong answers first: an exercise that nobody tried is not the one that a class misunderstood.
    """
    ended: dict[str, Counter[str]] = defaultdict(Counter)
    named: dict[str, Counter[str]] = defaultdict(Counter)
    for cell in (cell for line in lines for cell in line.cells if cell["check"]):
        ended[cell["cell"]][outcome_of(cell)] += 1
        named[cell["cell"]].update(set(cell["mistakes"]))
    hardest = sorted(ended.items(), key=lambda item: (-item[1][WRONG], -item[1][STOPPED]))
    return {
        cell: {
            "tried": found.total() - found[OPEN],
            "failed": found[WRONG] + found[STOPPED],
            **{name: found[name] for name in ENDINGS},
            "mistakes": dict(named[cell].most_common()),
        }
        for cell, found in hardest
    }


def outcome_of(cell: dict[str, Any]) -> str:
    """Return how a test ended: right, wrong (in part at least), not attempted, or stopped by the clock or a crash."""
    if cell["status"] == "ok":
        return WRONG if cell["mistakes"] else RIGHT
    if not cell.get("attempted", True):
        return OPEN
    return STOPPED if cell["status"] != "error" or cell.get("timed") else WRONG
