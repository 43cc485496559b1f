"""Unit 10's figures draw what they were given, and say its numbers to whoever cannot see them."""

from __future__ import annotations

import numpy as np
import pytest

from convbook import style
from convbook.figures import resnet

SPREAD = {"depths": [8, 56], "plain": [[0.01, 0.6], [0.02, 0.8]], "residual": [[0.0, 0.01], [0.0, 0.0]]}
FIGURES = {
    "error_by_depth": lambda: resnet.error_by_depth([8, 56], [[0.01, 0.7], [0.03, 0.9]], [[0.0, 0.002]]),
    "training_curves": lambda: resnet.training_curves([0.7, 0.8], [0.75, 0.82]),
    "training_curves alone": lambda: resnet.training_curves([0.7, 0.8]),
    "gradient_by_layer": lambda: resnet.gradient_by_layer([70.0, 3.0, 0.2], [2.0, 1.0, 1.5]),
    "signal_by_layer": lambda: resnet.signal_by_layer([0.5, 0.7], [0.5, 1.1]),
    "zero_branch": lambda: resnet.zero_branch(np.array([[1.0, -2.0]]), np.array([[1.0, 0.0]])),
    "error_by_depth with a spread": lambda: resnet.error_by_depth(
        [8, 56], [[0.01, 0.7]], [[0.0, 0.002]], SPREAD
    ),
    "evidence": lambda: resnet.evidence(
        np.zeros((2, 6, 6)), np.array([[[0.0, 2.0], [0.0, 0.0]], [[0, 0], [1, -1.0]]]), ["coat", "bag"], 2
    ),
    "predictions": lambda: resnet.predictions(
        np.zeros((3, 1, 4, 4)), [0, 1, 1], [0, 1, 0], ["coat", "bag"], 2
    ),
}


@pytest.mark.parametrize("theme", style.THEMES)
@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_can_be_drawn_and_has_a_sentence(name, theme):
    style.use(theme)
    try:
        figure = FIGURES[name]()
        assert figure.png().startswith(b"\x89PNG") and figure.alt.endswith(".")
    finally:
        style.use("light")


def test_the_error_by_depth_draws_every_seed_and_the_mean():
    figure = FIGURES["error_by_depth"]()
    assert "plain: 2.0 % at 8, 80.0 % at 56; residual: 0.0 % at 8, 0.2 % at 56" in figure.alt
    lines = [line.get_ydata().tolist() for line in figure.axes[0].lines]
    assert lines[:2] == [[0.01, 0.7], [0.03, 0.9]] and lines[2] == pytest.approx([0.02, 0.8])


def test_plain_and_residual_differ_by_more_than_colour():
    for name in ("error_by_depth", "gradient_by_layer"):
        means = [line for line in FIGURES[name]().axes[0].lines if line.get_label() in ("plain", "residual")]
        assert (
            len({line.get_marker() for line in means}) == len({line.get_linestyle() for line in means}) == 2
        )


def test_gradients_are_drawn_on_a_log_scale_and_signals_from_zero():
    assert FIGURES["gradient_by_layer"]().axes[0].get_yscale() == "log"
    assert "plain: 70 at the first layer, 0.2 at the last of 3" in FIGURES["gradient_by_layer"]().alt
    assert FIGURES["signal_by_layer"]().axes[0].get_ylim()[0] == 0


def test_the_zero_branch_says_how_much_is_relu_of_the_input():
    assert "In 100 % of the places" in FIGURES["zero_branch"]().alt
    assert "In 50 % of the places" in resnet.zero_branch(np.array([[1.0, -2.0]]), np.array([[1.0, -2.0]])).alt


def test_predictions_name_what_was_taken_for_what():
    figure = FIGURES["predictions"]()
    assert figure.alt == "3 images with the model's answers, 2 of them right. Wrong: bag taken for coat."
    assert [ax.get_title() for ax in figure.axes] == ["✓ coat", "✓ bag", "✗ said coat\nis bag", ""]


def test_the_spread_over_seeds_is_a_bar_from_the_lowest_to_the_highest():
    figure = FIGURES["error_by_depth with a spread"]()
    assert "Bars: plain, 1.0 to 2.0 % at 8, 60.0 to 80.0 % at 56, over 2 seeds." in figure.alt
    bar = figure.axes[0].patches[1]
    assert bar.get_y() < 0.6 < 0.8 < bar.get_y() + bar.get_height()
    assert not FIGURES["error_by_depth"]().axes[0].patches


def test_the_signal_into_blocks_is_told_apart_from_the_signal_inside_them():
    figure = resnet.signal_by_layer(np.ones(8), [0.5, 1.0, 0.1, 2.0, 0.2, 3.0, 0.3, 4.0])
    inner = next(line for line in figure.axes[0].lines if line.get_label() == "inside a residual block")
    assert inner.get_ydata().tolist() == [0.1, 0.2, 0.3] and list(inner.get_xdata()) == [3, 5, 7]
    assert "into the blocks: 1.00 to 3.00; inside them: 0.10 to 0.30" in figure.alt


def test_evidence_lies_over_the_whole_image_on_one_signed_scale_for_all():
    figure = FIGURES["evidence"]()
    over = [image for ax in figure.axes for image in ax.images if image.get_cmap().name == style.SIGNED]
    assert [image.get_clim() for image in over] == [(-2.0, 2.0)] * 2
    assert over[0].get_extent() == (-0.5, 5.5, 5.5, -0.5) or list(over[0].get_extent()) == [
        -0.5,
        5.5,
        5.5,
        -0.5,
    ]
    assert "coat: strongest in top middle" in figure.alt
