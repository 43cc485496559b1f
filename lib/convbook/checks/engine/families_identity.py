"""Mistakes that blocks with a clean shortcut invite: after the addition, in it, around F, in a bare projection.

They speak of the parts `bn1 conv1 bn2 conv2`, of the label `F`, and of `downsample`, the projection.
"""

from __future__ import annotations

from dataclasses import replace

from convbook.checks.engine.declare import Draft, mistake
from convbook.checks.engine.modules import edits
from convbook.checks.engine.modules.edits import before, has, hasnot, into, only, set_, then, when, without
from convbook.checks.engine.modules.graph import Graph, Node

ADD, PROJECTION = "kind:add", "downsample"
SUM = "at {place} F is {F} and the shortcut {shortcut}, so F + shortcut is {wanted}; yours is {yours}"
NOTHING_AFTER = "nothing comes after the addition: what follows it stands in the way of every block before"
changing, straight = has(PROJECTION), hasnot(PROJECTION)


def clean() -> tuple[Draft, ...]:
    """Return the mistakes made in the addition and after it."""

    def joined(name: str, explanation: str, kind: str) -> Draft:
        return mistake(name, explanation, SUM, edit=into(ADD, kind))

    return (
        mistake("a ReLU after the addition", NOTHING_AFTER, SUM, edit=then("end", "relu")),
        mistake("a batch norm after the addition", NOTHING_AFTER, edit=then("end", "bn")),
        mistake("a batch norm and a ReLU after the addition", NOTHING_AFTER + "; the network has them once, behind its last block",
                edit=then("end", "bn") & then("end", "relu")),
        mistake("there is no skip connection", "the shortcut is added to F", SUM, edit=into(ADD, "first"), ways=[{"edit": only(ADD, 0)}]),
        joined("F is thrown away", "whatever the convolutions compute, only the shortcut leaves the block", "second"),
        joined("F minus the shortcut", "the two paths are added, with a plus sign", "sub"),
        joined("F times the shortcut", "the two paths are added, not multiplied: F = 0 must leave the shortcut as it is", "mul"),
        joined("the mean of F and the shortcut", "the sum is not halved", "average"),
        mistake("a ReLU on F before the addition", "F ends with its convolution, so that it can subtract", SUM, edit=before(ADD, "relu", 0)),
        mistake("the shortcut passes no gradient", "without `detach` or `no_grad` the gradient flows back through both paths", edit=before(ADD, "detach", 1)),
    )  # fmt: skip


def around(here: str) -> tuple[Draft, ...]:
    """Return the mistakes made inside F, with the case's numbers."""
    both = "batch norm and ReLU come before each of the two convolutions"
    return (
        mistake("no ReLU", both, here, edit=without("kind:relu")),
        mistake("no ReLU before the first convolution", both, here, edit=without("relu 1")),
        mistake("no ReLU before the second convolution", both, here, edit=without("relu 2")),
        mistake("ReLU, batch norm, convolution", "the order is batch norm, ReLU, convolution", here, edit=edits.swapped("bn*", "kind:relu")),
        mistake("no batch norm", both, here, edit=without("bn1, bn2")),
        mistake("one batch norm for both convolutions", "each has gamma, beta and running statistics of its own", here,
                edit=edits.shared("bn1, bn2", edits.width)),
        mistake("the convolutions have a bias", "no bias is asked for: `bias=False`", here, edit=set_("conv1, conv2", bias=True),
                ways=[{"edit": set_(one, bias=True)} for one in ("conv1", "conv2", "conv1, conv2, downsample")]),
    )  # fmt: skip


def _projected(graph: Graph) -> Graph:
    """Return a graph with a projection where none is asked for."""
    settings = {"f": graph.image[0], "k": 1, "stride": 1, "padding": 0, "bias": False, "place": 98}
    conv = Node(PROJECTION, "conv", graph["conv1"].sources, PROJECTION, "conv", settings)
    body = [replace(n, sources=(n.sources[0], PROJECTION)) if n.kind == "add" else n for n in graph.body]
    return edits.sorted_by_need(
        replace(graph, body=(*body, conv), labels={**graph.labels, "shortcut": PROJECTION})
    )


def same_maps(graph: Graph) -> bool:
    """Tell whether a projection leaves as many maps as it takes."""
    return changing(graph) and graph[PROJECTION].get("f") == graph.image[0]


def same_size(graph: Graph) -> bool:
    """Tell whether a projection changes the number of maps alone."""
    return changing(graph) and graph[PROJECTION].get("stride") == 1


def projected(here: str) -> tuple[Draft, ...]:
    """Return the mistakes made in a bare projection."""
    bare = "where shapes change, the shortcut is a 1×1 convolution with the stride, and nothing more"
    return (
        mistake("the projection has a batch norm", bare, here, edit=then(PROJECTION, "bn")),
        mistake("the projection has a batch norm and a ReLU", bare, here, edit=then(PROJECTION, "bn") & before(ADD, "relu", 1)),
        mistake("the projection has a bias", "no bias is asked for: `bias=False`", here, edit=set_(PROJECTION, bias=True)),
        mistake("a 3×3 projection", bare, here, edit=set_(PROJECTION, k=3, padding=1)),
        mistake("a projection although nothing changes", "where shapes stay, the shortcut is x itself and has no weights", here,
                edit=when(straight, edits.Edit((_projected,)))),
        mistake("no projection where only the size changes", "a stride changes the shape as well, also with as many maps as before", here,
                edit=when(same_maps, without(PROJECTION))),
        mistake("no projection where only the number of maps changes", "other maps change the shape as well, also with stride 1", here,
                edit=when(same_size, without(PROJECTION))),
        mistake("there is no projection", bare, here, edit=without(PROJECTION)),
    )  # fmt: skip
