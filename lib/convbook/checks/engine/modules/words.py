"""Word the nodes of a graph for a reader: "the ReLU after the addition", "conv2", "every batch norm"."""

from __future__ import annotations

import re

from convbook.checks.engine.modules.graph import Graph, Node

ACTIVATIONS = {
    "relu": "ReLU", "tanh": "tanh", "sigmoid": "sigmoid", "leaky_relu": "leaky ReLU", "elu": "ELU", "gelu": "GELU",
}  # fmt: skip
POOLS = {"maxpool": "max pooling", "avgpool": "average pooling"}
KINDS = ACTIVATIONS | POOLS | {
    "conv": "convolution", "bn": "batch norm", "linear": "linear layer", "block": "block", "mean": "global average pooling",
    "add": "addition", "mul": "product", "cat": "concatenation", "dropout": "dropout", "flatten": "flattening",
    "softmax": "softmax", "scale": "scaling",
}  # fmt: skip
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def kind_word(kind: str) -> str:
    """Return the word for a kind of node."""
    return KINDS.get(kind, kind)


def named_by_hand(node: Node) -> bool:
    """Tell whether an author gave a node its name."""
    return not re.fullmatch(rf"{node.kind} \d+", node.name)


def word(graph: Graph, node: Node) -> str:
    """Return what a node is called in a sentence."""
    if named_by_hand(node):
        return node.name
    alike = [other for other in graph.body if other.kind == node.kind]
    told = kind_word(node.kind)
    if len(alike) == 1:
        return f"the {told}"
    if node.part or len(node.sources) != 1 or node.sources[0] == "x":
        place = alike.index(node)
        return f"the {ORDINALS[place] if place < len(ORDINALS) else f'{place + 1}th'} {told}"
    return f"the {told} after {word(graph, graph[node.sources[0]])}"


def every(role: str, kind: str) -> str:
    """Return what all nodes of a role are called."""
    return f"every {kind_word(role) if role == kind else role}"


def short(graph: Graph, name: str) -> str:
    """Return a node in a chain: its name, or its kind."""
    if name == "x":
        return "x"
    node = graph[name]
    return node.name if named_by_hand(node) else kind_word(node.kind)


def chain(graph: Graph, node: Node | None = None) -> str:
    """Return the way to a node and what follows it, or the way through a whole small graph: "conv1 → bn1 → ReLU"."""
    if node is None:
        names = [short(graph, n.name) for n in graph.body]
        if len(names) > 12:
            names = [*names[:5], "…", *names[-4:]]
        return " → ".join(names)
    before = [" and ".join(short(graph, source) for source in node.sources)]
    if len(node.sources) == 1 and node.sources[0] != "x":
        before = [short(graph, graph[node.sources[0]].sources[0]), *before]
    after = [short(graph, taker.name) for taker in graph.takers(node.name)[:1]]
    return " → ".join([*before, short(graph, node.name), *(after or ["the end"])])
