"""The engine of module checks knows no network: a LeNet, dropout and branches go through it by their graphs alone."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from convbook.checks.engine import modules
from convbook.checks.engine.declare import exercise, mistake, question_of
from convbook.checks.engine.modules import Modules, built, cat, edits, small
from convbook.checks.engine.modules.graph import GraphError, traced
from convbook.forms import CheckFailed


def lenet_cases(rng):
    fixed = np.random.default_rng(1)
    yield built(x=fixed.normal(size=(2, 1, 32, 32)))
    yield built(3, x=fixed.normal(size=(1, 1, 32, 32)))


@exercise(
    "LeNet-5", points=1, cases=lenet_cases, shapes="x (n, 1, h, w) -> (n, n_classes)", forbid="torchvision",
    observe=Modules(image=(32, 32)), why="two convolutions, each with tanh and pooling, then three linear layers",
    mistakes=(mistake("softmax at the end", "the loss applies it", edit=edits.then("end", "softmax")),),
)  # fmt: skip
def LeNet(x, n_classes=10):
    x = x.conv(6, 5, padding=0).tanh().avgpool(2)
    x = x.conv(16, 5, padding=0).tanh().avgpool(2).flatten()
    return x.linear(120).tanh().linear(84).tanh().linear(n_classes)


class RightLeNet(nn.Module):
    def __init__(self, n_classes=10):
        super().__init__()
        self.c1, self.c2 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5)
        self.f1, self.f2, self.f3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, n_classes)

    def forward(self, x):
        x = F.avg_pool2d(torch.tanh(self.c1(x)), 2)
        x = F.avg_pool2d(torch.tanh(self.c2(x)), 2).flatten(1)
        return self.f3(torch.tanh(self.f2(torch.tanh(self.f1(x)))))


def relu_everywhere(self, x):
    x = F.avg_pool2d(F.relu(self.c1(x)), 2)
    x = F.avg_pool2d(F.relu(self.c2(x)), 2).flatten(1)
    return self.f3(F.relu(self.f2(F.relu(self.f1(x)))))


def max_pooling(self, x):
    x = F.max_pool2d(torch.tanh(self.c1(x)), 2)
    x = F.max_pool2d(torch.tanh(self.c2(x)), 2).flatten(1)
    return self.f3(torch.tanh(self.f2(torch.tanh(self.f1(x)))))


def last_tanh_missing(self, x):
    x = F.avg_pool2d(torch.tanh(self.c1(x)), 2)
    x = F.avg_pool2d(torch.tanh(self.c2(x)), 2).flatten(1)
    return self.f3(self.f2(torch.tanh(self.f1(x))))


def pooled_first(self, x):
    x = torch.tanh(F.avg_pool2d(self.c1(x), 2))
    x = F.avg_pool2d(torch.tanh(self.c2(x)), 2).flatten(1)
    return self.f3(torch.tanh(self.f2(torch.tanh(self.f1(x)))))


LENETS = {
    relu_everywhere: "every tanh is a ReLU",
    max_pooling: "every average pooling is max pooling",
    last_tanh_missing: "the tanh after the second linear layer is missing",
    pooled_first: "the tanh after the first convolution comes after its average pooling",
}


def wrong(right, forward):
    return type(right.__name__, (right,), {"forward": forward})


def failure(asked, answer) -> CheckFailed:
    started = time.perf_counter()
    with pytest.raises(CheckFailed) as caught:
        asked(answer)
    assert time.perf_counter() - started < 5
    return caught.value


def test_a_right_lenet_is_accepted():
    assert LeNet.judge(RightLeNet).right


@pytest.mark.parametrize(("forward", "name"), LENETS.items(), ids=[f.__name__ for f in LENETS])
def test_a_wrong_lenet_is_told_its_mistake_without_a_word_of_it_declared(forward, name):
    assert failure(LeNet, wrong(RightLeNet, forward)).mistakes == (name,)


def test_a_lenet_is_not_told_that_only_the_relu_is_asked_for():
    def odd(self, x):
        return RightLeNet.forward(self, F.silu(x))

    message = str(failure(LeNet, wrong(RightLeNet, odd)))
    assert "`silu`; the only activation asked for is the tanh" in message and "ReLU" not in message


@exercise(
    "LeNet-5 of one's own choice", points=1, cases=lenet_cases, shapes="x (n, 1, h, w) -> (n, n_classes)", forbid="torchvision",
    observe=Modules(image=(32, 32), free=(
        (edits.into("kind:tanh", "relu"), edits.into("kind:tanh", "sigmoid")), (edits.into("kind:avgpool", "maxpool"),))),
    why="two convolutions, each with an activation and pooling, then three linear layers",
    mistakes=(mistake("softmax at the end", "the loss applies it", edit=edits.then("end", "softmax")),),
)  # fmt: skip
def FreeLeNet(x, n_classes=10):
    return LeNet.judging.args[0].oracle.function(x, n_classes)


def relu_and_max(self, x):
    x = F.max_pool2d(F.relu(self.c1(x)), 2)
    x = F.max_pool2d(F.relu(self.c2(x)), 2).flatten(1)
    return self.f3(F.relu(self.f2(F.relu(self.f1(x)))))


def relu_and_max_and_one_missing(self, x):
    x = F.max_pool2d(F.relu(self.c1(x)), 2)
    x = F.max_pool2d(F.relu(self.c2(x)), 2).flatten(1)
    return self.f3(self.f2(F.relu(self.f1(x))))


@pytest.mark.parametrize("forward", [RightLeNet.forward, relu_everywhere, max_pooling, relu_and_max])
def test_what_an_exercise_leaves_open_is_right_in_every_way(forward):
    assert FreeLeNet.judge(wrong(RightLeNet, forward)).right


def test_a_mistake_is_told_by_name_whatever_was_chosen_where_the_exercise_leaves_it_open():
    told = failure(FreeLeNet, wrong(RightLeNet, relu_and_max_and_one_missing)).mistake
    assert told == "the tanh after the second linear layer is missing"
    ending = wrong(RightLeNet, lambda self, x: relu_and_max(self, x).softmax(-1))
    assert failure(FreeLeNet, ending).mistake == "softmax at the end"


def dropout_cases(rng):
    fixed = np.random.default_rng(2)
    yield built(4, x=fixed.normal(size=(3, 4, 4, 4)) + 0.1)


@exercise("A block with dropout", points=1, cases=dropout_cases, shapes="x (n, c, h, w)", forbid="torchvision",
          observe=Modules(), why="convolution, ReLU, dropout, convolution",
          mistakes=(mistake("no ReLU", "a ReLU follows", edit=edits.without("kind:relu")),))  # fmt: skip
def Dropping(x, c):
    return x.conv(c, 3, name="conv1").relu().dropout(0.3).conv(c, 1, name="conv2")


class RightDropping(nn.Module):
    p, active = 0.3, None

    def __init__(self, c):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(c, c, 3, padding=1), nn.Conv2d(c, c, 1)

    def forward(self, x):
        on = self.training if self.active is None else self.active
        return self.conv2(F.dropout(F.relu(self.conv1(x)), self.p, on))


def dropped_first(self, x):
    return self.conv2(F.relu(self.conv1(F.dropout(x, 0.3, self.training))))


DROPOUTS = {
    "the dropout is active in evaluation mode too": type("Always", (RightDropping,), {"active": True}),
    "the dropout is missing": type("Never", (RightDropping,), {"active": False}),
    "the dropout keeps with the probability with which it should drop": type(
        "Kept", (RightDropping,), {"p": 0.7}
    ),
    "the dropout drops with probability 0.5": type("Half", (RightDropping,), {"p": 0.5}),
}


def test_a_right_block_with_dropout_is_accepted_however_it_drops():
    class ByLayer(RightDropping):
        def __init__(self, c):
            super().__init__(c)
            self.drop = nn.Dropout(0.3)

        def forward(self, x):
            return self.conv2(self.drop(self.conv1(x).relu()))

    assert Dropping.judge(RightDropping).right and Dropping.judge(ByLayer).right


@pytest.mark.parametrize(("name", "answer"), DROPOUTS.items(), ids=DROPOUTS)
def test_a_wrong_dropout_is_told_by_name(name, answer):
    assert failure(Dropping, answer).mistakes == (name,)


def branch_cases(rng):
    yield built(3, 2, 4, x=small(2, 3, 4, 5))
    yield built(2, 3, 3, x=small(1, 2, 3, 3), about="both branches equally wide")


@exercise("Two branches", points=1, cases=branch_cases, shapes="x (n, c_in, h, w)", forbid="torchvision", observe=Modules(),
          why="a 1×1 and a 3×3 branch, one behind the other",
          mistakes=(mistake("no ReLU", "a ReLU follows", edit=edits.without("kind:relu")),))  # fmt: skip
def Branches(x, c_in, c1, c3):
    return cat(x.conv(c1, 1).relu(), x.conv(c3, 3).relu())


class RightBranches(nn.Module):
    def __init__(self, c_in, c1, c3):
        super().__init__()
        self.one, self.three = nn.Conv2d(c_in, c1, 1), nn.Conv2d(c_in, c3, 3, padding=1)

    def forward(self, x):
        return torch.cat([F.relu(self.one(x)), F.relu(self.three(x))], 1)


def other_order(self, x):
    return torch.cat([F.relu(self.three(x)), F.relu(self.one(x))], 1)


def half_activated(self, x):
    return torch.cat([self.one(x), F.relu(self.three(x))], 1)


def test_branches_are_told_by_their_order_and_their_parts():
    assert Branches.judge(RightBranches).right
    told = failure(Branches, wrong(RightBranches, other_order)).mistake
    assert told == "the concatenation puts the branches together in reverse order"
    assert (
        failure(Branches, wrong(RightBranches, half_activated)).mistake
        == "the ReLU after the first convolution is missing"
    )


COMMUTES = (
    "comes after the dropout",
    "comes after the concatenation",
)  # a ReLU may as well: such an edit is right


@pytest.mark.parametrize("asked", [LeNet, Dropping, Branches], ids=lambda e: e.name)
def test_every_single_edit_of_any_graph_is_refused_and_told_by_a_name(asked):
    question = question_of(asked)
    made = question.observer.automatic(question)
    assert 40 < len(made) < 400
    for one in made[:: len(made) // 20]:
        verdict = asked.judge(one.answer)
        if verdict.kind != "crash":  # a graph that cannot even be built
            assert verdict.right == one.name.endswith(COMMUTES), one.name
            assert verdict.mistakes or verdict.right, one.name
        assert one.explanation.startswith("asked for is ")


def test_a_graph_is_told_as_plain_data_for_a_drawing():
    graph = traced(Branches.judging.args[0].oracle.function, (3, 4, 5), 3, 2, 4)
    assert graph.edges() == [("x", "conv 1"), ("conv 1", "relu 1"), ("x", "conv 2"), ("conv 2", "relu 2"),
                             ("relu 1", "cat 1"), ("relu 2", "cat 1")]  # fmt: skip
    first = graph.nodes()[0]
    assert (first["name"], first["kind"], first["weights"]["weight"]) == ("conv 1", "conv", (2, 3, 1, 1))


def test_an_edit_that_moves_shares_and_feeds_nodes_leaves_the_others_as_they_are():
    graph = traced(Dropping.judging.args[0].oracle.function, (4, 4, 4), 4)
    moved = edits.swapped("relu 1", "dropout 1")(graph)
    assert moved.edges() == [
        ("x", "conv1"),
        ("conv1", "dropout 1"),
        ("dropout 1", "relu 1"),
        ("relu 1", "conv2"),
    ]
    assert edits.fed("conv2", "conv1")(graph)["conv2"].sources == ("conv1",)
    assert edits.without("nothing there")(graph) == graph
    with pytest.raises(GraphError, match="no node is called"):
        graph["nothing there"]


def test_an_unbent_graph_never_becomes_a_class():
    observer, oracle = question_of(Branches).observer, question_of(Branches).oracle
    for ways in ([], [edits.without("nothing there")]):
        with pytest.raises(ValueError, match="only a bent graph becomes a class"):
            observer.mutant(oracle, ways)(3, 2, 4)


def test_nothing_in_the_engine_of_modules_knows_a_residual_network():
    for file in Path(modules.__file__).parent.glob("*.py"):
        text = file.read_text(encoding="utf-8").lower()
        for word in ("resnet", "residual", "bottleneck", "downsample", "basicblock", "layer1"):
            assert word not in text, f"{file.name} speaks of {word}"


def test_declaring_a_module_exercise_loads_no_torch():
    code = "import sys, convbook.checks.resnet; print('torch' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "False\n"
    )
