"""Drawings to scale keep their promise: volumes are activations, areas are parameters, whatever the module."""

from __future__ import annotations

import math

import pytest
import torch
from matplotlib.colors import to_hex
from matplotlib.patches import Polygon, Rectangle
from torch import nn

from convbook.checks import architectures as check
from convbook.checks import resnet
from convbook.checks.architectures import museum
from convbook.checks.engine.modules.survey import surveyed, surveyed_graph
from convbook.checks.engine.question import question_of
from convbook.figures import architectures as figures
from convbook.figures.scale import COLOURS, Layer, Network, Scale, columns, to_scale
from right import solution_answers
from right.architectures import BranchesInAList, one_sequential

SMALL = Network(
    (1, 8, 8), (Layer("a", "conv", (4, 8, 8), 40, 2560), Layer("b", "linear", (10,), 90, 80, ("a",)))
)


def squares(figure):
    return [patch for patch in figure.get_axes()[0].patches if isinstance(patch, Rectangle)]


def fronts(figure):
    """Return the sides (long, high) of every box's front: the first of its three faces."""
    faces = [patch for patch in figure.get_axes()[0].patches if isinstance(patch, Polygon)]
    return [face.get_xy()[2] - face.get_xy()[0] for face in faces[::3]]


@pytest.mark.parametrize("name", ["AlexNet", "VGG-16"])
def test_areas_are_to_each_other_as_parameters_are(name):
    network = museum.network(name)
    drawn = [one.get_width() ** 2 for one in squares(to_scale(network))]
    learned = [layer.parameters for layer in network.layers if layer.parameters]
    assert drawn == pytest.approx([drawn[-1] * one / learned[-1] for one in learned])


def test_volumes_are_to_each_other_as_activations_are_and_a_vector_is_folded():
    network = museum.network("AlexNet")
    volumes = [long * high * high for long, high in fronts(to_scale(network))]  # all maps are squares here
    given = [3 * 227 * 227, *(layer.activations for layer in network.layers)]
    assert volumes == pytest.approx([volumes[0] * one / given[0] for one in given])


def test_networks_in_one_picture_have_one_scale_and_a_single_one_may_borrow_it():
    halls = {name: museum.network(name) for name in museum.HALLS}
    both = [one.get_width() for one in to_scale(halls).get_axes()[1].patches if isinstance(one, Rectangle)]
    alone = [
        one.get_width() for one in squares(to_scale({"AlexNet": halls["AlexNet"]}, like=list(halls.values())))
    ]
    assert both == pytest.approx(alone)
    assert len(to_scale(halls).get_axes()) == 4


def test_what_a_network_costs_stands_in_the_alternative_text():
    assert (
        "138,357,544 parameters, most of them in fc6 (102,764,544)" in to_scale(museum.network("VGG-16")).alt
    )


@pytest.mark.parametrize(
    ("name", "parameters", "macs"),
    [("LeNet-5", 61_706, 416_520), ("AlexNet", 62_378_344, 1_135_256_096), ("VGG-16", 138_357_544, 15_470_264_320),
     ("GoogLeNet", 6_998_552, 1_582_671_872)],
)  # fmt: skip
def test_the_museums_networks_have_the_known_counts(name, parameters, macs):
    network = museum.network(name)
    assert (network.parameters, network.macs) == (parameters, macs)


def test_vgg16_gives_15087080_numbers_and_half_of_them_in_its_first_block():
    network = museum.network("VGG-16")
    assert network.activations == 15_087_080
    assert sum(layer.activations for layer in network.layers[:3]) == pytest.approx(
        0.48 * 15_087_080, rel=0.01
    )


def test_inception_3a_has_the_papers_159_thousand_weights_and_128_million_operations():
    network = surveyed(BranchesInAList(192, *museum.INCEPTIONS["3a"]), (192, 28, 28))
    weights = network.parameters - 64 - 96 - 128 - 16 - 32 - 32
    assert (weights, network.macs) == (163_328, 128_049_152)
    assert weights // 1024 == 159
    assert network.macs // 10**6 == 128


def test_alexnet_on_two_cards_has_the_papers_60_million():
    saved = sum(k * k * c * f // 2 for c, f, k in ((96, 256, 5), (384, 384, 3), (384, 256, 3)))
    assert museum.network("AlexNet").parameters - saved == 60_965_224


@pytest.mark.parametrize(
    ("module", "image"),
    [
        (one_sequential([4, "M", 8], 3, 10), (3, 12, 10)),
        (BranchesInAList(8, 4, 2, 6, 2, 3, 5), (8, 7, 9)),
        (nn.Sequential(nn.Conv2d(1, 4, 3, padding=1, groups=1), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(64, 3)), (1, 4, 4)),
        (nn.Sequential(nn.Conv2d(4, 6, 3, padding=1, groups=2), nn.AdaptiveAvgPool2d(1)), (4, 5, 5)),
    ],
)  # fmt: skip
def test_any_module_is_surveyed_with_all_its_parameters_and_left_as_it_was(module, image):
    state = {name: value.clone() for name, value in module.state_dict().items()}
    module.train()
    network = surveyed(module, image)
    assert network.parameters == sum(parameter.numel() for parameter in module.parameters())
    taken = {source for layer in network.layers for source in layer.sources}
    ends = [layer for layer in network.layers if layer.name not in taken]  # what is concatenated in the end
    assert sum(math.prod(layer.shape) for layer in ends) == module.eval()(torch.zeros(1, *image)).numel()
    assert to_scale(network).alt.startswith("A network drawn to scale")
    assert all(torch.equal(value, module.state_dict()[name]) for name, value in state.items())


def test_a_module_and_the_checks_own_graph_give_the_same_survey():
    observer, oracle = question_of(check.make_vgg).observer, question_of(check.make_vgg).oracle
    graph = observer.graph(oracle, ([4, "M", 8], 3, 10))
    from_graph = surveyed_graph(type(graph)(graph.body, graph.output, (3, 12, 10)))
    from_module = surveyed(one_sequential([4, "M", 8], 3, 10), (3, 12, 10))
    assert [(one.kind, one.shape, one.parameters, one.macs) for one in from_graph.layers] == [
        (one.kind, one.shape, one.parameters, one.macs) for one in from_module.layers
    ]


def test_a_residual_block_of_unit_10_is_drawn_with_its_shortcut_beside_it():
    block = solution_answers(resnet.unit)["BasicBlock"](4, 8, 2)
    network = surveyed(block, (4, 8, 8))
    assert network.parameters == sum(parameter.numel() for parameter in block.parameters())
    assert max(len(column) for column in columns(network)) == 2


def test_branches_share_a_column_and_the_image_comes_first():
    depths = columns(surveyed(BranchesInAList(8, 4, 2, 6, 2, 3, 5), (8, 7, 9)))
    assert [len(column) for column in depths] == [1, 4, 3]
    assert depths[0][0].shape == (8, 7, 9)


def test_a_wider_map_is_never_a_shorter_box():
    scale = Scale.of([SMALL])
    assert (
        scale.extent(Layer("a", "conv", (8, 4, 4)))[0] == 2 * scale.extent(Layer("b", "conv", (4, 4, 4)))[0]
    )


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda: to_scale({}), "there is nothing to draw: give at least one network"),
        (lambda: to_scale(Network((1, 2, 2), ())), "there is nothing to draw"),
        (lambda: surveyed("LeNet-5", (1, 32, 32)), "a survey needs an nn.Module, built and ready; this is a str"),
        (lambda: surveyed(nn.Conv2d(3, 4, 3), (1, 8, 8)), r"does not take an image of shape \(1, 8, 8\)"),
        (lambda: museum.network("ZFNet"), "the museum has no 'ZFNet'; it has LeNet-5, AlexNet, VGG-16, GoogLeNet"),
        (lambda: museum.built("VGG-16"), "VGG-16 has 138,357,544 parameters: it is drawn and counted here"),
        (lambda: museum.examined([8, "A"]), "layer 1 of the configuration is 'A': a layer is a number of filters"),
        (lambda: museum.examined([8, 0]), "layer 1 of the configuration is 0"),
        (lambda: museum.examined(["M"]), "the configuration has no convolution"),
        (lambda: museum.examined([8], 0), "a network has at least 1 class; asked for are 0"),
        (lambda: figures.bill([]), "the table has no rows"),
        (lambda: figures.against_cost({}), "there is no network to compare: train one first"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_one_sentence(wrong, sentence):
    with pytest.raises(ValueError, match=sentence):
        wrong()


def test_a_bill_says_where_most_of_it_is_and_error_is_drawn_against_cost():
    told = figures.bill([("a", 10, 0), ("b", 30, 5)]).alt
    assert "activations: 40 in all, most in b (30)" in told
    figure = figures.against_cost({"small": (SMALL, 0.2), "mine": (SMALL, 0.1)}, mine="mine", most=5000)
    assert "mine 10.0% with 2,640 multiply–adds and 130 parameters" in figure.alt
    sizes = [one.get_offsets()[0][1] for one in figure.get_axes()[0].collections]
    assert sizes == [0.2, 0.1]


def test_a_budget_is_told_line_by_line():
    assert museum.judged(SMALL, 100, 5000) == "✗ 130 of 100 parameters\n✓ 2,640 of 5,000 multiply–adds"


def test_a_networks_bill_has_the_colours_of_its_drawing():
    bars = [
        to_hex(bar.get_facecolor())
        for ax in figures.bill(SMALL).get_axes()
        for bar in ax.containers[0].patches
    ]
    assert bars == 2 * [COLOURS["conv"].lower(), COLOURS["linear"].lower()]


def test_a_name_close_to_the_line_of_what_may_be_spent_does_not_cross_it():
    for most, side in ((3000, "right"), (6000, "left"), (2000, "left"), (0, "left")):
        ax = figures.against_cost({"mine": (SMALL, 0.1)}, most=most).get_axes()[0]
        name = next(one for one in ax.texts if one.get_text().startswith("mine"))
        assert name.get_horizontalalignment() == side


def test_a_place_in_a_sequential_is_no_name_in_a_drawing():
    net = nn.Sequential(nn.ZeroPad2d(2), museum.built("LeNet-5"))
    named = [one.get_text() for one in to_scale(surveyed(net, (1, 28, 28))).get_axes()[0].texts]
    assert named[:2] == ["image", "conv 1"]
    net = nn.Sequential(nn.Conv2d(1, 8, 1), BranchesInAList(8, 4, 2, 6, 2, 3, 5))
    assert "branches" in [one.get_text() for one in to_scale(surveyed(net, (1, 8, 8))).get_axes()[0].texts]
    module = surveyed(BranchesInAList(8, 4, 2, 6, 2, 3, 5), (8, 7, 9))
    assert to_scale(module).get_axes()[0].texts[0].get_text() == "input"
