"""A hash of the code that judges: when it changes, results that were kept no longer hold.

Only what a notebook's tests can reach counts, found by following imports through this library, so that a
change to one unit's checks leaves the other units' results alone.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import platform
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from convbook.grading.recording.store import digest

LIBRARY = Path(__file__).resolve().parents[2]
# The grader's modules that results depend on.
JUDGES = ("running.student", "running.trusted", "running.faces", "running.sandbox", "reading.repair")
PACKAGES = ("numpy", "torch", "matplotlib", "ipython")


def library(text: str) -> str:
    """Return the hash of the library as far as a notebook with this text depends on it."""
    start = {f"convbook.grading.{name}" for name in JUDGES}
    if "convbook" in text:
        start |= {f"convbook.{name.replace('/', '.')}" for name in _mentioned(text)}
    return _hash(frozenset(start))


def _mentioned(text: str) -> Iterator[str]:
    words = set(re.findall(r"\w+", text))
    for path in [*LIBRARY.glob("*"), *LIBRARY.glob("*/*")]:
        if path.stem in words and (path.suffix == ".py" or (path / "__init__.py").is_file()):
            yield path.relative_to(LIBRARY).with_suffix("").as_posix()


@functools.cache
def _hash(start: frozenset[str]) -> str:
    seen: dict[str, str] = {}
    waiting = sorted(start)
    while waiting:
        name = waiting.pop()
        path = _file(name)
        if path is None or name in seen:
            continue
        content = path.read_bytes()
        seen[name] = hashlib.sha256(content).hexdigest()
        waiting += [other for other in _imports(content, name, path) if other not in seen]
        waiting += [name.rpartition(".")[0]]
    return digest(
        sorted(seen.items()), platform.python_version(), [_version(package) for package in PACKAGES]
    )


def _file(name: str) -> Path | None:
    """Return the file of a module of this library."""
    first, *rest = name.split(".")
    path = LIBRARY.joinpath(*rest)
    files = [path.with_suffix(".py") if rest else path / "__init__.py", path / "__init__.py"]
    return next((file for file in files if first == "convbook" and file.is_file()), None)


def _imports(content: bytes, name: str, path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(content)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            own = name.split(".") if path.stem == "__init__" else name.split(".")[:-1]
            base = ".".join(own[: len(own) - node.level + 1]) + "." if node.level else ""
            module = (base + (node.module or "")).rstrip(".")
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def _version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return package
