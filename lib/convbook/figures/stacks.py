"""A stack of layers with its bill: what it costs, and how much of the image one unit sees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from convbook import style
from convbook.style import Figure

NUMBERS = {
    "conv": "('conv', c_out, k, stride, padding)", "pool": "('pool', k, stride)",
    "flatten": "('flatten',)", "linear": "('linear', n_out)",
}  # fmt: skip
LONGEST = 1.4  # of a bar, where 1 is all that is asked
COLOURS = {"conv": style.SKY, "pool": style.ORANGE, "flatten": "#bdbdbd", "linear": style.GREEN}


@dataclass(frozen=True)
class Bill:
    """Hold a stack of layers with the shape and the costs of each, and what a unit of its last map sees.

    `field` is the side of a unit's field; `seen` is how many rows and columns of the image lie in the field of
    the unit that lies best.
    """

    layers: tuple[tuple, ...]
    shape: tuple[int, ...]
    shapes: tuple[tuple[int, ...], ...]
    params: tuple[int, ...]
    macs: tuple[int, ...]
    field: int
    seen: tuple[int, int] = (0, 0)

    def __str__(self) -> str:
        rows = [
            f"{layer!s:24} {shape!s:16} {params:>12,} {macs:>14,}"
            for layer, shape, params, macs in zip(
                self.layers, self.shapes, self.params, self.macs, strict=True
            )
        ]
        head = f"{'layer':24} {'shape after it':16} {'parameters':>12} {'multiply–adds':>14}"
        return "\n".join([head, *rows, f"{'in all':41} {sum(self.params):>12,} {sum(self.macs):>14,}"])


def billed(
    layers: Sequence[tuple],
    shape: tuple[int, int, int],
    trace: Callable[..., list],
    params: Callable[..., int],
    macs: Callable[..., int],
    field: Callable[..., tuple] | None = None,
) -> Bill:
    """Return the bill of a stack, worked out by the functions given; without `field` nothing is seen.

    Shape: the input's, (c, h, w). Raises `ValueError`, in one sentence, for a layer that does not exist or does not fit.
    """
    for layer in layers:
        examine(layer)
    if len(shape) != 3 or min(shape) < 1:
        raise ValueError(
            f"an image has a shape (c, h, w) with sides of at least 1; this one has {tuple(shape)}"
        )
    shapes: list[tuple[int, ...]] = []
    for place in range(len(layers)):
        shapes.append(_next_shape(layers, place, (shape, *shapes)[-1], trace))
    costs = []
    for layer, before, after in zip(layers, [tuple(shape), *shapes], shapes, strict=False):
        kernel = layer[2] if layer[0] == "conv" else 1  # on one pixel a linear layer is a 1 × 1 convolution
        weighted = layer[0] in ("conv", "linear")
        places = after[1:] if layer[0] == "conv" else (1, 1)
        costs.append(
            (params(before[0], after[0], kernel), macs(before[0], after[0], kernel, *places))
            if weighted
            else (0, 0)
        )
    return Bill(
        tuple(layers), tuple(shape), tuple(shapes),
        tuple(int(p) for p, _ in costs), tuple(int(m) for _, m in costs),
        *(_view(layers, [tuple(shape), *shapes], field) if field else (0, (0, 0))),
    )  # fmt: skip


def _view(
    layers: Sequence[tuple], shapes: Sequence[tuple[int, ...]], field: Callable[..., tuple]
) -> tuple[int, tuple[int, int]]:
    """Return the side of the last map's fields, and how many rows and columns the best-placed unit sees.

    Padding moves the first unit's field out of the image, by so many steps as zeros are put there.
    """
    windowed = [layer for layer in layers if layer[0] in ("conv", "pool")]
    windows = [layer[2:4] if layer[0] == "conv" else layer[1:3] for layer in windowed]
    size, jump = (int(number) for number in field(windows))
    steps = [int(field(windows[:below])[1]) for below in range(len(windows))]
    start = -sum(layer[4] * step for layer, step in zip(windowed, steps, strict=True) if layer[0] == "conv")
    last = [shape for shape in shapes if len(shape) == 3][-1]
    rows, columns = (
        max(min(first + size, side) - max(first, 0) for first in range(start, start + units * jump, jump))
        for side, units in zip(shapes[0][1:], last[1:], strict=True)
    )
    return size, (rows, columns)


def _next_shape(
    layers: Sequence[tuple], place: int, before: tuple[int, ...], trace: Callable[..., list]
) -> tuple[int, ...]:
    """Return the shape after one layer of a stack; `ValueError` where the layer cannot follow what is below it."""
    does_not_fit = f"layer {place}, {layers[place]}, does not fit on a shape of {tuple(before)}"
    if len(before) == 1 and layers[place][0] in ("conv", "pool"):
        raise ValueError(f"{does_not_fit}: after 'flatten' there are no rows and columns left")
    if len(before) == 3 and layers[place][0] == "linear":
        raise ValueError(f"{does_not_fit}: put ('flatten',) before it")
    try:
        after = tuple(int(side) for side in trace([layers[place]], before)[-1])
    except RuntimeError as error:  # PyTorch's, where it stands in
        raise ValueError(f"{does_not_fit}: its window is larger than that") from error
    if min(after) < 1:
        raise ValueError(f"{does_not_fit}: its window is larger than that")
    return after


def examine(layer: tuple) -> None:
    """Raise `ValueError`, in one sentence, for what is no layer."""
    kind, *numbers = layer if isinstance(layer, tuple | list) and layer else (layer,)
    if kind not in NUMBERS:
        raise ValueError(f"there is no layer {kind!r}; a stack is made of {', '.join(NUMBERS)}")
    if len(numbers) != NUMBERS[kind].replace("',)", "'").count(","):
        raise ValueError(f"{layer} has {len(numbers)} numbers; write {NUMBERS[kind]}")
    least = [1, 1, 1, 0][: len(numbers)]
    if any(not isinstance(n, int) or n < low for n, low in zip(numbers, least, strict=True)):
        raise ValueError(
            f"{layer} has a number that cannot be: all are whole, at least 1, and a padding at least 0"
        )


@dataclass(frozen=True)
class Demand:
    """Hold one demand on a stack: its name, how much of it is used or reached (1 is all), and whether it is met."""

    name: str
    share: float
    text: str
    met: bool


def demands(
    bill: Bill, params: int, macs: int, maps: int = 32, convolutions: int = 4, narrowest: int = 16
) -> list[Demand]:
    """Return what is asked of a stack, and how it does; both budgets come last."""
    made = (bill.shapes or (bill.shape,))[-1][0]
    seen, side = min(zip(bill.seen, bill.shape[1:], strict=True), key=lambda pair: pair[0] / pair[1])
    wide = sum(layer[0] == "conv" and layer[2] >= 3 for layer in bill.layers)
    fewest = min((layer[1] for layer in bill.layers if layer[0] == "conv"), default=0)
    asked = [
        ("view", seen, side, "pixels of a side that one unit sees"),
        ("convolutions", wide, convolutions, "convolutions of 3 × 3 or larger"),
        ("narrowest", fewest, narrowest, "maps in the narrowest convolution"),
        ("maps", made, maps, "maps at the end"),
    ]
    spent = [("parameters", sum(bill.params), params, "parameters"), ("work", sum(bill.macs), macs, "multiply–adds")]  # fmt: skip
    return [Demand(name, has / need, f"{what}: {has:,}, at least {need:,}", has >= need) for name, has, need, what in asked] + [
        Demand(name, has / limit, f"{what}: {has:,}, at most {limit:,}", has <= limit) for name, has, limit, what in spent
    ]  # fmt: skip


def score(bill: Bill, params: int, macs: int, **further: int) -> int:
    """Return how much of the scarcer budget is left, in percent; 0 where anything that is asked is missed.

    >>> stack = Bill((("conv", 16, 3, 1, 1),), (1, 3, 3), ((16, 3, 3),), (25,), (10,), 3, (3, 3))
    >>> score(stack, params=100, macs=100, maps=16, convolutions=1), score(stack, params=100, macs=100)
    (75, 0)
    """
    asked = demands(bill, params, macs, **further)
    return int(100 * (1 - max(asked[-2].share, asked[-1].share))) if all(one.met for one in asked) else 0


def report(bill: Bill, params: int, macs: int, **further: int) -> str:
    """Return in words how a stack does against what is asked."""
    told = [f"{'✓' if one.met else '✗'} {one.text}" for one in demands(bill, params, macs, **further)]
    return "\n".join([*told, f"score {score(bill, params, macs, **further)} of 100"])


def tower(bill: Bill, params: int, macs: int, photo: np.ndarray | None = None) -> Figure:
    """Return a stack as blocks from left to right, as high as their maps, wider for more channels, over what is asked of it.

    `photo` (3, h, w), 0–1, is drawn as the first block.
    """
    asked = demands(bill, params, macs)
    shapes = "; ".join(f"{a[0]} gives {s}" for a, s in zip(bill.layers, bill.shapes, strict=True))
    told = "; ".join(f"{'met' if one.met else 'missed'}: {one.text}" for one in asked)
    alt = f"A stack of layers as blocks: {shapes or 'none'}. Below, bars. {told}."
    figure, axes = style.subplots(2, 1, alt=alt, figsize=(style.WIDE, 4.9), height_ratios=(1.7, 1))
    _draw_blocks(axes[0], bill, photo)
    axes[0].set_title(f"score {score(bill, params, macs)} of 100")
    ink = style.ink()
    for row, one in enumerate(asked):
        colour, mark = (style.GREEN, "✓") if one.met else (style.WRONG, "✗")
        axes[1].barh(row, min(one.share, LONGEST), color=colour, height=0.6)
        axes[1].text(LONGEST + 0.03, row, f"{mark} {one.text}", va="center", color=ink)
    axes[1].axvline(1, linestyle="--", linewidth=1, marker="", color=ink)
    axes[1].set(xlim=(0, 2.9), yticks=range(len(asked)), yticklabels=[one.name for one in asked])
    axes[1].set(xticks=[1], xticklabels=["what is asked, or may be spent"])
    axes[1].invert_yaxis()
    return figure


def _draw_blocks(ax: Axes, bill: Bill, photo: np.ndarray | None) -> None:
    """Draw the input and every layer as a block, named above, with its shape below."""
    left, side, ink = 0.0, max(bill.shape[1:]), style.ink()
    for layer, shape in zip((("image",), *bill.layers), (bill.shape, *bill.shapes), strict=True):
        high = max(shape[1] / side, 0.02) if len(shape) == 3 else 0.3
        wide = 0.25 + 0.01 * min(shape[0], 64)
        if layer[0] == "image" and photo is not None:
            wide = shape[2] / side
            ax.imshow(
                np.moveaxis(np.clip(photo, 0, 1), 0, -1), extent=(left, left + wide, 0, high), aspect="auto"
            )
        else:
            ax.add_patch(
                Rectangle(
                    (left, 0),
                    wide,
                    high,
                    facecolor=COLOURS.get(layer[0], "#bdbdbd"),
                    edgecolor=style.settings()["axes.edgecolor"],
                )
            )
        ax.text(left + wide / 2, high + 0.03, _named(layer), ha="center", va="bottom", fontsize=8, color=ink)
        ax.text(
            left + wide / 2, -0.04, "×".join(map(str, shape)), ha="center", va="top", fontsize=8, color=ink
        )
        left += wide + 0.45
    ax.set(xlim=(-0.1, max(left - 0.3, 1)), ylim=(-0.2, 1.3), aspect="equal")
    ax.axis("off")


def _named(layer: tuple) -> str:
    """Return a layer in two short lines: its kind with its window, and its stride if it is not 1."""
    kind, *numbers = layer
    if kind not in ("conv", "pool"):
        return kind
    k, stride = numbers[1:3] if kind == "conv" else numbers
    return f"{kind} {k}×{k}" + (f"\nstride {stride}" if stride > 1 else "")
