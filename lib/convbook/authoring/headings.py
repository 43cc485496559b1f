"""What a notebook says about itself: its title, its cost, and the banner of every exercise."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from convbook.authoring.canonical import grade_id

TITLE = re.compile(r"# (\d+) · (.+)")
COST = re.compile(
    r"\*\*(\d+) min · (\d+) exercises? · (\d+) points?(?: · needs ([^·*]+?))?(?: · runs on a CPU)?\*\*"
)
BANNER = re.compile(r"### ✏️ Exercise (\d+)\.(\d+) — (.+)")
COST_OF_EXERCISE = re.compile(r"\*\*(\d+) min · ([●○]{3}) · (\d+) points?(?: · optional)?\*\*")
CHECK = "check-"


@dataclass(frozen=True)
class Title:
    """Hold what the first cell says: number, topic, promise, minutes, exercises, points."""

    number: int
    topic: str
    promise: str
    minutes: int | None = None
    exercises: int | None = None
    points: int | None = None


@dataclass
class Exercise:
    """Hold one exercise as the notebook shows it: its banner and the cells up to the next banner."""

    unit: int
    number: int
    title: str
    minutes: int | None
    points: int | None
    banner: dict[str, Any]
    cells: list[dict[str, Any]] = field(default_factory=list)

    @property
    def solutions(self) -> list[dict[str, Any]]:
        return [cell for cell in self.cells if role(cell) == "solution"]

    @property
    def checks(self) -> list[dict[str, Any]]:
        return [cell for cell in self.cells if role(cell) == "check"]

    @property
    def answers(self) -> list[dict[str, Any]]:
        """Return the free-text answers and tasks, which a person grades."""
        return [cell for cell in self.cells if role(cell) == "text"]


def title_of(notebook: dict[str, Any]) -> Title | None:
    """Return what a notebook's first cell says, or None where it has no title of our form."""
    source = notebook["cells"][0]["source"] if notebook["cells"] else ""
    lines = source.split("\n")
    head = TITLE.fullmatch(lines[0])
    if not head:
        return None
    promise = next((line for line in lines[1:] if line.strip()), "")
    cost = COST.search(source)
    numbers = [int(cost[n]) for n in (1, 2, 3)] if cost else [None] * 3
    return Title(int(head[1]), head[2].strip(), promise, *numbers)


def exercises_of(notebook: dict[str, Any]) -> list[Exercise]:
    """Return a notebook's exercises in order; each owns the cells after its banner, up to the next heading."""
    found: list[Exercise] = []
    open_exercise = None
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown" and re.search(r"^#{1,3} ", cell["source"], re.MULTILINE):
            open_exercise = banner_of(cell)
            if open_exercise:
                found.append(open_exercise)
        elif open_exercise:
            open_exercise.cells.append(cell)
    return found


def banner_of(cell: dict[str, Any]) -> Exercise | None:
    """Return the exercise a markdown cell announces, or None."""
    head = BANNER.search(cell["source"])
    if not head:
        return None
    cost = COST_OF_EXERCISE.search(cell["source"])
    minutes, points = (int(cost[1]), int(cost[3])) if cost else (None, None)
    return Exercise(int(head[1]), int(head[2]), head[3].strip(), minutes, points, cell)


def role(cell: dict[str, Any]) -> str:
    """Return what nbgrader takes a cell for: `solution`, `check`, `text`, `locked`, or nothing.

    `text` is graded by a person: a free answer or a task.
    """
    grading = cell["metadata"].get("nbgrader", {})
    if grading.get("task") or (grading.get("grade") and grading.get("solution")):
        return "text"
    if grading.get("grade"):
        return "check"
    if grading.get("solution"):
        return "solution"
    return "locked" if grading.get("locked") else ""


def points_of(cell: dict[str, Any]) -> float:
    """Return the points nbgrader gives for a cell."""
    grading = cell["metadata"].get("nbgrader", {})
    return grading.get("points", 0) if grading.get("grade") or grading.get("task") else 0


def name_of(cell: dict[str, Any]) -> str:
    """Return the name by which a sentence points at a cell."""
    return grade_id(cell) or cell.get("id") or "without id"
