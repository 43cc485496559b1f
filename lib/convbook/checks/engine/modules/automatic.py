"""Make every single edit of a graph a mistake, and word it from the graph alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from convbook.checks.engine.declare import Draft
from convbook.checks.engine.modules import edits
from convbook.checks.engine.modules.edits import Edit, Where
from convbook.checks.engine.modules.graph import Graph, GraphError, Node
from convbook.checks.engine.modules.words import ACTIVATIONS, POOLS, chain, every, kind_word, word

MANY = 16  # nodes: of a larger graph only the first and the last of every role are edited one by one
PATHS = 14  # nodes: of a larger graph nothing is fed from elsewhere
Found = tuple[str, Edit]
HEADS = {  # in the place of global average pooling
    "amax": "is global max pooling", "total": "adds up where it should average", "corner": "takes one pixel",
    "flatten": "is left out: every pixel goes on, in one long row",
}  # fmt: skip
JOINS = {
    "sub": "the second operand is subtracted", "rsub": "the first operand is subtracted", "mul": "the operands are multiplied",
    "average": "the mean of the operands is taken", "maximum": "the larger of the operands is taken",
    "first": "the second operand is left out", "second": "the first operand is left out",
    "twice": "the second operand is added twice",
}  # fmt: skip
ENDS = {
    "softmax": "there is a softmax at the end", "log_softmax": "there is a log-softmax at the end",
    "relu": "there is a ReLU at the end", "sigmoid": "there is a sigmoid at the end",
    "detach": "no gradient flows back from the end",
}  # fmt: skip


def mistakes_of(graphs: Sequence[Graph]) -> list[Draft]:
    """Return all single edits of these graphs, each with its name, the same name only once."""
    found: dict[str, Draft] = {}
    for graph in sorted(graphs, key=lambda g: -len(g.body)):
        for node in singled_out(graph):
            asked = f"asked for is {chain(graph, node)}"
            for name, edit in of_node(graph, node):
                found.setdefault(name, Draft(name, asked, "", (edit,)))
        for name, edit in (*of_roles(graph), *of_end(graph)):
            found.setdefault(name, Draft(name, "asked for is " + chain(graph), "", (edit,)))
    for draft in of_paths(graphs):
        found.setdefault(draft.name, draft)
    bending = [draft for draft in found.values() if any(_bends(draft.ways[0], graph) for graph in graphs)]
    return sorted(bending, key=lambda draft: not draft.name.endswith(" is missing"))  # the plainest first


def _bends(edit: Edit, graph: Graph) -> bool:
    """Tell whether an edit changes a graph; one that cannot be made where it matters changes it, too."""
    try:
        return edit(graph) != graph
    except GraphError:
        return True


def singled_out(graph: Graph) -> list[Node]:
    """Return the nodes that are edited one by one."""
    if len(graph.body) <= MANY:
        return list(graph.body)
    roles: dict[str, list[Node]] = {}
    for node in graph.body:
        roles.setdefault(node.role, []).append(node)
    kept = {node.name for nodes in roles.values() for node in (nodes[0], nodes[-1])}
    return [node for node in graph.body if node.name in kept]


def of_node(graph: Graph, node: Node) -> Iterator[Found]:
    """Yield what may go wrong with one node."""
    told, name = word(graph, node), node.name
    if len(node.sources) == 1:
        yield f"{told} is missing", edits.without(name)
        if node.part:
            yield f"{told} is declared and never used", edits.unused(name)
        yield from _moved(graph, node, told)
        if node.kind not in (*ACTIVATIONS, "mean", "flatten", "linear"):
            yield f"{told} is applied twice", edits.doubled(name)
    yield from of_settings(told, name, [node])
    if node.kind == "add":
        yield from ((f"{told} goes wrong: {what}", edits.into(name, kind)) for kind, what in JOINS.items())
    if node.kind == "cat":
        yield from _branches(node, told)
    yield f"no gradient flows back through {told}", edits.then(name, "detach")
    if len(graph.body) <= PATHS:
        yield from _twins(graph, node, told)


def _moved(graph: Graph, node: Node, told: str) -> Iterator[Found]:
    for taker in graph.takers(node.name):
        follower = word(graph, taker)
        if follower.endswith(f" after {told}"):
            follower = f"its {kind_word(taker.kind)}"
        yield f"{told} comes after {follower}", edits.swapped(node.name, taker.name)
    if node.kind == "conv":
        for other in graph.body:
            if other.kind == "conv" and other.name != node.name:
                yield (
                    f"the stride of {told} is on {word(graph, other)}",
                    edits.strides_exchanged(node.name, other.name),
                )


def of_settings(told: str, where: Where, nodes: Sequence[Node]) -> Iterator[Found]:
    """Yield what may be set wrongly in nodes of one kind."""
    kind, some = nodes[0].kind, nodes[0]
    if kind == "conv":
        for k in {1, 3, 5, 7} - {n.get("k") for n in nodes}:
            yield f"{told} is {k}×{k}", edits.set_(where, k=k, padding=_padded(k))
        if some.get("bias") is not None:
            yield (
                f"{told} has {'no ' if some.get('bias') else 'a '}bias",
                edits.set_(where, bias=not some.get("bias")),
            )
        yield f"{told} leaves as many maps as it takes", edits.as_wide(where)
    if kind == "linear":
        yield f"{told} has no bias", edits.set_(where, bias=False)
    if kind in ("conv", *POOLS, "block"):
        for stride in (1, 2, 3):
            yield f"{told} always has stride {stride}", edits.set_(where, stride=stride)
    if kind in ("conv", *POOLS):
        for padding in {0, 1, 2, 3} - {n.get("padding") for n in nodes}:
            yield f"{told} has padding {padding}", edits.set_(where, padding=padding)
    if kind in POOLS:
        other = "avgpool" if kind == "maxpool" else "maxpool"
        yield f"{told} is {POOLS[other]}", edits.into(where, other)
        for k in {2, 3} - {n.get("k") for n in nodes}:
            yield f"{told} has a {k}×{k} window", edits.set_(where, k=k)
            yield f"{told} has a {k}×{k} window and no padding", edits.set_(where, k=k, padding=0)
    if kind in ACTIVATIONS:
        for other, called in ACTIVATIONS.items():
            if other != kind:
                yield f"{told} is a {called}", edits.into(where, other)
    if kind == "bn":
        yield f"{told} always uses the batch", edits.set_(where, statistics="batch")
        yield f"{told} never uses the batch", edits.set_(where, statistics="running")
    if kind == "mean":
        yield from ((f"{told} {what}", edits.into(where, other)) for other, what in HEADS.items())
        yield (
            f"{told} is followed by `squeeze()`, which drops the axis of a single image too",
            edits.then(where, "squeeze"),
        )
    if kind == "dropout":
        yield f"{told} is active in evaluation mode too", edits.set_(where, when="always")
        yield (
            f"{told} keeps with the probability with which it should drop",
            edits.set_(where, p=lambda node, _: 1 - node.get("p")),
        )
        for p in (
            {0.1, 0.2, 0.25, 0.3, 0.5, 0.8} - {n.get("p") for n in nodes} - {1 - n.get("p") for n in nodes}
        ):
            yield f"{told} drops with probability {p}", edits.set_(where, p=p)


def _padded(k: int) -> Callable[[Node, Graph], int]:
    return lambda node, _: max(0, node.get("padding") + (k - node.get("k")) // 2)


def _branches(node: Node, told: str) -> Iterator[Found]:
    sources = node.sources
    orders = {"in reverse order": sources[::-1]}
    for i in range(len(sources) - 1):
        order = list(sources)
        order[i], order[i + 1] = order[i + 1], order[i]
        orders.setdefault(f"in another order: branch {i + 2} before branch {i + 1}", tuple(order))
    for i in range(len(sources)):
        orders[f"without branch {i + 1}"] = sources[:i] + sources[i + 1 :]
    for what, order in orders.items():
        yield f"{told} puts the branches together {what}", edits.resourced(node.name, order)


def of_paths(graphs: Sequence[Graph]) -> list[Draft]:
    """Return what may be fed from elsewhere; what bears one name in several graphs is one mistake."""
    found: dict[str, tuple[str, dict[tuple, Edit]]] = {}
    for graph in graphs:
        for place, node in enumerate(graph.body if len(graph.body) <= PATHS else ()):
            for source, now in enumerate(node.sources):
                for other in ("x", *(n.name for n in graph.body[:place])):
                    if other != now:
                        name = _fed_name(graph, node, source, other)
                        _, ways = found.setdefault(name, (f"asked for is {chain(graph, node)}", {}))
                        ways.setdefault(
                            (node.name, other, source, now), edits.fed(node.name, other, source, now)
                        )
    return [Draft(name, asked, "", (edits.all_of(ways.values()),)) for name, (asked, ways) in found.items()]


def _fed_name(graph: Graph, node: Node, source: int, other: str) -> str:
    now = node.sources[source]
    if label := _start(graph, node, source):
        return f"the {label} starts after {word(graph, graph[other])}, not at the input"
    told = word(graph, node)
    if len(node.sources) > 1 and other in node.sources:
        return f"{told} takes {_result(graph, other)} twice"
    return f"{told} takes {_result(graph, other)}, not {_result(graph, now)}"


def _start(graph: Graph, node: Node, source: int) -> str:
    """Return the label of the path that begins at the input with what a node takes, or nothing."""
    if node.sources[source] != "x":
        return ""
    reached = {"x"} if len(node.sources) > 1 else edits.behind(graph, node.name)
    return next((label for label, name in graph.labels.items() if name in reached), "")


def _result(graph: Graph, name: str) -> str:
    return "the input" if name == "x" else f"what {word(graph, graph[name])} gives"


def _twins(graph: Graph, node: Node, told: str) -> Iterator[Found]:
    for other in graph.body[: graph.body.index(node)]:
        if node.part and other.kind == node.kind:
            yield f"{word(graph, other)} and {told} are one layer", edits.shared(f"{other.name}, {node.name}")


def of_roles(graph: Graph) -> Iterator[Found]:
    """Yield what may go wrong with all nodes of one role at once."""
    roles: dict[str, list[Node]] = {}
    for node in graph.body:
        roles.setdefault(node.role, []).append(node)
    for role, nodes in roles.items():
        where, told = f"role:{role}", every(role, nodes[0].kind)
        if len(nodes) < 2 or len({node.kind for node in nodes}) > 1:
            continue
        if all(len(node.sources) == 1 for node in nodes):
            yield f"{told} is missing", edits.without(where)
            yield (
                f"only the first {kind_word(nodes[0].kind)} is there",
                edits.without(edits.after_first(where)),
            )
        if nodes[0].part:
            yield f"{told} is declared and never used", edits.unused(where)
            yield f"{told} is one and the same layer", edits.shared(where, edits.weight_shape)
        takers = {taker.kind for node in nodes for taker in graph.takers(node.name)} - {nodes[0].kind}
        for kind in sorted(takers & {"bn", *ACTIVATIONS, *POOLS}):
            yield f"{told} comes after the {kind_word(kind)}", edits.swapped(where, f"kind:{kind}")
        yield from of_settings(told, where, nodes)


def of_end(graph: Graph) -> Iterator[Found]:
    """Yield what may be put behind the end."""
    for kind, name in ENDS.items():
        if graph[graph.output].kind != kind:
            yield name, edits.then("end", kind)
