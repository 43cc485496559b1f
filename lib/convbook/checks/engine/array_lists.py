"""An observer for functions that take one list of arrays: kernels of a stack, for instance."""

from __future__ import annotations

from typing import Any

import numpy as np

from convbook.answers import Answer
from convbook.checks.engine.compare import Fault, shown
from convbook.checks.engine.observe import Calls, fresh
from convbook.forms import Case, Reply


class ArrayLists(Calls):
    """Call a function of a list of arrays, and see to it that neither the list nor the arrays are changed."""

    def observe(self, question: Any, answer: Answer, case: Case, seconds: float, forbid: str) -> Reply:
        return answer.call([fresh(k) for k in case.args[0]], seconds=seconds, forbid=forbid)

    def fault(self, question: Any, case: Case, reply: Reply, wanted: Any) -> Fault | None:
        after = reply.arguments[0] if reply.arguments else case.args[0]
        if len(after) != len(case.args[0]) or any(
            not np.array_equal(a, b) for a, b in zip(after, case.args[0], strict=True)
        ):
            why = "`pop`, `reverse` and `*=` change the caller's own kernels: make new arrays"
            return Fault(
                "changed input",
                "changes the kernels that it is given",
                f"{len(after)} kernels",
                f"{len(case.args[0])} kernels",
                why,
                final=True,
            )
        return super().fault(question, case, reply, wanted)

    def case_text(self, question: Any, case: Case) -> str:
        sizes = ", ".join(str(kernel.shape) for kernel in case.args[0])
        text = f"kernels of {sizes}" + (f" ({case.about})" if case.about else "")
        if case.args[0][0].ndim == 2 and sum(k.size for k in case.args[0]) <= 20 and not case.drawn:
            text += "".join(f"\n{shown(kernel)}" for kernel in case.args[0])
        return text
