"""Lay out a course with one unit of ours and some hand-ins, for the tests of grading."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path


def source_of(course: Path, unit: str) -> dict:
    """Return a unit's notebook, of its cells only those that exercises need, so that a test stays quick."""
    notebook = json.loads((course / "solutions" / unit / f"{unit}.ipynb").read_text(encoding="utf-8"))
    notebook["cells"] = [
        c for c in notebook["cells"] if c["metadata"].get("nbgrader") or c["id"] == "imports"
    ]
    return notebook


def lay_out(folder: Path, source: dict, unit: str, hand_ins: dict[str, dict]) -> Path:
    """Make a course's folder with one unit, and what its students handed in."""
    course = Path(__file__).resolve().parents[2]
    (folder / "solutions" / unit).mkdir(parents=True)
    text = json.dumps(copy.deepcopy(source))
    (folder / "solutions" / unit / f"{unit}.ipynb").write_text(text, encoding="utf-8")
    shutil.copy(course / "nbgrader_config.py", folder)
    for name, notebook in hand_ins.items():
        target = folder / "grading" / "submitted" / name / unit
        target.mkdir(parents=True)
        (target / f"{unit}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    return folder
