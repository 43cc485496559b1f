"""Bring the cells of a notebook into an order in which it can be graded: missing ones back, answers from where else they
stand, tests behind their answers.
"""

from __future__ import annotations

import re
from typing import Any

from convbook.grading.reading.match import Placed, behind, missing, same_text
from convbook.grading.reading.recover import Remark
from convbook.grading.reading.reference import Reference, ReferenceCell
from convbook.grading.reading.sources import bound, defined, reads

FENCE = re.compile(r"\s*(`{3,}|~{3,})\s*(\w*)")
PYTHON = ("", "python", "python3", "py", "ipython")


def put_back(placed: list[Placed], reference: Reference, remarks: list[Remark], damaged: bool) -> None:
    """Put every marked cell that is missing behind the last one that precedes it in the instructor's notebook."""
    for true in missing(placed, reference):
        placed.insert(behind(placed, reference, true), Placed(fresh(true), true))
        kind = "tamper" if true.is_check and not damaged else "repair"
        remarks.append(Remark(kind, f"the cell {true.name} was deleted; it was put back", true.name))


def fresh(true: ReferenceCell) -> dict[str, Any]:
    """Return the instructor's cell as a new cell: tests whole, solutions as they were handed out."""
    return {
        "cell_type": true.cell_type,
        "id": true.cell_id or true.name,
        "metadata": {"nbgrader": true.metadata()} if true.marked else {},
        "source": true.source,
    }


def order_checks(placed: list[Placed], reference: Reference, remarks: list[Remark]) -> None:
    """Let every test stand behind the answers it tests: those just before it, and those whose names it reads."""
    answers: list[ReferenceCell] = []
    first, tested = 0, False  # where the answers begin that stand just before a test, or before several
    for true in reference.cells:
        if true.solution and true.cell_type == "code":
            first, tested = len(answers) if tested else first, False
            answers.append(true)
        if not true.is_check:
            continue
        tested, read = True, reads(true.source)
        wanted = [c for n, c in enumerate(answers) if n >= first or bound(c.own) & read]
        here = next(n for n, p in enumerate(placed) if p.true is true)
        last = max((n for n, p in enumerate(placed) if p.true in wanted), default=-1)
        if last > here:
            placed.insert(last, placed.pop(here))
            said = f"the test {true.name} stood before the answer it tests; it was moved behind it"
            remarks.append(Remark("repair", said, true.name))


def order_setup(placed: list[Placed], reference: Reference, remarks: list[Remark]) -> None:
    """Put the instructor's ordinary cells back where an answer or a test reads a name before anything defines it."""
    for true in reference.cells:
        bindings = bound(true.own)
        if true.cell_type != "code" or true.marked or not bindings:
            continue
        here = next((n for n, p in enumerate(placed) if p.true is true), None)
        later = set(reference.cells[reference.cells.index(true) :])
        reader = _first_reader(placed[:here], bindings, later)
        if reader is None:
            continue
        cell = placed.pop(here) if here is not None else Placed(fresh(true), true)
        placed.insert(reader, cell)
        names = ", ".join(sorted(bindings)[:4])
        was = "was deleted" if here is None else "stood too late"
        said = f"the instructor's cell that defines {names} {was}; it was put back"
        remarks.append(Remark("repair", said, true.name))


def _first_reader(placed: list[Placed], names: frozenset[str], later: set[ReferenceCell]) -> int | None:
    """Return where one of the `later` answers and tests first reads one of the names that no cell before it defines."""
    missing = set(names)
    for place, item in enumerate(placed):
        if item.cell["cell_type"] != "code":
            continue
        source = item.cell["source"]
        if item.name and item.true in later and reads(source) & (missing - bound(source)):
            return place
        missing -= bound(source)
    return None


# --- answers elsewhere: in a Markdown cell's fence, or in a cell that the student added


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
    moved = placed.index(answer) > placed.index(other)
    if moved:
        placed.remove(answer)
        placed.insert(placed.index(other), answer)
    early = [p for p in placed[: placed.index(other)] if p.role == "check" and reads(p.true.source) & names]
    for test in early:
        placed.remove(test)
    behind_it = placed.index(other) + 1
    placed[behind_it:behind_it] = early
    return moved or bool(early)
