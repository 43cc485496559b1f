"""From the products of a wrong convolution its mistake is named, and nothing is named where it is right."""

from __future__ import annotations

import numpy as np
import pytest

from cases import flat, full
from convbook.answers import hold
from convbook.answers.evidence import describe_products, truth
from convbook.answers.probes import Probe, xray


def plain(size=5, kernel=3) -> Probe:
    return Probe((size, size), (kernel, kernel))


def layer(filters=2, channels=2, size=4, kernel=3, stride=1, padding=0) -> Probe:
    options = {"stride": stride, "padding": padding}
    return Probe((1, channels, size, size), (filters, channels, kernel, kernel), filters, options)


def said(function, probe: Probe) -> list[str]:
    return describe_products(xray(hold(function), probe, seconds=20), truth(probe))


def dilated(x, k):
    wide = np.zeros((2 * len(k) - 1,) * 2)
    wide[::2, ::2] = k
    return flat()(x, wide)


def wrapped(x, k):
    """Slide over every pixel, and go on at the other side where the image ends."""
    return sum(k[i, j] * np.roll(x, (-i, -j), (0, 1)) for i in range(k.shape[0]) for j in range(k.shape[1]))


def unfinished(x, k):
    y = flat()(x, k)
    y[-1] = 0
    return y


def without_channel(x, w, b, s, p):
    w = w.copy()
    w[0, 1] = 0
    return x, w, b, s, p


def summed(x, w, b, s, p):
    return x, np.broadcast_to(w.sum(0), w.shape), b, s, p


FLAT = [
    (flat(), plain(), []),
    (flat(lambda x, k: (x, k[::-1, ::-1])), plain(), ["the kernel is flipped"]),
    (flat(lambda x, k: (x, k[::-1])), plain(), ["the kernel is flipped in its rows only"]),
    (flat(lambda x, k: (x, k.T)), plain(), ["the kernel is transposed: its rows run along the image's columns"]),
    (flat(scale=1 / 9), plain(), ["every product is divided by 9"]),
    (flat(scale=-1), plain(), ["every product has the wrong sign"]),
    (flat(scale=2), plain(), ["every product is taken 2 times"]),
    (dilated, plain(), [
        "the output is 1 × 1 × 1, wanted 1 × 3 × 3",
        "neighbouring weights meet pixels 2 rows apart, wanted 1: the kernel is dilated",
        "neighbouring weights meet pixels 2 columns apart, wanted 1: the kernel is dilated"]),
    (wrapped, plain(4), [
        "the output is 1 × 4 × 4, wanted 1 × 2 × 2",
        "the window wraps around: past the lower edge it goes on at the opposite one",
        "the window wraps around: past the right edge it goes on at the opposite one"]),
    (flat(lambda x, k: (x, k[:3, :3])), plain(6, 5), [
        "the output is 1 × 4 × 4, wanted 1 × 2 × 2",
        "the kernel's rows 3 and 4 are never used (is its side fixed at 3?)",
        "the kernel's columns 3 and 4 are never used (is its side fixed at 3?)"]),
    (unfinished, plain(), ["the outputs of row 2 use no pixel at all"]),
    (lambda x, k: np.zeros((3, 3)), plain(), ["no output depends on the image and the weights"]),
    (lambda x, k: flat()(x, k) + 3, plain(), ["every output adds the constant 3"]),
]  # fmt: skip
FULL = [
    (lambda *a: a, layer(), []),
    (lambda *a: a, layer(stride=2, padding=1), []),
    (without_channel, layer(), ["filter 0 never reads channel 1"]),
    (lambda x, w, b, s, p: (x[:, :1], w[:, :1], b, s, p), layer(), ["no filter ever reads channel 1"]),
    (lambda x, w, b, s, p: (x, w[:, ::-1], b, s, p), layer(),
     ["channel 0 meets the weights of channel 1 (1 more pair like it)"]),
    (lambda x, w, b, s, p: (x, w[::-1], b, s, p), layer(),
     ["map 0 is made with the weights of filter 1 (1 more pair like it)"]),
    (summed, layer(), ["map 0 sums the weights of filters 0 and 1"]),
    (lambda x, w, b, s, p: (x, w, 0 * b, s, p), layer(), ["the bias is never added"]),
    (lambda x, w, b, s, p: (x, w, 2 * b, s, p), layer(), ["the bias of map 0 is 2 times that of filter 0"]),
    (lambda x, w, b, s, p: (x, w, b, 1, p), layer(size=5, stride=2), [
        "the output is 2 × 3 × 3, wanted 2 × 2 × 2",
        "the window moves by 1 row, wanted 2", "the window moves by 1 column, wanted 2"]),
    (lambda x, w, b, s, p: (x, w, b, s, 0), layer(padding=1), [
        "the output is 2 × 2 × 2, wanted 2 × 4 × 4",
        "the first window starts at row 0 of the image, wanted −1",
        "the first window starts at column 0 of the image, wanted −1"]),
]  # fmt: skip


@pytest.mark.parametrize(("function", "probe", "wanted"), FLAT)
def test_a_flat_convolutions_mistake_is_named(function, probe, wanted):
    assert said(function, probe) == wanted


@pytest.mark.parametrize(("bend", "probe", "wanted"), FULL)
def test_a_layers_mistake_is_named(bend, probe, wanted):
    assert said(full(bend), probe) == wanted


def test_what_fits_no_name_is_still_told():
    def shuffled(x, k):
        y = flat()(x, k)
        y[0, 0], y[1, 1] = y[1, 1], y[0, 0]
        return y

    assert said(shuffled, plain()) == ["2 of 9 outputs use other products than they should"]


def test_the_truth_is_what_an_xray_reads_off_a_right_layer():
    probe = layer(3, 2, 4, 2, 2, 1)
    read = xray(hold(full(lambda *a: a)), probe, seconds=20)
    wanted = truth(probe)
    assert read.shape == wanted.shape
    for name in ("products", "bias", "constant"):
        assert np.array_equal(getattr(read, name), getattr(wanted, name))
