"""A report as one HTML page that needs nothing else: no request, light and dark, on screen and on paper."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from convbook.reports import charts, headlines, words
from convbook.reports.causes import exercise_of

FOLDER = Path(__file__).with_name("page")
FIRST_CAUSES, FIRST_NEEDS, TOLD_CAUSES, TOLD_NEEDS = 5, 5, 12, 20
SYMBOLS = {"right": "✓", "wrong": "✗", "not attempted": "·", "stopped": "!"}


def unit_page(unit: dict[str, Any]) -> str:
    """Return the page about one unit; `unit` is what `analysis.of_unit` returns."""
    people = {one["student"]: one["name"] for one in unit["students"]}
    template = _environment().get_template("unit.html.j2")
    return template.render(unit=unit, people=people, headline=headlines.headline(unit))


def course_page(course: dict[str, Any]) -> str:
    """Return the page about the whole course; `course` is what `analysis.of_course` returns."""
    spreads = [
        (words.short(one["unit"]), one["spread"]) for one in course["units"] if one["spread"]["students"]
    ]
    boxes = [(label, one["quartiles"][0], one["median"], one["quartiles"][1]) for label, one in spreads]
    template = _environment().get_template("course.html.j2")
    return template.render(course=course, boxes=boxes, headline=headlines.course_headline(course))


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "percent": words.percent,
        "ticks": ticks,
        "number": number,
        "exercise": exercise_of,
        "people": words.people,
        "short": words.short,
    }
    made.globals |= {
        "css": (FOLDER / "page.css").read_text("utf-8"),
        "script": (FOLDER / "sort.js").read_text("utf-8"),
        "charts": charts,
        "symbols": SYMBOLS,
        "FIRST_CAUSES": FIRST_CAUSES,
        "FIRST_NEEDS": FIRST_NEEDS,
        "TOLD_CAUSES": TOLD_CAUSES,
        "TOLD_NEEDS": TOLD_NEEDS,
    }
    return made


def ticks(text: str) -> str:
    """Return a sentence as HTML in which what stands in backticks is code.

    >>> ticks("use `//`, not <b>")
    'use <code>//</code>, not &lt;b&gt;'
    """
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def number(value: float) -> str:
    """Return points without needless digits.

    >>> number(3.0), number(2.3333)
    ('3', '2.33')
    """
    return f"{value:.2f}".rstrip("0").rstrip(".")
