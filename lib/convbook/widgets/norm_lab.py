"""NormLab: a batch as a cube, sawn into the pieces that share a mean, and what training and evaluation make of it."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import traitlets

from convbook.answers import hold
from convbook.answers.sharing import read_sharing
from convbook.widgets.base import Numbers, Widget

MOST = {"n": 6, "c": 6, "h": 3, "w": 3}
KINDS = ("batch", "layer", "instance", "group")
MOST_SEEN = 60  # batches: then the start weighs 0.9 ** 60, less than 0.2 %


class NormLab(Widget):
    """Saw a batch (n, c, h, w) into pieces that share mean and variance, and compare training with evaluation.

    `x` is a batch, or vectors (n, c): 2 to 6 images, at most 6 channels of 3 × 3 pixels. `function` is a norm of the learner's,
    such as `batchnorm2d_train` or `layernorm`: it is asked once which numbers share a mean, by nudging one after the other.
    `kind` is "batch", "layer", "instance" or "group"; without it, what the function's name says. Raises `ValueError`.

    >>> NormLab(kind="layer").words()[:60]
    'Layer norm averages over c, h and w: 6 groups of 16 numbers.'
    """

    view: ClassVar[str] = "norm_lab"
    title: ClassVar[str] = "Which numbers share a mean?"

    x = Numbers("n c h w", MOST).tag(sync=True)
    alone = traitlets.Bool(False).tag(sync=True)  # each image by itself
    together = traitlets.Int(1, min=1).tag(sync=True)  # channels in a piece
    batch = traitlets.Int(1, min=1, max=MOST["n"]).tag(sync=True)  # images in a batch
    seen = traitlets.Int(0, min=0, max=MOST_SEEN).tag(sync=True)  # batches, by the running statistics
    single = traitlets.Bool(False).tag(sync=True)  # the first pixel only
    at = traitlets.List([0, 0, 0]).tag(sync=True)  # image, channel, pixel
    name = traitlets.Unicode("").tag(sync=True)
    said = traitlets.Unicode("").tag(sync=True)
    told = traitlets.Unicode("").tag(sync=True)
    rows = traitlets.List().tag(sync=True)  # the sets of numbers that share, each once
    row = traitlets.List().tag(sync=True)  # which of them each number is in

    def __init__(self, x: Any = None, function: Any = None, *, kind: str | None = None):
        """Ask `function`, if there is one, and show the batch whole, sawn for `kind`."""
        super().__init__(x=_drawn() if x is None else _images(x))
        n, c, h, w = np.shape(self.x)
        if n < 2:
            raise ValueError(f"x has shape {(n, c, h, w)}; NormLab shows 2 to {MOST['n']} images, axis n")
        self.batch, self.at = n, [n - 1, c - 1, 0]  # the corner in front, whose three faces are seen
        if function is not None:
            self.name = hold(function).name
            found = read_sharing(function, (n, c, h, w))
            self.said, self.told = found.said, found.told
            if found.moved is not None:
                self.single = found.axes == "n c" and h * w > 1
                sets = {row.tobytes(): np.flatnonzero(row).tolist() for row in found.moved}
                self.rows, order = list(sets.values()), list(sets)
                self.row = [order.index(row.tobytes()) for row in found.moved]
        named = (one for one in KINDS if one in self.name.lower() and (one != "group" or _half(c)))
        self.saw(next(named, "batch") if kind is None else kind)

    def saw(self, kind: str) -> None:
        """Saw the cube for one of the four norms; group norm takes the largest groups that split the channels."""
        if kind not in KINDS:
            raise ValueError(f"kind is {kind!r}; NormLab knows {', '.join(KINDS)}")
        c = np.shape(self.x)[1]
        if kind == "group" and not _half(c):
            raise ValueError(f"kind is 'group', and {c} channels cannot be split into groups of two or more")
        self.alone = kind != "batch"
        self.together = {"layer": c, "group": _half(c)}.get(kind, 1)


def _half(channels: int) -> int:
    return next((size for size in range(channels // 2, 1, -1) if channels % size == 0), 0)


def _images(x: Any) -> Any:
    """Return vectors (n, c) as images of one pixel, and all else as it is."""
    try:
        return np.asarray(x)[:, :, None, None] if np.ndim(x) == 2 else x
    except ValueError:  # a ragged list, which the trait refuses
        return x


def _drawn() -> list:
    """Return a batch (6, 4, 2, 2) whose images and channels have middles and sizes of their own."""
    rng = np.random.default_rng(6)
    images, channels = np.array([-0.5, -1.0, 0.2, -1.8, 1.5, 2.0]), np.array([0.0, 3.0, -1.5, 1.0])
    noise = rng.normal(size=(6, 4, 2, 2)) * np.array([0.5, 1.0, 0.7, 0.4])[:, None, None]
    return (images[:, None, None, None] + channels[:, None, None] + noise).round(2).tolist()
