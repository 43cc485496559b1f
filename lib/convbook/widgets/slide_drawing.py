"""SlideLab's still picture: image × weights + bias = output, the window marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from convbook.style import Figure
from convbook.widgets.drawing import CAPTION, Cell, Look, frame, gray, grid, sheet, sign, signed
from convbook.widgets.wording import number

if TYPE_CHECKING:
    from convbook.widgets.slide_lab import SlideLab

GAP = 1.2  # in cells, where a sign stands between two grids
BETWEEN_CHANNELS = CAPTION + 0.25


def slide_figure(lab: SlideLab) -> Figure:
    """Return the filter and the place a `SlideLab` is at: a row for each channel, then the bias and the map."""
    filter_, *at = lab.place()
    image = np.pad(np.array(lab.image), ((0, 0), *((lab.padding, lab.padding),) * 2), constant_values=np.nan)
    kernels, outputs = np.array(lab.kernels)[filter_], lab.outputs_shown()[filter_]
    bias, name = number(lab.bias[filter_]), f"output {filter_}" if len(lab.kernels) > 1 else "output"
    apart = image.shape[1] + BETWEEN_CHANNELS
    rows = max(len(image) * apart - BETWEEN_CHANNELS, outputs.shape[0])
    left = image.shape[2] + GAP + kernels.shape[2]
    figure, axis = sheet(left + _bias_width(bias) + outputs.shape[1], CAPTION + rows, lab.words())
    corner = (at[0] * lab.stride, at[1] * lab.stride)
    for channel in range(len(image)):
        caption = f"channel {channel}" if len(image) > 1 else "image"
        _channel(axis, CAPTION + channel * apart, caption, image, kernels, channel, corner)
    _result(axis, left, CAPTION + rows / 2, bias, name, outputs, at)
    return figure


def _channel(
    axis: Any, top: float, caption: str, image: np.ndarray, kernels: np.ndarray, channel: int,
    corner: tuple[int, int],
) -> None:  # fmt: skip
    """Draw one channel of the padded image (NaN outside it) with the window at `corner`, and its weights."""
    rows, columns = image.shape[1:]
    high, wide = kernels.shape[1:]
    left, below = columns + GAP, top + (rows - high) / 2
    grid(axis, 0, top, caption, (rows, columns), _pixels(image, channel))
    frame(axis, corner[1], top + corner[0], wide, high)
    sign(axis, columns + GAP / 2, top + rows / 2, "×")
    grid(axis, left, below, "weights", (high, wide), _numbers(kernels[channel], np.abs(kernels).max(), "?"))
    frame(axis, left, below, wide, high)


def _result(
    axis: Any, left: float, middle: float, bias: str, name: str, outputs: np.ndarray, at: list[int]
) -> None:
    """Draw "+ bias = output" from `left` on, at the height `middle`."""
    width = _bias_width(bias)
    for place, text in ((GAP / 2, "+"), (width / 2, bias), (width - GAP / 2, "=")):
        sign(axis, left + place, middle, text)
    sign(axis, left + width / 2, middle - 0.9, "bias", points=9)
    top = middle - outputs.shape[0] / 2
    most = np.nanmax(np.abs(outputs), initial=0.0)
    grid(axis, left + width, top, name, outputs.shape, _numbers(outputs, most, "?"))
    frame(axis, left + width + at[1], top + at[0], 1, 1)


def _bias_width(bias: str) -> float:
    return 2 * GAP + max(1.0, 0.35 * len(bias))


def _pixels(image: np.ndarray, channel: int) -> Look:
    """Return how the pixels look: gray, or signed where an image has negative values; padding is faint."""
    low, high = min(0.0, float(np.nanmin(image))), float(np.nanmax(image))
    if low < 0:
        return _numbers(image[channel], max(high, -low), "0")

    def look(row: int, column: int) -> Cell:
        value = float(image[channel, row, column])
        return Cell("0", faint=True) if np.isnan(value) else Cell(number(value, 2), gray(value, low, high))

    return look


def _numbers(values: np.ndarray, most: float, instead: str) -> Look:
    """Return how signed numbers look; a NaN shows what stands `instead`."""

    def look(row: int, column: int) -> Cell:
        value = float(values[row, column])
        if np.isnan(value):
            return Cell(instead, faint=True)
        return Cell(number(value, 2), signed(value, most))

    return look
