"""Read scores and comments off a graded notebook, by nbgrader's own rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from convbook.grading.reading.reference import Reference


@dataclass
class Judged:
    """Hold the automatic scores and comments of one notebook, by cell."""

    scores: dict[str, float | None]
    comments: dict[str, str | None]


def nothing(reference: Reference) -> Judged:
    """Return what a notebook that was not handed in gets: nothing."""
    return Judged({cell.name: 0.0 for cell in reference.cells if cell.grade or cell.task}, {})


def judge(notebook: dict[str, Any]) -> Judged:
    """Return the scores and comments that nbgrader's own rules read from a graded notebook."""
    from nbformat import from_dict
    from nbgrader import utils

    judged = Judged({}, {})
    for raw in notebook["cells"]:
        if "nbgrader" not in raw["metadata"]:
            continue
        cell = from_dict(raw)
        name = cell.metadata.nbgrader["grade_id"]
        if utils.is_grade(cell):
            judged.scores[name] = utils.determine_grade(cell)[0]
        if utils.is_task(cell):
            judged.scores.setdefault(name, None)
            judged.comments[name] = None
        if utils.is_solution(cell):
            untouched = cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell)
            judged.comments[name] = "No response." if untouched else None
    return judged
