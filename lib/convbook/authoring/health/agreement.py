"""Do a unit's headings, minutes, points, names and checks say the same?"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from convbook.authoring.canonical import grade_id
from convbook.authoring.headings import (
    CHECK,
    Exercise,
    exercises_of,
    name_of,
    points_of,
    role,
    title_of,
)
from convbook.forms import Unit

LETTERS = {"solution": "S", "check": "C", "text": "A", "locked": "L"}
# solution, try, check, once or for each of the answers under one banner; then hints; or free text
BEAT = re.compile(r"(S+T+C+)+H[MTH]*|A+[MTH]*")
Saying = tuple[str, str]  # the cell's name, or nothing, and a sentence about it


def disagreements(notebook: dict[str, Any], unit: str, checks: Unit | None) -> Iterator[Saying]:
    """Yield a sentence for everything in a source notebook that contradicts something else.

    `unit` is the folder's name, `checks` the unit as `convbook.checks` has it, or None if there is none.
    """
    exercises = exercises_of(notebook)
    yield from about_the_title(notebook, unit, exercises)
    yield from about_names(notebook)
    yield from about_strays(notebook, exercises)
    for place, exercise in enumerate(exercises, start=1):
        yield from about_an_exercise(exercise, int(unit[:2]), place)
    if checks is None:
        yield "", f"there is no unit {unit} in convbook.checks.{unit[3:]}"
    else:
        yield from about_the_checks(exercises, unit, checks)


def about_the_title(notebook: dict[str, Any], unit: str, exercises: list[Exercise]) -> Iterator[Saying]:
    """Compare the first cell with the folder's name and with what the exercises add up to."""
    title = title_of(notebook)
    first = name_of(notebook["cells"][0]) if notebook["cells"] else ""
    if title is None:
        yield first, 'the first cell does not begin with a title such as "# 1 · Convolution"'
        return
    if title.number != int(unit[:2]):
        yield first, f"the title says unit {title.number}, the folder {int(unit[:2])}"
    if not title.promise or title.promise.startswith(("#", "**")):
        yield first, "the title is not followed by one sentence of promise"
    if title.points is None:
        wanted = "**60 min · 9 exercises · 40 points · needs 0 Start here · runs on a CPU**"
        yield first, f'the first cell does not tell the cost in the form "{wanted}"'
        return
    minutes, points = (sum(getattr(e, part) or 0 for e in exercises) for part in ("minutes", "points"))
    graded = sum(points_of(cell) for cell in notebook["cells"])
    if title.exercises != len(exercises):
        yield first, f"the title says {title.exercises} exercises, the notebook has {len(exercises)} banners"
    if title.points != points:
        yield first, f"the title says {title.points} points, the banners add up to {points}"
    if title.points != graded:
        yield first, f"the title says {title.points} points, nbgrader's cells add up to {graded:g}"
    if title.minutes < minutes:
        yield first, f"the title says {title.minutes} min, the exercises alone add up to {minutes}"


def about_names(notebook: dict[str, Any]) -> Iterator[Saying]:
    """Find names that two graded cells share."""
    counts = Counter(grade_id(cell) for cell in notebook["cells"] if grade_id(cell))
    for name, count in counts.items():
        if count > 1:
            yield name, f"{count} cells have this grade_id; nbgrader needs each once"


def about_strays(notebook: dict[str, Any], exercises: list[Exercise]) -> Iterator[Saying]:
    """Find solution, check and text cells that no banner announces."""
    owned = {id(cell) for exercise in exercises for cell in exercise.cells}
    for cell in notebook["cells"]:
        if role(cell) in ("solution", "check", "text") and id(cell) not in owned:
            yield name_of(cell), f"a {role(cell)} cell that no exercise's banner announces"


def about_an_exercise(exercise: Exercise, unit: int, place: int) -> Iterator[Saying]:
    """Compare one exercise's banner with its cells, their order, their names and their points."""
    banner, label = name_of(exercise.banner), f"exercise {exercise.unit}.{exercise.number}"
    if (exercise.unit, exercise.number) != (unit, place):
        yield banner, f"{label} stands where {unit}.{place} is expected"
    if exercise.points is None:
        yield banner, f'{label} does not tell its cost in the form "**20 min · ●●○ · 9 points**"'
    graded = sum(points_of(cell) for cell in exercise.cells)
    if exercise.points is not None and exercise.points != graded:
        yield banner, f"{label} says {exercise.points} points, nbgrader gives {graded:g}"
    if not BEAT.fullmatch("".join(map(_letter, exercise.cells))):
        kinds = ", ".join(map(_kind, exercise.cells)) or "nothing"
        yield banner, f"{label} should go banner, solution, try, check, hints; after the banner come {kinds}"
    yield from _about_answers(exercise)


def _about_answers(exercise: Exercise) -> Iterator[Saying]:
    names = [grade_id(cell) or "" for cell in exercise.solutions]
    for cell, name in zip(exercise.solutions, names, strict=True):
        if name not in defined_in(cell["source"]):
            yield name_of(cell), f"the cell is called {name!r} but does not define it"
    for cell in exercise.checks:
        name = (grade_id(cell) or "").removeprefix(CHECK)
        if f"{CHECK}{name}" != grade_id(cell) or name not in names:
            wanted = " or ".join(f"{CHECK}{n}" for n in names) or f"{CHECK}<name>"
            yield name_of(cell), f"a check is called after its answer: {wanted}"
    for name in names:
        if f"{CHECK}{name}" not in map(grade_id, exercise.checks):
            yield name, f"no check cell {CHECK}{name} judges this answer"


def about_the_checks(exercises: list[Exercise], unit: str, checks: Unit) -> Iterator[Saying]:
    """Compare a notebook's check cells with the exercises of `convbook.checks`."""
    if checks.folder != unit:
        yield "", f"convbook.checks.{unit[3:]} says its unit is {checks.folder}"
    cells = {(grade_id(cell) or "").removeprefix(CHECK): cell for e in exercises for cell in e.checks}
    known = {exercise.name: exercise for exercise in checks.exercises}
    for name in known.keys() - cells.keys():
        yield "", f"convbook.checks.{unit[3:]} has {name}, the notebook has no check cell {CHECK}{name}"
    for name, cell in cells.items():
        if name not in known:
            yield name_of(cell), f"convbook.checks.{unit[3:]} has no {name}"
            continue
        if points_of(cell) != known[name].points:
            yield name_of(cell), f"nbgrader gives {points_of(cell):g} points, the check {known[name].points}"
        if not any(f".{name}{call}(" in cell["source"] for call in ("", ".credit")):
            yield name_of(cell), f"the cell does not call check.{name}(…)"


def defined_in(source: str) -> set[str]:
    """Return the names that a cell's own level defines; of unreadable code none.

    >>> sorted(defined_in("a, b = 1, 2\\nclass C: pass"))
    ['C', 'a', 'b']
    """
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return set()
    names = {
        node.name for node in body if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef))
    }
    stored = (n for node in body if isinstance(node, (ast.Assign, ast.AnnAssign)) for n in ast.walk(node))
    return names | {n.id for n in stored if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def _letter(cell: dict[str, Any]) -> str:
    if role(cell):
        return LETTERS[role(cell)]
    if cell["cell_type"] == "code":
        return "T"
    return "H" if "<details" in cell["source"] else "M"


def _kind(cell: dict[str, Any]) -> str:
    words = {
        "S": "solution",
        "C": "check",
        "A": "text",
        "L": "locked",
        "T": "code",
        "H": "hints",
        "M": "prose",
    }
    return words[_letter(cell)]
