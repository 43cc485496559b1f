"""Demonstrations show something whatever state an answer is in, and say so in one line."""

from __future__ import annotations

import numpy as np
import pytest
from torch import nn

from convbook.checks import convolution, resnet
from convbook.stand_in import NotYet, yours

ONES = np.ones((3, 3)), np.ones((2, 2))


def right(x, k):
    return np.full((x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1), (x[0, 0] * k).sum())


def stub(x, k):
    raise NotImplementedError()


def test_a_right_answer_is_used_and_nothing_is_said(capsys):
    calls = []
    result = yours(lambda x, k: calls.append(x) or right(x, k), convolution.corr2d)(*ONES)
    assert result.tolist() == [[4, 4], [4, 4]] and len(calls) == 1
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (stub, "corr2d is not done yet"),
        (lambda x, k: right(x, k) + 1, "corr2d gives another result here than PyTorch"),
        (lambda x, k: right(x, k)[:1], "corr2d gives another result here than PyTorch"),
        (lambda x, k: None, "corr2d gives another result here than PyTorch"),
        (lambda x, k: x + k, "corr2d stopped here with ValueError"),
        (lambda x: x, "corr2d stopped here with TypeError"),
        (None, "corr2d stopped here with TypeError"),
    ],
    ids=["open", "wrong", "wrong shape", "nothing", "crash", "signature", "no function"],
)
def test_pytorch_stands_in_and_one_line_says_why(capsys, answer, what):
    stand_in = yours(answer, convolution.corr2d)
    assert stand_in(*ONES).tolist() == [[4, 4], [4, 4]]
    stand_in(*ONES)
    assert capsys.readouterr().out == f"{what}: this cell uses PyTorch's result.\n"


def test_an_answer_that_changes_its_input_changes_nothing_of_the_demonstration():
    x, k = np.ones((3, 3)), np.ones((2, 2))

    def writes(x, k):
        x[:] = 0
        return right(x, k)

    assert yours(writes, convolution.corr2d)(x, k).tolist() == [[4, 4], [4, 4]]
    assert x.all()


class Stub(nn.Module):
    expansion = 1

    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        raise NotImplementedError()


class NoSkip(nn.Module):
    expansion = 1

    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(c_in, c_out, 3, stride, padding=1)

    def forward(self, x):
        return self.conv(x)


@pytest.fixture(autouse=True)
def unchecked():
    """Forget what other tests have had checked: a block that passed is not judged again."""
    resnet.BasicBlock.outcomes.clear()


def test_a_block_that_is_open_has_no_stand_in_and_one_line_says_so():
    with pytest.raises(NotYet) as told:
        yours(Stub, resnet.BasicBlock)
    assert told.value._render_traceback_() == [
        "BasicBlock is not done yet: nothing can stand in for it, so this cell waits."
    ]


def test_a_wrong_block_is_shown_as_it_is_and_announced(capsys):
    assert yours(NoSkip, resnet.BasicBlock) is NoSkip
    assert capsys.readouterr().out.startswith("BasicBlock does not pass its check yet")
