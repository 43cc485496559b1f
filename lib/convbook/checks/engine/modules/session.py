"""Give a learner's module and a graph the same weights and the same input, and compare all that can be seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch

from convbook.answers import Built
from convbook.checks.engine.compare import Fault, fault_of
from convbook.checks.engine.modules.cases import ModuleCase
from convbook.checks.engine.modules.drawn import drawn_weights
from convbook.checks.engine.modules.graph import BUFFERS, Graph, layers_of_graph
from convbook.checks.engine.modules.matching import Layer, Signatures, feeders_of, match
from convbook.checks.engine.modules.naming import BIAS, first_other, misfit
from convbook.checks.engine.modules.running import active, run
from convbook.forms import Reply

EVALUATION, TRAINING, STATISTICS, BY_INPUT, BY_WEIGHTS = (
    "evaluation mode", "training mode", "running statistics", "gradient by the input", "gradient by the weights",
)  # fmt: skip
IN_PLACE = (
    "what an operation in place overwrites is missing when the gradient is computed: `y = y + x` for `y += x`, and no "
    "`inplace=True` on what is still needed"
)
Seen = tuple[str, Reply, np.ndarray, dict]


@dataclass(frozen=True)
class Difference:
    """A fault, in which aspect it shows, and the graph's own numbers at the first place that differs."""

    fault: Fault
    aspect: str = ""
    numbers: dict[str, str] = field(default_factory=dict)


@dataclass
class Session:
    """Hold one built module with all that was read off it, ready to be compared with any graph."""

    case: ModuleCase
    built: Built
    shapes: dict[str, tuple[int, ...]]
    layers: list[Layer] = field(default_factory=list)
    signatures: Signatures = field(default_factory=Signatures)
    by_name: bool = False
    remarks: list[str] = field(default_factory=list)
    built_with: dict[str, tuple[int, ...]] = field(default_factory=dict)
    heard: dict[Any, Any] = field(default_factory=dict)
    drawn: dict[Any, torch.Tensor] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)  # of all operations that ran
    chosen: tuple[Any, ...] = ()  # edits that the exercise leaves open and this module has

    def difference(self, graph: Graph, strict: bool = True) -> Difference | None:
        """Return how the module differs from a graph, or None. `strict` also refuses tensors that are never used."""
        if self.case.tensors:
            fault = first_other(self.shapes, {name: shape for name, shape, _ in graph.entries()})
            return Difference(fault) if fault else None
        names = self.names(graph)
        if names is None:
            return Difference(self._other_tensors(graph) if self.by_name else self._other_layers(graph))
        if (fault := self._built_otherwise(graph)) is not None:
            return Difference(fault)
        if graph.unowned:  # nobody can set what a state-dict does not have: no more can be told
            return None
        unused = self._unused(names, graph, strict)
        if unused is not None and not strict:
            return unused
        weights = drawn_weights(graph, names, self.case.zero, self.drawn)
        for aspect, yours, wanted, values in self._seen(graph, names, weights):
            if yours.status != "returned":
                if strict:
                    told = f"{yours.error_kind}: {yours.error}"
                    return Difference(
                        Fault("wrong", "cannot be computed", told, "a result", IN_PLACE), aspect
                    )
                continue
            fault = fault_of(yours, wanted, "float64")
            if fault is not None:
                return Difference(fault, aspect, _numbers(yours.value, wanted, values))
        return unused

    def names(self, graph: Graph) -> dict[str, str] | None:
        """Return the learner's name for every tensor of a graph, or None if their layers do not fit."""
        if not self.by_name:
            return match(self.layers, graph, self.signatures)
        names = {name: name for name, shape, _ in graph.entries() if self.shapes.get(name) == shape}
        wanted = [name for name, _, kind in graph.entries() if kind != "count"]
        return names if set(wanted) <= set(names) else None

    def said(self, graph: Graph) -> list[str]:
        """Return what is odd in this module beside what the graph asks for, as sentences for a reader."""
        return [*self.remarks, *self._strides(graph), *self._frozen()]

    def _strides(self, graph: Graph) -> list[str]:
        names = self.names(graph) or {}
        own = {layer.tensors.get("weight", ""): layer.settings.get("stride", 1) for layer in self.layers}
        for node in graph.body:
            name = names.get(f"{node.part}.weight", "")
            if node.kind == "conv" and name in own:
                wanted, yours = node.get("stride"), own[name]
                if yours not in (wanted, (wanted, wanted)):
                    told = yours[0] if isinstance(yours, tuple) and len({*yours}) == 1 else yours
                    return [
                        f"the convolution with the weights {name} has stride {told}; {wanted} is asked for"
                    ]
        return []

    def _frozen(self) -> list[str]:
        trained = self.built.parameters().value
        used = [
            n for layer in self.layers for key, n in layer.tensors.items() if n and key in ("weight", "bias")
        ]
        still = next((name for name in used if name not in trained), None)
        return [f"{still} is no parameter that is trained: requires_grad is False"] if still else []

    def _built_otherwise(self, graph: Graph) -> Fault | None:
        for name, wanted in graph.built().items():
            if (yours := self.built_with.get(name, ())) != wanted:
                place = name.removesuffix(".built_with")
                told = [f"{place} is block{numbers}" for numbers in (yours, wanted)]
                return Fault("wrong", "builds a block otherwise than asked for", *told)
        return None

    def _other_tensors(self, graph: Graph) -> Fault:
        wanted = {name: shape for name, shape, kind in graph.entries() if kind != "count"}
        return first_other({n: s for n, s in self.shapes.items() if not n.endswith(BUFFERS[2])}, wanted)

    def _other_layers(self, graph: Graph) -> Fault:
        yours, wanted = [layer.word(self.shapes) for layer in self.layers], layers_of_graph(graph)
        used = Counter(name for layer in self.layers for name in sorted({*layer.tensors.values()} - {""}))
        shared = [name for name, times in used.items() if times > 1]
        told = " → ".join(yours) or "no layer with weights"
        if shared:
            told = f"{shared[0]} in {used[shared[0]]} layers"
            return Fault(
                "wrong",
                misfit(yours, wanted, shared, graph.free_bias),
                told,
                "weights of its own in every layer",
            )
        if [word.removesuffix(BIAS) for word in yours] == wanted:
            told, goal = self._other_feeders(graph, yours)
            return Fault("wrong", misfit(yours, wanted, shared, graph.free_bias), told, goal)
        return Fault("wrong", misfit(yours, wanted, shared, graph.free_bias), told, " → ".join(wanted))

    def _other_feeders(self, graph: Graph, words: list[str]) -> tuple[str, str]:
        """Return what feeds the first layer that takes something else than asked for: the learner's, and the graph's."""
        for place, (layer, wanted) in enumerate(zip(self.layers, feeders_of(graph), strict=True)):
            if layer.feeders != wanted:
                name = next((n.removesuffix(".weight") for n in layer.tensors.values() if n), words[place])
                return tuple(
                    f"layer {place + 1}, {name}, takes {self._fed(taken, words)}"
                    for taken in (layer.feeders, wanted)
                )
        return " → ".join(words), "the same layers, connected otherwise"

    def _fed(self, feeders: tuple[int, ...], words: list[str]) -> str:
        told = ["the input" if i < 0 else f"what layer {i + 1} ({words[i]}) gives" for i in feeders]
        return " and ".join(told)

    def _unused(self, names: dict[str, str], graph: Graph, strict: bool) -> Difference | None:
        left = [n for n in self.shapes if n not in names.values() and not n.endswith(BUFFERS)]
        declared = [
            shape for name, shape, kind in graph.entries() if kind == "parameter" and name not in names
        ]
        if not strict and not declared:
            return None
        left = self._without_second_names(left, names, graph)
        if Counter(self.shapes[n] for n in left) == Counter(declared):
            return None
        told = ", ".join(f"{name} {self.shapes[name]}" for name in left) or "nothing"
        return Difference(Fault("wrong", "holds weights that never take part", told, "no such weights"))

    def _without_second_names(self, left: list[str], names: dict[str, str], graph: Graph) -> list[str]:
        """Return the names in `left` whose tensors are no used ones that were given two names."""
        if not left:
            return left
        _load(self.built, names, drawn_weights(graph, names, "", self.drawn))
        state = self.built.state().value
        used = [state[name] for name in names.values()]
        return [n for n in left if not any(np.array_equal(state[n], tensor) for tensor in used)]

    def _seen(self, graph: Graph, names: dict, weights: dict) -> Iterator[Seen]:
        """Yield aspect, the module's reply, what is wanted, and the graph's own results."""
        x = self.case.args[0].astype(np.float64)
        own = weights
        for training in (False, True):
            own = {name: tensor.clone() for name, tensor in weights.items()}
            aspect = TRAINING if training else EVALUATION
            if any(active(n, training) for n in graph.body if n.kind == "dropout"):
                yield from self._dropped(graph, names, own, x, training)
                continue
            values = _computed(graph, own, x, training)
            yield aspect, self._heard(aspect, names, weights), values[graph.output].numpy(), values
        state = self._heard(STATISTICS, names, weights).value
        for name, tensor in own.items():
            if name.endswith(BUFFERS[:2]) and name in names:
                yield STATISTICS, Reply("returned", state[names[name]]), tensor.numpy(), {}
        if not any(n.get("when") == "always" for n in graph.body):
            yield from self._gradients(graph, names, weights, x)

    def _dropped(self, graph: Graph, names: dict, own: dict, x: np.ndarray, training: bool) -> Iterator[Seen]:
        """Yield what is seen where dropouts are active: the graph is run with the masks that the learner's module drew."""
        aspect = TRAINING if training else EVALUATION
        output, dropouts = self._traced(aspect, names, own)
        nodes = [n for n in graph.body if n.kind == "dropout" and active(n, training)]
        told = [entry["settings"].get("p", 0.5) for entry in dropouts]
        # Compared as arrays: as many dropouts, each with its own probability.
        yield (
            f"dropout in {aspect}",
            Reply("returned", np.array(told, float)),
            np.array([n.get("p") for n in nodes], float),
            {},
        )
        values = _computed(graph, own, x, training, [_mask(entry) for entry in dropouts])
        yield aspect, output, values[graph.output].numpy(), values

    def _traced(self, aspect: str, names: dict, weights: dict) -> tuple[Reply, list[dict[str, Any]]]:
        key = ("traced", aspect, tuple(sorted(names.items())))
        if key not in self.heard:
            _load(self.built, names, weights)
            self.built.train(aspect == TRAINING)
            reply = self.built.trace(self.case.args[0].astype(np.float64))
            entries = reply.value if reply.status == "returned" else []
            outputs = [entry["output"] for entry in entries if entry["result"]]
            self.heard[key] = (
                replace(reply, value=outputs[-1] if outputs else None),
                [e for e in entries if drops(e)],
            )
            if aspect == TRAINING:
                self.heard[STATISTICS, key[2]] = self.built.state()
        return self.heard[key]

    def _heard(self, aspect: str, names: dict, weights: dict, scale: Any = None) -> Reply:
        """Return the module's reply with these weights in it: asked for once, whatever graphs it is compared with."""
        key = tuple(sorted(names.items()))
        if (aspect, key) not in self.heard:
            _load(self.built, names, weights)
            self.built.train(aspect == TRAINING)
            x = self.case.args[0].astype(np.float64)
            asked = self.built.call(x) if scale is None else self.built.gradient(x, weights=scale)
            self.heard[aspect, key] = asked
            if aspect == TRAINING:
                self.heard[STATISTICS, key] = self.built.state()
        return self.heard[aspect, key]

    def _gradients(self, graph: Graph, names: dict, weights: dict, x: np.ndarray) -> Iterator[Seen]:
        with torch.enable_grad():
            own = {
                n: t.clone().requires_grad_(
                    t.is_floating_point() and not n.endswith((*BUFFERS, "built_with"))
                )
                for n, t in weights.items()
            }
            leaf = torch.from_numpy(x).requires_grad_()
            output = run(graph, own, leaf, False)[graph.output]
            scale = torch.linspace(-1, 1, output.numel(), dtype=torch.float64).reshape(output.shape)
            leaves = {n: t for n, t in own.items() if t.requires_grad}
            wanted = [leaf, *leaves.values()]
            found = [None] * len(wanted)
            if output.requires_grad:
                found = list(torch.autograd.grad((output * scale).sum(), wanted, allow_unused=True))
        reply = self._heard(BY_INPUT, names, weights, scale.numpy())
        if reply.status != "returned":
            yield BY_INPUT, reply, np.zeros(x.shape), {}
            return
        yield BY_INPUT, _filled(reply.value["inputs"][0], x.shape), _filled(found[0], x.shape).value, {}
        shared = {*graph.aliases, *graph.aliases.values()}  # such a tensor has two names, its gradient one
        for name, gradient in zip(leaves, found[1:], strict=True):
            if name in names and name.rpartition(".")[0] not in shared:
                shape = tuple(leaves[name].shape)
                yours = reply.value["parameters"].get(names[name])
                yield BY_WEIGHTS, _filled(yours, shape), _filled(gradient, shape).value, {}


def drops(entry: dict[str, Any]) -> bool:
    """Tell whether an entry of a trace is a dropout that dropped something."""
    return (
        entry["kind"] == "dropout"
        and bool(entry["settings"].get("training", True))
        and entry["settings"].get("p") != 0
    )


def _mask(entry: dict[str, Any]) -> np.ndarray:
    taken, given = entry["input"], entry["output"]
    return np.divide(given, taken, out=np.zeros_like(given), where=taken != 0)


def _load(built: Built, names: dict[str, str], weights: dict[str, torch.Tensor]) -> None:
    built.load_state({own: weights[name].detach().numpy() for name, own in names.items()})


def _computed(graph: Graph, weights: dict, x: np.ndarray, training: bool, masks: Any = ()) -> dict[str, Any]:
    with torch.no_grad():
        return run(graph, weights, torch.from_numpy(x), training, masks)


def _filled(gradient: Any, shape: tuple[int, ...]) -> Reply:
    """Return a gradient as a reply, no gradient as zeros."""
    if isinstance(gradient, torch.Tensor):
        gradient = gradient.numpy()
    return Reply("returned", np.zeros(shape) if gradient is None else gradient)


def _numbers(yours: Any, wanted: np.ndarray, values: dict[str, torch.Tensor]) -> dict[str, str]:
    """Return the numbers at the first place that differs: yours, wanted, and what the graph's labels stand for."""
    if not isinstance(yours, np.ndarray) or yours.shape != wanted.shape or not yours.size:
        return {}
    differs = ~np.isclose(yours, wanted, rtol=1e-8, atol=1e-8)
    if not differs.any():
        return {}
    place = tuple(np.argwhere(differs)[0])
    numbers = {
        "yours": f"{yours[place]:.3g}",
        "wanted": f"{wanted[place]:.3g}",
        "place": str([int(i) for i in place]),
    }
    for name, tensor in values.items():
        if name.isidentifier() and tuple(tensor.shape) == wanted.shape:
            numbers[name] = f"{tensor.detach().numpy()[place]:.3g}"
    return numbers
