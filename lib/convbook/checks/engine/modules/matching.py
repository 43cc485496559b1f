"""Find which of a learner's tensors plays which part of a graph, whatever they are called.

Every weighted layer gets a signature: its kind, the shape of its weights, and the signatures of the weighted layers that
feed it and that it feeds. Names, the order of definition and what lies between the layers do not matter.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from convbook.checks.engine.modules.graph import WEIGHTED, Graph, layer_word

Shapes = dict[str, tuple[int, ...]]


@dataclass(frozen=True)
class Layer:
    """One weighted layer that ran: its signature, the state-dict names of its tensors, its stride and the like."""

    signature: int
    kind: str
    tensors: dict[str, str]
    settings: dict[str, Any] = field(default_factory=dict)
    feeders: tuple[int, ...] = ()  # the layers that feed it, by their places; -1 is the input

    def word(self, shapes: Shapes) -> str:
        """Return the layer in words for a reader."""
        shape = shapes.get(self.tensors.get("weight", ""))
        return layer_word(self.kind, shape, bool(self.tensors.get("bias")))


class Signatures:
    """Number signatures, so that a long chain of layers stays one small number."""

    def __init__(self) -> None:
        self.known: dict[Any, int] = {}

    def number(self, *what: Any) -> int:
        return self.known.setdefault(what, len(self.known))

    def of(self, layers: list[tuple[str, Any]], feeders: list[set[int]]) -> list[int]:
        """Return a number for every layer, by its kind and shape, by all that feeds it and by all that it feeds."""
        ahead: list[int] = []
        for (kind, shape), near in zip(layers, feeders, strict=True):
            ahead.append(self.number(kind, shape, frozenset(ahead[i] for i in near if i >= 0)))
        back: dict[int, int] = {}
        for place in reversed(range(len(layers))):
            taken = frozenset(back[i] for i in range(place + 1, len(layers)) if place in feeders[i])
            back[place] = self.number("back", *layers[place], taken)
        return [self.number(one, back[place]) for place, one in enumerate(ahead)]


def layers_of(trace: list[dict[str, Any]], shapes: Shapes, signatures: Signatures) -> list[Layer]:
    """Return the weighted layers of a trace on which its result depends, in the order in which they ran."""
    alive = _alive([entry["sources"] for entry in trace], [entry["result"] for entry in trace])
    behind: list[set[int]] = []
    kept: list[tuple[dict[str, Any], set[int]]] = []
    for place, entry in enumerate(trace):
        near = set().union(*(behind[s] if s >= 0 else {-1} for s in entry["sources"] if s < place))
        if entry["kind"] in WEIGHTED:
            if place in alive:
                kept.append((entry, near))
            near = {len(kept) - 1} if place in alive else set()
        behind.append(near)
    words = [(entry["kind"], shapes.get(entry["tensors"].get("weight", ""))) for entry, _ in kept]
    numbers = signatures.of(words, [near for _, near in kept])
    return [
        Layer(number, entry["kind"], entry["tensors"], entry["settings"], tuple(sorted(near)))
        for number, (entry, near) in zip(numbers, kept, strict=True)
    ]


def match(layers: list[Layer], graph: Graph, signatures: Signatures) -> dict[str, str] | None:
    """Return `{tensor of the graph: name in the learner's state-dict}`, or None if the layers do not fit.

    Two parts never share a tensor unless the graph says so.
    """
    waiting: dict[int, list[Layer]] = defaultdict(list)
    for layer in reversed(layers):
        waiting[layer.signature].append(layer)
    found: dict[str, Layer] = {}
    tensors = graph.tensors()
    for part, signature in _signed(graph, tensors, signatures):
        if not waiting[signature]:
            return None
        layer = waiting[signature].pop()
        if found.setdefault(part, layer).tensors != layer.tensors:
            return None
    if any(waiting.values()):
        return None
    names = _named(found, graph, tensors)
    shared = names is not None and len(set(names.values())) < len(names)
    return None if shared else names


def _signed(graph: Graph, tensors: dict[str, Any], signatures: Signatures) -> list[tuple[str, int]]:
    """Return part and signature of every weighted node on which the graph's result depends."""
    places = {"x": -1}
    sources = []
    for place, node in enumerate(graph.body):
        taken = {"first": node.sources[:1], "second": node.sources[1:]}.get(node.kind, node.sources)
        sources.append([places[name] for name in taken])
        places[node.name] = place
    alive = _alive(sources, [node.name == graph.output for node in graph.body])
    behind: list[set[int]] = []
    kept: list[tuple[str, str, set[int]]] = []
    for place, node in enumerate(graph.body):
        near = set().union(*(behind[s] if s >= 0 else {-1} for s in sources[place]))
        if node.kind in WEIGHTED:
            if place in alive:
                kept.append((node.part, node.kind, near))
            near = {len(kept) - 1} if place in alive else set()
        behind.append(near)
    numbers = signatures.of(
        [(kind, tensors[part]["weight"]) for part, kind, _ in kept], [near for *_, near in kept]
    )
    return [(part, number) for number, (part, _, _) in zip(numbers, kept, strict=True)]


def feeders_of(graph: Graph) -> list[tuple[int, ...]]:
    """Return for every layer of a graph the places of the layers that feed it; -1 is the input."""
    behind: dict[str, set[int]] = {"x": {-1}}
    found: list[tuple[int, ...]] = []
    for node in graph.body:
        near = set().union(*(behind[source] for source in node.sources))
        if node.kind in WEIGHTED:
            found.append(tuple(sorted(near)))
            near = {len(found) - 1}
        behind[node.name] = near
    return found


def _alive(sources: list[list[int]], results: list[bool]) -> set[int]:
    """Return the places whose outputs reach the result."""
    alive = {place for place, is_result in enumerate(results) if is_result}
    for place in reversed(range(len(sources))):
        if place in alive:
            alive.update(s for s in sources[place] if s >= 0)
    return alive


def _named(found: dict[str, Layer], graph: Graph, tensors: dict[str, Any]) -> dict[str, str] | None:
    names = {}
    for part, layer in found.items():
        bias = ("bias" in tensors[part]) != ("bias" in layer.tensors)
        if bias and not (graph.free_bias and layer.kind == "conv"):
            return None
        if layer.kind == "bn" and "bias" not in layer.tensors:
            return None
        names |= {f"{part}.{name}": own for name, own in layer.tensors.items() if own}
    return names
