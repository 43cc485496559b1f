"""Declare an exercise on one page: its oracle, its cases, its usual mistakes, its words.

    @exercise("The mean", points=2, cases=images, shapes="image (h, w) -> ()",
              why="{h} · {w} pixels share the sum",
              mistakes=(
        mistake("it is the sum, not the mean", "a mean is the sum divided by how many there are",
                result=lambda y, h, w: y * h * w),
    ))
    def brightness(image):
        return image.mean()

The oracle is the function below the decorator: PyTorch on float64 tensors, with the exercise's own arguments
and no others. A mistake is a changed argument (`image=lambda image: image[:-1]`), a changed result, or
another rule `instead`. Cases are made with `case`, `table`, `every_form` and `draws` (`cases`).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from convbook.checks.engine.cases import case, counting, drawn, draws, every_form, every_layout, table
from convbook.checks.engine.diary import keep
from convbook.checks.engine.judge import judge
from convbook.checks.engine.observe import CALLS, Observer
from convbook.checks.engine.oracles import Oracle, parsed_shapes
from convbook.checks.engine.question import Draft, Question, examine_words, mistake, question_of
from convbook.forms import Case, Exercise, Mistake

__all__ = [
    "Draft", "Question", "case", "counting", "drawn", "draws", "every_form", "every_layout", "examine_words",
    "exercise", "mistake", "question_of", "table",
]  # fmt: skip


def exercise(
    title: str,
    *,
    points: int,
    cases: Callable[[np.random.Generator], Iterable[Case]],
    why: str,
    shapes: str = "",
    shape: str = "",
    facts: Mapping[str, Callable[..., Any]] | None = None,
    mistakes: Iterable[Draft] = (),
    observe: Observer | None = None,
    **options: Any,
) -> Callable[[Callable[..., Any]], Exercise]:
    """Return a decorator that turns an oracle into an exercise. `options` are further fields of `Question`.

    Raises `DeclarationError` where a mistake changes an argument or uses a fact that the exercise has not.
    """

    def declared(function: Callable[..., Any]) -> Exercise:
        axes, result_axes = parsed_shapes(shapes)
        oracle = Oracle(function, axes, dict(facts or {}), result_axes)
        observer = (observe or CALLS).declared(cases)
        drafts = tuple(mistakes)
        made = tuple(
            Mistake(d.name, d.explanation, d.answer or observer.mutant(oracle, d.ways[:1]), d.here, d.ways)
            for d in drafts
        )
        question = Question(
            function.__name__, title, points, oracle, cases, why, observer, made, shape, **options
        )
        examine_words(question)
        return Exercise(question.name, title, points, made, functools.partial(judge, question), keep)

    return declared
