"""Pictures of a learner's own, as a network trained on clothes expects them."""

from __future__ import annotations

from pathlib import Path

import numpy as np


def own_picture(path: str | Path, side: int = 28) -> np.ndarray:
    """Return a picture file as (1, side, side), 0–1: gray, whole, centred on black as the clothes are.

    Where the border is bright, as on a white page, it is inverted. Raises `ValueError`, in one sentence, for what is no picture.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            gray = picture.convert("L")
            gray.thumbnail((side, side))
            pixels = np.asarray(gray, float) / 255
    except FileNotFoundError:
        raise ValueError(
            f"there is no file {path}; put it beside this notebook, and write its whole name"
        ) from None
    except (UnidentifiedImageError, OSError):
        raise ValueError(f"{path} is no picture that can be read: choose a PNG or JPEG file") from None
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    if np.median(border) > 0.5:
        pixels = 1 - pixels
    top, left = ((side - length) // 2 for length in pixels.shape)
    canvas = np.zeros((1, side, side))
    canvas[0, top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
    return canvas


def shifted(image: np.ndarray, down: int = 0, right: int = 0, turns: int = 0) -> np.ndarray:
    """Return an image (c, h, w) moved by pixels, black coming in, after so many quarter turns.

    >>> shifted(np.arange(4.0).reshape(1, 2, 2), right=1)
    array([[[0., 0.],
            [0., 2.]]])
    """
    image = np.rot90(np.asarray(image), turns, axes=(1, 2))
    _, h, w = image.shape
    if abs(down) >= h or abs(right) >= w:
        raise ValueError(f"a move by ({down}, {right}) leaves nothing of an image of {h} × {w} pixels")
    padded = np.pad(image, ((0, 0), (abs(down), abs(down)), (abs(right), abs(right))))
    top, left = abs(down) - down, abs(right) - right
    return padded[:, top : top + h, left : left + w]
