"""FieldTracer: a unit is dragged and its light falls on an image; fields and influence are those of PyTorch's gradients."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from browser import violations
from convbook.figures.counting import strongest
from convbook.widgets import FieldTracer, engine
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
from test_in_jupyterlab import run

STACKS = [
    [(3, 1)] * 3, [(7, 1)], [(5, 1), (2, 2), (5, 1), (2, 2)], [(3, 2), (3, 1), (3, 1)], [(3, 1, 1), (2, 2), (3, 2, 1)],
    [(1, 3), (4, 2, 3)], [(2, 2), (2, 2), (3, 1, 2)],
]  # fmt: skip
SEVEN = [
    (7, 2, 3),
    (3, 2, 1),
    (3, 1, 1),
    (3, 1, 1),
    (3, 2, 1),
    (3, 1, 1),
    (3, 1, 1),
]  # a unit above them sees 67 pixels


def gray(height: int = 40, width: int = 52) -> np.ndarray:
    return np.random.default_rng(0).random((height, width)).round(2)


def network(stack: list, seed: int = 0) -> nn.Sequential:
    """Return convolutions as in a stack, with weights above 0: every pixel of a field has an influence."""
    torch.manual_seed(seed)
    layers = [nn.Conv2d(1, 1, k, stride, *padding) for k, stride, *padding in stack]
    for layer in layers:
        nn.init.uniform_(layer.weight, 0.1, 1)
    return nn.Sequential(*layers)


def traced() -> FieldTracer:
    return FieldTracer([(3, 1, 1)] * 4, gray(32, 32), model=network([(3, 1, 1)] * 4))


def seen_by(stack: list, image: np.ndarray, at: tuple[int, int]) -> np.ndarray:
    """Return which pixels have a gradient at a unit of the last layer."""
    pixels = torch.tensor(image, dtype=torch.float32)[None, None].requires_grad_()
    network(stack)(pixels)[0, 0, at[0], at[1]].backward()
    return pixels.grad[0, 0].numpy() != 0


# ── what is computed ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("stack", STACKS, ids=str)
def test_fields_units_and_neighbours_are_those_of_pytorchs_gradients(stack):
    image = gray()
    state = FieldTracer(stack, image).state()
    units = tuple(network(stack)(torch.zeros(1, 1, *image.shape)).shape[2:])
    for at in [(0, 0), tuple(side // 2 for side in units), (units[0] - 1, units[1] - 1)]:
        code = "[part.levelsOf(state.layers, state.size).at(-1), part.fieldOf(state), part.coneOf(state)[0]]"
        level, (top, left, side), cone = in_node("_field_tracer", code, state=state | {"at": at})
        assert tuple(level["units"]) == units
        rows, columns = np.nonzero(seen_by(stack, image, at))
        for first, found in ((top, rows), (left, columns)):
            end = image.shape[0 if found is rows else 1] - 1
            if stack[0] != (1, 3):  # whose field has holes, also at the border of the image
                assert (max(0, first), min(end, first + side - 1)) == (found.min(), found.max())
            assert first <= found.min() and found.max() <= first + side - 1
        assert cone == pytest.approx([left - 0.5, left + side - 0.5]), "the light falls on the field"


def test_the_influence_is_the_models_gradient_and_goes_with_the_unit():
    stack, image = [(3, 1, 1), (2, 2), (3, 1, 1)], gray()
    model = network(stack)
    widget = FieldTracer(stack, image, model=model)
    pixels = torch.tensor(image, dtype=torch.float32)[None, None].requires_grad_()
    model(pixels)[0, 0, 10, 13].backward()
    gradient = pixels.grad[0, 0].numpy()
    code = "[part.influenceOf(state), part.influenceOf({ ...state, at: [12, 10] })]"
    middle, moved = (
        np.array(one).reshape(40, 52) for one in in_node("_field_tracer", code, state=widget.state())
    )
    assert middle == pytest.approx(gradient / gradient.max(), abs=1e-4)
    assert (moved[4:, :-6] == middle[:-4, 6:]).all(), "two units down and three to the left, at 2 pixels each"


def test_the_strongest_pixels_are_those_of_the_figure():
    values = np.random.default_rng(1).random(400) ** 3
    assert set(in_node("_field_tracer", "part.strongest(values)", values=values.tolist())) == set(
        np.flatnonzero(strongest(values, 0.5))
    )


def test_the_model_is_in_evaluation_while_it_is_asked_and_in_training_afterwards():
    asked = []

    class Watched(nn.Conv2d):
        def forward(self, x):
            asked.append(self.training)
            return super().forward(x)

    model = Watched(1, 2, 3)
    FieldTracer([(3, 1)], gray(), model=model)
    assert asked == [False] and model.training and model.weight.grad is None


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: FieldTracer([(3, 2), (3, 1)]),
         "A unit of layer 2 sees 7 × 7 pixels, and its neighbour's field lies 2 pixels further."),
        (lambda: FieldTracer(SEVEN), "A unit of layer 7 sees 67 × 67 pixels, and its neighbour's field lies 8 pixels further. "
         "The whole image lies in the field."),
        (lambda: FieldTracer([(9, 1, 4)] * 2, gray(12, 64)), "A unit of layer 2 sees 17 × 17 pixels, and its neighbour's field "
         "lies 1 pixel further. Only 204 pixels of the field lie on the image."),
        (traced, "A unit of layer 4 sees 9 × 9 pixels, and its neighbour's field lies 1 pixel further. "
         "Half of all influence on it comes from 13 pixels, about as many as in a square of 4 × 4."),
    ],
    ids=["theory", "wider than the image", "cut by the edge", "measured"],
)  # fmt: skip
def test_it_says_what_a_unit_sees_and_what_it_looks_at(make, sentence):
    assert make().words() == sentence


def test_no_influence_is_told_for_a_layer_or_a_stack_that_was_not_measured():
    widget = traced()
    measured = widget.words()
    widget.layer = 2
    assert widget.words().endswith("that was done for the last layer of the first stack.")
    widget.layer, widget.layers = 3, widget.layers[:3]
    assert "Half" not in widget.words()
    widget.layer, widget.layers = 4, widget.measured
    assert widget.words() == measured


# ── what a person does ──────────────────────────────────────────────────────────────────────────────────

PROFILE, IMAGE = ".cb-profile", ".cb-seen"


@pytest.mark.parametrize("drag", [drag_mouse, drag_finger], ids=["mouse", "finger"])
def test_a_unit_is_dragged_in_the_stack_and_on_the_image(show, drag):
    page = show(FieldTracer([(3, 2), (3, 1)], gray(32, 64)))
    start = trait(page, "at")
    drag(page, point(page, PROFILE, 0.5, 0.1), point(page, PROFILE, 0.75, 0.5))
    assert trait(page, "layer") == 2, "a drag keeps its layer"
    row, column = trait(page, "at")
    assert row == start[0] and column in (22, 23), "pixel 48, of fields with their middles at 3, 5, 7, …"
    drag(page, point(page, IMAGE, 0.5, 0.5), point(page, IMAGE, 0.1, 0.1))
    row, column = trait(page, "at")
    assert row == pytest.approx(0, abs=1) and column == pytest.approx(2, abs=1)


def test_a_press_on_a_lower_layer_chooses_it(show):
    page = show(FieldTracer([(3, 2), (3, 1)], gray(64, 64)))
    page.mouse.click(*point(page, PROFILE, 0.5, 0.47))
    page.wait_for_function(
        "() => /^A unit of layer 1 sees 3 × 3/.test(document.querySelector('.cb-sentence').textContent)"
    )


def test_arrow_keys_move_the_unit_and_change_the_layer_and_stay_inside(show):
    page = show(FieldTracer([(3, 2), (3, 1)], gray(64, 64)))
    row, column = trait(page, "at")
    assert keys_that_leave(page, PROFILE, "ArrowRight", "ArrowRight", "ArrowLeft") == []
    assert trait(page, "at") == [row, column + 1]
    page.keyboard.press("ArrowDown")
    assert trait(page, "layer") == 1 and trait(page, "at") == [row + 1, column + 2], "the unit under it"
    page.keyboard.press("ArrowUp")
    assert trait(page, "layer") == 2
    page.focus(IMAGE)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Home")
    assert trait(page, "at") == [row + 1, 0]


def test_layers_are_added_and_removed_and_the_field_is_computed_anew(show):
    page = show(FieldTracer([(3, 1), (3, 1)], gray(64, 64)))
    page.select_option("select >> nth=0", "5")
    page.select_option("select >> nth=1", "2")
    page.get_by_role("button", name="Add it on top").click()
    assert trait(page, "layers")[-1] == [5, 2, 2] and trait(page, "layer") == 3
    says = "(text) => document.querySelector('.cb-sentence').textContent.startsWith(text)"
    page.wait_for_function(
        says, arg="A unit of layer 3 sees 9 × 9 pixels, and its neighbour's field lies 2 pixels"
    )
    page.focus(PROFILE)
    page.keyboard.press("ArrowDown")
    page.get_by_role("button", name="Remove layer 2").click()
    page.wait_for_function(says, arg="A unit of layer 2 sees 7 × 7 pixels")
    assert trait(page, "layers") == [[3, 1, 0], [5, 2, 2]]


def test_a_layer_that_cannot_be_is_refused_with_a_sentence(show):
    page = show(FieldTracer([(3, 1)], gray(6, 6)))
    status = ".cb-controls [role=status]"
    page.get_by_role("button", name="Remove layer 1").click()
    assert page.inner_text(status) == "A stack has one layer at least."
    page.evaluate(
        "() => { const one = document.querySelector('select'); one.value = '2'; one.dispatchEvent(new Event('change')); }"
    )
    page.select_option("select >> nth=1", "4")
    add = page.get_by_role("button", name="Add it on top")
    add.click()
    assert len(trait(page, "layers")) == 2 and page.inner_text(status) == ""
    add.click()
    assert page.inner_text(status) == "The window of layer 3 would not fit on the units below it."
    assert len(trait(page, "layers")) == 2


def test_no_more_layers_are_added_than_can_be_shown(show):
    page = show(FieldTracer([(3, 1, 1)] * 10, gray()))
    page.get_by_role("button", name="Add it on top").click()
    assert page.inner_text(".cb-controls [role=status]") == "10 layers are the most that are shown."


def test_the_cone_is_lit_unevenly_by_a_models_gradient_and_evenly_without_one():
    def rays(widget: FieldTracer) -> list[float]:
        marks = engine.ask("field_tracer", "still", widget.state(), False)["marks"]
        return [
            one["alpha"]
            for one in marks
            if one["kind"] == "fill" and one["colour"] == "rgb(230 159 0)" and one["alpha"] < 1
        ]

    even, measured = rays(FieldTracer([(3, 1, 1)] * 4, gray(32, 32))), rays(traced())
    assert len(even) == len(measured) == 9 and len(set(even)) == 1
    assert max(measured[0], measured[-1]) < 0.5 * max(measured[3:6]), "bright in the middle, dark at the edge"


@pytest.mark.parametrize("stack", [SEVEN, [(9, 1, 4)] * 2, [(3, 1)] * 2], ids=["all of it", "cut", "inside"])
def test_in_a_still_picture_the_edge_of_a_field_is_drawn_on_the_image_only(stack):
    marks = engine.ask("field_tracer", "still", FieldTracer(stack, gray(64, 64)).state(), False)["marks"]
    (image,) = (one for one in marks if one["kind"] == "pixels" and one["height"] > 100)
    edges = [one for one in marks if one["kind"] == "stroke" and one["colour"] == "#ffffff"]
    assert bool(edges) == (stack is not SEVEN)
    for _, x, y in (step for edge in edges for step in edge["path"]):
        assert image["x"] <= x <= image["x"] + image["width"]
        assert image["y"] <= y <= image["y"] + image["height"]


# ── what holds for every widget ─────────────────────────────────────────────────────────────────────────

WIDGETS = {"theory": lambda: FieldTracer([(3, 2), (3, 1)]), "measured": traced,
           "full": lambda: FieldTracer([(3, 1, 1)] * 10, gray(60, 128)), "wide": lambda: FieldTracer(SEVEN)}  # fmt: skip


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", WIDGETS)
def test_axe_finds_nothing_and_the_browser_says_what_python_says(show, name, dark):
    widget = WIDGETS[name]()
    page = show(widget, dark=dark)
    assert violations(page) == []
    assert spoken(page) == widget.words()
    assert page.evaluate("() => document.querySelector('.convbook').offsetHeight") <= 600


def test_nothing_jumps_when_layers_and_units_change(show):
    page = show(traced())
    heights = set()
    for news in ({}, {"at": [0, 0]}, {"layer": 1}, {"layers": [[3, 1, 0]] * 9, "layer": 9, "at": [3, 3]}):
        page.evaluate("(news) => window.model.arrive(news)", news)
        page.wait_for_timeout(60)
        heights.add(page.evaluate("() => document.querySelector('.convbook').offsetHeight"))
    assert len(heights) == 1


@pytest.mark.parametrize("name", ["measured", "full"])
def test_nothing_sticks_out_of_a_narrow_page_and_fingers_can_hit(show, name):
    page = show(WIDGETS[name](), width=380)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 380
    sizes = "() => [...document.querySelectorAll('button, select')].map((one) => Math.min(one.offsetHeight, one.offsetWidth))"
    assert min(page.evaluate(sizes)) >= 30
    ratio = page.evaluate(
        f"() => {{ const one = document.querySelector('{IMAGE}'); return one.clientWidth / one.clientHeight; }}"
    )
    rows, columns = trait(page, "size")
    assert ratio == pytest.approx(columns / rows, rel=0.02), "pixels stay square"


def test_fifty_shows_leave_nothing(show):
    widget = traced()
    assert shown_fifty_times(show, widget) == NOTHING


def test_a_still_picture_a_sentence_and_a_page_are_left(tmp_path):
    widget = traced()
    data, metadata = widget._repr_mimebundle_()
    assert (
        data["text/plain"] == metadata["image/png"]["alt"] == widget.words()
        and len(data["image/png"]) > 10_000
    )
    texts = {text.get_text() for text in widget.picture().axes[0].texts}
    assert {"4: 3 × 3, padding 1", "sees 9", "the image from above"} <= texts
    assert widget.save_page(tmp_path / "page.html").stat().st_size < 200_000


def test_in_jupyterlab_python_hears_of_a_unit_and_of_a_new_layer(chromium, lab, watch):
    lab.write(
        "field.ipynb",
        ["from convbook.widgets import FieldTracer\ntracer = FieldTracer([(3, 2), (3, 1)])\ntracer"],
    )
    context = chromium.new_context(viewport={"width": 1200, "height": 1400})
    watch.guard(context)
    page = context.new_page()
    lab.open(page, "field.ipynb")
    lab.run_all(page)
    page.wait_for_selector(".field-tracer")
    page.focus(f".field-tracer {PROFILE}")
    active = "() => window.jupyterapp.shell.currentWidget.content.activeCellIndex"
    before = page.evaluate(active)
    page.keyboard.press("ArrowLeft")
    page.focus(".field-tracer select >> nth=0")
    page.keyboard.press("ArrowDown")
    page.get_by_role("button", name="Add it on top").click()
    page.focus(f".field-tracer {PROFILE}")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(active) == before, "JupyterLab takes arrow keys on a list, unless they stay inside"
    heard = page.locator(".jp-OutputArea-output").get_by_text("now [[3, 2, 0], [3, 1, 0], [5, 1, 2]] 2")
    for _ in range(40):  # while the kernel is busy the browser keeps a change back, and code overtakes it
        run(page, "print('now', tracer.layers, tracer.layer)")
        page.wait_for_timeout(500)
        if heard.count():
            break
    assert heard.count()
    context.close()


class Stops(nn.Module):
    def forward(self, x):
        raise RuntimeError("no such layer\nand more lines")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ({"layers": []}, r"layers is \[\]; wanted a list of 1 to 10 pairs"),
        ({"layers": [(3, 1)] * 11}, "wanted a list of 1 to 10"),
        ({"layers": 3}, "layers is 3"),
        ({"layers": [(3, 1), (0, 1)]}, r"layer 2 is \(0, 1\); wanted \(k, stride\) or"),
        ({"layers": [(3, 0)]}, r"layer 1 is \(3, 0\)"),
        ({"layers": [(3, 1, -1)]}, r"layer 1 is \(3, 1, -1\)"),
        ({"layers": [(3,)]}, r"layer 1 is \(3,\)"),
        ({"layers": [(3, 1.5)]}, r"layer 1 is \(3, 1.5\)"),
        ({"layers": [(2, 2), (5, 1)], "image": np.zeros((8, 8))}, "layer 2 does not fit: its window of 5 .* 4 × 4 units"),
        ({"image": np.zeros((200, 20))}, "at most 128 pixels"),
        ({"image": np.full((8, 8), np.nan)}, "image holds numbers that are not finite"),
        ({"image": np.full((8, 8), 255.0)}, "divide by 255"),
        ({"influence": np.full((64, 64), np.nan)}, "influence holds numbers that are not finite"),
        ({"influence": np.ones((3, 3))}, r"influence has shape \(3, 3\) and the image \(64, 64\)"),
        ({"influence": np.zeros((64, 64))}, "no pixel moves the unit"),
        ({"influence": "much"}, "influence must be an array of numbers"),
        ({"influence": np.ones((64, 64)), "model": Stops()}, "give one of them"),
        ({"model": Stops()}, r"the model stopped on an image of shape \(1, 3, 64, 64\): no such layer$"),
        ({"model": nn.Conv2d(1, 1, 3)}, "the model stopped on .* 3 channels"),
        ({"model": nn.Conv2d(3, 1, 3, padding=1)}, r"makes maps of shape \(1, 1, 64, 64\), .* 62, 62\): list each"),
        ({"model": nn.Sequential(nn.Conv2d(3, 1, 3), nn.Flatten())}, r"makes maps of shape \(1, 3844\)"),
        ({"model": lambda x: None}, r"makes maps of shape \(\)"),
        ({"model": lambda x: nn.functional.avg_pool2d(x, 3, 1) * float("nan")}, "influence holds numbers that are not finite"),
        ({"model": lambda x: torch.zeros(1, 1, 62, 62)}, "the model stopped on .* does not require grad"),
    ],
)  # fmt: skip
def test_a_wrong_argument_gives_one_clear_sentence(arguments, part):
    with pytest.raises(ValueError, match=part) as failure:
        FieldTracer(**{"layers": [(3, 1)], **arguments})
    assert "\n" not in str(failure.value)
