"""Demonstrations show something whatever state an answer is in, and say so in one line."""

from __future__ import annotations

import numpy as np
import pytest
from torch import nn

from convbook.checks import convolution, resnet
from convbook.forms import CheckFailed, Unread
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


SAID = (
    "corr2d does not exist yet: its cell has a syntax error in line 1 (expected ':'). "
    "Mend that line and run the cell again."
)


@pytest.fixture
def shell(monkeypatch):
    """Return an IPython shell of our own that listens for cells which are no Python."""
    from IPython.core.interactiveshell import InteractiveShell

    from convbook import unread

    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    one = InteractiveShell()
    one.run_cell(
        "from convbook.checks import convolution as check\nfrom convbook.stand_in import working, yours\nimport numpy as np"
    )
    unread.listen(one)
    return one


BROKEN = "def corr2d(x, k)\n    return x"


def test_an_answer_that_is_no_python_is_told_in_one_sentence_wherever_it_is_used(shell, capsys):
    shell.run_cell(BROKEN)
    capsys.readouterr()
    for code in ("check.corr2d(corr2d)", "corr2d(1, 2)", "corr2d.weight"):
        shell.run_cell(code)
        assert capsys.readouterr().out.strip() == SAID
    shell.run_cell("print(yours(corr2d, check.corr2d)(np.ones((3, 3)), np.ones((2, 2))).tolist())")
    assert (
        capsys.readouterr().out
        == f"{SAID} Until then this cell uses PyTorch's result.\n[[4.0, 4.0], [4.0, 4.0]]\n"
    )
    shell.run_cell("print(list(working({'loops': lambda: corr2d(1, 2)})))")
    assert capsys.readouterr().out == f"loops is left out. {SAID}\n[]\n"


def test_a_mended_cell_and_a_name_that_was_there_before_are_what_python_makes_of_them(shell):
    shell.run_cell("def flip180(k):\n    return 1")
    shell.run_cell("def flip180(k)\n    return 2")
    shell.run_cell("if 1\n    def inner(): pass")
    shell.run_cell(BROKEN)
    assert isinstance(shell.user_ns["corr2d"], Unread)
    assert shell.user_ns["flip180"](0) == 1 and "inner" not in shell.user_ns
    shell.run_cell(BROKEN.replace("k)", "k):"))
    assert shell.user_ns["corr2d"](5, 6) == 5


def test_a_block_that_is_no_python_makes_its_cell_wait_with_the_same_sentence():
    unread = Unread("BasicBlock", 3, "invalid syntax")
    with pytest.raises(NotYet, match=r"BasicBlock does not exist yet: .* line 3 \(invalid syntax\)"):
        yours(unread, resnet.BasicBlock)
    with pytest.raises(CheckFailed, match="BasicBlock does not exist yet") as failed:
        resnet.BasicBlock(unread)
    assert failed.value.kind == "crash"


def test_while_nbgrader_grades_nobody_listens(monkeypatch):
    from convbook import unread

    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    unread.listen(object())  # whoever touched it would find that it is no shell
