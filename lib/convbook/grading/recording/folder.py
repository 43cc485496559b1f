"""Write a graded submission's folder: all of it or nothing, regular files only, with nbgrader's permissions."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import writes

from convbook.grading.course import Course

PART = ".convbook-part-"


def exchange(
    target: Path, files: dict[str, Path], notebooks: dict[str, NotebookNode], course: Course
) -> None:
    """Exchange a folder in `autograded/` for a new one with copies of these files and with these notebooks."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=PART, dir=target.parent, ignore_cleanup_errors=True) as place:
        new, old = Path(place, "new"), Path(place, "old")
        new.mkdir()
        _copy_files(files, new)
        for name, notebook in notebooks.items():
            text = writes(notebook) + "\n"  # as nbformat has it, without its slow validation
            (new / f"{name}.ipynb").write_bytes(text.encode("utf-8", errors="replace"))
        _set_permissions(new, course)
        with contextlib.suppress(FileNotFoundError):
            os.replace(target, old)
        os.replace(new, target)


def _copy_files(files: dict[str, Path], folder: Path) -> None:
    """Copy regular files; whatever has become something else since it was listed is left out."""
    for name, path in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        except OSError:  # it went, or is closed to us; the report says of which file answers could not read
            continue
        with os.fdopen(handle, "rb") as source:
            if stat.S_ISREG(os.fstat(handle).st_mode):
                with open(target, "wb") as copy:
                    shutil.copyfileobj(source, copy)


def _set_permissions(folder: Path, course: Course) -> None:
    """Set the permissions that nbgrader's autograde gives its files."""
    from nbgrader.converters import Autograde

    mode = int(str(Autograde(coursedir=course.directory, parent=course.app).permissions), 8)
    for place, _, names in os.walk(folder):
        if course.directory.groupshared:
            os.chmod(place, 0o2770 | (os.stat(place).st_mode & 0o777))
        for name in names:
            os.chmod(Path(place, name), mode)


def sweep(course: Course, assignment: str, students: Iterable[str]) -> None:
    """Remove what a killed run left half-written beside the graded submissions."""
    for student in students:
        for left in course.folder("autograded", student, assignment).parent.glob(f"{PART}*"):
            shutil.rmtree(left, ignore_errors=True)
