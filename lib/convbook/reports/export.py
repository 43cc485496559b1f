"""Grades as files that Canvas and Moodle import: points after late penalties, as `nbgrader export`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from convbook.nbgrader_course import CourseError
from convbook.reports import causes
from convbook.reports.gradebook import Person, Unit
from convbook.reports.matching import Matches, match
from convbook.reports.roster import CANVAS, MOODLE, TABLE, WORKSHEET, Entry, Roster, fold
from convbook.reports.tables import safe, safe_identifier

CANVAS_COLUMNS = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
MOODLE_COLUMNS = ["First name", "Last name", "ID number", "Email address"]
IDENTITY = ("identifier", "login", "number", "email", "lms", "sis")
TARGETS = ("canvas", "moodle", "csv")


@dataclass
class Exported:
    """Hold the rows of a file, the students who are not in the class list, and lines without a student."""

    rows: list[list[Any]]
    missing: dict[str, str] = field(default_factory=dict)
    unknown: list[Entry] = field(default_factory=list)


def export(
    to: str, people: dict[str, Person], units: dict[str, Unit], roster: Roster | None, blank: bool
) -> Exported:
    """Return the file for a system; with a class list its own lines, with the columns it came with.

    Who handed in nothing gets 0, as in `nbgrader export`, or with `blank` an empty cell. A line of the list
    without a student in the gradebook always has empty cells: nobody gets a 0 by a misspelt name.
    """
    if roster is None:
        return Exported(_without_list(to, people, units, blank))
    if to != "csv" and roster.kind not in _fitting(to):
        raise CourseError(
            f"the class list comes from {roster.kind}, and the file is to go to {to}; export the list there"
        )
    if roster.kind == WORKSHEET and to == "moodle" and len(units) != 1:
        raise CourseError(
            "a grading worksheet of Moodle belongs to one assignment: name the unit that it is for"
        )
    matches = match(people.values(), roster.entries)
    return Exported(_with_list(to, people, units, roster, matches, blank), matches.missing, matches.left)


def _fitting(to: str) -> tuple[str, ...]:
    return (CANVAS,) if to == "canvas" else (MOODLE, WORKSHEET, TABLE)


# --- from the gradebook alone


def _without_list(to: str, people: dict[str, Person], units: dict[str, Unit], blank: bool) -> list[list[Any]]:
    heads = {
        "canvas": CANVAS_COLUMNS,
        "moodle": MOODLE_COLUMNS,
        "csv": ["student", "last name", "first name", "email"],
    }[to]
    late = [
        name for name, unit in units.items() if to == "csv" and any(t.penalty for t in unit.totals.values())
    ]
    totals = ["total", "of"] if to == "csv" and len(units) > 1 else []
    rows: list[list[Any]] = [
        [*heads, *map(safe, units), *(safe(f"{name} late penalty") for name in late), *totals]
    ]
    if to == "canvas":
        rows.append(_points_possible(len(heads), units))
    for person in people.values():
        cells = [_points(unit, person.id, blank) for unit in units.values()]
        cells += [
            units[name].totals[person.id].penalty if person.id in units[name].totals else "" for name in late
        ]
        cells += (
            [sum(_points(u, person.id, False) for u in units.values()), _all_points(units)] if totals else []
        )
        rows.append([*_identity(to, person), *cells])
    return rows


def _identity(to: str, person: Person) -> list[str]:
    key, email = safe_identifier(person.id), safe_identifier(person.email)
    if to == "canvas":
        name = f"{person.last}, {person.first}" if person.last and person.first else person.name
        return [safe(name), safe_identifier(person.lms_id), "", key, ""]
    names = [safe(person.first), safe(person.last)]
    return [*names, key, email] if to == "moodle" else [key, *reversed(names), email]


def _points(unit: Unit, student: str, blank: bool) -> Any:
    total = unit.totals.get(student)
    return round(total.score, 4) if total else "" if blank else 0.0


def _all_points(units: dict[str, Unit]) -> float:
    return sum(unit.points for unit in units.values())


def _points_possible(before: int, units: dict[str, Unit]) -> list[Any]:
    """Return Canvas's second line: what each assignment is worth."""
    return ["    Points Possible", *[""] * (before - 1), *(unit.points for unit in units.values())]


# --- with a class list


def _with_list(
    to: str, people: dict[str, Person], units: dict[str, Unit], roster: Roster, matches: Matches, blank: bool
) -> list[list[Any]]:
    who = {id(entry): student for student, entry in matches.found.items()}
    if to == "moodle" and roster.kind == WORKSHEET:
        columns, place = roster.columns, {roster.heads["grade"]: next(iter(units))}
    else:
        place = {_column(roster, name): name for name in units}
        columns = [*_own_columns(roster), *place]
    rows: list[list[Any]] = [[safe(column) for column in columns]]
    if to == "canvas":
        rows.append(_points_possible(len(columns) - len(place), units))
    for entry in roster.entries:
        student = who.get(id(entry))
        cells = []
        for column in columns:
            if column in place:
                cells.append(_points(units[place[column]], student, blank) if student else "")
            else:
                cells.append(_as_it_came(roster, column, entry.cells.get(column, "")))
        rows.append(cells)
    return rows


def _own_columns(roster: Roster) -> list[str]:
    """Return the columns of a class list that say who somebody is; Canvas wants all to Section."""
    if roster.kind == CANVAS and "section" in roster.heads:
        return roster.columns[: roster.columns.index(roster.heads["section"]) + 1]
    meant = {column for name, column in roster.heads.items() if name != "grade"}
    return [column for column in roster.columns if column in meant]


def _as_it_came(roster: Roster, column: str, cell: str) -> str:
    identifies = any(roster.heads.get(name) == column for name in IDENTITY)
    return safe_identifier(cell) if identifies else safe(cell)


def _column(roster: Roster, unit: str) -> str:
    """Return the head of a unit's column: the list's own where it has one, so that no second one is made."""
    return next((column for column in roster.columns if names_unit(column, unit)), unit)


def names_unit(column: str, unit: str) -> bool:
    """Tell whether a column's head in Canvas or Moodle names a unit.

    >>> names_unit("Unit 1: Convolution (4711)", "01_convolution")
    True
    >>> names_unit("Assignment: 01_convolution (Real)", "01_convolution")
    True
    >>> names_unit("Convolution, advanced", "01_convolution")
    False
    """
    bare = re.sub(r"\s*\((\d+|[A-Za-z]+)\)\s*$", "", column)
    number, _, topic = unit.partition("_")
    names = {unit, causes.title(unit)}
    if number.isdigit():
        short = str(int(number))
        words = {topic, causes.title(unit)}
        names |= words | {f"{a}{n} {word}" for word in words for n in (number, short) for a in ("", "unit ")}
        names |= {f"unit {n}" for n in (number, short)}
    meant = {fold(name.replace("_", " ")) for name in names}
    return any(fold(part.replace("_", " ")) in meant for part in (bare, bare.partition(": ")[2]) if part)


def missing_rows(exported: Exported, people: dict[str, Person], units: dict[str, Unit]) -> list[list[Any]]:
    """Return the file beside: grades of those not in the class list, and lines without a student."""
    rows: list[list[Any]] = [["student", "name", "email", *map(safe, units), "why"]]
    for student, why in exported.missing.items():
        person = people[student]
        who = [safe_identifier(student), safe(person.name), safe_identifier(person.email)]
        rows.append([*who, *(_points(unit, student, True) for unit in units.values()), safe(why)])
    for entry in exported.unknown:
        key = entry.get("login") or entry.get("number") or entry.get("lms")
        who = [safe_identifier(key), safe(entry.name), safe_identifier(entry.get("email"))]
        rows.append([*who, *("" for _ in units), "in the class list, not in the gradebook"])
    return rows
