"""The step of an optimizer, and the loss with its gradient."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as functional

from convbook.checks.engine.declare import case, drawn, every_form, exercise, mistake
from convbook.checks.engine.families_steps import bent, scaled, stepped
from convbook.checks.engine.stepping import Steps, joined
from convbook.forms import Case


def lists(*shapes: tuple[int, ...], fill) -> list[list[np.ndarray]]:
    """Return params, grads and velocity: three lists of arrays of these shapes."""
    return [[fill(shape) for shape in shapes] for _ in range(3)]


def step_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield parameters with gradients and a velocity: one number first, then arrays of several shapes."""
    one = [np.array([1.0])], [np.array([2.0])], [np.array([10.0])]
    yield case(*one, 0.1)
    yield case(*one, 0.1, 0.5, 0.0)
    yield case(*one, 0.1, 0.5, 0.3)
    yield case(
        [np.array([1.0, 2.0])],
        [np.array([3.0, -1.0])],
        [np.zeros(2)],
        0.1,
        about="the first step: no velocity yet",
    )
    yield case(*one, 0.1, momentum=0.0, about="plain gradient descent")
    yield case(*one, 0.1, weight_decay=0.5)
    yield case(
        [np.array([-2.0])],
        [np.array([0.0])],
        [np.array([0.0])],
        0.1,
        0.9,
        0.5,
        about="only the decay moves it",
    )
    for _ in range(8):
        rate, momentum, decay = (
            float(rng.uniform(0.01, 1)),
            float(rng.uniform(0.2, 0.95)),
            float(rng.uniform(0.01, 0.5)),
        )
        yield drawn(*lists((2, 3), (4,), (1, 2, 2, 3), fill=rng.standard_normal), rate, momentum, decay)


def first_only(params, grads, velocity, *rest):
    """Return what a right step on the first array alone leaves."""
    made, many = stepped(params, grads, velocity, *rest), params[0].size
    lists = {"params": params, "velocity": velocity}
    return made | {
        name: np.concatenate([made[name][:many], joined(arrays)[many:]])
        for name, arrays in lists.items()
        if made[name] is not None
    }


RULE = "g = grad + weight_decay · p, then v = momentum · v + g, then p = p − lr · v"


@exercise(
    "The step", points=5, cases=step_cases, observe=Steps(), why=RULE,
    help=("output array is read-only", "unsupported operand type(s) for *: 'float' and 'list'"),
    mistakes=(
        mistake("the momentum is an average", "PyTorch's velocity is a sum, v = momentum · v + g, not momentum · v + (1 − momentum) · g",
                instead=lambda params, grads, velocity, lr, momentum, weight_decay: stepped(params, grads, velocity, lr, momentum, weight_decay, dampening=momentum)),
        mistake("the decay comes after the step", "PyTorch's SGD adds the decay to the gradient, so that it goes through the velocity too",
                instead=bent(lambda y, p, g, v, lr, m, wd: {"velocity": y["velocity"] - wd * p if m else None, "params": (y["params"] + lr * wd * p) * (1 - lr * wd)})),
        mistake("the decay leaves the velocity out", "the decay is part of the gradient: add it before the velocity moves",
                instead=bent(lambda y, p, g, v, lr, m, wd: {"velocity": y["velocity"] - wd * p if m else None})),
        mistake("there is no weight decay", "g = grad + weight_decay · p", weight_decay=lambda: 0.0),
        mistake("the decay pushes outwards", "the decay pulls the weights towards 0: it is added to the gradient",
                instead=bent(lambda y, p, g, v, lr, m, wd: {"velocity": y["velocity"] - 2 * wd * p if m else None, "params": y["params"] + 2 * lr * wd * p})),
        mistake("the decay has the gradient's size", "weight_decay is multiplied with the parameter, not with its gradient",
                instead=lambda params, grads, velocity, lr, momentum, weight_decay: stepped(params, scaled(grads, 1 + weight_decay), velocity, lr, momentum, 0.0)
                | {"grads": joined(grads)}),
        mistake("the arrays stay as they were", "the very arrays in the lists change: `p -= …` or `p[...] = …`; `p = p - …` and `params[i] = …` only make new arrays",
                result=lambda params, grads, velocity, momentum: {"params": joined(params), "velocity": joined(velocity) if momentum else None, "grads": joined(grads)}),
        mistake("there is no momentum", "v = momentum · v + g, and the step goes along v", instead=bent(lambda y, p, g, v, lr, m, wd:
                {"velocity": v if m else None, "params": p - lr * (g + wd * p)})),
        mistake("the velocity points downhill", "PyTorch's v adds up gradients as they are: the minus is in p = p − lr · v",
                instead=bent(lambda y, p, g, v, lr, m, wd: {"velocity": m * v - lr * (g + wd * p) if m else None, "params": p + m * v - lr * (g + wd * p)}),
                ways=({"instead": bent(lambda y, p, g, v, lr, m, wd: {"velocity": m * v - (g + wd * p) if m else None, "params": p + lr * (m * v - (g + wd * p))})},)),
        mistake("the gradients are changed", "the decay goes into a new array, `g = g + …`: `g += …` writes into the caller's gradients",
                result=lambda y, params, grads, weight_decay: y | {"grads": joined(grads) + weight_decay * joined(params)}),
        mistake("the old velocity is forgotten", "v = momentum · v + g remembers the steps before", velocity=lambda velocity: scaled(velocity, 0)),
        mistake("the velocity is not kept", "it must hold the new value after the step: `v[...] = ...`", instead=bent(lambda y, p, g, v, lr, m, wd: {"velocity": v if m else None})),
        mistake("the step is taken with the old velocity", "the velocity moves first, then the parameter moves by it",
                instead=bent(lambda y, p, g, v, lr, m, wd: {"params": p - lr * v}),
                ways=({"instead": bent(lambda y, p, g, v, lr, m, wd: {"params": p - lr * v, "velocity": y["velocity"] - wd * lr * v if m else None})},)),
        mistake("only the first of the arrays changes", "go through the three lists together: `zip(params, grads, velocity)`; is a `return` inside the loop?",
                instead=lambda params, grads, velocity, lr, momentum, weight_decay: first_only(params, grads, velocity, lr, momentum, weight_decay)),
        mistake("the momentum is always 0.9", "it is an argument: 0.9 is only what it is unless told otherwise", momentum=lambda: 0.9),
        mistake("the old velocity does not fade", "momentum multiplies the old velocity, not the gradient: v = momentum · v + g",
                instead=bent(lambda y, p, g, v, lr, m, wd: {"velocity": v + m * (g + wd * p) if m else None, "params": p - lr * (v + m * (g + wd * p))})),
        mistake("the decay is doubled", "g = grad + weight_decay · p, without a factor 2", weight_decay=lambda weight_decay: 2 * weight_decay),
        mistake("the step goes uphill", "a gradient points uphill: subtract", instead=bent(lambda y, p, g, v, lr, m, wd: {"params": 2 * p - y["params"]})),
        mistake("the step takes the gradient, not the velocity", "p = p − lr · v", instead=bent(lambda y, p, g, v, lr, m, wd: {"params": p - lr * (g + wd * p)})),
        mistake("the learning rate is inside the velocity", "PyTorch keeps v free of lr: p = p − lr · v",
                instead=bent(lambda y, p, g, v, lr, m, wd: {"velocity": y["velocity"] - (1 - lr) * (g + wd * p) if m else None,
                                                           "params": p - m * v - lr * (g + wd * p)})),
        mistake("there is no learning rate", "p = p − lr · v", instead=bent(lambda y, p, g, v, lr, m, wd: {"params": p - (p - y["params"]) / lr})),
        mistake("it looks ahead", "that is Nesterov's variant; plain momentum is asked for",
                instead=lambda params, grads, velocity, lr, momentum, weight_decay: stepped(params, grads, velocity, lr, momentum, weight_decay, nesterov=momentum > 0)),
        mistake("the gradients are multiplied by the momentum", "momentum multiplies the old velocity only",
                instead=bent(lambda y, p, g, v, lr, m, wd: {"velocity": m * (v + g + wd * p) if m else None, "params": p - lr * m * (v + g + wd * p)})),
    ),
)  # fmt: skip
def sgd_momentum_step(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    return stepped(params, grads, velocity, lr, momentum, weight_decay)


def loss_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield logits with labels: one image first, then batches, then logits that are too large for an exponential."""
    yield case(np.array([[1.0, 3.0]]), np.array([0]))
    yield case(np.array([[1.0, 3.0], [2.0, 0.0]]), np.array([0, 0]))
    yield case(np.array([[0.0, 1.0, 2.0], [2.0, 0.0, -1.0]]), np.array([2, 1]))
    yield case(np.zeros((2, 4)), np.array([3, 1]), about="all classes alike")
    yield case(np.array([[1.0, 0.5, -1.0], [0.0, 1.0, 4.0], [2.0, 3.0, 3.5]]), np.array([0, 2, 1]))
    yield case(np.array([[1000.0, 0.0, 1001.0]]), np.array([2]), about="huge logits")
    yield case(
        np.array([[-1000.0, -1001.0], [-2000.0, -2003.0]]), np.array([0, 1]), about="huge negative logits"
    )
    yield case(np.array([[0.0, 900.0]]), np.array([0]), about="surely wrong: the loss is 900")
    yield from every_form(np.array([[1.0, 2.0, 0.5], [0.0, -1.0, 1.0]]), np.array([2, 0]))
    for number in range(6):
        n, classes = (int(side) for side in rng.integers([2, 2], [7, 11]))
        yield drawn(rng.normal(size=(n, classes)) * (1 + 4 * (number % 2)), rng.integers(0, classes, n))


def naive(logits, labels, loss):
    """Return the loss of an unshifted softmax, and its gradient, as they overflow."""
    powers = logits.exp()
    shares = powers / powers.sum(1, keepdim=True)
    return loss(logits, powers, shares).mean(), (shares - functional.one_hot(labels, logits.shape[1])) / len(
        labels
    )


def shifted(logits, labels, shift):
    """Return loss and gradient by a log-softmax of logits that are shifted like this, as they overflow."""
    return naive(logits - shift, labels, lambda z, powers, shares: powers.sum(1).log() - own(z, labels))


def own(values, labels):
    return values[torch.arange(len(labels)), labels]


MEAN = "the mean over the batch, so that the step does not depend on the batch's size"


@exercise(
    "The loss and its gradient", points=6, cases=loss_cases, shapes="logits (n, classes), labels (n)",
    facts={"scores": lambda logits: logits[0], "label": lambda labels: labels[0]},
    why="loss: the mean over {n} images of log(Σ exp(logits)) minus the label's logit; gradient: (softmax − one-hot) / {n}",
    help=("too many indices for array", "invalid value encountered"),
    mistakes=(
        mistake("the loss is summed over the batch", MEAN, "yours is {n} times the mean", result=lambda y, n: (y[0] * n, y[1])),
        mistake("the gradient is not divided by the batch's size", "the loss is a mean, so its gradient has the factor 1/n", "n = {n}", result=lambda y, n: (y[0], y[1] * n)),
        mistake("loss and gradient are of the sum, not of the mean", MEAN, "n = {n}", result=lambda y, n: (y[0] * n, y[1] * n)),
        mistake("the softmax overflows", "exp(1000) is infinite: subtract each row's largest logit first; the softmax stays the same",
                instead=lambda logits, labels: naive(logits, labels, lambda z, e, p: -own(p, labels).log()),
                ways=({"instead": lambda logits, labels: naive(logits, labels, lambda z, e, p: e.sum(1).log() - own(z, labels))},
                      {"result": lambda y, logits, labels: (naive(logits, labels, lambda z, e, p: -own(p, labels).log())[0], y[1])})),
        mistake("the logarithm of 0 is taken", "a probability may round to 0: compute log-softmax, logits − max − log Σ exp, without the detour",
                result=lambda y, logits, labels: (-own(logits.softmax(1), labels).log().mean(), y[1])),
        mistake("a small number is added inside the logarithm", "it hides the infinity and gives another loss: log-softmax needs no such help",
                result=lambda y, logits, labels: (-(own(logits.softmax(1), labels) + 1e-12).log().mean(), y[1]),
                ways=tuple({"result": lambda y, logits, labels, e=e: (-(own(logits.softmax(1), labels) + e).log().mean(), y[1])} for e in (1e-15, 1e-10, 1e-9, 1e-8, 1e-7))),
        mistake("the softmax is applied twice", "logits come in, not probabilities: one softmax is enough", logits=lambda logits: logits.softmax(1)),
        mistake("the softmax runs over the images", "each row is an image, and its scores add up to 1: axis 1", "{n} images, {classes} classes",
                instead=lambda logits, labels: (-own(logits.log_softmax(0), labels).mean(), (logits.softmax(0) - functional.one_hot(labels, logits.shape[1])) / len(labels)),
                ways=({"instead": lambda logits, labels: (-own(logits.softmax(0), labels).log().mean(), (logits.softmax(0) - functional.one_hot(labels, logits.shape[1])) / len(labels))},)),
        mistake("1 is subtracted in whole columns", "only at the label of each row: `d[np.arange(n), labels] -= 1`; `d[:, labels]` is all rows", "{n} places, one in each row",
                result=lambda y, logits, labels, n: (y[0], (logits.softmax(1) - functional.one_hot(labels, logits.shape[1]).amax(0)) / n)),
        mistake("the gradient is the softmax alone", "minus 1 at the label: (softmax − one-hot) / n", result=lambda y, logits, n: (y[0], logits.softmax(1) / n)),
        mistake("the gradient is only at the label", "every class has one: softmax elsewhere, softmax − 1 at the label",
                result=lambda y, logits, labels: (y[0], y[1] * functional.one_hot(labels, logits.shape[1]))),
        mistake("it is the gradient with respect to the probabilities", "go on through the softmax: together they give (softmax − one-hot) / n",
                result=lambda y, logits, labels, n: (y[0], -functional.one_hot(labels, logits.shape[1]) / logits.softmax(1) / n)),
        mistake("the gradient is divided by the number of classes", "the loss is a mean over the images, so the factor is 1/n", "{n} images, {classes} classes",
                result=lambda y, n, classes: (y[0], y[1] * n / classes)),
        mistake("the same number is subtracted from all rows", "each row has its own largest logit: `logits.max(axis=1, keepdims=True)`",
                instead=lambda logits, labels: shifted(logits, labels, logits.max()),
                ways=({"instead": lambda logits, labels: naive(logits - logits.max(), labels, lambda z, e, p: -own(p, labels).log())},)),
        mistake("the smallest logit is subtracted", "the largest: then no exponential is above 1", instead=lambda logits, labels: shifted(logits, labels, logits.amin(1, keepdim=True))),
        mistake("it is another logarithm", "`np.log` is the natural one", result=lambda y: (y[0] / np.log(2), y[1]), ways=({"result": lambda y: (y[0] / np.log(10), y[1])},)),
        mistake("the loss takes whole columns", "one place in each row: `[np.arange(n), labels]`; `[:, labels]` is all rows",
                result=lambda y, logits, labels: (-logits.log_softmax(1)[:, labels].mean(), y[1])),
        mistake("the loss is that of the first image", "the mean over all of them", "{n} images", result=lambda y, logits, labels: (functional.cross_entropy(logits[:1], labels[:1]), y[1])),
        mistake("it is a squared error", "the cross-entropy is −log of the label's share", result=lambda y, logits, labels:
                (((logits.softmax(1) - functional.one_hot(labels, logits.shape[1])) ** 2).sum(1).mean(), y[1])),
        mistake("the gradient points the wrong way", "(softmax − one-hot) / n, not the other way round", result=lambda y: (y[0], -y[1])),
        mistake("the loss is negative", "a logarithm of a share is below 0: its negative is the loss", result=lambda y: (-y[0], y[1])),
        mistake("the logarithm is missing", "the loss is −log of the label's share", result=lambda y, logits, labels: (1 - own(logits.softmax(1), labels).mean(), y[1]),
                ways=({"result": lambda y, logits, labels: (-own(logits.softmax(1), labels).mean(), y[1])},)),
        mistake("the loss is a mean over all scores", "each image has one loss: divide by n, not by n · classes", "{n} images", result=lambda y, classes: (y[0] / classes, y[1])),
        mistake("every image keeps its own loss", "one number, their mean, is asked for", result=lambda y, logits, labels: (functional.cross_entropy(logits, labels, reduction="none"), y[1])),
        mistake("the gradient comes first", "the order is (loss, dlogits)", result=lambda y: y[::-1]),
        mistake("only the loss is returned", "its gradient is asked for too: `return loss, dlogits`", result=lambda y: y[0]),
    ),
)  # fmt: skip
def softmax_cross_entropy(logits, labels):
    leaf = logits.clone().requires_grad_()
    loss = functional.cross_entropy(leaf, labels)
    return loss, torch.autograd.grad(loss, leaf)[0]
