"""Use what a learner wrote in an earlier unit: `conv2d_im2col = from_unit("01_convolution", "conv2d_im2col", instead)`.

The function is taken out of the learner's own notebook of that unit, which lies beside this one, and is checked on the spot
by the unit's own check. Where that fails in any way, one sentence says so and a stand-in is used.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import dis
import io
import json
import linecache
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convbook import checks
from convbook.forms import Exercise

INSTEAD = "PyTorch stands in for it here"


class Missing(Exception):
    """Say in a sentence why a function cannot be had."""


def from_unit(unit: str, name: str, instead: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function `name` from the learner's notebook of an earlier `unit`, or `instead` and one sentence.

    The notebook is looked for in a folder of the unit's name beside the folder of this notebook.
    """
    try:
        return _passing(taken(notebook_of(unit), name), _exercise(unit, name), f"in your notebook of {unit}")
    except Missing as why:
        print(f"{name}: {why}; {INSTEAD}.")
        return instead


def checked(
    answer: Callable[..., Any], exercise: Exercise, instead: Callable[..., Any]
) -> Callable[..., Any]:
    """Return a learner's answer of this notebook where it passes its check, else `instead` and one sentence."""
    try:
        return _passing(answer, exercise, "in this notebook")
    except Missing as why:
        print(f"{exercise.name}: {why}; {INSTEAD}.")
        return instead


def _passing(answer: Callable[..., Any], exercise: Exercise, where: str) -> Callable[..., Any]:
    verdict = exercise.judge(answer)
    if verdict.kind == "not attempted":
        raise Missing(f"it is still open {where}")
    if not verdict.right:
        headline = verdict.message.splitlines()[0].removeprefix(f"✗ {exercise.name}").lstrip(": ")
        raise Missing(f"{where} it does not pass its check yet ({headline})")
    return answer


def _exercise(unit: str, name: str) -> Exercise:
    for one in checks.units():
        for exercise in one.exercises:
            if (one.folder, exercise.name) == (unit, name):
                return exercise
    raise Missing(f"this course has no check of that name in unit {unit}")


def notebook_of(unit: str) -> Path:
    """Return the learner's notebook of a unit: beside this folder, or in it; `Missing` where there is none."""
    here = Path.cwd()
    places = [folder / unit / f"{unit}.ipynb" for folder in (here.parent, here)]
    for place in places:
        if place.is_file():
            return place
    raise Missing(f"there is no {unit}/{unit}.ipynb beside the folder of this notebook")


def taken(notebook: Path, name: str) -> Callable[..., Any]:
    """Return a function of a notebook: only what it needs is run, its imports and what else the notebook defines for it.

    Raises `Missing` where the notebook cannot be read or does not define it, or where its definition fails.
    """
    definitions = _definitions(notebook)
    if name not in definitions:
        raise Missing(f"{notebook.name} does not define it")
    source = "\n\n".join(one.source for one in _needed(name, definitions)) + "\n"
    label = f"<{notebook.stem}: {name}>"
    linecache.cache[label] = (len(source), None, source.splitlines(keepends=True), label)  # for tracebacks
    space: dict[str, Any] = {"__name__": notebook.stem, "__builtins__": builtins}
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(source, label, "exec"), space)
    except Exception as error:
        raise Missing(f"what it needs in {notebook.name} stops with {type(error).__name__}") from error
    return space[name]


@dataclass(frozen=True)
class Statement:
    """One statement of a notebook: its place, its source, and the global names that it uses."""

    place: int
    source: str
    used: frozenset[str]


def _definitions(notebook: Path) -> dict[str, list[Statement]]:
    """Return the statements that give each name its value: the last definition, or all assignments in their order."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (OSError, ValueError, KeyError, TypeError):
        raise Missing(f"{notebook.name} cannot be read") from None
    found: dict[str, list[Statement]] = {}
    for place, node in enumerate(node for source in sources for node in _statements(source)):
        text = ast.unparse(node)
        one = Statement(place, text, frozenset(_globals(compile(text, notebook.name, "exec"))))
        for name in _given(node):
            found[name] = [*(found.get(name, []) if isinstance(node, ast.Assign) else []), one]
    return found


def _globals(code: types.CodeType) -> Iterator[str]:
    """Yield the names that code looks up outside itself: what is local to a function is none of them."""
    for step in dis.get_instructions(code):
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            yield step.argval
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield from _globals(inner)


def _statements(source: str) -> list[ast.stmt]:
    """Return a cell's statements; none for a cell that is no Python. Lines of IPython's own are left out."""
    plain = "\n".join("" if line.startswith(("%", "!", "?")) else line for line in source.split("\n"))
    try:
        return ast.parse(plain).body
    except SyntaxError:
        return []


def _given(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name.split(".")[0] for alias in node.names]
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]
    return []


def _needed(name: str, definitions: dict[str, list[Statement]]) -> list[Statement]:
    """Return the statements behind a name and behind all that they use, in the notebook's order."""
    todo, seen, found = [name], {name}, {}
    while todo:
        for one in definitions[todo.pop()]:
            found[one.place] = one
            new = {other for other in one.used if other in definitions} - seen
            seen |= new
            todo += new
    return [found[place] for place in sorted(found)]
