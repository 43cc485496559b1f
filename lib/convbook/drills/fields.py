"""Drills about stacks: receptive field and jump (unit 02), what a shift does and how weights are shared (unit 03)."""

from __future__ import annotations

import numpy as np

from convbook.checks.counting import receptive_field
from convbook.checks.sharing_and_symmetry import grouped_conv_params, share_gradient, toeplitz1d
from convbook.drills.kinds import Facts, kind, one_of, pick, shown
from convbook.drills.shared import right, slips


def _stack(rng: np.random.Generator) -> Facts:
    strides = one_of(rng, (2, 2, 1), (1, 2, 1), (3, 2, 1), (2, 1, 2))  # from each end another field
    layers = [(one_of(rng, 3, 5, 7), stride) for stride in strides]
    return {"layers": layers, "kernels": [k for k, _ in layers]}


def _said(layers: list[tuple[int, int]]) -> str:
    return ", ".join(f"{k} × {k} with stride {s}" for k, s in layers)


def _walk(layers: list[tuple[int, int]], answer: int) -> str:
    size, jump, lines = (
        1,
        1,
        [
            "Begin with 1 pixel and a jump of 1; a layer adds (k − 1) · jump, then its stride multiplies the jump."
        ],
    )
    for k, stride in layers:
        lines.append(
            f"{size} + {k - 1} · {jump} = {size + (k - 1) * jump}; the jump is then {jump * stride}."
        )
        size, jump = size + (k - 1) * jump, jump * stride
    return "\n".join([*lines[:-1], f"{lines[-1]} The field is {answer} pixels."])


def _last_stride(layers: list[tuple[int, int]]) -> int:
    """Return the field of whoever takes the stride of the layer below for the whole jump."""
    jumps = [1, *(stride for _, stride in layers[:-1])]
    return 1 + sum((k - 1) * jump for (k, _), jump in zip(layers, jumps, strict=True))


def _shift(rng: np.random.Generator) -> Facts:
    stride, many = 2, pick(rng, 1, 3)
    moved = one_of(rng, 8, 16, 24)
    return {
        "many": many,
        "moved": moved,
        "jump": stride**many,
        "times": f"{many} layers" if many > 1 else "one layer",
    }


def _moved(rng: np.random.Generator) -> Facts:
    stride, fits = pick(rng, 2, 4), bool(rng.integers(2))
    moved = stride * pick(rng, 1, 4) + (0 if fits else pick(rng, 1, stride - 1))
    return {"stride": stride, "moved": moved, "fits": fits, "k": one_of(rng, 3, 5), "rest": moved % stride}


def _line(rng: np.random.Generator) -> Facts:
    n, k = pick(rng, 8, 20), one_of(rng, 3, 4, 5)
    return {"n": n, "k": k, "w": np.arange(1.0, k + 1), "rows": n - k + 1}


def _uses(rng: np.random.Generator) -> Facts:
    rows = pick(rng, 3, 4)
    table = rng.integers(-5, 9, (rows, 2))
    return {"per_position": table.astype(float), "rows": rows, "uses": [int(one) for one in table[:, 1]],
            "others": [int(one) for one in table[:, 0]]}  # fmt: skip


def _groups(rng: np.random.Generator) -> Facts:
    groups = one_of(rng, 2, 4)
    c_in, c_out = groups * pick(rng, 2, 5), groups * pick(rng, 3, 6)
    return {"c_in": c_in, "c_out": c_out, "k": 3, "groups": groups, "each": c_in // groups * 9}


KINDS = (
    kind("receptive_field", "02", "What one unit sees", draw=_stack, square=True,
         ask=lambda layers: f"Convolutions follow one another: {_said(layers)}, the first nearest the image. "
                            "How many pixels wide is the receptive field of a unit at the end?",
         answer=lambda layers: right(receptive_field, layers=layers)[0], worked=_walk,
         mistakes=slips(receptive_field, "the strides are ignored", "a layer's own stride spreads its own window",
                        "the layers are taken from the wrong end", "a layer adds k, not k − 1",
                        "the unit itself is forgotten", "the kernels are multiplied", part=lambda y, facts: y[0]) | {
             "only the stride just below is counted: a jump is the product of all strides below": _last_stride,
             "the kernels are added: two windows that follow each other share a pixel": lambda kernels: sum(kernels),
         }),
    kind("commutes_with_shift", "03", "Equivariance", draw=_moved, options=("yes", "no"),
         ask="An image is moved by {moved} pixels, and meets a {k} × {k} convolution with stride {stride}. Away from the border: is "
             "the output the old output, moved by whole pixels? (Yes or no.)",
         answer=lambda fits: "yes" if fits else "no",
         worked=lambda moved, stride, fits, rest: f"A window starts at every pixel that is a multiple of {stride}.\n" + (
             f"{moved} is one: the output moves by {moved} / {stride} = {moved // stride}. Yes." if fits else
             f"{moved} leaves a remainder of {rest}: the windows see other pixels than before. No."),
         mistakes={
             "it is taken to hold for every shift: with a stride only for multiples of it": lambda fits: None if fits else "yes",
             "it is taken never to hold with a stride: for multiples of the stride it does": lambda fits: "no" if fits else None,
         }),
    kind("shift_through_stride", "03", "What a shift does", draw=_shift,
         ask="An image passes {times} of convolution with a stride of 2. It is moved by {moved} pixels. "
             "Away from the border, by how many pixels does the output move?",
         answer=lambda moved, jump: moved // jump,
         worked="A pixel of the output stands for a jump of {jump} pixels of the image.\n{moved} / {jump} = {answer}.",
         mistakes={
             "the output is taken to move as far as the image: with a stride it moves by shift / jump": lambda moved: moved,
             "the strides are added, not multiplied: each layer halves the shift":
                 lambda moved, many: moved / (2 * many) if many > 1 and many != 2 else None,
             "only one layer is counted: each layer with a stride shortens the shift":
                 lambda moved, many: moved // 2 if many > 1 else None,
             "the shift is multiplied by the jump: the output has fewer pixels, so it moves less":
                 lambda moved, jump: moved * jump,
         }),
    kind("convolution_matrix", "03", "The convolution's matrix", draw=_line,
         ask="A kernel of {k} weights moves along {n} pixels with stride 1, without padding. "
             "How many entries of the matrix that does the same are not forced to be 0?",
         answer=lambda w, n: int(np.count_nonzero(right(toeplitz1d, w=w, n=n))),
         worked="{n} − {k} + 1 = {rows} places, a row each.\nEach row holds the {k} weights: {rows} · {k} = {answer}.",
         mistakes={
             **slips(toeplitz1d, "the last row is missing", "the weights wrap around",
                     part=lambda y, facts: int(np.count_nonzero(y))),
             "all entries are counted: outside its window an output has no connection": lambda n, rows: n * rows,
             "the weights are counted once: asked for are entries of the matrix, and each weight stands in every row":
                 lambda k: k,
         }),
    kind("shared_gradient", "03", "The gradient of a shared weight", draw=_uses,
         ask=lambda uses: f"A weight is used at {len(uses)} places. The gradients there are "
                          f"{', '.join(map(shown, uses))}. What is the gradient of the weight?",
         answer=lambda per_position: round(float(right(share_gradient, per_position=per_position)[1])),
         worked=lambda uses, answer: "Every use of the weight changes the loss, so the gradients add up:\n"
                                     + " + ".join(f"({shown(one)})" if one < 0 else shown(one) for one in uses)
                                     + f" = {shown(answer)}.",
         mistakes=slips(share_gradient, "it is the average over the places, not the sum", "the signs are lost",
                        "it is the largest of the gradients",
                        "only the last place counts: the gradients of all places add up", "only the first place counts",
                        part=lambda y, facts: float(y[1]))),
    kind("grouped_weights", "03", "Groups of channels", draw=_groups,
         ask="A {k} × {k} convolution from {c_in} to {c_out} maps works in {groups} groups. How many weights does it have, without biases?",
         answer=lambda c_in, c_out, k, groups: right(grouped_conv_params, c_in=c_in, c_out=c_out, k=k, groups=groups),
         worked="A filter looks at the {c_in} / {groups} channels of its group: {each} weights.\n"
                "{c_out} filters: {each} · {c_out} = {answer}.",
         mistakes=slips(grouped_conv_params, "the groups are ignored", "only one group is counted",
                        "it is multiplied by the groups", "the channels are left out", "the biases are counted too",
                        "a kernel is taken to have k weights")),
)  # fmt: skip
