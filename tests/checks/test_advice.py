"""Under a learner's own traceback stands one line of advice: every error here is made by making the mistake."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from convbook.checks.engine import advice

MISTAKES: list = []


def question(library: str, *help: str) -> SimpleNamespace:
    """Return as much of an exercise's question as advice needs."""
    return SimpleNamespace(observer=SimpleNamespace(library=library), help=help)


def marked(libraries: tuple[str, ...], key: str) -> Callable:
    """Return a decorator that keeps a mistake, with a word that its advice must have."""

    def keep(mistake: Callable) -> Callable:
        MISTAKES.extend(pytest.param(l, mistake, key, id=f"{mistake.__name__}-{l}") for l in libraries)
        return mistake

    return keep


arrays = functools.partial(marked, ("NumPy",))
tensors = functools.partial(marked, ("PyTorch",))
both = functools.partial(marked, ("NumPy", "PyTorch"))


def error_of(mistake: Callable) -> BaseException:
    """Return what a mistake raises."""
    with pytest.raises(Exception) as caught, np.errstate(all="ignore"):
        mistake()
    return caught.value


def advised(mistake: Callable, library: str = "NumPy", *help: str) -> str:
    error = error_of(mistake)
    return advice.advise(type(error).__name__, str(error), question(library, *help))


IMAGE = np.arange(30.0).reshape(5, 6)
BATCH = np.ones((2, 3, 5, 6))
IMAGES = torch.ones(2, 3, 8, 8)
NOTHING = None
TWO, SIX = 2, 6  # names, so that Python does not see the mistake before it is made


@both("//")
def range_of_a_float():
    range(SIX / TWO)


@both("//")
def slice_of_a_float():
    IMAGE[: SIX / TWO]


@both("//")
def list_index_of_a_float():
    list(IMAGE)[SIX / TWO]


@arrays("//")
def array_of_a_float_shape():
    np.zeros((SIX / TWO, 3))


@arrays("//")
def array_index_of_a_float():
    IMAGE[SIX / TWO]


@arrays("//")
def padding_of_a_float():
    np.pad(IMAGE, 3 / TWO)


@tensors("//")
def tensor_of_a_float_shape():
    torch.zeros((SIX / TWO, 3))


@tensors("//")
def convolution_of_a_float():
    nn.Conv2d(SIX / TWO, 3, 3)


@tensors("//")
def batch_norm_of_a_float():
    nn.BatchNorm2d(SIX / TWO)


@tensors("//")
def tensor_index_of_a_float():
    IMAGES[SIX / TWO]


@arrays("x[i][j]")
def list_indexed_like_an_array():
    IMAGE.tolist()[0, 1]


@both("list first")
def shape_changed_in_place():
    shape = tuple(IMAGE.shape)
    shape[0] = 3


@tensors("super().__init__()")
def layer_before_super():
    class Net(nn.Module):
        def __init__(self):
            self.conv = nn.Conv2d(1, 1, 1)

    Net()


@tensors("super().__init__()")
def no_super_at_all():
    class Net(nn.Module):
        def __init__(self):
            self.k = 3

    Net()(IMAGES)


@arrays("is not None")
def bias_of_none_with_new_axes():
    NOTHING[None]


@arrays("is not None")
def bias_of_none_reshaped():
    NOTHING.reshape(1, -1, 1, 1)


@arrays("is not None")
def bias_of_none_added():
    BATCH + NOTHING


@tensors("is not None")
def bias_of_none_added_to_a_tensor():
    IMAGES + NOTHING


@tensors("not built")
def shortcut_of_none_called():
    nn.Sequential(nn.ReLU(), NOTHING)(IMAGES)


@arrays("is not None")
def array_asked_for_its_truth():
    return 1 if np.ones(3) else 0


@tensors("is not None")
def tensor_asked_for_its_truth():
    return 1 if torch.ones(3) else 0


@arrays("output")
def stepping_over_the_input():
    out = np.zeros((4, 5))
    for i in range(IMAGE.shape[0]):
        out[i, 0] = IMAGE[i, 0]


@tensors("output")
def stepping_over_the_input_with_tensors():
    out = torch.zeros(4, 5)
    for i in range(5):
        out[i, 0] = 1


@tensors("classes are counted from 0")
def label_beyond_the_last_class():
    F.cross_entropy(torch.ones(3, 4), torch.tensor([1, 2, 4]))


@both("counted from 0")
def shape_of_too_few_axes():
    IMAGE.shape[TWO]


@arrays("counted from 0")
def sum_over_an_axis_that_is_not_there():
    IMAGE.sum(3)


@tensors("counted from 0")
def sum_over_a_dim_that_is_not_there():
    IMAGES.sum(7)


@arrays("true and false")
def mask_of_another_shape():
    IMAGE[np.ones((2, 2), bool)]


@tensors("whole numbers")
def index_tensor_of_floats():
    torch.ones(2, 3)[torch.arange(2), torch.ones(2)]


@arrays("axes")
def too_many_indices():
    IMAGE[0, 0, 0]


@tensors("axes")
def too_many_indices_of_a_tensor():
    torch.ones(3)[0, 0]


@both("one number for each axis")
def too_few_values_in_a_shape():
    _n, _c, _h, _w = IMAGE.shape


@both("one number for each axis")
def too_many_values_in_a_shape():
    _h, _w = BATCH.shape


class Block(nn.Module):
    """A block whose shortcut never has a projection."""

    def __init__(self, before: int, after: int, stride: int = 1):
        super().__init__()
        self.conv = nn.Conv2d(before, after, 3, stride, padding=1)

    def forward(self, x):
        return self.conv(x) + x


@tensors("maps (axis 1)")
def projection_missing_where_only_the_maps_change():
    Block(3, 6)(IMAGES)


@tensors("same stride")
def projection_missing_where_only_the_size_changes():
    Block(3, 3, 2)(IMAGES)


@arrays("print both shapes")
def window_cut_short_at_the_border():
    (IMAGE[4:6, 0:3] * np.ones((3, 2))).sum()


@tensors("print both shapes")
def tensors_of_unequal_shapes():
    torch.ones(4, 2) * torch.ones(3, 2)


@tensors("print both shapes")
def tensor_written_into_another_shape():
    torch.zeros(2, 2)[0] = torch.ones(3)


@arrays("print both shapes")
def bias_added_in_place_to_the_wrong_axes():
    total = np.zeros(3)
    total += np.zeros((2, 3))


@arrays("(3,)")
def row_of_another_length():
    np.zeros((2, 2))[0] = np.ones(3)


@arrays("pair of numbers for each axis")
def too_few_pairs_of_padding():
    np.pad(IMAGE, ((1, 1), (1, 1), (1, 1)))


@arrays("transpose")
def matmul_of_arrays_that_do_not_meet():
    np.ones((2, 3)) @ np.ones((2, 3))


@arrays("transpose")
def dot_of_arrays_that_do_not_meet():
    np.ones((2, 3)).dot(np.ones((2, 3)))


@tensors("transpose")
def batch_of_matmuls_that_do_not_meet():
    torch.ones(5, 2, 3) @ torch.ones(5, 2, 3)


@tensors("transpose")
def matmul_of_tensors_that_do_not_meet():
    torch.ones(2, 3) @ torch.ones(2, 3)


@tensors("transpose")
def einsum_of_tensors_that_do_not_meet():
    torch.einsum("ij,jk", torch.ones(2, 3), torch.ones(2, 3))


@arrays("one letter for each")
def einsum_with_a_letter_too_many():
    np.einsum("ijk,jk", np.ones((2, 3)), np.ones((2, 3)))


@tensors("flatten")
def no_flatten_before_a_linear_layer():
    nn.Linear(12, 2)(torch.ones(1, 3, 2, 2))


@tensors("take 16")
def linear_layer_of_the_wrong_width():
    nn.Linear(16, 2)(torch.ones(1, 12))


@tensors("float32")
def float64_into_a_layer():
    nn.Linear(3, 3)(torch.ones(1, 3, dtype=torch.float64))


@tensors("float32")
def float64_into_a_convolution():
    nn.Conv2d(3, 3, 3)(IMAGES.double())


@tensors("larger image")
def no_padding_on_a_tiny_image():
    nn.Conv2d(3, 3, 3)(torch.ones(1, 3, 2, 2))


@tensors("AdaptiveAvgPool2d(1)")
def average_pool_of_seven():
    nn.AvgPool2d(7)(torch.ones(1, 3, 4, 4))


@tensors("half its window")
def pool_with_too_much_padding():
    nn.MaxPool2d(2, padding=2)(IMAGES)


@tensors("built for 16 channels and is given 4")
def middle_channels_divided_by_four():
    nn.Sequential(nn.Conv2d(3, 16 // 4, 1), nn.Conv2d(16, 16, 3))(IMAGES)


@tensors("built for 16 channels and is given 4")
def batch_norm_of_other_channels():
    nn.BatchNorm2d(16)(torch.ones(2, 4, 8, 8))


@tensors("groups")
def groups_that_do_not_divide():
    nn.Conv2d(16, 3, 3, groups=2)


@tensors("flatten")
def batch_norm_after_flatten():
    nn.BatchNorm2d(16)(torch.ones(2, 16))


@tensors("(n, c, h, w)")
def convolution_of_a_bare_image():
    nn.Conv2d(3, 3, 3)(torch.ones(8, 8))


@tensors("eval()")
def batch_norm_of_one_value():
    nn.BatchNorm2d(3)(torch.ones(1, 3, 1, 1))


@tensors("one label for each row")
def more_scores_than_labels():
    F.cross_entropy(torch.ones(3, 4), torch.tensor([1, 2]))


@tensors("every axis exactly once")
def permute_that_forgets_an_axis():
    IMAGES.permute(0, 2, 1)


@arrays("every axis exactly once")
def transpose_that_forgets_an_axis():
    BATCH.transpose(0, 2, 1)


@arrays("multiply")
def reshape_to_another_count():
    IMAGE.reshape(7, -1)


@tensors("multiply")
def tensor_reshape_to_another_count():
    IMAGES.reshape(7, 3)


@tensors("reshape")
def view_after_transpose():
    IMAGES.transpose(1, 2).view(2, -1)


@arrays("agree in all other axes")
def stack_of_unequal_arrays():
    np.stack([np.ones((2, 3)), np.ones((2, 4))])


@arrays("agree in all other axes")
def concatenation_of_unequal_arrays():
    np.concatenate([np.ones((2, 3)), np.ones((2, 4))])


@tensors("agree in all other axes")
def concatenation_of_unequal_tensors():
    torch.cat([torch.ones(2, 3, 4, 4), torch.ones(2, 3, 5, 5)], 1)


@tensors("agree in all other axes")
def stack_of_unequal_tensors():
    torch.stack([torch.ones(2, 3), torch.ones(2, 4)])


@arrays("below 0")
def side_below_zero():
    np.zeros((2 - 3, 3))


@tensors("below 0")
def tensor_side_below_zero():
    torch.zeros(2 - 3, 3)


@arrays("np.zeros(shape)")
def zeros_without_the_inner_brackets():
    np.zeros(2, 3)


@tensors("//")
def tensor_of_zeros_with_a_float():
    torch.zeros(SIX / TWO, 3)


@arrays("different lengths")
def rows_of_different_lengths():
    np.array([[1, 2], [3]])


@tensors("different lengths")
def tensor_rows_of_different_lengths():
    torch.tensor([[1, 2], [3]])


@arrays("without an `axis`")
def window_put_into_one_cell():
    out = np.zeros((2, 2))
    out[0, 0] = IMAGE[:2, :2]


@arrays("x[0:-0]")
def maximum_of_nothing():
    IMAGE[0:-0].max()


@tensors("flip")
def step_below_zero():
    IMAGES[::-1]


@tensors("copy")
def tensor_of_a_turned_array():
    torch.from_numpy(IMAGE[::-1])


@arrays("x.copy()")
def read_only_array_written_into():
    given = np.ones(3)
    given.flags.writeable = False
    given[0] = 2


@arrays("x.copy()")
def read_only_array_added_to():
    given = np.ones(3)
    given.flags.writeable = False
    given += 2


@tensors("no_grad")
def parameter_changed_in_place():
    w = torch.ones(3, requires_grad=True)
    w += 1


@tensors("no_grad")
def entry_of_a_parameter_changed():
    w = torch.ones(3, requires_grad=True)
    w[0] = 1


@tensors("overwritten in place")
def result_overwritten_before_backward():
    w = torch.ones(3, requires_grad=True)
    y = w.exp()
    y += 1
    y.sum().backward()


@arrays("dtype=int")
def fractions_into_whole_numbers():
    total = np.ones(3, dtype=int)
    total += 0.5


@tensors("torch.float32")
def fractions_into_a_tensor_of_whole_numbers():
    total = torch.ones(3, dtype=torch.long)
    total += 0.5


@tensors("torch.float32")
def mean_of_whole_numbers():
    torch.ones(3, dtype=torch.long).mean()


@tensors("torch.float32")
def softmax_of_whole_numbers():
    torch.ones(3, dtype=torch.long).softmax(0)


@tensors("detach()")
def backward_of_what_is_not_trained():
    torch.ones(3).sum().backward()


@tensors("twice")
def backward_twice():
    w = torch.ones(3, requires_grad=True)
    y = (w * w).sum()
    y.backward()
    y.backward()


@tensors("one number")
def backward_from_many_numbers():
    (torch.ones(3, requires_grad=True) * 2).backward()


@tensors("detach()")
def leaving_pytorch_with_a_gradient():
    torch.ones(3, requires_grad=True).numpy()


@arrays("several")
def number_of_many_entries():
    int(np.ones(3))


@tensors("several")
def item_of_many_entries():
    torch.ones(3).item()


@tensors("nn.Sequential(*layers)")
def list_of_layers_called():
    layers = [nn.ReLU()]
    layers(IMAGES)


@tensors("nn.Sequential(*layers)")
def module_list_called():
    nn.ModuleList([nn.ReLU()])(IMAGES)


@tensors("nn.Sequential(*layers)")
def list_handed_to_sequential():
    nn.Sequential([nn.ReLU()])


@tensors("with brackets")
def class_handed_to_sequential():
    nn.Sequential(nn.ReLU)


@tensors("nn.ModuleList")
def optimizer_without_parameters():
    torch.optim.SGD([], 0.1)


@tensors("layer(x)")
def layer_added_to_a_tensor():
    IMAGES + nn.ReLU()


@tensors("layer(x)")
def layer_built_on_the_values():
    nn.ReLU(IMAGES) + 1


@tensors("layer(x)")
def shape_of_a_layer():
    _ = nn.ReLU().shape


@tensors("type")
def convolution_without_tensors():
    F.conv2d(3, 4)


@tensors("type")
def relu_of_a_number():
    F.relu(3)


@tensors("state_dict")
def weights_missing():
    nn.Linear(3, 3).load_state_dict({})


@tensors("state_dict")
def weights_of_another_shape():
    nn.Linear(3, 3).load_state_dict(nn.Linear(4, 3).state_dict())


@tensors("state_dict")
def weights_by_another_name():
    nn.Linear(3, 3).state_dict()["fc.weight"]


@both("list(d)")
def key_that_is_not_there():
    {"a": 1}["b"]


@both("tuple instead")
def list_as_a_key():
    return {[1]: 2}


@both("self")
def method_without_self():
    class Counter:
        def add(): ...

    Counter().add()


@tensors("self")
def forward_without_self():
    class Net(nn.Module):
        def forward(x): ...

    Net()(IMAGES)


def two(a, b): ...


@both("first line of the definition")
def argument_too_many():
    two(1, 2, 3)


@both("first line of the definition")
def argument_missing():
    two(1)


@both("first line of the definition")
def argument_unexpected():
    two(1, b=2, c=3)


@both("first line of the definition")
def argument_given_twice():
    two(1, a=2)


def named(source: str) -> None:
    """Run source in a namespace of its own, where the names that this file imports are unknown."""
    exec(source, {})


@both("`self` as its first parameter")
def self_unknown():
    named("self.x")


@arrays("`np`")
def numpy_not_imported():
    named("np.zeros(3)")


@tensors("`torch` and `nn`")
def torch_not_imported():
    named("torch.zeros(3)")


@both("above the loop")
def total_used_before_it_is_set():
    named("def f():\n    total += 1\nf()")


@both("conv_out_size")
def function_of_a_cell_that_was_not_run():
    named("conv_out_size(5, 3)")


@both("without end")
def function_that_calls_itself():
    def relu(x):
        return relu(x)

    relu(3)


@both("divisor")
def division_by_zero():
    SIX // (TWO - 2)


@both("square ones")
def shape_called():
    IMAGE.shape(0)


@arrays("square ones")
def array_called():
    IMAGE(0, 1)


@arrays("behind a dot")
def module_called():
    np.random(3)


@arrays("round brackets")
def method_with_square_brackets():
    IMAGE.sum[0]


@both("shape[0]")
def shapes_subtracted():
    BATCH.shape - IMAGE.shape


@both("shape[0]")
def number_added_to_a_shape():
    IMAGE.shape + SIX


@both("width")
def number_where_an_array_was():
    return IMAGE.shape[0].shape


@both("width")
def number_indexed():
    IMAGE.shape[0][1]


@arrays("no axes left")
def length_of_one_number():
    len(IMAGE.sum())


@tensors("no axes left")
def loop_over_one_number():
    list(IMAGES.sum())


@tensors("capital letters")
def layer_spelled_wrongly():
    _ = nn.Conv2D


@arrays("spelling")
def method_that_arrays_do_not_have():
    IMAGE.unsqueeze(0)


@tensors("spelling")
def method_that_tensors_do_not_have():
    IMAGES.astype(float)


@tensors("self.conv1")
def layer_not_put_into_self():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            conv1 = nn.Conv2d(3, 3, 1)  # noqa: F841

        def forward(self, x):
            return self.conv1(x)

    Net()(IMAGES)


@both("floats end near")
def power_of_two_as_a_float():
    return 2.0**4096


@pytest.mark.parametrize(("library", "mistake", "key"), MISTAKES)
def test_the_usual_errors_are_advised_on(library, mistake, key):
    line = advised(mistake, library)
    assert key in line
    assert "\n" not in line and "{" not in line


OF_ARRAYS = re.compile(r"\bnp\.|numpy|\barrays?\b|x\.copy|\baxis`|dtype=float", re.IGNORECASE)


@pytest.mark.parametrize(("library", "mistake", "key"), MISTAKES)
def test_an_exercise_of_tensors_hears_nothing_of_numpy(library, mistake, key):
    line = advised(mistake, "PyTorch")
    assert line and not OF_ARRAYS.search(line)


def test_every_row_of_the_table_is_met_by_a_real_mistake():
    errors = [error_of(param.values[1]) for param in MISTAKES]
    texts = [f"{type(error).__name__}: {error}" for error in errors]
    met = {
        next(i for i, (p, _) in enumerate(advice.TABLE) if re.search(p, text, re.DOTALL)) for text in texts
    }
    idle = [pattern for i, (pattern, _) in enumerate(advice.TABLE) if i not in met]
    assert idle == []


def test_advice_ends_with_the_help_that_the_exercises_own_notebook_has():
    snippets = ("has no attribute 'shape'", "operands could not be broadcast together")
    line = advised(window_cut_short_at_the_border, "NumPy", *snippets)
    assert line.endswith('; see *Help — "operands could not be broadcast together"* below')
    assert "Help" not in advised(too_many_indices, "NumPy", *snippets)


def test_a_help_with_an_ellipsis_or_other_capital_letters_is_found_too():
    assert advised(reshape_to_another_count, "NumPy", "cannot reshape array of size …").endswith(
        'of size …"* below'
    )
    assert advised(zeros_without_the_inner_brackets, "NumPy", "Cannot interpret … as a data type").endswith(
        "below"
    )
    assert "below" in advised(array_asked_for_its_truth, "NumPy", "the truth value of an array")


def test_an_error_that_nobody_foresaw_gets_no_advice_but_the_help_for_it():
    assert advice.advise("OwnError", "the moon is full", question("NumPy")) == ""
    told = advice.advise("OwnError", "the moon is full", question("NumPy", "moon is full"))
    assert told == 'see *Help — "moon is full"* below'
