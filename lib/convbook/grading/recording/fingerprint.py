"""A hash of the code that judges: when it changes, results that were kept no longer hold."""

from __future__ import annotations

import functools
import hashlib
import platform
from importlib.metadata import version
from pathlib import Path

from convbook.grading.recording.store import digest

LIBRARY = Path(__file__).resolve().parents[2]
PACKAGES = ("numpy", "torch", "matplotlib", "ipython")


@functools.cache
def library() -> str:
    """Return the hash of this library's code, of Python and of what else results depend on.

    All of the code counts: to grade a class once more after an update takes a minute, to find out what a test can
    reach would take a part of a second in every run.
    """
    files = sorted(LIBRARY.rglob("*.py"))
    sums = [(str(file.relative_to(LIBRARY)), hashlib.sha256(file.read_bytes()).hexdigest()) for file in files]
    return digest(sums, platform.python_version(), [version(package) for package in PACKAGES])
