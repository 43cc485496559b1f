"""A learner's dropout is read by its masks: right ones have no fault, and each mistake is named."""

from __future__ import annotations

import builtins

import numpy as np
import pytest
import torch

from convbook.answers import hold
from convbook.answers.masks import P, Unreadable, read


def by_torch(x, p, training, rng):
    """Return y and the mask as PyTorch draws them."""
    torch.manual_seed(int(rng.integers(2**31)))
    mask = torch.nn.functional.dropout(torch.ones(x.shape, dtype=torch.float64), p, training).numpy()
    return x * mask, mask


def drawn(mask):
    """Return a dropout whose mask in training is what `mask(shape, p, rng)` gives."""

    def dropout(x, p, training, rng):
        one = np.broadcast_to(mask(x.shape, p, rng), x.shape) if training else np.ones(x.shape)
        return x * one, one

    return dropout


def kept(shape, p, rng):
    return rng.random(shape) >= p


def one_unit_always(shape, p, rng):
    mask = kept(shape, p, rng) / (1 - p)
    mask[..., 3] = 1 / (1 - p)
    return mask


def never_rests(x, p, training, rng):
    mask = kept(x.shape, p, rng) / (1 - p)
    return x * mask, mask


MISTAKES = {
    "one mask for the batch": (drawn(lambda s, p, rng: kept(s[1:], p, rng) / (1 - p)), "all images of a batch have one mask"),
    "exchanged": (drawn(lambda s, p, rng: (rng.random(s) < p) / (1 - p)), "it keeps 25 % of the units for p = 0.25, wanted about 75 %: keep and drop are exchanged"),
    "not scaled": (drawn(kept), "a kept unit holds 1 in the mask, wanted 1 / (1 − p) = 1.33"),
    "scaled by p": (drawn(lambda s, p, rng: kept(s, p, rng) / p), "a kept unit holds 4 in the mask, wanted 1 / (1 − p) = 1.33"),
    "own seed": (drawn(lambda s, p, rng: kept(s, p, np.random.default_rng(0)) / (1 - p)), "it draws the same mask in every call: take the numbers from rng"),
    "one unit always": (drawn(one_unit_always), "unit 3 is kept in 100 % of its masks, wanted about 75 %"),
    "evaluation drops": (never_rests, "in evaluation its mask holds 0 to 1.33, wanted 1 everywhere"),
    "y is another": (lambda x, p, training, rng: (x, by_torch(x, p, training, rng)[1]), "its y is not x * mask"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_the_only_fault_that_is_named(name):
    dropout, fault = MISTAKES[name]
    assert read(hold(dropout)).faults == (fault,)


def test_pytorchs_own_masks_and_numpys_of_any_seed_have_no_fault():
    found = read(hold(by_torch))
    assert found.faults == () and not found.whole_maps and not found.printed
    assert found.batch.shape == (8, 12) and set(np.round(found.batch.ravel(), 6)) == {
        0,
        round(1 / (1 - P), 6),
    }
    assert found.rates == pytest.approx([1 - P] * 12, abs=0.1)


def test_whole_maps_are_seen_and_are_no_fault():
    spatial = drawn(lambda s, p, rng: kept(s[:2] + (1,) * (len(s) - 2), p, rng) / (1 - p))
    found = read(hold(spatial))
    assert found.whole_maps and found.faults == ()


def test_what_gives_no_masks_is_told_in_a_sentence_and_input_is_put_back():
    before = builtins.input
    for function, said in [
        (lambda *_: None, "returned None (is there a return?); wanted two arrays, y and the mask."),
        (lambda x, *_: x, "returned one array; wanted two arrays, y and the mask."),
        (lambda x, *_: (x, x, x), "returned 3 things; wanted two arrays, y and the mask."),
        (lambda x, *_: (x, x[0]), "returned a mask with shape (12,) for an x with shape (8, 12); the two must be equal."),
        (lambda x, *_: (x, x * np.nan), "returned a mask with numbers that are not finite (NaN or infinity)."),
        (lambda x, *_: ("y", x), "returned y that is not an array of numbers."),
        (lambda *_: input("p? "), "stopped with RuntimeError: input() is not answered here."),
        (lambda *_: 1 / 0, "stopped with ZeroDivisionError: division by zero."),
    ]:  # fmt: skip
        with pytest.raises(Unreadable) as told:
            read(hold(function))
        assert str(told.value) == said
    assert builtins.input is before
