"""Predict: a question that is asked before the cell that answers it.

    edges = Predict("Which edges turn red?", choices=["darker downwards", "brighter downwards"])
    edges                                     # in one cell: guess, or skip
    edges.truth("darker downwards", why="…")  # in a later one: guess and truth side by side

The truth is what the notebook's own code computes; before its cell has run nothing knows it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from convbook.records import somebody_is_there as _somebody_is_there
from convbook.widgets import predict_guesses as guesses
from convbook.widgets.predict_recap import Recap, page, plain
from convbook.widgets.predict_rule import Question

_asked: dict[str, Predict] = {}  # by question: a cell that runs again asks the same question again


class Predict:
    """Ask one question; later show the guess beside the truth.

    One of these says what is guessed; without any of them it is a number:
    `choices` a list of words; `place` the table (h, w) in which a cell is pointed at; `sketch` the positions along x at
    which a curve is drawn, its values within `between`, one curve for each name in `curves`.
    `unit` follows a number. A number is right within `within` of the truth, or within a `factor` of it; a curve
    if no point is further off than `within`, by default 15 % of the height.

    Nothing waits for a guess. Raises `ValueError` where the arguments do not make one question.

    >>> ask = Predict("How many windows fit?", unit="windows")
    >>> ask.truth(28, why="The first one counts too.")
    How many windows fit? The answer: 28 windows. The first one counts too.
    """

    def __init__(
        self, question: str, *, choices: list[str] | None = None, place: Any = None, sketch: list[float] | None = None,
        curves: tuple[str, ...] = ("",), between: tuple[float, float] = (0.0, 1.0), labels: tuple[str, str] = ("", ""),
        unit: str = "", within: float | None = None, factor: float | None = None,
    ):  # fmt: skip
        self.asked = Question.made(
            question, choices, place, sketch, list(curves), between, labels, unit, within, factor
        )
        self.answer: Any = None
        self.why = ""
        before = _asked.get(question)
        kept = guesses.read(question) if before is None else before.guess
        fits = kept is not None and self.asked.accepts(kept)
        self.guess: Any = kept if fits else None
        self.tries: list[Any] = []
        self._live_guess = (
            before is not None and before._live_guess
        )  # made by somebody, since the kernel started
        self._view: Any = None
        _asked[question] = self

    def truth(self, value: Any, why: str = "") -> Answered:
        """Tell what the code has computed, and in words why; return what shows it beside the guess.

        `value` is of the kind the question asks for: a number, one of the choices, (row, column), or the curve's values,
        one list for each curve; None or NaN where the code could compute nothing yet. Raises `ValueError` for anything else.
        """
        if value is None or (np.ndim(value) == 0 and value != value):
            return Answered(self)
        self.answer, self.why = self.asked.checked(value), why
        self.tries = []
        if self._view is not None:
            self._view.told(self.answer, why)
        if self._live_guess:
            self._keep()
        return Answered(self)

    @property
    def surprised(self) -> bool:
        """Tell whether there was a guess, and the truth is another."""
        return self.answer is not None and self.guess is not None and not self.right

    @property
    def right(self) -> bool:
        return self.guess is not None and self.asked.right(self.guess, self.answer)

    @classmethod
    def recap(cls) -> Recap:
        """Return what was asked since the kernel started, what was guessed, and what surprised."""
        return Recap(list(_asked.values()))

    def __repr__(self) -> str:
        return plain(self)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, str], dict]:
        """Return the live question where somebody can answer it, and beside it the text for where nobody can."""
        data, about = {"text/plain": plain(self), "text/html": page(self)}, {}
        if _somebody_is_there():
            live, about = self._live()._repr_mimebundle_(**kwargs) or ({}, {})
            data = {**live, **data}
        return data, about

    def _live(self) -> Any:
        if self._view is None:
            from convbook.widgets.predict_view import PredictView

            self._view = PredictView(self)
        return self._view

    def heard(self, guess: Any, again: bool = False) -> None:
        """Take a guess from the browser, or `again` a try after the truth came; a busy kernel may hear late of either."""
        self._live_guess = True
        if again:
            self.tries.append(guess)
        else:
            self.guess = guess
        self._keep()

    def _keep(self) -> None:
        about = {"guess": self.guess}
        if self.answer is not None:
            about |= {"truth": self.answer, "surprised": self.surprised}
        if self.tries:
            about["tries"] = list(self.tries)
        guesses.write(self.asked.text, about)


class Answered:
    """Show guess and truth side by side, in the cell that has computed the truth."""

    def __init__(self, question: Predict):
        self.question = question

    def __repr__(self) -> str:
        return plain(self.question)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, str], dict]:
        return self.question._repr_mimebundle_(**kwargs)
