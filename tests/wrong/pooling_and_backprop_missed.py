"""Wrong answers to unit 04 that its checks once refused without a cause, or took for right."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from wrong import wrong


def walked(x, k, stride, keep, rows=None, columns=None):
    """Return what `keep` makes of every window, which is cut off where it hangs over the edge."""
    rows = (x.shape[2] - k) // stride + 1 if rows is None else rows
    columns = (x.shape[3] - k) // stride + 1 if columns is None else columns
    y = np.zeros((*x.shape[:2], rows, columns))
    for i in range(rows):
        for j in range(columns):
            y[:, :, i, j] = keep(x[:, :, i * stride : i * stride + k, j * stride : j * stride + k])
    return y


def largest(window):
    return window.max((2, 3))


def mean(window):
    return window.mean((2, 3))


# ---- maxpool2d


@wrong("maxpool2d")
def farthest_from_0(x, k, stride=None):
    def keep(window):
        pixels = window.reshape(*window.shape[:2], -1)
        return np.take_along_axis(pixels, np.abs(pixels).argmax(2)[..., None], 2)[..., 0]

    return walked(x, k, stride or k, keep)


@wrong("maxpool2d")
def framed_with_nothing(x, k, stride=None):
    p = k // 2
    return walked(
        np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)), constant_values=-np.inf), k, stride or k, largest
    )


@wrong("maxpool2d")
def columns_move_by_1(x, k, stride=None):
    s = stride or k
    y = np.zeros((*x.shape[:2], (x.shape[2] - k) // s + 1, (x.shape[3] - k) // s + 1))
    for i in range(y.shape[2]):
        for j in range(y.shape[3]):
            y[:, :, i, j] = x[:, :, i * s : i * s + k, j : j + k].max((2, 3))
    return y


# ---- avgpool2d


@wrong("avgpool2d")
def places_rounded_up(x, k, stride=None):
    s = stride or k
    with np.errstate(invalid="ignore", divide="ignore"):
        return walked(x, k, s, mean, -(-(x.shape[2] - k) // s) + 1, -(-(x.shape[3] - k) // s) + 1)


@wrong("avgpool2d")
def places_rounded_up_area_kept(x, k, stride=None):
    s = stride or k
    rows, columns = (-(-(side - k) // s) + 1 for side in x.shape[2:])
    return walked(x, k, s, lambda window: window.sum((2, 3)) / k**2, rows, columns)


@wrong("avgpool2d")
def as_many_places_as_strides(x, k, stride=None):
    s = stride or k
    return walked(x, k, s, mean, x.shape[2] // s, x.shape[3] // s)


@wrong("avgpool2d")
def black_not_counted(x, k, stride=None):
    return walked(
        x, k, stride or k, lambda window: window.sum((2, 3)) / np.maximum((window != 0).sum((2, 3)), 1)
    )


@wrong("avgpool2d")
def halfway(x, k, stride=None):
    return walked(x, k, stride or k, lambda window: (window.max((2, 3)) + window.min((2, 3))) / 2)


@wrong("avgpool2d")
def framed_with_zeros(x, k, stride=None):
    p = k // 2
    return walked(np.pad(x, ((0, 0), (0, 0), (p, p), (p, p))), k, stride or k, mean)


# ---- numerical_gradient


@wrong("numerical_gradient")
def all_entries_in_one_line(f, x, df, h=1e-5):
    return (f(x + h) - f(x - h)) * df / (2 * h)


@wrong("numerical_gradient")
def half_a_step_to_each_side(f, x, df, h=1e-5):
    g = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[i] += h / 2
        down[i] -= h / 2
        g[i] = np.sum((f(up) - f(down)) * df) / h
    return g


@wrong("numerical_gradient")
def two_sums(f, x, df, h=1e-5):
    g = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[i] += h
        down[i] -= h
        g[i] = np.sum(f(up) - f(down)) * np.sum(df) / (2 * h)
    return g


@wrong("numerical_gradient")
def column_by_column(f, x, df, h=1e-5):
    g = np.zeros(x.shape)
    for i in range(x.shape[-1]):
        up, down = x.copy(), x.copy()
        up[..., i] += h
        down[..., i] -= h
        g[..., i] = np.sum((f(up) - f(down)) * df) / (2 * h)
    return g


@wrong("numerical_gradient")
def step_relative_to_the_entry(f, x, df, h=1e-5):
    g = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[i] *= 1 + h
        down[i] *= 1 - h
        g[i] = np.sum((f(up) - f(down)) * df) / (2 * h)
    return g


# ---- relu_backward


@wrong("relu_backward")
def opens_late(dout, x):
    return dout * (x > 1e-3)


@wrong("relu_backward")
def what_passes_alone(dout, x):
    return dout[x > 0]


# ---- maxpool2d_backward


def routed(dout, x, k, stride, put):
    dx = np.zeros(x.shape)
    for b, d, i, j in np.ndindex(dout.shape):
        top, left = i * stride, j * stride
        put(dx[b, d], x[b, d, top : top + k, left : left + k], top, left, dout[b, d, i, j])
    return dx


@wrong("maxpool2d_backward")
def row_and_column_exchanged(dout, x, k, stride=None):
    def put(dx, window, top, left, gradient):
        column, row = np.unravel_index(window.argmax(), window.shape)
        dx[top + row, left + column] += gradient

    return routed(dout, x, k, stride or k, put)


@wrong("maxpool2d_backward")
def begun_with_the_image(dout, x, k, stride=None):
    s = stride or k
    dx = x.copy()
    for b, d, i, j in np.ndindex(dout.shape):
        window = x[b, d, i * s : i * s + k, j * s : j * s + k]
        row, column = np.unravel_index(window.argmax(), window.shape)
        dx[b, d, i * s + row, j * s + column] += dout[b, d, i, j]
    return dx


@wrong("maxpool2d_backward")
def places_of_the_first_map(dout, x, k, stride=None):
    s = stride or k
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(dout.shape[2:]):
        window = x[0, 0, i * s : i * s + k, j * s : j * s + k]
        row, column = np.unravel_index(window.argmax(), window.shape)
        dx[:, :, i * s + row, j * s + column] += dout[:, :, i, j]
    return dx


@wrong("maxpool2d_backward")
def one_pixel_of_the_whole_block(dout, x, k, stride=None):
    s = stride or k
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(dout.shape[2:]):
        block = x[:, :, i * s : i * s + k, j * s : j * s + k]
        b, d, row, column = np.unravel_index(block.argmax(), block.shape)
        dx[b, d, i * s + row, j * s + column] += dout[b, d, i, j]
    return dx


@wrong("maxpool2d_backward")
def rest_forgotten(dout, x, k, stride=None):
    def put(dx, window, top, left, gradient):
        row, column = np.unravel_index(window.argmax(), window.shape)
        dx[top + row, left + column] += gradient

    s = stride or k
    return routed(dout, x, k, s, put)[:, :, : dout.shape[2] * s, : dout.shape[3] * s]


@wrong("maxpool2d_backward")
def larger_gradient_kept(dout, x, k, stride=None):
    def put(dx, window, top, left, gradient):
        row, column = np.unravel_index(window.argmax(), window.shape)
        dx[top + row, left + column] = max(dx[top + row, left + column], gradient)

    return routed(dout, x, k, stride or k, put)


# ---- slices_after_regrouping


@wrong("slices_after_regrouping")
def filters_shared_out(f, c):
    return c, f // c


# ---- conv2d_backward_input


def scattered(dout, x_shape, w, stride, padding, step_across=None):
    """Return the gradient of the padded image, by adding windows."""
    n, c, h, wide = x_shape
    kh, kw = w.shape[2:]
    across = stride if step_across is None else step_across
    dx = np.zeros((n, c, h + 2 * padding, wide + 2 * padding))
    for b, f, i, j in np.ndindex(dout.shape):
        dx[b, :, i * stride : i * stride + kh, j * across : j * across + kw] += dout[b, f, i, j] * w[f]
    return dx


def correlated(dout, x_shape, w, stride, padding, frame):
    """Return the full correlation's way, with another frame than k − 1, filled up to the padded image and cut."""
    n, c, h, wide = x_shape
    f, _, kh, kw = w.shape
    rows, columns = ((side - 1) * stride + 1 for side in dout.shape[2:])
    spread = np.zeros((n, f, rows + 2 * frame[0], columns + 2 * frame[1]))
    spread[:, :, frame[0] : frame[0] + rows, frame[1] : frame[1] + columns][:, :, ::stride, ::stride] = dout
    whole = np.zeros((n, c, h + 2 * padding, wide + 2 * padding))
    if spread.shape[2] >= kh and spread.shape[3] >= kw:
        seen = sliding_window_view(spread, (kh, kw), (2, 3))
        found = np.einsum("nfijab,fcab->ncij", seen, w[:, :, ::-1, ::-1])[
            :, :, : whole.shape[2], : whole.shape[3]
        ]
        whole[:, :, : found.shape[2], : found.shape[3]] = found
    return whole[:, :, padding : padding + h, padding : padding + wide]


@wrong("conv2d_backward_input")
def cut_with_a_negative_end(dout, x_shape, w, stride=1, padding=0):
    return scattered(dout, x_shape, w, stride, padding)[:, :, padding:-padding, padding:-padding]


@wrong("conv2d_backward_input")
def cut_twice(dout, x_shape, w, stride=1, padding=0):
    return scattered(dout, x_shape, w, stride, padding)[:, :, 2 * padding :, 2 * padding :]


@wrong("conv2d_backward_input")
def columns_in_steps_of_1(dout, x_shape, w, stride=1, padding=0):
    dx = scattered(dout, x_shape, w, stride, padding, step_across=1)
    return dx[:, :, padding : padding + x_shape[2], padding : padding + x_shape[3]]


@wrong("conv2d_backward_input")
def last_windows_forgotten(dout, x_shape, w, stride=1, padding=0):
    dx = scattered(dout[:, :, :-1, :-1], x_shape, w, stride, padding)
    return dx[:, :, padding : padding + x_shape[2], padding : padding + x_shape[3]]


@wrong("conv2d_backward_input")
def no_frame(dout, x_shape, w, stride=1, padding=0):
    return correlated(dout, x_shape, w, stride, padding, (0, 0))


@wrong("conv2d_backward_input")
def frame_of_k(dout, x_shape, w, stride=1, padding=0):
    return correlated(dout, x_shape, w, stride, padding, w.shape[2:])


@wrong("conv2d_backward_input")
def frame_of_half_a_kernel(dout, x_shape, w, stride=1, padding=0):
    return correlated(dout, x_shape, w, stride, padding, (w.shape[2] // 2, w.shape[3] // 2))


@wrong("conv2d_backward_input")
def frame_of_the_forward_pass(dout, x_shape, w, stride=1, padding=0):
    return correlated(dout, x_shape, w, stride, padding, (padding, padding))


@wrong("conv2d_backward_input")
def frame_for_square_kernels(dout, x_shape, w, stride=1, padding=0):
    return correlated(dout, x_shape, w, stride, padding, (w.shape[2] - 1, w.shape[2] - 1))


@wrong("conv2d_backward_input")
def frame_with_sides_exchanged(dout, x_shape, w, stride=1, padding=0):
    return correlated(dout, x_shape, w, stride, padding, (w.shape[3] - 1, w.shape[2] - 1))


@wrong("conv2d_backward_input")
def rest_at_the_top(dout, x_shape, w, stride=1, padding=0):
    h, wide = x_shape[2:]
    dx = scattered(dout, x_shape, w, stride, padding)
    seen = [(side - 1) * stride + k for side, k in zip(dout.shape[2:], w.shape[2:], strict=True)]
    moved = np.zeros_like(dx)
    moved[:, :, dx.shape[2] - seen[0] :, dx.shape[3] - seen[1] :] = dx[:, :, : seen[0], : seen[1]]
    return moved[:, :, padding : padding + h, padding : padding + wide]


# ---- conv2d_backward_weight


def met(dout, x, w_shape, stride, padding):
    seen = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    seen = sliding_window_view(seen, w_shape[2:], (2, 3))[:, :, ::stride, ::stride]
    return np.einsum("nfij,ncijab->fcab", dout, seen)


@wrong("conv2d_backward_weight")
def last_image_for_both(dout, x, w_shape, stride=1, padding=0):
    return met(dout[-1:], x[-1:], w_shape, stride, padding), dout[-1].sum((1, 2))


@wrong("conv2d_backward_weight")
def biases_never_filled(dout, x, w_shape, stride=1, padding=0):
    return met(dout, x, w_shape, stride, padding), np.zeros(w_shape[0])


@wrong("conv2d_backward_weight")
def biases_of_images(dout, x, w_shape, stride=1, padding=0):
    return met(dout, x, w_shape, stride, padding), dout.sum((1, 2, 3))


@wrong("conv2d_backward_weight")
def gradient_turned_first(dout, x, w_shape, stride=1, padding=0):
    return met(dout[:, :, ::-1, ::-1], x, w_shape, stride, padding), dout.sum((0, 2, 3))


@wrong("conv2d_backward_weight")
def image_turned_first(dout, x, w_shape, stride=1, padding=0):
    return met(dout, x[:, :, ::-1, ::-1], w_shape, stride, padding), dout.sum((0, 2, 3))


@wrong("conv2d_backward_weight")
def kernels_transposed(dout, x, w_shape, stride=1, padding=0):
    return met(dout, x, w_shape, stride, padding).swapaxes(2, 3), dout.sum((0, 2, 3))
