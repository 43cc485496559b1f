"""The figures of unit 06."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from convbook import style
from convbook.figures.pictures import draw, draw_kernel
from convbook.style import Figure

__all__ = ["bars", "batch_mates", "curves", "shared_statistics", "tables"]

TONES = (style.ORANGE, style.SKY, style.GREEN, style.PURPLE, style.YELLOW, style.BLUE, style.VERMILION)
DASHES = ("-", "--", "-.", ":")


def curves(
    x: Sequence[float],
    lines: Mapping[str, Sequence[float]],
    x_label: str,
    y_label: str,
    *,
    log: str = "",
    share: bool = False,
    notes: Mapping[float, str] | None = None,
) -> Figure:
    """Return lines over one x axis, each with its own marker and dash, and its name at its end.

    `log` is "x", "y" or "xy"; `share` writes y as percent, from 0 to 1. NaN leaves a gap; `notes` says why.
    Raises `ValueError` where a line has another length than `x`.
    """
    for name, line in lines.items():
        if len(line) != len(x):
            raise ValueError(
                f"{name!r} has {len(line)} values for {len(x)} places on the x axis: give one for each"
            )
    told = "; ".join(
        f"{name} {', '.join(_short(v, share) for v in _some(line))}" for name, line in lines.items()
    )
    said = "".join(f" At {place:g}: {note}." for place, note in (notes or {}).items())
    alt = f"{y_label} by {x_label}, from {x[0]:g} to {x[-1]:g}. {told}.{said}"
    figure, ax = style.subplots(alt=alt, figsize=(7.4, 3.4))
    many = len(x) > 20
    for (name, line), dash in zip(lines.items(), DASHES * 2, strict=False):
        (drawn,) = ax.plot(x, line, linestyle=dash, **({"marker": "", "linewidth": 1.4} if many else {}))
        known = [i for i, value in enumerate(line) if np.isfinite(value)]
        ax.annotate(name, (x[known[-1]], line[known[-1]]), xytext=(9, 0), textcoords="offset points",
                va="center", color=drawn.get_color(), weight="bold")  # fmt: skip
    _apart(ax)
    if "x" in log:
        ax.set_xscale("log")
        ax.set_xticks(list(x), [f"{v:g}" for v in x], rotation=0 if len(x) < 10 else 45)
        ax.minorticks_off()
    if "y" in log:
        ax.set_yscale("log")
    if share:
        ax.set_ylim(0, 1.05)
        ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    for place, note in (notes or {}).items():
        ax.annotate(
            note,
            (place, 0.04),
            xycoords=("data", "axes fraction"),
            ha="center",
            fontsize=9,
            color=style.WRONG,
        )
    ax.set(xlabel=x_label, ylabel=y_label)
    ax.grid(axis="y", alpha=0.5)
    return figure


def _apart(ax: Axes) -> None:
    """Move names at the ends of lines away from each other where the lines end close together."""
    labels = sorted(ax.texts, key=lambda text: text.xy[1])
    low, high = ax.get_ylim()
    places = [(text.xy[1] - low) / (high - low) for text in labels]
    for number in range(1, len(places)):
        places[number] = max(places[number], places[number - 1] + 0.085)
    for text, place in zip(labels, places, strict=True):
        shift = place - (text.xy[1] - low) / (high - low)
        text.set_position((9, 150 * shift))


def _some(line: Sequence[float]) -> list[float]:
    """Return the values that an alternative text names: all of a short line, both ends of a long one."""
    return list(line) if len(line) <= 12 else [line[0], line[-1]]


def _short(value: float, share: bool) -> str:
    if not np.isfinite(value):
        return "nothing"
    return f"{value:.0%}" if share else f"{value:.3g}"


def tables(named: Mapping[str, np.ndarray]) -> Figure:
    """Return batches (n, d) as tables of numbers, each on its own scale: white is 0, red above, blue below.

    Below each column stand its mean and its deviation.
    """
    for name, values in named.items():
        if values.ndim != 2 or values.size > 80:
            raise ValueError(
                f"{name!r} has shape {values.shape}: a table needs rows and columns, and 80 numbers at most"
            )
    told = " ".join(f"{name}: {'; '.join(' '.join(f'{v:.2f}' for v in row) for row in values)}." for name,
            values in named.items())  # fmt: skip
    alt = f"Tables of numbers, one row an example, one column a feature. {told}"
    n, d = next(iter(named.values())).shape
    figure, axes = style.subplots(
        1, len(named), alt=alt, squeeze=False, figsize=(0.85 * d * len(named) + 1.6, 0.6 * n + 1.7)
    )
    for ax, (name, values) in zip(axes[0], named.items(), strict=True):
        draw_kernel(ax, np.round(values, 2))
        ax.set_title(name)
        for column in range(values.shape[1]):
            stats = f"{values[:, column].mean():.2f}\n{values[:, column].std():.2f}".replace(
                "-0.00", "0.00"
            ).replace("-", "−")
            ax.text(column, n - 0.25, stats, ha="center", va="top", fontsize=9)
        ax.set_aspect("auto")
    axes[0, 0].text(-0.75, n - 0.25, "mean\ndeviation", ha="right", va="top", fontsize=9)
    return figure


def shared_statistics(kinds: Mapping[str, Sequence[int]], shape: Sequence[int]) -> Figure:
    """Return a batch of this shape for every norm, its numbers coloured: those of one colour share a mean.

    `kinds` maps a name to the axes that are averaged over; `shape` is (n, d) or (n, c, h, w). Rows are examples,
    columns are features or channels, and each cell of an image holds its h × w pixels.
    """
    shape = tuple(shape)
    if len(shape) not in (2, 4):
        raise ValueError(f"a shape has 2 or 4 sides, (n, d) or (n, c, h, w); this one has {len(shape)}")
    for name, axes in kinds.items():
        if any(not 0 <= axis < len(shape) for axis in axes):
            raise ValueError(
                f"{name!r} averages over {tuple(axes)}; the axes of {shape} are 0 to {len(shape) - 1}"
            )
    n, c = shape[:2]
    h, w = shape[2:] if len(shape) == 4 else (1, 1)
    gap = 0.0 if len(shape) == 2 else 0.4
    what = "features d" if len(shape) == 2 else "channels c"
    counts = {
        name: int(np.prod([side for axis, side in enumerate(shape) if axis not in axes]))
        for name, axes in kinds.items()
    }
    told = " ".join(
        f"{name} averages over axes {tuple(kinds[name])}: {count} means." for name, count in counts.items()
    )
    alt = f"A batch of shape {shape} as a table, a row for every example, columns are {what}. {told}"
    wide, tall = c * (w + gap), n * (h + gap)
    room = (style.WIDE - 0.5) / len(kinds) * wide / (wide + 1.2)
    each = min(3.2, 0.55 * wide, room)  # inches
    size = (each * (wide + 1.2) / wide * len(kinds) + 0.5, each * tall / wide + 0.8)
    figure, axes_ = style.subplots(1, len(kinds), alt=alt, squeeze=False, figsize=size)
    for ax, (name, axes) in zip(axes_[0], kinds.items(), strict=True):
        for index in np.ndindex(*shape):
            group = np.ravel_multi_index(
                [0 if axis in axes else i for axis, i in enumerate(index)],
                [1 if axis in axes else side for axis, side in enumerate(shape)],
            )
            i, j, row, column = (*index, 0, 0)[:4]
            corner = (j * (w + gap) + column, i * (h + gap) + row)
            ax.add_patch(
                Rectangle(corner, 1, 1, facecolor=TONES[group % len(TONES)], edgecolor="white", linewidth=1)
            )
        ax.set(
            xlim=(-0.6, wide - gap + 0.6), ylim=(tall - gap + 0.1, -0.1), xticks=[], yticks=[], aspect="equal"
        )
        ax.set_title(f"{name}: {counts[name]} means")
        ax.set_xlabel(what)
        for side in ax.spines.values():
            side.set_visible(False)
    axes_[0, 0].set_ylabel("examples n" if len(shape) == 2 else "images n")
    return figure


def batch_mates(image: np.ndarray, answers: Mapping[str, Sequence[float]], truth: int) -> Figure:
    """Return one image and, for every company it was in, the probabilities a network gives to each class.

    Shapes: image (h, w), each answer (classes,) of probabilities. The true class is green.
    """
    for name, line in answers.items():
        if not np.isclose(sum(line), 1, atol=1e-3):
            raise ValueError(
                f"the probabilities of {name!r} add up to {sum(line):.3g}; give them after the softmax"
            )
    told = "; ".join(f"{name}: {int(np.argmax(line))} with {max(line):.0%}" for name, line in answers.items())
    alt = f"A handwritten {truth}, and bars of its class probabilities. {told}."
    figure, axes = style.subplots(1, len(answers) + 1, alt=alt, figsize=(2.3 * len(answers) + 1.6, 2.5))
    draw(axes[0], image)
    axes[0].set(xticks=[], yticks=[], title=f"a {truth}")
    for ax, (name, line) in zip(axes[1:], answers.items(), strict=True):
        named = int(np.argmax(line))
        colours = [
            style.GREEN if k == truth else style.WRONG if k == named else style.SKY for k in range(len(line))
        ]
        ax.bar(range(len(line)), line, color=colours, width=0.8)
        mark = "✓" if named == truth else "✗"
        ax.set(title=f"{name}\n“{named}” {mark}", ylim=(0, 1.05), yticks=[0, 0.5, 1])
        ax.set_xticks(range(len(line)))
        ax.tick_params(labelsize=8)
        ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    return figure


def bars(values: Mapping[str, float], x_label: str, *, log: bool = False, format: str = "{:.3g}") -> Figure:
    """Return one horizontal bar for every value, its number at the end."""
    if any(value < 0 for value in values.values()):
        raise ValueError("a bar is 0 or longer; one of these values is below 0")
    told = "; ".join(f"{name} {format.format(value)}" for name, value in values.items())
    figure, ax = style.subplots(alt=f"{x_label}: {told}.", figsize=(7.4, 0.48 * len(values) + 0.9))
    positive = [value for value in values.values() if value > 0] or [1.0]
    for row, (value, colour) in enumerate(zip(values.values(), style.CYCLE * 3, strict=False)):
        ax.barh(row, value, color=colour, height=0.65)
        ax.annotate(format.format(value), (max(value, min(positive) * 0.1 if log else 0), row), xytext=(5,
                0), textcoords="offset points", va="center", fontsize=10)  # fmt: skip
    ax.set_yticks(range(len(values)), list(values))
    ax.invert_yaxis()
    if log:
        ax.set_xscale("log")
        ax.set_xlim(min(positive) * 0.1, max(positive) * 20)
    else:
        ax.set_xlim(0, max(positive) * 1.18)
    if "%" in format:
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    ax.set_xlabel(x_label)
    return figure
