"""A stack of layers with its bill: what it costs, and how much of the image one unit sees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.patches import Rectangle

from convbook import style
from convbook.style import Figure

NUMBERS = {
    "conv": "('conv', c_out, k, stride, padding)", "pool": "('pool', k, stride)",
    "flatten": "('flatten',)", "linear": "('linear', n_out)",
}  # fmt: skip
COLOURS = {"conv": style.SKY, "pool": style.ORANGE, "flatten": "#bdbdbd", "linear": style.GREEN}


@dataclass(frozen=True)
class Bill:
    """Hold a stack of layers with the shape, parameters and multiply–adds of each, and the field of its last unit."""

    layers: tuple[tuple, ...]
    shape: tuple[int, ...]
    shapes: tuple[tuple[int, ...], ...]
    params: tuple[int, ...]
    macs: tuple[int, ...]
    field: int

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
    field: Callable[..., tuple],
) -> Bill:
    """Return the bill of a stack, worked out by the four functions that are given.

    Shape: the input's, (c, h, w). Raises `ValueError`, in one sentence, for a layer that does not exist or does not fit.
    """
    for layer in layers:
        examine(layer)
    if len(shape) != 3 or min(shape) < 1:
        raise ValueError(
            f"an image has a shape (c, h, w) with sides of at least 1; this one has {tuple(shape)}"
        )
    shapes = [tuple(int(side) for side in one) for one in trace(list(layers), shape)]
    costs = []
    for layer, before, after in zip(layers, [tuple(shape), *shapes], shapes, strict=False):
        if min(after) < 1:
            raise ValueError(
                f"the layer {layer} does not fit on a shape of {before}: its window is larger than that"
            )
        kernel = layer[2] if layer[0] == "conv" else 1  # on one pixel a linear layer is a 1 × 1 convolution
        weighted = layer[0] in ("conv", "linear")
        places = after[1:] if layer[0] == "conv" else (1, 1)
        costs.append(
            (params(before[0], after[0], kernel), macs(before[0], after[0], kernel, *places))
            if weighted
            else (0, 0)
        )
    windows = [layer[2:4] if layer[0] == "conv" else layer[1:3] for layer in layers if layer[0] in ("conv", "pool")]  # fmt: skip
    return Bill(
        tuple(layers), tuple(shape), tuple(shapes), tuple(int(p) for p, _ in costs),
        tuple(int(m) for _, m in costs), int(field(windows)[0]),
    )  # fmt: skip


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


def score(bill: Bill, params: int, macs: int) -> int:
    """Return how much of the scarcer budget is left, in percent; 0 where a budget is broken or the image is not seen.

    >>> score(Bill((), (1, 4, 4), (), (25,), (10,), 4), params=100, macs=100)
    75
    """
    spent = max(sum(bill.params) / params, sum(bill.macs) / macs)
    sees = bill.field >= max(bill.shape[1:])
    return int(100 * (1 - spent)) if sees and spent <= 1 else 0


def report(bill: Bill, params: int, macs: int) -> str:
    """Return in words how a stack does within its budgets."""
    side = max(bill.shape[1:])
    rows = (
        (bill.field >= side, f"one unit sees {bill.field} pixels, and the image's longer side has {side}"),
        (sum(bill.params) <= params, f"{sum(bill.params):,} of {params:,} parameters"),
        (sum(bill.macs) <= macs, f"{sum(bill.macs):,} of {macs:,} multiply–adds"),
    )
    told = [f"{'✓' if good else '✗'} {text}" for good, text in rows]
    return "\n".join([*told, f"score {score(bill, params, macs)}: the percentage of the scarcer budget that is left"])  # fmt: skip


def tower(bill: Bill, params: int, macs: int) -> Figure:
    """Return a stack as blocks from left to right, as high as their maps and as wide as their channels, over its budgets."""
    side = max(bill.shape[1:])
    told = report(bill, params, macs).replace("✓ ", "").replace("✗ ", "").replace("\n", "; ")
    shapes = "; ".join(f"{a[0]} gives {s}" for a, s in zip(bill.layers, bill.shapes, strict=True))
    figure, axes = style.subplots(
        2, 1, alt=f"A stack of layers as blocks: {shapes}. Below: {told}.", figsize=(10.5, 4.6),
        height_ratios=(2.2, 1),
    )  # fmt: skip
    _draw_blocks(axes[0], bill, side)
    shares = [
        ("sees the image", bill.field / side, f"{bill.field} of {side} pixels", bill.field >= side),
        ("parameters", sum(bill.params) / params, f"{sum(bill.params):,} of {params:,}", sum(bill.params) <= params),
        ("multiply–adds", sum(bill.macs) / macs, f"{sum(bill.macs):,} of {macs:,}", sum(bill.macs) <= macs),
    ]  # fmt: skip
    axes[1].axvline(1, linestyle="--", linewidth=1, marker="")
    for row, (_, share, text, good) in enumerate(shares):
        axes[1].barh(row, min(share, 1.5), color=style.GREEN if good else style.VERMILION, height=0.6)
        axes[1].text(min(share, 1.5) + 0.02, row, ("✓ " if good else "✗ ") + text, va="center")
    axes[1].set(xlim=(0, 2.1), yticks=range(3), yticklabels=[name for name, *_ in shares], xticks=[1])
    axes[1].set_xticklabels(["the whole image, the whole budget"])
    axes[1].invert_yaxis()
    return figure


def _draw_blocks(ax, bill: Bill, side: int) -> None:
    """Draw the input and every layer as a block, with its shape below."""
    left, gap = 0.0, 0.35
    for layer, shape in zip((("image",), *bill.layers), (bill.shape, *bill.shapes), strict=True):
        high = max(shape[1] / side, 0.02) if len(shape) == 3 else 0.3
        wide = 0.25 + 0.02 * min(shape[0], 64)
        colour = COLOURS.get(layer[0], "#bdbdbd")
        ax.add_patch(Rectangle((left, 0.5 - high / 2), wide, high, facecolor=colour, edgecolor="#1b1b1b"))
        window = f" {layer[2] if layer[0] == 'conv' else layer[1]}" if layer[0] in ("conv", "pool") else ""
        step = layer[3] if layer[0] == "conv" else layer[2] if layer[0] == "pool" else 1
        middle = left + wide / 2
        ax.text(
            middle,
            1.04,
            layer[0] + window + (f"\nstride {step}" if step > 1 else ""),
            ha="center",
            fontsize=8,
        )
        ax.text(middle, -0.04, "×".join(map(str, shape)), ha="center", va="top", fontsize=8, rotation=30)
        left += wide + gap
    ax.set(xlim=(-0.2, max(left, 1)), ylim=(-0.22, 1.25))
    ax.axis("off")
