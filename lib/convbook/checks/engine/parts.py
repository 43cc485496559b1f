"""An observer for functions that return several values: the first that is wrong is told by its name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from convbook.checks.engine.compare import Fault, Raised, fault_of, shown
from convbook.checks.engine.observe import Calls, precision
from convbook.forms import Case, Reply


class Parts(Calls):
    """Call a function that returns a tuple; `names` are its parts in their order."""

    def __init__(self, *names: str):
        self.names = names

    def fault(self, question: Any, case: Case, reply: Reply, wanted: Any) -> Fault | None:
        if reply.status != "returned" or isinstance(wanted, Raised):
            return super().fault(question, case, reply, wanted)
        asked = f"the tuple ({', '.join(self.names)})"
        if not isinstance(reply.value, tuple | list) or len(reply.value) != len(wanted):
            what = "one value" if not isinstance(reply.value, tuple | list) else f"{len(reply.value)} values"
            told = (
                "nothing: is the `return` missing?" if reply.value is None else f"{what}, not {len(wanted)}"
            )
            return Fault("wrong type", f"returns {told}", shown(reply.value), asked)
        for name, yours, goal in zip(self.names, reply.value, wanted, strict=True):
            if (fault := fault_of(Reply("returned", yours), goal, precision(case))) is not None:
                return replace(fault, sentence=f"returns a wrong {name}: it {fault.sentence}")
        return None
