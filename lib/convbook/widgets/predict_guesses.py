"""A learner's guesses, kept as readable JSON beside their notebooks: `work/guesses.json`, by unit and question.

Only somebody who guesses makes a file: nothing is written while notebooks are graded, converted or run by a program.
Where nothing can be written or read, nothing is kept, and nobody is disturbed. Several notebooks may be open at once.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FILE = "guesses.json"
ASIDE = "guesses-damaged.json"
PATIENCE = 3.0  # seconds; a change takes a few thousandths of one
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
    about = _all(place).get(Path.cwd().name, {}).get(question) if place else None
    return about.get("guess") if isinstance(about, dict) else None


def write(question: str, about: dict[str, Any]) -> bool:
    """Keep what is known about a guess; return whether it is on the disk."""
    place = folder()
    if place is None:
        return False
    with _alone(place):
        kept = _all(place)
        kept.setdefault(Path.cwd().name, {})[question] = about
        beside = place / f".{FILE}.{os.getpid()}"
        try:
            beside.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            os.replace(beside, place / FILE)
        except OSError:
            with contextlib.suppress(OSError):
                beside.unlink()
            return False
    return True


def _all(place: Path) -> dict[str, dict[str, Any]]:
    """Return everything that is kept, by unit; what is damaged is put aside and told, what can be read of it stays."""
    try:
        text = (place / FILE).read_bytes()
    except OSError:
        return {}
    try:
        kept = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError):
        kept = None
    units = (
        {name: unit for name, unit in kept.items() if isinstance(unit, dict)}
        if isinstance(kept, dict)
        else {}
    )
    if units != kept and text.strip():
        _put_aside(place, text)
    return units


def _put_aside(place: Path, text: bytes) -> None:
    """Keep a damaged file's bytes under another name, once, and say so in one sentence."""
    numbers = itertools.count(2)
    aside = place / ASIDE
    with contextlib.suppress(OSError):
        while aside.exists() and aside.read_bytes() != text:
            aside = place / ASIDE.replace(".json", f"-{next(numbers)}.json")
        if not aside.exists():
            aside.write_bytes(text)
            print(
                f"Your file {FILE} is damaged: it is kept as {aside.name}, and a new {FILE} takes your next guesses."
            )


@contextlib.contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Let one notebook after the other change the file; after `PATIENCE` seconds, or where no lock can be made, go on."""
    lock = place / f".{FILE}.lock"
    held, until = False, time.monotonic() + PATIENCE
    while not held and time.monotonic() < until:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
            held = True
        except FileExistsError:
            with contextlib.suppress(OSError):
                if time.time() - lock.stat().st_mtime > PATIENCE:  # its kernel was killed
                    lock.unlink()
            time.sleep(0.01)
        except OSError:
            break
    try:
        yield
    finally:
        if held:
            with contextlib.suppress(OSError):
                lock.unlink()
