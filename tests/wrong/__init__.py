"""Wrong answers to the exercises, as people really write them: only tests and benchmarks may know them.

One module a topic. Put `@wrong("conv2d_naive")` above an answer; it is found by itself. The name of the function says what
is wrong. An answer is complete and has one or two wrong ideas; it was written without a look at the declared mistakes, so
what the checks say about these answers measures what they will say to learners.
"""

from __future__ import annotations

import importlib
from pathlib import Path

WRONG: dict[str, list] = {}


def wrong(*exercises: str):
    """Register a wrong answer for these exercises."""

    def register(answer):
        for name in exercises:
            WRONG.setdefault(name, []).append(answer)
        return answer

    return register


def modules() -> list[str]:
    """Return the names of the modules of wrong answers: a unit's topic, and what was too long for one module."""
    return sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))


for name in modules():
    importlib.import_module(f"wrong.{name}")
