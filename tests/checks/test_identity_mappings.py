"""What is special about unit 11: chains of blocks are judged by what they leave, and networks are raced and ranked."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn

from convbook import training
from convbook.checks import identity_mappings as check
from convbook.forms import CheckFailed, NotAttempted, NotYet
from convbook.stand_in import yours
from convbook.training.depth import NothingTrained
from convbook.widgets import BlockXray
from right import WAYS
from right.identity_mappings import WithBranches, WithFunctions

IMAGES = (torch.rand(64, 1, 8, 8, generator=torch.Generator().manual_seed(0)), torch.arange(64) % 10)
QUICK = training.Recipe(epochs=1, batch_size=32)


def told(exercise, answer) -> str:
    with pytest.raises(CheckFailed) as caught:
        exercise(answer)
    return " ".join(str(caught.value).split())


def net(blocks: int) -> nn.Module:
    return training.one_stage_net(lambda: WithFunctions(4, 4), blocks, width=4)


def test_the_unit_has_five_exercises_and_thirty_points():
    names = ["PreActBlock", "path_gain", "residual_sum", "ShortcutBlock", "gradient_at_input"]
    assert [exercise.name for exercise in check.unit.exercises] == names
    assert check.unit.points == 30


def test_a_projection_may_take_the_activated_or_the_raw_input():
    taken = {"active" if "Functions" in way.__name__ else "raw" for way in WAYS["PreActBlock"]}
    assert taken == {"active", "raw"} and all(
        check.PreActBlock.judge(way).right for way in WAYS["PreActBlock"]
    )


@pytest.mark.parametrize("kind", ["identity", "scale", "gate", "conv", "dropout"])
def test_a_right_block_bears_no_mark_in_its_xray(kind):
    for way in WAYS["ShortcutBlock"]:
        xray = BlockXray(way, check.ShortcutBlock, args=(4, kind))
        drawn = [*xray.wanted, *xray.yours["evaluation"]["nodes"]]
        assert xray.verdict["kind"] == "right" and not any(node["mark"] for node in drawn)


def test_a_network_has_two_layers_a_block_and_two_more():
    layers = [layer for layer in net(3).modules() if isinstance(layer, nn.Linear | nn.Conv2d)]
    assert len(layers) == 2 * 3 + 2
    assert net(3)(torch.zeros(5, 1, 8, 8)).shape == (5, 10)


def test_a_race_gives_every_kind_the_same_seeds_and_the_ranking_puts_the_best_first():
    makers = {"one": net, "same": net}
    runs = training.race(makers, 6, IMAGES, seeds=(3, 4), recipe=QUICK, progress=False)
    assert [(run.kind, run.seed, run.depth) for run in runs] == [
        ("one", 3, 6),
        ("same", 3, 6),
        ("one", 4, 6),
        ("same", 4, 6),
    ]
    found = dict(training.ranking(runs))
    assert found["one"] == found["same"] and len(found["one"]) == 2  # equal networks: equal to the last digit
    assert [kind for kind, _ in training.ranking([*runs[:1], replace(runs[1], error=-1.0)])] == [
        "same",
        "one",
    ]


def test_a_race_that_is_stopped_gives_back_what_was_trained():
    asked = []

    def watch(run, now):
        asked.append(run.kind)
        return run.kind == "second"

    runs = training.race(
        {"first": net, "second": net, "third": net}, 4, IMAGES, recipe=QUICK, watch=watch, progress=False
    )
    assert [run.kind for run in runs] == ["first", "second"] and "third" not in asked
    assert runs[0].error is not None and training.ranking(runs)[0][0] == "first"


@pytest.mark.parametrize(("depth", "said"), [(5, "choose an even number"), (2, "choose an even number")])
def test_a_depth_that_no_chain_has_is_refused_in_one_sentence(depth, said):
    with pytest.raises(ValueError, match=said) as refused:
        training.race({"one": net}, depth, IMAGES)
    assert "\n" not in str(refused.value)


def test_a_maker_that_returns_nothing_is_told():
    with pytest.raises(ValueError, match="is its `return` missing"):
        training.race({"one": lambda blocks: None}, 4, IMAGES, progress=False)


def test_a_ranking_of_nothing_waits_for_the_training():
    with pytest.raises(NothingTrained, match="waits for the training above"):
        training.ranking([])


def test_a_single_seed_may_be_given_as_a_number():
    assert [
        run.seed for run in training.race({"one": net}, 4, IMAGES, seeds=7, recipe=QUICK, progress=False)
    ] == [7]


def test_an_open_answer_stops_a_demonstration_in_one_line():
    def residual_sum(blocks, x):
        raise NotImplementedError

    with pytest.raises(NotAttempted):
        check.residual_sum(residual_sum)
    with pytest.raises(NotYet, match="nothing can stand in for it"):
        yours(residual_sum, check.residual_sum)


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        (lambda x, parts: (x, parts, 1), "3 values"),
        (lambda x, parts: {"x": x}, "a dict"),
        (lambda x, parts: (x, dict(enumerate(parts))), "a dict second"),
        (lambda x, parts: (x.numpy(force=True), parts), "a ndarray first"),
        (lambda x, parts: (x, [part.norm().item() for part in parts]), "a list of other things than tensors"),
    ],
)
def test_a_result_of_another_kind_is_told_by_what_it_is(returned, said):
    def answer(blocks, x):
        parts = []
        for block in blocks:
            y = block(x)
            parts.append(y - x)
            x = y
        return returned(x, parts)

    assert said in told(check.residual_sum, answer)


def test_a_gradient_of_another_kind_is_told_by_what_it_is():
    def gradient_at_input(blocks, x):
        start = x.detach().clone().requires_grad_()
        end = nn.Sequential(*blocks)(start) if blocks else start * 1
        return torch.autograd.grad(end.sum(), start)[0]

    assert "a tensor of shape" in told(check.gradient_at_input, gradient_at_input)


def test_a_kind_that_nobody_asked_for_may_be_refused_by_a_block():
    class Strict(WithBranches):
        def __init__(self, c, kind):
            if kind not in ("identity", "scale", "gate", "conv", "dropout"):
                raise ValueError(f"no shortcut is called {kind!r}")
            super().__init__(c, kind)

    assert check.ShortcutBlock.judge(Strict).right
