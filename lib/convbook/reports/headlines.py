"""The sentences at the top of a page: how they did, what to re-teach, whom to talk to, what is wrong."""

from __future__ import annotations

from typing import Any

from convbook.reports.run import BAD
from convbook.reports.words import people, percent


def headline(unit: dict[str, Any]) -> list[str]:
    """Return what a report about a unit says, in up to four short sentences."""
    spread, causes, needs, faults = unit["spread"], unit["causes"], unit["needs"], unit["run"]["faults"]
    return [_scores(spread), *_reteach(causes), _people(needs), _run(faults)]


def _scores(spread: dict[str, Any]) -> str:
    number = spread["students"]
    if not number:
        return "Nobody has handed in anything that could be graded."
    if number == 1:
        return f"The one student who handed in has {percent(spread['mean'])} of the points."
    return f"Half of {number} students have {percent(spread['median'])} of the points or more."


def _reteach(causes: list[dict[str, Any]]) -> list[str]:
    if not causes:
        return []
    first = causes[0]
    return [f"Most often “{first['cause']}” ({people(first['students'])})."]


def _people(needs: list[dict[str, Any]]) -> str:
    return f"{people(len(needs))} should hear from you." if needs else "Nobody stands out who needs help."


def _run(faults: list[dict[str, str]]) -> str:
    bad = sum(fault["level"] == BAD for fault in faults)
    if not faults:
        return "The run was clean."
    if not bad:
        return "The run is sound; there are things to look at."
    return f"{bad} {'thing is' if bad == 1 else 'things are'} wrong with the run."


def course_headline(course: dict[str, Any]) -> list[str]:
    """Return what a report about the course says, in up to four short sentences."""
    told = [unit for unit in course["units"] if unit["spread"]["students"]]
    if not told:
        return ["No unit has been graded with anything handed in yet."]
    hardest = min(told, key=lambda unit: unit["spread"]["median"])
    said = [f"{len(told)} {'unit is' if len(told) == 1 else 'units are'} graded."]
    if len(told) > 1:
        said.append(f"The hardest was {hardest['title']} (median {percent(hardest['spread']['median'])}).")
    return [*said, _people(course["needs"]), _runs(course["faults"])]


def _runs(faults: list[dict[str, str]]) -> str:
    """Say how many things are wrong with the runs of all units; what is only to be looked at is not counted."""
    if not faults:
        return "Nothing is wrong with the runs."
    return f"{len(faults)} {'thing is' if len(faults) == 1 else 'things are'} wrong with the runs."
