"""A question: the oracle, the cases and the named mistakes of one exercise, declared once."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from convbook.answers.values import LAYOUTS, laid_out
from convbook.forms import Case, Exercise, Mistake, Verdict


def no_facts(*args: Any, **kwargs: Any) -> dict[str, Any]:
    """Return no numbers: the explanations of this exercise need none."""
    return {}


@dataclass(frozen=True)
class Question:
    """Declare one exercise whose right result PyTorch can compute.

    `oracle` takes what the answer takes and returns what it must return, or raises `ValueError`
    where the answer must. `cases` draws trials from a generator; the judge sorts them, smallest first.
    `shape` says where to look when the result has the wrong shape; without it `look_at` does.
    `facts` takes a case's arguments and returns the numbers that the templates
    `look_at` and `Mistake.here` speak of. `counts` says that only values matter, not the number type.
    `probes` are further trials, each a function from an answer to a `Fault` or None.
    """

    name: str
    title: str
    points: int
    oracle: Callable[..., Any]
    cases: Callable[[np.random.Generator], Iterable[Case]]
    mistakes: tuple[Mistake, ...]
    look_at: str
    shape: str = ""
    facts: Callable[..., dict[str, Any]] = no_facts
    forbid: str = "torch"
    counts: bool = False
    probes: tuple[Callable[..., Any], ...] = ()

    def suspects(self) -> Iterator[tuple[tuple[Mistake, ...], Callable[..., Any]]]:
        """Yield every named mistake with an answer that makes it, then every two at once."""
        for mistake in self.mistakes:
            yield (mistake,), mistake.answer
        for one, other in itertools.combinations(self.mistakes, 2):
            together = one.bend | other.bend
            if one.bend and other.bend and len(together) == len(one.bend) + len(other.bend):
                yield (one, other), functools.partial(one.answer.func, **together)


def exercise_of(question: Any, judge: Callable[[Any, Any], Verdict]) -> Exercise:
    """Return the exercise that asks `question`, a `Question` or a `ModuleQuestion`, and lets `judge` decide."""
    return Exercise(
        name=question.name,
        title=question.title,
        points=question.points,
        mistakes=question.mistakes,
        judging=functools.partial(judge, question),
    )


def bent(oracle: Callable[..., Any], name: str, explanation: str, here: str = "", **bend: Any) -> Mistake:
    """Return a named mistake whose answer is `oracle` called with the keywords `bend`.

    Two mistakes that bend different keywords can be told when they are made at once.
    """
    return Mistake(name, explanation, functools.partial(oracle, **bend), here, bend)


def case(*args: Any, about: str = "", **kwargs: Any) -> Case:
    """Return one hand-made case."""
    return Case(args, kwargs, about)


def drawn(*args: Any, about: str = "", **kwargs: Any) -> Case:
    """Return one case drawn from the seed: while a class is graded its numbers stay untold."""
    return Case(args, kwargs, about, drawn=True)


LAYOUT_WORDS = {
    "read-only": "the arrays are read-only",
    "reversed in memory": "the arrays lie backwards in memory",
    "every other element": "the arrays are every other element of larger ones",
    "Fortran order": "the arrays lie column by column in memory",
}


def every_layout(*args: Any, **kwargs: Any) -> Iterator[Case]:
    """Yield a case for each unusual way its arrays may lie in memory: any `ndarray` is valid input."""
    for layout in LAYOUTS[1:]:
        laid = (laid_out(a, layout) if isinstance(a, np.ndarray) else a for a in args)
        yield Case(tuple(laid), kwargs, LAYOUT_WORDS[layout])
