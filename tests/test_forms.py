"""The course's own words: what a notebook, a grader and a test may rely on."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest

from convbook.forms import (
    CheckFailed,
    Exercise,
    LearnerError,
    Mistake,
    NotAttempted,
    Reply,
    Unit,
    Verdict,
)


def exercise(verdict: Verdict) -> Exercise:
    return Exercise("area", "An area", 3, (), lambda answer: verdict)


def test_a_right_answer_prints_one_line_and_returns_nothing(capsys):
    check = exercise(Verdict("area", "right", "✓ area"))
    assert check.state == "not tried"
    assert check(None) is None
    assert capsys.readouterr() == ("✓ area\n", "")
    assert check.state == "right"


def test_a_wrong_answer_raises_with_its_mistakes(capsys):
    check = exercise(Verdict("area", "wrong type", "✗ area", ("first", "second")))
    with pytest.raises(CheckFailed) as failure:
        check(None)
    assert (failure.value.exercise, failure.value.mistake, failure.value.kind) == (
        "area",
        "first",
        "wrong type",
    )
    assert failure.value.mistakes == ("first", "second")
    assert failure.value._render_traceback_() == ["✗ area"]
    assert isinstance(failure.value, AssertionError)
    assert capsys.readouterr() == ("", "")
    assert check.state == "wrong type"


def test_an_untouched_stub_has_a_class_of_its_own():
    with pytest.raises(NotAttempted) as failure:
        exercise(Verdict("area", "not attempted", "• area"))(None)
    assert failure.value.mistake is None


def test_the_learners_own_exception_is_raised_as_it_is():
    own = KeyError("mine")
    with pytest.raises(KeyError) as failure:
        exercise(Verdict("area", "crash", "✗", error=own))(None)
    assert failure.value is own


def test_only_the_last_verdict_counts():
    verdicts = [Verdict("area", "right", "✓"), Verdict("area", "wrong", "✗")]
    check = Exercise("area", "An area", 3, (), lambda answer: verdicts.pop(0))
    check(None)
    with pytest.raises(CheckFailed):
        check(None)
    assert check.state == "wrong"
    assert len(check.outcomes) == 1


def test_the_points_of_a_unit_are_those_of_its_exercises():
    one = exercise(Verdict("area", "right", "✓"))
    assert Unit("00_x", "X", (one, one)).points == 6


def test_a_reply_names_the_class_of_what_was_raised_here_or_elsewhere():
    assert Reply("raised", error=ZeroDivisionError()).error_kind == "ZeroDivisionError"
    assert Reply("raised", error=LearnerError("IndexError", "too far")).error_kind == "IndexError"
    assert Reply("returned").error_kind == ""


def test_an_error_from_another_process_shows_its_own_trace():
    assert LearnerError("KeyError", "k", "the trace")._render_traceback_() == ["the trace"]
    assert str(LearnerError("KeyError", "")) == "KeyError"


def test_mistakes_and_verdicts_are_values_that_do_not_change():
    mistake = Mistake("name", "why", len)
    with pytest.raises(AttributeError):
        mistake.name = "other"
    verdict = Verdict("area", "wrong", "✗", ("name",))
    assert pickle.loads(pickle.dumps(verdict)) == verdict
    assert verdict.mistake == "name"
    assert not verdict.right


def test_the_words_load_neither_numpy_nor_torch():
    code = (
        "import sys, convbook.forms; print([m for m in ('numpy', 'torch', 'matplotlib') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
