"""What a batch costs in memory, and how many examples fit."""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterator

import numpy as np
import torch

from convbook.checks.engine.counts import Layers
from convbook.checks.engine.declare import case, drawn, exercise, mistake
from convbook.forms import Case

SMALL = [(2, 3), (5,)]
NET = [(6, 28, 28), (6, 14, 14), (120,), (10,)]
ALL = "every activation of every image is kept until the backward pass has used it"
EACH_NUMBER = "a shape holds the product of its sides"


def drawn_shapes(rng: np.random.Generator) -> list[tuple[int, ...]]:
    """Return a few shapes with one to four axes."""
    return [
        tuple(int(s) for s in rng.integers(1, 7, axes)) for axes in rng.integers(1, 5, rng.integers(1, 5))
    ]


def activation_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield lists of shapes, the batch and the bytes of a number, all different."""
    yield case(SMALL, 3)
    yield case(SMALL, 3, 2)
    yield case([(7,)], 1, 8)
    yield case([(2, 3, 5), (2, 3, 5)], 7, about="two activations of one shape")
    yield case(NET, 64, bytes_per_value=2)
    yield case([(2, 1, 3, 5)], 4, about="four axes")
    yield case([(64, 112, 112)] * 10, 4096, about="far beyond 2 gigabytes")
    for number in range(8):
        yield drawn(
            drawn_shapes(rng), int(rng.integers(2, 40)), **({"bytes_per_value": 2} if number % 2 else {})
        )


def values(shapes):
    """Return how many numbers some activations of one image hold."""
    return sum(torch.empty(shape, device="meta").numel() for shape in shapes)


def of_each(change):
    """Return the change of a list of shapes in which every shape is another one."""
    return lambda shapes: [change(shape) for shape in shapes]


@exercise(
    "What a batch costs", points=2, cases=activation_cases, observe=Layers(), forbid="",
    facts={"values": lambda shapes: values(shapes), "many": lambda shapes: len(shapes)},
    why="{values} numbers an image, {batch_size} images, {bytes_per_value} bytes a number",
            help=("can't multiply sequence by non-int",),
    mistakes=(
        mistake("the batch is left out", "every image has activations of its own", "{batch_size} images",
                batch_size=lambda: 1),
        mistake("the numbers are counted, not their bytes", "a number takes bytes_per_value bytes",
                "{bytes_per_value} bytes each", bytes_per_value=lambda: 1),
        mistake("a number always takes 4 bytes", "half precision takes 2, double precision 8",
                "here {bytes_per_value}", bytes_per_value=lambda: 4),
        mistake("only the largest activation is counted", ALL, "{many} of them", result=lambda again, shapes:
                max(again(shapes=[s]) for s in shapes)),
        mistake("only the last activation is counted", ALL, "{many} of them", shapes=lambda shapes:
                shapes[-1:]),
        mistake("only the first activation is counted", ALL, "{many} of them", shapes=lambda shapes:
                shapes[:1]),
        mistake("equal shapes are counted once", ALL + ": two layers of one shape are two activations",
                "{many} of them", shapes=lambda shapes: [*dict.fromkeys(shapes)]),
        mistake("the sides of a shape are added", EACH_NUMBER, "{values} numbers", shapes=of_each(lambda s:
                (sum(s),))),
        mistake("only the first side of a shape counts", EACH_NUMBER, "{values} numbers",
                shapes=of_each(lambda s: s[:1])),
        mistake("only the last two sides of a shape count", EACH_NUMBER + ": channels too",
                "{values} numbers", shapes=of_each(lambda s: s[-2:])),
        mistake("every activation is counted twice", "each is counted once here; its gradient is another "
                "matter", "{values} numbers an image", result=lambda y: 2 * y),
        mistake("it is given in kilobytes", "bytes are asked for", result=lambda y: y / 1024,
                ways=({"result": lambda y: y / 1000},)),
        mistake("it is given in megabytes", "bytes are asked for", result=lambda y: y / 1024**2,
                ways=({"result": lambda y: y / 1e6},)),
        mistake("the activations are multiplied with each other", "they lie beside each other: add them up",
                "{many} of them", result=lambda shapes, batch_size, bytes_per_value: math.prod(values([s])
                for s in shapes) * batch_size * bytes_per_value),
    ),
)  # fmt: skip
def activation_bytes(shapes, batch_size, bytes_per_value=4):
    if batch_size < 1:
        raise ValueError(f"a batch of {batch_size} images costs nothing: give 1 or more")
    return sum(torch.empty(batch_size, *shape, device="meta").numel() for shape in shapes) * bytes_per_value


def batch_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield budgets that are filled exactly, by nearly one more, and by nothing at all."""
    yield case(SMALL, 100)
    yield case(SMALL, 132, about="it fits exactly")
    yield case(SMALL, 131, about="one byte is missing")
    yield case(SMALL, 43, about="not even one fits")
    yield case(SMALL, 0, about="no memory at all")
    yield case(SMALL, 100, 2)
    yield case([(2, 3, 5), (2, 3, 5)], 10_000)
    yield case(NET, 8 * 1024**3, bytes_per_value=2)
    for number in range(8):
        yield drawn(
            drawn_shapes(rng),
            int(rng.integers(500, 50_000)),
            **({"bytes_per_value": 2} if number % 2 else {}),
        )


WHOLE = "an image fits completely or not at all: the largest whole number that does not go over the budget"


@exercise(
    "The largest batch", points=3, cases=batch_cases, observe=Layers(), forbid="", uses=(activation_bytes,),
    facts={"each": lambda shapes, bytes_per_value: activation(shapes, 1, bytes_per_value)},
    why="an image takes {each} bytes, and there are {budget_bytes}", help=("can't multiply sequence by "
            "non-int", "object cannot be interpreted as an integer"),
    mistakes=(
        mistake("it is rounded up", WHOLE, "{each} bytes each", result=lambda y, budget_bytes, each: y + (y *
                each < budget_bytes)),
        mistake("it is rounded to the nearest", WHOLE, "{each} bytes each", result=lambda budget_bytes, each:
                round(budget_bytes / each)),
        mistake("it is a fraction of an image", WHOLE + ": divide with `//`", "{each} bytes each",
                result=lambda budget_bytes, each: budget_bytes / each),
        mistake("it is one image too many", WHOLE, "{each} bytes each", result=lambda y: y + 1),
        mistake("a batch that fits exactly is refused", "up to the budget, and the budget itself",
                "{each} bytes each", budget_bytes=lambda budget_bytes: budget_bytes - 1 if budget_bytes else
                0),
        mistake("it is one image too few", WHOLE, "{each} bytes each", result=lambda y: max(0, y - 1)),
        mistake("there is always room for one image", "0 when nothing fits", "{each} bytes each",
                result=lambda y: max(1, y)),
        mistake("the bytes of a number are left out", "the budget is in bytes",
                "{bytes_per_value} bytes a number", bytes_per_value=lambda: 1),
        mistake("a number always takes 4 bytes", "half precision takes 2, double precision 8",
                "here {bytes_per_value}", bytes_per_value=lambda: 4),
        mistake("only the largest activation has to fit", ALL, "all together {each} bytes an image",
                result=lambda again, shapes: min(again(shapes=[s]) for s in shapes)),
        mistake("equal shapes are counted once", ALL + ": two layers of one shape are two activations",
                "{each} bytes an image", shapes=lambda shapes: [*dict.fromkeys(shapes)]),
        mistake("it is rounded down to a power of two", "any number of images is a batch",
                "{each} bytes each", result=lambda y: 2 ** int(math.log2(y)) if y else 0),
        mistake("the sides of a shape are added", EACH_NUMBER, "{each} bytes an image", shapes=of_each(lambda
                s: (sum(s),))),
    ),
)  # fmt: skip
def largest_batch(shapes, budget_bytes, bytes_per_value=4):
    if budget_bytes < 0:
        raise ValueError(f"a budget of {budget_bytes} bytes is below 0: give 0 or more")
    return bisect.bisect_right(
        range(1, budget_bytes + 1), budget_bytes, key=lambda n: activation(shapes, n, bytes_per_value)
    )


def activation(shapes, batch_size, bytes_per_value):
    return sum(torch.empty(batch_size, *shape, device="meta").numel() for shape in shapes) * bytes_per_value
