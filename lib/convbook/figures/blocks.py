"""Drawings of blocks and networks, from boxes that say what feeds what: `checks.resnet.drawing` gives them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch, Rectangle

from convbook import style
from convbook.style import Figure

Boxes = Sequence[Mapping[str, Any]]
COLOURS = {
    "conv": style.SKY, "linear": style.SKY, "bn": "#c9c9cc", "relu": style.ORANGE, "F": style.SKY,
    "subsample": style.GREEN, "widen": style.GREEN, "block": style.SKY, "maxpool": style.GREEN,
}  # fmt: skip
HALF, HIGH = 0.88, 0.31  # of a box: half its width, half its height; rows are 1 apart
SIDE_LANE = 1.9  # where a shortcut's own layers stand, right of the main path
CIRCLE = 17  # points: the sign of an addition
BARE_LANE = 1.15  # where a shortcut without layers passes


def blocks(drawings: Mapping[str, Boxes], width: float = 2.75) -> Figure:
    """Return blocks side by side under their names, from the input at the top to the output at the bottom.

    Each drawing is a list of boxes with `kind`, `text`, `shape` (c, h, w) and `from`, the places of what feeds the box; box 0 is
    the input. Where the shape changes on its way it is written beside the arrow.
    """
    alt = "Drawings of blocks. " + " ".join(f"{name}: {_told(boxes)}." for name, boxes in drawings.items())
    places = [at for boxes in drawings.values() for at in _placed(boxes).values()]
    lowest = min(y for _, y in places)
    right = SIDE_LANE + HALF if max(x for x, _ in places) else BARE_LANE
    figure, axes = style.subplots(
        1, len(drawings), alt=alt, squeeze=False, figsize=(width * len(drawings), 0.5 * (1.5 - lowest) + 0.3)
    )
    for ax, (name, boxes) in zip(axes[0], drawings.items(), strict=True):
        _draw_block(ax, boxes, right, lowest)
        ax.set_title(name)
    return figure


def networks(drawings: Mapping[str, Boxes]) -> Figure:
    """Return networks one above the other: a box for each step, as high as its maps are, with the sizes of each stage."""
    alt = "Networks, step by step. " + " ".join(
        f"{name}: {_stages_told(boxes)}." for name, boxes in drawings.items()
    )
    figure, axes = style.subplots(
        len(drawings), 1, alt=alt, squeeze=False, figsize=(style.WIDE, 1.75 * len(drawings))
    )
    for ax, (name, boxes) in zip(axes[:, 0], drawings.items(), strict=True):
        _draw_network(ax, boxes)
        ax.set_title(name, loc="left")
    return figure


def _main_path(boxes: Boxes) -> list[int]:
    """Return the places of the main path: at an addition that is what stands first in the sum."""
    path = [len(boxes) - 1]
    while boxes[path[0]]["from"]:
        path.insert(0, boxes[path[0]]["from"][0])
    return path


def _placed(boxes: Boxes) -> dict[int, tuple[float, float]]:
    """Return where each box stands: the main path in a column, what lies beside it spread over the rows that it spans.

    Rows are 1 apart, and more where the shortcut has more layers than the path beside it.
    """
    path = _main_path(boxes)
    beside = [place for place in range(len(boxes)) if place not in path]
    meets = next((row for row, p in enumerate(path) if boxes[p]["kind"] == "add"), 1)
    stretch = max(1.0, (len(beside) + 1) / meets)
    rows = [row * stretch if row <= meets else row + meets * (stretch - 1) for row in range(len(path))]
    places = {place: (0.0, -row) for place, row in zip(path, rows, strict=True)}
    for number, place in enumerate(beside, start=1):
        places[place] = (SIDE_LANE, -number * meets * stretch / (len(beside) + 1))
    return places


def _draw_block(ax: Axes, boxes: Boxes, right: float, lowest: float) -> None:
    places, path = _placed(boxes), _main_path(boxes)
    for place, box in enumerate(boxes):
        for source in box["from"]:
            straight = places[source][0] == places[place][0] and not (source == 0 and path[1] != place)
            _arrow(ax, places[source], places[place], boxes[source]["kind"], box["kind"], straight)
        _draw_box(ax, places[place], box)
    x, y = places[len(boxes) - 1]
    _arrow(ax, (x, y), (x, y - 0.9), boxes[-1]["kind"], "output", True)
    ax.text(x + 0.12, y - 0.68, _maps(boxes[-1]), fontsize=8.5, va="center")
    ax.text(0.2, 0.02, _maps(boxes[0]), fontsize=8.5, va="center")
    ax.set(xlim=(-HALF - 0.05, right + 0.05), ylim=(lowest - 1.0, 0.45))
    ax.axis("off")


def _draw_box(ax: Axes, at: tuple[float, float], box: Mapping[str, Any]) -> None:
    ink = style.ink()
    if box["kind"] == "input":
        ax.text(*at, "x", ha="center", va="center", fontstyle="italic", fontsize=12)
        return
    if box["kind"] == "add":
        ax.plot(
            [at[0]],
            [at[1]],
            "o",
            markersize=CIRCLE,
            markerfacecolor=style.paper(),
            markeredgecolor=ink,
            linestyle="",
        )
        ax.text(*at, "+", ha="center", va="center", fontsize=13)
        return
    corner = (at[0] - HALF, at[1] - HIGH)
    shape = FancyBboxPatch(corner, 2 * HALF, 2 * HIGH, boxstyle="round,pad=0,rounding_size=0.09", linewidth=0,
                           facecolor=COLOURS[box["kind"]])  # fmt: skip
    ax.add_patch(shape)
    ax.text(*at, box["text"], ha="center", va="center", fontsize=8, color=style.ON_COLOUR)


def _arrow(
    ax: Axes, start: tuple[float, float], end: tuple[float, float], source: str, target: str, straight: bool
) -> None:
    """Draw what feeds what: straight down a column, or out to the lane of the shortcut and back."""
    ink = style.ink()
    (x0, y0), (x1, y1) = start, end
    leave = {"add": 0.3, "input": 0.25}.get(source, HIGH)
    arrive = {"add": 0.0, "output": 0.0}.get(target, HIGH)
    if straight:
        way = [(x0, y0 - leave), (x1, y1 + arrive)]
    elif x1 > x0:  # out to the shortcut's own layers
        way = [(x0, y0 - 0.45), (x1, y0 - 0.45), (x1, y1 + arrive)]
    elif x1 < x0:  # and back
        way = [(x0, y0 - leave), (x0, y1), (x1, y1)]
    else:  # past the layers
        way = [(x0, y0 - 0.45), (BARE_LANE, y0 - 0.45), (BARE_LANE, y1), (x1, y1)]
    ax.plot(*zip(*way[:-1], strict=True), color=ink, linewidth=1.2, marker="")
    look = {
        "arrowstyle": "-|>",
        "color": ink,
        "linewidth": 1.2,
        "shrinkA": 0,
        "shrinkB": CIRCLE / 2 + 1 if target == "add" else 0,
    }
    ax.annotate("", way[-1], way[-2], arrowprops=look)


def _maps(box: Mapping[str, Any]) -> str:
    c, h, w = box["shape"]
    return f"{c} maps, {h}×{w}"


def _told(boxes: Boxes) -> str:
    path = _main_path(boxes)
    beside = [boxes[place]["text"] for place in range(len(boxes)) if place not in path]
    told = ", ".join(boxes[place]["text"] for place in path[1:])
    bare = any(box["kind"] == "add" and 0 in box["from"] for box in boxes)
    shortcut = (
        f"; on the shortcut {', '.join(beside)}" if beside else "; the shortcut is bare" if bare else ""
    )
    return f"x with {_maps(boxes[0])}, then {told}{shortcut}; {_maps(boxes[-1])} leave"


def _stages(boxes: Boxes) -> list[tuple[str, tuple[int, int, int], int]]:
    """Return name, shape and number of boxes of each step of a network: blocks of one stage together, no norms and ReLUs."""
    found: list[tuple[str, tuple[int, int, int], int]] = []
    for box in boxes:
        if box["kind"] in ("bn", "relu"):
            continue
        name = box["name"].partition(".")[0] if box["kind"] == "block" else box["text"]
        if found and found[-1][0] == name:
            name, shape, count = found.pop()
            found.append((name, shape, count + 1))
        else:
            found.append((name, tuple(box["shape"]), 1))
    return [("photograph" if name == "x" else name, shape, count) for name, shape, count in found]


def _stages_told(boxes: Boxes) -> str:
    return ", ".join(
        f"{name}{f' with {count} blocks' if name.startswith('layer') else ''} {'×'.join(map(str, shape))}"
        for name, shape, count in _stages(boxes)
    )


def _draw_network(ax: Axes, boxes: Boxes) -> None:
    """Draw every block of every stage; a box is as high as the logarithm of the side of its maps."""
    left = 0.0
    for name, shape, count in _stages(boxes):
        high = 0.22 + math.log2(shape[1]) / math.log2(224)
        kind = (
            "block"
            if name.startswith("layer")
            else "input"
            if name == "photograph"
            else "conv"
            if "conv" in name
            else "relu"
        )
        wide = 0.26 if kind == "block" else 0.42
        start = left
        for _ in range(count):
            colour = COLOURS.get(kind, "#c9c9cc")
            ax.add_patch(
                Rectangle(
                    (left, -high / 2), wide, high, facecolor=colour, edgecolor=style.paper(), linewidth=1
                )
            )
            left += wide
        middle = (start + left) / 2
        label = f"{name}\n{count} block{'s'[: count > 1]}" if kind == "block" else _two_lines(name)
        ax.text(middle, 0.68, label, ha="center", va="bottom", fontsize=8)
        sizes = "×".join(map(str, shape)) if shape[1] > 1 else str(shape[0])
        ax.text(middle, -0.68, sizes, ha="center", va="top", fontsize=8)
        left = max(left, start + 0.75) + 0.42
    ax.set(xlim=(-0.35, 11.1), ylim=(-0.95, 1.12))
    ax.axis("off")


def _two_lines(text: str) -> str:
    """Break a step's words in two, where there is a comma or a space in the middle."""
    words = text.split(" ")
    cut = (len(words) + 1) // 2
    return "\n".join(" ".join(part) for part in (words[:cut], words[cut:]) if part)
