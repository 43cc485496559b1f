"""Monte-Carlo prediction: many passes with dropout on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from convbook.checks.engine.declare import case, drawn, exercise, mistake
from convbook.checks.engine.passes import RAW, RIGHT, SAME, SPREAD, Passes
from convbook.forms import Case

BOTH = "two things are switched: dropout on (training mode), batch norm off (evaluation mode)"
ALONE = "a batch norm in training mode makes an image's prediction depend on its batch, and writes into its statistics"
RESTORE = "leave the model as you found it: write down `training` of every submodule first, `for part in model.modules()`"
ACROSS = "the spread of the passes is asked for: along the axis that you stacked them on"


def prediction_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield models in evaluation mode first, then in training mode, then with parts in either, then for images."""
    vectors = rng.normal(size=(4, 5)).astype(np.float32)
    yield case({"modes": "evaluation"}, vectors, 6)
    yield case({"modes": "training"}, vectors, 6)
    yield case({"modes": "mixed"}, vectors, 7)
    yield case({"modes": "evaluation"}, vectors[:1], 3, about="one image")
    yield case({"modes": "evaluation", "pixels": True}, rng.normal(size=(3, 5, 4, 6)).astype(np.float32), 5)
    yield drawn(
        {"modes": "training", "pixels": True},
        rng.normal(size=(2, 5, 3, 4)).astype(np.float32),
        int(rng.integers(8, 12)),
    )


def told(**parts: Any) -> Any:
    return lambda record: record | parts


def modes(after: str, **wanted: str) -> Any:
    """Return the change of the modes afterwards, where the model was not in them already."""
    return lambda record, model: record | ({"modes": after} if model.get("modes") in wanted.values() else {})


def all_alike(record: dict[str, Any], x: Any) -> dict[str, Any]:
    """Return what is seen of passes that all give the same: every spread of them is 0, and one pass is their mean."""
    if len(x) < 3:  # so few images may be alike by chance
        return record
    same = {"the variance": SPREAD, "the standard error of the mean": SPREAD, "the spread of the probabilities": SPREAD, "the last pass alone": RAW}  # fmt: skip
    return record | {
        "dropout": SAME,
        "mean": same.get(record["mean"], record["mean"]),
        "std": same.get(record["std"], record["std"]),
    }


@exercise(
    "Monte-Carlo prediction", points=3, cases=prediction_cases, observe=Passes(), forbid="",
    why="{passes} passes with dropout on and batch norm in test mode; the mean and the standard deviation of their raw outputs; all modes as before",
    help=("Expected more than 1 value per channel",),
    mistakes=(
        mistake("dropout is off", f"{BOTH}: without dropout all passes are alike", "{passes} passes", result=told(dropout="off")),
        mistake("batch norm is in training mode", f"{BOTH}; {ALONE}", "{passes} passes", result=told(norm="training", statistics="changed")),
        mistake("the model is left in training mode", RESTORE, "`model.train()` at the end is a guess", result=modes("all in training mode", a="evaluation", b="mixed"),
                ways=({"result": modes("all but batch norm in training mode", a="evaluation", b="mixed", c="training")},)),
        mistake("the model is left in evaluation mode", RESTORE, "`model.eval()` at the end is a guess", result=modes("all in evaluation mode", a="training", b="mixed")),
        mistake("dropout is left on", RESTORE, "dropout layers are submodules too", result=modes("only dropout in training mode", a="evaluation", b="mixed", c="training")),
        mistake("only the model's own mode is put back", f"`model.train(mode)` switches all submodules alike: {RESTORE}", "", result=modes("all in evaluation mode", b="mixed")),
        mistake("one pass is used again and again", "every pass calls the model once more: then other units are dropped", "{passes} passes", result=told(passes=1)),
        mistake("one pass is missing", "the number of passes is given", "{passes}", result=lambda record, passes: record | {"passes": passes - 1}),
        mistake("there is one pass too many", "the number of passes is given", "{passes}", result=lambda record, passes: record | {"passes": passes + 1}),
        mistake("probabilities are averaged", "the raw outputs are asked for, without a softmax", "`model(x)` as it is",
                result=told(mean="the mean of the probabilities", std="the spread of the probabilities")),
        mistake("it is the variance", "the standard deviation is its root", "{passes} passes", result=told(std="the variance")),
        mistake("it is the standard error of the mean", "the spread of the passes themselves is asked for: nothing is divided by their number", "{passes} passes",
                result=told(std="the standard error of the mean")),
        mistake("the spread is taken over the images", ACROSS, "{passes} passes", result=told(std="the spread over the images")),
        mistake("mean and spread are taken over the images", ACROSS, "{passes} passes", result=told(mean="the mean over the images", std="the spread over the images")),
        mistake("mean and spread are exchanged", "`return mean, std`, in this order", "{passes} passes", result=told(mean=SPREAD, std=RAW)),
        mistake("it is the sum of the passes", "the mean is the sum divided by their number", "{passes} passes", result=told(mean="the sum over the passes")),
        mistake("it is the last pass alone", "all passes count", "{passes} passes", result=told(mean="the last pass alone")),
        mistake("every pass drops the same units", "a seed set before each pass makes all of them alike: set none, or one before the first", "{passes} passes", result=all_alike),
    ),
)  # fmt: skip
def mc_predict(model, x, passes):
    return RIGHT | {"passes": passes}
