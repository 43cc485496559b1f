"""How many networks there are in one, and what they say together."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as functional

from convbook.checks.engine.counts import Counts
from convbook.checks.engine.declare import case, counting, drawn, every_form, exercise, mistake, table
from convbook.forms import Case

EACH = "every unit is there or not, whatever the others do: the possibilities multiply"
BINARY = "each unit has 2 possibilities"


def unit_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield layers of a few units, then the lecture's 4096 and sizes beyond any float."""
    yield from table((3,), (1,), (2,), (4,), (5,), (10,), (64,), (1000,), (4096,))
    yield drawn(int(rng.integers(12, 60)))
    yield drawn(int(rng.integers(1100, 3000)))


def exponential(units):
    """Return e to the power of units as a whole number, or what is wanted where no float can hold it."""
    return round(math.exp(units)) if units < 700 else 2**units


@exercise(
    "How many networks", points=2, cases=unit_cases, observe=Counts(), counts=True,
    why="{units} units with 2 possibilities each", help=("out of range", "math range error"),
    mistakes=(
        mistake("it is the square, not the power", EACH, "2 · 2 · … with {units} factors", result=lambda units: units**2),
        mistake("the possibilities are added up", EACH, "2 · 2 · …, not 2 + 2 + …", result=lambda units: 2 * units),
        mistake("the mask that drops everything is left out", "it is a mask too", "all {units} units dropped is one possibility", result=lambda y: y - 1),
        mistake("the masks that drop everything and nothing are left out", "they are masks too", "two more", result=lambda y: y - 2),
        mistake("one unit is left out", EACH, "{units} units, {units} factors", units=lambda units: units - 1),
        mistake("one unit too many is counted", EACH, "{units} units, {units} factors", units=lambda units: units + 1),
        mistake("the orders of the units are counted", "a mask says which units are there, not in which order", "{units} times the factor 2",
                result=lambda units: math.factorial(units)),
        mistake("only masks that drop one unit at most are counted", EACH, "any number of units may be dropped", result=lambda units: units + 1),
        mistake("only masks that drop one unit are counted", EACH, "any number of units may be dropped", result=lambda units: units),
        mistake("only masks that drop half of the units are counted", "p = 0.5 is a probability: any number may be dropped", "any number of {units}",
                result=lambda units: math.comb(units, units // 2)),
        mistake("it is the number of units to the power of itself", EACH, "2 is raised to the power of {units}", result=lambda units: units**units),
        mistake("each unit has three possibilities", BINARY + ": dropped or kept", "2 to the power of {units}, not 3", result=lambda units: 3**units),
        mistake("e is raised to a power", BINARY + ": the base is 2, not e", "{units} factors of 2", result=exponential),
        mistake("pairs of units are counted", EACH, "any number of {units} units may be dropped", result=lambda units: math.comb(units, 2)),
        mistake("the whole numbers up to units are added up", EACH, "the factor 2, {units} times", result=lambda units: math.comb(units + 1, 2)),
        mistake("`^` is no power", "in Python `^` compares bit by bit; a power is `**`", "{units} factors", result=lambda units: 2 ^ units),
        mistake("the number is too large for NumPy", "NumPy's whole numbers end at 2⁶³ − 1 and then begin anew; Python's have no end: `2`, not `np.int64(2)`",
                "{units} units", result=lambda y: (y + 2**63) % 2**64 - 2**63),
    ),
)  # fmt: skip
def number_of_masks(units):
    return math.prod(len(states) for states in torch.tensor([[0, 1]]).expand(units, 2))


def log_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield the same layers, and some whose number of masks nobody can write down."""
    yield from unit_cases(rng)
    yield case(1_000_000)


def ten_to_the(units):
    """Return 10 to the power of units, and infinity beyond all floats."""
    return 10.0**units if units < 309 else math.inf


@exercise(
    "How many digits", points=1, cases=log_cases, observe=Counts(),
    why="each of {units} units multiplies the number by 2, and adds log10(2) to its logarithm", help=("out of range", "math range error"),
    mistakes=(
        mistake("it is the natural logarithm", "the base is asked to be 10", "{units} units", result=lambda y: y * math.log(10)),
        mistake("it is the logarithm to base 2", "the base is asked to be 10", "{units} is the logarithm to base 2", result=lambda units: units),
        mistake("it is the logarithm of the number of units", "asked for is the number of *masks*", "2 to the power of {units}",
                result=lambda units: math.log10(units)),
        mistake("it is divided by log10(2)", "each unit *adds* log10(2), about 0.3", "{units} times", result=lambda units: units / math.log10(2)),
        mistake("log10(2) is raised to a power", "the logarithm of a power is a product: log(aᵇ) = b · log(a)", "{units} times log10(2)",
                result=lambda units: math.log10(2) ** units),
        mistake("it is rounded down", "the logarithm itself is asked for, with its fractions", "{wanted:.4f}", result=lambda y: y.floor()),
        mistake("it is rounded", "the logarithm itself is asked for, with its fractions", "{wanted:.4f}", result=lambda y: y.round()),
        mistake("it is rounded to two digits", "leave the rounding to whoever prints it", "{wanted:.4f}", result=lambda y: (y * 100).round() / 100),
        mistake("it is the product of two logarithms", "log(aᵇ) = b · log(a): the exponent stands there as it is", "{units} · log10(2)",
                result=lambda units: math.log10(2) * math.log10(units)),
        mistake("2 is raised to the logarithm of the number of units", "the logarithm is taken of the power, not the other way round", "{units} · log10(2)",
                result=lambda units: 2 ** math.log10(units)),
        mistake("10 is raised to a power", "the logarithm asks which power of 10 the number is; it is no power itself", "{units} · log10(2)", result=ten_to_the),
        mistake("it is the number of digits", "the number of digits is the logarithm, rounded down, plus 1", "{wanted:.4f}", result=lambda y: y.floor() + 1),
        mistake("it is infinite for large layers", "2 to such a power is no float any more: take the logarithm first, and multiply",
                "{units} · log10(2)", result=lambda y: math.inf if y > 308 else y),
        mistake("it is half of that", "each unit has two states, and adds log10(2)", "{units} units", result=lambda y: y / 2),
        mistake("only one mask is counted", "the logarithm of 1 is 0", "{units} units", result=lambda y: 0.0),
    ),
)  # fmt: skip
def log10_masks(units):
    return torch.tensor(2.0).log10() * units


def average_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield one unit with inputs that can be followed by hand, then several."""
    yield case(np.array([1.0, 3.0]), np.array([[1.0, -1.0], [2.0, 1.0], [1.0, 0.0]]), 0.25)
    yield case(np.array([3.0, 1.0]), np.array([[1.0, -1.0]]), 0.5, about="half and half")
    yield case(np.array([2.0]), np.array([[1.0], [3.0]]), 0.8, about="one input")
    yield case(
        np.array([1.0, 2.0, 4.0]),
        np.array([[1.0, 1.0, -1.0], [-1.0, 2.0, 0.5]]),
        0.0,
        about="nothing is dropped",
    )
    yield case(counting(3), -counting(2, 3), 0.3, about="never above 0")
    yield from every_form(counting(3), counting(2, 3) * np.array([1.0, -1.0, 1.0]), 0.25)
    for _ in range(6):
        inputs, outputs = (int(side) for side in rng.integers(2, 7, 2))
        yield drawn(
            rng.normal(size=inputs), rng.normal(size=(outputs, inputs)), float(rng.choice([0.1, 0.3, 0.7]))
        )
    yield drawn(rng.normal(size=9), rng.normal(size=(2, 9)), 0.2)


def masks(x):
    """Return all masks of an input, one a row."""
    return torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * len(x)).reshape(-1, len(x))


def weighted(x, w, p, activation=torch.relu, scale=1.0):
    """Return the mean of the sub-networks, each with its probability."""
    kept = masks(x)
    chances = torch.where(kept > 0, 1 - p, p).prod(1)
    return chances @ activation(functional.linear(kept * x * scale, w))


def binomial(inputs, p):
    """Return the probability that so many of all inputs are kept, from none to all."""
    return torch.tensor([math.comb(inputs, k) * (1 - p) ** k * p ** (inputs - k) for k in range(inputs + 1)])


def repeated(x, w, p):
    """Return what comes out if each mask's probability is multiplied by how many masks keep as many inputs."""
    kept = masks(x)
    many = torch.tensor([float(math.comb(len(x), int(k))) for k in kept.sum(1)])
    return (torch.where(kept > 0, 1 - p, p).prod(1) * many) @ torch.relu(functional.linear(kept * x, w))


WEIGH = (
    "a mask with k of {inputs} inputs kept has the probability (1 − p)ᵏ · pⁿ⁻ᵏ, with n the number of inputs"
)
AFTER = "every sub-network has its own ReLU, and the mean is taken afterwards"


@exercise(
    "Average them all", points=6, cases=average_cases, shapes="x (inputs), w (outputs, inputs) -> (outputs)",
    facts={"keep": lambda p: 1 - p, "many": lambda inputs: 2**inputs},
    why="{many} masks, each weighted with {keep:.4g} for an input it keeps and {p:.4g} for one it drops; the ReLU comes before the mean",
    shape="one number for each of the {outputs} rows of w", help=("matmul: Input operand 1 has a mismatch in its core dimension",),
    mistakes=(
        mistake("all masks count alike", "masks are not equally likely, unless p is 0.5", WEIGH, p=lambda p: 0.5),
        mistake("keep and drop are exchanged", "p is the probability that an input is dropped", "{keep:.4g} for an input that is kept", p=lambda p: 1 - p),
        mistake("it is the scaled network", f"{AFTER}: relu of the mean is another number", "{many} sub-networks",
                instead=lambda x, w, p: torch.relu(w @ x * (1 - p))),
        mistake("it is the whole network, unscaled", f"{AFTER}: all masks count", "there are {many}", instead=lambda x, w: torch.relu(w @ x)),
        mistake("the ReLU is missing", AFTER, "negative sums become 0 first", instead=lambda x, w, p: weighted(x, w, p, lambda y: y)),
        mistake("kept inputs are divided by 1 − p", "the masks here are 0 and 1, without a scale", "{keep:.4g} stays out of it",
                instead=lambda x, w, p: weighted(x, w, p, scale=1 / (1 - p))),
        mistake("the mean is multiplied by 1 − p besides", "the probabilities do that already", "not by {keep:.4g} once more", result=lambda y, p: y * (1 - p)),
        mistake("it is divided by the number of masks besides", "the probabilities add up to 1: nothing is left to divide", "not by {many}", result=lambda y, many: y / many),
        mistake("the results are added up without weights", "a mean weighs: each mask with its probability", WEIGH, result=lambda again, many: again(p=0.5) * many),
        mistake("the mask that keeps everything is left out", "all masks count", "{many} of them", result=lambda y, x, w, p: y - (1 - p) ** len(x) * torch.relu(w @ x)),
        mistake("only masks that drop one input count", "any number of inputs may be dropped", "{many} masks",
                instead=lambda x, w, inputs: torch.relu(functional.linear((1 - torch.eye(inputs)) * x, w)).mean(0)),
        mistake("the probability counts only what is kept", "an input that is dropped has a probability too: p", WEIGH,
                instead=lambda x, w, p: ((1 - p) ** masks(x).sum(1)) @ torch.relu(functional.linear(masks(x) * x, w))),
        mistake("masks with as many inputs kept are counted twice over", "a binomial coefficient counts masks, and here each mask has its own turn", WEIGH,
                instead=repeated),
        mistake("the ReLU is applied to the inputs", AFTER, "it belongs around `w @ (mask * x)`", instead=lambda x, w, p: torch.relu(x) @ w.swapaxes(0, -1) * (1 - p)),
        mistake("the ReLU is applied to each product", AFTER, "it belongs around the whole sum `w @ (mask * x)`", instead=lambda x, w, p: (1 - p) * torch.relu(w * x).sum(1)),
        mistake("the mask that drops everything is left out, and the rest is made to add up to 1", "it counts too, with the probability pⁿ", "{many} masks",
                result=lambda y, p, inputs: y / (1 - p**inputs)),
        mistake("only the mask that keeps everything counts", "all masks count, each with its probability", "there are {many}",
                instead=lambda x, w, p: (1 - p) ** len(x) * torch.relu(w @ x)),
        mistake("one mask stands for all that keep as many inputs", "masks with as many inputs kept still keep different ones", "{many} masks, one after the other",
                instead=lambda x, w, p, inputs: binomial(inputs, p) @ torch.relu(functional.linear(torch.tril(torch.ones(inputs + 1, inputs), -1) * x, w))),
        mistake("the probabilities of a mask's inputs are added", "inputs are dropped independently: their probabilities multiply", WEIGH,
                instead=lambda x, w, p: torch.where(masks(x) > 0, 1 - p, p).sum(1) @ torch.relu(functional.linear(masks(x) * x, w))),
        mistake("it takes the absolute value", "a ReLU makes negative sums 0, not positive", "{many} sub-networks", instead=lambda x, w, p: weighted(x, w, p, torch.abs)),
        mistake("the outputs are added up", "each row of w has its own mean", "{outputs} numbers", result=lambda y: y.sum()),
        mistake("one mask's result for each is returned, not their mean", "one mean is asked for", "{outputs} numbers", instead=lambda x, w: torch.relu(functional.linear(masks(x) * x, w))),
    ),
)  # fmt: skip
def subnetwork_average(x, w, p):
    return weighted(x, w, p)
