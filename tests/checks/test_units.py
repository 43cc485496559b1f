"""Every check of every unit names the usual mistakes and accepts every right way: nothing here knows a unit."""

from __future__ import annotations

import itertools
import json
import os
import random
import re

import pytest

from convbook.answers import LocalAnswer
from convbook.checks import units
from convbook.checks.engine.chance import Chance
from convbook.checks.engine.declare import examine_words, question_of
from convbook.checks.engine.examine import undetected
from convbook.checks.engine.seed import generator, seeded
from convbook.forms import CheckFailed
from right import SOLUTIONS, WAYS, solution_answers

# `make test-lowest` asks for some units only, by their numbers: CONVBOOK_TEST_UNITS="00 01"
CHOSEN = os.environ.get("CONVBOOK_TEST_UNITS", "").split()
UNITS = [unit for unit in units() if not CHOSEN or unit.folder[:2] in CHOSEN]
EXERCISES = {exercise.name: exercise for unit in UNITS for exercise in unit.exercises}
OURS = [pytest.param(e, m, id=f"{e.name}-{m.name}") for e in EXERCISES.values() for m in e.mistakes]
each_exercise = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)


REFUSED: dict[tuple[str, str], CheckFailed] = {}


def refusal(exercise, mistake) -> CheckFailed:
    """Return how a mistake is refused; two tests look at it, and it is judged once."""
    key = (exercise.name, mistake.name)
    if key not in REFUSED:
        with pytest.raises(CheckFailed) as failure:
            exercise(mistake.answer)
        REFUSED[key] = failure.value.with_traceback(None)
    return REFUSED[key]


@pytest.mark.parametrize(("exercise", "mistake"), OURS)
def test_every_named_mistake_is_refused_by_its_name(exercise, mistake, capsys):
    failure = refusal(exercise, mistake)
    assert failure.mistakes == (mistake.name,)
    assert failure.exercise == exercise.name
    assert mistake.name in str(failure)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("exercise", "mistake"), OURS)
def test_every_message_reads_as_sentences(exercise, mistake):
    message = str(refusal(exercise, mistake))
    headline, *rows = message.splitlines()
    assert headline == f"✗ {exercise.name}: {mistake.name}"
    assert not re.search(r"\{\w+\}|Raised\(|<lambda>|object at 0x|None of|tensor\(", message), message
    assert any(row.startswith("    why ") for row in rows)
    assert not mistake.name.endswith(".")
    assert not mistake.explanation.endswith((".", ";", ":"))


@each_exercise
def test_every_exercise_knows_six_mistakes_or_more_each_by_its_own_name(exercise):
    names = [mistake.name for mistake in exercise.mistakes]
    assert len(names) >= 6
    assert len(set(names)) == len(names)
    assert all(mistake.explanation for mistake in exercise.mistakes)


@each_exercise
def test_an_exercise_is_declared_soundly(exercise):
    examine_words(question_of(exercise))
    assert undetected(exercise) == []


@each_exercise
def test_every_help_that_advice_points_to_stands_in_the_notebook(exercise):
    unit = next(unit for unit in UNITS if exercise in unit.exercises)
    notebook = json.loads((SOLUTIONS / unit.folder / f"{unit.folder}.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in notebook["cells"]]
    lines = re.findall(r"<summary>Help — (.*?)</summary>", "\n".join(cells))
    for snippet in question_of(exercise).help:
        words = ".*".join(re.escape(part.strip()) for part in snippet.split("…"))
        assert any(re.search(words, line, re.IGNORECASE) for line in lines), snippet


@each_exercise
def test_two_mistakes_at_once_are_refused_and_named_as_two_or_as_the_one_that_hides_the_other(exercise):
    question = question_of(exercise)
    made = some_pairs(question)
    unnamed, both = [], 0
    for one, other in made:
        answer = Allowed(question.observer.mutant(question.oracle, [one.ways[0], other.ways[0]]))
        verdict = exercise.judge(answer)
        assert not verdict.right, (one.name, other.name)
        both += len(verdict.mistakes) == 2
        if not (verdict.mistakes or verdict.cause or worded(question, verdict)):
            unnamed.append((one.name, other.name))
    assert unnamed == []
    assert both or not made


def worded(question, verdict) -> bool:
    """Tell whether a verdict without a cause says what is wrong: a crash has its traceback, and what is left to chance may
    look in a small case like anything, so that each part that differs is told in words, and no slip by its name."""
    chance = isinstance(question.observer, Chance)
    return verdict.kind == "crash" or (
        chance and any(w in verdict.message for w in question.observer.words.values())
    )


FEWEST, MOST = 6, 14  # pairs of an exercise's mistakes that are tried


def some_pairs(question) -> list:
    """Return pairs of mistakes that matter, drawn by the exercise's name: each mistake is in one, as far as they reach."""
    pairs = list(question.pairs())
    random.Random(question.name).shuffle(pairs)
    chosen, met = [], set()
    for new in (2, 1):  # first pairs of mistakes that are both new, so that few pairs meet all
        for pair in pairs:
            names = {m.name for m in pair}
            if len(chosen) == MOST:
                return chosen
            if len(names - met) >= new and matters(question, pair):
                chosen.append(pair)
                met |= names
    rest = (pair for pair in pairs if pair not in chosen and matters(question, pair))
    return chosen + list(itertools.islice(rest, max(0, FEWEST - len(chosen))))


def matters(question, pair) -> bool:
    """Tell whether two mistakes at once differ from the right answer in some case: two quarter turns may undo each other."""
    ways = [mistake.ways[0] for mistake in pair]
    return any(
        question.observer.matters(question, case, ways) for case in question.cases(generator(question.name))
    )


class Allowed(LocalAnswer):
    """An answer that may use torch, as our own mutants may."""

    def call(self, *args, forbid="", **keywords):
        return super().call(*args, forbid="", **keywords)


SOLVED = {name: answer for unit in UNITS for name, answer in solution_answers(unit).items()}
RIGHT = [
    pytest.param(EXERCISES[name], function, id=f"{name}-{getattr(function, '__name__', number)}")
    for name in EXERCISES
    for number, function in enumerate([*WAYS.get(name, ()), *([SOLVED[name]] if name in SOLVED else ())])
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


@pytest.mark.parametrize(("exercise", "function"), RIGHT[::4])
def test_every_right_way_is_accepted_whatever_the_seed(exercise, function):
    imported_beforehand(function)
    for seed in range(2):
        with seeded(seed):
            assert exercise.judge(function).right


@each_exercise
def test_there_are_the_solution_and_two_more_right_ways_for_every_exercise(exercise):
    assert exercise.name in SOLVED
    assert len(WAYS.get(exercise.name, ())) >= 2


@each_exercise
def test_no_mistake_changes_its_name_with_the_seed(exercise):
    # Six seeds for an exercise, others for the next, and as many mistakes, so that the run stays short.
    seeds = itertools.cycle(random.Random(exercise.name).sample(range(100), 6))
    usual = [
        m for m in exercise.mistakes if m.ways
    ]  # the others are judged by what they are, the same for every seed
    for mistake in (*usual, *usual)[:6]:
        with seeded(next(seeds)):
            assert exercise.judge(mistake.answer).mistakes == (mistake.name,)
