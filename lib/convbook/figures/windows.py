"""Windows laid out as the columns of a matrix, each in a colour of its own, and the product that follows."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.patches import Rectangle

from convbook import style
from convbook.figures.pictures import draw_kernel, ink_on
from convbook.style import Figure

TINT = 0.55  # of a window's colour in the cells of its column; the rest is white
INSET = 0.055  # in cells, from one window's outline to the next: outlines that share an edge stay apart
CELL = 0.42  # inches
RULE = "#b0b0b0"


def windows_as_columns(image: np.ndarray, columns: np.ndarray, k: int) -> Figure:
    """Return the channels of an image (c, h, w) and its k × k windows as columns, each window in its colour in both.

    Shapes: columns (c*k*k, places). Every cell has the same size.
    """
    c, h, w = image.shape
    many = (h - k + 1) * (w - k + 1)
    if columns.shape != (c * k * k, many):
        raise ValueError(
            f"the windows of this image are columns of shape {(c * k * k, many)}; these have {columns.shape}"
        )
    alt = (
        f"{c} channels and, beside them, a table of {columns.shape[0]} rows and {columns.shape[1]} columns. "
        f"Each of the {many} windows of {k} by {k} pixels is outlined in its own colour in every channel; below each "
        "other, channel by channel, its pixels are the column of the same colour."
    )
    figure, axes = style.subplots(1, c + 1, alt=alt, width_ratios=[*[w] * c, many],
                                  figsize=(CELL * (w * c + many + c), CELL * columns.shape[0] + 0.4))  # fmt: skip
    for channel, ax in enumerate(axes[:-1]):
        draw_table(ax, image[channel])
        for place, colour in enumerate(_colours(many)):
            ax.add_patch(_outline(*divmod(place, w - k + 1), k, place * INSET, colour))
        ax.set_title(f"channel {channel}")
    draw_columns(axes[-1], columns, k)
    axes[-1].set_title("windows as columns")
    return figure


def filter_times_columns(one_filter: np.ndarray, columns: np.ndarray) -> Figure:
    """Return a filter (c, k, k) as a row, the windows (c*k*k, places) as columns, and their product, one map as a row."""
    row = one_filter.reshape(1, -1)
    if row.shape[1] != len(columns):
        raise ValueError(
            f"a filter with {row.shape[1]} weights does not fit columns with {len(columns)} numbers; they must be equal"
        )
    product = row @ columns
    length, many = columns.shape
    alt = (
        f"A row of {length} weights, times a table of {length} rows and {many} columns, equals a row of {many} numbers: "
        + ", ".join(f"{value:g}" for value in product[0])
        + ". Each number has the colour of its column."
    )
    figure, axes = style.subplots(1, 3, alt=alt, width_ratios=(length, many, many),
                                  figsize=(CELL * (length + 2 * many + 3), CELL * length + 0.4))  # fmt: skip
    draw_kernel(axes[0], row)
    draw_columns(axes[1], columns, one_filter.shape[-1])
    draw_table(axes[2], product, _colours(many))
    names = ("the filter, laid out flat", "× the windows", "= the map")
    for ax, name in zip(axes, names, strict=True):
        ax.set_title(name)
    return figure


def draw_columns(ax: Axes, columns: np.ndarray, k: int) -> None:
    """Draw windows as columns in their colours, with a gap between channels."""
    draw_table(ax, columns, _colours(columns.shape[1]))
    for first in range(k * k, columns.shape[0], k * k):
        ax.axhline(first - 0.5, color=style.paper(), linewidth=4, marker="")


def draw_table(ax: Axes, values: np.ndarray, colours: list[str] | None = None) -> None:
    """Draw a table (h, w) with its numbers, each column tinted in its colour, or on white."""
    h, w = values.shape
    fills = [_tint(colour) for colour in colours] if colours else ["#ffffff"] * w
    ax.imshow(np.tile([to_rgb(fill) for fill in fills], (h, 1, 1)))
    ax.vlines(np.arange(w + 1) - 0.5, -0.5, h - 0.5, color=RULE, linewidth=0.8)
    ax.hlines(np.arange(h + 1) - 0.5, -0.5, w - 0.5, color=RULE, linewidth=0.8)
    ax.set(xlim=(-0.55, w - 0.45), ylim=(h - 0.45, -0.55))
    ax.axis("off")
    for (row, column), value in np.ndenumerate(values):
        text = f"{value + 0.0:g}".replace("-", "−")
        ax.text(column, row, text, ha="center", va="center", color=ink_on(to_rgb(fills[column])))


def _colours(many: int) -> list[str]:
    """Return a colour for each window, in turn where there are more windows than colours."""
    return [style.CYCLE[place % len(style.CYCLE)] for place in range(many)]


def _tint(colour: str) -> str:
    return to_hex(TINT * np.array(to_rgb(colour)) + 1 - TINT)


def _outline(row: int, column: int, k: int, inset: float, colour: str) -> Rectangle:
    side = k - 2 * inset - 0.1
    corner = (column - 0.45 + inset, row - 0.45 + inset)
    return Rectangle(corner, side, side, fill=False, edgecolor=colour, linewidth=2.5, zorder=3)
