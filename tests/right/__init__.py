"""Right answers to the exercises, made in many different ways: only tests may know them.

One module a unit, named by its topic. Put `@way("conv2d_naive")` above an answer; it is found by itself. The answer of the
unit's own solution is found in its notebook and needs no line here. At least two more, in other styles, belong to
every exercise.
"""

from __future__ import annotations

import ast
import importlib
import json
from pathlib import Path

from convbook.forms import Unit

WAYS: dict[str, list] = {}
SOLUTIONS = Path(__file__).resolve().parents[2] / "solutions"


def way(*exercises: str):
    """Register a right answer for these exercises."""

    def register(answer):
        for name in exercises:
            WAYS.setdefault(name, []).append(answer)
        return answer

    return register


def solution_answers(unit: Unit) -> dict[str, object]:
    """Return the answers that a unit's solution defines, by exercise: its solution cells are run, and nothing else."""
    notebook = json.loads((SOLUTIONS / unit.folder / f"{unit.folder}.ipynb").read_text(encoding="utf-8"))
    names: dict[str, object] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        source = "".join(cell["source"])
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            exec(compile(source, f"solution of {unit.folder}", "exec"), names)
        else:  # only its imports
            try:
                lines = [
                    node for node in ast.parse(source).body if isinstance(node, ast.Import | ast.ImportFrom)
                ]
            except SyntaxError:
                continue
            kept = [
                n
                for n in lines
                if not (isinstance(n, ast.ImportFrom) and (n.module or "").startswith("convbook"))
            ]
            exec(compile(ast.Module(kept, []), f"imports of {unit.folder}", "exec"), names)
    return {e.name: names[e.name] for e in unit.exercises if e.name in names}


for module in sorted(Path(__file__).parent.glob("[a-z]*.py")):
    importlib.import_module(f"right.{module.stem}")
