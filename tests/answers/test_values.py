"""Values are copied so that later changes cannot reach them, and arrays can lie in memory in many ways."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from convbook.answers.values import LAYOUTS, copied, laid_out, layout_of

ANY_ARRAY = arrays.arrays(
    st.sampled_from([np.float32, np.float64, np.int64, np.bool_]), arrays.array_shapes(max_dims=4, max_side=4)
)


@given(array=ANY_ARRAY, layout=st.sampled_from(LAYOUTS))
def test_every_layout_holds_the_same_values_in_memory_of_its_own(array, layout):
    laid = laid_out(array, layout)
    np.testing.assert_array_equal(laid, array)
    assert laid.dtype == array.dtype
    assert not np.shares_memory(laid, array)


@given(array=ANY_ARRAY, layout=st.sampled_from(LAYOUTS))
def test_a_layout_survives_being_read_and_laid_again(array, layout):
    laid = laid_out(array, layout)
    again = laid_out(laid, layout_of(laid))
    np.testing.assert_array_equal(again, array)
    assert again.flags.writeable == laid.flags.writeable
    assert layout_of(again) == layout_of(laid)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layouts_really_differ(layout):
    laid = laid_out(np.arange(24.0).reshape(2, 3, 4), layout)
    assert layout_of(laid) == layout
    assert laid.flags.writeable == (layout != "read-only")
    assert laid.flags.c_contiguous == (layout in ("plain", "read-only"))


def test_an_unknown_layout_gives_one_clear_sentence():
    with pytest.raises(ValueError, match=r"sideways.*Fortran"):
        laid_out(np.zeros(2), "sideways")


def test_a_copy_is_out_of_reach_of_later_changes():
    array = np.zeros(3)
    held = copied({"a": [array, (array,)], "b": 1})
    array += 1
    assert held["a"][0].sum() == held["a"][1][0].sum() == 0
    assert isinstance(held["a"][1], tuple)


def test_a_view_is_copied_whole():
    array = np.arange(4.0)
    held = copied(array[::-1])
    array[:] = 9
    assert held.tolist() == [3, 2, 1, 0]


def test_a_tensor_is_copied_without_its_graph():
    weight = torch.ones(2, requires_grad=True)
    held = copied(weight * 2)
    assert not held.requires_grad
    assert isinstance(held, torch.Tensor)


def test_unknown_objects_come_back_as_they_are():
    class Own(list):
        pass

    thing = Own([1])
    assert copied(thing) is thing
    assert copied("text") == "text"
    assert copied(None) is None
