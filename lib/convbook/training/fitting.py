"""`fit` and `evaluate`: arrays in, a trained model and its history out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from convbook.bar import Bar
from convbook.training.guard import pixels, seeded, tensors
from convbook.training.history import History, Moment, Score
from convbook.training.recipe import Recipe
from convbook.training.run import NotANumber, Run

Hook = Callable[[Moment], Any]
IMAGES_AT_ONCE = 500  # while measuring: bounds the memory, changes nothing else


def fit(
    model: nn.Module,
    train: tuple[Any, Any],
    validation: tuple[Any, Any] | None = None,
    recipe: Recipe | None = None,
    *,
    seed: int = 0,
    threads: int | str | None = None,
    on_batch: Hook | None = None,
    on_epoch: Hook | None = None,
    progress: bool = True,
    name: str = "",
    **changes: Any,
) -> History:
    """Train `model` in place on cross-entropy and return the history.

    `train` and `validation` are pairs of images (n, c, h, w) and labels (n,), arrays or tensors. `changes` are fields
    of the `Recipe`: `fit(model, train, epochs=3, learning_rate=0.05)`. The same seed and number of threads give
    the same weights; `threads` is None (as it is), "all" or a number; torch's own seed and threads are put back.
    `progress` draws a bar in a notebook or a terminal; a file or a pipe gets none.

    A hook sees a `Moment` and stops the training by returning True. After a hook's stop, Ctrl-C (■ in JupyterLab)
    or a loss that became NaN, the model holds the weights of its best epoch, one sentence says so, and
    the history so far comes back. A whole training keeps its last weights. The model is left in evaluation mode.

    Raises `ValueError` before it starts when the data holds NaN or images and labels do not fit.
    """
    recipe = replace(recipe or Recipe(), **changes)
    images, labels = tensors(train, "training", keep_bytes=True)
    held_out = tensors(validation, "validation", keep_bytes=True) if validation is not None else None
    with seeded(seed, threads):
        run = Run(model, recipe, images, labels, seed, name)
        bar = Bar(run.steps, progress, desc=name or None, unit=" batches")
        try:
            for step in range(run.steps):
                run.learn(step)
                closed = run.at_the_end_of_an_epoch
                if closed:
                    run.close_epoch(evaluate(model, *held_out) if held_out else None)
                _advance(bar, run.now)
                stop = _asked(on_batch, run.now)
                if closed:
                    stop = _asked(on_epoch, run.now) or stop
                if stop and step + 1 < run.steps:
                    run.stop("asked", "stopped as asked")
                    break
        except KeyboardInterrupt:
            run.stop("interrupted", "interrupted")
        except NotANumber as failure:
            run.stop("NaN", str(failure))
        finally:
            bar.close()
            model.eval()
    if run.history.stopped and (progress or run.history.reason != "asked"):
        print(run.history.stopped)
    return run.history


def _advance(bar: Bar, now: Moment) -> None:
    """Move the bar on by one batch, with what this moment has to tell beside it."""
    name = f"{now.name}, " if now.name else ""
    scores = f"loss {now.loss:.3f}, accuracy {now.accuracy:.3f}"
    if now.history.validation_accuracies:
        scores += f", validation {now.history.validation_accuracies[-1]:.3f}"
    bar.set_description(f"{name}epoch {now.epoch}/{now.epochs}", refresh=False)
    bar.set_postfix_str(scores, refresh=False)
    bar.update()


def _asked(hook: Hook | None, now: Moment) -> bool:
    return hook is not None and bool(hook(now) in (True,))  # NumPy's True too, but no list, no number above 1


def evaluate(model: nn.Module, images: Any, labels: Any) -> Score:
    """Return the loss and accuracy of a model on images (n, c, h, w) with labels (n,).

    No gradients are computed. The model is left in evaluation mode, as `fit` leaves it.
    """
    images, labels = tensors((images, labels), "evaluation", keep_bytes=True)
    model.eval()
    with torch.inference_mode():
        logits = torch.cat([model(pixels(part)) for part in images.split(IMAGES_AT_ONCE)])
    right = (logits.argmax(dim=1) == labels).float().mean()
    return Score(float(nn.functional.cross_entropy(logits, labels)), float(right))
