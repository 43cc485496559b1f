"""One run at a time: a lock on the course, kept by the operating system, so a killed run leaves none behind."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import FileLock, Timeout


@contextlib.contextmanager
def exclusive(path: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock at `path`; while another run holds it, say so once and wait."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    holder = path.with_name(path.name + "-holder")  # on Windows a locked file itself cannot be read
    try:
        lock.acquire(timeout=0)
    except Timeout:
        who = "unknown"
        with contextlib.suppress(OSError):
            who = holder.read_text(encoding="utf-8") or who
        say(f"another run ({who}) is grading this course; waiting until it has finished")
        lock.acquire()
    try:
        holder.write_text(f"process {os.getpid()}", encoding="utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()
