"""Which of the files in a hand-in is the notebook: the one that holds its cells, and of several the one with answers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from convbook.grading.reading.recover import Found, Remark, Unreadable, claimed, read_notebook
from convbook.grading.reading.reference import Reference


def choose(
    reference: Reference,
    references: Collection[Reference],
    files: dict[str, Found | Unreadable],
    refused: dict[str, str],
    beside: Sequence[str],
) -> tuple[Found | Unreadable, str, Remark | None]:
    """Return what was chosen for a notebook: its content or why there is none, from which file, and what is to be said.

    `refused` are names that are no files; `beside` the names of files that are no notebooks.
    """
    name = f"{reference.name}.ipynb"
    own = files.get(name)
    more = {other: found for other, found in files.items() if other != name and isinstance(found, Found)}
    others = {other: found for other, found in more.items() if _lead(reference, references, found) > 0}
    answers = {other: answered(reference, found) for other, found in others.items()}
    best = sorted(others, key=lambda other: (-answers[other], -_share(reference, others[other]), other))
    if isinstance(own, Found) and _share(reference, own) > 0 and _lead(reference, references, own) >= 0:
        # People work in `…-Copy1.ipynb`: a copy that holds more answers is taken.
        mine, copies = answered(reference, own), [other for other in best if answers[other]]
        if copies and answers[copies[0]] > mine:
            said = f"{copies[0]} was taken: it holds {answers[copies[0]]} answers, {name} {mine or 'none'}"
            return others[copies[0]], copies[0], Remark("repair", said)
        left = ", ".join(f"{other} ({answers[other]})" for other in copies)
        said = f"{name} was graded ({mine} answers); beside it lay {left}"
        return own, name, Remark("note", said) if copies else None
    if best:
        holds = "could not be read" if isinstance(own, Unreadable) else "holds another notebook"
        why = f"there was no {name}" if own is None else f"{name} {holds}"
        return others[best[0]], best[0], Remark("repair", f"{why}; {best[0]} was taken for it")
    if own is not None:
        return own, name, None
    if name in refused:
        return Unreadable(f"{name} is a {refused[name]}, which is refused"), "", None
    unreadable = [found for found in files.values() if isinstance(found, Unreadable)]
    if unreadable and len(files) == 1:
        return unreadable[0], "", None
    only = f", only {', '.join(beside[:3])}" if beside else ""
    held = ", ".join(sorted(files)[:3]) or f"no notebook at all{only}"
    return Unreadable(f"there is no {name}; the hand-in holds {held}"), "", None


def answered(reference: Reference, found: Found) -> int:
    """Return how many answers of a notebook are not as they were handed out."""
    answers = [cell for cell in reference.cells if cell.solution and cell.marked]
    stubs = {key: cell.released.strip() for cell in answers for key in (cell.name, cell.cell_id) if key}
    texts = {claimed(cell).get("grade_id", cell["id"]): cell["source"].strip() for cell in found.cells}
    return sum(name in stubs and text not in ("", stubs[name]) for name, text in texts.items())


def _lead(reference: Reference, references: Collection[Reference], found: Found) -> float:
    """Return how much more of this notebook's cells a file seems to hold than of any other notebook's."""
    others = (_share(other, found) for other in references if other is not reference)
    return _share(reference, found) - max(others, default=0.0)


def _share(reference: Reference, found: Found) -> float:
    """Return how much of a notebook's cells a file seems to hold: those with a name, and those with the same text."""
    marked = reference.marked
    known = {key for cell in marked.values() for key in (cell.name, cell.cell_id) if key}
    texts = {cell.released.strip() for cell in reference.cells if cell.released.strip()}
    names = {claimed(cell).get("grade_id", cell["id"]) for cell in found.cells}
    same = sum(cell["source"].strip() in texts for cell in found.cells)
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
