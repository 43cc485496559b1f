"""Is every question of a notebook asked before it is answered, and answered at all?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from convbook.authoring.headings import name_of

ASKED = re.compile(r"^(\w+) = Predict\(", re.MULTILINE)
TOLD = re.compile(r"\b(\w+)\.truth\(")
BY_HAND = "**Predict.**"


def unanswered(notebook: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield `(cell, sentence)` for every question without a later answer, answer without a question, and question in prose."""
    asked: dict[str, str] = {}
    told: set[str] = set()
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            if BY_HAND in cell["source"]:
                yield name_of(cell), "asks for a prediction in prose; a cell with `Predict(...)` asks it"
            continue
        for name in TOLD.findall(cell["source"]):
            if name not in asked:
                yield name_of(cell), f"tells the truth of {name}, which no cell before it asks"
            told.add(name)
        asked |= {name: name_of(cell) for name in ASKED.findall(cell["source"])}
    for name in asked.keys() - told:
        yield asked[name], f"asks {name}, and no later cell calls {name}.truth(...)"
