"""Find answers that stand elsewhere than in their own cell: in a Markdown cell's fence, or in a cell the student added."""

from __future__ import annotations

import re
from typing import Any

from convbook.grading.reading.match import same_text
from convbook.grading.reading.placed import Placed, Remark
from convbook.grading.reading.reference import Reference, ReferenceCell
from convbook.grading.reading.sources import defined, reads

FENCE = re.compile(r"\s*(`{3,}|~{3,})\s*(\w*)")
PYTHON = ("", "python", "python3", "py", "ipython")


def fenced(text: str) -> str:
    """Return the Python code that stands in a Markdown text's fences.

    >>> fenced("My answer:\\n```python\\nx = 1\\n```\\nDone.")
    'x = 1'
    """
    code, opened, wanted = [], "", False
    for line in text.split("\n"):
        mark = FENCE.match(line)
        if mark and not opened:
            opened, wanted = mark[1], mark[2].lower() in PYTHON
        elif mark and mark[1].startswith(opened) and not mark[2]:
            opened = ""
        elif opened and wanted:
            code.append(line)
    return "\n".join(code)


def code_of(cell: dict[str, Any]) -> str:
    """Return a cell's code, of a Markdown cell what stands in fences, of a raw one its text."""
    if cell["cell_type"] == "markdown":
        return fenced(cell["source"])
    return cell["source"] if cell["cell_type"] == "code" else fenced(cell["source"]) or cell["source"]


def bring_answers(placed: list[Placed], reference: Reference, remarks: list[Remark]) -> None:
    """For each answer that is still as it was handed out take a cell of the student's that defines the same."""
    own = [item for item in placed if item.true is None]
    for true in reference.cells:
        answer = next((p for p in placed if p.true is true and true.solution), None)
        names = defined(true.released) or defined(true.own)
        if answer is None or not names or not same_text(answer.cell["source"], true.released):
            continue
        other = next((p for p in reversed(own) if names <= defined(code_of(p.cell))), None)
        if other is None:
            continue
        kind = other.cell["cell_type"]
        if kind != "code":
            answer.cell = {**answer.cell, "source": code_of(other.cell)}
            said = f"the answer {true.name} stood in a {kind} cell; it was taken from there"
        elif _swap(placed, answer, other, names):
            said = f"the answer {true.name} stood in another cell than its own; that cell was taken for it"
        else:
            continue
        remarks.append(Remark("repair", said, true.name))


def _swap(placed: list[Placed], answer: Placed, other: Placed, names: frozenset[str]) -> bool:
    """Let the untouched answer stand before the cell that answers, and the tests behind it; tell whether any moved."""

    def place(item: Placed) -> int:
        return next(n for n, p in enumerate(placed) if p is item)

    moved = place(answer) > place(other)
    if moved:
        placed.pop(place(answer))
        placed.insert(place(other), answer)
    early = [p for p in placed[: place(other)] if _is_test_of(p.true, names)]
    for test in early:
        placed.pop(place(test))
    placed[place(other) + 1 : place(other) + 1] = early
    return moved or bool(early)


def _is_test_of(true: ReferenceCell | None, names: frozenset[str]) -> bool:
    return true is not None and true.is_check and bool(reads(true.source) & names)
