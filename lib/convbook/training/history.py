"""What a training leaves behind, and what a hook sees while it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Score(NamedTuple):
    """Hold how well a model does on some images: mean cross-entropy, and the share it gets right (0–1)."""

    loss: float
    accuracy: float

    @property
    def error(self) -> float:
        """Return the share of images the model gets wrong, 0–1."""
        return 1 - self.accuracy


@dataclass(frozen=True)
class Epoch:
    """Hold what one finished epoch came to; the validation numbers are None without validation data."""

    loss: float
    accuracy: float
    seconds: float
    validation_loss: float | None = None
    validation_accuracy: float | None = None


@dataclass
class History:
    """Hold one `Epoch` per finished epoch in `rows`, and give each of its numbers as a list.

    `losses` and `accuracies` (0–1) are means over an epoch's training images while the weights were
    changing; the validation lists are measured after each epoch and are empty without validation data.
    `stopped` is empty after a whole training, else the sentence that says why it ended; `reason` is then
    "interrupted", "asked" or "NaN".
    """

    rows: list[Epoch] = field(default_factory=list)
    reason: str = ""
    stopped: str = ""

    @property
    def losses(self) -> list[float]:
        return [row.loss for row in self.rows]

    @property
    def accuracies(self) -> list[float]:
        return [row.accuracy for row in self.rows]

    @property
    def seconds(self) -> list[float]:
        return [row.seconds for row in self.rows]

    @property
    def validation_losses(self) -> list[float]:
        return [row.validation_loss for row in self.rows if row.validation_loss is not None]

    @property
    def validation_accuracies(self) -> list[float]:
        return [row.validation_accuracy for row in self.rows if row.validation_accuracy is not None]

    @property
    def epochs(self) -> int:
        return len(self.rows)

    def __str__(self) -> str:
        if not self.epochs:
            return "no epoch was finished"
        text = f"{self.epochs} {'epoch' if self.epochs == 1 else 'epochs'} in {sum(self.seconds):.1f} s: "
        text += f"loss {self.losses[-1]:.3f}, accuracy {self.accuracies[-1]:.3f}"
        if self.validation_accuracies:
            text += f", validation accuracy {self.validation_accuracies[-1]:.3f}"
        return text


@dataclass(frozen=True)
class Moment:
    """Show a hook where a training stands.

    `epoch` and `batch` count from 1; `loss` and `accuracy` are means over the epoch so far; `seconds` since
    the start. After an epoch's last batch the history already holds that epoch.
    """

    name: str
    epoch: int
    epochs: int
    batch: int
    batches: int
    loss: float
    accuracy: float
    learning_rate: float
    seconds: float
    history: History

    @property
    def done(self) -> float:
        """Return the share of the training that is behind, 0–1.

        >>> Moment("", 2, 4, 5, 10, 0.3, 0.9, 0.1, 1.0, History()).done
        0.375
        """
        return (self.epoch - 1 + self.batch / self.batches) / self.epochs
