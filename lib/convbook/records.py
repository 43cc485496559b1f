"""Keep a learner's records as readable JSON beside their notebooks: whole or not at all, also with several writers.

Where nothing can be written or read, nothing is kept, and nobody is disturbed.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
