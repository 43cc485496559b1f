"""An observer of objects that watch a loss: when they say stop, what they call the best, what they restore.

PyTorch's own `ReduceLROnPlateau` is the oracle: it lowers the learning rate after a number of losses that are not better, and
here that is the moment to stop. Steps of a training are numbered, and step i leaves the number i in all weights and buffers.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import nn
from torch.optim.lr_scheduler import ReduceLROnPlateau

from convbook.answers import Answer
from convbook.answers.rehearsal import APART, FILLED
from convbook.answers.values import Reference
from convbook.checks.engine.compare import Fault
from convbook.checks.engine.observe import Records
from convbook.checks.engine.oracles import Oracle
from convbook.forms import Case, Reply

OWN, OTHERS = "its own tensors", "other tensors"


class Idle(torch.optim.Optimizer):
    """An optimizer with a learning rate and nothing to train: a real one loads PyTorch's compiler, which takes seconds."""

    def __init__(self) -> None:
        self.param_groups, self.state, self.defaults = [{"lr": 1.0}], {}, {}


def plateau(
    patience: int,
    min_delta: float | None,
    losses: Sequence[float],
    after: Callable[[Any, float, int], None] | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Return when PyTorch's scheduler calls a plateau, its best loss after each step, and which step that was from.

    `after` may bend the scheduler after a step: it gets the scheduler, the loss and how many had been bad before.
    """
    optimizer = Idle()
    scheduler = ReduceLROnPlateau(optimizer, **{"patience": patience - 1, "threshold": min_delta or 0.0, "threshold_mode": "abs",
                                  "factor": 0.5, "eps": 0.0, **options})  # fmt: skip
    said, best, step_of_best = [], [], 0
    for step, loss in enumerate(losses):
        before, bad = scheduler.best, scheduler.num_bad_epochs
        scheduler.step(loss)
        lowered = optimizer.param_groups[0]["lr"] < 1
        better = scheduler.num_bad_epochs == 0 and not lowered
        if after is not None:
            after(scheduler, loss, bad)
        step_of_best = step if better or scheduler.best != before else step_of_best
        best.append(float(scheduler.best))
        said.append(str(lowered))
        if said[-1] == "True":
            break
    return alone({"said": said, "best": best, "weights": float(step_of_best), "buffers": float(step_of_best),
                  "again": float(step_of_best), "kept": OWN})  # fmt: skip


def alone(record: dict[str, Any]) -> dict[str, Any]:
    """Return the record of an object that no other one disturbs."""
    return {"apart": APART, **record}


class Stopping(Records):
    """Build an object with a patience, show it losses, and let it restore a model twice."""

    wants = "the class"
    library = "PyTorch"
    words: Mapping[str, str] = {
        "apart": "mixes up two objects of the class",
        "said": "says stop at the wrong moment",
        "best": "holds the wrong best_loss",
        "weights": "restores the wrong weights",
        "buffers": "restores the wrong buffers",
        "again": "restores something else the second time",
        "kept": "gives the model new tensors, which its optimiser does not know",
    }

    def watch(self, answer: Answer, case: Case, seconds: float, forbid: str) -> Reply:
        rehearsal = answer.place(Reference("rehearsal"))
        patience, min_delta, losses = case.args
        return rehearsal.call(answer, patience, min_delta, list(losses), seconds=seconds)

    def part_fault(self, part: str, yours: Any, goal: Any, case: Case) -> Fault | None:
        """Return how one part differs; where objects share what they remember, nothing else can be believed."""
        fault = super().part_fault(part, yours, goal, case)
        if fault is None or part != "apart":
            return fault
        hint = "two objects were used in turn; all objects share what stands on the class: set it in `__init__`, as `self.…`"
        return replace(fault, hint=hint, final=True)

    def told(self, part: str, value: Any) -> str:
        if part == "said":
            words = [{"False": "go on", "True": "stop"}.get(one, one) for one in value]
            return ", ".join(words)
        if part == "apart":
            return value
        if part == "best":
            return "best_loss " + ", ".join(f"{one:g}" for one in value)
        if part == "kept":
            return f"the model holds {value}"
        after = " after later training" if part == "again" else ""
        source = (
            "from later training" if value == FILLED else "mixed" if value != value else f"of step {value:g}"
        )
        return f"{'buffers' if part == 'buffers' else 'weights'} {source}{after}"

    def alike(self, part: str, yours: Any, goal: Any, case: Case) -> bool:
        if part == "best":
            return len(yours) == len(goal) and all(
                abs(a - b) < 1e-9 or a == b for a, b in zip(yours, goal, strict=True)
            )
        return bool(yours == goal)

    def mutant(self, oracle: Oracle, ways: Sequence[Any]) -> Callable[..., Any]:
        """Return a class that says, step by step, what a bent record says, and fills a model with its numbers."""
        if not ways:
            raise ValueError("only a bent record becomes a class: the straight one is the exercise")
        return type(
            oracle.function.__name__,
            (Scripted,),
            {"script": staticmethod(functools.partial(oracle.run, kwargs={}, changes=ways))},
        )

    def case_text(self, question: Any, case: Case) -> str:
        patience, min_delta, losses = case.args
        delta = "" if min_delta is None else f", min_delta {min_delta:g}"
        return f"patience {patience}{delta}; losses {', '.join(f'{loss:g}' for loss in losses)}"


class Scripted:
    """Stand for an object that makes a mistake: it looks up in a record what to say."""

    script: Callable[..., dict[str, Any]]

    def __init__(self, patience: int, min_delta: float | None = None):
        self.patience, self.min_delta = patience, min_delta
        self.losses: list[float] = []
        self.restored = 0
        self.record: dict[str, Any] = {}

    def update(self, loss: float, model: Any) -> Any:
        self.losses.append(loss)
        self.record = self.script((self.patience, self.min_delta, tuple(self.losses)))
        self.best_loss = self.record["best"][-1]
        return {"True": True, "False": False}.get(self.record["said"][-1])

    def restore(self, model: Any) -> None:
        self.restored += 1
        weights = self.record["weights" if self.restored == 1 else "again"]
        if self.record["kept"] == OTHERS:
            model.weight = nn.Parameter(torch.empty_like(model.weight))
        model.fill(weights, self.record["buffers"])
