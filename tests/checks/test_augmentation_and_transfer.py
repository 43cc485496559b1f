"""What is special about the checks of unit 8: how often a right answer would be refused by bad luck."""

from __future__ import annotations

import numpy as np
import pytest

from convbook.checks.augmentation_and_transfer.flips_and_crops import crop_cases, flip_cases
from convbook.checks.engine.chance import SIGMAS, _mode, tail
from convbook.checks.engine.views import Crops, Flips

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
