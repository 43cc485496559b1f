"""One run at a time: a lock on the course, kept by the operating system, so a killed run leaves none behind."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

PAUSE = 0.2


@contextlib.contextmanager
def exclusive(path: Path, say: Callable[[str], None], wait: bool = True) -> Iterator[None]:
    """Hold the lock at `path`; while another run holds it, say so once and wait, or raise `Busy`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a+b") as file:
        told = False
        while not _taken(file):
            if not wait:
                raise Busy(f"another run ({_holder(path)}) is grading this course")
            if not told:
                say(f"another run ({_holder(path)}) is grading this course; waiting until it has finished")
                told = True
            time.sleep(PAUSE)
        _sign(path)
        try:
            yield
        finally:
            _sign(path, leave=True)
            _free(file)


class Busy(Exception):
    """Say that another run grades this course."""


def _sign(path: Path, leave: bool = False) -> None:
    """Write who holds the lock into a file beside it (on Windows a locked file itself cannot be read)."""
    with contextlib.suppress(OSError):
        beside = path.with_name(path.name + "-holder")
        beside.unlink() if leave else beside.write_text(f"process {os.getpid()}", encoding="utf-8")


def _holder(path: Path) -> str:
    with contextlib.suppress(OSError):
        return path.with_name(path.name + "-holder").read_text(encoding="utf-8") or "unknown"
    return "unknown"


try:
    import fcntl

    def _taken(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _free(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)

except ImportError:  # Windows
    import msvcrt

    def _taken(file: IO[bytes]) -> bool:
        try:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _free(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
