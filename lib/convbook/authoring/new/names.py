"""Refuse names, titles and points that will not do, each in one sentence that says what would."""

from __future__ import annotations

import builtins
import keyword
import re
from pathlib import Path

from convbook.authoring.canonical import grade_id, read
from convbook.authoring.course import UNIT, Course
from convbook.authoring.headings import role
from convbook.authoring.new import python_text
from convbook.nbgrader_course import CourseError

POINTS = range(1, 101)


def checks_folder(course: Course) -> Path:
    """Return where this course's checks lie; they must be those that Python loads."""
    from convbook import checks

    folder = Path(checks.__path__[0]).resolve()
    if not folder.is_relative_to(course.folder.resolve()):
        raise CourseError(
            f"the checks that Python loads lie in {folder}, not in this course; "
            f"install the course's own library, for example with `make lab` in {course.folder}"
        )
    return folder


def examine_folder(course: Course, folder: str) -> None:
    topic = folder[3:]
    if not UNIT.fullmatch(folder) or not topic.isidentifier() or keyword.iskeyword(topic):
        raise CourseError(
            f"{folder!r} is no name for a unit; give two digits and a topic in small letters, such as 02_counting"
        )
    for other in course.units():
        if other[:2] == folder[:2] or other[3:] == topic:
            what = "number" if other[:2] == folder[:2] else "topic"
            raise CourseError(
                f"{other} has this {what} already; choose another one, or add to it with `convbook new exercise`"
            )
    there = checks_folder(course)
    taken = {path.stem for path in there.iterdir()} | python_text.names_at_the_top(
        (there / "__init__.py").read_text("utf-8")
    )
    if topic in taken:
        raise CourseError(f"convbook.checks has something called {topic} already; choose another topic")
    if course.notebook(folder).parent.exists():
        raise CourseError(
            f"{course.short(course.notebook(folder).parent)} exists already; remove it, or choose another name"
        )


def examine_title(title: str) -> None:
    if (
        not title.strip()
        or title != title.strip()
        or not title.isprintable()
        or set(title) & set("\\{}$`|*_<>")
    ):
        raise CourseError(f"{title!r} will not do as a title; give a few plain words in one line")


def examine_name(course: Course, unit: str, name: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]*|[A-Z][A-Za-z0-9]*", name) or keyword.iskeyword(name):
        raise CourseError(
            f"{name!r} is no name for an exercise; give a function's such as conv_params, or a class's such as ConvLayer"
        )
    if hasattr(builtins, name) or name in ("np", "check", "rng", "unit", "progress", "drill"):
        raise CourseError(f"{name} means something else in a notebook already; choose another name")
    for other in course.units():
        answers = {
            grade_id(cell) for cell in read(course.notebook(other))["cells"] if role(cell) == "solution"
        }
        if name in answers:
            raise CourseError(
                f"{other} has an exercise {name} already; a name stands for one exercise in the whole course"
            )


def examined_points(points: str) -> int:
    if not points.isascii() or not points.isdigit() or int(points) not in POINTS:
        raise CourseError(
            f"{points!r} will not do as points; give a whole number from {POINTS[0]} to {POINTS[-1]}"
        )
    return int(points)
