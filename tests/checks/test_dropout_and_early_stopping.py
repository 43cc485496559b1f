"""What is special about unit 7's checks: chance is judged with a known rate of false alarms, and models stay as they were."""

from __future__ import annotations

import math

import numpy as np
import pytest

from convbook.checks import dropout_and_early_stopping as check
from convbook.checks.engine.chance import CALLS, RATE, SIGMAS, false_alarm, pattern, tail
from convbook.checks.engine.declare import question_of
from convbook.checks.engine.seed import generator, seeded
from convbook.checks.engine.stopping import plateau
from convbook.stand_in import NotYet, yours
from right import WAYS, solution_answers

CHANCE = (check.dropout_classic, check.dropout, check.dropconnect_linear)


def decided_at_random(exercise, case):
    """Return the shape in which a case draws, and p; None where nothing is left to chance."""
    if exercise is check.dropconnect_linear:
        x, w, _, p = case.args
        return ((len(x), *w.shape), p) if p else None
    x, p, training = case.args
    return (x.shape, p) if training and p else None


@pytest.mark.parametrize("exercise", CHANCE, ids=lambda e: e.name)
def test_a_right_answer_is_refused_less_than_once_in_ten_million_checks(exercise):
    worst = 0.0
    for seed in range(5):
        with seeded(seed):
            cases = question_of(exercise).ordered_cases(generator(exercise.name))
        drawn = [found for case in cases if (found := decided_at_random(exercise, case)) is not None]
        assert 4 <= len(drawn) <= 8
        worst = max(worst, sum(false_alarm(shape, p) for shape, p in drawn))
    assert 0 < worst < RATE < 1e-6


def test_the_tail_of_a_binomial_is_the_exact_one():
    # 4 coins, more than 1.5 deviations from 2: none or all of them are heads
    assert tail(4, 0.5, 1.5) == pytest.approx(2 / 16)
    assert tail(1500, 0.25, SIGMAS) == pytest.approx(math.erfc(SIGMAS / math.sqrt(2)), rel=2.0)


def test_fair_draws_are_never_taken_for_a_slip_in_three_thousand_tries():
    rng = np.random.default_rng(7)
    for p in (0.2, 0.4, 0.8):
        for _ in range(1000):
            kept = (rng.random((CALLS, 4, 15)) >= p).astype(float)
            assert pattern(kept, kept[0], p) == {
                "share": p,
                "shared": (),
                "draws": "a new draw from rng",
                "number": "varies",
            }


@pytest.mark.parametrize("exercise", CHANCE, ids=lambda e: e.name)
def test_right_answers_pass_whatever_the_seed(exercise):
    for seed in range(10):
        with seeded(1000 + seed):
            assert exercise.judge(WAYS[exercise.name][seed % 2]).right, seed


def test_a_wrong_probability_is_refused_even_if_it_is_close():
    def twelve_in_a_hundred_too_many(x, p, training, rng):
        return x * (rng.random(x.shape) >= p + 0.12 * (p > 0)) if training else x * (1 - p)

    verdict = check.dropout_classic.judge(twelve_in_a_hundred_too_many)
    assert not verdict.right
    assert "drops the wrong share" in verdict.message


def test_checks_leave_the_global_generators_where_they_were():
    import torch

    before, torch_before = np.random.get_state()[1].copy(), torch.get_rng_state()
    for exercise in check.unit.exercises:
        exercise.judge(WAYS[exercise.name][0])
    assert np.array_equal(np.random.get_state()[1], before)
    assert torch.equal(torch.get_rng_state(), torch_before)


def test_a_scheduler_of_pytorch_says_when_to_stop():
    told = plateau(2, 0.5, (4.0, 3.5, 3.75, 1.0))
    assert told["said"] == ["False", "False", "True"]
    assert told["best"] == [4.0, 4.0, 4.0] and told["weights"] == 0.0


def test_a_demonstration_draws_with_pytorch_while_dropout_is_open(capsys):
    def dropout(x, p, training, rng):
        raise NotImplementedError

    shown = yours(dropout, check.dropout)
    x, rng = np.ones((20, 50)), np.random.default_rng(0)
    y, mask = shown(x, 0.25, True, rng)
    assert "is not done yet: this cell uses PyTorch's result" in capsys.readouterr().out
    assert set(np.unique(mask)) == {0.0, 1 / 0.75} and np.array_equal(y, x * mask)
    assert np.array_equal(shown(x, 0.25, False, rng)[1], x)
    for p in (-0.1, 1.0, 1.5):
        with pytest.raises(ValueError, match="at least 0 and below 1"):
            shown(x, p, True, rng)


@pytest.mark.parametrize("call", ["EarlyStopper(0)", "dropout(x, 1.0, True, rng)", "dropout_classic(x, -0.1, True, rng)",
                                  "mc_predict(None, x, 1)", "dropconnect_linear(x, x[:, :1], x[0], 0.5, rng)"])  # fmt: skip
def test_the_solution_refuses_bad_input_in_one_sentence(call):
    answers = solution_answers(check.unit)
    with pytest.raises(ValueError) as refused:
        eval(call, dict(answers, x=np.ones((2, 3)), rng=np.random.default_rng(0)))
    assert 20 < len(str(refused.value)) < 110 and "\n" not in str(refused.value)


def test_what_stands_in_is_no_answer():
    def open_answer(x, p, training, rng):
        raise NotImplementedError

    verdict = check.dropout.judge(yours(open_answer, check.dropout))
    assert verdict.kind == "forbidden"


def test_what_nothing_can_stand_in_for_waits():
    def mc_predict(model, x, passes):
        raise NotImplementedError

    with pytest.raises(NotYet, match="not done yet"):
        yours(mc_predict, check.mc_predict)


def test_a_missing_best_loss_points_to_its_help():
    class EarlyStopper:
        def __init__(self, patience, min_delta=0.0):
            self.lowest = float("inf")

        def update(self, loss, model):
            return False

    verdict = check.EarlyStopper.judge(EarlyStopper)
    assert verdict.kind == "crash"
    assert "best_loss" in verdict.message and "below" in verdict.message
