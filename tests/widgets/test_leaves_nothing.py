"""Every widget of the course, shown fifty times, leaves no element, listener, timer, observer or camera behind."""

from __future__ import annotations

import pytest

from convbook import widgets
from convbook.authoring.gallery import EXHIBITS
from convbook.widgets import Predict, base
from hands import COUNT, NOTHING, shown_fifty_times

MAKE = {exhibit.heading: exhibit.make for exhibit in EXHIBITS}
ASKED = {
    "a number": {},
    "a choice": {"choices": ["yes", "no"]},
    "a place": {"place": [[1, 2], [3, 4]]},
    "a sketch": {"sketch": [0, 1, 2], "curves": ("one", "two")},
}


@pytest.mark.parametrize("heading", MAKE)
def test_fifty_shows_of_a_widget_leave_nothing(show, heading):
    assert shown_fifty_times(show, MAKE[heading]()) == NOTHING


@pytest.mark.parametrize("kind", ASKED)
def test_fifty_shows_of_a_question_leave_nothing(show, kind):
    from convbook.widgets.predict_view import PredictView

    assert shown_fifty_times(show, PredictView(Predict("how many?", **ASKED[kind]))) == NOTHING


def test_a_training_that_runs_leaves_nothing_either(show):
    from flow_cases import running

    assert shown_fifty_times(show, running(0.83)) == NOTHING


def test_what_is_counted_would_be_found(show):
    page = show(MAKE["Slide a window"]())
    page.evaluate(COUNT)
    page.evaluate("""() => {
      window.addEventListener("keydown", () => {});
      window.setInterval(() => {}, 1000);
      new ResizeObserver(() => {}).observe(document.body);
    }""")
    found = page.evaluate(
        "() => [window.open_.listeners, window.open_.timers.size, window.open_.observers.size]"
    )
    assert found == [1, 1, 1]


def test_every_widget_of_the_course_is_among_them():
    classes = [getattr(widgets, name) for name in widgets.__all__]
    views = {one.view for one in classes if issubclass(one, base.Widget)}
    assert views == {exhibit.make().view for exhibit in EXHIBITS}
