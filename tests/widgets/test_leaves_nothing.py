"""Every widget of the course, shown fifty times, leaves no element, listener, timer, observer or camera behind."""

from __future__ import annotations

import pytest

from convbook import widgets
from convbook.authoring.gallery import EXHIBITS
from convbook.widgets import Predict, base

MAKE = {exhibit.heading: exhibit.make for exhibit in EXHIBITS}
ASKED = {
    "a number": {},
    "a choice": {"choices": ["yes", "no"]},
    "a place": {"place": [[1, 2], [3, 4]]},
    "a sketch": {"sketch": [0, 1, 2], "curves": ("one", "two")},
}

COUNT = """() => {
  const open = (window.open_ = { listeners: 0, timers: new Set(), frames: new Set(), observers: new Set() });
  const targets = new Set([window, document, document.documentElement, document.body, document.head]);
  for (const [name, by] of [["addEventListener", 1], ["removeEventListener", -1]]) {
    const real = EventTarget.prototype[name];
    EventTarget.prototype[name] = function (...all) {
      // What hangs on an element of the widget goes with it; what hangs on the page stays.
      if (targets.has(this ?? window) || this instanceof MediaQueryList) open.listeners += by;
      return real.apply(this ?? window, all);
    };
  }
  for (const [start, stop, kept] of [["setInterval", "clearInterval", open.timers], ["setTimeout", "clearTimeout", open.timers],
                                     ["requestAnimationFrame", "cancelAnimationFrame", open.frames]]) {
    const [begin, end] = [window[start], window[stop]];
    window[start] = (act, ...rest) => {
      const ours = (...all) => { if (start !== "setInterval") kept.delete(one); return act(...all); };
      const one = begin(ours, ...rest);
      kept.add(one);
      return one;
    };
    window[stop] = (one) => { kept.delete(one); end(one); };
  }
  for (const name of ["ResizeObserver", "MutationObserver", "IntersectionObserver"]) {
    const Real = window[name];
    window[name] = class extends Real {
      observe(...all) { open.observers.add(this); super.observe(...all); }
      disconnect() { open.observers.delete(this); super.disconnect(); }
    };
  }
}"""
SHOW = """async (module) => {
  const url = URL.createObjectURL(new Blob([module], { type: "text/javascript" }));
  const widget = (await import(url)).default;
  const here = document.getElementById("here");
  for (let n = 0; n < 50; n++) {
    const end = await widget.render({ model: window.model, el: here });
    for (const one of here.querySelectorAll("button")) if (/^(Play|X-ray again)/.test(one.textContent)) one.click();
    here.querySelector("[tabindex='0']")?.focus();
    end();
  }
  const { listeners, timers, frames, observers } = window.open_;
  return { elements: here.childElementCount, listeners, timers: timers.size, frames: frames.size,
           observers: observers.size, model: window.model.listening() };
}"""


def shown_fifty_times(show, widget) -> dict[str, int]:
    page = show(widget)
    page.evaluate("() => window.end()")
    page.evaluate(COUNT)
    return page.evaluate(SHOW, str(widget._esm))


NOTHING = {"elements": 0, "listeners": 0, "timers": 0, "frames": 0, "observers": 0, "model": 0}


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
