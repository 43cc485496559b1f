"""Unit 5: batches are judged by behaviour, steps by what they leave in the arrays, loops by what they leave in a model."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import torch

from convbook.answers import hold
from convbook.checks import training as check
from convbook.checks.engine.batching import ENOUGH, order_of
from convbook.grading.job import Cell
from convbook.grading.running.engine import Engine
from convbook.training import pieces
from hand_in import job, said
from right import solution_answers
from wrong import WRONG

EXERCISES = check.unit.exercises


@functools.cache
def verdict_on(name, answer):
    """Return the verdict on a wrong answer to an exercise, by their names; judged once for all tests."""
    return getattr(check, name).judge(next(a for a in WRONG[name] if a.__name__ == answer))


NAMED = {
    ("fit_normalizer", "sample_std"): "the std is divided by one less",
    ("apply_normalizer", "own_statistics"): "the images are normalised by their own mean and std",
    ("minibatches", "labels_unshuffled"): "x is shuffled and y is not",
    ("minibatches", "whole_batches_only"): "the last short batch is left out",
    ("minibatches", "shuffled_once_for_ever"): "it is shuffled once for ever",
    ("sgd_momentum_step", "an_average"): "the momentum is an average",
    ("sgd_momentum_step", "decay_after_the_step"): "the decay comes after the step",
    ("sgd_momentum_step", "new_arrays_in_the_lists"): "the arrays stay as they were",
    ("softmax_cross_entropy", "summed"): "loss and gradient are of the sum, not of the mean",
    ("softmax_cross_entropy", "unshifted"): "the softmax overflows",
    ("softmax_cross_entropy", "two_softmaxes"): "the softmax is applied twice",
    ("minibatches", "flattened_images"): "the images are flattened",
    ("minibatches", "fractional_labels"): "the labels become fractions",
    ("minibatches", "order_of_the_batches_only"): "only the batches are shuffled",
    ("minibatches", "shuffled_inside_each_batch"): "the rows are shuffled only inside their batches",
    ("dead_fraction", "with_a_tolerance"): "a unit just above 0 counts as dead",
    ("train_epoch", "loss_without_item"): "it is a tensor with its graph",
    ("evaluate", "only_the_children_put_back"): "the parts of a part get its mode",
    ("evaluate", "weights_frozen_for_good"): "the weights are frozen for good",
    ("evaluate", "gradients_cleared"): "the gradients are cleared",
    ("LeNet5", "Softmax"): "softmax at the end",
    ("train_epoch", "not_zeroed"): "the gradients are not zeroed",
    ("train_epoch", "in_evaluation_mode"): "it trains in evaluation mode",
    ("train_epoch", "softmax_first"): "probabilities go into the loss",
    ("evaluate", "training_mode"): "it evaluates in training mode",
    ("evaluate", "mode_not_restored"): "the model is left in evaluation mode",
    ("evaluate", "only_the_models_own_mode"): "the parts get the mode of the whole",
}


@pytest.mark.parametrize(("answer", "name"), NAMED.items(), ids=[f"{e}-{a}" for e, a in NAMED])
def test_the_usual_mistakes_are_told_by_name(answer, name):
    exercise, wrong = answer
    assert verdict_on(exercise, wrong).mistake == name


def test_two_mistakes_of_a_loop_are_told_as_two():
    assert set(verdict_on("train_epoch", "not_zeroed_and_mean_of_batches").mistakes) == {
        "the gradients are not zeroed",
        "it is the mean of the batches' losses",
    }


def test_a_right_shuffle_is_mistaken_for_none_in_many_draws():
    rng = np.random.default_rng(0)
    for _ in range(3000):
        order = rng.permutation(ENOUGH)
        assert order_of(order, np.split(order, range(5, ENOUGH, 5)), 5) == "shuffled"


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (np.arange(24), "the order of x"),
        (np.arange(24)[::-1], "neighbours stay neighbours"),
        (np.roll(np.arange(24), 7), "neighbours stay neighbours"),
        (
            np.arange(25).reshape(5, 5)[:, [1, 3, 0, 2, 4]].ravel()[:24],
            "the order of x, but for rows of one batch",
        ),
    ],
)
def test_what_is_no_shuffle_is_told_in_words(order, said):
    assert order_of(order, np.split(order, range(5, 24, 5)), 5) == said


def test_the_check_of_a_loop_leaves_gradients_and_random_numbers_of_the_notebook_as_they_were():
    before = torch.get_rng_state()
    for answer in WRONG["evaluate"]:
        if answer.__name__ not in ("gradients_off_for_ever", "gradients_on_for_ever"):
            continue
        check.evaluate.judge(answer)
        assert torch.is_grad_enabled()
    assert torch.equal(before, torch.get_rng_state())


def test_every_mix_of_the_choices_that_lenet_leaves_open_is_right():
    for act in (torch.tanh, torch.sigmoid, torch.relu):
        for pool in (torch.nn.functional.max_pool2d, torch.nn.functional.avg_pool2d):
            for first in ("activation", "pooling"):
                assert check.LeNet5.judge(hold(lenet(act, pool, first))).right


def lenet(act, pool, first):
    class LeNet5(torch.nn.Module):
        def __init__(self, n_classes=10):
            super().__init__()
            self.a, self.b = torch.nn.Conv2d(1, 6, 5), torch.nn.Conv2d(6, 16, 5)
            self.c, self.d, self.e = (
                torch.nn.Linear(i, o) for i, o in ((400, 120), (120, 84), (84, n_classes))
            )

        def forward(self, x):
            for layer in (self.a, self.b):
                x = pool(act(layer(x)), 2) if first == "activation" else act(pool(layer(x), 2))
            return self.e(act(self.d(act(self.c(x.flatten(1))))))

    return LeNet5


def test_the_drawing_of_lenet_comes_from_the_checks_own_graph():
    assert dict(check.lenet_rows())["S4"] == (16, 5, 5)
    right = solution_answers(check.unit)["LeNet5"]()
    assert sum(p.numel() for p in right.parameters()) == 61_706


SETUP = "import numpy as np\nimport torch\nimport torch.nn.functional as F"
COURSE = (Cell("setup", "setup", "from convbook.checks import training as check"),)
STEP = """
def sgd_momentum_step(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    for p, g, v in zip(params, grads, velocity):
        v *= momentum
        v += g + weight_decay * p
        p -= lr * v
"""
REBOUND = """
def sgd_momentum_step(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    for i in range(len(params)):
        velocity[i] = momentum * velocity[i] + grads[i] + weight_decay * params[i]
        params[i] = params[i] - lr * velocity[i]
"""
EPOCH = """
def train_epoch(model, batches, optimizer):
    model.train()
    total = count = 0
    for x, y in batches:
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        count += len(y)
    return total / count
"""
EVALUATE = """
def evaluate(model, batches):
    model.eval()
    with torch.no_grad():
        hits = torch.cat([model(x).argmax(1) == y for x, y in batches])
    model.train()
    return hits.double().mean().item()
"""
BATCHES = """
def minibatches(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    for i in range(0, len(x), batch_size):
        yield x[order[i : i + batch_size]], y[order[i : i + batch_size]]
"""


@pytest.fixture(scope="module")
def engine():
    with Engine(workers=1) as running:
        yield running


@pytest.mark.parametrize(
    ("name", "answer", "told"),
    [
        ("minibatches", BATCHES, "right in all"),
        ("sgd_momentum_step", STEP, "right in all"),
        ("sgd_momentum_step", REBOUND, "✗ sgd_momentum_step"),
        ("train_epoch", EPOCH, "right in all"),
        ("evaluate", EVALUATE, "the model is left in training mode"),
    ],
    ids=["batches", "step", "rebound", "epoch", "evaluate"],
)
def test_a_class_is_graded_alike_across_the_processes(engine, name, answer, told):
    test = f"check.{name}({name})"
    result = engine.submit(job(answer, setup=SETUP, test=test, instructor=COURSE)).result()
    assert told in said(result)


@pytest.mark.parametrize(
    ("exercise", "piece"),
    [("minibatches", "dealt_batches"), ("softmax_cross_entropy",) * 2, ("sgd_momentum_step",) * 2, ("activation",) * 2,
     ("activation_gradient",) * 2, ("train_epoch", "epoch_of_fit"), ("evaluate",) * 2, ("LeNet5", "small_net")],
)  # fmt: skip
def test_no_stand_in_of_the_library_is_an_answer(exercise, piece):
    assert not getattr(check, exercise).judge(getattr(pieces, piece)).right
