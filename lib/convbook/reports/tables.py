"""Comma-separated files, quoted as spreadsheets expect it, and without cells that are a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
IDENTIFIER = re.compile(r"[+\-@]?[\w.@+\-]+")
EXCEL = "\ufeff"  # by this mark Excel knows that a file is UTF-8


def safe(cell: Any) -> Any:
    """Return a cell that no spreadsheet runs: text that begins like a formula gets an apostrophe in front.

    >>> safe("=1+1"), safe("Ada"), safe(-2.5)
    ("'=1+1", 'Ada', -2.5)
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def safe_identifier(cell: str) -> str:
    """Return an id, login or e-mail address as it is if no formula can be written so, else as `safe` does.

    >>> safe_identifier("@ada"), safe_identifier('=HYPERLINK("x")'), safe_identifier("+cmd|' /C calc'!A0")
    ('@ada', '\\'=HYPERLINK("x")', "'+cmd|' /C calc'!A0")
    """
    return cell if IDENTIFIER.fullmatch(cell) else safe(cell)


def text(rows: Iterable[Sequence[Any]], mark: str = "") -> str:
    """Return rows as the text of a file, numbers without needless digits."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    for row in rows:
        writer.writerow([plain_number(cell) if isinstance(cell, float) else cell for cell in row])
    return mark + file.getvalue()


def write(path: Path, content: str) -> None:
    """Write a text; the folder is made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode("utf-8", errors="replace"))


def plain_number(value: float) -> str:
    """Return points without needless digits.

    >>> plain_number(3.0), plain_number(2.3333)
    ('3', '2.33')
    """
    return f"{value:.2f}".rstrip("0").rstrip(".")


def unit_files(unit: dict[str, Any], path: Path) -> dict[Path, str]:
    """Return the files of a unit's report: the students in `path`, exercises and causes in two beside it."""
    tests = [one["name"] for one in unit["exercises"]]
    head = [
        "student",
        "name",
        "status",
        "points",
        "of",
        "of them by hand",
        "late penalty",
        "waits for points by hand",
        "points before in %",
    ]
    students: list[Sequence[Any]] = [[*head, *map(safe, tests), "mistakes"]]
    for one in unit["students"]:
        named = "; ".join(f"{test}: {', '.join(found)}" for test, found in one["mistakes"].items())
        row = [
            one["student"],
            one["name"],
            one["status"],
            one["score"],
            one["points"],
            one["by_hand"],
            one["penalty"],
            one["waiting"],
        ]
        row += ["" if one["before"] is None else 100 * one["before"]]
        students.append([*map(safe, row), *(one["exercises"].get(test, "") for test in tests), safe(named)])
    columns = [
        "name",
        "title",
        "points",
        "tried",
        "right",
        "wrong",
        "stopped",
        "not_attempted",
        "difficulty",
        "discrimination",
        "says",
    ]
    exercises = [columns, *([safe(one[c]) for c in columns] for one in unit["exercises"])]
    columns = ["cause", "students", "of_tried", "exercises", "explanation", "example"]
    causes = [columns, *([safe(_cell(one[c])) for c in columns] for one in unit["causes"])]
    return _beside(path, students, exercises=exercises, causes=causes)


def course_files(course: dict[str, Any], path: Path) -> dict[Path, str]:
    """Return the file of a report about the course: students and their units in per cent."""
    units = [one["unit"] for one in course["units"]]
    rows: list[Sequence[Any]] = [["student", "name", *map(safe, units), "mean"]]
    for one in course["students"]:
        shares = [100 * one["shares"][unit] if unit in one["shares"] else "" for unit in units]
        mean = "" if one["mean"] is None else 100 * one["mean"]
        rows.append([safe(one["student"]), safe(one["name"]), *shares, mean])
    return _beside(path, rows)


def _beside(path: Path, rows: list[Sequence[Any]], **others: list[Sequence[Any]]) -> dict[Path, str]:
    named = {path.with_name(f"{path.stem}-{name}{path.suffix}"): more for name, more in others.items()}
    return {place: text(more, EXCEL) for place, more in {path: rows, **named}.items()}


def _cell(value: Any) -> Any:
    return ", ".join(value) if isinstance(value, dict) else value
