"""Layers on top of each other: `trace_shapes` and `receptive_field`."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as functional

from convbook.checks.engine.counts import LAYERS
from convbook.checks.engine.declare import case, drawn, exercise, mistake
from convbook.forms import Case

LENET = [("conv", 6, 5, 1, 0), ("pool", 2, 2), ("conv", 16, 5, 1, 0), ("pool", 2, 2), ("flatten",)]
LENET += [("linear", 120), ("linear", 10)]


def trace_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield one layer of each kind, then stacks on images that are no squares."""
    yield case([("conv", 4, 3, 1, 0)], (3, 5, 6))
    yield case([("conv", 2, 3, 1, 1)], (1, 4, 6))
    yield case([("conv", 2, 3, 2, 0)], (3, 7, 9))
    yield case([("pool", 2, 2)], (3, 6, 4))
    yield case([("flatten",)], (2, 3, 4))
    yield case([("flatten",), ("linear", 5)], (2, 3, 4))
    yield case([], (3, 4, 5), about="no layer at all")
    yield case([("conv", 5, 3, 3, 0)], (2, 7, 12), about="one step more does not fit")
    yield case([("pool", 2, 2)], (3, 7, 9), about="one step more does not fit")
    yield case([("pool", 3, 2)], (2, 8, 11), about="windows that overlap")
    yield case([("pool", 2, 3)], (2, 9, 6), about="steps wider than the window")
    yield case([("conv", 4, 5, 1, 1)], (3, 32, 30))
    yield case([("conv", 4, 1, 2, 0), ("conv", 3, 2, 1, 2)], (2, 9, 8))
    yield case(LENET, (1, 32, 32))
    yield case([("conv", 8, 11, 4, 2), ("pool", 3, 2)], (3, 224, 200))
    for _ in range(10):
        yield drawn(*drawn_stack(rng))


def drawn_stack(rng: np.random.Generator) -> tuple[list[tuple], tuple[int, int, int]]:
    """Return a stack that fits on its image, drawn at random: two convolutions with a pooling between, and "
    "a classifier."""
    c, h, w, first, second, classes = map(int, rng.integers((1, 24, 24, 2, 2, 2), (5, 40, 40, 9, 9, 12)))
    k, stride, padding, pool, step = map(int, rng.integers((2, 1, 0, 2, 1), (6, 4, 4, 4, 4)))
    layers = [("conv", first, k, stride, padding), ("pool", pool, step), ("conv", second, 2, 1, 1)]
    layers += [("flatten",), ("linear", classes)]
    return layers[: int(rng.integers(2, 6))], (c, h, w)


def blank(*sides):
    return torch.empty(*sides, device="meta")  # a tensor without memory: only its shape is known


def applied(x, kind, *numbers):
    """Return what one layer makes of images (n, c, h, w), or of vectors (n, d)."""
    if kind == "conv":
        c_out, k, stride, padding = numbers
        return functional.conv2d(x, blank(c_out, x.shape[1], k, k), None, stride, padding)
    if kind == "pool":
        return functional.max_pool2d(x, *numbers)
    x = x.flatten(1)
    return x if kind == "flatten" else functional.linear(x, blank(*numbers, x.shape[1]))


def walked(layers, shape, layer=applied, chained=True):
    """Return the shapes after each layer; without `chained` every layer gets the first input."""
    x, shapes = blank(1, *shape), []
    for one in layers:
        made = layer(x, *one)
        shapes.append(tuple(made.shape[1:]))
        x = made if chained else x
    return shapes


def every(wanted, change):
    """Return the change of a list of layers in which the numbers of one kind are replaced."""
    return lambda layers: [
        (kind, *(change(*numbers) if kind == wanted else numbers)) for kind, *numbers in layers
    ]


def roomy(x, kind, *numbers):
    """Return what a layer makes if a step that does not fit is taken after all."""
    if kind == "pool":
        return functional.max_pool2d(x, *numbers, ceil_mode=True)
    if kind == "conv":
        spare = [-(side + 2 * numbers[3] - numbers[1]) % numbers[2] for side in x.shape[2:]]
        x = functional.pad(x, (0, spare[1], 0, spare[0]))
    return applied(x, kind, *numbers)


def roomy_only(wanted):
    return lambda x, kind, *numbers: (roomy if kind == wanted else applied)(x, kind, *numbers)


def first_side_only(x, kind, *numbers):
    return x[:, :, 0].flatten(1) if kind == "flatten" and x.dim() == 4 else applied(x, kind, *numbers)


def channel_only(x, kind, *numbers):
    return x[:, 0].flatten(1) if kind == "flatten" and x.dim() == 4 else applied(x, kind, *numbers)


ROOM = "a window finds ⌊(side + 2 · padding − k) / stride⌋ + 1 places along a side, as in exercise 1.3"
LAST = "wanted in the end: {last}"
DOWN = "a step that does not fit is not taken: the division rounds down"


@exercise(
    "Follow a shape through a net", points=5, cases=trace_cases, forbid="", observe=LAYERS,
    facts={"depth": lambda layers: len(layers),
           "last": lambda layers, shape: walked(layers, shape)[-1] if layers else "no shape",
           "c": lambda shape: shape[0], "h": lambda shape: shape[1], "w": lambda shape: shape[2]},
    why="each layer takes the shape that the layer before it gave; a conv sets the channels, a pool keeps "
        "them, flatten multiplies "
        "all sides, linear sets the only side",
    help=("not enough values to unpack", "too many values to unpack", "tuple index out of range"),
    mistakes=(
        mistake("the padding is ignored", ROOM, LAST, layers=every("conv", lambda f, k, s, p: (f, k, s, 0))),
        mistake("the padding is added on one side only", "padding goes on both ends of a side: 2 · padding",
                LAST,
                instead=lambda layers, shape: walked(layers, shape, lambda x, kind, *numbers: applied(
                    functional.pad(x, (numbers[3], 0) * 2), kind, *numbers[:3],
                0) if kind == "conv" else applied(x, kind, *numbers))),
        mistake("a convolution is taken to keep the size", "padding keeps a size only where it is (k − 1) / "
                "2 and the stride is 1", ROOM,
                layers=every("conv", lambda f, k, s, p: (f, 1, 1, 0))),
        mistake("a convolution's size lacks its + 1", "the first place counts too, before any step is taken",
                ROOM,
                layers=every("conv", lambda f, k, s, p: (f, k + s, s, p))),
        mistake("a convolution's stride is ignored", ROOM, LAST,
                layers=every("conv", lambda f, k, s, p: (f, k, 1, p))),
        mistake("a pooling's size lacks its + 1", "the first place counts too, before any step is taken",
                LAST,
                layers=every("pool", lambda k, s: (k + s, s))),
        mistake("a pooling divides by its stride, whatever its window",
                "pooling is a window, too: ⌊(side − k) / stride⌋ + 1 places", LAST,
                layers=every("pool", lambda k, s: (s, s))),
        mistake("a pooling's stride is taken to be its window",
                "a pooling has a stride of its own: ('pool', k, stride)", LAST,
                layers=every("pool", lambda k, s: (k, k))),
        mistake("a step that does not fit is taken", DOWN, LAST,
                instead=lambda layers, shape: walked(layers, shape, roomy),
                ways=[{"instead": lambda layers, shape: walked(layers, shape, roomy_only("pool"))},
                      {"instead": lambda layers, shape: walked(layers, shape, roomy_only("conv"))}]),
        mistake("a convolution keeps its input's channels", "a convolution makes as many maps as it has "
                "filters, `c_out`", LAST,
                layers=lambda layers, c: every("conv", lambda f, k, s, p: (c, k, s, p))(layers)),
        mistake("flatten forgets the channels", "flatten puts all numbers in a row: c · h · w of them", LAST,
                instead=lambda layers, shape: walked(layers, shape, channel_only)),
        mistake("flatten forgets the height", "flatten puts all numbers in a row: c · h · w of them", LAST,
                instead=lambda layers, shape: walked(layers, shape, first_side_only)),
        mistake("flatten and linear give a number, not a shape",
                "one side or three, a shape is a tuple: `(n_out,)`, with a comma", LAST,
                result=lambda y: [shape[0] if len(shape) == 1 else shape for shape in y]),
        mistake("the input's shape is among them", "the list holds what comes out of each layer, not what "
                "goes into the first",
                "{depth} layers, {depth} shapes", result=lambda y, shape: [tuple(shape), *y]),
        mistake("only the last shape is in the list", "one shape for every layer",
                "{depth} layers, {depth} shapes", result=lambda y: y[-1:]),
        mistake("every layer is given the first input", "each layer takes what the one before it made", LAST,
                instead=lambda layers, shape: walked(layers, shape, chained=False)),
        mistake("the width is taken to be the height", "an image need not be a square: rows and columns are "
                "computed one by one", "{h} rows, {w} columns",
                shape=lambda c, h: (c, h, h)),
        mistake("the channels come last", "a shape is (c, h, w)", LAST,
                result=lambda y: [(*shape[1:], *shape[:1]) for shape in y]),
    ),
)  # fmt: skip
def trace_shapes(layers, shape):
    return walked(layers, shape)


def field_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield one layer, two, none, and then stacks in which the order of the layers matters."""
    for layers in ([(3, 1)], [(3, 1), (3, 1)], [(3, 2), (3, 1)], [(2, 2), (3, 1)]):
        yield case(layers)
    yield case([], about="no layer at all")
    yield case([(1, 1)], about="a 1 × 1 layer")
    yield case([(1, 2), (3, 1)], about="steps wider than the window")
    yield case([(5, 1), (2, 2), (5, 1), (2, 2)])
    yield case([(3, 1), (4, 2), (2, 3)])
    yield case([(2, 3), (4, 2), (3, 1)])
    yield case([(7, 2), (3, 2), (3, 1), (3, 1), (3, 2)])
    yield case([(3, 2)] * 5)
    for length in (2, 3, 3, 4, 4, 5, 6, 7):
        yield drawn([(int(k), int(s)) for k, s in rng.integers(1, (8, 4), (length, 2))])


def covered(layers, units=1):
    """Return how many input pixels lie under some neighbouring units: what their gradient would cover."""
    x = blank(1, 1, units)
    for k, stride in reversed(layers):
        x = functional.conv_transpose1d(x, blank(1, 1, k), stride=stride)
    return x.shape[2]


def at_stride_1(layers):
    return [(k, 1) for k, _ in layers]


def late(layers):
    """Return a stack that spreads every layer by its own stride already."""
    strides = [s for _, s in layers]
    return [(1, s) for s in strides[:1]] + [
        (k, s) for (k, _), s in zip(layers, [*strides[1:], 1], strict=True)
    ]


STEPS = "one step in a layer is as many input pixels as the strides *below* it multiply to"
ALL = "the strides are {strides}"


@exercise(
    "What one unit sees", points=6, cases=field_cases, forbid="", observe=LAYERS,
    facts={"depth": lambda layers: len(layers), "kernels": lambda layers: str([k for k, _ in layers]),
           "strides": lambda layers: str([s for _, s in layers]), "size": lambda layers: covered(layers)},
    why="kernels {kernels}, strides {strides}: walk up from the input, and ask for each layer how far "
        "apart, in input pixels, the units are "
        "on which it looks",
    help=("cannot unpack", "local variable"),
    mistakes=(
        mistake("the strides are ignored", STEPS, ALL, layers=lambda layers: at_stride_1(layers),
                ways=({"result": lambda y, layers: (covered(at_stride_1(layers)), y[1])},)),
        mistake("a layer's own stride spreads its own window", STEPS + ", its own not among them", ALL,
                layers=lambda layers: late(layers)),
        mistake("the layers are taken from the wrong end", "the layer nearest the input comes first, and "
                "its stride spreads all that follow", ALL,
                layers=lambda layers: layers[::-1]),
        mistake("a layer adds k, not k − 1", "one of the k units lies under the field already: k − 1 are "
                "new on it", "kernels {kernels}",
                layers=lambda layers: [(k + 1, s) for k, s in layers]),
        mistake("the unit itself is forgotten", "a unit with nothing below it is one pixel: the size starts "
                "at 1", "wanted {size}",
                result=lambda y: (y[0] - 1, y[1])),
        mistake("a window adds only one of its two sides", "a window reaches out on both sides: k − 1 in all",
                "kernels {kernels}",
                layers=lambda layers: [((k - 1) // 2 + 1, s) for k, s in layers]),
        mistake("even kernels are taken for odd ones", "a window of k covers k units, also where k is even",
                "kernels {kernels}",
                layers=lambda layers: [((k - 1) // 2 * 2 + 1, s) for k, s in layers]),
        mistake("the kernels are multiplied", "windows overlap: a layer adds its k − 1 further units",
                "kernels {kernels}",
                result=lambda y, layers: (math.prod(k for k, _ in layers), y[1])),
        mistake("the kernels are added", "windows overlap: a layer adds its k − 1 further units",
                "kernels {kernels}",
                result=lambda y, layers: (sum(k for k, _ in layers), y[1])),
        mistake("the strides are added for the jump", "a step of 2 on top of steps of 3 is 6 pixels: "
                "strides multiply", ALL,
                result=lambda y, layers: (y[0], sum(s for _, s in layers))),
        mistake("the jump is the last stride", "the jump is a step of the last layer in *input* pixels", ALL,
                result=lambda y, layers: (y[0], layers[-1][1] if layers else 1)),
        mistake("the last stride is missing in the jump", "the jump is the distance of two neighbours "
                "*after* the last layer", ALL,
                result=lambda y, layers: (y[0], y[1] // layers[-1][1] if layers else 1)),
        mistake("size and jump are exchanged", "the pair is (size, jump)", "the size is {size}",
                result=lambda y: y[::-1]),
        mistake("without a layer there is nothing", "with no layer a unit is a pixel of the image: it sees "
                "1, and its neighbour is 1 away",
                "wanted (1, 1)", result=lambda y, layers: y if layers else (0, 1),
                ways=({"result": lambda y, layers: y if layers else (0, 0)},
                {"result": lambda y, layers: y if layers else (1, 0)})),
        mistake("only the last layer counts", "the last layer looks at units that see several pixels "
                "themselves", "{depth} layers",
                layers=lambda layers: layers[-1:]),
    ),
)  # fmt: skip
def receptive_field(layers):
    return covered(layers), covered(layers, 2) - covered(layers)
