"""Right answers to the exercises of unit 04, in other styles than the solution's: only tests may know them."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from right import way


def strided(x, k, stride):
    s = stride or k
    return sliding_window_view(x, (k, k), axis=(2, 3))[:, :, ::s, ::s]


@way("maxpool2d")
def strided_windows(x, k, stride=None):
    return strided(x, k, stride).max(axis=(-1, -2))


@way("maxpool2d")
def offset_by_offset(x, k, stride=None):
    s = k if stride is None else stride
    rows, columns = (x.shape[2] - k) // s + 1, (x.shape[3] - k) // s + 1
    y = np.full((*x.shape[:2], rows, columns), -np.inf, dtype=x.dtype)
    for i in range(k):
        for j in range(k):
            y = np.maximum(y, x[:, :, i : i + s * rows : s, j : j + s * columns : s])
    return y


@way("maxpool2d")
def pixel_by_pixel(x, k, stride=None):
    if stride is None:
        stride = k
    n, c, h, w = x.shape
    y = []
    for image in range(n):
        for channel in range(c):
            for i in range(0, h - k + 1, stride):
                for j in range(0, w - k + 1, stride):
                    y.append(max(x[image, channel, i + a, j + b] for a in range(k) for b in range(k)))
    return np.array(y).reshape(n, c, (h - k) // stride + 1, (w - k) // stride + 1)


@way("avgpool2d")
def mean_of_strided_windows(x, k, stride=None):
    return strided(x, k, stride).mean(axis=(-1, -2))


@way("avgpool2d")
def sums_of_offsets(x, k, stride=None):
    s = stride or k
    rows, columns = (x.shape[2] - k) // s + 1, (x.shape[3] - k) // s + 1
    shifted = [x[:, :, i : i + s * rows : s, j : j + s * columns : s] for i in range(k) for j in range(k)]
    return np.sum(shifted, axis=0) / k**2


@way("avgpool2d")
def integral_image(x, k, stride=None):
    s = stride or k
    total = np.pad(x.astype(np.float64).cumsum(2).cumsum(3), ((0, 0), (0, 0), (1, 0), (1, 0)))
    box = total[:, :, k:, k:] - total[:, :, :-k, k:] - total[:, :, k:, :-k] + total[:, :, :-k, :-k]
    return box[:, :, ::s, ::s] / (k * k)


@way("numerical_gradient")
def copies_for_both_sides(f, x, df, h=1e-5):
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        right, left = x.copy(), x.copy()
        right[place] += h
        left[place] -= h
        gradient[place] = np.sum((f(right) - f(left)) / (2 * h) * df)
    return gradient


@way("numerical_gradient")
def in_place_with_copied_results(f, x, df, h=1e-5):
    x = np.array(x)
    gradient = np.zeros_like(x)
    it = np.nditer(x, flags=["multi_index"])
    while not it.finished:
        i = it.multi_index
        old = x[i]
        x[i] = old + h
        up = np.array(f(x))
        x[i] = old - h
        down = np.array(f(x))
        x[i] = old
        gradient[i] = ((up - down) * df).sum() / (2 * h)
        it.iternext()
    return gradient


@way("numerical_gradient")
def unit_vectors(f, x, df, h=1e-5):
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([np.sum(df * (f(x + e) - f(x - e))) for e in steps]).reshape(x.shape) / (2 * h)


@way("relu_backward")
def where_above_0(dout, x):
    return np.where(x > 0, dout, 0)


@way("relu_backward")
def heaviside(dout, x):
    return dout * np.heaviside(x, 0)


@way("relu_backward")
def zeroed_copy(dout, x):
    dx = np.array(dout)
    dx[x <= 0] = 0
    return dx


@way("maxpool2d_backward")
def by_argmax(dout, x, k, stride=None):
    s = stride or k
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(dout.shape):
        window = x[n, c, i * s : i * s + k, j * s : j * s + k]
        a, b = divmod(int(window.argmax()), k)
        dx[n, c, i * s + a, j * s + b] += dout[n, c, i, j]
    return dx


@way("maxpool2d_backward")
def all_at_once(dout, x, k, stride=None):
    s = stride or k
    places = strided(x, k, stride).reshape(*dout.shape, -1).argmax(-1)
    n, c, i, j = np.indices(dout.shape)
    dx = np.zeros(x.shape)
    np.add.at(dx, (n, c, i * s + places // k, j * s + places % k), dout)
    return dx


@way("maxpool2d_backward")
def searched_in_loops(dout, x, k, stride=None):
    if stride is None:
        stride = k
    dx = np.zeros(x.shape, x.dtype)
    for n in range(dout.shape[0]):
        for c in range(dout.shape[1]):
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    best, where = -np.inf, None
                    for a in range(i * stride, i * stride + k):
                        for b in range(j * stride, j * stride + k):
                            if x[n, c, a, b] > best:
                                best, where = x[n, c, a, b], (a, b)
                    dx[n, c, where[0], where[1]] += dout[n, c, i, j]
    return dx


@way("slices_after_regrouping")
def from_an_array(f, c):
    return np.zeros((f, c)).T.shape


@way("slices_after_regrouping")
def slices_over_groups(f, c):
    slices = f * c
    groups = c
    return groups, slices // groups


@way("regroup_filters")
def sliced_backwards(w):
    return w.transpose(1, 0, 2, 3)[:, :, ::-1, ::-1]


@way("regroup_filters")
def turned_twice(w):
    return np.rot90(np.swapaxes(w, 0, 1), 2, axes=(2, 3))


@way("regroup_filters")
def slice_by_slice(w):
    f, c, kh, kw = w.shape
    groups = np.zeros((c, f, kh, kw), w.dtype)
    for a in range(f):
        for b in range(c):
            for i in range(kh):
                for j in range(kw):
                    groups[b, a, kh - 1 - i, kw - 1 - j] = w[a, b, i, j]
    return groups


@way("dilate")
def kronecker(dout, stride):
    one = np.zeros((stride, stride))
    one[0, 0] = 1
    h, w = dout.shape[2:]
    return np.kron(dout, one)[:, :, : (h - 1) * stride + 1, : (w - 1) * stride + 1]


@way("dilate")
def entry_by_entry(dout, stride):
    n, f, h, w = dout.shape
    y = np.zeros((n, f, h + (h - 1) * (stride - 1), w + (w - 1) * (stride - 1)), dtype=dout.dtype)
    for i in range(h):
        for j in range(w):
            y[:, :, i * stride, j * stride] = dout[:, :, i, j]
    return y


@way("dilate")
def inserted(dout, stride):
    h, w = dout.shape[2:]
    y = np.insert(dout, np.repeat(np.arange(1, h), stride - 1), 0, axis=2)
    return np.insert(y, np.repeat(np.arange(1, w), stride - 1), 0, axis=3)


@way("conv2d_backward_input")
def window_by_window(dout, x_shape, w, stride=1, padding=0):
    n, c, h, wide = x_shape
    kh, kw = w.shape[2:]
    dx = np.zeros((n, c, h + 2 * padding, wide + 2 * padding))
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            part = np.tensordot(dout[:, :, i, j], w, axes=1)
            dx[:, :, i * stride : i * stride + kh, j * stride : j * stride + kw] += part
    return dx[:, :, padding : padding + h, padding : padding + wide]


@way("conv2d_backward_input")
def weight_by_weight(dout, x_shape, w, stride=1, padding=0):
    n, c, h, wide = x_shape
    rows, columns = dout.shape[2:]
    dx = np.zeros((n, c, h + 2 * padding, wide + 2 * padding), dtype=dout.dtype)
    for a, b in np.ndindex(w.shape[2:]):
        part = np.einsum("nfij,fc->ncij", dout, w[:, :, a, b])
        dx[:, :, a : a + stride * rows : stride, b : b + stride * columns : stride] += part
    return dx[:, :, padding : h + padding, padding : wide + padding]


@way("conv2d_backward_input")
def by_the_full_correlation(dout, x_shape, w, stride=1, padding=0):
    n, _c, h, wide = x_shape
    f, _, kh, kw = w.shape
    spread = np.zeros((n, f, h + 2 * padding - kh + 1, wide + 2 * padding - kw + 1))
    spread[:, :, : stride * dout.shape[2] : stride, : stride * dout.shape[3] : stride] = dout
    spread = np.pad(spread, ((0, 0), (0, 0), (kh - 1, kh - 1), (kw - 1, kw - 1)))
    seen = sliding_window_view(spread, (kh, kw), axis=(2, 3))
    dx = np.einsum("nfijab,fcab->ncij", seen, w[:, :, ::-1, ::-1])
    return dx[:, :, padding : padding + h, padding : padding + wide]


@way("conv2d_backward_weight")
def windows_and_einsum(dout, x, w_shape, stride=1, padding=0):
    seen = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    seen = sliding_window_view(seen, w_shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    return np.einsum("nfij,ncijab->fcab", dout, seen), dout.sum(axis=(0, 2, 3))


@way("conv2d_backward_weight")
def place_by_place(dout, x, w_shape, stride=1, padding=0):
    f, _c, kh, kw = w_shape
    seen = np.zeros((*x.shape[:2], x.shape[2] + 2 * padding, x.shape[3] + 2 * padding))
    seen[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]] = x
    dw, db = np.zeros(w_shape), np.zeros(f)
    for n, a, i, j in np.ndindex(dout.shape):
        dw[a] += dout[n, a, i, j] * seen[n, :, i * stride : i * stride + kh, j * stride : j * stride + kw]
        db[a] += dout[n, a, i, j]
    return dw, db


@way("conv2d_backward_weight")
def matrix_products(dout, x, w_shape, stride=1, padding=0):
    f, c, kh, kw = w_shape
    _n, _, rows, columns = dout.shape
    seen = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    flat = dout.transpose(1, 0, 2, 3).reshape(f, -1)
    dw = np.empty(w_shape, x.dtype)
    for i in range(kh):
        for j in range(kw):
            met = seen[:, :, i : i + rows * stride : stride, j : j + columns * stride : stride]
            dw[:, :, i, j] = flat @ met.transpose(0, 2, 3, 1).reshape(-1, c)
    return dw, flat.sum(1)
