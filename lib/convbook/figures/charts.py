"""Bars and lines, as all units draw them: every number at its place, and nothing told by colour alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from convbook import style
from convbook.style import Figure

DASHES = ("-", "--", "-.", ":")
MANY = 20  # points of a line: more are drawn without markers
NAMED = 12  # points of a line: an alternative text tells all of so many, of more their first and last


def bars(
    values: Mapping[str, float],
    label: str,
    *,
    marked: str = "",
    right: str = "",
    log: bool = False,
    signed: bool = False,
    format: str = "{:.3g}",
) -> Figure:
    """Return a horizontal bar for every value, its number at its end.

    The bar called `marked` is hatched, in another colour. With a `right` one the others are hatched: they are wrong.
    Raises `ValueError` where there is no bar, or one below 0 that is not `signed`.
    """
    if not values:
        raise ValueError("there is nothing to draw: give at least one bar, as {name: value}")
    if not signed and any(value < 0 for value in values.values()):
        raise ValueError("a bar is 0 or longer; one of these values is below 0")
    told = "; ".join(f"{name} {format.format(value)}" for name, value in values.items())
    height = 0.45 * len(values) + 0.9
    figure, ax = style.subplots(alt=f"Bars, {label}: {told}.", figsize=(7.4, height))
    positive = [value for value in values.values() if value > 0] or [1.0]
    least = min(positive) * 0.1 if log else 1.18 * min(0, *values.values())
    for row, (name, value) in enumerate(values.items()):
        colour, hatch = _look(name, marked, right)
        ax.barh(row, value, color=colour, hatch=hatch, edgecolor=style.paper(), height=0.65)
        ax.annotate(
            format.format(value),
            (max(value, least), row),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
        )
    ax.set_yticks(range(len(values)), list(values))
    ax.invert_yaxis()
    if log:
        ax.set_xscale("log")
    ax.set_xlim(least, max(positive) * (20 if log else 1.18))
    if "%" in format:
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    elif "," in format:
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    ax.set_xlabel(label)
    return figure


def _look(name: str, marked: str, right: str) -> tuple[str, str]:
    """Return a bar's colour and hatching."""
    if right:
        return (style.GREEN, "") if name == right else (style.VERMILION, "//")
    return (style.ORANGE, "//") if marked and name == marked else (style.SKY, "")


def curves(
    lines: Mapping[str, Sequence[float]],
    xlabel: str,
    ylabel: str,
    *,
    x: Sequence[float] | None = None,
    log: str = "",
    share: bool = False,
    notes: Mapping[float, str] | None = None,
) -> Figure:
    """Return lines over `x`, or over 0, 1, 2, …: each with its own marker and dash, and its name at its end.

    `log` is "x", "y" or "xy"; `share` writes y as percent, from 0 to 1. NaN leaves a gap; `notes` says why, by x. A line
    without points is left out. Raises `ValueError` where a line has another length than `x`.
    """
    lines = {name: line for name, line in lines.items() if len(line)}
    for name, line in lines.items():
        if x is not None and len(line) != len(x):
            raise ValueError(
                f"{name!r} has {len(line)} values for {len(x)} places on the x axis: give one for each"
            )
    figure, ax = style.subplots(alt=_told(lines, xlabel, ylabel, x, share, notes or {}), figsize=(7.4, 3.4))
    for (_, line), dash in zip(lines.items(), DASHES * len(lines), strict=False):
        along = range(len(line)) if x is None else x
        bare = {"marker": "", "linewidth": 1.4} if len(line) > MANY else {}
        ax.plot(along, line, linestyle=dash, **bare)
    if "x" in log:
        ax.set_xscale("log")
        ax.minorticks_off()
    if x is None:
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    elif len(x) <= NAMED:
        ax.set_xticks(list(x), [f"{place:g}" for place in x], rotation=0 if len(x) < 10 else 45)
    ax.set(xlabel=xlabel, ylabel=ylabel, yscale="log" if "y" in log else "linear")
    if share:
        ax.set_ylim(-0.02, 1.05)
        ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    for place, note in (notes or {}).items():
        where = {"xycoords": ("data", "axes fraction"), "ha": "center", "fontsize": 9}
        ax.annotate(note, (place, 0.04), color=style.WRONG, **where)
    ax.grid(axis="y", alpha=0.5)
    _name_the_ends(ax, lines)
    return figure


def _name_the_ends(ax: Axes, lines: Mapping[str, Sequence[float]]) -> None:
    """Write each line's name beside the plot at the height of its end, far enough from the others."""
    scale = np.log10 if ax.get_yscale() == "log" else np.asarray
    bottom, top = (float(scale(end)) for end in ax.get_ylim())
    ends = [float(scale([v for v in line if np.isfinite(v)][-1])) for line in lines.values()]
    places = [(end - bottom) / (top - bottom) for end in ends]
    free = -1.0
    for number in np.argsort(places):
        free = max(places[number], free + 0.085)
        name, colour = list(lines)[number], ax.get_lines()[number].get_color()
        ax.text(1.015, free, name, transform=ax.transAxes, color=colour, va="center", weight="bold")


def _told(lines: Mapping[str, Sequence[float]], xlabel: str, ylabel: str, x: Sequence[float] | None, share: bool,
          notes: Mapping[float, str]) -> str:  # fmt: skip
    """Return what the alternative text says: all of short lines, both ends of long ones."""
    longest = max((len(line) for line in lines.values()), default=0)
    places = list(range(longest) if x is None else x)
    reach = f", from {places[0]:g} to {places[-1]:g}" if places else ""
    told = "; ".join(f"{name} {_numbers(line, share)}" for name, line in lines.items())
    said = "".join(f" At {place:g}: {note}." for place, note in notes.items())
    return f"{ylabel} by {xlabel}{reach}. {told or 'No line'}.{said}"


def _numbers(line: Sequence[float], share: bool) -> str:
    some = list(line) if len(line) <= NAMED else [line[0], line[-1]]
    told = [f"{v:.0%}" if share else f"{v:.3g}" if np.isfinite(v) else "" for v in some]
    told = [one if np.isfinite(v) else "nothing" for one, v in zip(told, some, strict=True)]
    return (", " if len(line) <= NAMED else " … ").join(told)
