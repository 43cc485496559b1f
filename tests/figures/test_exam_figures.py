"""The board of unit 12 says in words what it draws."""

from __future__ import annotations

import pytest

from convbook.figures import exam as figures


def test_the_board_draws_a_square_for_each_faulty_implementation_and_says_how_many_were_rejected():
    figure = figures.board({"the kernel": (3, 4), "the padding": (2, 2)}, "your test")
    (ax,) = figure.axes
    squares = sum(len(points.get_offsets()) for points in ax.collections[::3])
    assert squares == 5 and "the kernel: 3 of 4 rejected; the padding: 2 of 2 rejected" in figure.alt
    assert ax.get_title(loc="left") == "your test: 5 of 6 faulty implementations rejected, 1 slipped through"


def test_a_board_without_kinds_is_refused_in_one_sentence():
    with pytest.raises(ValueError, match="at least one kind"):
        figures.board({})
