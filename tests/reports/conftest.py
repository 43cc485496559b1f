"""One small graded class for all tests of reports: three exercises, forty students, a fixed seed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import made_class
from convbook.grading.course import Course
from convbook.reports import analysis, stored


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a course with one graded unit; do not change it."""
    folder = tmp_path_factory.mktemp("made") / "course"
    return made_class.make(folder, 40, ["corr2d", "coverage_map", "conv_out_size"], ways=2)


@pytest.fixture
def course(made: Path, tmp_path: Path) -> Path:
    """Return a copy of the course that a test may change."""
    return shutil.copytree(made, tmp_path / "course")


@pytest.fixture(scope="session")
def results(made: Path) -> stored.Results:
    """Return what is stored of the unit."""
    return stored.read(Course(made), made_class.UNIT)


@pytest.fixture(scope="session")
def unit(made: Path) -> dict:
    """Return what there is to tell of the unit."""
    return analysis.of_unit(Course(made), made_class.UNIT)
