"""Wrong answers, written by someone who had not seen the declared mistakes, are refused and told what is wrong."""

from __future__ import annotations

import importlib.util

import pytest

from convbook.checks import of_topic
from wrong import WRONG, modules

LIMIT = 5  # seconds: a learner waits for each check
SHARE = 0.9


@pytest.fixture(scope="module")
def benchmark(repository):
    """Return `benchmarks/explained.py`: what counts as told stands there and nowhere else."""
    place = repository / "benchmarks" / "explained.py"
    spec = importlib.util.spec_from_file_location("explained", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def found(benchmark):
    """Judge every wrong answer once; the tests below look at what came out."""
    return benchmark.judged()


def test_every_wrong_answer_is_refused(found):
    assert [f"{told.exercise} by {told.answer}" for told in found if told.verdict.right] == []


def test_nine_in_ten_wrong_answers_are_told_their_cause(benchmark, found):
    untold = [f"{told.exercise} by {told.answer}" for told in found if told.counts == "untold"]
    assert benchmark.share_told(found) >= SHARE, f"{len(untold)} of {len(found)} are untold: {untold}"


def test_no_check_of_a_wrong_answer_takes_long(found):
    assert [(told.exercise, told.answer, told.seconds) for told in found if told.seconds > LIMIT] == []


def test_every_exercise_of_these_units_has_a_dozen_wrong_answers():
    units = [unit for topic in modules() if (unit := of_topic(topic)) is not None]
    few = {e.name: len(WRONG.get(e.name, ())) for unit in units for e in unit.exercises}
    assert {name: number for name, number in few.items() if number < 12} == {}


def test_no_wrong_answer_is_registered_twice():
    for name, answers in WRONG.items():
        names = [answer.__name__ for answer in answers]
        assert len(set(names)) == len(names), name
