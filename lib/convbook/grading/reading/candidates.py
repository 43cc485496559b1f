"""Which of the files in a hand-in is the notebook: the one that holds its cells, and of several the one with answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from convbook.grading.reading.recover import Found, Unreadable, claimed, read_notebook
from convbook.grading.reading.reference import Reference


@dataclass
class Choice:
    """Hold what was chosen for a notebook: its content or why there is none, from which file, and what is to be said."""

    found: Found | Unreadable
    name: str = ""
    mended: str = ""
    note: str = ""


def choose(
    reference: Reference,
    references: list[Reference],
    files: dict[str, Found | Unreadable],
    refused: dict[str, str],
    held: str,
) -> Choice:
    """Return the choice for one notebook; `refused` are names that are no files, `held` says what else is there."""
    name = f"{reference.name}.ipynb"
    own = files.get(name)
    if isinstance(own, Found) and len(files) == 1:
        return Choice(own, name)
    others = sorted(_others(reference, references, files), key=lambda item: (-item[0], -item[1], item[2]))
    if isinstance(own, Found) and _is_own(reference, references, own):
        return _own_or_copy(reference, own, name, others)
    if others:
        _, _, other, found = others[0]
        holds = "could not be read" if isinstance(own, Unreadable) else "holds another notebook"
        why = f"there was no {name}" if own is None else f"{name} {holds}"
        return Choice(found, other, f"{why}; {other} was taken for it")
    if own is not None:
        return Choice(own, name)
    if name in refused:
        return Choice(Unreadable(f"{name} is a {refused[name]}, which is refused"))
    unreadable = [found for found in files.values() if isinstance(found, Unreadable)]
    if unreadable and len(files) == 1:
        return Choice(unreadable[0])
    return Choice(Unreadable(f"there is no {name}; the hand-in holds {held}"))


def _own_or_copy(
    reference: Reference, own: Found, name: str, others: list[tuple[int, float, str, Found]]
) -> Choice:
    """Return the notebook, or a copy beside it that holds more answers: people work in `…-Copy1.ipynb`."""
    mine = answered(reference, own)
    copies = [(number, other, found) for number, _, other, found in others if number]
    if copies and copies[0][0] > mine:
        number, other, found = copies[0]
        return Choice(found, other, f"{other} was taken: it holds {number} answers, {name} {mine or 'none'}")
    beside = ", ".join(f"{other} ({number})" for number, other, _ in copies)
    return Choice(
        own, name, note=f"{name} was graded ({mine} answers); beside it lay {beside}" if copies else ""
    )


def answered(reference: Reference, found: Found) -> int:
    """Return how many answers of a notebook are not as they were handed out."""
    stubs = {cell.name: cell.released.strip() for cell in reference.cells if cell.solution and cell.marked}
    stubs |= {
        cell.cell_id: cell.released.strip() for cell in reference.cells if cell.name in stubs and cell.cell_id
    }
    names = [(claimed(cell).get("grade_id", cell["id"]), cell["source"].strip()) for cell in found.cells]
    return sum(1 for name, text in dict(names).items() if name in stubs and text not in ("", stubs[name]))


def _others(
    reference: Reference, references: list[Reference], files: dict[str, Found | Unreadable]
) -> Iterator[tuple[int, float, str, Found]]:
    """Yield the files that seem to hold this notebook's cells, with answers and share; none that holds more of another."""
    for name, found in files.items():
        if isinstance(found, Found) and name != f"{reference.name}.ipynb":
            share = _share(reference, found)
            if share > _share_of_others(reference, references, found):
                yield answered(reference, found), share, name, found


def _is_own(reference: Reference, references: list[Reference], found: Found) -> bool:
    return 0 < _share(reference, found) >= _share_of_others(reference, references, found)


def _share_of_others(reference: Reference, references: list[Reference], found: Found) -> float:
    return max((_share(other, found) for other in references if other is not reference), default=0.0)


def _share(reference: Reference, found: Found) -> float:
    """Return how much of a notebook's cells a file seems to hold: those with a name, and those with the same text."""
    marked = reference.marked
    known = set(marked) | {cell.cell_id for cell in reference.cells if cell.marked and cell.cell_id}
    texts = {cell.released.strip() for cell in reference.cells if cell.released.strip()}
    names = {claimed(cell).get("grade_id", cell["id"]) for cell in found.cells}
    same = sum(1 for cell in found.cells if cell["source"].strip() in texts)
    return len(names & known) / max(1, len(marked)) + same / max(1, len(texts))


def read_file(path: Path, most: int) -> Found | Unreadable:
    """Return a notebook file's content, or why there is none; one of more than `most` bytes is not read."""
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
