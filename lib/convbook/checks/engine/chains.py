"""Observers of functions that take a list of blocks: what they return, how often they call, what they leave changed.

The chain is plain data (`answers/chains` makes blocks of it), and what is wanted is computed from the data with functions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from convbook.answers import Answer
from convbook.answers.chains import NUMBER, PAIR
from convbook.answers.values import Reference
from convbook.checks.engine.compare import shown
from convbook.checks.engine.observe import Records
from convbook.checks.engine.oracles import Oracle, array
from convbook.checks.engine.seed import secret
from convbook.forms import Case, Reply

Chain = list[dict[str, Any]]


def link(rng: np.random.Generator, c: int, skip: bool = True, training: bool = True) -> dict[str, Any]:
    """Return one block of a chain over c channels as plain data."""
    return {
        "matrix": rng.normal(size=(c, c)).round(1),
        "bias": rng.normal(size=c).round(1),
        "skip": skip,
        "training": training,
    }


def chain(rng: np.random.Generator, c: int, many: int, skips: str = "all", **options: Any) -> Chain:
    """Return a chain of so many blocks; `skips` says which have a shortcut: all, some or none."""
    has = {"all": lambda i: True, "some": lambda i: i % 2 == 0, "none": lambda i: False}[skips]
    return [link(rng, c, has(place), **options) for place in range(many)]


def step(one: Mapping[str, Any], x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return what a block makes of x, and the slope of its tanh."""
    flat = x.flatten(2) if x.dim() > 2 else x[..., None]
    curve = torch.tanh(torch.tensor(one["matrix"]) @ flat + torch.tensor(one["bias"])[:, None]).reshape(
        x.shape
    )
    return x * one["skip"] + curve, 1 - curve**2


def states(chain: Chain, x: torch.Tensor) -> torch.Tensor:
    """Return x and what leaves each block, along a new first axis."""
    found = x.double()[None]
    for one in chain:
        found = torch.cat([found, step(one, found[-1])[0][None]])
    return found


def pulled(
    chain: Chain, x: torch.Tensor, seed: Callable[[torch.Tensor], torch.Tensor] = torch.ones_like
) -> torch.Tensor:
    """Return the gradient at x, `seed` giving that at the output; by the transposed matrices, from the last block to the first."""
    every = states(chain, x)
    gradient = seed(every[-1])
    for place in reversed(range(len(chain))):
        inner = (gradient * step(chain[place], every[place])[1]).movedim(1, -1) @ torch.tensor(
            chain[place]["matrix"]
        )
        gradient = gradient * chain[place]["skip"] + inner.movedim(-1, 1)
    return gradient


def as_arrays(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record with arrays in the place of its tensors."""
    return {name: array(value) for name, value in record.items()}


class Chained(Records):
    """Hand a function a chain as blocks and an input; a mistake is a changed record, which a stand-in acts out."""

    library = "PyTorch"

    def __init__(self, bench: str, words: Mapping[str, str]):
        self.bench, self.words = bench, words

    def watch(self, answer: Answer, case: Case, seconds: float, forbid: str) -> Reply:
        reply = answer.place(Reference(self.bench)).call(answer, *case.args, seconds=seconds)
        if reply.status != "returned":
            return reply
        return Reply("returned", reply.value, (), None, reply.printed, reply.seconds)

    def wanted(self, question: Any, case: Case) -> dict[str, Any]:
        return as_arrays(super().wanted(question, case))

    def predicted(self, question: Any, case: Case, ways: Sequence[Any]) -> dict[str, Any] | None:
        made = super().predicted(question, case, ways)
        return None if made is None else as_arrays(made)

    def told(self, part: str, value: Any) -> str:
        return value if isinstance(value, str) else shown(value)

    def alike(self, part: str, yours: Any, goal: Any, case: Case) -> bool:
        return isinstance(yours, str) == isinstance(goal, str) and super().alike(part, yours, goal, case)

    def _same(self, one: Mapping[str, Any], other: Mapping[str, Any], case: Case) -> bool:
        odd = other["kind"] not in (PAIR, NUMBER)  # then nothing else was seen
        return one["kind"] == other["kind"] and (odd or super()._same(one, other, case))

    def combine(self, one: Any, other: Any) -> bool:
        return False  # two changed records are one that nobody would hand in

    def mutant(self, oracle: Oracle, ways: Sequence[Any]) -> Callable[..., Any]:
        """Return a function that returns and leaves behind what a bent record says."""
        if not ways:
            raise ValueError("only a bent record becomes a function: the straight one is the exercise")

        def mutant(blocks: Any, x: torch.Tensor) -> Any:
            plain = [self.plain(one) for one in blocks]
            known = {
                "before": {
                    "wants": x.requires_grad,
                    "gradients": any(p.grad is not None for b in blocks for p in b.parameters()),
                }
            }
            extra = {name: known[name] for name in known if name in oracle.signature.parameters}
            record = as_arrays(oracle.run((plain, x.detach().numpy()), extra, ways))
            return self.acted(record, blocks, x)

        mutant.__name__ = mutant.__qualname__ = oracle.function.__name__
        return mutant

    def plain(self, block: Any) -> dict[str, Any]:
        """Return a block as plain data again."""
        arrays = {name: getattr(block, name).detach().numpy() for name in ("matrix", "bias")}
        return {**arrays, "skip": block.skip, "training": block.training}

    def acted(self, record: Mapping[str, Any], blocks: Any, x: torch.Tensor) -> Any:
        """Do to the blocks and x what a record says, and return what it says."""
        raise NotImplementedError

    def case_text(self, question: Any, case: Case) -> str:
        if case.drawn and secret():
            return "one drawn for grading"
        chain, x, *_ = case.args
        skips = [one["skip"] for one in chain]
        what = "" if all(skips) else ", some without a shortcut" if any(skips) else ", none with a shortcut"
        told = f"{len(chain)} block{'' if len(chain) == 1 else 's'}{what}; x {x.shape}"
        return told + (f" ({case.about})" if case.about else "")


class Unrolled(Chained):
    """See the last state, the contributions, and how often each block was called."""

    def __init__(self) -> None:
        words = {
            "kind": "returns something else than a pair",
            "last": "goes wrong: its x_last",
            "many": "returns the wrong number of contributions",
            "contributions": "goes wrong: its contributions, one below the other:",
            "calls": "does not call every block once",
            "given": "changes its arguments",
        }
        super().__init__("unroll", words)

    def told(self, part: str, value: Any) -> str:
        if part == "calls":
            return "calls of each block: " + (", ".join(str(n) for n in value) or "none")
        return f"{value} contributions" if part == "many" else super().told(part, value)

    def acted(self, record: Mapping[str, Any], blocks: Any, x: torch.Tensor) -> Any:
        for block, calls in zip(blocks, record["calls"], strict=True):
            block.calls = calls
        last, parts = torch.tensor(record["last"]), list(torch.tensor(record["contributions"]))
        if record["given"] == "the list of blocks is changed":
            blocks.clear()
        elif record["given"] != "as before":
            x.copy_(last) if len(last) == len(x) and not torch.equal(last, x) else x.add_(1)
        ways = {"one tensor": last, "nothing": None, "a tensor and one tensor": (last, sum(parts, torch.zeros(()))),
                "a list first and a tensor second": (parts, last)}  # fmt: skip
        return (last, parts) if record["kind"] == PAIR else ways[record["kind"]]


class Sloped(Chained):
    """See the norm of a gradient, and what became of x, the parameters' gradients and the modes."""

    def __init__(self) -> None:
        words = {
            "kind": "returns something else than a number",
            "norm": "returns another number",
            "input": "leaves x changed: its values, its gradient or its requires_grad",
            "parameters": "leaves the parameters' gradients changed",
            "modes": "does not leave the modes as they were",
        }
        super().__init__("slope", words)

    def acted(self, record: Mapping[str, Any], blocks: Any, x: torch.Tensor) -> Any:
        if record["input"] != "as before":
            x.requires_grad_()
            x.grad = torch.ones_like(x)
        for block in blocks:
            if record["parameters"] != "as before":
                block.matrix.grad = None if block.matrix.grad is not None else torch.ones_like(block.matrix)
            if record["modes"] != "as before":
                block.training = not block.training
        value = record["norm"]
        return (
            value
            if record["kind"] == NUMBER
            else None
            if record["kind"] == "nothing"
            else torch.tensor(value)
        )
