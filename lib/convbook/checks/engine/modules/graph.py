"""A graph: what a module computes, as plain data. It is written down once, and edited it is a mistake.

    def block(x, c_in, c_out):
        f = x.conv(c_out, 3, name="conv1").bn("bn1").relu()
        return (f + x).relu()

    traced(block, 4, 2, 4)     # 4 maps come in, then what the function takes

A node knows what it takes, which part's weights it uses and its settings; how wide a layer is follows from what feeds it.
Nothing here computes: `running` does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from convbook.answers.layouts import LAYOUTS, published

BUFFERS = ("running_mean", "running_var", "num_batches_tracked")
WEIGHTED = ("conv", "bn", "linear", "block")
LAYER_KINDS = {"block": "relay"}  # what a trace calls a node of this kind


class GraphError(ValueError):
    """Say why a graph cannot be: two results that do not fit together, a node that is not there."""


@dataclass(frozen=True)
class Node:
    """One operation: what it takes, the part whose weights it uses, its settings, and the role it plays in the whole."""

    name: str
    kind: str
    sources: tuple[str, ...]
    part: str = ""
    role: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)

    def get(self, setting: str, default: Any = None) -> Any:
        return self.settings.get(setting, default)

    def but(self, **settings: Any) -> Node:
        """Return this node with other settings."""
        return replace(self, settings={**self.settings, **settings})


@dataclass(frozen=True)
class Graph:
    """Nodes in the order in which they run; the last one named `output` gives the result.

    `image` is the shape (c, h, w) that the class is written for, 0 where any will do. `labels` are further names for
    results. `unused` are nodes that have weights and never run, `unowned` parts that no state-dict knows, `aliases` further
    names of parts.
    """

    body: tuple[Node, ...]
    output: str
    image: tuple[int, ...] = (0, 0, 0)
    labels: Mapping[str, str] = field(default_factory=dict)
    unused: tuple[Node, ...] = ()
    unowned: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Node:
        for node in self.body:
            if node.name == name:
                return node
        raise GraphError(f"no node is called {name!r}")

    def __contains__(self, name: str) -> bool:
        return any(node.name == name for node in self.body)

    def replaced(self, *nodes: Node) -> Graph:
        """Return this graph with nodes in the place of those of the same names."""
        new = {node.name: node for node in nodes}
        return replace(self, body=tuple(new.get(node.name, node) for node in self.body))

    def takers(self, name: str) -> list[Node]:
        """Return the nodes that take a result."""
        return [node for node in self.body if name in node.sources]

    def nodes(self) -> list[dict[str, Any]]:
        """Return what a drawing needs of every node, as plain data: name, kind, settings and the shapes of its weights."""
        tensors = self.tensors()
        return [
            {
                "name": n.name,
                "kind": n.kind,
                "settings": dict(n.settings),
                "weights": dict(tensors.get(n.part, {})),
            }
            for n in self.body
        ]

    def edges(self) -> list[tuple[str, str]]:
        """Return what feeds what: pairs of names; `x` is the input."""
        return [(source, node.name) for node in self.body for source in node.sources]

    def sizes(self) -> dict[str, tuple[int, int, int]]:
        """Return maps, height and width of every result, 0 where they are not known."""
        found = {"x": tuple(self.image)}
        for node in (*self.body, *self.unused):
            taken = [found[source] for source in node.sources if source in found]
            found[node.name] = _size(node, taken or [(0, 0, 0)])
        return found  # type: ignore[return-value]

    def tensors(self) -> dict[str, dict[str, tuple[int, ...]]]:
        """Return names and shapes of the weights of every part, in the order of declaration."""
        sizes, found = self.sizes(), {}
        for node in sorted((*self.body, *self.unused), key=lambda n: n.get("place", 0)):
            if node.part and node.part not in found:
                found[node.part] = weights_of(node, sizes[node.sources[0]], sizes[node.name])
        # Further names come first: what is loaded under a part's own name is then what it holds.
        return {part: found[own] for part, own in self.aliases.items()} | found

    def entries(self, owned: bool = True) -> Iterator[tuple[str, tuple[int, ...], str]]:
        """Yield name, shape and kind of every weight that a state-dict holds, or of those that it does not."""
        for part, tensors in self.tensors().items():
            for name, shape in tensors.items():
                if (part not in self.unowned) == owned:
                    yield f"{part}.{name}", shape, _kind(name)

    def built(self) -> dict[str, tuple[int, ...]]:
        """Return what the course's own blocks note down when they are built: `{"stage.0.built_with": (c_in, c, stride)}`."""
        sizes = self.sizes()
        return {
            f"{n.part}.built_with": (n.get("taken") or sizes[n.sources[0]][0], n.get("c"), n.get("stride"))
            for n in self.body
            if n.kind == "block" and not n.get("layout") and n.part not in self.unowned
        }

    @property
    def free_bias(self) -> bool:
        """Tell whether the exercise leaves open if convolutions have a bias."""
        return any(node.kind == "conv" and node.get("bias") is None for node in self.body)


def _kind(name: str) -> str:
    if name.endswith("num_batches_tracked"):
        return "count"
    return "buffer" if name.endswith((*BUFFERS[:2], "built_with")) else "parameter"


def _size(node: Node, taken: list[tuple[int, int, int]]) -> tuple[int, int, int]:
    c, h, w = taken[0]
    settings = node.settings
    if node.kind in ("conv", "maxpool", "avgpool", "subsample", "block"):
        k, stride, padding = (settings.get(n, d) for n, d in (("k", 1), ("stride", 1), ("padding", 0)))
        h, w = (_side(side, k, stride, padding) for side in (h, w))
        if node.kind == "block":
            return settings["c"] * settings["expansion"], h, w
        return (settings["f"] if node.kind == "conv" else c), h, w
    if node.kind in ("mean", "amax", "total", "corner"):
        return c, 1, 1
    if node.kind == "flatten":
        if not (h and w):
            raise GraphError(
                "how many numbers a flat layer has depends on the image: give its height and width"
            )
        return c * h * w, 1, 1
    if node.kind == "linear":
        return settings["f"], 1, 1
    if node.kind == "widen":
        return settings["f"], h, w
    if node.kind == "cat":
        return sum(size[0] for size in taken), h, w
    return c, h, w


def _side(side: int, k: int, stride: int, padding: int) -> int:
    return max(0, (side + 2 * padding - k) // stride + 1) if side else 0


def weights_of(
    node: Node, taken: tuple[int, int, int], given: tuple[int, int, int]
) -> dict[str, tuple[int, ...]]:
    """Return names and shapes of the weights of one layer."""
    c = node.get("taken") or taken[0]
    if node.kind == "conv":
        shapes = {"weight": (node.get("f"), c, node.get("k"), node.get("k"))}
        return shapes | ({"bias": shapes["weight"][:1]} if node.get("bias") else {})
    if node.kind == "linear":
        shapes = {"weight": (node.get("f"), c)}
        return shapes | ({"bias": shapes["weight"][:1]} if node.get("bias") else {})
    if node.kind == "bn":
        return {"weight": (c,), "bias": (c,), BUFFERS[0]: (c,), BUFFERS[1]: (c,), BUFFERS[2]: ()}
    if node.get("layout") in LAYOUTS:
        layer = published(node.get("layout"), c, node.get("c"), given[0], node.get("stride"))
        return {name: shape for name, shape, _ in layer}
    return {"gain": given[:1], "shift": given[:1], "built_with": (3,)}


class Value:
    """Stand for a result while a graph is written down; every method adds a node and returns its result."""

    def __init__(self, sheet: Sheet, name: str):
        self.sheet, self.name = sheet, name

    def _next(self, kind: str, name: str = "", role: str = "", others: tuple = (), **settings: Any) -> Value:
        return self.sheet.add(kind, (self, *others), name, role, settings)

    def conv(self, f, k, stride=1, padding=None, bias=True, name="", role=""):
        """Add a k×k convolution with f filters; its padding keeps the size where none is given, `bias=None` leaves it open."""
        padding = k // 2 if padding is None else padding
        return self._next("conv", name, role, f=f, k=k, stride=stride, padding=padding, bias=bias)

    def linear(self, f, bias=True, name="", role=""):
        """Add a linear layer with f outputs."""
        return self._next("linear", name, role, f=f, bias=bias)

    def bn(self, name="", role=""):
        """Add a batch norm."""
        return self._next("bn", name, role)

    def block(self, block, c, stride=1, name="", role=""):
        """Add one of the course's own stand-in blocks, a `Reference`."""
        options = {"expansion": 1, "layout": ""} | block.options
        return self._next("block", name, role, c=c, stride=stride, **options)

    def maxpool(self, k, stride=None, padding=0, name="", role=""):
        """Add max pooling; the stride is the window's side where none is given."""
        return self._next("maxpool", name, role, k=k, stride=stride or k, padding=padding)

    def avgpool(self, k, stride=None, padding=0, name="", role=""):
        """Add average pooling."""
        return self._next("avgpool", name, role, k=k, stride=stride or k, padding=padding)

    def dropout(self, p=0.5, name="", role=""):
        """Add dropout."""
        return self._next("dropout", name, role, p=p)

    def scale(self, by=1.0, plus=0.0, name="", role=""):
        """Add by · x + plus."""
        return self._next("scale", name, role, by=by, plus=plus)

    def then(self, kind, name="", role="", **settings):
        """Add any other operation of `running.OPERATIONS`."""
        return self._next(kind, name, role, **settings)

    def relu(self, name="", role=""):
        """Add a ReLU."""
        return self.then("relu", name, role)

    def tanh(self, name="", role=""):
        """Add a tanh."""
        return self.then("tanh", name, role)

    def sigmoid(self, name="", role=""):
        """Add a sigmoid."""
        return self.then("sigmoid", name, role)

    def mean(self, name="", role=""):
        """Add global average pooling."""
        return self.then("mean", name, role)

    def flatten(self, name="", role=""):
        """Add a flat layer: everything but the images in one axis."""
        return self.then("flatten", name, role)

    def named(self, label: str) -> Value:
        """Give this result a further name, for messages."""
        self.sheet.labels[label] = self.name
        return self

    def __add__(self, other: Value) -> Value:
        return self._next("add", others=(other,))

    def __mul__(self, other: Value) -> Value:
        return self._next("mul", others=(other,))


def cat(*values: Value, name: str = "") -> Value:
    """Put results one behind the other, along the maps."""
    return values[0].sheet.add("cat", values, name, "", {})


class Sheet:
    """Collect the nodes of one graph while it is written down."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.labels: dict[str, str] = {}

    def add(
        self, kind: str, values: tuple[Value, ...], name: str, role: str, settings: dict[str, Any]
    ) -> Value:
        if not name:
            count = 1 + sum(node.kind == kind for node in self.nodes.values())
            name = f"{kind} {count}"
        if name in self.nodes:
            raise GraphError(f"two nodes are called {name!r}")
        part = name if kind in WEIGHTED else ""
        settings = {**settings, "place": len(self.nodes)}
        self.nodes[name] = Node(name, kind, tuple(v.name for v in values), part, role or kind, settings)
        return Value(self, name)


def traced(function: Callable[..., Any], image: tuple[int, ...], *args: Any, **kwargs: Any) -> Graph:
    """Return the graph that a function of `x` writes down for an image of (c, h, w)."""
    sheet = Sheet()
    result = function(Value(sheet, "x"), *args, **kwargs)
    return Graph(tuple(sheet.nodes.values()), result.name, tuple(image), dict(sheet.labels))


def layer_word(kind: str, shape: tuple[int, ...] | None, bias: bool) -> str:
    """Return a layer with weights as words: what tells two layers of one kind apart.

    >>> layer_word("conv", (8, 4, 3, 3), bias=False), layer_word("linear", (10, 64), bias=True)
    ('conv 3×3 (4 to 8)', 'linear (64 to 10)')
    """
    if kind == "conv" and shape and len(shape) == 4:
        return f"conv {shape[2]}×{shape[3]} ({shape[1]} to {shape[0]})" + (" with bias" if bias else "")
    if kind == "linear" and shape and len(shape) == 2:
        return f"linear ({shape[1]} to {shape[0]})" + ("" if bias else " without bias")
    return f"{kind} (affine=False)" if kind == "bn" and not shape else kind


def layers_of_graph(graph: Graph) -> list[str]:
    """Return the layers with weights as words, in the order in which they run."""
    tensors = graph.tensors()
    weighted = [node for node in graph.body if node.part]
    return [
        layer_word(LAYER_KINDS.get(n.kind, n.kind), tensors[n.part].get("weight"), "bias" in tensors[n.part])
        for n in weighted
    ]
