"""Draw with matplotlib what a widget's module drew with its noting pen (`static/_pen.js`)."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from convbook import style
from convbook.style import Figure

PIXELS_PER_INCH = 100
POINTS_PER_PIXEL = 72 / PIXELS_PER_INCH
CODES = {"move": Path.MOVETO, "line": Path.LINETO, "close": Path.CLOSEPOLY}
ALIGN = {"left": "left", "start": "left", "right": "right", "center": "center"}
BASELINE = {"top": "top", "middle": "center_baseline", "bottom": "bottom", "alphabetic": "baseline"}


def figure_of(still: dict[str, Any], alt: str) -> Figure:
    """Return the figure of a still picture: its `width`, `height`, `paper` and `marks`; `alt` is its sentence."""
    width, height = still["width"], still["height"]
    with rc_context(style.settings()):
        figure = Figure(figsize=(width / PIXELS_PER_INCH, height / PIXELS_PER_INCH), facecolor=still["paper"])
        axis = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
        axis.set_axis_off()
        for order, mark in enumerate(still["marks"]):
            DRAW[mark["kind"]](axis, mark, order)
    figure.alt = alt
    return figure


def sentence_only(sentence: str) -> Figure:
    """Return the picture for where no module can be asked: the sentence."""
    dark = is_dark()
    paper, ink = style.THEMES["dark" if dark else "light"]["paper"], style.ink()
    text = {"kind": "text", "text": sentence, "x": 12, "y": 24, "colour": ink, "align": "left",
            "baseline": "middle", "alpha": 1, "size": 13, "bold": False}  # fmt: skip
    return figure_of(
        {"width": 20 + 8 * len(sentence), "height": 48, "paper": paper, "marks": [text]}, sentence
    )


def is_dark() -> bool:
    """Return whether figures are drawn in the dark theme now."""
    return style.paper() == style.THEMES["dark"]["paper"]


def _path(mark: dict[str, Any]) -> Path:
    steps = mark["path"] or [["move", 0, 0]]
    points = [step[1:] if len(step) > 1 else [0, 0] for step in steps]
    return Path(points, [CODES[step[0]] for step in steps])


def _fill(axis: Any, mark: dict[str, Any], order: int) -> None:
    patch = PathPatch(
        _path(mark), facecolor=_colour(mark["colour"]), linewidth=0, alpha=mark["alpha"], zorder=order
    )
    axis.add_patch(patch)


def _stroke(axis: Any, mark: dict[str, Any], order: int) -> None:
    width = mark["width"]
    dash = (0, [part / width for part in mark["dash"]]) if mark["dash"] else "-"
    axis.add_patch(
        PathPatch(_path(mark), facecolor="none", edgecolor=_colour(mark["colour"]), linestyle=dash,
                  linewidth=width * POINTS_PER_PIXEL, alpha=mark["alpha"], zorder=order)
    )  # fmt: skip


def _text(axis: Any, mark: dict[str, Any], order: int) -> None:
    axis.text(
        mark["x"], mark["y"], mark["text"].replace("$", r"\$"), color=_colour(mark["colour"]), alpha=mark["alpha"],
        ha=ALIGN[mark["align"]], va=BASELINE[mark["baseline"]], fontsize=mark["size"] * POINTS_PER_PIXEL,
        fontweight="bold" if mark["bold"] else "normal", zorder=order,
    )  # fmt: skip


def _pixels(axis: Any, mark: dict[str, Any], order: int) -> None:
    colours = np.array(mark["colours"], dtype=np.uint8).reshape(mark["rows"], mark["columns"], 3)
    left, top = mark["x"], mark["y"]
    box = (left, left + mark["width"], top + mark["height"], top)
    axis.imshow(colours, extent=box, aspect="auto", interpolation="nearest", zorder=order)


DRAW = {"fill": _fill, "stroke": _stroke, "text": _text, "pixels": _pixels}


def _colour(text: str) -> Any:
    """Return a colour of CSS, "#rrggbb" or "rgb(r g b)", as matplotlib takes it."""
    if not text.startswith("rgb"):
        return text
    return tuple(float(part) / 255 for part in re.findall(r"[\d.]+", text)[:3])
