"""Four branches side by side: what they cost and how they are built, and a VGG by configuration."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from convbook.checks.engine.counts import COUNTS
from convbook.checks.engine.declare import case, drawn, exercise, mistake
from convbook.checks.engine.families_counting import conv, learned
from convbook.checks.engine.families_modules import heads, logits
from convbook.checks.engine.modules import Modules, built, cat, small
from convbook.checks.engine.modules.edits import Edit, all_of, fed, into, set_, swapped, without
from convbook.checks.engine.modules.graph import Graph
from convbook.forms import Case

SPEC = "spec is (c1, r3, c3, r5, c5, pool)"


def macs_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield small modules with and without reductions, GoogLeNet's first, and drawn ones."""
    yield case(2, 1, 1, (1, 2, 3, 4, 5, 6))
    yield case(2, 1, 1, (1, 2, 3, 4, 5, 6), bottleneck=False)
    yield case(3, 2, 5, (2, 4, 7, 3, 5, 6))
    yield case(192, 28, 28, (64, 96, 128, 16, 32, 32))
    yield case(192, 28, 28, (64, 96, 128, 16, 32, 32), False, about="without reductions, by position")
    for number in range(10):
        c, h, w, *spec = (int(v) for v in rng.integers(2, 14, 9))
        yield drawn(c, h, w, tuple(spec), bottleneck=number % 2 == 0)


def cost(c_in, h, w, spec, bottleneck, *, sides=(1, 3, 5), pooled=None):
    """Return the multiply–adds of the four branches; `sides` are the kernels' sides."""
    c1, r3, c3, r5, c5, pool = spec
    branches = [(c_in, c1, sides[0])]
    if bottleneck:
        branches += [(c_in, r3, 1), (r3, c3, sides[1]), (c_in, r5, 1), (r5, c5, sides[2]), (c_in, pool, 1)]
    else:
        branches += [(c_in, c3, sides[1]), (c_in, c5, sides[2])]
        branches += [(c_in, pool, 1)] if pooled else []
    return sum(learned(conv(*branch)) for branch in branches) * h * w


def unpadded(c_in, h, w, spec, bottleneck):
    """Return the multiply–adds if the 3×3 and the 5×5 were not padded."""
    c1, r3, c3, r5, c5, pool = spec
    ones = c1 + (r3 + r5 + pool) * bottleneck
    places = [max(h - k + 1, 0) * max(w - k + 1, 0) for k in (3, 5)]
    three, five = (r3, r5) if bottleneck else (c_in, c_in)
    return h * w * c_in * ones + places[0] * 9 * three * c3 + places[1] * 25 * five * c5


REDUCED = "a 3×3 or 5×5 works on the reduced maps, r3 or r5 of them"
NAIVE = "the naive module has no 1×1 in front of its 3×3 and 5×5, and nothing after its pool"


@exercise(
    "What inception costs", points=5, cases=macs_cases, forbid="", observe=COUNTS,
    facts={"places": lambda h, w: h * w},
    why=SPEC + ": at each of the {h} · {w} places a k × k convolution from a to b maps takes k · k · a · b "
    "multiply–adds; pooling takes none",
    help=("not enough values to unpack", "too many values to unpack"),
    mistakes=(
        mistake("the naive module has reductions", NAIVE, "bottleneck is {bottleneck}",
                bottleneck=lambda: True),
        mistake("there are no reductions at all", REDUCED, "bottleneck is {bottleneck}",
                bottleneck=lambda: False),
        mistake("with and without reductions are exchanged", "`bottleneck=True` asks for reductions",
                "here {bottleneck}", bottleneck=lambda bottleneck: not bottleneck),
        mistake("the naive module has a pool projection", NAIVE, "its pool keeps {c_in} maps",
                instead=lambda c_in, h, w, spec, bottleneck: cost(c_in, h, w, spec, bottleneck, pooled=True)),
        mistake("the pool projection is not counted", "the 1×1 after the pool is counted too",
                "it takes {c_in} maps",
                result=lambda y, c_in, spec, places, bottleneck: y - bottleneck * c_in * spec[5] * places),
        mistake("the pool projection is counted as a 3×3",
                "a 1×1 follows the pool; the pool's own window multiplies nothing", "not 9 · {c_in} weights",
                result=lambda y, c_in, spec, places,
                bottleneck: y + bottleneck * 8 * c_in * spec[5] * places),
        mistake("the reductions are not counted", "the two 1×1 in front cost something themselves",
                "{c_in} maps come in",
                result=lambda y, c_in, spec, places,
                bottleneck: y - bottleneck * c_in * (spec[1] + spec[3]) * places),
        mistake("the 3×3 and 5×5 take all the maps", REDUCED, "not {c_in}", result=lambda y, c_in, spec,
                places, bottleneck: y + bottleneck * places * (
                9 * spec[2] * (c_in - spec[1]) + 25 * spec[4] * (c_in - spec[3]))),
        mistake("kernels are taken to have k weights", "a kernel is a square",
                "9 and 25 weights, not 3 and 5",
                instead=lambda c_in, h, w, spec,
                bottleneck: cost(c_in, h, w, spec, bottleneck, sides=(1, (3, 1), (5, 1)))),
        mistake("the places are not counted", "every weight is used at every place",
                "{h} · {w} = {places} places", h=lambda: 1, w=lambda: 1),
        mistake("the image is taken to be a square", "rows and columns may differ", "{h} · {w} places",
                w=lambda h: h, ways=[{"h": lambda w: w}]),
        mistake("multiplications and additions are counted one by one",
                "a product and its addition count once, together", "yours is twice as much",
                result=lambda y: 2 * y),
        mistake("the 5×5 branch is taken for a 3×3", "the third branch has kernels of 5 × 5", "25 weights",
                instead=lambda c_in, h, w, spec, bottleneck:
                cost(c_in, h, w, spec, bottleneck, sides=(1, 3, 3))),
        mistake("the 3×3 and the 5×5 are exchanged", SPEC, "9 · r3 · c3 and 25 · r5 · c5",
                instead=lambda c_in, h, w, spec, bottleneck:
                cost(c_in, h, w, spec, bottleneck, sides=(1, 5, 3))),
        mistake("r and c are exchanged", SPEC, "r3 maps go into the 3×3, and c3 come out",
                instead=lambda c_in, h, w, spec, bottleneck:
                cost(c_in, h, w, [spec[i] for i in (0, 2, 1, 4, 3, 5)], bottleneck)),
        mistake("the pooling is counted", "a pooling compares, and multiplies nothing",
                result=lambda y, c_in, places: y + 9 * c_in * places,
                ways=[{"result": lambda y, c_in, places, bottleneck: y + bottleneck * 9 * c_in * places}]),
        mistake("the projection takes what the other branches give", "all four branches look at the same x",
                "it takes {c_in} maps",
                result=lambda y, c_in, spec, places, bottleneck:
                y + bottleneck * (spec[0] + spec[2] + spec[4] - c_in) * spec[5] * places),
        mistake("the 3×3 and the 5×5 lose their border", "they are padded, so they keep the size", "{h} · {w} places",
                instead=unpadded),
        mistake("the 1×1 branch is left out", "four branches stand side by side", "c1 maps of the first",
                result=lambda y, c_in, spec, places:
                y - c_in * spec[0] * places),
        mistake("biases are counted", "nothing is multiplied by a bias", result=lambda y, spec, places,
                bottleneck:
                y + places * (sum(spec) if bottleneck else spec[0] + spec[2] + spec[4])),
    ),
)  # fmt: skip
def inception_macs(c_in, h, w, spec, bottleneck=True):
    return cost(c_in, h, w, spec, bottleneck)


def inception_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield small modules whose four 1×1 differ in size: equal ones are told apart by their order only."""
    yield built(2, 1, 2, 3, 4, 5, 6, x=small(1, 2, 3, 4))
    yield built(3, 2, 1, 4, 3, 2, 5, x=small(2, 3, 5, 4))
    c_in, c3, c5 = (int(v) for v in rng.integers(1, 6, 3))
    c1, r3, r5, pool = (int(v) for v in rng.permutation(np.arange(1, 7))[:4])
    spec = c1, r3, c3, r5, c5, pool
    yield built(c_in, *spec, x=rng.normal(size=(2, c_in, *rng.integers(4, 8, 2))), drawn=True)


NAMES = ("1×1", "3×3 reduce", "3×3", "5×5 reduce", "5×5", "projection")
AFTER_EACH = "a ReLU follows each of the six convolutions"
NAMED_ORDERS = ((0, 1, 2, 3), (3, 2, 1, 0), (3, 0, 1, 2), (0, 2, 1, 3), (2, 1, 0, 3))
ORDER = "the branches are concatenated in the order 1×1, 3×3, 5×5, pool"


def branches(x, c1, r3, c3, r5, c5, pool, within=""):
    """Write down the four branches; `within` begins the names of their layers."""
    one = x.conv(c1, 1, name=f"{within}1×1").relu()
    three = x.conv(r3, 1, name=f"{within}3×3 reduce").relu().conv(c3, 3, name=f"{within}3×3").relu()
    five = x.conv(r5, 1, name=f"{within}5×5 reduce").relu().conv(c5, 5, name=f"{within}5×5").relu()
    pooled = x.maxpool(3, 1, 1, name=within and f"{within}pool")
    return cat(one, three, five, pooled.conv(pool, 1, name=f"{within}projection").relu())


def ordered(*places: int) -> Edit:
    """Return the edit that concatenates the branches in another order."""

    def change(graph: Graph) -> Graph:
        join = graph["cat 1"]
        return graph.replaced(replace(join, sources=tuple(join.sources[place] for place in places)))

    return Edit((change,))


@exercise(
    "An inception module", points=7, cases=inception_cases,
        shapes="x (n, c_in, h, w) -> (n, maps_out, h_out, w_out)", observe=Modules(), forbid="torchvision",
    why="four branches of the same x, each padded so that h and w stay: 1×1; 1×1 then 3×3; 1×1 then 5×5; "
    "3×3 max pool with stride 1, then 1×1; a ReLU after "
    "each convolution; concatenated along the channels",
        help=("Sizes of tensors must match except in dimension",),
    mistakes=(
        mistake("no ReLU at all", AFTER_EACH, edit=without("kind:relu")),
        mistake("the reductions have no ReLU", AFTER_EACH, edit=without("relu 2, relu 4")),
        *(mistake(f"no ReLU after the {name}", AFTER_EACH, edit=without(f"relu {i}")) for i,
            name in enumerate(NAMES, 1)),
        mistake("the projection comes before the pool",
                "pool first: a maximum over 3×3 of what comes in, then the 1×1 mixes the maps",
                edit=swapped("maxpool 1", "projection")),
        mistake("the pool is left out", "the fourth branch pools over 3×3 before its 1×1",
                edit=without("maxpool 1")),
        mistake("the pool has no projection", "a 1×1 with `pool` filters follows the pool, and a ReLU",
                edit=all_of((without("relu 6"), without("projection")))),
        mistake("the pool averages", "the fourth branch takes the *maximum* of each window",
                edit=into("maxpool 1", "avgpool")),
        mistake("the branches come in reverse order", ORDER, edit=ordered(3, 2, 1, 0)),
        mistake("the pool branch comes first", ORDER, edit=ordered(3, 0, 1, 2)),
        mistake("the 5×5 branch comes before the 3×3", ORDER, edit=ordered(0, 2, 1, 3)),
        mistake("the branches come in another order", ORDER, edit=ordered(2, 1, 0, 3),
                ways=[{"edit": ordered(*places)} for places in itertools.permutations(range(4)) if places not in NAMED_ORDERS]),
        mistake("the kernels of 5×5 are 3×3", "the third branch looks at 5×5",
                edit=set_("5×5", k=3, padding=1)),
        mistake("the 3×3 and the 5×5 take x itself", "each takes what its reduction leaves: r3 or r5 maps",
                edit=all_of((without("relu 2, relu 4"), without("3×3 reduce, 5×5 reduce")))),
        mistake("the 5×5 branch takes what the 3×3 branch gives", "all four branches look at the same x",
                edit=fed("5×5 reduce", "relu 3")),
    ),
)  # fmt: skip
def Inception(x, c_in, c1, r3, c3, r5, c5, pool):
    return branches(x, c1, r3, c3, r5, c5, pool)


def vgg_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield short configurations, with pools in different places, on images that are no squares."""
    yield built(
        [2, "M"], 1, 3, x=(np.arange(24.0) * 7 % 24 - 12).reshape(1, 1, 4, 6)
    )  # no two are alike: one is the largest
    yield built([2, 3], 2, 4, x=small(2, 2, 3, 4), about="no pool")
    yield built([2, "M", 3, 4, "M"], 3, 2, x=small(2, 3, 9, 8), about="a side that is odd")
    c, *filters, classes = (int(v) for v in rng.integers(2, 6, 5))
    yield built(
        [filters[0], "M", *filters[1:], "M"], c, classes, x=rng.normal(size=(2, c, 10, 7)), drawn=True
    )


@exercise(
    "A VGG by configuration", points=3, cases=vgg_cases, shapes="x (n, c_in, h, w) -> (n, n_classes)",
        observe=Modules(), forbid="torchvision",
    why="an int is a 3×3 convolution with padding 1 and bias, then ReLU; \"M\" is a 2×2 max pool; then the "
    "mean of every map, then one linear layer",
    help=("expected input … to have … channels, but got", "mat1 and mat2 shapes cannot be multiplied",
        "type must be tuple of ints,but got str"),
    mistakes=(
        *heads("the mean of every map goes into the linear layer"),
        mistake("no ReLU", "a ReLU follows every convolution", edit=without("kind:relu")),
        mistake("the pools are left out", 'each "M" is a 2×2 max pool', edit=without("kind:maxpool")),
        mistake("the pools average", '"M" takes the *maximum* of each window',
                edit=into("kind:maxpool", "avgpool")),
        mistake("the pooling windows overlap", '"M" is a 2×2 max pool: its windows stand side by side',
                edit=set_("kind:maxpool", k=3, padding=1), ways=[{"edit": set_("kind:maxpool", k=3)}]),
        mistake("the convolutions are not padded", "padding 1 keeps the size",
                edit=set_("kind:conv", padding=0)),
        mistake("the convolutions have no biases", "each filter has a bias here",
                edit=set_("kind:conv", bias=False)),
        mistake("there are always ten classes", "`n_classes` says how many logits there are",
                edit=set_("kind:linear", f=10)),
        *logits(),
    ),
)  # fmt: skip
def make_vgg(x, config, c_in, n_classes):
    for layer in config:
        x = x.maxpool(2) if layer == "M" else x.conv(layer, 3).relu()
    return x.mean().linear(n_classes)
