"""The figures of unit 04: pooling forward, and where its gradient goes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from convbook import style
from convbook.figures.gradients import (
    compared,
    errors_by_step,
    gradient_checks,
    slices_regrouped,
    windows_of_a_pixel,
)
from convbook.figures.pictures import draw, gallery, grids
from convbook.style import Figure

__all__ = ["chain", "compared", "errors_by_step", "gallery", "gradient_checks", "grids", "nudge", "pooled_on_the_move", "pooled_windows",
           "routes_back", "slices_regrouped", "windows_of_a_pixel"]  # fmt: skip

TONES = (style.ORANGE, style.SKY, style.GREEN, style.PURPLE, style.YELLOW, style.VERMILION)
PLAIN, ZERO = "#e3e3e3", "#5f5f5f"
MOST = 9  # rows or columns of a table whose numbers still have room


def nudge(image: np.ndarray, gradient: np.ndarray, changed: np.ndarray, before: str, after: str) -> Figure:
    """Return an image, the gradient of a score with respect to its pixels, and the image after small steps along it.

    Shapes: all (h, w). `before` and `after` are what the network says of the two images.
    """
    if not image.shape == gradient.shape == changed.shape:
        raise ValueError(
            f"the three pictures need one shape; these have {image.shape}, {gradient.shape} and {changed.shape}"
        )
    alt = (f"Left: an image that the network reads as {before}. Middle: a heat map with a number for each pixel, red where a brighter pixel "
           f"would raise the score of {after}, blue where it would lower it. Right: nearly the same image, which the network reads as {after}.")  # fmt: skip
    figure, axes = style.subplots(1, 3, alt=alt, figsize=(8.4, 3.1))
    draw(axes[0], image)
    reach = float(np.abs(gradient).max()) or 1.0
    axes[1].imshow(gradient, cmap=style.SIGNED, vmin=-reach, vmax=reach)
    draw(axes[2], changed)
    titles = (f"the network says {before}", "what each pixel can do", f"the network says {after}")
    for ax, title in zip(axes, titles, strict=True):
        ax.set(xticks=[], yticks=[])
        ax.set_title(title)
    return figure


def chain(layers: Sequence[str], shapes: Sequence[tuple[int, ...]], mark: Sequence[str] = ()) -> Figure:
    """Return layers in a row with the shape of what runs between them: arrays forward above, gradients back below.

    There is one shape more than there are layers. `mark` names layers that are drawn in colour.
    """
    if len(shapes) != len(layers) + 1:
        raise ValueError(
            f"{len(layers)} layers have {len(layers) + 1} shapes, the input's first; {len(shapes)} were given"
        )
    told = ", then ".join(name.replace("\n", " ") for name in layers)
    alt = f"Layers in a row: {told}. Above, arrows to the right carry the maps forward. Below, arrows to the left carry gradients back, each of the same shape as the map above it: {', '.join(map(str, shapes))}."  # fmt: skip
    figure, ax = style.subplots(alt=alt, figsize=(style.WIDE, 2.2))
    ink = style.ink()
    width, gap = 1.6, 1.1
    for number, name in enumerate(layers):
        left = gap + number * (width + gap)
        colour = style.SKY if name in mark else PLAIN
        ax.add_patch(
            FancyBboxPatch(
                (left, 0), width, 1.3, boxstyle="round,pad=0.05", facecolor=colour, edgecolor="none"
            )
        )
        ax.text(left + width / 2, 0.65, name, ha="center", va="center", color=style.ON_COLOUR, fontsize=8.5)
    for number, shape in enumerate(shapes):
        left = number * (width + gap)
        text = "×".join(str(side) for side in shape)
        for height, tail, head, colour in (
            (1.1, left + 0.1, left + gap - 0.1, ink),
            (0.2, left + gap - 0.1, left + 0.1, style.VERMILION),
        ):
            ax.add_patch(
                FancyArrowPatch(
                    (tail, height),
                    (head, height),
                    arrowstyle="-|>",
                    mutation_scale=13,
                    color=colour,
                    linewidth=1.8,
                )
            )
        ax.text(left + gap / 2, 1.32, text, ha="center", va="bottom", color=ink, fontsize=8.5)
        ax.text(left + gap / 2, -0.02, text, ha="center", va="top", color=style.VERMILION, fontsize=8.5)
    ax.text(0, 1.78, "forward: maps", color=ink, fontsize=10)
    ax.text(0, -0.62, "backward: gradients", color=style.VERMILION, fontsize=10)
    ax.set(xlim=(-0.1, len(layers) * (width + gap) + gap + 0.1), ylim=(-0.85, 2.15))
    ax.axis("off")
    return figure


def pooled_windows(image: np.ndarray, k: int, results: Mapping[str, np.ndarray]) -> Figure:
    """Return a table (h, w) whose k × k blocks each have a colour, and what pooling makes of every block.

    Every entry of `results` is a table with a number for each block.
    """
    blocks = _blocks(image, k)
    rows, columns = (side // k for side in image.shape)
    for name, values in results.items():
        if values.shape != (rows, columns):
            raise ValueError(
                f"{name!r} needs a number for each of {rows} × {columns} windows; its shape is {values.shape}"
            )
    told = "; ".join(
        f"{name}: {', '.join(f'{v:g}' for v in values.ravel())}" for name, values in results.items()
    )
    alt = f"A table of {image.shape[0]} rows and {image.shape[1]} columns, cut into windows of {k} by {k}, each in its colour. {told}."
    figure, axes = style.subplots(
        1,
        1 + len(results),
        alt=alt,
        figsize=(9.6, 2.9),
        width_ratios=(columns * k, *[columns * 1.2] * len(results)),
    )
    _table(axes[0], image, blocks)
    axes[0].set_title(f"windows of {k} × {k}")
    for ax, (name, values) in zip(axes[1:], results.items(), strict=True):
        _table(ax, values, np.arange(rows * columns).reshape(rows, columns))
        ax.set_title(name)
    return figure


def routes_back(x: np.ndarray, dout: np.ndarray, dx: Mapping[str, np.ndarray], k: int, stride: int) -> Figure:
    """Return an image (h, w), the gradient of its pooled map (rows, columns), and the gradients of the image in `dx`.

    Each window has a colour, and is outlined in the image; an entry of `dout` has the colour of its window.
    """
    for name, values in dx.items():
        if values.shape != x.shape:
            raise ValueError(
                f"{name!r} is a gradient of the image, so its shape is {x.shape}; it has {values.shape}"
            )
    told = "; ".join(
        f"{name}: {', '.join(f'{v:g}' for v in values[values != 0])}, at {_count(int((values != 0).sum()), 'pixel')}"
        for name, values in dx.items()
    )
    alt = (f"An image of {x.shape[0]} rows and {x.shape[1]} columns with its windows of {k} by {k} outlined in colours, and what comes "
           f"back: {_count(dout.size, 'gradient')}, each in the colour of its window. Where they go: {told}.")  # fmt: skip
    widths = (x.shape[1], dout.shape[1], *[x.shape[1]] * len(dx))
    figure, axes = style.subplots(
        1,
        2 + len(dx),
        alt=alt,
        figsize=(1.9 + 0.62 * sum(widths), 0.62 * x.shape[0] + 0.7),
        width_ratios=widths,
    )
    numbers = np.arange(dout.size).reshape(dout.shape)
    _table(axes[0], x, np.full(x.shape, -1))
    for (i, j), number in np.ndenumerate(numbers):
        inset = 0.05 + 0.05 * number if stride < k else 0.05
        ends = k - 2 * inset
        axes[0].add_patch(
            Rectangle(
                (j * stride + inset, i * stride + inset),
                ends,
                ends,
                fill=False,
                edgecolor=TONES[number % len(TONES)],
                linewidth=3,
            )
        )
    _table(axes[1], dout, numbers)
    axes[0].set_title("the image")
    axes[1].set_title("dout")
    for ax, (name, values) in zip(axes[2:], dx.items(), strict=True):
        _table(ax, values, np.full(values.shape, -1), faint=True)
        ax.set_title(name)
    return figure


def pooled_on_the_move(rows: np.ndarray, pooled: np.ndarray, k: int) -> Figure:
    """Return rows of pixels, each moved on by one, beside what pooling in windows of k makes of them.

    Shapes: rows (moves, w), pooled (moves, w // k). A row whose pooled result is that of the row above has a tick.
    """
    if len(rows) != len(pooled):
        raise ValueError(f"there are {len(rows)} rows and {len(pooled)} pooled ones: give one for each")
    same = [bool(np.array_equal(pooled[i], pooled[i - 1])) for i in range(1, len(rows))]
    alt = (f"A row of {rows.shape[1]} pixels, moved to the right by one pixel from line to line, with windows of {k}. The pooled row is as before "
           f"after {sum(same)} of {len(same)} moves.")  # fmt: skip
    figure, axes = style.subplots(
        1, 2, alt=alt, figsize=(8.2, 0.5 * len(rows) + 0.6), width_ratios=(rows.shape[1], pooled.shape[1] + 3)
    )
    blocks = np.tile(np.arange(rows.shape[1]) // k, (len(rows), 1))
    _table(axes[0], rows, np.where(rows != 0, blocks, -1))
    for edge in range(0, rows.shape[1] + 1, k):
        axes[0].plot(
            [edge, edge],
            [-0.1, len(rows) + 0.1],
            color=style.ink(),
            linewidth=1.8,
            marker="",
        )
    _table(axes[1], pooled, np.where(pooled != 0, np.arange(pooled.shape[1])[None], -1))
    axes[1].set_xlim(-0.1, pooled.shape[1] + 3)
    for line, kept in enumerate(same, start=1):
        word, colour = ("as before", style.GREEN) if kept else ("changed", style.VERMILION)
        axes[1].text(
            pooled.shape[1] + 0.3, line + 0.5, word, va="center", color=colour, fontsize=10.5, weight="bold"
        )
    axes[0].set_title("pixels")
    axes[1].set_title(f"largest of each {k}", loc="left")
    return figure


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _blocks(image: np.ndarray, k: int) -> np.ndarray:
    """Return the number of the window for every cell of a table."""
    h, w = image.shape
    if k < 1 or h % k or w % k or not image.size:
        raise ValueError(
            f"windows of {k} × {k} do not fill a table of shape {image.shape}: both sides must be multiples of {k}"
        )
    if max(h, w) > MOST:
        raise ValueError(
            f"a table of shape {image.shape} has no room for its numbers: give {MOST} rows and columns at most"
        )
    down, across = np.indices(image.shape) // k
    return down * (w // k) + across


def _table(ax: Axes, values: np.ndarray, numbers: np.ndarray, faint: bool = False) -> None:
    """Draw a table with its numbers; cells of one window have one colour, and −1 is gray. `faint` grays out the zeros."""
    for (row, column), number in np.ndenumerate(numbers):
        colour = PLAIN if number < 0 else TONES[number % len(TONES)]
        value: Any = values[row, column]
        if faint and value:
            colour = style.YELLOW
        ax.add_patch(Rectangle((column, row), 1, 1, facecolor=colour, edgecolor="white", linewidth=1.5))
        text = f"{value + 0.0:g}".replace("-", "−")
        ink = ZERO if faint and not value else style.ON_COLOUR
        ax.text(
            column + 0.5,
            row + 0.5,
            text,
            ha="center",
            va="center",
            color=ink,
            fontsize=10 if len(text) < 4 else 8.5,
        )
    ax.set(xlim=(-0.1, values.shape[1] + 0.1), ylim=(values.shape[0] + 0.1, -0.1))
    ax.set_aspect("equal")
    ax.axis("off")
