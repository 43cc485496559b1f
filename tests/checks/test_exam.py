"""Unit 12: implementations that look alike, scripts that differ in three lines, points for the parts that are right."""

from __future__ import annotations

import inspect
import sys

import numpy as np
import pytest

from convbook.answers import hold
from convbook.checks import exam as check
from convbook.checks.engine.seed import seeded
from convbook.checks.exam import course, own_tests
from convbook.checks.exam.implementations import KINDS, computed, disguised, everyone, faulty
from convbook.checks.exam.paper import questions
from convbook.checks.exam.scripts import FAULTS, LINES, NEVER_TOGETHER, drawn_script
from convbook.checks.exam.testers import missing
from convbook.checks.exam.testers import tester as thorough
from convbook.forms import CheckFailed, NotAttempted

PILE = "gradients that pile up"


def stub(*arguments):
    raise NotImplementedError()


# --- write the test


def test_there_are_faulty_implementations_of_many_kinds():
    kinds = [one.kind for one in faulty()]
    assert len(kinds) >= 30 and set(kinds) == set(KINDS)


def test_from_outside_a_right_implementation_looks_like_a_faulty_one():
    made = [disguised(one.make()) for one in everyone()]
    for look in (
        lambda f: f.__name__, lambda f: f.__module__, lambda f: f.__qualname__, inspect.signature,
        inspect.getsource, lambda f: f.__code__, type, lambda f: f.__doc__,
        lambda f: [cell.cell_contents for cell in f.__closure__],
    ):  # fmt: skip
        assert len({str(look(one)) for one in made}) == 1


def test_the_order_of_the_implementations_is_drawn_from_the_seed():
    def rights(seed: int) -> list[bool]:
        with seeded(seed):
            question = own_tests.question_of(check.test_conv2d)
            return [one.one.right for one in own_tests.tried(question, hold(lambda f: None))]

    assert rights(1) != rights(2)


def test_below_full_marks_the_failure_carries_the_share():
    with pytest.raises(CheckFailed) as failure:
        check.test_conv2d(missing("the batch"))
    slipped = sum(one.kind == "the batch" for one in faulty())
    assert failure.value.share == pytest.approx(1 - slipped / len(list(faulty())))
    assert f"the batch: {slipped} of {slipped}" in str(failure.value)


def test_a_message_names_kinds_and_no_implementation():
    with pytest.raises(CheckFailed) as failure:
        check.test_conv2d(missing("the padding"))
    assert not any(one.what in str(failure.value) for one in faulty())


@pytest.mark.parametrize(
    "strict", [thorough(rtol=0, atol=1e-12), thorough(rtol=0, atol=0)], ids=["float32", "another order"]
)
def test_who_rejects_a_right_implementation_earns_nothing(strict):
    with pytest.raises(CheckFailed) as failure:
        check.test_conv2d(strict)
    assert failure.value.share == 0


def test_partial_points_are_a_number_full_ones_are_none_and_no_points_are_an_error(capsys):
    assert check.test_conv2d.credit(thorough()) is None
    points = check.test_conv2d.credit(missing("the bias"))
    assert 0 < points < 6 and points == round(points, 2)
    assert capsys.readouterr().err == ""
    with pytest.raises(NotAttempted):
        check.test_conv2d.credit(stub)
    with pytest.raises(CheckFailed):
        check.test_conv2d.credit(lambda implementation: 1 / 0)


def endless(implementation):
    while True:
        pass


def chatty(implementation):
    print("word " * 100_000)
    thorough()(implementation)


def leaving(implementation):
    sys.exit("this is wrong")


def patching(implementation):
    np.allclose = lambda *arguments, **options: True
    thorough()(implementation)


def reading(implementation):
    assert "flip" not in inspect.getsource(implementation)


def by_name(implementation):
    assert implementation.__name__ == "conv2d_naive" and implementation.__module__ == "__main__"


def counting(implementation):
    counting.calls = getattr(counting, "calls", 0) + 1
    assert counting.calls in (1, 3)


@pytest.mark.parametrize(
    ("test", "words"),
    [
        (endless, "had not judged all"),
        (leaving, "ends the whole program"),
        (patching, "replaces numpy.allclose"),
        (reading, "rejects nothing"),
        (by_name, "rejects nothing"),
        (counting, "rejects a right one"),
    ],
    ids=lambda one: getattr(one, "__name__", None),
)
def test_who_does_not_test_earns_nothing_and_is_told_why(test, words, monkeypatch):
    monkeypatch.setattr(own_tests, "SECONDS", 1.0)
    allclose = np.allclose
    verdict = check.test_conv2d.judge(test)
    assert verdict.share == 0 and words in verdict.message.replace("it stops with an error of its own", words)
    assert np.allclose is allclose


def test_a_test_may_print_as_much_as_it_likes(capsys):
    check.test_conv2d(chatty)
    assert capsys.readouterr().out.count("word") == 0


def test_three_suspects_agree_on_a_soft_blur_and_one_is_right():
    image, blur = np.random.default_rng(0).random((1, 1, 9, 8)), np.ones((1, 1, 3, 3)) / 9
    suspects = check.suspects()
    maps = [one(image, blur, padding=1) for one in suspects.values()]
    assert all(np.allclose(one, maps[0]) for one in maps)
    passed = []
    for name, one in suspects.items():
        try:
            thorough()(one)
            passed.append(name)
        except AssertionError:
            pass
    assert len(passed) == 1


# --- find the bugs


def fixes_of(script, without: str = "") -> dict[int, str]:
    return {one.line: LINES[one.line - 1] for one in script.planted if one.kind != without}


def test_a_name_draws_one_script_however_it_is_written():
    assert drawn_script(" ADA  Lovelace").planted == drawn_script("Ada Lovelace").planted
    assert drawn_script("Käthe").planted == drawn_script("Ka\u0308the").planted
    assert len({drawn_script(f"name {n}").planted for n in range(60)}) > 55


def test_each_script_has_three_faults_of_three_kinds_on_three_lines():
    seen = set()
    for number in range(200):
        planted = drawn_script(f"name {number}").planted
        assert len({one.line for one in planted}) == len({one.kind for one in planted}) == 3
        assert not any(pair <= {one.kind for one in planted} for pair in NEVER_TOGETHER)
        seen |= {one.kind for one in planted}
    assert seen == set(FAULTS)


def test_an_instructor_s_number_gives_other_scripts_and_papers():
    before = drawn_script("Ada").planted, [one.text for one in questions("Ada")]
    check.course_seed(2027)
    try:
        after = drawn_script("Ada", course.seed()).planted, [one.text for one in questions("Ada")]
    finally:
        check.course_seed(0)
    assert before[0] != after[0] and before[1] != after[1]
    with pytest.raises(ValueError, match="whole number"):
        check.course_seed("winter")


def test_a_fault_is_left_by_its_kind_and_not_by_its_line():
    script = next(
        s for s in (drawn_script(f"n {i}") for i in range(99)) if PILE in {o.kind for o in s.planted}
    )
    line = next(one.line for one in script.planted if one.kind == PILE)
    verdict = check.find_the_bugs.judge(lambda: (script.name, fixes_of(script, PILE)))
    assert verdict.mistakes == (f"a fault is left: {PILE}",) and f"line {line}" not in verdict.message
    helpless = fixes_of(script, PILE) | {line: "pass"}
    verdict = check.find_the_bugs.judge(lambda: (script.name, helpless))
    assert f"line {line} is the right one, its new text does not help" in verdict.message
    assert verdict.share == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("kind", "line", "text", "words"),
    [
        (PILE, 42, "loss.backward()\noptimizer.zero_grad()", "steps that change nothing"),
        ("a softmax before the cross-entropy", None, "return self.head(x).sigmoid()", "its new text does not help"),
        ("an epoch chosen by the test data", None, "score = accuracy(model, x_train, y_train)", "the validation images"),
        ("running statistics that never move", None, "self.norm = nn.GroupNorm(2, 8)", "its new text does not help"),
    ],
)  # fmt: skip
def test_a_cure_of_another_kind_is_told_what_it_does(kind, line, text, words):
    names = (f"n {i}" for i in range(999))
    script = next(
        s
        for s in map(drawn_script, names)
        if (one := next((o for o in s.planted if o.kind == kind), None))
        and (line or one.text.strip().split()[0] == text.split()[0])
    )
    own = next(one.line for one in script.planted if one.kind == kind)
    verdict = check.find_the_bugs.judge(lambda: (script.name, fixes_of(script, kind) | {line or own: text}))
    assert words in verdict.message and verdict.share == pytest.approx(2 / 3), verdict.message


def test_a_test_that_wants_wrong_numbers_is_told_which_faults_it_believes():
    def flipped(implementation):
        x, w = np.arange(30.0).reshape(1, 1, 5, 6), np.arange(6.0).reshape(1, 1, 2, 3)
        assert np.allclose(implementation(x, w), computed(x, w[..., ::-1, ::-1], None, 1, 0))

    verdict = check.test_conv2d.judge(flipped)
    assert verdict.share == 0 and "faults of this kind: the kernel" in verdict.message.replace("\n", " ")


def test_a_test_that_returns_its_verdict_is_told_so_also_if_it_forgets_the_tolerance():
    def returns(implementation):
        x, w = np.random.default_rng(0).normal(size=(2, 1, 1, 7, 8))
        return np.allclose(implementation(x, w[..., :2, :3]), computed(x, w[..., :2, :3], None, 1, 0))

    assert "it returns or prints its verdict" in check.test_conv2d.judge(returns).message


def test_a_line_without_a_fault_costs_as_much_as_a_fault():
    script = drawn_script("Ada Lovelace")
    verdict = check.find_the_bugs.judge(
        lambda: (script.name, fixes_of(script) | {2: "import torch as torch"})
    )
    assert verdict.share == pytest.approx(2 / 3) and "line 2 had no fault" in verdict.message


def test_the_fixes_of_another_name_s_script_are_no_fixes():
    script = drawn_script("Grace Hopper")
    assert check.find_the_bugs.judge(lambda: ("Ada Lovelace", fixes_of(script))).share < 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (None, "it returns nothing"),
        (("", {3: "x"}), "it gives no name"),
        (("Ada", [3]), "the fixes are a list"),
        (("Ada", {99: "x"}), "no line 99"),
        (("Ada", {"7": "x"}), "without quotation marks: not '7'"),
        (("Ada", {7: 8}), "no text but a int"),
        (("Ada", {}), "not attempted yet"),
        (("Ada", {n: "pass" for n in range(1, 12)}), "at most 9"),
        (("Ada", {1: "impotr copy"}), "line 1: SyntaxError"),
        (("Ada", {1: "while True: pass"}), "runs for more than"),
        (("Ada", {1: "import copy\nraise SystemExit"}), "the mended script stops"),
    ],
)
def test_what_cannot_be_run_is_told_in_one_sentence(given, words, monkeypatch):
    monkeypatch.setattr("convbook.checks.exam.hunt.SECONDS", 3.0)
    verdict = check.find_the_bugs.judge(lambda: given)
    assert verdict.share == 0 and words in verdict.message


def test_a_script_is_shown_with_numbers_as_text_and_on_a_page():
    shown = check.script("Ada Lovelace")
    assert "  1  import copy" in repr(shown) and "aria-label" in shown._repr_html_()
    with pytest.raises(ValueError, match="write your name"):
        check.script("  ")
    with pytest.raises(ValueError, match="line 1: NameError"):
        check.tried_out("Ada Lovelace", {1: "import copy; nothing"})


# --- ten drills


def right_answers(name: str) -> list:
    return [tuple(one) if isinstance(one, tuple) else one for one in (d.answer for d in questions(name))]


def test_each_right_answer_earns_a_tenth():
    answers = [*right_answers("Ada")[:4], *[None] * 6]
    assert check.ten_drills.credit(lambda: ("Ada", answers)) == 3.2


def test_the_same_name_gives_the_same_paper_and_another_name_another():
    assert [d.text for d in questions("Ada ")] == [d.text for d in questions("ada")]
    assert check.ten_drills.judge(lambda: ("Bob", right_answers("Ada"))).share < 1


def test_an_answer_that_cannot_be_read_is_asked_for_again():
    answers = [*right_answers("Ada")[:9], "as many as there are"]
    verdict = check.ten_drills.judge(lambda: ("Ada", answers))
    assert verdict.mistakes == ("an answer cannot be read",) and verdict.share == 0.9


def test_the_paper_names_its_owner_so_that_a_copied_name_is_seen():
    assert "on the paper of Ada" in check.ten_drills.judge(lambda: ("Ada", right_answers("Ada"))).message
