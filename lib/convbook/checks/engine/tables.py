"""An observer for tables that a learner writes down: rows of a name and some values, judged row by row.

Names are the learner's own and are not looked at. What is wanted of a row is never printed: there is
only one table, and it is the exercise. The first row that differs is told, with what the learner has there.
"""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from convbook.answers import Answer
from convbook.checks.engine.compare import Fault, shown
from convbook.checks.engine.counts import Counts
from convbook.forms import Case, Reply

ONE_SIDE = "a shape with one side is a tuple too: `(4096,)`, with a comma; `(4096)` is the number 4096"


class Bare(list):
    """Rows without their names, once they were found to be rows."""


class Tables(Counts):
    """Judge a list of rows, one for each of `names`; `form` says how a row looks, as in "(name, shape)"."""

    def __init__(self, names: Sequence[str], form: str, width: int = 0) -> None:
        self.names, self.form, self.width = tuple(names), form, width

    def observe(self, question: Any, answer: Answer, case: Case, seconds: float, forbid: str) -> Reply:
        """Return a reply whose rows are bare of their names, as far as they are rows at all."""
        reply = super().observe(question, answer, case, seconds, forbid)
        if reply.status == "returned" and self.malformed(reply.value) is None:
            bare = Bare(self._values(row) for row in reply.value)
            return replace(reply, value=bare)
        return reply

    def _values(self, row: Sequence[Any]) -> Any:
        return tuple(row[1:]) if self.width else row[1]

    def malformed(self, table: Any) -> Fault | None:
        """Return what keeps a value from being a table of rows, or None."""
        if table is None:
            return Fault("wrong type", "returns nothing: is the `return` missing?", "None", self._rows())
        if not isinstance(table, list | tuple):
            hint = f"a list of rows, `[{self.form}, …]`, in the order in which the layers run"
            return Fault(
                "wrong type",
                f"returns a {type(table).__name__}, not a list of rows",
                shown(table),
                self._rows(),
                hint,
            )
        for place, row in enumerate(table):
            if not isinstance(row, list | tuple) or len(row) != 1 + (self.width or 1):
                hint = f"every row is {self.form}"
                return Fault(
                    "wrong type",
                    f"has something else than {self.form} in row {place + 1}",
                    shown(row),
                    self.form,
                    hint,
                )
            if not isinstance(row[0], str):
                return Fault(
                    "wrong type",
                    f"has no name at the start of row {place + 1}",
                    shown(row),
                    self.form,
                    "the name comes first",
                )
            if (fault := self._unreadable(row, place)) is not None:
                return fault
        return None

    def _unreadable(self, row: Sequence[Any], place: int) -> Fault | None:
        where = f"in row {place + 1}, {row[0]!r}"
        if self.width:
            if all(isinstance(value, numbers.Number) for value in row[1:]):
                return None
            return Fault(
                "wrong type",
                f"has something else than numbers {where}",
                shown(row),
                self.form,
                "counts are plain numbers",
            )
        if isinstance(row[1], tuple) and all(isinstance(side, numbers.Number) for side in row[1]):
            return None
        given = "a number" if isinstance(row[1], numbers.Number) else f"a {type(row[1]).__name__}"
        hint = (
            ONE_SIDE
            if isinstance(row[1], numbers.Number)
            else "shapes are tuples: `tuple(...)` makes one of a list"
        )
        return Fault("wrong type", f"gives {given} {where}, not a tuple", shown(row), self.form, hint)

    def _rows(self) -> str:
        return f"{len(self.names)} rows {self.form}"

    def fault(self, question: Any, case: Case, reply: Reply, wanted: list[Any]) -> Fault | None:
        if reply.status != "returned":
            return None
        table = reply.value
        if not isinstance(table, Bare):
            return self.malformed(table)
        if len(table) != len(wanted):
            hint = f"one row for each of {', '.join(self.names)}; the image has none"
            return Fault(
                "wrong shape",
                f"has {len(table)} rows, not {len(wanted)}",
                f"{len(table)} rows",
                self._rows(),
                hint,
            )
        for name, row, goal in zip(self.names, table, wanted, strict=True):
            if row != goal:
                return Fault(
                    "wrong", f"is wrong at {name}, the first row that differs", f"{name}: {shown(row)}"
                )
        return None

    def note(self, question: Any, answer: Answer) -> str:
        return ""
