"""What lies in a student's folder: the notebooks, under whatever name, and the files beside them.

Symbolic links, devices and pipes are refused: following one would read, and later hand out, a file of the
instructor's machine.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from convbook.grading.course import Course, GradingError
from convbook.grading.job import Limits
from convbook.grading.reading.candidates import choose, read_file
from convbook.grading.reading.recover import Found, Remark, Unreadable, cells_of, claimed
from convbook.grading.reading.reference import Reference

NOT_FOR_STUDENTS = ("timestamp.txt", "submission_secret.txt")
NOTEBOOK = re.compile(r"\.ipynb(\.\w+|\W.*)?$", re.IGNORECASE)
MOST_FILES = 2_000
MOST_NOTEBOOKS = 10


@dataclass
class HandIn:
    """Hold what one student handed in: a notebook or the reason why there is none, and the files beside."""

    student: str
    notebooks: dict[str, Found | Unreadable] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    timestamp: datetime | None = None


def read_hand_in(course: Course, student: str, folder: Path, references: Collection[Reference]) -> HandIn:
    """Return what a student's folder holds for these notebooks."""
    from nbgrader.utils import parse_utc

    hand_in = HandIn(student)
    if folder.is_symlink() or not folder.is_dir():
        linked = Unreadable("the hand-in is a symbolic link, which is refused")
        hand_in.notebooks = {reference.name: linked for reference in references}
        return hand_in
    refused: dict[str, str] = {}
    files = _regular_files(course, folder, hand_in, refused)
    hand_in.files = {name: path for name, path in files.items() if not name.endswith(".ipynb")}
    if "timestamp.txt" in hand_in.files:
        try:
            hand_in.timestamp = parse_utc(files["timestamp.txt"].read_text(encoding="utf-8").strip()[:100])
        except (OSError, ValueError, OverflowError, TypeError):
            said = "holds no time that can be read, so nothing tells whether the hand-in was late"
            hand_in.remarks.append(Remark("note", f"timestamp.txt {said}", "timestamp.txt"))
    most = course.directory.max_file_size * 1000
    read = {name: read_file(path, most) for name, path in files.items() if NOTEBOOK.search(name)}
    beside = sorted(set(hand_in.files) - set(NOT_FOR_STUDENTS))
    for reference in references:
        found, name, remark = choose(reference, references, read, refused, beside)
        hand_in.notebooks[reference.name] = found
        hand_in.files.pop(name, None)
        hand_in.remarks += [remark] if remark else []
        mended = found.mended if isinstance(found, Found) else []
        hand_in.remarks += [Remark("repair", f"{reference.name}.ipynb: {said}") for said in mended]
    return hand_in


def _regular_files(course: Course, folder: Path, hand_in: HandIn, refused: dict[str, str]) -> dict[str, Path]:
    """Return the regular files by name, not too many of them; `refused` is told what else there is."""
    from nbgrader.utils import is_ignored

    found: dict[str, Path] = {}
    for place, folders, names in os.walk(folder):
        for name in sorted([*names, *folders]):
            path = Path(place, name)
            short = path.relative_to(folder).as_posix()
            mode = path.lstat().st_mode
            if stat.S_ISREG(mode):
                if not is_ignored(str(path), course.directory.ignore):
                    found[short] = path
            elif not stat.S_ISDIR(mode):
                refused[short] = kind = "symbolic link" if stat.S_ISLNK(mode) else "special file"
                hand_in.remarks.append(Remark("tamper", f"{short} is a {kind}; it was refused", short))
        folders[:] = [f for f in folders if not is_ignored(str(Path(place, f)), course.directory.ignore)]
    notebooks = [name for name in found if NOTEBOOK.search(name)]
    others = [name for name in found if not NOTEBOOK.search(name)]
    surplus = [*notebooks[MOST_NOTEBOOKS:], *others[MOST_FILES:]]
    for name in surplus:
        del found[name]
    if surplus:
        hand_in.remarks.append(Remark("note", f"{len(surplus):,} files were left out: there are too many"))
    return found


def whose(found: Found, reference: Reference, others: Callable[[], dict[str, set[str]]]) -> str:
    """Return which other assignment's cells a notebook holds, where it holds none of its own; else nothing.

    `others` gives the names of each other assignment's cells; it is asked only if it matters.
    """
    names = {claimed(cell).get("grade_id") for cell in found.cells} - {None, ""}
    if not names or names & set(reference.marked):
        return ""
    shares = {assignment: len(names & known) for assignment, known in others().items()}
    likeliest = max(shares, key=shares.__getitem__, default="")
    return likeliest if 2 * shares.get(likeliest, 0) > len(names) else ""


def marked_names(folder: Path) -> set[str]:
    """Return the names of all cells that nbgrader marks in a folder's notebooks."""
    cells = [cell for path in folder.glob("*.ipynb") for cell in cells_of(path)]
    return {claimed(cell)["grade_id"] for cell in cells if claimed(cell)}


def data_files(hand_in: HandIn, own: dict[str, Path], most: int, largest: int) -> dict[str, Path]:
    """Return the files that the notebook may read: the student's, and over them the instructor's `own`.

    All together have at most `most` bytes, and one of the student's `largest`; what is too much or cannot be read is
    left out, and said.
    """
    paths, left = dict(own), most - sum(path.stat().st_size for path in own.values())
    for name, path in sorted(hand_in.files.items()):
        if name in NOT_FOR_STUDENTS or name in own:
            continue
        try:
            size = path.stat().st_size
            path.open("rb").close()
            if size <= min(left, largest):
                paths[name] = path
                left -= size
                continue
            bound = "one file may have" if size > largest else "are left for a hand-in's files"
            why = f"{min(left, largest) / 1e6:,.0f} MB {bound}"
        except OSError as error:
            size, why = 0, error.strerror or str(error)
        remark = Remark("note", f"{name} ({size / 1e6:,.0f} MB) was left out: {why}", name)
        hand_in.remarks += [remark] if remark not in hand_in.remarks else []  # once, not once a notebook
    return paths


def own_files(course: Course, assignment: str) -> dict[str, Path]:
    """Return the instructor's files, which nbgrader lays over every submission."""
    from nbgrader.utils import find_all_files

    source = course.source_folder(assignment)
    found = find_all_files(str(source), [*course.directory.ignore, "*.ipynb"])
    return {Path(path).relative_to(source).as_posix(): Path(path) for path in found}


def own_contents(files: dict[str, Path], limits: Limits) -> dict[str, bytes]:
    """Return what the instructor's files hold; `GradingError` where they do not fit on a student's disk."""
    contents: dict[str, bytes] = {}
    room = limits.disk_bytes // 2
    for name, path in files.items():
        size = path.stat().st_size
        setting, bound = ("disk_bytes", room) if size > room else ("file_bytes", limits.file_bytes)
        if size > min(room, limits.file_bytes):
            raise GradingError(
                f"{path} ({size / 1e6:,.0f} MB) does not fit beside a student's notebook, where {bound / 1e6:,.0f} MB "
                f"are left for it: set c.ConvbookGrade.{setting} higher, or name the file in c.CourseDirectory.ignore"
            )
        room -= size
        contents[name] = path.read_bytes()
    return contents
