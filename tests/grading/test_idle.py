"""Cells that only show something are left out of grading; whatever could be noticed runs."""

from __future__ import annotations

import pytest

from convbook.grading.reading.idle import idle
from convbook.grading.reading.repair import repair
from test_repair import TRUTH, by_id, handed_in

ANSWER = ("def f(x):\n    return np.sum(x) + k + data[0]", False)


@pytest.mark.parametrize(
    "source",
    ["draw(f(1))", "x = f(2)\nx + 1", "np.ones(3).sum()", "for n in range(3): print(f(n))", "from timeit import timeit\ntimeit(f)", ""],
)  # fmt: skip
def test_what_only_shows_is_left_out(source):
    assert idle([(source, True), ANSWER, ("import numpy as np", False)]) == {0}


@pytest.mark.parametrize(
    "source",
    ["k = 2", "import numpy as np", "data[0] = 5", "data.append(1)", "data.x = 1", "np.random.seed(1)", "%matplotlib inline", "!ls",
     "del data", "1 +", "def helper(): global k; k = 1", "for k in range(3): pass", "with open('a') as k: pass",
     "from math import *", "exec('k = 1')", "%run more.py"],
)  # fmt: skip
def test_what_could_be_noticed_runs(source):
    assert idle([(source, True), ANSWER]) == frozenset()


def test_what_a_needed_cell_needs_runs_too():
    pieces = [("raw = load()", True), ("data = raw[1:]", True), ("plot(raw)", True), ANSWER]
    assert idle(pieces) == {2}


def test_a_student_s_own_and_changed_cells_always_run():
    cells = handed_in()
    by_id(cells, "try-double")["source"] = "double(5)"
    repaired = repair(cells, TRUTH)
    repaired.leave_out_what_only_shows()
    assert "double(5)" in [cell.source for cell in repaired.cells()]
    untouched = repair(handed_in(), TRUTH)
    untouched.leave_out_what_only_shows()
    assert "double(4)" not in [cell.source for cell in untouched.cells()]
    assert "import numpy as np" in [cell.source for cell in untouched.cells()]


def test_seeds_matter_only_where_tests_do_not_bring_their_own():
    pieces = [("torch.manual_seed(1)\nnet = train()", True), ANSWER]
    assert idle(pieces) == frozenset() and idle(pieces, seeds=False) == {0}
    assert not TRUTH.all_ours
