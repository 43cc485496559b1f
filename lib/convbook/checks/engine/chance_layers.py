"""Three layers that are left to chance: classic dropout, inverted dropout with its mask, and DropConnect."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from convbook.answers import Answer
from convbook.checks.engine.chance import Chance, drawn_mask, factor, pattern, seen, wrong_kind
from convbook.checks.engine.compare import Fault, shown
from convbook.checks.engine.observe import fresh
from convbook.forms import Case, Reply

TOGETHER, APART = "y and the mask drop the same units", "y and the mask drop different units"
WHOLE, PARTLY = "the mask has x's shape", "the mask has another shape than x"
ADDED, MISSING, DROPPED, SCALED = (
    "the bias is added as it is", "no bias is added", "the bias is dropped now and then", "the bias is scaled",
)  # fmt: skip


class Classic(Chance):
    """See a function (x, p, training, rng) that returns y."""

    def steady(self, case: Case, values: list[Any]) -> bool:
        """One draw may decide for all of x: in training, a few calls that drop nothing say nothing yet."""
        _, p, training = case.args
        return (p == 0 or not training) and super().steady(case, values)

    def record(self, case: Case, values: list[Any], twin: Any) -> dict[str, Any]:
        return self._dropped(case, np.stack(values), twin)

    def _dropped(self, case: Case, y: np.ndarray, twin: np.ndarray) -> dict[str, Any]:
        x, p = case.args[:2]
        kept = (y != 0) | (x == 0)
        some = kept & (x != 0)
        found = pattern(kept, (twin != 0) | (x == 0), p)
        return seen(found, kept=factor(y[some], np.broadcast_to(x, y.shape)[some]))

    def performer(self, told: Callable[..., dict[str, Any]]) -> Callable[..., Any]:
        def dropout(x: Any, p: float, training: bool, rng: Any) -> Any:
            record = told(x, p, training)
            return x * (drawn_mask(record, x.shape, rng) * record["kept"]).astype(x.dtype)

        return dropout


class Inverted(Classic):
    """See a function (x, p, training, rng) that returns y and its mask."""

    words: Mapping[str, str] = {
        **Chance.words,
        "mask": "returns a mask with other numbers in it",
        "zeros": "returns a mask that does not belong to y",
        "whole": "returns a mask of another shape",
    }

    def type_fault(self, reply: Reply, case: Case) -> Fault | None:
        x, pair = case.args[0], reply.value
        goal = f"y and mask, two arrays of shape {x.shape}"
        if not isinstance(pair, tuple) or len(pair) != 2:
            told = (
                "nothing"
                if pair is None
                else "one array"
                if isinstance(pair, np.ndarray)
                else f"a {type(pair).__name__}"
            )
            if isinstance(pair, tuple):
                told = f"{len(pair)} values"
            return Fault(
                "wrong type",
                f"returns {told}, not y and the mask",
                shown(pair),
                goal,
                "`return y, mask` hands over both",
            )
        if _exchanged(x, *pair):
            return Fault(
                "wrong",
                "returns the mask first and y second",
                shown(pair),
                goal,
                "`return y, mask`, in this order",
            )
        if (fault := wrong_kind(Reply("returned", pair[0]), x)) is not None:
            return replace(fault, sentence=f"is wrong in y: it {fault.sentence}")
        if isinstance(pair[1], np.ndarray) and pair[1].dtype.kind in "fiub" and _spreads(pair[1], x.shape):
            return None
        fault = wrong_kind(Reply("returned", pair[1]), x, counts=True)
        return (
            None if fault is None else replace(fault, sentence=f"is wrong in its mask: it {fault.sentence}")
        )

    def record(self, case: Case, values: list[Any], twin: Any) -> dict[str, Any]:
        x = case.args[0]
        y, masks = (np.stack([np.broadcast_to(pair[i], x.shape) for pair in values]) for i in (0, 1))
        found = self._dropped(case, y, twin[0])
        scale = factor(masks[masks != 0].astype(float), np.ones(1))
        zeros = TOGETHER if np.array_equal((y != 0) | (x == 0), (masks != 0) | (x == 0)) else APART
        whole = WHOLE if all(pair[1].shape == x.shape for pair in values) else PARTLY
        return {**found, "mask": scale, "zeros": zeros, "whole": whole}

    def told(self, part: str, value: Any) -> str:
        if part == "mask":
            return (
                "the mask holds several numbers"
                if math.isnan(value)
                else f"the mask holds {value:.4g} where it keeps"
            )
        return super().told(part, value)

    def performer(self, told: Callable[..., dict[str, Any]]) -> Callable[..., Any]:
        def dropout(x: Any, p: float, training: bool, rng: Any) -> Any:
            record = told(x, p, training)
            drawn = drawn_mask(record, x.shape, rng)
            mask = (1 - drawn if record["zeros"] == APART else drawn) * record["mask"]
            return x * (drawn * record["kept"]).astype(x.dtype), mask[:1] if record[
                "whole"
            ] == PARTLY else mask

        return dropout


def seen_pair(kept: float, share: float, **parts: Any) -> dict[str, Any]:
    """Return the record of y and a mask that belong together."""
    return {**seen(kept=kept, share=share), "mask": kept, "zeros": TOGETHER, "whole": WHOLE, **parts}


def _exchanged(x: np.ndarray, first: Any, second: Any) -> bool:
    """Tell whether a pair is (mask, y) where (y, mask) was asked for."""
    if not all(isinstance(one, np.ndarray) and one.shape == x.shape for one in (first, second)):
        return False
    return np.allclose(second, x * first) and not np.allclose(first, x * second)


def _spreads(mask: np.ndarray, shape: tuple[int, ...]) -> bool:
    """Tell whether a mask can be spread over a shape."""
    try:
        return np.broadcast_shapes(mask.shape, shape) == shape
    except ValueError:
        return False


class Connections(Chance):
    """See a linear layer (x, w, b, p, rng) whose weights are dropped.

    The inputs are powers of 4 and the weights the number of their row, so that every output tells which of its weights
    were there. Bias and weights are seen apart: once with a bias of 0, once with inputs of 0. With p = 0 the output itself is seen.
    """

    words: Mapping[str, str] = {**Chance.words, "bias": "treats the bias in the wrong way", "y": "at p = 0"}
    things = "weights"

    def call(self, answer: Answer, case: Case, rng: Any, seconds: float, forbid: str) -> Reply:
        x, w, b, p = map(fresh, case.args)
        if p == 0:
            return answer.call(x, w, b, p, rng, seconds=seconds, forbid=forbid)
        one = answer.call(x, w, 0 * b, p, rng, seconds=seconds, forbid=forbid)
        other = answer.call(0 * x, fresh(w), b, p, rng, seconds=seconds, forbid=forbid)
        if one.status != "returned" or other.status != "returned":
            return one if one.status != "returned" else other
        arguments = (one.arguments[0], one.arguments[1], other.arguments[2])
        return replace(
            one, value=(one.value, other.value), arguments=arguments, seconds=one.seconds + other.seconds
        )

    def steady(self, case: Case, values: list[Any]) -> bool:
        return case.args[3] == 0

    def type_fault(self, reply: Reply, case: Case) -> Fault | None:
        x, w = case.args[:2]
        like = np.zeros((len(x), len(w)), x.dtype)
        values = (reply.value,) if case.args[3] == 0 else reply.value
        return next((f for v in values if (f := wrong_kind(Reply("returned", v), like)) is not None), None)

    def record(self, case: Case, values: list[Any], twin: Any) -> dict[str, Any]:
        x, _, b, p = case.args
        if p == 0:
            return {"y": values[0]}
        products, biases = (np.stack([pair[i] for pair in values]) for i in (0, 1))
        scale, kept = weights_there(products, x.shape[1], p)
        again = weights_there(twin[0][None], x.shape[1], p)[1]
        found = {"kept": scale, "bias": _bias(biases, b)}
        if kept is None:
            return {
                **seen(kept=scale, share=p),
                "draws": "not to be read from the outputs",
                "bias": found["bias"],
            }
        twin_kept = again[0] if again is not None else kept[0] * 0
        return {**seen(pattern(kept, twin_kept, p), kept=scale), "bias": found["bias"]}

    def performer(self, told: Callable[..., dict[str, Any]]) -> Callable[..., Any]:
        def dropconnect(x: Any, w: Any, b: Any, p: float, rng: Any) -> Any:
            record = told(x, w, b, p)
            if "y" in record:
                return record["y"].astype(x.dtype)
            there = drawn_mask(record, (len(x), *w.shape), rng) * record["kept"]
            bias = {MISSING: 0.0, SCALED: 1 - p, DROPPED: rng.integers(0, 2, (len(x), len(w)))}.get(
                record["bias"], 1.0
            )
            return (np.einsum("ni,noi->no", x, there * w) + b * bias).astype(x.dtype)

        return dropconnect


def powers(n: int, inputs: int) -> np.ndarray:
    """Return n equal rows of inputs 1, 4, 16, …: a sum of some of them tells which ones.

    >>> powers(1, 3)
    array([[ 1.,  4., 16.]])
    """
    return np.tile(4.0 ** np.arange(inputs), (n, 1))


def numbered(outputs: int, inputs: int) -> np.ndarray:
    """Return weights (outputs, inputs) that are all the number of their row, counted from 1."""
    return np.repeat(np.arange(1.0, outputs + 1)[:, None], inputs, axis=1)


def weights_there(y: np.ndarray, inputs: int, p: float) -> tuple[float, np.ndarray | None]:
    """Return by what weights were scaled, and which were there (…, n, out, in); NaN and None where that cannot be read.

    >>> weights_there(np.array([[1 + 16.0]]), 3, 0.3)
    (1.0, array([[[1., 0., 1.]]]))
    """
    for scale in (1.0, 1 / (1 - p), 1 - p, p, 1 / p):
        sums = y / np.arange(1.0, y.shape[-1] + 1) / scale
        whole = np.round(sums)
        digits = np.floor(whole[..., None] / 4.0 ** np.arange(inputs)) % 4
        if (
            np.allclose(sums, whole, atol=1e-3)
            and digits.max() <= 1
            and whole.min() >= 0
            and whole.max() < 4**inputs
        ):
            return scale, digits
    return math.nan, None


def _bias(y: np.ndarray, b: np.ndarray) -> str:
    """Return what became of the bias, seen with inputs of 0."""
    there = np.broadcast_to(b, y.shape)
    if np.allclose(y, there):
        return ADDED
    if not y.any():
        return MISSING
    return SCALED if not math.isnan(factor(y, there)) else DROPPED
