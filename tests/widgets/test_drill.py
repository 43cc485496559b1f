"""Drills in a notebook: what Python says to an answer, and what a person does, sees and hears in the browser."""

from __future__ import annotations

import json

import pytest

from browser import violations
from convbook.authoring.work import MANIFEST
from convbook.checks import counting as check
from convbook.drills import DrillError
from convbook.drills.practice import RECORDS
from convbook.widgets import drill
from convbook.widgets.drill import Drills
from convbook.widgets.drill_view import DrillView
from hands import NOTHING, shown_fifty_times


@pytest.fixture(autouse=True)
def nowhere(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def work(monkeypatch, tmp_path):
    """Return a learner's folder, with somebody in front of a notebook in it."""
    (tmp_path / MANIFEST).write_text("{}")
    (tmp_path / "02_counting").mkdir()
    monkeypatch.chdir(tmp_path / "02_counting")
    monkeypatch.setattr(drill, "_somebody_is_there", lambda: True)
    return tmp_path


# --- what Python says


def test_a_unit_asks_three_different_kinds_of_its_own():
    kinds = [one.kind for one in check.drill().questions]
    assert len({kind.name for kind in kinds}) == 3 and {kind.unit for kind in kinds} == {"02"}


def test_a_kind_or_another_unit_can_be_asked_for():
    assert [one.kind.name for one in check.drill("output_size").questions] == ["output_size"]
    assert [one.kind.unit for one in check.drill(unit="06", count=2).questions] == ["06", "06"]
    assert [one.kind.name for one in check.drill("parameters", count=2).questions] == ["parameters"] * 2


def test_what_cannot_be_asked_is_told_in_one_sentence_and_nothing_else():
    with pytest.raises(DrillError, match="no drill is called 'nothing'") as failure:
        check.drill("nothing")
    assert failure.value._render_traceback_() == [str(failure.value)]


def test_the_same_cell_asks_the_same_and_another_name_something_else():
    assert repr(check.drill()) == repr(check.drill()) != repr(check.drill(name="Ada"))


def test_without_anybody_there_the_answer_is_folded_away_and_nothing_is_kept(tmp_path):
    data, _ = check.drill("parameters")._repr_mimebundle_()
    assert set(data) == {"text/plain", "text/html"}
    before, details = data["text/html"].split("<details>")
    asked = check.drill("parameters").asked()[0]
    assert (
        asked["answer"] not in before
        and asked["answer"] in details
        and "<summary>The answer</summary>" in details
    )
    assert list(tmp_path.iterdir()) == []


def test_the_first_answer_that_can_be_read_is_kept_beside_the_notebooks(work):
    asked = check.drill("parameters")
    assert asked.mark(0, "no idea")["right"] is None and not (work / RECORDS.file).exists()
    assert asked.mark(0, "1")["right"] is False and asked.mark(0, asked.asked()[0]["answer"])["right"] is True
    kept = json.loads((work / RECORDS.file).read_text("utf-8"))
    assert kept["parameters"] == {"asked": 1, "right": 0, "row": 0, "due": 4} and kept["questions"] == {
        "asked": 1
    }


def test_the_view_marks_what_is_typed_and_draws_other_numbers():
    view = DrillView(check.drill("parameters"))
    answer = view.questions[0]["answer"]
    view.typed = {"number": 0, "text": answer, "count": 1}
    assert view.told["right"] is True and view.told["count"] == 1
    before, view.round = view.questions, 1
    assert view.questions != before and view.drawn == 1 and view.told == {}
    view.typed = {"number": 9, "text": "5", "count": 2}
    assert view.told == {}, "a question that is not there is not marked"


# --- what a person does, sees and hears


@pytest.fixture
def page(show):
    return show(DrillView(Drills(None, "02", 2)))


def answered(page, number, **told):
    page.evaluate("(told) => window.model.arrive({ told })", {"number": number, "count": 1, **told})


def test_an_answer_is_typed_sent_by_enter_and_told_aloud(page):
    field = page.get_by_role("textbox").first
    field.fill("760 parameters")
    field.press("Enter")
    sent = page.evaluate("() => window.model.values.typed")
    assert (sent["number"], sent["text"], sent["count"]) == (0, "760 parameters", 1)
    assert "asking the kernel" in page.get_by_role("status").first.inner_text()
    answered(page, 0, right=False, sentence="760 is not right: the biases are missing.")
    assert page.get_by_role("status").first.inner_text() == "✗ 760 is not right: the biases are missing."
    answered(page, 0, right=True, sentence="Right.")
    assert page.get_by_role("status").first.inner_text() == "✓ Right."
    assert field.input_value() == "760 parameters"


def test_an_answer_that_cannot_be_read_gets_no_mark(page):
    answered(page, 1, right=None, sentence="There is no number in that.")
    assert page.get_by_role("status").nth(1).inner_text() == "There is no number in that."


def test_an_empty_field_is_not_sent(page):
    page.get_by_role("button", name="Check").first.click()
    assert "Type an answer" in page.get_by_role("status").first.inner_text()
    assert page.evaluate("() => window.model.values.typed") == {}


def test_the_answer_unfolds_by_a_key_without_a_kernel(page):
    summary = page.locator("summary").first
    assert not page.locator(".cb-answer").first.is_visible()
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator(".cb-answer").first.is_visible()


def test_other_numbers_are_asked_for_and_shown(page):
    page.get_by_role("button", name="Other numbers").click()
    assert page.evaluate("() => [window.model.values.round, window.model.saved]") == [1, 1]
    new = {"title": "Unit 02", "text": "How many are there?", "answer": "7", "worked": "3 + 4 = 7."}
    page.evaluate("(new_) => window.model.arrive({ told: {}, questions: [new_], drawn: 1 })", new)
    assert (
        page.get_by_role("textbox").count() == 1
        and "How many are there?" in page.locator(".cb-asked").inner_text()
    )
    assert page.get_by_role("button", name="Other numbers").evaluate("(b) => b === document.activeElement")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_shut_out_in_both_themes(page, scheme):
    page.emulate_media(color_scheme=scheme)
    page.locator("summary").first.click()
    answered(page, 0, right=False, sentence="1 is not right.")
    assert violations(page) == []


def test_fifty_shows_leave_nothing(show):
    assert shown_fifty_times(show, DrillView(Drills(None, "02", 2))) == NOTHING
