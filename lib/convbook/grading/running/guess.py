"""Guess which libraries a notebook's checks rule out, so that the right process is started before one of them has run."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable
from pathlib import Path

import convbook
from convbook.grading.running.faces import APART

CHECKS = Path(convbook.__file__).parent / "checks"
IMPORTED = re.compile(r"from convbook\.checks import (\w+)")
DECLARED = re.compile(r'forbid="(\w*)"')


def guessed(answers: Iterable[str], code: Iterable[str]) -> tuple[str, ...]:
    """Return the libraries that tests of ours will most likely rule out, by an instructor's answers and all code cells.

    They are what the text of the checks names; where no answer uses PyTorch and no check allows everything, PyTorch
    alone. The trial of the instructor's notebook tells for certain.
    """
    names = {name for cell in code for name in IMPORTED.findall(cell)}
    declared = {library for name in names for library in _declared(name)}
    if "" not in declared and not any("torch" in answer for answer in answers):
        return ("torch",)
    return tuple(sorted(declared - {"", *APART}))


@functools.cache
def _declared(unit: str) -> frozenset[str]:
    """Return what the text of a unit's checks rules out; the empty string where one of them allows everything."""
    files = [file for file in (CHECKS / f"{unit}.py", *(CHECKS / unit).glob("*.py")) if file.is_file()]
    return frozenset(library for file in files for library in DECLARED.findall(file.read_text()))


def guessed_in(notebook: str) -> tuple[str, ...] | None:
    """Return the same for the text of a notebook; None if it is none with answers to checks of ours.

    >>> guessed_in("no notebook") is None
    True
    """
    try:
        cells = [cell for cell in json.loads(notebook)["cells"] if cell["cell_type"] == "code"]
        code = ["".join(cell["source"]) for cell in cells]
        answers = [text for text in code if "### BEGIN SOLUTION" in text]
    except (ValueError, KeyError, TypeError):
        return None
    return guessed(answers, code) if answers and any(map(IMPORTED.search, code)) else None
