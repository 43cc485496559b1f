"""The figures of unit 12."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from convbook import style
from convbook.figures.pictures import gallery
from convbook.style import Figure

__all__ = ["board", "gallery"]

ROW = 0.36  # inches


def board(counts: Mapping[str, tuple[int, int]], title: str = "") -> Figure:
    """Return a row of squares for each kind of fault: full for what a test rejected, an empty one with a cross for what slipped through.

    `counts` maps a kind to how many were rejected, and how many there are. Raises `ValueError` where it is empty.
    """
    if not counts:
        raise ValueError("a board needs at least one kind of fault with its two numbers")
    most = max(of for _, of in counts.values())
    slipped = {kind: of - rejected for kind, (rejected, of) in counts.items() if of > rejected}
    told = "; ".join(f"{kind}: {rejected} of {of} rejected" for kind, (rejected, of) in counts.items())
    alt = f"A row of squares for each kind of fault, full where the test rejected one. {told}."
    figure, ax = style.subplots(alt=alt, figsize=(style.WIDE * 0.8, ROW * len(counts) + 0.8))
    for row, (rejected, of) in enumerate(counts.values()):
        places = np.arange(of)
        ax.scatter(places[:rejected], [row] * rejected, s=190, marker="s", color=style.BLUE)
        ax.scatter(places[rejected:], [row] * (of - rejected), s=190, marker="s", facecolors="none", edgecolors=style.WRONG, linewidths=1.6)  # fmt: skip
        ax.scatter(
            places[rejected:], [row] * (of - rejected), s=60, marker="x", color=style.WRONG, linewidths=1.6
        )
        ax.text(most - 0.2, row, f"{rejected} of {of}", va="center")
    ax.set(yticks=range(len(counts)), yticklabels=list(counts), xticks=[], xlim=(-0.6, most + 1.0))
    ax.set_ylim(len(counts) - 0.5, -0.5)
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    total, caught = (sum(number[place] for number in counts.values()) for place in (1, 0))
    ending = "nothing slipped through" if not slipped else f"{total - caught} slipped through"
    ax.set_title(
        f"{title + ': ' if title else ''}{caught} of {total} faulty implementations rejected, {ending}",
        loc="left",
    )
    return figure
