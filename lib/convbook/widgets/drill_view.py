"""The live side of drills: what the browser shows, what is typed there, and what is said to it."""

from __future__ import annotations

from typing import Any, ClassVar

import anywidget
import traitlets

from convbook.style import Figure
from convbook.widgets.base import Widget
from convbook.widgets.still import sentence_only


class DrillView(Widget):
    """Show drills in the browser; Python reads what is typed there. `Drills` makes it when it is displayed.

    `typed` holds the number of the question, the text and how often something was sent, `told` the same count with what is
    said. `round` counts the draws asked for. There is no `drill_still.js`: what is left where nothing moves is text.
    """

    view: ClassVar[str] = "drill"
    title: ClassVar[str] = "Drill"

    questions = traitlets.List([]).tag(sync=True)
    typed = traitlets.Dict({}).tag(sync=True)
    told = traitlets.Dict({}).tag(sync=True)
    round = traitlets.Int(0).tag(sync=True)
    drawn = traitlets.Int(0).tag(sync=True)

    def __init__(self, drills: Any):
        self._drills = drills
        super().__init__(questions=drills.asked())
        self.listen(self._mark, "typed")
        self.listen(self._draw, "round")

    def _mark(self) -> None:
        number, text = self.typed.get("number"), self.typed.get("text")
        if isinstance(number, int) and 0 <= number < len(self.questions) and isinstance(text, str):
            self.told = {
                **self._drills.mark(number, text),
                "number": number,
                "count": self.typed.get("count"),
            }

    def _draw(self) -> None:
        if self.round == self.drawn:
            return
        self._drills.draw()
        with self.hold_sync():
            self.told, self.questions, self.drawn = {}, self._drills.asked(), self.round

    def words(self) -> str:
        return repr(self._drills)

    def picture(self) -> Figure:
        return sentence_only(self.words())

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Return the live view alone: `Drills` lays text beside it."""
        return anywidget.AnyWidget._repr_mimebundle_(self, **kwargs)
