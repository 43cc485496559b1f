"""Mistakes that come back in every network of layers: in its head, in what follows its logits, in its batch norms."""

from __future__ import annotations

from convbook.checks.engine.declare import Draft, mistake
from convbook.checks.engine.modules import Graph, Node, edits
from convbook.checks.engine.modules.edits import Where

SQUEEZED = "`squeeze()` drops every axis of length 1, with one image also the first: name the axes, as in `x.mean((2, 3))`"
AVERAGE = "global *average* pooling: the mean of every map"
NEVER_CALLED = "a layer set in __init__ does nothing until forward calls it"
OWN_NORM = (
    "every convolution has a batch norm of its own: each keeps its own gamma, beta and running statistics"
)


def heads(head: str = "", where: Where = "kind:mean") -> tuple[Draft, ...]:
    """Return the mistakes that global average pooling invites; `head` has the case's numbers."""
    return (
        mistake("the head takes the maximum", AVERAGE, head, edit=edits.into(where, "amax")),
        mistake("the head takes the sum", AVERAGE, head, edit=edits.into(where, "total")),
        mistake("a single image loses its axis", SQUEEZED, edit=edits.then(where, "squeeze")),
    )


def logits() -> tuple[Draft, ...]:
    """Return what may follow the logits and must not."""
    return (
        mistake("softmax at the end", "the network gives logits; the loss applies the softmax", edit=edits.then("end", "softmax"),
                ways=[{"edit": edits.then("end", "log_softmax")}]),
        mistake("no gradient flows back", "what is computed under `no_grad`, or detached, cannot be trained",
                edit=edits.then("end", "detach")),
        mistake("a ReLU on the logits", "the linear layer comes last: logits may be negative", edit=edits.then("end", "relu")),
    )  # fmt: skip


def norms(here: str = "", ways: tuple[Where, ...] = ()) -> tuple[Draft, ...]:
    """Return the mistakes that batch norms invite; `ways` are groups of them with which the mistakes are made as well."""
    every: Where = "kind:bn"
    return (
        mistake("batch norm is declared and never used", NEVER_CALLED, here, edit=edits.unused(every),
                ways=[{"edit": edits.unused(where)} for where in ways]),
        mistake("no batch norm", "a batch norm follows every convolution", here, edit=edits.without(every),
                ways=[{"edit": edits.without(where)} for where in ways]),
        mistake("one batch norm for several convolutions", OWN_NORM, here, edit=edits.shared(every, edits.width),
                ways=[{"edit": edits.shared(where, edits.width)} for where in ways if "*" in str(where)]),
        mistake("batch norm always uses the batch", "in evaluation mode the running statistics are used: `nn.BatchNorm2d` "
                "switches by itself", here, edit=edits.set_(every, statistics="batch"),
                ways=[{"edit": edits.set_(where, statistics="batch")} for where in ways]),
        mistake("batch norm never uses the batch", "in training mode the batch's own mean and variance are used, and the running "
                "statistics move", here, edit=edits.set_(every, statistics="running")),
    )  # fmt: skip


def reused() -> edits.Edit:
    """Return the edit that makes one layer of the later ones of every stage: of those that keep the number of maps."""
    return edits.shared("kind:conv, kind:bn", _stage_of)


def _stage_of(node: Node, graph: Graph) -> tuple[str, int, int]:
    """Tell layers apart by their maps, and the later ones of a stage, which are one layer, from its first."""
    sizes = graph.sizes()
    alike = [n.name for n in graph.body if n.kind == node.kind and sizes[n.name][0] == sizes[node.name][0]]
    stem = sizes[node.name][0] == graph.body[0].get("f")
    return node.kind, sizes[node.name][0], min(alike.index(node.name), 2 if stem else 1)


def activations() -> tuple[Draft, ...]:
    """Return the mistakes made with the ReLUs of a chain of convolution, batch norm and ReLU."""
    return (
        mistake("no ReLU", "a ReLU follows every batch norm: without it all the layers are one linear map",
                edit=edits.without("kind:relu")),
        mistake("only the stem has a ReLU", "a ReLU follows every batch norm", edit=edits.without(edits.after_first("kind:relu"))),
        mistake("convolution, ReLU, batch norm", "the order is convolution, batch norm, ReLU", edit=edits.swapped("kind:bn", "kind:relu")),
    )  # fmt: skip


def leaping(count: int) -> edits.Edit:
    """Return the edit that adds what came in to what so many convolutions make of it, where they keep its shape."""

    def change(graph: Graph) -> Graph:
        convs, relus = ([n for n in graph.body if n.kind == kind] for kind in ("conv", "relu"))
        start = relus[0].name
        for place in range(count, len(relus), count):
            leapt, end = convs[place - count : place + 1], relus[place].name
            if len({n.get("f") for n in leapt}) == 1 and all(n.get("stride") == 1 for n in leapt[1:]):
                leap = Node(f"leap {place}", "add", (end, start), "", "add", {})
                graph, end = edits.placed(graph, leap, end), leap.name
            start = end
        return graph

    return edits.Edit((change,))
