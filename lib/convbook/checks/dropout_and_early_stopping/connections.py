"""DropConnect: weights are dropped, not units. Judged by behaviour, as the dropout recipes are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch.nn.functional as functional

from convbook.checks.dropout_and_early_stopping.slips import if_random, joined
from convbook.checks.engine.chance import ELSEWHERE, FROZEN, seen
from convbook.checks.engine.chance_layers import (
    ADDED,
    DROPPED,
    MISSING,
    SCALED,
    Connections,
    numbered,
    powers,
)
from convbook.checks.engine.declare import case, counting, drawn, exercise, mistake
from convbook.forms import Case

OWN = "every image has a mask of its own over all weights"
BIAS = "only weights are dropped; every image gets the whole bias"
DRAW = "draw `(n, out, in)` numbers from `rng`"


def connection_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield p = 0 first, where nothing is left to chance, then inputs that tell which weights were there."""
    yield case(
        np.array([[1.0, 2.0]]),
        np.array([[1.0, 10.0], [2.0, 5.0], [0.0, -1.0]]),
        np.array([0.5, 0.0, 100.0]),
        0.0,
    )
    yield case(counting(4, 3), counting(2, 3), np.array([10.0, -10.0]), 0.0)
    yield case(powers(4, 3), numbered(5, 3), counting(5) - 9, 0.3)
    yield case(powers(3, 5), numbered(4, 5), counting(4), 0.6)
    yield case(
        powers(5, 3).astype(np.float32),
        numbered(4, 3).astype(np.float32),
        counting(4).astype(np.float32),
        0.8,
        about="float32",
    )
    yield drawn(
        powers(int(rng.integers(3, 6)), 4), numbered(6, 4), 1 + rng.random(6), float(rng.choice([0.2, 0.7]))
    )
    yield drawn(rng.normal(size=(4, 5)), rng.normal(size=(3, 5)), rng.normal(size=3), 0.0)


def kept_times(change: Callable[[float], float]) -> Callable[..., Any]:
    return lambda record, p: record if "y" in record else record | {"kept": float(change(p))}


def shared(*axes: int) -> Callable[..., Any]:
    """Return the change that lets one draw decide along axes of (n, out, in)."""
    return lambda record: joined(record, axes)


def with_bias(word: str, change: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """Return the change of what becomes of the bias; `change` is what p = 0 shows of it."""
    return lambda record, x, w, b: (
        record | {"bias": word} if "y" not in record else change(x, w, b) if change else record
    )


def plain(x: Any, w: Any, b: Any) -> dict[str, Any]:
    """Return the record of a layer that drops nothing."""
    return {"y": functional.linear(x, w, b).numpy()}


@exercise(
    "Drop weights instead", points=4, cases=connection_cases, observe=Connections(), facts={"keep": lambda p: 1 - p},
    why="y[i] is (w · mask of image i) @ x[i] + b; each weight is dropped with probability p = {p:.4g}, and nothing is rescaled",
    help=("operands could not be broadcast together", "matmul: Input operand 1 has a mismatch in its core dimension"),
    mistakes=(
        mistake("all images share one mask", OWN, DRAW, result=shared(0)),
        mistake("inputs are dropped, not weights", f"{OWN}: an input may reach one output and not another", DRAW, result=shared(1)),
        mistake("outputs are dropped, not weights", f"{OWN}: an output loses some of its inputs, not all", DRAW, result=shared(2)),
        mistake("kept weights are divided by 1 − p", "this recipe leaves the weights that stay as they are", "not divided by {keep:.4g}", result=kept_times(lambda p: 1 / (1 - p))),
        mistake("kept weights are multiplied by 1 − p", "this recipe leaves the weights that stay as they are", "not multiplied by {keep:.4g}", result=kept_times(lambda p: 1 - p)),
        mistake("keep and drop are exchanged", "`rng.random(…) < p` is true with probability p: that is what is *dropped*", "a share of {p:.4g} is dropped",
                result=lambda record, x, w, b, p: plain(x, 0 * w, b) if "y" in record else seen(record, share=1 - p),
                ways=({"result": lambda record, p: seen(record, share=1 - p) if record.get("draws") else record},)),
        mistake("nothing is dropped", "this layer is always in training: weights are set to 0", "with probability {p:.4g}",
                result=lambda record: seen(record, share=0.0) if record.get("draws") else record),
        mistake("the bias is dropped too", BIAS, "b is added after the product", result=with_bias(DROPPED)),
        mistake("the bias is missing", BIAS, "b is added after the product",
                result=with_bias(MISSING, lambda x, w, b: plain(x, w, 0 * b))),
        mistake("the bias is multiplied by 1 − p", BIAS, "not by {keep:.4g}", result=with_bias(SCALED)),
        mistake("the draws come from another generator than rng", DRAW, "not from `np.random`, and not from a new generator", result=if_random(draws=ELSEWHERE)),
        mistake("the mask is the same in every call", f"{DRAW}; a generator that is made anew from one seed begins anew as well", "every call draws", result=if_random(draws=FROZEN)),
        mistake("the same number of weights is dropped every time", f"{OWN}: how many are dropped differs from call to call", "p is {p:.4g}", result=if_random(number="is fixed")),
    ),
)  # fmt: skip
def dropconnect_linear(x, w, b, p, rng=None):
    return plain(x, w, b) if p == 0 else {**seen(kept=1.0, share=p), "bias": ADDED}
