"""An observer for functions that name axes: a tuple is right in any order, and from either end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from convbook.checks.engine.compare import Fault, shown
from convbook.checks.engine.observe import Calls
from convbook.forms import Case, Reply


class Axes(Calls):
    """Compare tuples of axes whatever their order, and counted from the end or from the front."""

    def observe(self, question: Any, answer: Any, case: Case, seconds: float, forbid: str) -> Reply:
        reply = super().observe(question, answer, case, seconds, forbid)
        return (
            replace(reply, value=self.seen(question.oracle, reply)) if reply.status == "returned" else reply
        )

    def seen(self, oracle: Any, reply: Reply) -> Any:
        """Return a tuple of axes in order, counted from the front; anything else as it is."""
        value, ndim = reply.value, reply.arguments[1]
        if not isinstance(value, tuple) or not all(_is_int(v) and -ndim <= v < ndim for v in value):
            return value
        return tuple(sorted(int(axis) % ndim for axis in value))

    def left(self, oracle: Any, seen: Any, args: Any) -> Any:
        """Return what a demonstration goes on with."""
        return seen

    def fault(self, question: Any, case: Case, reply: Reply, wanted: Any) -> Fault | None:
        value = reply.value
        if reply.status == "returned" and value is not None and not isinstance(value, tuple):
            hint = (
                "one axis is a tuple too: `(0,)`, with a comma; `(0)` is the number 0"
                if _is_int(value)
                else "`tuple(...)` makes one of it"
            )
            return Fault("wrong type", "does not return a tuple", shown(value), shown(wanted), hint)
        fault = super().fault(question, case, reply, wanted)
        return fault and Fault("wrong", "names other axes", shown(value), shown(wanted))


def _is_int(value: Any) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)
