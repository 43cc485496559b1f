"""The check of `PlainNet`: a network without shortcuts, of any depth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from convbook.checks.modules.judge import exercise
from convbook.checks.modules.question import ModuleQuestion, misbuilt
from convbook.checks.modules.watching import ModuleCase
from convbook.checks.resnet import recipes
from convbook.checks.resnet.blocks import small
from convbook.forms import Mistake

SQUEEZED = "`squeeze()` drops every axis of length 1, with one image also the first: name the axes, as in `x.mean((2, 3))`"
LOG_SOFTMAX = ("softmax at the end", {"end": "log softmax"})
VARIANTS = (LOG_SOFTMAX,)  # other ways to make a named mistake


def plain_cases(rng: np.random.Generator) -> Iterator[ModuleCase]:
    """Yield small plain networks on small images."""
    yield ModuleCase((1, 2, 3), small(2, 1, 8, 8))
    yield ModuleCase((2, 3, 4), small(2, 1, 8, 12))
    yield ModuleCase((1,), small(2, 1, 9, 8), about="width and n_classes left as they are")
    yield ModuleCase((3, 2, 3), small(1, 1, 8, 8), about="one image")
    n, width, classes = (int(v) for v in rng.integers([1, 2, 2], [4, 6, 12]))
    yield ModuleCase((n, width, classes), rng.normal(size=(3, 1, *rng.integers(8, 15, 2))), drawn=True)


def plain_facts(case: ModuleCase) -> dict[str, Any]:
    """Return the numbers that explain a plain network."""
    n, width, classes = (*case.args, *(1, 8, 10)[len(case.args) :])
    return {
        "n": n, "width": width, "classes": classes, "depth": 6 * n + 2, "convolutions": 6 * n + 1, "stage": 2 * n,
        "wide": 4 * width, "double": 2 * width,
    }  # fmt: skip


def plain_mistakes() -> tuple[Mistake, ...]:
    """Return the mistakes of a plain network."""

    def bent(name, explanation, here="", **bend):
        return misbuilt(recipes.plain_net, "PlainNet", name, explanation, here, **bend)

    stages = "n = {n} asks for a stem and three stages of {stage} convolutions: {convolutions}, and with the linear layer {depth}"
    widths = "width = {width} asks for {width}, {double} and {wide} maps"
    return (
        bent("one convolution too few in every stage", "each of the three stages has 2n convolutions, the stem is one more",
             stages, depth="6n − 1"),
        bent("one convolution too many in every stage", "each of the three stages has 2n convolutions, the stem is one more",
             stages, depth="6n + 5"),
        bent("n convolutions in a stage", "each of the three stages has 2n convolutions, not n", stages, depth="3n + 2"),
        bent("the maps do not double", "stages 2 and 3 have two and four times as many maps", widths, maps="constant"),
        bent("no stride", "stages 2 and 3 open with stride 2, which halves height and width", strides="none"),
        bent("stage 1 has a stride too", "only stages 2 and 3 open with stride 2", strides="every"),
        bent("the stride is at the end of a stage", "stages 2 and 3 *open* with stride 2", strides="last"),
        bent("there are skip connections", "this is the plain network, to compare the residual one with: no additions",
             skips=True),
        bent("no ReLU", "a ReLU follows every batch norm: without it all the layers are one linear map", activation="none"),
        bent("only the stem has a ReLU", "a ReLU follows every batch norm", activation="stem only"),
        bent("convolution, ReLU, batch norm", "the order is convolution, batch norm, ReLU", norm="after relu"),
        bent("batch norm is declared and never used", "a layer set in __init__ does nothing until forward calls it",
             norm="unused"),
        bent("no batch norm", "a batch norm follows every convolution", norm="none"),
        bent("one batch norm for several convolutions", "every convolution has a batch norm of its own: each keeps its own "
             "gamma, beta and running statistics", norm="shared"),
        bent("batch norm always uses the batch", "in evaluation mode the running statistics are used", statistics="batch"),
        bent("the head takes the maximum", "global *average* pooling: the mean of every map", head="largest"),
        bent("the head takes the sum", "global *average* pooling: the mean of every map", head="sum over pixels"),
        bent("a head without pooling", "global average pooling takes the mean over all pixels of a map, not one of them",
             head="corner"),
        bent("a single image loses its axis", SQUEEZED, head="mean without axes of 1"),
        bent("there is no stem", "one convolution comes before the three stages, from one map to `width`", stages,
             depth="6n + 1"),
        bent("the maps double from the first stage on", "stage 1 keeps the number of maps, stages 2 and 3 double it", widths,
             maps="doubling from the start"),
        bent("one layer is used again and again", "every layer is built anew: `[layer] * 3` is one layer, with one set of "
             "weights, three times", layers="one reused"),
        bent("softmax at the end", "the network gives logits; the loss applies the softmax", end="softmax"),
        bent("no gradient flows back", "what is computed under `no_grad`, or detached, cannot be trained", end="detach"),
        bent("a ReLU on the logits", "the linear layer comes last: logits may be negative", end="relu"),
    )  # fmt: skip


PlainNet = exercise(
    ModuleQuestion(
        name="PlainNet",
        title="A network of any depth",
        points=5,
        recipe=recipes.plain_net,
        cases=plain_cases,
        facts=plain_facts,
        mistakes=plain_mistakes(),
        variants=VARIANTS,
        look_at="a stem, three stages of {stage} convolutions with {width}, {double} and {wide} maps, each 3×3 with padding 1, "
        "batch norm and ReLU; then the mean of every map, then a linear layer to {classes}",
        arguments=("n", "width", "n_classes"),
    )
)
