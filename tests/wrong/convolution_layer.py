"""Wrong answers to `conv2d_naive` of unit 01."""

# ruff: noqa: F841, RUF059 -- wrong on purpose
from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from wrong import wrong

one_image = np.random.default_rng(1).normal(size=(1, 3, 5, 5))  # the notebook's global names
two_filters = np.random.default_rng(2).normal(size=(2, 3, 3, 3))


def corr2d(x, k):
    return np.einsum("ijkl,kl->ij", sliding_window_view(x, k.shape), k)


@wrong("conv2d_naive")
def channels_reversed(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    padded = padded[:, ::-1]  # BGR, as OpenCV has it
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def filter_number_as_channel_number(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, j, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def filter_number_as_channel_of_both(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, j, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j, j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def first_channel_only(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, 0, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j, 0]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def first_kernel_for_every_channel(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j, 0]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def row_start_without_the_stride(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def starts_without_the_stride(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r, q
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def rows_that_never_move(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, :kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def column_number_for_both(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = q * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def row_and_column_exchanged(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = q * stride, r * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def reflected_frame(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), mode="reflect")
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def repeated_border(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), mode="edge")
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def wrapped_frame(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), mode="wrap")
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def all_images_added(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[:, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def padded_on_every_axis(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, padding)
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def padded_on_every_axis_and_sizes_from_it(x, w, b=None, stride=1, padding=0):
    padded = np.pad(x, padding)
    n, c, h, wide = padded.shape
    f, _, kh, kw = w.shape
    rows = (h - kh) // stride + 1
    columns = (wide - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def frame_at_top_left_only(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, 0), (padding, 0)))
    rows = (h + padding - kh) // stride + 1
    columns = (wide + padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def padding_counted_once_in_the_size(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + padding - kh) // stride + 1
    columns = (wide + padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def padding_forgotten_in_the_size(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h - kh) // stride + 1
    columns = (wide - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def padding_forgotten_in_the_image(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = x
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def padding_ignored(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = x
    rows = (h - kh) // stride + 1
    columns = (wide - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def padded_again_for_every_filter(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = x[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def places_one_short(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride
    columns = (wide + 2 * padding - kw) // stride
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def window_one_short(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh - 1, left : left + kw - 1]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def kernel_height_for_both(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, _ = w.shape
    kw = kh
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def image_height_for_both(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (h + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def height_and_width_of_the_kernel_swapped(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kw, kh = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def true_division(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) / stride + 1
    columns = (wide + 2 * padding - kw) / stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def all_biases_added(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b.sum()
    return out


@wrong("conv2d_naive")
def first_bias_for_all(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[0]
    return out


@wrong("conv2d_naive")
def bias_of_the_image(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[i]
    return out


@wrong("conv2d_naive")
def bias_forgotten(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
    return out


@wrong("conv2d_naive")
def bias_subtracted(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] -= b[j]
    return out


@wrong("conv2d_naive")
def bias_in_every_product(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j] + (b[j] if b is not None else 0)).sum()
    return out


@wrong("conv2d_naive")
def truth_of_an_array(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def bias_always_there(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def or_for_a_default(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    b = b or np.zeros(f)
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def bias_broadcast_along_the_width(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
    if b is not None:
        out = out + b
    return out


@wrong("conv2d_naive")
def bias_along_the_images(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
    if b is not None:
        out = out + b[:, None, None, None]
    return out


@wrong("conv2d_naive")
def kernel_transposed(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j].transpose(0, 2, 1)).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def all_axes_transposed(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j].T).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def kernel_turned(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j, :, ::-1, ::-1]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def everything_turned(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * np.flip(w[j])).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def mean_of_the_products(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).mean()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def mean_over_the_channels(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum() / c
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def only_the_first_image(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[0, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def batch_left_out(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((f, rows, columns))
    for i in [0]:
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[j] += b[j]
    return out


@wrong("conv2d_naive")
def filters_before_images(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((f, n, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[j, i, r, q] = (window * w[j]).sum()
            if b is not None:
                out[j, i] += b[j]
    return out


@wrong("conv2d_naive")
def whole_numbers(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns), dtype=np.int64)
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[j].astype(np.int64)
    return out


@wrong("conv2d_naive")
def ends_with_a_relu(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return np.maximum(out, 0)


@wrong("conv2d_naive")
def returns_after_the_first_image(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
        return out


@wrong("conv2d_naive")
def images_axis_unpacked_into_w(x, w, b=None, stride=1, padding=0):
    n, c, h, w = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (w + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def axes_of_the_weights_swapped(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    _, f, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[:, j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def channels_last(x, w, b=None, stride=1, padding=0):
    n, h, wide, c = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, top : top + kh, left : left + kw, :]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def the_notebooks_image(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = one_image.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def the_notebooks_filters(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = r * stride, q * stride
                    window = padded[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * two_filters[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def one_map_per_channel(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f * c, rows, columns))
    for i in range(n):
        for j in range(f):
            for m in range(c):
                for r in range(rows):
                    for q in range(columns):
                        window = padded[i, m, r * stride : r * stride + kh, q * stride : q * stride + kw]
                        out[i, j * c + m, r, q] = np.sum(window * w[j, m]) + (0 if b is None else b[j])
    return out


@wrong("conv2d_naive")
def a_map_for_each_channel_in_an_axis_of_its_own(x, w, b=None, stride=1, padding=0):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = sliding_window_view(padded, w.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    out = np.einsum("nchwij,fcij->nfchw", windows, w)
    return out if b is None else out + b[:, None, None, None]


@wrong("conv2d_naive")
def only_the_last_channel_stays(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for m in range(c):
                for r in range(rows):
                    for q in range(columns):
                        window = padded[i, m, r * stride : r * stride + kh, q * stride : q * stride + kw]
                        out[i, j, r, q] = (window * w[j, m]).sum()
                if b is not None:
                    out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def bias_once_for_every_channel(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for m in range(c):
                for r in range(rows):
                    for q in range(columns):
                        window = padded[i, m, r * stride : r * stride + kh, q * stride : q * stride + kw]
                        out[i, j, r, q] += (window * w[j, m]).sum()
                if b is not None:
                    out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def starts_held_at_zero(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    top, left = max(r * stride - padding, 0), max(q * stride - padding, 0)
                    window = x[i, :, top : top + kh, left : left + kw]
                    out[i, j, r, q] = (window * w[j, :, : window.shape[1], : window.shape[2]]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def starts_below_zero(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for r in range(rows):
                for q in range(columns):
                    for y in range(kh):
                        for z in range(kw):
                            row, column = r * stride - padding + y, q * stride - padding + z
                            if row < h and column < wide:
                                out[i, j, r, q] += (x[i, :, row, column] * w[j, :, y, z]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def kernel_loops_one_short(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for y in range(kh - 1):
        for z in range(kw - 1):
            part = padded[:, :, y : y + rows * stride : stride, z : z + columns * stride : stride]
            out += np.einsum("nchw,fc->nfhw", part, w[:, :, y, z])
    return out if b is None else out + b.reshape(1, -1, 1, 1)


@wrong("conv2d_naive")
def empty_and_add(x, w, b=None, stride=1, padding=0):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    kh, kw = w.shape[2:]
    rows = (padded.shape[2] - kh) // stride + 1
    columns = (padded.shape[3] - kw) // stride + 1
    out = np.empty((x.shape[0], w.shape[0], rows, columns))
    for y in range(kh):
        for z in range(kw):
            part = padded[:, :, y : y + rows * stride : stride, z : z + columns * stride : stride]
            out += np.einsum("nchw,fc->nfhw", part, w[:, :, y, z])
    return out if b is None else out + b.reshape(1, -1, 1, 1)


@wrong("conv2d_naive")
def stride_in_the_rows_only(x, w, b=None, stride=1, padding=0):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = sliding_window_view(padded, w.shape[2:], axis=(2, 3))
    out = np.einsum("nchwij,fcij->nfhw", windows, w)[:, :, ::stride]
    return out if b is None else out + b.reshape(1, -1, 1, 1)


@wrong("conv2d_naive")
def stride_ignored(x, w, b=None, stride=1, padding=0):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, w.shape[2:], axis=(2, 3))
    out = np.tensordot(windows, w, axes=((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2)
    if b is not None:
        out = out + b[None, :, None, None]
    return out


@wrong("conv2d_naive")
def tensordot_axes_left_as_they_come(x, w, b=None, stride=1, padding=0):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = sliding_window_view(padded, w.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    out = np.tensordot(windows, w, axes=((1, 4, 5), (1, 2, 3)))
    return out if b is None else out + b


@wrong("conv2d_naive")
def reshaped_in_place_of_transposed(x, w, b=None, stride=1, padding=0):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = sliding_window_view(padded, w.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    out = np.tensordot(windows, w, axes=((1, 4, 5), (1, 2, 3)))
    if b is not None:
        out += b
    n, rows, columns, f = out.shape
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_naive")
def total_not_reset_for_the_next_place(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            total = 0.0 if b is None else b[j]
            for r in range(rows):
                for q in range(columns):
                    for m in range(c):
                        window = padded[i, m, r * stride : r * stride + kh, q * stride : q * stride + kw]
                        total += np.sum(window * w[j, m])
                    out[i, j, r, q] = total
    return out


@wrong("conv2d_naive")
def cs231n_with_the_bias_on_the_last_axis(x, w, b=None, stride=1, padding=0):
    N, C, H, W = x.shape
    F_, _, HH, WW = w.shape
    H_out = 1 + (H + 2 * padding - HH) // stride
    W_out = 1 + (W + 2 * padding - WW) // stride
    x_pad = np.pad(x, ((0,), (0,), (padding,), (padding,)), mode="constant")
    out = np.zeros((N, F_, H_out, W_out))
    for i in range(H_out):
        for j in range(W_out):
            patch = x_pad[:, :, i * stride : i * stride + HH, j * stride : j * stride + WW]
            for k in range(F_):
                out[:, k, i, j] = np.sum(patch * w[k, :, :, :], axis=(1, 2))
    return out if b is None else out + b[None, :, None, None]


@wrong("conv2d_naive")
def range_runs_over_pixels(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - kh) // stride + 1
    columns = (wide + 2 * padding - kw) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(n):
        for j in range(f):
            for top in range(0, h + 2 * padding - kh + 1, stride):
                for left in range(0, wide + 2 * padding - kw + 1, stride):
                    out[i, j, top, left] = (padded[i, :, top : top + kh, left : left + kw] * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_naive")
def keras_same_padding_for_any(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (kh // 2, kh // 2), (kw // 2, kw // 2)))
    rows, columns = -(-h // stride), -(-wide // stride)
    out = np.zeros((n, f, rows, columns))
    for r in range(rows):
        for q in range(columns):
            window = padded[:, :, r * stride : r * stride + kh, q * stride : q * stride + kw]
            out[:, :, r, q] = np.einsum("nchw,fchw->nf", window, w)
    return out if b is None else out + b[None, :, None, None]


@wrong("conv2d_naive")
def calls_corr2d_and_forgets_to_add_the_channels(x, w, b=None, stride=1, padding=0):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    images = []
    for image in padded:
        maps = []
        for number, filters in enumerate(w):
            for channel, weights in zip(image, filters, strict=True):
                one = corr2d(channel, weights)[::stride, ::stride]
            maps.append(one if b is None else one + b[number])
        images.append(maps)
    return np.array(images)


@wrong("conv2d_naive")
def padding_for_stride_and_stride_for_padding(x, w, b=None, padding=0, stride=1):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = sliding_window_view(padded, w.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    out = np.einsum("nchwij,fcij->nfhw", windows, w)
    return out if b is None else out + b[:, None, None]


@wrong("conv2d_naive")
def image_changed_by_its_mean(x, w, b=None, stride=1, padding=0):
    x -= x.mean()
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = sliding_window_view(padded, w.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    out = np.einsum("nchwij,fcij->nfhw", windows, w)
    return out if b is None else out + b[:, None, None]


@wrong("conv2d_naive")
def bias_added_into_the_filters(x, w, b=None, stride=1, padding=0):
    if b is not None:
        w += b[:, None, None, None]
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = sliding_window_view(padded, w.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    return np.einsum("nchwij,fcij->nfhw", windows, w)
