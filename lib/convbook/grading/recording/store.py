"""What grading remembers between runs: files in `.convbook/`, each written whole or not at all.

The folder lies beside the gradebook. Losing it costs time, never a score: everything in it can be
made again from the submissions. It holds

    seed                          the course's secret: where the cases of the checks come from
    lock                          held while one run grades this course
    results/ASSIGNMENT/STUDENT/   the last result of every notebook, cell by cell
    recorded/ASSIGNMENT/          what was last written into the gradebook, for every student
    reports/ASSIGNMENT.json       the last report
    reports/before/…              the one before it
    roster.json                   the class list that was imported last
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

FORMAT = 1  # of everything below; older files are not read


class Store:
    """Read and write the files of one course's `.convbook/` folder."""

    def __init__(self, folder: Path):
        self.folder = folder

    def path(self, *names: str) -> Path:
        """Return the path of one file; names come from students, so they cannot lead out of the folder."""
        return self.folder.joinpath(*(_safe(name) for name in names))

    def read(self, *names: str) -> dict[str, Any] | None:
        """Return what was written under these names; None if nothing was, or nothing that can be read."""
        try:
            kept = json.loads(self.path(*names).read_bytes())
        except (OSError, ValueError, RecursionError):
            return None
        fits = isinstance(kept, dict) and kept.get("format") == FORMAT and isinstance(kept.get("kept"), dict)
        return kept["kept"] if fits else None

    def write(self, kept: dict[str, Any], *names: str) -> None:
        """Write plain data under these names."""
        write_whole(self.path(*names), json.dumps({"format": FORMAT, "kept": kept}).encode())

    def seed(self, *words: str) -> int:
        """Return a secret number for these words: the same in every run of this course, in no other course."""
        path = self.folder / "seed"
        secret = ""
        with contextlib.suppress(OSError, ValueError):
            secret = path.read_text(encoding="ascii").strip()
        if not secret:
            secret = secrets.token_hex(32)
            write_whole(path, secret.encode(), mode=0o600)
        return int(digest(secret, *words)[:12], 16)


def digest(*parts: Any) -> str:
    """Return a hash of plain values.

    >>> digest("a", 1) == digest("a", 1), digest("a", 1) == digest("a", "1")
    (True, False)
    """
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def write_whole(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a file so that a reader meets the old one or the new one, also after a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(beside, mode)
        os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise


@contextlib.contextmanager
def exclusive(path: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock at `path`; while another run holds it, say so once and wait.

    The operating system keeps it, so a killed run leaves none behind.
    """
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


def _safe(name: str) -> str:
    """Return a name that is a single, ordinary file name; different names stay different.

    >>> _safe("alice"), _safe("../etc")
    ('alice', '%2e.%2fetc')
    """
    plain = re.sub(r"^\.|[%/\\\0]", lambda found: f"%{ord(found[0]):02x}", name)
    if len(plain.encode()) > 200:
        plain = plain[:40] + hashlib.sha256(name.encode()).hexdigest()
    return plain or "%"
