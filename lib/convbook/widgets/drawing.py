"""Still pictures of grids, for where a widget cannot live: cells, captions, frames and the sentence below.

Everything is placed on one sheet whose unit is a cell, so that a window is as large over the image as over the weights.
Colours are those of `static/_colour.js`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from convbook import style
from convbook.style import Figure

INCHES_PER_CELL = 0.36
POINTS, POINTS_PER_CELL, EM_PER_LETTER = 9.0, 24.0, 0.62
LETTERS_PER_CELL = 4.6  # of the sentence, which is set in 9 points too
LINE = 0.62  # in cells
CAPTION = 0.95  # in cells, above a grid
MIDDLE = {"light": np.array([250, 250, 248]) / 255, "dark": np.array([34, 35, 37]) / 255}


@dataclass(frozen=True)
class Cell:
    """Say what one cell shows. A `faint` cell is padding: dashed, and in a quiet ink."""

    text: str
    face: np.ndarray | None = None
    faint: bool = False


Look = Callable[[int, int], Cell]  # what the cell at a row and a column shows


def sheet(columns: float, rows: float, alt: str) -> tuple[Figure, Any]:
    """Return a figure of `columns` × `rows` cells with the sentence `alt` below, and its axes, y downwards."""
    lines = textwrap.wrap(alt, max(30, int(columns * LETTERS_PER_CELL)))
    whole = rows + 0.5 + LINE * len(lines)
    figure, axis = style.subplots(alt=alt, figsize=(INCHES_PER_CELL * columns, INCHES_PER_CELL * whole))
    axis.set(xlim=(-0.1, columns), ylim=(whole, 0), aspect="equal")
    axis.set_axis_off()
    with rc_context(style.settings()):
        axis.text(0, rows + 0.5, "\n".join(lines), va="top", fontsize=POINTS, linespacing=1.35)
    return figure, axis


def grid(axis: Any, left: float, top: float, caption: str, shape: tuple[int, ...], look: Look) -> None:
    """Draw a grid of `shape` rows and columns with its caption above; `top` is the top of its first row."""
    with rc_context(style.settings()):
        axis.text(left, top - 0.25, caption, va="bottom", fontsize=POINTS)
        for row, column in np.ndindex(*shape):
            _cell(axis, left + column, top + row, look(row, column))


def _cell(axis: Any, left: float, top: float, cell: Cell) -> None:
    ink, paper, faint = style.settings()["text.color"], style.settings()["axes.facecolor"], _faint()
    face = mix(to_rgb(paper), to_rgb(ink), 0.05 if cell.faint else 0.0) if cell.face is None else cell.face
    line = {"edgecolor": faint, "linewidth": 0.6, "linestyle": "--" if cell.faint else "-"}
    axis.add_patch(Rectangle((left, top), 1, 1, facecolor=face, **line))
    points = min(POINTS, POINTS_PER_CELL / (EM_PER_LETTER * max(1, len(cell.text))))
    colour = mix(to_rgb(paper), to_rgb(ink), 0.6) if cell.faint else ink_on(np.array(face))
    axis.text(left + 0.5, top + 0.53, cell.text, color=colour, ha="center", va="center", fontsize=points)


def frame(axis: Any, left: float, top: float, width: float, height: float) -> None:
    """Draw the frame of a window over a grid."""
    axis.add_patch(
        Rectangle((left, top), width, height, fill=False, edgecolor=style.VERMILION, linewidth=2.2)
    )


def sign(axis: Any, left: float, middle: float, text: str, points: float = 13) -> None:
    """Write ×, + or = between grids."""
    with rc_context(style.settings()):
        axis.text(left, middle, text, ha="center", va="center", fontsize=points)


def signed(value: float, most: float) -> np.ndarray:
    """Return the colour of a number: blue below 0, vermilion above, the paper nearly at 0."""
    strength = min(1.0, abs(value) / most) if most else 0.0
    return mix(middle(), to_rgb(style.BLUE if value < 0 else style.VERMILION), 0.78 * strength)


def gray(value: float, low: float, high: float) -> np.ndarray:
    """Return a pixel's gray: the smallest value dark, the largest light."""
    part = min(1.0, max(0.0, (value - low) / (high - low))) if high > low else 1.0
    darkest, lightest = (92, 252) if _light() else (26, 200)
    return np.full(3, (darkest + part * (lightest - darkest)) / 255)


def mix(start: Any, end: Any, part: float) -> np.ndarray:
    """Return the colour `part` of the way from `start` to `end`."""
    return np.array(start) + part * (np.array(end) - np.array(start))


def middle() -> np.ndarray:
    """Return the colour of 0 in a signed map."""
    return MIDDLE["light" if _light() else "dark"]


def ink_on(colour: np.ndarray) -> str:
    """Return black or white, whichever stands out more on a colour, as WCAG measures it."""
    linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    light = float(linear @ [0.2126, 0.7152, 0.0722])
    return "black" if (light + 0.05) / 0.05 > 1.05 / (light + 0.05) else "white"


def _light() -> bool:
    return style.settings()["axes.facecolor"] == style.THEMES["light"]["paper"]


def _faint() -> str:
    return style.settings()["grid.color"]
