"""What the modules of unit 10 compute, as recipes; their keywords bend them into the usual mistakes."""

from __future__ import annotations

import functools

from convbook.answers.blocks import published
from convbook.checks.modules.recipe import Recipe


def plain_net(
    n, width=8, n_classes=10, *, norm="after", activation="relu", depth="6n + 2", maps="doubling", strides="2 and 3",
    skips=False, head="mean", end="logits", statistics="switched",
) -> Recipe:  # fmt: skip
    """Return a plain network: a stem and three stages of 2n convolutions."""
    recipe = Recipe(free_bias=True)
    per_stage = {"6n + 2": 2 * n, "6n − 1": 2 * n - 1, "6n + 5": 2 * n + 1, "3n + 2": n}[depth]
    layer = functools.partial(_plain_layer, recipe, norm=norm, activation=activation, statistics=statistics)
    value, maps_in = layer("x", "stem", 1, width, 1), width
    for stage in range(3):
        c = width if maps == "constant" else width * 2**stage
        for number in range(per_stage):
            stride = _plain_stride(strides, stage, number, per_stage)
            given = layer(value, f"stage {stage} {number}", maps_in, c, stride)
            if skips and maps_in == c and stride == 1:
                given = recipe.step("join", (given, value), "")
            value, maps_in = given, c
    value = recipe.step(
        {"mean": "mean", "largest": "largest", "corner": "corner", "sum": "sum over pixels"}[head], (value,)
    )
    recipe.linear(value, "head", (n_classes, maps_in), "logits")
    if end != "logits":
        recipe.step(end, ("logits",), "out")
    return recipe


def _plain_layer(recipe, source, name, maps_in, c, stride, *, norm, activation, statistics) -> str:
    value = recipe.conv(source, f"{name} conv", (c, maps_in, 3, 3), stride, 1)
    part = "one bn" if norm == "shared" else f"{name} bn"
    if norm == "unused":
        recipe.declare(part, c)
    if norm == "after":
        value = recipe.bn(value, part, c, statistics=statistics)
    if activation == "relu" or (activation == "stem only" and name == "stem"):
        value = recipe.step("relu", (value,))
    if norm == "after relu":
        value = recipe.bn(value, part, c, statistics=statistics)
    return value


def _plain_stride(strides, stage, number, per_stage) -> int:
    place = {"2 and 3": number == 0, "last": number == per_stage - 1, "every": number == 0, "none": False}[
        strides
    ]
    return 2 if place and (stage > 0 or strides == "every") else 1


def basic_block(c_in, c_out, stride=1, **bend) -> Recipe:
    """Return conv–BN–ReLU–conv–BN, added to the shortcut, ReLU."""
    strided = bend.pop("strided", "right")
    first, second = {"right": (stride, 1), "second": (1, stride)}[strided]
    chain = (("conv1", "bn1", (c_out, c_in, 3, 3), first), ("conv2", "bn2", (c_out, c_out, 3, 3), second))
    return _residual(chain, c_in, c_out, stride, **bend)


def bottleneck(c_in, c_mid, stride=1, **bend) -> Recipe:
    """Return 1×1 down, 3×3, 1×1 up to four times as many maps, each with BN, added to the shortcut, ReLU."""
    strided = bend.pop("strided", "right")
    places = {"right": (1, stride, 1), "first": (stride, 1, 1), "last": (1, 1, stride)}[strided]
    shape = bend.pop("shape", "wide–narrow–wide")
    wide = 4 * c_mid
    middle = {"wide–narrow–wide": c_mid, "narrow–wide–narrow": wide}[shape]
    order, all_three = bend.pop("order", ""), bend.pop("all_three", False)
    sides = (3, 3, 3) if all_three else (1, 3, 1)
    if order == "3×3 first":
        sides, places = (3, 1, 1), (stride, 1, 1)
    widths = (c_in, middle, middle, wide)
    chain = tuple(
        (f"conv{i + 1}", f"bn{i + 1}", (widths[i + 1], widths[i], sides[i], sides[i]), places[i])
        for i in range(3)
    )
    return _residual(chain, c_in, wide, stride, **bend)


def _residual(
    chain, c_in, c_out, stride, *, join="sum", end="relu", shortcut="straight", inner="bn–relu", middle="relu",
    projection="when shapes change", norm="each", statistics="switched", bias=False,
) -> Recipe:  # fmt: skip
    shared = norm == "shared"  # one batch norm for all convolutions with as many maps
    parts = [f"bn of {shape[0]} maps" if shared else bn for _, bn, shape, _ in chain]
    recipe = Recipe(last=parts[-1])
    value = "x"
    for place, (conv, _, shape, step) in enumerate(chain):
        last = place == len(chain) - 1
        value = recipe.conv(value, conv, shape, step, shape[2] // 2, bias)
        relu = (not last and (middle == "relu" or (middle == "first only" and place == 0))) or (
            last and inner == "relu–bn"
        )
        if inner == "relu–bn" and relu:
            value = recipe.step("relu", (value,))
        value = _normalized(recipe, value, parts[place], shape[0], norm, statistics)
        if inner != "relu–bn" and relu:
            value = recipe.step("relu", (value,))
    recipe.step("keep", (value,), "F")
    side = _shortcut(recipe, c_in, c_out, stride, projection, norm, statistics, bias)
    if shortcut == "relu":
        side = recipe.step("relu", (side,))
    recipe.step("keep", (side,), "shortcut")
    return _joined(recipe, join, end)


def _joined(recipe: Recipe, join: str, end: str) -> Recipe:
    f = recipe.step("relu", ("F",)) if end in ("before", "before and after") else "F"
    recipe.step("join", (f, "shortcut"), "sum", how=join)
    if end in ("relu", "before and after"):
        recipe.step("relu", ("sum",), "out")
    return recipe


def _normalized(recipe, value, part, c, norm, statistics) -> str:
    if norm == "unused":
        recipe.declare(part, c)
    if norm in ("none", "unused"):
        return value
    return recipe.bn(value, part, c, statistics=statistics)


def _shortcut(recipe, c_in, c_out, stride, projection, norm, statistics, bias) -> str:
    changes = c_in != c_out or stride != 1
    if projection == "none":  # the input as it is: fits only where nothing changes
        return recipe.step("subsample", ("x",), stride=stride) if c_in == c_out else "x"
    if projection == "only for new maps" and c_in == c_out:
        return recipe.step("subsample", ("x",), stride=stride) if stride != 1 else "x"
    if not changes and projection != "always":
        return "x"
    k = 3 if projection == "3×3" else 1
    side = recipe.conv("x", "projection conv", (c_out, c_in, k, k), stride, k // 2, bias)
    if projection == "without bn":
        return side
    return _normalized(recipe, side, "projection bn", c_out, norm, statistics)


def resnet(
    expansion, layout, layers, n_classes=1000, *, stem_bias=False, stem_norm="bn", stem_relu=True, stem_pool="max",
    stem_stride=2, strides="right", blocks="right", head="mean", end="logits",
) -> Recipe:  # fmt: skip
    """Return a residual network of the course's own blocks, its parts named as published.

    `head` "flat" is the head that needs 7 × 7 maps, as 224 × 224 pixels give them.
    """
    recipe = Recipe()
    value = recipe.conv("x", "conv1", (64, 3, 7, 7), stem_stride, 3, stem_bias)
    if stem_norm != "none":
        recipe.declare("bn1", 64)
    if stem_norm == "bn":
        value = recipe.bn(value, "bn1", 64)
    if stem_relu:
        value = recipe.step("relu", (value,))
    if stem_pool != "none":
        kind, padding = {"max": ("maxpool", 1), "no padding": ("maxpool", 0), "avg": ("avgpool", 1)}[
            stem_pool
        ]
        value = recipe.step(kind, (value,), k=3, stride=2, padding=padding)
    maps = 64
    for stage, count in enumerate(layers):
        count = 2 if blocks == "always two" else count
        value, maps = _stage(recipe, value, maps, stage, count, expansion, layout, strides, blocks)
    features = maps * 49 if head == "flat" else maps
    kind = {"mean": "mean", "largest": "largest", "corner": "corner", "flat": "corner"}[head]
    value = recipe.step(kind, (value,))
    recipe.linear(value, "fc", (n_classes, features), "logits")
    if end != "logits":
        recipe.step(end, ("logits",), "out")
    return recipe


def _stage(recipe, value, maps, stage, count, expansion, layout, strides, blocks) -> tuple[str, int]:
    c = 64 * 2**stage
    last = f"layer{stage + 1}.{count - 1}"
    for number in range(count):
        first = {"right": stage > 0, "stage 1 too": True, "none": False}.get(strides, stage > 0)
        here = number == count - 1 if strides == "last block" else number == 0
        stride = 2 if (first and here) else 1
        part = f"layer{stage + 1}.{number}"
        shapes = {"gain": (c * expansion,), "shift": (c * expansion,), "built_with": (3,)}
        if layout:
            shapes = {name: shape for name, shape, _ in published(layout, maps, c, c * expansion, stride)}
        recipe.tensors[part] = shapes
        if blocks == "one reused" and part != last and number > 0:
            recipe.aliases[part] = last
        if blocks != "first only" or number == 0:
            value = recipe.step("relay", (value,), "", part, stride=stride)
        maps = c * expansion
    return value, maps
