"""Find in a submission the cells the instructor knows, by ever weaker signs.

The name in nbgrader's metadata; the cell's id; the exact text; the function it defines; a similar text; its
place between its neighbours. Metadata is the student's: it may be wrong, so a name is believed only where the
cell does not plainly look like something else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

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


def match(cells: list[dict[str, Any]], reference: Reference) -> Matches:
    """Return which cell is which."""
    found = Matches()
    _by_name(cells, reference, found)
    for how, same in (
        ("id", _same_id),
        ("text", _same_text),
        ("definition", _same_names),
    ):
        for cell in reference.cells:
            if cell.marked and cell.name not in found.how:
                free = [n for n in range(len(cells)) if n not in found.true and n not in found.copies]
                best = max((n for n in free if same(cells[n], cell)), default=None)
                if best is not None:
                    found.add(best, cell, how)
    _by_likeness(cells, reference, found)
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
        return not (stolen and not _similar(cell, true))
    return not any(other.is_check and same_text(cell["source"], other.released) for other in marked.values())


def _same_id(cell: dict[str, Any], true: ReferenceCell) -> bool:
    return cell["id"] in (true.name, true.cell_id) and bool(cell["id"])


def _same_text(cell: dict[str, Any], true: ReferenceCell) -> bool:
    return any(same_text(cell["source"], text) for text in (true.released, true.source))


def _same_names(cell: dict[str, Any], true: ReferenceCell) -> bool:
    """Tell whether a cell defines what an instructor's solution cell defines."""
    if not true.solution or true.cell_type != "code":
        return False
    wanted = defined(true.own) | defined(true.source)
    return bool(wanted & defined(cell["source"])) if wanted else False


def _by_likeness(cells: list[dict[str, Any]], reference: Reference, found: Matches) -> None:
    """Take for each cell that is still missing the one whose text is most like it."""
    for true in reference.cells:
        if true.marked and true.name not in found.how:
            free = [n for n in range(len(cells)) if n not in found.true and n not in found.copies]
            alike = _likeness([cells[n]["source"] for n in free], true)
            best = max(range(len(free)), key=lambda n: (alike[n], n), default=None)
            if best is not None and alike[best] >= ALIKE:
                found.add(free[best], true, "similarity")


def _similar(cell: dict[str, Any], true: ReferenceCell) -> bool:
    return max(_likeness([cell["source"]], true)) >= ALIKE


def _likeness(texts: list[str], true: ReferenceCell) -> list[float]:
    """Return how alike each text is to a cell as it was handed out or as the instructor has it, from 0 to 1."""
    from rapidfuzz.distance import Indel
    from rapidfuzz.process import cdist

    wanted = [text.strip() for text in (true.released, true.own if true.solution else true.source)]
    wanted = [text for text in wanted if 0 < len(text) <= WORTH_COMPARING]
    if not texts or not wanted:
        return [0.0] * len(texts)
    stripped = [text.strip() if len(text) <= WORTH_COMPARING else "" for text in texts]
    return (
        cdist(stripped, wanted, scorer=Indel.normalized_similarity, score_cutoff=ALIKE).max(axis=1).tolist()
    )


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
    left = [cell for cell in reference.cells if not cell.marked]
    for how in ("text", "id"):
        places: dict[str, int] = {}
        for n in range(len(cells)):
            if n not in found.true:
                places.setdefault(cells[n]["source"].strip() if how == "text" else cells[n]["id"], n)
        for cell in list(left):
            place = places.get(cell.source.strip() if how == "text" else cell.cell_id)
            if place is not None and place not in found.true and cells[place]["source"].strip():
                found.true[place] = cell
                left.remove(cell)


def _by_place(cells: list[dict[str, Any]], reference: Reference, found: Matches) -> None:
    """Take for a lost answer the only unknown cell between its neighbours."""
    order = list(reference.cells)
    for index, cell in enumerate(order):
        if not cell.solution or cell.name in found.how:
            continue
        where = {id(true): place for place, true in found.true.items()}
        before = max((where[id(c)] for c in order[:index] if id(c) in where), default=-1)
        after = min((where[id(c)] for c in order[index + 1 :] if id(c) in where), default=len(cells))
        between = [
            n
            for n in range(before + 1, after)
            if n not in found.true and n not in found.copies and cells[n]["source"].strip()
        ]
        if len(between) == 1:
            found.add(between[0], cell, "place")
