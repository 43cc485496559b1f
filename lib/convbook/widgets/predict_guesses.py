"""A learner's guesses, kept as readable JSON beside their notebooks: `work/guesses.json`, by unit and question.

Only somebody who guesses makes a file: nothing is written while notebooks are graded, converted or run by a program.
Where nothing can be written or read, nothing is kept, and nobody is disturbed. Several notebooks may be open at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from convbook.records import GUESSES, folder


def read(question: str) -> Any:
    """Return what was guessed at a question of this notebook, maybe long ago; None if nothing is known."""
    place = folder()
    about = GUESSES.read(place).get(Path.cwd().name, {}).get(question) if place else None
    return about.get("guess") if isinstance(about, dict) else None


def write(question: str, about: dict[str, Any]) -> bool:
    """Keep what is known about a guess; return whether it is on the disk."""
    place = folder()
    if place is None:
        return False
    unit = Path.cwd().name
    return GUESSES.change(place, lambda kept: kept.setdefault(unit, {}).update({question: about}))
