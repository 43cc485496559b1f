"""Copy what a student's process may have of this library: nothing that judges, and nothing that knows an answer."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
from pathlib import Path

import convbook
from convbook.grading.running.faces import PRESENT, PRESENT_WITH_TORCH

LIBRARY = Path(convbook.__file__).parent


def staged(folder: str) -> str:
    """Copy the modules into `folder`; return where they lie now. The images, which are large, are shown from their place."""
    target = Path(folder) / "convbook"
    (target / "data").mkdir(parents=True)
    for name in (*PRESENT, *PRESENT_WITH_TORCH):
        parts = name.split(".")[1:]
        for depth in range(len(parts)):
            _copied(LIBRARY.joinpath(*parts[:depth], "__init__.py"), target)
        place = LIBRARY.joinpath(*parts)
        for file in [place.with_suffix(".py")] if place.with_suffix(".py").is_file() else place.glob("*.py"):
            if parts != ["data"]:
                _copied(file, target)
    for path in (target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return str(target)


def _copied(file: Path, target: Path) -> None:
    compiled = Path(importlib.util.cache_from_source(str(file)))
    for path in (file, compiled):
        new = target / path.relative_to(LIBRARY)
        if new.exists():
            continue
        os.makedirs(new.parent, exist_ok=True)
        with contextlib.suppress(FileNotFoundError if path is compiled else ()):
            shutil.copy2(path, new)
