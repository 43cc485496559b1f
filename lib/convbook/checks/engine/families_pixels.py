"""Mistakes of keeping every so-many-th pixel of an image (n, c, h, w), for oracles that take `x` and `stride`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from convbook.checks.engine.declare import Draft, mistake

FROM_0, BOTH = "counting starts at pixel 0: 0, s, 2s, …", "the stride holds for rows and columns"
POOLED = "only some pixels are kept, they are not pooled"


def windows(x: Any, stride: int, pool: Callable[..., Any], whole: bool) -> np.ndarray:
    """Return the mean or maximum of every window; at the edge windows are smaller, or left out where they must be whole."""
    image = x.detach().numpy()
    rows, columns = (range(0, side - (stride - 1) * whole, stride) for side in image.shape[2:])
    pooled = [[pool(image[:, :, i : i + stride, j : j + stride], (2, 3)) for j in columns] for i in rows]
    return np.stack([np.stack(row, -1) for row in pooled], 2)


def strided_pixels(here: str, after: Callable[..., Any]) -> tuple[Draft, ...]:
    """Return the mistakes; `after(kept, c_out)` is what the oracle does with the pixels that it kept."""

    def pooled(name: str, pool: Callable[..., Any], whole: bool) -> Draft:
        return mistake(
            name, POOLED, here, instead=lambda x, c_out, stride: after(windows(x, stride, pool, whole), c_out)
        )

    return (
        pooled("pixels are averaged", np.mean, True),
        pooled("pixels are averaged, at the edge too", np.mean, False),
        pooled("the largest pixel is taken", np.max, True),
        pooled("the largest pixel is taken, at the edge too", np.max, False),
        mistake("the wrong pixels are kept", FROM_0, here, x=lambda x, stride: x[:, :, stride - 1 :, stride - 1 :]),
        mistake("counting starts at pixel 1", FROM_0, here, x=lambda x, stride: x[:, :, stride > 1 :, stride > 1 :]),
        mistake("counting starts at pixel 1, whatever the stride", FROM_0, here, x=lambda x: x[:, :, 1:, 1:]),
        mistake("the last row or column is lost", "pixels 0, s, 2s, … as far as the image goes, also where s does not divide its "
                "side", here, x=lambda x, stride, h, w: x[:, :, : h // stride * stride, : w // stride * stride]),
        mistake("the stride is ignored", "every `stride`-th pixel is kept, in both directions", here, stride=lambda: 1),
        mistake("the stride is always 2", "the stride is what the caller asks for", here, stride=lambda: 2),
        mistake("only rows are skipped", BOTH, here, instead=lambda x, c_out, stride: after(x.detach().numpy()[:, :, ::stride], c_out)),
        mistake("only columns are skipped", BOTH, here, instead=lambda x, c_out, stride: after(x.detach().numpy()[..., ::stride], c_out)),
    )  # fmt: skip
