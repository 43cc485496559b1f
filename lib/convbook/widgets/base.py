"""What every widget shares: one contract of traits, one sentence, one picture, one page.

A widget is one Python class and one ES module of the same name. Its traits say everything: what the browser
draws, what `words()` says, what the picture and the standalone page show. The browser computes what a person
moves; the kernel is asked only for what needs Python.
"""

from __future__ import annotations

import base64
import os
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import anywidget
import numpy as np
import traitlets

from convbook.style import Figure
from convbook.widgets import page, still
from convbook.widgets.bundle import es_module, stylesheet
from convbook.widgets.engine import NoAnswer, ask
from convbook.widgets.travel import SharedCode


class Widget(SharedCode, anywidget.AnyWidget):
    """Show a picture that a person can move, and leave a sentence and a PNG where nothing can move.

    A subclass sets `view`, the name of its module in `static/`, and `title`, and declares its traits with
    `.tag(sync=True)`. `static/<view>_still.js` gives `words(state)`, the sentence, and `still(state, dark)`, the
    picture for where nothing can move, both from the files that the living widget, `static/<view>.js`, is made of.
    """

    view: ClassVar[str] = ""
    title: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any):
        if "view" in cls.__dict__:  # not in the classes that traitlets derives to add traits
            cls._esm = es_module(cls.view)
            cls._css = stylesheet(cls.view)
        super().__init_subclass__(**kwargs)

    def __init__(self, **traits: Any):
        # One lock for all callbacks: a message from the browser may be handled in another thread.
        self._lock = threading.RLock()
        super().__init__(**traits)

    def words(self) -> str:
        """Return one sentence that says what the picture shows now, as the browser says it."""
        return (
            self._asked("words", self.state())
            or f"{self.title}: open this notebook in Jupyter to see it move."
        )

    def picture(self) -> Figure:
        """Return the picture as a figure, for where nothing can move."""
        words = self.words()
        drawn = self._asked("still", self.state(), still.is_dark())
        return still.figure_of(drawn, words) if drawn else still.sentence_only(words)

    def _asked(self, name: str, *arguments: Any) -> Any:
        """Return the module's answer; None, after a warning, where it cannot be asked."""
        try:
            return ask(self.view, name, *arguments)
        except NoAnswer as reason:
            warnings.warn(f"{type(self).__name__} has no still picture: {reason}", stacklevel=3)
            return None

    def state(self) -> dict[str, Any]:
        """Return the widget's own traits: all that the browser needs to draw it."""
        inherited = anywidget.AnyWidget.class_trait_names()
        return {
            name: getattr(self, name)
            for name in sorted(self.traits(sync=True))
            if name not in inherited and not name.startswith("_")
        }

    def listen(self, act: Callable[[], Any], *names: str) -> None:
        """Call `act` after each change of the named traits, one call at a time, whatever the thread."""

        def changed(_: Any) -> None:
            with self._lock:
                act()

        self.observe(changed, names=list(names))

    def save_page(self, path: str | os.PathLike[str]) -> Path:
        """Write the widget as one HTML file that needs no kernel and no network; return its path."""
        figure, words = self.picture(), self.words()
        text = page.page(self.title, words, figure.png(), self.view, stylesheet(self.view), self.state())
        return page.write(path, text)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict, dict] | None:
        """Return the live view with the sentence and the PNG beside it, for GitHub, nbviewer and PDF."""
        shown = super()._repr_mimebundle_(**kwargs)
        if shown is None:
            return None
        data, metadata = shown
        words = self.words()
        data["text/plain"] = words
        # No text/html beside it: a site that cleans HTML would drop the picture, and it would be stored twice.
        data["image/png"] = base64.b64encode(self.picture().png()).decode()
        return data, {**metadata, "image/png": {"alt": words}}


class Numbers(traitlets.TraitType):
    """A trait that takes an array or nested lists and keeps nested lists of plain numbers.

    `axes` names the axes of what is kept, such as "c h w"; leading axes may be left out.
    `most` limits the length of each.
    """

    default_value: ClassVar[list] = []
    info_text = "an array of numbers"

    def __init__(self, axes: str, most: dict[str, int] | None = None, **options: Any):
        super().__init__(**options)
        self.axes = axes.split()
        self.most = most or {}

    def validate(self, obj: Any, value: Any) -> list:
        """Return `value` as nested lists, or raise `ValueError` with one clear sentence."""
        try:
            array = np.asarray(value, dtype=np.float64)
        except (TypeError, ValueError):
            raise ValueError(
                f"{self.name} must be an array of numbers with the axes {self._wanted}"
            ) from None
        if array.ndim > len(self.axes) or array.ndim == 0 or array.size == 0:
            raise ValueError(f"{self.name} has shape {array.shape}; wanted the axes {self._wanted}")
        if not np.isfinite(array).all():
            raise ValueError(f"{self.name} holds numbers that are not finite (NaN or infinity)")
        array = array.reshape((1,) * (len(self.axes) - array.ndim) + array.shape)
        for axis, length in zip(self.axes, array.shape, strict=True):
            if length > self.most.get(axis, length):
                raise ValueError(
                    f"{self.name} has {length} along {axis}; the widget shows at most {self.most[axis]}"
                )
        return array.tolist()

    @property
    def _wanted(self) -> str:
        return f"({', '.join(self.axes)})"
