"""Pictures as widgets take them in: grays or maps of a known shape, in base64, because some hosts lose binary buffers."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from convbook import data


def as_grays(image: Any) -> np.ndarray:
    """Return an image (h, w), or (3, h, w) in colour, as grays (h, w) in 0–1; raise `ValueError` where it is none.

    >>> as_grays([[0, 1]]).shape
    (1, 2)
    """
    array = as_numbers("image", image, "(h, w), or (3, h, w) in colour")
    if array.ndim == 3 and array.shape[0] == 3:
        array = data.gray(array)
    if array.ndim != 2 or array.size == 0:
        raise ValueError(f"image has shape {array.shape}; wanted (h, w), or (3, h, w) in colour")
    if array.min() < 0 or array.max() > 1:
        raise ValueError(
            f"image reaches from {array.min():g} to {array.max():g}; wanted 0 to 1 (divide by 255?)"
        )
    return array


def as_numbers(name: str, values: Any, axes: str) -> np.ndarray:
    """Return values as an array of finite numbers; raise `ValueError` where they are none."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be an array of numbers: {axes}") from None
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds numbers that are not finite (NaN or infinity)")
    return array


def as_batch(images: Any) -> np.ndarray:
    """Return images, an array or a tensor (n, c, h, w), as finite numbers; raise `ValueError` where they are none."""
    array = as_numbers(
        "images", images.detach().cpu() if hasattr(images, "detach") else images, "(n, c, h, w)"
    )
    if array.ndim != 4 or array.size == 0:
        raise ValueError(f"images has shape {array.shape}; wanted (n, c, h, w)")
    return array


def as_labels(labels: Any, images: int, classes: int) -> np.ndarray:
    """Return the numbers of classes, one for each image, as whole numbers; raise `ValueError` where they are none."""
    array = as_numbers("labels", labels.detach().cpu() if hasattr(labels, "detach") else labels, "(n,)")
    if array.shape != (images,):
        raise ValueError(f"labels has shape {array.shape}; wanted one for each of the {images} images")
    if (array != np.round(array)).any() or array.min() < 0 or array.max() >= classes:
        raise ValueError(f"labels must be whole numbers from 0 to {classes - 1}: there are {classes} classes")
    return array.astype(int)


def in_base64(grays: np.ndarray) -> str:
    """Return grays in 0–1 as one byte each, for `bytesOf` of `_bytes.js`."""
    return base64.b64encode(np.round(255 * grays).astype(np.uint8).tobytes()).decode()
