"""Survey any module, or a graph of the checks: what each layer gives, learns and multiplies."""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from convbook.answers.tracing import traced
from convbook.checks.engine.modules.graph import Graph
from convbook.figures.scale import Layer, Network

DRAWN = (
    "conv",
    "linear",
    "maxpool",
    "avgpool",
    "mean",
)  # what gives numbers of its own; all else is folded into what it takes
KINDS = {"mean": "avgpool"}


def surveyed(module: nn.Module, image: Sequence[int]) -> Network:
    """Return the survey of a module for one image (c, h, w): only shapes are followed.

    Raises `ValueError`, in one sentence, for what is no module or does not take such an image.
    """
    if not isinstance(module, nn.Module):
        raise ValueError(f"a survey needs an nn.Module, built and ready; this is a {type(module).__name__}")
    bare = _weightless(module)
    x = torch.empty(1, *image, device="meta")
    try:
        steps = traced(bare.eval(), [x], lambda tensor: tuple(tensor.shape))
    except (RuntimeError, ValueError, TypeError) as error:
        told = str(error).split("\n")[0].rstrip(".")
        raise ValueError(f"the module does not take an image of shape {tuple(image)}: {told}") from error
    shapes = {name: tuple(t.shape) for name, t in bare.state_dict().items()}
    rows = []
    for place, step in enumerate(steps):
        own = {name: shapes[name] for name in step["tensors"].values() if name in shapes}
        name = step["tensors"].get("weight", "").rpartition(".")[0] or step["name"] or step["kind"]
        sources = [f"{source}" if source >= 0 else "x" for source in step["sources"]]
        rows.append((f"{place}", name, step["kind"], step["output"], own, sources))
    return Network(tuple(image), _folded(rows, _learned(bare)))


def surveyed_graph(graph: Graph) -> Network:
    """Return the survey of a graph that knows the size of its image."""
    if not all(graph.image):
        raise ValueError(f"a graph is surveyed for an image of a known size; this one has {graph.image}")
    sizes, tensors, rows = graph.sizes(), graph.tensors(), []
    flat: set[str] = set()  # what has become a vector
    for node in graph.body:
        if node.kind in ("flatten", "linear", "mean") or set(node.sources) & flat:
            flat.add(node.name)
        shape = sizes[node.name][:1] if node.name in flat else sizes[node.name]
        own = {f"{node.part}.{name}": one for name, one in tensors.get(node.part, {}).items()}
        rows.append((node.name, node.name, node.kind, (1, *shape), own, list(node.sources)))
    learned = {name for name, _, kind in graph.entries() if kind == "parameter"}
    return Network(tuple(graph.image), _folded(rows, learned))


def _weightless(module: nn.Module) -> nn.Module:
    """Return a copy of a module whose weights have shapes, and no memory."""
    bare: dict[int, Any] = {}
    for tensor in (*module.parameters(), *module.buffers()):
        empty = torch.empty_like(tensor, device="meta")
        bare[id(tensor)] = (
            nn.Parameter(empty, tensor.requires_grad) if isinstance(tensor, nn.Parameter) else empty
        )
    return copy.deepcopy(module, bare)


def _learned(module: nn.Module) -> set[str]:
    return {name for name, _ in module.named_parameters()}


def _folded(rows: Sequence[tuple], learned: set[str]) -> tuple[Layer, ...]:
    """Return the layers to draw; what a batch norm learns is added to the layer before it."""
    layers: dict[str, Layer] = {}
    behind: dict[str, tuple[str, ...]] = {"x": ("x",)}  # the layers whose numbers a result holds
    counted: set[str] = set()  # weights that two layers share are counted once
    for key, name, kind, output, own, taken in rows:
        sources = tuple(dict.fromkeys(one for source in taken for one in behind.get(source, ("x",))))
        new = {weight: shape for weight, shape in own.items() if weight in learned - counted}
        counted |= set(new)
        parameters = sum(math.prod(shape) for shape in new.values())
        shape = tuple(output[1:])
        if kind in DRAWN or (parameters and not set(sources) - {"x"}):
            unique = _unique(name, kind, layers)
            layers[unique] = Layer(
                unique,
                KINDS.get(kind, kind),
                _bare(shape),
                parameters,
                _macs(kind, own, shape),
                sources or ("x",),
            )
            behind[key] = (unique,)
            continue
        behind[key] = sources or ("x",)
        if parameters and sources[-1] in layers:
            last = layers[sources[-1]]
            layers[sources[-1]] = Layer(
                last.name, last.kind, last.shape, last.parameters + parameters, last.macs, last.sources
            )
    return tuple(layers.values())


def _unique(name: str, kind: str, layers: Mapping[str, Layer]) -> str:
    """Return a layer's own name; where that is only its place in a `Sequential`, or taken, its kind with a number."""
    if name in layers or name == kind or re.fullmatch(r"[\d.]+", name):
        return f"{kind} {1 + sum(layer.startswith(f'{kind} ') for layer in layers)}"
    return name


def _bare(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return a shape of 1 × 1 maps as that of a vector."""
    return shape[:1] if shape[1:] == (1, 1) else shape


def _macs(kind: str, own: Mapping[str, tuple[int, ...]], shape: tuple[int, ...]) -> int:
    """Return the multiply–adds of a layer: every weight is used once at every place."""
    weights = [math.prod(one) for one in own.values() if len(one) > 1]
    places = math.prod(shape[1:]) if kind == "conv" else 1
    return sum(weights) * places
