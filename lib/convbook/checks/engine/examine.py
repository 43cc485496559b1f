"""Examine a declaration: what is declared wrongly is refused in the tests, in one sentence, before a learner meets it."""

from __future__ import annotations

import itertools
from typing import Any

from convbook.checks.engine.observe import Calls, Trial, ways_of
from convbook.checks.engine.question import Question, question_of
from convbook.checks.engine.seed import generator
from convbook.forms import Case, Exercise, Mistake, Reply


def undetected(exercise: Exercise) -> list[str]:
    """Return a sentence for each mistake that no case tells from a right answer, and for every two alike in all cases.

    Only mistakes that change the oracle can be compared; a whole wrong answer is proved by being refused by its name.
    """
    question = question_of(exercise)
    cases = question.ordered_cases(generator(question.name))
    comparable = [m for m in question.mistakes if m.ways]
    found = [
        f"{question.name}: the mistake {mistake.name!r} is the right answer in every case: add a case in which it matters"
        for mistake in comparable
        if not any(question.observer.matters(question, case, [mistake.ways[0]]) for case in cases)
    ]
    return [*found, *_alike(question, comparable, cases)]


def _alike(question: Question, mistakes: list[Mistake], cases: list[Case]) -> list[str]:
    """Return a sentence for every two mistakes that give the same in every case."""
    if not isinstance(question.observer, Calls):
        return []  # graph edits and records are told apart by the test that each is refused by its own name
    sentences = []
    for one, other in itertools.combinations(mistakes, 2):
        trials = (_trial(question, one, case) for case in cases)
        if all(
            question.observer.explains(question, t, [ways_of(other)[0]]) is not False
            for t in trials
            if t is not None
        ):
            sentences.append(
                f"{question.name}: no case tells the mistake {one.name!r} from {other.name!r}: add one in which they differ"
            )
    return sentences


def _trial(question: Question, mistake: Mistake, case: Case) -> Trial | None:
    """Return a trial in which an answer makes exactly this mistake; None where it breaks, and so says nothing."""
    try:
        value: Any = question.oracle.run(case.args, case.kwargs, [mistake.ways[0]])
    except Exception as error:
        reply = Reply("raised", error=error)
    else:
        reply = Reply("returned", value)
    wanted = question.observer.wanted(question, case)
    return Trial(case, wanted, reply, question.observer.fault(question, case, reply, wanted))
