"""What a run found: every student with one line, then what an instructor should look at.

A report is plain data (`Report.plain`, kept for `convbook report`) and, made from it alone, text.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

GRADED, REPAIRED, UNREADABLE, ABSENT = "graded", "graded with repairs", "unreadable", "absent"
NOTHING = "nothing was handed in"
CLASS_SHARE = (
    0.5  # a test changed alike in more than this share of a class was changed by a release, not by students
)
SLOWEST = 5
TAMPER = ("tamper", "forbidden", "protocol", "network", "process", "file")
HOW = {"time-out": "took too long", "died": "its process ended", "skipped": "was not reached"}


@dataclass
class Line:
    """Say how one student's submission ended.

    `remarks` are plain `repair.Remark`s and the events of the run; `score` counts what is judged so far, before the
    `penalty` for being late.
    """

    student: str
    status: str
    reason: str = ""
    score: float = 0.0
    points: float = 0.0
    penalty: float = 0.0
    waiting: int = 0
    again: bool = False
    seconds: float = 0.0
    remarks: list[dict[str, str]] = field(default_factory=list)
    cells: list[dict[str, Any]] = field(default_factory=list)

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
    ran: int = 0
    complete: bool = True
    class_versions: list[str] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return asdict(self) | {"mistakes": mistakes(self.lines), "counts": counts(self.lines)}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Report:
        """Return the report that `plain` wrote."""
        known = {name: plain[name] for name in cls.__dataclass_fields__ if name in plain}
        return cls(**known | {"lines": [Line(**line) for line in known["lines"]]})

    def settle(self) -> None:
        """Tell a release's other version of a test from a student's: the same change in most of the class is no tampering."""
        changed = Counter(
            (remark["cell"], remark["version"])
            for line in self.lines
            for remark in line.remarks
            if remark.get("version")
        )
        graded = sum(line.status in (GRADED, REPAIRED) for line in self.lines)
        common = {key for key, times in changed.items() if times > max(2, CLASS_SHARE * graded)}
        for line in self.lines:
            line.remarks = [r for r in line.remarks if (r["cell"], r.get("version", "")) not in common]
        self.class_versions = sorted({cell for cell, _ in common})
        for line in self.lines:
            if line.status == REPAIRED and not line.said("repair", "tamper"):
                line.status = GRADED


def counts(lines: Iterable[Line]) -> dict[str, int]:
    """Return how many students ended in which way."""
    found = Counter(line.status for line in lines)
    return {status: found[status] for status in (GRADED, REPAIRED, UNREADABLE, ABSENT)}


def mistakes(lines: Iterable[Line]) -> dict[str, dict[str, Any]]:
    """Return what the class got wrong, test by test: how many tried, failed, and made which mistake."""
    tried: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    named: dict[str, Counter[str]] = defaultdict(Counter)
    for line in lines:
        for cell in line.cells:
            if not cell["check"]:
                continue
            tried[cell["cell"]] += 1
            failed[cell["cell"]] += cell["status"] != "ok"
            named[cell["cell"]].update(set(cell["mistakes"]))
    return {
        cell: {"tried": tried[cell], "failed": failed[cell], "mistakes": dict(named[cell].most_common())}
        for cell in tried
    }


def text(report: Report) -> str:
    """Return the report as a person reads it."""
    report = Report.from_plain(_printable(asdict(report)))
    parts = [_head(report), _roll(report), _looked_at(report), _class(report), _slow(report), _foot(report)]
    return "\n\n".join(part for part in parts if part)


def _printable(value: Any) -> Any:
    """Return plain data without what a terminal would obey: names of files and cells are the students' choice."""
    if isinstance(value, str):
        return "".join(c if c.isprintable() else "·" for c in value)
    if isinstance(value, list):
        return [_printable(item) for item in value]
    return {_printable(k): _printable(v) for k, v in value.items()} if isinstance(value, dict) else value


def _head(report: Report) -> str:
    found = counts(report.lines)
    said = ", ".join(f"{number} {status}" for status, number in found.items() if number) or "no students"
    lines = [f"{report.assignment}: {said}"]
    if report.warning:
        bar = "!" * 80
        lines = [bar, report.warning, bar, *lines]
    if not report.complete:
        lines.append(
            "The run was stopped before its end; what is graded is kept, the next run goes on from there."
        )
    return "\n".join([*lines, *report.notes])


def _roll(report: Report) -> str:
    width = max((len(line.student) for line in report.lines), default=0)
    rows = []
    for line in report.lines:
        if line.status in (UNREADABLE, ABSENT):
            rows.append(f"  {line.student:<{width}}  {line.status}: {line.reason}")
            continue
        waiting = f", {line.waiting} to be graded by hand" if line.waiting else ""
        late = f", of them {_number(line.penalty)} lost for being late" if line.penalty else ""
        rows.append(
            f"  {line.student:<{width}}  {_number(line.score):>6} / {_number(line.points)}{late}{waiting}"
        )
        rows += [f"  {'':<{width}}    repaired: {remark['sentence']}" for remark in line.said("repair")]
        ended = [f"{cell['cell']} {HOW[cell['status']]}" for cell in line.cells if cell["status"] in HOW]
        rows += [f"  {'':<{width}}    {'; '.join(ended)}"] if ended else []
    return "\n".join(rows)


def _looked_at(report: Report) -> str:
    rows = []
    for title, kinds in (
        ("Tests or metadata touched, or something reached for", TAMPER),
        ("Shown as passed in the notebook, found failing", ("shown",)),
        ("Notes", ("note",)),
    ):
        found = [(line.student, remark["sentence"]) for line in report.lines for remark in line.said(*kinds)]
        rows += (
            [title + ":", *(f"  {student}: {sentence}" for student, sentence in found), ""] if found else []
        )
    if report.class_versions:
        cells = ", ".join(report.class_versions)
        rows += [
            f"Most of the class has another version of {cells} than the gradebook: an older release, not tampering."
        ]
    if report.unsolved:
        rows += [
            "Tests that the instructor's own solution does not pass here, so their scores say nothing: "
            + ", ".join(report.unsolved)
        ]
    if report.weak:
        rows += [
            "Weak tests, which run beside the student's code because they look at its live objects "
            f"(a cheat could pass them): {', '.join(report.weak)}"
        ]
    return "\n".join(rows).rstrip()


def _class(report: Report) -> str:
    rows = []
    for cell, found in mistakes(report.lines).items():
        if not found["failed"]:
            continue
        named = "; ".join(f"{times} × {name}" for name, times in found["mistakes"].items())
        rows.append(
            f"  {cell}: {found['failed']} of {found['tried']} failed" + (f": {named}" if named else "")
        )
    return "\n".join(["What the class got wrong:", *rows]) if rows else ""


def _slow(report: Report) -> str:
    cells = [(cell["seconds"], line.student, cell["cell"]) for line in report.lines for cell in line.cells]
    slowest = [item for item in sorted(cells, reverse=True)[:SLOWEST] if item[0] >= 1.0]
    return (
        "\n".join(["Slowest cells:", *(f"  {s:6.1f} s  {student}  {cell}" for s, student, cell in slowest)])
        if slowest
        else ""
    )


def _foot(report: Report) -> str:
    kept = sum(line.again for line in report.lines)
    rate = (
        f", {60 * report.ran / report.seconds:.0f} notebooks a minute"
        if report.ran and report.seconds
        else ""
    )
    unchanged = f"; {kept} unchanged since the last run" if kept else ""
    return f"{report.ran} notebooks run in {report.seconds:.1f} s{rate}{unchanged}"


def _number(value: float) -> str:
    return f"{value:g}" if value == round(value, 2) else f"{value:.2f}"
