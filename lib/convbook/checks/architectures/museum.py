"""Four networks to walk through, drawn from graphs that are written down as those of the checks are.

`network` follows shapes and computes nothing; figures draw what it returns. Only the small one can be built.
"""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral

from torch import nn

from convbook.checks.architectures.inception import branches
from convbook.checks.engine.families_tables import ALEXNET, VGG16
from convbook.checks.engine.modules.graph import Graph, Value, traced
from convbook.checks.engine.modules.running import bent_class
from convbook.checks.engine.modules.survey import surveyed, surveyed_graph
from convbook.checks.engine.question import question_of
from convbook.checks.training import LeNet5
from convbook.figures.scale import Network

__all__ = ["HALLS", "INCEPTIONS", "built", "examined", "graph", "judged", "network", "surveyed"]

MOST = 1_000_000  # parameters of a network that is trained in a notebook

# c1, r3, c3, r5, c5, pool of the nine modules, from table 1 of Szegedy et al. (2014)
INCEPTIONS = {
    "3a": (64, 96, 128, 16, 32, 32), "3b": (128, 128, 192, 32, 96, 64), "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64), "4c": (128, 128, 256, 24, 64, 64), "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128), "5a": (256, 160, 320, 32, 128, 128),
        "5b": (384, 192, 384, 48, 128, 128),
}  # fmt: skip


def in_a_row(x: Value, table: dict[str, tuple]) -> Value:
    """Write down the layers of a table, a ReLU after each but the last."""
    flat = False
    for name, (kind, *numbers) in table.items():
        if kind == "pool":
            x = x.maxpool(*numbers, name=name)
            continue
        if kind == "linear" and not flat:
            x, flat = x.flatten(), True
        x = x.linear(*numbers, name=name) if flat else x.conv(*numbers, name=name)
        x = x if name == list(table)[-1] else x.relu()
    return x


def alexnet(x: Value) -> Value:
    return in_a_row(x, ALEXNET)


def vgg16(x: Value) -> Value:
    return in_a_row(x, VGG16)


def googlenet(x: Value) -> Value:
    """Write down GoogLeNet as its paper's table 1 has it, without the two helpers for training."""
    x = x.conv(64, 7, 2, name="conv1").relu().maxpool(3, 2, 1, name="pool1")
    x = (
        x.conv(64, 1, name="conv2 reduce")
        .relu()
        .conv(192, 3, name="conv2")
        .relu()
        .maxpool(3, 2, 1, name="pool2")
    )
    for name, spec in INCEPTIONS.items():
        if name in ("4a", "5a"):
            x = x.maxpool(3, 2, 1, name=f"pool{int(name[0]) - 1}")
        x = branches(x, *spec, within=f"{name} ")
    return x.mean(name="average").linear(1000, name="fc")


HALLS = {
    "LeNet-5": (question_of(LeNet5).oracle.function, (1, 32, 32)),
    "AlexNet": (alexnet, (3, 227, 227)),
    "VGG-16": (vgg16, (3, 224, 224)),
    "GoogLeNet": (googlenet, (3, 224, 224)),
}


def graph(name: str) -> Graph:
    """Return the graph of one of the `HALLS`; `ValueError`, in one sentence, for any other name."""
    if name not in HALLS:
        raise ValueError(f"the museum has no {name!r}; it has {', '.join(HALLS)}")
    function, image = HALLS[name]
    return traced(function, image)


def network(name: str) -> Network:
    """Return one of the `HALLS` as data: what each layer gives, learns and multiplies."""
    return surveyed_graph(graph(name))


def built(name: str) -> nn.Module:
    """Return one of the `HALLS` as a module to train; `ValueError` for one that is too large here."""
    plan, large = graph(name), network(name).parameters
    if large > MOST:
        raise ValueError(f"{name} has {large:,} parameters: it is drawn and counted here, and not trained")
    return bent_class(name, lambda: plan, {})()


def examined(config: Sequence[int | str], n_classes: int = 1) -> list[int | str]:
    """Return a configuration as a list; `ValueError`, in one sentence, for an unknown layer or no class."""
    for place, layer in enumerate(config):
        if layer != "M" and (isinstance(layer, bool | str) or not isinstance(layer, Integral) or layer < 1):
            raise ValueError(
                f'layer {place} of the configuration is {layer!r}: a layer is a number of filters, at least 1, or "M"'
            )
    if not any(layer != "M" for layer in config):
        raise ValueError("the configuration has no convolution: give it at least one number of filters")
    if n_classes < 1:
        raise ValueError(f"a network has at least 1 class; asked for are {n_classes}")
    return list(config)


def judged(network: Network, parameters: int, macs: int) -> str:
    """Return in two lines whether a network keeps to what may be spent.

    >>> print(judged(network("LeNet-5"), 30_000, 1_000_000))
    ✗ 61,706 of 30,000 parameters
    ✓ 416,520 of 1,000,000 multiply–adds
    """
    rows = ((network.parameters, parameters, "parameters"), (network.macs, macs, "multiply–adds"))
    return "\n".join(
        f"{'✓' if mine <= most else '✗'} {mine:,} of {most:,} {what}" for mine, most, what in rows
    )
