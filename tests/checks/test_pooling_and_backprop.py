"""Unit 4: what published tests let through is refused, ties and views are judged, and gradients agree with numbers."""

from __future__ import annotations

import numpy as np
import pytest

from convbook.checks import pooling_and_backprop as check
from convbook.checks.engine.declare import question_of
from convbook.checks.engine.seed import generator
from convbook.grading.job import Cell
from convbook.grading.running.engine import Engine
from convbook.stand_in import yours
from hand_in import job, said
from right import WAYS, solution_answers
from wrong import WRONG

SOLVED = solution_answers(check.unit)


def told(name, answer):
    """Return the names of the mistakes that a wrong answer is told."""
    found = next(a for a in WRONG[name] if a.__name__ == answer)
    return getattr(check, name).judge(found).mistakes


@pytest.mark.parametrize(
    ("exercise", "answer", "mistake"),
    [
        ("maxpool2d", "last_pixel_wins", "it is the bottom right pixel of the window"),
        ("maxpool2d", "starts_from_0", "a window below 0 gives 0"),
        ("maxpool2d_backward", "ties_shared", "equal pixels share the gradient"),
        ("maxpool2d_backward", "ties_to_the_last", "the last of several equal pixels wins"),
        ("maxpool2d_backward", "overwritten", "overlapping windows overwrite each other"),
        ("maxpool2d_backward", "stride_is_1", "the stride is ignored, the windows move by 1"),
        ("maxpool2d_backward", "stride_is_2", "the windows always move by 2"),
        ("conv2d_backward_input", "no_flip", "the kernels are not turned"),
        ("conv2d_backward_input", "rows_flipped_only", "only the rows of the kernels are reversed"),
        ("conv2d_backward_input", "not_regrouped", "the filters are not regrouped"),
        ("conv2d_backward_input", "not_dilated_in_the_right_shape", "the gradient is not dilated"),
        ("conv2d_backward_input", "dilated_behind_the_last", "there are zeros behind the last entry of dout"),
        ("conv2d_backward_input", "frame_not_cut_off", "the padding is not cut off"),
        ("conv2d_backward_input", "windows_overwritten", "overlapping windows overwrite each other"),
        ("conv2d_backward_weight", "batch_not_summed", "dw is not added up over the images"),
        ("conv2d_backward_weight", "bias_averaged", "db is averaged"),
        ("dilate", "zeros_behind", "there are zeros behind the last entry"),
        ("regroup_filters", "swapped_only", "the kernels are not turned"),
        ("numerical_gradient", "forward_only", "it looks to the right only"),
    ],
)
def test_the_mistakes_that_published_tests_miss_are_told_by_their_names(exercise, answer, mistake):
    assert told(exercise, answer) == (mistake,)


def test_a_result_that_moves_along_with_x_is_told():
    assert told("numerical_gradient", "view_moves_along") == (
        "the first result of f changes while the second is computed",
    )


@pytest.mark.parametrize("place", range(9))
def test_gradients_agree_with_numeric_ones_to_1e_7(place):
    rng = np.random.default_rng(place)
    stride, padding, k = 1 + place % 3, place // 3, 2 + place % 2
    x, w = rng.normal(size=(2, 2, 6, 7)), rng.normal(size=(3, 2, k, 3))
    dout = rng.normal(size=(2, 3, *((side + 2 * padding - s) // stride + 1 for side, s in ((6, k), (7, 3)))))
    numeric = SOLVED["numerical_gradient"]

    def forward(x, w):
        framed = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
        windows = np.lib.stride_tricks.sliding_window_view(framed, w.shape[2:], (2, 3))[
            :, :, ::stride, ::stride
        ]
        return np.einsum("ncijab,fcab->nfij", windows, w)

    for way in (SOLVED["conv2d_backward_input"], *WAYS["conv2d_backward_input"]):
        dx = way(dout, x.shape, w, stride, padding)
        assert np.abs(dx - numeric(lambda x: forward(x, w), x, dout)).max() < 1e-7
    dw, _ = SOLVED["conv2d_backward_weight"](dout, x, w.shape, stride, padding)
    assert np.abs(dw - numeric(lambda w: forward(x, w), w, dout)).max() < 1e-7


def test_cases_hold_ties_negative_windows_overlaps_gaps_and_a_rest():
    cases = [c.args for c in question_of(check.maxpool2d_backward).cases(generator("x")) if len(c.args) == 4]
    assert any(step is not None and step < k for _, _, k, step in cases)
    assert any(step is not None and step > k for _, _, k, step in cases)
    assert any(len(np.unique(x)) < x.size / 2 for _, x, _, _ in cases)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: yours(None, check.maxpool2d)(np.zeros((1, 1, 3, 4)), 5), "a window of 5 × 5 has no place on images of 3 × 4"),
        (lambda: yours(None, check.avgpool2d)(np.zeros((0, 4)), 2), r"takes images of shape \(n, c, h, w\)"),
        (lambda: yours(None, check.maxpool2d)(np.zeros((1, 1, 0, 0)), 2), "has no place on images of 0 × 0"),
        (lambda: yours(None, check.conv2d_backward_input)(np.zeros((1, 1, 2, 2)), (1, 1, 5, 5), np.zeros((1, 1, 2, 2))),
         r"the layer made maps of shape \(1, 1, 4, 4\)"),
        (lambda: yours(None, check.conv2d_backward_weight)(np.zeros((1, 1, 1, 1)), np.zeros((1, 2, 5, 5)), (1, 1, 2, 2)), "with one c are wanted"),
        (lambda: yours(None, check.conv2d_backward_input)(np.zeros((1, 1, 1, 1)), (1, 1, 2, 2), np.zeros((1, 1, 3, 3))), "have no place on images"),
    ],
)  # fmt: skip
def test_a_demonstration_says_in_one_sentence_what_does_not_fit(call, sentence):
    with pytest.raises(RuntimeError, match=sentence) as refused:
        call()
    assert "\n" not in str(refused.value)


SETUP = "import numpy as np"
COURSE = (Cell("setup", "setup", "from convbook.checks import pooling_and_backprop as check"),)
RIGHT = """
def numerical_gradient(f, x, df, h=1e-5):
    g = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[i] += h
        down[i] -= h
        g[i] = np.sum((f(up) - f(down)) * df) / (2 * h)
    return g
"""


@pytest.fixture(scope="module")
def engine():
    with Engine(workers=1) as running:
        yield running


@pytest.mark.parametrize(
    ("answer", "words"),
    [(RIGHT, "✓ numerical_gradient"), (RIGHT.replace("(2 * h)", "h"), "it divides by h")],
    ids=["right", "wrong"],
)
def test_a_function_to_differentiate_crosses_to_a_students_process(engine, answer, words):
    test = "check.numerical_gradient(numerical_gradient)"
    result = engine.submit(job(answer, setup=SETUP, test=test, instructor=COURSE)).result()
    assert words in said(result)
