"""Wrong answers to unit 03 that its checks once refused without a cause."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from wrong import wrong

# ---- locally_connected1d


@wrong("locally_connected1d")
def every_window_with_every_row(x, w):
    return sliding_window_view(x, w.shape[1]) @ w.T


@wrong("locally_connected1d")
def an_output_for_every_pixel(x, w):
    y = np.zeros(len(x))
    for i in range(len(w)):
        y[i] = x[i : i + w.shape[1]] @ w[i]
    return y


@wrong("locally_connected1d")
def largest_product(x, w):
    return (sliding_window_view(x, w.shape[1]) * w).max(axis=1)


@wrong("locally_connected1d")
def begins_one_pixel_too_late(x, w):
    longer = np.append(x, 0)
    return np.array([longer[i + 1 : i + 1 + w.shape[1]] @ w[i] for i in range(len(w))])


@wrong("locally_connected1d")
def one_pixel_a_place(x, w):
    return np.array([x[i] * w[i].sum() for i in range(len(w))])


@wrong("locally_connected1d")
def a_row_of_one(x, w):
    return (sliding_window_view(x, w.shape[1]) * w).sum(axis=1, keepdims=True)


# ---- toeplitz1d


@wrong("toeplitz1d")
def one_list_of_one_array(w, n):
    row, rows = np.zeros(n), []
    row[: len(w)] = w
    for _ in range(n - len(w) + 1):
        rows.append(row)
        row[:] = np.roll(row, 1)
    return np.array(rows)


@wrong("toeplitz1d")
def written_into_every_row(w, n):
    m = np.zeros((n - len(w) + 1, n))
    for i in range(len(m)):
        m[:, i : i + len(w)] = w
    return m


@wrong("toeplitz1d")
def square_with_empty_rows(w, n):
    m = np.zeros((n, n))
    for i in range(n - len(w) + 1):
        m[i, i : i + len(w)] = w
    return m


@wrong("toeplitz1d")
def n_rows(w, n):
    m = np.zeros((n, n + len(w) - 1))
    for i in range(n):
        m[i, i : i + len(w)] = w
    return m


@wrong("toeplitz1d")
def padded_to_the_same_size(w, n):
    m, before = np.zeros((n, n)), (len(w) - 1) // 2
    for i in range(n):
        for j, weight in enumerate(w):
            if 0 <= i + j - before < n:
                m[i, i + j - before] = weight
    return m


@wrong("toeplitz1d")
def left_of_the_diagonal(w, n):
    rows, k = n - len(w) + 1, len(w)
    return np.array([[w[i - j] if 0 <= i - j < k else 0.0 for j in range(n)] for i in range(rows)])


@wrong("toeplitz1d")
def symmetric(w, n):
    rows, k = n - len(w) + 1, len(w)
    return np.array([[w[abs(i - j)] if abs(i - j) < k else 0.0 for j in range(n)] for i in range(rows)])


# ---- share_gradient


@wrong("share_gradient")
def multiplied(per_position):
    return per_position.prod(axis=0)


@wrong("share_gradient")
def negative_ones_left_out(per_position):
    return np.maximum(per_position, 0).sum(axis=0)


# ---- equivariance_error


def pair(shift):
    return shift if isinstance(shift, tuple) else (shift, shift)


def roll(a, shift):
    return np.roll(a, shift, axis=(-2, -1))


def part(step):
    return slice(step, None) if step >= 0 else slice(None, step)


def inside(a, shift):
    return a[..., part(shift[0]), part(shift[1])]


@wrong("equivariance_error")
def int_for_columns(f, x, shift):
    shift = shift if isinstance(shift, tuple) else (0, shift)
    return np.abs(inside(f(roll(x, shift)) - roll(f(x), shift), shift)).max()


@wrong("equivariance_error")
def always_cut_at_the_top(f, x, shift):
    shift = pair(shift)
    return np.abs(f(roll(x, shift)) - roll(f(x), shift))[..., abs(shift[0]) :, abs(shift[1]) :].max()


@wrong("equivariance_error")
def root_mean_square(f, x, shift):
    shift = pair(shift)
    return np.sqrt((inside(f(roll(x, shift)) - roll(f(x), shift), shift) ** 2).mean())


@wrong("equivariance_error")
def difference_of_the_largest(f, x, shift):
    shift = pair(shift)
    return abs(inside(f(roll(x, shift)), shift).max() - inside(roll(f(x), shift), shift).max())


@wrong("equivariance_error")
def rows_alone(f, x, shift):
    shift = (pair(shift)[0], 0)
    return np.abs(inside(f(roll(x, shift)) - roll(f(x), shift), shift)).max()


@wrong("equivariance_error")
def one_if_it_differs(f, x, shift):
    shift = pair(shift)
    return float(not np.allclose(inside(f(roll(x, shift)), shift), inside(roll(f(x), shift), shift)))


@wrong("equivariance_error")
def cut_before_f(f, x, shift):
    shift = pair(shift)
    x = inside(x, shift)
    return np.abs(f(roll(x, shift)) - roll(f(x), shift)).max()


@wrong("equivariance_error")
def zeros_move_in(f, x, shift):
    dy, dx = shift = pair(shift)

    def move(a):
        h, w = a.shape[-2:]
        room = [(0, 0)] * (a.ndim - 2) + [(max(dy, 0), max(-dy, 0)), (max(dx, 0), max(-dx, 0))]
        return np.pad(a, room)[..., max(-dy, 0) : max(-dy, 0) + h, max(-dx, 0) : max(-dx, 0) + w]

    return np.abs(inside(f(move(x)) - move(f(x)), shift)).max()


@wrong("equivariance_error")
def cut_by_elif(f, x, shift):
    dy, dx = shift = pair(shift)
    gap = np.abs(f(roll(x, shift)) - roll(f(x), shift))
    if dy:
        gap = gap[..., part(dy), :]
    elif dx:
        gap = gap[..., part(dx)]
    return gap.max()


@wrong("equivariance_error")
def relative(f, x, shift):
    shift = pair(shift)
    y = f(x)
    return np.abs(inside(f(roll(x, shift)) - roll(y, shift), shift)).max() / np.abs(y).max()


@wrong("equivariance_error")
def f_called_once(f, x, shift):
    shift = pair(shift)
    return np.abs(inside(f(roll(x, shift)) - roll(x, shift), shift)).max()


@wrong("equivariance_error")
def first_map_alone(f, x, shift):
    shift = pair(shift)
    gap = np.abs(inside(f(roll(x, shift)) - roll(f(x), shift), shift))
    return gap[0, 0].max() if x.ndim == 4 else gap.max()


# ---- global_pool


@wrong("global_pool")
def returned_in_the_loop(x, mode):
    for image in x:
        return image.max(axis=(1, 2)) if mode == "max" else image.mean(axis=(1, 2))


@wrong("global_pool")
def median(x, mode):
    return x.max(axis=(2, 3)) if mode == "max" else np.median(x, axis=(2, 3))


@wrong("global_pool")
def mean_of_the_largest_in_each_row(x, mode):
    rows = x.max(axis=3)
    return rows.max(axis=2) if mode == "max" else rows.mean(axis=2)


@wrong("global_pool")
def squeezed(x, mode):
    pool = np.max if mode == "max" else np.mean
    return pool(x, axis=(2, 3), keepdims=True).squeeze()


@wrong("global_pool")
def mean_without_zeros(x, mode):
    if mode == "max":
        return x.max(axis=(2, 3))
    return x.sum(axis=(2, 3)) / np.maximum((x != 0).sum(axis=(2, 3)), 1)


@wrong("global_pool")
def channels_and_rows(x, mode):
    return x.max(axis=(1, 2)) if mode == "max" else x.mean(axis=(1, 2))


@wrong("global_pool")
def integer_division(x, mode):
    if mode == "max":
        return x.max(axis=(2, 3))
    return x.sum(axis=(2, 3)) // (x.shape[2] * x.shape[3])


@wrong("global_pool")
def height_plus_width(x, mode):
    return x.max(axis=(2, 3)) if mode == "max" else x.sum(axis=(2, 3)) / (x.shape[2] + x.shape[3])


@wrong("global_pool")
def average_over_columns_only(x, mode):
    return x.max(axis=(2, 3)) if mode == "max" else x.mean(axis=3)


@wrong("global_pool")
def centre_pixel(x, mode):
    return x.max(axis=(2, 3)) if mode == "max" else x[:, :, x.shape[2] // 2, x.shape[3] // 2]


# ---- grouped_conv_params


@wrong("grouped_conv_params")
def k_plus_k(c_in, c_out, k, groups):
    if groups < 1 or c_in % groups or c_out % groups:
        raise ValueError("the groups do not fit")
    return c_in // groups * c_out * (k + k)


@wrong("grouped_conv_params")
def no_depthwise(c_in, c_out, k, groups):
    if groups < 1 or c_in % groups or c_out % groups or groups > min(c_in, c_out) // 2:
        raise ValueError("the groups do not fit")
    return c_in // groups * c_out * k * k


@wrong("grouped_conv_params")
def channels_divide_filters(c_in, c_out, k, groups):
    if groups < 1 or c_in % groups or c_out % c_in:
        raise ValueError("the groups do not fit")
    return c_in // groups * c_out * k * k
