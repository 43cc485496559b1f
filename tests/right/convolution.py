"""Right answers to the exercises of unit 01, made in many different ways: only tests may know them."""

from __future__ import annotations

import functools
import math
from fractions import Fraction

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from right import WAYS, way


@way("flip180")
def negative_slices(k):
    return k[::-1, ::-1]


@way("flip180")
def two_quarters(k):
    return np.rot90(k, 2)


@way("flip180")
def index_loops(k):
    turned = np.empty(k.shape)
    for row in range(k.shape[0]):
        for column in range(k.shape[1]):
            turned[row, column] = k[-1 - row, -1 - column]
    return turned


@way("flip180")
def flat_backwards(k):
    return np.asfortranarray(k.ravel()[::-1].reshape(k.shape))


@way("flip180")
def exchange_matrices(k):
    return np.eye(len(k))[::-1] @ k @ np.eye(k.shape[1])[::-1]


@way("flip180")
def recursive_turn(k):
    return k if len(k) == 0 else np.concatenate([k[-1:, ::-1], recursive_turn(k[:-1])])


def span(n, k, stride, padding, dilation):
    covered = dilation * (k - 1) + 1
    if min(n, k, stride, dilation) < 1 or padding < 0 or covered > n + 2 * padding:
        raise ValueError("no window fits")
    return covered


@way("conv_out_size")
def formula(n, k, stride=1, padding=0, dilation=1):
    return (n + 2 * padding - span(n, k, stride, padding, dilation)) // stride + 1


@way("conv_out_size")
def count_starts(n, k, stride=1, padding=0, dilation=1):
    return len(range(0, n + 2 * padding - span(n, k, stride, padding, dilation) + 1, stride))


@way("conv_out_size")
def float_result(n, k, stride=1, padding=0, dilation=1):
    return math.floor((n + 2 * padding - span(n, k, stride, padding, dilation)) / stride) + 1.0


@way("conv_out_size")
def whole_fraction(n, k, stride=1, padding=0, dilation=1):
    return Fraction(formula(n, k, stride, padding, dilation))


@way("conv_out_size")
def numpy_integer(n, k, stride=1, padding=0, dilation=1):
    return np.array(formula(n, k, stride, padding, dilation), dtype=np.int32)


class NoPlace(ValueError):
    """An error of one's own that is a ValueError."""


@way("conv_out_size")
def own_error(n, k, stride=1, padding=0, dilation=1):
    try:
        return formula(n, k, stride, padding, dilation)
    except ValueError as error:
        raise NoPlace("no window fits") from error


@way("conv_out_size")
def walk(n, k, stride=1, padding=0, dilation=1):
    covered, start, places = span(n, k, stride, padding, dilation), 0, 0
    while start + covered <= n + 2 * padding:
        start, places = start + stride, places + 1
    return places


def refuse(k):
    if k < 1 or k % 2 == 0:
        raise ValueError("k must be odd")


@way("same_padding")
def half(k):
    refuse(k)
    return k // 2


@way("same_padding")
def half_as_float(k):
    refuse(k)
    return (k - 1) / 2


@way("same_padding")
def shift_right(k):
    refuse(k)
    return np.int8(k >> 1)


@way("same_padding")
def climb(k):
    refuse(k)
    return next(p for p in range(k) if 2 * p + 1 == k)


@way("same_padding")
def recursive_padding(k):
    refuse(k)
    return 0 if k == 1 else 1 + recursive_padding(k - 2)


@way("coverage_map")
def add_windows(n, k, stride=1, padding=0):
    seen = np.zeros((n + 2 * padding,) * 2, dtype=int)
    for top in range(0, n + 2 * padding - k + 1, stride):
        for left in range(0, n + 2 * padding - k + 1, stride):
            seen[top : top + k, left : left + k] += 1
    return seen[padding : padding + n, padding : padding + n]


def line_of_counts(n, k, stride, padding):
    return np.array(
        [sum(s <= p + padding < s + k for s in range(0, n + 2 * padding - k + 1, stride)) for p in range(n)]
    )


@way("coverage_map")
def outer_product(n, k, stride=1, padding=0):
    line = line_of_counts(n, k, stride, padding)
    return np.outer(line, line)


@way("coverage_map")
def small_floats(n, k, stride=1, padding=0):
    line = line_of_counts(n, k, stride, padding).astype(np.float32)
    return np.asfortranarray(line[:, None] * line)


@way("coverage_map")
def whole_after_fourier(n, k, stride=1, padding=0):
    starts = np.zeros(n + 2 * padding)
    starts[: n + 2 * padding - k + 1 : stride] = 1
    line = np.fft.irfft(np.fft.rfft(starts) * np.fft.rfft(np.ones(k), len(starts)), len(starts))
    return np.outer(line, line)[padding : padding + n, padding : padding + n].round()


@way("coverage_map")
def scatter(n, k, stride=1, padding=0):
    seen = np.zeros((n, n))
    starts = np.arange(0, n + 2 * padding - k + 1, stride) - padding
    inside = [i for i in (starts[:, None] + np.arange(k)).ravel() if 0 <= i < n]
    np.add.at(seen, np.ix_(inside, inside), 1)
    return seen


@way("coverage_map")
def convolved_starts(n, k, stride=1, padding=0):
    starts = np.zeros(n + 2 * padding - k + 1)
    starts[::stride] = 1
    line = np.convolve(starts, np.ones(k))[padding : padding + n].round()
    return np.einsum("i,j->ij", line, line)


@way("corr2d")
def loops(x, k):
    (h, w), (kh, kw) = x.shape, k.shape
    result = np.zeros((h - kh + 1, w - kw + 1))
    for row in range(result.shape[0]):
        for column in range(result.shape[1]):
            result[row, column] = (x[row : row + kh, column : column + kw] * k).sum()
    return result


@way("corr2d")
def window_view(x, k):
    return np.einsum("hwab,ab->hw", sliding_window_view(x, k.shape), k)


@way("corr2d")
def strided(x, k):
    sides = tuple(a - b + 1 for a, b in zip(x.shape, k.shape, strict=True))
    return np.tensordot(as_strided(x, (*sides, *k.shape), x.strides * 2, writeable=False), k, 2)


@way("corr2d")
def shifted_images(x, k):
    rows, columns = x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1
    parts = (k[a, b] * x[a : a + rows, b : b + columns] for a, b in np.ndindex(k.shape))
    return np.asfortranarray(sum(parts))


@way("corr2d")
def fourier(x, k):
    size = tuple(a + b - 1 for a, b in zip(x.shape, k.shape, strict=True))
    product = np.fft.rfft2(x, size) * np.fft.rfft2(k[::-1, ::-1], size)
    return np.fft.irfft2(product, size)[k.shape[0] - 1 : x.shape[0], k.shape[1] - 1 : x.shape[1]]


@way("corr2d")
def library_correlation(x, k):
    from scipy.signal import correlate2d

    return correlate2d(x, k, mode="valid")


@way("corr2d")
def keeps_float32(x, k):
    return window_view(x, k).astype(x.dtype)


def pad(x, padding):
    return np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])


def places(x, kernel, stride):
    return tuple((side - k) // stride + 1 for side, k in zip(x.shape[2:], kernel, strict=True))


def with_bias(result, b):
    return result if b is None else result + b[:, None, None]


@way("conv2d_naive")
def pixel_by_pixel(x, w, b=None, stride=1, padding=0):
    x, (kh, kw) = pad(x, padding), w.shape[2:]
    rows, columns = places(x, (kh, kw), stride)
    result = np.zeros((len(x), len(w), rows, columns))
    for row in range(rows):
        for column in range(columns):
            top, left = row * stride, column * stride
            window = x[:, :, top : top + kh, left : left + kw]
            result[:, :, row, column] = np.einsum("ncab,fcab->nf", window, w)
    return with_bias(result, b)


@way("conv2d_naive")
def six_loops(x, w, b=None, stride=1, padding=0):
    x = pad(x, padding)
    result = np.zeros((len(x), len(w), *places(x, w.shape[2:], stride)))
    for n, f, row, column in np.ndindex(result.shape):
        top, left = row * stride, column * stride
        window = x[n, :, top : top + w.shape[2], left : left + w.shape[3]]
        result[n, f, row, column] = (window * w[f]).sum() + (0 if b is None else b[f])
    return result


@way("conv2d_naive", "conv2d_im2col")
def einsum_layer(x, w, b=None, stride=1, padding=0):
    windows = sliding_window_view(pad(x, padding), w.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    return with_bias(np.einsum("nchwab,fcab->nfhw", windows, w), b)


@way("conv2d_naive", "conv2d_im2col")
def fourier_layer(x, w, b=None, stride=1, padding=0):
    x = pad(x, padding)
    size = x.shape[2:]
    product = np.einsum("nchw,fchw->nfhw", np.fft.fft2(x), np.fft.fft2(w, size).conj())
    rows, columns = places(x, w.shape[2:], 1)
    return with_bias(np.fft.ifft2(product).real[:, :, :rows:stride, :columns:stride], b)


@way("conv2d_naive", "conv2d_im2col")
def bias_as_a_weight(x, w, b=None, stride=1, padding=0):
    windows = sliding_window_view(pad(x, padding), w.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    n, _, rows, columns = windows.shape[:4]
    pixels = windows.transpose(0, 1, 4, 5, 2, 3).reshape(n, -1, rows * columns)
    pixels = np.concatenate([np.ones((n, 1, rows * columns)), pixels], axis=1)
    weights = np.column_stack([np.zeros(len(w)) if b is None else b, w.reshape(len(w), -1)])
    result = (weights @ pixels).reshape(n, len(w), rows, columns)
    result.flags.writeable = False
    return result


@way("conv2d_naive", "conv2d_im2col")
def kernel_offsets(x, w, b=None, stride=1, padding=0):
    x = pad(x, padding)
    rows, columns = places(x, w.shape[2:], stride)
    result = np.zeros((len(x), len(w), rows, columns))
    for a, c in np.ndindex(w.shape[2:]):
        part = x[:, :, a::stride, c::stride][:, :, :rows, :columns]
        result += np.tensordot(w[:, :, a, c], part, (1, 1)).swapaxes(0, 1)
    return with_bias(result, b)


@way("conv2d_naive", "conv2d_im2col")
def image_by_image(x, w, b=None, stride=1, padding=0):
    maps = []
    for image in pad(x, padding):
        windows = sliding_window_view(image, w.shape[1:])[0, ::stride, ::stride]
        product = windows.reshape(-1, w[0].size) @ w.reshape(len(w), -1).T
        maps.append((product if b is None else product + b).T.reshape(len(w), *windows.shape[:2]))
    return np.array(maps)


@way("conv2d_naive", "conv2d_im2col")
def channels_last_view(x, w, b=None, stride=1, padding=0):
    windows = sliding_window_view(pad(x, padding), w.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    product = np.tensordot(windows, w, ((1, 4, 5), (1, 2, 3)))
    return np.moveaxis(product if b is None else product + b, -1, 1)


@way("conv2d_naive", "conv2d_im2col")
def fortran_layer(x, w, b=None, stride=1, padding=0):
    return np.asfortranarray(einsum_layer(x, w, b, stride, padding))


@way("conv2d_naive", "conv2d_im2col")
def float32_layer(x, w, b=None, stride=1, padding=0):
    return einsum_layer(x, w, b, stride, padding).astype(x.dtype)


@way("im2col")
def offsets_to_columns(x, k, stride=1, padding=0):
    x = pad(x, padding)
    rows, columns = places(x, (k, k), stride)
    found = np.empty((*x.shape[:2], k, k, rows, columns), x.dtype)
    for a, b in np.ndindex(k, k):
        found[:, :, a, b] = x[:, :, a::stride, b::stride][:, :, :rows, :columns]
    return found.reshape(len(x), -1, rows * columns)


@way("im2col")
def column_by_column(x, k, stride=1, padding=0):
    x = pad(x, padding)
    rows, columns = places(x, (k, k), stride)
    starts = [(row * stride, column * stride) for row in range(rows) for column in range(columns)]
    return np.stack([x[:, :, t : t + k, s : s + k].reshape(len(x), -1) for t, s in starts], axis=-1)


@way("im2col")
def moved_windows(x, k, stride=1, padding=0):
    windows = sliding_window_view(pad(x, padding), (k, k), axis=(2, 3))[:, :, ::stride, ::stride]
    n, c, rows, columns = windows.shape[:4]
    return windows.transpose(0, 1, 4, 5, 2, 3).reshape(n, c * k * k, rows * columns)


@way("im2col")
def strided_columns(x, k, stride=1, padding=0):
    x = pad(x, padding)
    rows, columns = places(x, (k, k), stride)
    n, c, h, w = x.strides
    found = as_strided(x, (*x.shape[:2], k, k, rows, columns), (n, c, h, w, h * stride, w * stride))
    return found.reshape(len(x), -1, rows * columns)


@way("im2col")
def indexed(x, k, stride=1, padding=0):
    x = pad(x, padding)
    rows, columns = places(x, (k, k), stride)
    down = np.repeat(np.arange(k), k)[:, None] + stride * np.repeat(np.arange(rows), columns)
    across = np.tile(np.arange(k), k)[:, None] + stride * np.tile(np.arange(columns), rows)
    return np.asfortranarray(x[:, :, down, across].reshape(len(x), -1, rows * columns))


for rows in (
    [[1, 0, -1]] * 3,
    [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    [[-1, 2, -1]] * 3,
    [[0, 0, 0], [0.01, 0, -0.01], [0, 0, 0]],
    [[1 / 3, 0, -1 / 3], [0.1, 0.2, -0.3], [0.3, 0.3, -0.6]],
):
    WAYS.setdefault("vertical_edge_kernel", []).append(functools.partial(np.array, rows))
WAYS["vertical_edge_kernel"].append(lambda: np.array([[1, 1, 1], [0, 0, 0], [-1, -1, -1]], np.float32).T)
