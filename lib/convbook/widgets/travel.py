"""How a widget's code reaches the browser, and a saved notebook: once for all widgets of a kind.

A view's own state would hold the text of its module, some 45 kB a question. It holds a few lines in its place
(`static/_loader.js`), and the name of a model that has the text, the same for every view of its kind.
"""

from __future__ import annotations

import functools
from typing import Any, ClassVar

import ipywidgets
import traitlets

from convbook.widgets.bundle import es_module, stylesheet

REFERENCE = "IPY_MODEL_"


class Code(ipywidgets.Widget):
    """Hold the module and the styles of one kind of widget, for all of that kind in a kernel."""

    module = traitlets.Unicode("").tag(sync=True)
    styles = traitlets.Unicode("").tag(sync=True)


class SharedCode:
    """Send, in place of a widget's own code, the few lines that fetch it. A class beside `anywidget.AnyWidget`."""

    view: ClassVar[str]
    _codes: ClassVar[dict[str, Code]] = {}

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """Return the state that is sent and saved, as ipywidgets asks for it."""
        state = super().get_state(key=key, drop_defaults=drop_defaults)  # type: ignore[misc]
        if "_esm" in state:
            state["_esm"] = loader()
            state["_code"] = REFERENCE + self._code().model_id
        if "_css" in state:
            state["_css"] = ""
        return state

    def _code(self) -> Code:
        """Return the model with the code of this kind; a new one where a notebook has closed the last."""
        kept = SharedCode._codes.get(self.view)
        if kept is None or kept.comm is None:
            kept = Code(module=es_module(self.view), styles=stylesheet(self.view))
            SharedCode._codes[self.view] = kept
        return kept


@functools.cache
def loader() -> str:
    """Return the module that fetches a widget's code from its `Code`."""
    return es_module("_loader")
