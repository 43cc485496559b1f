"""Find in a submission the cells the instructor knows, by ever weaker signs.

The name in nbgrader's metadata; the cell's id; the exact text; the function it defines; a similar text; its
place between its neighbours. Metadata is the student's: it may be wrong, so a name is believed only where the
cell does not plainly look like something else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz.distance import Indel

from convbook.grading.reading.recover import claimed
from convbook.grading.reading.reference import Reference, ReferenceCell
from convbook.grading.reading.sources import defined

ALIKE = 0.65  # different answers of this course come to 0.69 at most in one pair of a hundred
WORTH_COMPARING = 20_000  # characters; beyond, two texts are compared for equality only
FIRST_WORD = re.compile(r"\s*\S*")


@dataclass
class Matches:
    """Say which cell of a submission is which of the instructor's.

    `true` maps positions in the submission to the instructor's cells; `how` says by which sign a cell was known;
    `copies` are further cells that bear the name of one that was found.
    """

    true: dict[int, ReferenceCell] = field(default_factory=dict)
    how: dict[str, str] = field(default_factory=dict)
    copies: dict[int, str] = field(default_factory=dict)
    retagged: dict[int, str] = field(default_factory=dict)

    def add(self, place: int, cell: ReferenceCell, how: str) -> None:
        self.true[place] = cell
        self.how[cell.name] = how

    def is_free(self, place: int) -> bool:
        return place not in self.true and place not in self.copies


def match(cells: list[dict[str, Any]], reference: Reference) -> Matches:
    """Return which cell is which."""
    found = Matches()
    _by_name(cells, reference, found)
    for how, sign in SIGNS.items():
        for true in reference.cells:
            if true.marked and true.name not in found.how:
                free = (n for n in range(len(cells)) if found.is_free(n))
                alike, best = max(((sign(cells[n], true), n) for n in free), default=(0, -1))
                if alike >= ALIKE:
                    found.add(best, true, how)
    _ordinary(cells, reference, found)
    _by_place(cells, reference, found)
    return found


def _by_name(cells: list[dict[str, Any]], reference: Reference, found: Matches) -> None:
    """Believe the metadata; of several cells of a name the last one counts, as in nbgrader."""
    marked = reference.marked
    for place in reversed(range(len(cells))):
        name = claimed(cells[place]).get("grade_id")
        if name not in marked:
            continue
        if not _can_be(cells[place], marked[name], marked):
            found.retagged[place] = name
        elif name in found.how:
            found.copies[place] = name
        else:
            found.add(place, marked[name], "name")


def _can_be(cell: dict[str, Any], true: ReferenceCell, marked: dict[str, ReferenceCell]) -> bool:
    """Tell whether a cell that bears a name can be that cell: no test where an answer is, no answer where a test is."""
    if true.is_ours:
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
    return max(
        Indel.normalized_similarity(text, other, score_cutoff=ALIKE) if other else 0.0 for other in wanted
    )


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


def _ordinary(cells: list[dict[str, Any]], reference: Reference, found: Matches) -> None:
    """Recognise the instructor's ordinary cells: those of the same text first, then those of the same id."""
    left = [true for true in reference.cells if not true.marked]
    for same in ("text", "id"):
        places: dict[str, int] = {}
        for n, cell in enumerate(cells):
            if n not in found.true and cell["source"].strip():
                places.setdefault(cell["source"].strip() if same == "text" else cell["id"], n)
        for true in list(left):
            place = places.pop(true.source.strip() if same == "text" else true.cell_id, None)
            if place is not None:
                found.true[place] = true
                left.remove(true)


def _by_place(cells: list[dict[str, Any]], reference: Reference, found: Matches) -> None:
    """Take for a lost answer the only unknown cell between its neighbours."""
    for index, cell in enumerate(reference.cells):
        if not cell.solution or cell.name in found.how:
            continue
        where = {id(true): place for place, true in found.true.items()}
        before = max((where[id(c)] for c in reference.cells[:index] if id(c) in where), default=-1)
        after = min((where[id(c)] for c in reference.cells[index:] if id(c) in where), default=len(cells))
        between = [n for n in range(before + 1, after) if found.is_free(n) and cells[n]["source"].strip()]
        if len(between) == 1:
            found.add(between[0], cell, "place")
