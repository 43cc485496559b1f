"""A small course for every test of the authoring rooms."""

from __future__ import annotations

from pathlib import Path

import pytest

import tiny
from convbook.authoring.course import Course, open_course


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Return a good course of one unit, clean but not released."""
    from convbook.authoring.canonical import clean

    found = open_course(tiny.make_course(tmp_path / "course"))
    clean([found.source])
    return found


@pytest.fixture(scope="session")
def released_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the release of the small unit, made once by nbgrader."""
    from convbook.authoring.canonical import clean
    from convbook.authoring.release import build

    found = open_course(tiny.make_course(tmp_path_factory.mktemp("released") / "course"))
    clean([found.source])
    return build(found, [tiny.UNIT])[tiny.UNIT]


@pytest.fixture
def released(course: Course, released_files: dict[str, bytes]) -> Course:
    """Return the course with its release in place."""
    folder = course.release / tiny.UNIT
    folder.mkdir(parents=True)
    for name, content in released_files.items():
        (folder / name).write_bytes(content)
    return course
