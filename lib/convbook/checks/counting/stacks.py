"""Layers on top of each other: `trace_shapes` and `receptive_field`."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch.nn.functional as functional

from convbook.checks.engine.counts import LAYERS
from convbook.checks.engine.declare import case, drawn, exercise, mistake
from convbook.checks.engine.families_counting import (
    applied,
    blank,
    covered,
    every,
    fewer,
    made,
    nearest,
    roomy,
    square,
    walked,
)
from convbook.forms import Case

LENET = [("conv", 6, 5, 1, 0), ("pool", 2, 2), ("conv", 16, 5, 1, 0), ("pool", 2, 2), ("flatten",)]
LENET += [("linear", 120), ("linear", 10)]


def trace_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield one layer of each kind, then stacks on images that are no squares."""
    yield case([("conv", 4, 3, 1, 0)], (3, 5, 6))
    yield case([("conv", 2, 3, 1, 1)], (1, 4, 6))
    yield case([("conv", 2, 3, 2, 0)], (3, 7, 9))
    yield case([("pool", 2, 2)], (3, 6, 4))
    yield case([("flatten",), ("linear", 5)], (2, 3, 4))
    yield case([], (3, 4, 5), about="no layer at all")
    for layer in (("conv", 5, 3, 3, 0), ("pool", 2, 2)):
        yield case([layer], (2, 7, 13), about="one step more does not fit")
    yield case([("pool", 3, 2)], (2, 8, 11), about="windows that overlap")
    yield case([("pool", 2, 3)], (2, 9, 6), about="steps wider than the window")
    yield case([("conv", 4, 5, 1, 1)], (3, 32, 30))
    yield case([("conv", 4, 1, 2, 0), ("conv", 3, 2, 1, 2)], (2, 9, 8))
    yield case(LENET, (1, 32, 32))
    for _ in range(10):
        c, h, w, first, second, classes = map(int, rng.integers((1, 24, 24, 2, 2, 2), (5, 40, 40, 9, 9, 12)))
        k, stride, padding, pool, step = map(int, rng.integers((2, 1, 0, 2, 1), (6, 4, 4, 4, 4)))
        layers = [("conv", first, k, stride, padding), ("pool", pool, step), ("conv", second, 2, 1, 1)]
        layers += [("flatten",), ("linear", classes)]
        yield drawn(layers[: int(rng.integers(2, 6))], (c, h, w))


# Facts that are only told are strings: with numbers a check would say "right where h is at most 5", by chance.
PLACES = "a window finds ⌊(side + 2 · padding − k) / stride⌋ + 1 places along a side"
FLAT = "flatten puts all c · h · w numbers in a row"
FIRST = "the first place counts too, before any step is taken"
DOWN = "a step that does not fit is not taken: the division rounds down"
EACH_MAP = "a pooling makes each map smaller by itself: there are as many maps after it as before"
MAPS = "a convolution makes `c_out` maps, one for each filter"
LAST, ALONG = "wanted in the end: {last}", "the image has {h} rows and {w} columns"


@exercise(
    "Follow a shape through a net", points=5, cases=trace_cases, forbid="", observe=LAYERS,
    facts={"depth": lambda layers: len(layers),
           "h": lambda shape: str(shape[1]), "w": lambda shape: str(shape[2]),
           "last": lambda layers, shape: walked(layers, shape)[-1] if layers else "no shape",
           "poolings": lambda layers: sum(layer[0] == "pool" for layer in layers)},
    why="each layer takes the shape that the one before it gave; a conv sets the channels, a pool keeps "
        "them, flatten multiplies all sides, linear sets the only side",
    help=("not enough values to unpack", "too many values to unpack", "tuple index out of range"),
    mistakes=(
        mistake("the padding is ignored", PLACES, LAST, layers=every("conv", lambda f, k, s, p: (f, k, s,
                0))),
        mistake("the padding is added on one side only", "padding goes on both ends of a side", LAST,
                **made(lambda x, n: applied(functional.pad(x, (n[3], 0) * 2), "conv", *n[:3], 0), "conv")),
        mistake("a convolution is taken to keep the size", PLACES, LAST, layers=every("conv",
                lambda f, k, s, p: (f, 1, 1, 0)), ways=[{"layers": every("conv", lambda f, k, s, p: (f, 1, s,
                0))}]),
        mistake("a convolution's size lacks its + 1", FIRST, LAST, layers=every("conv", lambda f, k, s, p: (f,
                k + s, s, p))),
        mistake("a convolution is padded to keep its size, whatever its padding", PLACES, LAST,
                layers=every("conv", lambda f, k, s, p: (f, k, s, k // 2))),
        mistake("a convolution's stride is ignored", PLACES, LAST, layers=every("conv", lambda f, k, s, p: (f,
                k, 1, p))),
        mistake("a pooling divides by its stride, whatever its window", PLACES, LAST, layers=every("pool",
                lambda k, s: (s, s))),
        mistake("a pooling's stride is taken to be its window", "a pooling has a stride of its own", LAST,
                layers=every("pool", lambda k, s: (k, k))),
        mistake("a pooling's size lacks its + 1", FIRST, LAST,
                layers=every("pool", lambda k, s: (k + s, s))),
        mistake("a pooling is padded", "a pooling has no padding here, so its places are fewer", LAST,
                **made(lambda x, n: applied(functional.pad(x, (n[0] // 2,) * 4), "pool", *n), "pool")),
        mistake("a pooling makes a single map", EACH_MAP, LAST,
                **made(lambda x, n: applied(x[:, :1], "pool", *n), "pool")),
        mistake("a pooling divides the channels, too", EACH_MAP, LAST, **made(fewer(0), "pool"),
                ways=[made(fewer(1), "pool")]),
        mistake("a size is rounded to the nearest whole number", DOWN, LAST, **made(nearest, "conv", "pool"),
                ways=[made(nearest, "conv"), made(nearest, "pool")]),
        mistake("a step that does not fit is taken", DOWN, LAST, **made(roomy, "conv", "pool"),
                ways=[made(roomy, "pool"), made(roomy, "conv")]),
        mistake("a convolution keeps its input's channels", MAPS, LAST, **made(lambda x, n: applied(x, "conv",
                x.shape[1], *n[1:]), "conv")),
        mistake("the channels of a convolution's input and output are multiplied", MAPS, LAST,
                **made(lambda x, n: applied(x, "conv", n[0] * x.shape[1], *n[1:]), "conv")),
        mistake("flatten forgets the channels", FLAT, LAST, **made(lambda x, n: x[:, 0].flatten(1),
                "flatten")),
        mistake("flatten adds the sides up", FLAT, LAST, **made(lambda x, n: blank(1, sum(x.shape[1:])),
                "flatten")),
        mistake("flatten and linear give a number, not a shape", "also one side is a tuple: `(n_out,)`, with "
                "a comma", LAST, result=lambda y: [shape[0] if len(shape) == 1 else shape for shape in y]),
        mistake("the input's shape is among them", "the list holds what comes out of each layer",
                "{depth} layers, {depth} shapes", result=lambda y, shape: [tuple(shape), *y]),
        mistake("every layer is given the first input", "each layer takes what the one before it made", LAST,
                instead=lambda layers, shape: walked(layers, shape, chained=False)),
        mistake("the width is taken to be the height", "rows and columns are computed one by one", ALONG,
                **made(square, "conv", "pool"), ways=[made(square, "conv"), made(square, "pool")]),
    ),
)  # fmt: skip
def trace_shapes(layers, shape):
    return walked(layers, shape)


def field_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield one layer, two, none, and then stacks in which the order of the layers matters."""
    for layers in ([(3, 1)], [(3, 1), (3, 1)], [(3, 2), (3, 1)], [(2, 2), (3, 1)]):
        yield case(layers)
    yield case([], about="no layer at all")
    yield case([(1, 2), (3, 1)], about="steps wider than the window")
    for layers in ([(3, 1), (4, 2), (2, 3)], [(2, 3), (4, 2), (3, 1)], [(7, 2), (3, 2), (3, 1), (3, 2)]):
        yield case(layers)
    for length in (2, 3, 3, 4, 4, 5, 6, 7):
        yield drawn([(int(k), int(s)) for k, s in rng.integers(1, (8, 4), (length, 2))])


def at_stride_1(layers):
    return [(k, 1) for k, _ in layers]


def late(layers):
    """Return a stack that spreads every layer by its own stride already."""
    kernels, strides = zip(*layers, strict=True) if layers else ((), ())
    return list(zip((1, *kernels), (*strides, 1), strict=True))


def local(layers, spread):
    """Return the size if the units that each layer looks at lay `spread` pixels apart."""
    return 1 + sum(covered([(1, s), (k, 1)]) - 1 for s, (k, _) in zip(spread, layers, strict=False))


def added(layers):
    """Return the size if the steps of the layers were added up: 1, then 1 + the first stride, and so on."""
    spread = [1 + sum(s for _, s in layers[:below]) for below in range(len(layers))]
    return local(layers, spread)


def jumps(layers):
    """Return how many input pixels lie between the units that each layer looks at."""
    return [covered(layers[:below], 2) - covered(layers[:below]) for below in range(len(layers))]


def grown(layers):
    """Return the jumps, the last layer's own too, if a stride of 2 added 1 pixel, and one of 3 added 2."""
    return [1 + sum(s - 1 for _, s in layers[:below]) for below in range(len(layers) + 1)]


STEPS = "one step in a layer is as many input pixels as the strides *below* it multiply to"
JUMP = "the jump is a step of the last layer in *input* pixels: the strides multiply"
NEW = "windows overlap: a layer adds k − 1 units to what is seen already"
STRIDES, KERNELS = "the strides are {strides}", "the kernels are {kernels}"


@exercise(
    "What one unit sees", points=6, cases=field_cases, forbid="", observe=LAYERS,
    facts={"strides": lambda layers: str([s for _, s in layers]), "size": lambda layers: str(covered(layers)),
           "kernels": lambda layers: str([k for k, _ in layers]),
           "last": lambda layers: (layers or [(1, 1)])[-1][1]},
    why="kernels {kernels}, strides {strides}: walk up from the input, and ask at each layer how many input "
        "pixels lie between the units that it looks at",
    help=("cannot unpack non-iterable int object", "list index out of range"),
    mistakes=(
        mistake("the strides are ignored", STEPS, STRIDES, layers=lambda layers: at_stride_1(layers),
                ways=[{"result": lambda y, layers: (covered(at_stride_1(layers)), y[1])},
                      {"result": lambda y, layers, last: (covered(at_stride_1(layers)), last)}]),
        mistake("every layer is taken to have a window of 3", "a layer adds k − 1 units of the layer below: "
                "2 only where k is 3", KERNELS, layers=lambda layers: [(3, s) for _, s in layers]),
        mistake("only the first layer is counted", "every layer widens the field (a `return` inside the loop "
                "ends it at once)", KERNELS, layers=lambda layers: layers[:1]),
        mistake("a layer's own stride spreads its own window", STEPS + ", its own not among them", STRIDES,
                layers=lambda layers: late(layers), ways=[{"result": lambda y, layers: (local(layers,
                [s for _, s in layers]), y[1])}]),
        mistake("only the stride right below a layer spreads it", STEPS + ", all of them", STRIDES,
                result=lambda y, layers: (local(layers, [1, *(s for _, s in layers)]), y[1]),
                ways=[{"result": lambda y, layers, last: (local(layers, [1, *(s for _, s in layers)]),
                last)}]),
        mistake("the layers are taken from the wrong end", "the layer nearest the input comes first", STRIDES,
                layers=lambda layers: layers[::-1]),
        mistake("kernel and stride are exchanged", "a layer is (k, stride)", KERNELS,
                layers=lambda layers: [(s, k) for k, s in layers]),
        mistake("a layer adds k, not k − 1", NEW, KERNELS, layers=lambda layers: [(k + 1, s) for k,
                s in layers]),
        mistake("a layer adds k − stride, not k − 1", NEW, KERNELS,
                result=lambda y, layers: (1 + sum((k - s) * step for (k, s), step in
                zip(layers, jumps(layers), strict=True)), y[1])),
        mistake("the unit itself is forgotten", "with nothing below it a unit is one pixel: the size starts "
                "at 1", "wanted {size}", result=lambda y: (y[0] - 1, y[1])),
        mistake("even kernels are taken for odd ones", "a window of k covers k units, also where k is even",
                KERNELS, layers=lambda layers: [((k - 1) // 2 * 2 + 1, s) for k, s in layers],
                ways=[{"layers": lambda layers: [(k // 2 * 2 + 1, s) for k, s in layers]}]),
        mistake("the kernels are multiplied", NEW, KERNELS, result=lambda y, layers: (math.prod(k for k,
                _ in layers), y[1])),
        mistake("the strides are added for the jump", JUMP, STRIDES,
                result=lambda y, layers: (y[0], sum(s for _, s in layers)),
                ways=[{"result": lambda y, layers: (added(layers), 1 + sum(s for _, s in layers))},
                      {"result": lambda y, layers: (local(layers, grown(layers)), grown(layers)[-1])}]),
        mistake("the kernels are multiplied for the jump", JUMP + "; a kernel's side makes no step", STRIDES,
                result=lambda y, layers: (y[0], math.prod(k for k, _ in layers)),
                ways=[{"layers": lambda layers: [(k, k) for k, _ in layers]}]),
        mistake("the jump stays 1", JUMP, STRIDES, result=lambda y: (y[0], 1)),
        mistake("it is the field's area, not its side", "size is counted along one side", "wanted {size}",
                result=lambda y: (y[0] ** 2, y[1])),
        mistake("the jump is the last stride", JUMP, STRIDES, result=lambda y, last: (y[0], last)),
        mistake("the last stride is missing in the jump", JUMP + ", the last one too", STRIDES,
                result=lambda y, last: (y[0], y[1] // last)),
        mistake("size and jump are exchanged", "the pair is (size, jump)", "the size is {size}",
                result=lambda y: y[::-1]),
        mistake("without a layer there is nothing", "with no layer a unit is a pixel: it sees 1, and its "
                "neighbour is 1 away", "wanted (1, 1)", result=lambda y, layers: y if layers else (0, 1),
                ways=[{"result": lambda y, layers: y if layers else (0, 0)},
                      {"result": lambda y, layers: y if layers else (1, 0)}]),
    ),
)  # fmt: skip
def receptive_field(layers):
    return covered(layers), covered(layers, 2) - covered(layers)
