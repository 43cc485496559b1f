"""Every check names the usual mistakes and accepts every right way."""

from __future__ import annotations

import functools
import itertools

import pytest

from convbook.checks import convolution, start_here
from convbook.checks.convolution import kernels, layers, sizes  # noqa: F401  (their questions are read below)
from convbook.checks.engine.seed import seeded
from convbook.checks.question import Question
from convbook.forms import CheckFailed
from right_ways import WAYS

UNITS = (start_here.unit, convolution.unit)
EXERCISES = {exercise.name: exercise for unit in UNITS for exercise in unit.exercises}
MISTAKES = [(e, m) for e in EXERCISES.values() for m in e.mistakes]
OURS = [pytest.param(e, m, id=f"{e.name}-{m.name}") for e, m in MISTAKES]


@pytest.mark.parametrize(("exercise", "mistake"), OURS)
def test_every_named_mistake_is_refused_by_its_name(exercise, mistake, capsys):
    with pytest.raises(CheckFailed) as failure:
        exercise(mistake.answer)
    assert failure.value.mistake == mistake.name
    assert failure.value.mistakes == (mistake.name,)
    assert failure.value.exercise == exercise.name
    assert mistake.name in str(failure.value)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
def test_every_exercise_knows_six_mistakes_or_more_each_by_its_own_name(exercise):
    names = [mistake.name for mistake in exercise.mistakes]
    assert len(names) >= 6
    assert len(set(names)) == len(names)
    assert all(mistake.explanation for mistake in exercise.mistakes)


def question_of(exercise) -> Question:
    """Return the question behind an exercise, which its judge is given first."""
    return exercise.judging.args[0]


ASKED = [e for e in EXERCISES.values() if isinstance(e.judging, functools.partial)]
PAIRS = [
    (exercise, mistakes, answer)
    for exercise in ASKED
    for mistakes, answer in question_of(exercise).suspects()
    if len(mistakes) == 2
]


@pytest.mark.parametrize("exercise", ASKED, ids=lambda e: e.name)
def test_two_mistakes_at_once_are_refused_and_named_as_two_or_as_the_one_that_hides_the_other(exercise):
    pairs = [(m, answer) for e, m, answer in PAIRS if e is exercise]
    unnamed, both = [], 0
    for mistakes, answer in pairs[:: max(1, len(pairs) // 25)]:
        verdict = exercise.judge(as_answer(answer, exercise))
        assert not verdict.right, [m.name for m in mistakes]
        both += len(verdict.mistakes) == 2
        if not verdict.mistakes:
            unnamed.append([m.name for m in mistakes])
    assert unnamed == []
    assert both or not pairs


def as_answer(function, exercise):
    """Return an answer that may use torch, as our own bent oracles may: what it gives is precomputed nowhere else."""
    from convbook.answers import LocalAnswer

    class Allowed(LocalAnswer):
        def call(self, *args, forbid="", **keywords):
            return super().call(*args, forbid="", **keywords)

    return Allowed(function)


RIGHT = [
    pytest.param(EXERCISES[name], function, id=f"{name}-{getattr(function, '__name__', number)}")
    for name, functions in WAYS.items()
    for number, function in enumerate(functions)
]


def imported_beforehand(function):
    """Load what an answer imports: the first time may take seconds on a busy machine, and is no part of the answer."""
    if "library" in getattr(function, "__name__", ""):
        pytest.importorskip("scipy.signal")


@pytest.mark.parametrize(("exercise", "function"), RIGHT)
def test_every_right_way_is_accepted(exercise, function, capsys):
    imported_beforehand(function)
    assert exercise(function) is None
    out, err = capsys.readouterr()
    assert out.startswith(f"✓ {exercise.name}") and out.count("\n") == 1 and err == ""


@pytest.mark.parametrize(("exercise", "function"), RIGHT[::3])
def test_every_right_way_is_accepted_whatever_the_seed(exercise, function):
    imported_beforehand(function)
    for seed in range(3):
        with seeded(seed):
            assert exercise.judge(function).right


def test_there_are_five_right_ways_for_every_exercise():
    assert all(len(WAYS[name]) >= 5 for name in EXERCISES)


SEEDS = range(20)


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
def test_no_mistake_changes_its_name_with_the_seed(exercise):
    # Twenty seeds for every exercise; each mistake meets two of them, so that the run stays short.
    seeds = itertools.cycle(SEEDS)
    usual = [m for m in exercise.mistakes if m is not layers.LOOP]  # judged by time, the same for every seed
    for mistake in (*usual, *usual, *usual)[: max(2 * len(usual), 20)]:
        with seeded(next(seeds)):
            assert exercise.judge(mistake.answer).mistakes == (mistake.name,)
