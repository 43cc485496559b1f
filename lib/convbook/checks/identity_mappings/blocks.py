"""The checks of blocks whose shortcut is left clean, and of blocks whose shortcut is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from convbook.checks.engine.declare import exercise, mistake
from convbook.checks.engine.families_identity import around, clean, projected
from convbook.checks.engine.modules import Modules, built, edits, small
from convbook.checks.engine.modules.edits import (
    as_wide,
    fed,
    into,
    set_,
    strides_exchanged,
    swapped,
    then,
    without,
)
from convbook.checks.engine.modules.graph import Graph, Value
from convbook.forms import Case

KINDS = ("identity", "scale", "gate", "conv", "dropout")
HERE = "c_in = {c_in}, c_out = {c_out}, stride = {stride}"
WHETHER = ("so the shortcut is x itself", "so the shortcut needs a bare 1×1 convolution with the stride")


def block_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield blocks that change nothing, first with F at 0, then such as change shapes."""
    yield built(2, 2, 1, x=small(1, 2, 2, 2), zero="conv2")
    yield built(2, 2, 1, x=small(2, 2, 3, 3))
    yield built(2, 3, 2, x=small(2, 2, 4, 4), zero="conv2")
    yield built(2, 3, 2, x=small(2, 2, 5, 4))
    yield built(3, 3, 2, x=small(2, 3, 4, 6), about="only the size changes")
    yield built(3, 2, 1, x=small(2, 3, 4, 3), about="only the number of maps changes")
    yield built(3, 2, x=small(2, 3, 3, 3), about="stride left as it is")
    yield built(2, 2, 3, x=small(5, 2, 7, 4))
    for number in range(4):
        c_in, c, stride = (int(v) for v in rng.integers([1, 1, 1], [7, 6, 4]))
        n, h, w = (int(v) for v in rng.integers([2, 4, 4], [4, 9, 9]))
        yield built(
            c_in if number else c, c, stride, x=rng.normal(size=(n, c_in if number else c, h, w)), drawn=True
        )


def changed(x: Value, c_out: int, stride: int) -> Value:
    """Return F, with its activations before its convolutions."""
    f = x.bn("bn1").relu("relu 1").conv(c_out, 3, stride, bias=False, name="conv1")
    return f.bn("bn2").relu("relu 2").conv(c_out, 3, bias=False, name="conv2").named("F")


def _activated_again(graph: Graph) -> Graph:
    """Return a graph that runs the first batch norm and ReLU once for F and once more for the projection."""
    if not all(name in graph for name in ("downsample", "bn1", "relu 1")):
        return graph
    norm = replace(graph["bn1"], name="bn1 again")
    relu = replace(graph["relu 1"], name="relu 1 again", sources=("bn1 again",))
    body = [replace(n, sources=("relu 1 again",)) if n.name == "downsample" else n for n in graph.body]
    return edits.sorted_by_need(replace(graph, body=(*body, norm, relu)))


def post_activation(x: Value, c_in: int, c_out: int, stride: int) -> Value:
    """Return the block of unit 10: convolutions first, a ReLU after the addition."""
    f = x.conv(c_out, 3, stride, bias=False, name="conv1").bn("bn1").relu()
    f = f.conv(c_out, 3, bias=False, name="conv2").bn("bn2").named("F")
    if c_in != c_out or stride != 1:
        x = x.conv(c_out, 1, stride, bias=False, name="downsample").bn("norm")
    return (f + x.named("shortcut")).relu()


@exercise(
    "Pre-activation", points=9, cases=block_cases, shapes="x (n, c_in, h, w) -> (n, c_out, h_out, w_out)", forbid="torchvision",
    observe=Modules(facts=("F", "shortcut"), free=((fed("downsample", "x"),),)),
    facts={"whether": lambda c_in, c_out, stride: WHETHER[c_in != c_out or stride != 1]},
    why="F is batch norm, ReLU, convolution, batch norm, ReLU, convolution; then F + shortcut and nothing after it; " + HERE + ", {whether}",
    help=("running_mean should contain", "The size of tensor a … must match the size of tensor b"),
    mistakes=(
        *clean(),
        *around(HERE),
        *projected(HERE),
        mistake("the block of unit 10", "there the convolutions come first; here batch norm and ReLU come before each convolution, and nothing after the addition",
                HERE, instead=post_activation),
        mistake("the activated input goes down the shortcut", "where shapes stay, the shortcut is x as it came, before batch norm and ReLU: this is the clean path", HERE,
                edit=edits.when(edits.hasnot("downsample"), fed("kind:add", "relu 1", 1))),
        mistake("the first batch norm runs twice", "one pass through `bn1` and its ReLU serves both paths: twice moves its running statistics twice", HERE,
                edit=edits.Edit((_activated_again,))),
        mistake("the first batch norm is for c_out maps", "it comes before the convolution, so it sees c_in maps", HERE,
                edit=set_("bn1", taken=lambda node, graph: graph["conv1"].get("f"))),
        mistake("the stride is on the second convolution", "the first 3×3 takes the stride, and the second works on fewer pixels", HERE,
                edit=strides_exchanged("conv1", "conv2")),
        mistake("the second convolution changes the number of maps", "the first 3×3 takes c_in maps and leaves c_out, the second keeps them", HERE, edit=as_wide("conv1")),
        mistake("convolution, batch norm, ReLU", "*pre*-activation: batch norm and ReLU come before the convolution", HERE,
                edit=swapped("relu 1", "conv1") & swapped("bn1", "conv1") & swapped("relu 2", "conv2") & swapped("bn2", "conv2")),
    ),
)  # fmt: skip
def PreActBlock(x, c_in, c_out, stride=1):
    f = changed(x, c_out, stride)
    if c_in != c_out or stride != 1:
        x = Value(x.sheet, "relu 1").conv(c_out, 1, stride, bias=False, name="downsample")
    return f + x.named("shortcut")


def shortcut_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield each kind, first with F at 0, so that the shortcut alone leaves the block, then with all weights."""
    for kind in KINDS:
        yield built(2, kind, x=small(1, 2, 2, 2), zero="conv2")
        yield built(3, kind, x=small(2, 3, 4, 3))
    for kind in KINDS:
        n, c, h, w = (int(v) for v in rng.integers([2, 1, 3, 3], [4, 6, 7, 7]))
        yield built(c, kind, x=rng.normal(size=(n, c, h, w)), drawn=True)


KIND = "here kind is {kind!r}"
GATE = "the shortcut of `gate` is (1 − σ(1×1 convolution of x)) · x"


@exercise(
    "Other shortcuts", points=8, cases=shortcut_cases, shapes="x (n, c, h, w) -> (n, c, h, w)", forbid="torchvision",
    observe=Modules(facts=("F", "shortcut"), free=((set_("side", bias=True),),)),
    why="h(x) + F(x), with F as in `PreActBlock` and nothing after the addition; " + KIND,
    help=("has no attribute",),
    mistakes=(
        *clean(),
        *around(KIND),
        mistake("every kind is the identity", "the five kinds differ in what is added to F", KIND, kind=lambda: "identity"),
        mistake("the gate is σ and not 1 − σ", GATE, KIND, edit=without("1 minus the gate")),
        mistake("the gate has no sigmoid", GATE, KIND, edit=without("the sigmoid")),
        mistake("the gate is added and not multiplied", GATE, KIND, edit=into("the product with x", "add")),
        mistake("the gate is not multiplied with x", GATE, KIND, edit=into("the product with x", "first")),
        mistake("the gate's convolution has no bias", "its bias decides how open the gate is when training begins", KIND, edit=set_("gate", bias=False)),
        mistake("the gate is made of F's activated input", "the gate looks at x as it came", KIND, edit=fed("gate", "relu 1")),
        mistake("the gate closes F as well", "F is added as it is: only the shortcut has a gate", KIND, instead=lambda x, c, kind: exclusive(x, c, kind)),
        mistake("the scale is another", "`scale` is 0.5 · x", KIND, edit=set_("the factor 0.5", by=2.0), ways=({"edit": set_("the factor 0.5", by=0.1)},)),
        mistake("the sum is scaled, not the shortcut", "only the shortcut is scaled", KIND, instead=lambda x, c, kind: scaled_sum(x, c, kind)),
        mistake("F is scaled, not the shortcut", "`scale` halves the shortcut, and F is added as it is", KIND, instead=lambda x, c, kind: scaled_change(x, c, kind)),
        mistake("the gate is on F", "the gate multiplies the shortcut, and F is added as it is", KIND, instead=lambda x, c, kind: gated_change(x, c, kind)),
        mistake("x is added to the shortcut's convolution", "for `conv` the convolution *is* the shortcut: x itself is not added", KIND, instead=lambda x, c, kind: both_ways(x, c, kind)),
        mistake("a ReLU follows the shortcut's convolution", "`conv` is a 1×1 convolution and nothing more", KIND, edit=then("side", "relu")),
        mistake("the shortcut's convolution has a batch norm", "`conv` is a 1×1 convolution and nothing more", KIND, edit=then("side", "bn")),
        mistake("the shortcut's convolution is 3×3", "`conv` is a 1×1 convolution", KIND, edit=set_("side", k=3, padding=1)),
        mistake("the shortcut's convolution takes F's activated input", "the shortcut starts at x as it came", KIND, edit=fed("side", "relu 1")),
        mistake("dropout is active in evaluation mode too", "an `nn.Dropout` switches by itself; `F.dropout` needs `training=self.training`", KIND, edit=set_("kind:dropout", when="always")),
        mistake("dropout drops F", "`dropout` is on the shortcut: F is added as it is", KIND, instead=lambda x, c, kind: dropped_change(x, c, kind)),
        mistake("dropout drops the sum", "`dropout` is on the shortcut, before the addition", KIND, instead=lambda x, c, kind: dropped_sum(x, c, kind)),
    ),
)  # fmt: skip
def ShortcutBlock(x, c, kind):
    f = changed(x, c, 1)
    return f + sideways(x, c, kind).named("shortcut")


def sideways(x: Value, c: int, kind: str) -> Value:
    """Return what a kind of shortcut makes of x."""
    if kind == "scale":
        return x.scale(0.5, name="the factor 0.5")
    if kind == "gate":
        gate = x.conv(c, 1, name="gate").sigmoid("the sigmoid").scale(-1.0, 1.0, name="1 minus the gate")
        return gate._next("mul", "the product with x", others=(x,))
    if kind == "conv":
        return x.conv(c, 1, bias=False, name="side")
    return x.dropout(0.5) if kind == "dropout" else x


def exclusive(x: Value, c: int, kind: str) -> Value:
    """Return the block in which the gate's other half closes F."""
    f, short = changed(x, c, 1), sideways(x, c, kind)
    return (Value(x.sheet, "the sigmoid") * f if kind == "gate" else f) + short


def scaled_sum(x: Value, c: int, kind: str) -> Value:
    """Return the block that scales all that leaves it."""
    both = changed(x, c, 1) + (x if kind == "scale" else sideways(x, c, kind))
    return both.scale(0.5) if kind == "scale" else both


def scaled_change(x: Value, c: int, kind: str) -> Value:
    """Return the block that scales F and not the shortcut."""
    f = changed(x, c, 1)
    return f.scale(0.5) + x if kind == "scale" else f + sideways(x, c, kind)


def gated_change(x: Value, c: int, kind: str) -> Value:
    """Return the block whose gate multiplies F and not the shortcut."""
    f, short = changed(x, c, 1), sideways(x, c, kind)
    return Value(x.sheet, "1 minus the gate") * f + x if kind == "gate" else f + short


def both_ways(x: Value, c: int, kind: str) -> Value:
    """Return the block that adds x beside the shortcut's convolution."""
    f = changed(x, c, 1) + sideways(x, c, kind)
    return f + x if kind == "conv" else f


def dropped_change(x: Value, c: int, kind: str) -> Value:
    """Return the block that drops F and not the shortcut."""
    f = changed(x, c, 1)
    return f.dropout(0.5) + x if kind == "dropout" else f + sideways(x, c, kind)


def dropped_sum(x: Value, c: int, kind: str) -> Value:
    """Return the block that drops all that leaves it."""
    f = changed(x, c, 1)
    return (f + x).dropout(0.5) if kind == "dropout" else f + sideways(x, c, kind)
