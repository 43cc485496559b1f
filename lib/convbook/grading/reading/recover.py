"""Read a notebook file whatever has happened to it, and say what had to be mended.

In the order of what can be saved: a whole notebook of any format; one in another encoding; one with a merge
conflict (the student's own side); one that was cut off (every cell that is complete).

Whatever is done with a file here, and later with its cells, takes time and memory: what would take too much is
unreadable, with a sentence.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from convbook.grading.reading.sources import LONGEST_READ, magic_steps

CONFLICT = re.compile(r"^(<{7}|={7}|>{7}|\|{7})( .*)?\r?$", re.MULTILINE)
MOST_CELLS = 5_000
MANY_BYTES = 10_000_000  # of a file that is read as it is
MOST_BYTES = 30_000_000  # of one whose large pictures were left out
MOST_PARTS = 3_000_000  # commas, brackets and braces: what is between them takes a hundred bytes and more
LARGE_PICTURE = re.compile(rb'"[A-Za-z0-9+/=\\]{1000000,}+"')
MOST_TEXT = 8_000_000  # characters of all cells
MOST_CODE = 500_000  # characters of the code cells that are looked into
MOST_MAGIC_STEPS = 200_000
MOST_ATTACHED = 10_000_000  # characters of a notebook's attachments
DEEPEST, MOST_METADATA = 20, 2_000
TEXT_LIMIT = 2_000_000  # characters of one cell
CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
DECODER = json.JSONDecoder(strict=False)
KINDS = {"code": "code", "markdown": "markdown", "raw": "raw", "heading": "markdown", "html": "markdown"}


class Unreadable(Exception):
    """Say why nothing of a file can be graded."""


@dataclass
class Found:
    """Hold what a notebook file holds: cells of nbformat 4.5, the notebook's metadata, and what was mended."""

    cells: list[dict[str, Any]]
    metadata: dict[str, Any] = field(default_factory=dict)
    mended: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Remark:
    """Say one thing about a submission.

    `kind`: `repair` (what was mended), `tamper` (something of the instructor's was touched), `release` (it differs as in
    an older release: points never count in a hand-in, so nobody is accused), or `note` (no fault of the student's).
    """

    kind: str
    sentence: str
    cell: str = ""
    version: str = ""  # of a changed test: the same in all submissions that changed it alike


def read_notebook(content: bytes) -> Found:
    """Return a notebook from the bytes of its file."""
    mended: list[str] = []
    text = _decoded(_bounded(content), mended)
    if not text.strip("\0 \t\r\n"):
        raise Unreadable("the file is empty")
    raw = _parsed(text, mended)
    metadata = plain(dict, raw.get("metadata"))
    cells = [_cell(cell, mended) for cell in _cells(raw, mended) if isinstance(cell, dict)]
    if not cells:
        raise Unreadable("the file holds no cells")
    _refuse_too_much(cells)
    _limit_attachments(cells, mended)
    distinct_ids(cells)
    return Found(cells, metadata if _is_small(metadata) else {}, mended)


def cells_of(path: Path) -> list[dict[str, Any]]:
    """Return the cells of a notebook file of the instructor's; none where it cannot be read."""
    try:
        return read_notebook(path.read_bytes()).cells
    except (OSError, Unreadable):
        return []


def _bounded(content: bytes) -> bytes:
    """Return a file's content without large pictures, if it is large; nobody needs those that cells have shown."""
    if len(content) > MANY_BYTES:
        content = LARGE_PICTURE.sub(b'""', content)
    if len(content) > MOST_BYTES:
        raise Unreadable(
            f"the file holds {len(content) / 1e6:,.0f} MB besides large pictures, more than the "
            f"{MOST_BYTES / 1e6:.0f} MB that are read"
        )
    if sum(content.count(mark) for mark in (b",", b"[", b"{", b"\n")) > MOST_PARTS:
        raise Unreadable(f"the file holds more than the {MOST_PARTS:,} numbers and texts that are read")
    return content


def _refuse_too_much(cells: list[dict[str, Any]]) -> None:
    code = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
    for number, most, what in (
        (len(cells), MOST_CELLS, "cells"),
        (sum(len(cell["source"]) for cell in cells), MOST_TEXT, "characters of text"),
        (sum(len(text) for text in code if len(text) <= LONGEST_READ), MOST_CODE, "characters of code"),
    ):
        if number > most:
            raise Unreadable(f"the file holds {number:,} {what}, more than the {most:,} that are graded")
    if sum(map(magic_steps, code)) > MOST_MAGIC_STEPS:
        raise Unreadable("a cell holds too many magics and shell commands (lines with ! or %) to be graded")


def _decoded(content: bytes, mended: list[str]) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        mended.append("the file was in UTF-16 instead of UTF-8")
        return content.decode("utf-16", errors="replace")
    if content.startswith(b"\xef\xbb\xbf"):
        mended.append("the file began with a byte-order mark")
        content = content[3:]
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.end >= len(content) - 3:  # cut in the middle of a letter: the rest says more
            return content[: error.start].decode("utf-8", errors="replace")
        mended.append("the file was not in UTF-8; it was read as Windows-1252")
        return content.decode("cp1252", errors="replace")


def _parsed(text: str, mended: list[str]) -> dict[str, Any]:
    raw = _json(text)
    if raw is None and CONFLICT.search(text):
        # A conflict may cut through the notebook's structure.
        raw = _json(side(text, 0)) or _json(side(text, 1)) or _rescued(side(text, 0))
        mended.append("the file held an unresolved merge conflict; the first side of it was graded")
    elif raw is None:
        raw = _rescued(text)
        complete = len(raw["cells"])
        mended.append(f"the file was damaged; the {complete} complete cells before the damage were graded")
    if not raw.get("cells") and not raw.get("worksheets"):
        raise Unreadable("the file is not a notebook: it holds no cells")
    return raw


def _json(text: str) -> dict[str, Any] | None:
    """Return the object a text holds; what follows it does not matter. None if it is not whole."""
    try:
        raw, _ = DECODER.raw_decode(text.lstrip())
    except (ValueError, RecursionError):
        return None
    return raw if isinstance(raw, dict) else None


def side(text: str, number: int) -> str:
    """Return one side of every conflict in a text.

    >>> side("a\\n<<<<<<< HEAD\\nmine\\n=======\\nyours\\n>>>>>>> b\\nz", 0)
    'a\\nmine\\nz'
    """
    kept, where = [], -1
    for line in text.split("\n"):
        mark = CONFLICT.match(line)
        if mark:
            where = {"<": 0, "|": 2, "=": 1, ">": -1}[mark[1][0]]
        elif where in (-1, number):
            kept.append(line)
    return "\n".join(kept)


def _rescued(text: str) -> dict[str, Any]:
    """Return the complete cells of a notebook that is not whole."""
    start = re.search(r'"cells"\s*:\s*\[', text)
    if start is None:
        raise Unreadable("the file is not a notebook: no cells can be found in it")
    cells, place = [], start.end()
    with contextlib.suppress(ValueError, RecursionError):
        while (place := text.find("{", place)) >= 0:
            cell, place = DECODER.raw_decode(text, place)
            if "cell_type" not in cell:
                break
            cells.append(cell)
    if not cells:
        raise Unreadable("the file is damaged: not one cell of it is complete")
    return {"cells": cells, "nbformat": 4}


def _cells(raw: dict[str, Any], mended: list[str]) -> list[Any]:
    if isinstance(raw.get("cells"), list):
        return raw["cells"]
    mended.append(f"the notebook was in the old format {raw.get('nbformat', 3)}")
    sheets = [plain(dict, sheet) for sheet in plain(list, raw.get("worksheets"))]
    return [cell for sheet in sheets for cell in plain(list, sheet.get("cells"))]


def plain(kind: type, value: Any) -> Any:
    """Return a value that should be of a kind; an empty one of that kind where it is another."""
    return value if isinstance(value, kind) else kind()


def _cell(raw: dict[str, Any], mended: list[str]) -> dict[str, Any]:
    """Return one cell with just the fields a cell has, of the types they have."""
    kind = KINDS.get(str(raw.get("cell_type")), "raw")
    name = plain(str, raw.get("id"))
    cell = {
        "cell_type": kind,
        "id": name if CELL_ID.fullmatch(name) else "",
        "metadata": _metadata(plain(dict, raw.get("metadata")), mended),
        "source": joined(raw.get("source", raw.get("input")))[:TEXT_LIMIT],
    }
    attachments = plain(dict, raw.get("attachments"))
    if attachments and kind != "code":
        cell["attachments"] = attachments
    if kind == "code":
        count = raw.get("execution_count", raw.get("prompt_number"))
        cell["execution_count"] = count if type(count) is int else None
        # Of what a cell has shown, only the kinds are kept.
        kinds = [plain(str, plain(dict, o).get("output_type")) for o in plain(list, raw.get("outputs"))]
        cell["outputs"] = [{"output_type": kind} for kind in dict.fromkeys(kinds) if kind]
    return cell


def _metadata(metadata: dict[str, Any], mended: list[str]) -> dict[str, Any]:
    """Return a cell's metadata; of those that are nested too deep, or too long, only what grading needs."""
    if _is_small(metadata):
        return metadata
    said = "metadata that were nested too deep, or too long, were left out"
    mended += [said] if said not in mended else []
    return {n: metadata[n] for n in ("nbgrader", "tags") if n in metadata and _is_small(metadata[n])}


def _is_small(value: Any) -> bool:
    waiting, number = [(value, 0)], 0
    while waiting:  # no longer than it takes to see that there is too much
        part, depth = waiting.pop()
        number += 1 + len(plain(str, part)) // 100
        if depth > DEEPEST or number > MOST_METADATA:
            return False
        inner = part.values() if isinstance(part, dict) else plain(list, part)
        waiting += [(item, depth + 1) for item in inner]
    return True


def _limit_attachments(cells: list[dict[str, Any]], mended: list[str]) -> None:
    """Leave out attachments that are no pictures, that are large, or that are too many."""
    left, gone = MOST_ATTACHED, 0
    for cell in cells:
        for name, kinds in list(cell.get("attachments", {}).items()):
            kinds = plain(dict, kinds)
            size = sum(len(plain(str, text)) for text in kinds.values())
            if size > left or not size or not all(isinstance(text, str) for text in kinds.values()):
                del cell["attachments"][name]
                gone += 1
            else:
                left -= size
    if gone:
        mended.append(f"{gone} attached files were left out: they are damaged, or too large")


def joined(text: Any) -> str:
    """Return a cell's text, which may be one string or a list of lines.

    >>> joined(["a\\n", "b"]), joined(None)
    ('a\\nb', '')
    """
    if isinstance(text, list):
        text = "".join(plain(str, part) for part in text)
    return plain(str, text).encode("utf-8", errors="replace").decode("utf-8").replace("\0", "")


def claimed(cell: dict[str, Any]) -> dict[str, Any]:
    """Return the nbgrader metadata that a cell carries; empty where there is none, or nonsense."""
    marks = plain(dict, cell["metadata"].get("nbgrader"))
    return marks if isinstance(marks.get("grade_id"), str) else {}


def is_skipped(cell: dict[str, Any]) -> bool:
    """Tell whether a cell carries nbclient's word for not running it."""
    return "skip-execution" in plain(list, cell["metadata"].get("tags"))


def unused(name: str, taken: Collection[str]) -> str:
    """Return a name, made longer until it is not one of those that are taken."""
    while name in taken:
        name += "-x"
    return name


def distinct_ids(cells: list[dict[str, Any]]) -> None:
    """Give an id to each cell that has none of its own (formats before 4.5, copies)."""
    taken, used = {cell["id"] for cell in cells}, set()
    for number, cell in enumerate(cells):
        if not cell["id"] or cell["id"] in used:
            cell["id"] = unused(f"cell-{number}", taken)
            taken.add(cell["id"])
        used.add(cell["id"])
