"""Draw a training script with planted faults for a name: the script's text, the kinds of fault, their lines.

A kind of fault has one or more ways, each a line of the script that is written otherwise. Which behaviour shows it, `conduct` says.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass

import numpy as np

FAULTS_EACH = 3

SCRIPT = """\
import copy
import torch
from torch import nn
from torch.nn import functional as F

# The images (n, 1, 8, 8) and labels (n,) are there: train_images, train_labels,
# validation_images, validation_labels, test_images, test_labels.
mean, std = train_images.mean(), train_images.std()
x_train, y_train = (train_images - mean) / std, train_labels
x_val, y_val = (validation_images - mean) / std, validation_labels
x_test, y_test = (test_images - mean) / std, test_labels


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, padding=1)  # keeps 8 × 8
        self.norm = nn.BatchNorm2d(8)
        self.head = nn.Linear(8 * 2 * 2, 4)

    def forward(self, x):
        x = F.relu(self.norm(self.conv(x)))
        x = F.adaptive_max_pool2d(x, 2).flatten(1)
        x = F.dropout(x, 0.2, training=self.training)
        return self.head(x)


def accuracy(model, x, y):
    model.eval()
    with torch.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()


model = Net()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
best, kept = -1.0, None
for epoch in range(5):
    model.train()
    for batch in torch.randperm(len(x_train)).split(16):
        loss = F.cross_entropy(model(x_train[batch]), y_train[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    score = accuracy(model, x_val, y_val)
    if score > best:
        best, kept = score, copy.deepcopy(model.state_dict())

# The weights of the best epoch are tested once, on images that were never used before.
model.load_state_dict(kept)
result = accuracy(model, x_test, y_test)
"""

# kind: the start of the line that is written otherwise, and what stands there instead
FAULTS: dict[str, tuple[tuple[str, str], ...]] = {
    "labels of other images": (
        ("x_train,", "x_train, y_train = (train_images - mean) / std, train_labels[torch.randperm(len(train_labels))]"),
        ("loss = F", "loss = F.cross_entropy(model(x_train[batch]), y_train[: len(batch)])"),
    ),
    "images normalised by their own numbers": (
        ("x_test,", "x_test, y_test = (test_images - test_images.mean()) / test_images.std(), test_labels"),
        ("x_val,", "x_val, y_val = (validation_images - validation_images.mean()) / validation_images.std(), validation_labels"),
    ),
    "the test data's numbers in the normalisation": (
        ("mean, std", "mean, std = test_images.mean(), test_images.std()"),
    ),
    "a padding that does not keep the size": (
        ("self.conv", "self.conv = nn.Conv2d(1, 8, 3, padding=2)  # keeps 8 × 8"),
        ("self.conv", "self.conv = nn.Conv2d(1, 8, 3)  # keeps 8 × 8"),
    ),
    "running statistics that never move": (("self.norm", "self.norm = nn.BatchNorm2d(8, momentum=0.0)"),),
    "dropout in evaluation": (
        ("x = F.dropout", "x = F.dropout(x, 0.2)"),
        ("x = F.dropout", "x = F.dropout(x, 0.2, training=True)"),
    ),
    "evaluation in training mode": (("model.eval()", "model.train()"), ("model.eval()", "model.zero_grad()")),
    "a step up the gradient": (
        ("optimizer = ", "optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, maximize=True)"),
    ),
    "parameters that the optimizer does not have": (
        ("optimizer = ", "optimizer = torch.optim.SGD(model.head.parameters(), lr=0.05, momentum=0.9)"),
    ),
    "training in evaluation mode": (("model.train()", "model.train(epoch == 0)"),),
    "batches in the same order in every epoch": (
        ("for batch", "for batch in torch.arange(len(x_train)).split(16):"),
    ),
    "a softmax before the cross-entropy": (
        ("loss = F", "loss = F.cross_entropy(model(x_train[batch]).softmax(1), y_train[batch])"),
        ("return self.head", "return self.head(x).softmax(1)"),
    ),
    "a loss that is summed": (
        ("loss = F", 'loss = F.cross_entropy(model(x_train[batch]), y_train[batch], reduction="sum")'),
    ),
    "gradients that pile up": (
        ("optimizer.zero_grad", "if epoch == 0: optimizer.zero_grad()"),
        ("optimizer.zero_grad", "# the gradients of this batch"),
    ),
    "an epoch chosen by the test data": (("score = ", "score = accuracy(model, x_test, y_test)"),),
    "weights that are not those of the best epoch": (
        ("best, kept = score", "best, kept = score, model.state_dict()"),
        ("best, kept = score", "kept = copy.deepcopy(model.state_dict())"),
        ("model.load_state_dict", "model.load_state_dict(model.state_dict())"),
    ),
    "a result on images that were used before": (
        ("result = ", "result = accuracy(model, x_train, y_train)"),
        ("result = ", "result = accuracy(model, x_val, y_val)"),
    ),
}  # fmt: skip
LINES = tuple(SCRIPT.splitlines())


@dataclass(frozen=True)
class Planted:
    """Hold one planted fault: its kind, its line (from 1), and what stands there."""

    kind: str
    line: int
    text: str


@dataclass(frozen=True)
class Script:
    """Hold a script with planted faults, as it was drawn for a name."""

    name: str
    planted: tuple[Planted, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """Return the script's lines, faults and all."""
        lines = list(LINES)
        for one in self.planted:
            lines[one.line - 1] = one.text
        return tuple(lines)

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"

    def numbered(self) -> str:
        """Return the script with a number before every line."""
        return "\n".join(f"{number:3}  {line}".rstrip() for number, line in enumerate(self.lines, 1))


def planted(kind: str, way: int = 0) -> Planted:
    """Return a fault of a kind, in one of its ways."""
    start, text = FAULTS[kind][way % len(FAULTS[kind])]
    line = next(n for n, one in enumerate(LINES, 1) if one.strip().startswith(start))
    return Planted(kind, line, indented(text, LINES[line - 1]))


def indented(text: str, like: str) -> str:
    """Return text that begins as far to the right as another line, unless it begins with a space by itself.

    >>> indented("y = 1\\nz = 2", "    x = 0")
    '    y = 1\\n    z = 2'
    """
    if text[:1] in (" ", "\t"):
        return text
    margin = like[: len(like) - len(like.lstrip())]
    return "\n".join(margin + line for line in text.split("\n"))


def plain_name(name: str) -> str:
    """Return a name without what people write in different ways: blanks at its ends, double blanks, capital letters.

    >>> plain_name("  Ada  LOVELACE ")
    'ada lovelace'
    """
    return " ".join(unicodedata.normalize("NFC", str(name)).split()).casefold()


def drawn_script(name: str, seed: int = 0) -> Script:
    """Return the script of a name, the same on every machine: three faults of different kinds, on different lines."""
    words = hashlib.sha256(f"hunt\0{plain_name(name)}\0{seed}".encode()).digest()
    rng = np.random.Generator(np.random.PCG64(int.from_bytes(words[:16], "little")))
    chosen: list[Planted] = []
    for kind in rng.permutation(list(FAULTS)):
        one = planted(str(kind), int(rng.integers(len(FAULTS[str(kind)]))))
        if all(one.line != other.line and not hides(one, other) for other in chosen):
            chosen.append(one)
        if len(chosen) == FAULTS_EACH:
            break
    return Script(" ".join(str(name).split()), tuple(sorted(chosen, key=lambda one: one.line)))


# One of these takes away what shows the other.
NEVER_TOGETHER = (
    {"a result on images that were used before", "images normalised by their own numbers"},
    {"an epoch chosen by the test data", "images normalised by their own numbers"},
    {"an epoch chosen by the test data", "weights that are not those of the best epoch"},
    {"a softmax before the cross-entropy", "a loss that is summed"},
    {"the test data's numbers in the normalisation", "images normalised by their own numbers"},
)


def hides(one: Planted, other: Planted) -> bool:
    return {one.kind, other.kind} in NEVER_TOGETHER
