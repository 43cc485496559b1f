"""An observer of filters: where a kernel (3, 3) responds, seen on whole images.

There is no one right kernel to compare with; what it does is compared.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch.nn.functional as functional

from convbook.answers import Answer
from convbook.checks.engine.compare import Fault, fault_of, shown
from convbook.checks.engine.observe import Records
from convbook.checks.engine.oracles import tensor
from convbook.forms import Case, Reply


class Responses(Records):
    """See where a kernel (3, 3) responds: on a flat image, on a horizontal edge, on a vertical one."""

    def watch(self, answer: Answer, case: Case, seconds: float, forbid: str) -> Reply:
        reply = answer.call(seconds=seconds, forbid=forbid)
        if reply.status != "returned" or self.type_fault(reply):
            return reply
        kernel = np.asarray(reply.value, dtype=float)
        record = {"response": response(kernel, *case.args), "kernel": kernel, "images": case.args}
        return Reply("returned", record, printed=reply.printed, seconds=reply.seconds)

    def type_fault(self, reply: Reply) -> Fault | None:
        """Return what is wrong with a result that is no kernel at all, or None."""
        if isinstance(reply.value, np.ndarray) and reply.value.dtype.kind == "u":
            why = f"{reply.value.dtype} has no negative numbers, −1 turns into {np.iinfo(reply.value.dtype).max}: leave dtype out"
            return Fault(
                "wrong dtype",
                "returns a type without negative numbers",
                shown(reply.value),
                "numbers of both signs",
                why,
                True,
            )
        fault = fault_of(reply, np.zeros((3, 3)), "float64", counts=True)
        return None if fault is None or fault.kind == "wrong" else fault

    def fault(self, question: Any, case: Case, reply: Reply, wanted: Any) -> Fault | None:
        if not isinstance(reply.value, dict):
            return self.type_fault(reply) if reply.status == "returned" else None
        if self.alike("response", reply.value["response"], wanted["response"], case):
            return None
        found = responses(reply.value["kernel"], *case.args)
        told = ", ".join(f"{image} {value:.3g}" for image, value in found.items())
        yours = f"{shown(reply.value['kernel'])}\nstrongest response on images: {told}"
        return Fault(
            "wrong", f"responds to {reply.value['response']}", yours, "flat 0, horizontal 0, vertical not 0"
        )

    def _same(self, one: Any, other: Any, case: Case) -> bool:
        return isinstance(one, dict) and one["response"] == other["response"]

    def case_text(self, question: Any, case: Case) -> str:
        return ""


def responses(kernel: np.ndarray, dark: float, bright: float) -> dict[str, float]:
    """Return the strongest response on each image of two brightnesses; what is rounding is 0."""
    rows = np.full((8, 10), dark)
    rows[3:] = bright
    columns = np.full((8, 10), dark)
    columns[:, 5:] = bright
    images = {"flat": np.full((8, 10), bright), "horizontal": rows, "vertical": columns}
    found = {}
    for name, image in images.items():
        map_ = functional.conv2d(tensor(image)[None, None], tensor(kernel)[None, None])
        strongest = float(map_.abs().max())
        found[name] = strongest if strongest > 1e-9 * float(np.abs(kernel).max()) else 0.0
    return found


def response(kernel: np.ndarray, dark: float, bright: float) -> str:
    """Return in words what a kernel responds to: the first of these that holds."""
    flat, horizontal, vertical = responses(kernel, dark, bright).values()
    one_sign = (np.all(kernel >= 0) or np.all(kernel <= 0)) and np.count_nonzero(kernel) > 1
    if not kernel.any() or one_sign:
        return "an average" if one_sign else "nothing: its weights are 0"
    if flat:
        return "flat regions"
    if horizontal and vertical:
        return "both alike" if np.isclose(horizontal, vertical, rtol=1e-6) else "both"
    return "horizontal edges" if horizontal else "vertical edges" if vertical else "nothing"
