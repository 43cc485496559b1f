"""Cases from tables and ranges are what their rows and ranges say, and a range that lacks is named."""

from __future__ import annotations

import numpy as np
import pytest

from convbook.checks.engine.declare import draws, every_form, every_layout, table
from convbook.checks.engine.oracles import DeclarationError


def test_a_row_of_a_table_is_one_case_with_its_keywords_and_remark():
    plain, rich = table((5, 3), ((1, 2), [7.0], 2, {"padding": 1}, "a remark"))
    assert (plain.args, plain.kwargs, plain.about, plain.drawn) == ((5, 3), {}, "", False)
    assert [np.asarray(a).tolist() for a in rich.args] == [[[1, 2]], [7], 2]
    assert (rich.kwargs, rich.about) == ({"padding": 1}, "a remark")


def test_every_form_is_every_layout_and_float32_with_the_same_numbers():
    forms = list(every_form((2, 3), 4, stride=2))
    assert len(forms) == len(list(every_layout(np.ones((2, 3))))) + 1
    assert forms[-1].args[0].dtype == np.float32
    assert all(one.args[0].tolist() == [[1, 2, 3], [4, 5, 6]] for one in forms)
    assert all(one.args[1] == 4 and one.kwargs == {"stride": 2} for one in forms)


def test_drawn_sides_lie_in_their_ranges_and_reach_both_ends():
    rng = np.random.default_rng(1)
    cases = list(draws(rng, 200, "x (2, h), k", k=(1, 3), h=("k", 2), stride=(1, 2), padding=0))
    assert {(c.args[1], c.args[0].shape[1] - c.args[1]) for c in cases} == {
        (k, more) for k in (1, 2, 3) for more in (0, 1, 2)
    }
    assert {c.kwargs["stride"] for c in cases} == {1, 2}
    assert all(c.drawn and c.args[0].shape[0] == 2 and c.kwargs["padding"] == 0 for c in cases)


def test_one_letter_may_name_an_argument_and_an_axis():
    (one,) = draws(np.random.default_rng(1), 1, "x (h, w), w (kh, kw)", h=5, w=4, kh=3, kw=2)
    assert [a.shape for a in one.args] == [(5, 4), (3, 2)]
    assert one.kwargs == {}


def test_a_letter_without_a_range_is_named():
    with pytest.raises(DeclarationError, match="no range is given for 'w'"):
        list(draws(np.random.default_rng(1), 1, "x (h, w)", h=3))
