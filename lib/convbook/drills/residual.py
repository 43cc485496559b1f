"""Drills of units 10 and 11: blocks and their bills, "/2" stages, depth, and what flows along a shortcut."""

from __future__ import annotations

import math

import numpy as np

from convbook.drills.kinds import Facts, Volume, kind, one_of, pick, shown

KNOWN = ((2, 2, 2, 2), (3, 4, 6, 3), (3, 4, 23, 3), (3, 8, 36, 3), (2, 3, 4, 2), (3, 3, 5, 2), (2, 4, 5, 3))


def _stage(rng: np.random.Generator) -> Facts:
    return {"c": one_of(rng, 16, 32, 64, 128, 256), "n": 2 * pick(rng, 7, 28)}


def _shortcut(rng: np.random.Generator) -> Facts:
    c = one_of(rng, 8, 10, 16, 20, 32)
    return {"c": c, "f": 2 * c, "weights": 2 * c * c, "learnt": 4 * c}


def _block(rng: np.random.Generator) -> Facts:
    c = one_of(rng, 8, 10, 16, 20)
    return {"c": c, "each": 9 * c * c, "norm": 2 * c}


def _depth(rng: np.random.Generator) -> Facts:
    blocks = one_of(rng, *KNOWN)
    inside = pick(rng, 2, 3)
    return {"blocks": blocks, "inside": inside, "total": sum(blocks),
            "sort": "basic blocks of two 3 × 3 convolutions" if inside == 2 else "bottleneck blocks of three convolutions"}  # fmt: skip


def _scales(rng: np.random.Generator) -> Facts:
    scale = one_of(rng, 0.5, 0.2, 2.0)
    return {"scale": scale, "many": pick(rng, 3, 6 if scale == 0.5 else 4)}


def _slopes(rng: np.random.Generator) -> Facts:
    slopes = [one_of(rng, -3, -2, 2, 3, 4, 5) for _ in range(pick(rng, 2, 3))]
    return {"slopes": slopes}


def _sum(rng: np.random.Generator) -> Facts:
    x, parts = pick(rng, 2, 9), [one_of(rng, -4, -3, -2, -1, 1, 2, 3, 5) for _ in range(3)]
    return {"x": x, "parts": parts}


def _gate(rng: np.random.Generator) -> Facts:
    return {"x": 2 * pick(rng, 2, 9), "gate": one_of(rng, 0.2, 0.25, 0.4, 0.75), "f": pick(rng, 1, 6)}


def _unrolled(x: int, parts: list[int], answer: int) -> str:
    told = " + ".join(f"({shown(part)})" if part < 0 else str(part) for part in parts)
    return f"Each block adds its contribution to what comes in:\n{x} + {told} = {shown(answer)}."


def _product(slopes: list[int], answer: int) -> str:
    return (f"A block x + F(x) has the slope 1 + F′: {', '.join(shown(1 + slope) for slope in slopes)}.\n"
            f"The slopes are multiplied: {shown(answer)}.")  # fmt: skip


SLASH = ("how “/2” doubles the maps and halves the size",)
KINDS = (
    kind("slash_two", "10", "What “/2” does", exam=SLASH, draw=_stage,
         ask=lambda c, n: f"In a ResNet a ({c}, {n}, {n}) input meets the layer “3×3 conv, {2 * c}, /2”, padded by 1. "
                          "Which shape leaves it?",
         answer=lambda c, n: Volume(2 * c, n // 2, n // 2),
         worked=lambda c, n, answer: f"“/2” is the stride: ⌊({n} + 2 − 3) / 2⌋ + 1 = {n // 2}, both height and width.\n"
                                     f"There are {2 * c} filters, so {2 * c} maps: {shown(answer)}.",
         mistakes={
             "the maps are halved: “/2” is the stride, the number of maps is the number of filters":
                 lambda c, n: Volume(c // 2, n // 2, n // 2),
             "the maps stay as many as they were: every filter makes one": lambda c, n: Volume(c, n // 2, n // 2),
             "the size stays as it was: padding 1 keeps it with stride 1 only": lambda c, n: Volume(2 * c, n, n),
             "the stride acts along one side only: it moves down and across": lambda c, n: Volume(2 * c, n // 2, n),
             "the padding is ignored: it lets one more window fit": lambda c, n: Volume(2 * c, n // 2 - 1, n // 2 - 1),
             "the size is divided by 4: the stride is 2 along each side": lambda c, n: Volume(2 * c, n // 4, n // 4),
         }),
    kind("slash_two_shortcut", "10", "The shortcut of a “/2” block", exam=SLASH, draw=_shortcut,
         ask="Where a block has “/2”, its shortcut is a 1 × 1 convolution with stride 2 from {c} to {f} maps, without bias, and batch "
             "norm. How many parameters does the shortcut learn?",
         answer=lambda weights, learnt: weights + learnt,
         worked="1 × 1: {c} · {f} = {weights} weights; the stride plays no part.\nBatch norm: γ and β for {f} maps, {learnt}. "
                "Together {answer}.",
         mistakes={
             "batch norm is left out: it learns γ and β": lambda weights: weights,
             "batch norm has one number a map: it learns γ and β": lambda weights, f: weights + f,
             "the running statistics are counted: they are no parameters": lambda weights, learnt: weights + 2 * learnt,
             "the convolution is taken as 3 × 3: the shortcut's is 1 × 1": lambda weights, learnt: 9 * weights + learnt,
             "the stride divides the weights: they are the same at every place": lambda weights, learnt: weights // 2 + learnt,
             "the convolution has a bias: batch norm's β takes its place": lambda weights, learnt, f: weights + learnt + f,
         }),
    kind("basic_block", "10", "The bill of a basic block", draw=_block,
         ask="A basic block of a ResNet keeps its {c} maps: two 3 × 3 convolutions without bias, each followed by batch norm; the "
             "shortcut is the identity. How many parameters does it learn?",
         answer=lambda each, norm: 2 * (each + norm),
         worked="A convolution: 9 · {c} · {c} = {each}; a batch norm: γ and β for {c} maps, {norm}.\n"
                "Twice: 2 · ({each} + {norm}) = {answer}.",
         mistakes={
             "batch norm is left out: it learns γ and β": lambda each: 2 * each,
             "one convolution is counted: the block has two": lambda each, norm: each + norm,
             "batch norm has one number a map: it learns γ and β": lambda each, c: 2 * (each + c),
             "the running statistics are counted: they are no parameters": lambda each, norm: 2 * (each + 2 * norm),
             "the shortcut is counted: the identity learns nothing": lambda each, norm, c: 2 * (each + norm) + c * c,
             "the convolutions have biases: batch norm's β takes their place": lambda each, norm, c: 2 * (each + norm + c),
         }),
    kind("bottleneck_block", "10", "The bill of a bottleneck block", draw=lambda rng: {"m": (m := one_of(rng, 8, 10, 12, 16, 20)), "c": 4 * m},
         ask="A bottleneck block gets and gives {c} maps: 1 × 1 to {m}, 3 × 3 from {m} to {m}, 1 × 1 back to {c}. How many weights have "
             "its convolutions, without biases and batch norm?",
         answer=lambda m, c: 2 * c * m + 9 * m * m,
         worked=lambda m, c, answer: f"1 × 1: {c} · {m} = {c * m}, twice: {2 * c * m}.\n3 × 3: 9 · {m} · {m} = {9 * m * m}. "
                                     f"Together {shown(answer)}.",
         mistakes={
             "it is two 3 × 3 layers at full width: the bottleneck is narrow inside": lambda c: 18 * c * c,
             "the 3 × 3 layer is wide and the ends are narrow: it goes from many maps to few and back": lambda m, c: 2 * c * m + 9 * c * c,
             "the last 1 × 1 layer is left out: it widens again": lambda m, c: c * m + 9 * m * m,
             "a 1 × 1 filter is taken to be one number: it has a weight for every input channel": lambda m, c: m + 9 * m * m + c,
             "the 1 × 1 layers are taken as 3 × 3: only the middle one is": lambda m, c: 18 * c * m + 9 * m * m,
             "the 3 × 3 layer is left out: it does most of the work": lambda m, c: 2 * c * m,
         }),
    kind("resnet_depth", "10", "How deep is it", draw=_depth,
         ask=lambda blocks, sort: f"A ResNet has four stages with {', '.join(map(str, blocks))} {sort}, after a 7 × 7 convolution; one linear "
                                  "layer ends it. How deep is it, as its name counts?",
         answer=lambda total, inside: total * inside + 2,
         worked="{total} blocks of {inside} convolutions: {total} · {inside}.\nThe first convolution and the linear layer: {answer}.",
         mistakes={
             "the linear layer is left out: it has weights and counts": lambda total, inside: total * inside + 1,
             "the first convolution and the linear layer are left out: both count": lambda total, inside: total * inside,
             "the shortcuts' convolutions are counted: a name counts along the main path":
                 lambda total, inside: total * inside + 2 + 3,
             "blocks are counted, not layers: a block has several convolutions": lambda total: total + 2,
             "batch norms are counted as layers: only what has a weight matrix or a kernel": lambda total, inside: 2 * total * inside + 3,
         }),
    kind("scaled_shortcuts", "11", "A shortcut that scales", draw=_scales, decimals=4,
         ask="Every shortcut of {many} blocks multiplies by {scale}. By which factor does the gradient change on its way along all "
             "shortcuts? (A fraction, or four decimals.)",
         answer=lambda scale, many: scale**many,
         worked=lambda scale, many, answer: " · ".join([shown(scale)] * many) + f" = {shown(answer)}: the factors are multiplied.",
         mistakes={
             "the factors are added: along a path they are multiplied": lambda scale, many: scale * many,
             "one block is counted: each multiplies": lambda scale: scale,
             "one block too few is counted: each of them has a shortcut": lambda scale, many: scale ** (many - 1),
             "nothing changes: that holds for the identity": lambda: 1,
             "the factors are averaged: along a path they are multiplied": lambda scale, many: scale / many,
         }),
    kind("residual_gradient", "11", "The slope of a chain of blocks", draw=_slopes,
         ask=lambda slopes: f"{len(slopes)} blocks x + F(x) follow each other, and F has the slopes {', '.join(map(shown, slopes))}. What is "
                            "the derivative of the output with respect to the input?",
         answer=lambda slopes: math.prod(1 + slope for slope in slopes), worked=_product,
         mistakes={
             "the shortcuts are forgotten: each adds 1 to its block's slope": lambda slopes: math.prod(slopes),
             "the slopes are added up: blocks that follow each other multiply": lambda slopes: 1 + sum(slopes),
             "there is one shortcut round the whole chain: each block has its own": lambda slopes: 1 + math.prod(slopes),
             "the slopes 1 + F′ are added: blocks that follow each other multiply": lambda slopes: sum(1 + slope for slope in slopes),
             "only the shortcut is counted: both ways carry the gradient": lambda: 1,
         }),
    kind("residual_sum", "11", "A chain of blocks, unrolled", draw=_sum,
         ask=lambda x, parts: f"Three residual blocks without anything after the addition get x = {x}; their contributions F are "
                              f"{', '.join(map(shown, parts))}. What leaves the last block?",
         answer=lambda x, parts: x + sum(parts), worked=_unrolled,
         mistakes={
             "the input is forgotten: the shortcuts carry it to the end": lambda parts: sum(parts),
             "only the last block's contribution is added: all of them stay": lambda x, parts: x + parts[-1],
             "it is the last contribution: the block adds it to its input": lambda parts: parts[-1],
             "the contributions are averaged: they add up": lambda x, parts: x + sum(parts) / 3,
             "a ReLU follows every addition: here nothing does":
                 lambda x, parts: max(0, max(0, max(0, x + parts[0]) + parts[1]) + parts[2]) if min(
                     x + sum(parts[:i]) for i in (1, 2, 3)) < 0 else None,
         }),
    kind("gated_shortcut", "11", "A gate on the shortcut", draw=_gate, decimals=2,
         ask="A block computes (1 − g) · x + F(x). The input is {x}, the gate g = {gate}, and F(x) = {f}. What leaves it? (Two decimals.)",
         answer=lambda x, gate, f: (1 - gate) * x + f,
         worked=lambda x, gate, f, answer: f"The gate lets {shown(1 - gate)} of x pass: {shown((1 - gate) * x)}.\nPlus {f}: {shown(answer)}.",
         mistakes={
             "the gate is exchanged: 1 − g is on the shortcut": lambda x, gate, f: gate * x + f,
             "the gate is ignored: it makes the shortcut smaller": lambda x, f: x + f,
             "the gate acts on both: here F is left as it is": lambda x, gate, f: (1 - gate) * (x + f),
             "F is gated too: here g stands on the shortcut only": lambda x, gate, f: (1 - gate) * x + gate * f,
             "the shortcut is forgotten: it is added": lambda f: f,
         }),
)  # fmt: skip
