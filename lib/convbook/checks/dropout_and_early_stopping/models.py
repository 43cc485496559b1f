"""Predictions by many passes, and training that stops in time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from convbook.answers.rehearsal import FILLED
from convbook.checks.engine.declare import case, drawn, exercise, mistake
from convbook.checks.engine.passes import RAW, RIGHT, SAME, SPREAD, Passes
from convbook.checks.engine.stopping import OTHERS, OWN, Stopping, plateau
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


def stopping_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield short stories of losses: a plateau, ups and downs, tiny gains, and one that gets better to the end."""
    yield case(2, None, (4.0, 3.0, 3.5, 3.25))
    yield case(1, None, (4.0, 3.0, 2.0, 3.0), about="one chance only")
    yield case(3, None, (5.0, 6.0, 4.0, 4.5, 4.25, 4.75, 1.0), about="ups and downs")
    yield case(2, None, (3.0, 2.0, 2.0, 2.0, 1.0), about="an equal loss is not better")
    yield case(3, None, (3.0, 2.5, 2.25, 2.0, 1.0), about="better to the end")
    yield case(3, 0.5, (4.0, 3.75, 3.625, 3.25, 3.125, 3.0, 2.875, 2.5), about="many small gains")
    yield case(2, 0.5, (4.0, 3.5, 3.25, 1.0), about="a gain of exactly min_delta")
    yield case(2, 0.25, (4.0, 4.125, 3.875, 3.0, 3.125, 2.875), about="tiny changes both ways")
    yield case(3, 0.25, (2.0, 1.0, 3.0, 2.0, 1.5, 0.5), about="better than the last loss, not than the best")
    yield case(2, None, (5e6, 3e6, 2e6, 4e6, 2.5e6), about="losses may be of any size")
    yield drawn(3, None, tuple(float(v) for v in rng.integers(1, 9, 12) / 2))
    yield drawn(4, 1.0, tuple(float(v) for v in rng.integers(1, 40, 14) / 4))


COPY = "a state-dict holds the model's own tensors, and training writes into them: copy each (`clone`, or `copy.deepcopy`)"
BETTER = "better is: below best_loss by *more* than min_delta"
ROW = "what counts is how many updates *in a row* were not better"


def creeping(scheduler: Any, loss: float, bad: int) -> None:
    scheduler.best = min(scheduler.best, loss)


def counted_on(scheduler: Any, loss: float, bad: int) -> None:
    if scheduler.num_bad_epochs == 0 and scheduler.last_epoch > 0:
        scheduler.num_bad_epochs = bad


def last_one(scheduler: Any, loss: float, bad: int) -> None:
    scheduler.best = loss


def against_last(patience: int, min_delta: Any, losses: Any) -> dict[str, Any]:
    """Return what comes of comparing each loss with the one before."""
    record = plateau(patience, min_delta, losses, last_one)
    better = [i for i in range(len(record["said"])) if i == 0 or losses[i] < losses[i - 1] - (min_delta or 0)]
    best = [losses[max(b for b in better if b <= i)] for i in range(len(record["said"]))]
    return record | {"best": best, **all_at(float(better[-1]))}


def counted_against_last(patience: int, min_delta: Any, losses: Any) -> dict[str, Any]:
    """Return what comes of a best that is kept well, and a count that asks whether a loss is better than the one before."""
    said = against_last(patience, min_delta, losses)["said"]
    return plateau(len(losses) + 1, min_delta, losses[: len(said)]) | {"said": said}


def first_one(losses: Any) -> Any:
    """Return the bend that puts the first loss back in the place of the best."""

    def bend(scheduler: Any, loss: float, bad: int) -> None:
        scheduler.best = losses[0]

    return bend


def never_better(patience: int, min_delta: Any, losses: Any) -> dict[str, Any]:
    """Return what comes of a best loss that no loss can reach: a stop after `patience` updates, and no snapshot."""
    said = [str(step + 1 >= patience) for step in range(min(patience, len(losses)))]
    return {"said": said, "best": [0.0] * len(said), **all_at(FILLED), "kept": OWN}


def least_so_far(record: dict[str, Any], losses: Any) -> dict[str, Any]:
    """Return a record whose best loss and snapshot are those of the least loss so far."""
    seen = losses[: len(record["said"])]
    best = [min(seen[: i + 1]) for i in range(len(seen))]
    return record | {"best": best, **all_at(float(seen.index(best[-1])))}


def all_at(step: float) -> dict[str, float]:
    return {"weights": step, "buffers": step, "again": step}


def gains(record: dict[str, Any], min_delta: Any, losses: Any) -> dict[str, Any]:
    """Return a record whose snapshot is made where a loss is better than the least so far by more than min_delta."""
    better = [
        i for i in range(len(record["said"])) if i == 0 or losses[i] < min(losses[:i]) - (min_delta or 0)
    ]
    return record | all_at(float(better[-1]))


@exercise(
    "Stop in time", points=6, cases=stopping_cases, observe=Stopping(), forbid="",
    why="stop at update {patience} in a row that is not below best_loss by more than min_delta; restore a copy of the best, buffers included",
    help=("object has no attribute 'best_loss'", "Expected state_dict to be dict-like"),
    mistakes=(
        mistake("the best is kept by reference, not as a copy", COPY, "or `restore` does nothing at all", result=lambda r: r | all_at(FILLED)),
        mistake("buffers are forgotten", "buffers belong to the model as well, such as batch norm's running statistics: `state_dict()` has them, `parameters()` has not",
                "", result=lambda r: r | {"buffers": FILLED}),
        mistake("it stops one update too late", "at update number `patience` it says True already: `>=`, not `>`", "patience is {patience}", patience=lambda patience: patience + 1),
        mistake("it stops one update too early", "only updates that are not better count", "patience is {patience}",
                patience=lambda patience: patience - 1),
        mistake("min_delta has the wrong sign", f"{BETTER}: `loss < best_loss - min_delta`", "", min_delta=lambda min_delta: -(min_delta or 0)),
        mistake("min_delta is ignored", BETTER, "", min_delta=lambda: 0.0),
        mistake("a gain of exactly min_delta counts as better", f"{BETTER}: `<`, not `<=`", "", min_delta=lambda min_delta: (min_delta or 0) - 1e-9),
        mistake("the count is not reset", f"{ROW}: a better one sets the count back to 0", "patience is {patience}",
                instead=lambda patience, min_delta, losses: plateau(patience, min_delta, losses, counted_on)),
        mistake("best_loss follows every small gain", "best_loss changes together with the snapshot: only where the loss is better by more than min_delta; else many small gains never count",
                "", instead=lambda patience, min_delta, losses: gains(plateau(patience, min_delta, losses, creeping), min_delta, losses),
                ways=({"instead": lambda patience, min_delta, losses: plateau(patience, min_delta, losses, creeping)},)),
        mistake("each loss is compared with the one before", "it is compared with the *best* so far", "patience is {patience}",
                instead=against_last, ways=({"instead": lambda patience, min_delta, losses: least_so_far(against_last(patience, min_delta, losses), losses)},
                                            {"instead": lambda patience, min_delta, losses: plateau(patience, min_delta, losses, last_one)},
                                            {"instead": counted_against_last})),
        mistake("best_loss stays at the first loss", "a better loss becomes best_loss: the next has to be better than that", "",
                instead=lambda patience, min_delta, losses: plateau(patience, min_delta, losses, first_one(losses))),
        mistake("best_loss starts at 0", "no loss lies below 0, so nothing is ever better: before the first update it is infinite, `math.inf`", "", instead=never_better),
        mistake("a larger loss counts as better", "a loss is better when it is smaller", "", instead=lambda patience, min_delta, losses: plateau(patience, min_delta, losses, mode="max")),
        mistake("every update makes a snapshot", "only a better update does: the last state is what you want to get away from", "",
                result=lambda r: r | all_at(len(r["said"]) - 1.0)),
        mistake("only the first update makes a snapshot", "every better update replaces the snapshot", "", result=lambda r: r | all_at(0.0)),
        mistake("the restored weights go on changing the snapshot", "restoring must copy once more: `load_state_dict` does", "", result=lambda r: r | {"again": FILLED}),
        mistake("the model gets new tensors", "its optimiser knows the old ones: write into them, as `load_state_dict` does", "", result=lambda r: r | {"kept": OTHERS}),
        mistake("update returns nothing while training goes on", "it returns False then: `return` at the end, on every path", "", result=lambda r: r | {"said": ["None" if s == "False" else s for s in r["said"]]}),
        mistake("True and False are exchanged", "True means stop", "", result=lambda r: r | {"said": ["True"], "best": r["best"][:1], **all_at(0.0)} if r["said"][0] == "False" else r),
    ),
)  # fmt: skip
def EarlyStopper(patience, min_delta, losses):
    return plateau(patience, min_delta, losses)
