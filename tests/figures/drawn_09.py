"""One example of every figure of unit 9."""

from __future__ import annotations

from collections.abc import Callable

from convbook.figures import architectures, scale
from convbook.figures.scale import Layer, Network
from convbook.style import Figure

SMALL = Network(
    (1, 28, 28),
    (
        Layer("conv1", "conv", (8, 28, 28), 80, 56448),
        Layer("a", "conv", (4, 28, 28), 36, 25088, ("conv1",)),
        Layer("b", "maxpool", (8, 28, 28), 0, 0, ("conv1",)),
        Layer("pool", "avgpool", (12,), 0, 0, ("a", "b")),
        Layer("fc", "linear", (10,), 130, 120, ("pool",)),
    ),
)
LARGE = Network(
    (3, 64, 64),
    (
        Layer("conv1", "conv", (64, 64, 64), 1792, 7_077_888),
        Layer("fc", "linear", (10,), 650, 640, ("conv1",)),
    ),
)

MADE: dict[str, Callable[[], Figure]] = {
    "scale.to_scale": lambda: scale.to_scale({"small": SMALL, "large": LARGE}),
    "architectures.bill": lambda: architectures.bill([("conv1", 6272, 80), ("pool", 1568, 0), ("fc", 10, 15690)]),
    "architectures.against_cost": lambda: architectures.against_cost(
        {"LeNet-5": (LARGE, 0.152), "mine": (SMALL, 0.18)}, mine="mine", most=2_000_000
    ),
}  # fmt: skip
