"""A learner's backward is read like a convolution: which gradient and which weight each cell of dX took."""

from __future__ import annotations

import builtins

import numpy as np
import pytest
import torch

from convbook.answers.backward import Backward, read


def by_torch(dout, x_shape, w, stride=1, padding=0):
    w, dout = (torch.tensor(one, dtype=torch.float64) for one in (w, dout))
    return torch.nn.grad.conv2d_input(x_shape, w, dout, stride=stride, padding=padding).numpy()


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (1, 1), (2, 0), (2, 1)])
def test_what_is_read_of_a_right_backward_is_the_way_forward_turned_round(stride, padding):
    shape, kernel = (1, 1, 5, 4), (3, 2)
    said, reading = read(Backward(by_torch, shape, stride, padding), kernel)
    assert said == "" and reading is not None and reading.shape == shape[1:]
    x, w = np.random.default_rng(0).normal(size=shape), np.random.default_rng(1).normal(size=(1, 1, *kernel))
    y = torch.nn.functional.conv2d(torch.tensor(x), torch.tensor(w), stride=stride, padding=padding)
    forward = np.einsum("poq,p,q->o", reading.products, x.ravel(), w.ravel())
    assert forward == pytest.approx(y.numpy().ravel())


def test_a_function_that_cannot_be_read_gives_a_sentence_and_no_reading():
    def asks(*_, **__):
        return input("how much? ")

    before = builtins.input
    said, reading = read(Backward(asks, (1, 1, 3, 3), 1, 0), (2, 2))
    assert said == "asks stopped with RuntimeError: input() is not answered here." and reading is None
    assert builtins.input is before
