"""The figures of unit 11: what a path leaves of a signal, and which shortcut trains best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.ticker import FuncFormatter, MaxNLocator

from convbook import style
from convbook.style import Figure


def ranked_shortcuts(ranking: Sequence[tuple[str, Sequence[float]]]) -> Figure:
    """Return the training error (0–1) of every kind of shortcut: a dot for each seed, a bar for the mean, the best on top."""
    if not ranking:
        raise ValueError("nothing was trained: there is no kind of shortcut to draw")
    told = "; ".join(
        f"{kind}: {_mean(errors):.1%}, from {min(errors):.1%} to {max(errors):.1%}"
        for kind, errors in ranking
    )
    figure, ax = style.subplots(
        alt=f"Training error by shortcut, the best first. {told}.", figsize=(6.4, 0.55 * len(ranking) + 1.2)
    )
    for row, (_, errors) in enumerate(ranking):
        ax.barh(row, _mean(errors), color=style.SKY, alpha=0.6, height=0.6)
        ax.plot(errors, [row] * len(errors), "o", color=style.ink(), markersize=5, linestyle="")
    ax.set_yticks(range(len(ranking)), [kind for kind, _ in ranking])
    ax.invert_yaxis()
    ax.set(xlabel="share of the training images that are wrong", xlim=(0, 1))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.0f} %"))
    return figure


def down_the_path(maps: Mapping[str, Sequence[np.ndarray]], blocks: Sequence[int]) -> Figure:
    """Return what is left of one map (h, w) after so many blocks: a row for each kind of shortcut, one signed scale for all."""
    told = "; ".join(
        f"{kind}: {', '.join(f'{_size(one) / max(_size(row[0]), 1e-12):.0%} after {n}' for n, one in zip(blocks, row, strict=True))}"
        for kind, row in maps.items()
    )
    figure, axes = style.subplots(
        len(maps), len(blocks), squeeze=False, figsize=(1.25 * len(blocks) + 2.2, 1.2 * len(maps) + 0.5),
        alt=f"One map on its way along the shortcuts of many blocks, and its size compared with what entered. {told}.",
    )  # fmt: skip
    reach = max(float(np.abs(one).max()) for one in maps[next(iter(maps))])
    for place, (kind, row) in enumerate(maps.items()):
        for ax, count, values in zip(axes[place], blocks, row, strict=True):
            image = ax.imshow(values, cmap=style.SIGNED, vmin=-reach, vmax=reach)
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set_visible(True)  # what has faded to white still needs an edge on a white page
            if place == 0:
                ax.set_title("as it enters" if count == 0 else f"{count} block{'s' * (count > 1)}")
        axes[place, 0].set_ylabel(kind, rotation=0, ha="right", va="center")
    figure.colorbar(image, ax=axes, shrink=0.6)
    return figure


def along_the_path(values: Mapping[str, Sequence[float]], what: str) -> Figure:
    """Return a number for each count of blocks, from one block on, for every kind; log scale."""
    told = "; ".join(
        f"{kind}: {found[0]:.3g} at first, {found[-1]:.3g} at last" for kind, found in values.items()
    )
    figure, ax = style.subplots(
        alt=f"{what[0].upper()}{what[1:]} against the number of blocks. {told}.", figsize=(6.4, 3.6)
    )
    for kind, found in values.items():
        ax.plot(range(1, len(found) + 1), found, label=kind, markersize=3.5)
    ax.set_yscale("log")
    ax.set(xlabel="blocks", ylabel=what)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend()
    return figure


def _size(values: np.ndarray) -> float:
    """Return the root mean square."""
    return float(np.sqrt(np.mean(np.square(values))))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
