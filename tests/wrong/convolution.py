"""Wrong answers to the exercises of unit 01 on windows, sizes, edges."""

# ruff: noqa: B007, B016, F821, SIM, RUF005, B904, B018 -- wrong on purpose
from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from numpy.lib.stride_tricks import sliding_window_view

from wrong import wrong

kernel = np.array([[1.0, 2.0, 1.0], [0.0, 0.0, 0.0], [-1.0, -2.0, -1.0]])  # the notebook's global names
gray = np.linspace(0, 1, 120).reshape(10, 12)

# ---------------------------------------------------------------- corr2d


@wrong("corr2d")
def kernel_flipped(x, k):
    k = np.flipud(np.fliplr(k))
    kh, kw = k.shape
    out = np.zeros((x.shape[0] - kh + 1, x.shape[1] - kw + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = np.sum(x[i : i + kh, j : j + kw] * k)
    return out


@wrong("corr2d")
def kernel_loops_one_short(x, k):
    kh, kw = k.shape
    rows, columns = x.shape[0] - kh + 1, x.shape[1] - kw + 1
    out = np.zeros((rows, columns))
    for r in range(rows):
        for c in range(columns):
            for i in range(kh - 1):
                for j in range(kw - 1):
                    out[r, c] += x[r + i, c + j] * k[i, j]
    return out


@wrong("corr2d")
def window_one_short(x, k):
    kh, kw = k.shape
    out = np.zeros((x.shape[0] - kh + 1, x.shape[1] - kw + 1))
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kh - 1, c : c + kw - 1] * k).sum()
    return out


@wrong("corr2d")
def steps_counted_not_places(x, k):
    h, w = x.shape
    kh, kw = k.shape
    out = np.zeros((h - kh, w - kw))
    for r in range(h - kh):
        for c in range(w - kw):
            out[r, c] = (x[r : r + kh, c : c + kw] * k).sum()
    return out


@wrong("corr2d")
def last_row_and_column_left_at_zero(x, k):
    h, w = x.shape
    kh, kw = k.shape
    out = np.zeros((h - kh + 1, w - kw + 1))
    for r in range(h - kh):
        for c in range(w - kw):
            out[r, c] = (x[r : r + kh, c : c + kw] * k).sum()
    return out


@wrong("corr2d")
def padded_to_the_same_size(x, k):
    kh, kw = k.shape
    padded = np.pad(x, ((kh // 2, kh // 2), (kw // 2, kw // 2)))
    out = np.zeros_like(x)
    for r in range(x.shape[0]):
        for c in range(x.shape[1]):
            out[r, c] = (padded[r : r + kh, c : c + kw] * k).sum()
    return out


@wrong("corr2d")
def mean_of_the_products(x, k):
    windows = sliding_window_view(x, k.shape)
    return (windows * k).mean(axis=(2, 3))


@wrong("corr2d")
def kernel_normalised_to_one(x, k):
    k = k / k.sum() if k.sum() != 0 else k
    windows = sliding_window_view(x, k.shape)
    return np.einsum("ijkl,kl->ij", windows, k)


@wrong("corr2d")
def kernel_height_and_width_swapped(x, k):
    kw, kh = k.shape
    out = np.zeros((x.shape[0] - kh + 1, x.shape[1] - kw + 1))
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kh, c : c + kw] * k).sum()
    return out


@wrong("corr2d")
def matrix_product_with_the_window(x, k):
    kh, kw = k.shape
    out = np.zeros((x.shape[0] - kh + 1, x.shape[1] - kw + 1))
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kh, c : c + kw] @ k).sum()
    return out


@wrong("corr2d")
def empty_and_add(x, k):
    kh, kw = k.shape
    out = np.empty((x.shape[0] - kh + 1, x.shape[1] - kw + 1))
    for i in range(kh):
        for j in range(kw):
            out += k[i, j] * x[i : i + out.shape[0], j : j + out.shape[1]]
    return out


@wrong("corr2d")
def window_of_three(x, k):
    out = np.zeros((x.shape[0] - 2, x.shape[1] - 2))
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + 3, c : c + 3] * k).sum()
    return out


@wrong("corr2d")
def kernel_transposed(x, k):
    kh, kw = k.shape
    out = np.zeros((x.shape[0] - kh + 1, x.shape[1] - kw + 1))
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            window = x[r : r + kh, c : c + kw]
            out[r, c] = (window * k.T).sum()
    return out


@wrong("corr2d")
def the_notebooks_kernel(x, k):
    kh, kw = k.shape
    out = np.zeros((x.shape[0] - kh + 1, x.shape[1] - kw + 1))
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kh, c : c + kw] * kernel).sum()
    return out


@wrong("corr2d")
def whole_numbers(x, k):
    kh, kw = k.shape
    out = np.zeros((x.shape[0] - kh + 1, x.shape[1] - kw + 1), dtype=int)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kh, c : c + kw] * k).sum()
    return out


@wrong("corr2d")
def single_precision(x, k):
    windows = sliding_window_view(x, k.shape)
    return np.einsum("ijkl,kl->ij", windows, k).astype(np.float32)


@wrong("corr2d")
def forgot_the_sum(x, k):
    kh, kw = k.shape
    out = np.zeros((x.shape[0] - kh + 1, x.shape[1] - kw + 1))
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = x[r : r + kh, c : c + kw] * k
    return out


@wrong("corr2d")
def zeros_with_two_arguments(x, k):
    kh, kw = k.shape
    out = np.zeros(x.shape[0] - kh + 1, x.shape[1] - kw + 1)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = (x[r : r + kh, c : c + kw] * k).sum()
    return out


@wrong("corr2d")
def window_at_every_pixel(x, k):
    kh, kw = k.shape
    out = np.zeros((x.shape[0] - kh + 1, x.shape[1] - kw + 1))
    for r in range(x.shape[0]):
        for c in range(x.shape[1]):
            out[r, c] = (x[r : r + kh, c : c + kw] * k).sum()
    return out


@wrong("corr2d")
def row_and_column_swapped(x, k):
    kh, kw = k.shape
    out = np.zeros((x.shape[0] - kh + 1, x.shape[1] - kw + 1))
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = np.sum(x[c : c + kh, r : r + kw] * k)
    return out


@wrong("corr2d")
def rows_that_never_move(x, k):
    kh, kw = k.shape
    out = np.zeros((x.shape[0] - kh + 1, x.shape[1] - kw + 1))
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = np.sum(x[0:kh, c : c + kw] * k)
    return out


@wrong("corr2d")
def steps_of_a_kernel(x, k):
    kh, kw = k.shape
    rows, columns = x.shape[0] // kh, x.shape[1] // kw
    out = np.zeros((rows, columns))
    for r in range(rows):
        for c in range(columns):
            out[r, c] = np.sum(x[r * kh : (r + 1) * kh, c * kw : (c + 1) * kw] * k)
    return out


@wrong("corr2d")
def returns_inside_the_loop(x, k):
    kh, kw = k.shape
    out = np.zeros((x.shape[0] - kh + 1, x.shape[1] - kw + 1))
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            out[r, c] = np.sum(x[r : r + kh, c : c + kw] * k)
        return out


@wrong("corr2d")
def total_never_reset(x, k):
    kh, kw = k.shape
    out = np.zeros((x.shape[0] - kh + 1, x.shape[1] - kw + 1))
    total = 0
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            for i in range(kh):
                for j in range(kw):
                    total += x[r + i, c + j] * k[i, j]
            out[r, c] = total
    return out


@wrong("corr2d")
def only_the_last_product(x, k):
    kh, kw = k.shape
    out = np.zeros((x.shape[0] - kh + 1, x.shape[1] - kw + 1))
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            for i in range(kh):
                for j in range(kw):
                    out[r, c] = x[r + i, c + j] * k[i, j]
    return out


@wrong("corr2d")
def half_a_kernel_to_each_side(x, k):
    a, b = k.shape[0] // 2, k.shape[1] // 2
    h, w = x.shape
    out = np.zeros((h - 2 * a, w - 2 * b))
    for r in range(a, h - a):
        for c in range(b, w - b):
            out[r - a, c - b] = np.sum(x[r - a : r + a + 1, c - b : c + b + 1] * k)
    return out


@wrong("corr2d")
def fourier_without_the_conjugate(x, k):
    h, w = x.shape
    product = np.fft.fft2(x) * np.fft.fft2(k, s=x.shape)
    return np.fft.ifft2(product).real[: h - k.shape[0] + 1, : w - k.shape[1] + 1]


@wrong("corr2d")
def clipped_like_a_photograph(x, k):
    windows = sliding_window_view(x, k.shape)
    return np.clip((windows * k).sum(axis=(-2, -1)), 0, 1)


@wrong("corr2d")
def absolute_response(x, k):
    windows = sliding_window_view(x, k.shape)
    return np.abs((windows * k).sum(axis=(-2, -1)))


@wrong("corr2d")
def square_output(x, k):
    side = x.shape[0] - k.shape[0] + 1
    out = np.zeros((side, side))
    for r in range(side):
        for c in range(side):
            out[r, c] = np.sum(x[r : r + k.shape[0], c : c + k.shape[1]] * k)
    return out


@wrong("corr2d")
def sum_over_one_axis(x, k):
    kh, kw = k.shape
    rows = []
    for r in range(x.shape[0] - kh + 1):
        row = []
        for c in range(x.shape[1] - kw + 1):
            row.append(sum(x[r : r + kh, c : c + kw] * k))
        rows.append(row)
    return np.array(rows)


@wrong("corr2d")
def torch_does_it(x, k):
    return F.conv2d(torch.tensor(x)[None, None], torch.tensor(k)[None, None])[0, 0].numpy()


@wrong("corr2d")
def appended_into_one_long_row(x, k):
    kh, kw = k.shape
    out = []
    for r in range(x.shape[0] - kh + 1):
        for c in range(x.shape[1] - kw + 1):
            out.append((x[r : r + kh, c : c + kw] * k).sum())
    return np.array(out)


# ---------------------------------------------------------------- flip180


@wrong("flip180")
def rows_only(k):
    return k[::-1]


@wrong("flip180")
def columns_only(k):
    return np.fliplr(k)


@wrong("flip180")
def transposed(k):
    return k.T


@wrong("flip180")
def quarter_turn(k):
    return np.rot90(k)


@wrong("flip180")
def turned_and_transposed(k):
    return k[::-1, ::-1].T


@wrong("flip180")
def sign_changed(k):
    return -k


@wrong("flip180")
def turned_with_sign_changed(k):
    return -1 * k[::-1, ::-1]


@wrong("flip180")
def same_axis_twice(k):
    return np.flip(np.flip(k, 0), 0)


@wrong("flip180")
def slice_ends_before_the_first(k):
    return k[-1:0:-1, -1:0:-1]


@wrong("flip180")
def index_one_too_far(k):
    h, w = k.shape
    out = np.zeros((h, w))
    for i in range(h):
        for j in range(w):
            out[i, j] = k[h - i, w - j]
    return out


@wrong("flip180")
def minus_zero_is_zero(k):
    out = np.zeros_like(k)
    for i in range(k.shape[0]):
        for j in range(k.shape[1]):
            out[i, j] = k[-i, -j]
    return out


@wrong("flip180")
def turned_in_place(k):
    k[:] = k[::-1, ::-1].copy()
    return k


@wrong("flip180")
def writes_what_it_still_reads(k):
    out = k
    for i in range(k.shape[0]):
        for j in range(k.shape[1]):
            out[i, j] = k[-1 - i, -1 - j]
    return out


@wrong("flip180")
def list_method(k):
    return k.reverse()


@wrong("flip180")
def reversed_object(k):
    return reversed(k)


@wrong("flip180")
def three_by_three(k):
    out = np.zeros((3, 3))
    for i in range(3):
        for j in range(3):
            out[i, j] = k[2 - i, 2 - j]
    return out


@wrong("flip180")
def height_for_both(k):
    n = k.shape[0]
    out = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            out[i, j] = k[n - 1 - i, n - 1 - j]
    return out


@wrong("flip180")
def flat(k):
    return k.flatten()[::-1]


@wrong("flip180")
def swapped_twice(k):
    out = k.copy()
    h, w = k.shape
    for i in range(h):
        for j in range(w):
            out[i, j], out[h - 1 - i, w - 1 - j] = out[h - 1 - i, w - 1 - j], out[i, j]
    return out


@wrong("flip180")
def middle_row_forgotten(k):
    out = k.copy()
    h = k.shape[0]
    for i in range(h // 2):
        out[i] = k[h - 1 - i][::-1]
        out[h - 1 - i] = k[i][::-1]
    return out


@wrong("flip180")
def first_result_dropped(k):
    np.flipud(k)
    return np.fliplr(k)


@wrong("flip180")
def turned_back(k):
    return np.rot90(np.rot90(k), -2)


@wrong("flip180")
def half_rolled(k):
    return np.roll(k, (k.shape[0] // 2, k.shape[1] // 2), axis=(0, 1))


@wrong("flip180")
def angle_not_turns(k):
    return np.rot90(k, 180)


# ---------------------------------------------------------------- conv_out_size


def refuse(n, k, stride, padding, dilation):
    """Raise as the task asks for: learners check first, and then go wrong."""
    if n < 1 or k < 1 or stride < 1 or dilation < 1 or padding < 0:
        raise ValueError("sizes must be at least 1, and padding at least 0")
    if dilation * (k - 1) + 1 > n + 2 * padding:
        raise ValueError("the window does not fit")


@wrong("conv_out_size")
def without_plus_one(n, k, stride=1, padding=0, dilation=1):
    refuse(n, k, stride, padding, dilation)
    return (n + 2 * padding - dilation * (k - 1) - 1) // stride


@wrong("conv_out_size")
def true_division(n, k, stride=1, padding=0, dilation=1):
    refuse(n, k, stride, padding, dilation)
    return (n + 2 * padding - dilation * (k - 1) - 1) / stride + 1


@wrong("conv_out_size")
def padding_once(n, k, stride=1, padding=0, dilation=1):
    if min(n, k, stride, dilation) < 1 or padding < 0:
        raise ValueError("too small")
    room = n + padding - dilation * (k - 1) - 1
    if room < 0:
        raise ValueError("does not fit")
    return room // stride + 1


@wrong("conv_out_size")
def window_is_k_times_dilation(n, k, stride=1, padding=0, dilation=1):
    if min(n, k, stride, dilation) < 1 or padding < 0:
        raise ValueError("too small")
    room = n + 2 * padding - k * dilation
    if room < 0:
        raise ValueError("does not fit")
    return room // stride + 1


@wrong("conv_out_size")
def window_is_k_plus_k_minus_one_dilations(n, k, stride=1, padding=0, dilation=1):
    if min(n, k, stride, dilation) < 1 or padding < 0:
        raise ValueError("too small")
    effective = k + (k - 1) * dilation
    if effective > n + 2 * padding:
        raise ValueError("does not fit")
    return (n + 2 * padding - effective) // stride + 1


@wrong("conv_out_size")
def window_is_steps_only(n, k, stride=1, padding=0, dilation=1):
    if min(n, k, stride, dilation) < 1 or padding < 0:
        raise ValueError("too small")
    room = n + 2 * padding - dilation * (k - 1)
    if room < 0:
        raise ValueError("does not fit")
    return room // stride + 1


@wrong("conv_out_size")
def rounded_up(n, k, stride=1, padding=0, dilation=1):
    refuse(n, k, stride, padding, dilation)
    return math.ceil((n + 2 * padding - dilation * (k - 1) - 1) / stride) + 1


@wrong("conv_out_size")
def rounded(n, k, stride=1, padding=0, dilation=1):
    refuse(n, k, stride, padding, dilation)
    room = n + 2 * padding - dilation * (k - 1) - 1
    return round(room / stride) + 1


@wrong("conv_out_size")
def tensorflow_same(n, k, stride=1, padding=0, dilation=1):
    refuse(n, k, stride, padding, dilation)
    return math.ceil(n / stride)


@wrong("conv_out_size")
def tensorflow_valid(n, k, stride=1, padding=0, dilation=1):
    refuse(n, k, stride, padding, dilation)
    return math.ceil((n - (k - 1) * dilation) / stride)


@wrong("conv_out_size")
def plus_one_before_the_division(n, k, stride=1, padding=0, dilation=1):
    refuse(n, k, stride, padding, dilation)
    return (n + 2 * padding - dilation * (k - 1) - 1 + 1) // stride


@wrong("conv_out_size")
def precedence(n, k, stride=1, padding=0, dilation=1):
    refuse(n, k, stride, padding, dilation)
    return n + 2 * padding - dilation * (k - 1) - 1 // stride + 1


@wrong("conv_out_size")
def no_value_error(n, k, stride=1, padding=0, dilation=1):
    return (n + 2 * padding - dilation * (k - 1) - 1) // stride + 1


# Step 1 of the task, as learners take it: the bare formula, before any guard.


@wrong("conv_out_size")
def bare_formula_padding_once(n, k, stride=1, padding=0, dilation=1):
    return (n + padding - dilation * (k - 1) - 1) // stride + 1


@wrong("conv_out_size")
def bare_formula_without_padding(n, k, stride=1, padding=0, dilation=1):
    return (n - dilation * (k - 1) - 1) // stride + 1


@wrong("conv_out_size")
def bare_formula_without_dilation(n, k, stride=1, padding=0, dilation=1):
    return (n + 2 * padding - k) // stride + 1


@wrong("conv_out_size")
def bare_formula_without_stride(n, k, stride=1, padding=0, dilation=1):
    return n + 2 * padding - dilation * (k - 1)


@wrong("conv_out_size")
def truncated_towards_zero(n, k, stride=1, padding=0, dilation=1):
    if n < 1 or k < 1 or stride < 1 or dilation < 1 or padding < 0:
        raise ValueError("too small")
    size = int((n + 2 * padding - dilation * (k - 1) - 1) / stride) + 1
    if size < 1:
        raise ValueError("does not fit")
    return size


@wrong("conv_out_size")
def padding_of_k_refused(n, k, stride=1, padding=0, dilation=1):
    refuse(n, k, stride, padding, dilation)
    if padding >= k:
        raise ValueError("too much padding")
    return (n + 2 * padding - dilation * (k - 1) - 1) // stride + 1


@wrong("conv_out_size")
def uneven_strides_refused(n, k, stride=1, padding=0, dilation=1):
    refuse(n, k, stride, padding, dilation)
    room = n + 2 * padding - dilation * (k - 1) - 1
    if room % stride != 0:
        raise ValueError("the stride does not work")
    return room // stride + 1


@wrong("conv_out_size")
def zero_when_it_does_not_fit(n, k, stride=1, padding=0, dilation=1):
    if min(n, k, stride, dilation) < 1 or padding < 0:
        raise ValueError("too small")
    return max(0, (n + 2 * padding - dilation * (k - 1) - 1) // stride + 1)


@wrong("conv_out_size")
def assertion(n, k, stride=1, padding=0, dilation=1):
    assert n >= 1 and k >= 1 and stride >= 1 and dilation >= 1 and padding >= 0
    size = (n + 2 * padding - dilation * (k - 1) - 1) // stride + 1
    assert size > 0, "the window does not fit"
    return size


@wrong("conv_out_size")
def fit_judged_without_dilation(n, k, stride=1, padding=0, dilation=1):
    if n < 1 or k < 1 or stride < 1 or dilation < 1 or padding < 0:
        raise ValueError("bad arguments")
    if k > n + 2 * padding:
        raise ValueError("window larger than image")
    return (n + 2 * padding - dilation * (k - 1) - 1) // stride + 1


@wrong("conv_out_size")
def fit_judged_without_padding(n, k, stride=1, padding=0, dilation=1):
    if n < 1 or k < 1 or stride < 1 or dilation < 1 or padding < 0:
        raise ValueError("bad arguments")
    span = dilation * (k - 1) + 1
    if span > n:
        raise ValueError("window larger than image")
    return (n + 2 * padding - span) // stride + 1


@wrong("conv_out_size")
def exact_fit_refused(n, k, stride=1, padding=0, dilation=1):
    refuse(n, k, stride, padding, dilation)
    room = n + 2 * padding - dilation * (k - 1) - 1
    if room <= 0:
        raise ValueError("does not fit")
    return room // stride + 1


@wrong("conv_out_size")
def error_returned(n, k, stride=1, padding=0, dilation=1):
    if min(n, k, stride, dilation) < 1 or padding < 0:
        return ValueError("too small")
    size = (n + 2 * padding - dilation * (k - 1) - 1) // stride + 1
    return size if size > 0 else ValueError("does not fit")


@wrong("conv_out_size")
def none_when_it_does_not_fit(n, k, stride=1, padding=0, dilation=1):
    try:
        refuse(n, k, stride, padding, dilation)
    except ValueError as error:
        print(error)
        return None
    return (n + 2 * padding - dilation * (k - 1) - 1) // stride + 1


@wrong("conv_out_size")
def walking_without_a_guard(n, k, stride=1, padding=0, dilation=1):
    span = dilation * (k - 1) + 1
    places, start = 0, 0
    while start + span <= n + 2 * padding:
        places += 1
        start += stride
    if places == 0:
        raise ValueError("does not fit")
    return places


@wrong("conv_out_size")
def range_ends_too_early(n, k, stride=1, padding=0, dilation=1):
    refuse(n, k, stride, padding, dilation)
    span = (k - 1) * dilation + 1
    return len(range(0, n + 2 * padding - span, stride))


@wrong("conv_out_size")
def no_dilation(n, k, stride=1, padding=0, dilation=1):
    if min(n, k, stride, dilation) < 1 or padding < 0 or k > n + 2 * padding:
        raise ValueError("bad arguments")
    return (n - k + 2 * padding) // stride + 1


@wrong("conv_out_size")
def padding_zero_refused(n, k, stride=1, padding=0, dilation=1):
    for value in (n, k, stride, padding, dilation):
        if value < 1:
            raise ValueError("must be positive")
    size = (n + 2 * padding - dilation * (k - 1) - 1) // stride + 1
    if size < 1:
        raise ValueError("does not fit")
    return size


@wrong("conv_out_size")
def zero_is_not_below_zero(n, k, stride=1, padding=0, dilation=1):
    if n < 0 or k < 0 or stride < 0 or padding < 0 or dilation < 0:
        raise ValueError("negative")
    size = (n + 2 * padding - dilation * (k - 1) - 1) // stride + 1
    if size < 1:
        raise ValueError("does not fit")
    return size


@wrong("conv_out_size")
def transposed_convolution(n, k, stride=1, padding=0, dilation=1):
    refuse(n, k, stride, padding, dilation)
    return (n - 1) * stride - 2 * padding + dilation * (k - 1) + 1


@wrong("conv_out_size")
def dilation_divides(n, k, stride=1, padding=0, dilation=1):
    refuse(n, k, stride, padding, dilation)
    return (n + 2 * padding - k) // (stride * dilation) + 1


@wrong("conv_out_size")
def negative_padding_allowed(n, k, stride=1, padding=0, dilation=1):
    if n < 1 or k < 1 or stride < 1 or dilation < 1:
        raise ValueError("too small")
    room = n + 2 * padding - dilation * (k - 1) - 1
    if room < 0:
        raise ValueError("does not fit")
    return room // stride + 1


@wrong("conv_out_size")
def size_of_both_sides(n, k, stride=1, padding=0, dilation=1):
    refuse(n, k, stride, padding, dilation)
    side = (n + 2 * padding - dilation * (k - 1) - 1) // stride + 1
    return side, side


@wrong("conv_out_size")
def not_implemented_for_dilation(n, k, stride=1, padding=0, dilation=1):
    refuse(n, k, stride, padding, dilation)
    size = (n - k + 2 * padding) // stride + 1
    if dilation > 1:
        size = size // dilation
    return size


# ---------------------------------------------------------------- same_padding


@wrong("same_padding")
def no_refusal(k):
    return k // 2


@wrong("same_padding")
def both_sides_together(k):
    if k < 1 or k % 2 == 0:
        raise ValueError("odd, please")
    return k - 1


@wrong("same_padding")
def half_rounded_up(k):
    if k < 1 or k % 2 == 0:
        raise ValueError("odd, please")
    return (k + 1) // 2


@wrong("same_padding")
def one_refused(k):
    if k <= 1 or k % 2 == 0:
        raise ValueError("odd, please")
    return (k - 1) // 2


@wrong("same_padding")
def only_even_refused(k):
    if k % 2 == 0:
        raise ValueError("no padding fits an even kernel")
    return (k - 1) // 2


@wrong("same_padding")
def only_small_refused(k):
    if k < 1:
        raise ValueError("k must be positive")
    return (k - 1) // 2


@wrong("same_padding")
def asserted(k):
    assert k % 2 == 1 and k > 0, "k must be odd"
    return k // 2


@wrong("same_padding")
def none_for_even(k):
    if k % 2 == 1 and k >= 1:
        return (k - 1) // 2


@wrong("same_padding")
def sentence_for_even(k):
    if k % 2 == 0 or k < 1:
        return "ValueError: k must be odd"
    return (k - 1) // 2


@wrong("same_padding")
def error_returned_for_even(k):
    if k % 2 == 0 or k < 1:
        return ValueError("k must be odd")
    return (k - 1) // 2


@wrong("same_padding")
def left_and_right(k):
    if k % 2 == 0 or k < 1:
        raise ValueError("k must be odd")
    return (k - 1) // 2, (k - 1) // 2


@wrong("same_padding")
def odd_refused(k):
    if k % 2 != 0 or k < 1:
        raise ValueError("k must be odd")
    return (k - 1) // 2


@wrong("same_padding")
def half_without_floor(k):
    if k % 2 == 0 or k < 1:
        raise ValueError("k must be odd")
    return k / 2


@wrong("same_padding")
def bankers_rounding(k):
    if k % 2 == 0 or k < 1:
        raise ValueError("k must be odd")
    return round(k / 2)


@wrong("same_padding")
def precedence_of_the_division(k):
    if k % 2 == 0 or k < 1:
        raise ValueError("k must be odd")
    return k - 1 // 2


@wrong("same_padding")
def table_of_kernels(k):
    if k < 1 or k % 2 == 0:
        raise ValueError("k must be odd")
    return {1: 0, 3: 1, 5: 2, 7: 3}[k]


@wrong("same_padding")
def a_string_raised(k):
    if k % 2 == 0 or k < 1:
        raise "k must be odd"
    return (k - 1) // 2


@wrong("same_padding")
def misspelt_error(k):
    if k % 2 == 0 or k < 1:
        raise ValueEror("k must be odd")
    return (k - 1) // 2


@wrong("same_padding")
def side_that_is_no_argument(k):
    if k % 2 == 0 or k < 1:
        raise ValueError("k must be odd")
    return ((n - 1) + k - n) // 2


@wrong("same_padding")
def type_error_raised(k):
    if k % 2 == 0 or k < 1:
        raise TypeError("k must be odd")
    return (k - 1) // 2


@wrong("same_padding")
def minus_one_for_even(k):
    if k % 2 == 0 or k < 1:
        return -1
    return (k - 1) // 2


@wrong("same_padding")
def word_same(k):
    if k % 2 == 0 or k < 1:
        raise ValueError("k must be odd")
    return "same"


@wrong("same_padding")
def printed_only(k):
    if k % 2 == 0 or k < 1:
        raise ValueError("k must be odd")
    print((k - 1) // 2)


# ---------------------------------------------------------------- coverage_map


@wrong("coverage_map")
def frame_left_on(n, k, stride=1, padding=0):
    side = n + 2 * padding
    seen = np.zeros((side, side))
    for r in range(0, side - k + 1, stride):
        for c in range(0, side - k + 1, stride):
            seen[r : r + k, c : c + k] += 1
    return seen


@wrong("coverage_map")
def cut_by_minus_padding(n, k, stride=1, padding=0):
    side = n + 2 * padding
    seen = np.zeros((side, side))
    for r in range(0, side - k + 1, stride):
        for c in range(0, side - k + 1, stride):
            seen[r : r + k, c : c + k] += 1
    return seen[padding:-padding, padding:-padding]


@wrong("coverage_map")
def cut_until_n(n, k, stride=1, padding=0):
    side = n + 2 * padding
    seen = np.zeros((side, side))
    for r in range(0, side - k + 1, stride):
        for c in range(0, side - k + 1, stride):
            seen[r : r + k, c : c + k] += 1
    return seen[padding:n, padding:n]


@wrong("coverage_map")
def frame_cut_at_the_wrong_corner(n, k, stride=1, padding=0):
    side = n + 2 * padding
    seen = np.zeros((side, side))
    for r in range(0, side - k + 1, stride):
        for c in range(0, side - k + 1, stride):
            seen[r : r + k, c : c + k] += 1
    return seen[:n, :n]


@wrong("coverage_map")
def negative_starts(n, k, stride=1, padding=0):
    seen = np.zeros((n, n))
    for r in range(-padding, n + padding - k + 1, stride):
        for c in range(-padding, n + padding - k + 1, stride):
            seen[r : r + k, c : c + k] += 1
    return seen


@wrong("coverage_map")
def starts_held_at_zero(n, k, stride=1, padding=0):
    out = (n + 2 * padding - k) // stride + 1
    seen = np.zeros((n, n))
    for r in range(out):
        for c in range(out):
            top, left = max(r * stride - padding, 0), max(c * stride - padding, 0)
            seen[top : top + k, left : left + k] += 1
    return seen


@wrong("coverage_map")
def padding_ignored(n, k, stride=1, padding=0):
    seen = np.zeros((n, n))
    for r in range(0, n - k + 1, stride):
        for c in range(0, n - k + 1, stride):
            seen[r : r + k, c : c + k] += 1
    return seen


@wrong("coverage_map")
def stride_ignored(n, k, stride=1, padding=0):
    side = n + 2 * padding
    seen = np.zeros((side, side))
    for r in range(side - k + 1):
        for c in range(side - k + 1):
            seen[r : r + k, c : c + k] += 1
    return seen[padding : padding + n, padding : padding + n]


@wrong("coverage_map")
def start_without_the_stride(n, k, stride=1, padding=0):
    side = n + 2 * padding
    out = (side - k) // stride + 1
    seen = np.zeros((side, side))
    for r in range(out):
        for c in range(out):
            seen[r : r + k, c : c + k] += 1
    return seen[padding : padding + n, padding : padding + n]


@wrong("coverage_map")
def assigned_not_added(n, k, stride=1, padding=0):
    side = n + 2 * padding
    seen = np.zeros((side, side))
    for r in range(0, side - k + 1, stride):
        for c in range(0, side - k + 1, stride):
            seen[r : r + k, c : c + k] = 1
    return seen[padding : padding + n, padding : padding + n]


@wrong("coverage_map")
def only_the_top_left_pixel(n, k, stride=1, padding=0):
    side = n + 2 * padding
    seen = np.zeros((side, side))
    for r in range(0, side - k + 1, stride):
        for c in range(0, side - k + 1, stride):
            seen[r, c] += 1
    return seen[padding : padding + n, padding : padding + n]


@wrong("coverage_map")
def square_one_short(n, k, stride=1, padding=0):
    side = n + 2 * padding
    seen = np.zeros((side, side))
    for r in range(0, side - k + 1, stride):
        for c in range(0, side - k + 1, stride):
            seen[r : r + k - 1, c : c + k - 1] += 1
    return seen[padding : padding + n, padding : padding + n]


@wrong("coverage_map")
def last_place_missed(n, k, stride=1, padding=0):
    side = n + 2 * padding
    seen = np.zeros((side, side))
    for r in range(0, side - k, stride):
        for c in range(0, side - k, stride):
            seen[r : r + k, c : c + k] += 1
    return seen[padding : padding + n, padding : padding + n]


@wrong("coverage_map")
def windows_hang_over_the_end(n, k, stride=1, padding=0):
    side = n + 2 * padding
    seen = np.zeros((side, side))
    for r in range(0, side, stride):
        for c in range(0, side, stride):
            seen[r : r + k, c : c + k] += 1
    return seen[padding : padding + n, padding : padding + n]


@wrong("coverage_map")
def zeros_without_a_tuple(n, k, stride=1, padding=0):
    seen = np.zeros(n + 2 * padding, n + 2 * padding)
    for r in range(0, n + 2 * padding - k + 1, stride):
        for c in range(0, n + 2 * padding - k + 1, stride):
            seen[r : r + k, c : c + k] += 1
    return seen[padding : padding + n, padding : padding + n]


@wrong("coverage_map")
def share_of_the_maximum(n, k, stride=1, padding=0):
    side = n + 2 * padding
    line = np.zeros(side)
    for start in range(0, side - k + 1, stride):
        line[start : start + k] += 1
    line = line[padding : padding + n]
    return np.outer(line, line) / (k * k)


@wrong("coverage_map")
def rows_plus_columns(n, k, stride=1, padding=0):
    line = np.zeros(n + 2 * padding)
    for start in range(0, n + 2 * padding - k + 1, stride):
        line[start : start + k] += 1
    line = line[padding : padding + n]
    return line[:, None] + line[None, :]


@wrong("coverage_map")
def distance_to_the_border(n, k, stride=1, padding=0):
    seen = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            rows = min(i + 1, n - i, k)
            columns = min(j + 1, n - j, k)
            seen[i, j] = rows * columns
    return seen


@wrong("coverage_map")
def closed_form_without_the_last_place(n, k, stride=1, padding=0):
    position = np.arange(n) + padding
    first = np.maximum(0, -(-(position - k + 1) // stride))
    last = position // stride
    line = last - first + 1
    return np.outer(line, line)


@wrong("coverage_map")
def pixels_of_each_window(n, k, stride=1, padding=0):
    image = np.pad(np.ones((n, n)), padding)
    windows = sliding_window_view(image, (k, k))[::stride, ::stride]
    return windows.sum(axis=(2, 3))


@wrong("coverage_map")
def diagonal_windows(n, k, stride=1, padding=0):
    side = n + 2 * padding
    seen = np.zeros((side, side))
    for place in range(0, side - k + 1, stride):
        seen[place : place + k, place : place + k] += 1
    return seen[padding : padding + n, padding : padding + n]


@wrong("coverage_map")
def rows_never_move(n, k, stride=1, padding=0):
    side = n + 2 * padding
    seen = np.zeros((side, side))
    for r in range(0, side - k + 1, stride):
        for c in range(0, side - k + 1, stride):
            seen[0:k, c : c + k] += 1
    return seen[padding : padding + n, padding : padding + n]


@wrong("coverage_map")
def empty_frame(n, k, stride=1, padding=0):
    side = n + 2 * padding
    seen = np.empty((side, side))
    for r in range(0, side - k + 1, stride):
        for c in range(0, side - k + 1, stride):
            seen[r : r + k, c : c + k] += 1
    return seen[padding : padding + n, padding : padding + n]


@wrong("coverage_map")
def only_windows_inside_the_image(n, k, stride=1, padding=0):
    seen = np.zeros((n, n))
    for r in range(-padding, n + padding - k + 1, stride):
        for c in range(-padding, n + padding - k + 1, stride):
            if r >= 0 and c >= 0 and r + k <= n and c + k <= n:
                seen[r : r + k, c : c + k] += 1
    return seen


@wrong("coverage_map")
def number_of_places_one_short(n, k, stride=1, padding=0):
    side = n + 2 * padding
    out = (side - k) // stride
    seen = np.zeros((side, side))
    for r in range(out):
        for c in range(out):
            seen[r * stride : r * stride + k, c * stride : c * stride + k] += 1
    return seen[padding : padding + n, padding : padding + n]


@wrong("coverage_map")
def frame_at_one_end_only(n, k, stride=1, padding=0):
    side = n + padding
    seen = np.zeros((side, side))
    for r in range(0, side - k + 1, stride):
        for c in range(0, side - k + 1, stride):
            seen[r : r + k, c : c + k] += 1
    return seen[padding:, padding:]


@wrong("coverage_map")
def places_by_true_division(n, k, stride=1, padding=0):
    out = (n + 2 * padding - k) / stride + 1
    seen = np.zeros((n + 2 * padding, n + 2 * padding))
    for r in range(out):
        for c in range(out):
            seen[r * stride : r * stride + k, c * stride : c * stride + k] += 1
    return seen[padding : padding + n, padding : padding + n]


@wrong("coverage_map")
def one_axis(n, k, stride=1, padding=0):
    line = np.zeros(n + 2 * padding)
    for start in range(0, n + 2 * padding - k + 1, stride):
        line[start : start + k] += 1
    return line[padding : padding + n]


# ---------------------------------------------------------------- vertical_edge_kernel


@wrong("vertical_edge_kernel")
def sobel_for_horizontal_edges():
    return np.array([[-1.0, -2, -1], [0, 0, 0], [1, 2, 1]])


@wrong("vertical_edge_kernel")
def outer_product_the_wrong_way_round():
    return np.outer([-1.0, 0, 1], [1, 2, 1])


@wrong("vertical_edge_kernel")
def laplacian():
    return np.array([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]])


@wrong("vertical_edge_kernel")
def laplacian_with_corners():
    return np.array([[-1.0, -1, -1], [-1, 8, -1], [-1, -1, -1]])


@wrong("vertical_edge_kernel")
def sign_typo():
    return np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, -1]])


@wrong("vertical_edge_kernel")
def left_column_only():
    return np.array([[1.0, 0, 0], [1, 0, 0], [1, 0, 0]])


@wrong("vertical_edge_kernel")
def bright_line_in_the_middle():
    return np.array([[0.0, 1, 0], [0, 1, 0], [0, 1, 0]])


@wrong("vertical_edge_kernel")
def blur():
    return np.ones((3, 3)) / 9


@wrong("vertical_edge_kernel")
def sharpen():
    return np.array([[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]])


@wrong("vertical_edge_kernel")
def bare_row():
    return np.array([[-1.0, 0, 1]])


@wrong("vertical_edge_kernel")
def nine_in_a_row():
    return np.array([-1.0, 0, 1] * 3)


@wrong("vertical_edge_kernel")
def rows_as_arguments():
    return np.array([-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1])


@wrong("vertical_edge_kernel")
def diagonal_edges():
    return np.array([[2.0, 1, 0], [1, 0, -1], [0, -1, -2]])


@wrong("vertical_edge_kernel")
def rows_that_cancel():
    return np.array([[-1.0, 0, 1], [0, 0, 0], [1, 0, -1]])


@wrong("vertical_edge_kernel")
def roberts_cross():
    return np.array([[1.0, 0], [0, -1]])


@wrong("vertical_edge_kernel")
def horizontal_line():
    return np.array([[-1.0, -1, -1], [2, 2, 2], [-1, -1, -1]])


@wrong("vertical_edge_kernel")
def sums_to_zero_as_a_whole():
    return np.array([[-1.0, 0, 2], [-1, 0, 1], [-1, 0, 0]])


@wrong("vertical_edge_kernel")
def emboss():
    return np.array([[-2.0, -1, 0], [-1, 1, 1], [0, 1, 2]])


@wrong("vertical_edge_kernel")
def edges_plus_the_picture():
    return np.array([[-1.0, 0, 1], [-2, 1, 2], [-1, 0, 1]])


@wrong("vertical_edge_kernel")
def filtered_photograph():
    weights = np.array([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])
    return np.einsum("ijkl,kl->ij", sliding_window_view(gray, (3, 3)), weights)


@wrong("vertical_edge_kernel")
def the_notebooks_own_kernel():
    return kernel


@wrong("vertical_edge_kernel")
def printed():
    print(np.array([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]]))


@wrong("vertical_edge_kernel")
def with_batch_axes():
    return np.array([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])[None, None]


@wrong("vertical_edge_kernel")
def a_tensor():
    return torch.tensor([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])


@wrong("vertical_edge_kernel")
def five_by_five():
    return np.tile([-1.0, -2, 0, 2, 1], (5, 1))


@wrong("vertical_edge_kernel")
def a_row_typed_short():
    return np.array([[-1.0, 0, 1], [-2, 0], [-1, 0, 1]])


@wrong("vertical_edge_kernel")
def not_initialised():
    k = np.empty((3, 3))
    k[:, 0] = -1
    k[:, 2] = 1
    k[:, 1] += 0.5
    return k
