"""Wrong answers to the exercises of unit 12, as learners would write them."""

from __future__ import annotations

import contextlib
import itertools

import numpy as np
import torch
import torch.nn.functional as F

from convbook.checks.exam.paper import questions
from convbook.checks.exam.scripts import LINES, drawn_script
from wrong import wrong


def reference(x, w, b=None, stride=1, padding=0):
    tensors = [None if v is None else torch.tensor(np.array(v, dtype=float)) for v in (x, w, b)]
    return F.conv2d(*tensors, stride, padding).numpy()


# --- write the test


@wrong("test_conv2d")
def only_the_shape_is_looked_at(implementation):
    for stride in (1, 2):
        y = implementation(np.ones((2, 3, 8, 9)), np.ones((4, 3, 3, 3)), None, stride, 1)
        assert y.shape == (2, 4, (8 - 1) // stride + 1, (9 - 1) // stride + 1)


@wrong("test_conv2d")
def one_square_image_with_drawn_numbers(implementation):
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(1, 1, 6, 6)), rng.normal(size=(1, 1, 3, 3))
    assert np.allclose(implementation(x, w), reference(x, w))


@wrong("test_conv2d")
def whole_numbers_counted_up(implementation):
    x, w = np.arange(48.0).reshape(1, 2, 4, 6), np.arange(24.0).reshape(2, 2, 2, 3)
    for stride, padding in itertools.product((1, 2), (0, 1)):
        assert np.allclose(
            implementation(x, w, None, stride, padding), reference(x, w, None, stride, padding)
        )


@wrong("test_conv2d")
def only_the_sum_is_compared(implementation):
    rng = np.random.default_rng(0)
    x, w, b = rng.normal(size=(2, 3, 7, 8)), rng.normal(size=(4, 3, 2, 3)), rng.normal(size=4)
    for stride, padding in itertools.product((1, 2, 3), (0, 1, 2)):
        yours, goal = implementation(x, w, b, stride, padding), reference(x, w, b, stride, padding)
        assert np.isclose(yours.sum(), goal.sum(), rtol=1e-4)


@wrong("test_conv2d")
def equal_to_the_last_digit(implementation):
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(2, 3, 7, 8)), rng.normal(size=(4, 3, 2, 3))
    assert (implementation(x, w, stride=2, padding=1) == reference(x, w, None, 2, 1)).all()


@wrong("test_conv2d")
def it_asks_for_float64(implementation):
    x, w = np.ones((1, 2, 4, 6)), np.ones((2, 2, 2, 3))
    y = implementation(x, w)
    assert y.dtype == np.float64 and np.allclose(y, reference(x, w))


@wrong("test_conv2d")
def it_returns_whether_all_is_well(implementation):
    x, w = np.random.default_rng(0).normal(size=(1, 2, 4, 6)), np.ones((2, 2, 2, 3))
    try:
        return bool(np.allclose(implementation(x, w), reference(x, w)))
    except ValueError:
        return False


@wrong("test_conv2d")
def it_prints_what_is_wrong(implementation):
    x, w = (
        np.random.default_rng(0).normal(size=(2, 2, 5, 6)),
        np.random.default_rng(1).normal(size=(3, 2, 2, 3)),
    )
    try:
        y = implementation(x, w, None, 2, 1)
        print(
            "ok"
            if y.shape == reference(x, w, None, 2, 1).shape and np.allclose(y, reference(x, w, None, 2, 1))
            else "wrong"
        )
    except Exception as error:
        print("wrong", error)


@wrong("test_conv2d")
def the_errors_are_swallowed(implementation):
    with contextlib.suppress(Exception):
        assert np.allclose(implementation(np.eye(4)[None, None], np.ones((1, 1, 2, 2))), 0)


@wrong("test_conv2d")
def the_wanted_output_has_the_padding_forgotten(implementation):
    x, w = np.ones((1, 1, 5, 5)), np.ones((1, 1, 3, 3))
    assert implementation(x, w, padding=1).shape == (1, 1, 3, 3)


@wrong("test_conv2d")
def it_flips_the_kernel_as_mathematics_does(implementation):
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(1, 1, 5, 6)), rng.normal(size=(1, 1, 2, 3))
    assert np.allclose(implementation(x, w), reference(x, w[:, :, ::-1, ::-1]), atol=1e-4)


@wrong("test_conv2d")
def a_tolerance_that_forgives_everything(implementation):
    rng = np.random.default_rng(0)
    for stride, padding in itertools.product((1, 2, 3), (0, 1, 2)):
        x, w, b = rng.normal(size=(2, 3, 7, 8)), rng.normal(size=(4, 3, 2, 3)), rng.normal(size=4)
        yours, goal = implementation(x, w, b, stride, padding), reference(x, w, b, stride, padding)
        assert yours.shape == goal.shape and np.abs(yours - goal).max() < 10


@wrong("test_conv2d")
def it_returns_whether_they_are_close_without_a_tolerance(implementation):
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(2, 3, 7, 8)), rng.normal(size=(4, 3, 3, 2))
    return np.allclose(implementation(x, w), reference(x, w))


@wrong("test_conv2d")
def it_compares_an_implementation_with_itself(implementation):
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(2, 3, 7, 8)), rng.normal(size=(4, 3, 3, 2))
    assert np.allclose(implementation(x, w), implementation(x.copy(), w.copy()))


# --- find the bugs


def hunter(name: str, change):
    """Register an answer for a name: what should stand on each faulty line, changed."""
    script = drawn_script(name)

    def fixes_of():
        return name, change({one.line: LINES[one.line - 1].strip() for one in script.planted}, script)

    return fixes_of


def of(kind: str) -> str:
    """Return a name whose script has a kind of fault."""
    names = (f"wrong {number}" for number in itertools.count())
    return next(n for n in names if kind in {one.kind for one in drawn_script(n).planted})


def replaced(kind: str, text: str):
    """Return an answer in which one kind of fault is treated in a way that does not help."""
    script = drawn_script(of(kind))
    line = next(one.line for one in script.planted if one.kind == kind)
    return hunter(script.name, lambda fixes, _: fixes | {line: text})


TREATED = {
    "a_smaller_rate_for_a_loss_that_is_summed": (
        "a loss that is summed",
        'loss = F.cross_entropy(model(x_train[batch]), y_train[batch], reduction="sum") / 10',
    ),
    "no_batch_norm_any_more": ("running statistics that never move", "self.norm = nn.Identity()"),
    "no_dropout_any_more": ("dropout in evaluation", "x = x * 1.0"),
    "the_loss_is_turned_as_well": ("a step up the gradient", "optimizer = torch.optim.SGD(model.parameters(), lr=0.0, momentum=0.9)"),
    "emptied_once_an_epoch": ("gradients that pile up", "if len(batch) < 16: optimizer.zero_grad()"),
    "a_shallow_copy": ("weights that are not those of the best epoch", "best, kept = score, dict(model.state_dict())"),
    "a_kernel_of_one_pixel": ("a padding that does not keep the size", "self.conv = nn.Conv2d(1, 8, 1)"),
    "half_the_padding": ("a padding that does not keep the size", "self.conv = nn.Conv2d(1, 8, 5, padding=1)"),
    "gradients_off_instead_of_evaluation": ("evaluation in training mode", "model.requires_grad_(True)"),
    "log_softmax_twice": (
        "a softmax before the cross-entropy", "return self.head(x).sigmoid().softmax(1)",
    ),
    "sigmoid_for_softmax": ("a softmax before the cross-entropy", "return self.head(x).sigmoid()"),
    "chosen_by_the_training_images": ("an epoch chosen by the test data", "score = accuracy(model, x_train, y_train)"),
    "numbers_of_all_images": (
        "the test data's numbers in the normalisation", "mean, std = torch.cat([train_images, test_images]).mean(), train_images.std()",
    ),
    "reversed_instead_of_shuffled": (
        "batches in the same order in every epoch", "for batch in torch.arange(len(x_train)).flip(0).split(16):",
    ),
}  # fmt: skip
for name, treatment in TREATED.items():
    answer = replaced(*treatment)
    answer.__name__ = name
    wrong("find_the_bugs")(answer)


@wrong("find_the_bugs")
def two_of_three():
    script = drawn_script("Emmy Noether")
    return script.name, {one.line: LINES[one.line - 1] for one in script.planted[:2]}


@wrong("find_the_bugs")
def every_suspicious_line_written_anew():
    script = drawn_script("Emmy Noether")
    new = {one.line: LINES[one.line - 1] for one in script.planted}
    return script.name, new | {n: LINES[n - 1] for n in (37, 38, 40, 42, 43)}


@wrong("find_the_bugs")
def lines_counted_from_zero():
    script = drawn_script("Emmy Noether")
    return script.name, {one.line - 1: LINES[one.line - 1] for one in script.planted}


@wrong("find_the_bugs")
def line_numbers_as_text():
    script = drawn_script("Emmy Noether")
    return script.name, {str(one.line): LINES[one.line - 1] for one in script.planted}


@wrong("find_the_bugs")
def emptied_between_backward_and_step():
    script = drawn_script(of("gradients that pile up"))
    fixes = {one.line: LINES[one.line - 1] for one in script.planted if one.kind != "gradients that pile up"}
    return script.name, fixes | {42: "loss.backward()\noptimizer.zero_grad()"}


@wrong("find_the_bugs")
def only_the_line_numbers():
    return "Emmy Noether", [one.line for one in drawn_script("Emmy Noether").planted]


# --- ten drills


def given(change):
    """Return an answer for a name with the right answers changed."""

    def ten_drills():
        answers = [drill.answer for drill in questions("Emmy Noether")]
        plain = [tuple(one) if isinstance(one, tuple) else one for one in answers]
        return "Emmy Noether", change(plain)

    return ten_drills


def off_by(amount):
    return lambda answers: [one + amount if isinstance(one, int | float) else one for one in answers]


DRILLED = {
    "all_one_too_many": off_by(1),
    "all_one_too_few": off_by(-1),
    "doubled": lambda answers: [2 * one if isinstance(one, int | float) else one for one in answers],
    "nine_answers": lambda answers: answers[:9],
    "in_reverse_order": lambda answers: answers[::-1],
    "the_last_left_open": lambda answers: [*answers[:9], None],
    "words_instead_of_a_number": lambda answers: ["no idea", *answers[1:]],
    "all_zeros": lambda answers: [0] * 10,
    "shapes_without_channels": lambda answers: (
        [one[1:] if isinstance(one, tuple) else one for one in answers[:9]] + [7]
    ),
    "a_dict_of_numbers": lambda answers: dict(enumerate(answers, 1)),
    "one_missing_in_the_middle": lambda answers: [*answers[:4], *answers[5:], 0],
}
for name, change in DRILLED.items():
    answer = given(change)
    answer.__name__ = name
    wrong("ten_drills")(answer)
