"""Beyond named mistakes: what is said of a wrong answer is true in every case, and the case that is shown is a small one."""

from __future__ import annotations

import time

import numpy as np
import pytest

from convbook.checks import convolution as check
from convbook.checks.engine import causes
from convbook.checks.engine.declare import case, exercise, mistake
from convbook.checks.engine.oracles import DeclarationError
from convbook.checks.engine.seed import seeded
from right import WAYS
from right.convolution import einsum_layer


def right(name):
    return WAYS[name][0]


def test_a_wrong_helper_is_mended_first():
    def im2col(x, k, stride=1, padding=0):
        return right("im2col")(x, k, stride, padding)[:, ::-1]

    names = {"im2col": im2col, "right": einsum_layer}
    exec(
        "def conv2d_im2col(x, w, b=None, stride=1, padding=0):\n"
        "    columns = im2col(x, w.shape[2], stride, padding)\n"
        "    y = (w.reshape(len(w), -1) @ columns).reshape(right(x, w, None, stride, padding).shape)\n"
        "    return y if b is None else y + b[:, None, None]\n",
        names,
    )
    verdict = check.conv2d_im2col.judge(names["conv2d_im2col"])
    assert "your `im2col`, which is not right yet: mend that first" in verdict.message
    names["im2col"] = right("im2col")
    assert check.conv2d_im2col.judge(names["conv2d_im2col"]).right


def test_a_float_padding_is_right_and_the_green_line_says_what_it_is():
    message = check.same_padding.judge(lambda k: right("same_padding")(k) / 1).message
    assert message.startswith("✓") and "1.0, a float" in message
    assert "float" not in check.same_padding.judge(right("same_padding")).message


def test_a_fault_in_large_numbers_is_shown_with_small_ones_that_fail_too():
    def conv_out_size(n, k, *given, **options):
        size = right("conv_out_size")(n, k, *given, **options)
        return size if n != 1100 and n < 6 else size + (k == 7)

    verdict = check.conv_out_size.judge(conv_out_size)
    assert verdict.case.args[0] < 1100


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        ("corr2d", lambda x, k: right("corr2d")(x, k) / x.size, "by a factor of h · w in every case"),
        ("corr2d", lambda x, k: right("corr2d")(x, k) + k.shape[0], "larger than wanted by kh in every case"),
        ("corr2d", lambda x, k: right("corr2d")(x, k)[::-1], "its rows in reverse order"),
        ("corr2d", lambda x, k: right("corr2d")(x**2, k), "every number in x were squared"),
        ("conv2d_naive", lambda x, w, b=None, stride=1, padding=0: einsum_layer(x, w[::-1], b, stride, padding), "the filters of w in reverse order"),
        ("conv2d_naive", lambda x, w, b=None, stride=1, padding=0: einsum_layer(x, w, b, stride, 1), "with padding = 1, whatever padding is given"),
        ("im2col", lambda x, k, stride=1, padding=0: right("im2col")(x, k, stride, padding) * (len(x) == 1), "right in all"),
    ],
)  # fmt: skip
def test_a_relation_that_nobody_declared_is_told(name, answer, words):
    verdict = getattr(check, name).judge(answer)
    assert verdict.mistakes == ()
    assert words in verdict.cause, verdict.message


def test_a_result_that_differs_from_call_to_call_is_told():
    rng = np.random.default_rng(0)
    verdict = check.corr2d.judge(lambda x, k: right("corr2d")(x, k) + rng.normal())
    assert verdict.cause.startswith("differs from call to call")


def test_what_an_answer_reads_of_the_notebook_is_told():
    names = {"kernel": np.ones((2, 2)), "np": np, "right": right("corr2d")}
    exec("def corr2d(x, k):\n    return right(x, kernel) if x.shape[0] > 1 else right(x, k)", names)
    verdict = check.corr2d.judge(names["corr2d"])
    assert "`kernel` of the notebook" in verdict.message


def test_numbers_that_print_alike_are_told_apart():
    verdict = check.corr2d.judge(lambda x, k: right("corr2d")(x, k) + 1e-6)
    yours, wanted = (
        line.split("at ")[-1]
        for line in verdict.message.splitlines()
        if line.strip().startswith(("yours", "wanted"))
    )
    assert yours != wanted


def test_what_is_told_while_a_class_is_graded_has_no_number_of_a_drawn_case():
    with seeded(3):
        verdict = check.corr2d.judge(lambda x, k: right("corr2d")(x, k) + (x.size > 500))
    assert "yours" not in [line.split()[0] for line in verdict.message.splitlines()[1:]]


# ---- declared wrongly


def cases(rng):
    yield case(3, 2)
    yield case(5, 4)


def declared(*mistakes, why="the sum of {a} and {b}", **options):
    def total(a, b):
        return a + b

    return exercise("A sum", points=1, cases=cases, why=why, mistakes=mistakes, **options)(total)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: declared(mistake("no c", "why", c=lambda c: c)), ("total", "'no c'", "'c'", "no argument")),
        (lambda: declared(mistake("odd fact", "why", "here {size}", a=lambda a: a + 1)), ("total", "'odd fact'", "{size}")),
        (lambda: declared(mistake("odd wish", "why", a=lambda size: size)), ("total", "'odd wish'", "'size'")),
        (lambda: declared(why="{size}"), ("total", "{size}")),
        (lambda: mistake("nothing", "why"), ("'nothing'", "changes nothing")),
    ],
)  # fmt: skip
def test_what_is_declared_wrongly_is_refused_in_one_sentence(make, words):
    with pytest.raises(DeclarationError) as refused:
        make()
    assert all(word in str(refused.value) for word in words)
    assert str(refused.value).count("\n") == 0


def test_mistakes_that_no_case_tells_apart_are_found():
    from convbook.checks.engine.examine import undetected

    same = declared(mistake("plus 0", "why", result=lambda y: y + 0), mistake("one more", "why", result=lambda y: y + 1),
                    mistake("b and one", "why", b=lambda b: b + 1))  # fmt: skip
    told = undetected(same)
    assert any("'plus 0' is the right answer in every case" in sentence for sentence in told)
    assert any("'one more'" in sentence and "'b and one'" in sentence for sentence in told)


def test_a_busy_machine_does_not_end_the_search_for_two_mistakes_and_waiting_does(monkeypatch):
    over, clock = causes._spent(1.0), time.monotonic
    monkeypatch.setattr(
        causes.time, "monotonic", lambda: clock() + 5
    )  # the machine did something else meanwhile
    assert not over()
    monkeypatch.setattr(causes.time, "monotonic", lambda: clock() + 60)
    assert over()
    monkeypatch.undo()
    monkeypatch.setattr(causes.time, "thread_time", lambda: 1e9)
    assert over()
