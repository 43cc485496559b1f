"""The figures of unit 6 say what they draw, and refuse what does not fit in one sentence."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex

from convbook import style
from convbook.figures import normalization as figures
from convbook.training.memory import kept_bytes


def colours(ax):
    return [to_hex(patch.get_facecolor()) for patch in ax.patches]


def test_numbers_that_share_a_mean_have_one_colour():
    figure = figures.shared_statistics({"batch": (0,), "layer": (1,)}, (4, 3))
    batch, layer = (np.array(colours(ax)).reshape(4, 3) for ax in figure.axes)
    assert all(len(set(column)) == 1 for column in batch.T) and len(set(batch[0])) == 3
    assert all(len(set(row)) == 1 for row in layer) and len(set(layer[:, 0])) == 4
    assert "batch averages over axes (0,): 3 means. layer averages over axes (1,): 4 means." in figure.alt


def test_over_images_all_pixels_of_a_group_have_one_colour():
    figure = figures.shared_statistics({"batch": (0, 2, 3), "instance": (2, 3)}, (3, 4, 2, 2))
    assert [ax.get_title() for ax in figure.axes] == ["batch: 4 means", "instance: 12 means"]
    batch = np.array(colours(figure.axes[0])).reshape(3, 4, 4)
    assert all(len(set(batch[:, channel].ravel())) == 1 for channel in range(4))


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: figures.shared_statistics({"batch": (4,)}, (3, 4, 2, 2)), "the axes .* are 0 to 3"),
        (lambda: figures.shared_statistics({"batch": (0,)}, (3, 4, 2)), "a shape has 2 or 4 sides"),
        (lambda: figures.curves([1, 2], {"a": [1.0]}, "x", "y"), "'a' has 1 values for 2 places"),
        (lambda: figures.tables({"x": np.zeros(3)}), "a table needs rows and columns"),
        (lambda: figures.batch_mates(np.zeros((8, 8)), {"alone": [2.0, 1.0]}, 0), "after the softmax"),
        (lambda: figures.bars({"a": -1.0}, "ms"), "a bar is 0 or longer"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(make, told):
    with pytest.raises(ValueError, match=told):
        make()


def test_a_table_says_mean_and_deviation_of_every_column():
    figure = figures.tables({"x": np.array([[1.0, 20.0], [3.0, 20.0]])})
    assert {"2.00\n1.00", "20.00\n0.00"} <= {text.get_text() for text in figure.axes[0].texts}


def test_a_wrong_answer_in_other_company_is_crossed_out_and_told():
    figure = figures.batch_mates(np.zeros((8, 8)), {"among 1s": [0.9, 0.1], "among 0s": [0.2, 0.8]}, 0)
    assert [ax.get_title() for ax in figure.axes[1:]] == ["among 1s\n“0” ✓", "among 0s\n“1” ✗"]
    assert "among 1s: 0 with 90%; among 0s: 1 with 80%" in figure.alt


def test_a_gap_in_a_line_says_why():
    figure = figures.curves(
        [1, 2, 4],
        {"batch norm": [np.nan, 0.2, 0.9]},
        "images",
        "share",
        log="x",
        share=True,
        notes={1: "refused"},
    )
    assert "batch norm nothing, 20%, 90%" in figure.alt and "At 1: refused." in figure.alt


def test_text_is_light_in_the_dark_theme():
    try:
        style.use("dark")
        figure = figures.bars({"a": 1.0}, "ms")
        assert to_hex(figure.axes[0].texts[0].get_color()) == style.THEMES["dark"]["ink"]
    finally:
        style.use("light")


def test_twice_the_batch_keeps_twice_the_bytes_and_leaves_running_statistics_alone():
    from torch import nn

    net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU())
    images = np.random.default_rng(0).normal(size=(16, 1, 8, 8)).astype(np.float32)
    before = net[1].running_mean.clone()
    small, large = kept_bytes(net, images[:8]), kept_bytes(net, images)
    assert 1.9 < large / small <= 2
    assert net[1].running_mean.equal(before)
