"""Unit 6: what is updated in place is seen, no known wrong batch norm passes, and wrong answers are told their cause."""

from __future__ import annotations

import numpy as np
import pytest

from convbook.checks import normalization as check
from convbook.grading.job import Cell
from convbook.grading.running.engine import Engine
from convbook.stand_in import yours
from hand_in import job, said
from wrong import WRONG

EXERCISES = check.unit.exercises
TOLD = (
    "crash",
    "wrong type",
    "wrong dtype",
    "changed input",
)  # faults whose message says what to do, without a cause
X = np.array([[1.0, 20.0], [3.0, 50.0], [2.0, 20.0]])


@pytest.fixture(scope="module")
def verdicts():
    return {e.name: {a.__name__: e.judge(a) for a in WRONG[e.name]} for e in EXERCISES}


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_ten_wrong_answers_or_more_are_refused(exercise, verdicts):
    assert len(verdicts[exercise.name]) >= 10
    assert [name for name, verdict in verdicts[exercise.name].items() if verdict.right] == []


def test_nine_of_ten_wrong_answers_are_told_their_cause(verdicts):
    every = [verdict for found in verdicts.values() for verdict in found.values()]
    assert sum(bool(v.mistakes or v.cause or v.kind in TOLD) for v in every) >= 0.9 * len(every)


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
def test_the_usual_wrong_batch_norms_are_told_by_name(answer, told, verdicts):
    assert verdicts["batchnorm_train"][answer].mistakes == (told,)


def test_updating_at_test_time_is_told_by_its_name_and_not_only_as_a_changed_input(verdicts):
    assert verdicts["batchnorm_eval"]["goes_on_updating"].mistake == "the running statistics are updated"
    assert verdicts["batchnorm_eval"]["batch_statistics"].mistake == "the statistics of the batch are used"


def test_gamma_along_the_width_is_told_where_there_are_as_many_columns_as_channels(verdicts):
    assert verdicts["batchnorm2d_train"]["gamma_over_the_width"].mistakes == (
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
