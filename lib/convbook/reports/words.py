"""Small words that every report uses alike."""

from __future__ import annotations


def percent(value: float | None) -> str:
    """Return a share in per cent, with a space that does not break.

    >>> percent(0.777), percent(None)
    ('78\xa0%', '–')
    """
    return "–" if value is None else f"{100 * value:.0f}\xa0%"


def short(unit: str) -> str:
    """Return a unit's number, or the first letters of another course's assignment.

    >>> short("04_pooling_and_backprop"), short("homework_on_graphs")
    ('04', 'homework')
    """
    first = unit.partition("_")[0]
    return first if first.isdigit() else unit[:8].rstrip("_- ")


def people(number: int) -> str:
    """Return a number of students in words.

    >>> people(1), people(12)
    ('1 student', '12 students')
    """
    return f"{number} student" if number == 1 else f"{number} students"
