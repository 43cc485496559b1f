"""Is a unit easy to read? Limits of the house style; going over one is a warning, never a fault."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from convbook.authoring.headings import name_of, role

PROSE_WORDS = 120
CODE_LINES = 12
NOT_IN_A_NOTEBOOK = {
    "sys.path": "notebooks find the library by themselves; no sys.path",
    "pip install": "notebooks install nothing",
}


def oddities(notebook: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield `(cell, sentence)` for every cell over a limit of the house style."""
    for cell in notebook["cells"]:
        source, name = cell["source"], name_of(cell)
        words, lines = len(source.split()), source.count("\n") + 1
        if cell["cell_type"] == "markdown" and "<details" not in source and words > PROSE_WORDS:
            yield name, f"{words} words of prose; about {PROSE_WORDS} is the limit"
        if cell["cell_type"] == "code" and role(cell) != "solution" and lines > CODE_LINES:
            yield name, f"{lines} lines of code; 3 to 10 is the habit, {CODE_LINES} the limit"
        for mark, sentence in NOT_IN_A_NOTEBOOK.items():
            if cell["cell_type"] == "code" and mark in source:
                yield name, sentence
        if role(cell) == "solution" and cell["cell_type"] == "code" and "### BEGIN SOLUTION" not in source:
            yield name, "no ### BEGIN SOLUTION: a learner's stub will lose its signature and docstring"
    if not any(
        "recap" in c["source"].lower() for c in notebook["cells"][-4:] if c["cell_type"] == "markdown"
    ):
        yield "", "the last cells hold no recap"
