"""Unit 6: what is updated in place is seen, no known wrong batch norm passes, and wrong answers are told their cause."""

from __future__ import annotations

import functools
import warnings

import numpy as np
import pytest

from convbook.checks import normalization as check
from convbook.grading.job import Cell
from convbook.grading.running.engine import Engine
from convbook.stand_in import yours
from hand_in import job, said
from wrong import WRONG

EXERCISES = check.unit.exercises
X = np.array([[1.0, 20.0], [3.0, 50.0], [2.0, 20.0]])


@functools.cache
def verdict_on(name, answer):
    """Return the verdict on a wrong answer to an exercise, by their names; judged once for all tests."""
    exercise = next(e for e in EXERCISES if e.name == name)
    return exercise.judge(next(a for a in WRONG[name] if a.__name__ == answer))


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            "running_statistics_rebound",
            "the running statistics stay as they were: they are not updated in place",
        ),
        ("biased_running_variance", "the running variance is biased"),
        ("deviation_kept", "the running variance takes the standard deviation"),
        ("momentum_reversed", "momentum is reversed"),
        ("replaced_by_the_batch", "the running statistics are replaced by the batch's"),
        ("normalised_with_the_unbiased_variance", "it is normalised with the unbiased variance"),
        ("eps_outside_the_root", "eps is added to the deviation, outside the root"),
        ("gamma_and_beta_first", "gamma and beta are applied before the normalisation"),
        ("layer_norm_instead", "the statistics are those of each row, as in layer norm"),
    ],
)
def test_the_usual_wrong_batch_norms_are_told_by_name(answer, told):
    assert verdict_on("batchnorm_train", answer).mistakes == (told,)


@pytest.mark.parametrize(
    ("exercise", "answer", "told"),
    [
        ("batchnorm2d_train", "image_after_image", "every image has statistics of its own"),
        ("batchnorm2d_train", "returns_in_the_loop", "only the first channel is normalised"),
        (
            "batchnorm2d_train",
            "variances_of_images_averaged",
            "the variance is the mean of the images' variances",
        ),
        ("batchnorm2d_train", "momentum_and_eps_not_passed_on", "momentum and eps are not passed on"),
        ("batchnorm2d_train", "both_forgotten", "gamma and beta are left out"),
        (
            "batchnorm_backward",
            "over_the_features",
            "the means of the gradient are taken over the features",
        ),
        (
            "norm_axes",
            "what_stays_for_instance",
            "for instance norm the axes that stay are returned",
        ),
        (
            "layernorm",
            "mean_of_columns",
            "the mean is each feature's, the variance each example's",
        ),
        ("fold_batchnorm", "none_stays_none", "without a bias, no bias is returned"),
        ("activation_bytes", "in_32_bits", "the number overflows: it is kept in 32 bits"),
    ],
)
def test_what_the_first_readers_got_wrong_is_told_by_name(exercise, answer, told):
    assert verdict_on(exercise, answer).mistakes == (told,)


def test_a_wrong_layer_norm_is_judged_without_a_warning_of_pytorch():
    wrong_rows = next(a for a in WRONG["layernorm"] if a.__name__ == "mean_of_columns")
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        check.layernorm.judge(wrong_rows)
    assert [str(one.message) for one in heard] == []


def test_updating_at_test_time_is_told_by_its_name_and_not_only_as_a_changed_input():
    assert verdict_on("batchnorm_eval", "goes_on_updating").mistake == "the running statistics are updated"
    assert verdict_on("batchnorm_eval", "batch_statistics").mistake == "the statistics of the batch are used"


def test_gamma_along_the_width_is_told_where_there_are_as_many_columns_as_channels():
    assert verdict_on("batchnorm2d_train", "gamma_over_the_width").mistakes == (
        "gamma and beta run along the columns",
    )


def test_a_wrong_gradient_is_told_by_its_place_among_the_three():
    wrong_gamma = next(a for a in WRONG["batchnorm_backward"] if a.__name__ == "averaged")
    assert "returns a wrong dgamma" not in check.batchnorm_backward.judge(lambda *a, **k: None).message
    assert "smaller by a factor of 3" in check.batchnorm_backward.judge(wrong_gamma).message


@pytest.mark.parametrize(
    "axes", [lambda axes: axes[::-1], lambda axes: tuple(a - 4 for a in axes), list, lambda axes: axes[0]]
)
def test_axes_are_right_in_any_order_and_from_either_end_if_they_are_a_tuple(axes):
    known = {
        ("batch", 2): (0,),
        ("layer", 2): (1,),
        ("batch", 4): (0, 2, 3),
        ("layer", 4): (1, 2, 3),
        ("instance", 4): (2, 3),
    }
    verdict = check.norm_axes.judge(
        lambda kind, ndim: axes(known[kind, ndim]) if ndim == 4 else known[kind, ndim]
    )
    wanted = isinstance(axes((2, 3)), tuple)
    assert verdict.right is wanted
    assert wanted or "does not return a tuple" in verdict.message


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda f: f(X[:1], *_vectors(2)), "a feature has 1 value in this batch, and a variance needs 2"),
        (lambda f: f(X, *_vectors(3)), r"gamma has shape \(3,\) and x has 2 on axis 1"),
        (lambda f: f(X[None], *_vectors(2)), r"this layer takes x \(n, d\)"),
        (lambda f: f(X, *_vectors(2), eps=0.0), "a feature of variance zero is divided by 0"),
    ],
    ids=["a batch of one", "shapes", "an image", "no eps"],
)  # fmt: skip
def test_what_batch_norm_cannot_do_is_said_in_one_sentence(call, told):
    with pytest.raises(ValueError, match=told):
        call(yours(None, check.batchnorm_train))


def _vectors(d):
    return np.ones(d), np.zeros(d), np.zeros(d), np.ones(d)


def test_a_demonstration_updates_the_callers_arrays_whoever_computes(capsys):
    def mine(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
        running_mean += momentum * (x.mean(0) - running_mean)
        running_var += momentum * (x.var(0, ddof=1) - running_var)
        return (x - x.mean(0)) / np.sqrt(x.var(0) + eps) * gamma + beta

    kept = []
    for answer in (mine, None):
        vectors = _vectors(2)
        yours(answer, check.batchnorm_train)(X, *vectors)
        kept.append(np.concatenate(vectors[2:]))
    assert np.allclose(kept[0], kept[1]) and not np.allclose(kept[0], [0, 0, 1, 1])
    assert capsys.readouterr().out.count("this cell uses PyTorch's result") == 1


COURSE = (Cell("setup", "setup", "from convbook.checks import normalization as check"),)
RIGHT = """
def batchnorm_train(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    running_mean[:] = (1 - momentum) * running_mean + momentum * x.mean(axis=0)
    running_var[:] = (1 - momentum) * running_var + momentum * x.var(axis=0, ddof=1)
    return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps) + beta
"""


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (RIGHT, "✓ batchnorm_train"),
        (RIGHT.replace("running_mean[:]", "running_mean"), "the running mean is never updated"),
    ],
    ids=["right", "rebound"],
)
def test_what_is_written_in_a_students_process_is_seen_while_grading(answer, told):
    with Engine(workers=1) as engine:
        test = "check.batchnorm_train(batchnorm_train)"
        result = engine.submit(job(answer, setup="import numpy as np", test=test, instructor=COURSE)).result()
    assert told in said(result)
