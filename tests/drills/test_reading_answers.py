"""Whatever a person would accept is accepted; what is no answer is told in a sentence and counts as nothing."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest
import quickjs

from convbook import drills
from convbook.authoring.book.predrawn import key
from convbook.drills import Drill, Volume, kind
from convbook.drills.papers import shown_value
from convbook.widgets.bundle import es_module

COUNT = kind("count", "02", "A count", draw=lambda rng: {"k": 1}, ask="How many?", answer=lambda k: 1179648, worked="{answer}",
             mistakes={"a half: twice as many": lambda k: 589824})  # fmt: skip
SMALL = kind("small", "02", "A number", draw=lambda rng: {"k": 1}, ask="How many?", answer=lambda k: 760, worked="{answer}",
             mistakes={"the bias is missing: each filter has one": lambda k: 750})  # fmt: skip
QUARTER = kind("quarter", "02", "A share", draw=lambda rng: {"k": 1}, ask="Which share?", answer=lambda k: 0.25, worked="{answer}",
               mistakes={"the rest": lambda k: 0.75}, decimals=2)  # fmt: skip
BELOW = kind("below", "02", "Below zero", draw=lambda rng: {"k": 1}, ask="How many?", answer=lambda k: -3, worked="{answer}",
             mistakes={"the sign is lost": lambda k: 3})  # fmt: skip
SHAPE = kind("shape", "02", "A shape", draw=lambda rng: {"k": 1}, ask="Which shape?", answer=lambda k: Volume(10, 28, 28),
             worked="{answer}", mistakes={"the depth is kept": lambda k: Volume(3, 28, 28)})  # fmt: skip
BIG = kind("big", "02", "A big shape", draw=lambda rng: {"k": 1}, ask="Which shape?", answer=lambda k: Volume(1024, 112, 112),
           worked="{answer}", mistakes={"it is kept": lambda k: Volume(3, 112, 112)})  # fmt: skip
WORD = kind("word", "02", "Yes or no", draw=lambda rng: {"k": 1}, ask="Does it?", answer=lambda k: "no", worked="{answer}",
            mistakes={"it does": lambda k: "yes"}, options=("yes", "no"))  # fmt: skip


SIDE = kind("side", "02", "A side", draw=lambda rng: {"k": 1}, ask="How wide?", answer=lambda k: 28, worked="{answer}",
            mistakes={"the + 1 is missing": lambda k: 27}, square=True)  # fmt: skip


def mark(kind, answer):
    return Drill(kind, {"k": 1}).mark(answer)


ACCEPTED = [
    (COUNT, ["1179648", "1,179,648", "1 179 648", "1.179.648", "1'179'648", "1_179_648", "1\u00a0179\u00a0648", "1\u202f179\u202f648",
             1179648, 1179648.0, np.int64(1179648), "1179648 weights", "9·256·512", "9*256*512 = 1,179,648", "2^17 · 9", "2¹⁷ · 9",
             "1.179648e6", "1179.648 thousand", "1179.648k", "1.179648 M", "1.179648 million weights", "１１７９６４８"]),
    (SMALL, ["760", " 760 ", "760 parameters", "760.", "760.0", "= 760", "≈ 760", "about 760", "The answer is 760.", "(75 + 1) · 10",
             "(75+1)x10 = 760", "parameters: 760", "760px", "760 px²", "n = 760", "[760]", "+760", Fraction(760), "1520/2", "7.6e2",
             "(5*5*3+1)*10", "(5×5×3 + 1) × 10", "760!", "0760", "approx. 760", "ca. 760", "760)", "#760", "760 €", "<b>760</b>", "No. 760", "with 10 biases: 760",
             "760 (= 76 * 10)", "760 M", "(760", "\x00760", "760,0", "760 (sure?)"]),
    (QUARTER, ["1/4", "0.25", "0,25", ".25", "25 %", "25%", "¼", "1 / 4", "1⁄4", 0.25, Fraction(1, 4), np.float32(0.25), "0.250",
               "0.254", "1 of 4", "1 out of 4 units", "2^-2", "2⁻²", "1/4 of it", "0.25 s"]),
    (BELOW, ["-3", "−3", "–3", "- 3", "minus 3", "(-3)", "-3.0", "−3 pixels", "= −3", -3, "2 - 5", "-6/2"]),
    (SHAPE, ["(10, 28, 28)", "28 x 28 x 10", "28×28×10", "28X28X10", "28*28*10", "10,28,28", "10 28 28", "[10, 28, 28]",
             "10 @ 28×28", "28 by 28 by 10", "c=10, h=28, w=28", "28 x 28 x 10 pixels", (10, 28, 28), [28, 28, 10],
             np.array([10, 28, 28]), "10; 28; 28", "10 maps of 28 × 28", "10/28/28", "10:28:28", "10 | 28 | 28", "10x28x28 = 7840", "C10 H28 W28", "28×28×10 (h×w×c)", "torch.Size([10, 28, 28])"]),
    (BIG, ["(1024, 112, 112)", "1024,112,112", "112 x 112 x 1,024", "1 024 x 112 x 112", "112 112 1024"]),
    (SIDE, ["28", "28 × 28", "28x28", "(28 x 28)", "28 by 28", "28 × 28 pixels", "28 px", "14 × 2", "28 × 28 / 28"]),
    (WORD, ["no", "No", "NO.", " no ", "n", "b", "b)", "(b)", "no, it does not", "false"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "answers"), ACCEPTED, ids=lambda value: value.name if hasattr(value, "name") else ""
)
def test_what_a_person_would_accept_is_right(kind, answers):
    refused = {str(answer): mark(kind, answer) for answer in answers if not mark(kind, answer).right}
    assert not refused


UNREADABLE = [
    (SMALL, "", "Nothing is typed"), (SMALL, "  ", "Nothing is typed"), (SMALL, "?", "Nothing is typed"),
    (SMALL, "I do not know", "no number"), (SMALL, "seventy", "no number"), (SMALL, "nan", "no number"), (SMALL, "∞", "no number"),
    (SMALL, True, "A bool is no number"), (SMALL, None, "A NoneType is no number"), (SMALL, float("nan"), "nan is no number"),
    (SMALL, float("inf"), "inf is no number"), (SMALL, 3j, "A complex is no number"), (SMALL, [1, 2], "A list is no number"),
    (SMALL, np.array([1, 2]), "A list is no number"), (SMALL, b"760", "A bytes is no number"),
    (SMALL, "7" * 5000, "longer than 200 characters"), (SMALL, "750 or 760", "2 numbers"), (SMALL, "7,6,0", "several numbers"),
    (SMALL, "1..2", "several numbers"), (SMALL, "760/0", "2 numbers"), (SMALL, "9^9^9^9", "4 numbers"), (SMALL, "seven hundred sixty", "no number"), (SMALL, "0x2f8", "numbers"),
    (SMALL, "__import__('os')", "no number"), (SMALL, "10**10**10", "numbers"),
    (SHAPE, "28", "one is there"), (SHAPE, "28 x 28", "3 numbers are wanted, and I read 2"), (SHAPE, "flat", "no number is there"),
    (SHAPE, True, "A bool"), (WORD, "maybe", "Choose one of these: yes · no"), (WORD, "", "Nothing is typed"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "answer", "words"), UNREADABLE)
def test_what_is_no_answer_is_told_in_one_sentence_and_counts_as_nothing(kind, answer, words):
    said = mark(kind, answer)
    assert said.right is None and said.mistake is None
    assert words in said.sentence and "\n" not in said.sentence and said.sentence.endswith(".")


@pytest.mark.parametrize(
    ("kind", "answer", "mistake"),
    [
        (SMALL, "750 parameters", "the bias is missing: each filter has one"), (SMALL, "751", None), (SMALL, 750, "the bias is missing: each filter has one"),
        (SMALL, "-760", None), (QUARTER, "3/4", "the rest"), (QUARTER, "75%", "the rest"), (QUARTER, "0.27", None), (BELOW, "3", "the sign is lost"),
        (SHAPE, "28 x 28 x 3", "the depth is kept"), (SHAPE, "(28, 10, 28)", None), (WORD, "yes", "it does"), (SMALL, "761 parameters", None),
    ],
)  # fmt: skip
def test_a_wrong_answer_is_wrong_however_it_is_written(kind, answer, mistake):
    said = mark(kind, answer)
    assert said.right is False and said.mistake == mistake
    if mistake == "the bias is missing: each filter has one":
        assert "is not right: the bias is missing. Each filter has one." in said.sentence
    assert drills.keyed  # the worked answer comes with it
    assert said.worked


def test_a_row_of_numbers_may_be_parted_in_any_usual_way():
    row = kind(
        "row",
        "04",
        "",
        draw=dict,
        ask="?",
        answer=lambda: (4.0, -3.5, 0.25, 3.0),
        worked="",
        mistakes={},
        decimals=2,
    )
    for typed in (
        "4, -3.5, 0.25, 3",
        "(4; −3,5; 0,25; 3)",
        "4 −3,5 1/4 3",
        "[[4, -3.5], [.25, 3]]",
        "4 | -3.5 | .25 | 3",
        "4, −7/2, ¼, 3",
    ):
        assert mark(row, typed).right, typed


def test_one_number_with_two_meanings_is_taken_in_the_learners_favour():
    assert mark(
        kind("a", "00", "", draw=dict, ask="?", answer=lambda: 1234, worked="", mistakes={}), "1.234"
    ).right
    assert mark(
        kind("b", "00", "", draw=dict, ask="?", answer=lambda: 1.234, worked="", mistakes={}), "1,234"
    ).right


def test_a_side_that_is_wrong_is_told_its_mistake_also_where_it_is_written_twice():
    assert mark(SIDE, "27 × 27").mistake == "the + 1 is missing"
    assert mark(SIDE, "28 × 27").right is False
    assert mark(COUNT, "1024 × 1024").right is False, "elsewhere it is a product"


@pytest.fixture(scope="module")
def in_the_browser():
    """Return a function that marks an answer as a page without a kernel does."""
    engine = quickjs.Context()
    engine.eval(f"globalThis.mark = (() => {{ {es_module('_drill_reader')}\nreturn mark; }})();")

    def marked(drill, typed):
        told = json.loads(engine.eval(f"JSON.stringify(mark({json.dumps(key(drill))}, {json.dumps(typed)}))"))
        return told["right"], told["sentence"]

    return marked


def both(drill, typed, in_the_browser):
    """Return what Python says and what the browser says."""
    mark = drill.mark(typed)
    return (mark.right, mark.sentence), in_the_browser(drill, typed)


def test_a_page_without_a_kernel_says_of_every_writing_what_python_says(in_the_browser):
    typed = [(kind, answer) for kind, answers in ACCEPTED for answer in answers if isinstance(answer, str)]
    typed += [(kind, answer) for kind, answer, _ in UNREADABLE if isinstance(answer, str)]
    for question, answer in typed:
        python, browser = both(Drill(question, {"k": 1}), answer, in_the_browser)
        assert browser == python, answer
    assert len(typed) > 150


@pytest.mark.parametrize("name", drills.KINDS)
def test_a_page_without_a_kernel_knows_right_answers_and_usual_mistakes(name, in_the_browser):
    kind, rights = drills.KINDS[name], set()
    for seed in range(6):
        drill = Drill(kind, kind.draw(np.random.default_rng(seed)))
        values = [drill.answer, *(value for _, value, _ in drill.wrong_answers() if value is not None)]
        for typed in [
            *(shown_value(value) for value in values),
            "7",
            "1/3",
            "(1, 2, 3)",
            "a",
            "1,234",
            "2 500",
        ]:
            python, browser = both(drill, typed, in_the_browser)
            assert browser == python, f"{drill.text} {typed}"
            rights.add(python[0])
    assert {True, False} <= rights
