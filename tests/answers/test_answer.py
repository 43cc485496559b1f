"""An answer held at arm's length: whatever its code does comes back as a reply."""

from __future__ import annotations

import sys
import time
import traceback
import warnings

import numpy as np
import pytest
import torch

from convbook.answers import Answer, LocalAnswer, hold


def test_a_result_comes_back_with_the_arguments_as_they_were_left():
    def double(x):
        x *= 2
        return x

    array = np.ones(2)
    reply = hold(double).call(array)
    assert reply.status == "returned"
    array += 5
    assert reply.value.tolist() == [2, 2]
    assert reply.arguments[0] is array
    assert reply.seconds >= 0


def test_an_exception_comes_back_with_the_learners_frame_first():
    def broken(x):
        return x.nosuch

    reply = hold(broken).call(np.ones(2))
    assert (reply.status, reply.error_kind) == ("raised", "AttributeError")
    assert [f.name for f in traceback.extract_tb(reply.error.__traceback__)] == ["broken"]


@pytest.mark.parametrize(("raised", "status"), [(NotImplementedError, "stub"), (NotImplementedError(), "stub"),
                                                (NotImplementedError("later"), "raised"), (SystemExit, "raised"),
                                                (ValueError, "raised"), (GeneratorExit, "raised")])  # fmt: skip
def test_what_is_raised_decides_the_status(raised, status):
    def answer():
        raise raised

    assert hold(answer).call().status == status


def test_the_learners_own_interrupt_passes():
    def answer():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        hold(answer).call()


def test_what_is_printed_is_kept_and_shortened_and_reaches_nobody(capsys):
    def chatty():
        print("hello")
        print("oh", file=sys.stderr)
        warnings.warn("careful", stacklevel=1)
        print("x" * 10_000)

    filters = list(warnings.filters)
    reply = hold(chatty).call()
    assert reply.printed.startswith("hello\noh\nx")
    assert len(reply.printed) <= 2000
    assert capsys.readouterr() == ("", "")
    assert list(warnings.filters) == filters


def test_an_endless_call_is_stopped_by_its_own_budget():
    started = time.perf_counter()
    assert hold(lambda: time.sleep(20)).call(seconds=0.1).status == "endless"
    assert time.perf_counter() - started < 3


def test_an_endless_generator_is_cut_and_a_lazy_one_is_run():
    def numbers():
        number = 0
        while True:
            yield number
            number += 1

    reply = hold(numbers).call()
    assert reply.status == "returned"
    assert len(reply.value) == 10_000
    assert hold(lambda: (i for i in range(3))).call().value == [0, 1, 2]


def test_items_of_a_generator_are_copied_one_by_one():
    def reused():
        array = np.zeros(1)
        for _ in range(3):
            array += 1
            yield array

    assert [item[0] for item in hold(reused).call().value] == [1, 2, 3]


def test_the_clock_runs_while_a_generator_is_emptied():
    def slow():
        yield 1
        time.sleep(20)

    assert hold(slow).call(seconds=0.1).status == "endless"


def test_forbidden_torch_is_named_and_torch_is_free_otherwise():
    reply = hold(lambda: torch.zeros(2)).call(forbid="torch")
    assert reply.status == "forbidden"
    assert "zeros" in reply.forbidden
    assert hold(lambda: torch.zeros(2).sum().item()).call().value == 0


def test_torch_reached_by_an_endless_answer_leaves_torch_working():
    def answer():
        while True:
            try:
                torch.zeros(2)
            except BaseException:
                continue

    assert hold(answer).call(seconds=0.1, forbid="torch").status in ("endless", "forbidden")
    assert torch.ones(2).sum() == 2


def test_an_answer_is_held_once():
    held = hold(len)
    assert isinstance(held, LocalAnswer)
    assert isinstance(held, Answer)
    assert hold(held) is held
    assert held.name == "len"


def test_the_source_is_told_where_there_is_one():
    def answer():
        return "here"

    assert 'return "here"' in hold(answer).source()
    assert hold(len).source() == ""


def test_a_traceback_holds_the_learner_s_frames_and_none_of_pytorch_or_of_the_course():
    import torch

    def outer(x):
        return torch.nn.Conv2d(1, 1, 5)(torch.zeros(1, 1, x, x))

    error = LocalAnswer(outer).call(3).error
    assert [frame.name for frame in traceback.extract_tb(error.__traceback__)] == ["outer"]


def test_an_error_that_no_frame_of_the_learner_was_in_keeps_its_traceback():
    error = LocalAnswer(int).call("no number").error
    assert isinstance(error, ValueError) and traceback.extract_tb(error.__traceback__) == []
