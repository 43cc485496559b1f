"""One epoch of training, and an honest evaluation: loops over batches, run on a bench and watched."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as functional

from convbook.checks.engine.declare import case, drawn, exercise, mistake
from convbook.checks.engine.epochs import Loops
from convbook.checks.engine.epochs import bent as bend
from convbook.checks.engine.families_loops import LEARNED, example, judged, scores, taught
from convbook.forms import Case


def epoch_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield a network in either mode, with batches of one size and of several."""
    fixed = np.random.default_rng(5)
    yield case(*example(fixed, (3, 3, 3), mode="training"), {"lr": 0.5, "momentum": 0.0})
    yield case(
        *example(fixed, (4, 4, 2), mode="training"),
        {"lr": 0.5, "momentum": 0.0},
        about="the last batch is short",
    )
    yield case(
        *example(fixed, (4, 4, 3), mode="evaluation"),
        {"lr": 0.5, "momentum": 0.0},
        about="it comes in evaluation mode",
    )
    yield case(*example(fixed, (5, 5, 5, 2), mode="training"), {"lr": 0.2, "momentum": 0.9})
    for mode in ("training", "evaluation"):
        yield drawn(
            *example(rng, (6, 6, 6, int(rng.integers(2, 6))), mode=mode),
            {"lr": float(rng.uniform(0.1, 0.5)), "momentum": 0.8},
        )


EPOCH = {
    "batches": "does not take every batch", "forward": "trains in the wrong mode", "weights": "leaves other weights",
    "loss": "returns another loss", "mode": "leaves the model in the wrong mode",
}  # fmt: skip


ZERO = "PyTorch *adds* to `.grad`: `optimizer.zero_grad()` before every `backward`"
SHARE = "each example counts alike: add up loss · examples, and divide by all examples at the end"


@exercise(
    "One epoch", points=5, cases=epoch_cases, observe=Loops("training", taught, EPOCH), forbid="",
    why="for each batch: forward, cross-entropy, zero_grad, backward, step; the result is the mean loss of all examples",
    help=("object of type 'generator' has no len()", "element 0 of tensors does not require grad", "grad can be implicitly created only for scalar outputs"),
    mistakes=(
        mistake("the gradients are not zeroed", ZERO, edit=bend(step="kept")),
        mistake("the weights never move", "`backward` computes gradients, and `optimizer.step()` uses them: is it there, and nothing zeroed between the two?",
                edit=bend(step="never")),
        mistake("the step comes before the gradients", "first `backward`, then `step`: else each step uses the gradients of the batch before", edit=bend(step="before")),
        mistake("it is the mean of the batches' losses", SHARE + "; the short batch counts less", edit=bend(report="batches")),
        mistake("it is the sum of the batches' losses", SHARE, edit=bend(report="sum")),
        mistake("the loss is summed over all examples", SHARE, edit=bend(report="all")),
        mistake("the sum of the batches' losses is divided by the examples", "`F.cross_entropy` is a mean already: multiply by the batch's size before adding up",
                edit=bend(report="mixed")),
        mistake("it is the loss of the last batch", SHARE, edit=bend(report="last")),
        mistake("it is the loss of the first batch", SHARE + ": is the `return` inside the loop?", edit=bend(report="first")),
        mistake("it is the accuracy", "the mean cross-entropy is asked for", edit=bend(report="accuracy")),
        mistake("it is a list of losses", SHARE, edit=bend(report="list")),
        mistake("it is a tensor with its graph", "`loss.item()` is a plain number: a tensor keeps every batch's way back in memory, and NumPy refuses it",
                edit=bend(report="graph")),
        mistake("there is one step after all batches", "`optimizer.step()` after each `backward`, inside the loop", edit=bend(step="once")),
        mistake("each step is taken twice", "one `optimizer.step()` for each batch", edit=bend(step="twice")),
        mistake("all batches are joined to one", "one step for each batch: that is what makes them mini-batches", edit=bend(batches="joined")),
        mistake("the short batch is left out", "every example counts in every epoch", edit=bend(batches="full")),
        mistake("logits are taken for log-probabilities", "`F.nll_loss` wants a log-softmax; `F.cross_entropy` applies it itself", edit=bend(logits="raw")),
        mistake("nothing is returned", "the mean cross-entropy is asked for: is the `return` missing?", edit=bend(report="nothing")),
        mistake("the loss is measured after the step", "report the loss that was differentiated, and not a second forward pass", edit=bend(report="after")),
        mistake("the gradient is of the sum of a batch", "`F.cross_entropy` is a mean by default: with a sum the step grows with the batch", edit=bend(reduction="sum")),
        mistake("probabilities go into the loss", "`F.cross_entropy` takes logits and applies the softmax itself", edit=bend(logits="softmax")),
        mistake("it trains in evaluation mode", "`model.train()` comes first: batch norm and dropout work otherwise in evaluation", edit=bend(mode="evaluation")),
        mistake("the mode is left as it was", "an evaluation may have come before: `model.train()` comes first", edit=bend(mode="as it was")),
        mistake("the model is left in evaluation mode", "it is left in training mode", edit=bend(left="evaluation")),
        mistake("only the first batch is used", "an epoch is one pass over all batches: is the `return` inside the loop?", edit=bend(batches="first")),
    ),
)  # fmt: skip
def train_epoch(model, batches, optimizer):
    weights = {
        name: torch.tensor(value, requires_grad=name in LEARNED) for name, value in model["weights"].items()
    }
    leaves = [weights[name] for name in LEARNED]
    stepping = torch.optim.SGD(leaves, optimizer["lr"], optimizer["momentum"])
    total, many = 0.0, 0
    for x, y in batches:
        loss = functional.cross_entropy(scores(weights, torch.tensor(x), True), torch.tensor(y))
        for leaf, gradient in zip(leaves, torch.autograd.grad(loss, leaves), strict=True):
            leaf.grad = gradient
        stepping.step()
        total, many = total + loss.item() * len(y), many + len(y)
    flat = np.concatenate([leaf.detach().numpy().ravel() for leaf in leaves])
    return {
        "batches": len(batches),
        "forward": "training",
        "weights": flat,
        "loss": total / many,
        "mode": "training",
    }


MODES = (
    ({}, "on", "all in training mode"), ({"": False, "0": False, "1": False, "2": False, "3": False}, "on", "all in evaluation mode"),
    ({"1": False}, "on", "a part is frozen: in evaluation mode inside a model in training mode"),
    ({"1.0": False}, "on", "a part of a part is frozen"),
    ({"": False}, "off", "only the model itself is in evaluation mode, and gradients are off"),
)  # fmt: skip


def evaluation_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield a network with its parts in any modes, with batches of one size and of several."""
    fixed = np.random.default_rng(11)
    yield case(*example(fixed, (4, 4), modes={}, gradients="on"))
    for modes, gradients, about in MODES:
        yield case(*example(fixed, (6, 6, 1), modes=modes, gradients=gradients), about=about)
    for modes, gradients, about in MODES[1:]:
        yield drawn(
            *example(rng, (7, 7, 7, int(rng.integers(1, 5))), modes=modes, gradients=gradients), about=about
        )


EVALUATION = {
    "forward": "evaluates in the wrong mode", "inside": "keeps gradients while it evaluates", "accuracy": "returns another accuracy",
    "mode": "does not restore the modes", "gradients": "leaves gradients switched off or on", "model": "changes the model",
}  # fmt: skip


SUBMODULES = "`model.train(was)` sets all parts alike: remember `m.training` of every one of `model.modules()`, and put each back"


@exercise(
    "Honest evaluation", points=5, cases=evaluation_cases, observe=Loops("evaluation", judged, EVALUATION), forbid="",
    why="in evaluation mode, without gradients: the share of all examples whose largest logit is the label's; then every mode as before",
    help=("object of type 'generator' has no len()", "only tensors, variables, functions, objects implementing __cuda_array_interface__"),
    mistakes=(
        mistake("it evaluates in training mode", "`model.eval()` comes first: in training mode batch norm uses the batch, and a prediction depends on its neighbours",
                edit=bend(mode="training"), ways=({"edit": bend(mode="as it was")},)),
        mistake("the model is left in evaluation mode", "whoever trains on must find it as it was: " + SUBMODULES, edit=bend(restored="evaluation")),
        mistake("the model is left in training mode", "`model.train()` at the end also wakes what was frozen: " + SUBMODULES, edit=bend(restored="training")),
        mistake("the parts get the mode of the whole", SUBMODULES, edit=bend(restored="the model's")),
        mistake("the parts of a part get its mode", SUBMODULES + ": `m.children()` are only the outermost", edit=bend(restored="the children's")),
        mistake("the weights are frozen for good", "`requires_grad_(False)` holds for ever, and nothing learns any more: use `with torch.no_grad():`", edit=bend(model="frozen")),
        mistake("the gradients are cleared", "whoever trains on may still need them: an evaluation leaves `.grad` alone", edit=bend(model="emptied")),
        mistake("gradients are kept", "`with torch.no_grad():` round the loop saves memory and time", edit=bend(gradients="on"), ways=({"edit": bend(gradients="forced")},)),
        mistake("gradients stay switched off", "`torch.set_grad_enabled(False)` holds for the whole notebook: use `with torch.no_grad():`", edit=bend(gradients="left off")),
        mistake("gradients are switched on afterwards", "they must be as they were before: `with torch.no_grad():` sees to it", edit=bend(gradients="left on")),
        mistake("it is the mean of the batches' accuracies", "each example counts alike: count what is right and divide by all examples", edit=bend(report="batches")),
        mistake("it is in percent", "a share between 0 and 1 is asked for", edit=bend(report="percent")),
        mistake("it is the number of right ones", "divide by the number of examples", edit=bend(report="count")),
        mistake("the right ones are divided by the number of batches", "divide by the number of examples", edit=bend(report="over batches")),
        mistake("all batches are taken for equally long", "the last one may be short: count the examples as they come", edit=bend(report="equal")),
        mistake("the smallest logit is looked for", "`argmax`: the class with the largest", edit=bend(report="smallest")),
        mistake("it is the mean probability of the label", "a right answer counts 1, a wrong one 0", edit=bend(report="probability")),
        mistake("it is rounded", "the share itself is asked for", edit=bend(report="rounded")),
        mistake("it is the share of wrong ones", "the accuracy is the share of right ones", edit=bend(report="error")),
        mistake("it is the accuracy of the last batch", "all batches count", edit=bend(report="last")),
        mistake("it is the accuracy of the first batch", "all batches count: is the `return` inside the loop?", edit=bend(report="first")),
        mistake("it is the loss", "the accuracy is asked for", edit=bend(report="loss")),
        mistake("nothing is returned", "is the `return` missing?", edit=bend(report="nothing")),
    ),
)  # fmt: skip
def evaluate(model, batches):
    weights = {name: torch.tensor(value) for name, value in model["weights"].items()}
    x, y = (torch.cat([torch.tensor(pair[part]) for pair in batches]) for part in (0, 1))
    accuracy = (scores(weights, x, False).argmax(1) == y).double().mean()
    return {
        "forward": "evaluation",
        "inside": "off",
        "accuracy": float(accuracy),
        "mode": "as before",
        "gradients": model["gradients"],
        "model": "as before",
    }
