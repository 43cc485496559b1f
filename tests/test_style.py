"""One palette for every figure: apart for colour-blind readers, readable in light and in dark."""

from __future__ import annotations

import matplotlib
import numpy as np
import pytest

from convbook import style


@pytest.fixture(autouse=True)
def light_afterwards():
    yield
    style.use("light")


def channels(colour: str) -> np.ndarray:
    return np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])


def luminance(colour: str) -> float:
    value = channels(colour)
    linear = np.where(value <= 0.03928, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("theme", style.THEMES)
def test_ink_stands_out_from_paper(theme):
    ink, paper = (luminance(style.THEMES[theme][name]) for name in ("ink", "paper"))
    assert (max(ink, paper) + 0.05) / (min(ink, paper) + 0.05) > 7


def test_neighbours_in_the_cycle_differ_and_each_has_its_own_marker():
    assert len(set(style.CYCLE)) == len(style.CYCLE) == len(set(style.MARKERS)) == len(style.MARKERS)
    for one, other in zip(style.CYCLE, style.CYCLE[1:], strict=False):
        assert np.abs(channels(one) - channels(other)).max() > 0.25


def test_the_colour_maps_exist():
    for name in (style.SIGNED, style.AMOUNT, style.GRAY):
        assert name in matplotlib.colormaps


def test_an_unknown_theme_gives_one_clear_sentence_and_changes_nothing():
    with pytest.raises(ValueError, match=r"sepia.*dark.*light"):
        style.use("sepia")
    assert style.settings()["figure.facecolor"] == style.THEMES["light"]["paper"]


def test_a_theme_colours_what_is_drawn_afterwards():
    style.use("dark")
    figure, axes = style.subplots(alt="nothing yet")
    dark = style.THEMES["dark"]
    assert matplotlib.colors.to_hex(axes.get_facecolor()) == dark["paper"]
    assert matplotlib.colors.to_hex(figure.get_facecolor()) == dark["paper"]


def test_drawing_leaves_the_settings_of_the_notebook_alone():
    before = dict(matplotlib.rcParams)
    figure, axes = style.subplots(1, 2, alt="two empty axes", figsize=(3, 2))
    axes[0].plot([0, 1])
    figure.png()
    assert dict(matplotlib.rcParams) == before


def test_a_figure_is_a_picture_with_its_sentence():
    figure, _ = style.subplots(alt='a "square" & more', figsize=(1, 1))
    bundle = figure._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}  # stored once
    assert 'src="data:image/svg+xml,' in bundle["text/html"] and figure.png().startswith(b"\x89PNG")
    assert 'alt="a &quot;square&quot; &amp; more"' in bundle["text/html"]
    assert bundle["text/plain"] == figure.alt


def test_the_same_drawing_gives_the_same_bytes():
    def drawn() -> bytes:
        figure, axes = style.subplots(alt="a line", figsize=(1, 1))
        axes.plot([0, 1])
        return figure.png()

    assert drawn() == drawn()


def test_a_figure_without_a_sentence_cannot_be_made():
    with pytest.raises(TypeError, match="alt"):
        style.subplots()
