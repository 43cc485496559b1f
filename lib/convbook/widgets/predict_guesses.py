"""A learner's guesses, kept as readable JSON beside their notebooks: `work/guesses.json`, by unit and question.

Only somebody who guesses makes a file: nothing is written while notebooks are graded, converted or run by a program.
Where nothing can be written or read, nothing is kept, and nobody is disturbed.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any

FILE = "guesses.json"
COPY = ".convbook.json"  # what `convbook lab` leaves in a learner's folder: `authoring.work.MANIFEST`


def folder() -> Path | None:
    """Return the learner's folder, of which the notebook's own is a part; None where there is none."""
    with contextlib.suppress(OSError):
        here = Path.cwd()
        if (here.parent / COPY).is_file():
            return here.parent
    return None


def read(question: str) -> Any:
    """Return what was guessed at a question of this notebook, maybe long ago; None if nothing is known."""
    place = folder()
    kept = _all(place).get(Path.cwd().name, {}) if place else {}
    about = kept.get(question) if isinstance(kept, dict) else None
    return about.get("guess") if isinstance(about, dict) else None


def write(question: str, about: dict[str, Any]) -> bool:
    """Keep what is known about a guess; return whether it is on the disk."""
    place = folder()
    if place is None:
        return False
    kept = _all(place)
    unit = kept.setdefault(Path.cwd().name, {})
    if not isinstance(unit, dict):
        return False
    unit[question] = about
    beside = place / f".{FILE}.{os.getpid()}"
    try:
        beside.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        os.replace(beside, place / FILE)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink()
        return False
    return True


def _all(place: Path) -> dict[str, Any]:
    """Return everything that is kept; nothing where the file is missing or damaged."""
    try:
        kept = json.loads((place / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}
