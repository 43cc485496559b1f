"""What is special about the checks of unit 8: how often a right answer would be refused by bad luck."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from convbook.checks.augmentation_and_transfer import freeze as exercise_freeze
from convbook.checks.augmentation_and_transfer import unit
from convbook.checks.augmentation_and_transfer.flips_and_crops import crop_cases, flip_cases
from convbook.checks.augmentation_and_transfer.patches import patch_cases
from convbook.checks.engine.chance import SIGMAS, _mode, tail
from convbook.checks.engine.patches import Patches
from convbook.checks.engine.views_at_random import Crops, Flips
from right import solution_answers

RATE = 1e-6  # for all cases of one check together


def flips(case) -> float:
    """Bound how often a right flip is refused: a wrong share, only one way, all alike, always the same number."""
    n, p, calls = len(case.args[0]), case.args[1], Flips().many(case)
    if p in (0, 1):
        return 0.0
    one_way = p ** (n * calls) + (1 - p) ** (n * calls)
    if n == 1:
        return one_way
    alike, fixed = (p**n + (1 - p) ** n) ** calls, _mode(n, p) ** (calls - 1)
    return one_way + alike + fixed + tail(n * calls, p, SIGMAS)


def crops(case) -> float:
    """Bound how often a right crop is refused: an offset that never comes, or comes too often; images or axes alike."""
    n, padding, calls = len(case.args[0]), case.args[1], Crops().many(case)
    places = 2 * padding + 1
    if padding == 0:
        return 0.0
    missing = 2 * places * (1 - 1 / places) ** (n * calls)
    if n == 1:
        return missing
    alike = float(places) ** -(2 * (n - 1)) + float(places) ** -calls
    return missing + alike + 2 * places * tail(n * calls, 1 / places, SIGMAS)


@pytest.mark.parametrize(("cases", "bound"), [(flip_cases, flips), (crop_cases, crops)], ids=["flip", "crop"])
def test_a_right_answer_is_refused_by_bad_luck_less_than_once_in_a_million_checks(cases, bound):
    worst = max(sum(bound(one) for one in cases(np.random.default_rng(seed))) for seed in range(5))
    assert worst < RATE


def patches(case) -> float:
    """Bound how often a right patch is refused: a scale, a first or a last place that never comes, or row = column always."""
    image, low, high, size, _ = case.args
    calls, scales = Patches.calls, high - low + 1
    missing = scales * (1 - 1 / scales) ** calls if scales > 1 else 0.0
    longest = [
        [side * short // min(image.shape[1:]) for short in range(low, high + 1)] for side in image.shape[1:]
    ]
    for sides in longest:
        end = sum(1 / (side - size + 1) for side in sides) / scales  # of the first place, and of the last
        missing += 2 * (1 - end) ** calls
    return missing + 0.5**calls  # row and column alike in every call


def test_a_right_patch_is_refused_by_bad_luck_less_than_once_in_a_million_checks():
    worst = max(sum(patches(one) for one in patch_cases(np.random.default_rng(seed))) for seed in range(5))
    assert worst < RATE


MODEL = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 2))


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("replace_head", (MODEL, "fc", 3), "no part called 'fc'"),
        ("replace_head", (MODEL, "1", 0), "at least 1 class"),
        ("parameter_groups", (MODEL, "head", 0.1, 0.2), "no part called 'head'"),
        ("ten_crop", (np.zeros((1, 4, 6)), 5), "smaller than a crop"),
        ("random_resized_patch", (np.zeros((1, 4, 6)), 3, 5, 4, np.random.default_rng(0)), "does not fit"),
    ],
)
def test_the_solution_refuses_bad_input_in_one_sentence_and_changes_nothing(name, arguments, told):
    before = [p.clone() for p in MODEL.parameters()]
    answer = solution_answers(unit)[name]
    with pytest.raises(ValueError, match=told) as failure:
        answer(*arguments)
    assert "\n" not in str(failure.value)
    assert all(torch.equal(p, q) for p, q in zip(MODEL.parameters(), before, strict=True))
    assert len(list(MODEL.parameters())) == 4


def test_a_batch_norm_that_a_class_patch_freezes_everywhere_is_told():
    """Whoever freezes `nn.BatchNorm2d` itself freezes every other model of the session as well."""
    kept = nn.BatchNorm2d.train

    def freeze(module):
        module.requires_grad_(False)
        module.eval()
        for part in module.modules():
            part.training = False
        nn.BatchNorm2d.train = lambda self, mode=True: [setattr(self, "training", False), self][1]

    try:
        verdict = exercise_freeze.judge(freeze)
    finally:
        nn.BatchNorm2d.train = kept
    assert not verdict.right
