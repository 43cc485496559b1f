"""Exam questions drawn from a seed, each with its worked answer.

    paper = drills.paper("Ada Lovelace", seed=7)
    paper.questions[0].text
    paper.questions[0].mark("760 parameters").sentence

`KINDS` are all kinds of questions by name, in the units' order: one file a topic, and `docs/drills.md` adds a kind in ten lines.
"""

from __future__ import annotations

import importlib
from types import MappingProxyType
from typing import Any

from convbook.drills.kinds import Kind, Volume, kind
from convbook.drills.papers import Drill, DrillError, Mark, Paper, draw_paper, keyed
from convbook.drills.reading import Unreadable

TOPICS = (
    "start", "sizes", "bills", "fields", "pooling", "steps", "norms", "dropout", "views", "architectures", "residual", "networks",
)  # fmt: skip


def _all_kinds() -> dict[str, Kind]:
    found = [one for topic in TOPICS for one in importlib.import_module(f"{__name__}.{topic}").KINDS]
    return {one.name: one for one in sorted(found, key=lambda one: one.unit)}


KINDS = MappingProxyType(_all_kinds())


def paper(name: str, seed: Any = 0, count: int = 10, units: Any = None, kinds: Any = None) -> Paper:
    """Return the paper of a name and a seed: the same one each time, another for each name.

    `units` are numbers of units, `kinds` names of kinds; without them every kind may come. Kinds are spread over the units,
    and none comes twice before each has come once. Blanks around a name, and upper and lower case, make no difference.
    Raises `DrillError` in one sentence for a seed, a count, a unit or a kind that cannot be meant.

    >>> paper("Ada", 7).questions[0].text == paper(" ada ", "7").questions[0].text
    True
    """
    return draw_paper(KINDS, name, seed, count, units, kinds)


__all__ = [
    "KINDS",
    "Drill",
    "DrillError",
    "Kind",
    "Mark",
    "Paper",
    "Unreadable",
    "Volume",
    "keyed",
    "kind",
    "paper",
]
