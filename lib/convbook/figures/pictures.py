"""Images beside each other: photographs, feature maps, kernels, tables of numbers."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from convbook import style
from convbook.style import Figure, themed

NUMBERS_UP_TO = 12  # sides of a grid whose cells still have room for a number


def gallery(images: Mapping[str, np.ndarray], columns: int = 3, width: float = 2.9) -> Figure:
    """Return images under their names: (h, w) from 0 to 1, (3, h, w) in colour, or signed maps.

    A map that swings round 0 is drawn with white for 0, blue below and red above.
    `width` is the width of one picture in inches.
    """
    rows = -(-len(images) // columns)
    h, w = next(iter(images.values())).shape[-2:]
    alt = "Pictures side by side: " + ", ".join(images) + "."
    figure, axes = style.subplots(
        rows, columns, alt=alt, figsize=(width * columns, rows * (width * h / w + 0.35)), squeeze=False
    )
    for ax in axes.flat:
        ax.axis("off")
    for ax, (name, image) in zip(axes.flat, images.items(), strict=False):
        draw(ax, image)
        ax.set_title(name)
    return figure


def draw(ax: Axes, image: np.ndarray, reach: float | None = None) -> None:
    """Draw one image on axes: colour as it is, signed maps round 0 up to `reach`, the rest in grays."""
    if image.ndim == 3:
        ax.imshow(np.moveaxis(np.clip(image, 0, 1), 0, -1))
        return
    if swings(image):
        reach = reach or reach_of(image)
        ax.imshow(image, cmap=style.SIGNED, vmin=-reach, vmax=reach)
        return
    ax.imshow(image, cmap=style.GRAY, vmin=0, vmax=max(1.0, float(np.quantile(image, 0.98))))


def reach_of(image: np.ndarray) -> float:
    """Return the value of full colour in a signed map: a few extremes do not fade the rest."""
    return max(float(np.quantile(np.abs(image), 0.995)), 1e-9)


def swings(image: np.ndarray) -> bool:
    """Tell whether a map has both signs round 0, as an edge filter's answer has, and is no picture of brightness.

    >>> swings(np.array([[-1.0, 1.0]])), swings(np.array([[-0.1, 1.0]]))
    (True, False)
    """
    return bool(image.min() < 0 and abs(image.mean()) < 0.5 * image.std())


def grids(
    maps: Mapping[str, np.ndarray], signed: bool = False, width: float = 2.7, own_scales: bool = False,
    pixels: Collection[str] = (),
) -> Figure:  # fmt: skip
    """Return small tables (h, w) side by side, each cell with its number in it; `ValueError` for what is no table.

    Amounts share one scale, so that tables can be compared; with `own_scales` each reaches from 0 to its own largest.
    `signed` tables are kernels: white is 0, and each has its own scale, as everywhere in the course.
    The tables named in `pixels` are images: black is 0 and white is 1.
    """
    for name, values in maps.items():
        if values.ndim != 2 or values.size == 0:
            raise ValueError(
                f"{name!r} cannot be drawn: a table needs rows and columns, and its shape is {values.shape}"
            )
    alt = "Tables of numbers. " + " ".join(f"{name}: {_rows(values)}." for name, values in maps.items())
    sides = [values.shape for values in maps.values()]
    tallest = max(h / w for h, w in sides)
    figure, axes = style.subplots(1, len(maps), alt=alt, squeeze=False,
                                  figsize=(width * len(maps), width * min(tallest, 1.5) + 0.4))  # fmt: skip
    most = max(float(np.abs(values).max()) for values in maps.values()) or 1.0
    for ax, (name, values) in zip(axes[0], maps.items(), strict=True):
        if name in pixels:
            draw_pixels(ax, values)
        elif signed:
            draw_kernel(ax, values, numbers=max(values.shape) <= NUMBERS_UP_TO)
        else:
            draw_amounts(ax, values, float(values.max()) if own_scales else most)
        ax.set_title(name)
    return figure


def draw_amounts(ax: Axes, values: np.ndarray, most: float) -> None:
    """Draw a table (h, w) of amounts from 0 to `most`, with its numbers where they have room."""
    image = ax.imshow(values, cmap=style.AMOUNT, vmin=0.0, vmax=most)
    _frame(ax, visible=False)
    if max(values.shape) <= NUMBERS_UP_TO:
        write_numbers(ax, values, image)


def draw_pixels(ax: Axes, values: np.ndarray) -> None:
    """Draw an image (h, w) as a table in a thin frame, black for 0 and white for 1, with its numbers where they have room."""
    image = ax.imshow(values, cmap=style.GRAY, vmin=0.0, vmax=1.0)
    _frame(ax, visible=True)
    if max(values.shape) <= NUMBERS_UP_TO:
        write_numbers(ax, values, image)


def draw_kernel(ax: Axes, kernel: np.ndarray, numbers: bool = True, reach: float | None = None) -> None:
    """Draw a kernel (kh, kw), white for 0, full colour at `reach` or at its largest weight, in a thin frame.

    The frame shows a kernel of zeros, too.
    """
    reach = reach or max(float(np.abs(kernel).max()), 1e-9)
    image = ax.imshow(kernel, cmap=style.SIGNED, vmin=-reach, vmax=reach)
    _frame(ax, visible=True)
    if numbers:
        write_numbers(ax, kernel, image)


def _frame(ax: Axes, visible: bool) -> None:
    ax.set_xticks([])
    ax.set_yticks([])
    for side in ax.spines.values():
        side.set_visible(visible)
        side.set_linewidth(0.8)


def write_numbers(ax: Axes, values: np.ndarray, image) -> None:
    """Write each number into its cell, dark on light and light on dark."""
    colours = image.cmap(image.norm(values))
    for (row, column), value in np.ndenumerate(values):
        text = f"{value + 0.0:g}".replace("-", "−")
        ax.text(column, row, text, ha="center", va="center", color=ink_on(colours[row, column]), fontsize=10)


def ink_on(colour: np.ndarray) -> str:
    """Return black or white, whichever is read better on a colour."""
    return max(("#000000", "#ffffff"), key=lambda ink: themed.contrast(ink, to_hex(colour)))


def _rows(values: np.ndarray) -> str:
    if values.size > 60:
        return f"{values.shape[0]} by {values.shape[1]}, from {values.min():g} to {values.max():g}"
    return "; ".join(" ".join(f"{v:g}" for v in row) for row in values)
