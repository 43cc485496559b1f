"""Data of the notebook that an answer reads without being given it is found without running anything."""

from __future__ import annotations

import functools
import math
from unittest import mock

import numpy as np
import pytest
import torch

from convbook.answers import Answer, hold
from convbook.answers.outside import outside_data

kernel = np.ones((3, 3))
weight = torch.ones(2)
stride, names, table, title = 1, ["a"], {"a": 1}, "edge"


class Own:
    pass


thing = Own()


def helper(x):
    return x * stride


def reads_data(x):
    return np.sum(x * kernel) + weight.sum() * stride + math.sqrt(len(names)) + kernel.sum()


def reads_none(x, kernel):
    stride = 2
    return helper(x) + np.sum(kernel) * stride + len(x) + bool(thing) + bool(Own)


def reads_nested(x):
    def inner(y):
        return lambda: y * weight

    return [inner(row)() * stride for row in x]


def reads_what_is_not_there(x):
    return x * not_defined_yet  # noqa: F821


def writes(x):
    global title
    title = x


def holds_a_class(x):
    class Inner:
        stride = 5
        twice = stride * 2
        other = table

    return Inner


class Block(torch.nn.Module):
    c = stride

    def __init__(self):
        super().__init__()
        self.names = names

    @property
    def shape(self):
        return table

    @staticmethod
    def fixed():
        return kernel

    def forward(self, x):
        return x * weight + len(names)


@pytest.mark.parametrize(
    ("target", "found"),
    [
        (reads_data, ["kernel", "weight", "stride", "names"]),
        (reads_none, []),
        (reads_nested, ["weight", "stride"]),
        (reads_what_is_not_there, []),
        (writes, []),
        (holds_a_class, ["table"]),
        (Block, ["names", "table", "kernel", "weight"]),
        (functools.partial(reads_nested, 1), ["weight", "stride"]),
        (Block().forward, ["weight", "names"]),
        (functools.partial(len), []),
        (len, []),
        (np.add, []),
        (int, []),
        (functools.lru_cache(reads_nested), ["weight", "stride"]),
        (mock.MagicMock(), []),
        (None, []),
    ],
    ids=lambda value: None if isinstance(value, list) else type(value).__name__,
)
def test_the_data_a_callable_reads_is_named_in_order(target, found):
    assert outside_data(target) == found
    assert hold(target).outside_data() == found


def test_what_data_is_is_not_asked_of_the_value():
    class Rude:
        @property
        def __class__(self):
            raise RuntimeError("asked")

    space = {"rude": Rude(), "size": 3}
    exec("def answer(x): return rude, size", space)
    assert outside_data(space["answer"]) == ["size"]


def test_an_answer_of_another_process_reads_nothing_that_is_known_here():
    assert Answer.outside_data(hold(len)) == []
