"""Drawings of blocks show every layer, where the shortcut runs, and the sizes; all from boxes that a check's graph gives."""

from __future__ import annotations

import pytest

from convbook import style
from convbook.checks import resnet as check
from convbook.figures import blocks


def test_a_drawing_names_every_layer_and_says_what_is_on_the_shortcut():
    figure = blocks.blocks(
        {"plain": check.drawing("plain", 8, 8), "B": check.drawing("BasicBlock", 8, 16, 2)}
    )
    written = [text.get_text() for ax in figure.axes for text in ax.texts]
    assert written.count("3×3 conv, 8") == 2 and "1×1 conv, 16, /2" in written and written.count("+") == 1
    assert "8 maps, 32×32" in written and "16 maps, 16×16" in written
    assert "on the shortcut 1×1 conv, 16, /2, batch norm" in figure.alt
    assert "bare" in blocks.blocks({"inside": check.drawing("BasicBlock", 8, 8)}).alt


def test_no_two_boxes_of_a_drawing_lie_on_each_other():
    for name, *built in (("BasicBlock", 8, 16, 2), ("Bottleneck", 16, 4, 2), ("A", 8, 16, 2), ("C", 8, 8, 1)):
        places = list(blocks._placed(check.drawing(name, *built)).values())
        for one in range(len(places)):
            for x, y in places[one + 1 :]:
                assert (
                    abs(x - places[one][0]) > 2 * blocks.HALF or abs(y - places[one][1]) > 2 * blocks.HIGH
                ), name


def test_a_network_is_drawn_block_by_block_with_the_size_of_every_stage():
    figure = blocks.networks({"ResNet-34": check.network_drawing(34)})
    written = [text.get_text() for text in figure.axes[0].texts]
    assert {"layer3\n6 blocks", "256×14×14", "3×224×224", "1000"} <= set(written)
    assert len(figure.axes[0].patches) == 3 + 16 + 2
    assert "layer2 with 4 blocks 128×28×28" in figure.alt


@pytest.mark.parametrize("theme", style.THEMES)
def test_what_is_written_outside_the_boxes_has_the_ink_of_the_page(theme):
    style.use(theme)
    try:
        figure = blocks.blocks({"plain": check.drawing("plain", 8, 8)})
        colours = {text.get_text(): text.get_color() for text in figure.axes[0].texts}
        assert colours["x"] == style.ink() and colours["ReLU"] == style.ON_COLOUR
    finally:
        style.use("light")
