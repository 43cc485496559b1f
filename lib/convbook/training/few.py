"""Train on a handful of photographs: some classes of a data set, a small network with a body and a head, and steps through a view."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from convbook.bar import Bar
from convbook.training.guard import seeded, tensors

View = Callable[[np.ndarray], np.ndarray]


def of_classes(
    images: np.ndarray, labels: np.ndarray, classes: Sequence[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the images of some classes as float32 in 0–1, and their labels counted anew from 0, in the order of `classes`.

    Shapes: images (n, c, h, w), labels (n,). Raises `ValueError` for no class, a class twice, or one without an image.
    """
    if len(classes) < 1 or len(set(classes)) < len(classes):
        raise ValueError(f"choose at least one class, each once; got {list(classes)}")
    absent = [one for one in classes if not (labels == one).any()]
    if absent:
        raise ValueError(
            f"there is no image of class {absent[0]}; the labels are {sorted(set(labels.tolist()))}"
        )
    kept = np.isin(labels, classes)
    pixels = images[kept] / 255 if images.dtype == np.uint8 else images[kept]
    place = {one: number for number, one in enumerate(classes)}
    return pixels.astype(np.float32), np.array([place[one] for one in labels[kept].tolist()])


def body_and_head(n_classes: int, seed: int = 0) -> nn.Sequential:
    """Return a small network for images (n, 1, h, w): four convolutions with batch norm, named `body`, and a linear `head`.

    Raises `ValueError` where there is no class.
    """
    if n_classes < 1:
        raise ValueError(f"a network needs at least 1 class; got {n_classes}")
    with seeded(seed, None):
        layers: list[nn.Module] = []
        for inputs, outputs in ((1, 16), (16, 32), (32, 64), (64, 64)):
            stride = 2 if inputs == 1 else 1
            layers += [
                nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
                nn.BatchNorm2d(outputs),
                nn.ReLU(),
            ]
            layers += [nn.MaxPool2d(2)] if 16 <= inputs < 64 else []
        body = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())
        return nn.Sequential(OrderedDict(body=body, head=nn.Linear(64, n_classes)))


def learn(
    model: nn.Module,
    train: tuple[np.ndarray, np.ndarray],
    steps: int,
    groups: Iterable[Any] | None = None,
    view: View | None = None,
    *,
    rate: float = 0.05,
    batch: int = 32,
    seed: int = 0,
    name: str = "",
    on_step: Callable[[int], Any] | None = None,
) -> nn.Module:
    """Take so many steps of SGD with momentum 0.9; the rates fall along a cosine. The model comes back in evaluation mode.

    `groups` are the optimizer's groups of parameters, all of them at `rate` otherwise. Every batch of images (n, c, h, w) is
    seen through `view`, a function of arrays. Ctrl-C ends the training, and the model keeps what it has learned.
    Raises `ValueError` before the first step for data that do not fit, and where no step is asked for.
    """
    if steps < 1 or batch < 2:
        raise ValueError(f"a training needs at least 1 step, of at least 2 images; got {steps} and {batch}")
    images, labels = (part.numpy() for part in tensors(train, "training"))
    with seeded(seed, None):
        optimizer = torch.optim.SGD(
            list(groups) if groups is not None else model.parameters(), rate, momentum=0.9
        )
        falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
        rng, bar = np.random.default_rng(seed), Bar(steps, desc=name or None, unit=" steps")
        model.train()
        try:
            for step in range(steps):
                chosen = rng.choice(len(images), min(batch, len(images)), replace=False)
                seen = images[chosen] if view is None else view(images[chosen])
                logits = model(torch.from_numpy(np.ascontiguousarray(seen, np.float32)))
                loss = nn.functional.cross_entropy(logits, torch.from_numpy(labels[chosen]))
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                falling.step()
                bar.update()
                if on_step is not None:
                    on_step(step)
                    model.train()
        except KeyboardInterrupt:
            print(f"interrupted after {step} of {steps} steps; the model keeps what it has learned")
        finally:
            bar.close()
            model.eval()
    return model


def answers(model: nn.Module, images: np.ndarray) -> np.ndarray:
    """Return the class that a model, in evaluation mode, gives to every image (n, c, h, w)."""
    model.eval()
    with torch.inference_mode():
        parts = torch.from_numpy(np.ascontiguousarray(images, np.float32)).split(500)
        return torch.cat([model(part) for part in parts]).argmax(1).numpy()
