"""LeNet-5, with the choices that the exercise leaves open: activation, pooling, order, and how the third layer is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from convbook.checks.engine.declare import exercise, mistake, question_of
from convbook.checks.engine.families_modules import logits
from convbook.checks.engine.modules import Modules, built
from convbook.checks.engine.modules.edits import Edit, into, placed, set_, swapped, without
from convbook.checks.engine.modules.graph import Graph, traced
from convbook.forms import Case


def lenet_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield LeNets on images (n, 1, 32, 32): the usual ten classes first."""
    fixed = np.random.default_rng(5)
    yield built(x=fixed.normal(size=(2, 1, 32, 32)))
    yield built(3, x=fixed.normal(size=(1, 1, 32, 32)), about="one image, three classes")
    yield built(int(rng.integers(4, 20)), x=rng.normal(size=(3, 1, 32, 32)), drawn=True)


def as_convolution(graph: Graph) -> Graph:
    """Return the graph in which C5 is a convolution whose kernel covers the whole map."""
    if "flatten 1" not in graph:
        return graph
    flat, first = graph["flatten 1"], graph["linear 1"]
    graph = without("flatten 1")(graph)
    wide = replace(
        graph["linear 1"], kind="conv", settings={**first.settings, "k": 5, "stride": 1, "padding": 0}
    )
    graph = graph.replaced(wide)
    return placed(graph, replace(flat, sources=("linear 1",)), "linear 1")


CHOICES = (
    (into("kind:relu", "tanh"), into("kind:relu", "sigmoid")),
    (into("kind:maxpool", "avgpool"),),
    (swapped("relu 1", "maxpool 1") & swapped("relu 2", "maxpool 2"),),
    (Edit((as_convolution,)),),
)
BETWEEN = "without a nonlinearity two layers in a row are one linear map"
PLAN = "6 filters of 5×5, pool, 16 filters of 5×5, pool, then 120, 84 and {n_classes} units"


@exercise(
    "LeNet-5", points=8, cases=lenet_cases, shapes="x (n, 1, h, w) -> (n, n_classes)", forbid="torchvision",
    observe=Modules(image=(32, 32), free=CHOICES), why=PLAN + "; a nonlinearity after each of them but the last",
    help=("mat1 and mat2 shapes cannot be multiplied",),
    mistakes=(
        mistake("no nonlinearity at all", BETWEEN, edit=without("kind:relu")),
        mistake("no nonlinearity after the convolutions", BETWEEN, edit=without("relu 1, relu 2")),
        mistake("no nonlinearity between the linear layers", BETWEEN, edit=without("relu 3, relu 4")),
        mistake("the convolutions are padded", "the image has 32 pixels a side so that 5×5 fits without padding: 28, 14, 10, 5", edit=set_("kind:conv", padding=2),
                ways=({"edit": set_("conv 1", padding=2)},)),
        mistake("the kernels are 3×3", "all filters are 5×5: 32 pixels a side become 28, 14, 10, 5", edit=set_("kind:conv", k=3)),
        mistake("nothing is pooled", "each convolution is followed by pooling over 2×2", edit=without("kind:maxpool")),
        mistake("6 and 16 filters are exchanged", PLAN.split(", then")[0], edit=set_("conv 1", f=16) & set_("conv 2", f=6)),
        mistake("120 and 84 units are exchanged", "120 first, then 84", edit=set_("linear 1", f=84) & set_("linear 2", f=120)),
        mistake("the layer with 84 units is missing", "three linear layers: 120, 84, classes", edit=without("linear 2, relu 4")),
        mistake("n_classes is not used", "the last layer has n_classes units", "here {n_classes}", n_classes=lambda: 10),
        mistake("the pooling windows overlap", "2×2 windows, side by side", edit=set_("kind:maxpool", k=3, stride=2),
                ways=({"edit": set_("kind:maxpool", k=3, stride=2, padding=1)},)),
        *logits(),
    ),
)  # fmt: skip
def LeNet5(x, n_classes=10):
    for filters in (6, 16):
        x = x.conv(filters, 5, padding=0).relu().maxpool(2)
    x = x.flatten()
    for units in (120, 84):
        x = x.linear(units).relu()
    return x.linear(n_classes)


def lenet_rows() -> list[tuple[str, tuple[int, ...]]]:
    """Return the names and shapes of LeNet-5's layers, from the very graph that the check compares with: for a drawing."""
    graph = traced(question_of(LeNet5).oracle.function, (1, 32, 32))
    kept = ("conv 1", "maxpool 1", "conv 2", "maxpool 2", "linear 1", "linear 2", "linear 3")
    names = dict(zip(kept, ("C1", "S2", "C3", "S4", "C5", "F6", "output"), strict=True))
    return [("Input", (1, 32, 32)), *((names[n], graph.sizes()[n]) for n in kept)]
