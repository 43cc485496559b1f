"""Observers for exercises about numbers and lists of layers: what is counted, and shapes one after the other.

`Counts` lets the search for relations use every further fact of an exercise ("smaller by a factor of "
    "inputs").
`Layers` is for answers that take a list of layers; what comes back may be a list of shapes.
"""

from __future__ import annotations

import copy
import numbers
from collections.abc import Mapping
from typing import Any

from convbook.answers import Answer
from convbook.checks.engine.compare import Fault, Raised, shown
from convbook.checks.engine.observe import Calls, Trial
from convbook.forms import Case, Reply

DOWN = "a side is a whole number: a step that does not fit is not taken, so divide with `//`"
ONE_TUPLE = "a shape with one side is a tuple too: `(400,)`, with a comma; `(400)` is the number 400"
ORDER = "a shape is (c, h, w): channels, rows, columns"


class Counts(Calls):
    """Call a function of plain numbers; every further fact is at hand for the relations."""

    def facts_of(self, question: Any, trial: Trial) -> Mapping[str, Any]:
        facts = super().facts_of(question, trial)
        for name in question.oracle.further:
            facts[name]  # asked for once, it is known
        return facts


class Layers(Counts):
    """Call a function of a list of layers, and see to it that the list is the same afterwards."""

    def observe(self, question: Any, answer: Answer, case: Case, seconds: float, forbid: str) -> Reply:
        return answer.call(*copy.deepcopy(case.args), seconds=seconds, forbid=forbid, **case.kwargs)

    def fault(self, question: Any, case: Case, reply: Reply, wanted: Any) -> Fault | None:
        if reply.arguments and _plain(reply.arguments[0]) != _plain(case.args[0]):
            return Fault("changed input", "changes the list of layers that it is "
                "given", shown(reply.arguments[0]),
                         shown(case.args[0]), "`pop`, `reverse`, `append` and `del` change the caller's own "
                "list: loop over it, "
                         "or work on a copy, `list(layers)`", final=True)  # fmt: skip
        if reply.status == "returned" and isinstance(wanted, list) and not isinstance(wanted, Raised):
            return fault_of_shapes(reply.value, wanted, case.args[0])
        return super().fault(question, case, reply, wanted)


def _plain(layers: Any) -> Any:
    return [tuple(layer) for layer in layers] if isinstance(layers, list | tuple) else layers


def fault_of_shapes(yours: Any, wanted: list[tuple], layers: list[tuple]) -> Fault | None:
    """Return how a list of shapes, one after each layer, differs from the wanted one, or None."""
    both = shown(yours), shown(wanted)
    if yours is None:
        return Fault("wrong type", "returns nothing: is the `return` missing?", *both)
    if not isinstance(yours, list):
        hint = (
            "one shape after each layer, in a list: `shapes.append(...)`, and `return shapes` after the loop"
        )
        return Fault("wrong type", f"returns a {type(yours).__name__}, not a list of shapes", *both, hint)
    if len(yours) != len(wanted):
        hint = f"{len(layers)} layers give {len(wanted)} shapes, and the input's shape is not among them"
        return Fault("wrong shape", f"returns {len(yours)} shapes, not {len(wanted)}", *both, hint)
    for place, (shape, goal) in enumerate(zip(yours, wanted, strict=True)):
        after = f"after layer {place}, {layers[place]}"
        if not isinstance(shape, tuple):
            named = "a number" if isinstance(shape, numbers.Number) else f"a {type(shape).__name__}"
            hint = ONE_TUPLE if len(goal) == 1 else "shapes are tuples: `tuple(...)` makes one of a list"
            return Fault("wrong type", f"gives {named} {after}, not a tuple", *both, hint)
        if len(shape) != len(goal):
            sentence = f"gives {shape} {after}: {len(shape)} sides, not {len(goal)}"
            return Fault("wrong", sentence, *both)
        if any(_number(side) != good for side, good in zip(shape, goal, strict=True)):
            if sorted(map(str, shape)) == sorted(map(str, goal)):
                return Fault("wrong", f"has the right sides in another order {after}", *both, ORDER)
            broken = any(isinstance(side, float) and side % 1 != 0 for side in shape)
            return Fault("wrong", f"is wrong {after}", *both, DOWN if broken else "")
    return None


def _number(side: Any) -> Any:
    return side if isinstance(side, numbers.Number) else None


COUNTS, LAYERS = Counts(), Layers()
