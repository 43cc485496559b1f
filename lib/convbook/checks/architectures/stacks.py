"""Stacks of equal kernels: what they cost, what they see, and the one kernel that they are without ReLUs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
import torch.nn.functional as functional

from convbook.checks.engine.array_lists import ArrayLists
from convbook.checks.engine.cases import every_form
from convbook.checks.engine.counts import COUNTS
from convbook.checks.engine.declare import case, counting, drawn, exercise, mistake
from convbook.checks.engine.families_counting import conv, covered, learned
from convbook.forms import Case

MAPS = "every layer takes c maps and gives c maps: c filters of c kernels"
SQUARE, NO_BIAS = "a kernel is a square", "the layers have no biases here"
ADDS = "the first layer sees k units, every further one adds k − 1"


def stack_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield small stacks, VGG's three of 3×3, the 7×7, and drawn ones."""
    for numbers in ((2, 3, 1), (2, 3, 2), (3, 2, 4), (1, 5, 2), (64, 3, 3), (64, 7, 1)):
        yield case(*numbers)
    for _ in range(10):
        c, k, layers = (int(v) for v in rng.integers([2, 2, 2], [40, 9, 8]))
        yield drawn(c, k, layers)


@exercise(
    "What a stack costs", points=2, cases=stack_cases, forbid="", observe=COUNTS,
    why="{layers} · {c} filters in all, each with {c} kernels of {k} × {k}",
    facts={"kernel": lambda k: learned(conv(1, 1, k))},
    mistakes=(
        mistake("only one layer is counted", "every layer of the stack has weights of its own",
                "{layers} layers", layers=lambda: 1),
        mistake("the maps that come in are left out", MAPS, "{c} · {c} kernels, not {c}", result=lambda y,
                c: y // c),
        mistake("a kernel is taken to have k weights", SQUARE, "{k} · {k} weights, not {k}",
                k=lambda k: (k, 1)),
        mistake("a kernel is taken to have 2 · k weights", SQUARE, "{k} · {k} weights, not 2 · {k}",
                k=lambda k: (k, 2)),
        mistake("biases are counted", NO_BIAS, "yours has more", result=lambda y, c, layers: y + c * layers,
                ways=[{"result": lambda y, c: y + c}, {"result": lambda y, layers: y + layers}]),
        mistake("the layers multiply", "weights add up from layer to layer",
                "{layers} times the weights of one layer",
                result=lambda y, c, k, layers: learned(conv(c, c, k)) ** layers),
        mistake("the maps are doubled, not squared", MAPS, "{c} · {c} kernels, not 2 · {c}", result=lambda y,
                c, k, layers: layers * 2 * c * k * k),
        mistake("a stack counts as the one kernel that sees as much", "the layers are counted as they are",
                "{layers} kernels of {k} × {k}",
                result=lambda y, c, k, layers: learned(conv(c, c, covered([(k, 1)] * layers)))),
        mistake("it is always three layers of 3 × 3", "k and layers are given, and may be others",
                "here {layers} of {k} × {k}",
                k=lambda: 3, layers=lambda: 3),
        mistake("the first layer takes one map", MAPS, "{c} maps come in", result=lambda y, c,
                kernel: y - (c - 1) * c * kernel),
    ),
)  # fmt: skip
def stack_params(c, k, layers):
    return sum(learned(conv(c, c, k)) for _ in range(layers))


def field_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield one layer, several, even kernels, and drawn stacks."""
    for numbers in ((3, 1), (3, 2), (5, 2), (3, 3), (7, 1), (1, 4), (2, 3), (4, 2)):
        yield case(*numbers)
    for _ in range(10):
        k, layers = (int(v) for v in rng.integers([2, 2], [12, 9]))
        yield drawn(k, layers)


@exercise(
    "What a stack sees", points=2, cases=field_cases, forbid="", observe=COUNTS,
    why="one unit sees {k} × {k} of the layer below, and each further layer widens that by {k} − 1; all "
    "strides are 1",
    mistakes=(
        mistake("the kernels are added up", "neighbouring windows overlap: " + ADDS, "{layers} layers of {k}",
                result=lambda y, k, layers: k * layers),
        mistake("the unit itself is forgotten", ADDS, "1 + {layers} · ({k} − 1)", result=lambda y: y - 1),
        mistake("the kernels are multiplied", "neighbouring windows overlap: " + ADDS,
                "{layers} layers of {k}", result=lambda y, k, layers: k**layers),
        mistake("only one layer is counted", "every layer widens the field", "{layers} layers",
                layers=lambda: 1),
        mistake("one layer is left out", ADDS, "{layers} layers", result=lambda y, k: y - (k - 1),
                ways=[{"result": lambda y, k, layers: y - (k - 1) * (layers > 1)}]),
        mistake("there is one layer too many", ADDS, "{layers} layers", layers=lambda layers: layers + 1),
        mistake("a layer widens by k // 2", "a window reaches out on both sides", "{k} − 1 units a layer",
                result=lambda y, k, layers: 1 + layers * (k // 2),
                ways=[{"result": lambda y, k, layers: k + (layers - 1) * (k // 2)}]),
        mistake("every layer adds 2", "2 is right for 3×3 only", "{k} − 1 units a layer", result=lambda y,
                layers: 1 + 2 * layers,
                ways=[{"result": lambda y, k, layers: k + 2 * (layers - 1)}]),
        mistake("every layer adds 1", ADDS, "{k} − 1 units a layer",
                result=lambda y, k, layers: k + layers - 1,
                ways=[{"result": lambda y, k, layers: k + layers}]),
        mistake("the steps double from layer to layer", "all strides are 1: nothing is skipped",
                result=lambda y, k, layers: covered([(k, 2)] * layers)),
        mistake("it is the field's area, not its side", "one side is asked for", "{layers} layers of {k}",
                result=lambda y: y**2),
        mistake("even kernels are taken for odd ones", "a window of k covers k units, also where k is even",
                "here {k}",
                k=lambda k: k // 2 * 2 + 1, ways=[{"k": lambda k: (k - 1) // 2 * 2 + 1}]),
    ),
)  # fmt: skip
def stack_field(k, layers):
    return covered([(k, 1)] * layers)


def kernel_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield kernels of one map, then of several; among them some whose order could be exchanged."""
    yield case([np.array([[1.0, 2.0]]), np.array([[1.0, 10.0]])])
    yield case([counting(2, 3), counting(3, 2)])
    yield case([counting(2, 3)], about="one kernel")
    yield case([counting(1, 2), counting(3, 1), counting(2, 2)], about="three kernels")
    yield case([counting(2, 1, 1, 1), counting(1, 2, 1, 1)], about="1×1")
    yield case([counting(2, 3, 1, 2), counting(4, 2, 2, 1)])
    yield case([counting(2, 2, 2, 1), counting(2, 2, 1, 2) - 5], about="as many maps everywhere")
    for first, second in zip(
        every_form((2, 3, 2, 1)), every_form((1, 2, 2, 3)), strict=True
    ):  # in other types and layouts
        yield case([first.args[0], second.args[0]], about=first.about)
    for _ in range(6):
        a, b = (rng.normal(size=rng.integers(1, 5, 2)) for _ in range(2))
        yield drawn([a, b, rng.normal(size=(2, 3))])
    for _ in range(6):
        c = [int(v) for v in rng.integers(1, 5, 4)]
        yield drawn([rng.normal(size=(c[i + 1], c[i], *rng.integers(1, 4, 2))) for i in range(3)])
    yield drawn([rng.normal(size=(3, 3, 3, 3)) for _ in range(3)], about="as many maps everywhere")


def deep(kernel: Any) -> torch.Tensor:
    """Return a kernel with the axes of filters and channels."""
    kernel = torch.as_tensor(np.array(kernel, dtype=float))
    return kernel if kernel.dim() == 4 else kernel[None, None]


def joined(first: torch.Tensor, second: torch.Tensor, summed: bool = True) -> torch.Tensor:
    """Return the kernel of two layers: the gradient of the second's output, carried back through both."""
    return functional.conv_transpose2d(second, first)


def stack(kernels: Any, join: Any = joined) -> Any:
    """Return the kernel that a stack is, joined layer by layer; with two axes where its kernels have two."""
    whole, flat = deep(kernels[0]), np.ndim(kernels[0]) == 2
    for kernel in kernels[1:]:
        whole = join(whole, deep(kernel))
    return whole[0, 0] if flat else whole


def correlated(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """Return the correlation of two kernels, where their convolution would be right."""
    return joined(first, second.flip(2, 3))


def inside(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """Return the middle of the joined kernel, as large as the first."""
    whole, (h, w) = joined(first, second), first.shape[2:]
    top, left = (whole.shape[2] - h) // 2, (whole.shape[3] - w) // 2
    return whole[:, :, top : top + h, left : left + w]


def unsummed(first: torch.Tensor, second: torch.Tensor, maps: slice) -> torch.Tensor:
    """Return the joined kernel of only some of the maps between two layers."""
    return joined(first[maps], second[:, maps])


OVER = "a filter of the second layer adds up what it makes of all maps between them"
ORDER = "the list runs from the first layer to the last: kernel[i + 1] takes the maps that kernel[i] gives"
GROWS = "the one kernel is as large as the field of the stack: sides add up, less 1 for each further layer"


@exercise(
    "One kernel for all", points=6, cases=kernel_cases, observe=ArrayLists(), forbid="torch",
    why="a stack of cross-correlations is one cross-correlation, and its kernel is the *convolution* of the "
    "kernels; over the maps "
    "between two layers it is summed", shape=GROWS,
    help=("operands could not be broadcast together", "matmul: Input operand 1 has a mismatch",
        "inputs must both be 2-D arrays"),
    mistakes=(
        mistake("the kernels are correlated with one another",
                "cross-correlations in a row are one cross-correlation with the *convolution* of the "
                "kernels: flip one of them before you slide it",
                instead=lambda kernels: stack(kernels, correlated),
                ways=[{"instead": lambda kernels: stack(kernels, lambda a, b: joined(a.flip(2, 3), b))}]),
        mistake("the layers are applied in reverse order", ORDER,
                instead=lambda kernels: stack(kernels[::-1])),
        mistake("the maps between two layers are not summed", OVER,
                instead=lambda kernels: stack(kernels, lambda a, b: unsummed(a, b, slice(0, 1))),
                ways=[{"instead": lambda kernels: stack(kernels, lambda a,
                b: unsummed(a, b, slice(-1, None)))}]),
        mistake("the maps between two layers are averaged", OVER,
                instead=lambda kernels: stack(kernels, lambda a, b: joined(a, b) / len(a))),
        mistake("the maps are summed before the kernels are joined",
                "each map between two layers has its own kernel in both: join first, then sum",
                instead=lambda kernels: stack(kernels, lambda a, b: joined(
                    a.sum(0, keepdim=True), b.sum(1, keepdim=True)))),
        mistake("the result is divided by its sum", "nothing is averaged", result=lambda y: y / y.sum()),
        mistake("filters and channels are exchanged",
                "the result is (f, c, kh, kw): filters of the last layer, channels of the first",
                result=lambda y: y.transpose(0, 1) if y.dim() == 4 else y),
        mistake("the result is flipped", "the result is applied as it is, as a cross-correlation",
                result=lambda y: y.flip(-2, -1)),
        mistake("rows and columns are exchanged", "the result is (rows, columns)",
                result=lambda y: y.transpose(-2, -1)),
        mistake("the kernel is cut to the first one's size", GROWS,
                instead=lambda kernels: stack(kernels, inside)),
        mistake("only the last kernel counts", "every layer adds to the whole",
                instead=lambda kernels: stack(kernels[-1:])),
        mistake("only the first kernel counts",
                "every layer adds to the whole (a `return` inside the loop ends it at once)",
                instead=lambda kernels: stack(kernels[:1])),
        mistake("only the first two kernels count", "the list may hold more",
                instead=lambda kernels: stack(kernels[:2])),
        mistake("the last kernel is left out", "`range(n)` already stops at n − 1",
                instead=lambda kernels: stack(kernels[:-1] or kernels)),
        mistake("each layer is applied twice", "every layer counts once",
                instead=lambda kernels: stack([k for k in kernels for _ in (0, 1)])),
        mistake("the result is divided by the number of kernels", "nothing is averaged", result=lambda y,
                kernels: y / len(kernels)),
    ),
)  # fmt: skip
def collapse_stack(kernels):
    return stack(kernels)
