"""Wrong answers to the backward half of unit 04, the convolution's, as people really write them."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from wrong import wrong

# ---- slices_after_regrouping


@wrong("slices_after_regrouping")
def as_before(f, c):
    return f, c


@wrong("slices_after_regrouping")
def all_slices(f, c):
    return f * c


@wrong("slices_after_regrouping")
def slices_of_depth_1(f, c):
    return f * c, 1


@wrong("slices_after_regrouping")
def groups_of_all(f, c):
    return c, f * c


@wrong("slices_after_regrouping")
def one_group(f, c):
    return 1, f * c


@wrong("slices_after_regrouping")
def a_list(f, c):
    return [c, f]


@wrong("slices_after_regrouping")
def depth_kept(f, c):
    return c, c


@wrong("slices_after_regrouping")
def filters_kept(f, c):
    return f, f


@wrong("slices_after_regrouping")
def the_lectures_numbers(f, c):
    return 3, 20


@wrong("slices_after_regrouping")
def slices_and_depth(f, c):
    return f * c, f


@wrong("slices_after_regrouping")
def an_array(f, c):
    return np.array([c, f])


@wrong("slices_after_regrouping")
def depth_and_all(f, c):
    return f * c, c


# ---- regroup_filters


@wrong("regroup_filters")
def swapped_only(w):
    return w.transpose(1, 0, 2, 3)


@wrong("regroup_filters")
def turned_only(w):
    return w[:, :, ::-1, ::-1]


@wrong("regroup_filters")
def rows_only(w):
    return w.transpose(1, 0, 2, 3)[:, :, ::-1]


@wrong("regroup_filters")
def columns_only(w):
    return w.transpose(1, 0, 2, 3)[:, :, :, ::-1]


@wrong("regroup_filters")
def reshaped(w):
    f, c, kh, kw = w.shape
    return w.reshape(c, f, kh, kw)[:, :, ::-1, ::-1]


@wrong("regroup_filters")
def quarter_turn(w):
    return np.rot90(w.transpose(1, 0, 2, 3), 1, axes=(2, 3))


@wrong("regroup_filters")
def np_flip_of_all_axes(w):
    return np.flip(w.transpose(1, 0, 2, 3))


@wrong("regroup_filters")
def capital_t(w):
    return w.T


@wrong("regroup_filters")
def kernels_transposed(w):
    return w.transpose(1, 0, 3, 2)


@wrong("regroup_filters")
def rot90_of_the_first_axes(w):
    return np.rot90(w, 2).transpose(1, 0, 2, 3)


@wrong("regroup_filters")
def flips_filters_too(w):
    return w[::-1, :, ::-1, ::-1].transpose(1, 0, 2, 3)


@wrong("regroup_filters")
def overwrites_itself(w):
    f, c, kh, kw = w.shape
    out = np.zeros((c, f, kh, kw))
    for a in range(f):
        for b in range(c):
            out[b] = w[a, b, ::-1, ::-1]
    return out


@wrong("regroup_filters")
def changes_w(w):
    w[:] = w[:, :, ::-1, ::-1].copy()
    return w.transpose(1, 0, 2, 3)


# ---- dilate


@wrong("dilate")
def zeros_behind(dout, stride):
    n, f, h, w = dout.shape
    y = np.zeros((n, f, h * stride, w * stride))
    y[:, :, ::stride, ::stride] = dout
    return y


@wrong("dilate")
def stride_zeros_between(dout, stride):
    n, f, h, w = dout.shape
    y = np.zeros((n, f, h + (h - 1) * stride, w + (w - 1) * stride))
    y[:, :, :: stride + 1, :: stride + 1] = dout
    return y


@wrong("dilate")
def repeated(dout, stride):
    return dout.repeat(stride, axis=2).repeat(stride, axis=3)


@wrong("dilate")
def downsampled(dout, stride):
    return dout[:, :, ::stride, ::stride]


@wrong("dilate")
def rows_are_spread_only(dout, stride):
    n, f, h, w = dout.shape
    y = np.zeros((n, f, (h - 1) * stride + 1, w))
    y[:, :, ::stride] = dout
    return y


@wrong("dilate")
def always_2(dout, stride):
    n, f, h, w = dout.shape
    y = np.zeros((n, f, 2 * h - 1, 2 * w - 1))
    y[:, :, ::2, ::2] = dout
    return y


@wrong("dilate")
def starts_late(dout, stride):
    n, f, h, w = dout.shape
    y = np.zeros((n, f, h * stride, w * stride))
    y[:, :, stride - 1 :: stride, stride - 1 :: stride] = dout
    return y


@wrong("dilate")
def padded_all_round(dout, stride):
    n, f, h, w = dout.shape
    y = np.zeros((n, f, (h - 1) * stride + 1, (w - 1) * stride + 1))
    y[:, :, ::stride, ::stride] = dout
    p = stride - 1
    return np.pad(y, ((0, 0), (0, 0), (p, p), (p, p)))


@wrong("dilate")
def in_the_corner(dout, stride):
    n, f, h, w = dout.shape
    y = np.zeros((n, f, (h - 1) * stride + 1, (w - 1) * stride + 1))
    y[:, :, :h, :w] = dout
    return y


@wrong("dilate")
def unchanged(dout, stride):
    return dout


@wrong("dilate")
def width_as_height(dout, stride):
    n, f, h, w = dout.shape
    y = np.zeros((n, f, (h - 1) * stride + 1, (h - 1) * stride + 1))
    for i in range(h):
        for j in range(w):
            y[:, :, i * stride, j * stride] = dout[:, :, i, j]
    return y


@wrong("dilate")
def kept_empty(dout, stride):
    n, f, h, w = dout.shape
    return np.zeros((n, f, (h - 1) * stride + 1, (w - 1) * stride + 1))


# ---- conv2d_backward_input


def full(dout, x_shape, w, stride, padding, turn=True, swap=True, spread=True, cut=True):
    """Correlate the gradient with the regrouped kernels; each keyword leaves out one step."""
    _n, _c, h, wide = x_shape
    kh, kw = w.shape[2:]
    if spread:
        rows, columns = h + 2 * padding - kh + 1, wide + 2 * padding - kw + 1
        z = np.zeros((*dout.shape[:2], rows, columns))
        z[:, :, : dout.shape[2] * stride : stride, : dout.shape[3] * stride : stride] = dout
    else:
        z = dout
    z = np.pad(z, ((0, 0), (0, 0), (kh - 1, kh - 1), (kw - 1, kw - 1)))
    k = w.transpose(1, 0, 2, 3) if swap else w
    k = k[:, :, ::-1, ::-1] if turn else k
    dx = np.einsum("nfijab,cfab->ncij", sliding_window_view(z, (kh, kw), axis=(2, 3)), k)
    return dx[:, :, padding : padding + h, padding : padding + wide] if cut else dx


@wrong("conv2d_backward_input")
def no_flip(dout, x_shape, w, stride=1, padding=0):
    return full(dout, x_shape, w, stride, padding, turn=False)


@wrong("conv2d_backward_input")
def rows_flipped_only(dout, x_shape, w, stride=1, padding=0):
    return full(dout, x_shape, w[:, :, ::-1], stride, padding, turn=False)


@wrong("conv2d_backward_input")
def columns_flipped_only(dout, x_shape, w, stride=1, padding=0):
    return full(dout, x_shape, w[:, :, :, ::-1], stride, padding, turn=False)


@wrong("conv2d_backward_input")
def not_regrouped(dout, x_shape, w, stride=1, padding=0):
    return full(dout, x_shape, w, stride, padding, swap=False)


@wrong("conv2d_backward_input")
def regrouped_by_reshape(dout, x_shape, w, stride=1, padding=0):
    f, c, kh, kw = w.shape
    return full(dout, x_shape, w.reshape(c, f, kh, kw), stride, padding, swap=False)


@wrong("conv2d_backward_input")
def not_dilated(dout, x_shape, w, stride=1, padding=0):
    return full(dout, x_shape, w, stride, padding, spread=False, cut=False)[
        :, :, padding : padding + x_shape[2], padding : padding + x_shape[3]
    ]


@wrong("conv2d_backward_input")
def not_dilated_in_the_right_shape(dout, x_shape, w, stride=1, padding=0):
    found = full(dout, x_shape, w, stride, padding, spread=False)
    dx = np.zeros(x_shape)
    dx[:, :, : found.shape[2], : found.shape[3]] = found
    return dx


@wrong("conv2d_backward_input")
def dilated_behind_the_last(dout, x_shape, w, stride=1, padding=0):
    _kh, _kw = w.shape[2:]
    z = np.zeros((*dout.shape[:2], dout.shape[2] * stride, dout.shape[3] * stride))
    z[:, :, ::stride, ::stride] = dout
    dx = full(z, x_shape, w, stride, padding, spread=False, cut=False)
    return dx[:, :, padding : dx.shape[2] - padding, padding : dx.shape[3] - padding]


@wrong("conv2d_backward_input")
def frame_not_cut_off(dout, x_shape, w, stride=1, padding=0):
    return full(dout, x_shape, w, stride, padding, cut=False)


@wrong("conv2d_backward_input")
def frame_cut_at_the_end(dout, x_shape, w, stride=1, padding=0):
    return full(dout, x_shape, w, stride, padding, cut=False)[:, :, : x_shape[2], : x_shape[3]]


@wrong("conv2d_backward_input")
def frame_cut_at_the_start(dout, x_shape, w, stride=1, padding=0):
    return full(dout, x_shape, w, stride, padding, cut=False)[:, :, padding:, padding:]


@wrong("conv2d_backward_input")
def minus_padding_slice(dout, x_shape, w, stride=1, padding=0):
    return full(dout, x_shape, w, stride, padding, cut=False)[:, :, padding:-padding, padding:-padding]


@wrong("conv2d_backward_input")
def unseen_rows_missing(dout, x_shape, w, stride=1, padding=0):
    _kh, _kw = w.shape[2:]
    z = np.zeros((*dout.shape[:2], (dout.shape[2] - 1) * stride + 1, (dout.shape[3] - 1) * stride + 1))
    z[:, :, ::stride, ::stride] = dout
    dx = full(z, x_shape, w, stride, padding, spread=False, cut=False)
    return dx[:, :, padding : dx.shape[2] - padding, padding : dx.shape[3] - padding]


def pasted(dout, x_shape, w, stride, padding, put):
    n, c, h, wide = x_shape
    kh, kw = w.shape[2:]
    dx = np.zeros((n, c, h + 2 * padding, wide + 2 * padding))
    for b, f, i, j in np.ndindex(dout.shape):
        place = dx[b, :, i * stride : i * stride + kh, j * stride : j * stride + kw]
        put(place, w[f] * dout[b, f, i, j], f)
    return dx[:, :, padding : padding + h, padding : padding + wide]


@wrong("conv2d_backward_input")
def everything_overwritten(dout, x_shape, w, stride=1, padding=0):
    def put(place, part, f):
        place[...] = part

    return pasted(dout, x_shape, w, stride, padding, put)


@wrong("conv2d_backward_input")
def windows_overwritten(dout, x_shape, w, stride=1, padding=0):
    n, c, h, wide = x_shape
    kh, kw = w.shape[2:]
    dx = np.zeros((n, c, h + 2 * padding, wide + 2 * padding))
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            part = np.tensordot(dout[:, :, i, j], w, axes=1)
            dx[:, :, i * stride : i * stride + kh, j * stride : j * stride + kw] = part
    return dx[:, :, padding : padding + h, padding : padding + wide]


@wrong("conv2d_backward_input")
def first_filter_only(dout, x_shape, w, stride=1, padding=0):
    return full(dout[:, :1], x_shape, w[:1], stride, padding)


@wrong("conv2d_backward_input")
def averaged_over_filters(dout, x_shape, w, stride=1, padding=0):
    return full(dout, x_shape, w, stride, padding) / len(w)


@wrong("conv2d_backward_input")
def stride_left_out_of_the_slice(dout, x_shape, w, stride=1, padding=0):
    n, c, h, wide = x_shape
    kh, kw = w.shape[2:]
    dx = np.zeros((n, c, h + 2 * padding, wide + 2 * padding))
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            dx[:, :, i : i + kh, j : j + kw] += np.tensordot(dout[:, :, i, j], w, axes=1)
    return dx[:, :, padding : padding + h, padding : padding + wide]


# ---- conv2d_backward_weight


def seen(x, padding):
    return np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))


def met(dout, x, w_shape, stride, padding):
    windows = sliding_window_view(seen(x, padding), w_shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    return np.einsum("nfij,ncijab->nfcab", dout, windows)


def bias(dout):
    return dout.sum(axis=(0, 2, 3))


@wrong("conv2d_backward_weight")
def batch_not_summed(dout, x, w_shape, stride=1, padding=0):
    dw = np.zeros(w_shape)
    for n in range(len(x)):
        dw = met(dout, x, w_shape, stride, padding)[n]
    return dw, bias(dout)


@wrong("conv2d_backward_weight")
def first_image_only(dout, x, w_shape, stride=1, padding=0):
    return met(dout, x, w_shape, stride, padding)[0], bias(dout)


@wrong("conv2d_backward_weight")
def a_gradient_for_each_image(dout, x, w_shape, stride=1, padding=0):
    return met(dout, x, w_shape, stride, padding), bias(dout)


@wrong("conv2d_backward_weight")
def batch_mean(dout, x, w_shape, stride=1, padding=0):
    return met(dout, x, w_shape, stride, padding).mean(0), bias(dout)


@wrong("conv2d_backward_weight")
def both_batch_means(dout, x, w_shape, stride=1, padding=0):
    return met(dout, x, w_shape, stride, padding).mean(0), bias(dout) / len(dout)


@wrong("conv2d_backward_weight")
def bias_averaged(dout, x, w_shape, stride=1, padding=0):
    return met(dout, x, w_shape, stride, padding).sum(0), dout.mean(axis=(0, 2, 3))


@wrong("conv2d_backward_weight")
def bias_over_images(dout, x, w_shape, stride=1, padding=0):
    return met(dout, x, w_shape, stride, padding).sum(0), bias(dout) / len(dout)


@wrong("conv2d_backward_weight")
def bias_of_all_filters(dout, x, w_shape, stride=1, padding=0):
    return met(dout, x, w_shape, stride, padding).sum(0), dout.sum()


@wrong("conv2d_backward_weight")
def bias_per_image(dout, x, w_shape, stride=1, padding=0):
    return met(dout, x, w_shape, stride, padding).sum(0), dout.sum(axis=(2, 3))


@wrong("conv2d_backward_weight")
def bias_with_keepdims(dout, x, w_shape, stride=1, padding=0):
    return met(dout, x, w_shape, stride, padding).sum(0), dout.sum(axis=(0, 2, 3), keepdims=True)


@wrong("conv2d_backward_weight")
def turned(dout, x, w_shape, stride=1, padding=0):
    return met(dout, x, w_shape, stride, padding).sum(0)[:, :, ::-1, ::-1], bias(dout)


@wrong("conv2d_backward_weight")
def undilated(dout, x, w_shape, stride=1, padding=0):
    windows = sliding_window_view(seen(x, padding), dout.shape[2:], axis=(2, 3))
    dw = np.einsum("ncabij,nfij->fcab", windows, dout)
    return dw[:, :, : w_shape[2], : w_shape[3]], bias(dout)


@wrong("conv2d_backward_weight")
def undilated_and_too_large(dout, x, w_shape, stride=1, padding=0):
    windows = sliding_window_view(seen(x, padding), dout.shape[2:], axis=(2, 3))
    return np.einsum("ncabij,nfij->fcab", windows, dout), bias(dout)


@wrong("conv2d_backward_weight")
def the_rest_stays(dout, x, w_shape, stride=1, padding=0):
    z = np.zeros((*dout.shape[:2], (dout.shape[2] - 1) * stride + 1, (dout.shape[3] - 1) * stride + 1))
    z[:, :, ::stride, ::stride] = dout
    windows = sliding_window_view(seen(x, padding), z.shape[2:], axis=(2, 3))
    return np.einsum("ncabij,nfij->fcab", windows, z), bias(dout)


@wrong("conv2d_backward_weight")
def padding_forgotten(dout, x, w_shape, stride=1, padding=0):
    dw = np.zeros(w_shape)
    for n, f, i, j in np.ndindex(dout.shape):
        window = x[n, :, i * stride : i * stride + w_shape[2], j * stride : j * stride + w_shape[3]]
        dw[f, :, : window.shape[1], : window.shape[2]] += dout[n, f, i, j] * window
    return dw, bias(dout)


@wrong("conv2d_backward_weight")
def axes_exchanged(dout, x, w_shape, stride=1, padding=0):
    return met(dout, x, w_shape, stride, padding).sum(0).transpose(1, 0, 2, 3), bias(dout)


@wrong("conv2d_backward_weight")
def only_dw(dout, x, w_shape, stride=1, padding=0):
    return met(dout, x, w_shape, stride, padding).sum(0)


@wrong("conv2d_backward_weight")
def bias_first(dout, x, w_shape, stride=1, padding=0):
    return bias(dout), met(dout, x, w_shape, stride, padding).sum(0)


@wrong("conv2d_backward_weight")
def last_place_only(dout, x, w_shape, stride=1, padding=0):
    dw = np.zeros(w_shape)
    padded = seen(x, padding)
    for n, f, i, j in np.ndindex(dout.shape):
        window = padded[n, :, i * stride : i * stride + w_shape[2], j * stride : j * stride + w_shape[3]]
        dw[f] = dout[n, f, i, j] * window
    return dw, bias(dout)


@wrong("conv2d_backward_weight")
def stride_missing(dout, x, w_shape, stride=1, padding=0):
    dw = np.zeros(w_shape)
    padded = seen(x, padding)
    for n, f, i, j in np.ndindex(dout.shape):
        dw[f] += dout[n, f, i, j] * padded[n, :, i : i + w_shape[2], j : j + w_shape[3]]
    return dw, bias(dout)
