"""Figures take arrays, say in words what they show, and draw what they say."""

from __future__ import annotations

import numpy as np
import pytest

from convbook import style
from convbook.figures import convolution as figures
from convbook.figures.pictures import swings


def test_a_table_of_numbers_says_all_its_numbers_to_those_who_cannot_see_it():
    figure = figures.grids({"seen": np.array([[1.0, 2.0], [3.0, 4.5]])})
    assert "seen: 1 2; 3 4.5" in figure.alt
    assert {text.get_text() for text in figure.axes[0].texts} == {"1", "2", "3", "4.5"}


def test_a_notebook_gets_the_picture_and_the_sentence():
    figure = figures.gallery({'"red" & green': np.zeros((4, 4))})
    bundle = figure._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    assert 'alt="Pictures side by side: &quot;red&quot; &amp; green."' in bundle["text/html"]


@pytest.mark.parametrize(
    ("arguments", "places", "unread"),
    [
        ((7, 3, 1, 0), 5, 0),
        ((7, 3, 2, 0), 3, 0),
        ((7, 3, 3, 0), 2, 1),
        ((7, 3, 2, 1), 4, 0),
        ((6, 2, 4, 0), 2, 2),
    ],
)
def test_the_places_of_a_window_are_drawn_and_counted(arguments, places, unread):
    figure = figures.places(*arguments)
    drawn = [text.get_text() for text in figure.axes[0].texts if text.get_text().startswith("place ")]
    assert len(drawn) == places
    assert f"finds {places} place" in figure.alt
    assert f"{unread} pixel" in figure.alt
    assert sum(patch.get_hatch() is not None for patch in figure.axes[0].patches) == unread


def test_edge_maps_are_drawn_round_zero_and_photographs_are_not():
    assert swings(np.array([[-2.0, 0.0, 2.1]]))
    assert not swings(np.array([[0.0, 0.5, 1.0]]))
    assert not swings(np.array([[-0.05, 0.5, 1.0]]))


def test_times_are_compared_with_the_slowest():
    figure = figures.timings({"loops": 2.0, "im2col": 0.02})
    assert "loops 2,000 ms;" in figure.alt
    assert "im2col 20 ms, 100 times faster" in figure.alt


def test_what_is_no_table_is_refused_in_one_sentence():
    with pytest.raises(ValueError, match=r"'padding 0' cannot be drawn: .* its shape is \(0, 0\)"):
        figures.coverage({"padding 0": np.zeros((0, 0))})


def test_a_dilated_window_is_drawn_with_its_gaps():
    figure = figures.places(7, 3, dilation=2)
    assert "3 weights, 2 pixels apart, in steps of 1 finds 3 places" in figure.alt


def test_one_filter_gives_one_part_a_channel_and_one_sum():
    rng = np.random.default_rng(0)
    parts = rng.normal(size=(3, 4, 4))
    figure = figures.channels_to_map(
        rng.uniform(size=(3, 6, 6)), rng.normal(size=(3, 3, 3)), parts, parts.sum(0)
    )
    titles = [ax.get_title() for ax in figure.axes if ax.get_visible()]
    assert titles.count("the sum: one map") == 1
    assert [t for t in titles if t.startswith("channel")] == [
        "channel 0: red",
        "channel 1: green",
        "channel 2: blue",
    ]


def test_every_colour_of_the_cycle_has_a_marker_of_its_own():
    assert len(set(style.MARKERS)) == len(style.CYCLE) == len(set(style.CYCLE))


def test_the_dark_theme_changes_the_paper_and_an_unknown_theme_is_refused():
    try:
        style.use("dark")
        assert figures.places(5, 3).get_facecolor()[:3] < (0.2, 0.2, 0.2)
    finally:
        style.use("light")
    with pytest.raises(ValueError, match="no theme is called 'sepia'"):
        style.use("sepia")


def test_kernels_have_scales_of_their_own_and_a_frame():
    figure = figures.grids({"weak": np.full((2, 2), 0.1), "zeros": np.zeros((2, 2))}, signed=True)
    assert [ax.images[0].norm.vmax for ax in figure.axes] == [0.1, 1e-9]
    assert all(side.get_visible() for ax in figure.axes for side in ax.spines.values())


def test_windows_and_columns_have_cells_of_one_size_and_the_first_window_is_outlined():
    figure = figures.windows_as_columns(np.arange(18.0).reshape(2, 3, 3), np.arange(32.0).reshape(8, 4), 2)
    figure.canvas.draw()
    widths = [ax.get_window_extent().width / ax.images[0].get_array().shape[1] for ax in figure.axes]
    assert max(widths) - min(widths) < 1
    assert [len(ax.patches) for ax in figure.axes] == [1, 1, 1]
    assert "a table of 8 rows and 4 columns" in figure.alt
