"""Train by hand, and keep the best: epochs that anyone may stop, and a LeNet's reference curve by PyTorch."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
import torch.nn.functional as functional
from threadpoolctl import threadpool_limits
from torch import nn

from convbook.bar import Bar
from convbook.training.run import snapshot


@dataclass
class Epochs:
    """Hold the loss and the accuracy (0–1) of every finished epoch, and why the training ended early, if it did."""

    losses: list[float] = field(default_factory=list)
    accuracies: list[float] = field(default_factory=list)
    stopped: str = ""


def keep_best(model: nn.Module, epochs: int, one_epoch: Callable[[], Any], score: Callable[[], Any], name: str = "") -> Epochs:  # fmt: skip
    """Call `one_epoch()` (a loss) and `score()` (an accuracy) so many times; the model ends with its best weights.

    Ctrl-C (■ in JupyterLab) ends the training at any moment, and so does a loss that is no number: the weights of the best
    finished epoch are put back, and one sentence says so. Raises `ValueError` for results that are no numbers.
    """
    if epochs < 1:
        raise ValueError(f"a training needs at least 1 epoch; got {epochs}")
    seen, bar = Epochs(), Bar(epochs, desc=name or None, unit=" epochs")
    best = (0, -1.0, snapshot(model))
    try:
        for epoch in range(1, epochs + 1):
            loss = _number(one_epoch(), "one_epoch")
            if not math.isfinite(loss):
                seen.stopped = f"the loss became {loss} in epoch {epoch}: lower the learning rate"
                break
            accuracy = _number(score(), "score")
            if accuracy > best[1]:
                best = (epoch, accuracy, snapshot(model))
            seen.losses.append(loss)
            seen.accuracies.append(accuracy)
            bar.set_postfix_str(f"loss {loss:.3f}, accuracy {accuracy:.3f}", refresh=False)
            bar.update()
    except KeyboardInterrupt:
        seen.stopped = "interrupted"
    finally:
        bar.close()
        model.load_state_dict(best[2])
    if seen.stopped:
        kept = f"the weights are those of epoch {best[0]}, the best so far" if best[0] else "no epoch was finished, so the weights are as before"  # fmt: skip
        print(f"{seen.stopped}; {kept}")
    return seen


def _number(value: Any, name: str) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must return a number; it returned {type(value).__name__}: is its `return` missing?") from None  # fmt: skip


def examined(images: Any, labels: Any, batch_size: int, classes: int = 10) -> None:
    """Raise `ValueError`, in one sentence, for arrays that a LeNet cannot be trained on.

    Wanted: images (n, 1, 32, 32) without NaN, labels (n,) from 0 to `classes` − 1, a batch of at least one and at most n.
    """
    images, labels = np.asarray(images), np.asarray(labels)
    if images.ndim != 4 or images.shape[1:] != (1, 32, 32):
        raise ValueError(
            f"LeNet-5 takes images of shape (n, 1, 32, 32); these have {images.shape}: pad 28 × 28 by 2 on every side"
        )
    if not len(images):
        raise ValueError("there are no images: a batch needs at least one")
    if labels.shape != (len(images),):
        raise ValueError(
            f"one label for each image is needed; got {len(images)} images and labels of shape {labels.shape}"
        )
    if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= classes:
        raise ValueError(
            f"labels are whole numbers from 0 to {classes - 1}; these are {labels.dtype}, from {labels.min()} to {labels.max()}"
        )
    if not np.isfinite(images).all():
        raise ValueError(
            "the images hold NaN or infinity: look for a division by 0 where they were normalised"
        )
    if not 1 <= batch_size <= len(images):
        raise ValueError(
            f"a batch holds between 1 and all {len(images)} images; {batch_size} is not among them"
        )


SHAPES = ((6, 1, 5, 5), (6,), (16, 6, 5, 5), (16,), (120, 400), (120,), (84, 120), (84,), (10, 84), (10,))


def lenet_parameters(seed: int) -> list[np.ndarray]:
    """Return the ten arrays of a LeNet-5, weights and biases in turn, drawn as PyTorch draws them; float64."""
    rng = np.random.default_rng(seed)
    fans = [math.prod(SHAPES[i - i % 2][1:]) for i in range(len(SHAPES))]
    return [rng.uniform(-1, 1, shape) / math.sqrt(fan) for shape, fan in zip(SHAPES, fans, strict=True)]


@dataclass
class Steps:
    """Hold the loss of every step, and the seconds that all took."""

    losses: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def __str__(self) -> str:
        each = 1000 * self.seconds / max(1, len(self.losses))
        return f"{len(self.losses)} steps in {self.seconds:.1f} s, {each:.0f} ms each: loss {self.losses[0]:.4f} → {self.losses[-1]:.4f}"


def take_steps(step: Callable[[np.ndarray, np.ndarray], float], batches: Sequence[tuple[np.ndarray, np.ndarray]], seconds: float = 40) -> Steps:  # fmt: skip
    """Call `step(x, y)` on one batch after the other and return the losses; after `seconds`, or Ctrl-C, with those so far.

    Raises `ValueError` where the loss is no number.
    """
    done, start = Steps(), time.perf_counter()
    bar = Bar(len(batches), unit=" steps")
    try:
        for x, y in batches:
            done.losses.append(_number(step(x, y), "the step"))
            done.seconds = time.perf_counter() - start
            if len(done.losses) % 10 == 0:
                bar.update(10)
            if done.seconds > seconds and len(done.losses) < len(batches):
                print(
                    f"stopped after {len(done.losses)} of {len(batches)} steps, for the {seconds:g} s are over"
                )
                break
    except KeyboardInterrupt:
        print(
            f"interrupted after {len(done.losses)} of {len(batches)} steps; the arrays are as the last step left them"
        )
    finally:
        bar.close()
    return done


def pytorch_losses(params: Sequence[np.ndarray], batches: Sequence[tuple[np.ndarray, np.ndarray]], lr: float, momentum: float) -> list[float]:  # fmt: skip
    """Return the losses of the same LeNet trained by PyTorch, autograd and all, from the same start on the same batches."""
    leaves = [torch.tensor(p, requires_grad=True) for p in params]
    optimizer, losses = torch.optim.SGD(leaves, lr, momentum), []
    for x, y in batches:
        flow = torch.from_numpy(np.asarray(x, np.float64))
        for w, b in zip(leaves[0:4:2], leaves[1:4:2], strict=True):
            flow = functional.max_pool2d(functional.conv2d(flow, w, b).relu(), 2)
        flow = flow.flatten(1)
        for w, b in zip(leaves[4::2], leaves[5::2], strict=True):
            flow = functional.linear(flow if flow.shape[1] == 400 else flow.relu(), w, b)
        loss = functional.cross_entropy(flow, torch.from_numpy(np.asarray(y, np.int64)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def one_thread() -> None:
    """Let NumPy and PyTorch compute on one thread from now on: for matrices this small, waiting for others costs more than it saves."""
    torch.set_num_threads(1)
    threadpool_limits(1)
