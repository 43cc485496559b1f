"""What a drawing needs of a graph, and of what ran in a module: boxes as plain data, with marks, partners and numbers.

A box has `name`, `kind`, `about` (its settings), `shape`, `from` (the places of the boxes that feed it), `mark`, `twin` (the place
of its partner in the other drawing, 0 for none), `alive` (its values reach the result) and `within` (the parts that fold).
The first box is the input.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from convbook.answers.anatomy import Anatomy
from convbook.checks.engine.modules.beside import CHANGED, EXTRA, MISSING, Beside, marks_of, paired
from convbook.checks.engine.modules.drawn import drawn_weights
from convbook.checks.engine.modules.graph import Graph, Node, layer_word
from convbook.checks.engine.modules.running import run
from convbook.checks.engine.modules.words import kind_word

AUTOMATIC = r"[a-z_]+ \d+( again)?|.* behind .*"  # names that no author gave
Box = dict[str, Any]


def drawn(
    module: Any, x: np.ndarray, runs: Mapping[str, Anatomy], found: Beside | None, folded: int
) -> tuple[dict, list]:
    """Return the learner's nodes and numbers in each mode, and the wanted nodes, both with marks and partners."""
    if found is None:
        return {mode: _side(module, seen, {}, {}, folded) for mode, seen in runs.items()}, []
    mine, theirs = marks_of(found.wanted, found.made) if found.named else ({}, {})
    nodes = boxes_of(found.wanted, x, folded)
    places = {node.name: place for place, node in enumerate(found.wanted.body, start=1)}
    yours = {}
    for mode, seen in runs.items():
        pairs = paired(seen.steps, found.made, found.names)
        given = {place: theirs.get(name, "") for place, name in pairs.items()}
        if not found.named and seen.reply.status == "returned":
            given |= {place: EXTRA for place in range(len(seen.steps)) if place not in pairs}
        twins = {place: places[name] for place, name in pairs.items() if name in places}
        yours[mode] = _side(module, seen, given, twins, folded)
        if mode == "evaluation":
            right = (
                found.named and found.made is found.wanted
            )  # by another way, maybe, but nothing is missing
            done = seen.reply.status == "returned" and not right
            left = set(places) - set(pairs.values()) if done else set()
            marks = dict.fromkeys(left, MISSING) | mine
    for name, place in places.items():
        nodes[place]["mark"] = marks.get(name, "")
    if not found.named:
        for one in yours.values():
            _compare(one["nodes"], nodes)
    return yours, nodes


def _compare(yours: list[Box], wanted: list[Box]) -> None:
    """Mark partners that are set otherwise, where the judge names no mistake."""
    for node in yours:
        other = wanted[node["twin"]] if node["twin"] else None
        if other and node["about"] != other["about"]:
            node["mark"] = other["mark"] = CHANGED


def _side(
    module: Any, seen: Anatomy, marks: Mapping[int, str], twins: Mapping[int, int], folded: int
) -> dict:
    state = {name: tuple(t.shape) for name, t in module.state_dict().items()}
    inner = {name for name, part in module.named_modules() if name and any(True for _ in part.children())}
    nodes, paths = [_input(seen.input.shape)], [""]
    alive = _alive(seen.steps)
    for place, step in enumerate(seen.steps):
        weights, note = step["tensors"].get("weight", ""), step["output"]
        own = step["name"] if step["name"] not in inner else ""
        own = own or weights.rpartition(".")[0]  # a function may be called with a layer's weights
        paths.append(own.rpartition(".")[0] if own else step["name"])
        bias = bool(step["tensors"].get("bias"))
        about = _about(step["kind"], state.get(weights), bias, step["settings"], note.shape)
        kind = kind_word("flatten" if step["kind"] == "reshape" and len(note.shape) == 2 else step["kind"])
        nodes.append({
            "name": own or kind, "kind": kind, "about": about,
            "shape": list(note.shape), "from": sorted({s + 1 for s in step["sources"]}), "mark": marks.get(place, ""),
            "twin": twins.get(place, 0), "alive": place in alive,
        })  # fmt: skip
    _fold(nodes, paths, folded)
    return {"nodes": nodes, "numbers": [seen.input.numbers, *(step["output"].numbers for step in seen.steps)]}


def _input(shape: Sequence[int]) -> Box:
    return {"name": "x", "kind": "input", "about": "", "shape": list(shape), "from": [], "mark": "", "twin": 0, "alive": True}  # fmt: skip


def _alive(steps: Sequence[Mapping[str, Any]]) -> set[int]:
    alive = {place for place, step in enumerate(steps) if step.get("result", True)}
    for place in reversed(range(len(steps))):
        if place in alive:
            alive.update(steps[place]["sources"])
    return alive


def boxes_of(graph: Graph, x: np.ndarray, folded: int = 24) -> list[Box]:
    """Return the boxes of a graph for an input of the shape of `x`; more than `folded` are folded by their parts."""
    names = {name: name for name, _, _ in graph.entries()}
    with torch.no_grad():
        values = run(
            graph, drawn_weights(graph, names, "", {}), torch.from_numpy(x.astype(np.float64)), False
        )
    tensors = graph.tensors()
    places = {"x": 0} | {node.name: place for place, node in enumerate(graph.body, start=1)}
    nodes, paths = [_input(x.shape)], [""]
    for node in graph.body:
        weights = tensors.get(node.part, {})
        shape = tuple(values[node.name].shape)
        about = _about(node.kind, weights.get("weight"), "bias" in weights, node.settings, shape)
        nodes.append({
            "name": _named(node), "kind": kind_word(node.kind), "about": about, "shape": list(shape),
            "from": sorted({places[s] for s in node.sources}), "mark": "", "twin": 0, "alive": True,
        })  # fmt: skip
        paths.append(node.part.rpartition(".")[0])
    _fold(nodes, paths, folded)
    return nodes


def _named(node: Node) -> str:
    """Return the name that an author gave a node, or its kind; an edit may have made another kind of it."""
    return kind_word(node.kind) if re.fullmatch(AUTOMATIC, node.name) else node.name


def _about(kind: str, weight: Any, bias: bool, settings: Mapping[str, Any], shape: Sequence[int]) -> str:
    """Return what sets an operation apart from others of its kind."""
    told = layer_word(kind, weight, bias).partition(" ")[2] if kind in ("conv", "linear") else ""
    told = told.replace(" (", ", ").replace(" to ", "→").replace("(", "").replace(")", "")
    if kind in ("maxpool", "avgpool"):
        k = _one(settings.get("k", settings.get("kernel_size")))
        told = "global" if tuple(shape[2:]) == (1, 1) else f"{k}×{k}"
    if kind == "dropout":
        told = f"p = {settings.get('p', 0.5)}"
    stride = _one(settings.get("stride"))
    return told + (f", stride {stride}" if kind in ("conv", "block") and stride not in (None, 1) else "")


def _one(value: Any) -> Any:
    """Return a setting that is alike in both directions as one number."""
    return value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value


def _fold(nodes: list[Box], paths: Sequence[str], folded: int) -> None:
    """Enter the parts that each node lies in, the outermost first: of a long graph only, and each run of a part for itself."""
    runs: dict[str, int] = {}
    before: list[str] = []
    for node, path in zip(nodes, paths, strict=True):
        steps = path.split(".") if path and len(nodes) > folded else []
        parts = [".".join(steps[: depth + 1]) for depth in range(len(steps))]
        for depth, part in enumerate(parts):
            if before[: depth + 1] != parts[: depth + 1]:
                runs[part] = runs.get(part, 0) + 1
        node["within"] = [part if runs[part] == 1 else f"{part} ({runs[part]})" for part in parts]
        before = parts
