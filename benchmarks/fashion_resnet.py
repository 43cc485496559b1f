"""Measure unit 10's small ResNet on Fashion-MNIST: accuracy, and time to 90 % against the d2l book's ResNet-18.

    python benchmarks/fashion_resnet.py [--batches N] [--threads N] [--seed N] [--solution NOTEBOOK]

Ours is `training.fashion_net` with the instructor's own `BasicBlock`, read from the notebook. It is
trained three times: as the notebook does on the bundled subset (`training.FASHION_SUBSET`), on the full
set for the best accuracy (`training.FASHION`), and on the full set for a quick 90 %
(`training.FASHION_QUICK`). The other side has the layers and the recipe of "Dive into Deep Learning"
(section 8.6): images resized to 96×96, a 7×7 stem, 2-2-2-2 residual blocks of 64, 128, 256, 512 maps, SGD
at 0.05, batches of 128. It is stopped after N batches of its first epoch, and the epoch's time is worked
out from them. That it then reaches 90 % after one epoch is more than can be hoped for, so the ratio
printed is a lower bound. Both sides run in this process, on the same threads. Only the ratio says
something about another machine.

What was tried for a quick 90 %, one thread, two epochs unless said, seconds of processor time and test
accuracy for the seeds 10, 1, 2: without flips 18–20 s and 90.6, 90.9, 90.7 % (kept); with flips 18 s and
90.3 % (seed 10); batches of 256 at a rate of 0.2, 17–19 s and 90.2, 90.6, 90.6 %; widths of 12, 24, 48 no
quicker, 90.3, 90.5, 90.4 %; batches of 64, 21 s and 90.2 % (with flips, seed 10); a single epoch with
batches of 64, 9–13 s, but 89.0, 89.2, 89.5 %. A step of channels_last images takes 15 % less time than
one of contiguous ones. Images stay bytes until their batch is needed: a quarter of the memory, no copy
before the start.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import time
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from convbook import data, training

NOTEBOOK = Path(__file__).resolve().parent.parent / "solutions" / "10_resnet" / "10_resnet.ipynb"
TARGET = 0.90
BATCH = 128


def solution(notebook: Path, name: str) -> type[nn.Module]:
    """Return a class that a notebook's solution cells define."""
    names: dict = {"torch": torch, "nn": nn, "F": functional, "functional": functional}
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution") and cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
        if name in names:
            return names[name]
    raise SystemExit(f"{notebook.name} defines no {name} in its solution cells")


class D2lResidual(nn.Module):
    """The book's block: convolutions with bias, a 1×1 convolution without batch norm on the shortcut."""

    def __init__(self, c_in: int, c_out: int, stride: int = 1):
        super().__init__()
        self.first, self.second = nn.Conv2d(c_in, c_out, 3, stride, 1), nn.Conv2d(c_out, c_out, 3, padding=1)
        self.norms = nn.ModuleList([nn.BatchNorm2d(c_out), nn.BatchNorm2d(c_out)])
        self.shortcut = nn.Conv2d(c_in, c_out, 1, stride) if c_in != c_out else nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = functional.relu(self.norms[0](self.first(x)))
        return functional.relu(self.norms[1](self.second(y)) + self.shortcut(x))


def d2l_net() -> nn.Module:
    """Return the book's ResNet-18 for one-channel images."""
    layers: list[nn.Module] = [
        nn.Conv2d(1, 64, 7, 2, 3),
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.MaxPool2d(3, 2, 1),
    ]
    c_in = 64
    for c in (64, 128, 256, 512):
        layers += [D2lResidual(c_in, c, 1 if c == 64 else 2), D2lResidual(c, c)]
        c_in = c
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))


def d2l_epoch_seconds(images: torch.Tensor, labels: torch.Tensor, batches: int) -> float:
    """Return how long one epoch of the book's recipe takes, worked out from its first batches."""
    torch.manual_seed(0)
    model = d2l_net().train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    order = torch.randperm(len(images)).split(BATCH)
    spent = []
    for chosen in order[: batches + 1]:
        started = time.perf_counter()
        enlarged = functional.interpolate(images[chosen], size=(96, 96), mode="bilinear", antialias=True)
        loss = functional.cross_entropy(model(enlarged), labels[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        spent.append(time.perf_counter() - started)
    timed = spent[1:]  # the first batch also sets up the library
    return sum(timed) / len(timed) * len(order)


def small_resnet(
    block: type[nn.Module], clothes: data.Images, seed: int, threads: int, **fit: object
) -> tuple[float, float]:
    """Train the small ResNet; print and return its test accuracy and its seconds."""
    torch.manual_seed(seed)
    model = training.fashion_net(block)
    test = (clothes.test_images, clothes.test_labels)
    started = time.perf_counter()
    history = training.fit(
        model, (clothes.train_images, clothes.train_labels), test, threads=threads, progress=False, **fit
    )
    seconds, accuracy = time.perf_counter() - started, history.validation_accuracies[-1]
    print(
        f"ours, {len(clothes.train_images):,} images, {history.epochs} epochs: {accuracy:.2%} of "
        f"{len(test[1]):,} test images, {seconds:.1f} s",
        flush=True,
    )
    return accuracy, seconds


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument(
        "--batches", type=int, default=60, help="batches of the book's first epoch to time (469 are all)"
    )
    options.add_argument("--threads", type=int, default=os.cpu_count(), help="threads for both sides")
    options.add_argument(
        "--seed", type=int, default=10, help="seed of the first weights (10, the notebook's)"
    )
    options.add_argument(
        "--solution", type=Path, default=NOTEBOOK, help="the notebook that defines BasicBlock"
    )
    chosen = options.parse_args()
    print(
        f"{chosen.threads} threads; load before the start {os.getloadavg()[0]:.1f} (other programs' part is noise)"
    )
    block, full = solution(chosen.solution, "BasicBlock"), data.fashion_mnist("full")
    train = functools.partial(small_resnet, block, seed=chosen.seed, threads=chosen.threads)
    train(data.fashion_mnist(), recipe=training.FASHION_SUBSET)
    train(full, recipe=training.FASHION)
    accuracy, ours = train(full, recipe=training.FASHION_QUICK)
    if accuracy < TARGET:
        raise SystemExit(f"{training.FASHION_QUICK.epochs} epochs did not reach {TARGET:.0%}")

    torch.set_num_threads(chosen.threads)
    images = torch.from_numpy(full.train_images).float() / 255
    theirs = d2l_epoch_seconds(images, torch.from_numpy(full.train_labels), chosen.batches)
    print(
        f"d2l's recipe: {theirs:.0f} s for its first epoch, worked out from {chosen.batches} of 469 batches"
    )
    print(
        f"ratio of the times to {TARGET:.0%}: at least {theirs / ours:.0f} × (as if d2l's recipe reached it in that one epoch)"
    )


if __name__ == "__main__":
    main()
