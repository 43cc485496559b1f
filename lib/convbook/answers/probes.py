"""The X-ray: which pixel and which weight every output of a learner's convolution really used.

A right convolution, and nearly every wrong one, is a sum of products pixel × weight. Show it an image that is
0 but for a single 1, and its outputs are the weights that met that pixel. Let the weights be 1, 4, 16, 64, …
and the sum of any of them, each taken up to three times, can be read back exactly, as digits to base 4:
one call a pixel tells all. Loops, slices, im2col or torch inside make no difference.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from convbook.answers.answer import Answer

WEIGHTS_AT_ONCE = 26  # 4**26 is 2**52: the last power of four whose sums float64 still holds exactly
SECONDS = 2.0
NO_PIXEL = -1


class Unreadable(Exception):
    """Say in one sentence why an answer cannot be X-rayed.

    `status` is that of the `Reply` that ended it (`raised`, `endless`, `stub`, `forbidden`), or
    `not numbers`, `wrong shape`, `not finite`, `not products`.
    """

    def __init__(self, status: str, sentence: str):
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True)
class Probe:
    """Say what to feed: the shapes of image, weights and bias, and further arguments of the answer.

    `image` is (h, w) or (n, c, h, w) with n = 1; `weights` (kh, kw) or (f, c, kh, kw); `filters` the length of
    the bias, 0 for an answer that takes none.
    """

    image: tuple[int, ...]
    weights: tuple[int, ...]
    filters: int = 0
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def pixels(self) -> int:
        return math.prod(self.image)

    @property
    def weight_count(self) -> int:
        return math.prod(self.weights)


@dataclass(frozen=True)
class Reading:
    """Hold what an X-ray read off.

    `shape` is (f, h', w'), the output's. `products[o, p, q]` says how many times output `o` took pixel `p` times
    weight `q`, all counted in the arrays' own order; `bias[o, f]` how often it added the bias of filter `f`;
    `constant[o]` what it gives when everything is 0. `image` and `weights` are the shapes that were fed.
    """

    shape: tuple[int, int, int]
    products: np.ndarray
    bias: np.ndarray
    constant: np.ndarray
    calls: int
    seconds: float
    image: tuple[int, ...]
    weights: tuple[int, ...]


def xray(answer: Answer, probe: Probe, seconds: float = SECONDS, forbid: str = "") -> Reading:
    """Return which pixels, weights and biases each output of `answer` really used.

    What was read is proved before it is returned: it must predict the answer's result on random numbers.
    Raises `Unreadable` where the answer fails, takes longer than `seconds` in all, or is no sum of products.

    >>> from convbook.answers import hold
    >>> doubled = hold(lambda x, k: 2 * x[:1, :1] * k[:1, :1])
    >>> xray(doubled, Probe((2, 2), (1, 1))).products.ravel()
    array([2., 0., 0., 0.])
    """
    probed = _Probed(answer, probe, time.monotonic() + seconds, forbid)
    started = time.perf_counter()
    constant = probed.response(NO_PIXEL, 0.0)
    bias = np.stack(
        [probed.response(NO_PIXEL, 0.0, f) - constant for f in range(probe.filters)] or [constant * 0], 1
    )
    for look in (_all_weights_at_once, _weight_by_weight):
        products = look(probed, constant)
        if products is not None and probed.predicts(products, bias, constant):
            spent = time.perf_counter() - started
            return Reading(
                probed.shape, products, bias, constant, probed.calls, spent, probe.image, probe.weights
            )
    raise Unreadable(
        "not products",
        f"{answer.name} cannot be X-rayed: its outputs are not sums of pixels times weights "
        "(or differ from call to call); compare what it computes with the rule above",
    )


def _all_weights_at_once(probed: _Probed, constant: np.ndarray) -> np.ndarray | None:
    """Return the products from one call a pixel, or None where the sums are not digits to base 4."""
    count = probed.probe.weight_count
    products = np.zeros((constant.size, probed.probe.pixels, count))
    for first in range(0, count, WEIGHTS_AT_ONCE):
        some = np.arange(first, min(first + WEIGHTS_AT_ONCE, count))
        weights = np.zeros(count)
        weights[some] = 4.0 ** (some - first)
        for pixel in range(probed.probe.pixels):
            sums = probed.response(pixel, weights) - constant
            if (sums < 0).any() or (sums >= 4.0 ** len(some)).any() or (sums != np.floor(sums)).any():
                return None
            products[:, pixel, some] = (sums.astype(np.int64)[:, None] >> (2 * (some - first))) & 3
    return products


def _weight_by_weight(probed: _Probed, constant: np.ndarray) -> np.ndarray:
    """Return the products from one call for every pixel and weight: slow, but for any factor."""
    count = probed.probe.weight_count
    products = np.zeros((constant.size, probed.probe.pixels, count))
    for weight in range(count):
        weights = np.zeros(count)
        weights[weight] = 1.0
        for pixel in range(probed.probe.pixels):
            products[:, pixel, weight] = probed.response(pixel, weights) - constant
    return np.round(products, 12)


class _Probed:
    """Feed one answer and count the calls."""

    def __init__(self, answer: Answer, probe: Probe, ends: float, forbid: str):
        self.answer, self.probe, self.ends, self.forbid = answer, probe, ends, forbid
        self.calls = 0
        self.shape: tuple[int, int, int] = (0, 0, 0)

    def response(self, pixel: int, weights: np.ndarray | float, biased: int = -1) -> np.ndarray:
        """Return the outputs, flat, for a 1 at `pixel`, these weights, and a 1 in the bias of filter `biased`."""
        image = np.zeros(self.probe.pixels)
        if pixel != NO_PIXEL:
            image[pixel] = 1.0
        bias = np.zeros(self.probe.filters)
        if biased >= 0:
            bias[biased] = 1.0
        return self.feed(image, np.broadcast_to(weights, self.probe.weight_count).astype(float), bias)

    def feed(self, image: np.ndarray, weights: np.ndarray, bias: np.ndarray) -> np.ndarray:
        """Return the outputs, flat, for flat arrays; raise `Unreadable` where there are none."""
        arguments = [image.reshape(self.probe.image), weights.reshape(self.probe.weights)]
        if self.probe.filters:
            arguments.append(bias)
        left = self.ends - time.monotonic()
        if left <= 0:
            raise Unreadable("endless", self._sentence("takes too long to be X-rayed"))
        reply = self.answer.call(*arguments, seconds=left, forbid=self.forbid, **self.probe.options)
        self.calls += 1
        if reply.status != "returned":
            raise Unreadable(
                reply.status, self._sentence(_what_happened(reply.status, reply.error_kind, reply.error))
            )
        return self._outputs(reply.value)

    def _outputs(self, value: Any) -> np.ndarray:
        array = _numbers(value)
        if array is None or array.ndim != len(self.probe.image):
            wanted = f"an array with {len(self.probe.image)} axes"
            raise Unreadable("not numbers", self._sentence(f"returned {_kind(value)}; wanted {wanted}"))
        if array.ndim == 4 and array.shape[0] != 1:
            gave = f"returned {array.shape[0]} images for one: shape {array.shape}"
            raise Unreadable("wrong shape", self._sentence(gave))
        if not np.isfinite(array).all():
            raise Unreadable(
                "not finite", self._sentence("returned numbers that are not finite (NaN or infinity)")
            )
        shape = (1, *array.shape) if array.ndim == 2 else array.shape[1:]
        if self.calls > 1 and shape != self.shape:
            raise Unreadable("wrong shape", self._sentence("returned another shape for the same sizes"))
        if array.size == 0:
            raise Unreadable("wrong shape", self._sentence(f"returned an empty array of shape {array.shape}"))
        self.shape = shape
        return array.ravel()

    def predicts(self, products: np.ndarray, bias: np.ndarray, constant: np.ndarray) -> bool:
        """Tell whether the products explain what the answer gives for random whole numbers."""
        rng = np.random.default_rng(0)
        image, weights, biases = (
            rng.integers(-9, 10, n).astype(float)
            for n in (self.probe.pixels, self.probe.weight_count, self.probe.filters)
        )
        predicted = np.einsum("opq,p,q->o", products, image, weights) + constant
        if self.probe.filters:
            predicted += bias @ biases
        return np.allclose(self.feed(image, weights, biases), predicted, rtol=1e-5, atol=1e-5)

    def _sentence(self, what: str) -> str:
        return f"{self.answer.name} {what}."


def _what_happened(status: str, kind: str, error: BaseException | None) -> str:
    sentences = {
        "stub": "is not attempted yet",
        "endless": "did not finish in time",
        "forbidden": "uses what this exercise rules out",
    }
    message = str(error).strip().split("\n")[0] if error else ""
    raised = f"stopped with {kind}: {message}" if message else f"stopped with {kind}"
    return sentences.get(status, raised.rstrip("."))


def _numbers(value: Any) -> np.ndarray | None:
    """Return a value as a float64 array, or None where it is not made of real numbers."""
    try:
        array = np.asarray(value)
        return array.astype(np.float64) if array.dtype.kind in "biuf" else None
    except Exception:  # ragged lists, sparse tensors, objects with a broken __array__
        return None


def _kind(value: Any) -> str:
    if value is None:
        return "None (is there a return?)"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and type {value.dtype}"
    return f"a {type(value).__name__}"
