"""The figures of unit 10: plain and residual networks, by depth, by epoch and by layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from convbook import style
from convbook.figures.pictures import draw
from convbook.style import Figure

# Never colour alone: plain is purple, dashed, with squares; residual blue, solid, with circles.
LOOKS = {
    "plain": {"color": style.PURPLE, "linestyle": "--", "marker": "s"},
    "residual": {"color": style.BLUE, "linestyle": "-", "marker": "o"},
}
PER_CENT = FuncFormatter(lambda share, _: f"{100 * share:.0f} %")


def error_by_depth(
    depths: Sequence[int], plain: np.ndarray, residual: np.ndarray, spread: Mapping[str, Any] | None = None
) -> Figure:
    """Return the training error (0–1) against depth: a dot for each seed, a line through their means.

    Shapes: plain and residual (seeds, depths). `spread` is a measurement with several seeds, `depths` and errors by kind: a bar
    from the lowest to the highest is drawn behind the dots.
    """
    errors = {"plain": np.atleast_2d(plain), "residual": np.atleast_2d(residual)}
    said = "; ".join(f"{kind}: {_by_depth(depths, values.mean(axis=0))}" for kind, values in errors.items())
    alt = f"Training error against depth. {said}."
    if spread:
        alt += "".join(
            f" Bars: {kind}, {_ranges(spread, kind)}, over {len(spread[kind])} seeds." for kind in errors
        )
    figure, ax = style.subplots(alt=alt, figsize=(6.2, 3.6))
    for side, (kind, values) in zip((-1, 1), errors.items(), strict=True):
        look = LOOKS[kind]
        if spread:
            seeds = np.array(spread[kind])
            places = np.array(spread["depths"]) + 0.7 * side
            ax.bar(places, np.ptp(seeds, axis=0) + 0.006, 1.1, seeds.min(axis=0) - 0.003, color=look["color"], alpha=0.35,
                   label=f"{kind}, range of {len(seeds)} seeds")  # fmt: skip
        for row in values:
            ax.plot(depths, row, look["marker"], color=look["color"], alpha=0.35, markersize=4)
        ax.plot(depths, values.mean(axis=0), label=kind, **look)
    ax.set(xlabel="depth (weighted layers)", ylabel="training error", ylim=(-0.02, 1.0), xticks=list(depths))
    _finish(ax)
    return figure


def training_curves(accuracies: Sequence[float], validation: Sequence[float] = ()) -> Figure:
    """Return the accuracy (0–1) of one training after each epoch, on training and on validation images."""
    alt = f"Accuracy by epoch. Training: {_shares(accuracies)}."
    alt += f" Validation: {_shares(validation)}." if len(validation) else ""
    figure, ax = style.subplots(alt=alt, figsize=(6.2, 3.4))
    for name, values in (
        ("training, while learning", accuracies),
        ("validation, after each epoch", validation),
    ):
        if len(values):
            ax.plot(range(1, len(values) + 1), values, label=name)
    ax.set(xlabel="epoch", ylabel="accuracy")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.yaxis.set_major_locator(MaxNLocator(steps=[1, 2, 5, 10]))  # whole per cents
    _finish(ax)
    return figure


def gradient_by_layer(plain: Sequence[float], residual: Sequence[float]) -> Figure:
    """Return the norm of the loss's gradient by each layer's weights, from the input to the output; log scale."""
    return _by_layer(plain, residual, "norm of the weights' gradient", log=True)


def signal_by_layer(plain: Sequence[float], residual: Sequence[float]) -> Figure:
    """Return the root mean square of what enters each layer, from the input to the output.

    In a residual network of depth 6n + 2 what enters a block is told apart from what enters the layer inside it.
    """
    figure = _by_layer(plain, residual, "root mean square of the layer's input", log=False)
    inner = range(
        3, len(residual), 2
    )  # counted from 1: the stem is layer 1, a block holds an even and an odd one
    if _stage_starts(len(residual)):
        ax, look = figure.axes[0], {"color": LOOKS["residual"]["color"], "markerfacecolor": style.paper()}
        ax.plot(
            inner,
            [residual[layer - 1] for layer in inner],
            "o",
            markersize=4.5,
            label="inside a residual block",
            **look,
        )
        _finish(ax)
        ax.set_ylim(top=1.25 * max(*plain, *residual))
        ax.legend(frameon=False, ncols=3, loc="upper left")
        figure.alt += f" Residual, into the blocks: {_range(residual[1:-1:2])}; inside them: {_range(residual[2:-1:2])}."
    return figure


def evidence(images: np.ndarray, maps: np.ndarray, titles: Sequence[str], columns: int = 6) -> Figure:
    """Return images (n, h, w), 0–1, and below each the evidence (n, h', w') that speaks for the answer, laid over it.

    Red speaks for the answer and blue against it, on one scale for all.
    """
    rows = -(-len(images) // columns)
    where = [
        f"{title.splitlines()[0]}: strongest in {_region(one)}"
        for title, one in zip(titles, maps, strict=True)
    ]
    alt = f"Images, and what spoke for the answer in each. {'; '.join(where)}."
    figure, axes = style.subplots(
        2 * rows, columns, alt=alt, squeeze=False, figsize=(1.45 * columns, 3.25 * rows)
    )
    reach = float(np.abs(maps).max()) or 1.0
    for ax in axes.flat:
        ax.axis("off")
    for place, (image, one, title) in enumerate(zip(images, maps, titles, strict=True)):
        top, column = 2 * (place // columns), place % columns
        h, w = image.shape
        for ax in axes[top : top + 2, column]:
            draw(ax, image)
        axes[top + 1, column].imshow(one, cmap=style.SIGNED, vmin=-reach, vmax=reach, alpha=0.6,
                                     extent=(-0.5, w - 0.5, h - 0.5, -0.5))  # fmt: skip
        axes[top, column].set_title(title, fontsize=9)
    return figure


def zero_branch(x: np.ndarray, y: np.ndarray) -> Figure:
    """Return what enters a block with F = 0 and what leaves it: one map (h, w) each, and where they differ."""
    kept = float(np.mean(np.isclose(np.maximum(x, 0), y)))
    alt = (
        f"Three maps of {x.shape[0]} by {x.shape[1]} values: the input, the block's output when F is 0, and their "
        f"difference. In {100 * kept:.0f} % of the places the output is the input with its negative values cut to 0."
    )
    figure, axes = style.subplots(1, 3, alt=alt, figsize=(9.0, 3.0))
    reach = float(max(np.abs(x).max(), np.abs(y).max(), 1e-9))
    titles = ("x, the input", "the block's output, F = 0", "output − x")
    for ax, values, title in zip(axes, (x, y, y - x), titles, strict=True):
        image = ax.imshow(values, cmap=style.SIGNED, vmin=-reach, vmax=reach)
        ax.set_title(title)
        ax.axis("off")
    figure.colorbar(image, ax=axes, shrink=0.8)
    return figure


def predictions(images: np.ndarray, labels: Sequence[int], guesses: Sequence[int],
                class_names: Sequence[str], columns: int = 6) -> Figure:  # fmt: skip
    """Return images (n, 1, h, w) in a grid, each under what the model says; a wrong one also says what it is."""
    right = sum(int(label) == int(guess) for label, guess in zip(labels, guesses, strict=True))
    faults = [f"{class_names[label]} taken for {class_names[guess]}"
              for label, guess in zip(labels, guesses, strict=True) if label != guess]  # fmt: skip
    alt = f"{len(images)} images with the model's answers, {right} of them right."
    alt += f" Wrong: {'; '.join(faults)}." if faults else ""
    rows = -(-len(images) // columns)
    figure, axes = style.subplots(
        rows, columns, alt=alt, squeeze=False, figsize=(1.45 * columns, 1.95 * rows)
    )
    for ax in axes.flat:
        ax.axis("off")
    for ax, image, label, guess in zip(axes.flat, images, labels, guesses, strict=False):
        scaled = image[0] / 255.0 if image.dtype == np.uint8 else image[0]
        draw(ax, scaled)
        ok = int(label) == int(guess)
        text = f"✓ {class_names[guess]}" if ok else f"✗ said {class_names[guess]}\nis {class_names[label]}"
        ax.set_title(text, fontsize=9, **({} if ok else {"color": style.WRONG, "fontweight": "bold"}))
    return figure


def _by_layer(plain: Sequence[float], residual: Sequence[float], what: str, log: bool) -> Figure:
    said = "; ".join(
        f"{kind}: {values[0]:.3g} at the first layer, {values[-1]:.3g} at the last of {len(values)}"
        for kind, values in (("plain", plain), ("residual", residual))
    )
    figure, ax = style.subplots(
        alt=f"{what[0].upper()}{what[1:]}, layer by layer. {said}.", figsize=(7.0, 3.5)
    )
    for kind, values in (("plain", plain), ("residual", residual)):
        ax.plot(range(1, len(values) + 1), values, label=kind, **LOOKS[kind] | {"markersize": 3.5})
    if log:
        ax.set_yscale("log")
    else:
        ax.set_ylim(bottom=0)
    stages = _stage_starts(max(len(plain), len(residual)))
    for start in stages:
        ax.axvline(start, color=style.faint(), linewidth=0.8, zorder=0, marker="")
    ax.set_xticks([1, *stages, len(plain)])
    ax.set(xlabel="layer, from the input to the output; thin lines: a stage begins", ylabel=what)
    _finish(ax)
    return figure


def _stage_starts(layers: int) -> list[int]:
    """Return where stages 2 and 3 of a network of 6n + 2 layers begin, counted from 1; nothing for another network."""
    n, rest = divmod(layers - 2, 6)
    return [] if rest or n < 1 else [2 * n + 2, 4 * n + 2]


def _finish(ax: Axes) -> None:
    ax.legend(frameon=False)
    ax.grid(True, axis="y", linewidth=0.6)
    if ax.get_yscale() == "linear" and ax.get_ylim()[1] <= 1.1:
        ax.yaxis.set_major_formatter(PER_CENT)


def _by_depth(depths: Sequence[int], values: Sequence[float]) -> str:
    return ", ".join(f"{100 * value:.1f} % at {depth}" for depth, value in zip(depths, values, strict=True))


def _ranges(spread: Mapping[str, Any], kind: str) -> str:
    columns = zip(*spread[kind], strict=True)
    pairs = zip(spread["depths"], columns, strict=True)
    return ", ".join(f"{100 * min(c):.1f} to {100 * max(c):.1f} % at {depth}" for depth, c in pairs)


def _range(values: Sequence[float]) -> str:
    return f"{min(values):.2f} to {max(values):.2f}"


def _region(values: np.ndarray) -> str:
    """Return where in a map (h, w) the largest value is, in words."""
    row, column = np.unravel_index(int(np.argmax(values)), values.shape)
    rows, columns = ("top", "middle", "bottom"), ("left", "middle", "right")
    return f"{rows[3 * row // values.shape[0]]} {columns[3 * column // values.shape[1]]}"


def _shares(values: Sequence[float]) -> str:
    return ", ".join(f"{100 * value:.1f} %" for value in values)
