"""The figures of unit 07."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from convbook import style
from convbook.figures.pictures import draw, gallery
from convbook.style import Figure

__all__ = ["bars", "gallery", "lines", "masks", "moments", "opinions", "subnetworks", "watched"]

MOST_CELLS = 2_000  # of a mask: more are too small to be told apart


def opinions(
    images: np.ndarray,
    scores: np.ndarray,
    names: Sequence[str],
    spread: np.ndarray | None = None,
    unit: str = "score",
) -> Figure:
    """Return images (n, h, w) with the scores (n, classes) below each; `spread` (n, classes) draws one deviation both ways.

    Raises `ValueError` where the shapes do not fit.
    """
    if scores.shape != (len(images), len(names)):
        raise ValueError(
            f"{len(images)} images and {len(names)} names need scores of shape {(len(images), len(names))}, not {scores.shape}"
        )
    if spread is not None and spread.shape != scores.shape:
        raise ValueError(
            f"the spread has the shape {spread.shape}, and the scores have {scores.shape}: they must be alike"
        )
    told = "; ".join(
        f"image {i}: {names[int(row.argmax())]}, {row.max():.2g}" for i, row in enumerate(scores)
    )
    alt = f"Images with a bar for each class below{', and a line of one standard deviation both ways' if spread is not None else ''}. Longest bars: {told}."
    figure, axes = style.subplots(2, len(images), alt=alt, squeeze=False, figsize=(2.3 * len(images) + 1.2, 4.8), height_ratios=(1, 1.5), sharey="row")  # fmt: skip
    places = np.arange(len(names))
    room = 0 if spread is None else spread
    least, most = min(0.0, 1.08 * float((scores - room).min())), 1.08 * float((scores + room).max())
    for number, (image, row) in enumerate(zip(images, scores, strict=True)):
        top, below = axes[0, number], axes[1, number]
        draw(top, image)
        top.axis("off")
        below.set_xlim(least, most)
        best = int(row.argmax())
        colours = [style.BLUE if place == best else style.SKY for place in places]
        below.barh(places, row, color=colours)
        if spread is not None:
            below.errorbar(
                row, places, xerr=spread[number], fmt="none", ecolor=style.ink(), elinewidth=1.4, capsize=2
            )
        below.set(yticks=places, yticklabels=names, xlabel=unit)
        if number == 0:  # the axes of a row are shared
            below.invert_yaxis()
        top.set_title(names[best])
    return figure


def masks(shown: Mapping[str, np.ndarray], across: str = "units", down: str = "images") -> Figure:
    """Return masks (rows, columns) side by side: what is kept is white, what is dropped black. `ValueError` for no table."""
    for name, mask in shown.items():
        if mask.ndim != 2 or not 0 < mask.size <= MOST_CELLS:
            raise ValueError(
                f"{name!r} cannot be drawn: a mask needs rows and columns, at most {MOST_CELLS} cells, and its shape is {mask.shape}"
            )
    told = "; ".join(f"{name}: {np.mean(mask == 0):.0%} dropped" for name, mask in shown.items())
    figure, axes = style.subplots(1, len(shown), alt=f"Masks as tables, white where a unit is kept. {told}.", squeeze=False, figsize=(3.4 * len(shown), 2.6))  # fmt: skip
    for ax, (name, mask) in zip(axes[0], shown.items(), strict=True):
        ax.imshow(mask != 0, cmap=style.GRAY, vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[], xlabel=across)
        for side in ax.spines.values():
            side.set_visible(True)
        ax.set_title(name)
    axes[0, 0].set_ylabel(down)
    return figure


def subnetworks(
    answers: Mapping[str, np.ndarray], means: Mapping[str, float], scaled: Mapping[str, float]
) -> Figure:
    """Return what all sub-networks say, a panel for each kind of unit, with their mean and the scaled network's answer.

    Shapes: answers (masks,) under the same names as `means` and `scaled`. Raises `ValueError` where a name is missing.
    """
    for name in answers:
        if name not in means or name not in scaled:
            raise ValueError(
                f"{name!r} needs a mean and a scaled answer: give all three under the same names"
            )
    told = "; ".join(f"{name}: mean {means[name]:.3g}, scaled network {scaled[name]:.3g}" for name in answers)
    alt = f"The answers of all sub-networks as dots, their mean as a line and the scaled network's answer as a dashed line. {told}."
    figure, axes = style.subplots(
        1, len(answers), alt=alt, squeeze=False, figsize=(4.6 * len(answers), 3.0), sharey=True
    )
    for ax, (name, values) in zip(axes[0], answers.items(), strict=True):
        ax.plot(np.arange(len(values)), np.sort(values), "o", color=style.SKY, markersize=6)
        ax.axhline(
            means[name],
            color=style.BLUE,
            marker="",
            label=f"mean of all: {means[name]:.3g}".replace("-", "−"),
        )
        ax.axhline(
            scaled[name],
            color=style.VERMILION,
            marker="",
            linestyle=(0, (4, 3)),
            label=f"scaled network: {scaled[name]:.3g}".replace("-", "−"),
        )
        ax.set_title(name)
        ax.set(xlabel="sub-network, in order of its answer", xticks=[0, len(values) - 1])
        ax.legend(loc="upper left")
    axes[0, 0].set_ylabel("answer")
    return figure


def lines(places: Sequence[float], values: Mapping[str, Sequence[float]], xlabel: str, ylabel: str) -> Figure:
    """Return a line for each entry of `values` over the same places. `ValueError` where their numbers differ."""
    for name, line in values.items():
        if len(line) != len(places):
            raise ValueError(f"{name!r} has {len(line)} values for {len(places)} places: give one for each")
    told = "; ".join(f"{name}: {', '.join(f'{v:.2f}' for v in line)}" for name, line in values.items())
    alt = f"Lines of {ylabel} over {xlabel}, {', '.join(f'{place:g}' for place in places)}. {told}."
    figure, ax = style.subplots(alt=alt, figsize=(7, 3.2))
    for name, line in values.items():
        ax.plot(places, line, label=name)
    ax.set(xlabel=xlabel, ylabel=ylabel, xticks=list(places))
    ax.grid(axis="y", alpha=0.5)
    ax.legend()
    return figure


def bars(values: Mapping[str, float], xlabel: str, right: str = "") -> Figure:
    """Return a bar for each entry, its number at its end; the entry called `right` stands out, and the others are hatched.

    Without a `right` one all are alike.
    """
    if not values:
        raise ValueError("there is nothing to draw: give at least one bar, as {name: value}")
    told = "; ".join(f"{name}: {value:.3g}" for name, value in values.items())
    figure, ax = style.subplots(alt=f"Bars of {xlabel}. {told}.", figsize=(7, 0.45 * len(values) + 0.8))
    for place, (name, value) in enumerate(values.items()):
        plain = name == right or not right
        colour = style.GREEN if name == right else style.VERMILION if right else style.BLUE
        ax.barh(place, value, color=colour, hatch="" if plain else "//", edgecolor=style.paper())
        ax.text(value, place, f" {value:.2f}", va="center")
    ax.set(
        yticks=range(len(values)),
        yticklabels=list(values),
        xlabel=xlabel,
        xlim=(0, 1.15 * max(values.values())),
    )
    ax.invert_yaxis()
    return figure


def watched(
    training: Sequence[float], validation: Sequence[float], best: int, stop: int | None = None
) -> Figure:
    """Return the two losses of a training, with its best step marked, and the step at which it was stopped.

    Raises `ValueError` where the losses differ in number or a marked step is none of theirs.
    """
    if len(training) != len(validation):
        raise ValueError(
            f"there are {len(training)} training losses and {len(validation)} validation losses: give one of each a step"
        )
    for name, step in (("best", best), ("stop", stop)):
        if step is not None and not 0 <= step < len(training):
            raise ValueError(f"the steps are 0 to {len(training) - 1}; {name} is {step}")
    alt = (f"Training loss falls from {training[0]:.2f} to {training[-1]:.2f}. Validation loss is least at step {best}, {validation[best]:.2f}, "
           f"and {validation[-1]:.2f} at the end." + (f" Stopped at step {stop}." if stop is not None else ""))  # fmt: skip
    figure, ax = style.subplots(alt=alt, figsize=(7, 3.2))
    ax.plot(training, label="training images", color=style.BLUE, marker="")
    ax.plot(validation, label="new images", color=style.VERMILION, marker="", linestyle=(0, (5, 2)))
    ax.plot(
        [best],
        [validation[best]],
        marker="o",
        markersize=9,
        linestyle="",
        color=style.GREEN,
        label=f"best: step {best}",
    )
    if stop is not None:
        ax.axvline(
            stop, color=style.ink(), linewidth=1.2, linestyle=":", marker="", label=f"stop: step {stop}"
        )
    ax.set(xlabel="step", ylabel="loss")
    ax.legend()
    return figure


def moments(samples: np.ndarray, mean: float, std: float, matched: np.ndarray) -> Figure:
    """Return a histogram of what a unit gave over many masks, and of draws from the normal curve with its mean and deviation."""
    if samples.size < 2 or std <= 0:
        raise ValueError(
            f"a histogram needs two samples and a deviation above 0; there are {samples.size}, and it is {std:g}"
        )
    alt = (f"Histogram of {samples.size} answers of a unit with dropped weights, mean {samples.mean():.2f}, and the outline of as many draws "
           f"from a normal distribution with mean {mean:.2f} and standard deviation {std:.2f}: nearly the same.")  # fmt: skip
    edges = np.linspace(min(samples.min(), matched.min()), max(samples.max(), matched.max()), 40)
    figure, ax = style.subplots(alt=alt, figsize=(7, 2.8))
    ax.hist(samples, edges, color=style.SKY, label="weights dropped, many masks")
    ax.hist(
        matched,
        edges,
        histtype="step",
        color=style.VERMILION,
        linewidth=2,
        label="normal draws, mean and spread matched",
    )
    ax.set(xlabel="answer of the unit", ylabel="how often", ylim=(0, 1.45 * ax.get_ylim()[1]))
    ax.legend(loc="upper left")
    return figure
