"""NormLab: saws cut a batch into pieces that share a mean; training and evaluation are PyTorch's; a learner's norm is asked."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from browser import violations
from convbook.answers.sharing import read_sharing
from convbook.widgets import NormLab, norm_lab
from hands import Fingers, drag_finger, drag_mouse, in_node, keys_that_leave, point, spoken, trait

IMAGES, CHANNELS = ".cb-saw >> nth=0", ".cb-saw >> nth=1"


def lab(x=None, function=None, kind=None, **traits) -> NormLab:
    """Return a NormLab with traits set as a person would."""
    widget = NormLab(x, function, kind=kind)
    for name, value in traits.items():
        setattr(widget, name, value)
    return widget


def over(*axes: int, name: str = "norm"):
    """Return a norm over these axes of x alone."""

    def norm(x):
        return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + 1e-5)

    norm.__name__ = name
    return norm


def images_only(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    return over(0)(x) * gamma[:, None, None] + beta[:, None, None]


def vectors_only(x, gamma, beta, eps=1e-5):
    assert x.ndim == 2
    return gamma * over(1)(x) + beta


def facts(*widgets: NormLab) -> list[dict]:
    code = "states.map((one) => { const { training, evaluation, groups, kind } = part.factsOf(one); return { training, evaluation, groups, kind }; })"
    return in_node("_norm_lab", code, states=[one.state() for one in widgets])


def after_batches(layer: nn.Module, x: torch.Tensor, size: int, seen: int) -> tuple[np.ndarray, np.ndarray]:
    """Return what PyTorch's layer makes of all batches in training, and of x in evaluation after it has seen some."""
    batches = x.split(size)
    fresh = torch.cat([layer(batch) for batch in batches]).detach()
    layer.reset_running_stats()
    for step in range(seen):
        layer(batches[step % len(batches)])
    return fresh.numpy().ravel(), layer.eval()(x).detach().numpy().ravel()


# ── the numbers ─────────────────────────────────────────────────────────────────────────────────────────


def test_batch_norm_is_that_of_pytorch_in_training_and_after_batches_that_were_seen():
    settings = [(6, 0), (6, 7), (2, 20), (4, 5), (1, 33)]
    for (size, seen), found in zip(
        settings, facts(*(lab(batch=size, seen=seen) for size, seen in settings)), strict=True
    ):
        x = torch.tensor(NormLab().x).double()
        training, evaluation = after_batches(nn.BatchNorm2d(4).double(), x, size, seen)
        assert np.allclose(found["training"], training), (size, seen)
        assert np.allclose(found["evaluation"], evaluation), (size, seen)


def test_layer_instance_and_group_norm_are_those_of_pytorch_and_the_same_in_evaluation():
    x = torch.tensor(NormLab().x).double()
    wanted = {
        "layer": F.layer_norm(x, x.shape[1:]),
        "instance": F.instance_norm(x),
        "group": F.group_norm(x, 2),
    }
    for (kind, values), found in zip(
        wanted.items(), facts(*(lab(kind=kind, batch=2, seen=9) for kind in wanted)), strict=True
    ):
        assert found["kind"] == kind
        assert np.allclose(found["training"], values.numpy().ravel()), kind
        assert found["evaluation"] == found["training"]


def test_one_pixel_in_a_batch_of_one_becomes_0_where_pytorch_refuses_it():
    (found,) = facts(lab(single=True, batch=1, seen=8))
    pixel = torch.tensor(NormLab().x).double()[:, :, 0, 0]
    layer = nn.BatchNorm1d(4).double()
    with pytest.raises(ValueError, match="Expected more than 1 value per channel"):
        layer(pixel[:1])
    assert set(found["training"]) == {0}
    assert np.allclose(found["evaluation"], layer.eval()(pixel).detach().numpy().ravel()), (
        "still at the start"
    )


def test_two_numbers_become_minus_1_and_1():
    (found,) = facts(lab(single=True, batch=2))
    assert np.allclose(np.abs(found["training"]), 1, atol=1e-3)


def test_the_groups_of_each_norm_are_those_of_the_course():
    kinds = {"batch": 1, "layer": 1, "instance": 1, "group": 2}
    code = "Object.entries(kinds).map(([kind, groups]) => part.groupsOf(kind, [6, 4, 2, 2], groups))"
    wanted = in_node("_tensor", code, kinds=kinds)
    assert [one["groups"] for one in facts(*(lab(kind=kind) for kind in kinds))] == wanted


def test_the_saws_for_a_name_are_the_same_in_python_and_javascript():
    for c in range(1, 7):
        sawings = in_node("_norm_lab", "part.sawings(c)", c=c)
        for one in sawings:
            widget = lab(np.ones((2, c, 2, 2)), kind=one["kind"])
            assert (widget.alone, widget.together) == (one["alone"], one["together"]), (c, one)
    assert in_node("_norm_lab", "part.MOST_SEEN") == norm_lab.MOST_SEEN


# ── the words ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("widget", "parts"),
    [
        (lambda: lab(), ["Batch norm averages over n, h and w: 4 groups of 24 numbers.", "still at their start"]),
        (lambda: lab(batch=4), ["in batches of 4 and a last one of 2: 8 groups of 16 and 8 numbers."]),
        (lambda: lab(batch=1, seen=10), ["A batch of one is sawn as for instance norm.", "is 0 in training",
         "After 10 batches the start still weighs 34.9 %"]),
        (lambda: lab(batch=1, single=True), ["averages over n in batches of 1: 24 groups of 1 number.",
         "training makes it 0, and PyTorch refuses such a batch."]),
        (lambda: lab(batch=5, single=True), ["PyTorch refuses such a batch."]),
        (lambda: lab(kind="layer"), ["Layer norm averages over c, h and w: 6 groups of 16", "does the same as training."]),
        (lambda: lab(kind="group"), ["Group norm averages over h, w and 2 channels at a time: 12 groups of 8"]),
        (lambda: lab(kind="instance", single=True), ["Instance norm averages over nothing: 24 groups of 1 number.", "refuses it."]),
        (lambda: lab(together=2), ["This norm, which has no name, averages over n, h, w and 2 channels at a time: 2 groups"]),
    ],
)  # fmt: skip
def test_it_says_what_is_averaged_over_and_what_follows(widget, parts):
    said = widget().words()
    assert all(part in said for part in parts), said


# ── a learner's function ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("function", "axes", "told"),
    [
        (over(0, 2, 3), "n c h w", "averages over n, h and w"),
        (over(1, 2, 3), "n c h w", "averages over c, h and w"),
        (over(2, 3), "n c h w", "averages over h and w"),
        (over(0, 1, 2, 3), "n c h w", "averages over n, c, h and w"),
        (images_only, "n c h w", "averages over n"),
        (vectors_only, "n c", "averages over c"),
        (lambda x: F.group_norm(torch.tensor(x), 2).numpy(), "n c h w", "averages over h, w and groups of 2 channels"),
        (lambda x, gamma, beta, mean, var: (x - 1) / 2, "n c h w", "averages over nothing: each number stays by itself"),
        (lambda x: over(0)(x.reshape(4, 24)).reshape(x.shape), "n c h w", "lets numbers share in a pattern that no axes explain"),
        (lambda x: np.cumsum(x, 0), "n c h w", "lets numbers share in a pattern that no axes explain"),
    ],
)  # fmt: skip
def test_a_function_is_asked_which_axes_it_really_averages_over(function, axes, told):
    found = read_sharing(function, (6, 4, 2, 2))
    assert (found.axes, found.told, found.said) == (axes, told, "")


def test_a_right_function_is_as_sawn_and_a_wrong_one_is_marked():
    assert (
        lab(function=over(0, 2, 3, name="batchnorm2d_train"))
        .words()
        .endswith("batchnorm2d_train averages over n, h and w, as sawn.")
    )
    layer = lab(function=over(1, 2, 3, name="layernorm"))
    assert (
        layer.alone and layer.together == 4 and layer.words().endswith("averages over c, h and w, as sawn.")
    )
    wrong = lab(function=images_only, kind="batch")
    assert wrong.words().endswith("images_only averages over n: 96 of 96 numbers share otherwise than in batch norm; "
                                  "✗ marks where, for number [5, 3, 0].")  # fmt: skip
    marks = in_node("_norm_lab", "[...part.factsOf(state).marks.values()]", state=wrong.state())
    assert marks.count("shares") == 6 and marks.count("should") == 18
    everything = lab(function=over(0, 1, 2, 3), kind="layer").state()
    marks = in_node("_norm_lab", "[...part.factsOf(state).marks.values()]", state=everything)
    assert marks.count("shares") == 16 and marks.count("should not") == 80


def test_a_function_of_vectors_is_shown_with_one_pixel():
    widget = lab(function=vectors_only, kind="layer")
    assert widget.single and widget.words().endswith("vectors_only averages over c, as sawn.")
    widget.single = False
    assert widget.words().endswith("vectors_only averages over c; it was asked with one pixel a map.")


def test_a_right_function_stays_right_whatever_the_batch():
    for size in range(1, 7):
        assert lab(function=over(0, 2, 3), batch=size).words().endswith("as sawn.")


def loud(x):
    print("hello")
    return over(0, 2, 3)(x)


def stub(x):
    raise NotImplementedError


def broken(x, gamma, beta):
    raise KeyError("no such axis")


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (stub, "stub is not attempted yet: write it, then run this cell again to see which axes it averages over."),
        (broken, "broken stopped with KeyError: 'no such axis'."),
        (lambda x: None, "<lambda> returned None (is there a return?); wanted the shape of x, (6, 4, 2, 2)."),
        (lambda x: x.mean(0), "<lambda> returned shape (4, 2, 2); wanted the shape of x, (6, 4, 2, 2)."),
        (lambda x: [[1], [1, 2]], "<lambda> returned a list; wanted an array of shape (6, 4, 2, 2)."),
        (lambda x: x * np.nan, "<lambda> returned numbers that are not finite (NaN or infinity)."),
        (lambda x: x + np.random.rand(), "<lambda> gives another result for the same batch when it is called again."),
        (lambda x: float(input()), "<lambda> stopped with RuntimeError: input() is not answered here."),
        (lambda x, y: x, "<lambda> needs 2 arguments; NormLab calls norms as (x), (x, gamma, beta), "
         "(x, gamma, beta, eps) or (x, gamma, beta, running_mean, running_var)."),
        (3, "3 is not a function: write NormLab(function=layernorm), without calling it."),
    ],
    ids=["stub", "raises", "None", "shape", "list", "nan", "random", "input", "arguments", "no function"],
)  # fmt: skip
def test_a_function_that_fails_gives_a_sentence_and_the_cube_stays(function, said, capsys):
    widget = lab(function=function)
    assert widget.words().endswith(said) and widget.rows == []
    assert widget.words().startswith("Batch norm averages over n, h and w")
    assert capsys.readouterr().out == ""


def test_a_function_that_prints_is_read_and_told_of(capsys):
    assert lab(function=loud).words().endswith("as sawn. loud prints while it works; that is not shown here.")
    assert capsys.readouterr().out == ""


def test_a_function_that_never_returns_is_stopped():
    def endless(x):
        while True:
            time.sleep(0.01)

    found = read_sharing(endless, (6, 4, 2, 2), seconds=0.3)
    assert found.said == "endless did not finish in time, so its axes are not known."


def test_a_function_that_is_too_slow_for_all_its_calls_is_stopped_too():
    def slow(x):
        time.sleep(0.02)
        return x

    begins = time.monotonic()
    assert read_sharing(slow, (6, 4, 2, 2), seconds=0.3).said.startswith("slow did not finish in time")
    assert time.monotonic() - begins < 1.5


# ── what a person does ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("drag", [drag_mouse, drag_finger], ids=["mouse", "finger"])
def test_the_saws_are_dragged_from_batch_norm_to_all_others(show, drag):
    page = show(NormLab())
    start = point(page, IMAGES)
    drag(page, start, (start[0] - 140, start[1] - 80))
    assert trait(page, "alone") and spoken(page).startswith("Instance norm averages over h and w: 24 groups")
    start = point(page, CHANNELS)
    drag(page, start, (start[0] - 30, start[1] + 18))
    assert trait(page, "together") == 2 and spoken(page).startswith("Group norm")
    start = point(page, CHANNELS)
    drag(page, start, (start[0] - 120, start[1] + 70))
    assert trait(page, "together") == 4 and spoken(page).startswith("Layer norm averages over c, h and w")
    start = point(page, IMAGES)
    drag(page, start, (start[0] + 200, start[1] + 110))
    assert not trait(page, "alone") and spoken(page).startswith("This norm, which has no name,")
    assert page.get_by_role("button", pressed=True).count() == 0


def test_a_press_on_a_saw_alone_changes_nothing(show):
    page = show(NormLab(kind="group"))
    for saw in (IMAGES, CHANNELS):
        page.mouse.move(*point(page, saw, across=0.9))
        page.mouse.down()
        page.mouse.up()
    assert trait(page, "alone") and trait(page, "together") == 2


def test_keys_move_the_saws_and_stay_inside(show):
    page = show(NormLab())
    assert keys_that_leave(page, CHANNELS, "ArrowRight", "ArrowUp", "ArrowUp", "ArrowLeft") == []
    assert (
        trait(page, "together") == 2
        and page.get_attribute(CHANNELS, "aria-valuetext") == "a cut after every 2"
    )
    page.keyboard.press("End")
    assert trait(page, "together") == 4 and page.get_attribute(CHANNELS, "aria-valuetext") == "no cut"
    page.focus(IMAGES)
    page.keyboard.press("Home")
    assert trait(page, "alone") and page.get_attribute(IMAGES, "aria-valuenow") == "1"
    assert spoken(page).startswith("Layer norm")


def test_a_name_saws_the_cube(show):
    page = show(NormLab())
    for kind, groups in (("layer", 6), ("instance", 24), ("group", 12), ("batch", 4)):
        page.get_by_role("button", name=f"{kind} norm").click()
        page.wait_for_function(
            f"() => document.querySelector('.cb-sentence').textContent.includes(' {groups} groups')"
        )
        assert page.get_by_role("button", pressed=True).all_inner_texts() == [kind]


def test_the_batch_slides_to_1_and_training_forgets_the_image_where_evaluation_does_not(show):
    page = show(NormLab())
    for _ in range(4):
        page.click("text=See 5 more")
    assert trait(page, "seen") == 20 and "the start still weighs 12.2 %" in spoken(page)
    page.get_by_role("slider", name="batch", exact=True).focus()
    page.keyboard.press("Home")
    assert trait(
        page, "batch"
    ) == 1 and "The mean of image 5 is 0 in training and 3.19 in evaluation." in spoken(page)
    page.click("text=one pixel a map")
    assert "PyTorch refuses such a batch." in spoken(page)
    page.get_by_role("button", name="layer norm").click()
    assert (
        page.get_by_role("slider", name="batches seen").is_disabled()
        and page.locator("text=See 5 more").is_disabled()
    )


@pytest.mark.parametrize("by", ["mouse", "finger"])
def test_a_number_of_the_cube_is_chosen_by_click_tap_and_keys(show, by):
    page = show(NormLab(kind="instance"))
    place = point(page, ".cb-cube text:text-is('15')")  # the group of image 3, channel 3
    page.mouse.click(*place) if by == "mouse" else Fingers(page).tap(place)
    page.wait_for_function("() => window.model.get('at').join() === '3,3,0'")
    assert keys_that_leave(page, ".cb-cube", "ArrowRight", "ArrowUp") == []
    assert trait(page, "at") == [4, 2, 0]
    assert "number 4, 2, 0 is chosen" in page.get_attribute(".cb-cube", "aria-label")
    page.click("text=batch >> nth=0")
    assert "The mean of image 4 is" in spoken(page)


# ── what holds for every widget ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("kind", ["batch", "layer"])
def test_axe_finds_nothing_and_the_browser_says_what_python_says(show, kind, dark):
    widget = lab(function=images_only, kind=kind)
    page = show(widget, dark=dark)
    assert violations(page) == []
    assert spoken(page) == widget.words()


def test_it_fits_a_screen_and_nothing_jumps_whatever_is_set(show):
    states = [lab(), lab(kind="instance"), lab(function=images_only, kind="layer", batch=1), lab(batch=1, single=True, seen=60),
              lab(function=loud, kind="batch", batch=5), lab(function=images_only, batch=4, seen=13)]  # fmt: skip
    for width, most in ((900, 600), (400, 10_000)):
        page, heights = show(states[0], width=width), set()
        for state in states:
            page.evaluate("async (news) => { window.model.arrive(news); await 0; await 0; }", state.state())
            assert spoken(page) == state.words()
            heights.add(page.evaluate("() => document.querySelector('.convbook').offsetHeight"))
        assert len(heights) == 1 and heights.pop() <= most, (width, heights)


def test_nothing_sticks_out_of_a_narrow_page_and_fingers_can_hit(show):
    page = show(lab(function=images_only), width=380)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 380
    sizes = (
        "(s) => [...document.querySelectorAll(s)].map((one) => Math.min(one.offsetHeight, one.offsetWidth))"
    )
    assert min(page.evaluate(sizes, "button, .cb-saw")) >= 28
    room = page.locator(".convbook").bounding_box()
    for text in page.locator(".cb-cube text").all():
        box = text.bounding_box()
        assert box["x"] >= room["x"] and box["x"] + box["width"] <= room["x"] + room["width"]


def test_the_largest_batch_is_drawn_and_its_state_stays_light(show):
    rng = np.random.default_rng(0)
    widget = lab(rng.normal(size=(6, 6, 3, 3)), over(0, 2, 3), seen=60)
    assert len(json.dumps(widget.state())) < 100_000
    page = show(widget, width=400)
    assert spoken(page).endswith("as sawn.") and violations(page) == []


def test_vectors_are_images_of_one_pixel(show):
    widget = lab(np.arange(12.0).reshape(4, 3), vectors_only, kind="layer")
    assert widget.words().endswith("vectors_only averages over c, as sawn.")
    page = show(widget)
    assert (
        page.locator("text=one pixel a map").is_hidden()
        and page.get_by_role("button", name="group norm").count() == 0
    )


def test_the_still_picture_numbers_the_groups_and_shows_both_histograms(tmp_path):
    widget = lab(kind="instance")
    data, metadata = widget._repr_mimebundle_()
    assert data["text/plain"] == metadata["image/png"]["alt"] == widget.words()
    assert len(data["image/png"]) > 10_000
    texts = [text.get_text() for text in widget.picture().axes[0].texts]
    assert {str(group) for group in range(24)} <= set(texts) and "evaluation: the same" in texts
    assert widget.save_page(tmp_path / "page.html").stat().st_size < 150_000


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"x": "a"}, "x must be an array of numbers with the axes"),
        ({"x": [[1], [1, 2]]}, "x must be an array of numbers with the axes"),
        ({"x": np.ones((7, 2, 2, 2))}, "x has 7 along n; the widget shows at most 6"),
        ({"x": np.ones((2, 2, 4, 2))}, "x has 4 along h; the widget shows at most 3"),
        ({"x": np.ones((2, 2, 2))}, r"x has shape \(1, 2, 2, 2\); NormLab shows 2 to 6 images, axis n"),
        ({"x": np.full((2, 2, 2, 2), np.nan)}, "x holds numbers that are not finite"),
        ({"kind": "weight"}, "kind is 'weight'; NormLab knows batch, layer, instance, group"),
        ({"kind": "group", "x": np.ones((2, 3, 2, 2))}, "kind is 'group', and 3 channels cannot be split"),
    ],
)
def test_a_wrong_argument_gives_one_clear_sentence(options, part):
    with pytest.raises(ValueError, match=part) as told:
        NormLab(**options)
    assert "\n" not in str(told.value)
