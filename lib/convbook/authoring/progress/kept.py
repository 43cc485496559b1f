"""What lies beside a learner's notebooks: mistakes met and mended, guesses that surprised, drills that are due."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convbook.records import CLOCK, DRILLS, GUESSES, PROGRESS, number

LONG = 60  # letters of an answer that fit into a line


@dataclass(frozen=True)
class Met:
    """Hold a mistake that a check has named: in which unit and exercise, how often, the last time, and when it was mended."""

    unit: str
    exercise: str
    name: str
    times: int
    last: str
    mended: str


@dataclass(frozen=True)
class Surprise:
    """Hold a question whose answer was another than the guess."""

    unit: str
    question: str
    guess: str
    truth: str


@dataclass(frozen=True)
class Kept:
    """Hold all that is kept in a learner's folder; `guessed` counts the guesses whose answers are known."""

    checks: Mapping[str, Mapping[str, Any]]
    mistakes: tuple[Met, ...] = ()
    surprises: tuple[Surprise, ...] = ()
    guessed: int = 0
    drills_answered: int = 0
    drills_due: int = 0

    @property
    def open(self) -> list[Met]:
        return [met for met in self.mistakes if not met.mended]

    @property
    def mended(self) -> list[Met]:
        return [met for met in self.mistakes if met.mended]


def all_kept(work: Path) -> Kept:
    """Return what is kept in a learner's folder; a damaged file is put aside and told, as wherever it is read."""
    checks, guesses, drills = (records.read(work) for records in (PROGRESS, GUESSES, DRILLS))
    known = [one for _, _, one in _entries(guesses) if "truth" in one and one.get("guess") is not None]
    return Kept(
        {unit: dict(_objects(of_unit)) for unit, of_unit in checks.items()},
        tuple(_mistakes(checks)), tuple(_surprises(guesses)), len(known), number(drills, CLOCK, "asked"), due(drills),
    )  # fmt: skip


def due(drills: Mapping[str, Any]) -> int:
    """Count the kinds of drills that were wrong the last time, or whose pause is over.

    >>> due({"questions": {"asked": 9}, "a": {"asked": 1, "row": 0, "due": 12}, "b": {"asked": 1, "row": 1, "due": 12}})
    1
    """
    now = number(drills, CLOCK, "asked")
    asked = [name for name in drills if name != CLOCK and number(drills, name, "asked")]
    return sum(not number(drills, name, "row") or number(drills, name, "due") <= now for name in asked)


def _mistakes(checks: Mapping[str, Any]) -> Iterator[Met]:
    for unit, exercise, about in _entries(checks):
        for name, met in _objects(about.get("mistakes")):
            times = number({name: met}, name, "met") or 1
            yield Met(
                unit,
                exercise,
                name,
                times,
                str(met.get("last") or "")[:10],
                str(met.get("mended") or "")[:10],
            )


def _surprises(guesses: Mapping[str, Any]) -> Iterator[Surprise]:
    for unit, question, about in _entries(guesses):
        if about.get("surprised") is True:
            yield Surprise(unit, question, said(about.get("guess")), said(about.get("truth")))


def said(value: Any) -> str:
    """Return a guess or an answer as a person reads it, in one short line.

    >>> said(28.0), said("brighter downwards"), said([2, 3]), said([[0.1, 0.25]])
    ('28', 'brighter downwards', 'row 2, column 3', 'the curve you drew')
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str | list):
        return "none"
    if isinstance(value, list):
        place = len(value) == 2 and all(isinstance(part, int) for part in value)
        return f"row {value[0]}, column {value[1]}" if place else "the curve you drew"
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return text if len(text) <= LONG else text[: LONG - 1] + "…"


def _entries(kept: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield unit, name and object of everything that is kept by unit; what a hand has made of it otherwise is left out."""
    for unit in sorted(kept):
        for name, about in _objects(kept[unit]):
            yield unit, name, about


def _objects(value: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(value, dict):
        yield from ((name, one) for name, one in value.items() if isinstance(one, dict))
