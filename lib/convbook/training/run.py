"""One training as it runs: its plan of steps, its running means, the best weights so far."""

from __future__ import annotations

import math
import time

import torch
from torch import nn

from convbook.training.guard import pixels, refuse_unknown_labels
from convbook.training.history import Epoch, History, Moment, Score
from convbook.training.recipe import Recipe


class NotANumber(ArithmeticError):
    """Say in which batch the loss stopped being a number."""


class Run:
    """Take the steps of one training and keep count.

    `now` is the `Moment` after the last step; `history` grows by a row for each epoch that is closed.
    """

    def __init__(self, model: nn.Module, recipe: Recipe, images: torch.Tensor, labels: torch.Tensor, seed: int,
                 name: str):  # fmt: skip
        self.model, self.recipe, self.name = model, recipe, name
        self.layout = torch.channels_last if recipe.channels_last else torch.contiguous_format
        if recipe.channels_last:
            model.to(memory_format=self.layout)
        self.images, self.labels = images, labels
        self.plan = planned(len(images), recipe, seed)
        self.steps = len(self.plan)
        self.batches = self.steps // recipe.epochs
        self.optimizer = _optimizer(model, recipe)
        self.measure = nn.CrossEntropyLoss(label_smoothing=recipe.label_smoothing)
        self.history = History()
        self.now: Moment
        self._best = (0, snapshot(model))  # the epoch they are from, and the weights
        self._started = self._epoch_started = time.perf_counter()
        self._losses: list[float] = []  # of this epoch's batches
        self._rights: list[float] = []

    def learn(self, step: int) -> None:
        """Take one step: one batch forward, backward and into the weights."""
        rate = self.recipe.rate_at(step / self.steps)
        self.optimizer.param_groups[0]["lr"] = rate
        if not self._losses:
            self.model.train()
        images, labels = self._batch(step)
        logits = self.model(images)
        if step == 0:
            refuse_unknown_labels(self.labels, logits)
        loss = self.measure(logits, labels)
        self._losses.append(loss.item())
        self._rights.append((logits.detach().argmax(dim=1) == labels).float().mean().item())
        epoch, batch = divmod(step, self.batches)
        self._refuse_nan(epoch + 1, batch + 1)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        self.now = Moment(
            self.name, epoch + 1, self.recipe.epochs, batch + 1, self.batches, _mean(self._losses),
            _mean(self._rights), rate, time.perf_counter() - self._started, self.history,
        )  # fmt: skip

    @property
    def at_the_end_of_an_epoch(self) -> bool:
        return self.now.batch == self.batches

    def close_epoch(self, score: Score | None) -> None:
        """Add a row to the history, and keep a copy of the weights if they are the best so far."""
        ended = time.perf_counter()
        row = Epoch(_mean(self._losses), _mean(self._rights), ended - self._epoch_started, *(score or ()))
        best = (self.now.epoch, snapshot(self.model)) if self._is_best(row) else self._best
        self._epoch_started, self._losses, self._rights = ended, [], []
        self.history.rows.append(row)  # a Ctrl-C before this line: the epoch never was; after it: it is whole
        self._best = best

    def stop(self, reason: str, what: str) -> None:
        """Note why the training ended early, and put the best weights back into the model."""
        epoch, weights = self._best
        if epoch:
            self.model.load_state_dict(weights)
            kept = f"the weights are those of epoch {epoch}, the best of {self.history.epochs}"
        elif reason == "NaN":
            self.model.load_state_dict(weights)
            kept = "no epoch was finished, so the weights are as they were before the training"
        else:
            kept = "no epoch was finished, so the weights are as the last batch left them"
        name = f"{self.name}: " if self.name else ""
        self.history.reason, self.history.stopped = reason, f"{name}{what}; {kept}"

    def _batch(self, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        chosen = self.plan[step]
        images = pixels(self.images[chosen])
        if self.recipe.flips:
            mirrored = torch.rand(len(images)) < 0.5
            images = torch.where(mirrored[:, None, None, None], images.flip(3), images)
        return images.contiguous(memory_format=self.layout), self.labels[chosen]

    def _is_best(self, row: Epoch) -> bool:
        if row.validation_loss is None:
            return all(row.loss < earlier for earlier in self.history.losses)
        return all(row.validation_loss < earlier for earlier in self.history.validation_losses)

    def _refuse_nan(self, epoch: int, batch: int) -> None:
        if not math.isfinite(self._losses[-1]):
            what = "NaN" if math.isnan(self._losses[-1]) else "infinite"
            raise NotANumber(
                f"the loss became {what} in epoch {epoch} at batch {batch}: lower the learning rate "
                f"(its highest was to be {self.recipe.learning_rate:g}), "
                "or look for a division by 0 or a logarithm of 0 in the model"
            )


def _optimizer(model: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    if recipe.optimizer == "Adam":
        return torch.optim.Adam(model.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay)
    return torch.optim.SGD(
        model.parameters(), recipe.learning_rate, recipe.momentum, weight_decay=recipe.weight_decay,
        nesterov=recipe.momentum > 0,
    )  # fmt: skip


def planned(count: int, recipe: Recipe, seed: int) -> torch.Tensor:
    """Return the image numbers of every step of the whole training, (steps, batch).

    Each epoch is shuffled anew. What does not fill a batch is left out of that epoch: a batch of one or two
    images would spoil the statistics of batch norm.

    >>> planned(10, Recipe(epochs=2, batch_size=4), seed=0).shape
    torch.Size([4, 4])
    """
    generator = torch.Generator().manual_seed(seed)
    size = min(recipe.batch_size, count)
    whole = count // size
    rows = [torch.randperm(count, generator=generator)[: whole * size] for _ in range(recipe.epochs)]
    return torch.cat(rows).view(-1, size)


def snapshot(model: nn.Module) -> dict[str, torch.Tensor]:
    """Return a copy of all parameters and buffers."""
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
