"""`LocalAnswer`: a learner's function or class of this very process."""

from __future__ import annotations

import inspect
from typing import Any

from convbook.answers.answer import CALL_SECONDS, Answer, Built
from convbook.answers.calling import observe, settled
from convbook.answers.outside import outside_data
from convbook.answers.values import Reference
from convbook.forms import Reply


def hold(answer: Any) -> Answer:
    """Return `answer` as an `Answer`: as it is if it is one, wrapped if it is a learner's object."""
    if isinstance(answer, Answer):
        return answer
    elsewhere = getattr(type(answer), "_as_answer", None)  # an object that stands for one of another process
    return LocalAnswer(answer) if elsewhere is None else elsewhere(answer)


class LocalAnswer(Answer):
    """Hold an object of this very process."""

    def __init__(self, target: Any):
        self.target = target
        self.name = getattr(target, "__name__", type(target).__name__)

    def call(self, *args: Any, seconds: float = CALL_SECONDS, forbid: str = "", **kwargs: Any) -> Reply:
        return observe(self.target, args, kwargs, seconds, forbid, value=settled)

    def build(self, *args: Any, seconds: float = CALL_SECONDS, forbid: str = "", **kwargs: Any) -> Reply:
        from convbook.answers import module  # torch is loaded only where modules are built

        return module.build(self.target, args, kwargs, seconds, forbid)

    def as_module(self) -> Built:
        from convbook.answers import module

        return module.wrapped(self.target)

    def place(self, reference: Reference) -> Built:
        from convbook.answers import module

        return module.placed(reference)

    def attribute(self, name: str) -> Reply:
        from convbook.answers import module

        return module.attribute_of(self.target, name)

    def source(self) -> str:
        try:
            return inspect.getsource(self.target)
        except (OSError, TypeError):
            return ""

    def outside_data(self) -> list[str]:
        """Return the names of plain data of the notebook that the answer reads as globals, in order of first use.

        >>> kernel = [1, 0, -1]
        >>> hold(lambda x: [k * x for k in kernel]).outside_data()
        ['kernel']
        """
        return outside_data(self.target)
