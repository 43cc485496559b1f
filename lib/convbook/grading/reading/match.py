"""Find in a submission the cells the instructor knows, by ever weaker signs.

The name in nbgrader's metadata; the cell's id; the exact text; the function it defines; a similar text; its
place between its neighbours. Metadata is the student's: it may be wrong, so a name is believed only where the
cell does not plainly look like something else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import Indel

from convbook.grading.reading.recover import claimed, is_skipped
from convbook.grading.reading.reference import Reference, ReferenceCell
from convbook.grading.reading.sources import defined

ALIKE = 0.65  # different answers of this course come to 0.69 at most in one pair of a hundred
WORTH_COMPARING = 20_000  # characters; beyond, two texts are compared for equality only
FIRST_WORD = re.compile(r"\s*\S*")


@dataclass(eq=False)
class Placed:
    """Hold one cell of a notebook that is being repaired and, where it is known, the instructor's.

    `how` says by which sign a marked cell was known; a "copy" is a further cell with the name of one that was found.
    """

    cell: dict[str, Any]
    true: ReferenceCell | None = None
    how: str = ""
    idle: bool = False

    @property
    def name(self) -> str:
        return self.true.name if self.true is not None and self.true.marked else ""

    @property
    def is_free(self) -> bool:
        return self.true is None and self.how != "copy"

    @property
    def role(self) -> str:
        """Return `check`, `student`, or nothing for what is not run."""
        if self.cell["cell_type"] != "code" or self.idle:
            return ""
        if self.true is not None and self.true.is_check:
            return "check"
        return "" if is_skipped(self.cell) and not self.name else "student"

    @property
    def unchanged(self) -> bool:
        """Tell whether this is an ordinary cell of the instructor's, as it was handed out."""
        true = self.true
        return true is not None and not true.marked and same_text(self.cell["source"], true.source)


def match(cells: list[dict[str, Any]], reference: Reference) -> list[Placed]:
    """Return the cells, each with the instructor's that it is."""
    placed = [Placed(cell) for cell in cells]
    _by_name(placed, reference.marked)
    for how, sign in SIGNS.items():
        if sign is _likeness:  # an ordinary cell, word for word, is no marked one that it is a little like
            _ordinary(placed, reference, "source")
        for true in missing(placed, reference):
            free = ((sign(one.cell, true), n) for n, one in enumerate(placed) if one.is_free)
            alike, best = max(free, default=(0, -1))
            if alike >= ALIKE:
                placed[best].true, placed[best].how = true, how
    _ordinary(placed, reference, "id")
    _by_place(placed, reference)
    return placed


def missing(placed: list[Placed], reference: Reference) -> list[ReferenceCell]:
    """Return the marked cells that are not there."""
    there = {one.name for one in placed}
    return [true for true in reference.cells if true.marked and true.name not in there]


def _by_name(placed: list[Placed], marked: dict[str, ReferenceCell]) -> None:
    """Believe the metadata; of several cells of a name the last one counts, as in nbgrader."""
    found = set()
    for one in reversed(placed):
        true = marked.get(claimed(one.cell).get("grade_id"))
        if true is not None and _can_be(one.cell, true, marked):
            one.true, one.how = (None, "copy") if true.name in found else (true, "name")
            found.add(true.name)


def _can_be(cell: dict[str, Any], true: ReferenceCell, marked: dict[str, ReferenceCell]) -> bool:
    """Tell whether a cell that bears a name can be that cell: no test where an answer is, no answer where a test is."""
    if true.locked:
        stolen = any(other.solution and _same_names(cell, other) for other in marked.values())
        return not stolen or _likeness(cell, true) >= ALIKE
    return not any(other.is_check and same_text(cell["source"], other.released) for other in marked.values())


def _same_id(cell: dict[str, Any], true: ReferenceCell) -> bool:
    return cell["id"] in (true.name, true.cell_id) and bool(cell["id"])


def _same_text(cell: dict[str, Any], true: ReferenceCell) -> bool:
    return any(same_text(cell["source"], text) for text in (true.released, true.source))


def _same_names(cell: dict[str, Any], true: ReferenceCell) -> bool:
    """Tell whether a cell defines what an instructor's solution cell defines."""
    is_answer = true.solution and true.cell_type == "code"
    return is_answer and bool((defined(true.own) | defined(true.source)) & defined(cell["source"]))


def _likeness(cell: dict[str, Any], true: ReferenceCell) -> float:
    """Return how alike a cell is to one as it was handed out, or as the instructor has it, from 0 to 1."""
    texts = cell["source"], true.released, true.own if true.solution else true.source
    text, *wanted = [text.strip() if len(text) <= WORTH_COMPARING else "" for text in texts]
    alike = (Indel.normalized_similarity(text, other, score_cutoff=ALIKE) for other in wanted if other)
    return max(alike, default=0.0)


# In this order, from the strongest to the weakest; each tells whether a cell is the instructor's, or how alike they are.
SIGNS = {"id": _same_id, "text": _same_text, "definition": _same_names, "similar text": _likeness}


def same_text(one: str, other: str) -> bool:
    """Tell whether two texts are the same but for white space at the ends of lines.

    >>> same_text("a = 1  \\n\\n", "a = 1"), same_text("a = 1", "a = 2")
    (True, False)
    """
    if one == other:
        return bool(one.strip())
    if FIRST_WORD.match(one)[0].strip() != FIRST_WORD.match(other)[0].strip():
        return False
    lines = [[line.rstrip() for line in text.strip().splitlines()] for text in (one, other)]
    return lines[0] == lines[1] and lines[0] != []


def _ordinary(placed: list[Placed], reference: Reference, sign: str) -> None:
    """Recognise the instructor's ordinary cells by their text ("source") or by their id."""
    known = {one.true for one in placed}
    unknown = [one for one in reversed(placed) if one.true is None and one.cell["source"].strip()]
    there = {one.cell[sign].strip(): one for one in unknown}  # of several, the first
    for true in reference.cells:
        if not true.marked and true not in known:
            one = there.pop(true.source.strip() if sign == "source" else true.cell_id, None)
            if one is not None:
                one.true = true


def _by_place(placed: list[Placed], reference: Reference) -> None:
    """Take for a lost answer the only unknown cell between its neighbours."""
    for true in missing(placed, reference):
        later = set(reference.cells[reference.cells.index(true) :])
        after = next((n for n, one in enumerate(placed) if one.true in later), len(placed))
        between = placed[behind(placed, reference, true) : after]
        unknown = [one for one in between if one.is_free and one.cell["source"].strip()]
        if true.solution and len(unknown) == 1:
            unknown[0].true, unknown[0].how = true, "place"


def behind(placed: list[Placed], reference: Reference, true: ReferenceCell) -> int:
    """Return the place behind all cells that precede one in the instructor's notebook."""
    before = set(reference.cells[: reference.cells.index(true)])
    return max((n + 1 for n, one in enumerate(placed) if one.true in before), default=0)
