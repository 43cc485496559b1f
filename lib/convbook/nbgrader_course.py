"""Where an nbgrader course is, and the programs that nbgrader starts by name.

Floor 0: authoring and grading both stand on it, so nothing here imports the rest of the course or nbgrader.
"""

from __future__ import annotations

import contextlib
import os
import sysconfig
from collections.abc import Iterator
from pathlib import Path

CONFIG = "nbgrader_config.py"


class CourseError(Exception):
    """Say in one sentence what is wrong with a course's folder, and what to do."""


def course_folder(folder: str | Path | None = None) -> Path:
    """Return the course's folder: `folder`, or without one the nearest in or above the working folder.

    Raises `CourseError` where there is none.
    """
    if folder:
        if not (root := Path(folder).resolve()).is_dir():
            raise CourseError(f"there is no folder {root}; give the course's folder with --course")
        return root
    here = Path.cwd()
    for above in (here, *here.parents):
        if (above / CONFIG).is_file():
            return above
    raise CourseError(
        f"no course was found in {here} or above it (a course has a file {CONFIG}); "
        "go to the course's folder, or give it with --course"
    )


@contextlib.contextmanager
def programs_of_this_environment() -> Iterator[None]:
    """Let nbgrader find `alembic`, which it starts by name, though the environment is not activated."""
    before = os.environ.get("PATH")
    os.environ["PATH"] = path_with_programs()
    try:
        yield
    finally:
        if before is None:
            del os.environ["PATH"]
        else:
            os.environ["PATH"] = before


def path_with_programs() -> str:
    """Return the search path for programs, this environment's first."""
    return os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)])
