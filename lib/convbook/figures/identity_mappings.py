"""The figures of unit 11: what a path leaves of a signal, and which shortcut trains best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.ticker import FuncFormatter, MaxNLocator

from convbook import style
from convbook.style import Figure

MARKERS = ("o", "s", "^", "D", "v", "P")


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
        ax.barh(row, _mean(errors), color=style.BLUE, alpha=0.35, height=0.6)
        ax.plot(errors, [row] * len(errors), "o", color=style.BLUE, markersize=5, linestyle="")
    ax.set_yticks(range(len(ranking)), [kind for kind, _ in ranking])
    ax.invert_yaxis()
    ax.set(xlabel="share of the training images that are wrong", xlim=(0, 1))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.0f} %"))
    return figure


def along_the_path(values: Mapping[str, Sequence[float]], what: str) -> Figure:
    """Return a number for each count of blocks, from one block on, for every kind; log scale."""
    told = "; ".join(
        f"{kind}: {found[0]:.3g} at first, {found[-1]:.3g} at last" for kind, found in values.items()
    )
    figure, ax = style.subplots(
        alt=f"{what[0].upper()}{what[1:]} against the number of blocks. {told}.", figsize=(6.4, 3.6)
    )
    for marker, (kind, found) in zip(MARKERS, values.items(), strict=False):
        ax.plot(range(1, len(found) + 1), found, label=kind, marker=marker, markersize=3.5)
    ax.set_yscale("log")
    ax.set(xlabel="blocks", ylabel=what)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend()
    return figure


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
