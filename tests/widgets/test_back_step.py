"""BackStep: a gradient is poured and splits through the weights; a learner's own backward is read and lies beside it."""

from __future__ import annotations

import time

import numpy as np
import pytest

from browser import violations
from convbook.widgets import BackStep, back_step
from matrix_cases import at, backward, leftovers, never_padded, not_turned


def spoken(page) -> str:
    return page.inner_text(".cb-sentence")


def cells(area: str) -> str:
    return f".cb-area-{area} .cb-cell"


def numbers(page, area: str) -> list[str]:
    """Return the texts of a grid, the padding and the frame left out."""
    return page.evaluate(
        "(s) => [...document.querySelectorAll(s)].map((cell) => cell.textContent)",
        f"{cells(area)}:not(.cb-padding)",
    )


def frame(page, area: str) -> list[int] | None:
    """Return row, column, height and width of the outline on a grid, or None."""
    return page.evaluate(
        """(s) => { const frame = document.querySelector(s);
          return frame && ['row', 'column', 'height', 'width'].map((n) => Number(frame.style.getPropertyValue('--' + n))); }""",
        f".cb-area-{area} .cb-window",
    )


def ringed(page, area: str) -> list[str]:
    """Return the texts of the cells with a ring."""
    return page.evaluate(
        "(s) => [...document.querySelectorAll(s)].map((c) => c.textContent)", f"{cells(area)}.cb-linked"
    )


def poured(page) -> list[int]:
    return page.evaluate("() => window.model.get('poured')")


DROP = ".cb-drop >> nth={}"


def test_a_gradient_that_is_clicked_splits_through_the_weights_into_its_window(show):
    page = show(at(BackStep(), ["output", 0], poured=[]))
    assert set(numbers(page, "dX")) == {"0"} and "not poured yet" in spoken(page)
    page.click(DROP.format(4))
    assert poured(page) == [4] and frame(page, "dX") == frame(page, "image") == [1, 1, 3, 3]
    dx = np.array(numbers(page, "dX")).reshape(5, 5)
    assert dx[1:4, 1:4].tolist() == [["−2", "−4", "0"], ["−6", "2", "−2"], ["0", "−2", "4"]], (
        "−2 times each weight"
    )
    assert numbers(page, "turned") == dx[1:4, 1:4].ravel().tolist() and "← −2 · kernel ←" in page.inner_text(
        ".cb-body"
    )
    page.click(DROP.format(5))
    assert poured(page) == [4, 5] and numbers(page, "dX")[6:9] == ["−2", "−3", "2"], "shares add up"


def test_what_falls_on_the_padding_is_lost(show):
    page = show(BackStep(padding=1))
    assert "5 shares of 9 fall on the padding and are lost." in spoken(page)
    assert frame(page, "dX") == [0, 0, 3, 3] and numbers(page, "dX")[:2] == ["−1", "1"]


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (1, 1), (2, 0), (2, 1)])
def test_a_cell_of_dx_shows_who_paid_and_the_turned_kernel_over_them(show, stride, padding):
    page = show(at(BackStep(stride=stride, padding=padding), ["pixel", 0], poured=[-1]))
    page.click(f"{cells('dX')}:not(.cb-padding) >> nth=8")
    assert page.evaluate("() => window.model.get('at')") == ["pixel", 8]
    assert frame(page, "gradients") == [1, 3, 3, 3] and frame(page, "dX") is None
    turned = [float(text.replace("−", "-")) for text in numbers(page, "turned")]
    assert turned == np.array(back_step.KERNEL)[::-1, ::-1].ravel().tolist()
    texts = page.evaluate(
        "(s) => [...document.querySelectorAll(s)].map((c) => c.textContent)", cells("gradients")
    )
    spread = np.array([float(text.replace("−", "-")) for text in texts]).reshape(7, 7)
    total = (spread[1:4, 3:6].ravel() * turned).sum()
    assert ringed(page, "dX") == [f"{total:g}".replace("-", "−")] and f"= {total:g}".replace(
        "-", "−"
    ) in spoken(page)
    assert len(ringed(page, "gradients")) == len(ringed(page, "outputs")) == len(ringed(page, "turned")) >= 1


def test_pouring_goes_step_by_step_all_at_once_or_starts_again(show):
    page = show(BackStep())
    page.click("text=Pour next")
    assert poured(page) == [0, 1] and spoken(page).startswith("Output [0, 1]")
    page.click("text=Pour all")
    assert poured(page) == [-1] and spoken(page).startswith("dX [2, 2] is")
    assert page.get_attribute("button:text('Pour next')", "aria-disabled") == "true"
    page.click("text=Empty")
    assert poured(page) == [] and set(numbers(page, "dX")) == {"0"}
    assert page.locator(".cb-waiting").count() == 9
    page.evaluate("() => window.model.arrive({ poured: [-1] })")
    page.click("role=button[name='2'] >> nth=0")
    assert numbers(page, "gradients") == ["1", "2", "−1", "3"] and page.locator(".cb-waiting").count() == 0


def test_keys_walk_without_pouring_pour_with_enter_and_stay_inside(show):
    page = show(BackStep())
    page.evaluate(
        "() => { window.heard = []; document.addEventListener('keydown', (e) => window.heard.push(e.key)); }"
    )
    page.focus(f"{cells('gradients')}[tabindex='0']")
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    assert poured(page) == [0] and "It is not poured yet: click it, or press Enter." in spoken(page)
    page.keyboard.press("Enter")
    assert poured(page) == [0, 1]
    page.focus(f"{cells('dX')}[tabindex='0']")
    page.keyboard.press("ArrowRight")
    assert spoken(page).startswith("dX [0, 1] is 1 · 2 + 2 · 1 = 4: outputs [0, 0] and [0, 1] paid.")
    page.focus("text=Pour next")
    for _ in range(9):
        page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.textContent") == "Pour next", (
        "the last press keeps the focus"
    )
    assert page.evaluate("() => window.heard") == []


def test_a_finger_pours_and_asks(show):
    page = show(BackStep(), width=400)
    touch = page.context.new_cdp_session(page)
    touch.send("Emulation.setTouchEmulationEnabled", {"enabled": True})

    def tap(selector: str) -> None:
        page.locator(selector).scroll_into_view_if_needed()
        box = page.locator(selector).bounding_box()
        place = [{"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}]
        touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": place})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    tap(DROP.format(3))
    page.wait_for_function("() => window.model.get('poured').length === 2")
    tap(f"{cells('dX')} >> nth=5")
    page.wait_for_function("() => document.querySelector('.cb-sentence').textContent.startsWith('dX [1, 0]')")


def test_play_pours_one_after_the_other_and_only_one_where_less_movement_is_asked_for(show):
    page = show(BackStep(), still=True)
    page.click("text=Play")
    assert poured(page) == [0, 1] and page.inner_text("button:text('Play')") == "Play"


# ── a learner's function ────────────────────────────────────────────────────────────────────────────────


def test_a_right_function_is_right_for_every_stride_and_padding(show):
    page = show(BackStep(backward))
    for stride in "12":
        for padding in "01":
            page.click(f"role=group[name=stride] >> text={stride}")
            page.click(f"role=group[name=padding] >> text={padding}")
            assert "All 25 cells of backward are right." in spoken(page)
            assert numbers(page, "yours") == numbers(page, "dX")
    assert page.locator(".cb-wrong").count() == 0


def test_a_kernel_that_is_not_turned_is_marked_and_its_first_wrong_weight_named(show):
    page = show(BackStep(not_turned))
    assert "25 of 25 cells of not_turned are wrong" in spoken(page)
    assert "here it takes the gradient of output [0, 0] times weight [2, 2], wanted weight [0, 0]." in spoken(
        page
    )
    assert page.locator(f"{cells('yours')}.cb-wrong").count() == 25
    assert "wrong, wanted 1" in page.get_attribute(f"{cells('yours')} >> nth=0", "aria-label")
    page.click("role=button[name='Next wrong cell of your dX']")
    assert page.evaluate("() => window.model.get('at')") == ["pixel", 1]
    page.click("text=Empty")
    page.click(DROP.format(4))
    assert page.locator(f"{cells('yours')}.cb-wrong").count() == 8, "poured alone, all but the middle weight"


def test_a_mistake_of_the_padding_shows_only_with_padding(show):
    page = show(BackStep(never_padded))
    assert "All 25 cells of never_padded are right." in spoken(page)
    page.click("role=group[name=padding] >> text=1")
    page.wait_for_function("() => /25 of 25 cells/.test(document.querySelector('.cb-sentence').textContent)")


def test_a_function_is_read_once_with_ones_that_stand_alone():
    seen = []

    def spy(dout, x_shape, w, stride=1, padding=0):
        seen.append((np.count_nonzero(dout), x_shape, w.shape, stride, padding))
        return backward(dout, x_shape, w, stride, padding)

    widget = BackStep(spy, image=np.ones((4, 3)), kernel=np.ones((2, 3)))
    assert {(shape, weights) for _, shape, weights, *_ in seen} == {((1, 1, 4, 3), (1, 1, 2, 3))}
    assert {tuple(rest) for _, _, _, *rest in seen} == {(1, 0), (1, 1), (2, 0), (2, 1)}
    outputs = 3 * 1 + 5 * 3 + 2 * 1 + 3 * 2
    assert sum(many == 1 for many, *_ in seen) == outputs
    count = len(seen)
    widget.stride = 2
    assert "are right" in widget.words() and len(seen) == count


def prints(dout, x_shape, w, stride=1, padding=0):
    print("hello")
    return backward(dout, x_shape, w, stride, padding)


def endless(*_, **__):
    while True:
        pass


def stub(dout, x_shape, w, stride=1, padding=0):
    raise NotImplementedError()


class Odd:
    def __array__(self, *args, **kwargs):
        raise RuntimeError("no")


STRANGE = {
    "raises": (lambda *_, **__: 1 / 0, "stopped with ZeroDivisionError: division by zero."),
    "exits": (lambda *_, **__: exit(), "stopped with SystemExit"),
    "takes other arguments": (lambda x: x, "stopped with TypeError"),
    "none": (lambda *_, **__: None, "returned None (is there a return?)"),
    "text": (lambda *_, **__: "dX", "returned a str"),
    "odd": (lambda *_, **__: Odd(), "wanted an array with 4 axes"),
    "two axes": (lambda d, s, w, **_: np.zeros((5, 5)), "returned an array of shape (5, 5)"),
    "another size": (lambda d, s, w, **_: np.zeros((1, 1, 3, 3)), "returned shape (1, 1, 3, 3) for x_shape (1, 1, 5, 5)"),
    "not finite": (lambda d, s, w, **_: np.full(s, np.nan), "not finite"),
    "no sum of products": (lambda d, s, w, **_: np.full(s, (d.sum() * w.sum()) ** 2), "gives no sums of gradients times weights"),
    "asks": (lambda *_, **__: input("?"), "stopped with RuntimeError: input() is not answered here."),
    "a stub": (stub, "is not attempted yet"),
    "endless": (endless, "did not finish in time"),
    "prints": (prints, "It prints while it works; that is not shown here."),
    "not a function": (np.zeros(3), "is not a function: write BackStep(conv2d_backward_input)"),
}  # fmt: skip


@pytest.mark.parametrize("name", STRANGE)
def test_whatever_a_function_does_the_picture_stays_and_one_sentence_says_why(name, monkeypatch, capsys):
    monkeypatch.setattr(back_step, "SECONDS", 0.4 if name == "endless" else 5.0)
    function, part = STRANGE[name]
    started = time.monotonic()
    widget = BackStep(function)
    assert time.monotonic() - started < 3, name
    assert part in widget.words() and widget.words().startswith("dX [2, 2] is")
    assert "\n" not in widget.words() and capsys.readouterr() == ("", "")


def test_a_function_that_fails_leaves_its_sentence_where_its_gradient_would_stand(show):
    widget = BackStep(STRANGE["none"][0])
    page = show(widget)
    assert page.inner_text(".cb-said").endswith(
        "returned None (is there a return?); wanted an array with 4 axes."
    )
    assert page.locator(cells("yours")).count() == 0
    assert len(numbers(page, "dX")) == 25 and violations(page) == []


# ── the page ────────────────────────────────────────────────────────────────────────────────────────────

SIZES = """() => ({ height: document.querySelector('.convbook').offsetHeight,
  places: ['image', 'kernel', 'outputs', 'dX', 'turned', 'gradients'].map((name) => {
    const { left, top } = document.querySelector('.cb-area-' + name).getBoundingClientRect(); return [left, top]; }) })"""


@pytest.mark.parametrize("width", [400, 900])
@pytest.mark.parametrize("function", [None, not_turned], ids=["alone", "with yours"])
def test_it_fits_a_screen_and_nothing_jumps(show, width, function):
    page = show(BackStep(function), width=width)
    before = page.evaluate(SIZES)
    assert before["height"] <= 600 or width < 900
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    for name in ("role=group[name=padding] >> text=1", "role=group[name=stride] >> text=2", "text=Empty", "text=Pour all"):  # fmt: skip
        page.click(name)
        assert page.evaluate(SIZES) == before, name
    page.click(DROP.format(0))
    assert page.evaluate(SIZES) == before


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_and_the_browser_says_what_python_says(show, dark):
    for widget in (BackStep(padding=1), BackStep(not_turned, stride=2)):
        page = show(widget, dark=dark)
        assert violations(page) == []
        assert spoken(page) == widget.words()


def test_what_a_finger_must_hit_is_large_enough_and_nothing_sticks_out(show):
    page = show(BackStep(not_turned, padding=1), width=380)
    inner = (
        "() => [...document.querySelectorAll('.cb-block')].every((b) => b.scrollWidth <= b.clientWidth + 1)"
    )
    assert page.evaluate(inner), "every grid is seen as a whole"
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 380
    assert page.evaluate("() => [...document.querySelectorAll('.cb-cell')].every((c) => c.offsetWidth >= 24)")


def test_fifty_shows_leave_nothing(show):
    widget = BackStep()
    assert leftovers(show(widget), widget) == ["", 0, 0, 0]


def test_a_still_picture_and_a_page_are_left(tmp_path):
    widget = BackStep(not_turned)
    data, _ = widget._repr_mimebundle_()
    assert data["text/plain"] == widget.words() and len(data["image/png"]) > 10_000
    texts = [text.get_text() for axis in widget.picture().axes for text in axis.texts]
    assert {"image", "outputs", "dX, its gradient", "your dX", "← kernel, turned ←"} <= set(texts)
    assert widget.save_page(tmp_path / "p.html").stat().st_size < 250_000


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"image": "a"}, "image must be an array of numbers"),
        ({"image": np.ones((6, 5))}, "image has 6 along h; the widget shows at most 5"),
        ({"image": np.ones((2, 5))}, r"the image has shape \(2, 5\); BackStep shows at least 3 × 3"),
        ({"image": np.full((4, 4), np.inf)}, "not finite"),
        ({"kernel": np.ones((4, 4))}, "kernel has 4 along i; the widget shows at most 3"),
        ({"kernel": [[1, 2, 3]]}, r"the kernel has shape \(1, 3\); BackStep shows at least 2 × 2"),
        ({"kernel": np.ones((1, 1, 3, 3))}, r"kernel has shape \(1, 1, 3, 3\)"),
        ({"stride": 3}, "stride is 3; BackStep shows 1 and 2"),
        ({"stride": True}, "stride is True; BackStep shows 1 and 2"),
        ({"padding": "1"}, "padding is '1'; BackStep shows 0 and 1"),
    ],
)
def test_a_wrong_argument_gives_one_clear_sentence(options, part):
    with pytest.raises(ValueError, match=part) as told:
        BackStep(**options)
    assert "\n" not in str(told.value)
