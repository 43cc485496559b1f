"""Draw the figures that a cell leaves open, cut to what is in them as Jupyter does, but drawn once and not twice."""

from __future__ import annotations

import base64
import io
import math
from typing import Any

QUICKLY = {"compress_level": 1}  # a picture a fifth larger, written in a third of the time


def picture(figure: Any) -> str | None:
    """Return a figure as a PNG in base 64; None if nothing is in it."""
    from IPython.core.pylabtools import print_figure

    return _cut(figure) or print_figure(figure, base64=True, pil_kwargs=QUICKLY)


def _cut(figure: Any) -> str | None:
    """Return the figure as it is drawn, without its margin; None where something lies beyond what is drawn."""
    import numpy as np
    from matplotlib import rcParams
    from PIL import Image

    if not figure.axes or not hasattr(figure.canvas, "buffer_rgba"):
        return None
    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())
    height, width = pixels.shape[:2]
    left, bottom, right, top = figure.get_tightbbox(figure.canvas.get_renderer()).extents * figure.dpi
    if min(left, bottom) < 0 or right > width or top > height:
        return None
    pad = rcParams["savefig.pad_inches"] * figure.dpi
    first, last = max(0, math.floor(height - top - pad)), math.ceil(height - bottom + pad)
    inside = pixels[first:last, max(0, math.floor(left - pad)) : math.ceil(right + pad)]
    written = io.BytesIO()
    Image.fromarray(inside).save(written, "png", dpi=(figure.dpi, figure.dpi), **QUICKLY)
    return base64.b64encode(written.getvalue()).decode()
