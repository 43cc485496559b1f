"""Two networks written down: AlexNet's shapes and VGG-16's bill."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from convbook.checks.engine.declare import case, exercise, mistake
from convbook.checks.engine.families_tables import ALEXNET, VGG16, bill, changed, shaped, shapes, vgg
from convbook.checks.engine.tables import Tables
from convbook.forms import Case

IMAGE, SMALLER = (3, 227, 227), (3, 224, 224)
PLACES = "a window finds ⌊(side + 2 · padding − k) / stride⌋ + 1 places along a side"
PADDED = "conv2 is padded with 2, conv3, conv4 and conv5 with 1: they keep the size"
MAPS = "a pooling works on each map by itself, so it keeps their number"
ENDS = "a pooling asks how often its window of 3 fits, in steps of 2"


def one_case(rng: np.random.Generator) -> Iterator[Case]:
    """Yield the only case there is: the table takes no arguments."""
    yield case()


def alexnet(kind="conv", change=None, *names, image=IMAGE, layer=shaped):
    """Return AlexNet's shapes, with other numbers in the layers of a kind, or of some names."""
    layers = changed(ALEXNET, kind, change, *names) if change else list(ALEXNET.values())
    return shapes(layers, image, layer)


def pooled(change):
    """Return AlexNet's shapes with what `change` makes of the shapes before and after every pooling."""

    def layer(shape, kind, *numbers):
        given = shaped(shape, kind, *numbers)
        return change(shape, given) if kind == "pool" else given

    return alexnet(layer=layer)


def centred(shape, kind, *numbers):
    """Return the shape after a layer if all windows, even of poolings, were padded by half a side."""
    if kind == "linear":
        return numbers
    f, k, stride = numbers[:3] if kind == "conv" else (shape[0], *numbers)
    return shaped(shape, "conv", f, k, stride, k // 2)


def split(y):
    """Return the shapes that one of the two cards holds: half of the maps, half of the units, all classes."""
    return [(shape[0] // 2, *shape[1:]) for shape in y[:-1]] + y[-1:]


@exercise(
    "AlexNet's shapes", points=4, cases=one_case, observe=Tables(ALEXNET, "(name, shape)"), forbid="",
    why=f"follow one shape from (3, 227, 227) down; {PLACES}; a linear layer has as many outputs as units",
    help=("not enough values to unpack", "tuple index out of range"),
    mistakes=(
        mistake("conv1 is taken from an image of 223 or 224 pixels, or lacks its + 1",
                "the paper writes 224, but the 55 rows of its conv1 need 227",
                "(227 − 11) / 4 + 1, and not (223 − 11) / 4 + 1", instead=lambda: alexnet(image=SMALLER)),
        mistake("a pooling halves the size and rounds up", ENDS, "what hangs over the end is left out",
                instead=lambda: pooled(lambda x, y: (y[0], -(-x[1] // 2), -(-x[2] // 2)))),
        mistake("the pooling windows stand side by side",
                "AlexNet's pooling windows overlap: 3 wide, in steps of 2",
                instead=lambda: alexnet("pool", lambda k, s: (k, k))),
        mistake("a pooling moves in steps of 1", "the poolings have stride 2",
                instead=lambda: alexnet("pool", lambda k, s: (k, 1))),
        mistake("a pooling's size lacks its + 1", "the first place counts too, before any step is taken",
                PLACES,
                instead=lambda: alexnet("pool", lambda k, s: (k + s, s)),
                ways=[{"instead": lambda name=name: alexnet("pool", lambda k, s: (k + s, s), name)}
                for name in ("pool1", "pool2", "pool5")]),
        mistake("pool5 is VGG's 7 × 7", ENDS, "pool5 takes 13 × 13",
                result=lambda y: [*y[:7], (256, 7, 7), *y[8:]]),
        mistake("every size lacks its + 1", "the first place counts too, before any step is taken", PLACES,
                instead=lambda: alexnet(layer=lambda x, kind, *n: shaped(x, kind, *short(kind, *n)))),
        mistake("no convolution is padded", PADDED,
                instead=lambda: alexnet("conv", lambda f, k, s, p: (f, k, s, 0))),
        mistake("conv2 is not padded", PADDED, "5×5 without padding takes 4 off each side",
                instead=lambda: alexnet("conv", lambda f, k, s, p: (f, k, s, 0), "conv2")),
        mistake("conv2 is padded with 1", PADDED, "k // 2 is 2 for a kernel of 5",
                instead=lambda: alexnet("conv", lambda f, k, s, p: (f, k, s, 1), "conv2")),
        mistake("conv3, conv4 and conv5 are not padded", PADDED, "3×3 without padding takes 2 off each side",
                instead=lambda: alexnet("conv", lambda f, k, s, p: (f, k, s, 0), "conv3", "conv4", "conv5")),
        mistake("conv1 is padded with 2", "on 227 pixels conv1 needs no padding",
                "its windows fit without a rest",
                instead=lambda: alexnet("conv", lambda f, k, s, p: (f, k, s, 2), "conv1")),
        mistake("everything is padded with k // 2", PADDED, "conv1 and the poolings are not padded",
                instead=lambda: alexnet(layer=centred)),
        mistake("conv1's stride is ignored", "conv1 moves in steps of 4",
                instead=lambda: alexnet("conv", lambda f, k, s, p: (f, k, 1, p))),
        mistake("there are only half of the maps",
                "each of the two cards held half of the maps; the network has both halves",
                "96 filters in conv1, not 48", result=split,
                ways=[{"result": lambda y: split(y)[:8] + y[8:]}]),
        mistake("a pooling makes a single map", MAPS, instead=lambda: pooled(lambda x, y: (1, *y[1:]))),
        mistake("a shape is (rows, columns, channels)", "the order here is PyTorch's: (c, h, w)",
                result=lambda y: [(*shape[1:], shape[0]) if len(shape) == 3 else shape for shape in y]),
        mistake("a shape begins with the number of images", "a row says what one image becomes",
                "(c, h, w), or (units,)", result=lambda y: [(1, *shape) for shape in y]),
        mistake("the poolings are not where they run", "the rows are in the order in which the layers run",
                "pool1 follows conv1, pool2 conv2, pool5 conv5",
                result=lambda y: [y[i] for i in (0, 2, 4, 5, 6, 1, 3, 7, 8, 9, 10)]),
        mistake("a linear layer is given three sides",
                "after flattening there are no rows and columns left: `(4096,)`",
                result=lambda y: [shape if len(shape) == 3 else (*shape, 1, 1) for shape in y]),
        mistake("fc6 has the length of the flattened map",
                "that is what fc6 takes; what it gives is its number of units",
                result=lambda y: [*y[:8], (int(np.prod(y[7])),), *y[9:]]),
        mistake("fc8 has 4,096 units", "the last layer has a unit for each of the 1,000 classes",
                result=lambda y: [*y[:-1], y[-2]]),
        mistake("the image is the first row", "a row says what a layer gives", "11 rows",
                result=lambda y: [IMAGE, *y]),
    ),
)  # fmt: skip
def alexnet_shapes():
    return alexnet()


def short(kind, *numbers):
    """Return a layer's numbers with a window so much larger that one place is lost."""
    if kind == "conv":
        f, k, stride, padding = numbers
        return f, k + stride, stride, padding
    return (numbers[0] + numbers[1], numbers[1]) if kind == "pool" else numbers


LAYERS = list(VGG16.values())
ONE_BIAS = "a filter adds one number to its whole map, and a linear layer one to each output"
LEARN = "a pooling takes the largest number of a window: there is nothing to learn"
FC6 = "fc6 takes pool5's maps: 512 of 7×7"
EVERY = "a filter has a kernel for every map that comes in"
GIVES = "activations are what a layer *gives*: c · h · w of its output"


def vgg16(layers=None, **options):
    return bill(LAYERS if layers is None else layers, SMALLER, **options)


def parameters(rows, change, *kinds):
    """Return the rows with other parameters for layers of some kinds: `change` takes the layer's numbers."""
    return [
        (a, change(p, *layer[1:]) if layer[0] in kinds else p)
        for (a, p), layer in zip(rows, LAYERS, strict=True)
    ]


def taken(layers=None):
    """Return how many maps every layer takes."""
    return [3, *(shape[0] for shape in shapes(LAYERS, SMALLER))][: len(LAYERS)]


def as_if(maps):
    """Return the bill if every convolution took as many maps as `maps` says of what comes in and goes out."""
    return [
        (a, maps(c, layer[1]) * 9 * layer[1] + layer[1] if layer[0] == "conv" else p)
        for (a, p), layer, c in zip(vgg16(), LAYERS, taken(), strict=True)
    ]


@exercise(
    "VGG-16's bill", points=6, cases=one_case, observe=Tables(VGG16, "(name, activations, parameters)", 2),
        forbid="",
    why="every row is c · h · w of what the layer gives, and the weights and biases that it learns: 3 · 3 · "
    "c_in · c_out + c_out for "
    "a convolution, inputs · outputs + outputs for a linear layer, 0 for a pooling",
    help=("not enough values to unpack",),
    mistakes=(
        mistake("the biases are not counted", ONE_BIAS, "13 convolutions and 3 linear layers have biases",
                instead=lambda: vgg16(bias=False)),
        mistake("the convolutions' biases are not counted", ONE_BIAS,
                result=lambda y: parameters(y, lambda p, f, *_: p - f, "conv")),
        mistake("the linear layers' biases are not counted", ONE_BIAS,
                result=lambda y: parameters(y, lambda p, f: p - f, "linear")),
        mistake("a layer has a single bias", ONE_BIAS,
                result=lambda y: parameters(y, lambda p, f, *_: p - f + 1, "conv", "linear")),
        mistake("there is a bias for every kernel", ONE_BIAS,
                result=lambda y: [(a, p - n[1] + c * n[1] if n[0] == "conv" else p) for (a, p), n,
                c in zip(y, LAYERS, taken(), strict=True)]),
        mistake("poolings have parameters", LEARN, "their rows end with 0",
                result=lambda y: [(a, p or 9 * c * c + c) for (a, p), c in zip(y, taken(), strict=True)],
                ways=[{"result": lambda y: [(a, p or 4) for a, p in y]},
                {"result": lambda y: [(a, p or 4 * c) for (a, p), c in zip(y, taken(), strict=True)]},
                      {"result": lambda y: [(a, p or 4 * c * c + c) for (a, p),
                      c in zip(y, taken(), strict=True)]}]),
        mistake("fc6 takes the maps before pool5", FC6, "25,088 numbers, not 100,352",
                instead=lambda: vgg16(flat=512 * 14 * 14)),
        mistake("fc6 takes one number a map", FC6 + ": VGG does not average them", "25,088 numbers, not 512",
                instead=lambda: vgg16(flat=512)),
        mistake("fc6 takes one map", FC6, "25,088 numbers, not 49", instead=lambda: vgg16(flat=49)),
        mistake("conv1_1 takes a single map", "a colour image has three channels", "3 · 3 · 3 · 64 weights",
                result=lambda y: [(y[0][0], 9 * 64 + 64), *y[1:]]),
        mistake("a filter has one kernel, whatever comes in", EVERY, instead=lambda: as_if(lambda c, f: 1)),
        mistake("the first convolution of a block takes as many maps as it gives", EVERY,
                "conv2_1 takes 64 maps and gives 128",
                instead=lambda: as_if(lambda c, f: f),
                ways=[{"instead": lambda: as_if(lambda c, f: c if c == 3 else f)}]),
        mistake("the maps are added, not multiplied", EVERY,
                result=lambda y: [(a, 9 * (c + n[1]) + n[1] if n[0] == "conv" else p) for (a, p), n,
                c in zip(y, LAYERS, taken(), strict=True)]),
        mistake("activations are what a layer takes", GIVES, instead=lambda: [
            (a, p) for (a, _), (_, p) in zip([(int(np.prod(SMALLER)), 0), *vgg16()[:-1]], vgg16(),
                strict=True)]),
        mistake("a pooling has the activations of what it takes",
                "2×2 pooling leaves a quarter of the numbers", result=lambda y: [
            (y[i - 1][0] if n[0] == "pool" else a, p) for i,
                ((a, p), n) in enumerate(zip(y, LAYERS, strict=True))]),
        mistake("poolings have no activations", "what a pooling gives must be kept as well",
                result=lambda y: [
            (0 if n[0] == "pool" else a, p) for (a, p), n in zip(y, LAYERS, strict=True)]),
        mistake("activations are counted for one map only", GIVES, result=lambda y: [
            (a // s[0] if len(s) == 3 else a, p) for (a, p),
                s in zip(y, shapes(LAYERS, SMALLER), strict=True)]),
        mistake("a ReLU's activations are counted again", GIVES, "a ReLU has no row of its own here",
                result=lambda y: [(a if n[0] == "pool" or a == 1000 else 2 * a, p) for (a, p),
                n in zip(y, LAYERS, strict=True)],
                ways=[{"result": lambda y: [(2 * a if n[0] == "conv" else a, p) for (a, p),
                n in zip(y, LAYERS, strict=True)]}]),
        mistake("fc7 takes what fc6 takes", "fc7 takes what fc6 gives", "4,096 numbers",
                result=lambda y: [*y[:19], y[18], y[20]]),
        mistake("the image is taken to have 227 pixels a side", "VGG takes 224: five times in half that is 7",
                instead=lambda: bill(LAYERS, IMAGE)),
        mistake("no convolution is padded",
                "all convolutions have padding 1: only poolings make maps smaller",
                instead=lambda: vgg16(changed(VGG16, "conv", lambda f, k, s, p: (f, k, s, 0)))),
        mistake("the fifth block has 1,024 filters", "blocks 4 and 5 both have 512 filters",
                instead=lambda: vgg16(list(vgg((2, 64), (2, 128), (3, 256), (3, 512), (3, 1024)).values()))),
        mistake("activations and parameters are exchanged", "a row is (name, activations, parameters)",
                result=lambda y: [(p, a) for a, p in y]),
        mistake("it is bytes, not numbers", "a float32 has 4 bytes; here numbers are counted",
                result=lambda y: [(4 * a, 4 * p) for a, p in y],
                ways=[{"result": lambda y: [(4 * a, p) for a, p in y]},
                {"result": lambda y: [(a, 4 * p) for a, p in y]}]),
        mistake("a convolution's weights are counted at every place",
                "the weights of a filter are shared by all places",
                result=lambda y: [(a, p * (a // n[1]) if n[0] == "conv" else p) for (a, p),
                n in zip(y, LAYERS, strict=True)]),
        mistake("the image is the first row", "a row says what a layer gives", "21 rows",
                result=lambda y: [(int(np.prod(SMALLER)), 0), *y]),
        mistake("the totals are the last row", "21 layers, 21 rows",
                result=lambda y: [*y, (sum(a for a, _ in y), sum(p for _, p in y))]),
    ),
)  # fmt: skip
def vgg16_table():
    return vgg16()
