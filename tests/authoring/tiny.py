"""A course of one small unit, written by the tests, in the form the real units have."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

CONFIG = """
from pathlib import Path
c = get_config()
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
"""
README = "# Tiny\n\n<!-- units:begin -->\n<!-- units:end -->\n\nThe end.\n"
UNIT = "01_counting"

CHECK = """def check_{name}(answer):
    try:
        value = answer({argument})
    except NotImplementedError:
        raise AssertionError("• {name}: not attempted yet") from None
    assert value == {wanted}, "✗ {name}: got " + str(value)
    print("✓ {name}")"""


def markdown(source: str, **metadata: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": metadata, "source": source}


def code(source: str, **metadata: Any) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "metadata": metadata,
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def nbgrader(grade_id: str, points: int | None = None, **roles: bool) -> dict[str, Any]:
    """Return nbgrader's metadata; `points` makes the cell a check, else it is a solution."""
    grading = {"grade": points is not None, "grade_id": grade_id, "schema_version": 3, "task": False}
    grading |= {"solution": points is None, "locked": points is not None} | roles
    return grading if points is None else grading | {"points": points}


def solution(name: str, source: str) -> dict[str, Any]:
    return code(source, nbgrader=nbgrader(name))


def check(name: str, points: int, source: str | None = None) -> dict[str, Any]:
    return code(source or f"check_{name}({name})", nbgrader=nbgrader(f"check-{name}", points))


def doubled(name: str, factor: int) -> str:
    return f'def {name}(x):\n    """Return x times {factor}."""\n    ### BEGIN SOLUTION\n    return {factor} * x\n    ### END SOLUTION'


def cells() -> list[dict[str, Any]]:
    """Return the cells of a good unit: one plain exercise, and one with two answers under one banner."""
    helpers = [
        CHECK.format(name=n, argument=3, wanted=w) for n, w in (("twice", 6), ("thrice", 9), ("half_of", 12))
    ]
    return [
        markdown(
            "# 1 · Counting\nCount things, and you know how many there are.\n\n"
            "**After this notebook you can** count.\n"
            "**10 min · 2 exercises · 7 points · needs 0 Start here · runs on a CPU**"
        ),
        code("import math"),
        code("\n\n".join(helpers), tags=["helpers"]),
        markdown("Say.\nShow."),
        code("math.floor(2.5)"),
        markdown("### ✏️ Exercise 1.1 — Twice\n**4 min · ●○○ · 3 points** — write `twice`."),
        solution("twice", doubled("twice", 2)),
        code("twice(3)"),
        check("twice", 3),
        markdown("<details><summary>Hint — too small?</summary>\n\nTwo of them.\n</details>"),
        markdown(
            "### ✏️ Exercise 1.2 — Two at once\n**6 min · ●●○ · 4 points** — write `thrice` and `half_of`."
        ),
        solution("thrice", doubled("thrice", 3)),
        solution("half_of", doubled("half_of", 4)),
        code("thrice(3), half_of(3)"),
        check("thrice", 2),
        check("half_of", 2),
        markdown("<details><summary>Hint — which first?</summary>\n\nAny.\n</details>"),
        markdown("## Recap\nYou counted."),
    ]


def notebook(of: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {"cells": copy.deepcopy(of or cells()), "metadata": {}, "nbformat": 4, "nbformat_minor": 4}


def write(path: Path, content: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def make_course(folder: Path, of: list[dict[str, Any]] | None = None, unit: str = UNIT) -> Path:
    """Write a course with one unit and return its folder; nothing is released yet."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "nbgrader_config.py").write_text(CONFIG)
    (folder / "README.md").write_text(README)
    write(folder / "solutions" / unit / f"{unit}.ipynb", notebook(of))
    return folder
