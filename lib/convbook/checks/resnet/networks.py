"""The check of the whole network: `ResNet`."""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Any

import numpy as np

from convbook.answers import hold
from convbook.answers.values import Reference
from convbook.checks.message import _page as page
from convbook.checks.modules import telling
from convbook.checks.modules.judge import NAMING_SECONDS, SECONDS, judge, no_class
from convbook.checks.modules.question import ModuleQuestion, misbuilt
from convbook.checks.modules.recipe import Recipe, entries
from convbook.checks.modules.watching import ModuleCase
from convbook.checks.resnet import recipes
from convbook.checks.resnet.plain import LOG_SOFTMAX, SQUEEZED
from convbook.forms import Exercise, Mistake, Verdict

Shapes = dict[str, tuple[int, ...]]

NETWORKS = {  # depth: layout of the blocks, their expansion, blocks in each of the four stages
    18: ("basic", 1, (2, 2, 2, 2)),
    34: ("basic", 1, (3, 4, 6, 3)),
    50: ("bottleneck", 4, (3, 4, 6, 3)),
}


def published_shapes(depth: int) -> Shapes:
    """Return names and shapes of the published state-dict of ResNet-18, -34 or -50, in order.

    >>> published_shapes(18)["conv1.weight"]
    (64, 3, 7, 7)
    """
    if depth not in NETWORKS:
        raise ValueError(
            f"no published ResNet of depth {depth} is known here; choose one of {sorted(NETWORKS)}"
        )
    return {name: tuple(shape) for name, shape in _published()[f"resnet{depth}"]}


@functools.cache
def _published() -> dict[str, list]:
    """Return the published names and shapes, read once: a check asks for them several times."""
    text = files("convbook.checks").joinpath("data/resnet_state_dicts.json").read_text(encoding="utf-8")
    return json.loads(text)


def parameter_count(shapes: Shapes) -> int:
    """Return how many trainable numbers a state-dict of these shapes holds.

    >>> parameter_count(published_shapes(18))
    11689512
    """
    buffers = ("running_mean", "running_var", "num_batches_tracked", "built_with")
    return sum(int(np.prod(shape)) for name, shape in shapes.items() if not name.endswith(buffers))


def network(block: Any, layers: tuple[int, ...], n_classes: int = 1000, **bend: Any) -> Recipe:
    """Return the recipe of a residual network of the course's own blocks, given as a class or by reference."""
    if isinstance(block, Reference):
        expansion, layout = block.options["expansion"], block.options.get("layout", "")
    else:
        expansion, layout = block.expansion, block.layout
    return recipes.resnet(expansion, layout, layers, n_classes, **bend)


network.bends = recipes.RESNET


def relay(expansion: int, layout: str = "") -> Reference:
    """Return a reference to the course's own stand-in for a block."""
    return Reference("relay", {"expansion": expansion, "layout": layout})


def resnet_cases(rng: np.random.Generator) -> Iterator[ModuleCase]:
    """Yield small networks of the course's own blocks on small images."""
    fixed = np.random.default_rng(10)  # no two windows alike: where a maximum is tied, so is its gradient
    yield ModuleCase((relay(1), [1, 3, 1, 1], 3), fixed.normal(size=(2, 3, 37, 64)))
    yield ModuleCase((relay(4), [3, 1, 1, 2], 5), fixed.normal(size=(1, 3, 64, 37)))
    layers = [int(v) for v in rng.integers(1, 4, 4)]
    expansion = int(rng.integers(1, 4))
    yield ModuleCase(
        (relay(expansion), layers, 4), rng.normal(size=(2, 3, *rng.integers(40, 70, 2))), drawn=True
    )


def resnet_facts(case: ModuleCase) -> dict[str, Any]:
    """Return the numbers that explain a residual network."""
    expansion = case.args[0].options["expansion"]
    return {
        "features": 512 * expansion,
        "expansion": expansion,
        "layers": case.args[1],
        "classes": case.args[2],
    }


def resnet_mistakes() -> tuple[Mistake, ...]:
    """Return the mistakes of a whole residual network."""

    def bent(name, explanation, here="", **bend):
        return misbuilt(network, "ResNet", name, explanation, here, **bend)

    layers = "layers = {layers} asks for that many blocks in each of the four stages"
    head = "the mean of each of the {features} maps goes into the linear layer"
    return (
        bent("a head without pooling", "global average pooling leaves one number a map, whatever the image's size; without it "
             "the linear layer would need 49 times as many weights", head, head="flat"),
        bent("the head looks at one pixel only", "global average pooling takes the mean over all pixels of a map", head,
             head="corner"),
        bent("the head takes the maximum", "global *average* pooling: the mean of every map", head, head="largest"),
        bent("the head takes the sum", "global *average* pooling: the mean of every map", head, head="sum over pixels"),
        bent("a single image loses its axis", SQUEEZED, head="mean without axes of 1"),
        bent("the expansion is forgotten between two stages", "a stage leaves with c · expansion maps, and the next one takes them",
             "here the expansion is {expansion}", expansion_counts="not between stages"),
        bent("the expansion is forgotten in the head", "the last stage leaves with 512 · expansion maps, and the linear layer "
             "takes them", head, expansion_counts="not in the head"),
        bent("only the first block of a stage is run", "every block of a stage is run, one after the other", layers,
             blocks="first only"),
        bent("one block is used again and again", "every block of a stage is built anew: one object used twice has one set of "
             "weights", layers, blocks="one reused"),
        bent("one block in every stage", "`layers` says how many blocks each stage has", layers, blocks="one"),
        bent("always two blocks in a stage", "`layers` says how many blocks each stage has", layers, blocks="always two"),
        bent("the first stage has a stride too", "after the max pool stage 1 keeps the size; stages 2, 3 and 4 halve it",
             strides="stage 1 too"),
        bent("no stage has a stride", "stages 2, 3 and 4 open with stride 2", strides="none"),
        bent("the stride is in the last block of a stage", "the first block of a stage takes the stride", strides="last block"),
        bent("no max pool after the stem", "a 3×3 max pool with stride 2 and padding 1 follows the stem's ReLU",
             stem_pool="none"),
        bent("the max pool has no padding", "the 3×3 max pool of the stem has padding 1", stem_pool="no padding"),
        bent("a 2×2 max pool", "the stem's max pool is 3×3, with stride 2 and padding 1", stem_pool="2×2"),
        bent("the max pool has another stride", "the stem's 3×3 max pool has stride 2; left out, its stride is 3, like its window",
             stem_pool="stride 3"),
        bent("an average pool after the stem", "the stem ends with a *max* pool", stem_pool="avg"),
        bent("the stem's convolution has no stride", "the 7×7 convolution has stride 2 and padding 3", stem_stride=1),
        bent("the stem's convolution has another padding", "the 7×7 convolution has stride 2 and padding 3", stem_padding=0),
        bent("the stem is convolution, ReLU, batch norm", "the order is convolution, batch norm, ReLU, max pool",
             stem_norm="after relu"),
        bent("no ReLU in the stem", "the stem is convolution, batch norm, ReLU, max pool", stem_relu=False),
        bent("the stem's batch norm is declared and never used", "a layer set in __init__ does nothing until forward calls it",
             stem_norm="unused"),
        bent("the stem has no batch norm", "the stem is convolution, batch norm, ReLU, max pool", stem_norm="none"),
        bent("bias in the stem's convolution", "the batch norm that follows subtracts the mean, and any bias with it: "
             "`bias=False`", stem_bias=True),
        bent("softmax at the end", "the network gives logits; the loss applies the softmax", end="softmax"),
        bent("no gradient flows back", "what is computed under `no_grad`, or detached, cannot be trained", end="detach"),
        bent("a ReLU on the logits", "the linear layer comes last: logits may be negative", end="relu"),
    )  # fmt: skip


VARIANTS = (  # other ways to make a named mistake
    LOG_SOFTMAX,
    ("the expansion is forgotten between two stages", {"expansion_counts": "nowhere"}),
    ("a head without pooling", {"head": "flat for 64×64 pixels"}),
    ("the max pool has another stride", {"stem_pool": "stride 1"}),
    ("the stem's convolution has another padding", {"stem_padding": 2}),
    ("the stem's convolution has another padding", {"stem_padding": 1}),
)
QUESTION = ModuleQuestion(
    name="ResNet",
    title="The whole network",
    points=12,
    recipe=network,
    cases=resnet_cases,
    facts=resnet_facts,
    mistakes=resnet_mistakes(),
    variants=VARIANTS,
    look_at="7×7 convolution with stride 2 and padding 3, batch norm, ReLU, 3×3 max pool with stride 2 and padding 1; four "
    "stages of {layers} blocks; the mean of every map; a linear layer from {features} to {classes}",
    arguments=("block", "layers", "n_classes"),
    by_name=True,
)


def judge_resnet(answer: Any) -> Verdict:
    """Return the verdict on a ResNet: its tensors at depth 18, 34 and 50 first, then what it computes."""
    if (verdict := no_class(QUESTION, hold(answer))) is not None:
        return verdict
    if (verdict := misfit(answer)) is not None:
        return verdict
    verdict = judge(QUESTION, answer)
    if not verdict.right:
        return verdict
    counts = ", ".join(f"{depth}: {parameter_count(published_shapes(depth)):,}" for depth in NETWORKS)
    text = (
        f"✓ ResNet: right in all cases, with the published parameters ({counts}) ({QUESTION.points} points)"
    )
    return Verdict("ResNet", "right", text)


def misfit(answer: Any) -> Verdict | None:
    """Return the verdict on a network whose tensors are not those of the published ones, or None."""
    found: dict[int, Shapes] = {}
    for depth in NETWORKS:
        shapes = _built(answer, depth)
        if isinstance(shapes, Verdict):
            return _named_misfit(min(found), found) if _wrong(found) else shapes
        found[depth] = shapes
        if _wrong(found) and len(found) > 1:  # a second depth tells "one block" from "one block too few"
            return _named_misfit(_wrong(found)[0], found)
    return None


def _wrong(found: dict[int, Shapes]) -> list[int]:
    return [depth for depth, shapes in found.items() if shapes != published_shapes(depth)]


def _case(depth: int) -> ModuleCase:
    layout, expansion, layers = NETWORKS[depth]
    return ModuleCase((relay(expansion, layout), list(layers)), np.zeros((1, 3, 224, 224)))


def _built(answer: Any, depth: int) -> Shapes | Verdict:
    """Return names and shapes of the network of a published depth, or the verdict that ends it."""
    case = _case(depth)
    reply = hold(answer).build(*case.args, forbid="torchvision")
    if reply.status != "returned":
        return telling.stopped(QUESTION, case, reply, SECONDS)
    if not hasattr(reply.value, "shapes"):
        return telling.not_a_module(QUESTION, case, f"a {reply.value.kind}")
    told = reply.value.shapes()
    return told.value if told.status == "returned" else telling.without_sizes(QUESTION, case)


def _named_misfit(depth: int, found: dict[int, Shapes]) -> Verdict:
    case, shapes, wanted = _case(depth), found[depth], published_shapes(depth)
    rows = [
        ("case", f"ResNet-{depth}: {telling.told(QUESTION, case).split(', x ')[0]}"),
        ("yours", _told(shapes, wanted)),
        ("wanted", _told(wanted, shapes)),
    ]
    mistakes = _suspected(found, depth)
    if mistakes:
        headline = "✗ ResNet: " + "; and ".join(mistake.name for mistake in mistakes)
        rows += [("look at", mistake.explanation) for mistake in mistakes]
        return Verdict("ResNet", "wrong", page(headline, rows), tuple(m.name for m in mistakes))
    headline = f"✗ ResNet does not hold the tensors of the published ResNet-{depth}"
    hint = "attributes are conv1, bn1, layer1, layer2, layer3, layer4 and fc; the blocks of a stage are 0, 1, 2, … in it"
    return Verdict("ResNet", "wrong", page(headline, [*rows, ("look at", hint)]))


def _suspected(found: dict[int, Shapes], wrong: int) -> tuple[Mistake, ...]:
    """Return the mistake, or two, that would give these tensors at every depth; empty if none is known."""
    ends = time.monotonic() + NAMING_SECONDS
    for mistakes, recipe in QUESTION.suspects():
        if len(mistakes) == 2 and time.monotonic() > ends:
            return ()
        if all(
            found[depth] == _shapes_of(recipe, depth) for depth in sorted(found, key=lambda d: d != wrong)
        ):
            return mistakes
    return ()


def _shapes_of(recipe: Callable[..., Recipe], depth: int) -> Shapes:
    return {name: shape for name, shape, _ in entries(recipe(*_case(depth).args))}


def _told(shapes: Shapes, other: Shapes) -> str:
    """Return the number of parameters and the first tensor that the other side does not have like this."""
    text = f"{parameter_count(shapes):,} parameters"
    for name, shape in shapes.items():
        if other.get(name) != shape:
            return f"{text}, {name} {shape}"
    missing = next((name for name in other if name not in shapes), "")
    return f"{text}, no {missing}" if missing else text


ResNet = Exercise("ResNet", QUESTION.title, QUESTION.points, QUESTION.mistakes, judge_resnet)
