"""A hash of the code that judges: when it changes, results that were kept no longer hold.

Only what a notebook's tests can reach counts, found by following imports through this library, so that a
change to one unit's checks leaves the other units' results alone.
"""

from __future__ import annotations

import functools
import hashlib
import platform
import re
from importlib.metadata import version
from modulefinder import ModuleFinder
from pathlib import Path

from convbook.grading.recording.store import digest

LIBRARY = Path(__file__).resolve().parents[2]
# The grader's modules that results depend on.
JUDGES = ("running.student", "running.trusted", "running.faces", "running.sandbox", "reading.repair")
PACKAGES = ("numpy", "torch", "matplotlib", "ipython")


def library(text: str) -> str:
    """Return the hash of the library as far as a notebook with this text depends on it."""
    start = {f"convbook.grading.{name}" for name in JUDGES}
    words = set(re.findall(r"\w+", text)) if "convbook" in text else set()
    for path in [*LIBRARY.glob("*"), *LIBRARY.glob("*/*")]:
        if path.stem in words and (path.suffix == ".py" or (path / "__init__.py").is_file()):
            start.add(".".join(["convbook", *path.relative_to(LIBRARY).with_suffix("").parts]))
    return _hash(frozenset(start))


@functools.cache
def _hash(start: frozenset[str]) -> str:
    finder = ModuleFinder([])  # this library alone: other packages are nowhere to be found
    finder.load_package("convbook", str(LIBRARY))
    for name in sorted(start):
        finder.import_hook(name)
    files = sorted((name, module.__file__) for name, module in finder.modules.items() if module.__file__)
    sums = [(name, hashlib.sha256(Path(file).read_bytes()).hexdigest()) for name, file in files]
    return digest(sums, platform.python_version(), [version(package) for package in PACKAGES])
