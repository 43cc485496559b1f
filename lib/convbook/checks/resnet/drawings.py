"""Drawings of the blocks and networks of unit 10, from the same graphs that its checks compare answers with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from convbook.checks.engine.declare import question_of
from convbook.checks.engine.modules.graph import Graph, Node, Value, traced
from convbook.checks.resnet.blocks import BasicBlock, Bottleneck
from convbook.checks.resnet.networks import ResNet, relay
from convbook.checks.resnet.published import NETWORKS

SIDE = 32  # pixels of the maps that enter a block
PHOTO = 224
Box = dict[str, Any]


def plain(x: Value, c_in: int, c_out: int, stride: int = 1) -> Value:
    """Write down the same layers as a basic block's, without a shortcut."""
    x = x.conv(c_out, 3, stride, bias=False).bn().relu()
    return x.conv(c_out, 3, bias=False).bn().relu()


def with_shortcut(kind: str) -> Callable[..., Value]:
    """Return the function that writes down a basic block with shortcut A, B or C; the layers of F are one box."""

    def block(x: Value, c_in: int, c_out: int, stride: int = 1) -> Value:
        f = x.conv(c_out, 3, stride, bias=False, role="F")
        changes = c_in != c_out or stride != 1
        if kind == "A" and changes:
            x = x.then("subsample", stride=stride).then("widen", f=c_out)
        elif kind == "C" or changes:
            x = x.conv(c_out, 1, stride, bias=False).bn()
        return (f + x).relu()

    return block


OTHERS = {"plain": plain} | {kind: with_shortcut(kind) for kind in "ABC"}
EXERCISES = {exercise.name: exercise for exercise in (BasicBlock, Bottleneck)}


def drawing(name: str, c_in: int, c: int, stride: int = 1) -> list[Box]:
    """Return the boxes of a block built with (c_in, c, stride): each has `kind`, `text`, `shape` (c, h, w) and `from`.

    `name` is BasicBlock, Bottleneck, plain, or A, B, C: a basic block with that shortcut. Box 0 is the input, and `from` are
    the places of the boxes that feed one.

    >>> [box["text"] for box in drawing("plain", 8, 16, 2)]
    ['x', '3×3 conv, 16, /2', 'batch norm', 'ReLU', '3×3 conv, 16', 'batch norm', 'ReLU']
    """
    if name in EXERCISES:
        question = question_of(EXERCISES[name])
        graph = question.observer.graph(question.oracle, (c_in, c, stride))
        return _boxes(replace(graph, image=(c_in, SIDE, SIDE)))
    if name not in OTHERS:
        raise ValueError(f"there is no drawing of {name!r}; choose one of {', '.join([*EXERCISES, *OTHERS])}")
    return _boxes(traced(OTHERS[name], (c_in, SIDE, SIDE), c_in, c, stride))


def network_drawing(depth: int) -> list[Box]:
    """Return the boxes of ResNet-18, -34 or -50 for a photograph of 224 × 224 pixels, a residual block being one box."""
    if depth not in NETWORKS:
        raise ValueError(f"there is no drawing of ResNet-{depth}; choose one of {sorted(NETWORKS)}")
    layout, expansion, layers = NETWORKS[depth]
    question = question_of(ResNet)
    graph = question.observer.graph(question.oracle, (relay(expansion, layout), list(layers)))
    return _boxes(replace(graph, image=(3, PHOTO, PHOTO)))


def _boxes(graph: Graph) -> list[Box]:
    sizes = graph.sizes()
    places = {"x": 0} | {node.name: place for place, node in enumerate(graph.body, start=1)}
    first = {"kind": "input", "text": "x", "name": "x", "shape": sizes["x"], "from": []}
    return [first] + [
        {"kind": "F" if node.role == "F" else node.kind, "text": _text(node), "name": node.name, "shape": sizes[node.name],
         "from": [places[source] for source in node.sources]}
        for node in graph.body
    ]  # fmt: skip


def _text(node: Node) -> str:
    stride = node.get("stride", 1)
    slash = f", /{stride}" if stride != 1 else ""
    if node.role == "F":
        return f"the layers of F{slash}"
    if node.kind == "conv":
        return f"{node.get('k')}×{node.get('k')} conv, {node.get('f')}{slash}"
    if node.kind == "subsample":
        return f"pixels 0, {stride}, {2 * stride} …"
    plain_words = {
        "bn": "batch norm", "relu": "ReLU", "add": "+", "widen": f"zeros, to {node.get('f')} maps",
        "mean": "mean of every map", "linear": f"linear, {node.get('f')}",
        "maxpool": f"{node.get('k')}×{node.get('k')} max pool{slash}", "block": f"block, {node.get('c')}{slash}",
    }  # fmt: skip
    return plain_words[node.kind]
