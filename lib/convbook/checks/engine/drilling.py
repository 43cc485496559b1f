"""Offer drills of a unit where its checks are: `check.drill(count=3)`."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from convbook.forms import Unit


def driller(unit: Unit) -> Callable[..., Any]:
    """Return the function `drill()` of one unit."""
    own = unit.folder.partition("_")[0]

    def drill(
        kind: str | None = None, *, unit: Any = None, count: int | None = None, name: str = "", seed: Any = 0
    ) -> Any:
        """Return exam questions to answer here: one of a `kind`, or three of this unit's, or of another `unit`.

        `count` says how many; another `name` or `seed` has other numbers. `convbook drill --list` names the kinds.
        """
        # Drills stand on the checks, and what shows them stands on both: found by name when somebody asks for it.
        shown = importlib.import_module("convbook.widgets.drill")
        units = None if kind is not None and unit is None else own if unit is None else unit
        return shown.Drills(kind, units, count, name, seed)

    return drill
