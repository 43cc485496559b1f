"""What can be said about a wrong module that makes no named mistake: how its layers differ, and what it runs besides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import Any

from convbook.checks.engine.compare import Fault
from convbook.checks.engine.modules.graph import BUFFERS, Graph

BIAS = " with bias"
LINES = {"conv": "nn.Conv2d", "bn": "nn.BatchNorm2d", "linear": "nn.Linear"}
ARTICLES = {"relu": "the ReLU", "tanh": "the tanh", "sigmoid": "the sigmoid"}
LAYERS = {"conv": "convolution layer", "bn": "batch norm layer", "linear": "linear layer"}
WORDS = {"conv": "convolution", "bn": "batch norm", "linear": "linear layer"}
ACTIVATIONS = (
    "leaky_relu", "relu6", "gelu", "silu", "elu", "selu", "celu", "mish", "prelu", "rrelu", "hardtanh", "hardswish",
    "softplus", "sigmoid", "tanh", "relu", "softmax", "log_softmax",
)  # fmt: skip
Shapes = dict[str, tuple[int, ...]]
NORMS = ("group_norm", "instance_norm", "layer_norm", "local_response_norm")
USUAL = {  # settings that nobody has to ask for, by kind of operation
    "conv": {"dilation": (1, "its pixels lie next to each other"), "groups": (1, "each filter sees all maps")},
    "bn": {"eps": (1e-5, "leave it as nn.BatchNorm2d has it"), "momentum": (0.1, "leave it as nn.BatchNorm2d has it")},
}  # fmt: skip


def misfit(yours: Sequence[str], wanted: Sequence[str], shared: Sequence[str], free_bias: bool) -> str:
    """Return how the layers that ran differ from those asked for, in one sentence that begins with a verb.

    The layers are words as `layer_word` gives them; `shared` are the names of weights that more than one layer uses.

    >>> misfit(["conv 3×3 (1 to 2)"], ["conv 3×3 (1 to 2)", "bn"], [], False)
    'runs no batch norm that PyTorch knows as one: use nn.BatchNorm2d'
    """
    if not yours:
        return "returns what none of its layers with weights has computed"
    if shared:
        return f"uses {shared[0]} in more than one layer"
    for kind in LINES:
        if any(word.startswith(kind) for word in wanted) and not any(w.startswith(kind) for w in yours):
            return f"runs no {WORDS[kind]} that PyTorch knows as one: use {LINES[kind]}"
    bare = [word.removesuffix(BIAS) for word in yours]
    if bare == list(wanted) and list(yours) != bare and not free_bias:
        return "has a convolution with a bias; the batch norm after it takes any bias away: bias=False"
    if any("(affine=False)" in word for word in yours):
        return "has a batch norm without gamma and beta: they are what it learns"
    if [word.removesuffix(" without bias") for word in bare] == list(wanted) != bare:
        return "has a linear layer without a bias"
    if bare == list(wanted):
        return "runs the layers asked for, but connects them otherwise"
    if bare[:-1] == list(wanted[:-1]) and bare[-1].startswith("linear"):
        return "has a last layer of another size than asked for"
    return "runs other layers than asked for"


def first_other(yours: Shapes, wanted: Shapes) -> Fault | None:
    """Return a fault about the first tensor that one side has and the other has not, with both numbers of parameters."""
    if yours == wanted:
        return None
    tops = [list(dict.fromkeys(name.split(".")[0] for name in side)) for side in (yours, wanted)]
    missing = [top for top in tops[1] if top not in tops[0]]
    hint = f"the attributes asked for are {', '.join(tops[1])}; you have no {missing[0]}" if missing else ""
    return Fault(
        "wrong", "holds other tensors than asked for", _told(yours, wanted), _told(wanted, yours), hint
    )


def parameter_count(shapes: Shapes) -> int:
    """Return how many trainable numbers a state-dict of these shapes holds."""
    return sum(prod(shape) for name, shape in shapes.items() if not name.endswith((*BUFFERS, "built_with")))


def _told(shapes: Shapes, other: Shapes) -> str:
    text = f"{parameter_count(shapes):,} parameters"
    for name, shape in shapes.items():
        if other.get(name) != shape:
            return f"{text}, {name} {shape}"
    missing = next((name for name in other if name not in shapes), "")
    return f"{text}, no {missing}" if missing else text


def remarks(trace: Sequence[dict[str, Any]], graph: Graph) -> list[str]:
    """Return sentences about what a traced module runs that its exercise does not ask for, each once."""
    return list(
        dict.fromkeys(
            sentence for entry in trace for sentence in _remarks(entry, {n.kind for n in graph.body})
        )
    )


def _remarks(entry: dict[str, Any], asked: set[str]) -> Iterator[str]:
    kind, settings = entry["kind"], entry["settings"]
    if kind in ACTIVATIONS and kind not in asked:
        yield f"forward runs `{kind}`; {_activations(asked)}"
    if kind in NORMS and kind not in asked:
        normalised = (
            "every normalisation asked for is a batch norm, `nn.BatchNorm2d`" if "bn" in asked else ""
        )
        yield f"forward runs `{kind}`; {normalised or 'no normalisation is asked for'}"
    if ("dropout" in kind and "dropout" not in asked) or (kind == "bn" and kind not in asked):
        yield f"forward runs `{WORDS.get(kind, kind)}`, which is not asked for"
    if kind == "detach":
        yield "forward runs `detach`: no gradient flows back through what it returns"
    if kind.endswith(("normal", "uniform", "bernoulli", "rand_like", "randn_like")):
        yield f"forward draws random numbers, with `{kind}`"
    if kind == "pad" and settings.get("mode", "constant") != "constant":
        yield f"a padding is in mode {settings['mode']!r}; it is made of zeros"
    for name, (usual, why) in USUAL.get(kind, {}).items():
        told = settings.get(name, usual)
        if told not in (usual, (usual,) * 2):
            yield f"a {WORDS[kind]} has {name} = {told}, not {usual}: {why}"


def _activations(asked: set[str]) -> str:
    found = [ARTICLES.get(kind, kind) for kind in ACTIVATIONS if kind in asked]
    if len(found) == 1:
        return f"the only activation asked for is {found[0]}"
    return f"the activations asked for are {' and '.join(found)}" if found else "no activation is asked for"
