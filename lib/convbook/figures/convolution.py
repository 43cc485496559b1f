"""The figures of unit 01."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import ConnectionPatch, Rectangle

from convbook import style
from convbook.figures.kernels import half_turn, kernel_forming
from convbook.figures.pictures import draw, draw_kernel, gallery, grids, reach_of, swings
from convbook.figures.windows import filter_times_columns, windows_as_columns
from convbook.style import Figure

__all__ = [
    "channels_to_map",
    "coverage",
    "filter_and_photo",
    "filter_times_columns",
    "filter_zoo",
    "gallery",
    "grids",
    "half_turn",
    "kernel_forming",
    "places",
    "timings",
    "windows_as_columns",
]


def filter_and_photo(
    photo: np.ndarray, kernel: np.ndarray, response: np.ndarray, place: tuple[int, int] | None = None
) -> Figure:
    """Return a photograph, the kernel (kh, kw) that slides over its brightness, and what comes out (h', w').

    The photograph is (3, h, w) in colour or (h, w) in gray. At `place`, (row, column) of the output, a box marks the window,
    and lines lead from it through the kernel to its one pixel.
    """
    kh, kw = kernel.shape
    kind = "colour" if photo.ndim == 3 else "gray"
    alt = (
        f"Left: a {kind} photograph of {photo.shape[-2]} by {photo.shape[-1]} pixels. "
        f"Middle: {kh * kw} weights in {kh} rows and {kw} columns. "
        "Right: the signed response, strong where the brightness changes as the weights ask."
    )
    if place is not None:
        row, column = place
        alt += f" Lines lead from the window at row {row}, column {column} through the weights to the pixel in that place."
    figure, axes = style.subplots(1, 3, alt=alt, figsize=(style.WIDE, 2.35), width_ratios=(4, 1.6, 4))
    draw(axes[0], photo)
    axes[0].set_title("the photograph")
    draw_kernel(axes[1], kernel)
    axes[1].set_title("nine weights" if kernel.size == 9 else "the weights")
    draw(axes[2], response)
    axes[2].set_title("what comes out")
    for ax in (axes[0], axes[2]):
        ax.axis("off")
    if place is not None:
        _link(figure, axes, kernel, place)
    return figure


def _link(figure: Figure, axes: np.ndarray, kernel: np.ndarray, place: tuple[int, int]) -> None:
    """Draw the window on the photograph, its frame round the kernel, its pixel, and the lines from one to the next."""
    (kh, kw), (row, column) = kernel.shape, place
    boxes = (
        (column, row, kw, kh),
        (0, 0, kw, kh),
        (column, row, 1, 1),
    )  # on the photograph, the kernel, the map
    for ax, (left, top, wide, high) in zip(axes, boxes, strict=True):
        ax.add_patch(
            Rectangle((left - 0.5, top - 0.5), wide, high, fill=False, edgecolor=style.WINDOW, linewidth=2, zorder=3,
                      clip_on=False)
        )  # fmt: skip
    for start, end in ((0, 1), (1, 2)):
        for lower in (0, 1):  # from the right corners of one box to the left corners of the next
            (left, top, wide, high), (beside, above, _, tall) = boxes[start], boxes[end]
            line = ConnectionPatch(
                (left + wide - 0.5, top + lower * high - 0.5), (beside - 0.5, above + lower * tall - 0.5), "data", "data",
                axesA=axes[start], axesB=axes[end], color=style.WINDOW, linewidth=1, zorder=4,
            )  # fmt: skip
            line.set_in_layout(False)
            figure.add_artist(line)


def filter_zoo(
    photo: np.ndarray, kernels: Mapping[str, np.ndarray], responses: Mapping[str, np.ndarray]
) -> Figure:
    """Return one photograph (h, w) seen through several kernels, each kernel drawn in its corner."""
    names = list(kernels)
    alt = (
        "One photograph through several filters: "
        + ", ".join(names)
        + ". Each kernel stands in its picture's corner. The signed maps share one scale."
    )
    columns, shape = 3, photo.shape
    rows = -(-len(names) // columns)
    figure, axes = style.subplots(rows, columns, alt=alt, squeeze=False,
                                  figsize=(style.WIDE, rows * (style.WIDE / 3 * shape[0] / shape[1] + 0.3)))  # fmt: skip
    reaches = [reach_of(one) for one in responses.values() if swings(one)]
    reach = float(np.mean(reaches)) if reaches else 1.0  # the largest would leave the weakest map white
    for ax in axes.flat:
        ax.axis("off")
    for ax, name in zip(axes.flat, names, strict=False):
        if swings(responses[name]):
            draw(ax, responses[name], reach)
        else:
            draw(ax, np.clip(responses[name], 0, 1))  # a picture: black is 0, white is 1
        ax.set_title(name)
        corner = ax.inset_axes((0.02, 0.70, 0.28 * shape[0] / shape[1], 0.28))
        draw_kernel(corner, kernels[name], numbers=False)
    return figure


def places(n: int, k: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> Figure:
    """Return a side of `n` pixels with every place a window of `k` can take on it, and the pixels no window reads."""
    offsets = range(0, dilation * (k - 1) + 1, dilation)  # where the weights lie, from the window's first
    starts = range(0, n + 2 * padding - offsets[-1], stride)
    read = {start + offset for start in starts for offset in offsets}
    unread = [pixel for pixel in range(padding, n + padding) if pixel not in read]
    frame = f" with {_counted(padding, 'zero')} at each end" if padding else ""
    window = f"{k} weights, {dilation} pixels apart," if dilation > 1 else f"{k}"
    alt = (
        f"A row of {n} pixels{frame}; a window of {window} in steps of {stride} "
        f"finds {_counted(len(starts), 'place')}; {_counted(len(unread), 'pixel')} never read."
    )
    figure, ax = style.subplots(alt=alt, figsize=(8, 0.9 + 0.32 * len(starts)))
    paper = style.paper()
    for cell in range(n + 2 * padding):
        outside = cell < padding or cell >= n + padding
        colour, hatch = ("#e3e3e3" if outside else style.SKY), ("///" if cell in unread else None)
        ax.add_patch(Rectangle((cell, 0), 1, 0.8, facecolor=colour, edgecolor=paper, hatch=hatch))
        ax.text(
            cell + 0.5,
            0.4,
            "zero" if outside else cell - padding,
            ha="center",
            va="center",
            color=style.ON_COLOUR,
            fontsize=8 if outside else 10,
            bbox={"facecolor": colour, "edgecolor": "none", "pad": 2},  # a hatch ends before the number
        )
    for row, start in enumerate(starts):
        _draw_place(ax, row, start, k, dilation)
    rest = f", {_counted(len(unread), 'pixel')} never read (hatched)" if unread else ""
    spread = f", dilation {dilation}" if dilation > 1 else ""
    ax.set_title(
        f"{_counted(n, 'pixel')}, window {k}, stride {stride}, padding {padding}{spread}: "
        f"{_counted(len(starts), 'place')}{rest}"
    )
    beside = 0.9 if dilation > 1 else 0.2  # the last place's name stands at its right
    ax.set(xlim=(-0.2, n + 2 * padding + beside), ylim=(-0.8 * len(starts) - 0.2, 1.0))
    ax.axis("off")
    return figure


def _draw_place(ax: Axes, row: int, start: int, k: int, dilation: int) -> None:
    """Draw one place of the window: a bar with its name; a dilated one has gaps, and its name stands beside it."""
    ink, low = style.ink(), -(row + 1) * 0.8
    length = dilation * (k - 1) + 1
    pieces = [(start, k)] if dilation == 1 else [(start + dilation * i, 1) for i in range(k)]
    ax.plot([start, start + length], [low + 0.27] * 2, color=ink, linewidth=0.8, marker="", zorder=0)
    for left, width in pieces:
        ax.add_patch(
            Rectangle(
                (left, low), width, 0.55, facecolor=style.UNDER_WINDOW, edgecolor=style.WINDOW, linewidth=0.8
            )
        )
    inside = dilation == 1
    where, side = (start + length / 2, "center") if inside else (start + length + 0.1, "left")
    colour = style.ON_COLOUR if inside else ink
    ax.text(where, low + 0.27, f"place {row}", ha=side, va="center", color=colour, fontsize=9)


def coverage(maps: Mapping[str, np.ndarray]) -> Figure:
    """Return, for each name, how many windows see every pixel of an image (n, n)."""
    return grids(maps)


def channels_to_map(image: np.ndarray, kernels: np.ndarray, parts: np.ndarray, total: np.ndarray) -> Figure:
    """Return how one filter turns an image (3, h, w) into one map: a part for each channel, then their sum.

    Shapes: image (3, h, w), kernels (3, kh, kw), parts (3, h', w'), total (h', w').
    """
    names = ("red", "green", "blue")
    alt = (
        "Three rows, one for each of the channels red, green and blue: the channel in its colour, its own kernel, what that "
        "kernel finds. "
        "On the right the sum of the three, a single map."
    )
    figure, axes = style.subplots(3, 4, alt=alt, figsize=(style.WIDE, 4.7), width_ratios=(3, 1.2, 3, 3))
    top = np.abs(parts).max()
    for row, name in enumerate(names):
        only = np.zeros_like(image)
        only[row] = image[row]
        draw(axes[row, 0], only)  # the channel in its own colour
        axes[row, 0].set_title(f"channel {row}: {name}")
        draw_kernel(axes[row, 1], kernels[row])
        axes[row, 2].imshow(parts[row], cmap=style.SIGNED, vmin=-top, vmax=top)
        axes[row, 2].set_title("what it finds" if row == 0 else "+")
        axes[row, 3].set_visible(row == 1)
    axes[0, 1].set_title("its kernel")
    axes[1, 3].imshow(
        total, cmap=style.SIGNED, vmin=-top, vmax=top
    )  # the parts' own scale: what cancels is pale
    axes[1, 3].set_title("the sum: one map")
    axes[1, 3].text(-0.14, 0.5, "=", transform=axes[1, 3].transAxes, ha="center", va="center", fontsize=16)
    for ax in axes[:, (0, 2, 3)].flat:
        ax.axis("off")
    return figure


def timings(seconds: Mapping[str, float]) -> Figure:
    """Return how long each way took, on a logarithmic axis, and how many times faster it is than the slowest."""
    slowest = max(seconds.values())
    words = {
        name: f"{_short(1000 * s)} ms" + (f", {_short(slowest / s)} times faster" if s < slowest else "")
        for name, s in seconds.items()
    }
    alt = "Times on a logarithmic scale: " + "; ".join(f"{name} {text}" for name, text in words.items()) + "."
    figure, ax = style.subplots(alt=alt, figsize=(8, 0.8 + 0.5 * len(seconds)))
    for height, name in enumerate(reversed(seconds)):
        milliseconds = 1000 * seconds[name]
        ax.plot(milliseconds, height, color=style.BLUE, marker="o", markersize=9)
        ax.annotate(words[name], (milliseconds, height), xytext=(10, -4), textcoords="offset points")
    low, high = 1000 * min(seconds.values()), 1000 * slowest
    ax.set(
        xscale="log",
        xlabel="milliseconds, each mark ten times the one before",
        yticks=range(len(seconds)),
        yticklabels=list(reversed(seconds)),
    )
    ax.xaxis.set_major_formatter(lambda milliseconds, _: f"{milliseconds:g}")
    ax.minorticks_off()
    ax.set(xlim=(low / 2, high * (high / low) ** 0.3), ylim=(-0.6, len(seconds) - 0.4))
    ax.grid(axis="x", alpha=0.5)
    return figure


def _short(number: float) -> str:
    """Return a number with two or three digits that matter, never with an exponent."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.2g}"


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
