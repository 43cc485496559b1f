"""ShapeCalc: the output's edge is dragged and settings light up; the sizes are PyTorch's."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from browser import violations
from convbook.widgets import ShapeCalc, shape_calc
from hands import (
    NOTHING,
    drag_finger,
    drag_mouse,
    in_node,
    keys_that_leave,
    point,
    shown_fifty_times,
    spoken,
    trait,
)

EDGE = ".cb-edge"
CELL = 44  # pixels of the screen for a short ribbon at this width


def lit(page, name: str) -> list[int]:
    """Return the values of a setting that are lit."""
    low = shape_calc.LIMITS[name][0]
    stops = f".cb-labelled:has(input) >> nth={list(shape_calc.LIMITS).index(name)} >> .cb-stop"
    found = page.locator(stops).evaluate_all("all => all.map((one) => one.classList.contains('cb-lit'))")
    return [low + i for i, one in enumerate(found) if one]


def slider(page, name: str):
    return page.get_by_role("slider", name=name, exact=True)


# ── what it says ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"size": 7, "stride": 3}, "A window of 3 pixels goes along 7 pixels in steps of 3: 4 / 3 is 1 step, remainder 1, "
         "which the floor drops; with the first place that makes 2. Pixel 6 is never read. Every size from 6 to 8 gives 2."),
        ({"size": 32, "kernel": 5, "wanted": 14}, "A window of 5 pixels goes along 32 pixels in steps of 1: 27 / 1 is 27 steps, "
         "no remainder; with the first place that makes 28. Every pixel is read. "
         "You want 14: each of these gives it alone: size 18, stride 2."),
        ({"size": 5, "kernel": 3, "dilation": 2, "padding": 1, "stride": 2, "wanted": 2},
         "A window of 5 pixels (3 weights, dilation 2) goes along 5 pixels with 1 zero at each end in steps of 2: 2 / 2 is 1 step, "
         "no remainder; with the first place that makes 2. Pixels 0, 2 and 4 are never read. Every size from 5 to 6 gives 2. "
         "2 is what you wanted."),
        ({"size": 4, "kernel": 5}, "A window of 5 pixels does not fit on 4 pixels: "
         "nn.Conv2d refuses it, because the kernel is larger than the padded input."),
        ({"size": 7, "wanted": 40}, "A window of 3 pixels goes along 7 pixels in steps of 1: 4 / 1 is 4 steps, no remainder; "
         "with the first place that makes 5. Every pixel is read. You want 40: no setting gives it alone, so change two."),
    ],
    ids=["remainder", "wanted", "dilated", "does not fit", "out of reach"],
)  # fmt: skip
def test_it_says_what_is_left_over_and_what_would_help(settings, sentence):
    assert ShapeCalc(**settings).words() == sentence


def test_sizes_refusals_and_unread_pixels_are_those_of_pytorch():
    steps = itertools.product((1, 4, 7, 12), (1, 2, 3, 5), (1, 2, 3, 4), (0, 1, 3), (1, 2, 3))
    states = [dict(zip((*shape_calc.LIMITS, "wanted"), (*step, 0), strict=True)) for step in steps]
    found = in_node(
        "_shape_calc", "states.map((one) => [part.outputOf(one), part.unread(one)])", states=states
    )
    for state, (out, unread) in zip(states, found, strict=True):
        layer = nn.Conv1d(
            1, 1, state["kernel"], state["stride"], state["padding"], state["dilation"], bias=False
        )
        nn.init.ones_(layer.weight)
        row = torch.ones(1, 1, state["size"], requires_grad=True)
        try:
            places = layer(row)
        except RuntimeError as refusal:
            assert out == 0 and "Kernel size can't be greater" in str(refusal), state
            continue
        places.sum().backward()
        assert out == places.shape[-1], state
        assert unread == (row.grad[0, 0] == 0).nonzero().flatten().tolist(), state


def test_the_line_for_pytorch_makes_the_layer_that_is_shown():
    state = ShapeCalc(12, 3, 2, 1, 2).state()
    line, shortest, out = in_node(
        "_shape_calc",
        "[part.torchLine(state), part.torchLine({ ...state, stride: 1, padding: 0, dilation: 1 }), part.outputOf(state)]",
        state=state,
    )
    assert line == "nn.Conv2d(1, 1, 3, stride=2, padding=1, dilation=2)" and shortest == "nn.Conv2d(1, 1, 3)"
    layer = eval(line, {"nn": nn})
    assert layer(torch.zeros(1, 1, 12, 12)).shape[2:] == (out, out)


def test_every_value_that_lights_up_reaches_the_goal_and_no_other_does():
    states = [ShapeCalc(*one).state() for one in ((7, 3, 3), (20, 5, 2, 2, 1, 6), (4, 5), (9, 2, 2, 1, 3, 4))]
    code = """states.map((state) => part.SETTINGS.map((name) => [name, part.reaching(state, name), part.goalOf(state)]))"""
    for state, settings in zip(states, in_node("_shape_calc", code, states=states), strict=True):
        for name, reaching, goal in settings:
            low, high = shape_calc.LIMITS[name]
            sizes = {value: places(**{**state, name: value}) for value in range(low, high + 1)}
            assert reaching == [value for value, size in sizes.items() if goal and size == goal], (
                state,
                name,
            )


def places(size, kernel, stride, padding, dilation, wanted=0) -> int:
    try:
        return nn.Conv1d(1, 1, kernel, stride, padding, dilation)(torch.zeros(1, 1, size)).shape[-1]
    except RuntimeError:
        return 0


def test_python_and_javascript_know_the_same_limits():
    limits, most = in_node("_shape_calc", "[part.LIMITS, part.MOST_PLACES]")
    assert {name: tuple(pair) for name, pair in limits.items()} == shape_calc.LIMITS
    assert most == shape_calc.MOST_PLACES


# ── what a person does ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("drag", [drag_mouse, drag_finger], ids=["mouse", "finger"])
def test_the_edge_is_dragged_and_what_reaches_the_length_lights_up(show, drag):
    page = show(ShapeCalc(11, 3))
    assert lit(page, "stride") == [1] and lit(page, "size") == [11]
    x, y = point(page, EDGE)
    drag(page, (x, y), (x - 4 * CELL, y))
    assert trait(page, "wanted") == 5
    assert lit(page, "stride") == [2] and lit(page, "kernel") == [7] and lit(page, "padding") == []
    assert spoken(page).endswith(
        "You want 5: each of these gives it alone: size 7, kernel 7, stride 2, dilation 3."
    )


def test_a_press_on_the_edge_alone_changes_nothing(show):
    page = show(ShapeCalc(30, 3))
    page.mouse.move(*point(page, EDGE, across=0.9))
    page.mouse.down()
    page.mouse.up()
    assert trait(page, "wanted") == 0


def test_the_keyboard_moves_the_edge_takes_a_setting_and_lets_the_wish_go(show):
    page = show(ShapeCalc(11, 3))
    assert keys_that_leave(page, EDGE, *["ArrowLeft"] * 3, "ArrowDown") == []
    assert trait(page, "wanted") == 5
    assert page.get_attribute(EDGE, "aria-valuetext") == "5 outputs wanted, 9 there"
    slider(page, "stride").focus()
    page.keyboard.press("ArrowRight")
    assert trait(page, "stride") == 2 and spoken(page).endswith("5 is what you wanted.")
    page.focus(EDGE)
    page.keyboard.press("Escape")
    assert trait(page, "wanted") == 0
    assert page.get_by_role("button", name="Forget the wanted size").is_disabled()


def test_a_click_on_a_lit_value_takes_it(show):
    page = show(ShapeCalc(11, 3, wanted=5))
    page.locator(".cb-lit:text-is('7')").first.click()
    assert trait(page, "kernel") == 7 and spoken(page).endswith("5 is what you wanted.")


def test_the_edge_stops_at_one_and_at_the_end_of_the_picture(show):
    page = show(ShapeCalc(11, 3))
    page.focus(EDGE)
    page.keyboard.press("Home")
    assert trait(page, "wanted") == 1
    page.keyboard.press("End")
    most = trait(page, "wanted")
    assert most > 11 and page.get_attribute(EDGE, "aria-valuemax") == str(most)
    right = "(selector) => document.querySelector(selector).getBoundingClientRect().right"
    assert page.evaluate(right, EDGE) <= page.evaluate(right, ".convbook")


def test_a_window_that_does_not_fit_is_told_and_can_be_mended(show):
    page = show(ShapeCalc(4, 5))
    assert "nn.Conv2d refuses it" in spoken(page) and lit(page, "size") == []
    slider(page, "padding").focus()
    page.keyboard.press("ArrowRight")
    assert "that makes 2." in spoken(page)


def test_the_line_for_pytorch_is_copied_or_at_least_selected(show):
    page = show(ShapeCalc(11, 3, stride=2))
    page.get_by_role("button", name="Copy the PyTorch line").click()
    page.wait_for_function("() => document.querySelector('.cb-below [role=status]').textContent")
    if page.inner_text(".cb-below [role=status]") != "Copied.":
        assert page.evaluate("() => String(getSelection())") == "nn.Conv2d(1, 1, 3, stride=2)"


# ── what holds for every widget ─────────────────────────────────────────────────────────────────────────

WIDE = {"size": 32, "kernel": 3, "padding": 5, "stride": 5, "dilation": 4, "wanted": 40}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(
    "settings", [{"stride": 3}, WIDE, {"size": 4, "kernel": 5}], ids=["rest", "wide", "unfit"]
)
def test_axe_finds_nothing_and_the_browser_says_what_python_says(show, settings, dark):
    widget = ShapeCalc(**settings)
    page = show(widget, dark=dark)
    assert violations(page) == []
    assert spoken(page) == widget.words()


def test_it_fits_a_screen_and_nothing_jumps_whatever_is_set(show):
    page = show(ShapeCalc())
    heights = set()
    for settings in ({}, WIDE, {"size": 4, "kernel": 5, "wanted": 9}, {"size": 32, "kernel": 1}):
        page.evaluate("(news) => window.model.arrive(news)", ShapeCalc(**settings).state())
        heights.add(page.evaluate("() => document.querySelector('.convbook').offsetHeight"))
    assert len(heights) == 1 and heights.pop() <= 600


@pytest.mark.parametrize("settings", [{}, WIDE], ids=["plain", "wide"])
def test_nothing_sticks_out_of_a_narrow_page_and_fingers_can_hit(show, settings):
    page = show(ShapeCalc(**settings), width=380)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 380
    sizes = (
        "(s) => [...document.querySelectorAll(s)].map((one) => Math.min(one.offsetHeight, one.offsetWidth))"
    )
    assert min(page.evaluate(sizes, "button, input")) >= 30 and min(page.evaluate(sizes, EDGE)) >= 24


def test_fifty_shows_leave_nothing(show):
    widget = ShapeCalc()
    assert shown_fifty_times(show, widget) == NOTHING


def test_the_still_picture_tells_the_remainder_without_colour(tmp_path):
    widget = ShapeCalc(7, 3, stride=3)
    data, metadata = widget._repr_mimebundle_()
    assert (
        data["text/plain"] == metadata["image/png"]["alt"] == widget.words()
        and len(data["image/png"]) > 10_000
    )
    texts = {text.get_text() for text in widget.picture().axes[0].texts}
    assert {"remainder 1", "✗ 2 pixels short", "output: 2 places", "⌊(7 + 2·0 − 3) / 3⌋ + 1 = 2"} <= texts
    assert "6" not in texts, "the pixel that is never read is crossed out"
    assert widget.save_page(tmp_path / "page.html").stat().st_size < 150_000


@pytest.mark.parametrize(
    ("settings", "part"),
    [
        ({"size": 0}, "size is 0; ShapeCalc takes a whole number from 1 to 32"),
        ({"kernel": 12}, "kernel is 12; .* from 1 to 11"),
        ({"stride": 0}, "stride is 0"),
        ({"padding": -1}, "padding is -1; .* from 0 to 5"),
        ({"dilation": 1.5}, "dilation is 1.5"),
        ({"size": "7"}, "size is '7'"),
        ({"size": float("nan")}, "size is nan"),
        ({"stride": True}, "stride is True"),
        ({"wanted": 43}, "wanted is 43; .* from 0 to 42"),
    ],
)
def test_a_wrong_setting_gives_one_clear_sentence(settings, part):
    with pytest.raises(ValueError, match=part):
        ShapeCalc(**settings)


def test_numbers_of_numpy_are_taken():
    assert ShapeCalc(np.int64(9), kernel=np.int32(5)).state()["size"] == 9
