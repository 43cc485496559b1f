"""What the modules of unit 10 compute, as recipes; their keywords bend them into the usual mistakes."""

from __future__ import annotations

import functools

from convbook.answers.blocks import published
from convbook.checks.modules.recipe import Recipe

PLAIN = {
    "norm": ("after", "after relu", "unused", "none", "shared"),
    "activation": ("relu", "stem only", "none"),
    "depth": ("6n + 2", "6n + 1", "6n − 1", "6n + 5", "3n + 2"),
    "maps": ("doubling", "doubling from the start", "constant"),
    "strides": ("2 and 3", "every", "last", "none"),
    "skips": (False, True),
    "layers": ("each its own", "one reused"),
    "head": ("mean", "mean without axes of 1", "largest", "corner", "sum over pixels"),
    "end": ("logits", "softmax", "log softmax", "relu", "detach"),
    "statistics": ("switched", "batch"),
}


def plain_net(
    n, width=8, n_classes=10, *, norm="after", activation="relu", depth="6n + 2", maps="doubling", strides="2 and 3",
    skips=False, layers="each its own", head="mean", end="logits", statistics="switched",
) -> Recipe:  # fmt: skip
    """Return a plain network: a stem and three stages of 2n convolutions."""
    recipe = Recipe(free_bias=True)
    per_stage = {"6n + 2": 2 * n, "6n + 1": 2 * n, "6n − 1": 2 * n - 1, "6n + 5": 2 * n + 1, "3n + 2": n}[
        depth
    ]
    layer = functools.partial(_plain_layer, recipe, norm=norm, activation=activation, statistics=statistics)
    value, maps_in = "x", 1
    if depth != "6n + 1":  # without a stem
        value, maps_in = layer("x", "stem", 1, width, 1), width
    for stage in range(3):
        c = {
            "doubling": width * 2**stage,
            "doubling from the start": width * 2 ** (stage + 1),
            "constant": width,
        }[maps]
        for number in range(per_stage):
            stride = _plain_stride(strides, stage, number, per_stage)
            name = "again" if layers == "one reused" and number else number
            given = layer(value, f"stage {stage} {name}", maps_in, c, stride)
            if skips and maps_in == c and stride == 1:
                given = recipe.step("join", (given, value), "")
            value, maps_in = given, c
    recipe.linear(recipe.step(head, (value,)), "head", (n_classes, maps_in), "logits")
    if end != "logits":
        recipe.step(end, ("logits",), "out")
    return recipe


plain_net.bends = PLAIN


def _plain_layer(recipe, source, name, maps_in, c, stride, *, norm, activation, statistics) -> str:
    value = recipe.conv(source, f"{name} conv", (c, maps_in, 3, 3), stride, 1)
    part = f"bn of {c} maps" if norm == "shared" else f"{name} bn"
    if norm == "unused":
        recipe.declare(part, c)
    if norm in ("after", "shared"):
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


RESIDUAL = {
    "join": ("sum", "F", "shortcut", "shortcut − F", "F − shortcut", "product", "mean", "larger",
             "detached", "F detached", "both detached", "F where shapes change", "F where nothing changes"),
    "end": ("relu", "none", "before", "before and after"),
    "shortcut": ("straight", "relu", "relu on input", "relu on projection", "relu on identity", "of detached input"),
    "inner": ("bn–relu", "relu–bn", "relu–bn inside"),
    "projection": ("when shapes change", "without bn", "always", "only for new maps", "3×3", "shortcut A", "none"),
    "statistics": ("switched", "batch", "running", "batch in F"),
    "norm": ("each", "unused", "none", "shared", "unused in F", "unused 1", "unused 2", "none in F", "none 1", "none 2"),
    "bias": ("none", "all", "in F", "in projection", "1", "2"),
    "middle": ("relu", "none"),
}  # fmt: skip
BASIC = RESIDUAL | {"strided": ("right", "second"), "widened": ("first", "second")}
BOTTLENECK = RESIDUAL | {
    "norm": (*RESIDUAL["norm"], "unused 3", "none 3"),
    "bias": (*RESIDUAL["bias"], "3"),
    "middle": ("relu", "none", "first only", "second only"),
    "strided": ("right", "first", "last"),
    "shape": ("wide–narrow–wide", "narrow–wide–narrow"),
    "sides": ("1, 3, 1", "3, 3, 3", "3, 1, 1"),
}


def basic_block(c_in, c_out, stride=1, *, strided="right", widened="first", **bend) -> Recipe:
    """Return conv–BN–ReLU–conv–BN, added to the shortcut, ReLU."""
    first, second = {"right": (stride, 1), "second": (1, stride)}[strided]
    middle = {"first": c_out, "second": c_in}[widened]
    chain = (("conv1", "bn1", (middle, c_in, 3, 3), first), ("conv2", "bn2", (c_out, middle, 3, 3), second))
    return _residual(chain, c_in, c_out, stride, **bend)


def bottleneck(
    c_in, c_mid, stride=1, *, strided="right", shape="wide–narrow–wide", sides="1, 3, 1", **bend
) -> Recipe:
    """Return 1×1 down, 3×3, 1×1 up to four times as many maps, each with BN, added to the shortcut, ReLU."""
    places = {"right": (1, stride, 1), "first": (stride, 1, 1), "last": (1, 1, stride)}[strided]
    wide = 4 * c_mid
    middle = {"wide–narrow–wide": c_mid, "narrow–wide–narrow": wide}[shape]
    kernels = [int(side) for side in sides.split(", ")]
    if sides == "3, 1, 1":
        places = (stride, 1, 1)
    widths = (c_in, middle, middle, wide)
    chain = tuple(
        (f"conv{i + 1}", f"bn{i + 1}", (widths[i + 1], widths[i], kernels[i], kernels[i]), places[i])
        for i in range(3)
    )
    return _residual(chain, c_in, wide, stride, **bend)


basic_block.bends, bottleneck.bends = BASIC, BOTTLENECK


def _residual(
    chain, c_in, c_out, stride, *, join="sum", end="relu", shortcut="straight", inner="bn–relu", middle="relu",
    projection="when shapes change", norm="each", statistics="switched", bias="none",
) -> Recipe:  # fmt: skip
    shared = norm == "shared"  # one batch norm for all convolutions with as many maps
    parts = [f"bn of {shape[0]} maps" if shared else bn for _, bn, shape, _ in chain]
    recipe = Recipe(last=parts[-1])
    value = "x"
    for place, (conv, _, shape, step) in enumerate(chain):
        last = place == len(chain) - 1
        value = recipe.conv(value, conv, shape, step, shape[2] // 2, bias in ("all", "in F", str(place + 1)))
        relu = inner == "relu–bn" if last else middle in ("relu", ("first only", "second only")[place])
        if inner != "bn–relu" and relu:
            value = recipe.step("relu", (value,))
        value = _normalized(recipe, value, parts[place], shape[0], norm, statistics, ("in F", str(place + 1)))
        if inner == "bn–relu" and relu:
            value = recipe.step("relu", (value,))
    recipe.step("keep", (value,), "F")
    biased = bias in ("all", "in projection")
    side = _shortcut(recipe, shortcut, c_in, c_out, stride, projection, norm, statistics, biased)
    recipe.step("keep", (side,), "shortcut")
    changes = c_in != c_out or stride != 1
    if join in ("F where shapes change", "F where nothing changes"):
        join = "F" if changes == (join == "F where shapes change") else "sum"
    return _joined(recipe, join, end)


def _joined(recipe: Recipe, join: str, end: str) -> Recipe:
    f = recipe.step("relu", ("F",)) if end in ("before", "before and after") else "F"
    recipe.step("join", (f, "shortcut"), "sum", how=join)
    if end in ("relu", "before and after"):
        recipe.step("relu", ("sum",), "out")
    return recipe


def _normalized(recipe, value, part, c, norm, statistics, places=()) -> str:
    how, _, where = norm.partition(" ")  # "unused 2": only that of the second convolution
    bent = not where or where in places
    if how == "unused" and bent:
        recipe.declare(part, c)
    if how in ("none", "unused") and bent:
        return value
    if statistics == "batch in F":
        statistics = "batch" if places else "switched"
    return recipe.bn(value, part, c, statistics=statistics)


def _shortcut(recipe, how, c_in, c_out, stride, projection, norm, statistics, bias) -> str:
    x = {"relu on input": "relu", "of detached input": "detach"}.get(how)
    x = recipe.step(x, ("x",)) if x else "x"
    side = _side(recipe, x, c_in, c_out, stride, projection, norm, statistics, bias)
    straight = side == x
    if how == "relu" or how == ("relu on identity" if straight else "relu on projection"):
        return recipe.step("relu", (side,))
    return side


def _side(recipe, x, c_in, c_out, stride, projection, norm, statistics, bias) -> str:
    changes = c_in != c_out or stride != 1
    if projection == "only for new maps" and c_in == c_out:
        return recipe.step("subsample", (x,), stride=stride) if stride != 1 else x
    if projection == "none" or (not changes and projection != "always"):
        return x
    if projection == "shortcut A":
        return recipe.step("widen", (recipe.step("subsample", (x,), stride=stride),), c=c_out)
    k = 3 if projection == "3×3" else 1
    side = recipe.conv(x, "projection conv", (c_out, c_in, k, k), stride, k // 2, bias)
    if projection == "without bn":
        return side
    return _normalized(recipe, side, "projection bn", c_out, norm, statistics)


RESNET = {
    "stem_bias": (False, True),
    "stem_norm": ("bn", "after relu", "unused", "none"),
    "stem_relu": (True, False),
    "stem_pool": ("max", "2×2", "no padding", "stride 1", "stride 3", "avg", "none"),
    "stem_stride": (2, 1),
    "stem_padding": (3, 0, 1, 2),
    "strides": ("right", "stage 1 too", "none", "last block"),
    "blocks": ("right", "one", "always two", "first only", "one reused"),
    "expansion_counts": ("everywhere", "not between stages", "not in the head", "nowhere"),
    "head": (
        "mean", "mean without axes of 1", "largest", "corner", "sum over pixels", "flat", "flat for 64×64 pixels",
    ),
    "end": ("logits", "softmax", "log softmax", "relu", "detach"),
}  # fmt: skip
POOLS = {
    "max": ("maxpool", 3, 2, 1), "2×2": ("maxpool", 2, 2, 0), "no padding": ("maxpool", 3, 2, 0),
    "stride 1": ("maxpool", 3, 1, 1), "stride 3": ("maxpool", 3, 3, 1), "avg": ("avgpool", 3, 2, 1),
}  # fmt: skip
FLAT = {"flat": 49, "flat for 64×64 pixels": 4}  # pixels of a last map that such a head is built for


def resnet(
    expansion, layout, layers, n_classes=1000, *, stem_bias=False, stem_norm="bn", stem_relu=True, stem_pool="max",
    stem_stride=2, stem_padding=3, strides="right", blocks="right", expansion_counts="everywhere", head="mean",
    end="logits",
) -> Recipe:  # fmt: skip
    """Return a residual network of the course's own blocks, its parts named as published.

    `head` "flat" is the head that needs 7 × 7 maps, as 224 × 224 pixels give them.
    """
    recipe = Recipe()
    value = recipe.conv("x", "conv1", (64, 3, 7, 7), stem_stride, stem_padding, stem_bias)
    value = _stem(recipe, value, stem_norm, stem_relu, stem_pool)
    maps = 64
    for stage, count in enumerate(layers):
        count = {"always two": 2, "one": 1}.get(blocks, count)
        value, maps = _stage(recipe, value, maps, stage, count, expansion, layout, strides, blocks)
        if expansion_counts in ("not between stages", "nowhere") and stage < 3:
            maps //= expansion
    if expansion_counts in ("not in the head", "nowhere"):
        maps //= expansion
    value = recipe.step("corner" if head in FLAT else head, (value,))
    recipe.linear(value, "fc", (n_classes, maps * FLAT.get(head, 1)), "logits")
    if end != "logits":
        recipe.step(end, ("logits",), "out")
    return recipe


def _stem(recipe, value, norm, relu, pool) -> str:
    if norm != "none":
        recipe.declare("bn1", 64)
    if norm == "bn":
        value = recipe.bn(value, "bn1", 64)
    if relu:
        value = recipe.step("relu", (value,))
    if norm == "after relu":
        value = recipe.bn(value, "bn1", 64)
    if pool == "none":
        return value
    kind, k, stride, padding = POOLS[pool]
    return recipe.step(kind, (value,), k=k, stride=stride, padding=padding)


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
        else:
            recipe.built[f"{part}.built_with"] = (maps, c, stride)
        recipe.tensors[part] = shapes
        if blocks == "one reused" and part != last and number > 0:
            recipe.aliases[part] = last
        if blocks != "first only" or number == 0:
            value = recipe.step("relay", (value,), "", part, stride=stride)
        maps = c * expansion
    return value, maps
