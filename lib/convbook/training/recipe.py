"""A recipe: everything about a training but the model and the data, in one value that can be printed."""

from __future__ import annotations

import math
from dataclasses import dataclass

SCHEDULES = ("one cycle", "cosine", "constant")
OPTIMIZERS = ("SGD", "Adam")
WARM_UP = 0.25  # the share of a cycle in which the learning rate climbs


@dataclass(frozen=True)
class Recipe:
    """Say how long, how fast and with which regularisation to train.

    `learning_rate` is the highest one of the schedule. `flips` mirrors half of the training images left–right.
    `optimizer` is "SGD" with Nesterov's `momentum`, or "Adam" with PyTorch's own settings, which takes no momentum from here.
    `channels_last` stores images pixel by pixel, which convolutions on a CPU prefer.
    Raises `ValueError` for a value that cannot be meant.
    """

    epochs: int = 6
    batch_size: int = 64
    learning_rate: float = 0.1
    schedule: str = "one cycle"
    momentum: float = 0.9
    weight_decay: float = 1e-4
    label_smoothing: float = 0.0
    flips: bool = False
    channels_last: bool = False
    optimizer: str = "SGD"

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch_size < 1:
            raise ValueError(
                f"a training needs at least 1 epoch and 1 image a batch; got epochs={self.epochs}, "
                f"batch_size={self.batch_size}"
            )
        if not (math.isfinite(self.learning_rate) and self.learning_rate > 0):
            raise ValueError(f"the learning rate must be a number above 0; got {self.learning_rate}")
        if self.schedule not in SCHEDULES:
            raise ValueError(f"no schedule is called {self.schedule!r}; choose one of {', '.join(SCHEDULES)}")
        if self.optimizer not in OPTIMIZERS:
            raise ValueError(
                f"no optimizer is called {self.optimizer!r}; choose one of {', '.join(OPTIMIZERS)}"
            )

    def rate_at(self, done: float) -> float:
        """Return the learning rate once the share `done` (0–1) of all steps is behind.

        "one cycle" climbs in a line for a quarter of the way and falls along a cosine to 0; "cosine" only falls.

        >>> [round(Recipe(learning_rate=0.1).rate_at(done), 3) for done in (0.0, 0.25, 0.625, 1.0)]
        [0.004, 0.1, 0.05, 0.0]
        """
        if self.schedule == "constant":
            return self.learning_rate
        climb = WARM_UP if self.schedule == "one cycle" else 0.0
        if done < climb:
            return self.learning_rate * (0.04 + 0.96 * done / climb)
        return self.learning_rate * (1 + math.cos(math.pi * (done - climb) / (1 - climb))) / 2


DIGITS = Recipe(epochs=6, batch_size=64, learning_rate=0.03)
FASHION = Recipe(
    epochs=5, batch_size=128, learning_rate=0.1, weight_decay=5e-4, flips=True, channels_last=True
)
FASHION_QUICK = Recipe(epochs=2, batch_size=128, learning_rate=0.1, weight_decay=5e-4, channels_last=True)
FASHION_SUBSET = Recipe(
    epochs=5, batch_size=64, learning_rate=0.1, weight_decay=5e-4, flips=True, channels_last=True
)
LENET = Recipe(epochs=7, batch_size=128, learning_rate=0.1, weight_decay=5e-4)
