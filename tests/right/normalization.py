"""Right answers to the exercises of unit 06, in other styles than the solution's: only tests may know them."""

from __future__ import annotations

import math

import numpy as np

from right import way


@way("batchnorm_train")
def with_ddof_and_copyto(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    mean, var = np.mean(x, 0), np.var(x, 0)
    np.copyto(running_mean, running_mean + momentum * (mean - running_mean))
    np.copyto(running_var, running_var + momentum * (np.var(x, 0, ddof=1) - running_var))
    return (x - mean) * (gamma / np.sqrt(var + eps)) + beta


@way("batchnorm_train")
def in_place_operators(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    n = x.shape[0]
    mean = x.sum(axis=0) / n
    centred = x - mean
    var = (centred**2).sum(axis=0) / n
    running_mean *= 1 - momentum
    running_mean += momentum * mean
    running_var *= 1 - momentum
    running_var += momentum * var * n / (n - 1)
    return gamma * (centred * (var + eps) ** -0.5) + beta


@way("batchnorm_train")
def feature_by_feature(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    y = np.empty(x.shape, dtype=float)
    for j in range(x.shape[1]):
        column = [float(v) for v in x[:, j]]
        mean = sum(column) / len(column)
        squares = sum((v - mean) ** 2 for v in column)
        for i, v in enumerate(column):
            y[i, j] = gamma[j] * (v - mean) / math.sqrt(squares / len(column) + eps) + beta[j]
        running_mean[j] = (1 - momentum) * running_mean[j] + momentum * mean
        running_var[j] = (1 - momentum) * running_var[j] + momentum * squares / (len(column) - 1)
    return y


@way("batchnorm_eval")
def scale_and_shift(x, gamma, beta, running_mean, running_var, eps=1e-5):
    scale = gamma / np.sqrt(running_var + eps)
    return x * scale + (beta - running_mean * scale)


@way("batchnorm_eval")
def row_by_row(x, gamma, beta, running_mean, running_var, eps=1e-5):
    return np.stack([gamma * (row - running_mean) / (running_var + eps) ** 0.5 + beta for row in x])


@way("batchnorm2d_train")
def axes_and_reshaped_parameters(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    mean, var = x.mean((0, 2, 3), keepdims=True), x.var((0, 2, 3), keepdims=True)
    running_mean[:] = (1 - momentum) * running_mean + momentum * mean.ravel()
    running_var[...] = (1 - momentum) * running_var + momentum * x.var((0, 2, 3), ddof=1)
    xhat = (x - mean) / np.sqrt(var + eps)
    return gamma[None, :, None, None] * xhat + beta[None, :, None, None]


@way("batchnorm2d_train")
def channel_by_channel(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    maps = []
    for c in range(x.shape[1]):
        pixels = x[:, c]
        running_mean[c] += momentum * (pixels.mean() - running_mean[c])
        running_var[c] += momentum * (pixels.var() * pixels.size / (pixels.size - 1) - running_var[c])
        maps.append((pixels - pixels.mean()) / np.sqrt(pixels.var() + eps) * gamma[c] + beta[c])
    return np.stack(maps, axis=1)


@way("batchnorm2d_train")
def einsum_and_swapaxes(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    rows = np.moveaxis(x, 1, 0).reshape(x.shape[1], -1)
    mean, var = rows.mean(1), rows.var(1)
    running_mean[:] = running_mean * (1 - momentum) + mean * momentum
    running_var[:] = running_var * (1 - momentum) + rows.var(1, ddof=1) * momentum
    xhat = (x.swapaxes(1, 3) - mean) / np.sqrt(var + eps)
    return (xhat * gamma + beta).swapaxes(1, 3)


@way("batchnorm_backward")
def one_formula(dout, x, gamma, eps=1e-5):
    n = len(x)
    deviation = np.sqrt(x.var(0) + eps)
    xhat = (x - x.mean(0)) / deviation
    dgamma, dbeta = (dout * xhat).sum(0), dout.sum(0)
    return gamma / (n * deviation) * (n * dout - dbeta - xhat * dgamma), dgamma, dbeta


@way("batchnorm_backward")
def by_the_jacobian(dout, x, gamma, eps=1e-5):
    n, d = x.shape
    dx = np.zeros((n, d))
    xhat = (x - x.mean(0)) / np.sqrt(x.var(0) + eps)
    for j in range(d):
        jacobian = np.eye(n) - 1 / n - np.outer(xhat[:, j], xhat[:, j]) / n
        dx[:, j] = jacobian @ dout[:, j] * gamma[j] / np.sqrt(x[:, j].var() + eps)
    return dx, np.einsum("nd,nd->d", dout, xhat), np.einsum("nd->d", dout)


@way("identity_parameters")
def by_power(x, eps=1e-5):
    mean = x.sum(0) / x.shape[0]
    return (((x - mean) ** 2).mean(0) + eps) ** 0.5, mean


@way("identity_parameters")
def by_columns(x, eps=1e-5):
    gamma = np.array([math.sqrt(np.var(column) + eps) for column in x.T])
    return gamma, np.array([np.average(column) for column in x.T])


@way("norm_axes")
def looked_up(kind, ndim):
    return {
        ("batch", 2): (0,), ("layer", 2): (1,), ("batch", 4): (0, 2, 3), ("layer", 4): (1, 2, 3), ("instance", 4): (2, 3),
    }[kind, ndim]  # fmt: skip


@way("norm_axes")
def what_stays_is_taken_out(kind, ndim):
    stays = {"batch": {1}, "layer": {0}, "instance": {0, 1}}[kind]
    return tuple(axis for axis in range(ndim) if axis not in stays)


@way("norm_axes")
def counted_from_the_end(kind, ndim):
    pixels = tuple(range(2 - ndim, 0))
    return {"batch": (*pixels, 0), "layer": (*pixels, 1), "instance": pixels}[kind]


@way("layernorm")
def turned_round(x, gamma, beta, eps=1e-5):
    columns = x.T
    return ((columns - columns.mean(0)) / np.sqrt(columns.var(0) + eps)).T * gamma + beta


@way("layernorm")
def example_by_example(x, gamma, beta, eps=1e-5):
    return np.array([(row - row.mean()) / np.sqrt(row.var() + eps) * gamma + beta for row in x])


@way("fold_batchnorm")
def filter_by_filter(w, b, gamma, beta, running_mean, running_var, eps=1e-5):
    folded, biases = np.array(w, dtype=float), np.array(beta, dtype=float)
    for f in range(len(w)):
        scale = gamma[f] / math.sqrt(running_var[f] + eps)
        folded[f] *= scale
        biases[f] += ((0 if b is None else b[f]) - running_mean[f]) * scale
    return folded, biases


@way("fold_batchnorm")
def with_einsum(w, b, gamma, beta, running_mean, running_var, eps=1e-5):
    scale = gamma * (running_var + eps) ** -0.5
    old = np.zeros_like(beta) if b is None else b
    return np.einsum("fckl,f->fckl", w, scale), scale * (old - running_mean) + beta


@way("activation_bytes")
def with_numpy(shapes, batch_size, bytes_per_value=4):
    return int(sum(np.prod(shape, dtype=np.int64) for shape in shapes)) * batch_size * bytes_per_value


@way("activation_bytes")
def side_by_side(shapes, batch_size, bytes_per_value=4):
    total = 0
    for shape in shapes:
        numbers = batch_size
        for side in shape:
            numbers *= side
        total += numbers * bytes_per_value
    return total


@way("largest_batch")
def floor_of_one_image(shapes, budget_bytes, bytes_per_value=4):
    return budget_bytes // (sum(math.prod(shape) for shape in shapes) * bytes_per_value)


@way("largest_batch")
def one_more_as_long_as_it_fits(shapes, budget_bytes, bytes_per_value=4):
    each = sum(math.prod(shape) for shape in shapes) * bytes_per_value
    low, high = 0, 1
    while each * high <= budget_bytes:
        high *= 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if each * middle <= budget_bytes else (low, middle)
    return low
