"""The still picture of an X-ray: letters instead of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.patches import Polygon, Rectangle

from convbook import style
from convbook.style import Figure
from convbook.widgets import xray_facts
from convbook.widgets.drawing import INCHES_PER_CELL, outline
from convbook.widgets.wording import number

MARKS = {"right": "✓", "wrong": "✗", "extra": "+", "missing": "–"}
FIRST_WEIGHT, LAST_WEIGHT = np.array([255, 233, 168]) / 255, np.array([0, 114, 178]) / 255
State = dict[str, Any]


def xray_figure(state: State, alt: str) -> Figure:
    """Return one output's X-ray (yours, wanted, the weights' letters, a row a channel) and the map of outputs."""
    if state["blocked"]:
        return _sentence(alt)
    channels, height, width = state["sizes"]["image"]
    rows, columns = state["sizes"]["weights"][2:]
    filters, map_height, map_width = xray_facts.whole_shape(state)
    at = xray_facts.held(state["at"], (filters, map_height, map_width))
    tall = channels * (max(height, rows, map_height) + 1.5)
    widths = [columns + 1, width + 1, width + 1, map_width + 1]
    size = (INCHES_PER_CELL * sum(widths), INCHES_PER_CELL * tall)
    figure, axes = style.subplots(channels, 4, alt=alt, squeeze=False, figsize=size, width_ratios=widths)
    with rc_context(style.settings()):
        for channel, line in enumerate(axes):
            for axis in line:
                axis.set_axis_off()
            _weights(line[0], state, at, channel)
            _pixels(line[1], state, "yours", at, channel)
            _pixels(line[2], state, "wanted", at, channel)
        _outputs(axes[0][3], state, at)
    return figure


def _sentence(alt: str) -> Figure:
    figure, axis = style.subplots(alt=alt, figsize=(7, 0.9))
    axis.set_axis_off()
    axis.text(0, 0.5, alt, va="center", ha="left", fontsize=10, wrap=True)
    return figure


def _weights(axis: Any, state: State, at: tuple[int, ...], channel: int) -> None:
    _, _, rows, columns = state["sizes"]["weights"]
    _grid(axis, "weights", rows, columns)
    for place in range(rows * columns):
        _cell(axis, *divmod(place, columns), xray_facts.letter(state, place), _colour(state, place))


def _pixels(axis: Any, state: State, side: str, at: tuple[int, ...], channel: int) -> None:
    channels, height, width = state["sizes"]["image"]
    title = "your output used" if side == "yours" else "it should use"
    _grid(axis, f"{title}{f', channel {channel}' if channels > 1 else ''}", height, width)
    taken, wanted = xray_facts.uses(state, side, at), xray_facts.uses(state, "wanted", at)
    for inside in range(height * width):
        pixel = channel * height * width + inside
        row, column = divmod(inside, width)
        own = taken.get(pixel, [])
        text = "+".join(f"{_often(times)}{xray_facts.letter(state, weight)}" for weight, times in own)
        text = text if len(own) < 3 else f"{len(own)}×"
        _cell(axis, row, column, text, _colour(state, own[0][0]) if own else None)
        if own != wanted.get(pixel, []):
            outline(axis, row, column, 1, 1)
            corner = [(column + 0.5, row - 0.5), (column + 0.1, row - 0.5), (column + 0.5, row - 0.1)]
            axis.add_patch(Polygon(corner, color=style.VERMILION, linewidth=0))


def _outputs(axis: Any, state: State, at: tuple[int, ...]) -> None:
    filters, height, width = xray_facts.whole_shape(state)
    _grid(axis, f"outputs, filter {at[0]}" if filters > 1 else "outputs", height, width)
    for row, column in np.ndindex(height, width):
        kind = xray_facts.status(state, (at[0], row, column))
        colour = style.GREEN if kind == "right" else style.VERMILION
        _cell(axis, row, column, MARKS[kind], colour, strength=0.35)
    outline(axis, at[1], at[2], 1, 1)


def _grid(axis: Any, title: str, rows: int, columns: int) -> None:
    axis.set_xlim(-0.6, columns - 0.4)
    axis.set_ylim(rows - 0.4, -0.6)
    axis.set_aspect("equal")
    axis.set_title(title, loc="left", fontsize=10)


def _cell(axis: Any, row: int, column: int, text: str, colour: Any, strength: float = 1.0) -> None:
    line = axis.spines["left"].get_edgecolor()
    face = colour if colour is not None else "none"
    corner = (column - 0.5, row - 0.5)
    axis.add_patch(
        Rectangle(corner, 1, 1, facecolor=face, alpha=strength if colour is not None else 1, linewidth=0)
    )
    axis.add_patch(Rectangle(corner, 1, 1, fill=False, edgecolor=line, linewidth=0.6))
    dark = isinstance(colour, np.ndarray) and colour @ [0.299, 0.587, 0.114] < 0.5
    ink = {} if colour is None or strength < 1 else {"color": "white" if dark else "black"}
    axis.text(column, row, text, ha="center", va="center", fontsize=9, **ink)


def _colour(state: State, weight: int) -> np.ndarray:
    _, _, rows, columns = state["sizes"]["weights"]
    part = (weight % (rows * columns)) / max(1, rows * columns - 1)
    return FIRST_WEIGHT + part * (LAST_WEIGHT - FIRST_WEIGHT)


def _often(times: float) -> str:
    return {1: "", -1: "−"}.get(times, number(times, 1))
