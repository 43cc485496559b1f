"""Keep executed notebooks beside a course, so that `convbook check` and `convbook book` need not run one twice.

They lie in `.convbook/executed/` in the course's folder, which git ignores. A notebook's name ends with a hash of its
own text, of the library and of what it computes with: where any of these has changed, it is executed again.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from convbook.authoring.course import Course
from convbook.authoring.files import write_whole

FOLDER = Path(".convbook", "executed")
LIBRARY = Path(__file__).resolve().parent.parent
NOT_IN_A_NOTEBOOK = ("authoring", "grading", "__pycache__")
COMPUTED_WITH = ("torch", "numpy", "matplotlib", "ipywidgets", "anywidget")


def kept(course: Course, path: Path) -> Any | None:
    """Return the executed notebook of the one at `path`, as nbformat reads it; None where there is none yet."""
    import nbformat

    place = _place(course, path)
    if not place.is_file():
        return None
    with contextlib.suppress(ValueError, OSError):  # half a file, or another program's
        return nbformat.reads(place.read_text("utf-8"), as_version=4)
    return None


def keep(course: Course, path: Path, executed: Any) -> bool:
    """Keep the executed notebook of the one at `path` and forget older ones; return whether it is on the disk."""
    import nbformat

    place = _place(course, path)
    try:
        write_whole(place, nbformat.writes(executed).encode())
        for old in place.parent.glob(f"{_stem(course, path)}.*.ipynb"):
            if old != place:
                old.unlink(missing_ok=True)
    except OSError:  # a full disk or a course that may only be read: then it is executed again
        return False
    return True


def _stem(course: Course, path: Path) -> str:
    return f"{path.stem}.{'solved' if path.is_relative_to(course.source) else 'unsolved'}"


def _place(course: Course, path: Path) -> Path:
    told = hashlib.sha256(path.read_bytes() + library().encode()).hexdigest()[:16]
    return course.folder / FOLDER / f"{_stem(course, path)}.{told}.ipynb"


@functools.cache
def library() -> str:
    """Return a hash of everything besides the notebook on which its outputs depend."""
    told = hashlib.sha256(sys.version.encode())
    for name in COMPUTED_WITH:
        told.update(f"{name} {version(name)}\n".encode())
    for path in sorted(LIBRARY.rglob("*")):
        if path.is_file() and not any(part in NOT_IN_A_NOTEBOOK for part in path.parts):
            told.update(path.relative_to(LIBRARY).as_posix().encode())
            told.update(hashlib.sha256(path.read_bytes()).digest())
    return told.hexdigest()
