"""A kernel that changes: turned round, step by step, and learned, step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import colormaps, rc_context
from matplotlib.axes import Axes
from matplotlib.patches import Polygon

from convbook import style
from convbook.figures.pictures import NUMBERS_UP_TO, draw_kernel, ink_on
from convbook.style import Figure

TURNS = (0, 60, 120, 180)  # degrees
CURVE_POINTS = 400  # of a curve: more cannot be seen, and make a saved notebook heavy
CORNERS = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)])


def half_turn(kernel: np.ndarray) -> Figure:
    """Return a kernel (kh, kw) on its way through half a turn; the numbers stay upright, so that a 6 is no 9."""
    h, w = _sides_of(kernel)
    alt = (
        f"A kernel of {h} rows and {w} columns in four pictures, turned by {', '.join(map(str, TURNS[:-1]))} and "
        f"{TURNS[-1]} degrees. The weight at the top left, {kernel[0, 0]:g}, ends at the bottom right."
    )
    figure, axes = style.subplots(1, len(TURNS), alt=alt, figsize=(style.WIDE, style.WIDE / 4 + 0.3))
    for ax, degrees in zip(axes, TURNS, strict=True):
        _draw_turned(ax, kernel, degrees)
        ax.set_title(f"{degrees}°" if degrees else "the kernel")
    return figure


def _draw_turned(ax: Axes, kernel: np.ndarray, degrees: float) -> None:
    """Draw a kernel that is turned clockwise round its middle, its first weight outlined."""
    h, w = kernel.shape
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])  # rows run downwards
    reach = max(float(np.abs(kernel).max()), 1e-9)
    for (row, column), weight in np.ndenumerate(kernel):
        middle = np.array([column - (w - 1) / 2, row - (h - 1) / 2])
        colour = colormaps[style.SIGNED](0.5 + weight / (2 * reach))
        first = row == column == 0
        ax.add_patch(
            Polygon((CORNERS + middle) @ turn, facecolor=colour, edgecolor=style.WINDOW if first else style.paper(),
                    linewidth=3 if first else 1, zorder=2 if first else 1)
        )  # fmt: skip
        x, y = middle @ turn
        ax.text(
            x, y, f"{weight:g}".replace("-", "−"), ha="center", va="center", color=ink_on(colour), zorder=3
        )
    room = np.hypot(h, w) / 2 + 0.05  # no corner leaves the picture at any angle
    ax.set(xlim=(-room, room), ylim=(room, -room), aspect="equal")
    ax.axis("off")


def kernel_forming(kernels: Mapping[str, np.ndarray], losses: Sequence[float], hidden: np.ndarray) -> Figure:
    """Return how a kernel is learned: the kernels (kh, kw) at some steps, the hidden one, and below them the loss.

    `losses` has one entry a step. All kernels share the scale of the hidden one.
    """
    if not kernels:
        raise ValueError("there is no kernel to draw; give at least one, with the step's name")
    h, w = _sides_of(hidden)
    alt = (
        f"Above: a kernel of {h} by {w} weights at {', '.join(kernels)}, and the hidden kernel beside them. "
        f"Below: the loss on a logarithmic scale, from {losses[0]:.2g} to {losses[-1]:.2g} in {len(losses) - 1} steps."
    )
    figure, axes = style.subplots(2, len(kernels) + 1, alt=alt, height_ratios=(1, 1.2), squeeze=False,
                                  figsize=(style.WIDE, 3.6))  # fmt: skip
    reach = float(np.abs(hidden).max())
    for ax, (name, kernel) in zip(axes[0], {**kernels, "hidden": hidden}.items(), strict=True):
        draw_kernel(ax, np.round(kernel, 1), numbers=max(h, w) <= NUMBERS_UP_TO, reach=reach)
        ax.set_title(name)
    grid = axes[1, 0].get_gridspec()
    for ax in axes[1]:
        ax.remove()
    with rc_context(style.settings()):
        curve = figure.add_subplot(grid[1, :], axes_class=style.Axes)
    steps = np.unique(np.linspace(0, len(losses) - 1, CURVE_POINTS).round().astype(int))
    curve.plot(steps, np.asarray(losses)[steps], color=style.BLUE, marker="")
    curve.set(yscale="log", xlabel="step", ylabel="mean squared error", xlim=(0, len(losses) - 1))
    curve.minorticks_off()
    curve.grid(alpha=0.5)
    return figure


def _sides_of(kernel: np.ndarray) -> tuple[int, int]:
    if kernel.ndim != 2 or kernel.size == 0:
        raise ValueError(f"a kernel has rows and columns; this one has the shape {kernel.shape}")
    return kernel.shape
