"""Wrong answers to the exercises of unit 03, as people really write them."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from wrong import wrong

# ---- locally_connected1d


@wrong("locally_connected1d")
def first_row_for_all(x, w):
    return np.array([x[i : i + w.shape[1]] @ w[0] for i in range(len(w))])


@wrong("locally_connected1d")
def no_sum(x, w):
    return sliding_window_view(x, w.shape[1]) * w


@wrong("locally_connected1d")
def window_stays(x, w):
    k = w.shape[1]
    return np.array([(x[:k] * row).sum() for row in w])


@wrong("locally_connected1d")
def averaged(x, w):
    return (sliding_window_view(x, w.shape[1]) * w).mean(axis=1)


@wrong("locally_connected1d")
def summed_down(x, w):
    return (sliding_window_view(x, w.shape[1]) * w).sum(axis=0)


@wrong("locally_connected1d")
def loop_one_short(x, w):
    y = np.zeros(len(w))
    for i in range(len(w) - 1):
        y[i] = x[i : i + w.shape[1]] @ w[i]
    return y


@wrong("locally_connected1d")
def no_plus_one(x, w):
    places = len(x) - w.shape[1]
    return np.array([x[i : i + w.shape[1]] @ w[i] for i in range(places)])


@wrong("locally_connected1d")
def overwritten(x, w):
    y = np.zeros(len(w))
    for i in range(len(w)):
        for j in range(w.shape[1]):
            y[i] = x[i + j] * w[i, j]
    return y


@wrong("locally_connected1d")
def returned_too_soon(x, w):
    for i in range(len(w)):
        return (x[i : i + w.shape[1]] * w[i]).sum()


@wrong("locally_connected1d")
def flipped_as_np_convolve(x, w):
    return np.array([np.convolve(x[i : i + w.shape[1]], w[i], "valid")[0] for i in range(len(w))])


@wrong("locally_connected1d")
def total_never_reset(x, w):
    y, total = np.zeros(len(w)), 0
    for i in range(len(w)):
        total += x[i : i + w.shape[1]] @ w[i]
        y[i] = total
    return y


@wrong("locally_connected1d")
def a_list(x, w):
    return [float(x[i : i + w.shape[1]] @ w[i]) for i in range(len(w))]


# ---- toeplitz1d


@wrong("toeplitz1d")
def transposed(w, n):
    k = len(w)
    m = np.zeros((n, n - k + 1))
    for i in range(n - k + 1):
        m[i : i + k, i] = w
    return m


@wrong("toeplitz1d")
def kernel_reversed(w, n):
    k = len(w)
    m = np.zeros((n - k + 1, n))
    for i in range(n - k + 1):
        m[i, i : i + k] = w[::-1]
    return m


@wrong("toeplitz1d")
def circulant(w, n):
    row = np.concatenate([w, np.zeros(n - len(w))])
    return np.stack([np.roll(row, i) for i in range(n)])


@wrong("toeplitz1d")
def never_moved(w, n):
    m = np.zeros((n - len(w) + 1, n))
    for i in range(len(m)):
        m[i, : len(w)] = w
    return m


@wrong("toeplitz1d")
def one_row_short(w, n):
    k = len(w)
    m = np.zeros((n - k, n))
    for i in range(n - k):
        m[i, i : i + k] = w
    return m


@wrong("toeplitz1d")
def last_row_empty(w, n):
    k = len(w)
    m = np.zeros((n - k + 1, n))
    for i in range(n - k):
        m[i, i : i + k] = w
    return m


@wrong("toeplitz1d")
def square_with_cut_rows(w, n):
    m = np.zeros((n, n))
    for i in range(n):
        for j in range(len(w)):
            if i + j < n:
                m[i, i + j] = w[j]
    return m


@wrong("toeplitz1d")
def rows_from_the_end(w, n):
    k = len(w)
    m = np.zeros((n - k + 1, n))
    for i in range(n - k + 1):
        m[-1 - i, i : i + k] = w
    return m


@wrong("toeplitz1d")
def centred_same(w, n):
    k = len(w)
    m = np.zeros((n, n))
    for i in range(n):
        for j in range(k):
            if 0 <= i + j - k // 2 < n:
                m[i, i + j - k // 2] = w[j]
    return m


@wrong("toeplitz1d")
def return_in_the_loop(w, n):
    m = np.zeros((n - len(w) + 1, n))
    for i in range(len(m)):
        m[i, i : i + len(w)] = w
        return m


@wrong("toeplitz1d")
def ones(w, n):
    m = np.zeros((n - len(w) + 1, n))
    for i in range(len(m)):
        m[i, i : i + len(w)] = 1
    return m


# ---- share_gradient


@wrong("share_gradient")
def mean(per_position):
    return per_position.mean(axis=0)


@wrong("share_gradient")
def rows(per_position):
    return per_position.sum(axis=1)


@wrong("share_gradient")
def row_means(per_position):
    return per_position.mean(axis=1)


@wrong("share_gradient")
def one_number(per_position):
    return per_position.sum()


@wrong("share_gradient")
def first_only(per_position):
    return per_position[0].copy()


@wrong("share_gradient")
def last_only(per_position):
    for g in per_position:
        total = g.copy()
    return total


@wrong("share_gradient")
def keepdims(per_position):
    return per_position.sum(axis=0, keepdims=True)


@wrong("share_gradient")
def largest(per_position):
    return per_position.max(axis=0)


@wrong("share_gradient")
def absolute(per_position):
    return np.abs(per_position).sum(axis=0)


@wrong("share_gradient")
def root_mean(per_position):
    return per_position.sum(axis=0) / np.sqrt(len(per_position))


@wrong("share_gradient")
def doubled_first(per_position):
    total = per_position[0].copy()
    for g in per_position:
        total += g
    return total


# ---- equivariance_error


def pair(shift):
    return shift if isinstance(shift, tuple) else (shift, shift)


def moved(x, shift):
    return np.roll(x, pair(shift), axis=(-2, -1))


def cut(d, dy, dx):
    return d[..., dy if dy > 0 else 0 : dy if dy < 0 else None, dx if dx > 0 else 0 : dx if dx < 0 else None]


@wrong("equivariance_error")
def nothing_cut(f, x, shift):
    return np.abs(f(moved(x, shift)) - moved(f(x), shift)).max()


@wrong("equivariance_error")
def negative_not_thought_of(f, x, shift):
    dy, dx = pair(shift)
    return np.abs(f(moved(x, shift)) - moved(f(x), shift))[..., dy:, dx:].max()


@wrong("equivariance_error")
def no_abs(f, x, shift):
    return cut(f(moved(x, shift)) - moved(f(x), shift), *pair(shift)).max()


@wrong("equivariance_error")
def output_stays(f, x, shift):
    return np.abs(cut(f(moved(x, shift)) - f(x), *pair(shift))).max()


@wrong("equivariance_error")
def mean_of_differences(f, x, shift):
    return np.abs(cut(f(moved(x, shift)) - moved(f(x), shift), *pair(shift))).mean()


@wrong("equivariance_error")
def summed_squares(f, x, shift):
    return (cut(f(moved(x, shift)) - moved(f(x), shift), *pair(shift)) ** 2).sum()


@wrong("equivariance_error")
def first_axes(f, x, shift):
    def roll(a):
        return np.roll(a, pair(shift), axis=(0, 1))

    return np.abs(cut(f(roll(x)) - roll(f(x)), *pair(shift))).max()


@wrong("equivariance_error")
def no_axis(f, x, shift):
    dy, dx = pair(shift)
    return np.abs(cut(f(np.roll(x, dy + dx)) - np.roll(f(x), dy + dx), dy, dx)).max()


@wrong("equivariance_error")
def exchanged(f, x, shift):
    dx, dy = pair(shift)
    return np.abs(cut(f(moved(x, (dy, dx))) - moved(f(x), (dy, dx)), dy, dx)).max()


@wrong("equivariance_error")
def moved_back(f, x, shift):
    dy, dx = pair(shift)
    return np.abs(cut(f(moved(x, shift)) - moved(f(x), (-dy, -dx)), dy, dx)).max()


@wrong("equivariance_error")
def zero_leaves_nothing(f, x, shift):
    dy, dx = pair(shift)
    d = np.abs(f(moved(x, shift)) - moved(f(x), shift))
    d = d[..., dy:, :] if dy > 0 else d[..., :dy, :]
    d = d[..., dx:] if dx > 0 else d[..., :dx]
    return d.max()


@wrong("equivariance_error")
def only_tuples(f, x, shift):
    dy, dx = shift
    return np.abs(cut(f(moved(x, shift)) - moved(f(x), shift), dy, dx)).max()


@wrong("equivariance_error")
def compared_not_measured(f, x, shift):
    return np.allclose(cut(f(moved(x, shift)), *pair(shift)), cut(moved(f(x), shift), *pair(shift)))


# ---- global_pool


@wrong("global_pool")
def kept_axes(x, mode):
    return x.max(axis=(2, 3), keepdims=True) if mode == "max" else x.mean(axis=(2, 3), keepdims=True)


@wrong("global_pool")
def always_max(x, mode):
    return x.max(axis=(2, 3))


@wrong("global_pool")
def swapped(x, mode):
    return x.mean(axis=(2, 3)) if mode == "max" else x.max(axis=(2, 3))


@wrong("global_pool")
def from_zero(x, mode):
    y = np.zeros(x.shape[:2])
    for n, c in np.ndindex(y.shape):
        if mode == "max":
            for value in x[n, c].ravel():
                y[n, c] = max(y[n, c], value)
        else:
            y[n, c] = x[n, c].mean()
    return y


@wrong("global_pool")
def over_channels(x, mode):
    return x.max(axis=1) if mode == "max" else x.mean(axis=1)


@wrong("global_pool")
def rows_only(x, mode):
    return x.max(axis=2) if mode == "max" else x.mean(axis=2)


@wrong("global_pool")
def sum_for_average(x, mode):
    return x.max(axis=(2, 3)) if mode == "max" else x.sum(axis=(2, 3))


@wrong("global_pool")
def one_for_all(x, mode):
    return x.max() if mode == "max" else x.mean()


@wrong("global_pool")
def over_images_too(x, mode):
    return x.max(axis=(0, 2, 3)) if mode == "max" else x.mean(axis=(0, 2, 3))


@wrong("global_pool")
def divided_by_height_twice(x, mode):
    return x.max(axis=(2, 3)) if mode == "max" else x.sum(axis=(2, 3)) / x.shape[2] ** 2


@wrong("global_pool")
def argmax(x, mode):
    flat = x.reshape(*x.shape[:2], -1)
    return flat.argmax(axis=2).astype(float) if mode == "max" else flat.mean(axis=2)


# ---- grouped_conv_params


@wrong("grouped_conv_params")
def no_groups(c_in, c_out, k, groups):
    if groups < 1 or c_in % groups or c_out % groups:
        raise ValueError
    return c_in * c_out * k * k


@wrong("grouped_conv_params")
def divided_both(c_in, c_out, k, groups):
    if groups < 1 or c_in % groups or c_out % groups:
        raise ValueError
    return (c_in // groups) * (c_out // groups) * k * k


@wrong("grouped_conv_params")
def nothing_tested(c_in, c_out, k, groups):
    return c_in // groups * c_out * k * k


@wrong("grouped_conv_params")
def only_channels_tested(c_in, c_out, k, groups):
    if groups < 1 or c_in % groups:
        raise ValueError
    return c_in // groups * c_out * k * k


@wrong("grouped_conv_params")
def only_filters_tested(c_in, c_out, k, groups):
    if groups < 1 or c_out % groups:
        raise ValueError
    return c_in // groups * c_out * k * k


@wrong("grouped_conv_params")
def refused_only_if_both_fail(c_in, c_out, k, groups):
    if groups < 1 or (c_in % groups and c_out % groups):
        raise ValueError
    return c_in // groups * c_out * k * k


@wrong("grouped_conv_params")
def zero_not_tested(c_in, c_out, k, groups):
    if c_in % groups or c_out % groups:
        raise ValueError
    return c_in // groups * c_out * k * k


@wrong("grouped_conv_params")
def product_tested(c_in, c_out, k, groups):
    if groups < 1 or (c_in * c_out) % groups:
        raise ValueError
    return c_in // groups * c_out * k * k


@wrong("grouped_conv_params")
def with_bias(c_in, c_out, k, groups):
    if groups < 1 or c_in % groups or c_out % groups:
        raise ValueError
    return c_in // groups * c_out * k * k + c_out


@wrong("grouped_conv_params")
def k_once(c_in, c_out, k, groups):
    if groups < 1 or c_in % groups or c_out % groups:
        raise ValueError
    return c_in // groups * c_out * k


@wrong("grouped_conv_params")
def returned_error(c_in, c_out, k, groups):
    if groups < 1 or c_in % groups or c_out % groups:
        return ValueError("groups")
    return c_in // groups * c_out * k * k


@wrong("grouped_conv_params")
def asserted(c_in, c_out, k, groups):
    assert groups >= 1 and c_in % groups == 0 and c_out % groups == 0
    return c_in // groups * c_out * k * k
