"""The figures of unit 03."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from convbook import style
from convbook.figures.pictures import draw, gallery, grids
from convbook.style import Figure

__all__ = ["answers_on_the_move", "convolution_matrix", "error_bars", "gallery", "grids", "maps_on_the_move", "places_of_a_matrix",
           "shares"]  # fmt: skip

TONES = (style.ORANGE, style.SKY, style.GREEN, style.PURPLE, style.YELLOW, style.BLUE, style.VERMILION)
EMPTY = "#e3e3e3"  # a cell that holds 0
MOST = 12  # pixels of a row that still have room for their numbers


def answers_on_the_move(images: np.ndarray, answers: Mapping[str, Sequence[int]], truth: int) -> Figure:
    """Return one digit moved a pixel further from picture to picture, and below it what each network says.

    Shapes: images (moves, h, w). A wrong answer is crossed out in red, a right one has a tick.
    """
    for name, said in answers.items():
        if len(said) != len(images):
            raise ValueError(
                f"{name!r} has {len(said)} answers for {len(images)} pictures: give one for each picture"
            )
    told = "; ".join(f"{name} says {', '.join(str(s) for s in said)}" for name, said in answers.items())
    alt = f"A handwritten {truth}, moved to the right by one more pixel from picture to picture. {told}."
    figure, axes = style.subplots(1, len(images), alt=alt, squeeze=False, figsize=(1.35 * len(images) + 1.2, 1.7 + 0.32 * len(answers)))  # fmt: skip
    for move, (ax, image) in enumerate(zip(axes[0], images, strict=True)):
        draw(ax, image)
        ax.set(xticks=[], yticks=[])
        ax.set_title("in the middle" if move == 0 else f"moved by {move}", fontsize=10)
        for row, said in enumerate(answers.values()):
            right = said[move] == truth
            text = f"{said[move]}  {'✓' if right else '✗'}"
            colour = style.GREEN if right else style.WRONG
            ax.text(0.5, -0.16 - 0.22 * row, text, transform=ax.transAxes, ha="center", va="center", color=colour, fontsize=12, weight="bold")  # fmt: skip
    for row, name in enumerate(answers):
        axes[0, 0].text(-0.12, -0.16 - 0.22 * row, name, transform=axes[0, 0].transAxes, ha="right", va="center")  # fmt: skip
    return figure


def shares(moves: Sequence[int], accuracies: Mapping[str, Sequence[float]]) -> Figure:
    """Return the share of digits that each network names rightly (0–1), by how far the digits were moved."""
    told = "; ".join(f"{name} {', '.join(f'{a:.0%}' for a in line)}" for name, line in accuracies.items())
    alt = f"Share of right answers after a move by {', '.join(str(m) for m in moves)} pixels: {told}."
    figure, ax = style.subplots(alt=alt, figsize=(7, 3.2))
    for name, line in accuracies.items():
        (drawn,) = ax.plot(moves, line)
        ax.annotate(name, (moves[-1], line[-1]), xytext=(10, -4), textcoords="offset points", color=drawn.get_color(), weight="bold")  # fmt: skip
    ax.set(
        xlabel="pixels moved to the right", ylabel="share that is right", ylim=(0, 1.05), xticks=list(moves)
    )
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    ax.grid(axis="y", alpha=0.5)
    ax.set_xlim(moves[0] - 0.15, moves[-1] + 0.5)
    return figure


def convolution_matrix(pixels: np.ndarray, kernel: np.ndarray, matrix: np.ndarray, place: int = 0) -> Figure:
    """Return a row of pixels, a kernel and the matrix that does the same, every weight in its own colour.

    Shapes: pixels (n,), kernel (k,), matrix (n - k + 1, n). `place` is the output whose window and row are outlined.
    Raises `ValueError` where the three do not fit.
    """
    n, k = len(pixels), len(kernel)
    if matrix.shape != (n - k + 1, n):
        raise ValueError(
            f"a kernel of {k} on {n} pixels has a matrix of shape {(n - k + 1, n)}; this one has {matrix.shape}"
        )
    if not 0 <= place < n - k + 1:
        raise ValueError(f"the places are 0 to {n - k}; {place} is none of them")
    if n > MOST:
        raise ValueError(f"{n} pixels have no room for their numbers: give {MOST} or fewer")
    alt = (
        f"Left: a row of {n} pixels with a kernel of {k} weights under it, each weight in a colour of its own, at place {place}. "
        f"Right: the matrix of {n - k + 1} rows and {n} columns. Each row holds the weights in the same colours, one column further "
        f"to the right than the row above, and zeros elsewhere. Row {place} is outlined."
    )
    figure, axes = style.subplots(
        1, 2, alt=alt, figsize=(style.WIDE, 0.4 * (n - k + 1) + 1.1), width_ratios=(1, 1)
    )
    _cells(axes[0], pixels[None], np.full((1, n), -1), top=0)
    _cells(axes[0], kernel[None], np.arange(k)[None], top=1.4, left=place)
    axes[0].text(-0.3, 0.5, "pixels", ha="right", va="center")
    axes[0].text(place - 0.3, 1.9, "kernel", ha="right", va="center")
    window = pixels[place : place + k]
    products = " + ".join(f"{pixel:g} · {weight:g}" for pixel, weight in zip(window, kernel, strict=True))
    sum_ = f"output {place}  =  {products}  =  {float(window @ kernel):g}".replace("-", "−")
    axes[0].text(n / 2, 3.1, sum_, ha="center", va="center", fontsize=11)
    _outline(axes[0], place, 0, k)
    axes[0].set_title(f"the window at place {place}")
    _cells(axes[1], matrix, weight_numbers(k, n))
    _outline(axes[1], 0, place, n)
    axes[1].set_title(f"the matrix: row {place} does the same")
    axes[0].set(xlim=(-2.2, n + 0.2), ylim=(max(3.6, n - k + 1.2), -0.2))
    axes[1].set(xlim=(-0.2, n + 0.2), ylim=(n - k + 1.2, -0.2))
    for ax in axes:
        ax.set_aspect("equal")
        ax.axis("off")
    return figure


def weight_numbers(k: int, n: int) -> np.ndarray:
    """Return for every cell of a convolution's matrix the number of the weight in it, −1 where it holds 0.

    >>> weight_numbers(2, 3)
    array([[ 0,  1, -1],
           [-1,  0,  1]])
    """
    offset = np.arange(n)[None] - np.arange(n - k + 1)[:, None]
    return np.where((offset >= 0) & (offset < k), offset, -1)


def places_of_a_matrix(n: int, k: int) -> Figure:
    """Return three matrices of one size: connected to all, to neighbours only, and to neighbours with shared weights.

    Cells of one colour hold one and the same weight; gray cells hold 0. Above each stands how many weights are learned.
    """
    if not 1 <= k <= n:
        raise ValueError(f"a window of {k} has no place on {n} pixels: k lies between 1 and n")
    rows, band = n - k + 1, weight_numbers(k, n) >= 0
    full = np.arange(rows * n).reshape(rows, n)
    local = np.where(band, np.cumsum(band).reshape(rows, n) - 1, -1)
    panels = {
        f"fully connected: {rows * n} weights": full,
        f"locally connected: {rows * k} weights": local,
        f"convolution: {k} weights": weight_numbers(k, n),
    }
    alt = (f"Three matrices of {rows} rows and {n} columns. Fully connected: every cell has a colour of its own. Locally connected: "
           f"only a band of {k} cells in each row, each with its own colour, the rest is 0. Convolution: the same band, in {k} colours "
           "that repeat along the diagonals.")  # fmt: skip
    figure, axes = style.subplots(1, 3, alt=alt, figsize=(style.WIDE, style.WIDE / 3 * rows / n + 0.5))
    for ax, (title, numbers) in zip(axes, panels.items(), strict=True):
        _cells(ax, None, numbers, own=numbers.max() >= k)
        ax.set(xlim=(-0.1, n + 0.1), ylim=(rows + 0.1, -0.1))
        ax.set_aspect("equal")
        ax.axis("off")
        ax.set_title(title)
    return figure


def _cells(ax: Axes, values: np.ndarray | None, numbers: np.ndarray, top: float = 0, left: float = 0, own: bool = False) -> None:  # fmt: skip
    """Draw a table of cells in the colours of their weights; `own` gives every weight a shade that no other has."""
    import matplotlib

    many = matplotlib.colormaps[style.AMOUNT]
    most, paper = max(int(numbers.max()), 1), style.paper()
    for (row, column), number in np.ndenumerate(numbers):
        shade = (number * 7 % (most + 1)) / most  # neighbours differ
        colour = EMPTY if number < 0 else many(shade) if own else TONES[number % len(TONES)]
        ax.add_patch(
            Rectangle((left + column, top + row), 1, 1, facecolor=colour, edgecolor=paper, linewidth=1.5)
        )
        if values is not None:
            text = f"{values[row, column] + 0.0:g}".replace("-", "−")
            ink = "white" if colour == style.BLUE else style.ON_COLOUR
            ax.text(
                left + column + 0.5, top + row + 0.5, text, ha="center", va="center", color=ink, fontsize=10
            )


def _outline(ax: Axes, column: float, row: float, width: int) -> None:
    ax.add_patch(Rectangle((column, row), width, 1, fill=False, edgecolor=style.WINDOW, linewidth=2.5, zorder=3))  # fmt: skip


def maps_on_the_move(rows: Mapping[str, Mapping[str, np.ndarray]]) -> Figure:
    """Return a table of pictures (h, w), one line for each entry of `rows`: images in gray, maps in one scale a line.

    What has numbers below 0 is a map: white is 0, red above, blue below.
    """
    first = next(iter(rows.values()))
    alt = "Pictures in rows, maps with red above 0 and blue below. " + " ".join(
        f"{name}: {', '.join(line)}." for name, line in rows.items()
    )
    figure, axes = style.subplots(len(rows), len(first), alt=alt, squeeze=False, figsize=(2.5 * len(first) + 1, 2.75 * len(rows)))  # fmt: skip
    for number, (name, line) in enumerate(rows.items()):
        reach = max((float(np.abs(m).max()) for m in line.values() if m.min() < 0), default=1.0)
        for ax, (title, picture) in zip(axes[number], line.items(), strict=True):
            if picture.min() < 0:
                ax.imshow(picture, cmap=style.SIGNED, vmin=-reach, vmax=reach)
            else:
                draw(ax, picture)
            ax.set(xticks=[], yticks=[])
            ax.set_title(title)
        axes[number, 0].set_ylabel(name)
    return figure


def error_bars(errors: Mapping[str, Sequence[float]], moves: Sequence[int]) -> Figure:
    """Return how far each function is from commuting with a move, by the number of pixels moved; 0 is exact."""
    told = "; ".join(f"{name} {', '.join(f'{e:.2g}' for e in line)}" for name, line in errors.items())
    alt = f"Equivariance error after a move by {', '.join(str(m) for m in moves)} pixels: {told}."
    figure, axes = style.subplots(1, len(errors), alt=alt, squeeze=False, sharey=True, figsize=(2.6 * len(errors) + 0.8, 2.9))  # fmt: skip
    top = max(max(line) for line in errors.values()) or 1.0
    for ax, (name, line) in zip(axes[0], errors.items(), strict=True):
        ax.bar(moves, line, color=style.BLUE, width=0.7)
        for move, error in zip(moves, line, strict=True):
            ax.text(move, error + 0.02 * top, "0" if error < 1e-9 else f"{error:.2g}", ha="center", va="bottom", fontsize=9)  # fmt: skip
        ax.set(title=name, xticks=list(moves), xlabel="pixels moved", ylim=(0, 1.15 * top))
    axes[0, 0].set_ylabel("equivariance error")
    return figure
