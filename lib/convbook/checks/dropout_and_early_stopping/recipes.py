"""Dropout in both recipes, and its backward pass.

The two recipes are judged by how they behave over many calls (`engine.chance`): a right answer is refused less than once in
ten million checks, and the tests compute that rate.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from convbook.checks.dropout_and_early_stopping.slips import other_share, slips
from convbook.checks.engine.chance import seen
from convbook.checks.engine.chance_layers import APART, PARTLY, Classic, Inverted, seen_pair
from convbook.checks.engine.declare import Draft, case, counting, drawn, every_layout, exercise, mistake
from convbook.forms import Case

KEEP = "in training a unit is kept with probability 1 − p = {keep:.4g}"
TAKEN = "p is the probability that a unit is *dropped*, as in PyTorch (the paper's p is the other one)"
EXPECTED = "what the next layer gets on average must not depend on training"


def recipe_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield evaluation first, where nothing is left to chance, then training: units, then images with channels."""
    yield case(
        np.array([1.0, -2.0, 3.0] * 4), 0.25, False, about="evaluation"
    )  # enough units to tell two draws apart
    yield case(np.array([[4.0, 2.0], [-8.0, 1.0]]), 0.0, True, about="training, and nothing is to be dropped")
    yield case(counting(4, 15), 0.25, True, about="training")
    yield case(-counting(4, 15), 0.8, True, about="training")
    yield case(counting(4, 15), 0.8, False, about="evaluation")
    yield case(counting(2, 3, 4, 5), 0.4, True, about="training, images with channels")
    yield case(counting(2, 3, 4, 5), 0.4, False, about="evaluation, images with channels")
    yield from every_layout(counting(3, 4), 0.25, False)
    yield case(counting(5, 12).astype(np.float32), 0.6, True, about="training, float32")
    yield drawn(1 + rng.random((int(rng.integers(4, 7)), 16)), float(rng.choice([0.3, 0.7])), True)
    yield drawn(1 + rng.random((3, 2, 4, int(rng.integers(5, 8)))), float(rng.choice([0.2, 0.6])), True)


def each(change: Callable[..., Any]) -> Callable[..., Any]:
    """Return a change of `kept`, the number by which kept units are multiplied: a function of the right one, p and training."""

    def result(record: dict[str, Any], p: float, training: bool) -> dict[str, Any]:
        return record | {"kept": float(change(record["kept"], p, training))}

    return result


@exercise(
    "The classic recipe", points=5, cases=recipe_cases, observe=Classic(), facts={"keep": lambda p: 1 - p},
    why="training: each unit is 0 with probability p = {p:.4g}, else as it was; evaluation: every unit times 1 − p = {keep:.4g}",
    help=("operands could not be broadcast together",),
    mistakes=(
        mistake("evaluation multiplies by p", "evaluation multiplies by the share that is *kept*, 1 − p", "{keep:.4g}, not {p:.4g}",
                result=each(lambda kept, p, training: kept if training else p)),
        mistake("nothing is scaled", f"{EXPECTED}: evaluation multiplies by 1 − p", "by {keep:.4g}", result=each(lambda *_: 1.0)),
        mistake("it is the inverted recipe", "this recipe leaves training alone and multiplies by 1 − p in evaluation", "by {keep:.4g}",
                result=each(lambda kept, p, training: 1 / (1 - p) if training else 1)),
        mistake("it is scaled twice, in training and in evaluation", f"{EXPECTED}: one of the two is enough, and here it is evaluation",
                "by {keep:.4g}", result=each(lambda kept, p, training: 1 / (1 - p) if training else 1 - p)),
        mistake("training multiplies by 1 − p as well", "this recipe leaves what it keeps as it was; only evaluation multiplies", "by {keep:.4g}",
                result=each(lambda kept, p, training: 1 - p)),
        mistake("training multiplies by 1 − p, and evaluation does not", "it is the other way round", "evaluation multiplies by {keep:.4g}",
                result=each(lambda kept, p, training: 1 - p if training else 1)),
        mistake("evaluation divides by 1 − p", "evaluation has more units than training had: it makes them smaller", "times {keep:.4g}",
                result=each(lambda kept, p, training: kept if training else 1 / (1 - p))),
        mistake("p is taken for the probability of keeping", TAKEN, "a share of {p:.4g} is dropped, and evaluation multiplies by {keep:.4g}",
                result=lambda record, p, training: other_share(record, 1 - p) if training else record | {"kept": p}),
        mistake("evaluation gives nothing but zeros", "evaluation keeps every unit, smaller", "times {keep:.4g}",
                result=lambda record, training: record if training else seen(record, share=1.0)),
        *slips(),
    ),
)  # fmt: skip
def dropout_classic(x, p, training, rng=None):
    return seen(kept=1.0 if training else 1 - p, share=p if training else 0.0)


def scaled(kept: Callable[..., Any], mask: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """Return a change of the numbers in y and in the mask."""

    def result(record: dict[str, Any], p: float, training: bool) -> dict[str, Any]:
        numbers = {"kept": float(kept(p, training)), "mask": float((mask or kept)(p, training))}
        return record | numbers if record["share"] < 1 else record

    return result


def over(p: float) -> float:
    """Return 1 / p as NumPy has it: infinite at p = 0."""
    return 1 / p if p else math.inf


def swapped(record: dict[str, Any], p: float) -> dict[str, Any]:
    """Return what comes of p in the place of 1 − p: at p = 0 all numbers are 0 / 0."""
    return (
        seen(record, share=1 - p, kept=1 / p, mask=1 / p)
        if p
        else record | {"kept": math.nan, "mask": math.nan}
    )


CARRIES = "the mask carries the scale, so that `y == x * mask`"


def alone(
    name: str, why: str, here: str, kept: Callable[..., Any], mask: Callable[..., Any] | None = None
) -> Draft:
    """Return a mistake about the numbers in y and in the mask."""
    return mistake(name, why, here, result=scaled(kept, mask))


@exercise(
    "The inverted recipe", points=5, cases=recipe_cases, observe=Inverted(), facts={"keep": lambda p: 1 - p, "scale": lambda p: 1 / (1 - p)},
    why="training: the mask is 0 with probability p = {p:.4g}, else 1 / (1 − p) = {scale:.4g}; evaluation: it is 1; y is x · mask",
    help=("operands could not be broadcast together",),
    mistakes=(
        alone("nothing is scaled", f"{EXPECTED}: training divides by 1 − p", "by {keep:.4g}", lambda p, training: 1),
        mistake("training divides by p", "training divides by the share that is *kept*, 1 − p", "by {keep:.4g}, not {p:.4g}",
                result=scaled(lambda p, training: over(p) if training else 1), ways=({"result": scaled(lambda p, training: 1 / p if training and p else 1)},)),
        alone("training multiplies by 1 − p", "fewer units are there: those that are kept grow", "divide by {keep:.4g}",
              lambda p, training: 1 - p if training else 1),
        alone("training is scaled twice", "the scale goes in once: into the mask", "{scale:.4g}",
              lambda p, training: (1 - p) ** -2 if training else 1, lambda p, training: 1 / (1 - p) if training else 1),
        alone("evaluation is scaled as well", "inverted dropout does nothing at all in evaluation", "y is x",
              lambda p, training: 1 / (1 - p) if training else 1 - p),
        alone("it is the classic recipe", "here training divides by 1 − p, and evaluation does nothing", "by {keep:.4g}",
              lambda p, training: 1 if training else 1 - p),
        alone("y is scaled, and the mask is not", CARRIES, "{scale:.4g} where it keeps",
              lambda p, training: 1 / (1 - p) if training else 1, lambda p, training: 1),
        alone("the mask is scaled, and y is not", CARRIES, "both by {scale:.4g}", lambda p, training: 1,
              lambda p, training: 1 / (1 - p) if training else 1),
        mistake("evaluation returns a mask of 0", "nothing is dropped in evaluation: the mask is 1 everywhere", "y is x",
                result=lambda record, training: record if training else record | {"zeros": APART, "mask": 0.0}),
        mistake("p is taken for the probability of keeping", TAKEN, "a share of {p:.4g} is dropped, and the rest is divided by {keep:.4g}",
                result=lambda record, p, training: seen(record, share=1 - p, kept=1 / p, mask=1 / p) if training and p else record,
                ways=({"result": lambda record, p, training: swapped(record, p) if training else record},)),
        mistake("the mask marks what is dropped", f"{CARRIES}: it is 0 where y is 0", "{scale:.4g} where it keeps",
                result=lambda record, p, training: record | {"zeros": APART, "mask": 1.0 if p else 0.0} if training else record),
        mistake("y and the mask come from different draws", f"{CARRIES}: draw once, and use it for both", "{scale:.4g} where it keeps",
                result=lambda record: record | {"zeros": APART} if record["draws"] else record),
        *slips(also=lambda record: record | {"whole": PARTLY}),
    ),
)  # fmt: skip
def dropout(x, p, training, rng=None):
    return seen_pair(1 / (1 - p) if training else 1.0, p if training else 0.0)


def backward_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield upstream gradients with masks: small first, in evaluation, with channels, in every layout."""
    yield case(np.array([1.0, 10.0, 100.0]), np.array([2.0, 0.0, 2.0]), about="p = 0.5")
    yield case(counting(2, 3) - 4, np.array([[0.0, 1.25, 1.25], [1.25, 0.0, 1.25]]), about="p = 0.2")
    yield case(counting(2, 3), np.ones((2, 3)), about="evaluation: the mask is 1")
    yield case(counting(2, 3), np.zeros((2, 3)), about="nothing was kept")
    yield from every_layout(counting(2, 3), np.array([[4.0, 0.0, 4.0], [0.0, 4.0, 4.0]]))
    yield case(counting(2, 2).astype(np.float32), np.float32([[0, 2], [2, 2]]), about="float32")
    for _ in range(6):
        shape, keep = tuple(int(side) for side in rng.integers(2, 6, 4)), rng.uniform(0.2, 0.9)
        yield drawn(rng.normal(size=shape), (rng.random(shape) < keep) / keep)


LINEAR = "y is x · mask, so each gradient meets the same number of the mask as its x did"


@exercise(
    "Dropout, backward", points=3, cases=backward_cases, facts={"scale": lambda mask: mask.max()},
    why="what was dropped gets no gradient, and what was kept gets {scale:.4g} times what comes from above",
    help=("operands could not be broadcast together",),
    mistakes=(
        mistake("the scale is forgotten", LINEAR, "kept units get {scale:.4g} times the gradient", mask=lambda mask: (mask > 0).double()),
        mistake("the mask is not used", LINEAR, "what was dropped gets 0", mask=lambda mask: mask * 0 + 1),
        mistake("the mask is used twice", LINEAR, "{scale:.4g}, not its square", mask=lambda mask: mask**2),
        mistake("it divides by the scale", LINEAR, "{scale:.4g} times, not 1 / {scale:.4g} times",
                mask=lambda mask: mask.reciprocal().nan_to_num(posinf=0.0)),
        mistake("it divides by the mask", LINEAR, "multiply by it", instead=lambda dout, mask: dout / mask),
        mistake("the gradient goes where units were dropped", LINEAR, "it goes where the mask is not 0", mask=lambda mask: (mask == 0).double()),
        mistake("what was dropped gets the full gradient", LINEAR, "0 where the mask is 0", mask=lambda mask: torch_where(mask)),
        mistake("it uses 1 − mask", LINEAR, "{scale:.4g} where it kept, 0 where it dropped", mask=lambda mask: 1 - mask),
        mistake("what was dropped gets as much as what was kept", LINEAR, "0 where the mask is 0", mask=lambda mask: mask * 0 + mask.max()),
        mistake("it is divided by the number of images", "each x has a gradient of its own; where a mean was taken, `dout` knows it already", "nothing to divide",
                result=lambda y, dout: y / len(dout)),
        mistake("it is divided by the number of gradients", "each x has a gradient of its own; where a mean was taken, `dout` knows it already", "nothing to divide",
                result=lambda y: y / y.numel()),
        mistake("the mask itself is the result", LINEAR, "times the upstream gradient", dout=lambda dout: dout * 0 + 1),
        mistake("the sign is turned", "dropout has no minus sign, and neither has its gradient", "{scale:.4g} times", result=lambda y: -y),
        mistake("all gradients are added up", "each x has a gradient of its own", "the shape is that of x", result=lambda y: y.sum()),
        mistake("the gradients of all images are added up", "each x has a gradient of its own", "the shape is that of x", result=lambda y: y.sum(0)),
        mistake("negative gradients are lost", "dropout is no ReLU: it looks at the mask alone", "signs stay", result=lambda y: y.relu()),
    ),
)  # fmt: skip
def dropout_backward(dout, mask):
    x = mask.clone().requires_grad_()
    (x * mask).backward(dout)
    return x.grad


def torch_where(mask):
    return mask + (mask == 0)
