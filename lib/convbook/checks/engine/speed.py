"""A probe for answers that loop over pixels in Python where one matrix product does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from convbook.answers import Answer
from convbook.checks.engine.compare import same
from convbook.checks.engine.seed import generator
from convbook.forms import Mistake, Reply

SIDES = 240, 280  # of the image: about 256 × 256 windows of 3 × 3
TRIES = 4, 6
Finding = tuple[str, Mistake | None, str, str]


def no_pixel_loop(
    mistake: Mistake, oracle: Callable[..., np.ndarray]
) -> Callable[[Answer, str], Finding | Reply | None]:
    """Return a probe that finds an answer to need the time of a Python loop over the pixels.

    The bar is measured on this machine, now: twice the time Python takes merely to slice out every window. A loop over
    pixels must do that and compute; a matrix product is far below it. The best of a few tries counts, each with an
    image of its own size; only three that are far above it end the trial early, for a busy machine can hold up one or
    two. Every result is compared with the oracle's: who returns something else for a large image is not fast but wrong.
    A call that does not end by itself in a result is handed back as its reply.
    """

    def probe(answer: Answer, forbid: str) -> Finding | Reply | None:
        rng = generator(f"speed of {answer.name}")
        far_above = 0
        for _ in range(rng.integers(*TRIES, endpoint=True)):
            image, weights = (
                rng.normal(size=(1, 1, *rng.integers(*SIDES, size=2))),
                rng.normal(size=(1, 1, 3, 3)),
            )
            rows, columns = image.shape[2] - 2, image.shape[3] - 2
            bar = 2 * _visiting(image)
            reply = answer.call(image.copy(), weights.copy(), seconds=0.8, forbid=forbid)
            if reply.status in ("forbidden", "raised", "stub"):
                return reply
            if reply.status == "returned":
                wanted = oracle(image, weights)
                if not same(reply.value, wanted, "float64"):
                    right = f"an array of shape {wanted.shape}, right everywhere"
                    return "wrong", None, "another result for a large image", right
                if reply.seconds < bar:
                    return None
            far_above += reply.seconds > 4 * bar
            if far_above == 3:
                break
        yours = f"{1000 * reply.seconds:.0f} ms for {rows} × {columns} windows"
        return (
            "too slow",
            mistake,
            yours,
            f"less than {1000 * bar:.0f} ms, twice what Python needs to visit them",
        )

    return probe


def _visiting(image: np.ndarray) -> float:
    """Return the seconds Python takes to slice out every window of 3 × 3."""
    started = time.perf_counter()
    for row in range(image.shape[2] - 2):
        for column in range(image.shape[3] - 2):
            image[:, :, row : row + 3, column : column + 3]
    return time.perf_counter() - started


def pixel_loop(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return an oracle of a layer, slowed down to the time of a loop over the output's pixels: the mistake itself."""

    def looping(x: np.ndarray, w: np.ndarray, b: Any = None, stride: int = 1, padding: int = 0) -> np.ndarray:
        result = function(x, w, b, stride, padding)
        for row in range(result.shape[2]):
            for column in range(result.shape[3]):
                (x[:, :, row : row + w.shape[2], column : column + w.shape[3]][:1, :1] * 1.5).sum()
        return result

    return looping
