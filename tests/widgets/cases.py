"""Widgets in many states: what Python and JavaScript must say and compute alike."""

from __future__ import annotations

from typing import Any

import numpy as np

from convbook.forms import Exercise, Verdict
from convbook.widgets import ConvXray, SlideLab


def correlate(x: np.ndarray, w: np.ndarray, b: np.ndarray, stride: int, padding: int) -> np.ndarray:
    """Return a convolution made with NumPy alone, as the exercises ask."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    return np.einsum("nchwij,fcij->nfhw", windows, w) + b[:, None, None]


def flat(bend: Any = lambda x, k: (x, k), scale: float = 1.0) -> Any:
    """Return a `corr2d` that first bends its arguments."""

    def corr2d(x: np.ndarray, k: np.ndarray) -> np.ndarray:
        x, k = bend(x, k)
        return scale * correlate(x[None, None], k[None, None], np.zeros(1), 1, 0)[0, 0]

    return corr2d


def full(bend: Any) -> Any:
    """Return a `conv2d_naive` that first bends its arguments."""

    def conv2d_naive(x, w, b=None, stride=1, padding=0):
        b = np.zeros(len(w)) if b is None else b
        return correlate(*bend(x, w, b, stride, padding))

    return conv2d_naive


def stub(x, k):
    raise NotImplementedError()


def slides() -> dict[str, SlideLab]:
    """Return SlideLabs at many places, with predictions, halves that round, several channels and filters."""
    rng = np.random.default_rng(3)
    moved = SlideLab(padding=1, stride=2, bias=0.5)
    moved.at = [0, 2, 1]
    guessing = SlideLab(bias=-1, predict=True)
    guessed = SlideLab(bias=-1, predict=True)
    guessed.set_trait("guesses", [[0, 0, 0, 7.0], [0, 0, 1, 8.0], [0, 0, 2, None]])
    places = {}
    for column, name in enumerate(("a wrong guess", "a right guess", "shown on request", "not guessed yet")):
        places[name] = SlideLab(bias=-1, predict=True)
        places[name].guesses = guessed.guesses
        places[name].at = [0, 0, column]
    colours = SlideLab(
        rng.integers(0, 4, (3, 5, 6)), rng.integers(-2, 3, (2, 3, 3, 2)), [1, -2], padding=1, stride=2
    )
    colours.at = [1, 2, 0]
    halves = SlideLab(np.array([[0.0625, -0.0005], [2.0005, 0.125]]), np.array([[1.0]]), 0.0625)
    far = SlideLab()
    far.at = [9, -3, 99]
    return {
        "the first look": SlideLab(), "stride and padding": moved, "asked to predict": guessing, **places,
        "three channels, two filters": colours, "halves": halves, "a place that is not there": far,
        "thirds": SlideLab(rng.normal(size=(4, 4)).round(3), np.full((3, 3), 1 / 9)),
    }  # fmt: skip


def judged(function: Any, *names: str, **settings: Any) -> ConvXray:
    """Return an X-ray whose check, a fixed one, recognised these mistakes."""
    name = function.__name__
    kind = "wrong" if names else "right"
    message = f"✗ {name}: {'; and '.join(names)}\n    case    x" if names else f"✓ {name}: right in all cases"
    exercise = Exercise(name, "", 1, (), lambda _: Verdict(name, kind, message, names))
    return ConvXray(function, exercise=exercise, **settings)


def xrays() -> dict[str, ConvXray]:
    """Return X-rays of right, wrong and hopeless functions."""
    flipped = flat(lambda x, k: (x, k[::-1, ::-1]))
    blurred = full(lambda x, w, b, s, p: (x, w, b, s, p))
    first_channel = full(lambda x, w, b, s, p: (x[:, :1], w[:, :1], 0 * b, s, p))
    biased = full(lambda x, w, b, s, p: (x, w, 2 * b[::-1], s, p))
    at_right = judged(flipped, "the kernel is flipped")
    at_right.at = [0, 2, 3]
    return {
        "right": judged(flat()),
        "flipped": at_right,
        "a transposed kernel": judged(flat(lambda x, k: (x, k.T))),
        "too large a map": judged(flat(lambda x, k: (np.pad(x, 1), k)), size=4),
        "too small a map": judged(flat(lambda x, k: (x[:-1, 1:], k)), size=(4, 5)),
        "a mean": judged(flat(scale=1 / 9), size=4),
        "twice": judged(flat(scale=2.0), size=(4, 3), kernel=(3, 2)),
        "the wrong sign": judged(flat(scale=-1.0), size=3),
        "right in full": judged(blurred, size=4, padding=1, stride=2, channels=2, filters=2),
        "one channel, no bias": judged(
            first_channel,
            "the bias is not added",
            "only the first channel is used",
            size=4,
            padding=1,
            channels=2,
        ),
        "the bias of another filter, twice": judged(biased, size=3, filters=2),
        "padding ignored": judged(
            full(lambda x, w, b, s, p: (x, w, b, s, 0)), "the padding is ignored", size=4, padding=1
        ),
        "stride ignored": judged(full(lambda x, w, b, s, p: (x, w, b, 1, p)), size=5, stride=2),
        "a constant": judged(full(lambda x, w, b, s, p: (x, w, b + 3, s, p)), size=3),
        "only the verdict is wrong": judged(
            full(lambda x, w, b, s, p: (x, w, b, 1, p)), "the stride is ignored", size=4
        ),
        "a stub": ConvXray(stub),
        "not a function": ConvXray(3),
    }


def golden() -> dict[str, Any]:
    """Return all states with what must be said and computed, as JSON takes it."""
    slide = [
        {"about": about, "state": one.state(), "words": one.words(), "outputs": one.outputs().tolist()}
        for about, one in slides().items()
    ]
    xray = [{"about": about, "state": one.state(), "words": one.words()} for about, one in xrays().items()]
    return {"slide_lab": slide, "conv_xray": xray}
