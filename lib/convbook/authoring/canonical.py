"""The one form in which a notebook is committed: same content, same bytes.

nbformat 4.5, no outputs, one kernel, only the metadata the course uses, stable cell ids.
From the first answer or check on every code cell carries the tag `raises-exception`: an answer that is open or wrong, its
check, and whatever uses it may fail, and JupyterLab's *Run All* goes on. No author sets this tag by hand.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from convbook.authoring.files import write_whole
from convbook.nbgrader_course import CourseError

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
NBGRADER_KEYS = (
    "cell_type",
    "checksum",
    "grade",
    "grade_id",
    "locked",
    "points",
    "schema_version",
    "solution",
    "task",
)
ROLES = ("grade", "solution", "locked", "task")
MAY_FAIL = "raises-exception"  # JupyterLab's and nbclient's word for a cell whose error stops nothing
CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def canonical(notebook: dict[str, Any]) -> dict[str, Any]:
    """Return a notebook's canonical form; the argument stays as it was.

    `notebook` is the notebook as JSON gives it (nbformat 4) or as a nbformat `NotebookNode`.
    """
    raw = json.loads(json.dumps(notebook))
    had_ids = (raw.get("nbformat"), raw.get("nbformat_minor", 0)) >= (4, 5)
    cells = [_cell(cell, keep_id=had_ids) for cell in raw["cells"]]
    _give_ids(cells)
    _let_fail(cells)
    return {
        "cells": cells,
        "metadata": {"kernelspec": dict(KERNEL), "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def as_bytes(notebook: dict[str, Any]) -> bytes:
    """Return the bytes of a notebook's file: one space of indentation, sorted keys, UTF-8, a newline at the end."""
    return (json.dumps(_with_lines(notebook), indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def read(path: Path) -> dict[str, Any]:
    """Return a notebook as nbformat 4, cells with their source as one string."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw.get("nbformat", 0) < 4:
            import nbformat

            raw = nbformat.convert(nbformat.from_dict(raw), 4)
            raw["nbformat_minor"] = 0  # the ids that conversion made up are not the notebook's own
        if not isinstance(raw["cells"], list):
            raise TypeError("cells")
        for cell in raw["cells"]:
            cell["source"] = joined(cell.get("source", ""))
    except OSError as error:
        raise CourseError(f"{path} could not be read: {error.strerror}") from error
    except Exception as error:
        raise CourseError(
            f"{path} is not a whole notebook ({type(error).__name__}: {error}); "
            "open it in a text editor, or take it from git again"
        ) from error
    return raw


def canonical_bytes(path: Path) -> bytes:
    """Return what the notebook file at `path` holds in its canonical form."""
    try:
        return as_bytes(canonical(read(path)))
    except (KeyError, TypeError, AttributeError) as error:
        raise CourseError(f"{path} has a cell without the parts a notebook cell needs ({error})") from error


def clean(paths: list[Path], check: bool = False) -> list[Path]:
    """Bring notebooks into their canonical form and return those that were not in it.

    `paths` are notebooks or folders of them. With `check` nothing is written.
    """
    changed = []
    for path in notebooks_in(paths):
        wanted = canonical_bytes(path)
        if path.read_bytes() != wanted:
            changed.append(path)
            if not check:
                write_whole(path, wanted)
    return changed


def notebooks_in(paths: list[Path]) -> list[Path]:
    """Return the notebooks that paths name, those of folders in order, without Jupyter's checkpoints."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            below = sorted(path.rglob("*.ipynb"))
            found += [p for p in below if not any(part.startswith(".") for part in p.relative_to(path).parts)]
        elif path.is_file():
            found.append(path)
        else:
            raise CourseError(f"there is no notebook or folder {path}")
    return found


def joined(source: str | list[str]) -> str:
    """Return a cell's source as one string, however the file held it."""
    return source if isinstance(source, str) else "".join(source)


def tidy(source: str) -> str:
    """Return source with plain line ends, no blanks at the end of lines and no empty lines at its end.

    >>> tidy("a = 1  \\r\\nb\\n\\n")
    'a = 1\\nb'
    """
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip(" \t") for line in lines).rstrip("\n")


def _cell(cell: dict[str, Any], keep_id: bool) -> dict[str, Any]:
    kept: dict[str, Any] = {
        "cell_type": cell["cell_type"],
        "id": cell.get("id") if keep_id else None,
        "metadata": _metadata(cell.get("metadata", {})),
        "source": tidy(joined(cell.get("source", ""))),
    }
    if cell["cell_type"] == "code":
        kept |= {"execution_count": None, "outputs": []}
    if cell.get("attachments"):
        kept["attachments"] = cell["attachments"]
    return kept


def _metadata(metadata: dict[str, Any]) -> dict[str, Any]:
    kept = {key: metadata[key] for key in ("deletable", "editable") if metadata.get(key) is False}
    if metadata.get("tags"):
        kept["tags"] = list(dict.fromkeys(metadata["tags"]))
    if metadata.get("jupyter", {}).get("source_hidden"):
        kept["jupyter"] = {"source_hidden": True}
    grading = {
        key: metadata.get("nbgrader", {})[key] for key in NBGRADER_KEYS if key in metadata.get("nbgrader", {})
    }
    if any(grading.get(role) for role in ROLES):
        kept["nbgrader"] = grading
    return kept


def _let_fail(cells: list[dict[str, Any]]) -> None:
    """Tag every code cell from the first answer or check on as one that may fail, and no other cell."""
    answered = False
    for cell in cells:
        metadata = cell["metadata"]
        grading = metadata.get("nbgrader", {})
        answered = answered or bool(grading.get("solution") or grading.get("grade"))
        tags = [tag for tag in metadata.pop("tags", []) if tag != MAY_FAIL]
        if answered and cell["cell_type"] == "code":
            tags.append(MAY_FAIL)
        if tags:
            metadata["tags"] = tags


def grade_id(cell: dict[str, Any]) -> str | None:
    """Return the name nbgrader knows a cell by, or None."""
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def _give_ids(cells: list[dict[str, Any]]) -> None:
    """Give every cell an id: nbgrader's name, else the id it has, else one made from its content."""
    ids: list[str | None] = [None] * len(cells)
    for wishes in ([grade_id(cell) for cell in cells], [cell["id"] for cell in cells]):
        for place, wish in enumerate(wishes):
            valid = isinstance(wish, str) and CELL_ID.fullmatch(wish)
            if ids[place] is None and valid and wish not in ids:
                ids[place] = wish
    for place, cell in enumerate(cells):
        cell["id"] = ids[place] = ids[place] or _made_id(cell, ids)


def _made_id(cell: dict[str, Any], taken: list[str | None]) -> str:
    """Return an id that the same content always gets; cells of equal content are counted."""
    digest = hashlib.sha256(f"{cell['cell_type']}\n{cell['source']}".encode()).hexdigest()[:8]
    number, made = 1, f"c-{digest}"
    while made in taken:
        number, made = number + 1, f"c-{digest}-{number + 1}"
    return made


def _with_lines(notebook: dict[str, Any]) -> dict[str, Any]:
    """Return the notebook with every source as a list of lines, as notebook files hold it."""
    cells = [cell | {"source": cell["source"].splitlines(keepends=True)} for cell in notebook["cells"]]
    return notebook | {"cells": cells}
