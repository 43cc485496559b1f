"""The figures of unit 11 say in words what they show."""

from __future__ import annotations

import pytest

from convbook.figures import identity_mappings as figures


def test_the_ranking_tells_means_and_the_spread_over_the_seeds():
    figure = figures.ranked_shortcuts([("identity", [0.1, 0.3]), ("gate", [0.5, 0.7])])
    assert "identity: 20.0%, from 10.0% to 30.0%; gate: 60.0%, from 50.0% to 70.0%" in figure.alt


def test_a_ranking_of_nothing_is_refused_in_one_sentence():
    with pytest.raises(ValueError, match="nothing was trained"):
        figures.ranked_shortcuts([])
