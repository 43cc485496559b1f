"""The figures of unit 8 say in words what they show, and refuse what they cannot draw."""

from __future__ import annotations

import numpy as np
import pytest

from convbook.figures import augmentation_and_transfer as figures

PHOTOS = np.random.default_rng(8).uniform(size=(4, 9, 12))


def test_a_changed_answer_is_told_before_and_after():
    figure = figures.changed(PHOTOS[:1], PHOTOS[:1, ::-1], [("Shirt", "Coat")], "upside down")
    assert "Shirt, upside down: Coat" in figure.alt


def test_means_of_runs_are_told():
    figure = figures.compared({"5 a class": {"from scratch": [0.5, 0.7], "tuned": [0.8, 0.9]}})
    assert "from scratch 60.0%" in figure.alt and "tuned 85.0%" in figure.alt


def test_wrong_names_are_counted_and_told():
    figure = figures.named(PHOTOS, ["Bag", "Coat", "Bag", "Bag"], ["Bag"] * 4, columns=2)
    assert "1 of them wrong" in figure.alt and "a Bag called Coat" in figure.alt
    assert [ax.get_title() for ax in figure.axes] == ["Bag", "(Coat)", "Bag", "Bag"]
    assert [ax.get_xlabel() for ax in figure.axes] == [
        "",
        "Bag",
        "",
        "",
    ]  # the right name below the wrong one
    assert all(
        side.get_visible() for ax in figure.axes for side in ax.spines.values()
    )  # black on a dark page


def test_pictures_on_a_shelf_lie_apart_and_an_unfinished_row_shows_the_page():
    figure = figures.shelf({"four": PHOTOS, "one": PHOTOS[:1]})
    full, short = (ax.images[0].get_array().mask[0] for ax in figure.axes)
    assert full.sum() == 4 * figures.GAP and full[12] and not full[11]
    assert short[12:].all() and not short[:12].any()


@pytest.mark.parametrize(
    ("draw", "told"),
    [
        (lambda: figures.crops(PHOTOS[0], 10), "do not fit into an image of 9 × 12"),
        (lambda: figures.shelf({"none": PHOTOS[:0]}), "'none' needs images"),
        (lambda: figures.changed(PHOTOS, PHOTOS[:2], [], "moved"), "as many of each"),
        (lambda: figures.compared({"a": {"x": [0.1]}, "b": {"y": [0.1]}}), "'b' needs at least one run"),
        (lambda: figures.drift([0, 1], {"frozen": [0.5]}), "'frozen' has 1 values for 2 steps"),
        (lambda: figures.named(PHOTOS, ["Bag"], ["Bag"]), "as many of each"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_one_sentence(draw, told):
    with pytest.raises(ValueError, match=told) as failure:
        draw()
    assert "\n" not in str(failure.value)
