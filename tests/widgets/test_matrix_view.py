"""MatrixView: what a person does, sees and hears."""

from __future__ import annotations

from browser import violations
from convbook.widgets import MatrixView


def test_a_key_on_the_slider_changes_the_sentence(show):
    page = show(MatrixView())
    page.focus("input")
    page.keyboard.press("ArrowRight")
    assert page.inner_text(".cb-sentence") == MatrixView(side=3).words()


def test_axe_finds_nothing(show):
    assert violations(show(MatrixView())) == []


def test_a_still_picture_is_left():
    data, _ = MatrixView()._repr_mimebundle_()
    assert data["text/plain"] == MatrixView().words() and len(data["image/png"]) > 1000
