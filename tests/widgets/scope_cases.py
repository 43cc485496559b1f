"""Networks for FeatureScope, written in the ways learners write them, and images to show them."""

from __future__ import annotations

import copy
import functools

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from convbook import data
from convbook.widgets import FeatureScope
from right import training as right

CLASSES = [f"kind {letter}" for letter in "abcdefghij"]


class LeNet5(nn.Module):
    """LeNet-5 by functions, as in the course's unit 5."""

    def __init__(self, n_classes: int = 10):
        super().__init__()
        self.c1, self.c3 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5)
        self.c5, self.f6, self.out = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, n_classes)
        self.drop = nn.Dropout()

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.c1(x)), 2)
        x = F.max_pool2d(F.relu(self.c3(x)), 2).flatten(1)
        return self.out(F.relu(self.f6(F.relu(self.c5(x)))))


class WithPythonInIt(LeNet5):
    """Asserts, `len`, sizes, prints, a dropout, and layers that work in place."""

    def forward(self, x):
        assert x.shape[1:] == (1, 32, 32) and len(x)
        if x.mean() > 100:
            print("bright")
        x = F.avg_pool2d(torch.tanh(self.c1(x)), kernel_size=2, stride=2)
        x = self.c3(x).relu_()
        x = F.max_pool2d(x, 2).view(x.size(0), -1)
        return self.out(torch.sigmoid(self.f6(self.drop(F.relu(self.c5(x), inplace=True)))))


class OwnWeights(nn.Module):
    """A network that holds its weights itself."""

    def __init__(self):
        super().__init__()
        self.kernels = nn.Parameter(torch.randn(4, 1, 3, 3))
        self.weights = nn.Parameter(torch.randn(10, 4 * 30 * 30) / 60)

    def forward(self, x):
        maps = F.conv2d(x, self.kernels * 0.5)
        return F.linear(maps.clone().sigmoid().reshape(-1, 4 * 30 * 30), self.weights)


def in_sequence(activation: type[nn.Module], pool: type[nn.Module]) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(1, 6, 5), activation(), pool(2), nn.Conv2d(6, 16, 5), activation(), pool(2),
        nn.Flatten(), nn.Linear(400, 120), activation(), nn.Linear(120, 10),
    )  # fmt: skip


def strided() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(1, 3, (3, 5), stride=2, padding=1, bias=False), nn.MaxPool2d(3, 2, 1), nn.Tanh(),
        nn.Conv2d(3, 5, 3, padding="same", dilation=2), nn.AvgPool2d(2, 1, 1), nn.Identity(),
        nn.Flatten(), nn.LazyLinear(10, bias=False),
    )  # fmt: skip


FORMS = {
    "functions": LeNet5, "python": WithPythonInIt, "own weights": OwnWeights,
    "tanh, mean": lambda: in_sequence(nn.Tanh, nn.AvgPool2d), "sigmoid, max": lambda: in_sequence(nn.Sigmoid, nn.MaxPool2d),
    "strides, paddings, dilation": strided, "averages": right.WithAverages, "paper": right.AsInThePaper,
    "pooled first": right.PooledFirst, "squeezed": right.SqueezedByFlatten,
}  # fmt: skip


def made(name: str, side: int = 32) -> nn.Module:
    """Return a network with weights that are the same every time."""
    torch.manual_seed(3)
    model = FORMS[name]()
    model.eval()(torch.zeros(1, 1, side, side))
    with torch.no_grad():  # larger than at a start: else sigmoids hardly tell one image from another
        for weight in model.parameters():
            weight *= 2
    return model


@functools.cache
def clothes() -> tuple[np.ndarray, np.ndarray]:
    """Return 300 images (n, 1, 32, 32) on the scale of unit 5, and their labels."""
    some = data.fashion_mnist()
    pixels = np.pad(some.test_images[:300] / 255, ((0, 0), (0, 0), (2, 2), (2, 2)))
    return (pixels - 0.286) / 0.353, some.test_labels[:300]


@functools.cache
def _trained() -> LeNet5:
    torch.manual_seed(5)
    some = data.fashion_mnist()
    pixels = (np.pad(some.train_images[:1500] / 255, ((0, 0), (0, 0), (2, 2), (2, 2))) - 0.286) / 0.353
    images, labels = torch.tensor(pixels, dtype=torch.float32), torch.tensor(some.train_labels[:1500])
    model = LeNet5()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    for part in torch.arange(1500).repeat(2).split(50):
        loss = F.cross_entropy(model(images[part]), labels[part])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model


def trained() -> LeNet5:
    """Return a LeNet that has learned a little."""
    return copy.deepcopy(_trained())


def scope(images: int = 300) -> FeatureScope:
    """Return the trained LeNet with stored images."""
    pixels, labels = clothes()
    return FeatureScope(trained(), pixels[:images], labels[:images], CLASSES)


def seen(model: nn.Module, pixels: np.ndarray, silenced: tuple = ()) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return logits of a LeNet in PyTorch, some channels silenced, and the maps (after ReLU) on which that is done."""
    with torch.no_grad():
        x = torch.tensor(pixels, dtype=torch.float32)
        maps = []
        for layer, conv in enumerate((model.c1, model.c3)):
            one = F.relu(conv(x))
            maps.append(one.numpy().copy())
            for channel in (channel for where, channel in silenced if where == layer):
                one[:, channel] = 0
            x = F.max_pool2d(one, 2)
        return model.out(F.relu(model.f6(F.relu(model.c5(x.flatten(1)))))).numpy(), maps
