"""One example of every figure of units 06 and 07, by the function's module and name."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from convbook.figures import dropout_and_early_stopping as dropout
from convbook.figures import normalization as norms
from convbook.style import Figure

RNG = np.random.default_rng(0)
PHOTOS, NAMES = RNG.uniform(size=(4, 12, 12)), ("Ankle boot", "T-shirt/top", "Dress")
SCORES = np.array([[0.1, 0.7, 0.2], [3.0, 1.0, 2.0], [-1.0, 0.5, 1.0], [0.2, 0.3, 0.1]])
BATCH = RNG.normal(size=(4, 3))
SAMPLES, DRAWS = RNG.normal(size=(2, 400))

MADE: dict[str, Callable[[], Figure]] = {
    "normalization.curves": lambda: norms.curves(
        [1, 2, 4, 8],
        {"batch norm": [np.nan, 0.2, 0.8, 0.9], "layer norm": [0.7, 0.8, 0.85, 0.88], "group norm": [0.7, 0.75, 0.8, 0.9],
         "no norm": [0.1, 0.1, 0.4, 0.5]},
        "images in a batch", "right answers", log="x", share=True, notes={1: "refused"},
    ),
    "normalization.tables": lambda: norms.tables({"x": 20 * BATCH, "normalised": BATCH, "with gamma and beta": 20 * BATCH}),
    "normalization.shared_statistics": lambda: norms.shared_statistics(
        {"batch": (0, 2, 3), "layer": (1, 2, 3), "instance": (2, 3)}, (3, 4, 2, 2)
    ),
    "normalization.batch_mates": lambda: norms.batch_mates(
        PHOTOS[0], {"alone": [0.6, 0.3, 0.1] + [0.0] * 7, "among 1s": [0.2, 0.8] + [0.0] * 8, "among all": [0.91] + [0.01] * 9}, 0
    ),
    "normalization.bars": lambda: norms.bars({"no norm": 2.0, "batch norm": 3.1, "layer norm": 4.5, "group norm": 5.0}, "ms"),
    "dropout_and_early_stopping.opinions": lambda: dropout.opinions(PHOTOS, SCORES, NAMES, spread=np.full((4, 3), 0.5)),
    "dropout_and_early_stopping.masks": lambda: dropout.masks({"one for all": np.eye(8), "one for each": BATCH > 0}),
    "dropout_and_early_stopping.subnetworks": lambda: dropout.subnetworks(
        {"linear": BATCH.ravel(), "tanh": np.tanh(BATCH).ravel()}, {"linear": -0.25, "tanh": 0.1}, {"linear": -0.25, "tanh": 0.3}
    ),
    "dropout_and_early_stopping.lines": lambda: dropout.lines(
        (0, 0.25, 0.5), {"training images": [1.0, 0.97, 0.93], "new images": [0.8, 0.84, 0.82]}, "share dropped", "accuracy"
    ),
    "dropout_and_early_stopping.bars": lambda: dropout.bars({"scaled": 0.4, "as it is": 0.9}, "loss", right="scaled"),
    "dropout_and_early_stopping.watched": lambda: dropout.watched([3.0, 2.0, 1.0, 0.5], [3.0, 2.5, 2.75, 3.0], best=1, stop=3),
    "dropout_and_early_stopping.moments": lambda: dropout.moments(SAMPLES, 0.0, 1.0, DRAWS),
}  # fmt: skip
