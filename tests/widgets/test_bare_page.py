"""The real modules in a bare Chromium page with a plain model: what a person does, sees and hears."""

from __future__ import annotations

import numpy as np
import pytest

from browser import violations
from cases import flat, full
from convbook.widgets import ConvXray, SlideLab


def spoken(page) -> str:
    return page.inner_text(".cb-sentence")


def place(page) -> list[int]:
    return page.evaluate("() => window.model.get('at')")


def point(page, selector: str) -> None:
    """Move the pointer over an element, as a hand does: by more than one place."""
    page.hover(selector, position={"x": 6, "y": 6})
    page.hover(selector, position={"x": 12, "y": 14})


def flipped() -> ConvXray:
    return ConvXray(flat(lambda x, k: (x, k[::-1, ::-1])))


def half_wrong() -> ConvXray:
    """Return the X-ray of a function whose last row alone is wrong."""

    def corr2d(x, k):
        y = flat()(x, k)
        y[-1] *= 2
        return y

    return ConvXray(corr2d)


def full_of_decimals() -> SlideLab:
    """Return a SlideLab of the largest size, with numbers of up to six letters."""
    rng = np.random.default_rng(0)
    return SlideLab(30 * rng.normal(size=(12, 12)).round(2), rng.normal(size=(5, 5)).round(2), padding=2)


def filters_swapped() -> ConvXray:
    """Return the X-ray of a layer whose filters take each other's weights, and its channels too."""
    swapped = full(lambda x, w, b, s, p: (x, w[::-1, ::-1], b, s, p))
    return ConvXray(swapped, size=4, channels=2, filters=2, padding=1)


WIDGETS = {
    "slide": SlideLab,
    "slide, padded": lambda: SlideLab(padding=1),
    "slide, colours": lambda: SlideLab(np.ones((3, 4, 4)), np.ones((2, 3, 3, 3)), padding=1),
    "slide, decimals": full_of_decimals,
    "slide, predict": lambda: SlideLab(predict=True),
    "xray, wrong": flipped,
    "xray, right": lambda: ConvXray(flat()),
    "xray, a mean": lambda: ConvXray(flat(scale=1 / 9)),
    "xray, swapped": filters_swapped,
    "xray, nothing": lambda: ConvXray(5),
}


@pytest.mark.parametrize("name", WIDGETS)
def test_the_browser_says_what_python_says(show, name):
    widget = WIDGETS[name]()
    assert spoken(show(widget)) == widget.words()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", WIDGETS)
def test_axe_finds_nothing(show, name, dark):
    assert violations(show(WIDGETS[name](), dark=dark)) == []


@pytest.mark.parametrize("name", WIDGETS)
def test_nothing_sticks_out_of_a_narrow_page_or_of_the_widget(show, name):
    page = show(WIDGETS[name](), width=380)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 380
    assert page.evaluate("() => document.querySelector('.convbook').scrollWidth") <= 380 - 2 * 8


@pytest.mark.parametrize("width", [380, 1100])
@pytest.mark.parametrize(
    "name", ["slide", "slide, colours", "slide, decimals", "xray, a mean", "xray, swapped"]
)
def test_every_text_fits_into_its_cell(show, name, width):
    page = show(WIDGETS[name](), width=width)
    cut = page.evaluate(
        """() => [...document.querySelectorAll('.cb-cell')].filter((cell) => {
          const text = document.createRange();
          text.selectNodeContents(cell);
          return text.getBoundingClientRect().width > cell.getBoundingClientRect().width;
        }).map((cell) => cell.textContent)"""
    )
    assert cut == []


@pytest.mark.parametrize("name", WIDGETS)
def test_what_a_finger_must_hit_is_large_enough(show, name):
    """Ask for 24 pixels for every target, as WCAG 2.2 does, and 30 for what one moves with: outputs and buttons."""
    page = show(WIDGETS[name](), width=380)
    sizes = """(selector) => [...document.querySelectorAll(selector)].filter((one) => one.offsetParent)
      .map((one) => Math.min(one.offsetHeight, one.offsetWidth))"""
    assert all(size >= 24 for size in page.evaluate(sizes, ".cb-cell"))
    assert all(size >= 30 for size in page.evaluate(sizes, ".cb-output .cb-cell, button, input, summary"))


def test_a_grid_that_is_too_wide_scrolls_by_itself_to_where_the_window_is(show):
    page = show(full_of_decimals(), width=380)
    inside = """() => {
      const window = document.querySelector('.cb-image .cb-window').getBoundingClientRect();
      const card = document.querySelector('.convbook').getBoundingClientRect();
      return window.left >= card.left && window.right <= card.right;
    }"""
    page.focus(".cb-output .cb-cell[tabindex='0']")
    assert page.evaluate(inside)
    page.keyboard.press("End")
    assert place(page) == [0, 0, 11] and page.evaluate(inside)


def test_grids_keep_their_lines_where_the_system_takes_colours_away(show):
    page = show(flipped())
    page.emulate_media(forced_colors="active")
    assert (
        page.evaluate("() => getComputedStyle(document.querySelector('.cb-image .cb-unused')).outlineStyle")
        == "solid"
    )


def test_the_focus_is_seen_on_every_colour(show):
    page = show(SlideLab())
    page.focus(".cb-kernel .cb-cell[tabindex='0']")
    page.keyboard.press("ArrowRight")
    style = page.evaluate(
        "() => { const s = getComputedStyle(document.activeElement); return [s.outlineColor, s.boxShadow]; }"
    )
    assert style[0] == "rgb(31, 32, 35)" and "rgb(255, 255, 255)" in style[1], "a ring of ink in one of paper"


def test_the_same_widget_twice_on_a_page_moves_together_and_stays_accessible(show):
    page = show(SlideLab())
    page.evaluate(
        """async (module) => {
          const second = document.createElement("div");
          document.getElementById("here").append(second);
          const url = URL.createObjectURL(new Blob([module], { type: "text/javascript" }));
          window.endSecond = (await import(url)).default.render({ model: window.model, el: second });
        }""",
        str(SlideLab._esm),
    )
    page.focus(".cb-output .cb-cell[tabindex='0'] >> nth=0")
    page.keyboard.press("ArrowRight")
    first, second = page.locator(".cb-sentence").all_inner_texts()
    assert first == second and "[0, 1]" in first
    assert page.evaluate("() => document.querySelector('.convbook').contains(document.activeElement)")
    assert violations(page, "body") == []
    page.evaluate("() => window.endSecond()")
    page.keyboard.press("ArrowDown")
    assert "[1, 1]" in spoken(page)


@pytest.mark.parametrize("name", WIDGETS)
def test_the_end_leaves_nothing_behind(show, name):
    page = show(WIDGETS[name]())
    page.evaluate("() => window.end()")
    assert page.inner_html("#here") == ""
    assert page.evaluate("() => window.model.listening()") == 0


@pytest.mark.parametrize("make", [SlideLab, flipped], ids=["slide", "xray"])
def test_arrow_keys_walk_the_outputs_and_stay_inside_the_widget(show, make):
    page = show(make())
    page.evaluate(
        "() => { window.heard = []; document.addEventListener('keydown', (e) => window.heard.push(e.key)); }"
    )
    page.focus(".cb-output .cb-cell[tabindex='0']")
    for key in ("ArrowRight", "ArrowDown", "End"):
        page.keyboard.press(key)
    assert place(page) == [0, 1, 3]
    assert "[1, 3]" in spoken(page)
    assert page.evaluate("() => document.activeElement.getAttribute('aria-label')").startswith(
        "output [1, 3]"
    )
    assert page.evaluate("() => window.heard") == []
    assert page.evaluate("() => window.model.saved") >= 3


def test_each_grid_is_one_tab_stop(show):
    page = show(SlideLab())
    assert page.locator("[role=grid]").count() == 3
    assert page.locator("[role=gridcell][tabindex='0']").count() == 3


def test_hovering_a_weight_marks_its_pixel_and_its_product(show):
    page = show(SlideLab())
    point(page, ".cb-kernel .cb-cell >> nth=5")
    assert page.locator(".cb-image .cb-linked").get_attribute("aria-label") == "pixel [1, 2] is 3"
    assert page.inner_text(".cb-term.cb-linked") == "3·1"


def test_hovering_an_output_moves_the_window_but_scrolling_under_a_resting_pointer_does_not(show):
    page = show(SlideLab())
    point(page, ".cb-output .cb-cell >> nth=6")
    assert place(page) == [0, 1, 2]
    page.evaluate("() => { document.getElementById('here').style.marginTop = '-33px'; }")
    page.wait_for_timeout(300)
    assert place(page) == [0, 1, 2]


def test_hovering_moves_nothing_while_a_prediction_is_typed(show):
    page = show(SlideLab(predict=True))
    point(page, ".cb-output .cb-cell >> nth=6")
    assert place(page) == [0, 0, 0]


def test_a_click_on_a_pixel_brings_the_window_there(show):
    page = show(SlideLab())
    page.click(".cb-image .cb-cell >> nth=35")
    assert place(page) == [0, 3, 3]


def test_another_filter_is_chosen_by_its_tab_and_its_map_is_clicked(show):
    page = show(WIDGETS["slide, colours"]())
    page.get_by_role("tab", name="filter 1").click()
    assert page.locator(".cb-output:visible").count() == 1, "one map at a time"
    page.click(".cb-output >> nth=1 >> .cb-cell >> nth=6")
    assert place(page) == [1, 1, 2]
    assert page.get_by_role("tab", name="filter 1").get_attribute("aria-selected") == "true"


def test_a_prediction_is_judged_and_the_products_come_after_it(show):
    page = show(SlideLab(predict=True))
    assert page.locator(".cb-term").count() == 0
    assert page.inner_text(".cb-output .cb-cell >> nth=0") == "?"
    page.fill(".cb-input", "five")
    page.keyboard.press("Enter")
    assert "Type a number" in page.inner_text(".cb-buttons")
    page.fill(".cb-input", "5")
    page.keyboard.press("Enter")
    assert spoken(page).startswith("You said 5, but output [0, 0] is 4")
    assert page.locator(".cb-term").count() == 9
    page.get_by_role("button", name="Next output").click()
    page.fill(".cb-input", "9")
    page.get_by_role("button", name="Check").click()
    assert spoken(page).startswith("Right, output [0, 1] is 9")
    assert "1 of 2 right" in page.inner_text(".cb-buttons")
    assert page.evaluate("() => window.model.get('guesses')") == [[0, 0, 0, 5], [0, 0, 1, 9]]


def test_predictions_need_no_more_than_the_keyboard(show):
    page = show(SlideLab(predict=True))
    page.focus(".cb-input")
    for keys, wanted in (("4", [0, 0, 1]), ("9", [0, 0, 2])):
        page.keyboard.type(keys)
        page.keyboard.press("Enter")  # the number is judged, and Next has the focus
        assert spoken(page).startswith("Right")
        page.keyboard.press("Enter")  # the next output, and its number can be typed
        assert place(page) == wanted


def test_nothing_plays_by_itself_while_predictions_are_asked_for(show):
    page = show(SlideLab())
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Predict first").click()
    assert (
        page.get_by_role("button", name="Play").count()
        == page.get_by_role("button", name="Pause").count()
        == 0
    )
    before = place(page)
    page.wait_for_timeout(900)
    assert place(page) == before


def test_what_python_changes_is_drawn_anew(show):
    page = show(SlideLab())
    page.evaluate("() => window.model.arrive({ stride: 2 })")
    assert page.locator(".cb-output .cb-cell").count() == 4
    page.evaluate("() => window.model.arrive({ image: [[[1]]] })")
    assert spoken(page) == "The window does not fit into the image."


def test_play_walks_on_by_itself_and_pauses(show):
    page = show(SlideLab())
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => window.model.get('at')[2] === 2")
    page.get_by_role("button", name="Pause").click()
    assert page.get_by_role("button", name="Play").count() == 1


def test_play_is_one_step_where_less_movement_is_asked_for(show):
    page = show(SlideLab(), still=True)
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(900)
    assert place(page) == [0, 0, 1]
    assert page.get_by_role("button", name="Pause").count() == 0


def test_next_wrong_jumps_to_the_wrong_outputs_and_round_again(show):
    page = show(half_wrong())
    assert place(page) == [0, 3, 0]
    for wanted in ([0, 3, 1], [0, 3, 2], [0, 3, 3], [0, 3, 0]):
        page.get_by_role("button", name="Next wrong output").click()
        assert place(page) == wanted
    assert page.locator(".cb-output .cb-wrong").count() == 4
    assert page.locator(".cb-output .cb-right").count() == 12
    assert "by weight [0, 0] twice" in spoken(page)


def test_the_xray_shows_the_letters_of_the_weights_each_pixel_met(show):
    page = show(flipped())
    used = page.locator(".cb-image >> nth=0 >> .cb-cell")
    wanted = page.locator(".cb-image >> nth=1 >> .cb-cell")
    assert "".join(used.all_inner_texts()) == "ihgfedcba"
    assert "".join(wanted.all_inner_texts()) == "abcdefghi"
    assert page.locator(".cb-image .cb-wrong").count() == 8  # the middle weight stays where it is
    assert used.nth(0).get_attribute("aria-label") == "pixel [0, 0]: i, weight [2, 2], wanted weight [0, 0]"


def test_the_checks_own_message_can_be_opened(show):
    widget = flipped()
    page = show(widget)
    page.get_by_text("What the check says").click()
    assert page.inner_text(".cb-message") == widget.verdict["message"]
    assert page.inner_text(".cb-verdict").startswith("✗ corr2d: the kernel is flipped")


def test_pointing_at_a_pixel_says_what_it_met(show):
    page = show(flipped())
    point(page, ".cb-image >> nth=0 >> .cb-cell >> nth=1")
    assert page.inner_text(".cb-note") == "Pixel [0, 1] meets weight [2, 1]; wanted weight [0, 1]."


def test_xray_again_asks_the_kernel_and_draws_its_answer(show):
    page = show(flipped())
    page.get_by_role("button", name="X-ray again").click()
    assert page.evaluate("() => window.model.sent") == [{"again": True}]
    right = ConvXray(flat())
    page.evaluate("(news) => window.model.arrive(news)", {**right.state(), "stamp": 2})
    page.wait_for_function("() => document.querySelectorAll('.cb-output .cb-right').length === 16")
    assert spoken(page) == right.words()
    assert "X-rayed anew." in page.inner_text(".cb-buttons")
    assert page.evaluate("() => document.activeElement.textContent") == "X-ray again"


def test_a_kernel_that_does_not_answer_is_told(show):
    page = show(flipped())
    page.clock.install()
    page.get_by_role("button", name="X-ray again").click()
    assert "asking the kernel" in page.inner_text(".cb-buttons")
    page.clock.fast_forward(7000)
    assert "The kernel has not answered" in page.inner_text(".cb-buttons")


def test_a_letter_of_another_channel_or_filter_says_so_and_how_to_read_it(show):
    page = show(filters_swapped())
    assert page.inner_text(".cb-image >> nth=0 >> .cb-cell >> nth=7") == "e₁¹"
    assert "a raised number names another filter" in page.inner_text(".cb-legend")


def test_without_a_kernel_there_is_nothing_to_ask(show):
    assert show(flipped(), sends=False).get_by_role("button", name="X-ray again").count() == 0


@pytest.mark.parametrize("make", [SlideLab, flipped], ids=["slide", "xray"])
def test_the_standalone_page_lives_from_a_disk(open_page, tmp_path, make):
    widget = make()
    page = open_page()
    page.goto(widget.save_page(tmp_path / "page.html").as_uri())
    page.wait_for_selector(".convbook")
    assert spoken(page) == widget.words()
    page.get_by_role("button", name="Next output").click()
    assert "[0, 1]" in spoken(page)
    assert violations(page, "body") == []


def test_dark_and_light_follow_the_notebooks_theme(show):
    page = show(SlideLab())
    before = page.evaluate(
        "() => getComputedStyle(document.querySelector('.cb-kernel .cb-cell')).backgroundColor"
    )
    page.evaluate("""() => {
      document.body.style.setProperty('--jp-layout-color0', '#111111');
      document.body.style.setProperty('--jp-content-font-color0', '#ffffff');
      document.body.setAttribute('data-jp-theme-light', 'false');
    }""")
    page.wait_for_selector(".convbook.cb-dark")
    after = page.evaluate(
        "() => getComputedStyle(document.querySelectorAll('.cb-kernel .cb-cell')[1]).backgroundColor"
    )
    assert before != after
    assert violations(page) == []


def drag(page, start: int, end: int) -> None:
    """Press the mouse on one pixel of the image and let it go on another, both counted row by row."""
    boxes = [page.locator(".cb-image .cb-cell").nth(cell).bounding_box() for cell in (start, end)]
    points = [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes]
    page.mouse.move(*points[0])
    page.mouse.down()
    page.mouse.move(*points[1], steps=8)
    page.mouse.up()


def test_the_window_is_dragged_over_the_image_and_stops_at_its_edge(show):
    page = show(SlideLab())
    drag(page, 7, 7 + 6 + 2)  # from pixel [1, 1], one row down and two columns to the right
    assert place(page) == [0, 1, 2]
    drag(page, 8 + 6, 35)
    assert place(page) == [0, 3, 3]


def test_a_drag_that_starts_beside_the_window_moves_nothing(show):
    page = show(SlideLab())
    drag(page, 33, 22)
    assert place(page) == [0, 0, 0]


def test_a_drag_follows_the_stride(show):
    page = show(SlideLab(stride=3))
    drag(page, 0, 2)
    assert place(page) == [0, 0, 1]


def test_a_finger_drags_the_window_and_may_scroll_the_page_beside_it(show):
    page = show(SlideLab())
    action = "(at) => getComputedStyle(document.querySelectorAll('.cb-image .cb-cell')[at]).touchAction"
    assert page.evaluate(action, 7) == "none"
    assert page.evaluate(action, 35) == "manipulation"


def test_arrow_keys_on_the_image_move_the_window(show):
    page = show(SlideLab())
    page.focus(".cb-image .cb-cell[tabindex='0']")
    for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    assert place(page) == [0, 1, 2]
    focused = page.evaluate("() => document.activeElement.getAttribute('aria-label')")
    assert focused == "pixel [1, 2] is 3", "the focus goes with the window"


def test_links_lie_in_front_of_the_grids(show):
    page = show(SlideLab())
    layer = "(selector) => Number(getComputedStyle(document.querySelector(selector)).zIndex)"
    assert page.evaluate(layer, ".cb-links") > page.evaluate(layer, ".cb-block")


def test_predictions_hide_every_number_from_the_start(show):
    page = show(SlideLab(predict=True))
    assert set(page.locator(".cb-output .cb-cell").all_inner_texts()) == {"?"}
    assert page.locator(".cb-term").count() == 0 and spoken(page).startswith("Predict output")


LARGE = {
    "slide, 3 channels": lambda: SlideLab(np.ones((3, 6, 6)), np.ones((1, 3, 3, 3))),
    "slide, 3 padded channels, 4 filters": lambda: SlideLab(
        np.ones((3, 6, 6)), -np.ones((4, 3, 3, 3)), padding=1
    ),
    "slide, 4 filters": lambda: SlideLab(kernels=np.ones((4, 1, 3, 3)), padding=1),
    "xray, 3 channels": lambda: ConvXray(
        full(lambda x, w, b, s, p: (x, w[::-1, ::-1], b, s, p)), size=5, channels=3, filters=2, padding=1
    ),
}
SMALL = [
    "slide",
    "slide, padded",
    "slide, predict",
    "slide, colours",
    "xray, wrong",
    "xray, swapped",
    "xray, nothing",
]


@pytest.mark.parametrize("name", [*SMALL, *LARGE])
def test_the_whole_widget_fits_a_screen(show, name):
    page = show((WIDGETS | LARGE)[name](), width=900)
    assert page.evaluate("() => document.querySelector('.convbook').offsetHeight") <= 600


def test_fifty_shows_leave_no_element_and_no_listener(show):
    page = show(SlideLab())
    page.evaluate("() => window.end()")
    page.evaluate(
        """async (module) => {
          window.open_ = { listeners: 0, timers: new Set() };
          for (const target of [window, document]) {
            for (const [name, by] of [["addEventListener", 1], ["removeEventListener", -1]]) {
              const real = target[name].bind(target);
              target[name] = (...all) => { window.open_.listeners += by; return real(...all); };
            }
          }
          const { setInterval: start, clearInterval: stop } = window;
          window.setInterval = (...all) => { const t = start(...all); window.open_.timers.add(t); return t; };
          window.clearInterval = (t) => { window.open_.timers.delete(t); stop(t); };
          const url = URL.createObjectURL(new Blob([module], { type: "text/javascript" }));
          const widget = (await import(url)).default;
          for (let n = 0; n < 50; n++) {
            const end = widget.render({ model: window.model, el: document.getElementById("here") });
            [...document.querySelectorAll(".cb-button")].find((one) => one.textContent === "Play").click();
            end();
          }
        }""",
        str(SlideLab._esm),
    )
    left = page.evaluate("() => [window.open_.listeners, window.open_.timers.size, window.model.listening()]")
    assert left == [0, 0, 0] and page.inner_html("#here") == ""
