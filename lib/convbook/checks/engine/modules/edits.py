"""Edits of a graph: each is one mistake, made by leaving out, moving, feeding, sharing or changing nodes.

`where` says which nodes: a name (`"bn1"`), names with `*` (`"bn*"`), several of them (`"bn1, bn2"`), a label, `"role:relu"`,
`"kind:conv"`, or a function of node and graph. `first(where)` and `last(where)` take one of those found. An edit that finds
nothing leaves a graph as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from convbook.checks.engine.modules.graph import WEIGHTED, Graph, Node

Where = str | Callable[[Node, Graph], bool]


@dataclass(frozen=True)
class Edit:
    """Change a graph; several one after the other are one edit."""

    steps: tuple[Callable[[Graph], Graph], ...]

    def __call__(self, graph: Graph) -> Graph:
        for step in self.steps:
            graph = step(graph)
        return graph

    def __and__(self, other: Edit) -> Edit:
        return Edit((*self.steps, *other.steps))


def all_of(several: Iterable[Edit]) -> Edit:
    """Return the edit that makes several, one after the other."""
    return Edit(tuple(step for edit in several for step in edit.steps))


def when(condition: Callable[[Graph], bool], edit: Edit) -> Edit:
    """Return an edit that is made only where a condition of the graph holds."""
    return Edit((lambda graph: edit(graph) if condition(graph) else graph,))


def has(where: Where) -> Callable[[Graph], bool]:
    """Return the condition that there are such nodes."""
    return lambda graph: bool(found(graph, where))


def hasnot(where: Where) -> Callable[[Graph], bool]:
    """Return the condition that there is no such node."""
    return lambda graph: not found(graph, where)


def first(where: Where) -> Where:
    """Return the first of the nodes that are found."""
    return lambda node, graph: node.name in [n.name for n in found(graph, where)][:1]


def last(where: Where) -> Where:
    """Return the last of the nodes that are found."""
    return lambda node, graph: node.name in [n.name for n in found(graph, where)][-1:]


def found(graph: Graph, where: Where) -> list[Node]:
    """Return the nodes that `where` speaks of, in the order in which they run."""
    if callable(where):
        return [node for node in graph.body if where(node, graph)]
    patterns = [graph.labels.get(one.strip(), one.strip()) for one in where.split(",")]
    return [node for node in graph.body if any(_fits(node, pattern) for pattern in patterns)]


def _fits(node: Node, pattern: str) -> bool:
    kind, _, rest = pattern.partition(":")
    if rest and kind in ("kind", "role"):
        return fnmatchcase(getattr(node, kind), rest)
    return node.name == pattern or fnmatchcase(node.name, pattern)


def without(where: Where, keep_weights: bool = False) -> Edit:
    """Return the edit that leaves nodes out; `keep_weights` still declares their weights."""

    def change(graph: Graph) -> Graph:
        for node in found(graph, where):
            graph = _left_out(graph, graph[node.name], keep_weights and bool(node.part))
        return graph

    return Edit((change,))


def unused(where: Where) -> Edit:
    """Return the edit that declares layers and never runs them."""
    return without(where, keep_weights=True)


def _left_out(graph: Graph, node: Node, keep: bool) -> Graph:
    instead = node.sources[0]
    body = tuple(_taking(n, node.name, instead) for n in graph.body if n.name != node.name)
    labels = {label: instead if name == node.name else name for label, name in graph.labels.items()}
    kept = (
        (*graph.unused, node.but(taken=node.get("taken") or graph.sizes()[instead][0]))
        if keep
        else graph.unused
    )
    output = instead if graph.output == node.name else graph.output
    return replace(graph, body=body, labels=labels, unused=kept, output=output)


def _taking(node: Node, old: str, new: str) -> Node:
    return replace(node, sources=tuple(new if source == old else source for source in node.sources))


def then(where: Where, kind: str, **settings: Any) -> Edit:
    """Return the edit that puts an operation behind nodes; `x` is the input, `end` the result."""

    def change(graph: Graph) -> Graph:
        names = {"x": ["x"], "end": [graph.output]}.get(where) if isinstance(where, str) else None  # type: ignore[arg-type]
        for name in names or [node.name for node in found(graph, where)]:
            graph = inserted(graph, name, kind, settings)
        return graph

    return Edit((change,))


def inserted(graph: Graph, after: str, kind: str, settings: Mapping[str, Any], taker: str = "") -> Graph:
    """Return a graph with one more operation behind a result, for all that take it or only for one node."""
    name = f"{kind} behind {after}"
    while name in graph:
        name += " again"
    part = name if kind in WEIGHTED else ""
    return placed(graph, Node(name, kind, (after,), part, kind, dict(settings)), after, taker)


def placed(graph: Graph, node: Node, after: str, taker: str = "") -> Graph:
    """Return a graph with one more node: what took `after`, or only one taker of it, takes the node instead."""
    body = [n if taker and n.name != taker else _taking(n, after, node.name) for n in graph.body]
    place = 1 + next((i for i, n in enumerate(graph.body) if n.name == after), -1)
    output = node.name if graph.output == after and not taker else graph.output
    return replace(graph, body=(*body[:place], node, *body[place:]), output=output)


def before(where: Where, kind: str, source: int = 0, **settings: Any) -> Edit:
    """Return the edit that puts an operation in front of nodes, on one of the results that they take."""

    def change(graph: Graph) -> Graph:
        for node in found(graph, where):
            graph = inserted(graph, graph[node.name].sources[source], kind, settings, node.name)
        return graph

    return Edit((change,))


def set_(where: Where, **settings: Any) -> Edit:
    """Return the edit that gives nodes other settings; a function of node and graph gives the new value."""

    def change(graph: Graph) -> Graph:
        return graph.replaced(*(n.but(**_worked_out(settings, n, graph)) for n in found(graph, where)))

    return Edit((change,))


def _worked_out(settings: Mapping[str, Any], node: Node, graph: Graph) -> dict[str, Any]:
    return {name: value(node, graph) if callable(value) else value for name, value in settings.items()}


def as_wide(where: Where) -> Edit:
    """Return the edit that makes layers leave as many maps as they take."""

    def change(graph: Graph) -> Graph:
        for node in found(graph, where):
            graph = graph.replaced(graph[node.name].but(f=width(node, graph)))
        return graph

    return Edit((change,))


def pinned(where: Where) -> Edit:
    """Return the edit that leaves layers as wide as they are declared, whatever feeds them from now on."""

    def change(graph: Graph) -> Graph:
        sizes = graph.sizes()
        return graph.replaced(
            *(n.but(taken=n.get("taken") or sizes[n.sources[0]][0]) for n in found(graph, where))
        )

    return Edit((change,))


def strides_exchanged(one: str, other: str) -> Edit:
    """Return the edit that gives each of two nodes the other's stride."""

    def change(graph: Graph) -> Graph:
        if one not in graph or other not in graph:
            return graph
        a, b = graph[one], graph[other]
        return graph.replaced(a.but(stride=b.get("stride")), b.but(stride=a.get("stride")))

    return Edit((change,))


def into(where: Where, kind: str, **settings: Any) -> Edit:
    """Return the edit that puts another operation in the place of nodes."""

    def change(graph: Graph) -> Graph:
        keep = ("k", "stride", "padding") if "pool" in kind else ("f", "bias") if kind == "linear" else ()
        new = []
        for node in found(graph, where):
            kept = {name: value for name, value in node.settings.items() if name in (*keep, "place")}
            part = node.part if kind in WEIGHTED else ""
            new.append(
                replace(node, kind=kind, part=part, settings={**kept, **_worked_out(settings, node, graph)})
            )
        return graph.replaced(*new)

    return Edit((change,))


def doubled(where: Where) -> Edit:
    """Return the edit that runs nodes twice, one layer with the same weights."""

    def change(graph: Graph) -> Graph:
        for node in found(graph, where):
            graph = placed(graph, replace(node, name=f"{node.name} again", sources=(node.name,)), node.name)
        return graph

    return Edit((change,))


def swapped(one: Where, other: Where) -> Edit:
    """Return the edit that exchanges nodes that follow each other: what was first then comes after the other."""

    def change(graph: Graph) -> Graph:
        names = {node.name for node in found(graph, other)}
        for a in found(graph, one):
            for b in [node.name for node in graph.takers(a.name) if node.name in names]:
                graph = exchanged(graph, a.name, b)
        return graph

    return Edit((change,))


def exchanged(graph: Graph, a: str, b: str) -> Graph:
    """Return a graph in which node `a`, which fed `b`, comes after it."""
    one, other = graph[a], graph[b]
    new = {a: replace(one, sources=(b, *one.sources[1:])), b: _taking(other, a, one.sources[0])}
    body = tuple(new.get(n.name) or _taking(n, b, a) for n in graph.body)
    output = a if graph.output == b else graph.output
    labels = {label: {a: one.sources[0], b: a}.get(name, name) for label, name in graph.labels.items()}
    return sorted_by_need(replace(graph, body=body, output=output, labels=labels))


def fed(where: Where, by: Where, source: int = 0, now: str = "") -> Edit:
    """Return the edit that feeds nodes with another result, `"x"` or a node's; their widths stay as declared.

    With `now`, only where that is what they take.
    """

    def change(graph: Graph) -> Graph:
        names = ["x"] if by == "x" else [n.name for n in found(graph, by)]
        nodes = [n for n in found(graph, where) if len(n.sources) > source and now in ("", n.sources[source])]
        if not names or not nodes:
            return graph
        chosen = {node.name for node in nodes}
        graph = pinned(lambda node, _: bool(node.part) and node.name in chosen)(graph)
        for node in [graph[name] for name in sorted(chosen)]:
            taken = [names[0] if i == source else s for i, s in enumerate(node.sources)]
            graph = graph.replaced(replace(node, sources=tuple(taken)))
        return sorted_by_need(graph)

    return Edit((change,))


def sorted_by_need(graph: Graph) -> Graph:
    """Return a graph whose nodes run after all that they take; as it was, as far as that goes."""
    left, done, order = list(graph.body), {"x"}, []
    while left:
        node = next((n for n in left if set(n.sources) <= done), None)
        if node is None:
            return graph
        left.remove(node)
        order.append(node)
        done.add(node.name)
    return replace(graph, body=tuple(order))


def shared(where: Where, key: Callable[[Node, Graph], Any] | None = None, names_kept: bool = False) -> Edit:
    """Return the edit that makes one layer of several; with a key, one of all for which it gives the same.

    With `names_kept` the state-dict still has a name for each, as where one layer is put into a list several times.
    """

    def change(graph: Graph) -> Graph:
        owners: dict[Any, str] = {}
        nodes = found(graph, where)
        for node in reversed(nodes) if names_kept else nodes:
            owners.setdefault(key(node, graph) if key else "", node.part)
        new = [replace(node, part=owners[key(node, graph) if key else ""]) for node in nodes]
        if names_kept:
            aliases = {
                node.part: other.part
                for node, other in zip(nodes, new, strict=True)
                if node.part != other.part
            }
            graph = replace(graph, aliases={**graph.aliases, **aliases})
        return graph.replaced(*new)

    return Edit((change,))


def width(node: Node, graph: Graph) -> int:
    """Return how many maps a node takes: a key for `shared`."""
    return graph.sizes()[node.sources[0]][0]


def unowned(where: Where) -> Edit:
    """Return the edit that keeps layers where the module does not own them, in a plain list for instance."""
    return Edit((lambda graph: replace(graph, unowned=tuple(n.part for n in found(graph, where) if n.part)),))


def _crossed(graph: Graph, where: Where, source: int) -> Graph:
    for node in found(graph, where):
        instead = graph[node.name].sources[source]
        body = tuple(_taking(n, node.name, instead) for n in graph.body if n.name != node.name)
        labels = {label: instead if name == node.name else name for label, name in graph.labels.items()}
        output = instead if graph.output == node.name else graph.output
        graph = replace(graph, body=body, output=output, labels=labels)
    return graph


def pruned(graph: Graph) -> Graph:
    """Return a graph without the nodes on which its result does not depend; their weights go with them."""
    needed, body = {graph.output}, []
    for node in reversed(graph.body):
        if node.name in needed:
            needed.update(node.sources)
            body.append(node)
    return replace(graph, body=tuple(reversed(body)))


def only(where: Where, source: int) -> Edit:
    """Return the edit that hands on one source of a join alone, with nothing left of what made the others."""
    return Edit((lambda graph: pruned(_crossed(graph, where, source)) if found(graph, where) else graph,))


def resourced(where: Where, sources: tuple[str, ...]) -> Edit:
    """Return the edit that gives a join other sources, or the same in another order."""

    def change(graph: Graph) -> Graph:
        return graph.replaced(*(replace(node, sources=sources) for node in found(graph, where)))

    return Edit((change,))


def behind(graph: Graph, name: str) -> set[str]:
    """Return a node and all that depends on it, up to the next join."""
    reached = {name}
    for node in graph.body:
        if len(node.sources) == 1 and node.sources[0] in reached:
            reached.add(node.name)
    return reached


def after_first(where: Where) -> Where:
    """Return all of the nodes that are found but the first."""
    return lambda node, graph: node.name in [n.name for n in found(graph, where)][1:]


def weight_shape(node: Node, graph: Graph) -> tuple:
    """Return how large a layer is: a key for `shared`, for only layers of one size can be one."""
    return tuple(node.get(name) for name in ("f", "k", "stride")), width(node, graph)
