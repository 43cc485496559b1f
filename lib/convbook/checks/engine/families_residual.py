"""Mistakes that blocks with a shortcut invite: in the addition, on the shortcut, in the projection.

They speak of the label `F` (what is added to the shortcut), of parts called `conv…` and `bn…`, and of `downsample.0` and
`downsample.1`, the projection.
"""

from __future__ import annotations

from dataclasses import replace

from convbook.checks.engine.declare import Draft, mistake
from convbook.checks.engine.families_modules import norms
from convbook.checks.engine.modules import edits
from convbook.checks.engine.modules.edits import (
    Edit,
    before,
    has,
    hasnot,
    into,
    only,
    set_,
    swapped,
    then,
    when,
    without,
)
from convbook.checks.engine.modules.graph import Graph, Node

ADD, LAST_RELU, PROJECTION = "kind:add", edits.last("kind:relu"), "downsample.*"
CONV, NORM = "downsample.0", "downsample.1"
HERE = "at {place} F is {F} and the shortcut {shortcut}, so relu(F + shortcut) is {wanted}; yours is {yours}"
SHAPES = "{c_in} maps of {h}×{w} come in, {maps_out} maps of {h_out}×{w_out} go out: {whether}"
BOTH = "without `detach` or `no_grad` the gradient flows back through both paths"
changing, straight = has(CONV), hasnot(CONV)


def same_maps(graph: Graph) -> bool:
    """Tell whether a projection leaves as many maps as it takes."""
    return changing(graph) and graph[CONV].get("f") == graph.image[0]


def same_size(graph: Graph) -> bool:
    """Tell whether a projection changes the number of maps alone."""
    return changing(graph) and graph[CONV].get("stride") == 1


def _projected(graph: Graph) -> Graph:
    """Return a graph with a projection where none is asked for."""
    maps = graph.image[0]
    settings = {"f": maps, "k": 1, "stride": 1, "padding": 0, "bias": False, "place": 98}
    conv = Node(CONV, "conv", ("x",), CONV, "conv", settings)
    norm = Node(NORM, "bn", (CONV,), NORM, "bn", {"place": 99})
    body = [replace(n, sources=(n.sources[0], NORM)) if n.kind == "add" else n for n in graph.body]
    return edits.sorted_by_need(
        replace(graph, body=(*body, conv, norm), labels={**graph.labels, "shortcut": NORM})
    )


def additions() -> tuple[Draft, ...]:
    """Return the mistakes made where F and the shortcut come together."""

    def joined(name: str, explanation: str, kind: str, here: str = HERE) -> Draft:
        return mistake(name, explanation, here, edit=into(ADD, kind))

    return (
        mistake("there is no skip connection", "the input, or its projection, is added to F before the last ReLU", HERE,
                edit=into(ADD, "first"), ways=[{"edit": e} for e in (
                    only(ADD, 0), when(changing, only(ADD, 0)), when(changing, into(ADD, "first")), when(straight, into(ADD, "first")))]),
        joined("F is thrown away", "whatever the convolutions compute, only the shortcut leaves the block", "second"),
        joined("the shortcut minus F", "the two paths are added: F is what the block learns to add", "rsub"),
        joined("F minus the shortcut", "the two paths are added, with a plus sign", "sub"),
        joined("F times the shortcut", "the two paths are added, not multiplied: F = 0 must leave the shortcut as it is", "mul"),
        joined("the mean of F and the shortcut", "the sum is not halved: halved again in every block, an input would fade", "average"),
        joined("the larger of F and the shortcut", "the two paths are added; a maximum lets only one of them through", "maximum"),
        joined("the shortcut is added twice", "F and the shortcut are added once each", "twice"),
        mistake("the shortcut passes no gradient", BOTH, "with F = 0 the gradient at the input must be the shortcut's own",
                edit=before(ADD, "detach", 1),
                ways=[{"edit": when(straight, before(ADD, "detach", 1)) & before(CONV, "detach")}]),
        mistake("F passes no gradient", BOTH, edit=before(ADD, "detach", 0)),
        mistake("no gradient flows back", "what is computed under `no_grad`, or detached, cannot be trained", edit=then("end", "detach")),
    )  # fmt: skip


def activations() -> tuple[Draft, ...]:
    """Return the mistakes made with the ReLUs around the addition."""
    on_input = when(straight, before(ADD, "relu", 1)) & before(CONV, "relu")
    some = (when(changing, before(ADD, "relu", 1)), when(straight, before(ADD, "relu", 1)), on_input)
    inside = swapped("bn*", "kind:relu")
    return (
        mistake("no ReLU at the end", "one ReLU follows the addition", "at {place} the sum is {sum}; the ReLU makes it {wanted}; "
                "yours is {yours}", edit=without(LAST_RELU)),
        mistake("the last ReLU comes before the addition", "add first, then ReLU: F must be able to subtract", HERE,
                edit=swapped(ADD, LAST_RELU)),
        mistake("a ReLU on F before the addition", "F is added as its batch norm leaves it, so that it can subtract; one ReLU "
                "follows the sum", HERE, edit=before(ADD, "relu", 0)),
        mistake("a ReLU on the shortcut", "the shortcut is added as it is, negative numbers too", HERE,
                edit=before(ADD, "relu", 1), ways=[{"edit": edit} for edit in some]),
        mistake("convolution, ReLU, batch norm", "the order is convolution, batch norm, ReLU", edit=inside & before("F", "relu"),
                ways=[{"edit": inside}]),
        mistake("pre-activation: batch norm, ReLU, convolution", "here the convolution comes first, then its batch norm, then the ReLU; "
                "the other order is the later block of identity mappings", edit=_preactivated(False, False),
                ways=[{"edit": _preactivated(*how)} for how in ((True, False), (False, True), (True, True))]),
    )  # fmt: skip


def _preactivated(keep: bool, end: bool) -> Edit:
    """Return the edit that puts batch norm and ReLU before every convolution; norms may keep their widths, the last ReLU stay."""

    def change(graph: Graph) -> Graph:
        convs = [node.name for node in edits.found(graph, "conv*")]
        graph = graph if end else without(LAST_RELU)(graph)
        for conv, norm in zip(convs, [name.replace("conv", "bn") for name in convs], strict=True):
            graph = (edits.pinned(norm) if keep else Edit(()))(graph)
            relus = [node.name for node in graph.takers(norm) if node.kind == "relu"]
            graph = swapped(conv, norm)(graph)
            graph = swapped(conv, relus[0])(graph) if relus else before(conv, "relu")(graph)
        return graph

    return Edit((change,))


def projections() -> tuple[Draft, ...]:
    """Return the mistakes made in the projection of a shortcut."""
    bare = into(CONV, "subsample", stride=lambda node, _: node.get("stride"))
    as_a = bare & into(NORM, "widen", f=lambda node, graph: graph.sizes()[graph.labels["F"]][0])
    dropped = without(PROJECTION)
    return (
        mistake("the projection has no batch norm", "on the shortcut, too, a batch norm follows the convolution", SHAPES,
                edit=without(NORM)),
        mistake("a projection although nothing changes", "where shapes stay, the shortcut is the input itself and has no weights",
                SHAPES, edit=when(straight, Edit((_projected,)))),
        mistake("no projection where only the size changes", "a stride changes the shape as well, also with as many maps as before",
                SHAPES, edit=when(same_maps, bare & without(NORM)), ways=[{"edit": when(same_maps, dropped)}]),
        mistake("no projection where only the number of maps changes", "other maps change the shape as well, also with stride 1",
                SHAPES, edit=when(same_size, dropped)),
        mistake("there is no projection", "where shapes change, the shortcut is a 1×1 convolution and a batch norm", SHAPES, edit=dropped),
        mistake("a 3×3 projection", "the shortcut's convolution is 1×1", SHAPES, edit=set_(CONV, k=3, padding=1)),
        mistake("shortcut A instead of a projection", "where shapes change, the shortcut here is a 1×1 convolution and a batch norm",
                SHAPES, edit=as_a),
    )  # fmt: skip


def residual(here: str, convolutions: int) -> tuple[Draft, ...]:
    """Return all mistakes that a block with a shortcut and so many convolutions in F invites."""
    each = [str(number + 1) for number in range(convolutions)]
    biased = ["conv*", CONV, *(f"conv{number}" for number in each)]
    return (
        *additions(), *activations(), *projections(), *norms(here, ("bn*", *(f"bn{number}" for number in each))),
        mistake("the convolutions have a bias", "the batch norm that follows subtracts the mean, and any bias with it: `bias=False`",
                here, edit=set_("kind:conv", bias=True), ways=[{"edit": set_(where, bias=True)} for where in biased]),
    )  # fmt: skip
