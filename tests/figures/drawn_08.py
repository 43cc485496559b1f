"""One example of every figure of unit 08, by the function's module and name."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from convbook.figures import augmentation_and_transfer as transfer
from convbook.style import Figure

PHOTOS = np.random.default_rng(8).uniform(size=(6, 9, 12))
RUNS = {"from scratch": [0.7, 0.8], "frozen body": [0.75, 0.77], "tuned": [0.9, 0.86]}

MADE: dict[str, Callable[[], Figure]] = {
    "augmentation_and_transfer.shelf": lambda: transfer.shelf({"Sandal": PHOTOS, "Sneaker": PHOTOS[:4]}),
    "augmentation_and_transfer.changed": lambda: transfer.changed(
        PHOTOS[:3],
        PHOTOS[:3, :, ::-1],
        [("Shirt", "Coat"), ("Bag", "Shirt"), ("Coat", "Pullover")],
        "mirrored",
    ),
    "augmentation_and_transfer.crops": lambda: transfer.crops(PHOTOS[0], 7),
    "augmentation_and_transfer.compared": lambda: transfer.compared({"5 a class": RUNS, "20 a class": RUNS}),
    "augmentation_and_transfer.drift": lambda: transfer.drift(
        [0, 5, 20], {"thawed": [0.9, 0.6, 0.3], "frozen": [0.9] * 3}
    ),
    "augmentation_and_transfer.named": lambda: transfer.named(
        PHOTOS, ["Sandal"] * 5 + ["Sneaker"], ["Sandal"] * 6, columns=3
    ),
}
