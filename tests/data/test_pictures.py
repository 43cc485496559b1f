"""Digits, photographs, and what is done to them; a fair draw of examples."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convbook import data
from convbook.data.photos import shares


def test_digits_are_small_images_between_0_and_1():
    digits = data.digits()
    assert digits.train_images.shape[1:] == (1, 8, 8) and digits.train_images.dtype == np.float64
    assert len(digits.train_images) + len(digits.test_images) == 1797
    assert digits.train_images.min() == 0 and digits.train_images.max() == 1
    assert digits.class_names[7] == "7"


def test_every_digit_has_the_same_share_in_both_parts():
    digits = data.digits()
    train, test = np.bincount(digits.train_labels), np.bincount(digits.test_labels)
    assert (test == (train + test) // 5).all() and len(test) == 10


def test_the_digits_are_split_alike_every_time():
    first, second = data.digits(), data.digits()
    assert np.array_equal(first.test_images, second.test_images)
    assert hashlib.sha256(second.test_labels.astype(np.uint8).tobytes()).hexdigest() == DIGITS


DIGITS = "ae868ceb6e5b065cfdba65e639e01c0dbb262d32bea34ba86eab9eb6eddd8d59"


def test_the_photographs_are_channels_first_between_0_and_1():
    photographs = data.photographs()
    assert list(photographs) == ["china", "flower"]
    for photo in photographs.values():
        assert photo.shape == (3, 427, 640) and photo.dtype == np.float64
        assert photo.min() >= 0 and 0.9 < photo.max() <= 1
        assert photo.flags.c_contiguous and photo.flags.writeable


def test_the_channels_are_red_green_and_blue():
    flower = data.photographs()["flower"][:, 150:250, 250:350].mean(axis=(1, 2))
    sky = data.photographs()["china"][:, :40].mean(axis=(1, 2))
    assert flower.argmax() == 0 and sky.argmax() == 2


def test_the_photographs_credits_are_those_of_the_installed_package():
    from importlib.resources import files

    readme = files("sklearn.datasets.images").joinpath("README.txt").read_text()
    told = data.photographs.__doc__
    for credit in ("danielbuechele", "vultilion"):
        assert credit in readme and credit in told
    assert "licenses/by/2.0" in readme and "CC BY 2.0" in told


def test_gray_weighs_green_most_and_keeps_white_white():
    one_each = np.eye(3).reshape(3, 1, 3)
    assert data.gray(one_each).tolist() == [[0.299, 0.587, 0.114]]
    assert data.gray(np.ones((3, 2, 2))).tolist() == [[1.0, 1.0], [1.0, 1.0]]
    assert data.gray(np.full((3, 1, 1), 255, np.uint8)).tolist() == [[255.0]]


def test_gray_takes_a_batch_and_refuses_what_has_no_three_channels(rng):
    batch = rng.random((2, 3, 4, 5))
    assert np.array_equal(data.gray(batch)[1], data.gray(batch[1]))
    with pytest.raises(ValueError, match=r"\(3, h, w\); this one has shape \(4, 5\)"):
        data.gray(batch[0, 0])
    with pytest.raises(ValueError, match=r"this one has shape \(4, 5, 3\)"):
        data.gray(rng.random((4, 5, 3)))


def test_gray_and_small_leave_their_argument_alone(rng):
    photo = rng.random((3, 8, 6))
    before = photo.copy()
    data.gray(photo)
    data.small(photo, 8)[:] = 7
    assert np.array_equal(photo, before)


@pytest.fixture
def rng():
    return np.random.default_rng(1)


def test_small_photographs_keep_their_form():
    assert data.small(data.photographs()["china"], 160).shape == (3, 160, 240)


def test_small_by_a_whole_number_is_the_mean_of_blocks(rng):
    photo = rng.random((3, 12, 18))
    blocks = photo.reshape(3, 4, 3, 6, 3).mean(axis=(2, 4))
    assert np.allclose(data.small(photo, 4), blocks, rtol=0, atol=1e-12)


@given(old=st.integers(1, 60), data_=st.data())
def test_shares_are_fair_to_every_pixel(old, data_):
    new = data_.draw(st.integers(1, old))
    table = shares(old, new)
    assert np.allclose(table.sum(axis=1), 1) and np.allclose(table.sum(axis=0), new / old)
    assert (table >= 0).all()


@given(h=st.integers(1, 30), w=st.integers(1, 30), data_=st.data())
def test_small_keeps_the_mean_and_the_range(h, w, data_):
    height = data_.draw(st.integers(1, h))
    photo = np.random.default_rng(h * w).random((2, h, w))
    shrunk = data.small(photo, height)
    assert shrunk.shape[:2] == (2, height) and np.allclose(shrunk.mean(), photo.mean())
    assert photo.min() <= shrunk.min() and shrunk.max() <= photo.max()


def test_small_of_the_same_height_changes_nothing_but_rounding(rng):
    photo = rng.random((5, 7))
    assert np.allclose(data.small(photo, 5), photo, rtol=0, atol=1e-12)


@pytest.mark.parametrize("value", [0.1, 0.3, 0.7, 1.0])
@pytest.mark.parametrize("height", [3, 6, 7, 10])
def test_a_plain_wall_stays_exactly_as_bright(value, height):
    assert (data.small(np.full((3, 11, 13), value), height) == value).all()


@pytest.mark.parametrize("height", [0, -1, 6])
def test_small_does_not_enlarge(height):
    with pytest.raises(ValueError, match=f"1 to 5 pixels, not {height}"):
        data.small(np.zeros((3, 5, 7)), height)


def test_small_refuses_what_is_no_image():
    with pytest.raises(ValueError, match=r"this one has shape \(5,\)"):
        data.small(np.zeros(5), 1)


@given(per_class=st.integers(0, 4), seed=st.integers(0, 1000))
def test_a_stratified_draw_takes_equally_many_of_every_class_and_none_twice(per_class, seed):
    labels = np.random.default_rng(seed).permutation(np.repeat([0, 1, 2], [4, 9, 5]))
    chosen = data.stratified(labels, per_class, np.random.default_rng(seed))
    assert len(set(chosen.tolist())) == len(chosen) == 3 * per_class
    assert np.bincount(labels[chosen], minlength=3).tolist() == [per_class] * 3


def test_a_stratified_draw_is_shuffled_and_repeats_with_its_seed():
    labels = np.repeat([0, 1], 50)
    first = data.stratified(labels, 40, np.random.default_rng(3))
    assert np.array_equal(first, data.stratified(labels, 40, np.random.default_rng(3)))
    assert not np.array_equal(first, data.stratified(labels, 40, np.random.default_rng(4)))
    assert 0 < labels[first][:40].sum() < 40  # the classes are mixed


def test_a_stratified_draw_of_too_many_says_how_many_there_are():
    with pytest.raises(ValueError, match="asked for 3 a class; the smallest class has 2"):
        data.stratified(np.array([0, 1, 1, 0, 1]), 3, np.random.default_rng(0))


@pytest.mark.parametrize(
    "labels", [np.array([0.0, 1.0]), np.array([]), np.array([[0, 1]]), np.array([-1, 0])]
)
def test_a_stratified_draw_refuses_what_are_no_labels(labels):
    with pytest.raises(ValueError, match="labels are whole numbers"):
        data.stratified(labels, 1, np.random.default_rng(0))
