"""The live side of a question: what the browser shows, and what it hears."""

from __future__ import annotations

from typing import Any, ClassVar

import anywidget
import traitlets

from convbook.style import Figure
from convbook.widgets.base import Widget
from convbook.widgets.drawing import sheet


class PredictView(Widget):
    """Show one question in the browser and pass on what is guessed there. `Predict` makes it when it is displayed.

    `guess` and `truth` are null until there are any; `tried` is the last try after the truth came.
    """

    view: ClassVar[str] = "predict"
    title: ClassVar[str] = "Predict"

    question = traitlets.Unicode("").tag(sync=True)
    kind = traitlets.Unicode("number").tag(sync=True)
    options = traitlets.Dict().tag(sync=True)
    guess = traitlets.Any(None, allow_none=True).tag(sync=True)
    skipped = traitlets.Bool(False).tag(sync=True)
    truth = traitlets.Any(None, allow_none=True).tag(sync=True)
    why = traitlets.Unicode("").tag(sync=True)
    tried = traitlets.Any(None, allow_none=True).tag(sync=True)
    revealed = traitlets.Bool(False).tag(sync=True)

    def __init__(self, predict: Any):
        asked = predict.asked
        options = {
            "choices": asked.choices, "table": asked.table, "x": asked.x, "curves": asked.curves,
            "between": list(asked.between), "labels": list(asked.labels), "unit": asked.unit,
            "within": asked.within, "factor": asked.factor,
        }  # fmt: skip
        self._predict = predict
        super().__init__(question=asked.text, kind=asked.kind, options=options, guess=predict.guess,
                         truth=predict.answer, why=predict.why)  # fmt: skip
        self.listen(lambda: self._heard(self.guess), "guess")
        self.listen(lambda: self._heard(self.tried, again=True), "tried")

    def told(self, truth: Any, why: str) -> None:
        """Pass a truth on to the browser."""
        with self.hold_sync():
            self.tried, self.revealed = None, False
            self.truth, self.why = truth, why

    def words(self) -> str:
        return repr(self._predict)

    def picture(self) -> Figure:
        return sheet(24, 0.2, self.words())[0]

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Return the live view alone: `Predict` lays text beside it, and a picture of a question says no more."""
        return anywidget.AnyWidget._repr_mimebundle_(self, **kwargs)

    def _heard(self, guess: Any, again: bool = False) -> None:
        if guess is not None and self._predict.asked.accepts(guess):
            self._predict.heard(guess, again)
