"""The check of `ResidualNet`: the residual network that the plain one is compared with. It earns no points."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from convbook.answers.values import Reference
from convbook.checks.engine.declare import Draft, exercise, mistake
from convbook.checks.engine.families_modules import NEVER_CALLED, heads, logits
from convbook.checks.engine.families_stages import narrowed
from convbook.checks.engine.modules import Graph, Modules, Node, Value, built, small
from convbook.checks.engine.modules.edits import into, set_, shared, swapped, then, unowned, unused, without
from convbook.checks.resnet.networks import relay
from convbook.forms import Case

STAGES = "n = {n} asks for three stages of {n} blocks: two 3×3 convolutions in each, so depth {depth} with stem and head"
WIDTHS = (
    "width = {width} asks for {width}, {double} and {wide} maps, times the block's expansion, {expansion}"
)
OPENS = "stages 2 and 3 open with stride 2"
STEM = "the stem is convolution, batch norm, ReLU"
OPENING = "layer2.0, layer3.0"
PHOTOGRAPHS = set_("conv1", k=7, stride=2, padding=3)
TAKES = "a stage leaves with c · expansion maps, and the next one takes them"
CALLER = "the caller says which: an argument of __init__ has to be used"


def residual_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield small residual networks of the course's own blocks on small images."""
    yield built(relay(1), 3, x=np.zeros((1, 1, 1, 1)), tensors=True, about="names and shapes")
    yield built(
        relay(4, "bottleneck"),
        2,
        x=np.zeros((1, 1, 1, 1)),
        tensors=True,
        about="names and shapes, of expansion 4",
    )
    yield built(relay(1), 1, 2, 3, x=small(2, 1, 8, 8))
    yield built(relay(1), 3, 3, 4, x=small(2, 1, 8, 12))
    yield built(relay(1), 1, x=small(2, 1, 9, 8), about="width and n_classes left as they are")
    yield built(relay(3), 2, 2, 3, x=small(1, 1, 8, 8), about="one image; the block has expansion 3")
    n, width, classes = (int(v) for v in rng.integers([1, 2, 2], [4, 6, 12]))
    yield built(relay(2), n, width, classes, x=rng.normal(size=(3, 1, *rng.integers(8, 15, 2))), drawn=True)


def network(x: Value, block: object, rows: list[tuple[int, int, int]], width: int, n_classes: int) -> Value:
    """Return a stem, blocks of so many maps and strides by their stages, the mean of every map, and a linear layer."""
    x = x.conv(width, 3, bias=False, name="conv1").bn("bn1").relu()
    places = [0] * 4
    for stage, c, stride in rows:
        x = x.block(block, c, stride, name=f"layer{stage}.{places[stage]}")
        places[stage] += 1
    return x.mean().linear(n_classes, name="fc")


def blocks_of(n: int, width: int) -> list[tuple[int, int, int]]:
    """Return stage, maps and stride of every block."""
    return [(s + 1, width * 2**s, 2 if s and not i else 1) for s in range(3) for i in range(n)]


def otherwise(name: str, explanation: str, here: str, rows: Callable[[int, int], list]) -> Draft:
    """Return the mistake of building other blocks."""

    def instead(x: Value, block: object, n: int, width: int, n_classes: int) -> Value:
        return network(x, block, rows(n, width), width, n_classes)

    return mistake(name, explanation, here, instead=instead)


def twice(power: Callable[[int], int]) -> Callable[..., Value]:
    """Return the network that multiplies the maps of stage s by a power of the expansion, before the block does it."""

    def instead(x: Value, block: Reference, n: int, width: int, n_classes: int) -> Value:
        e = block.options["expansion"]
        return network(
            x,
            block,
            [(s, c * e ** power(s), stride) for s, c, stride in blocks_of(n, width)],
            width,
            n_classes,
        )

    return instead


def closing(node: Node, graph: Graph) -> bool:
    """Tell whether a block is the last of its stage."""
    return (
        node.kind == "block" and node.name == [n.name for n in graph.body if n.name[:6] == node.name[:6]][-1]
    )


@exercise(
    "The residual network", points=0, cases=residual_cases, shapes="x (images, 1, h, w)", forbid="torchvision",
    observe=Modules(by_name=True, published="load_by_order"),
    facts={"depth": lambda n: 6 * n + 2, "double": lambda width: 2 * width, "wide": lambda width: 4 * width,
           "expansion": lambda block: block.options["expansion"]},
    why="a 3×3 stem with {width} maps, batch norm, ReLU; three stages of {n} blocks of the class that is given, with {width}, {double} and {wide} maps, the "
    "second and third with stride 2; then the mean of every map, then a linear layer to {n_classes}",
    help=("mat1 and mat2 shapes cannot be multiplied",),
    mistakes=(
        otherwise("2n blocks in a stage", "a block holds two convolutions, so a stage of 2n convolutions has n blocks", STAGES,
                  lambda n, w: blocks_of(2 * n, w)),
        otherwise("one block in every stage", "each of the three stages has n blocks", STAGES, lambda n, w: blocks_of(1, w)),
        otherwise("the maps do not double", "stages 2 and 3 have two and four times as many maps", WIDTHS,
                  lambda n, w: [(stage, w, s) for stage, _, s in blocks_of(n, w)]),
        otherwise("the maps double from the first stage on", "stage 1 keeps the number of maps, stages 2 and 3 double it", WIDTHS,
                  lambda n, w: [(stage, 2 * c, s) for stage, c, s in blocks_of(n, w)]),
        otherwise("no stride", f"{OPENS}, which halves height and width", OPENS,
                  lambda n, w: [(stage, c, 1) for stage, c, _ in blocks_of(n, w)]),
        otherwise("stage 1 has a stride too", "only stages 2 and 3 open with stride 2; stage 1 keeps height and width", "",
                  lambda n, w: [(1, w, 2), *blocks_of(n, w)[1:]]),
        otherwise("the third stage is missing", "there are three stages", STAGES, lambda n, w: blocks_of(n, w)[: 2 * n]),
        mistake("the expansion is forgotten between two stages", TAKES, WIDTHS, edit=set_(OPENING, taken=narrowed),
                ways=[{"edit": set_(f"{OPENING}, fc", taken=narrowed)}]),
        mistake("the expansion is forgotten in the head", "the last stage leaves with 4 · width · expansion maps", WIDTHS,
                edit=set_("fc", taken=narrowed)),
        mistake("the expansion is counted twice", "c is width, 2 · width, 4 · width, whatever the block: it multiplies by its "
                "expansion itself", WIDTHS, instead=twice(lambda s: s - 1), ways=[{"instead": twice(lambda s: s > 1)},
                {"instead": twice(lambda s: 1)}]),
        mistake("n_classes is ignored", CALLER, "here n_classes = {n_classes}", n_classes=lambda: 10),
        mistake("width is ignored", CALLER, "here width = {width}", width=lambda: 8),
        mistake("the stem of a network for photographs", "these images are small: the stem is 3×3 with stride 1, without a max pool",
                edit=PHOTOGRAPHS & then("kind:relu", "maxpool", k=3, stride=2, padding=1),
                ways=[{"edit": PHOTOGRAPHS}, {"edit": set_("conv1", k=7, padding=3)}]),
        mistake("a ReLU follows every stage", "each block ends with a ReLU of its own, where it wants one",
                edit=then(closing, "relu")),
        mistake("one block is used again and again", "every block is built anew: one object used twice has one set of weights",
                STAGES, edit=shared(lambda n, g: n.kind == "block" and not n.name.endswith(".0"), lambda n, _: n.name[:6], names_kept=True)),
        mistake("the blocks are kept in a plain list", "a module owns what is set as an attribute, or sits in an nn.Sequential or "
                "nn.ModuleList: what a plain list holds is never trained", edit=unowned("kind:block")),
        mistake("the stem is convolution, ReLU, batch norm", STEM, edit=swapped("bn1", "kind:relu")),
        mistake("no ReLU in the stem", STEM, edit=without("kind:relu")),
        mistake("bias in the stem's convolution", "the batch norm that follows subtracts the mean, and any bias with it: "
                "`bias=False`", edit=set_("conv1", bias=True)),
        mistake("no batch norm in the stem", STEM, edit=without("bn1")),
        mistake("the stem's batch norm is declared and never used", NEVER_CALLED, edit=unused("bn1")),
        *heads(),
        mistake("a head without pooling", "global average pooling takes the mean over all pixels of a map, not one of them",
                edit=into("kind:mean", "corner")),
        *logits(),
    ),
)  # fmt: skip
def ResidualNet(x, block, n, width=8, n_classes=10):
    return network(x, block, blocks_of(n, width), width, n_classes)
