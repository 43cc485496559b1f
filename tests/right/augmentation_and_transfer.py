"""Right answers to the exercises of unit 08, in other styles than the solution's: only tests may know them."""

from __future__ import annotations

import numpy as np

from right import way


@way("random_flip")
def where_over_the_batch(x, p, rng):
    return np.where(rng.random(len(x))[:, None, None, None] < p, x[..., ::-1], x)


@way("random_flip")
def image_by_image(x, p, rng):
    return np.stack([np.flip(image, 2) if rng.uniform() < p else image for image in x])


@way("random_flip")
def by_binomial_numbers(x, p, rng):
    y = x.copy()
    chosen = rng.binomial(1, p, size=x.shape[0]).astype(bool)
    y[chosen] = y[chosen, :, :, ::-1]
    return y


@way("random_crop")
def padded_once_and_cut(x, padding, rng):
    n, _, h, w = x.shape
    full = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows, columns = rng.integers(0, 2 * padding + 1, (2, n))
    return np.stack([full[i, :, r : r + h, q : q + w] for i, (r, q) in enumerate(zip(rows, columns, strict=True))])


@way("random_crop")
def written_into_zeros(x, padding, rng):
    n, _, h, w = x.shape
    y = np.zeros_like(x)
    for i in range(n):
        down, right = rng.integers(-padding, padding, 2, endpoint=True)
        target = np.s_[max(0, down) : h + min(0, down), max(0, right) : w + min(0, right)]
        source = np.s_[max(0, -down) : h + min(0, -down), max(0, -right) : w + min(0, -right)]
        y[i, :, target[0], target[1]] = x[i, :, source[0], source[1]]
    return y


@way("random_crop")
def chosen_among_all_windows(x, padding, rng):
    full = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    windows = np.lib.stride_tricks.sliding_window_view(full, x.shape[2:], axis=(2, 3))
    places = np.arange(2 * padding + 1)
    n = len(x)
    return windows[np.arange(n), :, rng.choice(places, n), rng.choice(places, n)]
