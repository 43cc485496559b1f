"""What BlockXray shows, as plain data: the operations of a module that ran, and the nodes of the wanted graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from convbook.answers import hold
from convbook.answers.anatomy import Anatomy, anatomy
from convbook.checks.engine.declare import question_of
from convbook.checks.engine.modules import Modules, beside
from convbook.checks.engine.modules.drawn import drawn_weights
from convbook.checks.engine.modules.graph import Graph, layer_word
from convbook.checks.engine.modules.running import run as computed
from convbook.checks.engine.modules.words import kind_word, short
from convbook.forms import Exercise, Verdict

SIDE = 16  # pixels of an image of which the exercise leaves the size open
IMAGES = 2
SHORT = {"reshape": "reshape", "slice": "slice", "bn": "batch norm", "add": "addition", "cat": "concatenation"}


def wanted_graph(exercise: Exercise | None, args: Sequence[Any]) -> Graph | None:
    """Return the graph that an exercise wants of a class built with `args`; None where it knows none."""
    if exercise is None:
        return None
    question = question_of(exercise)
    if not isinstance(question.observer, Modules):
        return None
    try:
        return question.observer.graph(question.oracle, args)
    except (TypeError, ValueError):
        return None


def example(x: Any, graph: Graph | None, module: Any) -> tuple[Any, str]:
    """Return the example input as an array, and why it cannot be one, in a sentence's words."""
    if x is not None:
        try:
            x = np.asarray(x.detach().cpu() if hasattr(x, "detach") else x)
        except (TypeError, ValueError):
            return None, "x is no array of numbers."
        if x.dtype.kind not in "fiu" or not x.size:
            return None, f"x is no array of numbers: it has shape {x.shape} and type {x.dtype}."
        return (x.astype(np.float32) if x.dtype.kind == "f" else x), ""
    shape: tuple[int, ...] = ()
    if graph is not None and graph.image[0]:
        shape = (graph.image[0], *(side or SIDE for side in graph.image[1:]))
    else:
        first = next((p.shape for p in module.parameters() if len(p.shape) in (2, 4)), None)
        if first is None:
            return None, "it has no convolution to tell which input fits: give an example, BlockXray(module, x=…)."
        shape = (first[1], 2 * SIDE, 2 * SIDE) if len(first) == 4 else (first[1],)
    return np.random.default_rng(0).normal(size=(IMAGES, *shape)).astype(np.float32), ""


def run(module: Any, x: np.ndarray, name: str, seconds: float) -> tuple[dict[str, Anatomy], list[str], str]:
    """Return what ran in evaluation and in training, remarks, and why it did not come to its end, or nothing."""
    found, notes, why = {}, [], ""
    again = anatomy(module, x, False, seconds)
    for mode in ("evaluation", "training"):
        found[mode] = again if mode == "evaluation" else anatomy(module, x, True, seconds)
        why = _stopped(found[mode], x, name, mode, seconds)
        if why:
            break
    if found["evaluation"].reply.printed.strip():
        printed = found["evaluation"].reply.printed.strip().split("\n")[0]
        notes.append(f"While it runs, it prints “{printed:.60}”.")
    if not why:
        twice = anatomy(module, x, False, seconds).reply.value
        if not np.array_equal(again.reply.value, twice, equal_nan=True):
            notes.append(
                "In evaluation, two calls with the same input give two outputs: it keeps something between calls, or draws "
                "random numbers."
            )
        notes += _unseen(found["evaluation"].steps)
    return found, notes, why


def _stopped(seen: Anatomy, x: np.ndarray, name: str, mode: str, seconds: float) -> str:
    reply, where = seen.reply, f" in {mode}" if mode == "training" else ""
    after = f", after {len(seen.steps)} operations" if seen.steps else ""
    if reply.status == "endless":
        return f"{name} does not return{where} within {seconds:g} seconds{after}."
    if reply.status == "stub":
        return f"{name} is not written yet: its forward is still open."
    if reply.status != "returned":
        told = f"{reply.error_kind}: {reply.error}".split("\n")[0].rstrip(".")
        return f"{name} stops{where} on an input of shape {x.shape}{after}: {told}."
    if isinstance(reply.value, str):
        return f"{name} returns {reply.value} from forward{where}, not a tensor."
    return ""


def _unseen(steps: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a remark where the result cannot be followed back to the input."""
    reached = {-1}
    for place, step in enumerate(steps):
        if reached & set(step["sources"]):
            reached.add(place)
    results = {place for place, step in enumerate(steps) if step["result"]}
    if results and results <= reached:
        return []
    return ["Part of it cannot be followed: it leaves PyTorch, for NumPy or plain numbers, and only the rest is drawn."]


def sides(exercise: Exercise, kind: type, args: Sequence[Any], x: np.ndarray, verdict: Verdict) -> Any:
    """Return the wanted graph and what the judge knows of the learner's; None where a strange module upsets it."""
    try:
        return beside.beside(exercise, hold(kind), args, x, verdict)
    except Exception:
        return None


def drawn(module: Any, x: np.ndarray, runs: Mapping[str, Anatomy], found: Any, folded: int) -> tuple[dict, list]:
    """Return the learner's nodes and numbers in each mode, and the wanted nodes, both with marks and partners."""
    if found is None:
        return {mode: _side(module, seen, {}, {}, folded) for mode, seen in runs.items()}, []
    mine, theirs = beside.marks(found.wanted, found.made) if found.named else ({}, {})
    nodes = _wanted(found.wanted, x, folded)
    places = {node.name: place for place, node in enumerate(found.wanted.body, start=1)}
    yours = {}
    for mode, seen in runs.items():
        pairs = beside.paired(seen.steps, found.made, found.names)
        given = {place: theirs.get(name, "") for place, name in pairs.items()}
        if not found.named:
            given |= {place: beside.EXTRA for place in range(len(seen.steps)) if place not in pairs}
        twins = {place: places[name] for place, name in pairs.items() if name in places}
        yours[mode] = _side(module, seen, given, twins, folded)
        if mode == "evaluation":
            left = set(places) - set(pairs.values())
            marks = dict.fromkeys(left, beside.MISSING) | mine
    for name, place in places.items():
        nodes[place]["mark"] = marks.get(name, "")
    if not found.named:
        _compare(yours["evaluation"]["nodes"], nodes)
    return yours, nodes


def _compare(yours: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> None:
    """Mark partners that are set otherwise, where the judge names no mistake."""
    for node in yours:
        other = wanted[node["twin"]] if node["twin"] else None
        if other and node["about"] != other["about"]:
            node["mark"] = other["mark"] = beside.CHANGED


def _side(module: Any, seen: Anatomy, marks: Mapping[int, str], twins: Mapping[int, int], folded: int) -> dict:
    state = {name: tuple(t.shape) for name, t in module.state_dict().items()}
    inner = {name for name, part in module.named_modules() if name and any(True for _ in part.children())}
    nodes, paths = [_input(seen.input.shape)], [""]
    alive = _alive(seen.steps)
    for place, step in enumerate(seen.steps):
        own = step["name"] if step["name"] and step["name"] not in inner else ""
        paths.append(own.rpartition(".")[0] if own else step["name"])
        weight, note = state.get(step["tensors"].get("weight", "")), step["output"]
        about = _about(step["kind"], weight, bool(step["tensors"].get("bias")), step["settings"], note.shape)
        nodes.append({
            "name": own or SHORT.get(step["kind"]) or kind_word(step["kind"]), "kind": kind_word(step["kind"]), "about": about,
            "shape": list(note.shape), "from": sorted({s + 1 for s in step["sources"]}), "mark": marks.get(place, ""),
            "twin": twins.get(place, 0), "alive": place in alive,
        })  # fmt: skip
    _fold(nodes, paths, folded)
    return {"nodes": nodes, "numbers": [seen.input.numbers, *(step["output"].numbers for step in seen.steps)]}


def _input(shape: Sequence[int]) -> dict[str, Any]:
    return {"name": "x", "kind": "input", "about": "", "shape": list(shape), "from": [], "mark": "", "twin": 0, "alive": True}  # fmt: skip


def _alive(steps: Sequence[Mapping[str, Any]]) -> set[int]:
    alive = {place for place, step in enumerate(steps) if step.get("result", True)}
    for place in reversed(range(len(steps))):
        if place in alive:
            alive.update(steps[place]["sources"])
    return alive


def _wanted(graph: Graph, x: np.ndarray, folded: int) -> list[dict[str, Any]]:
    import torch

    names = {name: name for name, _, _ in graph.entries()}
    with torch.no_grad():
        values = computed(graph, drawn_weights(graph, names, "", {}), torch.from_numpy(x.astype(np.float64)), False)
    tensors = graph.tensors()
    places = {"x": 0} | {node.name: place for place, node in enumerate(graph.body, start=1)}
    nodes, paths = [_input(x.shape)], [""]
    for node in graph.body:
        weights = tensors.get(node.part, {})
        shape = tuple(values[node.name].shape)
        about = _about(node.kind, weights.get("weight"), "bias" in weights, node.settings, shape)
        nodes.append({
            "name": short(graph, node.name), "kind": kind_word(node.kind), "about": about, "shape": list(shape),
            "from": sorted({places[s] for s in node.sources}), "mark": "", "twin": 0, "alive": True,
        })  # fmt: skip
        paths.append(node.part.rpartition(".")[0])
    _fold(nodes, paths, folded)
    return nodes


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


def _fold(nodes: list[dict[str, Any]], paths: Sequence[str], folded: int) -> None:
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
