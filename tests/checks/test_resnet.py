"""Unit 10's checks judge behaviour: every right way is accepted, every usual mistake refused by its name."""

from __future__ import annotations

import math
import subprocess
import sys
import time
from collections import OrderedDict

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import HealthCheck, given
from hypothesis import settings as run_settings
from hypothesis import strategies as st
from torch import nn

import right_blocks
from convbook.checks import resnet as check
from convbook.checks.modules.recipe import bent_class
from convbook.checks.resnet import recipes
from convbook.checks.resnet.loaders import pairwise
from convbook.checks.resnet.networks import NETWORKS, parameter_count, published_shapes
from convbook.checks.resnet.stage import builder
from convbook.checks.seed import seeded
from convbook.forms import CheckFailed, NotAttempted
from right_blocks import Basic, BottleneckBlock, Plain, Residual, free_shortcut, load_pairs, stage

RIGHT = {
    "PlainNet": Plain, "BasicBlock": Basic, "shortcut_a": free_shortcut, "Bottleneck": BottleneckBlock,
    "make_stage": stage, "ResNet": Residual, "load_by_order": load_pairs,
}  # fmt: skip
MISTAKES = [(exercise, mistake) for exercise in check.unit.exercises for mistake in exercise.mistakes]


def failure(exercise, answer) -> CheckFailed:
    with pytest.raises(CheckFailed) as caught:
        exercise(answer)
    return caught.value


def test_the_unit_has_seven_exercises_and_fifty_points():
    assert [exercise.name for exercise in check.unit.exercises] == list(RIGHT)
    assert check.unit.points == 50
    assert all(len(exercise.mistakes) >= 6 for exercise in check.unit.exercises)


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_answer_is_accepted_in_one_line_within_five_seconds(name, capfd):
    started = time.perf_counter()
    assert getattr(check, name)(RIGHT[name]) is None
    assert time.perf_counter() - started < 5
    out, err = capfd.readouterr()
    assert out.startswith(f"✓ {name}: ") and out.count("\n") == 1 and not err


@pytest.mark.parametrize(
    ("exercise", "mistake"),
    MISTAKES,
    ids=[f"{exercise.name}: {mistake.name}" for exercise, mistake in MISTAKES],
)
def test_every_mistake_is_refused_by_its_name_within_five_seconds(exercise, mistake, capfd):
    started = time.perf_counter()
    refused = failure(exercise, mistake.answer)
    assert time.perf_counter() - started < 5
    assert refused.mistakes == (mistake.name,)
    message = str(refused)
    assert message.startswith(f"✗ {exercise.name}: {mistake.name}")
    assert mistake.explanation.split()[0] in message and "{" not in message
    assert "".join(capfd.readouterr()) == ""


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_other_seeds_judge_alike_and_tell_no_drawn_number(seed):
    with seeded(seed):
        for name, answer in RIGHT.items():
            assert getattr(check, name).judge(answer).right
        for name in ("no ReLU in the middle", "the projection has no batch norm", "F times the shortcut"):
            mistake = next(m for m in check.BasicBlock.mistakes if m.name == name)
            assert check.BasicBlock.judge(mistake.answer).mistake == name


@pytest.mark.parametrize("variant", right_blocks.BASIC_VARIANTS, ids=lambda v: v.__name__)
def test_every_right_way_to_write_a_basic_block_is_accepted(variant):
    check.BasicBlock(variant)


@pytest.mark.parametrize("variant", right_blocks.BOTTLENECK_VARIANTS, ids=lambda v: v.__name__)
def test_every_right_way_to_write_a_bottleneck_is_accepted(variant):
    check.Bottleneck(variant)


@pytest.mark.parametrize("variant", right_blocks.PLAIN_VARIANTS, ids=lambda v: v.__name__)
def test_every_right_way_to_write_a_plain_network_is_accepted(variant):
    check.PlainNet(variant)


@pytest.mark.parametrize("variant", right_blocks.SHORTCUT_VARIANTS, ids=lambda v: v.__name__)
def test_every_right_way_to_write_the_free_shortcut_is_accepted(variant):
    check.shortcut_a(variant)


@pytest.mark.parametrize("variant", right_blocks.STAGE_VARIANTS, ids=lambda v: v.__name__)
def test_every_right_way_to_make_a_stage_is_accepted(variant):
    check.make_stage(variant)


@pytest.mark.parametrize("variant", right_blocks.RESNET_VARIANTS, ids=lambda v: v.__name__)
def test_every_right_way_to_write_a_resnet_is_accepted(variant):
    check.ResNet(variant)


@pytest.mark.parametrize("variant", right_blocks.LOADING_VARIANTS, ids=lambda v: v.__name__)
def test_every_right_way_to_load_by_order_is_accepted(variant):
    check.load_by_order(variant)


def test_two_mistakes_at_once_are_both_named():
    for one, other in (
        (("end", "none"), ("shortcut", "relu")),
        (("join", "F − shortcut"), ("strided", "second")),
    ):
        answer = bent_class(recipes.basic_block, "Two", {"expansion": 1}, **dict([one, other]))
        names = {m.name for m in check.BasicBlock.mistakes if m.bend in (dict([one]), dict([other]))}
        refused = failure(check.BasicBlock, answer)
        assert set(refused.mistakes) == names and "two mistakes at once" in str(refused)


def test_the_explanation_puts_the_cases_numbers_into_the_rule():
    mistake = next(m for m in check.BasicBlock.mistakes if m.name == "a ReLU on the shortcut")
    message = " ".join(str(failure(check.BasicBlock, mistake.answer)).split())
    assert "F is" in message and "and the shortcut -" in message and "relu(F + shortcut) is" in message
    mistake = next(m for m in check.make_stage.mistakes if m.name == "later blocks take c maps")
    assert "3 · 4 = 12 maps" in " ".join(str(failure(check.make_stage, mistake.answer)).split())


def test_an_untouched_hand_out_is_not_attempted():
    class Stub(nn.Module):
        expansion = 1

        def __init__(self, *args):
            super().__init__()
            raise NotImplementedError()

    class Half(nn.Module):
        expansion = 1

        def __init__(self, *args):
            super().__init__()
            self.layer = nn.Linear(1, 1)

        def forward(self, x):
            raise NotImplementedError()

    def stub(*args):
        raise NotImplementedError()

    for exercise in (check.PlainNet, check.BasicBlock, check.Bottleneck, check.ResNet):
        with pytest.raises(NotAttempted, match=f"• {exercise.name}: not attempted yet"):
            exercise(Stub)
    with pytest.raises(NotAttempted):
        check.BasicBlock(Half)
    for exercise in (check.shortcut_a, check.make_stage, check.load_by_order):
        with pytest.raises(NotAttempted):
            exercise(stub)


def test_a_learners_own_error_comes_through_with_the_case_as_a_note():
    class Broken(Basic):
        def forward(self, x):
            return self.nothing_like_it(x)

    with pytest.raises(AttributeError) as caught:
        check.BasicBlock(Broken)
    assert "BasicBlock(c_in=2, c_out=2, stride=1)" in caught.value.__notes__[0]

    def broken(*args):
        return 1 / 0

    for exercise in (check.shortcut_a, check.make_stage, check.load_by_order):
        with pytest.raises(ZeroDivisionError):
            exercise(broken)


def test_the_class_attribute_is_asked_for():
    class Nameless(nn.Module):
        def __init__(self, *args):
            super().__init__()
            self.inner = Basic(*args)

        def forward(self, x):
            return self.inner(x)

    assert "`expansion = 1` in the class body" in " ".join(str(failure(check.BasicBlock, Nameless)).split())
    assert "is not 4" in str(failure(check.Bottleneck, type("Wrong", (BottleneckBlock,), {"expansion": 1})))


def test_an_answer_that_is_no_module_is_told_so():
    class Bare:
        def __init__(self, *args):
            pass

    assert "derive from nn.Module" in str(failure(check.BasicBlock, Bare))
    assert "derive from nn.Module" in str(failure(check.ResNet, Bare))


def test_a_forward_without_return_is_told_so():
    class Silent(Basic):
        def forward(self, x):
            super().forward(x)

    assert "is the `return` missing?" in str(failure(check.BasicBlock, Silent))


def test_a_block_that_writes_into_its_input_is_told_so():
    class Greedy(Basic):
        def forward(self, x):
            return super().forward(x.mul_(1.5))

    refused = failure(check.BasicBlock, Greedy)
    assert refused.kind == "changed input" and "in place" in str(refused)


def test_layers_in_a_plain_list_are_told():
    class Listed(Plain):
        def __init__(self, *args):
            super().__init__(*args)
            self.kept = list(self.body)
            del self.body

        def forward(self, x):
            for layer in self.kept:
                x = layer(x)
            return self.head(x.mean((2, 3)))

    assert "layer that it does not own" in str(failure(check.PlainNet, Listed))


def test_weights_that_never_take_part_are_named():
    class Roomy(Basic):
        def __init__(self, *args):
            super().__init__(*args)
            self.spare = nn.Conv2d(5, 5, 1)

    assert "spare.weight" in str(failure(check.BasicBlock, Roomy))


def test_an_endless_block_is_stopped_within_five_seconds():
    class Endless(Basic):
        def forward(self, x):
            while True:
                x = x + 1

    started = time.perf_counter()
    assert failure(check.BasicBlock, Endless).kind == "endless"
    assert time.perf_counter() - started < 5.5


def test_a_network_that_is_not_a_number_is_told_so():
    class Broken(Basic):
        def forward(self, x):
            return super().forward(x) / 0 * 0

    assert failure(check.BasicBlock, Broken).kind == "not finite"


def test_other_names_in_a_resnet_are_told_with_both_sides():
    class Renamed(Residual):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.classifier = self.fc
            del self.fc

    message = str(failure(check.ResNet, Renamed))
    assert "classifier.weight (1000, 512)" in message and "fc.weight (1000, 512)" in message


def test_the_state_of_the_notebook_is_as_before():
    torch.manual_seed(3)
    np.random.seed(3)
    torch.set_default_dtype(torch.float64)
    try:
        with torch.no_grad():
            before = torch.get_rng_state(), torch.get_num_threads(), np.random.get_state()[1].copy()
            for name, answer in RIGHT.items():
                getattr(check, name).judge(answer)
                getattr(check, name).judge(getattr(check, name).mistakes[0].answer)
            assert not torch.is_grad_enabled()
        assert torch.equal(torch.get_rng_state(), before[0])
        assert torch.get_num_threads() == before[1]
        assert np.array_equal(np.random.get_state()[1], before[2])
        assert torch.get_default_dtype() == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)


def test_the_library_holds_no_answer_to_hand_in():
    for maker in (lambda: bent_class(recipes.basic_block, "Straight"), builder, lambda: pairwise(None, {})):
        with pytest.raises(ValueError, match="the exercise"):
            maker()


def batch_norm(name: str, maps: int):
    yield from ((f"{name}.{part}", (maps,)) for part in ("weight", "bias", "running_mean", "running_var"))
    yield f"{name}.num_batches_tracked", ()


def published_by_rule(bottleneck: bool, layers: tuple[int, ...]):
    """Yield names and shapes as He and others (2016) and torchvision's naming give them."""
    yield "conv1.weight", (64, 3, 7, 7)
    yield from batch_norm("bn1", 64)
    maps = 64
    for stage_number, blocks in enumerate(layers, start=1):
        narrow = 32 * 2**stage_number
        wide = 4 * narrow if bottleneck else narrow
        for block in range(blocks):
            path = f"layer{stage_number}.{block}"
            kernels = [(narrow, maps, 1), (narrow, narrow, 3), (wide, narrow, 1)]
            if not bottleneck:
                kernels = [(narrow, maps, 3), (narrow, narrow, 3)]
            for number, (leaving, entering, side) in enumerate(kernels, start=1):
                yield f"{path}.conv{number}.weight", (leaving, entering, side, side)
                yield from batch_norm(f"{path}.bn{number}", leaving)
            if block == 0 and (stage_number > 1 or bottleneck):
                yield f"{path}.downsample.0.weight", (wide, maps, 1, 1)
                yield from batch_norm(f"{path}.downsample.1", wide)
            maps = wide
    yield "fc.weight", (1000, maps)
    yield "fc.bias", (1000,)


@pytest.mark.parametrize(("depth", "count"), [(18, 11_689_512), (34, 21_797_672), (50, 25_557_032)])
def test_the_data_file_is_what_the_published_rule_gives(depth, count):
    layout, _, layers = NETWORKS[depth]
    by_rule = dict(published_by_rule(layout == "bottleneck", layers))
    shapes = published_shapes(depth)
    assert list(shapes.items()) == list(by_rule.items())
    assert parameter_count(shapes) == count
    assert depth == 2 + sum(layers) * (3 if layout == "bottleneck" else 2)


@pytest.mark.parametrize("depth", NETWORKS)
def test_a_resnet_of_right_blocks_has_the_published_tensors_in_the_published_order(depth):
    layout, _, layers = NETWORKS[depth]
    with torch.device("meta"):
        model = Residual(BottleneckBlock if layout == "bottleneck" else Basic, layers)
    shapes = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    assert list(shapes.items()) == list(published_shapes(depth).items())
    assert sum(math.prod(p.shape) for p in model.parameters()) == parameter_count(shapes)


def test_an_unknown_depth_is_one_clear_sentence():
    with pytest.raises(ValueError, match=r"depth 19 is known here; choose one of \[18, 34, 50\]"):
        published_shapes(19)


@pytest.mark.parametrize(("change", "told"), [("more", "8 and 9"), ("fewer", "8 and 7")])
def test_a_silent_difference_in_number_is_refused_with_both_counts(change, told):
    def careless(model, state_dict):
        own = model.state_dict()
        if (len(own) < len(state_dict)) if change == "more" else (len(own) > len(state_dict)):
            for mine, theirs in zip(own.values(), state_dict.values(), strict=False):
                mine.copy_(theirs)
            return model
        return load_pairs(model, state_dict)

    assert told in str(failure(check.load_by_order, careless))


@given(
    order=st.permutations(["conv1", "bn1", "conv2", "bn2", "side"]),
    names=st.lists(st.text("abcdefg", min_size=3, max_size=8), min_size=5, max_size=5, unique=True),
    functional=st.booleans(),
    shortcut_first=st.booleans(),
)
@run_settings(max_examples=15, suppress_health_check=list(HealthCheck))
def test_names_and_the_order_of_definition_do_not_matter(order, names, functional, shortcut_first):
    called = {part: f"own_{name}" for part, name in zip(order, names, strict=True)}

    class Anything(nn.Module):
        expansion = 1

        def __init__(self, c_in, c_out, stride=1):
            super().__init__()
            parts = {
                "conv1": nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False), "bn1": nn.BatchNorm2d(c_out),
                "conv2": nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False), "bn2": nn.BatchNorm2d(c_out),
                "side": nn.Sequential(OrderedDict(a=nn.Conv2d(c_in, c_out, 1, stride, bias=False), b=nn.BatchNorm2d(c_out)))
                if stride != 1 or c_in != c_out else nn.Identity(),
            }  # fmt: skip
            for part in order:
                setattr(self, called[part], parts[part])
            self.relu = nn.ReLU()

        def part(self, name, x):
            return getattr(self, called[name])(x)

        def forward(self, x):
            relu = torch.relu if functional else self.relu
            side = self.part("side", x) if shortcut_first else None
            y = relu(self.part("bn1", self.part("conv1", x)))
            y = self.part("bn2", self.part("conv2", y))
            return relu(y + (side if shortcut_first else self.part("side", x)))

    assert check.BasicBlock.judge(Anything).right


def test_importing_the_checks_writes_nothing():
    command = [sys.executable, "-c", "from convbook.checks import resnet as check; print(check.unit.points)"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("50\n", "")


def test_functional_batch_norm_with_own_parameters_is_accepted():
    class Norm(nn.Module):
        def __init__(self, c):
            super().__init__()
            self.g, self.b = nn.Parameter(torch.ones(c)), nn.Parameter(torch.zeros(c))
            self.register_buffer("mean", torch.zeros(c))
            self.register_buffer("var", torch.ones(c))

        def forward(self, x):
            return F.batch_norm(x, self.mean, self.var, self.g, self.b, self.training)

    class Own(Basic):
        def __init__(self, c_in, c_out, stride=1):
            super().__init__(c_in, c_out, stride)
            self.bn1, self.bn2 = Norm(c_out), Norm(c_out)

    check.BasicBlock(Own)


def test_a_batch_norm_written_by_hand_is_told_to_be_unknown():
    class ByHand(nn.Module):
        def __init__(self, c):
            super().__init__()
            self.gamma = nn.Parameter(torch.ones(1, c, 1, 1))

        def forward(self, x):
            return self.gamma * (x - x.mean((0, 2, 3), keepdim=True)) / x.std((0, 2, 3), keepdim=True)

    class Own(Basic):
        def __init__(self, c_in, c_out, stride=1):
            super().__init__(c_in, c_out, stride)
            self.bn1, self.bn2 = ByHand(c_out), ByHand(c_out)

    refused = failure(check.BasicBlock, Own)
    assert refused.mistake is None and "use nn.BatchNorm2d" in str(refused)
