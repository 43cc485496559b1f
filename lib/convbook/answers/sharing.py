"""Read which numbers of a batch share statistics in a learner's norm: one input is nudged, and the outputs that move tell.

A norm subtracts a mean and divides by a deviation, so every number has a say in all results of its group, and in no others.
"""

from __future__ import annotations

import inspect
import itertools
import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from convbook.answers.answer import Answer
from convbook.answers.local import LocalAnswer, hold
from convbook.answers.questions import no_questions

AXES = ("n", "c", "h", "w")
SECONDS = 5.0  # for all calls of a function
MOVED = 1e-9  # of the largest output: rounding is smaller, a share in a mean is larger


@dataclass(frozen=True)
class Sharing:
    """Hold what was read: `moved[i, j]` where nudging number j moves result i, or None, and why in `said`.

    `axes` is how it was asked, "n c h w" or "n c"; `told` says what is averaged over, as in "averages over n, h and w".
    """

    said: str
    axes: str = ""
    told: str = ""
    moved: np.ndarray | None = None


class _Unread(Exception):
    """Say in one sentence why nothing can be read."""


def read_sharing(function: Any, shape: tuple[int, ...], seconds: float = SECONDS) -> Sharing:
    """Return which numbers of a batch (n, c, h, w) of this shape share statistics in `function`.

    The function is called as `batchnorm_train` or `layernorm` of the course are, with gamma 1 and beta 0. One that does not
    take images is asked with vectors (n, c). Nothing it does is raised: a sentence says what happened.

    >>> read_sharing(lambda x: x - x.mean((0, 2, 3), keepdims=True), (2, 3, 2, 2)).told
    'averages over n, h and w'
    """
    if not callable(function) and not isinstance(function, Answer):
        return Sharing(
            f"{function!r:.60} is not a function: write NormLab(function=layernorm), without calling it."
        )
    asked = _Asked(hold(function), time.monotonic() + seconds)
    told: list[str] = []
    for axes in dict.fromkeys((shape, shape[:2])):
        try:
            with no_questions():
                moved = asked.moved(axes)
        except _Unread as reason:
            told.append(str(reason))
            if asked.stopped:
                break
            continue
        printed = f"{asked.name} prints while it works; that is not shown here." if asked.printed else ""
        return Sharing(printed, " ".join(AXES[: len(axes)]), what_is_averaged(moved, axes), moved)
    return Sharing(told[0])


def what_is_averaged(moved: np.ndarray, shape: tuple[int, ...]) -> str:
    """Return in words over which axes numbers share statistics, from `moved` (numbers, numbers).

    >>> what_is_averaged(np.ones((6, 6), bool), (2, 3))
    'averages over n and c'
    """
    places = np.stack(np.unravel_index(np.arange(math.prod(shape)), shape))
    channels = shape[1]
    parts = [size for size in range(1, channels + 1) if channels % size == 0]
    free = [axis for axis in range(len(shape)) if axis != 1 and shape[axis] > 1]
    for many in range(len(free) + 1):
        for over, size in itertools.product(itertools.combinations(free, many), parts):
            kept = [places[axis] for axis in range(len(shape)) if axis not in over and axis != 1]
            labels = np.stack([*kept, places[1] // size])
            if not np.array_equal((labels[:, :, None] == labels[:, None]).all(0), moved):
                continue
            names = [AXES[axis] for axis in sorted([*over, *([1] if size == channels > 1 else [])])]
            names += [f"groups of {size} channels"] if 1 < size < channels else []
            return (
                f"averages over {_listed(names)}"
                if names
                else "averages over nothing: each number stays by itself"
            )
    return "lets numbers share in a pattern that no axes explain"


class _Asked:
    """Call one function with a batch, again and again."""

    def __init__(self, answer: Answer, ends: float):
        self.answer, self.ends, self.name = answer, ends, answer.name
        self.printed = self.stopped = False

    def moved(self, shape: tuple[int, ...]) -> np.ndarray:
        """Return which results move with which numbers; raise `_Unread` where that cannot be told."""
        x = np.random.default_rng(0).normal(size=shape)
        before = self.call(x)
        largest = max(1.0, float(np.abs(before).max()))
        if not np.allclose(self.call(x), before, rtol=0, atol=MOVED * largest):
            raise _Unread(f"{self.name} gives another result for the same batch when it is called again.")
        moved = np.eye(x.size, dtype=bool)
        for number in range(x.size):
            nudged = x.copy()
            nudged.flat[number] += 1.0
            moved[:, number] |= (np.abs(self.call(nudged) - before) > MOVED * largest).ravel()
        return moved

    def call(self, x: np.ndarray) -> np.ndarray:
        """Return the function's result for a batch, as an array of the same shape."""
        arguments = self.arguments(x)
        left = self.ends - time.monotonic()
        if left <= 0:
            self.stopped = True
            raise _Unread(self._why("endless", None))
        reply = self.answer.call(*arguments, seconds=left)
        self.printed |= bool(reply.printed)
        if reply.status != "returned":
            self.stopped = reply.status != "raised"
            raise _Unread(self._why(reply.status, reply.error))
        try:
            result = np.asarray(reply.value, dtype=np.float64)
        except Exception:  # ragged lists, objects with a broken __array__
            raise _Unread(
                f"{self.name} returned a {type(reply.value).__name__}; wanted an array of shape {x.shape}."
            ) from None
        if reply.value is None or result.shape != x.shape:
            gave = "None (is there a return?)" if reply.value is None else f"shape {result.shape}"
            raise _Unread(f"{self.name} returned {gave}; wanted the shape of x, {x.shape}.")
        if not np.isfinite(result).all():
            raise _Unread(f"{self.name} returned numbers that are not finite (NaN or infinity).")
        return result

    def arguments(self, x: np.ndarray) -> list[Any]:
        """Return x, gamma, beta, running mean and variance, momentum and eps: as many as the function needs."""
        c = x.shape[1]
        full = [x.copy(), np.ones(c), np.zeros(c), np.zeros(c), np.ones(c), 0.1, 1e-5]
        needed = _needed(self.answer)
        if needed not in (1, 3, 4, 5, 7):
            self.stopped = True
            raise _Unread(f"{self.name} needs {needed} arguments; NormLab calls norms as (x), (x, gamma, beta), "
                          "(x, gamma, beta, eps) or (x, gamma, beta, running_mean, running_var).")  # fmt: skip
        return [*full[:3], full[6]] if needed == 4 else full[:needed]

    def _why(self, status: str, error: BaseException | None) -> str:
        if status == "stub":
            return f"{self.name} is not attempted yet: write it, then run this cell again to see which axes it averages over."
        if status == "endless":
            return f"{self.name} did not finish in time, so its axes are not known."
        message = str(error).strip().split("\n")[0].rstrip(".") if error else ""
        return f"{self.name} stopped with {type(error).__name__}{f': {message}' if message else ''}."


def _needed(answer: Answer) -> int:
    """Return how many arguments have no default; 5 where that cannot be asked, as in `batchnorm_train`."""
    target = answer.target if isinstance(answer, LocalAnswer) else None
    try:
        parameters = inspect.signature(target).parameters.values()  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return 5
    return sum(
        one.default is one.empty and one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)
        for one in parameters
    )


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
