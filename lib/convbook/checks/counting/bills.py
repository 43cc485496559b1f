"""What a layer costs: `conv_params`, `linear_params`, `conv_macs`, `bottleneck_params`."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from torch import nn

from convbook.checks.engine.counts import COUNTS
from convbook.checks.engine.declare import case, drawn, exercise, mistake
from convbook.checks.engine.families_counting import blank, conv, learned
from convbook.forms import Case

ONE_BIAS = "a filter adds one number to its whole map, so every filter has one bias"
NO_BIAS, OUTPUTS = "with `bias=False` only the weights are learned", "every output adds a number of its own"
SQUARE, SIDES = "a kernel is a square", "{k} · {k} weights, not {k}"
EVERY_KERNEL = "every filter has a kernel for every input channel"
EVERY_PAIR = "every output has a weight for every input"


def conv_params_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield layers whose three numbers differ, with and without a bias."""
    yield case(2, 3, 1)
    yield case(3, 4, 2)
    yield case(3, 5, 2, bias=False)
    yield case(1, 6, 5)
    yield case(4, 1, 3)
    yield case(3, 64, 7, True, about="with a bias, by position")
    yield case(64, 32, 3, False, about="without a bias, by position")
    for number in range(10):
        c_in, c_out, k = (int(side) for side in rng.integers(2, 12, 3))
        yield drawn(c_in, c_out, k, bias=number % 2 == 0)


@exercise(
    "Parameters of a layer", points=3, cases=conv_params_cases, forbid="", observe=COUNTS,
    facts={"weights": lambda c_in, k: learned(conv(c_in, 1, k)),
           "biases": lambda c_out, bias: c_out if bias else 0},
    why="{c_out} filters of {c_in} kernels each, {k} × {k} weights in a kernel, and {biases} biases",
    mistakes=(
        mistake("the biases are missing", ONE_BIAS, "{c_out} filters bring {biases} more",
                bias=lambda: False),
        mistake("the bias is counted although there is none", NO_BIAS, "{c_out} filters of {weights} weights",
                bias=lambda: True),
        mistake("there is a bias exactly where there should be none", "`bias=True` asks for biases",
                "{biases} biases", bias=lambda bias: not bias),
        mistake("there is one bias for the whole layer", ONE_BIAS, "{biases} biases, not 1",
                result=lambda y, again, bias: again(bias=False) + bool(bias)),
        mistake("there is a bias for every kernel", ONE_BIAS, "{biases} biases, not {c_in} · {c_out}",
                result=lambda y, again, c_in, c_out, bias: again(bias=False) + bool(bias) * c_in * c_out),
        mistake("there is a bias for every input channel", ONE_BIAS, "{biases} biases, not {c_in}",
                result=lambda y, again, c_in, bias: again(bias=False) + bool(bias) * c_in),
        mistake("the input's channels are left out", "a filter looks at all channels: it has a kernel for "
                "each", "{c_in} kernels a filter, {weights} weights", c_in=lambda: 1),
        mistake("only one filter is counted", "every output map has a filter of its own", "{c_out} filters",
                c_out=lambda: 1),
        mistake("a kernel is taken to have one weight", SQUARE, "{k} · {k} weights, not 1",
                k=lambda: 1),
        mistake("a kernel is taken to have k weights", SQUARE, SIDES, k=lambda k: (k, 1)),
        mistake("a kernel is taken to have 2 · k weights", SQUARE, "{k} · {k} weights, not 2 · {k}",
                result=lambda y, c_in, c_out, k, biases: c_in * c_out * 2 * k + biases),
        mistake("the channels are added, not multiplied", EVERY_KERNEL,
                "{c_out} filters of {c_in} kernels each",
                result=lambda y, c_in, c_out, k, biases: (c_in + c_out) * k * k + biases),
        mistake("there is a bias for every weight of a kernel", ONE_BIAS,
                "{biases} biases, not {k} · {k} times as many",
                result=lambda y, k, biases: y - biases + k * k * biases),
    ),
)  # fmt: skip
def conv_params(c_in, c_out, k, bias=True):
    return learned(conv(c_in, c_out, k, bias))


def linear_params_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield pairs of shapes whose sides all differ, with and without a bias."""
    yield case((1, 2, 3), (1, 1, 2))
    yield case((2, 3, 4), (1, 2, 5), bias=False)
    yield case((3, 4, 2), (5, 2, 3))
    yield case((3, 32, 32), (10, 32, 32))
    yield case((2, 3, 5), (4, 1, 1), True, about="with a bias, by position")
    yield case((1, 5, 2), (3, 2, 2), False, about="without a bias, by position")
    for number in range(8):
        sides = [int(side) for side in rng.integers(2, 7, 6)]
        yield drawn(tuple(sides[:3]), tuple(sides[3:]), bias=number % 2 == 0)


def both(change):
    return {"shape_in": lambda shape_in: change(shape_in), "shape_out": lambda shape_out: change(shape_out)}


@exercise(
    "Parameters if it were fully connected", points=2, cases=linear_params_cases, forbid="", observe=COUNTS,
    facts={"inputs": lambda shape_in: math.prod(shape_in), "outputs": lambda shape_out: math.prod(shape_out),
           "biases": lambda outputs, bias: outputs if bias else 0},
    why=EVERY_PAIR + ": {inputs} inputs, {outputs} outputs, and {biases} biases",
    help=("can't multiply sequence by non-int",),
    mistakes=(
        mistake("the biases are missing", OUTPUTS, "{outputs} outputs bring {biases} more",
                bias=lambda: False),
        mistake("the bias is counted although there is none", NO_BIAS, "{inputs} · {outputs}",
                bias=lambda: True),
        mistake("there is one bias for every map", OUTPUTS + "; one for a whole map is a convolution's way",
                "{outputs} outputs, {biases} biases",
                result=lambda y, again, shape_out, bias: again(bias=False) + bool(bias) * shape_out[0]),
        mistake("there is one bias for the whole layer", OUTPUTS, "{outputs} outputs, {biases} biases",
                result=lambda y, biases, bias: y - biases + bool(bias)),
        mistake("there is one bias for every place of a map", OUTPUTS + ", in every map",
                "{outputs} outputs, {biases} biases", result=lambda y, biases, bias, shape_out: (y - biases +
                bool(bias) * math.prod(shape_out[1:]))),
        mistake("there is one weight for every input", EVERY_PAIR, "{inputs} times {outputs} weights",
                result=lambda y, inputs, biases: inputs + biases),
        mistake("there is a bias for every input", OUTPUTS,
                "{biases} biases for {outputs} outputs, not {inputs}",
                result=lambda y, biases, bias, inputs: y - biases + bool(bias) * inputs),
        mistake("there is a bias exactly where there should be none", "`bias=True` asks for biases",
                "{biases} biases", bias=lambda bias: not bias),
        mistake("a map of the output is taken to be one number", EVERY_PAIR + ", and every place of every "
                "map is an output", "{outputs} outputs", shape_out=lambda shape_out: shape_out[:1]),
        mistake("the output's channels are left out", EVERY_PAIR + ", and every map has outputs of its own",
                "{outputs} outputs", shape_out=lambda shape_out: shape_out[1:]),
        mistake("the output is taken to have the input's shape", EVERY_PAIR, "{inputs} inputs, {outputs} "
                "outputs", shape_out=lambda shape_in: shape_in),
        mistake("the channels are left out", EVERY_PAIR + ", in all channels", "{inputs} inputs, {outputs} "
                "outputs", **both(lambda shape: shape[1:])),
        mistake("only the channels count", EVERY_PAIR + ", at every pixel", "{inputs} inputs, {outputs} "
                "outputs", **both(lambda shape: shape[:1])),
        mistake("the sides of a shape are added, not multiplied", "a shape (c, h, w) holds c · h · w numbers",
                "{inputs} inputs, {outputs} outputs", **both(lambda shape: (sum(shape),))),
        mistake("inputs and outputs are added, not multiplied", EVERY_PAIR, "{inputs} times {outputs} "
                "weights", result=lambda y, inputs, outputs, biases: inputs + outputs + biases),
        mistake("the width is taken to be the height", "a shape is (c, h, w), and an image need not be a "
                "square", "{inputs} inputs, {outputs} outputs", **both(lambda shape: (*shape[:2], *shape[1:2]))),
    ),
)  # fmt: skip
def linear_params(shape_in, shape_out, bias=True):
    inputs, outputs = max(1, math.prod(shape_in)), max(1, math.prod(shape_out))
    return learned(nn.Linear(inputs, outputs, bias=bool(bias), device="meta"))


def conv_macs_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield layers whose five numbers differ."""
    yield case(1, 1, 2, 1, 3)
    yield case(2, 3, 1, 4, 5)
    yield case(3, 4, 2, 5, 6)
    yield case(5, 2, 3, 4, 1, about="one column")
    yield case(3, 10, 5, 32, 32)
    for _ in range(10):
        yield drawn(*(int(side) for side in rng.integers(2, 9, 5)))


@exercise(
    "Multiply–adds", points=2, cases=conv_macs_cases, forbid="", observe=COUNTS,
    facts={"window": lambda c_in, k: learned(conv(c_in, 1, k)),
           "outputs": lambda c_out, h_out, w_out: math.prod((c_out, h_out, w_out))},
    why="each of the {outputs} outputs is a sum of {window} products, one for every weight of its filter",
    mistakes=(
        mistake("multiplications and additions are counted one by one", "a product and its addition count "
                "once, together", "{window} for each of {outputs} outputs", result=lambda y: 2 * y,
                ways=[{"result": lambda y, outputs: 2 * y - outputs},
                      {"result": lambda y, k: 2 * y - y // k**2}]),
        mistake("one is counted for each output number", "an output is a sum of one product for every weight "
                "of its filter", "{window} for each of {outputs} outputs", result=lambda y, outputs: outputs),
        mistake("the channels are added, not multiplied", EVERY_KERNEL, "{c_out} filters of {c_in} kernels "
                "each", result=lambda y, c_in, c_out: y // (c_in * c_out) * (c_in + c_out)),
        mistake("the weights are counted, not their use", "every weight is used again at every place of the "
                "window", "{h_out} · {w_out} places", h_out=lambda: 1, w_out=lambda: 1),
        mistake("the input's channels are left out", "the window reaches through all channels",
                "{c_in} channels", c_in=lambda: 1),
        mistake("only one map is counted", "every output map is computed by a filter of its own",
                "{c_out} maps", c_out=lambda: 1),
        mistake("a kernel is taken to have k weights", SQUARE, SIDES, result=lambda y, k: y // k),
        mistake("the bias is counted", "an addition of a bias is no multiply–add",
                "{window} for each of {outputs} outputs", result=lambda y, outputs: y + outputs),
        mistake("the pixels of the input are counted, not the places of the window",
                "the work is done once for each *output* pixel", "{h_out} · {w_out} places",
                h_out=lambda h_out, k: h_out + k - 1, w_out=lambda w_out, k: w_out + k - 1),
        mistake("the map's size is computed once more", "h_out and w_out are sizes of the *output* already",
                "{h_out} · {w_out} places", result=lambda again, h_out, w_out, k: (again(h_out=1,
                w_out=1) * (h_out - k + 1) * (w_out - k + 1))),
        mistake("the sides of the map are added, not multiplied", "a map has h_out · w_out places",
                "{h_out} · {w_out}", result=lambda again, h_out, w_out: again(h_out=1,
                w_out=1) * (h_out + w_out)),
    ),
)  # fmt: skip
def conv_macs(c_in, c_out, k, h_out, w_out):
    image = blank(1, c_in, h_out + k - 1, w_out + k - 1)
    return c_out * image.unfold(2, k, 1).unfold(3, k, 1).numel()  # every number of every window


def bottleneck_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield bottlenecks whose three numbers differ."""
    yield case(3, 2, 1)
    yield case(4, 3, 2)
    yield case(64, 32, 3)
    yield case(2, 5, 3, about="it widens instead of squeezing")
    yield case(256, 64, 3)
    for _ in range(10):
        yield drawn(*(int(side) for side in rng.integers(2, 13, 3)))


TWO = "the first layer goes from c to squeeze, the second from squeeze to c"
SIZES = "1 × 1 from {c} to {squeeze}, then {k} × {k} from {squeeze} to {c}"


@exercise(
    "The bottleneck's saving", points=3, cases=bottleneck_cases, forbid="", observe=COUNTS, uses=(conv_params,),
    facts={"plain": lambda c, k: learned(conv(c, c, k)),
           "first": lambda c, squeeze: learned(conv(c, squeeze, 1)),
           "second": lambda c, squeeze, k: learned(conv(squeeze, c, k))},
    why="two layers: {first} weights in the 1 × 1, {second} in the {k} × {k}",
    mistakes=(
        mistake("the 1 × 1 layer is left out", "the squeezing layer has weights, too", "{first} of them",
                result=lambda y, first: y - first),
        mistake("the k × k layer is left out", "the layer that makes c maps again has weights, too",
                "{second} of them", result=lambda y, first: first),
        mistake("a 1 × 1 filter is taken to be one number", "a 1 × 1 filter has a weight for *every* input "
                "channel", "{squeeze} filters of {c} weights",
                result=lambda y, first, squeeze: y - first + squeeze),
        mistake("only one 1 × 1 filter is counted", "the first layer makes `squeeze` maps, each with a "
                "filter of its own", "{squeeze} filters of {c} weights", result=lambda y, first, c: y - first + c),
        mistake("only one k × k filter is counted", "the second layer makes c maps, each with a filter of "
                "its own", "{c} filters", result=lambda y, first, second, c: first + second // c),
        mistake("the 1 × 1 layer keeps c maps", TWO, SIZES,
                instead=lambda c, squeeze, k: learned(conv(c, c, 1), conv(squeeze, c, k))),
        mistake("the two layers are multiplied, not added", "the weights of both layers are stored: their "
                "counts add up", "{first} + {second}", result=lambda y, first, second: first * second),
        mistake("the k × k layer looks at all c maps", TWO + ": it sees only the squeezed maps", SIZES,
                instead=lambda c, squeeze, k: learned(conv(c, squeeze, 1), conv(c, c, k))),
        mistake("the k × k layer makes only `squeeze` maps", TWO, SIZES,
                instead=lambda c, squeeze, k: learned(conv(c, squeeze, 1), conv(squeeze, squeeze, k))),
        mistake("both layers are k × k", "the squeezing layer has kernels of 1 × 1", SIZES,
                instead=lambda c, squeeze, k: learned(conv(c, squeeze, k), conv(squeeze, c, k))),
        mistake("there is a third layer", TWO, SIZES, instead=lambda c, squeeze, k: learned(conv(c, squeeze,
                1), conv(squeeze, squeeze, k), conv(squeeze, c, 1))),
        mistake("biases are counted", "this exercise counts weights only: no bias", SIZES,
                result=lambda y, c, squeeze: y + c + squeeze),
        mistake("it is what is saved, not what is left", "count the two layers", "{plain} − {wanted} is the "
                "saving", result=lambda y, plain: plain - y),
        mistake("it is a share, not a count", "what is asked for is how many weights the two layers have",
                "{first} + {second}", result=lambda y, plain: y / plain,
                ways=[{"result": lambda y, plain: 100 * y / plain}]),
        mistake("a kernel is taken to have k weights", SQUARE, SIDES,
                result=lambda y, first, second, k: first + second // k),
    ),
)  # fmt: skip
def bottleneck_params(c, squeeze, k):
    return learned(conv(c, squeeze, 1), conv(squeeze, c, k))
