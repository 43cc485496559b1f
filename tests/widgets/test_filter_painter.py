"""FilterPainter: a weight is dragged and the picture answers; the arithmetic is PyTorch's."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from browser import FLAGS, chromium_path, violations
from convbook.answers import hold
from convbook.checks.convolution import vertical_edge_kernel
from convbook.widgets import FilterPainter, engine

IDENTITY = [[0, 0, 0], [0, 1, 0], [0, 0, 0]]


def step() -> np.ndarray:
    """Return a picture that is black on the left and white on the right."""
    image = np.zeros((24, 32))
    image[:, 16:] = 1
    return image


def spoken(page) -> str:
    return page.inner_text(".cb-sentence")


def weights(page) -> list:
    return page.evaluate("() => window.model.get('kernel')")


def middle(page, selector: str) -> tuple[float, float]:
    box = page.locator(selector).first.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=6)
    page.mouse.up()


def answer_colours(page) -> set:
    """Return the colours in the answer's canvas."""
    return set(
        page.evaluate("""() => {
          const canvas = document.querySelectorAll('.cb-surface')[1];
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          return [...new Set(Array.from({ length: data.length / 4 }, (_, i) => data.slice(4 * i, 4 * i + 3).join()))];
        }""")
    )


WEIGHT = ".cb-kernel .cb-cell >> nth=4"


def test_a_weight_dragged_up_grows_and_the_picture_answers(show):
    page = show(FilterPainter(step(), IDENTITY))
    before = answer_colours(page)
    x, y = middle(page, WEIGHT)
    drag(page, (x, y), (x, y - 80))
    assert weights(page)[1][1] == pytest.approx(2)
    page.wait_for_function("() => document.querySelector('.cb-sentence').textContent.includes('add up to 2')")
    x, y = middle(page, WEIGHT)
    drag(page, (x, y), (x, y + 240))
    assert weights(page)[1][1] == pytest.approx(-1)
    page.wait_for_function("() => document.querySelector('.cb-sentence').textContent.includes('−1')")
    assert answer_colours(page) != before


def test_a_weight_is_changed_by_keyboard_too(show):
    page = show(FilterPainter(step(), IDENTITY))
    page.focus(".cb-kernel .cb-cell[tabindex='0']")
    page.keyboard.press("+")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("-")
    assert (weights(page)[0][0], weights(page)[1][0]) == (pytest.approx(0.1), pytest.approx(-0.1))
    page.keyboard.press("0")
    assert weights(page)[1][0] == 0


def test_the_window_is_dragged_on_the_picture_and_walks_by_arrow_keys(show):
    page = show(FilterPainter(step(), IDENTITY))
    box = page.locator(".cb-surface").first.bounding_box()
    drag(page, (box["x"] + 10, box["y"] + 10), (box["x"] + box["width"] + 50, box["y"] + 10))
    row, column = page.evaluate("() => window.model.get('at')")
    assert column == 31, "the drag goes on outside the canvas"
    page.focus(".cb-surface >> nth=0")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("() => window.model.get('at')") == [row + 1, 30]
    page.wait_for_function("() => document.querySelector('.cb-sentence').textContent.includes(', 30]')")


def test_sharpening_is_the_identity_less_the_outline(show):
    page = show(FilterPainter(step(), IDENTITY))
    page.get_by_role("button", name="subtract").click()
    drag(page, middle(page, ".cb-chip:text('outline')"), middle(page, ".cb-chip:text('identity')"))
    assert weights(page) == [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]
    page.get_by_role("button", name="add", exact=True).click()
    drag(page, middle(page, ".cb-chip:text('outline')"), middle(page, WEIGHT))
    assert weights(page) == IDENTITY


def test_a_kernel_is_taken_by_a_press_and_grows_by_a_size_button(show):
    page = show(FilterPainter(step(), IDENTITY))
    page.get_by_role("button", name="diagonal edges").click()
    assert weights(page)[1] == [1, 0, -1]
    page.get_by_role("button", name="5 × 5 kernel").click()
    assert np.array(weights(page)).shape == (5, 5) and weights(page)[2] == [0, 1, 0, -1, 0]
    assert page.locator(".cb-kernel .cb-cell").count() == 25
    page.get_by_role("button", name="3 × 3 kernel").click()
    assert weights(page)[1] == [1, 0, -1]


def test_no_kernel_of_the_zoo_answers_the_exercise_that_asks_for_vertical_edges(show):
    page = show(FilterPainter(step(), IDENTITY))
    chips = page.locator(".cb-chip")
    assert chips.count() == 6
    for chip in chips.all():
        chip.click()
        kernel = np.array(weights(page), dtype=float)
        assert not vertical_edge_kernel.judge(hold(lambda kernel=kernel: kernel.copy())).right


def test_an_own_picture_is_taken_in(show, tmp_path):
    from PIL import Image

    Image.new("RGB", (60, 60), (255, 255, 255)).save(tmp_path / "white.png")
    page = show(FilterPainter(step(), IDENTITY))
    page.set_input_files("input[type=file]", tmp_path / "white.png")
    page.wait_for_function("() => /add up to 1\\./.test(document.querySelector('.cb-sentence').textContent)")
    assert page.evaluate("() => window.model.get('pixels').startsWith('////')")


def test_a_file_that_is_no_picture_is_told(show, tmp_path):
    (tmp_path / "no.png").write_text("no")
    page = show(FilterPainter(step(), IDENTITY))
    page.set_input_files("input[type=file]", tmp_path / "no.png")
    page.get_by_text("Not a picture; choose another").wait_for()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_and_the_browser_says_what_python_says(show, dark):
    widget = FilterPainter()
    page = show(widget, dark=dark)
    assert violations(page) == []
    assert spoken(page) == widget.words()


def test_nothing_sticks_out_of_a_narrow_page_and_the_end_leaves_nothing(show):
    page = show(FilterPainter(), width=380)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 380
    page.evaluate("() => window.end()")
    assert page.inner_html("#here") == "" and page.evaluate("() => window.model.listening()") == 0


def test_a_still_picture_a_page_and_a_sentence_are_left(tmp_path):
    data, _ = FilterPainter()._repr_mimebundle_()
    assert len(data["image/png"]) > 20_000
    assert "Its weights add up to 1: even areas keep their brightness." in data["text/plain"]
    assert FilterPainter().save_page(tmp_path / "p.html").stat().st_size < 250_000


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("a",), "image must be an array of numbers"),
        ((np.zeros((0, 4)),), r"image has shape \(0, 4\)"),
        ((np.zeros((2, 4, 4)),), r"image has shape \(2, 4, 4\)"),
        ((np.full((4, 4), np.nan),), "not finite"),
        ((np.full((4, 4), np.inf),), "not finite"),
        ((np.full((4, 4), 255.0),), "divide by 255"),
        ((np.zeros((4, 4)), np.zeros((2, 2))), r"the kernel has shape \(2, 2\)"),
        ((np.zeros((4, 4)), np.zeros((3, 5))), r"the kernel has shape \(3, 5\)"),
    ],
)
def test_a_wrong_argument_gives_one_clear_sentence(arguments, part):
    with pytest.raises(ValueError, match=part):
        FilterPainter(*arguments)


CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


def with_camera(chromium, tmp_path, arguments, permissions):
    """Open the standalone page in a browser of its own, whose camera is a moving picture that Chromium draws."""
    browser = chromium.browser_type.launch(executable_path=chromium_path(), args=[*FLAGS, *arguments])
    page = browser.new_context(permissions=permissions).new_page()
    page.goto(FilterPainter(step(), IDENTITY).save_page(tmp_path / "p.html").as_uri())
    page.wait_for_selector(".cb-surface")
    return browser, page


def test_the_camera_moves_in_picture_and_answer_until_it_is_stopped(chromium, tmp_path):
    browser, page = with_camera(chromium, tmp_path, CAMERA, [])
    shots = "() => [...document.querySelectorAll('.cb-surface')].map((one) => one.toDataURL())"
    try:
        before = page.evaluate(shots)
        page.get_by_role("button", name="Camera").click()
        page.get_by_role("button", name="Stop the camera").wait_for()
        page.wait_for_function(f"(before) => ({shots})().every((one, n) => one !== before[n])", arg=before)
        moving = page.evaluate(shots)
        page.wait_for_function(f"(before) => ({shots})().every((one, n) => one !== before[n])", arg=moving)
        page.get_by_role("button", name="Stop the camera").click()
        assert page.get_by_role("button", name="Camera").inner_text() == "Camera"
        page.wait_for_timeout(100)
        stopped = page.evaluate(shots)
        page.wait_for_timeout(300)
        assert page.evaluate(shots) == stopped
    finally:
        browser.close()


def test_a_camera_that_is_refused_gives_one_sentence(chromium, tmp_path):
    browser, page = with_camera(chromium, tmp_path, (), [])
    try:
        page.get_by_role("button", name="Camera").click()
        page.get_by_text("The camera cannot be used here").wait_for()
        assert page.get_by_role("button", name="Camera").inner_text() == "Camera"
    finally:
        browser.close()


def test_the_answer_in_the_still_picture_is_torchs_convolution():
    image = np.random.default_rng(0).random((9, 11)).round(2)
    widget = FilterPainter(image, [[0, 1, 0], [1, -4, 1], [0, 1, 0]])
    marks = engine.ask("filter_painter", "still", widget.state(), False)["marks"]
    colours = np.array([mark for mark in marks if mark["kind"] == "pixels"][1]["colours"]).reshape(9, 11, 3)
    bytes_ = np.round(255 * image) / 255
    x, w = (torch.tensor(np.asarray(one), dtype=torch.float64)[None, None] for one in (bytes_, widget.kernel))
    answer = torch.nn.functional.conv2d(x, w, padding=1)[0, 0].numpy()
    red, blue = colours[..., 0].astype(int), colours[..., 2].astype(int)
    assert (red[answer > 0.05] > blue[answer > 0.05]).all()
    assert (blue[answer < -0.05] > red[answer < -0.05]).all()
