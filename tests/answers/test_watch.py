"""Torch inside a NumPy exercise is noticed, however it is reached, and torch is itself again afterwards."""

from __future__ import annotations

import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from convbook.answers.watch import Forbidden, nothing_forbidden, watched

KEPT = torch.nn.functional.conv2d
ONES = torch.ones(1, 1, 3, 3)
LAYER = torch.nn.Conv2d(1, 1, 3)


with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # PyTorch would rather have compiled code; learners may still script

    @torch.jit.script
    def scripted(x: torch.Tensor) -> torch.Tensor:
        return x * 2 + 1


def in_a_thread():
    thread = threading.Thread(target=lambda: torch.zeros(2))
    thread.start()
    thread.join()


def in_a_thread_of_a_thread():
    thread = threading.Thread(target=in_a_thread)
    thread.start()
    thread.join()


def in_a_pool():
    with ThreadPoolExecutor(1) as pool:
        pool.submit(torch.zeros, 2)


WAYS = {
    "a factory": lambda: torch.zeros(2),
    "a kept function": lambda: KEPT(ONES, ONES),
    "a method": lambda: ONES.sum(),
    "an operator": lambda: ONES + 1,
    "a module": lambda: LAYER(ONES),
    "from_numpy": lambda: torch.from_numpy(np.zeros(2)) * 2,
    "scripted code": lambda: scripted(ONES),
    "torch.ops": lambda: torch.ops.aten.relu(ONES),
    "another name": lambda: getattr(sys.modules["tor" + "ch"], "ze" + "ros")(2),
    "dlpack": lambda: torch.from_dlpack(np.zeros(2)).sum(),
    "a thread": in_a_thread,
    "a thread of a thread": in_a_thread_of_a_thread,
    "a pool of threads": in_a_pool,
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_torch_is_noticed_however_it_is_reached(way):
    with pytest.raises(Forbidden), watched("torch"):
        way()


def test_an_answer_cannot_catch_it_by_except_exception():
    with pytest.raises(Forbidden), watched("torch"):
        try:  # noqa: SIM105  (as learners write it)
            torch.zeros(2)
        except Exception:
            pass


def test_an_answer_that_catches_everything_is_told_at_its_end():
    with pytest.raises(Forbidden), watched("torch"):
        try:  # noqa: SIM105  (as learners write it)
            torch.zeros(2)
        except BaseException:
            pass


def test_the_name_of_the_function_is_told():
    with pytest.raises(Forbidden, match="zeros"), watched("torch"):
        torch.zeros(2)


def test_numpy_and_threads_without_torch_are_allowed():
    heard = []
    with watched("torch"):
        thread = threading.Thread(target=lambda: heard.append(np.ones(3).sum()))
        thread.start()
        thread.join()
    assert heard == [3.0]


def test_threads_of_others_are_left_alone():
    started, go, heard = threading.Event(), threading.Event(), []

    def other():
        started.set()
        go.wait(5)
        heard.append(torch.ones(2).sum().item())

    thread = threading.Thread(target=other)
    thread.start()
    started.wait(5)
    with watched("torch"):
        go.set()
        thread.join()
    assert heard == [2.0]


def test_torch_works_again_afterwards():
    start = threading.Thread.start
    with pytest.raises(Forbidden), watched("torch"):
        torch.zeros(2)
    assert torch.zeros(2).sum() == 0
    assert threading.Thread.start is start


def test_an_exception_of_the_block_comes_out_unchanged():
    with pytest.raises(KeyError), watched("torch"):
        raise KeyError("mine")


def test_only_torch_can_be_watched():
    with pytest.raises(ValueError, match="scipy"), watched("scipy"):
        pass


def test_nothing_is_forbidden_where_nothing_is_watched():
    with nothing_forbidden():
        assert torch.ones(2).sum() == 2
