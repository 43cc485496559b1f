"""Activations, their gradients, and units that are dead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
import torch.nn.functional as functional

from convbook.checks.engine.declare import case, drawn, every_form, exercise, mistake
from convbook.forms import Case

KINDS = ("sigmoid", "tanh", "relu", "leaky_relu", "elu")
FAR = np.array([-1000.0, -50.0, 50.0, 1000.0])


def activation_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield every kind: a few numbers, 0 among them, numbers far out, whole tables, all layouts."""
    for kind in KINDS:
        yield case(np.array([-2.0, -0.5, 0.0, 0.5, 2.0]), kind)
    for kind in KINDS:
        yield case(FAR, kind, about="far out")
        yield case(np.array([[-1.0, 0.25, 3.0], [0.0, -3.0, 1.0]]), kind)
    for kind in KINDS:
        yield from every_form(np.array([[-1.0, 2.0], [0.5, -0.25]]), kind)
        yield drawn(2 * rng.normal(size=(2, 3, 2)), kind)


def of(*kinds: str):
    """Return a rule for some kinds: a wrong function of x takes the right one's place there."""

    def chosen(wrong):
        def result(y, x, kind):
            return wrong(x) if kind in kinds else y

        return result

    return chosen


def ratio(x):
    return (x.exp() - (-x).exp()) / (x.exp() + (-x).exp())


FINITE = "exp(1000) is infinite, and infinite divided by infinite is NaN"
SLOPE = "the slope below 0 is 0.01"


@exercise(
    "Activations", points=2, cases=activation_cases,
    why="sigmoid 1 / (1 + exp(−x)); tanh; relu max(0, x); leaky_relu 0.01 · x below 0; elu exp(x) − 1 below 0",
    help=("truth value of an array", "math range error"),
    mistakes=(
        mistake("sigmoid breaks far out", FINITE + ": use 1 / (1 + exp(−x)), or exp of what is negative", result=of("sigmoid")(lambda x: x.exp() / (1 + x.exp()))),
        mistake("tanh breaks far out", FINITE + ": `np.tanh` knows what to do", result=of("tanh")(ratio)),
        mistake("elu breaks far out", FINITE + ", and infinite times 0 is NaN: `np.where`, or the exponential of min(x, 0)",
                result=of("elu")(lambda x: (x > 0) * x + (x <= 0) * x.expm1())),
        mistake("leaky_relu slopes by 0.1", SLOPE, result=of("leaky_relu")(lambda x: functional.leaky_relu(x, 0.1)),
                ways=({"result": of("leaky_relu")(lambda x: functional.leaky_relu(x, 0.2))},)),
        mistake("leaky_relu slopes upwards below 0", SLOPE + ", and the values there are negative", result=of("leaky_relu")(lambda x: x.relu() + 0.01 * (-x).relu())),
        mistake("elu forgets to subtract 1", "exp(x) − 1 goes through 0, exp(x) does not", result=of("elu")(lambda x: torch.where(x > 0, x, x.clamp(max=0).exp()))),
        mistake("elu subtracts the 1 inside the exponential", "exp(x) − 1, not exp(x − 1)", result=of("elu")(lambda x: torch.where(x > 0, x, (x.clamp(max=0) - 1).exp()))),
        mistake("the sigmoid is turned round", "1 / (1 + exp(−x)) grows with x", result=of("sigmoid")(lambda x: (-x).sigmoid())),
        mistake("sigmoid and tanh are exchanged", "sigmoid lies between 0 and 1, tanh between −1 and 1",
                instead=lambda again, kind: again(kind={"sigmoid": "tanh", "tanh": "sigmoid"}.get(kind, kind))),
        mistake("sigmoid lies between −1 and 1", "that is tanh; sigmoid lies between 0 and 1", result=of("sigmoid")(lambda x: x.tanh())),
        mistake("every kind is a relu", "`kind` says which function is asked for", kind=lambda: "relu"),
        mistake("tanh lies between 0 and 1", "that is a sigmoid of 2x; tanh lies between −1 and 1", result=of("tanh")(lambda x: (2 * x).sigmoid()), ways=({"result": of("tanh")(lambda x: x.sigmoid())},)),
        mistake("sigmoid lies between −½ and ½", "it lies between 0 and 1: the ½ is missing", result=of("sigmoid")(lambda x: x.sigmoid() - 0.5)),
        mistake("sigmoid is twice as steep", "1 / (1 + exp(−x)); as a tanh: (1 + tanh(x / 2)) / 2", result=of("sigmoid")(lambda x: (2 * x).sigmoid())),
        mistake("relu stops at 6", "above 0 it is x, however large", result=of("relu")(lambda x: x.clamp(0, 6))),
        mistake("relu is smooth", "that is softplus; relu is max(0, x)", result=of("relu")(functional.softplus)),
        mistake("relu asks once for the whole array", "each number by itself: `np.maximum(x, 0)`, not `max`", result=of("relu")(lambda x: x * 0 + x.max().clamp(min=0))),
        mistake("leaky_relu is 0.01 below 0", "0.01 · x: a slope, not a level", result=of("leaky_relu")(lambda x: torch.where(x > 0, x, 0.01))),
        mistake("leaky_relu takes the smaller of the two", "the larger of x and 0.01 · x", result=of("leaky_relu")(lambda x: torch.minimum(x, 0.01 * x))),
        mistake("elu is upside down below 0", "exp(x) − 1, not 1 − exp(x)", result=of("elu")(lambda x: torch.where(x > 0, x, -x.clamp(max=0).expm1()))),
        mistake("elu is multiplied by 0.01 below 0", "only leaky_relu has the 0.01", result=of("elu")(lambda x: functional.elu(x, 0.01))),
        mistake("relu takes the absolute value", "relu is 0 below 0", result=of("relu")(lambda x: x.abs())),
        mistake("relu keeps what is below 0", "relu is max(0, x), not min(0, x)", result=of("relu")(lambda x: x.clamp(max=0))),
        mistake("relu gives 0 and 1", "relu keeps the number itself above 0; 0 and 1 are its gradient", result=of("relu")(lambda x: (x > 0) * 1.0)),
        mistake("leaky_relu is a relu", SLOPE, result=of("leaky_relu")(lambda x: x.relu())),
        mistake("elu is a relu", "elu is exp(x) − 1 below 0", result=of("elu")(lambda x: x.relu())),
    ),
)  # fmt: skip
def activation(x, kind):
    return getattr(functional, kind)(x)


def slope(x, kind) -> Any:
    """Return PyTorch's own gradient."""
    leaf = x.clone().requires_grad_()
    return torch.autograd.grad(getattr(functional, kind)(leaf).sum(), leaf)[0]


OF_X = "the gradient is asked for at x: compute the activation first"


@exercise(
    "Their gradients", points=3, cases=activation_cases,
    why="sigmoid s·(1 − s); tanh 1 − t²; relu 1 above 0, else 0; leaky_relu 1 above 0, else 0.01; elu 1 above 0, else exp(x)",
    help=("truth value of an array",),
    mistakes=(
        mistake("it is the activation, not its gradient", "the slope of the function at x is asked for", instead=lambda x, kind: getattr(functional, kind)(x)),
        mistake("relu has the gradient 1 at 0", "PyTorch takes 0 there: `x > 0`, not `x >= 0`", result=of("relu")(lambda x: (x >= 0) * 1.0)),
        mistake("relu has the gradient ½ at 0", "PyTorch takes 0 there", result=of("relu")(lambda x: (x.sign() + 1) / 2)),
        mistake("leaky_relu has the gradient 1 at 0", "PyTorch takes the slope from below, 0.01", result=of("leaky_relu")(lambda x: torch.where(x >= 0, 1.0, 0.01))),
        mistake("leaky_relu and elu have the gradient 0 below 0", "they still slope there: that is what they are for", result=of("leaky_relu", "elu")(lambda x: (x > 0) * 1.0),
                ways=({"result": of("leaky_relu")(lambda x: (x > 0) * 1.0)}, {"result": of("elu")(lambda x: (x > 0) * 1.0)})),
        mistake("the formula of sigmoid is fed with x itself", OF_X + ", then s·(1 − s)", result=of("sigmoid")(lambda x: x * (1 - x))),
        mistake("the formula of tanh is fed with x itself", OF_X + ", then 1 − t²", result=of("tanh")(lambda x: 1 - x**2)),
        mistake("the formulas of sigmoid and tanh are fed with x itself", OF_X, result=lambda y, x, kind: {"sigmoid": x * (1 - x), "tanh": 1 - x**2}.get(kind, y)),
        mistake("tanh has the gradient of sigmoid", "1 − t², with t = tanh(x)", result=of("tanh")(lambda x: x.tanh() * (1 - x.tanh()))),
        mistake("the square of tanh is missing", "1 − t², not 1 − t", result=of("tanh")(lambda x: 1 - x.tanh())),
        mistake("tanh has a quarter of its gradient", "1 − t², with t = tanh(x)", result=of("tanh")(lambda x: (1 - x.tanh() ** 2) / 4),
                ways=({"result": of("tanh")(lambda x: x.sigmoid() * (1 - x.sigmoid()))},)),
        mistake("tanh has the gradient of a tanh of x/2", "1 − t², with t = tanh(x)", result=of("tanh")(lambda x: 4 * x.sigmoid() * (1 - x.sigmoid()))),
        mistake("sigmoid gives the sigmoid itself", "s·(1 − s): the second factor is missing", result=of("sigmoid")(lambda x: x.sigmoid())),
        mistake("sigmoid falls", "s·(1 − s) is positive: a sigmoid only grows", result=of("sigmoid")(lambda x: -x.sigmoid() * (1 - x.sigmoid()))),
        mistake("leaky_relu gives its value below 0", "the slope of 0.01 · x is 0.01", result=of("leaky_relu")(lambda x: torch.where(x > 0, 1.0, 0.01 * x))),
        mistake("elu is multiplied by x below 0", "exp(x) is its own slope: no factor comes down", result=of("elu")(lambda x: torch.where(x > 0, 1.0, x * x.clamp(max=0).exp()))),
        mistake("elu has the gradient exp(−x)", "exp(x): it fades below 0", result=of("elu")(lambda x: torch.where(x > 0, 1.0, (-x.clamp(-50, 0)).exp())),
                ways=({"result": of("elu")(lambda x: torch.where(x > 0, 1.0, (-x.clamp(max=0)).exp()))},)),
        mistake("relu has the gradient −1 below 0", "it is flat there: 0", result=of("relu")(lambda x: x.sign())),
        mistake("elu has the gradient exp(x) − 1", "the −1 is a constant, its slope is 0", result=of("elu")(lambda x: torch.where(x > 0, 1.0, x.clamp(max=0).expm1()))),
        mistake("relu and leaky_relu give x above 0", "the slope of x is 1", result=of("relu", "leaky_relu")(lambda x: torch.where(x > 0, x, x * 0)),
                ways=({"result": of("relu")(lambda x: x.relu())}, {"result": lambda y, x, kind: getattr(functional, kind)(x) if "relu" in kind else y})),
        mistake("leaky_relu slopes by 0.1", SLOPE, result=of("leaky_relu")(lambda x: torch.where(x > 0, 1.0, 0.1))),
        mistake("sigmoid breaks far out", FINITE, result=of("sigmoid")(lambda x: (-x).exp() / (1 + (-x).exp()) ** 2), ways=({"result": of("sigmoid")(lambda x: x.exp() / (1 + x.exp()) ** 2)},)),
        mistake("tanh breaks far out", FINITE, result=of("tanh")(lambda x: 1 - ratio(x) ** 2)),
        mistake("elu breaks far out", FINITE + ", and infinite times 0 is NaN", result=of("elu")(lambda x: (x > 0) + (x <= 0) * x.exp())),
    ),
)  # fmt: skip
def activation_gradient(x, kind):
    return slope(x, kind)


DYING = np.array([[1.0, 0.0, -1.0, 0.0], [0.0, 0.0, -2.0, 3.0]])


def unit_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield what units gave for several examples: some of them never above 0."""
    yield case(np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 2.0]]))
    yield case(DYING)
    yield case(np.array([[0.0, 0.0, 5.0]]), about="one example")
    yield case(np.zeros((3, 2)), about="all are dead")
    yield case(np.ones((2, 5)), about="none is dead")
    yield case(np.array([[-0.01, 2.0], [-0.02, 1.0], [-0.01, 4.0]]), about="a leaky unit below 0")
    yield case(np.array([[1.0, 3.0], [-1.0, 0.0], [-4.0, 0.0]]), about="their sum may be below 0")
    yield case(np.array([[1e-9, 1.0, 0.0], [0.0, 0.0, 0.0]]), about="above 0, if only just")
    yield from every_form(DYING)
    for _ in range(8):
        n, units = (int(side) for side in rng.integers([2, 3], [6, 9]))
        yield drawn(np.maximum(rng.normal(size=(n, units)), 0) * (rng.random(units) < 0.6))
    yield drawn(rng.normal(-1, 1, size=(30, 40)))


DEAD = "a unit is dead when it is never above 0, for none of the examples"


@exercise(
    "Dead units", points=3, cases=unit_cases, shapes="activations (n, units)",
    facts={"never": lambda activations: (activations <= 0).all(0).sum(), "zeros": lambda activations: (activations <= 0).sum()},
    why="{never} of {units} units are above 0 for none of the {n} examples",
    mistakes=(
        mistake("it is the share of zeros", DEAD + ": a zero here and there is its job", "{zeros} of {n} · {units} numbers are not above 0, but {never} units are dead",
                instead=lambda activations: (activations <= 0).double().mean()),
        mistake("a unit counts as dead that was 0 once", DEAD + ": `all`, not `any`", "{never} units", instead=lambda activations: (activations <= 0).any(0).double().mean()),
        mistake("it counts examples, not units", "units are the columns: look along axis 0", "{units} units, {n} examples", instead=lambda activations: (activations <= 0).all(1).double().mean()),
        mistake("it is the share of units that live", "dead ones are asked for", "{never} of {units}", result=lambda y: 1 - y),
        mistake("it is the number of dead units", "a share between 0 and 1: divide by the number of units", "{never} of {units}", result=lambda y, units: y * units),
        mistake("the dead units are divided by the number of examples", "divide by the number of units", "{units}, not {n}", result=lambda y, n, units: y * units / n),
        mistake("only units that are exactly 0 count", "never above 0: what stays below 0 is dead too", "{never} units", instead=lambda activations: (activations == 0).all(0).double().mean()),
        mistake("a unit at 0 counts as living", "0 is not above 0: `<= 0`, not `< 0`", "{never} units", instead=lambda activations: (activations < 0).all(0).double().mean()),
        mistake("the sum of a unit is looked at", "what is above 0 once may be outweighed: take the maximum", instead=lambda activations: (activations.sum(0) <= 0).double().mean()),
        mistake("it is in percent", "a share between 0 and 1 is asked for", result=lambda y: 100 * y),
        mistake("a unit just above 0 counts as dead", "above 0 is above 0: no tolerance is asked for", instead=lambda activations: (activations <= 1e-8).all(0).double().mean(),
                ways=tuple({"instead": lambda activations, e=e: (activations <= e).all(0).double().mean()} for e in (1e-7, 1e-6, 1e-5, 1e-4, 1e-3))),
        mistake("a unit that is mostly at 0 counts as dead", DEAD, instead=lambda activations: ((activations <= 0).double().mean(0) > 0.5).double().mean(),
                ways=({"instead": lambda activations: ((activations <= 0).double().mean(0) >= 0.5).double().mean()},)),
        mistake("a unit that never changes counts as dead", DEAD, instead=lambda activations: (activations == activations[:1]).all(0).double().mean()),
        mistake("the whole layer is asked at once", DEAD + ": one answer for each unit, `axis=0`", "{units} units", instead=lambda activations: (activations <= 0).all().double()),
        mistake("it tells which units are dead", "the share of them is asked for: `.mean()`", instead=lambda activations: (activations <= 0).all(0)),
        mistake("only the first example is looked at", DEAD, "there are {n}", activations=lambda activations: activations[:1]),
    ),
)  # fmt: skip
def dead_fraction(activations):
    return (activations.amax(0) <= 0).double().mean()
