"""An observer for functions that return a result and also write into some of their arguments.

The oracle returns all of it as a tuple: the result, then each updated argument as it should be left.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from convbook.answers import Answer
from convbook.checks.engine.compare import Fault, Raised, fault_of
from convbook.checks.engine.observe import Calls, precision
from convbook.checks.engine.oracles import Oracle
from convbook.forms import Case, Reply

REBOUND = "`name = …` makes a new array that the caller never sees; `name[:] = …` writes into the given one"


class Updates(Calls):
    """Call a function, and see what it returns together with what it left in the arguments at `places`.

    `words` says each updated argument in a message. Cases give these arguments by position.
    """

    def __init__(self, **words: str):
        self.words = words

    def places(self, oracle: Oracle) -> tuple[int, ...]:
        """Return where among the arguments those stand that are updated."""
        names = list(oracle.signature.parameters)
        return tuple(names.index(name) for name in self.words)

    def observe(self, question: Any, answer: Answer, case: Case, seconds: float, forbid: str) -> Reply:
        """Return a reply whose value is the result with the updated arguments; writing is no fault."""
        reply = super().observe(question, answer, case, seconds, forbid)
        if reply.status != "returned":
            return reply
        places = self.places(question.oracle)
        arguments = tuple(case.args[i] if i in places else value for i, value in enumerate(reply.arguments))
        return replace(reply, value=self.seen(question.oracle, reply), arguments=arguments)

    def seen(self, oracle: Oracle, reply: Reply) -> tuple[Any, ...]:
        """Return the result of a call, and the updated arguments as it left them."""
        return (reply.value, *(reply.arguments[place] for place in self.places(oracle)))

    def left(self, oracle: Oracle, seen: Sequence[Any], args: Sequence[Any]) -> Any:
        """Write what was seen into the arguments of a caller, and return the result."""
        for place, value in zip(self.places(oracle), seen[1:], strict=True):
            if np.any(args[place] != value):  # one that stays as it is may be read-only
                args[place][...] = value
        return seen[0]

    def fault(self, question: Any, case: Case, reply: Reply, wanted: Any) -> Fault | None:
        if reply.status != "returned" or isinstance(wanted, Raised):
            return super().fault(question, case, reply, wanted)
        parts = zip((None, *self.words), reply.value, wanted, strict=True)
        for number, (name, yours, goal) in enumerate(parts):
            fault = fault_of(Reply("returned", yours), goal, precision(case))
            if fault is None:
                continue
            if name is None:
                return fault
            before = case.args[self.places(question.oracle)[number - 1]]
            hint = REBOUND if np.array_equal(yours, before) else fault.hint
            return replace(
                fault, sentence=f"leaves a wrong {self.words[name]}: it {fault.sentence}", hint=hint
            )
        return None

    def mutant(self, oracle: Oracle, ways: Sequence[Any]) -> Callable[..., Any]:
        """Return an answer that makes mistakes, and writes into its arguments as a learner's does."""
        made = oracle.mutant(*ways)

        @functools.wraps(made)
        def answer(*args: Any, **kwargs: Any) -> Any:
            return self.left(oracle, made(*args, **kwargs), args)

        return answer
