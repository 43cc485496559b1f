"""SketchPad: what a network of the learner's own says of a drawing or a picture, and which places speak for it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
import traitlets

from convbook.widgets.base import Widget
from convbook.widgets.pictures import as_batch, as_numbers, in_base64

MOST = {"images": 100, "side": 64, "classes": 20}


class SketchPad(Widget):
    """Draw, or choose a picture: after each stroke `look` answers, and its answer is shown beside the drawing.

    `look(image)` gets a float32 array (1, 1, h, w), 0–1, and returns the logits (classes,) and the evidence (h', w'): how much each
    place speaks for the largest logit. `images` (n, 1, h, w), 0–1, up to 100, are there to begin with, `classes` their names.
    What `look` raises is shown as one sentence. Raises `ValueError` where images, classes and the first answer do not fit.

    >>> look = lambda image: ([image.mean(), 0.1], image[0, 0])
    >>> SketchPad(look, np.ones((1, 1, 8, 8)), ["bright", "dark"]).words()
    'The network takes this image for bright, with a logit of 1; next comes dark, with 0.1.'
    """

    view: ClassVar[str] = "sketch_pad"
    title: ClassVar[str] = "What your network says of a drawing"

    images = traitlets.Unicode("").tag(sync=True)  # uint8 as base64: some hosts lose binary buffers
    size = traitlets.List([1, 1]).tag(sync=True)
    classes = traitlets.List().tag(sync=True)
    drawing = traitlets.Unicode("").tag(sync=True)  # uint8 as base64
    answered = traitlets.Unicode("").tag(sync=True)  # the drawing that the answer below belongs to
    logits = traitlets.List().tag(sync=True)
    evidence = traitlets.List().tag(sync=True)  # rows
    failed = traitlets.Unicode("").tag(sync=True)  # why there is no answer, in a sentence

    def __init__(self, look: Callable[[np.ndarray], Any], images: Any, classes: Sequence[str]):
        """Show the first image and what `look` says of it."""
        pixels = _pixels(images)
        if isinstance(classes, str) or not 2 <= len(classes) <= MOST["classes"]:
            raise ValueError(f"classes is {classes!r}; wanted from 2 to {MOST['classes']} names")
        self._look = look
        super().__init__(
            images=in_base64(pixels), size=list(pixels.shape[2:]), classes=[str(name) for name in classes],
            drawing=in_base64(pixels[0]),
        )  # fmt: skip
        self._answer()
        if self.failed:
            raise ValueError(self.failed)
        self.listen(self._answer, "drawing")

    def _answer(self) -> None:
        """Ask for what is drawn now; the three traits of an answer change together."""
        drawn = self.drawing
        image = np.frombuffer(base64.b64decode(drawn), np.uint8).reshape(1, 1, *self.size)
        try:
            logits, evidence = self._look((image / 255).astype(np.float32))
            found = {
                "logits": _numbers("logits", logits, 1),
                "evidence": _numbers("evidence", evidence, 2),
                "failed": "",
            }
            if len(found["logits"]) != len(self.classes):
                raise ValueError(
                    f"look gave {len(found['logits'])} logits; there are {len(self.classes)} classes"
                )
        except Exception as error:  # the learner's own function: whatever it does, the pad goes on
            told = f"{type(error).__name__}: {error}".split("\n")[0]
            found = {"logits": [], "evidence": [], "failed": f"The network gave no answer: {told}"}
        with self.hold_sync():
            for name, value in (found | {"answered": drawn}).items():
                setattr(self, name, value)


def _pixels(images: Any) -> np.ndarray:
    array = as_batch(images)
    if array.shape[1] != 1 or max(array.shape[2:]) > MOST["side"] or len(array) > MOST["images"]:
        raise ValueError(
            f"images has shape {array.shape}; wanted (n, 1, h, w), at most {MOST['images']} of them with {MOST['side']} pixels a side"
        )
    if array.min() < 0 or array.max() > 1:
        raise ValueError(
            f"images reach from {array.min():g} to {array.max():g}; wanted 0 to 1 (divide by 255?)"
        )
    return array


def _numbers(name: str, values: Any, axes: int) -> list:
    """Return an array or a tensor as lists of numbers; raise `ValueError` where it has not so many axes."""
    array = as_numbers(name, values.detach().cpu() if hasattr(values, "detach") else values, "numbers")
    if array.ndim != axes or not array.size:
        raise ValueError(f"{name} has shape {array.shape}; wanted {('(classes,)', '(h, w)')[axes - 1]}")
    return array.round(4).tolist()
