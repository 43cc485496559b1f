"""FieldTracer: what a person does, sees and hears."""

from __future__ import annotations

from browser import violations
from convbook.widgets import FieldTracer


def test_a_key_on_the_slider_changes_the_sentence(show):
    page = show(FieldTracer())
    page.focus("input")
    page.keyboard.press("ArrowRight")
    assert page.inner_text(".cb-sentence") == FieldTracer(side=3).words()


def test_axe_finds_nothing(show):
    assert violations(show(FieldTracer())) == []


def test_a_still_picture_is_left():
    data, _ = FieldTracer()._repr_mimebundle_()
    assert data["text/plain"] == FieldTracer().words() and len(data["image/png"]) > 1000
