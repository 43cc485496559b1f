"""An observer of steps of an optimizer: lists of arrays are changed in place, and looked at afterwards."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from convbook.answers import Answer
from convbook.answers.values import Reference
from convbook.checks.engine.compare import Fault, shown
from convbook.checks.engine.observe import Records
from convbook.checks.engine.oracles import Oracle
from convbook.forms import Case, Reply

LISTS = 3  # params, grads, velocity come first


class Steps(Records):
    """Call `f(params, grads, velocity, lr, …)` and compare what the arrays hold afterwards."""

    words: Mapping[str, str] = {
        "params": "leaves other parameters", "velocity": "leaves another velocity", "grads": "changes the gradients",
    }  # fmt: skip

    def watch(self, answer: Answer, case: Case, seconds: float, forbid: str) -> Reply:
        self._warmed()
        lists = [[array.copy() for array in arrays] for arrays in case.args[:LISTS]]
        rest = case.args[LISTS:]
        reply = answer.call(
            *(list(arrays) for arrays in lists), *rest, seconds=seconds, forbid=forbid, **case.kwargs
        )
        if reply.status != "returned":
            return reply
        inside = Reply("returned", None)
        if (
            not case.kwargs
        ):  # once more where the arrays cannot be mistaken for copies, in another process too
            inside = answer.place(Reference("hands")).call(
                answer, case.args[:LISTS], list(rest), seconds=seconds
            )
            if inside.status != "returned":
                return inside
        after = inside.value or lists
        seen = {
            name: joined(arrays) for name, arrays in zip(("params", "grads", "velocity"), after, strict=True)
        }
        return Reply("returned", seen, (), None, reply.printed, reply.seconds)

    @staticmethod
    @functools.cache
    def _warmed() -> None:
        import torch

        torch.optim.SGD(
            [torch.nn.Parameter(torch.zeros(1))], 0.1
        )  # the oracle's first step loads much of PyTorch: not while an answer is on the clock

    def alike(self, part: str, yours: Any, goal: Any, case: Case) -> bool:
        return goal is None or super().alike(part, yours, goal, case)

    def part_fault(self, part: str, yours: Any, goal: Any, case: Case) -> Fault | None:
        if self.alike(part, yours, goal, case):
            return None
        if yours.shape != goal.shape:
            return Fault("wrong shape", self.words[part], f"{yours.size} numbers", f"{goal.size} numbers")
        return Fault("wrong", self.words[part], *(shown(one, first=yours != goal) for one in (yours, goal)))

    def mutant(self, oracle: Oracle, ways: Sequence[Any]) -> Any:
        """Return a function that writes into its arrays what a bent step gives."""
        if not ways:
            raise ValueError("only a bent step becomes a function: the straight one is the exercise")

        def mutant(params: Any, grads: Any, velocity: Any, *args: Any, **kwargs: Any) -> None:
            record = oracle.run((params, grads, velocity, *args), kwargs, ways)
            for name, arrays in (("params", params), ("grads", grads), ("velocity", velocity)):
                parts = (
                    np.split(record[name], np.cumsum([a.size for a in arrays])[:-1])
                    if record[name] is not None
                    else ()
                )
                for array, part in zip(arrays, parts, strict=False):
                    array[...] = part.reshape(array.shape)

        mutant.__name__ = mutant.__qualname__ = oracle.function.__name__
        return mutant

    def combine(self, one: Any, other: Any) -> bool:
        twice = set(one.arguments) & set(other.arguments)
        return not twice and not (one.instead and other.instead) and one != other

    def case_text(self, question: Any, case: Case) -> str:
        bound = question.oracle.bound(case.args, case.kwargs)
        lists = {name: bound.pop(name) for name in ("params", "grads", "velocity")}
        text = ", ".join(f"{name} {value!r}" for name, value in bound.items())
        if sum(array.size for arrays in lists.values() for array in arrays) <= 12:
            text += "".join(
                f"\n{name} = [{', '.join(shown(a) for a in arrays)}]" for name, arrays in lists.items()
            )
        else:
            text += ", arrays of shapes " + ", ".join(str(a.shape) for a in lists["params"])
        return text + (f" ({case.about})" if case.about else "")


def joined(arrays: Sequence[Any]) -> np.ndarray:
    """Return all numbers of a list of arrays in one row."""
    return np.concatenate([np.asarray(array, float).ravel() for array in arrays])
