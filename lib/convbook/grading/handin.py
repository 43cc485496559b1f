"""What lies in a student's folder: the notebooks, under whatever name, and the files beside them.

Symbolic links, devices and pipes are refused: following one would read, and later hand out, a file of the
instructor's machine.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from convbook.grading.course import Course
from convbook.grading.match import claimed
from convbook.grading.placed import Remark
from convbook.grading.salvage import Found, Unreadable, read_notebook
from convbook.grading.truth import Truth

NOT_FOR_STUDENTS = ("timestamp.txt", "submission_secret.txt")
NOTEBOOK = re.compile(r"\.ipynb(\.\w+|\W.*)?$", re.IGNORECASE)
MOST_FILES = 2_000


@dataclass
class HandIn:
    """Hold what one student handed in: a notebook or the reason why there is none, and the files beside."""

    student: str
    folder: Path
    notebooks: dict[str, Found | Unreadable] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    timestamp: str = ""


def read_hand_in(course: Course, student: str, folder: Path, truths: Iterable[Truth]) -> HandIn:
    """Return what a student's folder holds for these notebooks."""
    hand_in = HandIn(student, folder)
    if folder.is_symlink() or not folder.is_dir():
        refused = Unreadable("the hand-in is a symbolic link, which is refused")
        hand_in.notebooks = {truth.name: refused for truth in truths}
        return hand_in
    files = _regular_files(course, folder, hand_in)
    candidates = {name: path for name, path in files.items() if NOTEBOOK.search(name)}
    hand_in.files = {name: path for name, path in files.items() if not name.endswith(".ipynb")}
    hand_in.timestamp = _timestamp(hand_in.files.get("timestamp.txt"))
    links = {remark.cell for remark in hand_in.remarks}
    most = course.directory.max_file_size * 1000
    for truth in truths:
        hand_in.notebooks[truth.name] = _notebook(truth, candidates, links, most, hand_in)
    return hand_in


def _regular_files(course: Course, folder: Path, hand_in: HandIn) -> dict[str, Path]:
    from nbgrader.utils import is_ignored

    found: dict[str, Path] = {}
    for place, folders, names in os.walk(folder):
        for name in sorted([*names, *folders]):
            path = Path(place, name)
            short = path.relative_to(folder).as_posix()
            mode = path.lstat().st_mode
            if stat.S_ISREG(mode):
                if len(found) < MOST_FILES and not is_ignored(str(path), course.directory.ignore):
                    found[short] = path
            elif not stat.S_ISDIR(mode):
                kind = "symbolic link" if stat.S_ISLNK(mode) else "special file"
                hand_in.remarks.append(Remark("tamper", f"{short} is a {kind}; it was refused", short))
        folders[:] = [f for f in folders if not is_ignored(str(Path(place, f)), course.directory.ignore)]
    return found


def _timestamp(path: Path | None) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()[:100] if path else ""
    except (OSError, ValueError):
        return ""


def _notebook(
    truth: Truth, candidates: dict[str, Path], links: set[str], most: int, hand_in: HandIn
) -> Found | Unreadable:
    name = f"{truth.name}.ipynb"
    if name in candidates:
        found = _read(candidates[name], most)
        hand_in.files.pop(name, None)
        if isinstance(found, Found):
            _say_mended(found, hand_in, truth.name)
        return found
    renamed = sorted(_others(truth, candidates, most), key=lambda item: (-item[0], item[1]))
    if renamed and renamed[0][0] > 0:
        _, other, found = renamed[0]
        hand_in.remarks.append(Remark("repair", f"there was no {name}; {other} was taken for it"))
        hand_in.files.pop(other, None)
        _say_mended(found, hand_in, truth.name)
        return found
    if name in links:
        return Unreadable(f"{name} is a symbolic link, which is refused")
    unreadable = [_read(path, most) for path in candidates.values()]
    reason = next((found for found in unreadable if isinstance(found, Unreadable)), None)
    if reason is not None and len(candidates) == 1:
        return reason
    held = ", ".join(sorted(candidates)[:3]) or "no notebook at all"
    return Unreadable(f"there is no {name}; the hand-in holds {held}")


def _others(truth: Truth, candidates: dict[str, Path], most: int) -> Iterator[tuple[float, str, Found]]:
    """Yield other notebooks with the share of this notebook's cells that they seem to hold."""
    marked = truth.marked
    known = set(marked) | {cell.cell_id for cell in truth.cells if cell.marked and cell.cell_id}
    texts = {cell.released.strip() for cell in truth.cells if cell.released.strip()}
    for name, path in candidates.items():
        found = _read(path, most)
        if isinstance(found, Found):
            names = {claimed(cell).get("grade_id", cell["id"]) for cell in found.cells}
            same = sum(1 for cell in found.cells if cell["source"].strip() in texts)
            yield len(names & known) / max(1, len(marked)) + same / max(1, len(texts)), name, found


def _read(path: Path, most: int) -> Found | Unreadable:
    try:
        size = path.stat().st_size
        if size > most:
            return Unreadable(
                f"{path.name} has {size / 1e6:,.0f} MB, more than the {most / 1e6:,.0f} MB that are read"
            )
        return read_notebook(path.read_bytes())
    except OSError as error:
        return Unreadable(f"{path.name} could not be read: {error.strerror}")
    except Unreadable as error:
        return Unreadable(f"{path.name}: {error}")
    except MemoryError:
        return Unreadable(f"{path.name} is too big to be read")


def _say_mended(found: Found, hand_in: HandIn, name: str) -> None:
    hand_in.remarks += [Remark("repair", f"{name}.ipynb: {sentence}") for sentence in found.mended]


def data_files(hand_in: HandIn, own: dict[str, Path], most: int) -> dict[str, bytes]:
    """Return the contents of the files that the notebook may read: the student's, and over them the instructor's.

    At most `most` bytes in all; what is too much is left out, and said.
    """
    content: dict[str, bytes] = {}
    left = most
    for name, path in sorted({**hand_in.files, **own}.items()):
        if name in NOT_FOR_STUDENTS:
            continue
        size = path.stat().st_size
        if size > left:
            hand_in.remarks.append(
                Remark("note", f"{name} ({size / 1e6:,.0f} MB) was left out: the files are too big")
            )
            continue
        left -= size
        content[name] = path.read_bytes()
    return content


def own_files(course: Course, assignment: str) -> dict[str, Path]:
    """Return the instructor's files, which nbgrader lays over every submission."""
    from nbgrader.utils import find_all_files

    source = course.source_folder(assignment)
    found = find_all_files(str(source), [*course.directory.ignore, "*.ipynb"])
    return {Path(path).relative_to(source).as_posix(): Path(path) for path in found}
