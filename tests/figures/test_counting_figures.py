"""The figures of unit 02 say what they show, and a stack's bill is right, or refused in one sentence."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as functional

from convbook import style
from convbook.checks import counting as check
from convbook.checks.engine.declare import question_of
from convbook.figures import counting as figures

LENET = [("conv", 6, 5, 1, 0), ("pool", 2, 2), ("conv", 16, 5, 1, 0), ("pool", 2, 2), ("flatten",)]
LENET += [("linear", 120), ("linear", 84), ("linear", 10)]


def oracle(exercise):
    return lambda *args, **keywords: question_of(exercise).oracle.run(args, keywords)


COUNT = {
    "trace": oracle(check.trace_shapes), "params": oracle(check.conv_params),
    "macs": oracle(check.conv_macs), "field": oracle(check.receptive_field),
}  # fmt: skip


def test_the_bill_of_lenet_is_the_one_of_the_books():
    bill = figures.billed(LENET, (1, 32, 32), **COUNT)
    assert sum(bill.params) == 61_706
    assert bill.shapes[-1] == (10,)
    assert bill.field == 16
    assert "61,706" in str(bill)


@pytest.mark.parametrize(
    ("layers", "sentence"),
    [
        ([("dense", 3)], "there is no layer 'dense'"),
        ([5], "there is no layer 5"),
        ([()], r"there is no layer \(\)"),
        ([("conv", 3, 3)], "has 2 numbers; write"),
        ([("pool", 0, 2)], "a number that cannot be"),
        ([("conv", 3, 3, 1, -1)], "a number that cannot be"),
        ([("conv", 3, 2.5, 1, 0)], "a number that cannot be"),
        ([("conv", 3, 9, 1, 0)], "its window is larger"),
        ([("linear", 3)], "put .* before it"),
        ([("flatten",), ("pool", 2, 2)], "no rows and columns left"),
    ],
)
def test_a_stack_that_cannot_be_is_refused_in_one_sentence(layers, sentence):
    with pytest.raises(ValueError, match=sentence) as failure:
        figures.billed(layers, (1, 5, 5), **COUNT)
    assert "\n" not in str(failure.value)


def test_a_window_that_a_learners_function_makes_too_large_is_refused_as_well():
    with pytest.raises(ValueError, match="its window is larger"):
        figures.billed([("pool", 9, 1)], (1, 5, 5), **{**COUNT, "trace": lambda layers, shape: [(1, -3, -3)]})


def test_an_image_without_pixels_is_refused():
    with pytest.raises(ValueError, match=r"sides of at least 1; this one has \(3, 0, 4\)"):
        figures.billed([], (3, 0, 4), **COUNT)


def test_an_empty_stack_costs_nothing_and_sees_one_pixel():
    bill = figures.billed([], (3, 4, 5), **COUNT)
    assert (sum(bill.params), sum(bill.macs), bill.field) == (0, 0, 1)
    assert figures.score(bill, 10, 10) == 0
    assert "image" in [text.get_text() for text in figures.tower(bill, 10, 10).axes[0].texts]


def test_the_score_is_what_is_left_of_the_scarcer_budget_and_0_where_anything_is_missed():
    stack = [("conv", 32, 3, 1, 1)] * 4
    bill = figures.billed(stack, (3, 9, 9), **COUNT)
    spent = sum(bill.params), sum(bill.macs)
    assert figures.score(bill, 2 * spent[0], 4 * spent[1]) == 50
    assert figures.score(bill, spent[0] - 1, 4 * spent[1]) == 0
    assert figures.score(figures.billed(stack, (3, 10, 9), **COUNT), 10**9, 10**9) == 0
    assert figures.score(bill, 10**9, 10**9, maps=33) == 0
    assert f"✗ parameters: {spent[0]:,}, at most 5" in figures.report(bill, 5, 10**9)


HALVED = [("conv", 16, 3, 2, 1), ("pool", 2, 2), ("conv", 16, 3, 1, 1), ("pool", 2, 2)]


@pytest.mark.parametrize(
    "stack",
    [
        HALVED + [("conv", 32, 3, 1, 1)] * 3,  # a field of 65, and yet no unit sees all 64
        HALVED + [("conv", 32, 3, 1, 1)] * 4,
        HALVED + [("conv", 32, 3, 1, 0)] * 2,
        [("conv", 32, 5, 3, 4), ("pool", 3, 2)],
        [("conv", 32, 3, 1, 1)] * 5,
    ],
)
@pytest.mark.parametrize("shape", [(1, 64, 64), (1, 40, 56)])
def test_what_the_best_placed_unit_sees_is_what_its_gradient_reaches(stack, shape):
    image = torch.ones(1, *shape, requires_grad=True)
    maps = image
    for kind, *numbers in stack:
        if kind == "conv":
            _, k, stride, padding = numbers
            maps = functional.conv2d(maps, torch.ones(1, 1, k, k) / k**2, None, stride, padding)
        else:
            maps = functional.avg_pool2d(maps, *numbers)

    def reached(row, column):
        (gradient,) = torch.autograd.grad(maps[0, 0, row, column], image, retain_graph=True)
        return tuple(int(gradient[0, 0].sum(axis).count_nonzero()) for axis in (1, 0))

    diagonal = [
        reached(min(i, maps.shape[2] - 1), min(i, maps.shape[3] - 1)) for i in range(max(maps.shape[2:]))
    ]
    bill = figures.billed(stack, shape, **COUNT)
    assert bill.seen == tuple(max(along) for along in zip(*diagonal, strict=True))


def test_a_field_as_wide_as_the_image_is_not_enough_where_no_unit_lies_right():
    bill = figures.billed(HALVED + [("conv", 32, 3, 1, 1)] * 3, (3, 64, 64), **COUNT)
    assert bill.field == 65
    assert "✗ pixels of a side that one unit sees: 61, at least 64" in figures.report(bill, 10**9, 10**9)


def test_a_stack_squeezed_to_a_single_map_scores_nothing():
    thin = [("conv", 1, 3, 1, 1)] * 4 + [("conv", 32, 1, 1, 0)]
    bill = figures.billed(thin, (3, 9, 9), **COUNT)
    assert figures.score(bill, 10**9, 10**9) == 0
    assert figures.score(bill, 10**9, 10**9, narrowest=1) > 90


def test_the_tower_draws_a_block_for_every_layer_and_says_what_is_missed():
    bill = figures.billed(LENET[:4], (1, 32, 32), **COUNT)
    figure = figures.tower(bill, 100, 10**9)
    assert len(figure.axes[0].patches) == 5
    assert "missed: parameters: 2,572, at most 100" in figure.alt
    assert "conv gives (6, 28, 28)" in figure.alt


@pytest.mark.parametrize("layers", [[(3, 1)], [(3, 1), (3, 1)], [(3, 2), (3, 1)], [(2, 2), (4, 3), (3, 1)]])
def test_as_many_pixels_are_marked_below_a_unit_as_its_field_is_wide(layers):
    figure = figures.units_below(layers)
    size, _ = COUNT["field"](layers)
    assert f"lie {size} marked pixels" in figure.alt


def test_the_strongest_pixels_hold_the_share_that_is_asked_and_no_fewer_would():
    values = np.random.default_rng(0).uniform(size=(7, 5))
    marked = figures.strongest(values, 0.5)
    assert values[marked].sum() >= 0.5 * values.sum()
    assert values[marked].sum() - values[marked].min() < 0.5 * values.sum()
    assert values[marked].min() >= values[~marked].max()
    with pytest.raises(ValueError, match="a share lies above 0"):
        figures.strongest(values, 0.0)


def test_three_fields_are_drawn_on_one_picture():
    influence = np.zeros((9, 9))
    influence[2:7, 3:7] = 1.0
    influence[4, 4] = 30.0
    figure = figures.fields(influence, 5)
    assert "A dashed square of side 5" in figure.alt
    assert "rectangle of 5 by 4" in figure.alt
    assert "outline round 1 pixels: 50 %" in figure.alt


def test_bars_and_lines_say_their_numbers():
    assert "as it was 760; k 3,010" in figures.bars({"as it was": 760, "k": 3010}, "parameters").alt
    assert "conv from 10 to 10" in figures.growth([16, 32], {"conv": [10, 10]}).alt
    assert "A level dashed line at 36,864" in figures.squeezed([8, 16], [5120, 10240], 36864).alt
    bill = figures.billed(LENET, (1, 32, 32), **COUNT)
    assert "layer 0  conv, 156 parameters, 117,600 multiply–adds" in figures.costs(bill).alt
    maps = {"dense": np.eye(3), "conv": np.ones((3, 3))}
    assert "dense and conv" in figures.two_layers(np.eye(3), maps).alt


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_text_of_a_figure_can_be_read_in_both_themes(theme):
    try:
        style.use(theme)
        paper = style.THEMES[theme]["paper"]
        bill = figures.billed(LENET[:4], (1, 32, 32), **COUNT)
        for figure in (
            figures.tower(bill, 100, 100),
            figures.costs(bill),
            figures.bars({"a": 1}, "b"),
            figures.units_below([(3, 1)]),
        ):
            for text in (text for ax in figure.axes for text in ax.texts):
                assert text.get_color() not in (paper, "black" if theme == "dark" else "white")
    finally:
        style.use("light")
