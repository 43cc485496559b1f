"""BlockXray: the graph that ran in a module beside the wanted one, marked by the judge's own evidence."""

from __future__ import annotations

import functools
import inspect
import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

import blocks
from browser import violations
from convbook.checks import resnet as check
from convbook.checks.engine.modules.graph import traced
from convbook.widgets import BlockXray
from hands import NOTHING, Fingers, in_node, keys_that_leave, shown_fifty_times, spoken, trait
from test_in_jupyterlab import run

ARGS = (4, 8, 2)


@functools.cache  # nobody changes it: a page has a model of its own
def xray(name: str) -> BlockXray:
    return BlockXray(getattr(blocks, name), check.BasicBlock, args=ARGS)


def marked(widget: BlockXray) -> tuple[dict, dict]:
    """Return the marks of both sides, by the names of the boxes."""
    sides = (widget.yours["evaluation"]["nodes"], widget.wanted)
    return tuple({node["name"]: node["mark"] for node in side if node["mark"]} for side in sides)


class Stem(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)

    def forward(self, x):
        return self.conv(x)


# ── what ran, and what is marked ────────────────────────────────────────────────────────────────────────


def test_a_right_block_has_no_marks_and_every_box_has_its_partner():
    widget = xray("BasicBlock")
    assert marked(widget) == ({}, {}) and widget.verdict["kind"] == "right"
    assert [node["twin"] for node in widget.yours["evaluation"]["nodes"]] == list(range(len(widget.wanted)))


@pytest.mark.parametrize(
    ("name", "yours", "wanted"),
    [
        ("NoRelu", {}, {"ReLU": "missing"}),
        ("EarlyRelu", {"ReLU": "extra"}, {}),
        ("Exchanged", {"ReLU": "misplaced", "bn1": "misplaced"}, {"bn1": "misplaced", "ReLU": "misplaced"}),
        ("Shared", {"bn1": "shared"}, {"bn1": "shared", "bn2": "shared"}),
        ("LateStride", {"conv1": "changed", "conv2": "changed"}, {"conv1": "changed", "conv2": "changed"}),
        ("NoShortcut", {}, {"downsample.0": "missing", "downsample.1": "missing", "addition": "missing"}),
        ("Added", {"conv3": "extra", "tanh": "extra"}, {}),
    ],
)
def test_what_differs_is_marked_and_said_in_the_words_of_the_check(name, yours, wanted):
    widget = xray(name)
    assert marked(widget) == (yours, wanted)
    verdict = check.BasicBlock.judge(getattr(blocks, name))
    title = verdict.message.strip().split("\n")[0].lstrip("✗ ")
    assert widget.verdict["title"] == title and title in widget.words()


DRAWN = [m for m in check.BasicBlock.mistakes if m.ways]


@pytest.mark.parametrize("mistake", DRAWN, ids=lambda one: one.name)
def test_every_mistake_that_the_check_names_leaves_a_mark_or_says_what_stops(mistake):
    widget = BlockXray(mistake.answer, check.BasicBlock, args=ARGS)
    assert widget.verdict["kind"] != "right"
    assert any(marked(widget)) or " stops on an input of shape " in widget.words()


def test_numbers_that_hide_a_fault_give_way_to_those_of_the_case_that_failed():
    hidden = next(m for m in DRAWN if m.name == "no projection where only the size changes")
    words = BlockXray(hidden.answer, check.BasicBlock, args=ARGS).words()
    assert "It is built with (3, 3, 2) here: other numbers do not show the fault." in words


def test_shapes_numbers_and_gradients_are_those_of_pytorch_in_both_modes():
    block = blocks.BasicBlock(*ARGS)
    x = np.random.default_rng(1).normal(size=(3, 4, 6, 6)).astype(np.float32)
    state = {name: tensor.clone() for name, tensor in block.state_dict().items()}
    widget = BlockXray(block, x=x)
    assert block.training and all(torch.equal(t, state[n]) for n, t in block.state_dict().items()), (
        "as it was"
    )
    for mode in ("evaluation", "training"):
        block.load_state_dict(state)
        block.train(mode == "training")
        middle = F.relu(block.bn1(block.conv1(torch.tensor(x))))
        middle.retain_grad()
        out = F.relu(block.bn2(block.conv2(middle)) + block.downsample(torch.tensor(x)))
        (out * torch.linspace(-1, 1, out.numel()).reshape(out.shape)).sum().backward()
        nodes, numbers = (widget.yours[mode][part] for part in ("nodes", "numbers"))
        place = next(i for i, node in enumerate(nodes) if node["name"] == "ReLU")
        assert nodes[place]["shape"] == [3, 8, 3, 3]
        values = middle.detach()
        goal = [values.mean(), values.std(correction=0), (values == 0).float().mean(), middle.grad.norm()]
        assert numbers[place] == pytest.approx([float(one) for one in goal], rel=1e-3)


def test_an_operation_in_place_keeps_what_was_there_before_it():
    widget = BlockXray(nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(inplace=True)))
    conv, relu = widget.yours["evaluation"]["numbers"][1:]
    assert conv[2] == 0 < relu[2], "zeros come with the ReLU"
    assert conv[3] < relu[3], "and its gradient is the convolution's, without what the ReLU stops"


def test_a_choice_that_the_exercise_leaves_open_is_no_mark():
    from convbook.checks import training

    class LeNet5(nn.Module):
        def __init__(self, n_classes=10):
            super().__init__()
            self.c1, self.c3 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5)
            self.c5, self.f6 = nn.Linear(400, 120), nn.Linear(120, 84)
            self.out = nn.Linear(84, n_classes)

        def forward(self, x):
            for layer in (self.c1, self.c3):
                x = F.avg_pool2d(torch.tanh(layer(x)), 2)
            return self.out(torch.tanh(self.f6(torch.tanh(self.c5(x.flatten(1))))))

    widget = BlockXray(LeNet5, training.LeNet5)
    assert widget.verdict["kind"] == "right" and marked(widget) == ({}, {})
    assert [node["kind"] for node in widget.wanted].count("average pooling") == 2
    assert len(BlockXray(LeNet5(), training.LeNet5).wanted) == 13, "an instance: its graph needs no numbers"


def test_a_long_network_folds_into_its_parts_and_opens():
    layers = lambda: nn.Sequential(*(blocks.BasicBlock(4, 4) for _ in range(3)))  # noqa: E731
    widget = BlockXray(nn.Sequential(nn.Conv2d(1, 4, 3), layers(), layers()))
    code = "part.seenOf(nodes, open).map((box) => box.name)"
    nodes = widget.yours["evaluation"]["nodes"]
    assert in_node("_block_xray", code, nodes=nodes, open=[]) == ["x", "0", "1", "2"]
    assert in_node("_block_xray", code, nodes=nodes, open=["1"]) == ["x", "0", "1.0", "1.1", "1.2", "2"]
    assert "conv1" in in_node("_block_xray", code, nodes=nodes, open=["1", "1.0"])


# ── where the boxes lie ─────────────────────────────────────────────────────────────────────────────────


def laid_out(boxes: list[dict], width: int = 400) -> dict:
    return in_node("_graph", "part.layOutGraph(boxes, width)", boxes=boxes, width=width)


def box(name: str, *sources: int) -> dict:
    return {"name": name, "from": list(sources)}


def graphs() -> dict[str, list[dict]]:
    def inception(x):
        from convbook.checks.engine.modules import cat

        return cat(
            x.conv(2, 1), x.conv(2, 1).conv(2, 3), x.conv(2, 1).conv(2, 5), x.maxpool(3, 1, 1).conv(2, 1)
        )

    def dense(x):
        a = x.conv(3, 3)
        b = (a + x).conv(3, 3)
        return (a + x) + (b + x) + b

    made = {}
    for function in (inception, dense):
        graph = traced(function, (3, 8, 8))
        places = {"x": 0} | {node.name: i for i, node in enumerate(graph.body, start=1)}
        made[function.__name__] = [
            box("x"),
            *(box(node.name, *{places[s] for s in node.sources}) for node in graph.body),
        ]
    made["block"] = [box("x"), box("a", 0), box("b", 1), box("c", 2), box("add", 0, 3)]
    made["chain"] = [box("x"), box("a", 0)]
    made["lonely"] = [box("x"), box("a")]
    return made


@pytest.mark.parametrize("name", graphs())
def test_boxes_never_overlap_edges_go_down_and_no_edge_crosses_a_box(name):
    boxes = graphs()[name]
    layout = laid_out(boxes)
    places, wide, high = layout["places"], layout["wide"], 24
    for one, other in itertools.combinations(places, 2):
        assert abs(one["x"] - other["x"]) >= wide or abs(one["y"] - other["y"]) >= high
    assert {(e["from"], e["to"]) for e in layout["edges"]} == {
        (s, i) for i, b in enumerate(boxes) for s in b["from"]
    }
    for edge in layout["edges"]:
        points = edge["points"]
        assert all(a[1] <= b[1] for a, b in itertools.pairwise(points))
        for (x1, y1), (x2, y2) in itertools.pairwise(points):
            for place in places:
                left, top = place["x"] - wide / 2, place["y"] - high / 2
                inside = min(x1, x2) < left + wide and max(x1, x2) > left
                assert not (inside and min(y1, y2) < top + high - 0.1 and max(y1, y2) > top + 0.1)


@pytest.mark.parametrize("width", [300, 900])
def test_a_shape_ends_before_the_next_edge_begins(width):
    for boxes in graphs().values():
        layout = laid_out([one | {"shape": "16×256×56×56"} for one in boxes], width)
        for one, other in itertools.permutations(layout["places"], 2):
            if one["row"] == other["row"] and one["x"] < other["x"]:
                assert one["x"] + 6 + 12 * 6.5 <= other["x"]
        assert max(place["x"] for place in layout["places"]) + 6 + 12 * 6.5 <= layout["width"]


def test_the_longest_way_runs_straight_down():
    places = laid_out(graphs()["block"])["places"]
    assert len({place["x"] for place in places}) == 1
    rows = [place["row"] for place in laid_out(graphs()["inception"])["places"]]
    assert max(rows) == 3


# ── what cannot be shown ────────────────────────────────────────────────────────────────────────────────


class Raises(Stem):
    def forward(self, x):
        self.conv(x)
        raise RuntimeError("no such layer\nand more lines")


class Never(Stem):
    def forward(self, x):
        while True:
            pass


class Asks(Stem):
    def forward(self, x):
        return self.conv(x) * float(input("by how much? "))


class Prints(Stem):
    def forward(self, x):
        print("here I am")
        return self.conv(x)


class Counts(Stem):
    calls = 0

    def forward(self, x):
        self.calls += 1
        return self.conv(x) * self.calls


class Leaves(Stem):
    def forward(self, x):
        return torch.from_numpy(self.conv(x).detach().numpy()) * 2


class Nothing(Stem):
    def forward(self, x):
        self.conv(x)


class Overwrites(Stem):
    def forward(self, x):
        y = self.conv(x).sigmoid()
        y += 1
        return y


class Open(nn.Module):
    def __init__(self, c):
        raise NotImplementedError


class Same(nn.Module):
    def forward(self, x):
        return x


X = np.ones((1, 1, 5, 5))


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: BlockXray(blocks.BasicBlock), "BasicBlock is a class, and building it stops with TypeError: "),
        (lambda: BlockXray(blocks.BasicBlock), "Build it first, as in BlockXray(BasicBlock(…)), or give args=(…)."),
        (lambda: BlockXray(blocks.BasicBlock(*ARGS), check.BasicBlock), "Give args=(…), what it is built with, to see the wanted"),
        (lambda: BlockXray(Open, args=(1,)), "Open is not written yet. Write it, then run this cell again"),
        (lambda: BlockXray(3), "3 is no nn.Module: give BlockXray an nn.Module"),
        (lambda: BlockXray(int), "the class int makes no nn.Module"),
        (lambda: BlockXray(Raises(), x=X), "stops on an input of shape (1, 1, 5, 5), after 1 operation: RuntimeError: no such layer."),
        (lambda: BlockXray(Stem(), x=np.ones((1, 3, 5, 5))), "Stem stops on an input of shape (1, 3, 5, 5): RuntimeError"),
        (lambda: BlockXray(Stem(), x="abc"), "Stem: x is no array of numbers"),
        (lambda: BlockXray(Asks()), "RuntimeError: input() waits for a person"),
        (lambda: BlockXray(Prints()), "While it runs, it prints “here I am”."),
        (lambda: BlockXray(Counts()), "two calls with the same input give two outputs: it keeps something between calls"),
        (lambda: BlockXray(Leaves()), "Part of it cannot be followed: it leaves PyTorch"),
        (lambda: BlockXray(Nothing()), "Nothing returns nothing from forward, not a tensor."),
        (lambda: BlockXray(Overwrites()), "Its gradient cannot be computed: one of the variables"),
        (lambda: BlockXray(Same(), x=X), "Same runs no operation of PyTorch on its input."),
        (lambda: BlockXray(Same()), "it has no convolution to tell which input fits"),
        (lambda: BlockXray(nn.Sequential(*[nn.ReLU()] * 301), x=X), "runs 301 operations; BlockXray shows at most 300."),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_is_one_sentence_and_what_ran_before_is_drawn(make, sentence):
    widget = make()
    assert sentence in widget.words()
    assert widget.blocked or len(widget.yours["evaluation"]["nodes"]) > 1
    assert "\n" not in widget.words() and widget.picture().png()


def test_a_module_that_never_returns_is_stopped(monkeypatch):
    from convbook.widgets import block_xray

    monkeypatch.setattr(block_xray, "SECONDS", 0.3)
    assert BlockXray(Never()).words() == "Never does not return within 0.3 seconds."


# ── what a person does ──────────────────────────────────────────────────────────────────────────────────


def node(page, side: str, name: str):
    return page.locator(f".cb-pane[data-side={side}] .cb-node[aria-label^='{name}']").first


def test_a_click_and_a_finger_choose_a_box_and_its_numbers_are_told(show):
    page = show(xray("NoRelu"))
    assert spoken(page).startswith("Wanted: ReLU gives 2 × 8 × 8 × 8. It is missing in yours; the check says")
    node(page, "yours", "conv1").click()
    assert trait(page, "at") == ["yours", 1]
    assert spoken(page).startswith(
        "Yours: conv1 (convolution 3×3, 4 to 8, stride 2) gives 2 × 8 × 8 × 8 in evaluation"
    )
    box = node(page, "wanted", "bn1").bounding_box()
    Fingers(page).tap((box["x"] + box["width"] / 2, box["y"] + box["height"] / 2))
    page.wait_for_function("() => String(window.model.get('at')) === 'wanted,2'")


def test_arrow_keys_walk_along_the_edges_and_over_to_the_partner_and_stay_inside(show):
    page = show(xray("BasicBlock"))
    at = lambda: trait(page, "at")  # noqa: E731
    keys = ["ArrowUp", "ArrowDown", "ArrowRight", "ArrowDown", "ArrowDown"]
    assert keys_that_leave(page, ".cb-node[tabindex='0']", *keys) == []
    assert at() == ["yours", 8], "x, conv1, aside to the shortcut, its batch norm, and down to the addition"
    page.keyboard.press("ArrowRight")
    assert at() == ["wanted", 8]
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("End")
    assert at() == ["yours", 9]
    page.keyboard.press("Home")
    assert at() == ["yours", 0]


def test_training_and_evaluation_are_switched_and_tell_other_numbers(show):
    page = show(xray("BasicBlock"))
    node(page, "yours", "bn1").click()
    before = spoken(page)
    page.get_by_role("button", name="training").click()
    assert " in training, with mean" in spoken(page) and "standard deviation 1 " in spoken(page) != before


def test_a_part_is_opened_and_folded_by_its_button(show):
    page = show(long())
    page.locator(".cb-node[aria-label^='1,']").click()
    page.get_by_role("button", name="Open 1", exact=True).click()
    page.wait_for_selector(".cb-node[aria-label^='1.0']")
    page.locator(".cb-node[aria-label^='1.0']").click()
    page.get_by_role("button", name="Open 1.0").click()
    page.wait_for_selector(".cb-node[aria-label^='conv1']")
    page.get_by_role("button", name="Fold 1.0").click()
    page.wait_for_selector(".cb-node[aria-label^='conv1']", state="detached")


# ── what holds for every widget ─────────────────────────────────────────────────────────────────────────


@functools.cache
def long() -> BlockXray:
    layers = [nn.Sequential(*(blocks.BasicBlock(4, 4) for _ in range(3))) for _ in range(2)]
    return BlockXray(nn.Sequential(nn.Conv2d(1, 4, 3), *layers))


WIDGETS = {"misplaced": lambda: xray("Exchanged"), "long": long,
           "blocked": lambda: BlockXray(3), "stopped": lambda: BlockXray(Raises())}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "dark"),
    [("misplaced", False), ("misplaced", True), ("long", True), ("blocked", False), ("stopped", False)],
)
def test_axe_finds_nothing_and_the_browser_says_what_python_says(show, name, dark):
    widget = WIDGETS[name]()
    page = show(widget, dark=dark)
    assert violations(page) == []
    assert spoken(page) == widget.words()
    assert page.evaluate("() => document.querySelector('.convbook').offsetHeight") <= 600


@pytest.mark.parametrize("width", [900, 400])
def test_nothing_jumps_while_one_walks_and_nothing_sticks_out(show, width):
    page = show(xray("Added"), width=width)
    heights = set()
    for at in (["yours", 0], ["yours", 6], ["wanted", 1]):
        page.evaluate("(at) => window.model.arrive({ at })", at)
        heights.add(page.evaluate("() => document.querySelector('.convbook').offsetHeight"))
    assert len(heights) == 1
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    sizes = "() => [...document.querySelectorAll('button')].map((one) => Math.min(one.offsetHeight, one.offsetWidth))"
    assert min(page.evaluate(sizes)) >= 30


def test_marks_differ_in_letter_and_border():
    looks = in_node("_graph", "Object.values(part.MARKS)")
    assert len({one["letter"] for one in looks}) == len(looks) == 6
    assert len({(str(one["dash"]), one["thick"], one.get("twice")) for one in looks}) == 6


def test_fifty_shows_leave_nothing(show):
    widget = xray("NoRelu")
    assert shown_fifty_times(show, widget) == NOTHING


def test_a_still_picture_a_sentence_and_a_small_state_are_left():
    widget = xray("NoRelu")
    data, metadata = widget._repr_mimebundle_()
    assert data["text/plain"] == metadata["image/png"]["alt"] == widget.words()
    texts = {text.get_text() for text in widget.picture().axes[0].texts}
    assert {"conv1", "2×4×16×16", "M", "wanted", "✗ BasicBlock: no ReLU in the middle"} <= texts
    assert len(str(widget.state())) < 20_000


def test_a_class_that_was_written_anew_is_found_by_refresh(monkeypatch):
    widget = BlockXray(blocks.NoRelu, check.BasicBlock, args=ARGS)
    monkeypatch.setattr(
        blocks, "NoRelu", type("NoRelu", (blocks.BasicBlock,), {"__module__": blocks.__name__})
    )
    widget.refresh()
    assert widget.verdict["kind"] == "right" and marked(widget) == ({}, {})


CELLS = [
    "import inspect, torch.nn.functional as F\nfrom torch import nn\nfrom convbook.checks import resnet as check\n"
    "from convbook.widgets import BlockXray",
    inspect.getsource(blocks.BasicBlock),
    "BlockXray(BasicBlock, check.BasicBlock, args=(4, 8, 2))",
]


def test_in_jupyterlab_keys_stay_inside_and_x_ray_again_finds_the_mended_class(chromium, lab, watch):
    wrong = CELLS[1].replace("f = F.relu(self.bn1(self.conv1(x)))", "f = self.bn1(self.conv1(x))")
    assert wrong != CELLS[1]
    lab.write("block.ipynb", [CELLS[0], wrong, CELLS[2]])
    context = chromium.new_context(viewport={"width": 1200, "height": 1400})
    watch.guard(context)
    page = context.new_page()
    lab.open(page, "block.ipynb")
    lab.run_all(page)
    page.wait_for_selector(".block-xray .cb-bad")
    page.focus(".block-xray .cb-node[tabindex='0']")
    active = "() => window.jupyterapp.shell.currentWidget.content.activeCellIndex"
    before = page.evaluate(active)
    for key in ("ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    assert page.evaluate(active) == before
    run(page, CELLS[1])
    page.get_by_role("button", name="X-ray again").click()
    page.wait_for_selector(".block-xray .cb-good", timeout=30_000)
    context.close()
