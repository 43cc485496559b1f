"""Figures take arrays, say in words what they show, and draw what they say."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_rgba

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


def test_windows_and_columns_have_cells_of_one_size_and_every_window_is_outlined_in_the_colour_of_its_column():
    figure = figures.windows_as_columns(np.arange(18.0).reshape(2, 3, 3), np.arange(32.0).reshape(8, 4), 2)
    figure.canvas.draw()
    widths = [ax.get_window_extent().width / ax.images[0].get_array().shape[1] for ax in figure.axes]
    assert max(widths) - min(widths) < 1.5
    first, second, table = figure.axes
    assert [patch.get_edgecolor() for patch in first.patches] == [
        to_rgba(colour) for colour in style.CYCLE[:4]
    ]
    assert len(second.patches) == 4
    corners = [(round(patch.get_x()), round(patch.get_y())) for patch in first.patches]
    assert corners == [(0, 0), (1, 0), (0, 1), (1, 1)]  # from left to right, from top to bottom
    tints = table.images[0].get_array()[0]
    assert [int(np.argmax(one)) for one in tints[:3]] == [2, 0, 1]  # bluish, pinkish, greenish
    assert len(np.unique(tints, axis=0)) == 4
    assert "a table of 8 rows and 4 columns" in figure.alt


def test_columns_that_are_not_the_windows_of_the_image_are_refused():
    with pytest.raises(ValueError, match=r"columns of shape \(8, 4\); these have \(4, 8\)"):
        figures.windows_as_columns(np.zeros((2, 3, 3)), np.zeros((4, 8)), 2)


def test_a_filter_times_the_columns_is_the_map_that_is_drawn():
    one_filter, columns = np.array([[[1.0, 0.0], [0.0, -1.0]]]), np.arange(16.0).reshape(4, 4)
    figure = figures.filter_times_columns(one_filter, columns)
    drawn = [text.get_text() for text in figure.axes[2].texts]
    assert drawn == ["−12"] * 4
    with pytest.raises(ValueError, match="4 weights does not fit columns with 8 numbers"):
        figures.filter_times_columns(one_filter, np.zeros((8, 4)))


def test_the_last_picture_of_a_half_turn_shows_the_kernel_as_numpy_turns_it():
    kernel = np.arange(6.0).reshape(2, 3)
    figure = figures.half_turn(kernel)
    shown = [(round(text.get_position()[1], 6), round(text.get_position()[0], 6), text.get_text())
             for text in figure.axes[-1].texts]  # fmt: skip
    assert [name for _, _, name in sorted(shown)] == [f"{value:g}" for value in np.rot90(kernel, 2).ravel()]
    assert "The weight at the top left, 0, ends at the bottom right" in figure.alt


def test_a_window_on_the_photograph_is_linked_with_its_pixel():
    rng = np.random.default_rng(0)
    photo, response = rng.uniform(size=(3, 8, 9)), rng.normal(size=(6, 7))
    figure = figures.filter_and_photo(photo, np.ones((3, 3)), response, place=(2, 4))
    boxes = [ax.patches[-1] for ax in figure.axes]
    assert [(box.get_x(), box.get_y(), box.get_width(), box.get_height()) for box in boxes] == [
        (3.5, 1.5, 3, 3), (-0.5, -0.5, 3, 3), (3.5, 1.5, 1, 1),
    ]  # fmt: skip
    assert len(figure.artists) == 4, "two lines to the kernel, two to the pixel"
    assert "a colour photograph of 8 by 9 pixels" in figure.alt
    assert not figures.filter_and_photo(photo[0], np.ones((3, 3)), response).artists


def test_channels_are_tinted_in_their_own_colours():
    image = np.full((3, 4, 4), 0.5)
    figure = figures.channels_to_map(image, np.ones((3, 3, 3)), np.ones((3, 2, 2)), np.ones((2, 2)))
    pictures = [ax.images[0].get_array() for ax in figure.axes if ax.get_title().startswith("channel")]
    assert [[bool(one[..., colour].any()) for colour in range(3)] for one in pictures] == np.eye(
        3, dtype=bool
    ).tolist()


def test_a_kernel_that_forms_is_drawn_on_the_hidden_kernel_s_scale():
    hidden = np.array([[2.0, -1.0]])
    figure = figures.kernel_forming({"step 0": hidden / 10, "step 9": hidden}, [1.0, 0.1, 0.01], hidden)
    kernels = [ax for ax in figure.axes if ax.images]
    assert [ax.get_title() for ax in kernels] == ["step 0", "step 9", "hidden"]
    assert {ax.images[0].norm.vmax for ax in kernels} == {2.0}
    assert "from 1 to 0.01 in 2 steps" in figure.alt
    with pytest.raises(ValueError, match="no kernel to draw"):
        figures.kernel_forming({}, [1.0], hidden)


def test_places_are_counted_from_0():
    texts = [text.get_text() for text in figures.places(7, 3, stride=3).axes[0].texts]
    assert [text for text in texts if text.startswith("place")] == ["place 0", "place 1"]
