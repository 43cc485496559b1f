"""Images beside each other: photographs, feature maps, kernels, tables of numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from convbook import style
from convbook.style import Figure

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


def draw(ax: Axes, image: np.ndarray) -> None:
    """Draw one image on axes: colour as it is, signed maps round 0, the rest in grays."""
    if image.ndim == 3:
        ax.imshow(np.moveaxis(np.clip(image, 0, 1), 0, -1))
        return
    if swings(image):
        reach = max(float(np.quantile(np.abs(image), 0.995)), 1e-9)  # a few extremes do not fade the rest
        ax.imshow(image, cmap=style.SIGNED, vmin=-reach, vmax=reach)
        return
    ax.imshow(image, cmap=style.GRAY, vmin=0, vmax=max(1.0, float(np.quantile(image, 0.98))))


def swings(image: np.ndarray) -> bool:
    """Tell whether a map has both signs round 0, as an edge filter's answer has, and is no picture of brightness.

    >>> swings(np.array([[-1.0, 1.0]])), swings(np.array([[-0.1, 1.0]]))
    (True, False)
    """
    return bool(image.min() < 0 and abs(image.mean()) < 0.5 * image.std())


def grids(maps: Mapping[str, np.ndarray], signed: bool = False, width: float = 2.7) -> Figure:
    """Return small tables (h, w) side by side, each cell with its number in it; `ValueError` for what is no table."""
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
    top = max(float(np.abs(values).max()) for values in maps.values()) or 1.0
    for ax, (name, values) in zip(axes[0], maps.items(), strict=True):
        cmap, low = (style.SIGNED, -top) if signed else (style.AMOUNT, 0.0)
        image = ax.imshow(values, cmap=cmap, vmin=low, vmax=top)
        ax.set_title(name)
        ax.set_xticks([])
        ax.set_yticks([])
        for side in ax.spines.values():
            side.set_visible(False)
        if max(values.shape) <= NUMBERS_UP_TO:
            write_numbers(ax, values, image)
    return figure


def write_numbers(ax: Axes, values: np.ndarray, image) -> None:
    """Write each number into its cell, dark on light and light on dark."""
    colours = image.cmap(image.norm(values))
    for (row, column), value in np.ndenumerate(values):
        red, green, blue = colours[row, column, :3]
        ink = "black" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "white"
        ax.text(column, row, f"{value + 0.0:g}", ha="center", va="center", color=ink, fontsize=9)


def _rows(values: np.ndarray) -> str:
    if values.size > 60:
        return f"{values.shape[0]} by {values.shape[1]}, from {values.min():g} to {values.max():g}"
    return "; ".join(" ".join(f"{v:g}" for v in row) for row in values)
