"""The check of `PlainNet`: a network without shortcuts, of any depth."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from convbook.checks.engine.declare import Draft, exercise, mistake
from convbook.checks.engine.families_modules import activations, heads, leaping, logits, norms, reused
from convbook.checks.engine.modules import Modules, Value, built, small
from convbook.checks.engine.modules.edits import into, last, without
from convbook.forms import Case

DEPTH = "n = {n} asks for a stem and three stages of {stage} convolutions: {convolutions}, and with the linear layer {depth}"
WIDTHS = "width = {width} asks for {width}, {double} and {wide} maps"
OPENS = "stages 2 and 3 *open* with stride 2"
CALLER = "the caller says which: an argument of __init__ has to be used"
PER_STAGE = "each of the three stages has 2n convolutions, the stem is one more"


def plain_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield small plain networks on small images."""
    yield built(1, 2, 3, x=small(2, 1, 8, 8))
    yield built(2, 3, 4, x=small(2, 1, 8, 12))
    yield built(1, x=small(2, 1, 9, 8), about="width and n_classes left as they are")
    yield built(3, 2, 3, x=small(1, 1, 8, 8), about="one image")
    n, width, classes = (int(v) for v in rng.integers([1, 2, 2], [4, 6, 12]))
    yield built(n, width, classes, x=rng.normal(size=(3, 1, *rng.integers(8, 15, 2))), drawn=True)


def rows(n: int, width: int, per_stage: int = 0) -> list[tuple[int, int]]:
    """Return maps and stride of every convolution."""
    places = [(stage, place) for stage in range(3) for place in range(per_stage or 2 * n)]
    return [(width, 1), *((width * 2**stage, 2 if stage and not place else 1) for stage, place in places)]


def network(x: Value, layers: list[tuple[int, int]], n_classes: int) -> Value:
    """Return convolutions with batch norms and ReLUs, then the mean of every map, then a linear layer."""
    for c, stride in layers:
        x = x.conv(c, 3, stride, bias=None).bn().relu()
    return x.mean().linear(n_classes)


def otherwise(name: str, explanation: str, here: str, layers: Callable[..., list[tuple[int, int]]]) -> Draft:
    """Return the mistake of building other layers."""

    def instead(x: Value, n: int, width: int, n_classes: int) -> Value:
        return network(x, layers(n, width), n_classes)

    return mistake(name, explanation, here, instead=instead)


@exercise(
    "A network of any depth", points=5, cases=plain_cases, shapes="x (images, 1, h, w)", observe=Modules(), forbid="torchvision",
    facts={"depth": lambda n: 6 * n + 2, "convolutions": lambda n: 6 * n + 1, "stage": lambda n: 2 * n,
           "double": lambda width: 2 * width, "wide": lambda width: 4 * width},
    why="a stem, three stages of {stage} convolutions with {width}, {double} and {wide} maps, each 3×3 with padding 1, batch norm "
    "and ReLU; then the mean of every map, then a linear layer to {n_classes}",
    help=("mat1 and mat2 shapes cannot be multiplied",),
    mistakes=(
        otherwise("one convolution too few in every stage", PER_STAGE, DEPTH, lambda n, w: rows(n, w, 2 * n - 1)),
        otherwise("one convolution too many in every stage", PER_STAGE, DEPTH, lambda n, w: rows(n, w, 2 * n + 1)),
        otherwise("n convolutions in a stage", "each of the three stages has 2n convolutions, not n", DEPTH,
                  lambda n, w: rows(n, w, n)),
        otherwise("there is no stem", "one convolution comes before the three stages, from one map to `width`", DEPTH,
                  lambda n, w: rows(n, w)[1:]),
        otherwise("the maps do not double", "stages 2 and 3 have two and four times as many maps", WIDTHS,
                  lambda n, w: [(w, s) for _, s in rows(n, w)]),
        otherwise("the maps double from the first stage on", "stage 1 keeps the number of maps, stages 2 and 3 double it", WIDTHS,
                  lambda n, w: [(w, 1), *((2 * c, s) for c, s in rows(n, w)[1:])]),
        otherwise("no stride", "stages 2 and 3 open with stride 2, which halves height and width", OPENS,
                  lambda n, w: [(c, 1) for c, _ in rows(n, w)]),
        otherwise("the maps grow by the same number", "stage 3 has *twice* as many maps as stage 2", WIDTHS,
                  lambda n, w: [(3 * w if c == 4 * w else c, s) for c, s in rows(n, w)]),
        otherwise("stage 1 has a stride too", "only stages 2 and 3 open with stride 2; stage 1 keeps height and width", "",
                  lambda n, w: [(w, 1), (w, 2), *rows(n, w)[2:]]),
        otherwise("the stride is at the end of a stage", OPENS, OPENS, lambda n, w: [
            (c, 2 if i > 2 * n and i % (2 * n) == 0 else 1) for i, (c, _) in enumerate(rows(n, w))]),
        mistake("there are skip connections", "this is the plain network, to compare the residual one with: no additions",
                edit=leaping(1), ways=[{"edit": leaping(2)}]),
        *activations(),
        mistake("no ReLU after the last convolution", "a ReLU follows *every* batch norm, the last one too",
                edit=without(last("kind:relu"))),
        mistake("n_classes is ignored", CALLER, "here n_classes = {n_classes}", n_classes=lambda: 10),
        mistake("width is ignored", CALLER, "here width = {width}", width=lambda: 8),
        *norms(),
        *heads(),
        mistake("a head without pooling", "global average pooling takes the mean over all pixels of a map, not one of them",
                edit=into("kind:mean", "corner")),
        mistake("one layer is used again and again", "every layer is built anew: `[layer] * 3` is one layer, with one set of "
                "weights, three times", edit=reused()),
        *logits(),
    ),
)  # fmt: skip
def PlainNet(x, n, width=8, n_classes=10):
    return network(x, rows(n, width), n_classes)
