"""Living widgets in the book: their states and their modules as plain scripts, which also load from a disk.

A browser refuses modules from a disk, so each widget's module becomes a script that keeps a function; a page loads the
scripts of the widgets it shows, the states in which its notebook left them, and `book.js`, which brings the two together.
"""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

from convbook.authoring.book.predrawn import rounds
from convbook.widgets.base import Widget
from convbook.widgets.bundle import es_module, stylesheet

STATES = "application/vnd.jupyter.widget-state+json"
OF_JUPYTER = ("layout", "tabbable", "tooltip")
TOLD_LATER = ("truth", "why")  # of a question: known when somebody has guessed

WAITS = "What tells the answer needs an exercise that is open here: take the notebook, solve it, and you will see."


class Alive:
    """Collect the widgets of one notebook, in the states in which it left them."""

    def __init__(self, notebook: Any):
        self.known = notebook["metadata"].get("widgets", {}).get(STATES, {}).get("state", {})
        self.shown: dict[str, dict[str, Any]] = {}
        self.numbers: dict[str, str] = {}  # by the model's id, which is another in each run

    def place(self, model: str, still: str) -> str | None:
        """Return the place of a widget as HTML, `still` in it for who has no scripts; None if it is none of ours."""
        state = self.known.get(model, {}).get("state", {})
        view = _view(state.get("_anywidget_id", ""))
        if view is None:
            return None
        number = self.numbers.setdefault(model, f"w{len(self.numbers)}")
        self.shown.setdefault(number, _shown(view, state))
        return f'<div class="cb-live" data-model="{number}"><noscript>{still}</noscript></div>'

    @property
    def views(self) -> list[str]:
        """Return the names of the modules that the page needs."""
        return sorted({one["view"] for one in self.shown.values()})

    def script(self) -> str:
        """Return the states as a script."""
        return f"window.convbookShown = {json.dumps(self.shown)};\n"


def write_scripts(folder: Path, views: set[str]) -> None:
    """Write the shared scripts and styles: one script for each kind of widget, `book.js`, `widgets.css`."""
    for view in views:
        (folder / f"widget-{view}.js").write_text(_script(view), "utf-8")
    body = es_module("_book")
    (folder / "book.js").write_text(f"(() => {{\n{body}\nstart();\n}})();\n", "utf-8")
    shared = stylesheet("")
    own = "".join(stylesheet(view).removeprefix(shared) for view in sorted(views))
    (folder / "widgets.css").write_text(shared + own, "utf-8")


def _script(view: str) -> str:
    body = es_module(view).replace("export default", "return")
    return f"(window.convbookWidgets ??= {{}}).{view} = () => {{\n{body}\n}};\n"


def _view(anywidget_id: str) -> str | None:
    """Return the name of the module of a widget of the course, by the name of its class."""
    place, _, name = anywidget_id.rpartition(".")
    if not place.startswith("convbook.widgets."):
        return None
    found = getattr(importlib.import_module(place), name, None)
    return found.view if isinstance(found, type) and issubclass(found, Widget) else None


def _shown(view: str, state: dict[str, Any]) -> dict[str, Any]:
    """Return what the page knows of one widget: its module's name, its state, and what comes later."""
    own = {name: value for name, value in state.items() if name[0] != "_" and name not in OF_JUPYTER}
    if view == "predict":
        later = {name: own[name] for name in TOLD_LATER}
        waits = {"waits": WAITS} if later["truth"] is None else {}
        return {"view": view, "state": own | {"truth": None, "why": ""} | waits, "later": later}
    if view == "drill":
        drawn = rounds([one["title"] for one in own["questions"]])
        first = [asked["shown"] for asked in drawn[0]]
        return {"view": view, "state": own | {"questions": first}, "rounds": drawn}
    return {"view": view, "state": own}
