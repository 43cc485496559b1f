"""A learner's module behind `Built`: arrays in, arrays out, and no mark left on the notebook."""

from __future__ import annotations

import sys
import types
import warnings

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from convbook.answers import Built, hold
from convbook.answers.values import Opaque, Reference, StateOf


class Small(nn.Module):
    flavour = "sweet"

    def __init__(self, c: int = 2):
        super().__init__()
        self.first = nn.Conv2d(1, c, 3, stride=2, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(c)
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        y = F.relu(self.norm(self.first(x)))
        return torch.cat([y, self.drop(y) + 1], 1)


def built(*args) -> Built:
    return hold(Small).build(*args).value


IMAGE = np.linspace(-1, 1, 32).reshape(2, 1, 4, 4)


def test_arrays_go_in_and_arrays_come_out():
    module = built(3)
    module.double()
    module.train(False)
    reply = module.call(IMAGE)
    assert reply.status == "returned"
    assert isinstance(reply.value, np.ndarray) and reply.value.dtype == np.float64
    assert reply.value.shape == (2, 6, 2, 2)


def test_a_module_that_writes_into_its_input_is_seen_in_the_arguments_and_the_array_stays():
    class Greedy(nn.Module):
        def forward(self, x):
            return x.zero_()

    image = IMAGE.copy()
    reply = hold(Greedy).build().value.call(image)
    assert not reply.arguments[0].any()
    assert np.array_equal(image, IMAGE)


def test_state_can_be_read_and_written():
    module = built()
    state = module.state().value
    assert list(state)[:2] == ["first.weight", "norm.weight"]
    module.load_state({"norm.weight": np.array([5.0, 6.0])})
    assert module.state().value["norm.weight"].tolist() == [5, 6]
    assert module.shapes().value["first.weight"] == (2, 1, 3, 3)
    assert module.load_state({"nothing.like": np.zeros(1)}).status == "raised"


def test_training_and_evaluation_differ_and_running_statistics_move():
    module = built()
    module.train(True)
    module.call(IMAGE.astype(np.float32))
    assert module.state().value["norm.running_mean"].any()
    module.train(False)
    one, other = (module.call(IMAGE.astype(np.float32)).value for _ in range(2))
    assert np.array_equal(one, other)


def test_gradients_are_those_of_torch():
    module = built()
    module.double()
    module.train(False)
    weights = np.random.default_rng(0).normal(size=(2, 4, 2, 2))
    found = module.gradient(IMAGE, weights=weights).value
    x = torch.from_numpy(IMAGE.copy()).requires_grad_()
    (module.module(x) * torch.from_numpy(weights)).sum().backward()
    assert np.allclose(found["inputs"][0], x.grad)
    assert np.allclose(found["parameters"]["first.weight"], module.module.first.weight.grad)


def test_a_module_without_a_path_to_its_input_has_no_gradient():
    class Cut(nn.Module):
        def forward(self, x):
            return x.detach() * 2

    assert hold(Cut).build().value.gradient(IMAGE).value["inputs"] == [None]


def test_the_trace_tells_what_ran_in_order_with_settings_names_and_sources():
    module = built()
    module.train(False)
    entries = module.trace(IMAGE.astype(np.float32)).value
    assert [e["kind"] for e in entries] == ["conv", "bn", "relu", "dropout", "add", "cat"]
    conv, bn, relu = entries[:3]
    assert conv["settings"]["stride"] == (2, 2) and conv["settings"]["bias"] is None
    assert conv["tensors"] == {"weight": "first.weight"} and bn["tensors"]["bias"] == "norm.bias"
    assert (conv["sources"], bn["sources"], relu["sources"]) == ([-1], [0], [1])
    assert [e["result"] for e in entries] == [False] * 5 + [True]
    assert np.array_equal(conv["input"], IMAGE.astype(np.float32))
    assert bn["output"].shape == (2, 2, 2, 2)


def test_the_trace_keeps_what_an_operation_in_place_overwrites():
    class InPlace(nn.Module):
        def forward(self, x):
            y = x * 1
            return F.relu(y, inplace=True)

    entry = hold(InPlace).build().value.trace(IMAGE).value[-1]
    assert entry["input"].min() < 0 <= entry["output"].min()


def test_a_layer_set_twice_goes_by_its_first_name_in_trace_and_gradient():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.one = nn.Conv2d(1, 1, 1, bias=False)
            self.again = nn.Sequential(self.one)

        def forward(self, x):
            return self.again(x)

    image, module = IMAGE.astype(np.float32), hold(Twice).build().value
    assert module.trace(image).value[0]["tensors"] == {"weight": "one.weight"}
    assert list(module.gradient(image).value["parameters"]) == ["one.weight"]


def test_a_weight_looked_at_in_another_shape_keeps_its_name():
    class Viewed(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(1, 3, 1, bias=False)

        def forward(self, x):
            return F.linear(x.permute(0, 2, 3, 1), self.conv.weight[:, :, 0, 0])

    trace = hold(Viewed).build().value.trace(IMAGE.astype(np.float32)).value
    assert next(e for e in trace if e["kind"] == "linear")["tensors"] == {"weight": "conv.weight"}


def test_a_lazy_layer_has_its_sizes_after_a_first_run():
    class Lazy(nn.Module):
        def __init__(self):
            super().__init__()
            self.head = nn.LazyLinear(2)

        def forward(self, x):
            return self.head(x)

    module = hold(Lazy).build().value
    assert module.shapes().status == "raised"
    entry = module.trace(IMAGE.astype(np.float32)).value[0]
    assert entry["tensors"] == {"weight": "head.weight", "bias": "head.bias"}
    assert module.shapes().value["head.weight"] == (2, 4)


def test_a_layer_that_no_state_dict_holds_has_no_name():
    class Loose(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = [nn.Conv2d(1, 1, 1)]

        def forward(self, x):
            return self.layers[0](x)

    assert hold(Loose).build().value.trace(IMAGE.astype(np.float32)).value[0]["tensors"]["weight"] == ""


with warnings.catch_warnings():
    warnings.simplefilter(
        "ignore"
    )  # PyTorch would rather have other compiled code; learners may still script

    @torch.jit.script
    def add_relu(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return torch.relu(a + b)

    @torch.jit.script
    def conv_add_relu(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return add_relu(torch.conv2d(x, weight), x)


class Scripted(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 1, 1, bias=False)

    def forward(self, x):
        return conv_add_relu(x, self.conv.weight)


def test_the_trace_sees_what_scripted_functions_do_and_they_stay_compiled_afterwards():
    compiled = torch.jit.ScriptFunction.__call__
    entries = hold(Scripted).build(forbid="torchvision").value.trace(IMAGE.astype(np.float32)).value
    assert [(e["kind"], e["sources"], e["result"]) for e in entries] == [
        ("conv", [-1], False), ("add", [0, -1], False), ("relu", [1], True)
    ]  # fmt: skip
    assert entries[0]["tensors"] == {"weight": "conv.weight"}
    assert torch.jit.ScriptFunction.__call__ is compiled


def test_scripted_functions_can_be_called_and_differentiated():
    module = hold(Scripted).build(forbid="torchvision").value
    weight = module.state().value["conv.weight"].item()
    module.double()
    assert np.allclose(module.call(IMAGE).value, np.maximum(0, (weight + 1) * IMAGE))
    assert np.allclose(
        module.gradient(IMAGE).value["inputs"][0], np.where((weight + 1) * IMAGE > 0, weight + 1, 0)
    )


def test_an_endless_trace_leaves_scripted_functions_as_they_were():
    class Endless(nn.Module):
        def forward(self, x):
            while True:
                x = add_relu(x, x)

    compiled = torch.jit.ScriptFunction.__call__
    for _ in range(3):
        assert hold(Endless).build().value.trace(IMAGE, seconds=0.1).status == "endless"
        assert torch.jit.ScriptFunction.__call__ is compiled


def test_a_scripted_module_cannot_be_traced_and_the_error_says_so():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = hold(lambda: nn.Sequential(torch.jit.script(Small()))).build().value
    error = module.trace(IMAGE.astype(np.float32)).error
    assert isinstance(error, TypeError) and "Small was compiled by torch.jit" in str(error)


@pytest.mark.parametrize("where", ["__init__", "forward"])
def test_an_untouched_hand_out_is_a_stub(where):
    class Stub(nn.Module):
        def __init__(self):
            super().__init__()
            if where == "__init__":
                raise NotImplementedError()

        def forward(self, x):
            raise NotImplementedError()

    reply = hold(Stub).build()
    if where == "forward":
        reply = reply.value.call(IMAGE)
    assert reply.status == "stub"


def test_a_learners_own_error_comes_back_in_the_reply():
    reply = built().call(np.zeros((1, 7, 4, 4), np.float32))
    assert reply.status == "raised" and reply.error_kind == "RuntimeError"


def test_an_endless_forward_is_stopped():
    class Endless(nn.Module):
        def forward(self, x):
            while True:
                pass

    assert hold(Endless).build().value.call(IMAGE, seconds=0.1).status == "endless"


def test_a_trace_stopped_by_the_clock_leaves_no_watcher_behind():
    class Endless(nn.Module):
        def forward(self, x):
            while True:
                x = x + 1

    module = hold(Endless).build().value
    for _ in range(5):
        assert module.trace(IMAGE, seconds=0.1).status == "endless"
        assert torch._C._len_torch_function_stack() == 0


def test_nothing_of_torch_is_changed_by_building_calling_tracing_and_differentiating():
    class Rude(nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(7)
            self.layer = nn.Linear(2, 2)

        def forward(self, x):
            torch.rand(3)
            torch.set_default_dtype(torch.float64)
            torch.set_grad_enabled(False)
            torch.set_num_threads(1)
            return self.layer(x.float())

    state, threads = torch.get_rng_state(), torch.get_num_threads()
    module = hold(Rude).build().value
    x = np.ones((1, 2), np.float32)
    for done in (module.call(x), module.trace(x), module.gradient(x), module.double()):
        assert done.status == "returned"
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_default_dtype() == torch.float32
    assert torch.is_grad_enabled() and torch.get_num_threads() == threads


def test_noise_differs_between_calls_and_repeats_between_builds():
    def noisy():
        module = hold(nn.Dropout).build(0.5).value
        return [module.call(np.ones(50)).value for _ in range(2)]

    (one, two), (again, _) = noisy(), noisy()
    assert not np.array_equal(one, two)
    assert np.array_equal(one, again)


def test_what_is_no_module_comes_back_by_its_class_name_alone():
    assert hold(lambda: [1]).build().value == Opaque("list")


def test_attributes_of_class_and_module_are_plain():
    assert hold(Small).attribute("flavour").value == "sweet"
    assert built().attribute("flavour").value == "sweet"
    assert hold(Small).attribute("nothing").status == "raised"
    assert built().attribute("norm").value.kinds[0] == "BatchNorm2d"


def test_a_ready_made_network_is_forbidden_even_inside_another(monkeypatch):
    ready = types.ModuleType("torchvision.models.resnet")
    exec("from torch import nn\nclass BasicBlock(nn.Identity): pass", ready.__dict__)
    ready.BasicBlock.__module__ = ready.__name__
    monkeypatch.setitem(sys.modules, ready.__name__, ready)

    class Mine(ready.BasicBlock):
        pass

    for answer in (ready.BasicBlock, Mine, lambda: nn.Sequential(nn.ReLU(), Mine())):
        reply = hold(answer).build(forbid="torchvision")
        assert (reply.status, reply.forbidden) == ("forbidden", "torchvision.models.resnet.BasicBlock")
        assert hold(answer).build().status == "returned"


def test_a_function_of_tensors_can_be_called_and_differentiated():
    held = hold(lambda x, factor: x * factor).as_module()
    assert held.call(IMAGE, 2.0).value.shape == IMAGE.shape
    assert (held.gradient(IMAGE, 2.0).value["inputs"][0] == 2).all()


def test_a_reference_becomes_a_block_class_on_the_answers_side():
    def pair(block, c):
        return nn.Sequential(block(1, c, 2), block(c * block.expansion, c, 1))

    module = hold(pair).build(Reference("relay", {"expansion": 2}), 3).value
    assert module.call(IMAGE.astype(np.float32)).value.shape == (2, 6, 2, 2)
    assert module.state().value["1.built_with"].tolist() == [6, 3, 1]


@pytest.mark.parametrize("arguments", [(0, 2, 1), (2, 2, 0), (2, 1.5, 1), (2, 2, True)])
def test_a_block_of_the_course_refuses_what_no_block_can_be(arguments):
    reply = hold(lambda block: block(*arguments)).build(Reference("relay"))
    assert reply.error_kind == "ValueError" and "whole numbers from 1 up" in str(reply.error)


def test_a_block_of_the_course_refuses_other_maps_than_it_was_built_for():
    module = hold(lambda block: block(2, 3, 1)).build(Reference("relay")).value
    assert "built for 2 maps was given 5" in str(module.call(np.zeros((1, 5, 2, 2), np.float32)).error)


def test_an_unknown_reference_says_what_there_is():
    with pytest.raises(ValueError, match="choose one of"):
        hold(Small).place(Reference("mystery"))


def test_a_model_and_a_live_state_dict_can_be_arguments_and_the_model_is_known_again():
    def fill(model, state):
        for mine, theirs in zip(model.state_dict().values(), state.values(), strict=True):
            mine.copy_(theirs)
        return model

    held = hold(fill)
    entries = (("a.weight", (2, 2), "parameter"), ("a.count", (), "count"))
    mine = held.place(Reference("shelf", {"entries": entries}))
    theirs = held.place(Reference("shelf", {"entries": entries, "start": 10.0}))
    assert held.as_module().call(mine, StateOf(theirs)).value is mine
    assert mine.call().value.tolist() == [10, 11, 12, 13, 14]


def test_a_shelf_counts_on_from_any_number():
    shelf = hold(len).place(
        Reference("shelf", {"entries": [("a", (3,), "parameter"), ("n", (), "count")], "start": 1.1})
    )
    assert shelf.call().value.round(4).tolist() == [1.1, 2.1, 3.1, 4]
