"""Copy what a student's process may have of this library: nothing that judges, and nothing that knows an answer."""

from __future__ import annotations

import shutil
from pathlib import Path

import convbook
from convbook.grading.running.faces import Faces

LIBRARY = Path(convbook.__file__).parent


def staged(folder: str) -> str:
    """Copy the modules into `folder`; return where they lie now. The images, which are large, are shown from their place."""
    target, faces = Path(folder) / "convbook", Faces(())

    def left_out(place: str, names: list[str]) -> list[str]:
        parts = [part for part in Path(place).relative_to(LIBRARY).parts if part != "__pycache__"]
        return [name for name in names if parts == ["data"] or not stays(parts, name)]

    def stays(parts: list[str], name: str) -> bool:
        module, of_python = name.partition(".")[0], Path(name).suffix in ("", ".py", ".pyc")
        face = faces.stands_for(".".join(["convbook", *parts, module]))
        return of_python and (module in ("__init__", "__pycache__") or not face)

    shutil.copytree(LIBRARY, target, ignore=left_out)
    for path in (target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return str(target)
