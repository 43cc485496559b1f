"""DropoutLab: masks rain while a key is held, their mean runs to the evaluation, and a learner's masks are looked at."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest

from browser import violations
from convbook.answers import masks
from convbook.widgets import DropoutLab
from hands import Fingers, in_node, keys_that_leave, middle, spoken, trait


def lab(function=None, *, options=None, **traits) -> DropoutLab:
    widget = DropoutLab(function, **(options or {}))
    for name, value in traits.items():
        setattr(widget, name, value)
    return widget


def facts(widget: DropoutLab) -> dict:
    return in_node("_dropout_lab", "part.factsOf(state)", state=widget.state())


def right(x, p, training, rng):
    mask = (rng.random(x.shape) >= p) / (1 - p) if training else np.ones_like(x)
    return x * mask, mask


def one_for_all(x, p, training, rng):
    mask = np.broadcast_to(right(x[:1], p, training, rng)[1], x.shape)
    return x * mask, mask


def exact(widget: DropoutLab) -> tuple[float, float]:
    """Return the means over all masks, each with its probability: of the unit, and behind a ReLU."""
    parts = np.array(widget.inputs) * np.array(widget.weights)
    kept = np.array(list(itertools.product([0, 1], repeat=len(parts))))
    chances = np.prod(np.where(kept, 1 - widget.p, widget.p), axis=1)
    said = kept @ parts / (1 - widget.p if widget.scaled else 1)
    return float(chances @ said), float(chances @ np.maximum(said, 0))


# ── what is computed ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("scaled", [True, False])
@pytest.mark.parametrize("p", [0.1, 0.5, 0.7])
def test_both_means_run_to_those_over_all_masks_and_only_the_scaled_unit_to_the_evaluation(p, scaled):
    widget = lab(p=p, scaled=scaled, many=2000)
    found, (linear, relu) = facts(widget), exact(widget)
    near = 4 * 2.3 * np.sqrt(p / (1 - p) / 2000)  # four standard errors: the parts' squares add up to 2.3²
    assert abs(found["means"][-1] - linear) < near and abs(found["rectified"][-1] - relu) < near
    assert abs(linear - found["sum"]) < 1e-9 or not scaled
    if scaled and p >= 0.5:
        assert found["rectified"][-1] - found["evaluation"]["relu"] > 2 * near, "the ReLU leaves a gap"
    if not scaled:
        assert linear == pytest.approx((1 - p) * found["sum"])


def test_each_row_of_the_rain_is_a_sub_network_and_says_what_its_units_add():
    found = facts(lab(p=0.25, many=40))
    assert len(found["rows"]) == 12 and len(found["means"]) == 41
    for row in found["rows"]:
        assert row["said"] == pytest.approx(np.dot(row["kept"], found["parts"]) / 0.75)
    assert facts(lab(p=0.25, many=41))["rows"][1] == found["rows"][0], "the newest stands on top"


def test_a_larger_p_only_lets_units_go():
    few, many = (np.array([row["kept"] for row in facts(lab(p=p, many=12))["rows"]]) for p in (0.6, 0.3))
    assert (many >= few).all() and many.sum() > few.sum()
    assert abs(facts(lab(p=0.0, many=9))["means"][-1] - 1) < 1e-9, (
        "without dropout each says what evaluation says"
    )


# ── by hand ─────────────────────────────────────────────────────────────────────────────────────────────


def wait_for_rain(page, more: int = 2) -> int:
    before = trait(page, "many")
    page.wait_for_function("n => window.model.get('many') > n", arg=before + more)
    return trait(page, "many")


def rests(page) -> bool:
    before = trait(page, "many")
    page.wait_for_timeout(200)
    return trait(page, "many") == before


@pytest.mark.parametrize("key", [" ", "Enter"])
def test_masks_rain_while_a_key_is_held_and_the_mean_is_said_when_it_ends(show, key):
    page = show(DropoutLab())
    assert keys_that_leave(page, ".cb-hold", "ArrowDown") == []
    page.keyboard.down(key)
    wait_for_rain(page, 4)
    assert page.get_attribute(".cb-sentence", "aria-live") == "off", "not drop by drop"
    page.keyboard.up(key)
    assert rests(page) and f"After {trait(page, 'many')} masks" in spoken(page)
    assert (
        page.get_attribute(".cb-sentence", "aria-live") == "polite"
        and page.evaluate("() => window.heard") == []
    )


def test_masks_rain_under_a_mouse_and_under_a_finger_until_they_are_lifted(show):
    page = show(DropoutLab())
    page.mouse.move(*middle(page, ".cb-hold"))
    page.mouse.down()
    wait_for_rain(page)
    page.mouse.up()
    assert rests(page)
    before = trait(page, "many")
    fingers = Fingers(page)
    fingers.press(middle(page, ".cb-hold"))
    wait_for_rain(page)
    fingers.lift()
    assert rests(page) and trait(page, "many") > before
    page.click("text=Start again")
    assert trait(page, "many") == 0 and trait(page, "seed") == 8


def test_it_rains_no_further_than_can_be_drawn_and_ends_when_the_focus_leaves(show):
    page = show(lab(many=1990))
    page.focus(".cb-hold")
    page.keyboard.down(" ")
    page.wait_for_function("() => window.model.get('many') === 2000")
    page.keyboard.up(" ")
    page.click("text=Start again")
    page.focus(".cb-hold")
    page.keyboard.down(" ")
    wait_for_rain(page)
    page.evaluate("() => document.querySelector('.cb-hold').blur()")
    assert rests(page)


def test_where_less_movement_is_asked_for_a_press_gives_twenty_masks_at_once(show):
    page = show(DropoutLab(), still=True)
    page.focus(".cb-hold")
    page.keyboard.press("Enter")
    assert trait(page, "many") == 20 and rests(page)
    page.evaluate("() => document.querySelector('.cb-hold').click()")  # as a screen reader clicks
    assert trait(page, "many") == 40


def test_dragging_p_and_leaving_the_division_out_change_the_mean_of_the_same_masks(show):
    page = show(lab(many=1000))
    assert "the bend leaves a gap that no further mask closes" in spoken(page)
    page.click("text=divide by 1 − p")
    assert "Without 1 / (1 − p) it goes to (1 − p) · 1 = 0.5 and misses." in spoken(page)
    page.fill("input[type=range]", "0.25")
    assert trait(page, "p") == 0.25 and "(1 − p) · 1 = 0.75 and misses" in spoken(page)
    assert trait(page, "many") == 1000


# ── a learner's function ────────────────────────────────────────────────────────────────────────────────


def test_a_right_function_is_said_to_be_right_and_stands_over_pytorchs(show):
    widget = DropoutLab(right)
    page = show(widget)
    told = "right is right: of 400 masks each is drawn anew, keeps about 75 % of the units at 1.33, and evaluation keeps all."
    assert page.inner_text(".cb-below") == told and widget.words().endswith(told)
    assert page.locator("canvas").count() == 3 and "wrong" in widget.reading and not widget.reading["wrong"]
    rates = widget.reading["torch"]["rates"]
    assert rates == pytest.approx([0.75] * 12, abs=0.12) and len(widget.reading["torch"]["rows"]) == 8


def test_equal_masks_are_named_and_marked_without_colour():
    widget = DropoutLab(one_for_all)
    assert "one_for_all: all images of a batch have one mask." in widget.words()
    assert len(set(widget.reading["yours"]["rows"])) == 1
    texts = [text.get_text() for axis in widget.picture().axes for text in axis.texts]
    assert {"one_for_all, p = 0.25 ✗", "PyTorch's; white: kept"} <= set(texts)


def prints(x, p, training, rng):
    print("hello")
    return right(x, p, training, rng)


def endless(*_):
    while True:
        pass


def stub(x, p, training, rng):
    raise NotImplementedError()


STRANGE = {
    "raises": (lambda *_: 1 / 0, "stopped with ZeroDivisionError: division by zero."),
    "exits": (lambda *_: exit(), "stopped with SystemExit"),
    "takes other arguments": (lambda x: x, "stopped with TypeError"),
    "asks": (lambda *_: input("?"), "stopped with RuntimeError: input() is not answered here."),
    "a stub": (stub, "is not attempted yet"),
    "endless": (endless, "did not finish in time."),
    "one array": (lambda x, *_: x, "returned one array; wanted two arrays, y and the mask."),
    "prints": (prints, "It prints while it works; that is not shown here."),
    "not a function": (
        np.zeros((3, 3)),
        "Got ndarray, not a function: write DropoutLab(dropout), without calling it.",
    ),
}


@pytest.mark.parametrize("name", STRANGE)
def test_whatever_a_function_does_the_picture_stays_and_one_sentence_says_why(name, monkeypatch, capsys):
    monkeypatch.setattr(masks.read, "__defaults__", (0.4,) if name == "endless" else (5.0,))
    function, part = STRANGE[name]
    started = time.monotonic()
    widget = DropoutLab(function)
    assert time.monotonic() - started < 3
    assert part in widget.words() and widget.words().startswith("Evaluation says 1")
    assert "\n" not in widget.words() and capsys.readouterr() == ("", "")
    assert len(widget.picture().png()) > 5_000


def test_reading_changes_no_random_state_of_the_notebook():
    import torch

    torch.manual_seed(3)
    np.random.seed(3)
    before = (torch.random.get_rng_state(), np.random.get_state()[1].copy())
    DropoutLab(right)
    assert (
        torch.equal(torch.random.get_rng_state(), before[0]) and (np.random.get_state()[1] == before[1]).all()
    )


# ── the page ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("width", [400, 660, 900])
@pytest.mark.parametrize("function", [None, one_for_all], ids=["alone", "with yours"])
def test_it_fits_a_screen_and_nothing_jumps(show, width, function):
    page = show(DropoutLab(function), width=width)
    height = "() => document.querySelector('.convbook').offsetHeight"
    before = page.evaluate(height)
    assert before <= 600 or width < 900
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    for news in ({"many": 1999}, {"scaled": False, "p": 0.85}, {"scaled": True}, {"many": 0}):
        page.evaluate("news => window.model.arrive(news)", news)
        assert page.evaluate(height) == before, (news, spoken(page))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_and_the_browser_says_what_python_says(show, dark):
    widget = lab(one_for_all, many=500)
    page = show(widget, dark=dark)
    assert violations(page) == []
    assert f"{spoken(page)} {page.inner_text('.cb-below')}" == widget.words()


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"p": 1.0}, "p is 1.0; DropoutLab takes a probability from 0 to 0.9"),
        ({"p": "a"}, "p is 'a'; DropoutLab takes"),
        ({"inputs": [1, 2]}, "give inputs and their weights, or none of them"),
        ({"inputs": [1, 2], "weights": [1]}, "there are 2 inputs and 1 weights; give as many"),
        (
            {"inputs": np.ones(11), "weights": np.ones(11)},
            "inputs has 11 along n; the widget shows at most 10",
        ),
        ({"inputs": [np.inf], "weights": [1]}, "not finite"),
    ],
)
def test_a_wrong_argument_gives_one_clear_sentence(options, part):
    with pytest.raises(ValueError, match=part) as told:
        DropoutLab(**options)
    assert "\n" not in str(told.value)
