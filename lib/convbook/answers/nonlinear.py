"""Why an answer cannot be read as a sum of products: which rule of such sums it breaks, with what was measured."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from convbook.answers.answer import Answer
from convbook.answers.probes import Probe, Unreadable

Run = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
CLOSE = {"rtol": 1e-5, "atol": 1e-6}
SECONDS = 2.0


def why_unreadable(answer: Answer, probe: Probe, seconds: float = SECONDS) -> str:
    """Return one sentence about the first rule that `answer` breaks; an empty string where it breaks none.

    A sum of pixels times weights and a bias gives the same for the same arguments; it turns its sign with the
    image's and doubles with it, and so with the weights'; and it adds the same bias whatever the image.

    >>> from convbook.answers import hold
    >>> why_unreadable(hold(lambda x, k: abs(x * k[0, 0])), Probe((2, 2), (1, 1)))[:63]
    'with every pixel’s sign turned output [0, 0] should turn from 3'
    """
    run = _runner(answer, probe, time.monotonic() + seconds)
    rng = np.random.default_rng(1)
    x, w, b = (
        rng.choice([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0], n)
        for n in (probe.pixels, probe.weight_count, probe.filters)
    )
    try:
        return next(filter(None, (rule(run, x, w, b) for rule in RULES)), "")
    except Unreadable as reason:
        return str(reason).rstrip(".")


def _runner(answer: Answer, probe: Probe, ends: float) -> Run:
    """Return how to call the answer with flat arrays; it gives an array, or raises `Unreadable`."""

    def run(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
        arguments = [x.reshape(probe.image), w.reshape(probe.weights), *([b] if probe.filters else [])]
        left = max(0.05, ends - time.monotonic())
        reply = answer.call(*arguments, seconds=left, **probe.options)
        if reply.status != "returned":
            raise Unreadable(reply.status, "")
        try:
            return np.asarray(reply.value, dtype=np.float64)
        except (TypeError, ValueError):
            raise Unreadable("not numbers", "") from None

    return run


def _steady(run: Run, x: np.ndarray, w: np.ndarray, b: np.ndarray) -> str:
    first = run(x, w, b)
    run(-2 * x, w, b)  # what is kept between calls, or left in memory, is another now
    return _differs(
        first, run(x, w, b),
        "called twice with the same arguments, output {} was {} and then {}: something is kept between calls, or "
        "an array is filled only in part (np.empty?)",
    )  # fmt: skip


def _odd(run: Run, x: np.ndarray, w: np.ndarray, b: np.ndarray) -> str:
    return _differs(
        -run(x, w, 0 * b), run(-x, w, 0 * b),
        "with every pixel’s sign turned output {} should turn from {opposite} to {}, and is {}: is there a ReLU, a "
        "maximum or an absolute value inside?",
    )  # fmt: skip


def _proportional(run: Run, x: np.ndarray, w: np.ndarray, b: np.ndarray) -> str:
    return _differs(
        2 * run(x, w, 0 * b), run(2 * x, w, 0 * b),
        "with every pixel doubled output {} should become {}, and is {}: it does not grow with the image",
    ) or _differs(
        2 * run(x, w, 0 * b), run(x, 2 * w, 0 * b),
        "with every weight doubled output {} should become {}, and is {}: it does not grow with the weights",
    )  # fmt: skip


def _biased(run: Run, x: np.ndarray, w: np.ndarray, b: np.ndarray) -> str:
    if not b.size:
        return ""
    return _differs(
        run(x, w, b) - run(x, w, 0 * b), run(-2 * x, w, b) - run(-2 * x, w, 0 * b),
        "the bias changes output {} by {} under one image and by {} under another: it should only be added",
    )  # fmt: skip


RULES = (_steady, _odd, _proportional, _biased)


def _differs(one: np.ndarray, other: np.ndarray, sentence: str) -> str:
    """Return the sentence with the first place where two arrays differ and both numbers; empty where they agree."""
    if one.shape != other.shape:
        return f"called twice it returned shape {one.shape} and then {other.shape}"
    wrong = ~np.isclose(one, other, **CLOSE)
    if not wrong.any():
        return ""
    at = tuple(int(place) for place in np.argwhere(wrong)[0])
    named = f"[{', '.join(map(str, at))}]"
    return sentence.format(named, _short(one[at]), _short(other[at]), opposite=_short(-one[at]))


def _short(value: float) -> str:
    return f"{value + 0.0:.4g}".replace("-", "−")
