"""The X-ray reads off exactly what a function used, whatever its inside, and refuses what cannot be read."""

from __future__ import annotations

import time

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from convbook.answers import hold
from convbook.answers.probes import Probe, Unreadable, xray

SMALL = Probe((4, 5), (2, 3))


def loops(x, k):
    rows, columns = x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1
    y = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            y[i, j] = (x[i : i + k.shape[0], j : j + k.shape[1]] * k).sum()
    return y


def slices(x, k):
    rows, columns = x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1
    return sum(
        k[i, j] * x[i : i + rows, j : j + columns] for i in range(k.shape[0]) for j in range(k.shape[1])
    )


def windows(x, k):
    return np.einsum("hwij,ij->hw", np.lib.stride_tricks.sliding_window_view(x, k.shape), k)


def by_torch(x, k):
    image, kernel = (torch.as_tensor(a, dtype=torch.float64)[None, None] for a in (x, k))
    return torch.nn.functional.conv2d(image, kernel)[0, 0]


def single(x, k):
    return loops(x.astype(np.float32), k.astype(np.float32)).astype(np.float32)


@pytest.mark.parametrize("way", [loops, slices, windows, by_torch, single])
def test_every_way_to_write_it_gives_the_same_reading(way):
    reading = xray(hold(way), SMALL)
    assert reading.shape == (1, 3, 3)
    for (row, column), uses in zip(np.ndindex(3, 3), reading.products, strict=True):
        wanted = {((row + i) * 5 + column + j, i * 3 + j): 1.0 for i, j in np.ndindex(2, 3)}
        assert {tuple(map(int, at)): float(uses[tuple(at)]) for at in np.argwhere(uses)} == wanted


def test_a_small_image_takes_forty_calls_or_fewer():
    assert xray(hold(loops), Probe((6, 6), (3, 3))).calls <= 40


@given(
    channels=st.integers(1, 2), filters=st.integers(1, 2), stride=st.integers(1, 3), padding=st.integers(0, 2),
    seed=st.integers(0, 99),
)  # fmt: skip
def test_a_reading_foretells_a_convolution_with_everything(channels, filters, stride, padding, seed):
    def conv2d(x, w, b, stride, padding):
        arrays = map(torch.as_tensor, (x, w, b))
        return torch.nn.functional.conv2d(*arrays, stride=stride, padding=padding).numpy()

    options = {"stride": stride, "padding": padding}
    probe = Probe((1, channels, 4, 3), (filters, channels, 3, 2), filters, options)
    reading = xray(hold(conv2d), probe, seconds=20)
    rng = np.random.default_rng(seed)
    x, w, b = (rng.normal(size=shape) for shape in (probe.image, probe.weights, filters))
    told = np.einsum("opq,p,q->o", reading.products, x.ravel(), w.ravel()) + reading.bias @ b
    assert np.allclose(told, conv2d(x, w, b, **options).ravel())


def test_more_weights_than_one_call_can_tell_are_read_in_several():
    probe = Probe((1, 3, 3, 3), (2, 3, 3, 3), 2, {})
    reading = xray(hold(lambda x, w, b: np.einsum("nchw,fchw->nf", x, w)[..., None, None]), probe)
    assert reading.products.sum() == 54
    assert reading.products[0].sum() == 27
    assert not reading.bias.any()


@pytest.mark.parametrize("factor", [2.0, 3.0, 4.0, -1.0, 1 / 9, 1.5])
def test_how_often_a_product_is_taken_is_read_whatever_the_factor(factor):
    reading = xray(hold(lambda x, k: factor * loops(x, k)), SMALL)
    assert np.allclose(reading.products[reading.products != 0], factor)


def test_what_looks_like_other_digits_is_not_mistaken():
    """−1 of one weight and +1 of the next add up to 3 of the first: 4 − 1."""
    reading = xray(hold(lambda x, k: x[:1, :1] * (k[0, 1] - k[0, 0])), SMALL)
    assert reading.products[0, 0, :2].tolist() == [-1.0, 1.0]


def test_a_bias_and_a_constant_are_told_apart():
    def conv(x, w, b):
        return np.einsum("nchw,fchw->nf", x, w)[..., None, None] + 2 * b[::-1, None, None] + 5

    reading = xray(hold(conv), Probe((1, 1, 2, 2), (2, 1, 2, 2), 2))
    assert reading.bias.tolist() == [[0, 2], [2, 0]]
    assert reading.constant.tolist() == [5, 5]


def broken(x, k):
    raise IndexError("index 9 is out of bounds")


def stub(x, k):
    raise NotImplementedError()


RNG = np.random.default_rng(0)


def restless(x, k):
    return loops(x, k) * RNG.integers(1, 9)


@pytest.mark.parametrize(
    ("function", "status", "part"),
    [
        (broken, "raised", "broken stopped with IndexError: index 9 is out of bounds."),
        (stub, "stub", "not attempted"),
        (lambda x, k: None, "not numbers", "None (is there a return?)"),
        (lambda x, k: "y", "not numbers", "a str"),
        (lambda x, k: [[1.0], [1.0, 2.0]], "not numbers", "a list"),
        (lambda x, k: loops(x, k)[0], "not numbers", "shape (3,)"),
        (lambda x, k: loops(x, k) * np.nan, "not finite", "not finite"),
        (lambda x, k: loops(x, k)[:0], "wrong shape", "empty"),
        (lambda x, k: np.zeros((1 + int(x.sum()), 2)), "wrong shape", "another shape"),
        (lambda x, k: np.abs(loops(x, k)), "not products", "not sums of pixels times weights"),
        (lambda x, k: loops(x, k) ** 2, "not products", "not sums"),
        (lambda x, k: np.full((2, 2), x.sum() + k.sum()), "not products", "not sums"),
        (restless, "not products", "differ from call to call"),
    ],
)
def test_what_cannot_be_read_gives_one_clear_sentence(function, status, part):
    with pytest.raises(Unreadable) as reason:
        xray(hold(function), SMALL)
    assert reason.value.status == status
    assert part in str(reason.value)
    assert "\n" not in str(reason.value)


def test_an_endless_loop_is_stopped_in_time():
    def endless(x, k):
        while True:
            pass

    started = time.monotonic()
    with pytest.raises(Unreadable, match="did not finish"):
        xray(hold(endless), SMALL, seconds=0.3)
    assert time.monotonic() - started < 3


def test_many_slow_calls_are_stopped_in_time_too():
    def slow(x, k):
        time.sleep(0.05)
        return loops(x, k)

    with pytest.raises(Unreadable) as reason:
        xray(hold(slow), SMALL, seconds=0.3)
    assert reason.value.status == "endless"


def test_a_function_that_prints_or_overwrites_its_input_is_read_all_the_same(capsys):
    def noisy(x, k):
        print("here")
        y = loops(x, k)
        x[:] = -1
        k[:] = -1
        return y

    assert np.array_equal(xray(hold(noisy), SMALL).products, xray(hold(loops), SMALL).products)
    assert capsys.readouterr().out == ""
