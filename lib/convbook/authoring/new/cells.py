"""The notebook of a new unit, and the five cells of a new exercise."""

from __future__ import annotations

import re
from typing import Any

from convbook.authoring.headings import COST, title_of
from convbook.authoring.new import templates
from convbook.authoring.new.templates import filled
from convbook.nbgrader_course import CourseError


def notebook_of_a_unit(names: dict[str, str]) -> dict[str, Any]:
    cells = [
        _markdown("title", templates.TITLE_CELL, names),
        _code("imports", templates.IMPORTS_CELL, names),
        _markdown("recap", templates.RECAP_CELL, names),
    ]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def notebook_with(notebook: dict[str, Any], names: dict[str, str], points: int) -> dict[str, Any]:
    """Return a notebook with an exercise's five cells before its recap, and its cost in the title."""
    name, cells = names["name"], notebook["cells"]
    title = title_of(notebook)
    if title is None or title.points is None:
        raise CourseError(
            f"the first cell of {names['folder']} does not tell the cost in the form "
            '"**60 min · 9 exercises · 40 points · needs 0 Start here · runs on a CPU**"'
        )
    cells[0]["source"] = COST.sub(lambda found: _more_cost(found, points), cells[0]["source"], count=1)
    example = templates.example(name)
    names = names | {"task": example.task}
    if example is templates.CLASS:
        _import_torch(cells)
    five = [
        _markdown(f"exercise-{name}", templates.BANNER_CELL, names),
        _code(name, example.answer, names, grade=False, solution=True, locked=False),
        _code(f"try-{name}", example.attempt, names),
        _code(
            f"check-{name}",
            templates.CHECK_CELL,
            names,
            grade=True,
            solution=False,
            locked=True,
            points=points,
        ),
        _markdown(f"hints-{name}", templates.HINTS_CELL, names),
    ]
    if points == 1:
        five[0]["source"] = five[0]["source"].replace("1 points", "1 point")
    recaps = [n for n, cell in enumerate(cells) if cell["source"].startswith("## Recap")]
    place = recaps[-1] if recaps else len(cells)
    return notebook | {"cells": [*cells[:place], *five, *cells[place:]], "nbformat_minor": 5}


def _import_torch(cells: list[dict[str, Any]]) -> None:
    """Let a notebook's first cell of imports bring torch too."""
    imports = [cell for cell in cells if cell["cell_type"] == "code" and "import " in cell["source"]][:1]
    for cell in imports:
        missing = [
            line
            for line in ("import torch", "from torch import nn")
            if line not in cell["source"].split("\n")
        ]
        before, np, after = cell["source"].partition("import numpy as np\n")
        cell["source"] = before + np + "".join(f"{line}\n" for line in missing) + after


def _more_cost(found: re.Match[str], points: int) -> str:
    """Return the line of the cost with one exercise of ten minutes more."""
    minutes, exercises, total = int(found[1]) + 10, int(found[2]) + 1, int(found[3]) + points
    rest = found[0].split(" · ", 3)[3:]
    cost = [
        f"{minutes} min",
        f"{exercises} exercise{'s' * (exercises != 1)}",
        f"{total} point{'s' * (total != 1)}",
    ]
    return f"**{' · '.join([*cost, *rest])}" + ("" if rest else "**")


def _markdown(id: str, template: str, names: dict[str, str]) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": id, "metadata": {}, "source": filled(template, names)}


def _code(id: str, template: str, names: dict[str, str], **roles: Any) -> dict[str, Any]:
    """Return a code cell; `roles` make it one of nbgrader's, under the same name."""
    metadata = {"nbgrader": {"grade_id": id, "schema_version": 3, "task": False, **roles}} if roles else {}
    return _markdown(id, template, names) | {
        "cell_type": "code",
        "metadata": metadata,
        "outputs": [],
        "execution_count": None,
    }
