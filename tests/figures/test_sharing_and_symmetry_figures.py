"""The figures of unit 3 say what they draw, and refuse what does not fit in one sentence."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex

from convbook import style
from convbook.figures import sharing_and_symmetry as figures

PIXELS, KERNEL = np.array([1.0, 0.0, 2.0, 1.0, 3.0, 1.0]), np.array([2.0, 5.0, 3.0])
MATRIX = np.array([[2, 5, 3, 0, 0, 0], [0, 2, 5, 3, 0, 0], [0, 0, 2, 5, 3, 0], [0, 0, 0, 2, 5, 3]], float)


def colours(ax):
    return [to_hex(patch.get_facecolor()) for patch in ax.patches if patch.get_fill()]


def test_a_weight_has_one_colour_in_the_kernel_and_in_every_row_of_the_matrix():
    figure = figures.convolution_matrix(PIXELS, KERNEL, MATRIX, place=1)
    kernel, cells = colours(figure.axes[0])[6:9], np.array(colours(figure.axes[1])).reshape(4, 6)
    assert len(set(kernel)) == 3
    for row in range(4):
        assert cells[row, row : row + 3].tolist() == kernel
    assert "4 rows and 6 columns" in figure.alt


def test_the_output_of_the_outlined_window_is_worked_out():
    figure = figures.convolution_matrix(PIXELS, KERNEL, MATRIX, place=1)
    assert "output 1  =  0 · 2 + 2 · 5 + 1 · 3  =  13" in [t.get_text() for t in figure.axes[0].texts]


def test_sharing_is_counted_in_the_titles_and_seen_in_the_colours():
    figure = figures.places_of_a_matrix(6, 3)
    assert [ax.get_title().split(": ")[1] for ax in figure.axes] == ["24 weights", "12 weights", "3 weights"]
    assert [len(set(colours(ax)) - {figures.EMPTY}) for ax in figure.axes] == [24, 12, 3]


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: figures.convolution_matrix(PIXELS, KERNEL, MATRIX.T), r"has a matrix of shape \(4, 6\)"),
        (lambda: figures.convolution_matrix(PIXELS, KERNEL, MATRIX, place=4), "the places are 0 to 3"),
        (lambda: figures.convolution_matrix(np.ones(13), KERNEL, np.ones((11, 13))), "12 or fewer"),
        (lambda: figures.places_of_a_matrix(3, 4), "k lies between 1 and n"),
        (lambda: figures.answers_on_the_move(np.zeros((2, 4, 4)), {"MLP": [1]}, 1), "1 answers for 2 pictures"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_one_sentence(make, told):
    with pytest.raises(ValueError, match=told):
        make()


def test_every_answer_is_told_in_words_and_marked_right_or_wrong():
    figure = figures.answers_on_the_move(np.zeros((2, 4, 4)), {"MLP": [5, 9], "CNN": [5, 5]}, 5)
    assert "MLP says 5, 9; CNN says 5, 5" in figure.alt
    assert {"5  ✓", "9  ✗"} <= {text.get_text() for text in figure.axes[1].texts + figure.axes[0].texts}


def test_an_error_of_rounding_is_written_as_0():
    figure = figures.error_bars({"stride 1": [1e-15, 0.0], "stride 2": [2.5, 0.0]}, (1, 2))
    assert [text.get_text() for text in figure.axes[0].texts] == ["0", "0"]
    assert [text.get_text() for text in figure.axes[1].texts] == ["2.5", "0"]


def test_text_is_light_in_the_dark_theme():
    try:
        style.use("dark")
        figure = figures.convolution_matrix(PIXELS, KERNEL, MATRIX)
        word = next(text for text in figure.axes[0].texts if text.get_text() == "kernel")
        assert to_hex(word.get_color()) == style.THEMES["dark"]["ink"]
    finally:
        style.use("light")
