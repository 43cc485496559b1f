"""Keep a learner's records as readable JSON beside their notebooks: whole or not at all, also with several writers.

Only a person who works in their own copy makes such a file: nothing is written while notebooks are graded, converted or run
by a program. Where nothing can be written or read, nothing is kept, and nobody is disturbed.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COPY = ".convbook.json"  # what `convbook lab` leaves in a learner's folder: `authoring.work.MANIFEST`
CLOCK = "questions"  # the entry of the drills that counts all questions; no kind is called so
PATIENCE = 3.0  # seconds; a change takes a few thousandths of one


@dataclass(frozen=True)
class Records:
    """Name a file of records; its content is an object whose values are objects. `what` is what it takes next."""

    file: str
    what: str

    def read(self, place: Path) -> dict[str, dict[str, Any]]:
        """Return everything that is kept; what is damaged is put aside and told, what can be read of it stays."""
        try:
            text = (place / self.file).read_bytes()
        except OSError:
            return {}
        try:
            kept = json.loads(text.decode("utf-8"))
        except (ValueError, RecursionError):
            kept = None
        readable = (
            {name: one for name, one in kept.items() if isinstance(one, dict)}
            if isinstance(kept, dict)
            else {}
        )
        if readable != kept and text.strip():
            self._put_aside(place, text)
        return readable

    def change(self, place: Path, update: Callable[[dict[str, dict[str, Any]]], Any]) -> bool:
        """Let `update` change what is kept, while nobody else does; return whether it is on the disk."""
        with self._alone(place):
            kept = self.read(place)
            update(kept)
            beside = place / f".{self.file}.{os.getpid()}"
            try:
                beside.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
                os.replace(beside, place / self.file)
            except OSError:
                with contextlib.suppress(OSError):
                    beside.unlink()
                return False
        return True

    def _put_aside(self, place: Path, text: bytes) -> None:
        """Keep a damaged file's bytes under another name, once, and say so in one sentence."""
        numbers = itertools.count(2)
        stem = self.file.removesuffix(".json")
        aside = place / f"{stem}-damaged.json"
        with contextlib.suppress(OSError):
            while aside.exists() and aside.read_bytes() != text:
                aside = place / f"{stem}-damaged-{next(numbers)}.json"
            if not aside.exists():
                aside.write_bytes(text)
                print(
                    f"Your file {self.file} is damaged: it is kept as {aside.name}, and a new {self.file} takes {self.what}."
                )

    @contextlib.contextmanager
    def _alone(self, place: Path) -> Iterator[None]:
        """Let one writer after the other change the file; after `PATIENCE` seconds, or where no lock can be made, go on."""
        lock = place / f".{self.file}.lock"
        held, until = False, time.monotonic() + PATIENCE
        while not held and time.monotonic() < until:
            try:
                os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
                held = True
            except FileExistsError:
                with contextlib.suppress(OSError):
                    if time.time() - lock.stat().st_mtime > PATIENCE:  # its writer was killed
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


GUESSES = Records("guesses.json", "your next guesses")  # by unit and question
DRILLS = Records("drills.json", "your next answers")  # by kind of question
PROGRESS = Records("progress.json", "what your next checks say")  # by unit and exercise


def folder() -> Path | None:
    """Return the learner's folder, of which the notebook's own is a part; None where there is none."""
    with contextlib.suppress(OSError):
        here = Path.cwd()
        if (here.parent / COPY).is_file():
            return here.parent
    return None


def somebody_is_there() -> bool:
    """Tell whether a notebook's kernel runs us, and nbgrader does not: only then anybody works here."""
    if os.environ.get("NBGRADER_EXECUTION") or "IPython" not in sys.modules:
        return False
    shell = sys.modules["IPython"].get_ipython()
    return getattr(shell, "kernel", None) is not None


def number(kept: Mapping[str, Any], name: str, entry: str) -> int:
    """Return a count that is kept, 0 where none is, or what is there is none."""
    about = kept.get(name)
    value = about.get(entry, 0) if isinstance(about, Mapping) else 0
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0
