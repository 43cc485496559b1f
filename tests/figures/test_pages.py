"""Every figure is at home on a light and on a dark page, and can be read at a width of 800 pixels."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image

from convbook import style
from convbook.style import themed
from drawn import MADE, functions

WIDTH = 800  # pixels
SMALLEST = 10  # pixels, of a figure's text at that width: JupyterLab's own smallest
PAGE = """<!doctype html><html lang="en"><title>figures</title><style>
body {{ width: {width}px; margin: 0; color-scheme: {theme}; background: {paper}; }} img, svg {{ position: absolute; left: 0; top: 0; }}
div {{ position: relative; }} svg {{ visibility: hidden; max-width: 100%; height: auto; }}</style>
<body><div>{image}{drawing}</div></body></html>"""
# Where a figure's pieces of text lie, and how large their letters are.
WORDS = """() => {
  const svg = document.querySelector("svg"), image = document.querySelector("img");
  const [frame, shown] = [svg.getBoundingClientRect(), image.getBoundingClientRect()];
  const words = [...svg.querySelectorAll("g")].filter((g) => [...g.children].some((one) => one.matches('use[href^="#g"]')));
  const scale = shown.width / frame.width;
  return { width: shown.width, height: shown.height, natural: image.naturalWidth, words: words.map((g) => {
    const box = g.getBoundingClientRect(), matrix = g.getCTM();
    return { left: (box.left - frame.left) * scale, top: (box.top - frame.top) * scale, width: box.width * scale,
      height: box.height * scale, size: 100 * Math.hypot(matrix.a, matrix.b) * scale };
  }) };
}"""


@pytest.fixture(scope="module")
def pages(chromium):
    """Return one page with a light and one with a dark theme, with two points to a pixel."""
    contexts = {
        theme: chromium.new_context(viewport={"width": WIDTH, "height": 900}, device_scale_factor=2)
        for theme in style.THEMES
    }
    yield {theme: context.new_page() for theme, context in contexts.items()}
    for context in contexts.values():
        context.close()


def shown(page, figure, theme):
    """Show a figure as a notebook does; return its picture and where its words lie."""
    html = figure._repr_mimebundle_()["text/html"]
    drawing = figure.svg()
    page.set_content(
        PAGE.format(width=WIDTH, theme=theme, paper=themed.PAGES[theme], image=html, drawing=drawing)
    )
    page.wait_for_function("() => document.querySelector('img').complete")
    about = page.evaluate(WORDS)
    clip = {"x": 0, "y": 0, "width": about["width"], "height": about["height"]}
    picture = page.screenshot(clip=clip, full_page=True)
    return np.asarray(Image.open(io.BytesIO(picture)).convert("RGB")), about


def contrast_within(picture: np.ndarray, word: dict) -> float:
    """Return the contrast of the colour there is most of under a piece of text and of the one most unlike it."""
    left, top = (max(0, int(2 * word[side]) - 2) for side in ("left", "top"))
    right, bottom = (
        left + int(2 * word["width"]) + 4,
        top + int(2 * word["height"]) + 4,
    )
    colours, counts = np.unique(picture[top:bottom, left:right].reshape(-1, 3), axis=0, return_counts=True)
    ground = hexed(colours[counts.argmax()])
    return max(themed.contrast(ground, hexed(colour)) for colour in colours)


def hexed(colour: np.ndarray) -> str:
    return "#" + "".join(f"{part:02x}" for part in colour)


def test_every_figure_of_the_course_has_an_example():
    assert sorted(MADE) == sorted(functions())


@pytest.mark.parametrize("theme", style.THEMES)
@pytest.mark.parametrize("name", MADE)
def test_a_figure_can_be_read_on_a_light_and_on_a_dark_page(pages, name, theme):
    picture, about = shown(pages[theme], MADE[name](), theme)
    assert about["words"], "a figure without a word"
    weakest = min(about["words"], key=lambda word: contrast_within(picture, word))
    assert contrast_within(picture, weakest) >= themed.TEXT_CONTRAST, weakest
    assert min(word["size"] for word in about["words"]) >= SMALLEST
    for word in about["words"]:  # nothing is cut off
        assert word["left"] > -1 and word["top"] > -1
        assert word["left"] + word["width"] < about["width"] + 1
        assert word["top"] + word["height"] < about["height"] + 1
    corners = picture[[0, 0, -1, -1], [0, -1, 0, -1]]
    assert {hexed(corner) for corner in corners} == {themed.PAGES[theme]}  # no paper of its own


@pytest.mark.parametrize("theme", style.THEMES)
def test_axes_stand_out_from_the_page(theme):
    assert themed.contrast(style.THEMES[theme]["line"], themed.PAGES[theme]) >= 3


def test_text_keeps_a_rim_in_the_page_s_colour_where_nobody_tells_the_theme(pages):
    figure = MADE["resnet.training_curves"]()
    page = pages["light"]  # the picture believes in a light page, and stands on a dark one
    html = figure._repr_mimebundle_()["text/html"]
    page.set_content(f'<body style="margin:0;background:#111;color-scheme:light">{html}</body>')
    page.wait_for_function("() => document.querySelector('img').complete")
    picture = np.asarray(Image.open(io.BytesIO(page.locator("img").screenshot())).convert("L"))
    assert (picture > 240).mean() > 0.005 and (picture < 20).mean() > 0.5


def test_a_figure_holds_nothing_that_runs_and_no_address_outside_itself():
    for name in ("convolution.places", "convolution.filter_zoo", "resnet.zero_branch"):
        drawing = MADE[name]().svg()
        links = re.findall(r'href="([^"]{0,12})', drawing) + re.findall(r"url\(([^)]*)\)", drawing)
        assert all(link.startswith(("#", "data:image/")) for link in links)
        assert "<script" not in drawing and not re.search(r"\son\w+=", drawing)


def test_the_same_figure_is_the_same_text_each_time():
    made = MADE["convolution.places"]
    assert made().svg() == made().svg()
