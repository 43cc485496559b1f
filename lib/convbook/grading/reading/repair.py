"""Make of a student's notebook one that can be graded: every test the instructor's own, everything else the student's.

What an honest student may do (add cells, delete ordinary ones, run cells in any order, save with another kernel or
another Jupyter) is no repair and gives no remark. Everything else is mended where it can be, and every
mending is a sentence: a `repair` when it is a mishap, a `tamper` when a test or its metadata were touched.
"""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from typing import Any

from convbook.grading.job import Cell
from convbook.grading.reading.idle import idle
from convbook.grading.reading.match import Placed, match, same_text
from convbook.grading.reading.order import bring_answers, code_of, order_checks, order_setup, put_back
from convbook.grading.reading.recover import Remark, claimed, is_skipped, plain, unused
from convbook.grading.reading.reference import Reference, ReferenceCell
from convbook.grading.reading.sources import parsed


@dataclass
class Repaired:
    """Hold a notebook that can be graded, and what was done to get there."""

    reference: Reference
    placed: list[Placed]
    remarks: list[Remark] = field(default_factory=list)

    def cells(self) -> tuple[Cell, ...]:
        """Return what is to be run, in order."""
        names = {p.name for p in self.placed}
        found = []
        for number, placed in enumerate(self.placed):
            name = placed.name or unused(f"cell-{number}", names)
            if placed.role:
                points = placed.true.points if placed.role == "check" else 0.0
                found.append(Cell(name, placed.role, placed.cell["source"], points))
        return tuple(found)

    def leave_out_what_only_shows(self) -> None:
        """Mark the instructor's unchanged cells that nothing graded depends on: they are not run."""
        code = [placed for placed in self.placed if placed.role]
        pieces = [(placed.cell["source"], placed.unchanged) for placed in code]
        for place in idle(pieces, seeds=not self.reference.all_ours):
            code[place].idle = True


def repair(
    cells: list[dict[str, Any]],
    reference: Reference,
    metadata: dict[str, Any] | None = None,
    damaged: bool = False,
) -> Repaired:
    """Return a notebook that can be graded, made of a submission's cells.

    In a file that was `damaged` a missing test is no sign of tampering.
    """
    placed, remarks = match(cells, reference), list[Remark]()
    known = sum(bool(one.name) for one in placed)
    stripped = known > 0 and not any(claimed(cell) for cell in cells)
    if stripped:
        said = f"{known} of {len(reference.marked)} cells were recognised"
        remarks.append(Remark("repair", f"nbgrader's metadata were gone from the whole notebook; {said}"))
    for one in placed:
        remarks += _about_name(one, reference.marked, stripped)
        if one.name:
            remarks += _about_metadata(one.cell, one.true)
            remarks += _about_text(one.cell, one.true)
        one.cell = _mended(one)
    put_back(placed, reference, remarks, damaged)
    bring_answers(placed, reference, remarks)
    order_checks(placed, reference, remarks)
    order_setup(placed, reference, remarks)
    remarks += _about_kernel(reference, metadata or {})
    return Repaired(reference, placed, remarks)


def _mended(placed: Placed) -> dict[str, Any]:
    """Return a cell with the instructor's metadata, and with the instructor's text where it is the instructor's."""
    cell, true = placed.cell, placed.true
    metadata = {key: value for key, value in cell["metadata"].items() if key != "nbgrader"}
    mended = {**cell, "metadata": metadata}
    if not placed.name:
        return mended
    metadata["nbgrader"] = true.metadata()
    if true.locked:
        mended["source"] = true.source
        metadata.pop("tags", None)
    if cell["cell_type"] != true.cell_type:
        mended = {key: value for key, value in mended.items() if key not in ("outputs", "execution_count")}
        mended["cell_type"] = true.cell_type
        if true.cell_type == "code" and true.solution:
            mended["source"] = code_of(cell) or cell["source"]
    return mended


# --- what is said


def _about_name(placed: Placed, marked: Container[str], stripped: bool) -> Iterator[Remark]:
    marks, by_name = claimed(placed.cell), placed.how == "name"
    name = marks.get("grade_id", "")
    if placed.how == "copy":
        yield Remark("repair", f"the cell {name} is there more than once; the last one counts", name)
    elif name in marked and not by_name:
        said = f"a cell bears the name {name} and is another one; the name was taken off it"
        yield Remark("tamper", said, name)
    elif placed.true is None and marks.get("grade") is True and not marks.get("solution"):
        said = f"a cell claims to be a test {name!r} that this assignment does not have"
        yield Remark("tamper", said, name)
    elif placed.name and not by_name and not stripped:
        said = f"the cell {placed.name} had lost its name; it was known by its {placed.how}"
        yield Remark("repair", said, placed.name)


def _about_metadata(cell: dict[str, Any], true: ReferenceCell) -> Iterator[Remark]:
    marks, wanted = claimed(cell), true.metadata()
    for name in ("grade", "solution", "locked", "task", "points"):
        if name not in wanted or name not in marks or _equal(marks[name], wanted[name]):
            continue
        was = f"{str(marks[name])[:40]}"
        if name == "points":
            yield Remark("release", f"{true.name}: points said {was}, it is {wanted[name]}", true.name)
        else:
            said = f"the metadata of {true.name} were changed: {name} said {was}, it is {wanted[name]}"
            yield Remark("tamper", said, true.name, version=f"{name}: {was}")
    if marks and true.is_check and is_skipped(cell):
        said = f"the test {true.name} carried a tag that tells Jupyter not to run it"
        yield Remark("tamper", said, true.name)


def _equal(one: Any, other: Any) -> bool:
    try:
        return float(one) == float(other)
    except (TypeError, ValueError, OverflowError):
        return False


def _about_text(cell: dict[str, Any], true: ReferenceCell) -> Iterator[Remark]:
    text, kind = cell["source"], cell["cell_type"]
    known = any(same_text(text, own) or text.strip() == own.strip() for own in (true.released, true.source))
    if true.locked and not known and not (true.cell_type == "code" and _same_code(text, true.released)):
        what = "test" if true.is_check else "locked cell"
        said = f"the text of the {what} {true.name} was changed; the instructor's was used"
        yield Remark("tamper", said, true.name, version=text.strip()[:2000])
    if kind != true.cell_type:
        said = f"the cell {true.name} had become {kind}; it is {true.cell_type} again"
        yield Remark("repair", said, true.name)


def _same_code(one: str, other: str) -> bool:
    """Tell whether an editor has only tidied up."""
    trees = parsed(one), parsed(other)
    try:
        return all(tree.body for tree in trees) and ast.dump(trees[0]) == ast.dump(trees[1])
    except RecursionError:
        return False


def _about_kernel(reference: Reference, metadata: dict[str, Any]) -> Iterator[Remark]:
    """Say it where a notebook was saved with a kernel of another language."""
    wanted = str(reference.kernelspec.get("language", "python")).lower()
    for part, key in (("kernelspec", "language"), ("language_info", "name")):
        word = plain(str, plain(dict, metadata.get(part)).get(key))
        if word and word.lower() not in (wanted, "ipython"):
            said = f"the notebook was saved with a kernel for {word[:40]}; it was run with {wanted}"
            yield Remark("repair", said)
            return
