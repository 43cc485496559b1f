"""The report about a whole course, for the terminal."""

from __future__ import annotations

from typing import Any

from convbook.reports.headlines import course_headline
from convbook.reports.words import percent

MOST = 10


def course(found: dict[str, Any]) -> str:
    """Return the report about a course as text."""
    parts = [
        " ".join(course_headline(found)),
        _units(found["units"]),
        _needs(found["needs"]),
        _faults(found["faults"]),
    ]
    parts.append("`convbook report UNIT` shows one unit; with `--html FILE` either is a page.")
    return printable("\n\n".join(part for part in parts if part))


def printable(text: str) -> str:
    """Return a text without what a terminal would obey: names of students are their own choice."""
    return "".join(c if c.isprintable() or c in "\n\xa0" else "·" for c in text)


def _units(units: list[dict[str, Any]]) -> str:
    if not units:
        return ""
    width = max(len(unit["unit"]) for unit in units)
    rows = [f"{'unit':<{width}}  handed in  median  most often"]
    for unit in units:
        middle = percent(unit["spread"].get("median")).replace("\xa0", " ")
        most = unit["causes"][0] if unit["causes"] else None
        said = f"{most['students']} × {most['cause']}" if most else ""
        rows.append(f"{unit['unit']:<{width}}  {unit['spread']['students']:>9}  {middle:>6}  {said}".rstrip())
    return "\n".join(rows)


def _needs(needs: list[dict[str, Any]]) -> str:
    rows = [f"  {_who(need)}: {need['why']}" for need in needs[:MOST]]
    more = [f"  and {len(needs) - MOST} more"] if len(needs) > MOST else []
    return "\n".join(["Who needs a person:", *rows, *more]) if rows else ""


def _who(need: dict[str, Any]) -> str:
    """Return a name with its id, or the id alone where no name is known."""
    name, key = need["name"], need["student"]
    return name if name == key else f"{name} ({key})"


def _faults(faults: list[dict[str, Any]]) -> str:
    rows = [f"  {fault['unit']}: {fault['sentence']}" for fault in faults]
    return "\n".join(["Wrong with the runs:", *rows]) if rows else ""
