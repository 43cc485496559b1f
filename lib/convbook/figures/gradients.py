"""Figures of gradients: checked against the numeric ones, and how a convolution sends them back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from convbook import style
from convbook.figures.pictures import write_numbers
from convbook.style import Figure

SHADES = (style.VERMILION, style.GREEN, style.BLUE, style.ORANGE, style.PURPLE, style.SKY)
PLAIN = "#e3e3e3"
NUMBERS_UP_TO = 7
AGREE = 1e-7  # a gradient that is nearer to the numeric one is right


def gradient_checks(numeric: np.ndarray, candidates: Mapping[str, np.ndarray]) -> Figure:
    """Return a line for each candidate: it, the numeric gradient, and the difference, as heat maps in one scale.

    Shapes: all (h, w). A difference below 1e-7 everywhere counts as right, and is said to be.
    """
    for name, values in candidates.items():
        if values.shape != numeric.shape:
            raise ValueError(
                f"{name!r} has the shape {values.shape}, the numeric gradient has {numeric.shape}: they cannot be compared"
            )
    gaps = {name: float(np.abs(values - numeric).max()) for name, values in candidates.items()}
    told = "; ".join(f"{name} differs by at most {gap:.2g}" for name, gap in gaps.items())
    alt = f"Heat maps with red above 0 and blue below: each candidate for a gradient, the numeric gradient, and their difference. {told}."
    width = min(2.6, 0.62 * numeric.shape[1])  # of one picture: small ones stay small
    height = width * numeric.shape[0] / numeric.shape[1] + 0.45
    figure, axes = style.subplots(
        len(candidates), 3, alt=alt, squeeze=False, figsize=(3 * (width + 0.2), height * len(candidates))
    )
    reach = max(float(np.abs(a).max()) for a in (numeric, *candidates.values())) or 1.0
    for line, (name, values) in zip(axes, candidates.items(), strict=True):
        right = gaps[name] < AGREE
        for ax, picture in zip(line, (values, numeric, values - numeric), strict=True):
            image = ax.imshow(
                np.where(np.abs(picture) < AGREE, 0, picture), cmap=style.SIGNED, vmin=-reach, vmax=reach
            )
            ax.set(xticks=[], yticks=[])
            _border(ax)
            if max(picture.shape) <= NUMBERS_UP_TO:
                write_numbers(ax, np.round(picture, 1), image)
        line[0].set_title(name)
        line[1].set_title("numeric")
        line[2].set_title(
            f"difference: {'✓' if right else '✗'} {_short(gaps[name])}",
            color=style.GREEN if right else style.VERMILION,
        )
    return figure


def compared(errors: Mapping[str, float]) -> Figure:
    """Return the largest difference of each gradient from the numeric one, on a logarithmic axis, with the line 1e-7."""
    if not errors:
        raise ValueError("no gradient was given: name at least one with its largest difference")
    told = ", ".join(f"{name} {error:.1e}" for name, error in errors.items())
    alt = f"The largest difference from the numeric gradient: {told}. All that lie below the line at 1e-7 are right."
    figure, ax = style.subplots(alt=alt, figsize=(8, 0.42 * len(errors) + 0.9))
    ink = style.ink()
    for row, (_name, error) in enumerate(errors.items()):
        shown = max(error, 1e-17)
        right = error < AGREE
        ax.barh(
            row, np.log10(shown) + 17, left=-17, color=style.BLUE if right else style.VERMILION, height=0.62
        )
        ax.text(
            np.log10(shown) + 0.2,
            row,
            f"{_short(error)} {'✓' if right else '✗'}",
            va="center",
            color=ink,
            fontsize=9.5,
        )
    ax.axvline(np.log10(AGREE), color=ink, linewidth=1.2, linestyle="--")
    ax.set(
        yticks=range(len(errors)),
        yticklabels=list(errors),
        xlim=(-17, 3),
        xlabel="largest difference from the numeric gradient (dashed: 1e-7)",
    )
    ax.set_xticks(range(-16, 3, 4), [f"1e{power}" if power else "1" for power in range(-16, 3, 4)])
    ax.invert_yaxis()
    ax.tick_params(axis="y", length=0)
    return figure


def errors_by_step(steps: Sequence[float], errors: Mapping[str, Sequence[float]]) -> Figure:
    """Return how wrong each kind of difference is, by the step h, both axes logarithmic."""
    if any(len(line) != len(steps) for line in errors.values()):
        raise ValueError(f"each line needs an error for each of the {len(steps)} steps")
    best = {name: steps[int(np.argmin(line))] for name, line in errors.items()}
    told = "; ".join(f"{name} is best at h = {h:.0e}" for name, h in best.items())
    alt = f"Error of a numeric slope by its step h. {told}. A larger step bends away from the slope, a smaller one drowns in rounding."
    figure, ax = style.subplots(alt=alt, figsize=(7.2, 3.3))
    for name, line in errors.items():
        (drawn,) = ax.plot(steps, np.maximum(line, 1e-16))
        place = int(np.argmax(steps))
        ax.annotate(
            name,
            (steps[place], line[place]),
            xytext=(8, -3),
            textcoords="offset points",
            color=drawn.get_color(),
            weight="bold",
        )
    ax.set(
        xscale="log",
        yscale="log",
        xlabel="step h",
        ylabel="error of the slope",
        xlim=(min(steps) / 2, max(steps) * 60),
    )
    ax.grid(alpha=0.5)
    return figure


def windows_of_a_pixel(k: int = 2, letters: str = "abcdefghi") -> Figure:
    """Return the k · k windows that see one pixel: in each the weight it meets, and the order in which they come.

    The windows are drawn in their order, row by row; the letters of the weights then stand the other way round.
    """
    if not 2 <= k <= 3 or len(letters) < k * k:
        raise ValueError(
            f"windows of 2 or 3 pixels can be drawn, with a letter for each weight; k is {k} and there are {len(letters)} letters"
        )
    met = [letters[(k - 1 - i) * k + (k - 1 - j)] for i in range(k) for j in range(k)]
    side = 2 * k - 1
    alt = (f"A kernel with the weights {' '.join(letters[: k * k])}. One pixel is seen by {k * k} windows; from the first to the last it meets the weights "
           f"{' '.join(met)}: the kernel turned by 180 degrees.")  # fmt: skip
    rows, columns = (1, 6) if k == 2 else (3, 5)
    windows = columns - 2  # in a row
    figure, grid = style.subplots(
        rows, columns, alt=alt, squeeze=False, figsize=(style.WIDE, 2.0 * rows),
        width_ratios=(1, *[side / k] * windows, 1),
    )  # fmt: skip
    for unused in (*grid[1:, 0], *grid[:-1, -1]):
        unused.remove()
    axes = [grid[0, 0], *grid[:, 1:-1].flat, grid[-1, -1]]
    _letters(axes[0], [letters[row * k : row * k + k] for row in range(k)], "kernel")
    for number, ax in enumerate(axes[1:-1]):
        top, left = divmod(number, k)
        for cell in range(side * side):
            ax.add_patch(
                Rectangle(
                    (cell % side, cell // side), 1, 1, facecolor=PLAIN, edgecolor="white", linewidth=1.2
                )
            )
        for weight in range(k * k):
            row, column = top + weight // k, left + weight % k
            here = (row, column) == (k - 1, k - 1)
            ax.add_patch(
                Rectangle(
                    (column, row),
                    1,
                    1,
                    facecolor=SHADES[weight % len(SHADES)] if here else style.UNDER_WINDOW,
                    edgecolor="white",
                    linewidth=1.2,
                )
            )
            ink = _ink_on(SHADES[weight % len(SHADES)]) if here else style.ON_COLOUR
            ax.text(
                column + 0.5,
                row + 0.5,
                letters[weight],
                ha="center",
                va="center",
                color=ink,
                fontsize=11,
                weight="bold" if here else "normal",
            )
        ax.add_patch(Rectangle((left, top), k, k, fill=False, edgecolor=style.WINDOW, linewidth=2.5))
        _bare(ax, side, side, f"window {number}")
    _letters(axes[-1], ["".join(met[row * k : row * k + k]) for row in range(k)], "what it met")
    return figure


def slices_regrouped(f: int, c: int) -> Figure:
    """Return f filters with c slices each, and the same slices as c filters with f slices each, every one upside down.

    A slice has the colour of its channel and the number of its filter.
    """
    if not (1 <= f <= 24 and 1 <= c <= len(SHADES)):
        raise ValueError(
            f"1 to 24 filters and 1 to {len(SHADES)} channels can be drawn; there are {f} and {c}"
        )
    alt = (f"Above: {f} filters, each a column of {c} slices, one in the colour of each channel. Below: the same {f * c} slices, turned upside down, as {c} "
           f"rows of {f}: all slices of one colour are one filter now.")  # fmt: skip
    cell = min(0.45, (style.WIDE - 0.2) / (1.4 * f))  # inches
    figure, axes = style.subplots(
        2,
        1,
        alt=alt,
        figsize=(max(4.0, 1.4 * f * cell + 0.2), 2.55 * c * cell + 1.0),
        height_ratios=(c, 1.55 * c),
    )
    for ax, back in zip(axes, (False, True), strict=True):
        for channel in range(c):
            for number in range(f):
                x, y = (number, channel * 1.55) if back else (number * 1.4, channel)
                ax.add_patch(Rectangle((x, y), 0.92, 0.92, facecolor=SHADES[channel], edgecolor="none"))
                ax.text(
                    x + 0.46,
                    y + 0.46,
                    str(number),
                    ha="center",
                    va="center",
                    fontsize=8,
                    color=_ink_on(SHADES[channel]),
                    rotation=180 if back else 0,
                )
        title = (
            f"back: {c} filters of depth {f}, slices turned" if back else f"forward: {f} filters of depth {c}"
        )
        _bare(ax, 1.4 * f, 1.55 * c if back else c, title)
    return figure


def _letters(ax: Axes, rows: Sequence[str], title: str) -> None:
    k = len(rows)
    for i, row in enumerate(rows):
        for j, letter in enumerate(row):
            colour = SHADES[(ord(letter) - ord("a")) % len(SHADES)]
            ax.add_patch(Rectangle((j, i), 1, 1, facecolor=colour, edgecolor="white", linewidth=1.2))
            ink = _ink_on(colour)
            ax.text(j + 0.5, i + 0.5, letter, ha="center", va="center", color=ink, fontsize=12, weight="bold")
    _bare(ax, k, k, title)


def _ink_on(colour: str) -> str:
    return "white" if colour == style.BLUE else style.ON_COLOUR


def _bare(ax: Axes, width: float, height: float, title: str) -> None:
    ax.set(xlim=(-0.1, width + 0.1), ylim=(height + 0.1, -0.1))
    ax.set_aspect("equal")
    ax.axis("off")
    ax.set_title(title)


def _short(number: float) -> str:
    return f"{number:.1f}" if number >= 0.1 else f"{number:.0e}"


def _border(ax: Axes) -> None:
    for side in ax.spines.values():
        side.set_visible(True)
        side.set_linewidth(0.8)
