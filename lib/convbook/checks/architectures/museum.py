"""Four networks to walk through, drawn from graphs that are written down as those of the checks are.

They compute nothing here: `network` follows shapes, and the figures draw them to scale.
"""

from __future__ import annotations

from convbook.checks.architectures.inception import branches
from convbook.checks.engine.families_tables import ALEXNET, VGG16
from convbook.checks.engine.modules.graph import Graph, Value, traced
from convbook.checks.engine.modules.survey import surveyed, surveyed_graph
from convbook.checks.engine.question import question_of
from convbook.checks.training import LeNet5
from convbook.figures.scale import Network

__all__ = ["HALLS", "INCEPTIONS", "graph", "network", "surveyed"]

# c1, r3, c3, r5, c5, pool of the nine modules, from table 1 of Szegedy et al. (2014)
INCEPTIONS = {
    "3a": (64, 96, 128, 16, 32, 32), "3b": (128, 128, 192, 32, 96, 64), "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64), "4c": (128, 128, 256, 24, 64, 64), "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128), "5a": (256, 160, 320, 32, 128, 128), "5b": (384, 192, 384, 48, 128, 128),
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
    """Write down GoogLeNet as its paper's table 1 has it, without the two helpers that were used in training only."""
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
    return x.mean().linear(1000, name="fc")


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
    """Return one of the `HALLS` as data to draw and to count: what each layer gives, learns and multiplies."""
    return surveyed_graph(graph(name))
