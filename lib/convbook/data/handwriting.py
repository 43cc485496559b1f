"""scikit-learn's 8×8 digits, as images.

A copy of the test set of the UCI "Optical Recognition of Handwritten Digits" (E. Alpaydin and C. Kaynak, 1998).
"""

from __future__ import annotations

import numpy as np

from convbook.data import scikit_learn
from convbook.data.images import Images

EVERY = 5  # one image in five of each class is kept for the test


def digits() -> Images:
    """Return 1,797 handwritten digits, 8 × 8 pixels, as `float64` in 0–1.

    Shapes: images (n, 1, 8, 8). Every fifth image of each class is a test image, so that both
    parts hold the classes in equal shares; the parts are the same on every machine.
    """
    rows = np.loadtxt(scikit_learn.file("data", "digits.csv.gz"), delimiter=",")  # 64 pixels and the class
    images = rows[:, :64].reshape(-1, 1, 8, 8) / 16.0  # the pixels count 0–16
    labels = rows[:, 64].astype(np.int64)
    test = every_fifth_of_each_class(labels)
    return Images(images[~test], labels[~test], images[test], labels[test], tuple("0123456789"))


def every_fifth_of_each_class(labels: np.ndarray) -> np.ndarray:
    """Return a mask, true at the 5th, 10th, 15th … example of every class.

    >>> np.flatnonzero(every_fifth_of_each_class(np.array([0, 0, 1, 0, 0, 0, 1])))
    array([5])
    """
    mask = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        mask[np.flatnonzero(labels == label)[EVERY - 1 :: EVERY]] = True
    return mask
