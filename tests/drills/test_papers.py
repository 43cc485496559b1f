"""Papers: the same one for a name and a seed, another for each name, spread over the units."""

from __future__ import annotations

import subprocess
import sys

import pytest

from convbook import drills
from convbook.drills import DrillError


def texts(*args, **kwargs):
    return [question.text for question in drills.paper(*args, **kwargs).questions]


def test_a_name_and_a_seed_give_the_same_paper_also_in_another_process():
    code = "from convbook import drills; print([q.text for q in drills.paper('Ada', 3, 4).questions])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(texts("Ada", 3, 4))


def test_blanks_case_and_the_way_an_umlaut_is_made_change_nothing():
    assert texts("Jörg  Müller") == texts("  Jo\u0308rg mu\u0308ller\t") == texts("JÖRG MÜLLER")
    assert drills.paper("  Jo\u0308rg   Müller ").name == "Jörg Müller"


def test_names_and_seeds_give_different_papers():
    papers = [tuple(texts(name, seed, 5)) for name in ("Ada", "Adam", "Ada L.", "") for seed in (0, 1, -1)]
    assert len(set(papers)) == len(papers)


def test_kinds_are_spread_over_the_units_and_come_again_only_when_all_have_come():
    units = {kind.unit for kind in drills.KINDS.values()}
    for name in ("a", "b", "c"):
        questions = drills.paper(name, 0, len(units)).questions
        assert {q.kind.unit for q in questions} == units
        both = drills.paper(name, 0, 2 * len(drills.KINDS)).questions
        assert sorted(q.kind.name for q in both) == sorted(2 * list(drills.KINDS))
        assert len({q.text for q in both}) > 1.8 * len(drills.KINDS), "the second one has other numbers"


def test_units_and_kinds_can_be_chosen():
    assert {q.kind.unit for q in drills.paper("a", 0, 9, units=["2", "06"]).questions} == {"02", "06"}
    assert {q.kind.name for q in drills.paper("a", 0, 3, kinds="parameters").questions} == {"parameters"}
    assert [q.kind.unit for q in drills.paper("a", 0, 9).questions] == sorted(
        q.kind.unit for q in drills.paper("a", 0, 9).questions
    )


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"seed": "seven"}, "the seed 'seven' is no whole number"), ({"seed": 1.5}, "no whole number"), ({"seed": None}, "no whole number"),
        ({"seed": True}, "no whole number"), ({"count": 0}, "from 1 to 1000"), ({"count": "3"}, "from 1 to 1000"),
        ({"units": ["77"]}, "unit '77' has no drills"), ({"units": "x"}, "unit 'x' has no drills"), ({"kinds": ["nothing"]}, "no drill is called 'nothing'"),
        ({"kinds": "parameters", "units": "06"}, "at once"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_told_in_one_sentence(asked, words):
    with pytest.raises(DrillError, match=words):
        drills.paper("Ada", **asked)


def test_a_seed_may_be_written_as_text():
    assert texts("Ada", " 7 ") == texts("Ada", 7) and drills.paper("Ada", "7").seed == 7


def test_the_key_holds_answer_and_way_of_each_question():
    paper = drills.paper("Ada", 1, 6)
    key = drills.keyed(paper)
    assert len(key) == 6
    assert all(
        question.mark(answer).right and way
        for question, (answer, way) in zip(paper.questions, key, strict=True)
    )


@pytest.mark.parametrize(
    ("kind", "words"),
    [("parameters", "makes 20 maps of an input of shape (4, 32, 32), with 3 × 3 filters, stride 1"), ("slash_two", "a (16, 18, 18) input"),
     ("running_average", "momentum 0.1, as in PyTorch, holds the running mean 3. Two batches follow, both with the mean 14")],
)  # fmt: skip
def test_the_numbers_of_a_printed_paper_stay_for_ever(kind, words):
    assert words in texts("Ada", 7, 1, kinds=kind)[0], "papers that are printed already must keep their keys"
