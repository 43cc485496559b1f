"""Begin a new unit or a new exercise: all its files at once, or none.

Nothing that exists is overwritten; to a unit that exists an exercise is added.
"""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

from convbook.authoring.canonical import as_bytes, canonical, read
from convbook.authoring.course import Course, find_unit
from convbook.authoring.files import write_whole
from convbook.authoring.headings import exercises_of
from convbook.authoring.new import python_text, templates
from convbook.authoring.new.cells import notebook_of_a_unit, notebook_with
from convbook.authoring.new.names import (
    checks_folder,
    examine_folder,
    examine_name,
    examine_title,
    examined_points,
)
from convbook.authoring.new.pages import checks_with, ways_with
from convbook.authoring.new.templates import filled


def new_unit(course: Course, folder: str, title: str) -> list[str]:
    """Write the checks and the notebook of a unit without exercises, and return what was done, a line each.

    Raises `CourseError`, and writes nothing, where the name will not do or something of that name exists.
    """
    examine_folder(course, folder)
    examine_title(title)
    topic = folder[3:]
    names = _names(course, folder, title)
    files = {
        checks_folder(course) / f"{topic}.py": filled(templates.UNIT, names).encode(),
        course.notebook(folder): as_bytes(canonical(notebook_of_a_unit(names))),
    }
    _write_all(files)
    module, notebook = map(course.short, files)
    return [
        f"{module}: a unit without exercises; its title and its list are there",
        f"{notebook}: title, imports and recap; write the promise and what a learner can do afterwards",
        f'next: convbook new exercise {folder} NAME "Title" --points 3',
    ]


def new_exercise(
    course: Course, word: str, name: str, title: str, points: str, page: str | None = None
) -> list[str]:
    """Add an exercise to a unit: its check, its five cells and two right answers; return what was done, a line each.

    `page` is the file for the check where the unit's checks are a folder; without it, the one of the last exercise.
    Raises `CourseError`, and writes nothing, where a name will not do or exists.
    """
    unit = find_unit(word, course.units())
    examine_name(course, unit, name)
    examine_title(title)
    worth = examined_points(points)
    notebook = read(course.notebook(unit))
    place = len(exercises_of(notebook)) + 1
    names = _names(course, unit, title) | {
        "name": name,
        "lower_name": lower(name),
        "points": str(worth),
        "place": str(place),
    }
    files = {
        **checks_with(course, unit, name, names, page),
        course.notebook(unit): as_bytes(canonical(notebook_with(notebook, names, worth))),
        **ways_with(course, unit, names),
    }
    _write_all(files)
    *checks, cells, ways = map(course.short, files)
    number = int(unit[:2])
    return [
        *(
            f"{path}: {name} is in it, an example that runs; make the cases, the mistakes and the oracle yours"
            for path in checks[:1]
        ),
        *(f"{path}: {name} stands in the unit's list" for path in checks[1:]),
        f"{cells}: exercise {number}.{place}, five cells; write the task, the solution and the hints",
        f"{ways}: two right answers to the example; write two or more to your exercise",
        f"next: write these, then `convbook clean && convbook release && convbook check {number}`",
    ]


def lower(name: str) -> str:
    """Return a class's name as a function's is written.

    >>> lower("ConvLayer"), lower("conv_params")
    ('conv_layer', 'conv_params')
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _names(course: Course, unit: str, title: str) -> dict[str, str]:
    """Return what the templates may use."""
    return {
        "folder": unit,
        "topic": unit[3:],
        "number": unit[:2],
        "plain_number": str(int(unit[:2])),
        "title": title,
        "title_in_quotes": python_text.quoted(title),
    }


def _write_all(files: dict[Path, bytes]) -> None:
    """Write all files; where one cannot be written, put all of them back as they were."""
    before = {path: path.read_bytes() if path.is_file() else None for path in files}
    try:
        for path, content in files.items():
            write_whole(path, content)
    except BaseException:
        for path, content in before.items():
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True) if content is None else write_whole(path, content)
        raise
