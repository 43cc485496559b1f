"""A report as text: on its first screen how the class did and what it misunderstood; then who needs a person; then the rest."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

from convbook.grading.recording.report import ABSENT, ENDINGS, TAMPER, UNREADABLE, Line, Report, mistakes

SLOWEST = 5
MOST_REMARKS = 10  # of one student; all of them are in the JSON
HOW = {"time-out": "took too long", "died": "its process ended", "skipped": "was not reached"}
LOW = 0.4  # of the points: below, somebody should talk to the student
BAR = 30
NAMED = 3  # students are named, more are counted


def text(report: Report) -> str:
    """Return the report as a person reads it."""
    report = Report.from_plain(_printable(asdict(report)))
    parts = [
        [*_head(report), *report.notes],
        _scores(report),
        _exercises(report),
        _under("Who needs a person:", _persons(report)),
        _roll(report),
        _under("Shown as passed in the notebook, found failing:", _said_of_each(report, "shown"))
        + _under("Notes:", _said_of_each(report, "note")),
        _tests(report),
        _under("Slowest cells:", _slow(report)),
        _under("Tests or metadata touched, or something reached for:", _said_of_each(report, *TAMPER)),
        _foot(report),
    ]
    return "\n\n".join("\n".join(rows) for rows in parts if rows)


def _under(title: str, rows: list[str]) -> list[str]:
    return [title, *rows] if rows else []


def _printable(value: Any) -> Any:
    """Return plain data without what a terminal would obey: names of files and cells are the students' choice."""
    if isinstance(value, str):
        return "".join(c if c.isprintable() else "·" for c in value)
    if isinstance(value, list):
        return [_printable(item) for item in value]
    return {_printable(k): _printable(v) for k, v in value.items()} if isinstance(value, dict) else value


def _head(report: Report) -> list[str]:
    said = ", ".join(f"{number} {status}" for status, number in report.counts.items() if number)
    stopped = "The run was stopped before its end; what is graded is kept, the next run goes on from there."
    first = f"{report.assignment}: {said or 'no students'}"
    return [row for row in (first, report.warning, "" if report.complete else stopped) if row]


def _scores(report: Report) -> list[str]:
    """Return mean, median and a histogram; nothing for a class of one."""
    found = report.spread
    if not found or sum(found["bins"]) < 2:
        return []
    points, most = found["points"], max(found["bins"])
    mean, median = _number(round(found["mean"], 1)), _number(found["median"])
    rows = [f"Scores: mean {mean}, median {median} of {_number(points)}"]
    for number, students in enumerate(found["bins"]):
        low, high = _number(points * number / 10), _number(points * (number + 1) / 10)
        bar = "█" * -(-BAR * students // most)
        rows.append(f"  {low:>5} – {high:<5} {students:>4}  {bar}".rstrip())
    return rows


def _exercises(report: Report) -> list[str]:
    """Return every test with how it ended and the mistakes behind it, the one with most wrong answers first."""
    found = mistakes(report.lines)
    width = max(map(len, found), default=0)
    rows = []
    for cell, ended in found.items():
        numbers = "  ".join(f"{ended[kind] or '·':>{len(kind)}}" for kind in ENDINGS)
        named = "; ".join(f"{times} × {name}" for name, times in ended["mistakes"].items())
        rows.append(f"  {cell:<{width}}  {numbers}  {named}".rstrip())
    return _under(f"{'Exercises, most wrong first':<{width + 2}}  " + "  ".join(ENDINGS), rows)


def _persons(report: Report) -> list[str]:
    """Return who needs a person: unreadable, far below, or waiting for a grade by hand."""
    lost = [line for line in report.lines if line.status == UNREADABLE]
    read = [line for line in report.lines if line.status not in (UNREADABLE, ABSENT)]
    low = [line for line in read if not line.waiting and line.counts < LOW * line.points]
    waiting = sum(line.waiting > 0 for line in read)
    return [
        *(f"  {line.student}: unreadable, {line.reason}" for line in lost),
        *(f"  {line.student}: {_number(line.counts)} of {_number(line.points)} points" for line in low),
        *([f"  {waiting} with answers to be graded by hand, in formgrader"] if waiting else []),
    ]


def _roll(report: Report) -> list[str]:
    width = max((len(line.student) for line in report.lines), default=0)
    rows = []
    for line in report.lines:
        if line.status in (UNREADABLE, ABSENT):
            rows.append(f"  {line.student:<{width}}  {line.status}: {line.reason}")
            continue
        rows.append(f"  {line.student:<{width}}  {score(line, 6)}")
        below = _first([f"repaired: {remark['sentence']}" for remark in line.said("repair")])
        ended = [f"{cell['cell']} {HOW[cell['status']]}" for cell in line.cells if cell["status"] in HOW]
        rows += [f"  {'':<{width}}    {said}" for said in [*below, "; ".join(ended)] if said]
    return rows


def score(line: Line, width: int = 0) -> str:
    """Return what counts of how many points, and where it differs from what the tests gave, why."""
    parts = [f"{_number(line.counts):>{width}} / {_number(line.points)}"]
    if line.by_hand:
        sign = "−" if line.by_hand < 0 else "+"
        parts.append(f"{_number(line.score)} by the tests, {sign}{_number(abs(line.by_hand))} by hand")
    if line.penalty:
        parts.append(f"{_number(line.penalty)} lost for being late")
    if line.waiting:
        parts.append(f"{line.waiting} to be graded by hand")
    return ", ".join(parts)


def _first(sentences: list[str]) -> list[str]:
    """Return the first sentences, and how many more there are."""
    more = len(sentences) - MOST_REMARKS
    said = sentences[:MOST_REMARKS]
    return [*said, f"and {more:,} more like these; `--json` has all"] if more > 0 else said


def _said_of_each(report: Report, *kinds: str) -> list[str]:
    """Return what is to be said of each student, sentences that many share only once."""
    said = [(line.student, [remark["sentence"] for remark in line.said(*kinds)]) for line in report.lines]
    shared = Counter(sentence for _, sentences in said for sentence in dict.fromkeys(sentences))
    most = max(3, len(report.lines) // 4)
    rows = [f"  {times} students: {sentence}" for sentence, times in shared.items() if times > most]
    for student, sentences in said:
        unlike = [sentence for sentence in dict.fromkeys(sentences) if shared[sentence] <= most]
        rows += [f"  {student}: {sentence}" for sentence in _first(unlike)]
    return rows


def _tests(report: Report) -> list[str]:
    """Return what is to be known of the tests themselves."""
    versions, unsolved, weak = map(", ".join, (report.class_versions, report.unsolved, report.weak))
    older = [line.student for line in report.lines if line.said("release")]
    cells = sorted({remark["cell"] for line in report.lines for remark in line.said("release")})
    whose = ", ".join(older) if len(older) <= NAMED else f"{len(older)} hand-ins"
    said = {  # with what each is about: without it, it is not said
        f"Most of the class has another version of {versions} than the gradebook: "
        "an older release, not tampering.": versions,
        f"Other points than the gradebook's stand in the metadata of {', '.join(cells)} ({whose}), "
        "as in an older release; the gradebook's were used.": older,
        "Tests that the instructor's own solution does not pass here, so their scores say nothing: "
        f"{unsolved}": unsolved,
        "Weak tests, which run beside the student's code because they look at its live objects "
        f"(a cheat could pass them): {weak}": weak,
    }
    return [sentence for sentence, there in said.items() if there]


def _slow(report: Report) -> list[str]:
    cells = [(cell["seconds"], line.student, cell["cell"]) for line in report.lines for cell in line.cells]
    slowest = sorted(cells, reverse=True)[:SLOWEST]
    return [f"  {s:6.1f} s  {student}  {cell}" for s, student, cell in slowest if s >= 1.0]


def _foot(report: Report) -> list[str]:
    rate, unchanged = "", sum(line.again for line in report.lines)
    if report.ran and report.seconds:
        rate = f", {60 * report.ran / report.seconds:.0f} notebooks a minute"
    kept = f"; {unchanged} unchanged since the last run" if unchanged else ""
    return [f"{report.ran} notebooks run in {report.seconds:.1f} s{rate}{kept}"]


def _number(value: float) -> str:
    return f"{value:g}" if value == round(value, 2) else f"{value:.2f}"
