"""Right answers to the exercises of unit 03, in other styles than the solution's: only tests may know them."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from right import way


@way("locally_connected1d")
def all_windows_at_once(x, w):
    return (sliding_window_view(x, w.shape[1]) * w).sum(axis=1)


@way("locally_connected1d")
def two_loops(x, w):
    y = np.zeros(len(w), dtype=x.dtype)
    for place in range(len(w)):
        for offset in range(w.shape[1]):
            y[place] += x[place + offset] * w[place, offset]
    return y


@way("locally_connected1d")
def weight_by_weight(x, w):
    places, k = w.shape
    return np.sum([x[offset : offset + places] * w[:, offset] for offset in range(k)], axis=0)


@way("locally_connected1d")
def einsum_of_windows(x, w):
    return np.einsum("pk,pk->p", sliding_window_view(x, w.shape[1]), w)


@way("toeplitz1d")
def diagonal_by_diagonal(w, n):
    rows = n - len(w) + 1
    return sum(weight * np.eye(rows, n, offset) for offset, weight in enumerate(w))


@way("toeplitz1d")
def rolled_rows(w, n):
    row = np.concatenate([w, np.zeros(n - len(w))])
    return np.array([np.roll(row, i) for i in range(n - len(w) + 1)])


@way("toeplitz1d")
def by_correlating_unit_vectors(w, n):
    return np.stack([np.correlate(unit, w, mode="valid") for unit in np.eye(n)], axis=1)


@way("toeplitz1d")
def indexed(w, n):
    offset = np.arange(n) - np.arange(n - len(w) + 1)[:, None]
    inside = (offset >= 0) & (offset < len(w))
    return np.where(inside, w[np.clip(offset, 0, len(w) - 1)], 0)


@way("share_gradient")
def place_by_place(per_position):
    total = np.zeros_like(per_position[0])
    for gradient in per_position:
        total = total + gradient
    return total


@way("share_gradient")
def ones_times_rows(per_position):
    return np.ones(len(per_position)) @ per_position


@way("share_gradient")
def mean_times_positions(per_position):
    return per_position.mean(0) * len(per_position)


@way("share_gradient")
def einsum_rows(per_position):
    return np.einsum("pk->k", per_position)


def both(shift):
    return (shift, shift) if isinstance(shift, int) else tuple(shift)


@way("equivariance_error")
def cut_by_mask(f, x, shift):
    dy, dx = both(shift)
    y, moved = f(x), f(np.roll(np.roll(x, dy, -2), dx, -1))
    h, w = y.shape[-2:]
    rows, columns = np.arange(h), np.arange(w)
    kept_rows = (rows >= dy) if dy >= 0 else (rows < h + dy)
    kept_columns = (columns >= dx) if dx >= 0 else (columns < w + dx)
    gap = np.abs(moved - np.roll(y, (dy, dx), (-2, -1)))
    return float(gap[..., kept_rows, :][..., kept_columns].max())


@way("equivariance_error")
def slices_of_both_ends(f, x, shift):
    dy, dx = both(shift)
    y = f(np.roll(x, shift=(dy, dx), axis=(-2, -1)))
    z = f(x.copy())
    h, w = z.shape[-2:]
    left = y[..., max(dy, 0) : h + min(dy, 0), max(dx, 0) : w + min(dx, 0)]
    right = z[..., max(-dy, 0) : h - max(dy, 0), max(-dx, 0) : w - max(dx, 0)]
    return max(abs((left - right).min()), abs((left - right).max()))


@way("equivariance_error")
def with_ifs(f, x, shift):
    if isinstance(shift, tuple):
        dy, dx = shift
    else:
        dy = dx = shift
    axes = (x.ndim - 2, x.ndim - 1)
    difference = f(np.roll(x, (dy, dx), axes)) - np.roll(f(x), (dy, dx), axes)
    if dy > 0:
        difference = difference[..., dy:, :]
    if dy < 0:
        difference = difference[..., :dy, :]
    if dx > 0:
        difference = difference[..., dx:]
    if dx < 0:
        difference = difference[..., :dx]
    return np.linalg.norm(difference.ravel(), np.inf)


@way("global_pool")
def flattened(x, mode):
    rows = x.reshape(x.shape[0], x.shape[1], -1)
    return {"max": np.max, "avg": np.mean}[mode](rows, axis=-1)


@way("global_pool")
def map_by_map(x, mode):
    y = np.zeros(x.shape[:2])
    for n, c in np.ndindex(y.shape):
        y[n, c] = x[n, c].max() if mode == "max" else x[n, c].sum() / x[n, c].size
    return y


@way("global_pool")
def axis_after_axis(x, mode):
    if mode == "max":
        return x.max(-1).max(-1)
    return x.mean(-1).mean(-1)


@way("grouped_conv_params")
def group_by_group(c_in, c_out, k, groups):
    if groups < 1:
        raise ValueError("no groups")
    if c_in % groups != 0 or c_out % groups != 0:
        raise ValueError("does not divide")
    total = 0
    for _ in range(groups):
        total += (c_out // groups) * (c_in // groups) * k**2
    return total


@way("grouped_conv_params")
def divided_at_the_end(c_in, c_out, k, groups):
    if groups <= 0 or any(c % groups for c in (c_in, c_out)):
        raise ValueError(f"groups {groups}")
    return c_in * c_out * k * k / groups


@way("grouped_conv_params")
def size_of_an_array(c_in, c_out, k, groups):
    if groups < 1 or np.gcd.reduce([c_in, c_out, groups]) != groups:
        raise ValueError("groups")
    return np.zeros((c_out, c_in // groups, k, k)).size


@way("equivariance_error")
def compared_without_moving_the_output(f, x, shift):
    dy, dx = (int(step) for step in np.broadcast_to(shift, 2))
    y, moved = f(x), f(np.roll(np.roll(x, dy, axis=-2), dx, axis=-1))
    h, w = y.shape[-2:]
    came = y[..., max(-dy, 0) : h - max(dy, 0), max(-dx, 0) : w - max(dx, 0)]
    return np.abs(moved[..., max(dy, 0) : h + min(dy, 0), max(dx, 0) : w + min(dx, 0)] - came).max()


@way("global_pool")
def einsum_over_the_size(x, mode):
    return x.max(axis=3).max(axis=2) if mode == "max" else np.einsum("nchw->nc", x) / x[0, 0].size
