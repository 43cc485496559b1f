"""Drills in a notebook: questions with a field to type in; where nobody can type, the answers are folded away."""

from __future__ import annotations

import html
from typing import Any

from convbook import drills
from convbook.drills.papers import chosen, clean_count, clean_name, clean_seed, shown_value
from convbook.drills.practice import Practice
from convbook.widgets import predict_guesses as guesses
from convbook.widgets.predict import _somebody_is_there


class Drills:
    """Ask some drills: `kind` by name, or of a unit. What is answered is kept beside the guesses, in `drills.json`.

    Raises `DrillError` in one sentence for a kind, a unit, a count or a seed that cannot be meant.
    """

    def __init__(self, kind: str | None, units: Any, count: int | None, name: str = "", seed: Any = 0):
        kinds = chosen(drills.KINDS, units, kind)
        self.count = clean_count(count if count is not None else 1 if kind is not None else 3)
        place = guesses.folder() if _somebody_is_there() else None
        self.practice = Practice(kinds, clean_name(name), clean_seed(seed), place)
        self.view: Any = None
        self.draw()

    def draw(self) -> None:
        """Draw other questions."""
        self.questions = self.practice.several(self.count)
        self.marked: set[int] = set()

    def mark(self, number: int, typed: str) -> dict[str, Any]:
        """Return what is said to an answer; the first one that can be read is kept."""
        mark = self.questions[number].mark(typed)
        if mark.right is not None and number not in self.marked:
            self.marked.add(number)
            self.practice.heard(self.questions[number], mark.right)
        return {"right": mark.right, "sentence": mark.sentence}

    def asked(self) -> list[dict[str, str]]:
        """Return each question as the browser needs it."""
        return [
            {"title": f"Unit {one.kind.unit} · {one.kind.title}", "text": one.text, "answer": shown_value(one.answer),
             "worked": one.worked}
            for one in self.questions
        ]  # fmt: skip

    def __repr__(self) -> str:
        return "\n".join(one.text for one in self.questions)

    def _repr_html_(self) -> str:
        """Return the questions as HTML that needs no script, each with its answer folded away."""
        esc, lines = html.escape, []
        for one in self.asked():
            steps = "<br>".join(map(esc, one["worked"].splitlines()))
            lines.append(
                f"<p><strong>{esc(one['title'])}.</strong> {esc(one['text'])}</p>"
                f"<details><summary>The answer</summary><p>{esc(one['answer'])}</p><p>{steps}</p></details>"
            )
        return "".join(lines)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, str], dict]:
        """Return the live questions where somebody can answer them, and beside them the text for where nobody can."""
        data, about = {"text/plain": repr(self), "text/html": self._repr_html_()}, {}
        if _somebody_is_there():
            if self.view is None:
                from convbook.widgets.drill_view import DrillView

                self.view = DrillView(self)
            live, about = self.view._repr_mimebundle_(**kwargs) or ({}, {})
            data = {**live, **data}
        return data, about
