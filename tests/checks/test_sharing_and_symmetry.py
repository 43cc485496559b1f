"""Unit 3: a function that the check brings along is asked everywhere, and wrong answers are told their cause."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from convbook.answers import hold
from convbook.checks import sharing_and_symmetry as check
from convbook.checks.engine.declare import question_of
from convbook.checks.engine.seed import generator, seeded
from convbook.grading.job import Cell
from convbook.grading.running.engine import Engine
from hand_in import job, said
from wrong import WRONG

EXERCISES = check.unit.exercises


def test_the_average_of_a_shared_gradient_is_told_by_its_name():
    verdict = check.share_gradient.judge(lambda per_position: per_position.mean(axis=0))
    assert verdict.mistake == "it is the average over the places, not the sum"
    assert "smaller by a factor of 3" in verdict.message


@pytest.mark.parametrize(
    ("exercise", "answer", "mistake"),
    [
        ("locally_connected1d", "largest_product", "it is the largest product"),
        ("toeplitz1d", "square_with_empty_rows", "there is a row for every pixel"),
        ("toeplitz1d", "symmetric", "the weights lie on both sides of the diagonal"),
        ("equivariance_error", "int_for_columns", "one number is taken for the columns only"),
        ("equivariance_error", "cut_by_elif", "only the rows that wrapped are left out"),
        ("equivariance_error", "cut_before_f", "the image is cut before f is called"),
        ("global_pool", "squeezed", "axes of length 1 are lost"),
        (
            "global_pool",
            "mean_of_the_largest_in_each_row",
            "the average is taken of each row's largest pixel",
        ),
        ("grouped_conv_params", "channels_divide_filters", "the channels must divide the filters"),
    ],
)
def test_what_was_once_refused_without_a_cause_is_told_by_its_name(exercise, answer, mistake):
    wrong = next(a for a in WRONG[exercise] if a.__name__ == answer)
    assert getattr(check, exercise).judge(wrong).mistake == mistake


def test_a_wrong_count_of_weights_makes_nothing_warn():
    wrong = next(a for a in WRONG["grouped_conv_params"] if a.__name__ == "k_plus_k")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert check.grouped_conv_params.judge(wrong).mistake == "a kernel is taken to have k + k weights"


def test_a_case_says_in_words_what_its_function_does():
    message = check.equivariance_error.judge(lambda f, x, shift: 0.0).message
    assert "f “subtracts 10 times the column's number”" in message
    assert "object at 0x" not in message and "lambda" not in message


def test_the_functions_of_all_cases_leave_the_image_as_it_was():
    for case in question_of(check.equivariance_error).cases(generator("equivariance_error")):
        f, x, _ = case.args
        before = x.copy()
        assert f(x) is not x
        assert np.array_equal(x, before)


def test_an_answer_that_hands_copies_to_f_is_right_whatever_the_seed():
    def own_copy(f, x, shift):
        dy, dx = (shift, shift) if isinstance(shift, int) else shift
        gap = f(np.roll(x, (dy, dx), (-2, -1)).copy()) - np.roll(f(x.copy()), (dy, dx), (-2, -1))
        rows, columns = (slice(s, None) if s >= 0 else slice(None, s) for s in (dy, dx))
        return float(abs(gap[..., rows, columns]).max())

    for seed in range(3):
        with seeded(seed):
            assert check.equivariance_error.judge(hold(own_copy)).right


SETUP = "import numpy as np"
COURSE = (Cell("setup", "setup", "from convbook.checks import sharing_and_symmetry as check"),)
RIGHT = """
def equivariance_error(f, x, shift):
    dy, dx = (shift, shift) if np.isscalar(shift) else shift
    gap = f(np.roll(x, (dy, dx), (-2, -1))) - np.roll(f(x), (dy, dx), (-2, -1))
    rows, columns = (slice(s, None) if s >= 0 else slice(None, s) for s in (dy, dx))
    return np.abs(gap)[..., rows, columns].max()
"""


@pytest.fixture(scope="module")
def engine():
    with Engine(workers=1) as running:
        yield running


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (RIGHT, "✓ equivariance_error"),
        (RIGHT.replace("np.abs(gap)", "gap"), "the sign of the difference is kept"),
        (RIGHT.replace("[..., rows, columns]", ""), "what wrapped is compared too"),
    ],
    ids=["right", "no abs", "nothing cut"],
)
def test_a_function_crosses_to_a_students_process_as_something_to_call(engine, answer, told):
    test = "check.equivariance_error(equivariance_error)"
    result = engine.submit(job(answer, setup=SETUP, test=test, instructor=COURSE)).result()
    assert told in said(result)


def test_an_error_in_a_learners_own_line_comes_through():
    def equivariance_error(f, x, shift):
        return f(x)[100].max()

    with pytest.raises(IndexError):
        check.equivariance_error(equivariance_error)
