"""Unit 10's checks judge behaviour: every right way is accepted, every usual mistake refused by its name."""

from __future__ import annotations

import copy
import functools
import math
import os
import subprocess
import sys
import time
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import HealthCheck, given
from hypothesis import settings as run_settings
from hypothesis import strategies as st
from torch import nn

from convbook.checks import resnet as check
from convbook.checks.engine.declare import question_of
from convbook.checks.engine.modules import edits
from convbook.checks.engine.modules.naming import parameter_count
from convbook.checks.engine.seed import seeded
from convbook.checks.resnet.networks import relay
from convbook.checks.resnet.published import NETWORKS, published_shapes
from convbook.forms import CheckFailed, NotAttempted
from right import WAYS
from right.resnet import (
    Basic,
    BottleneckBlock,
    Plain,
    Residual,
    ResidualOfDigits,
    free_shortcut,
    load_pairs,
    stage,
)

RIGHT = {
    "PlainNet": Plain, "BasicBlock": Basic, "make_stage": stage, "ResidualNet": ResidualOfDigits,
    "shortcut_a": free_shortcut, "Bottleneck": BottleneckBlock, "ResNet": Residual, "load_by_order": load_pairs,
}  # fmt: skip
MISTAKES = [(exercise, mistake) for exercise in check.unit.exercises for mistake in exercise.mistakes]


def failure(exercise, answer) -> CheckFailed:
    with pytest.raises(CheckFailed) as caught:
        exercise(answer)
    return caught.value


def test_the_unit_has_eight_exercises_and_fifty_points_none_for_the_step_that_the_experiment_rests_on():
    assert [exercise.name for exercise in check.unit.exercises] == list(RIGHT)
    assert check.unit.points == 50
    assert [exercise.name for exercise in check.unit.exercises if not exercise.points] == ["ResidualNet"]
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
    message = " ".join(str(refused).split())
    assert message.startswith(f"✗ {exercise.name}: {mistake.name}")
    assert mistake.explanation.split()[0] in message and "{" not in message
    assert "".join(capfd.readouterr()) == ""


def answer_that(exercise, *ways):
    """Return an answer that makes mistakes in these ways, all at once."""
    question = question_of(exercise)
    return question.observer.mutant(question.oracle, ways)


VARIANTS = [
    (exercise, mistake.name, answer_that(exercise, way))
    for exercise, mistake in MISTAKES
    for way in mistake.ways[1:]
]


@pytest.mark.parametrize(
    ("exercise", "name", "answer"),
    VARIANTS,
    ids=[f"{e.name}: {n} {i}" for i, (e, n, _) in enumerate(VARIANTS)],
)
def test_other_ways_to_make_a_mistake_are_refused_by_its_name(exercise, name, answer):
    assert failure(exercise, answer).mistakes == (name,)


def test_every_mistake_has_a_name_of_its_own():
    for exercise in check.unit.exercises:
        names = [mistake.name for mistake in exercise.mistakes]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_other_seeds_judge_alike_and_tell_no_drawn_number(seed):
    with seeded(seed):
        for name, answer in RIGHT.items():
            assert getattr(check, name).judge(answer).right
        for name in ("no ReLU in the middle", "the projection has no batch norm", "F times the shortcut"):
            mistake = next(m for m in check.BasicBlock.mistakes if m.name == name)
            assert check.BasicBlock.judge(mistake.answer).mistake == name


@pytest.mark.parametrize(
    ("name", "answer"), [pytest.param(n, a, id=f"{n}-{a.__name__}") for n in RIGHT for a in WAYS[n]]
)
def test_every_right_way_is_accepted(name, answer):
    getattr(check, name)(answer)


def named(exercise, name):
    return next(mistake for mistake in exercise.mistakes if mistake.name == name)


def test_two_mistakes_at_once_are_both_named():
    for one, other in (
        ("no ReLU at the end", "a ReLU on the shortcut"),
        ("F minus the shortcut", "the stride is on the second convolution"),
    ):
        ways = [named(check.BasicBlock, name).ways[0] for name in (one, other)]
        refused = failure(check.BasicBlock, answer_that(check.BasicBlock, *ways))
        assert set(refused.mistakes) == {one, other} and "two mistakes at once" in str(refused)


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
    assert refused.kind == "changed input" and "`inplace=True`" in str(refused)


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


NOTHING = edits.without("nothing that is there")
STRAIGHT = {
    "a graph without an edit": lambda: answer_that(check.BasicBlock)(2, 2),
    "a graph with an edit that changes nothing": lambda: answer_that(check.BasicBlock, NOTHING)(2, 2),
    "a whole network": lambda: answer_that(check.ResNet, NOTHING)(relay(1), [1, 1, 1, 1]),
    "a stage": lambda: answer_that(check.make_stage),
    "a loader": lambda: answer_that(check.load_by_order),
}


@pytest.mark.parametrize("maker", STRAIGHT.values(), ids=STRAIGHT)
def test_the_library_holds_no_answer_to_hand_in(maker):
    with pytest.raises(ValueError, match="the exercise"):
        maker()


def test_the_oracle_of_the_free_shortcut_is_no_answer_to_hand_in():
    assert (
        failure(check.shortcut_a, question_of(check.shortcut_a).oracle.function).mistake
        == "no gradient flows through it"
    )


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


def changed(right: type, forward) -> type:
    """Return a class that is right but for its forward."""
    return type(right.__name__, (right,), {"forward": forward})


def straight_beside(wrong_where):
    """Return a basic block that leaves the shortcut out where `wrong_where(block, x)` holds."""

    def forward(self, x):
        f = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        shortcut = x if self.downsample is None else self.downsample(x)
        return F.relu(f if wrong_where(self, x) else f + shortcut)

    return changed(Basic, forward)


def test_a_block_that_is_wrong_for_one_stride_or_one_size_of_batch_only_is_refused():
    for wrong_where in (lambda block, x: block.conv1.stride == (3, 3), lambda block, x: len(x) > 4):
        assert not check.BasicBlock.judge(straight_beside(wrong_where)).right


def test_a_block_whose_stride_is_1_or_2_whatever_is_asked_for_is_refused():
    class AlwaysTwo(Basic):
        def __init__(self, c_in, c_out, stride=1):
            super().__init__(c_in, c_out, min(stride, 2))

    assert failure(check.BasicBlock, AlwaysTwo).kind == "wrong shape"


def test_the_stride_may_be_left_out():
    class Two(Basic):
        def __init__(self, c_in, c_out, stride=2):
            super().__init__(c_in, c_out, stride)

    assert "stride left as it is" in str(failure(check.BasicBlock, Two))


@pytest.mark.parametrize("c_in", ["as many as in the middle", "more than go out"])
def test_a_bottleneck_needs_its_projection_whatever_c_in_is_compared_with(c_in):
    class Forgetful(BottleneckBlock):
        def __init__(self, c_in_, c_mid, stride=1):
            super().__init__(c_in_, c_mid, stride)
            enough = c_in_ == c_mid if c_in == "as many as in the middle" else c_in_ > 4 * c_mid
            self.forgets = stride == 1 and enough

        def forward(self, x):
            if not self.forgets:
                return super().forward(x)
            y = F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))
            side = x.repeat(1, 4, 1, 1)[:, : self.bn3.num_features]
            return F.relu(self.bn3(self.conv3(y)) + side)

    assert not check.Bottleneck.judge(Forgetful).right


def test_a_network_that_squeezes_a_single_image_is_refused_by_that_name():
    def squeezed(self, x):
        return self.head(self.body(x).mean((2, 3)).squeeze())

    assert failure(check.PlainNet, changed(Plain, squeezed)).mistake == "a single image loses its axis"


def test_a_stage_without_stride_is_told_by_the_block_that_should_have_it():
    class Flat(Residual):
        def __init__(self, block, layers, n_classes=1000):
            super().__init__(block, layers, n_classes)
            e = block.expansion
            self.layer4 = stage(block, 256 * e, 512, layers[3], 1)

    refused = failure(check.ResNet, Flat)
    assert refused.mistake == "layer4.0 always has stride 1"
    assert "layer4.0 is block(1024, 512, 1)" in str(refused) and "layer4.0 is block(1024, 512, 2)" in str(
        refused
    )


def test_a_head_for_images_of_64_pixels_is_a_head_without_pooling():
    class Flat(Residual):
        def __init__(self, block, layers, n_classes=1000):
            super().__init__(block, layers, n_classes)
            self.fc = nn.Linear(4 * 512 * block.expansion, n_classes)

    assert failure(check.ResNet, Flat).mistake == "a head without pooling"


def test_one_block_too_few_is_not_called_one_block_in_every_stage():
    class Short(Residual):
        def __init__(self, block, layers, n_classes=1000):
            super().__init__(block, [count - 1 or 1 for count in layers], n_classes)

    assert failure(check.ResNet, Short).mistake is None


def test_a_resnet_with_a_lazy_head_is_told_that_a_size_is_open():
    class Open(Residual):
        def __init__(self, block, layers, n_classes=1000):
            super().__init__(block, layers, n_classes)
            self.fc = nn.LazyLinear(n_classes)

    assert "leaves the size of a layer open" in str(failure(check.ResNet, Open))


@pytest.mark.parametrize("name", RIGHT)
def test_what_cannot_be_called_or_is_built_already_gives_one_clear_sentence(name):
    exercise = getattr(check, name)
    for thing in (None, 3, "BasicBlock"):
        assert f"`check.{name}({name})`" in str(failure(exercise, thing))
    if isinstance(RIGHT[name], type):
        nets = {
            "ResNet": lambda: Residual(Basic, (1, 1, 1, 1)),
            "ResidualNet": lambda: ResidualOfDigits(Basic, 1),
        }
        built = {"PlainNet": lambda: Plain(1)} | nets
        module = built.get(name, lambda: RIGHT[name](4, 4))()
        assert "was not given a class" in str(failure(exercise, module))


class Changed(Basic):
    """A basic block with one layer changed after it was built."""

    change = None

    def __init__(self, c_in, c_out, stride=1):
        super().__init__(c_in, c_out, stride)
        type(self).change(self, c_in, c_out, stride)


def set_conv(**settings):
    def change(block, c_in, c_out, stride):
        block.conv1 = nn.Conv2d(c_in, c_out, 3, stride, settings.pop("padding", 1), bias=False, **settings)
        settings["padding"] = 2 if settings.get("dilation") else 1

    return change


def set_norm(**settings):
    def change(block, c_in, c_out, stride):
        block.bn2 = nn.BatchNorm2d(c_out, **settings)

    return change


def frozen(block, *_):
    block.conv2.weight.requires_grad_(False)


REMARKS = {
    "dilation = (2, 2)": set_conv(dilation=2, padding=2),
    "mode 'replicate'": set_conv(padding_mode="replicate"),
    "eps = 0.001": set_norm(eps=1e-3),
    "momentum = 0.01": set_norm(momentum=0.01),
    "without gamma and beta": set_norm(affine=False),
    "conv2.weight is no parameter that is trained": frozen,
}


@pytest.mark.parametrize(("told", "change"), REMARKS.items(), ids=REMARKS)
def test_what_is_odd_in_a_layer_is_told(told, change):
    odd = type("Odd", (Changed,), {"change": change})
    message = " ".join(str(failure(check.BasicBlock, odd)).split())
    assert told in message


def after(function):
    return changed(Basic, lambda self, x: function(Basic.forward(self, x)))


@pytest.mark.parametrize(
    ("told", "answer"),
    [
        ("`dropout`", after(lambda y: F.dropout(y, 0.5))),
        ("two calls with the same input give two outputs", after(lambda y: y + torch.randn(()))),
        ("`leaky_relu`", after(lambda y: F.leaky_relu(y - 1))),
        ("returns what none of its layers with weights has computed", after(lambda y: torch.from_numpy(y.detach().numpy()))),
        ("yours a tuple of 2", after(lambda y: (y, y))),
        ("yours a set", after(lambda y: {1})),
    ],
)  # fmt: skip
def test_what_a_block_runs_besides_is_told(told, answer):
    assert told in " ".join(str(failure(check.BasicBlock, answer)).split())


def test_the_convolution_with_the_wrong_stride_is_told_by_its_place():
    class Late(Plain):
        def __init__(self, n, width=8, n_classes=10):
            super().__init__(n, width, n_classes)
            self.body[0].stride = (2, 2)

    assert failure(check.PlainNet, Late).mistake == "the first convolution always has stride 2"


def test_a_linear_layer_written_as_a_convolution_is_not_blamed_for_its_bias():
    class AsConvolution(Plain):
        def __init__(self, n, width=8, n_classes=10):
            super().__init__(n, width, n_classes)
            self.head = nn.Conv2d(4 * width, n_classes, 1)

        def forward(self, x):
            return self.head(self.body(x).mean((2, 3), keepdim=True)).flatten(1)

    message = str(failure(check.PlainNet, AsConvolution))
    assert "use nn.Linear" in message and "bias=False" not in message


def test_a_head_without_a_bias_is_told_so():
    class Without(Plain):
        def __init__(self, n, width=8, n_classes=10):
            super().__init__(n, width, n_classes)
            self.head = nn.Linear(4 * width, n_classes, bias=False)

    assert failure(check.PlainNet, Without).mistake == "the linear layer has no bias"


def test_one_tensor_in_two_layers_is_told_by_its_name():
    class Shared(Basic):
        def __init__(self, *args):
            super().__init__(*args)
            self.bn2.weight = self.bn1.weight

    assert "uses bn1.weight in more than one layer" in str(failure(check.BasicBlock, Shared))


def test_a_frozen_stage_is_not_called_one_object():
    message = str(failure(check.make_stage, lambda *args: stage(*args).requires_grad_(False)))
    assert "weights that are not trained" in message and "one object" not in message


def test_a_stage_of_other_blocks_than_the_one_given_is_refused_by_that_name():
    refused = failure(check.make_stage, lambda block, *args: stage(Basic, *args))
    assert refused.mistake == "the block that is given is not used"


def test_a_stage_that_leaves_out_its_last_block_is_not_called_one_that_runs_only_its_first():
    class Short(nn.Sequential):
        def forward(self, x):
            for block in list(self)[:-1] or self:
                x = block(x)
            return x

    refused = failure(check.make_stage, lambda *args: Short(*stage(*args)))
    assert refused.mistake is None and "something else than run its blocks" in str(refused)


def test_a_stage_that_is_not_returned_is_told_so():
    assert "is the `return` missing?" in str(failure(check.make_stage, lambda *args: None))


def test_a_gradient_that_is_changed_is_not_called_missing():
    class Twice(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.clone()

        @staticmethod
        def backward(ctx, gradient):
            return 2 * gradient

    refused = failure(check.shortcut_a, lambda x, *args: free_shortcut(Twice.apply(x), *args))
    assert refused.mistake == "the gradient is changed on its way"
    one_image = failure(
        check.shortcut_a,
        lambda x, *args: torch.cat([free_shortcut(i, *args) for i in (x[:1], x[1:].detach())]),
    )
    assert one_image.mistake == "the gradient is changed on its way"


def straight(model, state_dict, *, pairs=None, copy_one=lambda mine, theirs: mine.copy_(theirs), last=False):
    """Load as asked for, but with a difference."""
    own = model.state_dict()
    if len(own) != len(state_dict):
        raise ValueError(f"{len(own)} here, {len(state_dict)} there")
    differ = [
        f"{a} {tuple(own[a].shape)} {b} {tuple(state_dict[b].shape)}"
        for a, b in zip(own, state_dict, strict=True)
        if own[a].shape != state_dict[b].shape
    ]
    if differ:
        raise ValueError(differ[-1 if last else 0])
    for a, b in zip(own, list(state_dict), strict=True):
        copy_one(own[a], state_dict[b])
    return model


def by_shape(model, state_dict):
    left = dict(state_dict)
    if len(left) != len(model.state_dict()):
        return straight(model, state_dict)
    for mine in model.state_dict().values():
        fitting = next((name for name, theirs in left.items() if theirs.shape == mine.shape), None)
        if fitting is None:
            return straight(model, state_dict)
        del left[fitting]
    left = dict(state_dict)
    for mine in model.state_dict().values():
        mine.copy_(left.pop(next(name for name, theirs in left.items() if theirs.shape == mine.shape)))
    return model


LOADED_WRONGLY = {
    "by shape": by_shape,
    "the last difference is named": functools.partial(straight, last=True),
    "in half precision": functools.partial(straight, copy_one=lambda mine, theirs: mine.copy_(theirs.half())),
    "without the batches counted": functools.partial(
        straight, copy_one=lambda mine, theirs: mine.copy_(theirs) if mine.dim() else None
    ),
    "and frozen": lambda model, state_dict: straight(model, state_dict).requires_grad_(False),
    "and the state-dict emptied": lambda model, state_dict: (straight(model, copy.copy(state_dict)), state_dict.clear())[0],
}  # fmt: skip


@pytest.mark.parametrize("answer", LOADED_WRONGLY.values(), ids=LOADED_WRONGLY)
def test_weights_loaded_nearly_right_are_refused(answer):
    assert not check.load_by_order.judge(answer).right


def test_a_loader_that_does_nothing_is_not_said_to_match_by_name():
    assert failure(check.load_by_order, lambda model, state_dict: model).mistake == "nothing is copied"


def shortcut_of(block, x):
    return x if block.downsample is None else block.downsample(x)


def x_is_overwritten(self, x):
    x = F.relu(self.bn1(self.conv1(x)))
    x = self.bn2(self.conv2(x))
    return F.relu(x + shortcut_of(self, x))


def x_is_overwritten_once(self, x):
    x = F.relu(self.bn1(self.conv1(x)))
    y = self.bn2(self.conv2(x))
    return F.relu(y + shortcut_of(self, x))


def activation_first(self, x):
    y = self.conv1(F.relu(self.bn1(x)))
    return self.conv2(F.relu(self.bn2(y))) + shortcut_of(self, x)


def activation_first_and_last(self, x):
    return F.relu(activation_first(self, x))


def norm_after_sum(self, x):
    y = self.conv2(F.relu(self.bn1(self.conv1(x))))
    return F.relu(self.bn2(y + shortcut_of(self, x)))


def relu_before_norm(self, x):
    y = self.bn1(F.relu(self.conv1(x)))
    return F.relu(self.bn2(self.conv2(y)) + shortcut_of(self, x))


def shortcut_twice(self, x):
    shortcut = shortcut_of(self, x)
    y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))) + shortcut
    return F.relu(y + shortcut)


def one_norm(self, x):
    y = F.relu(self.bn1(self.conv1(x)))
    return F.relu(self.bn1(self.conv2(y)) + shortcut_of(self, x))


def relu_in_place_then_added(self, x):
    shortcut, relu = shortcut_of(self, x), nn.ReLU(inplace=True)
    y = relu(self.bn1(self.conv1(x)))
    y = relu(self.bn2(self.conv2(y)))
    y += shortcut
    return y


BLOCKS_AS_WRITTEN = {
    x_is_overwritten: "the shortcut starts after bn2, not at the input",
    x_is_overwritten_once: "the shortcut starts after the ReLU after bn1, not at the input",
    activation_first: "pre-activation: batch norm, ReLU, convolution",
    activation_first_and_last: "pre-activation: batch norm, ReLU, convolution",
    norm_after_sum: "bn2 comes after the addition",
    relu_before_norm: "convolution, ReLU, batch norm",
    shortcut_twice: "the shortcut is added twice",
    one_norm: "one batch norm for several convolutions",
    relu_in_place_then_added: "the last ReLU comes before the addition",
}


@pytest.mark.parametrize(
    ("forward", "name"), BLOCKS_AS_WRITTEN.items(), ids=lambda v: getattr(v, "__name__", "")
)
def test_a_wrong_block_as_people_write_it_is_told_its_mistake_by_name(forward, name):
    started = time.perf_counter()
    assert failure(check.BasicBlock, changed(Basic, forward)).mistakes == (name,)
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    ("forgets", "name"),
    [
        (lambda c_in, c_out, stride: stride == 1, "no projection where only the number of maps changes"),
        (lambda c_in, c_out, stride: c_in == c_out, "no projection where only the size changes"),
        (lambda c_in, c_out, stride: True, "there is no projection"),
    ],
)
def test_a_block_that_stops_for_want_of_a_projection_is_told_so_by_name(forgets, name):
    class Forgetful(Basic):
        def __init__(self, c_in, c_out, stride=1):
            super().__init__(c_in, c_out, stride)
            if forgets(c_in, c_out, stride):
                self.downsample = None

    assert failure(check.BasicBlock, Forgetful).mistakes == (name,)


def test_a_bottleneck_that_leaves_with_c_mid_maps_is_told_so_by_name():
    class Narrow(BottleneckBlock):
        def __init__(self, c_in, c_mid, stride=1):
            super().__init__(c_in, c_mid, stride)
            self.conv3, self.bn3 = nn.Conv2d(c_mid, c_mid, 1, bias=False), nn.BatchNorm2d(c_mid)
            self.downsample = None
            if stride != 1 or c_in != c_mid:
                self.downsample = nn.Sequential(
                    nn.Conv2d(c_in, c_mid, 1, stride, bias=False), nn.BatchNorm2d(c_mid)
                )

    assert failure(check.Bottleneck, Narrow).mistakes == ("the block leaves with c_mid maps",)


def with_layers(change):
    class Other(Residual):
        def __init__(self, block, layers, n_classes=1000):
            super().__init__(block, change(layers), n_classes)

    return Other


class SmallStem(Residual):
    def __init__(self, block, layers, n_classes=1000):
        super().__init__(block, layers, n_classes)
        self.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)


class StagesInAList(Residual):
    def __init__(self, block, layers, n_classes=1000):
        super().__init__(block, layers, n_classes)
        self.stages = [self.layer1, self.layer2, self.layer3, self.layer4]
        del self.layer1, self.layer2, self.layer3, self.layer4

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        for one in self.stages:
            x = one(x)
        return self.fc(x.mean((2, 3)))


class WithoutExpansion(Residual):
    def __init__(self, block, layers, n_classes=1000):
        super().__init__(block, layers, n_classes)
        for number, c in ((2, 128), (3, 256), (4, 512)):
            setattr(self, f"layer{number}", stage(block, c // 2, c, layers[number - 1], 2))
        self.fc = nn.Linear(512, n_classes)


def without_relu(self, x):
    x = F.max_pool2d(self.bn1(self.conv1(x)), 3, 2, 1)
    return self.fc(self.layer4(self.layer3(self.layer2(self.layer1(x)))).mean((2, 3)))


NETWORKS_AS_WRITTEN = [
    (changed(Residual, without_relu), "no ReLU in the stem"),
    (SmallStem, "a 3×3 stem"),
    (with_layers(lambda layers: [layers[0]] * 4), "every stage has as many blocks as the first"),
    (with_layers(lambda layers: layers[::-1]), "the stages are in reverse order"),
    (StagesInAList, "the stages are kept in a plain list"),
    (WithoutExpansion, "the expansion is forgotten between two stages"),
]


@pytest.mark.parametrize(
    ("answer", "name"), NETWORKS_AS_WRITTEN, ids=[name for _, name in NETWORKS_AS_WRITTEN]
)
def test_a_wrong_network_as_people_write_it_is_told_its_mistake_by_name(answer, name):
    refused = failure(check.ResNet, answer)
    assert refused.mistakes == (name,) and "attributes" not in str(refused).replace("set as an attribute", "")


def repeated_maps(x, c_out, stride):
    kept = x[:, :, ::stride, ::stride]
    return kept.repeat(1, -(-c_out // x.shape[1]), 1, 1)[:, :c_out]


def from_pixel_one(x, c_out, stride):
    return F.pad(x[:, :, 1::stride, 1::stride], (0, 0, 0, 0, 0, c_out - x.shape[1]))


def test_repeated_maps_and_a_start_at_pixel_one_are_told_by_name():
    assert failure(check.shortcut_a, repeated_maps).mistake == "the input's maps are repeated"
    assert (
        failure(check.shortcut_a, from_pixel_one).mistake == "counting starts at pixel 1, whatever the stride"
    )


def sorted_both(model, state_dict):
    own = dict(sorted(model.state_dict().items()))
    return load_sorted(model, own, dict(sorted(state_dict.items())))


def sorted_one(model, state_dict):
    return load_sorted(model, model.state_dict(), dict(sorted(state_dict.items())))


def load_sorted(model, own, state_dict):
    if len(own) != len(state_dict):
        raise ValueError(f"{len(own)} here, {len(state_dict)} there")
    for a, b in zip(own, state_dict, strict=True):
        if own[a].shape != state_dict[b].shape:
            raise ValueError(f"{a} {tuple(own[a].shape)} does not fit {b} {tuple(state_dict[b].shape)}")
    for a, b in zip(own, state_dict, strict=True):
        own[a].copy_(state_dict[b])
    return model


@pytest.mark.parametrize("answer", [sorted_both, sorted_one])
def test_sorted_names_are_told_by_name(answer):
    assert failure(check.load_by_order, answer).mistake == "the names are sorted"


def test_the_published_names_are_held_to_their_parts():
    def exchanged(self, x):
        y = F.relu(self.bn2(self.conv1(x)))
        return F.relu(self.bn1(self.conv2(y)) + shortcut_of(self, x))

    message = str(failure(check.BasicBlock, changed(Basic, exchanged)))
    assert "uses the name bn2 where the published block has bn1" in message and "`load_by_order`" in message


def test_the_published_names_are_held_to_their_order():
    class ShortcutBefore(Basic):
        def __init__(self, c_in, c_out, stride=1):
            nn.Module.__init__(self)
            self.downsample = Basic(c_in, c_out, stride).downsample
            right = Basic(c_in, c_out, stride)
            self.conv1, self.bn1, self.conv2, self.bn2 = right.conv1, right.bn1, right.conv2, right.bn2

    message = str(failure(check.BasicBlock, ShortcutBefore))
    assert "another order than the published one" in message
    assert "downsample.0, downsample.1, conv1" in message and "bn2, downsample.0" in message


def test_own_names_in_another_order_are_right_with_a_word_about_loading():
    note = "another order than the published ones, so `load_by_order` would not fit"
    by_name = {
        answer.__name__: answer for answer in (*WAYS["BasicBlock"], *WAYS["Bottleneck"], *WAYS["ResNet"])
    }
    assert note in check.BasicBlock.judge(by_name["ShortcutFirst"]).message
    assert note in check.ResNet.judge(by_name["ResidualInitialized"]).message
    assert note not in check.BasicBlock.judge(Basic).message
    assert note not in check.BasicBlock.judge(by_name["Lazy"]).message


def test_a_plain_net_with_skips_is_not_told_of_an_order_above_two_identical_lists():
    class OverThree(Plain):
        def forward(self, x):
            first = self.body[:3](x)
            y = self.body[3:9](first) if len(self.body) < 30 else self.body[3:12](first)
            x = y + first
            return self.head(
                self.body[9:](x).mean((2, 3)) if len(self.body) < 30 else self.body[12:](x).mean((2, 3))
            )

    message = str(failure(check.PlainNet, OverThree))
    assert "order" not in message and "takes what layer" in message


def test_an_image_that_only_changed_its_shape_is_told_so_and_the_last_operation_is_not_called_the_first():
    def reshaped(self, x):
        y = Basic.forward(self, x)
        x.unsqueeze_(0)
        return y

    message = str(failure(check.BasicBlock, changed(Basic, reshaped)))
    assert "has another shape afterwards" in message and "first operation" not in message


def test_a_function_of_tensors_is_not_advised_in_numpy():
    message = str(failure(check.shortcut_a, lambda x, *args: [free_shortcut(x, *args)]))
    assert "returns a list, not a tensor" in message and "NumPy" not in message and "np." not in message


@torch.jit.script
def compiled_relu(x: torch.Tensor) -> torch.Tensor:
    return torch.relu(x)


def test_a_helper_compiled_by_torchscript_is_accepted():
    def scripted(self, x):
        y = compiled_relu(self.bn1(self.conv1(x)))
        return compiled_relu(self.bn2(self.conv2(y)) + shortcut_of(self, x))

    check.BasicBlock(changed(Basic, scripted))


def test_blocks_called_by_keyword_are_told_to_be_called_by_position():
    def by_keyword(block, c_in, c, blocks, stride):
        return nn.Sequential(block(in_channels=c_in, out_channels=c, stride=stride))

    with pytest.raises(TypeError, match="by position") as caught:
        check.make_stage(by_keyword)
    assert "Relay" not in str(caught.value)


def test_a_tensor_used_twice_is_named_the_same_in_every_run():
    code = (
        "import sys; sys.path.insert(0, 'tests')\nfrom right.resnet import Basic\nfrom convbook.checks import resnet as check\n"
        "class Shared(Basic):\n    def __init__(self, *a):\n        super().__init__(*a)\n"
        "        self.bn2.weight, self.bn2.bias = self.bn1.weight, self.bn1.bias\n"
        "print(check.BasicBlock.judge(Shared).message)"
    )
    root = Path(__file__).resolve().parents[2]
    said = {
        subprocess.run([sys.executable, "-c", code], cwd=root, env=os.environ | {"PYTHONHASHSEED": seed},
                       capture_output=True, text=True, check=True).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip
    assert len(said) == 1 and "uses bn1." in said.pop()


@pytest.mark.parametrize("exercise", [check.BasicBlock, check.Bottleneck], ids=lambda e: e.name)
def test_every_single_edit_is_refused_and_told_by_a_name(exercise):
    question = question_of(exercise)
    made = question.observer.automatic(question)
    assert 100 < len(made) < 400
    for mistake in made[:: len(made) // 25]:
        verdict = exercise.judge(mistake.answer)
        assert verdict.right is False and verdict.mistakes, mistake.name


def test_drawings_are_those_of_the_checks_own_graphs():
    boxes = check.drawing("BasicBlock", 8, 16, 2)
    assert [box["text"] for box in boxes if box["kind"] == "conv"] == [
        "3×3 conv, 16, /2",
        "3×3 conv, 16",
        "1×1 conv, 16, /2",
    ]
    assert boxes[0]["shape"] == (8, 32, 32) and boxes[-1]["shape"] == (16, 16, 16)
    assert not any(box["kind"] == "add" for box in check.drawing("plain", 8, 8))
    weighted = {kind: sum(box["kind"] == "conv" for box in check.drawing(kind, 8, 8)) for kind in "ABC"}
    assert weighted == {"A": 0, "B": 0, "C": 1}
    assert [box["text"] for box in check.drawing("A", 8, 16, 2)][2:4] == [
        "pixels 0, 2, 4 …",
        "zeros, to 16 maps",
    ]
    with pytest.raises(ValueError, match="there is no drawing of 'D'; choose one of BasicBlock"):
        check.drawing("D", 8, 8)


def test_the_drawing_of_a_whole_network_has_its_published_sizes():
    boxes = check.network_drawing(50)
    stages = {box["name"].partition(".")[0]: box["shape"] for box in boxes if box["kind"] == "block"}
    assert stages == {
        "layer1": (256, 56, 56), "layer2": (512, 28, 28), "layer3": (1024, 14, 14), "layer4": (2048, 7, 7)
    }  # fmt: skip
    with pytest.raises(ValueError, match="no drawing of ResNet-19; choose one of"):
        check.network_drawing(19)
