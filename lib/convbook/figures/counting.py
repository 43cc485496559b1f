"""The figures of unit 02."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.patches import Rectangle

from convbook import style
from convbook.figures.pictures import draw, gallery
from convbook.figures.stacks import Bill, billed, report, score, tower
from convbook.style import Figure

__all__ = [
    "Bill", "bars", "billed", "costs", "fields", "gallery", "growth", "report", "score", "squeezed", "strongest", "tower",
    "two_layers", "units_below",
]  # fmt: skip


def two_layers(photo: np.ndarray, maps: Mapping[str, np.ndarray]) -> Figure:
    """Return a photograph (h, w) and what two layers with random weights make of it, each map on its own scale."""
    names = " and ".join(maps)
    alt = f"A gray photograph, and what two layers with random weights make of it: {names}."
    figure, axes = style.subplots(1, 1 + len(maps), alt=alt, figsize=(style.WIDE, 2.3))
    draw(axes[0], photo)
    axes[0].set_title("the photograph")
    for ax, (name, values) in zip(axes[1:], maps.items(), strict=True):
        reach = float(np.quantile(np.abs(values - values.mean()), 0.99)) or 1.0
        ax.imshow(values - values.mean(), cmap=style.SIGNED, vmin=-reach, vmax=reach)
        ax.set_title(name)
    for ax in axes:
        ax.axis("off")
    return figure


def bars(amounts: Mapping[str, float], unit: str, marked: str = "") -> Figure:
    """Return amounts as bars with their numbers; the one called `marked` has another colour."""
    alt = f"Bars, {unit}: " + "; ".join(f"{name} {amount:,.0f}" for name, amount in amounts.items()) + "."
    figure, ax = style.subplots(alt=alt, figsize=(style.WIDE, 0.7 + 0.36 * len(amounts)))
    for row, (name, amount) in enumerate(amounts.items()):
        ax.barh(row, amount, color=style.ORANGE if name == marked else style.SKY, height=0.65)
        ax.text(amount, row, f" {amount:,.0f}", va="center")
    ax.set(yticks=range(len(amounts)), yticklabels=list(amounts), xlabel=unit)
    ax.set_xlim(0, 1.18 * max(amounts.values()))
    ax.xaxis.set_major_formatter(lambda number, _: f"{number:,.0f}")
    ax.invert_yaxis()
    return figure


def growth(sides: Sequence[int], counts: Mapping[str, Sequence[int]]) -> Figure:
    """Return how the parameters of layers grow with the side of the image, both axes logarithmic."""
    ends = "; ".join(f"{name} from {c[0]:,} to {c[-1]:,}" for name, c in counts.items())
    alt = f"Parameters against the side of the image, from {sides[0]} to {sides[-1]} pixels: {ends}."
    figure, ax = style.subplots(alt=alt, figsize=(7.5, 3.6))
    for (name, values), colour, marker in zip(counts.items(), style.CYCLE, style.MARKERS, strict=False):
        ax.plot(sides, values, color=colour, marker=marker)
        ax.annotate(name, (sides[-1], values[-1]), xytext=(8, -3), textcoords="offset points", color=colour)
    ax.set(xscale="log", yscale="log", xlabel="side of the image, in pixels", ylabel="parameters",
           xticks=sides, xticklabels=sides, xlim=(sides[0] / 1.15, sides[-1] * 2.4))  # fmt: skip
    ax.minorticks_off()
    ax.grid(alpha=0.5)
    return figure


def costs(bill: Bill) -> Figure:
    """Return where the parameters and the multiply–adds of a stack lie, layer by layer."""
    rows = [
        (f"{place}  {layer[0]}", params, macs)
        for place, (layer, params, macs) in enumerate(zip(bill.layers, bill.params, bill.macs, strict=True))
        if params
    ]
    alt = "Two sets of bars, a row for each layer with weights: " + "; ".join(
        f"layer {name}, {params:,} parameters, {macs:,} multiply–adds" for name, params, macs in rows
    )
    figure, axes = style.subplots(
        1, 2, alt=alt + ".", figsize=(style.WIDE, 0.9 + 0.36 * len(rows)), sharey=True
    )
    for ax, column, title, colour in (
        (axes[0], 1, "parameters", style.SKY),
        (axes[1], 2, "multiply–adds", style.ORANGE),
    ):
        amounts = [row[column] for row in rows]
        ax.barh(range(len(rows)), amounts, color=colour, height=0.65)
        for place, amount in enumerate(amounts):
            ax.text(amount, place, f" {amount:,}", va="center")
        ax.set(title=title, xlim=(0, 1.3 * max(amounts)), xticks=[])
    axes[0].set(yticks=range(len(rows)), yticklabels=[name for name, *_ in rows])
    axes[0].invert_yaxis()
    return figure


def units_below(layers: Sequence[tuple[int, int]], shown: int = 4, unit: int = 1) -> Figure:
    """Return rows of units, the image below: the unit that is looked at, and on which units it depends, layer by layer.

    `layers` are pairs (k, stride), the one nearest the input first; `shown` units are drawn in the top row.
    """
    rows = [set(range(shown))]
    under = [{unit}]
    for k, stride in reversed(layers):
        for marked in (rows, under):
            marked.append({one * stride + offset for one in marked[-1] for offset in range(k)})
    seen = len(under[-1])
    words = " then ".join(f"a window of {k}, stride {s}" for k, s in layers)
    alt = f"Rows of units above the pixels of an image: {words}. Below one unit of the top row lie {seen} marked pixels."
    figure, ax = style.subplots(alt=alt, figsize=(style.WIDE, 0.8 + 0.8 * len(rows)))
    strides = np.cumprod([1, *(s for _, s in layers)])[::-1]  # of the top row first
    starts = np.array([_middle(layers[: len(layers) - depth]) for depth in range(len(rows))])
    for depth, (row, marked) in enumerate(zip(rows, under, strict=True)):
        height = len(rows) - 1 - depth
        for one in range(min(row), max(row) + 1):
            x = starts[depth] + one * strides[depth]
            colour = style.ORANGE if one in marked else style.SKY
            ax.add_patch(
                Rectangle(
                    (x - 0.4, height),
                    0.8,
                    0.4,
                    facecolor=colour,
                    edgecolor=style.paper(),
                )
            )
            if depth < len(layers) and one in marked:
                k, stride = layers[len(layers) - 1 - depth]
                for offset in range(k):
                    below = starts[depth + 1] + (one * stride + offset) * strides[depth + 1]
                    ax.plot([x, below], [height, height - 0.6], color=style.ORANGE, linewidth=0.9, marker="")
        name = (
            "image" if height == 0 else f"layer {height}: ({layers[height - 1][0]}, {layers[height - 1][1]})"
        )
        ax.text(-1.2, height + 0.2, name, ha="right", va="center")
    ax.set(xlim=(-5.5, max(rows[-1]) + 1), ylim=(-0.2, len(rows) - 0.4))
    ax.axis("off")
    return figure


def _middle(layers: Sequence[tuple[int, int]]) -> float:
    """Return over which place of the image the first unit above some layers is drawn: the middle of its window."""
    middle = 0.0
    for k, stride in reversed(layers):
        middle = middle * stride + (k - 1) / 2
    return middle


def fields(influence: np.ndarray, side: int, share: float = 0.5) -> Figure:
    """Return how strongly each pixel (h, w) moves one unit, with three fields drawn on it.

    The dashed square has the side that was computed; the thin one holds every pixel with any influence; the outline
    holds the strongest pixels that together have a `share` of all influence.
    """
    rows, columns = np.nonzero(influence > 0)
    top, left = rows.min(), columns.min()
    high, wide = rows.max() - top + 1, columns.max() - left + 1
    strong = strongest(influence, share)
    percent = f"{100 * share:.0f} %"
    alt = (
        f"A map of {influence.shape[0]} by {influence.shape[1]} pixels, bright in its middle. "
        f"A dashed square of side {side}: the field by the formula. A thin rectangle of {high} by {wide}: all pixels with "
        f"any influence. An outline round {int(strong.sum())} pixels: {percent} of the influence."
    )
    figure, ax = style.subplots(alt=alt, figsize=(7.6, 4.2))
    image = ax.imshow(influence / influence.max(), cmap=style.AMOUNT, vmin=0, vmax=1)
    figure.colorbar(image, ax=ax, label="influence on the unit, largest = 1", shrink=0.85)
    middle = left + (wide - 1) / 2, top + (high - 1) / 2
    square = dict(fill=False, linewidth=2.4)
    ax.add_patch(Rectangle((left - 0.5, top - 0.5), wide, high, edgecolor="white", **square))
    ax.add_patch(Rectangle((middle[0] - side / 2, middle[1] - side / 2), side, side, edgecolor=style.WINDOW,
                           linestyle=(0, (4, 4)), **square))  # fmt: skip
    _outline(ax, strong)
    ax.text(
        middle[0],
        top - 1.0,
        f"formula {side} × {side} (dashed), measured {high} × {wide}",
        color="white",
        ha="center",
    )
    ax.text(middle[0], top + high + 1.2, f"inside the black outline: {int(strong.sum())} pixels, {percent} of the influence",
            color="white", ha="center", fontsize=9)  # fmt: skip
    ax.axis("off")
    return figure


def strongest(influence: np.ndarray, share: float) -> np.ndarray:
    """Return which pixels, taken from the strongest on, together have a share of all influence.

    >>> strongest(np.array([[5.0, 1.0], [3.0, 1.0]]), 0.8).tolist()
    [[True, False], [True, False]]
    """
    if not 0 < share <= 1:
        raise ValueError(f"a share lies above 0 and is at most 1, not {share}")
    order = np.argsort(influence, axis=None)[::-1]
    so_far = influence.ravel()[order].cumsum()
    marked = np.zeros(influence.size, dtype=bool)
    marked[order[: int(np.searchsorted(so_far, share * so_far[-1])) + 1]] = True
    return marked.reshape(influence.shape)


def _outline(ax, marked: np.ndarray) -> None:
    """Draw the edge between marked pixels and the others."""
    framed = np.pad(marked, 1)
    for row, column in zip(*np.nonzero(framed), strict=True):
        x, y = column - 1.5, row - 1.5  # the pixel's upper left corner, without the frame
        for (down, across), (xs, ys) in {
            (-1, 0): ([x, x + 1], [y, y]), (1, 0): ([x, x + 1], [y + 1, y + 1]),
            (0, -1): ([x, x], [y, y + 1]), (0, 1): ([x + 1, x + 1], [y, y + 1]),
        }.items():  # fmt: skip
            if not framed[row + down, column + across]:
                ax.plot(xs, ys, color="black", linewidth=1.8, marker="")


def squeezed(squeezes: Sequence[int], params: Sequence[int], plain: int) -> Figure:
    """Return the parameters of a bottleneck against its width, beside those of the plain layer."""
    alt = (
        f"A rising line: a bottleneck of {squeezes[0]} maps has {params[0]:,} parameters, one of {squeezes[-1]} has "
        f"{params[-1]:,}. A level dashed line at {plain:,}, the plain layer."
    )
    figure, ax = style.subplots(alt=alt, figsize=(7.5, 3.2))
    ax.plot(squeezes, params, color=style.BLUE, marker="o", label="bottleneck")
    ax.axhline(plain, color=style.PURPLE, linestyle="--", marker="", label=f"plain layer: {plain:,}")
    ax.set(
        xlabel="squeeze: maps between the two layers", ylabel="parameters", xticks=squeezes, ylim=(0, None)
    )
    ax.legend(frameon=False)
    ax.yaxis.set_major_formatter(lambda number, _: f"{number:,.0f}")
    ax.grid(alpha=0.5)
    return figure
