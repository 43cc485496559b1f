"""Differentiate a function of arrays by differences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def pulled_back(
    function: Callable[[np.ndarray], np.ndarray], x: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Return the gradient of sum(weights · function(x)) by x, by central differences.

    >>> pulled_back(lambda x: 3 * x, np.zeros(2), np.array([1.0, 2.0])).round(6)
    array([3., 6.])
    """
    x = x.astype(float)
    found, step = np.zeros_like(x), 2.0**-10
    for place in np.ndindex(*x.shape):
        ahead, behind = x.copy(), x.copy()
        ahead[place] += step
        behind[place] -= step
        found[place] = np.sum(weights * (function(ahead) - function(behind))) / (2 * step)
    return found
