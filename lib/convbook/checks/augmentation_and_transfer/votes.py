"""Many crops, one answer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from convbook.checks.engine.benched import Benched
from convbook.checks.engine.declare import case, drawn, exercise, mistake
from convbook.checks.engine.epochs import bent as bend
from convbook.checks.engine.families_transfer import voted
from convbook.forms import Case

VOTES = {
    "forward": "asks the model in the wrong mode", "result": "returns something else than the mean of the probabilities",
    "mode": "does not put the mode back", "model": "changes the model",
}  # fmt: skip


def crops_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield crops for a model that comes in either mode."""
    fixed = np.random.default_rng(8)
    for mode, (n, c, h, w) in (("evaluation", (10, 3, 4, 4)), ("training", (10, 2, 5, 5)), ("training", (4, 3, 3, 5)), ("evaluation", (1, 4, 3, 3))):  # fmt: skip
        yield case({"mode": mode}, fixed.normal(size=(n, c, h, w)).astype(np.float32))
    yield drawn({"mode": "training"}, rng.normal(size=(int(rng.integers(5, 9)), 3, 4, 6)).astype(np.float32))


def made(name: str):
    return bend(made=name)


PROBABILITIES = (
    "`softmax(1)` gives every crop its probabilities, and `.mean(0)` averages over the crops: in this order"
)


@exercise(
    "Average at test time", points=3, cases=crops_cases, forbid="",
    observe=Benched("votes", voted, VOTES, lambda model, crops: f"a model with batch norm and dropout, in {model['mode']} mode before; crops {crops.shape}"),
    why="in evaluation mode: the probabilities of every crop, their mean over the crops, one number a class; then the mode as before",
    help=("Expected more than 1 value per channel", "Dimension out of range"),
    mistakes=(
        mistake("logits are averaged, and not probabilities", PROBABILITIES, edit=made("the probabilities of the mean logits")),
        mistake("logits are averaged, and there is no softmax", PROBABILITIES, edit=made("the mean of the logits")),
        mistake("log-probabilities are averaged", PROBABILITIES, edit=made("the mean of the log-probabilities")),
        mistake("sigmoid stands for softmax", "sigmoid looks at one logit alone, and its numbers do not sum to 1: " + PROBABILITIES, edit=made("the mean of the crops' sigmoids")),
        mistake("it is the geometric mean", "the mean of the logarithms, then `exp`, is another mean: " + PROBABILITIES, edit=made("the geometric mean of the probabilities")),
        mistake("the softmax goes over the crops", "the classes are axis 1: `softmax(1)`; each crop's probabilities sum to 1", edit=made("the mean of softmaxes over the crops")),
        mistake("it is the sum and not the mean", PROBABILITIES + "; a sum over ten crops is no probability", edit=made("the sum of the crops' probabilities")),
        mistake("each crop keeps its own probabilities", PROBABILITIES, edit=made("every crop's own probabilities")),
        mistake("the largest probability counts", PROBABILITIES, edit=made("the largest probability of each class")),
        mistake("it is the median", PROBABILITIES, edit=made("the median of the probabilities")),
        mistake("the crops vote, one voice each", "a crop that is nearly sure counts more than one that guesses: " + PROBABILITIES, edit=made("the share of the crops that vote for each class")),
        mistake("it is the class and not its probabilities", "return the mean probabilities, without `argmax`", edit=made("the class")),
        mistake("the mean goes over the classes", "average over axis 0, the crops", edit=made("a mean for each crop")),
        mistake("everything is averaged to one number", "average over axis 0, the crops: `.mean(0)`", edit=made("one mean of everything")),
        mistake("softmax is applied twice", PROBABILITIES, edit=made("softmax of the mean probabilities")),
        mistake("only the first crop counts", "all crops count", edit=made("the first crop's probabilities"), ways=({"edit": bend(asked="first")},)),
        mistake("only the last crop counts", "all crops count: is the mean inside the loop?", edit=made("the last crop's probabilities"), ways=({"edit": bend(asked="last")},)),
        mistake("nothing is returned", "is the `return` missing?", edit=made("nothing")),
        mistake("the model is asked in training mode", "`model.eval()` comes first: else dropout draws, and the crops' own statistics are used", edit=bend(forward="training"),
                ways=({"edit": bend(forward="as it was")},)),
        mistake("the model is left in evaluation mode", "remember `model.training` first, and put it back: `model.train(before)`", edit=bend(left="evaluation")),
        mistake("the model is left in training mode", "it may have been in evaluation mode: remember `model.training` first", edit=bend(left="training")),
    ),
)  # fmt: skip
def multi_crop_predict(model, crops):
    return {"forward": "evaluation", "result": "the mean of the crops' probabilities", "mode": "as before", "model": "as before"}  # fmt: skip
