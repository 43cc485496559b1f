"""PoolLab: an image moves under fixed windows and what stayed glows; threads lead gradients to PyTorch's pixels."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from torch.nn import functional

from browser import violations
from convbook.widgets import PoolLab
from convbook.widgets.pool_lab import IMAGE
from hands import Fingers, drag_mouse, in_node, keys_that_leave, point, spoken, trait

IMAGE_ZONE, OUTPUT_ZONE = ".cb-zone >> nth=0", ".cb-zone >> nth=1"


def lab(**traits) -> PoolLab:
    start = {name: traits.pop(name) for name in ("image", "k", "stride", "kind") if name in traits}
    widget = PoolLab(**start)
    for name, value in traits.items():
        setattr(widget, name, value)
    return widget


def pixel(page, row: int, column: int, side: int = 6) -> tuple[float, float]:
    return point(page, IMAGE_ZONE, (column + 0.5) / side, (row + 0.5) / side)


def output(page, row: int, column: int, side: int = 3) -> tuple[float, float]:
    return point(page, OUTPUT_ZONE, (column + 0.5) / side, (row + 0.5) / side)


# ── what is computed ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["max", "average"])
def test_outputs_and_gradients_are_pytorchs_wherever_the_image_lies(kind):
    pool = functional.max_pool2d if kind == "max" else functional.avg_pool2d
    image = np.random.default_rng(0).integers(0, 4, (6, 7))  # many ties
    windows, shifts = [(2, 2), (2, 1), (3, 1), (3, 2), (2, 3)], [(0, 0), (1, 0), (-2, 3)]
    cases = list(itertools.product(windows, shifts))
    states = [lab(image=image, k=k, stride=stride, kind=kind, shift=list(shift), poured=list(range(42))).state()
              for (k, stride), shift in cases]  # fmt: skip
    found = in_node("_pool_lab", "states.map((state) => part.factsOf(state))", states=states)
    for ((k, stride), (down, right)), facts in zip(cases, found, strict=True):
        seen = np.zeros((6, 7))
        for row, column in np.ndindex(6, 7):
            if 0 <= row - down < 6 and 0 <= column - right < 7:
                seen[row, column] = image[row - down, column - right]
        leaf = torch.tensor(seen, requires_grad=True)
        wanted = pool(leaf[None], k, stride)[0]
        assert facts["now"] == pytest.approx(wanted.detach().ravel().tolist())
        wanted.backward(torch.tensor(facts["gradients"], dtype=torch.float64).reshape(wanted.shape))
        assert facts["dX"] == pytest.approx(leaf.grad.ravel().tolist())


def test_an_output_glows_if_it_is_the_same_number_after_the_shift_and_is_not_nothing():
    home, moved = (functional.max_pool2d(torch.tensor(one, dtype=torch.float64)[None], 2)[0].numpy()
                   for one in (IMAGE, np.roll(IMAGE, 1, axis=1)))  # fmt: skip
    facts = in_node("_pool_lab", "part.factsOf(state)", state=lab(shift=[0, 1]).state())
    wanted = (home == moved) & (home != 0)
    assert facts["stayed"] == wanted.ravel().tolist() and 0 < wanted.sum() < (home != 0).sum()
    assert not any(in_node("_pool_lab", "part.factsOf(state)", state=lab().state())["stayed"])


def test_a_tie_that_is_settled_moves_the_gradient_and_is_forgotten_when_the_pixels_differ():
    tie = lab(poured=[7], settled={"7": 1}, at=[7, -1])  # pixels [4, 2] and [4, 3] are 3
    code = "part.factsOf(state).dX.flatMap((g, n) => (g ? [[n, g]] : []))"
    assert in_node("_pool_lab", code, state=tie.state()) == [[4 * 6 + 3, 2]]
    assert "you gave the gradient 2 to [4, 3]; PyTorch takes the first, [4, 2]." in tie.words()
    tie.shift = [0, 1]
    assert in_node("_pool_lab", code, state=tie.state()) == [[4 * 6 + 3, 2]], "now the only one of its window"
    tie.shift = [0, -1]
    assert "remembers that pixel [4, 2]" in tie.words()


# ── by hand ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_image_is_dragged_by_mouse_pixel_by_pixel_and_the_sentence_counts(show):
    page = show(PoolLab())
    drag_mouse(page, pixel(page, 2, 2), pixel(page, 2, 3))
    assert trait(page, "shift") == [0, 1]
    assert spoken(page).startswith(
        "The image has moved 1 pixel to the right: of 7 outputs not 0 before or after, 3 are as before."
    )
    drag_mouse(page, pixel(page, 2, 2), pixel(page, 2, 3))
    assert trait(page, "shift") == [0, 2] and "the map has moved along exactly" in spoken(page)
    drag_mouse(page, pixel(page, 2, 0), (pixel(page, 2, 0)[0] + 600, pixel(page, 2, 0)[1]))
    assert trait(page, "shift") == [0, 3], "no further"
    page.click("text=Image back")
    assert trait(page, "shift") == [0, 0]


def test_a_thread_pulled_by_mouse_lands_on_the_largest_pixel_settles_a_tie_or_says_why_not(show):
    page = show(PoolLab())
    drag_mouse(page, output(page, 1, 1), pixel(page, 2, 2))
    assert trait(page, "poured") == [
        4
    ] and "remembers that pixel [2, 2] was the largest: the gradient −2 goes there alone." in spoken(page)
    drag_mouse(page, output(page, 1, 1), pixel(page, 3, 3))
    assert "If pixel [3, 3] changed a little, the output would stay: it gets nothing." in spoken(page)
    drag_mouse(page, output(page, 1, 1), pixel(page, 0, 0))
    assert "Pixel [0, 0] is not in this window." in spoken(page) and trait(page, "poured") == [4]
    drag_mouse(page, output(page, 2, 1), pixel(page, 4, 3))
    assert trait(page, "settled") == {"7": 1} and "PyTorch takes the first, [4, 2]." in spoken(page)
    drag_mouse(page, output(page, 2, 1), pixel(page, 4, 2))
    assert trait(page, "settled") == {} and "the first, [4, 2], gets the gradient 2, as in PyTorch" in spoken(
        page
    )
    drag_mouse(page, output(page, 0, 1), (output(page, 0, 1)[0] - 90, output(page, 0, 1)[1]))
    assert trait(page, "poured") == [4, 7], "dropped beside the image, a thread slips back"
    page.click("text=Let go")
    assert trait(page, "poured") == []


def test_an_average_shares_its_gradient_and_overlapping_windows_add_up(show):
    page = show(PoolLab(stride=1))
    page.click("text=Pull all")
    assert len(trait(page, "poured")) == 25
    page.mouse.click(*output(page, 1, 1, 5))
    page.mouse.click(*output(page, 1, 1, 5))
    assert "Pixel [2, 2] is the largest of 4 windows: their gradients add up to" in spoken(page)
    page.click("text=average")
    assert "is a mean: each of its 4 pixels gets 1/4 of the gradient" in spoken(page)


def test_a_finger_drags_the_image_and_pulls_a_thread_and_the_page_does_not_scroll(show):
    page = show(PoolLab(), width=400)
    page.evaluate("() => (document.body.style.height = '3000px')")
    fingers = Fingers(page)
    fingers.drag((pixel(page, 2, 2), pixel(page, 3, 2)))
    page.wait_for_function("() => window.model.get('shift')[0] === 1")
    fingers.drag((output(page, 1, 1), pixel(page, 3, 2)))
    page.wait_for_function("() => window.model.get('poured').includes(4)")
    assert page.evaluate("() => window.scrollY") == 0


def test_keys_move_the_image_pull_settle_and_let_go_and_stay_inside(show):
    page = show(PoolLab())
    assert keys_that_leave(page, IMAGE_ZONE, "ArrowRight", "ArrowDown", "Home", "ArrowLeft") == []
    assert trait(page, "shift") == [0, -1]
    page.keyboard.press("Home")
    page.focus(OUTPUT_ZONE)
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    assert trait(page, "poured") == [7] and trait(page, "settled") == {}
    page.keyboard.press("Enter")
    assert trait(page, "settled") == {"7": 1}, "the next of equal pixels"
    page.keyboard.press("Enter")
    assert trait(page, "poured") == [] and trait(page, "settled") == {}


# ── the page ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("width", [400, 660, 900])
def test_it_fits_a_screen_and_nothing_jumps(show, width):
    page = show(lab(stride=1, kind="max"), width=width)
    height = "() => document.querySelector('.convbook').offsetHeight"
    before = page.evaluate(height)
    assert before <= 600 or width < 900
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    box = page.locator("canvas").bounding_box()
    for zone in (IMAGE_ZONE, OUTPUT_ZONE):
        inside = page.locator(zone).bounding_box()
        assert inside["x"] >= box["x"] and inside["x"] + inside["width"] <= box["x"] + box["width"]
    flat = [[3, 3, 3, 1, 0, 0], [3, 3, 3, 1, 0, 0], *[[0, 2, 0, 0, 0, 0]] * 4]
    long = {"image": flat, "shift": [1, 1], "poured": list(range(25)), "at": [11, -1], "settled": {"11": 3}}
    tied = {"at": [8, 0]}  # three pixels are equal, and it was pulled to another
    for news in (long, tied, {"k": 3, "stride": 3}, {"kind": "average"}, {"poured": [], "shift": [0, 0]}):
        page.evaluate("news => window.model.arrive(news)", news)
        page.wait_for_timeout(30)
        assert page.evaluate(height) == before, (news, spoken(page))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_and_the_browser_says_what_python_says(show, dark):
    widget = lab(shift=[0, 1], poured=[4, 7], at=[7, -1])
    page = show(widget, dark=dark)
    assert violations(page) == [] and spoken(page) == widget.words()


def test_a_still_picture_shows_numbers_gradients_and_what_stayed():
    widget = lab(shift=[0, 1], poured=[4], at=[4, -1])
    texts = [text.get_text() for axis in widget.picture().axes for text in axis.texts]
    assert {"−2", "✓", "was 5", "outputs: pull a thread back"} <= set(texts)


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"image": "a"}, "image must be an array of numbers"),
        ({"image": np.ones((9, 5))}, "image has 9 along h; the widget shows at most 8"),
        ({"image": np.ones((2, 5))}, r"image has shape \(2, 5\); PoolLab shows at least 3 × 3"),
        ({"image": np.full((4, 4), np.nan)}, "not finite"),
        ({"k": 4}, "k is 4; PoolLab shows 2 to 3"),
        ({"k": True}, "k is True; PoolLab shows 2 to 3"),
        ({"stride": 0}, "stride is 0; PoolLab shows 1 to 3"),
        ({"kind": "mean"}, 'kind is \'mean\'; wanted "max" or "average"'),
    ],
)
def test_a_wrong_argument_gives_one_clear_sentence(options, part):
    with pytest.raises(ValueError, match=part) as told:
        PoolLab(**options)
    assert "\n" not in str(told.value)
