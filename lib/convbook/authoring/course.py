"""A course's folder: where its sources and its release are, and which units it has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convbook.nbgrader_course import CONFIG, CourseError, course_folder

UNIT = re.compile(r"\d\d_[a-z0-9_]+")


@dataclass(frozen=True)
class Course:
    """Name a course's folder and, inside it, the folders of the sources and of the release."""

    folder: Path
    source: Path
    release: Path

    def units(self, wanted: list[str] | None = None) -> list[str]:
        """Return the folder names of the source's units in order; all, or those a word stands for.

        A word is a folder's name, its number or its topic: `01_convolution`, `01`, `1`, `convolution`.
        """
        there = units_in(self.source)
        if not wanted:
            return there
        return list(dict.fromkeys(find_unit(word, there) for word in wanted))

    def notebook(self, unit: str) -> Path:
        """Return the path of a unit's source notebook."""
        return self.source / unit / f"{unit}.ipynb"

    def released(self, unit: str) -> Path:
        """Return the path of a unit's released notebook."""
        return self.release / unit / f"{unit}.ipynb"

    def short(self, path: Path) -> str:
        """Return a path as a reader of the course writes it: from the course's folder, with slashes."""
        return path.relative_to(self.folder).as_posix() if path.is_relative_to(self.folder) else str(path)


def open_course(folder: str | Path | None = None) -> Course:
    """Return the course in `folder`, or without one the course in or above the working folder."""
    root = course_folder(folder)
    settings = {
        key: value for key, value in config_of(root).CourseDirectory.items() if isinstance(value, str)
    }
    return Course(
        root,
        source=root / settings.get("source_directory", "source"),
        release=root / settings.get("release_directory", "release"),
    )


def units_in(folder: Path) -> list[str]:
    """Return the names of the units below a folder, in order: folders that hold a notebook of their name."""
    if not folder.is_dir():
        return []
    return sorted(
        p.name for p in folder.iterdir() if UNIT.fullmatch(p.name) and (p / f"{p.name}.ipynb").is_file()
    )


def find_unit(word: str, units: list[str]) -> str:
    """Return the unit that a word stands for.

    >>> find_unit("1", ["00_start_here", "01_convolution"])
    '01_convolution'
    """
    word = Path(word).name
    for unit in units:
        number, topic = unit.split("_", 1)
        if word in (unit, topic, number) or (word.isdigit() and int(word) == int(number)):
            return unit
    raise CourseError(f"no unit is called {word!r}; this course has {', '.join(units) or 'none yet'}")


def config_of(root: Path) -> Any:
    """Return what a course's `nbgrader_config.py` sets, without loading nbgrader."""
    from traitlets.config import PyFileConfigLoader

    if not (root / CONFIG).is_file():
        raise CourseError(f"{root} is no course: it has no {CONFIG}; give the course's folder with --course")
    try:
        return PyFileConfigLoader(CONFIG, path=str(root)).load_config()
    except Exception as error:
        raise CourseError(f"{root / CONFIG} could not be read: {type(error).__name__}: {error}") from error
