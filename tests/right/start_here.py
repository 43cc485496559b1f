"""Right answers to the exercise of unit 00."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np

from right import way


@way("brightness")
def mean_method(image):
    return image.mean()


@way("brightness")
def two_loops(image):
    total = 0.0
    for row in image:
        for pixel in row:
            total += pixel
    return total / image.size


@way("brightness")
def exact_sum(image):
    return math.fsum(image.ravel()) / image.size


@way("brightness")
def einsum_mean(image):
    return np.einsum("hw->", image) / image.size


@way("brightness")
def zero_dimensional(image):
    return np.asarray(image.mean(axis=0).mean())


@way("brightness")
def exact_fraction(image):
    return sum(Fraction(float(pixel)) for pixel in image.ravel()) / image.size


@way("brightness")
def decimal_mean(image):
    return sum(Decimal(float(pixel)) for pixel in image.ravel()) / image.size


@way("brightness")
def changed_copy(image):
    image = image.copy()
    image /= image.size
    return image.sum()
