"""The check of what a scaled path does: the scales of its blocks are multiplied."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from convbook.checks.engine.declare import case, drawn, exercise, mistake
from convbook.forms import Case

FACTORS = "every block multiplies once more: the factors are multiplied"


def gain_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield a few scales that can be multiplied in the head, then edges, then drawn ones."""
    yield case([0.5, 0.5, 3.0])
    yield case([0.5])
    yield case([1.0, 1.0, 1.0, 1.0], about="clean shortcuts")
    yield case([], about="no block at all")
    yield case([2.0, 0.0, 3.0], about="one path is cut")
    yield case([-0.5, 3.0, 2.0], about="a negative scale")
    yield case([-2.0, -3.0, 4.0])
    yield case([0.9] * 27, about="27 blocks")
    yield case([1.1] * 54, about="54 blocks")
    yield case((2, 3, 4), about="a tuple of whole numbers")
    yield case(np.array([0.5, 4.0, 0.25, 3.0]), about="an array")
    for _ in range(3):
        yield drawn([float(v) for v in rng.uniform(0.3, 1.7, int(rng.integers(2, 9)))])


def numbers(scales: Any) -> torch.Tensor:
    return torch.as_tensor(scales, dtype=torch.float64)


def cut(scales: Any) -> torch.Tensor:
    """Return the product that loses its fraction after each factor."""
    gain = torch.ones((), dtype=torch.float64)
    for scale in numbers(scales):
        gain = (gain * scale).trunc()
    return gain


@exercise(
    "What a scaled path does", points=3, cases=gain_cases, forbid="", facts={"many": lambda scales: len(scales)},
    why="a path through {many} blocks is multiplied by each of the {many} scales",
    help=("can't multiply sequence by non-int", "reduce() of empty iterable"),
    mistakes=(
        mistake("the scales are added", FACTORS, "{many} factors", instead=lambda scales: numbers(scales).sum()),
        mistake("the mean of the scales is taken", FACTORS, "{many} factors", instead=lambda scales: numbers(scales).sum() / max(1, len(scales))),
        mistake("the last scale is left out", FACTORS, "{many} of them", scales=lambda scales: scales[:-1]),
        mistake("the first scale is left out", FACTORS, "{many} of them", scales=lambda scales: scales[1:]),
        mistake("only the first scale counts", FACTORS, "{many} of them", scales=lambda scales: scales[:1]),
        mistake("only the last scale counts", FACTORS, "{many} of them", scales=lambda scales: scales[-1:]),
        mistake("all blocks are taken to have the first scale", "each block has a scale of its own", "{many} of them",
                instead=lambda scales: numbers(scales)[:1].repeat(len(scales)).prod()),
        mistake("the smallest scale is taken", FACTORS, "{many} of them", instead=lambda scales: numbers([*scales, 1.0] if not len(scales) else scales).min()),
        mistake("the largest scale is taken", FACTORS, "{many} factors", instead=lambda scales: numbers([*scales, 1.0] if not len(scales) else scales).max()),
        mistake("it is divided by the scales", "a block multiplies what comes along its shortcut", "by {many} numbers",
                instead=lambda scales: 1 / numbers([scale for scale in scales if scale]).prod()),
        mistake("a scale of 0 is left out", "one scale of 0 cuts the whole path", "{many} factors, whatever they are", scales=lambda scales: [scale for scale in scales if scale]),
        mistake("every second scale is left out", FACTORS, "{many} of them", scales=lambda scales: scales[::2]),
        mistake("the factors are 1 − scale", "the scale itself is what the block multiplies by", "{many} factors", instead=lambda scales: (1 - numbers(scales)).prod()),
        mistake("the scales are added to 1", FACTORS, "{many} factors", instead=lambda scales: 1 + numbers(scales).sum()),
        mistake("the mean scale is taken for every block", "each block has a scale of its own", "{many} of them",
                instead=lambda scales: (numbers(scales).sum() / max(1, len(scales))) ** len(scales)),
        mistake("the gain is cut to a whole number after each block", "scales are no whole numbers: begin at 1.0 and drop the `int`", "{many} factors", instead=cut),
        mistake("the product begins at 0", "0 times anything is 0: begin at 1", "{many} factors", result=lambda y: 0.0),
        mistake("the gain of every block is returned", "one number is asked for, the last of them", "{many} factors", instead=lambda scales: numbers(scales).cumprod(0)),
        mistake("the gain without any block is 0", "a path that nothing scales is multiplied by 1", "{many} blocks", result=lambda y, scales: y if len(scales) else 0.0),
        mistake("the sign is lost", "a negative scale turns the sign round", "{many} factors", result=lambda y: abs(y)),
        mistake("it is the gain there and back", "one way is asked for", "{many} factors", result=lambda y: y * y),
        mistake("the residual branch is counted too", "the scale itself is the factor of the shortcut, and not 1 + scale", "{many} factors",
                instead=lambda scales: (1 + numbers(scales)).prod()),
        mistake("it is the logarithm of the gain", "the product itself is asked for", "{many} factors", instead=lambda scales: numbers(scales).log().sum()),
        mistake("it is the geometric mean", "no root is taken: the gain of all blocks together is asked for", "{many} factors",
                instead=lambda scales: numbers(scales).prod() ** (1 / max(1, len(scales)))),
    ),
)  # fmt: skip
def path_gain(scales):
    return numbers(scales).prod()
