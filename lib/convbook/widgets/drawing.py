"""Still pictures of number grids, for where a widget cannot live."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib import rc_context

from convbook import style
from convbook.style import Figure
from convbook.widgets.wording import number

Panel = tuple[str, np.ndarray, str, tuple[int, int, int, int] | None]
INCHES_PER_CELL = 0.36


def number_grids(panels: list[list[Panel]], alt: str) -> Figure:
    """Return a figure of rows of panels: (title, values (h, w), "pixels" or "signed", outlined window or None).

    Values that are NaN are drawn as question marks. A window is (row, column, height, width).
    """
    columns = max(len(row) for row in panels)
    widths = [max(_side(row, column, 1) for row in panels) + 1 for column in range(columns)]
    heights = [max(values.shape[0] for _, values, _, _ in row) + 1.5 for row in panels]
    size = (INCHES_PER_CELL * sum(widths), INCHES_PER_CELL * sum(heights))
    figure, axes = style.subplots(
        len(panels), columns, alt=alt, squeeze=False, figsize=size, width_ratios=widths, height_ratios=heights
    )
    with rc_context(style.settings()):
        for row, line in zip(panels, axes, strict=True):
            for position, axis in enumerate(line):
                axis.set_axis_off()
                if position < len(row):
                    draw(axis, *row[position])
    return figure


def _side(row: list[Panel], column: int, axis: int) -> int:
    return row[column][1].shape[axis] if column < len(row) else 0


def draw(
    axis: Any, title: str, values: np.ndarray, kind: str, window: tuple[int, int, int, int] | None
) -> None:
    """Draw one grid of numbers with its title and, where there is one, the window's outline."""
    known = np.nan_to_num(values)
    most = max(1e-9, float(np.abs(known).max()))
    signed = kind == "signed" or known.min() < 0
    limits = {"cmap": style.SIGNED, "vmin": -1.6 * most, "vmax": 1.6 * most} if signed else _grays(known)
    picture = axis.imshow(known, **limits)
    axis.set_title(title, loc="left")
    for (row, column), value in np.ndenumerate(values):
        red, green, blue, _ = picture.cmap(picture.norm(known[row, column]))
        ink = "black" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "white"
        text = "?" if np.isnan(value) else number(value, 2)
        axis.text(column, row, text, color=ink, ha="center", va="center", fontsize=9)
    if window:
        outline(axis, *window)


def outline(axis: Any, row: int, column: int, height: int, width: int) -> None:
    """Draw the frame of a window over a grid."""
    from matplotlib.patches import Rectangle

    corner = (column - 0.5, row - 0.5)
    frame = Rectangle(
        corner, width, height, fill=False, edgecolor=style.VERMILION, linewidth=2.2, clip_on=False
    )
    axis.add_patch(frame)


def _grays(values: np.ndarray) -> dict[str, Any]:
    low, high = min(0.0, float(values.min())), float(values.max())
    high = high if high > low else low + 1
    return {"cmap": style.GRAY, "vmin": low - 0.6 * (high - low), "vmax": high}
