"""The figures of unit 4 say what they draw, and refuse what does not fit in one sentence."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex

from convbook import style
from convbook.figures import pooling_and_backprop as figures

TABLE = np.arange(8.0).reshape(2, 4)
PEAK = np.array([[1.0, 2.0, 3.0], [4.0, 9.0, 5.0], [0.0, 6.0, 7.0]])
DOUT = np.array([[1.0, 10.0], [100.0, 1000.0]])
DX = np.where(PEAK == 9, 1111.0, 0.0)


def colours(ax):
    return [to_hex(patch.get_facecolor()) for patch in ax.patches if patch.get_fill()]


def words(ax):
    return [text.get_text() for text in ax.texts]


def test_a_window_has_the_colour_of_its_pooled_number():
    figure = figures.pooled_windows(TABLE, 2, {"largest": np.array([[5.0, 7.0]])})
    cells, pooled = np.array(colours(figure.axes[0])).reshape(2, 4), colours(figure.axes[1])
    assert [set(cells[:, :2].ravel()), set(cells[:, 2:].ravel())] == [{pooled[0]}, {pooled[1]}]
    assert pooled[0] != pooled[1]
    assert "largest: 5, 7" in figure.alt


def test_a_gradient_has_the_colour_of_the_window_that_it_belongs_to():
    figure = figures.routes_back(PEAK, DOUT, {"dx": DX}, 2, 1)
    outlines = [to_hex(p.get_edgecolor()) for p in figure.axes[0].patches if not p.get_fill()]
    assert outlines == colours(figure.axes[1])
    assert "1111 at 1 pixels" in figure.alt


def test_a_move_that_pooling_does_not_feel_is_told_from_one_that_it_does():
    rows = np.eye(3, 4)
    pooled = rows.reshape(3, 2, 2).max(2)
    figure = figures.pooled_on_the_move(rows, pooled, 2)
    assert [w for w in words(figure.axes[1]) if not w.isdigit()] == ["as before", "another"]
    assert "after 1 of 2 moves" in figure.alt


def test_a_gradient_is_right_below_1e_7_and_the_difference_is_then_white():
    figure = figures.gradient_checks(PEAK, {"right": PEAK + 1e-9, "wrong": PEAK + 1.0})
    titles = [ax.get_title() for ax in figure.axes]
    assert titles[2] == "difference: ✓ 1e-09" and titles[5] == "difference: ✗ 1.0"
    assert not figure.axes[2].images[0].get_array().any()
    assert figure.axes[0].images[0].get_clim() == figure.axes[5].images[0].get_clim()


def test_the_weights_that_a_pixel_meets_are_the_kernel_turned_by_180_degrees():
    for k, met in ((2, "d c b a"), (3, "i h g f e d c b a")):
        figure = figures.windows_of_a_pixel(k)
        assert f"meets the weights {met}" in figure.alt
        assert words(figure.axes[-1]) == met.split()


def test_regrouped_slices_keep_their_colour_and_their_number():
    figure = figures.slices_regrouped(4, 3)
    forward, back = (sorted(zip(colours(ax), words(ax), strict=True)) for ax in figure.axes)
    assert forward == back and len(forward) == 12
    assert {text.get_rotation() for text in figure.axes[1].texts} == {180.0}


def test_maps_and_gradients_of_a_chain_have_the_same_shapes():
    figure = figures.chain(["ReLU"], [(2, 3, 3), (2, 3, 3)])
    assert words(figure.axes[0]).count("2×3×3") == 4


def test_every_gradient_is_told_with_its_difference():
    figure = figures.compared({"ReLU": 1e-11, "biases": 2.0})
    assert {"1e-11 ✓", "2.0 ✗"} <= set(words(figure.axes[0]))


def test_the_best_step_is_told_in_words():
    figure = figures.errors_by_step([1e-5, 1e-1], {"central": [1e-11, 1e-3]})
    assert "central is best at h = 1e-05" in figure.alt


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: figures.pooled_windows(TABLE, 3, {}), "windows of 3 × 3 do not fill a table of shape"),
        (lambda: figures.pooled_windows(np.zeros((0, 4)), 2, {}), "both sides must be multiples of 2"),
        (lambda: figures.pooled_windows(np.zeros((2, 40)), 2, {}), "has no room for its numbers"),
        (lambda: figures.pooled_windows(TABLE, 2, {"largest": TABLE}), "a number for each of 1 × 2 windows"),
        (lambda: figures.routes_back(PEAK, DOUT, {"dx": DOUT}, 2, 1), r"so its shape is \(3, 3\)"),
        (lambda: figures.pooled_on_the_move(TABLE, TABLE[:1], 2), "2 rows and 1 pooled ones"),
        (lambda: figures.gradient_checks(PEAK, {"mine": DOUT}), "'mine' has the shape"),
        (lambda: figures.compared({}), "no gradient was given"),
        (lambda: figures.errors_by_step([1e-5], {"central": [1, 2]}), "an error for each of the 1 steps"),
        (lambda: figures.windows_of_a_pixel(4), "windows of 2 or 3 pixels can be drawn"),
        (lambda: figures.slices_regrouped(30, 3), "1 to 24 filters"),
        (lambda: figures.chain(["ReLU"], [(1, 2, 2)]), "1 layers have 2 shapes"),
        (lambda: figures.nudge(PEAK, DOUT, PEAK, "2", "1"), "the three pictures need one shape"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_one_sentence(make, told):
    with pytest.raises(ValueError, match=told) as refused:
        make()
    assert "\n" not in str(refused.value)


def test_text_outside_of_cells_is_light_in_the_dark_theme():
    try:
        style.use("dark")
        figure = figures.chain(["ReLU"], [(1, 2, 2), (1, 2, 2)])
        word = next(text for text in figure.axes[0].texts if text.get_text().startswith("forward"))
        assert to_hex(word.get_color()) == style.THEMES["dark"]["ink"]
    finally:
        style.use("light")
