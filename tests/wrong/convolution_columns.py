"""Wrong answers to `im2col` and `conv2d_im2col` of unit 01."""

# ruff: noqa: F811, F841, RUF059 -- wrong on purpose
from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from wrong import wrong

small = np.arange(18.0).reshape(1, 2, 3, 3)  # the notebook's global names
two_filters = np.random.default_rng(2).normal(size=(2, 3, 3, 3))

# ---------------------------------------------------------------- im2col


@wrong("im2col")
def a_row_for_every_window(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (w + 2 * padding - k) // stride + 1
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = np.zeros((n, c, k, k, rows, columns))
    for i in range(k):
        for j in range(k):
            cols[:, :, i, j] = padded[:, :, i : i + rows * stride : stride, j : j + columns * stride : stride]
    return cols.reshape(n, c * k * k, rows * columns).transpose(0, 2, 1)


@wrong("im2col")
def channels_fastest(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (w + 2 * padding - k) // stride + 1
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = np.zeros((n, c, k, k, rows, columns))
    for i in range(k):
        for j in range(k):
            cols[:, :, i, j] = padded[:, :, i : i + rows * stride : stride, j : j + columns * stride : stride]
    return cols.transpose(0, 2, 3, 1, 4, 5).reshape(n, k * k * c, rows * columns)


@wrong("im2col")
def cells_column_by_column(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (w + 2 * padding - k) // stride + 1
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = np.zeros((n, c, k, k, rows, columns))
    for i in range(k):
        for j in range(k):
            cols[:, :, j, i] = padded[:, :, i : i + rows * stride : stride, j : j + columns * stride : stride]
    return cols.reshape(n, c * k * k, rows * columns)


@wrong("im2col")
def cells_backwards(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (w + 2 * padding - k) // stride + 1
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = np.zeros((n, c, k, k, rows, columns))
    for i in range(k):
        for j in range(k):
            cols[:, :, k - 1 - i, k - 1 - j] = padded[
                :, :, i : i + rows * stride : stride, j : j + columns * stride : stride
            ]
    return cols.reshape(n, c * k * k, rows * columns)


@wrong("im2col")
def places_column_by_column(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (w + 2 * padding - k) // stride + 1
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = np.zeros((n, c, k, k, rows, columns))
    for i in range(k):
        for j in range(k):
            cols[:, :, i, j] = padded[:, :, i : i + rows * stride : stride, j : j + columns * stride : stride]
    return cols.transpose(0, 1, 2, 3, 5, 4).reshape(n, c * k * k, rows * columns)


@wrong("im2col")
def images_side_by_side(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (w + 2 * padding - k) // stride + 1
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = np.zeros((n, c, k, k, rows, columns))
    for i in range(k):
        for j in range(k):
            cols[:, :, i, j] = padded[:, :, i : i + rows * stride : stride, j : j + columns * stride : stride]
    return cols.transpose(1, 2, 3, 0, 4, 5).reshape(c * k * k, n * rows * columns)


@wrong("im2col")
def cs231n_image_fastest(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (w + 2 * padding - k) // stride + 1
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = np.zeros((n, c, k, k, rows, columns))
    for i in range(k):
        for j in range(k):
            cols[:, :, i, j] = padded[:, :, i : i + rows * stride : stride, j : j + columns * stride : stride]
    return cols.transpose(1, 2, 3, 4, 5, 0).reshape(c * k * k, rows * columns * n)


@wrong("im2col")
def reshaped_without_moving_the_image_axis(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (w + 2 * padding - k) // stride + 1
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = np.zeros((n, c, k, k, rows, columns))
    for i in range(k):
        for j in range(k):
            cols[:, :, i, j] = padded[:, :, i : i + rows * stride : stride, j : j + columns * stride : stride]
    return cols.transpose(1, 2, 3, 0, 4, 5).reshape(n, c * k * k, rows * columns)


@wrong("im2col")
def places_before_cells_and_reshaped(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (w + 2 * padding - k) // stride + 1
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = np.zeros((n, c, k, k, rows, columns))
    for i in range(k):
        for j in range(k):
            cols[:, :, i, j] = padded[:, :, i : i + rows * stride : stride, j : j + columns * stride : stride]
    return cols.transpose(0, 4, 5, 1, 2, 3).reshape(n, c * k * k, rows * columns)


@wrong("im2col")
def places_left_as_two_axes(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (w + 2 * padding - k) // stride + 1
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = np.zeros((n, c, k, k, rows, columns))
    for i in range(k):
        for j in range(k):
            cols[:, :, i, j] = padded[:, :, i : i + rows * stride : stride, j : j + columns * stride : stride]
    return cols.reshape(n, c * k * k, rows, columns)


@wrong("im2col")
def channels_left_apart(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (w + 2 * padding - k) // stride + 1
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = np.zeros((n, c, k, k, rows, columns))
    for i in range(k):
        for j in range(k):
            cols[:, :, i, j] = padded[:, :, i : i + rows * stride : stride, j : j + columns * stride : stride]
    return cols.reshape(n, c, k * k, rows * columns)


@wrong("im2col")
def step_one_in_the_slices(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (w + 2 * padding - k) // stride + 1
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = np.zeros((n, c, k, k, rows, columns))
    for i in range(k):
        for j in range(k):
            cols[:, :, i, j] = padded[:, :, i : i + rows, j : j + columns]
    return cols.reshape(n, c * k * k, rows * columns)


@wrong("im2col")
def stride_in_the_rows_only(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (w + 2 * padding - k) // stride + 1
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = np.zeros((n, c, k, k, rows, columns))
    for i in range(k):
        for j in range(k):
            cols[:, :, i, j] = padded[:, :, i : i + rows * stride : stride, j : j + columns]
    return cols.reshape(n, c * k * k, rows * columns)


@wrong("im2col")
def end_without_the_stride(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (w + 2 * padding - k) // stride + 1
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = np.zeros((n, c, k, k, rows, columns))
    for i in range(k):
        for j in range(k):
            cols[:, :, i, j] = padded[:, :, i : i + rows : stride, j : j + columns : stride]
    return cols.reshape(n, c * k * k, rows * columns)


@wrong("im2col")
def slices_to_the_edge(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (w + 2 * padding - k) // stride + 1
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = np.zeros((n, c, k, k, rows, columns))
    for i in range(k):
        for j in range(k):
            cols[:, :, i, j] = padded[:, :, i::stride, j::stride]
    return cols.reshape(n, c * k * k, rows * columns)


@wrong("im2col")
def stride_ignored(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    rows = (h + 2 * padding - k) + 1
    columns = (w + 2 * padding - k) + 1
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = np.zeros((n, c, k, k, rows, columns))
    for i in range(k):
        for j in range(k):
            cols[:, :, i, j] = padded[:, :, i : i + rows, j : j + columns]
    return cols.reshape(n, c * k * k, rows * columns)


@wrong("im2col")
def padded_on_every_axis(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (w + 2 * padding - k) // stride + 1
    padded = np.pad(x, padding)
    cols = np.zeros((n, c, k, k, rows, columns))
    for i in range(k):
        for j in range(k):
            cols[:, :, i, j] = padded[:, :, i : i + rows * stride : stride, j : j + columns * stride : stride]
    return cols.reshape(n, c * k * k, rows * columns)


@wrong("im2col")
def padding_forgotten(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (w + 2 * padding - k) // stride + 1
    padded = x
    cols = np.zeros((n, c, k, k, rows, columns))
    for i in range(k):
        for j in range(k):
            cols[:, :, i, j] = padded[:, :, i : i + rows * stride : stride, j : j + columns * stride : stride]
    return cols.reshape(n, c * k * k, rows * columns)


@wrong("im2col")
def padding_ignored(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    rows = (h - k) // stride + 1
    columns = (w - k) // stride + 1
    padded = x
    cols = np.zeros((n, c, k, k, rows, columns))
    for i in range(k):
        for j in range(k):
            cols[:, :, i, j] = padded[:, :, i : i + rows * stride : stride, j : j + columns * stride : stride]
    return cols.reshape(n, c * k * k, rows * columns)


@wrong("im2col")
def reflected_frame(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (w + 2 * padding - k) // stride + 1
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), mode="reflect")
    cols = np.zeros((n, c, k, k, rows, columns))
    for i in range(k):
        for j in range(k):
            cols[:, :, i, j] = padded[:, :, i : i + rows * stride : stride, j : j + columns * stride : stride]
    return cols.reshape(n, c * k * k, rows * columns)


@wrong("im2col")
def only_the_first_image(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (w + 2 * padding - k) // stride + 1
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = np.zeros((n, c, k, k, rows, columns))
    for i in range(k):
        for j in range(k):
            cols[:, :, i, j] = padded[0, :, i : i + rows * stride : stride, j : j + columns * stride : stride]
    return cols.reshape(n, c * k * k, rows * columns)


@wrong("im2col")
def batch_axis_lost(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (w + 2 * padding - k) // stride + 1
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = np.zeros((n, c, k, k, rows, columns))
    for i in range(k):
        for j in range(k):
            cols[:, :, i, j] = padded[:, :, i : i + rows * stride : stride, j : j + columns * stride : stride]
    return cols[0].reshape(c * k * k, rows * columns)


@wrong("im2col")
def cells_one_short(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (w + 2 * padding - k) // stride + 1
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = np.zeros((n, c, k, k, rows, columns))
    for i in range(k - 1):
        for j in range(k - 1):
            cols[:, :, i, j] = padded[:, :, i : i + rows * stride : stride, j : j + columns * stride : stride]
    return cols.reshape(n, c * k * k, rows * columns)


@wrong("im2col")
def places_one_short(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    rows = (h + 2 * padding - k) // stride
    columns = (w + 2 * padding - k) // stride
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = np.zeros((n, c, k, k, rows, columns))
    for i in range(k):
        for j in range(k):
            cols[:, :, i, j] = padded[:, :, i : i + rows * stride : stride, j : j + columns * stride : stride]
    return cols.reshape(n, c * k * k, rows * columns)


@wrong("im2col")
def rows_for_both(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = rows
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = np.zeros((n, c, k, k, rows, columns))
    for i in range(k):
        for j in range(k):
            cols[:, :, i, j] = padded[:, :, i : i + rows * stride : stride, j : j + columns * stride : stride]
    return cols.reshape(n, c * k * k, rows * columns)


@wrong("im2col")
def row_offset_for_both(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (w + 2 * padding - k) // stride + 1
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = np.zeros((n, c, k, k, rows, columns))
    for i in range(k):
        for j in range(k):
            cols[:, :, i, j] = padded[:, :, i : i + rows * stride : stride, i : i + columns * stride : stride]
    return cols.reshape(n, c * k * k, rows * columns)


@wrong("im2col")
def first_channel_everywhere(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (w + 2 * padding - k) // stride + 1
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = np.zeros((n, c, k, k, rows, columns))
    for i in range(k):
        for j in range(k):
            cols[:, :, i, j] = padded[
                :, :1, i : i + rows * stride : stride, j : j + columns * stride : stride
            ]
    return cols.reshape(n, c * k * k, rows * columns)


@wrong("im2col")
def single_precision(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (w + 2 * padding - k) // stride + 1
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = np.zeros((n, c, k, k, rows, columns), dtype=np.float32)
    for i in range(k):
        for j in range(k):
            cols[:, :, i, j] = padded[:, :, i : i + rows * stride : stride, j : j + columns * stride : stride]
    return cols.reshape(n, c * k * k, rows * columns)


@wrong("im2col")
def list_of_images(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (w + 2 * padding - k) // stride + 1
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = np.zeros((n, c, k, k, rows, columns))
    for i in range(k):
        for j in range(k):
            cols[:, :, i, j] = padded[:, :, i : i + rows * stride : stride, j : j + columns * stride : stride]
    return [image.reshape(c * k * k, rows * columns) for image in cols]


@wrong("im2col")
def true_division(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    rows = (h + 2 * padding - k) / stride + 1
    columns = (w + 2 * padding - k) / stride + 1
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = np.zeros((n, c, k, k, rows, columns))
    for i in range(k):
        for j in range(k):
            cols[:, :, i, j] = padded[:, :, i : i + rows * stride : stride, j : j + columns * stride : stride]
    return cols.reshape(n, c * k * k, rows * columns)


@wrong("im2col")
def reads_beyond_the_frame(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (w + 2 * padding - k) // stride + 1
    padded = np.pad(x, ((0, 0), (0, 0), (0, 2 * padding), (0, 2 * padding)))
    cols = np.zeros((n, c, k, k, rows, columns))
    for i in range(k):
        for j in range(k):
            cols[:, :, i, j] = padded[:, :, i : i + rows * stride : stride, j : j + columns * stride : stride]
    return cols.reshape(n, c * k * k, rows * columns)


@wrong("im2col")
def sliding_windows_reshaped_as_they_come(x, k, stride=1, padding=0):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = sliding_window_view(padded, (k, k), axis=(2, 3))[:, :, ::stride, ::stride]
    n, c, rows, columns = windows.shape[:4]
    return windows.reshape(n, c * k * k, rows * columns)


@wrong("im2col")
def strides_of_a_contiguous_array(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    if padding:
        x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
        h, w = h + 2 * padding, w + 2 * padding
    rows, columns = (h - k) // stride + 1, (w - k) // stride + 1
    s = x.itemsize
    view = as_strided(
        x,
        (n, c, k, k, rows, columns),
        (c * h * w * s, h * w * s, w * s, s, stride * w * s, stride * s),
    )
    return view.reshape(n, c * k * k, rows * columns)


@wrong("im2col")
def torch_unfold(x, k, stride=1, padding=0):
    return F.unfold(torch.from_numpy(np.array(x)), k, stride=stride, padding=padding).numpy()


@wrong("im2col")
def column_number_runs_on_over_the_images(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - k) // stride + 1
    columns = (w + 2 * padding - k) // stride + 1
    cols = np.zeros((n, c * k * k, rows * columns))
    place = 0
    for i in range(n):
        for r in range(0, rows * stride, stride):
            for q in range(0, columns * stride, stride):
                cols[i, :, place] = padded[i, :, r : r + k, q : q + k].ravel()
                place += 1
    return cols


@wrong("im2col")
def place_number_by_the_rows(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - k) // stride + 1
    columns = (w + 2 * padding - k) // stride + 1
    cols = np.zeros((n, c * k * k, rows * columns))
    for i in range(n):
        for r in range(rows):
            for q in range(columns):
                window = padded[i, :, r * stride : r * stride + k, q * stride : q * stride + k]
                cols[i, :, r * rows + q] = window.reshape(-1)
    return cols


@wrong("im2col")
def window_put_in_without_flattening(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (h + 2 * padding - k) // stride + 1
    columns = (w + 2 * padding - k) // stride + 1
    cols = np.zeros((n, c * k * k, rows * columns))
    for i in range(n):
        for r in range(rows):
            for q in range(columns):
                window = padded[i, :, r * stride : r * stride + k, q * stride : q * stride + k]
                cols[i, :, r * columns + q] = window
    return cols


@wrong("im2col")
def cs231n_get_im2col_indices(x, k, stride=1, padding=0):
    N, C, H, W = x.shape
    x_padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), mode="constant")
    out_height = (H + 2 * padding - k) // stride + 1
    out_width = (W + 2 * padding - k) // stride + 1
    i0 = np.tile(np.repeat(np.arange(k), k), C)
    i1 = stride * np.repeat(np.arange(out_height), out_width)
    j0 = np.tile(np.arange(k), k * C)
    j1 = stride * np.tile(np.arange(out_width), out_height)
    i = i0.reshape(-1, 1) + i1.reshape(1, -1)
    j = j0.reshape(-1, 1) + j1.reshape(1, -1)
    kk = np.repeat(np.arange(C), k * k).reshape(-1, 1)
    cols = x_padded[:, kk, i, j]
    return cols.transpose(1, 2, 0).reshape(k * k * C, -1)


@wrong("im2col")
def cs231n_reshaped_to_three_axes(x, k, stride=1, padding=0):
    N, C, H, W = x.shape
    x_padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), mode="constant")
    out_height = (H + 2 * padding - k) // stride + 1
    out_width = (W + 2 * padding - k) // stride + 1
    i0 = np.tile(np.repeat(np.arange(k), k), C)
    i1 = stride * np.repeat(np.arange(out_height), out_width)
    j0 = np.tile(np.arange(k), k * C)
    j1 = stride * np.tile(np.arange(out_width), out_height)
    i = i0.reshape(-1, 1) + i1.reshape(1, -1)
    j = j0.reshape(-1, 1) + j1.reshape(1, -1)
    kk = np.repeat(np.arange(C), k * k).reshape(-1, 1)
    cols = x_padded[:, kk, i, j].transpose(1, 2, 0).reshape(k * k * C, -1)
    return cols.reshape(N, k * k * C, -1)


@wrong("im2col")
def empty_and_add(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (w + 2 * padding - k) // stride + 1
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = np.empty((n, c, k, k, rows, columns))
    for i in range(k):
        for j in range(k):
            cols[:, :, i, j] += padded[
                :, :, i : i + rows * stride : stride, j : j + columns * stride : stride
            ]
    return cols.reshape(n, c * k * k, rows * columns)


@wrong("im2col")
def the_notebooks_small(x, k, stride=1, padding=0):
    n, c, h, w = small.shape
    cols = []
    for r in range(0, h - k + 1, stride):
        for q in range(0, w - k + 1, stride):
            cols.append(x[:, :, r : r + k, q : q + k].reshape(n, -1))
    return np.stack(cols, axis=-1)


@wrong("im2col")
def stacked_on_the_second_axis(x, k, stride=1, padding=0):
    n, c, h, w = x.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = []
    for r in range(0, h + 2 * padding - k + 1, stride):
        for q in range(0, w + 2 * padding - k + 1, stride):
            cols.append(padded[:, :, r : r + k, q : q + k].reshape(n, -1))
    return np.stack(cols, axis=1)


# ---------------------------------------------------------------- conv2d_im2col


def im2col(x, k, stride=1, padding=0):
    """Lay out windows as they should be: what the answers below do with them is wrong."""
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = sliding_window_view(padded, (k, k), axis=(2, 3))[:, :, ::stride, ::stride]
    n, c, rows, columns = windows.shape[:4]
    return windows.transpose(0, 1, 4, 5, 2, 3).reshape(n, c * k * k, rows * columns)


@wrong("conv2d_im2col")
def bias_forgotten(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = w.reshape(f, -1) @ cols
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def weights_reshaped_the_other_way_round(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = w.reshape(-1, f) @ cols
    if b is not None:
        out = out + b.reshape(-1, 1)
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def weights_reshaped_and_turned(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = w.reshape(-1, f).T @ cols
    if b is not None:
        out = out + b.reshape(-1, 1)
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def weights_in_the_order_of_tensorflow(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = w.transpose(2, 3, 1, 0).reshape(-1, f).T @ cols
    if b is not None:
        out = out + b.reshape(-1, 1)
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def stride_and_padding_not_passed_on(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k)
    out = w.reshape(f, -1) @ cols
    if b is not None:
        out = out + b.reshape(-1, 1)
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def padding_not_passed_on(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride)
    out = w.reshape(f, -1) @ cols
    if b is not None:
        out = out + b.reshape(-1, 1)
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def stride_and_padding_exchanged(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, padding, stride)
    out = w.reshape(f, -1) @ cols
    if b is not None:
        out = out + b.reshape(-1, 1)
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def size_without_padding(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h - k) // stride + 1
    columns = (wide - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = w.reshape(f, -1) @ cols
    if b is not None:
        out = out + b.reshape(-1, 1)
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def size_rounded_up(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = -(-(h + 2 * padding - k) // stride) + 1
    columns = -(-(wide + 2 * padding - k) // stride) + 1
    cols = im2col(x, k, stride, padding)
    out = w.reshape(f, -1) @ cols
    if b is not None:
        out = out + b.reshape(-1, 1)
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def columns_before_rows(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = w.reshape(f, -1) @ cols
    if b is not None:
        out = out + b.reshape(-1, 1)
    return out.reshape(n, f, columns, rows)


@wrong("conv2d_im2col")
def columns_before_rows_and_turned_back(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = w.reshape(f, -1) @ cols
    if b is not None:
        out = out + b.reshape(-1, 1)
    return out.reshape(n, f, columns, rows).transpose(0, 1, 3, 2)


@wrong("conv2d_im2col")
def square_root_of_the_places(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = w.reshape(f, -1) @ cols
    if b is not None:
        out = out + b.reshape(-1, 1)
    side = int(out.shape[-1] ** 0.5)
    return out.reshape(n, f, side, side)


@wrong("conv2d_im2col")
def output_left_flat(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = w.reshape(f, -1) @ cols
    if b is not None:
        out = out + b.reshape(-1, 1)
    return out


@wrong("conv2d_im2col")
def bias_on_the_last_axis(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = w.reshape(f, -1) @ cols
    if b is not None:
        out = out + b
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def all_biases_added(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = w.reshape(f, -1) @ cols
    if b is not None:
        out = out + b.sum()
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def first_bias_for_all(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = w.reshape(f, -1) @ cols
    if b is not None:
        out = out + b[0]
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def bias_by_image(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = w.reshape(f, -1) @ cols
    if b is not None:
        out = out + b.reshape(-1, 1, 1)
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def truth_of_an_array(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = w.reshape(f, -1) @ cols
    if b:
        out = out + b.reshape(-1, 1)
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def bias_added_to_the_columns(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = w.reshape(f, -1) @ (cols if b is None else cols + b.reshape(-1, 1))
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def product_turned_round(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = cols @ w.reshape(f, -1)
    if b is not None:
        out = out + b.reshape(-1, 1)
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def columns_turned_and_not_back(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = cols.transpose(0, 2, 1) @ w.reshape(f, -1).T
    if b is not None:
        out = out + b
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def dot_puts_the_filters_first(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = np.dot(w.reshape(f, -1), cols)
    if b is not None:
        out = out + b.reshape(-1, 1, 1)
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def images_summed_by_einsum(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = np.einsum("fk,nkp->fp", w.reshape(f, -1), cols)
    if b is not None:
        out = out + b.reshape(-1, 1)
    return np.broadcast_to(out.reshape(1, f, rows, columns), (n, f, rows, columns))


@wrong("conv2d_im2col")
def side_by_side_and_reshaped(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = w.reshape(f, -1) @ np.concatenate(list(cols), axis=1)
    if b is not None:
        out = out + b.reshape(-1, 1)
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def cs231n_ending_for_images_slowest(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = w.reshape(f, -1) @ np.concatenate(list(cols), axis=1)
    if b is not None:
        out = out + b.reshape(-1, 1)
    return out.reshape(f, rows, columns, n).transpose(3, 0, 1, 2)


@wrong("conv2d_im2col")
def only_the_first_image(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = w.reshape(f, -1) @ cols[0]
    if b is not None:
        out = out + b.reshape(-1, 1)
    return np.array([out.reshape(f, rows, columns)] * n)


@wrong("conv2d_im2col")
def first_image_and_one_axis_less(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = w.reshape(f, -1) @ cols[0]
    if b is not None:
        out = out + b.reshape(-1, 1)
    return out.reshape(f, rows, columns)


@wrong("conv2d_im2col")
def side_read_from_the_channels(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, k = w.shape[:2]
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = w.reshape(f, -1) @ cols
    if b is not None:
        out = out + b.reshape(-1, 1)
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def side_read_from_the_filters(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f = k = len(w)
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = w.reshape(f, -1) @ cols
    if b is not None:
        out = out + b.reshape(-1, 1)
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def kernel_turned(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = w[:, :, ::-1, ::-1].reshape(f, -1) @ cols
    if b is not None:
        out = out + b.reshape(-1, 1)
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def cells_turned_with_the_channels(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = w.reshape(f, -1)[:, ::-1] @ cols
    if b is not None:
        out = out + b.reshape(-1, 1)
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def kernel_transposed(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = w.transpose(0, 1, 3, 2).reshape(f, -1) @ cols
    if b is not None:
        out = out + b.reshape(-1, 1)
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def filters_and_channels_exchanged(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = w.transpose(1, 0, 2, 3).reshape(f, -1) @ cols
    if b is not None:
        out = out + b.reshape(-1, 1)
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def padded_twice(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = im2col(x, k, stride, padding)
    out = w.reshape(f, -1) @ cols
    if b is not None:
        out = out + b.reshape(-1, 1)
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def padded_twice_and_sized_twice(x, w, b=None, stride=1, padding=0):
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = w.reshape(f, -1) @ cols
    if b is not None:
        out = out + b.reshape(-1, 1)
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def mean_over_the_rows_of_the_columns(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = (w.reshape(f, -1) @ cols) / cols.shape[1]
    if b is not None:
        out = out + b.reshape(-1, 1)
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def elementwise_product(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = (w.reshape(f, -1) * cols).sum(axis=1)
    if b is not None:
        out = out + b.reshape(-1, 1)
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def channels_added_first(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = w.sum(axis=1).reshape(f, -1) @ im2col(x.sum(axis=1, keepdims=True), k, stride, padding)
    if b is not None:
        out = out + b.reshape(-1, 1)
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def single_precision(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = w.reshape(f, -1) @ cols
    if b is not None:
        out = out + b.reshape(-1, 1)
    return out.reshape(n, f, rows, columns).astype(np.float32)


@wrong("conv2d_im2col")
def wide_and_w_confused(x, w, b=None, stride=1, padding=0):
    n, c, h, w = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (w + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = w.reshape(f, -1) @ cols
    if b is not None:
        out = out + b.reshape(-1, 1)
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def bias_reshaped_for_four_axes(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = w.reshape(f, -1) @ cols
    if b is not None:
        out = out + b.reshape(1, -1, 1, 1)
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def the_notebooks_filters(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    rows = (h + 2 * padding - k) // stride + 1
    columns = (wide + 2 * padding - k) // stride + 1
    cols = im2col(x, k, stride, padding)
    out = two_filters.reshape(len(two_filters), -1) @ cols
    if b is not None:
        out = out + b.reshape(-1, 1)
    return out.reshape(n, f, rows, columns)


@wrong("conv2d_im2col")
def loops_over_every_place(x, w, b=None, stride=1, padding=0):
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
                    out[i, j, r, q] = (padded[i, :, top : top + kh, left : left + kw] * w[j]).sum()
            if b is not None:
                out[i, j] += b[j]
    return out


@wrong("conv2d_im2col")
def columns_of_windows_by_python(x, w, b=None, stride=1, padding=0):
    n, c, h, wide = x.shape
    f, _, k, _ = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = []
    for r in range(0, h + 2 * padding - k + 1, stride):
        for q in range(0, wide + 2 * padding - k + 1, stride):
            cols.append(padded[:, :, r : r + k, q : q + k].reshape(n, -1))
    out = w.reshape(f, -1) @ np.stack(cols, axis=-1)
    if b is not None:
        out = out + b[:, None]
    return out.reshape(n, f, (h + 2 * padding - k) // stride + 1, -1)


@wrong("conv2d_im2col")
def torch_layer(x, w, b=None, stride=1, padding=0):
    bias = None if b is None else torch.from_numpy(np.array(b))
    return F.conv2d(
        torch.from_numpy(np.array(x)), torch.from_numpy(np.array(w)), bias, stride, padding
    ).numpy()


@wrong("conv2d_im2col")
def im2col_with_channels_fastest(x, w, b=None, stride=1, padding=0):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    f, k = w.shape[0], w.shape[2]
    windows = sliding_window_view(padded, (k, k), axis=(2, 3))[:, :, ::stride, ::stride]
    n, c, rows, columns = windows.shape[:4]
    cols = windows.transpose(0, 4, 5, 1, 2, 3).reshape(n, -1, rows * columns)
    out = (w.reshape(f, -1) @ cols).reshape(n, f, rows, columns)
    return out if b is None else out + b[:, None, None]
