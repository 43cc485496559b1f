"""The still picture of an X-ray: letters instead of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.patches import Polygon

from convbook import style
from convbook.style import Figure
from convbook.widgets import xray_facts
from convbook.widgets.drawing import CAPTION, Cell, Look, frame, grid, middle, mix, sheet
from convbook.widgets.wording import number

GAP = 1.0
BETWEEN_CHANNELS = CAPTION + 0.25
MARKS = {"right": "✓", "wrong": "✗", "extra": "+", "missing": "–"}
FIRST_WEIGHT, LAST_WEIGHT = np.array([255, 233, 168]) / 255, np.array([0, 114, 178]) / 255
FILTERS, CHANNELS = "⁰¹²", "₀₁₂"
State = dict[str, Any]
Uses = dict[int, list[tuple[int, float]]]


def xray_figure(state: State, alt: str) -> Figure:
    """Return one output's X-ray (the weights' letters, yours, wanted, a row a channel) and the map of outputs."""
    if state["blocked"]:
        return sheet(20, 0, alt)[0]
    channels, height, width = state["sizes"]["image"]
    padding, (high, wide) = state["sizes"]["padding"], state["sizes"]["weights"][2:]
    rows, columns = height + 2 * padding, width + 2 * padding
    shape = xray_facts.whole_shape(state)
    at = xray_facts.held(state["at"], shape)
    apart = rows + BETWEEN_CHANNELS
    tall = max(channels * apart - BETWEEN_CHANNELS, shape[1])
    lefts = (0, wide + GAP, wide + columns + 2 * GAP, wide + 2 * columns + 3 * GAP)
    figure, axis = sheet(lefts[3] + shape[2], CAPTION + tall, alt)
    for channel in range(channels):
        top = CAPTION + channel * apart
        grid(axis, 0, top + (rows - high) / 2, "weights", (high, wide), _weights(state))
        _pixels(axis, state, at, channel, lefts[1], top, "yours")
        _pixels(axis, state, at, channel, lefts[2], top, "wanted")
    name = f"outputs, filter {at[0]}" if shape[0] > 1 else "outputs"
    top = CAPTION + (tall - shape[1]) / 2
    grid(axis, lefts[3], top, name, shape[1:], _outputs(state, at))
    frame(axis, lefts[3] + at[2], top + at[1], 1, 1)
    return figure


def _weights(state: State) -> Look:
    columns = state["sizes"]["weights"][3]

    def look(row: int, column: int) -> Cell:
        weight = row * columns + column
        return Cell(xray_facts.letter(state, weight), _colour(state, weight))

    return look


def _pixels(
    axis: Any, state: State, at: tuple[int, ...], channel: int, left: float, top: float, side: str
) -> None:
    """Draw what an output used, or should use, of one channel; a filled corner marks a difference."""
    channels, height, width = state["sizes"]["image"]
    stride, padding = state["sizes"]["stride"], state["sizes"]["padding"]
    shape = (height + 2 * padding, width + 2 * padding)
    taken, wanted = xray_facts.uses(state, side, at), xray_facts.uses(state, "wanted", at)
    title = {"yours": "your output used", "wanted": "it should use"}
    short = {"yours": "yours", "wanted": "wanted"}
    caption = f"{short[side]}, channel {channel}" if channels > 1 else title[side]

    def pixel(row: int, column: int) -> int | None:
        y, x = row - padding, column - padding
        return (channel * height + y) * width + x if 0 <= y < height and 0 <= x < width else None

    def look(row: int, column: int) -> Cell:
        place = pixel(row, column)
        return Cell("", faint=True) if place is None else _pixel(state, at, place, taken.get(place, []))

    grid(axis, left, top, caption, shape, look)
    for row, column in np.ndindex(*shape):
        place = pixel(row, column)
        if place is not None and taken.get(place, []) != wanted.get(place, []):
            _corner(axis, left + column, top + row)
    if side == "wanted" and xray_facts.status(state, at) != "extra":
        frame(axis, left + at[2] * stride, top + at[1] * stride, *reversed(state["sizes"]["weights"][2:]))


def _pixel(state: State, at: tuple[int, ...], pixel: int, taken: list[tuple[int, float]]) -> Cell:
    """Return the letters of the weights one pixel was multiplied with, in the first weight's colour."""
    if not taken:
        return Cell("")
    letters = "+".join(_letter(state, at, pixel, *one) for one in taken)
    return Cell(letters if len(taken) < 3 else f"{len(taken)}×", _colour(state, taken[0][0]))


def _letter(state: State, at: tuple[int, ...], pixel: int, weight: int, times: float) -> str:
    """Return a weight's letter with how often, and with its channel or filter where that is a foreign one."""
    filter_, channel, *_ = np.unravel_index(weight, state["sizes"]["weights"])
    own = np.unravel_index(pixel, state["sizes"]["image"])[0]
    often = {1: "", -1: "−"}.get(times, number(times, 1))
    foreign = ("" if channel == own else CHANNELS[channel]) + ("" if filter_ == at[0] else FILTERS[filter_])
    return f"{often}{xray_facts.letter(state, weight)}{foreign}"


def _corner(axis: Any, left: float, top: float) -> None:
    frame(axis, left, top, 1, 1)
    corner = [(left + 1, top), (left + 0.6, top), (left + 1, top + 0.4)]
    axis.add_patch(Polygon(corner, color=style.VERMILION, linewidth=0))


def _outputs(state: State, at: tuple[int, ...]) -> Look:
    def look(row: int, column: int) -> Cell:
        kind = xray_facts.status(state, (at[0], row, column))
        right = kind == "right"
        colour = to_rgb(style.GREEN if right else style.VERMILION)
        return Cell(MARKS[kind], mix(middle(), colour, 0.22 if right else 0.42))

    return look


def _colour(state: State, weight: int) -> np.ndarray:
    """Return a weight's colour: from light yellow for the first to blue for the last."""
    _, _, rows, columns = state["sizes"]["weights"]
    part = (weight % (rows * columns)) / max(1, rows * columns - 1)
    return mix(FIRST_WEIGHT, LAST_WEIGHT, part)
