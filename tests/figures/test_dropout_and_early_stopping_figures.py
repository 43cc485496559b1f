"""The figures of unit 7 say in words what they show, and refuse what does not fit in one sentence."""

from __future__ import annotations

import numpy as np
import pytest

from convbook.figures import dropout_and_early_stopping as figures

NAMES = ("boot", "shirt", "dress")
IMAGES, SCORES = np.zeros((2, 5, 4)), np.array([[0.1, 0.7, 0.2], [3.0, 1.0, 2.0]])


def axes_of(figure):
    return figure.get_axes()


def test_opinions_name_the_longest_bar_of_each_image():
    figure = figures.opinions(IMAGES, SCORES, NAMES, spread=np.ones((2, 3)))
    assert "image 0: shirt, 0.7; image 1: boot, 3" in figure.alt
    assert "one standard deviation" in figure.alt
    assert [len(ax.patches) for ax in axes_of(figure)[2:]] == [3, 3]


def test_masks_are_white_where_a_unit_is_kept():
    figure = figures.masks({"own": np.array([[0.0, 2.0], [2.0, 0.0]])})
    assert np.array_equal(axes_of(figure)[0].images[0].get_array(), [[0, 1], [1, 0]])
    assert "own: 50% dropped" in figure.alt


def test_subnetworks_draw_the_mean_and_the_scaled_network_beside_the_dots():
    figure = figures.subnetworks({"linear": np.array([2.0, -1.0])}, {"linear": 0.5}, {"linear": 0.25})
    dots, mean, scaled = axes_of(figure)[0].lines
    assert list(dots.get_ydata()) == [-1.0, 2.0]
    assert set(mean.get_ydata()) == {0.5} and set(scaled.get_ydata()) == {0.25}


def test_a_watched_training_marks_its_best_step_and_its_stop():
    figure = figures.watched([3.0, 2.0, 1.0], [3.0, 2.5, 2.75], best=1, stop=2)
    assert "least at step 1, 2.50" in figure.alt and "Stopped at step 2" in figure.alt


def test_lines_bars_and_moments_tell_their_numbers():
    assert "with 0.9, 0.8" in figures.lines((0, 1), {"with": [0.9, 0.8]}, "x", "y").alt
    assert "right 0.40; wrong 0.90" in figures.bars({"right": 0.4, "wrong": 0.9}, "loss", right="right").alt
    assert "3 answers" in figures.moments(np.array([1.0, 2.0, 3.0]), 2.0, 1.0, np.array([1.5, 2.5])).alt


@pytest.mark.parametrize(
    ("draw", "sentence"),
    [
        (lambda: figures.opinions(IMAGES, SCORES[:, :2], NAMES), "2 images and 3 names need scores of shape"),
        (lambda: figures.opinions(IMAGES, SCORES, NAMES, np.ones((2, 2))), "they must be alike"),
        (lambda: figures.masks({"flat": np.ones(3)}), "'flat' cannot be drawn"),
        (lambda: figures.subnetworks({"linear": np.ones(2)}, {}, {}), "'linear' needs a mean"),
        (lambda: figures.lines((0, 1), {"a": [1.0]}, "x", "y"), "'a' has 1 values for 2 places"),
        (lambda: figures.bars({}, "loss"), "give at least one bar"),
        (lambda: figures.watched([1.0], [1.0, 2.0], 0), "1 training losses and 2 validation losses"),
        (lambda: figures.watched([1.0], [1.0], 4), "best is 4"),
        (lambda: figures.moments(np.ones(1), 0.0, 1.0, np.ones(1)), "a histogram needs two samples"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(draw, sentence):
    with pytest.raises(ValueError, match=sentence) as refused:
        draw()
    assert "\n" not in str(refused.value)
