"""An observer of predictions by many passes: what a function does to a model's modes, and what it makes of its outputs.

The model is the course's own (`answers.rehearsal.Noisy`) and keeps a diary. Nothing is left to chance here: the wanted mean and
spread are those of the very outputs that the diary holds, so that a right answer is never refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from convbook.answers import Answer, Built
from convbook.answers.values import Reference
from convbook.checks.engine.compare import Fault, shown
from convbook.checks.engine.observe import Records
from convbook.checks.engine.oracles import Oracle
from convbook.forms import Case, Reply

SAME = "on, with the same draws each time,"
RAW, SPREAD = "the mean of the raw outputs over the passes", "their standard deviation over the passes"
RIGHT = {
    "passes": 0, "dropout": "on", "norm": "test", "mean": RAW, "std": SPREAD, "modes": "as before", "statistics": "as before",
}  # fmt: skip


def _softmax(outputs: torch.Tensor) -> torch.Tensor:
    return outputs.softmax(-1)


def _spread(outputs: torch.Tensor, axes: int | tuple[int, ...], correction: int = 1) -> torch.Tensor:
    """Return the standard deviation along some axes; NaN, without a warning, where there is one value only."""
    squares = (outputs - outputs.mean(axes, keepdim=True)) ** 2
    many = outputs.numel() // squares.sum(axes).numel()
    return (squares.sum(axes) / torch.tensor(float(many - correction))).sqrt()


# What a number may be, made of the outputs (passes, n, f) of all passes: the first that fits is told.
MADE: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    RAW: lambda o: o.mean(0),
    SPREAD: lambda o: _spread(o, 0),
    "their standard deviation over the passes, divided by their number": lambda o: _spread(o, 0, 0),
    "the mean of the probabilities": lambda o: _softmax(o).mean(0),
    "the probabilities of the mean": lambda o: _softmax(o.mean(0)),
    "the spread of the probabilities": lambda o: _spread(_softmax(o), 0),
    "the spread of the probabilities, divided by their number": lambda o: _spread(_softmax(o), 0, 0),
    "the variance": lambda o: _spread(o, 0) ** 2,
    "the variance, divided by their number": lambda o: _spread(o, 0, 0) ** 2,
    "the standard error of the mean": lambda o: _spread(o, 0) / len(o) ** 0.5,
    "the sum over the passes": lambda o: o.sum(0),
    "the median over the passes": lambda o: o.median(0).values,
    "the first pass alone": lambda o: o[0],
    "the last pass alone": lambda o: o[-1],
    "the outputs of all passes": lambda o: o,
    "the mean over the images": lambda o: o.mean(1),
    "the spread over the images": lambda o: _spread(o, 1),
    "one mean of everything": lambda o: o.mean(),
    "one spread of everything": lambda o: _spread(o, (0, 1, 2)),
    "the spread of everything that one image gives": lambda o: _spread(o, (0, 2)),
}
ALIKE = {name: name.removesuffix(", divided by their number") for name in MADE}


class Passes(Records):
    """Hand a function a model with batch norm and dropout, and read the model's diary."""

    library = "PyTorch"
    words: Mapping[str, str] = {
        "passes": "makes the wrong number of passes",
        "dropout": "leaves dropout off",
        "norm": "leaves batch norm in training mode",
        "mean": "returns something else than the mean first",
        "std": "returns something else than the standard deviation second",
        "modes": "does not put the modes back",
        "statistics": "changes the running statistics of batch norm",
    }

    def watch(self, answer: Answer, case: Case, seconds: float, forbid: str) -> Reply:
        options, x, passes = case.args
        model = answer.place(Reference("noisy", options))
        before = model.state().value
        reply = answer.as_module().call(model, x, passes, seconds=seconds)
        if reply.status != "returned" or self.type_fault(reply) is not None:
            return reply
        found = record(model, before, reply.value, len(x))
        return Reply("returned", found, (), None, reply.printed, reply.seconds)

    def type_fault(self, reply: Reply) -> Fault | None:
        """Return what is wrong with a result that is no pair of tensors, or None."""
        pair = reply.value
        if isinstance(pair, tuple) and len(pair) == 2 and all(isinstance(one, np.ndarray) for one in pair):
            return None
        told = "nothing" if pair is None else f"a {type(pair).__name__}"
        hint = "`return mean, std` hands over two tensors"
        return Fault(
            "wrong type",
            f"returns {told}, not mean and std",
            shown(pair),
            "(mean, std), two tensors (n, f)",
            hint,
        )

    def fault(self, question: Any, case: Case, reply: Reply, wanted: Any) -> Fault | None:
        if reply.status == "returned" and not isinstance(reply.value, dict):
            return self.type_fault(reply)
        return super().fault(question, case, reply, wanted)

    def _same(self, one: Any, other: Any, case: Case) -> bool:
        return isinstance(one, dict) and super()._same(one, other, case)

    def told(self, part: str, value: Any) -> str:
        said = {
            "passes": "{} passes", "dropout": "dropout is {} during the passes", "norm": "batch norm is in {} mode during the passes",
            "modes": "modes afterwards: {}", "statistics": "running statistics afterwards: {}",
        }  # fmt: skip
        return said.get(part, "{}").format(value)

    def mutant(self, oracle: Oracle, ways: Sequence[Any]) -> Callable[..., Any]:
        """Return a function that makes a model pretend, and hands over what a bent record says of its outputs."""
        if not ways:
            raise ValueError("only a bent record becomes a function: the straight one is the exercise")

        def mc_predict(model: Any, x: Any, passes: int) -> Any:
            on = set(model.before.values())
            options = {"modes": "mixed" if len(on) == 2 else "training" if on == {True} else "evaluation"}
            told = oracle.run((options, x.numpy(), passes), {}, ways)
            alike = told["dropout"] == SAME
            dropout = "on" if alike else told["dropout"]
            outputs = model.pretend(x, told["passes"], dropout, told["norm"], told["modes"], alike)
            return MADE[told["mean"]](outputs), MADE[told["std"]](outputs)

        return mc_predict

    def case_text(self, question: Any, case: Case) -> str:
        options, x, passes = case.args
        modes = {"mixed": "some parts in training mode"}.get(
            options["modes"], f"in {options['modes']} mode before"
        )
        return f"a model with batch norm and dropout, {modes}; x {x.shape}, passes {passes}"


def record(model: Built, before: Mapping[str, np.ndarray], pair: tuple, n: int) -> dict[str, Any]:
    """Return what a model's diary and the two results tell."""
    told, after = model.attribute("told").value, model.state().value
    pages = told["passes"]
    outputs = [torch.from_numpy(page["outputs"]) for page in pages]
    stacks = _stacks(outputs, n)
    mean, std = (_named(torch.from_numpy(np.asarray(one)), stacks) for one in pair)
    same = all(np.array_equal(before[name], after[name]) for name in before)
    dropout = _one({page["dropout"] for page in pages}, "on", "partly on")
    return {
        "passes": len(stacks[0]) if stacks else 0,
        "dropout": SAME if dropout == "on" and _repeated(stacks, n) else dropout,
        "norm": _one({page["norm"] for page in pages}, "test", "training"),
        "mean": mean,
        "std": std,
        "modes": _modes(told["before"], told["modes"], told["dropouts"]),
        "statistics": "as before" if same else "changed",
    }


def _stacks(outputs: list[torch.Tensor], n: int) -> list[torch.Tensor]:
    """Return all outputs as (passes, n, f); two readings where one pass held several copies of the batch."""
    if not outputs or len(outputs[0]) % n:
        return []
    flat, copies = torch.cat(outputs), len(outputs[0]) // n
    f = flat.shape[-1]
    if copies == 1:
        return [flat.reshape(-1, n, f)]
    return [
        flat.reshape(-1, n, f),
        flat.reshape(len(outputs), n, copies, f).transpose(1, 2).reshape(-1, n, f),
    ]


def _repeated(stacks: list[torch.Tensor], n: int) -> bool:
    """Tell whether all passes gave the same. One image or two may do so by chance: there nothing is said."""
    return n > 2 and any(len(outputs) > 1 and bool((outputs == outputs[0]).all()) for outputs in stacks)


def _named(value: torch.Tensor, stacks: list[torch.Tensor]) -> str:
    """Return what a result is, made of the outputs; the number it was divided by (passes, or one less) does not matter."""
    for outputs in stacks:
        for name, made in MADE.items():
            goal = made(outputs)
            if goal.shape == value.shape and torch.allclose(
                goal.double(), value.double(), rtol=1e-4, atol=1e-5, equal_nan=True
            ):
                return ALIKE[name]
    return f"numbers of shape {tuple(value.shape)}"


def _one(found: set[str], good: str, bad: str) -> str:
    """Return what was the same in all passes; `bad` where it changed on the way."""
    return found.pop() if len(found) == 1 else bad if found else "not asked"


def _modes(before: Mapping[str, bool], after: Mapping[str, bool], dropouts: Sequence[str]) -> str:
    if before == after:
        return "as before"
    if all(after.values()) or not any(after.values()):
        return "all in training mode" if all(after.values()) else "all in evaluation mode"
    if not any(after[name] for name in after if name == "norm") and all(
        on for name, on in after.items() if name != "norm"
    ):
        return "all but batch norm in training mode"
    only = all(on == (name in dropouts) for name, on in after.items())
    return "only dropout in training mode" if only else "others than before"
