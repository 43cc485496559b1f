"""Drills of unit 09: the shapes of AlexNet, the bills of VGG and of an inception module."""

from __future__ import annotations

import numpy as np

from convbook.drills.kinds import Facts, Volume, kind, one_of, pick


def _alexnet(rng: np.random.Generator) -> Facts:
    """Return a first convolution and its overlapping pooling, in which every step fits."""
    while True:
        n, f = 11 + 4 * pick(rng, 16, 60), one_of(rng, 48, 64, 96)
        side = (n - 11) // 4 + 1
        if (side - 3) % 2 == 0:
            return {"n": n, "f": f, "side": side, "pooled": (side - 3) // 2 + 1}


def _stage(rng: np.random.Generator) -> Facts:
    c, f = one_of(rng, 3, 4, 8, 10), one_of(rng, 12, 16, 20)
    return {"c": c, "f": f, "first": (9 * c + 1) * f, "second": (9 * f + 1) * f}


def _stack(rng: np.random.Generator) -> Facts:
    return {"layers": pick(rng, 2, 6), "k": one_of(rng, 3, 5)}


def _module(rng: np.random.Generator) -> Facts:
    c3, c5, c1, pool = 8 * pick(rng, 9, 16), 8 * pick(rng, 2, 6), 8 * pick(rng, 4, 12), 8 * pick(rng, 2, 5)
    return {
        "c_in": 4 * pick(rng, 40, 60),
        "c1": c1,
        "r3": 4 * pick(rng, 5, 15),
        "c3": c3,
        "r5": 4 * pick(rng, 2, 4),
        "c5": c5,
        "pool": pool,
    }


def _branch(rng: np.random.Generator) -> Facts:
    c_in, r, c = one_of(rng, 40, 60, 100), one_of(rng, 4, 5, 8), one_of(rng, 10, 12, 20)
    return {
        "c_in": c_in,
        "r": r,
        "c": c,
        "first": c_in * r,
        "second": 25 * r * c,
        "h": one_of(rng, 7, 10, 14),
    }


KINDS = (
    kind("alexnet_pool", "09", "The beginning of AlexNet", draw=_alexnet,
         ask="As in AlexNet, a (3, {n}, {n}) image meets {f} filters of 11 × 11 with stride 4, then max pooling with 3 × 3 windows and "
             "stride 2; nothing is padded. Which shape leaves the pooling?",
         answer=lambda f, pooled: Volume(f, pooled, pooled),
         worked="Convolution: ({n} − 11) / 4 + 1 = {side}.\nPooling: ({side} − 3) / 2 + 1 = {pooled}, map by map: {answer}.",
         mistakes={
             "the pooling is forgotten: it makes every map smaller": lambda f, side: Volume(f, side, side),
             "the pooling divides by its stride, whatever its window: the first place counts too":
                 lambda f, side: Volume(f, (side + 1) // 2, (side + 1) // 2),
             "the image's channels are kept: every filter makes a map": lambda pooled: Volume(3, pooled, pooled),
             "the pooling divides the channels, too: it works map by map": lambda f, pooled: Volume(f // 2, pooled, pooled),
             "the + 1 is missing: the first place counts too": lambda f, side: Volume(f, *[(side - 1 - 3) // 2] * 2),
             "the pooling moves on by its window: it overlaps, its stride is 2":
                 lambda f, side: Volume(f, *[(side - 3) // 3 + 1] * 2),
         }),
    kind("vgg_stage", "09", "A stage of VGG", draw=_stage,
         ask="As in VGG, two 3 × 3 convolutions with biases follow each other, from {c} to {f} and from {f} to {f} maps, then a 2 × 2 "
             "max pooling. How many parameters is that?",
         answer=lambda first, second: first + second,
         worked="First: (9 · {c} + 1) · {f} = {first}.\nSecond: (9 · {f} + 1) · {f} = {second}.\nThe pooling has none: {answer}.",
         mistakes={
             "the biases are missing: every filter has one": lambda c, f: 9 * c * f + 9 * f * f,
             "only the first layer is counted: the second learns as well": lambda first: first,
             "both layers are taken to have the first one's input: the second sees the first one's maps": lambda first: 2 * first,
             "both layers are taken to have the second one's input: the first sees fewer maps": lambda second: 2 * second,
             "the pooling is counted: it has no parameters": lambda first, second, f: first + second + 4 * f,
             "a kernel is taken to have k weights: a kernel is a square": lambda c, f: (3 * c + 1) * f + (3 * f + 1) * f,
             "only one layer is counted: both have parameters": lambda second: second,
         }),
    kind("three_small_filters", "09", "Three 3 × 3 or one 7 × 7", draw=lambda rng: {"c": one_of(rng, 5, 8, 10, 12, 20)},
         ask="One 7 × 7 convolution from {c} to {c} maps is replaced by three 3 × 3 convolutions from {c} to {c} maps, without biases. "
             "How many weights are saved?",
         answer=lambda c: 22 * c * c,
         worked=lambda c, answer: f"7 · 7 · {c} · {c} = {49 * c * c}; 3 · (3 · 3 · {c} · {c}) = {27 * c * c}.\n"
                                  f"{49 * c * c} − {27 * c * c} = {answer:,}." if answer > 9999 else
                                  f"7 · 7 · {c} · {c} = {49 * c * c}; 3 · (3 · 3 · {c} · {c}) = {27 * c * c}.\nThe difference is {answer}.",
         mistakes={
             "one layer is counted, not three: all three have weights": lambda c: (49 - 9) * c * c,
             "the channels count once: each of the filters looks at all of them": lambda c: 22 * c,
             "the channels are left out: each of the filters looks at all of them": lambda: 22,
             "it is what is left, not what is saved": lambda c: 27 * c * c,
             "the three layers' kernels are multiplied: weights of several layers add up":
                 lambda c: (729 - 49) * c * c,
         }),
    kind("stack_field", "09", "What a stack sees", square=True, draw=_stack,
         ask="{layers} convolutions of {k} × {k} with stride 1 lie on one another. How many pixels wide is the field of a unit on top?",
         answer=lambda layers, k: 1 + layers * (k - 1),
         worked=lambda layers, k, answer: f"Each layer adds {k} − 1 = {k - 1} to the one pixel itself.\n1 + {layers} · {k - 1} = {answer}.",
         mistakes={
             "a layer adds k, not k − 1: windows overlap": lambda layers, k: 1 + layers * k,
             "the sides are added: windows overlap": lambda layers, k: layers * k,
             "the kernels are multiplied: windows overlap, a layer adds k − 1": lambda layers, k: k**layers,
             "the unit itself is forgotten: it sees one pixel before any layer": lambda layers, k: layers * (k - 1),
             "only the last layer is counted: it looks at units that look further": lambda k: k,
         }),
    kind("inception_channels", "09", "Depth after an inception module", draw=_module,
         ask="An inception module gets {c_in} maps. Its branches: 1 × 1 to {c1}; 1 × 1 to {r3}, then 3 × 3 to {c3}; 1 × 1 to {r5}, "
             "then 5 × 5 to {c5}; max pooling, then 1 × 1 to {pool}. How many maps leave it?",
         answer=lambda c1, c3, c5, pool: c1 + c3 + c5 + pool,
         worked="The ends of the branches are laid one behind the other:\n{c1} + {c3} + {c5} + {pool} = {answer}.",
         mistakes={
             "the reductions are counted too: they go on inside their branch":
                 lambda c1, r3, c3, r5, c5, pool: c1 + r3 + c3 + r5 + c5 + pool,
             "the pooling keeps its input's maps: a 1 × 1 convolution follows it": lambda c_in, c1, c3, c5: c1 + c3 + c5 + c_in,
             "the branches are added, not concatenated: their maps stay side by side": lambda c1, c3, c5, pool: max(c1, c3, c5, pool),
             "the pooling's branch is left out: its maps count too": lambda c1, c3, c5: c1 + c3 + c5,
             "the input's maps are kept beside them: a branch ends in what it computes":
                 lambda c_in, c1, c3, c5, pool: c_in + c1 + c3 + c5 + pool,
         }),
    kind("reduced_branch", "09", "The 5 × 5 branch of an inception module", draw=_branch,
         ask="{c_in} maps of {h} × {h} meet a 1 × 1 convolution to {r} maps, then a padded 5 × 5 convolution to {c}. "
             "How many multiply–adds do both layers take, without biases, divided by the pixels of a map?",
         answer=lambda first, second: first + second,
         worked="For each pixel, 1 × 1: {c_in} · {r} = {first}.\n5 × 5: 25 · {r} · {c} = {second}.\nTogether {answer}.",
         mistakes={
             "the 1 × 1 layer is left out: it computes as well": lambda second: second,
             "the 5 × 5 layer is left out: it computes as well": lambda first: first,
             "the 1 × 1 layer is not used: the 5 × 5 layer sees the reduced maps only": lambda c_in, c: 25 * c_in * c,
             "a kernel is taken to have k weights: a kernel is a square": lambda first, r, c: first + 5 * r * c,
             "all pixels are counted: the work is divided by them": lambda first, second, h: h * h * (first + second),
             "the layers are multiplied: their work adds up": lambda first, second: first * second,
             "the 1 × 1 layer is counted for a whole window: each of its pixels is computed once, and used again": lambda first, second: 25 * first + second,
         }),
)  # fmt: skip
