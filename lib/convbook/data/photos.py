"""Two photographs, and what a notebook does to them first: make them small, make them gray."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from convbook.data import scikit_learn

NAMES = ("china", "flower")
LUMA = np.array([0.299, 0.587, 0.114])  # red, green, blue: ITU-R BT.601, for pixels as a screen takes them


def photographs() -> dict[str, np.ndarray]:
    """Return scikit-learn's two colour photographs by name, as `float64` in 0–1.

    Shapes: each (3, h, w), here (3, 427, 640). `china` is by danielbuechele on Flickr,
    https://www.flickr.com/photos/danielbuechele/6061409035/, `flower` by vultilion,
    https://www.flickr.com/photos/vultilion/6056698931/; both CC BY 2.0: show them, changed or not, with these names.
    """
    return {name: _read(scikit_learn.file("images", f"{name}.jpg")) for name in NAMES}


def _read(path: Path) -> np.ndarray:
    from PIL import Image

    with Image.open(path) as picture:
        return np.ascontiguousarray(np.asarray(picture).transpose(2, 0, 1)) / 255.0


def gray(photo: np.ndarray) -> np.ndarray:
    """Return the luminance of a colour image, in the units of its pixels.

    Shapes: (3, h, w) -> (h, w), or (n, 3, h, w) -> (n, h, w). Green counts most, as it does for the eye.

    >>> gray(np.array([1.0, 0.0, 0.0]).reshape(3, 1, 1)).round(3)
    array([[0.299]])
    """
    photo = np.asarray(photo)
    if photo.ndim < 3 or photo.shape[-3] != 3:
        raise ValueError(f"gray takes a colour image of shape (3, h, w); this one has shape {photo.shape}")
    mixed = np.einsum("...chw,c->...hw", photo.astype(np.float64, copy=False), LUMA)
    # The three shares add up to 1 but for rounding: no pixel may leave the range of its colours.
    return np.clip(mixed, photo.min(axis=-3), photo.max(axis=-3))


def small(photo: np.ndarray, height: int) -> np.ndarray:
    """Return an image shrunk to `height` pixels: each new pixel is the mean of the area it covers.

    Shapes: (..., h, w) -> (..., height, w * height / h rounded), `float64` in the units of its pixels.

    >>> small(np.arange(16.0).reshape(4, 4), 2)
    array([[ 2.5,  4.5],
           [10.5, 12.5]])
    """
    photo = np.asarray(photo)
    if photo.ndim < 2 or 0 in photo.shape:
        raise ValueError(f"small takes an image of shape (..., h, w); this one has shape {photo.shape}")
    h, w = photo.shape[-2:]
    if not 1 <= height <= h:
        raise ValueError(f"small only shrinks: a height of {h} can become 1 to {h} pixels, not {height}")
    width = max(1, round(w * height / h))
    shrunk = shares(h, height) @ photo.astype(np.float64, copy=False) @ shares(w, width).T
    return np.clip(shrunk, photo.min(), photo.max())  # rounding may not leave the range of the pixels


def shares(old: int, new: int) -> np.ndarray:
    """Return how much each of `old` pixels in a row counts in each of `new` wider ones: (new, old), rows sum to 1.

    >>> shares(3, 2).round(2)
    array([[0.67, 0.33, 0.  ],
           [0.  , 0.33, 0.67]])
    """
    edges = np.arange(new + 1) * old / new
    left, right = np.arange(old), np.arange(1, old + 1)
    covered = np.minimum(edges[1:, None], right) - np.maximum(edges[:-1, None], left)
    return np.clip(covered, 0.0, None) * new / old
