"""Every kind of drill: its answer holds against another way to it, and its mistakes are mistakes."""

from __future__ import annotations

import re

import numpy as np
import pytest

from convbook import drills
from convbook.drills import Drill, Volume
from convbook.drills.reading import same
from drills import oracles_networks
from drills.oracles import ORACLES

SEEDS = range(100)
KINDS = list(drills.KINDS.values())
assert oracles_networks  # it adds its oracles to the others
EXAM = {  # what the lecture announces for the exam
    "output size", "output volume", "parameter count and what drives it", "batch norm", "mini-batch and memory",
    "how “/2” doubles the maps and halves the size", "LeNet-like net",
}  # fmt: skip
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def drawn(kind, seeds=SEEDS):
    for seed in seeds:
        yield kind.draw(np.random.default_rng(seed))


def test_every_kind_has_another_way_to_its_answer():
    assert set(ORACLES) == set(drills.KINDS)


@each_kind
def test_the_answer_holds_in_a_hundred_draws_and_no_mistake_gives_it(kind):
    alike = 0
    for facts in drawn(kind):
        wanted = kind.answer(facts)
        assert same(ORACLES[kind.name](facts), wanted, kind.decimals and kind.decimals + 3), facts
        wrong = [kind.made(formula, facts) for formula in kind.mistakes.values()]
        assert not any(same(one, wanted, kind.decimals) for one in wrong), facts
        told = [repr(one) for one in wrong if one is not None]
        alike += len(told) - len(set(told))
        assert told, "some mistake can be made in every question"
    assert alike <= 100, "two mistakes of a question give one number more than once a question"


@each_kind
def test_every_mistake_of_a_kind_can_be_made(kind):
    made = {sentence: 0 for sentence in kind.mistakes}
    for facts in drawn(kind, range(60)):
        for sentence, formula in kind.mistakes.items():
            made[sentence] += kind.made(formula, facts) is not None
    assert min(made.values()) > 0, made


@each_kind
def test_question_worked_answer_and_mistakes_read_as_sentences(kind):
    for facts in drawn(kind, range(10)):
        text, worked = kind.ask(facts), kind.worked(facts)
        assert (text[0].isupper() or text[0].isdigit()) and text.endswith(("?", ".)", ".")), text
        assert 1 <= worked.count("\n") + 1 <= 5, worked
        for words in (text, worked, *kind.mistakes):
            assert not re.search(r"[{}]|\bnan\b|\bNone\b|lambda|\d-\d|  ", words), words
        if not kind.options:
            assert drills.keyed(drills.Paper("", 0, [Drill(kind, facts)]))[0][0] in worked, worked


@each_kind
def test_the_right_answer_and_every_mistake_are_told_apart_when_they_are_typed(kind):
    for facts in drawn(kind, range(5)):
        drill = Drill(kind, facts)
        assert drill.mark(drill.answer).right
        assert drill.mark(drills.keyed(drills.Paper("", 0, [drill]))[0][0]).right, (
            "as it is printed in the key"
        )
        for formula in kind.mistakes.values():
            value = kind.made(formula, facts)
            if value is not None:
                mark = drill.mark(value)
                assert mark.right is False and mark.mistake in kind.mistakes and mark.kind == kind.name
                assert "is not right: " in mark.sentence and mark.worked == kind.worked(facts)


def test_what_the_lecture_announces_for_the_exam_has_a_drill():
    covered = {marker: [kind.name for kind in KINDS if marker in kind.exam] for marker in EXAM}
    assert all(covered.values()), covered
    assert {marker for kind in KINDS for marker in kind.exam} <= EXAM


def test_every_unit_has_at_least_three_kinds():
    units = {f"{number:02d}": 0 for number in range(13)}
    for kind in KINDS:
        units[kind.unit] += 1
    assert min(units.values()) >= 3, units
    assert len(KINDS) >= 30


def test_a_shape_may_name_its_channels_last():
    assert same((28, 28, 10), Volume(10, 28, 28)) and not same((28, 10, 28), Volume(10, 28, 28))
    assert not same((28, 28, 10), (10, 28, 28)), "in a row of numbers the order counts"
