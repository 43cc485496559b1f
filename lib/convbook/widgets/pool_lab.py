"""PoolLab: an image is dragged under fixed windows, and threads lead the outputs' gradients back to its pixels."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import traitlets

from convbook.widgets.base import Numbers, Widget

# Two equal pixels in one window, and a border of zeros, so that a step of one pixel loses nothing.
IMAGE = [
    [0, 0, 0, 0, 0, 0],
    [0, 1, 3, 0, 0, 0],
    [0, 5, 9, 4, 0, 0],
    [0, 2, 7, 7, 1, 0],
    [0, 0, 3, 3, 0, 0],
    [0, 0, 0, 0, 0, 0],
]
MOST = {"h": 8, "w": 8}
SIDES, STRIDES, KINDS = (2, 3), (1, 2, 3), ("max", "average")


class PoolLab(Widget):
    """Drag an image by a pixel under fixed windows: outputs that stay glow; pull a thread to send a gradient back.

    `image` is (h, w) with 3 to 8 pixels a side, `k` the windows' side, 2 or 3, and `stride` 1 to 3; without one the windows
    move by `k`. `kind` is "max" or "average". Raises `ValueError` for what cannot be shown.

    >>> PoolLab().words()[:46]
    'Each output is the largest pixel of its 2 × 2 '
    """

    view: ClassVar[str] = "pool_lab"
    title: ClassVar[str] = "What pooling keeps, and whom it remembers"

    image = Numbers("h w", MOST).tag(sync=True)
    k = traitlets.Enum(SIDES, 2).tag(sync=True)
    stride = traitlets.Enum(STRIDES, 2).tag(sync=True)
    kind = traitlets.Enum(KINDS, "max").tag(sync=True)
    shift = traitlets.List([0, 0]).tag(sync=True)  # pixels down, pixels to the right
    poured = traitlets.List([]).tag(sync=True)  # outputs whose threads are pulled, counted row by row
    settled = traitlets.Dict().tag(sync=True)  # of an output with a tie: which pixel of its window takes all
    at = traitlets.List([0, -1]).tag(
        sync=True
    )  # the chosen output; the pixel it was pulled to in vain, or -1

    def __init__(self, image: Any = None, k: int = 2, stride: int | None = None, *, kind: str = "max"):
        """Show `image` under windows of k × k; raise `ValueError` where they do not fit."""
        stride = k if stride is None else stride
        for name, value, known in (("k", k, SIDES), ("stride", stride, STRIDES)):
            if type(value) is not int or value not in known:
                raise ValueError(f"{name} is {value!r}; PoolLab shows {known[0]} to {known[-1]}")
        if kind not in KINDS:
            raise ValueError(f'kind is {kind!r}; wanted "max" or "average"')
        super().__init__(image=IMAGE if image is None else image, k=k, stride=stride, kind=kind)
        if min(np.shape(self.image)) < max(SIDES):  # both windows can be chosen, so both must fit
            raise ValueError(f"image has shape {np.shape(self.image)}; PoolLab shows at least 3 × 3")
