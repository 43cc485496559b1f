"""Observe a function of tensors: its result, and the gradient that flows back to its first argument."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from convbook.answers import Answer
from convbook.checks.engine.compare import Fault, same
from convbook.checks.engine.modules.slopes import pulled_back
from convbook.checks.engine.observe import Calls, Trial, outcome, precision
from convbook.checks.engine.oracles import Change, Oracle
from convbook.forms import Case, Reply

SMALL = 64  # numbers: up to so many, the gradient is looked at as well


@dataclass(frozen=True)
class Gradient:
    """Multiply the gradient on its way back: the mistake of an answer whose results are right."""

    factor: float


@dataclass(frozen=True)
class WithGradient:
    """Hold a result and the gradient of its weighted sum by the first argument, None where none flows back."""

    result: Any
    gradient: Any


class Tensors(Calls):
    """Call a function of tensors, and differentiate it. The oracle may be written in NumPy: it is differentiated by differences."""

    library = "PyTorch"

    def observe(self, question: Any, answer: Answer, case: Case, seconds: float, forbid: str) -> Reply:
        held = answer.as_module()
        reply = held.call(*case.args, seconds=seconds, **case.kwargs)
        if reply.status != "returned" or case.args[0].size > SMALL or not isinstance(reply.value, np.ndarray):
            return reply
        found = held.gradient(*case.args, weights=_weights(reply.value), seconds=seconds)
        gradient = found.value["inputs"][0] if found.status == "returned" else None
        return Reply(
            "returned",
            WithGradient(reply.value, gradient),
            reply.arguments,
            None,
            reply.printed,
            reply.seconds,
        )

    def fault(self, question: Any, case: Case, reply: Reply, wanted: Any) -> Fault | None:
        fault = super().fault(question, case, _bare(reply), wanted)
        if fault is not None or not isinstance(reply.value, WithGradient):
            return of_tensors(fault)
        goal, yours = self._gradient(question.oracle, case, wanted), reply.value.gradient
        if yours is None or (goal.any() and not np.any(yours)):
            told = f"a gradient at {np.count_nonzero(goal)} of {goal.size} places of {self._first(question)}"
            return Fault(
                "wrong",
                "passes no gradient back to its input",
                f"no gradient at {self._first(question)}",
                told,
            )
        if same(yours, goal, precision(case)):
            return None
        place = tuple(int(i) for i in np.argwhere(~np.isclose(yours, goal))[0])
        told = f"at {self._first(question)}{list(place)} a gradient of {{:g}}"
        return Fault(
            "wrong",
            "passes another gradient back than asked for",
            told.format(yours[place]),
            told.format(goal[place]),
        )

    def _first(self, question: Any) -> str:
        return next(iter(question.oracle.signature.parameters))

    def _gradient(
        self, oracle: Oracle, case: Case, wanted: np.ndarray, ways: Sequence[Any] = ()
    ) -> np.ndarray:
        return pulled_back(
            lambda x: oracle.run((x, *case.args[1:]), case.kwargs, ways), case.args[0], _weights(wanted)
        )

    def explains(self, question: Any, trial: Trial, ways: Sequence[Any]) -> bool | None:
        bends = [way for way in ways if isinstance(way, Gradient)]
        changes = [way for way in ways if isinstance(way, Change)]
        heard = trial.reply.value
        bare = Trial(trial.case, trial.wanted, _bare(trial.reply), trial.fault)
        if not bends:
            return super().explains(question, bare, changes)
        made = outcome(question.oracle, trial.case, changes)
        if trial.reply.status != "returned" or not same(bare.reply.value, made, precision(trial.case)):
            return False
        if not isinstance(heard, WithGradient):
            return None
        goal = bends[0].factor * self._gradient(question.oracle, trial.case, made, changes)
        yours = np.zeros_like(goal) if heard.gradient is None else heard.gradient
        if bends[
            0
        ].factor:  # any change that is none of the usual ones: the gradient is there, and it is another
            right = self._gradient(question.oracle, trial.case, made, changes)
            return bool(np.any(yours)) or not right.any()
        return same(yours, goal, precision(trial.case))

    def matters(self, question: Any, case: Case, ways: Sequence[Any]) -> bool:
        changes = [way for way in ways if isinstance(way, Change)]
        return len(changes) < len(ways) or super().matters(question, case, changes)

    def combine(self, one: Any, other: Any) -> bool:
        return isinstance(one, Change) and isinstance(other, Change) and super().combine(one, other)

    def mutant(self, oracle: Oracle, ways: Sequence[Any]) -> Callable[..., Any]:
        """Return a function of tensors that makes a mistake; its gradient is found by differences."""
        if not ways:
            raise ValueError("only a bent oracle becomes a function: the straight one is the exercise")
        changes = [way for way in ways if isinstance(way, Change)]
        factor = math.prod(way.factor for way in ways if isinstance(way, Gradient))

        def mutant(*args: Any, **kwargs: Any) -> Any:
            from convbook.checks.engine.modules.differences import differentiable

            return differentiable(lambda x: oracle.run((x, *args[1:]), kwargs, changes), args[0], factor)

        mutant.__name__ = mutant.__qualname__ = oracle.function.__name__
        return mutant


WORDS = (  # what is said of arrays, said of tensors
    ("a NumPy array", "a tensor"), ("an array", "a tensor"), ("is no array: `np.array(...)` makes one of it",
     "is no tensor: `torch.stack(...)` or `torch.cat(...)` makes one of several"),
    ("`.astype` at the end, or a tensor made with that dtype", "`x.new_zeros(…)` and `torch.zeros_like(x)` make tensors of x's type"),
    ("array of them", "tensor of them"), ("array([", "tensor(["),
)  # fmt: skip


def of_tensors(fault: Fault | None) -> Fault | None:
    """Return a fault in the words of someone who works with tensors."""
    if fault is None:
        return None
    told = {name: getattr(fault, name) for name in ("sentence", "yours", "wanted", "hint")}
    for old, new in WORDS:
        told = {name: text.replace(old, new) for name, text in told.items()}
    return replace(fault, **told)


def _bare(reply: Reply) -> Reply:
    """Return a reply with the result alone."""
    value = reply.value.result if isinstance(reply.value, WithGradient) else reply.value
    return Reply(
        reply.status, value, reply.arguments, reply.error, reply.printed, reply.seconds, reply.forbidden
    )


def _weights(result: np.ndarray) -> np.ndarray:
    return np.arange(1.0, result.size + 1).reshape(result.shape)
