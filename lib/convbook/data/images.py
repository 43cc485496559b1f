"""`Images`: a data set in memory, and a fair draw from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False, repr=False)
class Images:
    """Hold a data set: images to train on, images to test with, their labels and the classes' names.

    Shapes: images (n, c, h, w), labels (n,) of int64, each an index into `class_names`.
    Pixels are `uint8` in 0–255 where the data set comes so, else `float64` in 0–1.
    """

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    class_names: tuple[str, ...]

    def __repr__(self) -> str:
        n, *shape = self.train_images.shape
        return (
            f"Images({n:,} to train on, {len(self.test_images):,} to test with, "
            f"each {tuple(shape)} of {self.train_images.dtype}, {len(self.class_names)} classes)"
        )


def stratified(labels: np.ndarray, per_class: int, rng: np.random.Generator) -> np.ndarray:
    """Return the indices of `per_class` examples of every class, shuffled.

    Shapes: labels (n,), whole numbers from 0 -> (classes * per_class,). No example is drawn twice.

    >>> stratified(np.array([0, 1, 1, 0]), 1, np.random.default_rng(0)).shape
    (2,)
    """
    labels = np.asarray(labels)
    if per_class < 0:
        raise ValueError(f"asked for {per_class} a class; ask for 0 or more")
    if labels.ndim != 1 or not labels.size or labels.dtype.kind not in "iu" or labels.min() < 0:
        raise ValueError(
            f"labels are whole numbers from 0, in one row; these are {labels.dtype} of shape {labels.shape}"
        )
    counts = np.bincount(labels)
    if counts.min() < per_class:
        raise ValueError(f"asked for {per_class} a class; the smallest class has {counts.min()}")
    chosen = [rng.permutation(np.flatnonzero(labels == label))[:per_class] for label in range(len(counts))]
    return rng.permutation(np.concatenate(chosen))
