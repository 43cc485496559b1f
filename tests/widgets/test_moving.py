"""How a person moves things in the widgets: by mouse, by finger, by keys."""

from __future__ import annotations

import numpy as np
import pytest

from browser import violations
from cases import flat, full
from convbook.widgets import ConvXray, FilterPainter, SlideLab
from hands import Fingers, middle

STEP = np.repeat([[0.0] * 16 + [1.0] * 16], 24, axis=0)
OUTPUT = ".cb-output .cb-cell"


def place(page) -> list[int]:
    return page.evaluate("() => window.model.get('at')")


def spoken(page) -> str:
    return page.inner_text(".cb-sentence")


def wrong() -> ConvXray:
    return ConvXray(flat(lambda x, k: (x, k[::-1, ::-1])))


def channels() -> ConvXray:
    swapped = full(lambda x, w, b, s, p: (x, w[::-1, ::-1], b, s, p))
    return ConvXray(swapped, size=5, channels=3, filters=2, padding=1)


def pass_over(page, selector: str, nth: int) -> None:
    """Move the mouse over an element by two places: a pointer that rests counts for nothing."""
    x, y = middle(page, selector, nth)
    page.mouse.move(x - 3, y)
    page.mouse.move(x + 3, y + 2)


# ── ConvXray: a click holds, hovering only shows ────────────────────────────────────────────────────────


def test_a_mouse_that_passes_an_output_shows_it_and_a_click_holds_it(show):
    page = show(wrong())
    pass_over(page, OUTPUT, 6)
    assert "output [1, 2]" in spoken(page) and place(page) == [0, 0, 0]
    assert page.get_attribute(".cb-sentence", "aria-live") == "off", "what only passes is not read aloud"
    page.mouse.move(2, 2)
    assert "output [0, 0]" in spoken(page), "what is held comes back"
    page.mouse.click(*middle(page, OUTPUT, 6))
    page.mouse.move(2, 2)
    assert place(page) == [0, 1, 2] and "output [1, 2]" in spoken(page)
    pass_over(page, OUTPUT, 0)
    assert page.locator(f"{OUTPUT}[aria-selected]").get_attribute("aria-label").startswith("output [1, 2]")


def test_a_click_on_a_pixel_holds_what_it_met_while_the_mouse_passes_others_and_outputs_are_walked(show):
    page = show(wrong())
    page.mouse.click(*middle(page, ".cb-image .cb-cell", 1))
    held = "Pixel [0, 1] meets weight [2, 1]; wanted weight [0, 1]."
    assert page.inner_text(".cb-note") == held
    pass_over(page, ".cb-image .cb-cell", 8)
    assert page.inner_text(".cb-note").startswith("Pixel [1, 2]")
    page.mouse.move(2, 2)
    assert page.inner_text(".cb-note") == held
    page.get_by_role("button", name="Next output").click()
    assert page.inner_text(".cb-note").startswith("Pixel [0, 1] meets weight [2, 2]; wanted weight [0, 0]")


def test_a_finger_holds_an_output_and_a_pixel(show):
    page = show(wrong())
    fingers = Fingers(page)
    fingers.tap(middle(page, OUTPUT, 5))
    page.wait_for_function("() => window.model.get('at').join() === '0,1,1'")
    fingers.tap(middle(page, ".cb-image .cb-cell", 7))
    page.wait_for_function("() => document.querySelector('.cb-note').textContent.startsWith('Pixel [1, 1]')")
    assert place(page) == [0, 1, 1]


def test_keys_hold_an_output_and_a_pixel_and_escape_lets_the_pixel_go(show):
    page = show(wrong())
    page.focus(f"{OUTPUT}[tabindex='0']")
    page.keyboard.press("ArrowDown")
    assert place(page) == [0, 1, 0]
    page.focus(".cb-image .cb-cell[tabindex='0']")
    page.keyboard.press("ArrowRight")
    assert page.inner_text(".cb-note").startswith("Pixel [0, 1]")
    page.focus(f"{OUTPUT}[tabindex='0']")
    assert page.inner_text(".cb-note").startswith("Pixel [0, 1]"), "it is held when the focus goes on"
    page.focus(".cb-image .cb-cell[tabindex='0']")
    page.keyboard.press("Escape")
    assert page.inner_text(".cb-note") == "Point at a pixel or a weight to see what it met."


# ── the timeline ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("make", [SlideLab, wrong], ids=["slide", "xray"])
def test_the_timeline_is_scrubbed_by_mouse_finger_and_keys(show, make):
    page = show(make())
    box = page.locator(".cb-scrub").bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 10, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 8, y, steps=6)
    page.mouse.up()
    assert place(page) == [0, 3, 3]
    page.keyboard.press("ArrowLeft")
    assert place(page) == [0, 3, 2]
    page.keyboard.press("Home")
    assert place(page) == [0, 0, 0]
    assert page.get_attribute(".cb-scrub", "aria-valuetext") == "output [0, 0]"
    half = (box["x"] + box["width"] / 2, y)
    Fingers(page).drag(((box["x"] + 10, y), half))
    page.wait_for_function("() => window.model.get('at')[1] > 0")
    assert place(page)[1] in (1, 2)


def test_scrubbing_ends_playing(show):
    page = show(SlideLab())
    page.get_by_role("button", name="Play").click()
    page.focus(".cb-scrub")
    page.keyboard.press("End")
    assert place(page) == [0, 3, 3]
    assert page.get_by_role("button", name="Pause").count() == 0


# ── tabs ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_tabs_are_one_stop_walked_by_arrow_keys_and_name_their_panels(show, dark):
    page = show(channels(), dark=dark)
    tabs = page.get_by_role("tablist", name="channel").get_by_role("tab")
    assert [tab.get_attribute("tabindex") for tab in tabs.all()] == ["0", "-1", "-1"]
    height = page.evaluate("() => document.querySelector('.convbook').offsetHeight")
    tabs.nth(0).focus()
    page.keyboard.press("ArrowLeft")
    assert tabs.nth(2).get_attribute("aria-selected") == "true"
    assert page.evaluate("() => document.activeElement.textContent") == "channel 2"
    assert page.get_by_role("tabpanel", name="channel 2").is_visible()
    assert not page.locator("[role=tabpanel]").first.is_visible()
    assert page.evaluate("() => document.querySelector('.convbook').offsetHeight") == height, "nothing jumps"
    page.keyboard.press("Home")
    assert tabs.nth(0).get_attribute("aria-selected") == "true"
    assert violations(page) == []


def test_channels_stand_side_by_side_where_there_is_room_and_in_tabs_where_there_is_none(show):
    def widget() -> SlideLab:
        return SlideLab(np.ones((3, 6, 6)), np.ones((2, 3, 3, 3)))

    wide = show(widget())
    tops = {round(box.bounding_box()["y"]) for box in wide.locator(".cb-image").all()}
    assert len(tops) == 1 and not wide.get_by_role("tab", name="channel 1").is_visible()
    narrow = show(widget(), width=400)
    assert narrow.locator(".cb-image:visible").count() == 1
    narrow.get_by_role("tab", name="channel 1").click()
    assert (
        narrow.locator(".cb-image:visible [role=grid]")
        .get_attribute("aria-label")
        .startswith("image, channel 1")
    )


@pytest.mark.parametrize("width", [900, 400])
def test_nothing_jumps_when_predictions_are_asked_for(show, width):
    page = show(SlideLab(), width=width)
    height = "() => document.querySelector('.cb-controls').offsetHeight"
    before = page.evaluate(height)
    page.get_by_role("button", name="Predict first").click()
    assert page.evaluate(height) == before
    page.fill(".cb-input", "4")
    page.keyboard.press("Enter")
    assert page.evaluate(height) == before


# ── SlideLab's window ───────────────────────────────────────────────────────────────────────────────────


def test_a_finger_drags_the_window_over_the_image(show):
    page = show(SlideLab())
    Fingers(page).drag((middle(page, ".cb-image .cb-cell", 7), middle(page, ".cb-image .cb-cell", 15)))
    page.wait_for_function("() => window.model.get('at').join() === '0,1,2'")
    assert page.evaluate("() => window.scrollY") == 0


# ── the zoom of a picture ───────────────────────────────────────────────────────────────────────────────


def painter(show):
    page = show(FilterPainter(STEP, [[0, 0, 0], [0, 1, 0], [0, 0, 0]]))
    page.locator(".cb-surface").first.scroll_into_view_if_needed()
    return page


def zoom(page) -> float:
    text = page.locator(".cb-buttons [role=status]").first.inner_text()
    return float(text.split()[1]) if text else 1.0


def test_a_picture_is_zoomed_by_keys_and_the_pixel_that_is_picked_is_spoken(show):
    page = painter(show)
    page.locator(".cb-surface").first.focus()
    page.keyboard.press("+")
    page.keyboard.press("+")
    page.wait_for_function("() => document.querySelector('.cb-buttons [role=status]').textContent !== ''")
    assert zoom(page) == 2.2 or zoom(page) == 2.3
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    page.wait_for_function(
        "() => document.querySelector('.cb-sentence').textContent.includes('At pixel [12, 31]')"
    )
    page.keyboard.press("0")
    assert zoom(page) == 1
    page.get_by_role("button", name="Zoom in").click()
    assert zoom(page) == 1.5
    page.get_by_role("button", name="Zoom out").click()
    assert zoom(page) == 1


def test_the_wheel_zooms_a_picture_that_has_the_focus_and_scrolls_the_page_over_one_that_has_not(show):
    page = painter(show)
    page.mouse.move(*middle(page, ".cb-surface"))
    page.mouse.wheel(0, -300)
    page.wait_for_timeout(100)
    assert zoom(page) == 1
    page.locator(".cb-surface").first.focus()
    page.mouse.wheel(0, -300)
    page.wait_for_function("() => document.querySelector('.cb-buttons [role=status]').textContent !== ''")
    assert zoom(page) > 1.5


def test_a_zoomed_picture_is_moved_by_a_drag_and_the_window_by_a_drag_on_it(show):
    page = painter(show)
    page.locator(".cb-surface").first.focus()
    for _ in range(4):
        page.keyboard.press("+")
    at = place(page)
    shot = "() => document.querySelector('.cb-surface').toDataURL()"
    page.wait_for_timeout(100)
    before = page.evaluate(shot)
    box = page.locator(".cb-surface").first.bounding_box()
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 40, box["y"] + 30, steps=5)
    page.mouse.up()
    page.wait_for_function(f"(before) => ({shot})() !== before", arg=before)
    assert place(page) == at, "the picture has moved, not the window"
    page.mouse.click(box["x"] + box["width"] - 8, box["y"] + box["height"] - 8)
    assert place(page) != at, "a click picks, also where a drag would move the picture"


def test_two_fingers_zoom_a_picture_and_leave_the_window_where_it_is(show):
    page = painter(show)
    at = place(page)
    box = page.locator(".cb-surface").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    Fingers(page).drag(((x - 10, y), (x - 50, y)), ((x + 10, y), (x + 50, y)))
    page.wait_for_function("() => document.querySelector('.cb-buttons [role=status]').textContent !== ''")
    assert zoom(page) > 3 and place(page) == at
