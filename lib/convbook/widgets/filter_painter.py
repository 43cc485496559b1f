"""FilterPainter: paint a kernel beside a photograph, which answers at once."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import traitlets

from convbook import data
from convbook.widgets.base import Numbers, Widget
from convbook.widgets.pictures import as_grays, in_base64

MOST_SIDE = 160  # pixels of the picture's longer side: it travels as base64, and stays far below 100 kB
CREDIT = "photograph: danielbuechele on Flickr, CC BY 2.0, made gray and small"
SHARPEN = [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]


class FilterPainter(Widget):
    """Drag the weights of a kernel up and down and see the whole picture change with them.

    `image` is (h, w) in 0–1, or (3, h, w) in colour, which is shown in grays; more than 160 pixels a side are thinned
    out. Without one it is a photograph. `kernel` is square, with 3, 5 or 7 weights a side. The picture is padded with 0.

    >>> FilterPainter(np.ones((8, 8)), kernel=[[0, 0, 0], [0, 1, 0], [0, 0, 0]]).words()[:58]
    'At pixel [4, 4] the 9 products under the kernel add up to '
    """

    view: ClassVar[str] = "filter_painter"
    title: ClassVar[str] = "Paint a filter"

    pixels = traitlets.Unicode("").tag(sync=True)  # uint8 as base64: some hosts lose binary buffers
    size = traitlets.List([0, 0]).tag(sync=True)
    kernel = Numbers("i j", {"i": 7, "j": 7}).tag(sync=True)
    at = traitlets.List([0, 0]).tag(sync=True)
    credit = traitlets.Unicode("").tag(sync=True)

    def __init__(self, image: Any = None, kernel: Any = None):
        """Show `image` under `kernel`; raise `ValueError` where one of them has not the right shape."""
        credit = CREDIT if image is None else ""
        grays = _thinned(as_grays(data.photographs()["china"] if image is None else image))
        kernel = np.asarray(SHARPEN if kernel is None else kernel, dtype=float)
        if kernel.ndim != 2 or kernel.shape[0] != kernel.shape[1] or kernel.shape[0] not in (3, 5, 7):
            raise ValueError(f"the kernel has shape {kernel.shape}; wanted (3, 3), (5, 5) or (7, 7)")
        height, width = grays.shape
        super().__init__(
            pixels=in_base64(grays), size=[height, width], kernel=kernel,
            at=[height // 2, width // 2], credit=credit,
        )  # fmt: skip


def _thinned(grays: np.ndarray) -> np.ndarray:
    """Return the picture small enough to travel."""
    height, width = grays.shape
    if max(height, width) > MOST_SIDE:
        grays = data.small(grays, max(1, round(height * MOST_SIDE / max(height, width))))
    return grays
