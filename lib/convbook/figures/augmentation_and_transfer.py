"""The figures of unit 08."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from convbook import style
from convbook.figures.pictures import draw, gallery
from convbook.style import Figure

__all__ = ["changed", "compared", "crops", "drift", "gallery", "named", "shelf"]

GAP = 2  # columns of the page between pictures on a shelf: else what is moved seems to run into its neighbour
MOST = 400  # pictures on a shelf: more are too small to be seen


def shelf(rows: Mapping[str, np.ndarray]) -> Figure:
    """Return rows of small images (n, h, w), each row under its name. `ValueError` for a row without images."""
    for name, images in rows.items():
        if images.ndim != 3 or not 0 < len(images) <= MOST:
            raise ValueError(
                f"{name!r} needs images (n, h, w), 1 to {MOST} of them; its shape is {images.shape}"
            )
    told = "; ".join(f"{name}: {len(images)}" for name, images in rows.items())
    widest = max(len(images) for images in rows.values())
    figure, axes = style.subplots(len(rows), 1, alt=f"Rows of small pictures. {told}.", squeeze=False,
                                  figsize=(style.WIDE, len(rows) * (style.WIDE / widest + 0.3)))  # fmt: skip
    for ax, (name, images) in zip(axes[:, 0], rows.items(), strict=True):
        apart = np.pad(images, ((0, widest - len(images)), (0, 0), (0, GAP)))
        page = np.ones(apart.shape, bool)
        page[: len(images), :, :-GAP] = False
        strip, hidden = (np.concatenate(list(part), axis=1) for part in (apart, page))
        draw(ax, strip)
        ax.images[0].set_data(np.ma.array(strip, mask=hidden))
        ax.set_title(name, loc="left")
        ax.axis("off")
    return figure


def changed(before: np.ndarray, after: np.ndarray, names: Sequence[tuple[str, str]], how: str) -> Figure:
    """Return images (n, h, w) above what a transform makes of them, with the answer that each gets: `names` (before, after).

    Raises `ValueError` where the numbers differ, or there is nothing to show.
    """
    if before.shape != after.shape or len(names) != len(before) or not len(before):
        raise ValueError(f"{len(before)} images, {len(after)} transformed ones and {len(names)} pairs of names: give as many of each, and at least one")  # fmt: skip
    told = "; ".join(f"{one}, {how}: {other}" for one, other in names)
    figure, axes = style.subplots(
        2, len(before), alt=f"Images whose answer a transform changes. {told}.", squeeze=False,
        figsize=(max(3.0, 1.35 * len(before)), 3.5),
    )  # fmt: skip
    for column, pair in enumerate(zip(before, after, strict=True)):
        for ax, image, name in zip(axes[:, column], pair, names[column], strict=True):
            draw(ax, image)
            ax.set(xticks=[], yticks=[])
            ax.set_title(name, fontsize=9)
            for side in ax.spines.values():
                side.set_visible(False)
    axes[0, 0].set_ylabel("as it is")
    axes[1, 0].set_ylabel(how)
    return figure


def crops(image: np.ndarray, size: int) -> Figure:
    """Return an image (h, w) with the frames of its four corners and its centre. `ValueError` where it is smaller than a crop."""
    h, w = image.shape
    if not 0 < size <= min(h, w):
        raise ValueError(f"crops of {size} × {size} pixels do not fit into an image of {h} × {w}")
    places = {"corners": [(0, 0), (0, w - size), (h - size, 0), (h - size, w - size)], "centre": [((h - size) // 2, (w - size) // 2)]}  # fmt: skip
    figure, ax = style.subplots(alt=f"An image of {h} by {w} pixels with five windows of {size} by {size}: the four corners, and the centre.", figsize=(4.6, 4.0))  # fmt: skip
    draw(ax, image)
    for (name, starts), colour, dash in zip(
        places.items(), (style.SKY, style.ORANGE), ("-", "--"), strict=True
    ):
        for number, (row, column) in enumerate(starts):
            rows = np.array([row, row, row + size, row + size, row]) - 0.5
            columns = np.array([column, column + size, column + size, column, column]) - 0.5
            ax.plot(
                columns,
                rows,
                color=colour,
                marker="",
                linestyle=dash,
                linewidth=2.4,
                label=name if not number else None,
            )
    ax.axis("off")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


def compared(
    results: Mapping[str, Mapping[str, Sequence[float]]], ylabel: str = "accuracy on new images"
) -> Figure:
    """Return groups of bars: for each group and each way the mean of several runs, with a dot for every run.

    Raises `ValueError` where groups do not have the same ways, or a way has no run.
    """
    ways = list(next(iter(results.values())))
    for group, runs in results.items():
        if list(runs) != ways or not all(len(values) for values in runs.values()):
            raise ValueError(f"{group!r} needs at least one run of each of {', '.join(ways)}")
    told = "; ".join(f"{group}: " + ", ".join(f"{way} {np.mean(v):.1%}" for way, v in runs.items()) for group, runs in results.items())  # fmt: skip
    figure, ax = style.subplots(alt=f"Bars of {ylabel}. {told}.", figsize=(style.WIDE, 3.4))
    width = 0.8 / len(ways)
    for number, (way, colour, hatch) in enumerate(
        zip(ways, style.CYCLE, ("", "//", "..", "xx", "\\\\", "oo"), strict=False)
    ):
        places = np.arange(len(results)) + (number - (len(ways) - 1) / 2) * width
        means = [float(np.mean(runs[way])) for runs in results.values()]
        ax.bar(places, means, 0.92 * width, color=colour, hatch=hatch, edgecolor=style.paper(), label=way)
        for place, mean, runs in zip(places, means, results.values(), strict=True):
            ax.plot([place] * len(runs[way]), runs[way], "o", color=style.ink(), markersize=3.5)
            ax.text(place, max(*runs[way], mean) + 0.012, f"{mean:.1%}", ha="center", va="bottom", fontsize=9)
    ax.set(
        xticks=range(len(results)),
        xticklabels=list(results),
        ylabel=ylabel,
        ylim=(0, 1.12),
        yticks=np.linspace(0, 1, 6),
    )
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=len(ways))
    return figure


def drift(steps: Sequence[int], accuracies: Mapping[str, Sequence[float]]) -> Figure:
    """Return the accuracy on an old task while a new one is learned, a line for each way. `ValueError` where numbers differ."""
    for name, line in accuracies.items():
        if len(line) != len(steps):
            raise ValueError(f"{name!r} has {len(line)} values for {len(steps)} steps: give one for each")
    told = "; ".join(f"{name}: from {line[0]:.1%} to {line[-1]:.1%}" for name, line in accuracies.items())
    figure, ax = style.subplots(alt=f"Accuracy on the old task over steps of training on a new one. {told}.", figsize=(7, 3.2))  # fmt: skip
    for (name, line), dash in zip(accuracies.items(), ("-", "--", ":"), strict=False):
        ax.plot(steps, line, label=name, linestyle=dash)
    ax.set(xlabel="steps on the new task", ylabel="accuracy on the old task", ylim=(0, 1.02))
    ax.grid(axis="y", alpha=0.5)
    ax.legend(loc="lower left")
    return figure


def named(images: np.ndarray, given: Sequence[str], right: Sequence[str], columns: int = 10) -> Figure:
    """Return images (n, h, w) under the names they were given; a wrong one stands in brackets, the right one below the image."""
    if not len(images) or len(given) != len(images) or len(right) != len(images):
        raise ValueError(f"{len(images)} images, {len(given)} answers and {len(right)} labels: give as many of each, and at least one")  # fmt: skip
    wrong = [one != other for one, other in zip(given, right, strict=True)]
    rows = -(-len(images) // columns)
    told = "; ".join(f"a {r} called {g}" for g, r, bad in zip(given, right, wrong, strict=True) if bad)
    figure, axes = style.subplots(
        rows, columns, alt=f"{len(images)} images with the names they were given, {sum(wrong)} of them wrong{': ' + told if told else ''}.",
        squeeze=False, figsize=(style.WIDE, rows * (style.WIDE / columns + 0.35)),
    )  # fmt: skip
    for ax in axes.flat[len(images) :]:
        ax.axis("off")
    for ax, image, name, other, bad in zip(axes.flat, images, given, right, wrong, strict=False):
        draw(ax, image)
        ax.set(xticks=[], yticks=[])  # the frame stays: on a dark page a black picture has no other edge
        ax.spines[:].set(visible=True, color=style.ink(), alpha=0.4)
        ax.set_title(f"({name})" if bad else name, fontsize=8)
        if bad:
            ax.spines[:].set(color=style.WRONG, alpha=1, linewidth=2)
            ax.set_xlabel(other, fontsize=8)
    return figure
