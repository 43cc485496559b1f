"""The figures of unit 05."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colorbar import Colorbar
from matplotlib.patches import Polygon, Rectangle

from convbook import style
from convbook.figures.pictures import draw, draw_kernel, gallery
from convbook.style import Figure

__all__ = ["activations", "bars", "curves", "filters_and_maps", "gallery", "network", "rate_map", "two_curves", "units_over_time",
           "verdicts", "walks"]  # fmt: skip


def walks(
    walks: Mapping[str, np.ndarray], loss: Mapping[str, Callable[[np.ndarray, np.ndarray], np.ndarray]]
) -> Figure:
    """Return maps of a loss over two weights, each with the path of gradient descent on it, from its start to its last step.

    Shapes: each path (steps, 2). `loss` gives for each name the loss at arrays of both weights. The lowest point is a star at 1, 1.
    """
    alt = "Maps of a loss over two weights with paths of gradient descent. " + " ".join(
        f"{name}: from {_place(path[0])} to {_place(path[-1])} in {len(path) - 1} steps."
        for name, path in walks.items()
    )
    figure, axes = style.subplots(
        1, len(walks), alt=alt, squeeze=False, figsize=(3.5 * len(walks) + 0.4, 3.7)
    )
    side = np.linspace(-1.6, 3.6, 90)
    first, second = np.meshgrid(side, side)
    for ax, (name, path) in zip(axes[0], walks.items(), strict=True):
        height = loss[name](first, second)
        ax.contourf(first, second, np.sqrt(height), levels=14, cmap=style.AMOUNT, zorder=0)
        inside = np.all(np.abs(path - 1) <= 2.6, axis=1)
        shown = path if inside.all() else path[: max(2, int(np.argmin(inside)) + 1)]
        ax.plot(
            *shown.T,
            color="white",
            marker="o",
            markersize=3.5,
            linewidth=1.3,
            markeredgecolor="black",
            markeredgewidth=0.4,
        )
        ax.plot(
            1, 1, marker="*", markersize=13, color=style.YELLOW, markeredgecolor="black", linestyle="none"
        )
        ax.set(title=name, xlabel="weight of feature 0", xlim=(-1.6, 3.6), ylim=(-1.6, 3.6), aspect="equal")
    axes[0, 0].set_ylabel("weight of feature 1")
    return figure


def _place(point: np.ndarray) -> str:
    return f"({point[0]:.2g}, {point[1]:.2g})"


def rate_map(losses: np.ndarray, scales: Sequence[float], rates: Sequence[float]) -> Figure:
    """Return how much of the first loss is left, by the scale of a feature (rows) and the learning rate (columns).

    Shape: losses (scales, rates), shares of the first loss; what grew beyond it counts as diverged and has a cross.
    """
    if losses.shape != (len(scales), len(rates)):
        raise ValueError(
            f"{len(scales)} scales and {len(rates)} rates need losses of that shape; these have {losses.shape}"
        )
    grown = ~(losses <= 1)
    left = np.where(grown, np.nan, np.log10(np.clip(losses, 1e-6, 1)))
    alt = (f"A table of {len(scales)} scales and {len(rates)} learning rates: dark where almost nothing of the loss is left, bright where "
           f"much is left, a cross in {int(grown.sum())} of {losses.size} cells where it grew. Small rates crawl on the left, large ones diverge on the right, "
           "and the good strip between them is the narrower, the further the scale is from 1.")  # fmt: skip
    figure, ax = style.subplots(alt=alt, figsize=(7.2, 3.6))
    picture = ax.imshow(left, cmap=style.AMOUNT, vmin=-6, vmax=0, aspect="auto")
    for row, column in np.argwhere(grown):
        ax.text(column, row, "×", ha="center", va="center", color=style.WRONG, fontsize=13, weight="bold")
    ax.set(
        xticks=range(len(rates)),
        yticks=range(len(scales)),
        xlabel="learning rate",
        ylabel="scale of feature 1",
    )
    ax.set_xticklabels([f"{rate:g}" for rate in rates])
    ax.set_yticklabels([f"{scale:g}" for scale in scales])
    for side in ax.spines.values():
        side.set_visible(False)
    bar = figure.colorbar(picture, ax=ax, ticks=[-6, -4, -2, 0])
    _labelled(bar, ["10⁻⁶", "10⁻⁴", "10⁻²", "1"], "share of the loss that is left")
    return figure


def curves(lines: Mapping[str, Sequence[float]], xlabel: str, ylabel: str, x: Sequence[float] | None = None, log: bool = False,
           share: bool = False) -> Figure:  # fmt: skip
    """Return lines over steps or epochs, each with its name at its end; `share` shows 0–1 as percent.

    A line without points is left out: a training may be stopped in its first epoch.
    """
    lines = {name: line for name, line in lines.items() if len(line)}
    ends = "; ".join(f"{name} from {line[0]:.3g} to {line[-1]:.3g}" for name, line in lines.items())
    figure, ax = style.subplots(alt=f"{ylabel} over {xlabel}: {ends}.", figsize=(7.4, 3.3))
    for name, line in lines.items():
        along = np.arange(len(line)) if x is None else x
        (drawn,) = ax.plot(along, line, marker="" if len(line) > 30 else None, label=name)
        drawn.set_zorder(2)
    ax.set(xlabel=xlabel, ylabel=ylabel, yscale="log" if log else "linear")
    if share:
        ax.set_ylim(-0.02, 1.03)
        ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    ax.grid(axis="y", alpha=0.5)
    _named_at_the_end(ax, lines)
    return figure


def _named_at_the_end(ax: Axes, lines: Mapping[str, Sequence[float]]) -> None:
    """Write each line's name beside its end, far enough from the others."""
    low, high = ax.get_ylim()
    scale = np.log10 if ax.get_yscale() == "log" else np.asarray
    bottom, top = float(scale(low)), float(scale(high))
    places = [(float(scale(line[-1])) - bottom) / (top - bottom) for line in lines.values()]
    order, free = np.argsort(places), -1.0
    for number in order:
        free = max(places[number], free + 0.085)
        line = ax.get_lines()[number]
        ax.text(
            1.015,
            free,
            list(lines)[number],
            transform=ax.transAxes,
            color=line.get_color(),
            va="center",
            weight="bold",
        )


def activations(x: np.ndarray, values: Mapping[str, np.ndarray], slopes: Mapping[str, np.ndarray]) -> Figure:
    """Return a panel for each activation: the function, and its gradient dashed. Shapes: x (points,), the others alike."""
    alt = "Five activations with their gradients: " + "; ".join(
        f"{name} from {y[0]:.2g} to {y[-1]:.2g}, gradient at most {slopes[name].max():.3g}"
        for name, y in values.items()
    )
    figure, axes = style.subplots(
        1, len(values), alt=alt + ".", squeeze=False, sharey=True, figsize=(2.15 * len(values) + 0.3, 2.6)
    )
    for ax, (name, y) in zip(axes[0], values.items(), strict=True):
        ax.axhline(0, color=style.faint(), linewidth=0.8, marker="")
        ax.axvline(0, color=style.faint(), linewidth=0.8, marker="")
        ax.plot(x, y, color=style.BLUE, marker="", label="activation")
        ax.plot(x, slopes[name], color=style.VERMILION, marker="", linestyle="--", label="gradient")
        ax.set(title=name, xlabel="x", ylim=(-1.3, 2.2))
    axes[0, 0].legend(loc="upper left", fontsize=8, handlelength=1.4, frameon=False)
    return figure


def _labelled(bar: Colorbar, ticks: Sequence[str], label: str) -> None:
    """Write on a colour bar in the ink of the theme in use: it is made after the figure, which knows the theme."""
    bar.ax.set_yticklabels(ticks)
    bar.set_label(label)
    bar.ax.tick_params(colors=style.ink())
    bar.outline.set_visible(False)


def units_over_time(active: np.ndarray, every: int) -> Figure:
    """Return for what share of the images each unit is above 0, from step to step: rows are units, sorted by their end.

    Shape: active (times, units), shares from 0 to 1; there are `every` steps between two times.
    """
    dead = active <= 0
    ordered = active[:, np.lexsort((active.mean(0), active[-1]))].T
    alt = (f"A picture of {active.shape[1]} units (rows) over {every * len(active)} steps (columns): how often each is above 0. "
           f"{int(dead[0].sum())} are dark from the start, {int(dead[-1].sum())} at the end.")  # fmt: skip
    figure, ax = style.subplots(alt=alt, figsize=(7.4, 3.3))
    shown = ax.imshow(
        ordered,
        cmap=style.AMOUNT,
        vmin=0,
        vmax=1,
        aspect="auto",
        extent=(0, every * len(active), active.shape[1], 0),
    )
    ax.set(xlabel="step", ylabel="unit, the least active first", yticks=[])
    bar = figure.colorbar(shown, ax=ax, ticks=[0, 0.5, 1])
    _labelled(bar, ["0 %: dead", "50 %", "100 %"], "images for which it is above 0")
    return figure


def network(rows: Sequence[tuple[str, tuple[int, ...]]]) -> Figure:
    """Return a network as stacks of maps and columns of units, in order, with their shapes. Rows: name, (c, h, w) or (units,)."""
    alt = (
        "A network from left to right: "
        + ", ".join(f"{name} {' × '.join(map(str, shape))}" for name, shape in rows)
        + "."
    )
    figure, ax = style.subplots(alt=alt, figsize=(style.WIDE, 2.7))
    left, tone = (
        0.0,
        {"I": style.SKY, "C": style.BLUE, "S": style.GREEN, "F": style.ORANGE, "o": style.PURPLE},
    )
    for name, shape in rows:
        colour = tone.get(name[0], style.ORANGE)
        if len(shape) == 3 and shape[1] > 1:
            maps, side = shape[0], 0.35 + shape[1] / 16
            shift = min(0.12, 0.9 / maps)
            for number in range(maps):
                corner = (left + number * shift, -side / 2 - (number - maps / 2) * shift * 0.8)
                ax.add_patch(
                    Rectangle(
                        corner, side, side, facecolor=colour, edgecolor="white", linewidth=0.7, zorder=number
                    )
                )
            width = side + (maps - 1) * shift
        else:
            height, width = 0.5 + shape[0] / 55, 0.22
            corners = [
                (left, -height / 2),
                (left + width, -height / 2),
                (left + width, height / 2),
                (left, height / 2),
            ]
            ax.add_patch(Polygon(corners, facecolor=colour, edgecolor="white", linewidth=0.7))
        ax.text(left + width / 2, 1.95, name, ha="center", va="bottom", weight="bold")
        label = f"{shape[0]}@{shape[1]}×{shape[2]}" if len(shape) == 3 and shape[1] > 1 else f"{shape[0]}"
        ax.text(left + width / 2, -1.95, label, ha="center", va="top", fontsize=9)
        left += width + 0.75
    ax.set(xlim=(-0.3, left - 0.4), ylim=(-2.5, 2.5))
    ax.axis("off")
    return figure


def filters_and_maps(image: np.ndarray, kernels: np.ndarray, maps: np.ndarray, columns: int = 6) -> Figure:
    """Return an image, the kernels of a first layer and the maps that they make of it.

    Shapes: image (h, w), kernels (f, k, k), maps (f, h', w'); maps share one scale from 0.
    """
    shown = min(columns, len(kernels))
    alt = f"An image, and beside it {shown} learned kernels, red above 0 and blue below, each with the map that it makes of the image."
    figure, axes = style.subplots(2, shown + 1, alt=alt, squeeze=False, figsize=(1.45 * (shown + 1), 3.1))
    for ax in axes[:, 0]:
        ax.axis("off")
    draw(axes[0, 0], image)
    axes[0, 0].set_title("image")
    most = max(float(maps.max()), 1e-9)
    for number in range(shown):
        draw_kernel(axes[0, number + 1], kernels[number], numbers=False)
        axes[0, number + 1].set_title(f"filter {number}", fontsize=10)
        axes[1, number + 1].imshow(maps[number], cmap=style.AMOUNT, vmin=0, vmax=most)
        axes[1, number + 1].axis("off")
    axes[1, 0].text(1, 0.5, "its maps", transform=axes[1, 0].transAxes, ha="right", va="center")
    return figure


def verdicts(images: Mapping[str, np.ndarray], shares: np.ndarray, names: Sequence[str]) -> Figure:
    """Return pictures (h, w), each with the probabilities of its likeliest classes below. Shapes: shares (images, classes)."""
    if len(images) != len(shares) or shares.shape[1] != len(names):
        raise ValueError(
            f"{len(images)} images and {len(names)} classes need probabilities of that shape; these have {shares.shape}"
        )
    told = "; ".join(
        f"{title}: {names[int(p.argmax())]} {p.max():.0%}" for title, p in zip(images, shares, strict=True)
    )
    figure, axes = style.subplots(2, len(images), alt=f"Pictures with what the network says of each: {told}.", squeeze=False,
                                  figsize=(2.5 * len(images), 3.9), height_ratios=(2, 1))  # fmt: skip
    for number, (title, image) in enumerate(images.items()):
        draw(axes[0, number], image)
        axes[0, number].set_title(title)
        axes[0, number].axis("off")
        likeliest = np.argsort(shares[number])[::-1][:3]
        ax, heights = axes[1, number], shares[number][likeliest]
        ax.barh(range(3), heights, color=[style.BLUE, style.faint(), style.faint()])
        ax.set(xlim=(0, 1), yticks=[], xticks=[])
        ax.invert_yaxis()
        for row, (label, height) in enumerate(zip(likeliest, heights, strict=True)):
            inside = height > 0.6
            ax.text(0.02 if inside else height + 0.02, row, f"{names[int(label)]} {height:.0%}", va="center", fontsize=9,
                    color="white" if inside and row == 0 else style.ink())  # fmt: skip
        for side in ax.spines.values():
            side.set_visible(False)
    return figure


def bars(groups: Mapping[str, Mapping[str, float]], ylabel: str) -> Figure:
    """Return groups of bars, shares 0–1 in percent: one group for each entry, one bar in it for each name."""
    names = list(next(iter(groups.values())))
    told = "; ".join(
        f"{group}: " + ", ".join(f"{n} {v:.1%}" for n, v in line.items()) for group, line in groups.items()
    )
    figure, ax = style.subplots(alt=f"{ylabel}. {told}.", figsize=(7.6, 3.3))
    for number, name in enumerate(names):
        places = np.arange(len(groups)) + (number - (len(names) - 1) / 2) * 0.38
        heights = [line[name] for line in groups.values()]
        ax.bar(places, heights, width=0.35, color=style.CYCLE[number], label=name)
        for place, height in zip(places, heights, strict=True):
            ax.text(
                place,
                height + 0.015,
                f"{height:.0%}",
                ha="center",
                va="bottom",
                fontsize=9,
            )
    ax.set(xticks=range(len(groups)), ylabel=ylabel, ylim=(0, 1.12), yticks=[0, 0.5, 1])
    ax.set_xticklabels(list(groups))
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    ax.legend(
        loc="upper center",
        bbox_to_anchor=(0.5, 1.2),
        ncols=len(names),
        frameon=False,
    )
    return figure


def two_curves(
    yours: Sequence[float], other: Sequence[float], names: tuple[str, str] = ("your code", "PyTorch")
) -> Figure:
    """Return two losses step by step on top of each other, and below them how far they are apart, on a log scale."""
    if len(yours) != len(other) or not len(yours):
        raise ValueError(
            f"two curves are compared step by step; these have {len(yours)} and {len(other)} steps"
        )
    gap = np.abs(np.asarray(yours) - np.asarray(other))
    alt = (f"The losses of {names[0]} and {names[1]} over {len(yours)} steps, from {yours[0]:.3g} to {yours[-1]:.3g}: one line covers the other. "
           f"Below, their difference: at most {gap.max():.1e}.")  # fmt: skip
    figure, (top, below) = style.subplots(
        2, 1, alt=alt, sharex=True, figsize=(7.4, 4.2), height_ratios=(2.2, 1)
    )
    top.plot(other, color=style.ORANGE, linewidth=5, marker="", label=names[1])
    top.plot(yours, color=style.BLUE, linewidth=1.5, marker="", label=names[0])
    top.set_ylabel("loss of the batch")
    top.legend(loc="upper right", frameon=False)
    below.semilogy(np.maximum(gap, 1e-17), color=style.VERMILION, marker="", linewidth=1.2)
    below.set(xlabel="step", ylabel="difference", ylim=(1e-18, 1))
    below.axhline(5e-5, color=style.faint(), linestyle="--", marker="", linewidth=1)
    below.text(0, 9e-5, "four digits", fontsize=8, va="bottom")
    for ax in (top, below):
        ax.grid(axis="y", alpha=0.5)
    return figure
