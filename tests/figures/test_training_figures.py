"""The figures of unit 5 say what they draw, and refuse what does not fit in one sentence."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex

from convbook import style
from convbook.figures import training as figures

PATH = np.array([[-1.0, 3.0], [0.0, 2.0], [1.0, 1.0]])


def bowl(a, b):
    return (a - 1) ** 2 + (b - 1) ** 2


def test_a_walk_is_told_from_its_start_to_its_end_and_drawn_as_long_as_it_stays_on_the_map():
    away = np.array([[-1.0, 3.0], [9.0, 9.0], [90.0, 90.0]])
    figure = figures.walks({"good": PATH, "away": away}, {"good": bowl, "away": bowl})
    assert "good: from (-1, 3) to (1, 1) in 2 steps" in figure.alt
    assert [len(ax.get_lines()[0].get_xdata()) for ax in figure.axes] == [3, 2]


def test_a_cell_of_the_map_has_a_cross_where_the_loss_grew():
    figure = figures.rate_map(np.array([[0.5, 1e-9], [2.0, np.nan]]), (1, 3), (0.1, 1))
    assert [text.get_text() for text in figure.axes[0].texts] == ["×", "×"]
    assert "a cross in 2 of 4 cells" in figure.alt


def test_names_of_lines_that_end_together_do_not_lie_on_each_other():
    figure = figures.curves({"a": [2.0, 1.0], "b": [3.0, 1.0], "c": [1.0, 1.0]}, "step", "loss")
    places = sorted(text.get_position()[1] for text in figure.axes[0].texts)
    assert min(np.diff(places)) > 0.08


def test_a_training_that_was_stopped_before_its_first_point_leaves_an_empty_figure():
    figure = figures.curves({"held back": []}, "epoch", "accuracy", x=range(1, 1), share=True)
    assert not figure.axes[0].get_lines()


def test_units_are_sorted_by_their_end_and_the_dead_are_counted():
    active = np.array([[0.5, 0.5, 0.0], [0.9, 0.0, 0.0]])
    figure = figures.units_over_time(active, every=5)
    assert figure.axes[0].images[0].get_array()[:, -1].tolist() == [0.0, 0.0, 0.9]
    assert "1 are dark from the start, 2 at the end" in figure.alt


def test_a_network_is_drawn_with_a_sheet_for_every_map():
    figure = figures.network([("Input", (1, 32, 32)), ("C1", (6, 28, 28)), ("output", (10, 1, 1))])
    assert len(figure.axes[0].patches) == 1 + 6 + 1
    assert "C1 6 × 28 × 28" in figure.alt


def test_the_likeliest_class_of_every_picture_is_told():
    shares = np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]])
    figure = figures.verdicts(
        {"one": np.zeros((4, 4)), "two": np.ones((4, 4))}, shares, ("shoe", "bag", "coat")
    )
    assert "one: shoe 70%; two: coat 80%" in figure.alt


def test_two_curves_tell_how_far_they_are_apart():
    figure = figures.two_curves([2.0, 1.0], [2.0, 1.0 + 1e-6])
    assert "at most 1.0e-06" in figure.alt


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: figures.rate_map(np.ones((2, 3)), (1, 3), (0.1, 1)), "need losses of that shape"),
        (
            lambda: figures.verdicts({"a": np.ones((2, 2))}, np.ones((2, 3)), "abc"),
            "need probabilities of that shape",
        ),
        (lambda: figures.two_curves([1.0], [1.0, 2.0]), "these have 1 and 2 steps"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(make, told):
    with pytest.raises(ValueError, match=told):
        make()


def test_legends_and_colour_bars_are_light_in_the_dark_theme():
    try:
        style.use("dark")
        ink = style.THEMES["dark"]["ink"]
        bars = figures.bars({"all": {"a": 0.5, "b": 0.6}}, "share")
        assert {to_hex(text.get_color()) for text in bars.axes[0].get_legend().get_texts()} == {ink}
        units = figures.units_over_time(np.ones((2, 3)), every=1)
        assert to_hex(units.axes[1].yaxis.label.get_color()) == ink
    finally:
        style.use("light")
