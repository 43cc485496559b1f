"""Wrong answers to the exercises of unit 06, as people really write them."""

from __future__ import annotations

import numpy as np

from wrong import wrong

# ---- batchnorm_train and batchnorm2d_train: one body, one thing changed each


def batch_norm(train=True, **changed):
    """Return a learner's batch norm with parts of it replaced; each part is a function of what is known so far."""

    def part(name, usual):
        return changed.get(name, usual)

    def answer(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
        axis = part("axis", 0 if x.ndim == 2 else (0, 2, 3))
        shape = part("shape", (-1,) if x.ndim == 2 else (1, -1, 1, 1))
        mean, var = x.mean(axis=axis), x.var(axis=axis, ddof=part("ddof", 0))
        count = part("count", lambda x: x.size // x.shape[1])(x)
        part("keep", usual_keep)(running_mean, running_var, mean, var, momentum, count, eps)
        xhat = part("xhat", usual_xhat)(x, mean.reshape(shape), var.reshape(shape), eps)
        return part("out", usual_out)(xhat, gamma.reshape(shape), beta.reshape(shape))

    return answer


def usual_keep(running_mean, running_var, mean, var, momentum, n, eps):
    running_mean[:] = (1 - momentum) * running_mean + momentum * mean
    running_var[:] = (1 - momentum) * running_var + momentum * var * n / (n - 1)


def usual_xhat(x, mean, var, eps):
    return (x - mean) / np.sqrt(var + eps)


def usual_out(xhat, gamma, beta):
    return gamma * xhat + beta


def keep_variance(function):
    """Return a way to keep statistics whose running variance is made by `function`."""

    def keep(running_mean, running_var, mean, var, momentum, n, eps):
        running_mean[:] = (1 - momentum) * running_mean + momentum * mean
        running_var[:] = function(running_var, var, momentum, n, eps)

    return keep


def rebound(running_mean, running_var, mean, var, momentum, n, eps):
    running_mean = (1 - momentum) * running_mean + momentum * mean
    running_var = (1 - momentum) * running_var + momentum * var * n / (n - 1)


def reversed_momentum(running_mean, running_var, mean, var, momentum, n, eps):
    running_mean[:] = momentum * running_mean + (1 - momentum) * mean
    running_var[:] = momentum * running_var + (1 - momentum) * var * n / (n - 1)


def replaced(running_mean, running_var, mean, var, momentum, n, eps):
    running_mean[:] = mean
    running_var[:] = var * n / (n - 1)


def only_mean(running_mean, running_var, mean, var, momentum, n, eps):
    running_mean[:] = (1 - momentum) * running_mean + momentum * mean


def only_variance(running_mean, running_var, mean, var, momentum, n, eps):
    running_var[:] = (1 - momentum) * running_var + momentum * var * n / (n - 1)


def only_added(running_mean, running_var, mean, var, momentum, n, eps):
    running_mean += momentum * mean
    running_var += momentum * var * n / (n - 1)


def replaced_and_biased(running_mean, running_var, mean, var, momentum, n, eps):
    running_mean[:] = mean
    running_var[:] = var


FAULTS = {
    "running_statistics_rebound": {"keep": rebound},
    "nothing_kept": {"keep": lambda *known: None},
    "variance_never_updated": {"keep": only_mean},
    "mean_never_updated": {"keep": only_variance},
    "biased_running_variance": {"keep": keep_variance(lambda old, var, m, n, eps: (1 - m) * old + m * var)},
    "deviation_kept": {"keep": keep_variance(lambda old, var, m, n, eps: (1 - m) * old + m * np.sqrt(var))},
    "unbiased_deviation_kept": {"keep": keep_variance(lambda old, var, m, n, eps: (1 - m) * old + m * np.sqrt(var * n / (n - 1)))},
    "eps_kept": {"keep": keep_variance(lambda old, var, m, n, eps: (1 - m) * old + m * (var * n / (n - 1) + eps))},
    "momentum_reversed": {"keep": reversed_momentum},
    "replaced_by_the_batch": {"keep": replaced},
    "replaced_by_the_batch_and_biased": {"keep": replaced_and_biased},
    "old_not_made_smaller": {"keep": only_added},
    "normalised_with_the_unbiased_variance": {"xhat": lambda x, m, v, e: (x - m) / np.sqrt(v * (x.size // x.shape[1]) / (x.size // x.shape[1] - 1) + e)},
    "ddof_1_everywhere": {"ddof": 1, "count": lambda x: np.inf, "keep": keep_variance(lambda old, var, m, n, eps: (1 - m) * old + m * var)},
    "eps_outside_the_root": {"xhat": lambda x, m, v, e: (x - m) / (np.sqrt(v) + e)},
    "no_eps": {"xhat": lambda x, m, v, e: (x - m) / np.sqrt(v)},
    "divided_by_the_variance": {"xhat": lambda x, m, v, e: (x - m) / (v + e)},
    "only_centred": {"xhat": lambda x, m, v, e: x - m},
    "not_centred": {"xhat": lambda x, m, v, e: x / np.sqrt(v + e)},
    "gamma_forgotten": {"out": lambda xhat, gamma, beta: xhat + beta},
    "beta_forgotten": {"out": lambda xhat, gamma, beta: gamma * xhat},
    "both_forgotten": {"out": lambda xhat, gamma, beta: xhat},
    "gamma_and_beta_swapped": {"out": lambda xhat, gamma, beta: beta * xhat + gamma},
    "bracket_in_the_wrong_place": {"out": lambda xhat, gamma, beta: gamma * (xhat + beta)},
    "everything_in_one": {"axis": None},
}  # fmt: skip

for told, change in FAULTS.items():
    one = batch_norm(**change)
    one.__name__ = told
    wrong("batchnorm_train", "batchnorm2d_train")(one)


@wrong("batchnorm_train")
def layer_norm_instead(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    usual_keep(running_mean, running_var, x.mean(0), x.var(0), momentum, len(x), eps)
    mean, var = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta


@wrong("batchnorm_train", "batchnorm2d_train")
def running_statistics_used(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    axis, shape = (0, -1) if x.ndim == 2 else ((0, 2, 3), (1, -1, 1, 1))
    usual_keep(running_mean, running_var, x.mean(axis), x.var(axis), momentum, x.size // x.shape[1], eps)
    xhat = (x - running_mean.reshape(shape)) / np.sqrt(running_var.reshape(shape) + eps)
    return gamma.reshape(shape) * xhat + beta.reshape(shape)


@wrong("batchnorm_train", "batchnorm2d_train")
def gamma_and_beta_first(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    axis, shape = (0, -1) if x.ndim == 2 else ((0, 2, 3), (1, -1, 1, 1))
    x = x * gamma.reshape(shape) + beta.reshape(shape)
    mean, var = x.mean(axis), x.var(axis)
    usual_keep(running_mean, running_var, mean, var, momentum, x.size // x.shape[1], eps)
    return (x - mean.reshape(shape)) / np.sqrt(var.reshape(shape) + eps)


@wrong("batchnorm_train")
def works_in_place(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    usual_keep(running_mean, running_var, x.mean(0), x.var(0), momentum, len(x), eps)
    x -= x.mean(0)
    return x / np.sqrt(x.var(0) + eps) * gamma + beta


@wrong("batchnorm_train")
def means_of_rows(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    mean, var = x.mean(axis=1), x.var(axis=1)
    usual_keep(running_mean, running_var, mean, var, momentum, len(x), eps)
    return (x - mean) / np.sqrt(var + eps) * gamma + beta


@wrong("batchnorm2d_train")
def broadcast_over_the_width(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3))
    usual_keep(running_mean, running_var, mean, var, momentum, x.size // x.shape[1], eps)
    return (x - mean) / np.sqrt(var + eps) * gamma + beta


@wrong("batchnorm2d_train")
def gamma_over_the_width(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    mean, var = x.mean((0, 2, 3), keepdims=True), x.var((0, 2, 3), keepdims=True)
    usual_keep(running_mean, running_var, mean.ravel(), var.ravel(), momentum, x.size // x.shape[1], eps)
    return (x - mean) / np.sqrt(var + eps) * gamma + beta


@wrong("batchnorm2d_train")
def each_image_alone(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    usual_keep(
        running_mean, running_var, x.mean((0, 2, 3)), x.var((0, 2, 3)), momentum, x.size // x.shape[1], eps
    )
    mean, var = x.mean((2, 3), keepdims=True), x.var((2, 3), keepdims=True)
    return (x - mean) / np.sqrt(var + eps) * gamma[:, None, None] + beta[:, None, None]


@wrong("batchnorm2d_train")
def reshaped_without_moving(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    n, c, h, w = x.shape
    rows = x.reshape(-1, c)
    mean, var = rows.mean(0), rows.var(0)
    usual_keep(running_mean, running_var, mean, var, momentum, len(rows), eps)
    return ((rows - mean) / np.sqrt(var + eps) * gamma + beta).reshape(n, c, h, w)


@wrong("batchnorm2d_train")
def not_moved_back(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    n, c, h, w = x.shape
    rows = x.transpose(0, 2, 3, 1).reshape(-1, c)
    mean, var = rows.mean(0), rows.var(0)
    usual_keep(running_mean, running_var, mean, var, momentum, len(rows), eps)
    return ((rows - mean) / np.sqrt(var + eps) * gamma + beta).reshape(n, c, h, w)


@wrong("batchnorm2d_train")
def channels_last_returned(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    last = x.transpose(0, 2, 3, 1)
    mean, var = last.mean((0, 1, 2)), last.var((0, 1, 2))
    usual_keep(running_mean, running_var, mean, var, momentum, x.size // x.shape[1], eps)
    return (last - mean) / np.sqrt(var + eps) * gamma + beta


@wrong("batchnorm2d_train")
def corrected_by_the_images(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    mean, var = x.mean((0, 2, 3), keepdims=True), x.var((0, 2, 3), keepdims=True)
    usual_keep(running_mean, running_var, mean.ravel(), var.ravel(), momentum, len(x), eps)
    return (x - mean) / np.sqrt(var + eps) * gamma[:, None, None] + beta[:, None, None]


@wrong("batchnorm2d_train")
def each_pixel_alone(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    usual_keep(
        running_mean, running_var, x.mean((0, 2, 3)), x.var((0, 2, 3)), momentum, x.size // x.shape[1], eps
    )
    return (x - x.mean(0)) / np.sqrt(x.var(0) + eps) * gamma[:, None, None] + beta[:, None, None]


# ---- batchnorm_eval

TESTS = {
    "batch_statistics": lambda x, g, b, rm, rv, eps: (x - x.mean(0)) / np.sqrt(x.var(0) + eps) * g + b,
    "eps_beside_the_root": lambda x, g, b, rm, rv, eps: (x - rm) / (np.sqrt(rv) + eps) * g + b,
    "eps_missing": lambda x, g, b, rm, rv, eps: (x - rm) / np.sqrt(rv) * g + b,
    "variance_for_deviation": lambda x, g, b, rm, rv, eps: (x - rm) / (rv + eps) * g + b,
    "nothing_learned_at_test_time": lambda x, g, b, rm, rv, eps: (x - rm) / np.sqrt(rv + eps),
    "no_beta": lambda x, g, b, rm, rv, eps: (x - rm) / np.sqrt(rv + eps) * g,
    "no_gamma": lambda x, g, b, rm, rv, eps: (x - rm) / np.sqrt(rv + eps) + b,
    "swapped": lambda x, g, b, rm, rv, eps: (x - rm) / np.sqrt(rv + eps) * b + g,
    "mean_of_the_batch": lambda x, g, b, rm, rv, eps: (x - x.mean(0)) / np.sqrt(rv + eps) * g + b,
    "variance_of_the_batch": lambda x, g, b, rm, rv, eps: (x - rm) / np.sqrt(x.var(0) + eps) * g + b,
    "mean_forgotten": lambda x, g, b, rm, rv, eps: x / np.sqrt(rv + eps) * g + b,
    "mean_and_variance_swapped": lambda x, g, b, rm, rv, eps: (x - rv) / np.sqrt(rm + eps) * g + b,
}


def test_time(function):
    return lambda x, gamma, beta, running_mean, running_var, eps=1e-5: function(
        x, gamma, beta, running_mean, running_var, eps
    )


for told, rule in TESTS.items():
    one = test_time(rule)
    one.__name__ = told
    wrong("batchnorm_eval")(one)


@wrong("batchnorm_eval")
def goes_on_updating(x, gamma, beta, running_mean, running_var, eps=1e-5):
    y = (x - running_mean) / np.sqrt(running_var + eps) * gamma + beta
    running_mean[:] = 0.9 * running_mean + 0.1 * x.mean(0)
    running_var[:] = 0.9 * running_var + 0.1 * x.var(0)
    return y


@wrong("batchnorm_eval")
def updated_then_used(x, gamma, beta, running_mean, running_var, eps=1e-5):
    running_mean[:] = 0.9 * running_mean + 0.1 * x.mean(0)
    running_var[:] = 0.9 * running_var + 0.1 * x.var(0)
    return (x - running_mean) / np.sqrt(running_var + eps) * gamma + beta


# ---- batchnorm_backward


def backward(dx=None, dgamma=None, dbeta=None, order=(0, 1, 2)):
    """Return a learner's backward pass with one gradient made in another way."""

    def answer(dout, x, gamma, eps=1e-5):
        n, s = len(x), np.sqrt(x.var(0) + eps)
        xhat = (x - x.mean(0)) / s
        right = gamma / s * (dout - dout.mean(0) - xhat * (dout * xhat).mean(0))
        made = (
            dx(dout, x, xhat, s, gamma, n) if dx else right,
            dgamma(dout, x, xhat, gamma) if dgamma else (dout * xhat).sum(0),
            dbeta(dout, gamma) if dbeta else dout.sum(0),
        )
        return tuple(made[i] for i in order)

    return answer


BACKWARD = {
    "statistics_as_constants": {"dx": lambda d, x, xh, s, g, n: g * d / s},
    "no_mean_part": {"dx": lambda d, x, xh, s, g, n: g / s * (d - xh * (d * xh).mean(0))},
    "no_variance_part": {"dx": lambda d, x, xh, s, g, n: g / s * (d - d.mean(0))},
    "sums_for_means": {"dx": lambda d, x, xh, s, g, n: g / s * (d - d.sum(0) - xh * (d * xh).sum(0))},
    "gamma_missing": {"dx": lambda d, x, xh, s, g, n: (d - d.mean(0) - xh * (d * xh).mean(0)) / s},
    "deviation_missing": {"dx": lambda d, x, xh, s, g, n: g * (d - d.mean(0) - xh * (d * xh).mean(0))},
    "divided_by_n_twice": {
        "dx": lambda d, x, xh, s, g, n: g / s / n * (d - d.mean(0) - xh * (d * xh).mean(0))
    },
    "plus_for_minus": {"dx": lambda d, x, xh, s, g, n: g / s * (d + d.mean(0) + xh * (d * xh).mean(0))},
    "not_summed": {"dgamma": lambda d, x, xh, g: d * xh, "dbeta": lambda d, g: d},
    "averaged": {"dgamma": lambda d, x, xh, g: (d * xh).mean(0), "dbeta": lambda d, g: d.mean(0)},
    "with_the_raw_x": {"dgamma": lambda d, x, xh, g: (d * x).sum(0)},
    "with_the_centred_x": {"dgamma": lambda d, x, xh, g: (d * (x - x.mean(0))).sum(0)},
    "gamma_in_dgamma": {"dgamma": lambda d, x, xh, g: (d * xh * g).sum(0)},
    "gamma_in_dbeta": {"dbeta": lambda d, g: (d * g).sum(0)},
    "other_order": {"order": (0, 2, 1)},
    "gamma_first": {"order": (1, 2, 0)},
}

for told, change in BACKWARD.items():
    one = backward(**change)
    one.__name__ = told
    wrong("batchnorm_backward")(one)


@wrong("batchnorm_backward")
def unbiased_variance(dout, x, gamma, eps=1e-5):
    n, s = len(x), np.sqrt(x.var(0, ddof=1) + eps)
    xhat = (x - x.mean(0)) / s
    dx = gamma / s * (dout - dout.mean(0) - xhat * (dout * xhat).sum(0) / (n - 1))
    return dx, (dout * xhat).sum(0), dout.sum(0)


@wrong("batchnorm_backward")
def eps_forgotten(dout, x, gamma, eps=1e-5):
    s = np.sqrt(x.var(0))
    xhat = (x - x.mean(0)) / s
    return gamma / s * (dout - dout.mean(0) - xhat * (dout * xhat).mean(0)), (dout * xhat).sum(0), dout.sum(0)


# ---- identity_parameters

UNDO = {
    "no_eps_in_gamma": lambda x, eps: (x.std(0), x.mean(0)),
    "eps_added_to_the_deviation": lambda x, eps: (x.std(0) + eps, x.mean(0)),
    "variance_as_gamma": lambda x, eps: (x.var(0), x.mean(0)),
    "variance_and_eps_as_gamma": lambda x, eps: (x.var(0) + eps, x.mean(0)),
    "upside_down": lambda x, eps: (1 / np.sqrt(x.var(0) + eps), x.mean(0)),
    "unbiased": lambda x, eps: (np.sqrt(x.var(0, ddof=1) + eps), x.mean(0)),
    "negative_mean": lambda x, eps: (np.sqrt(x.var(0) + eps), -x.mean(0)),
    "normalises_once_more": lambda x, eps: (
        1 / np.sqrt(x.var(0) + eps),
        -x.mean(0) / np.sqrt(x.var(0) + eps),
    ),
    "mean_over_deviation": lambda x, eps: (np.sqrt(x.var(0) + eps), x.mean(0) / np.sqrt(x.var(0) + eps)),
    "ones_and_zeros": lambda x, eps: (np.ones(x.shape[1]), np.zeros(x.shape[1])),
    "other_way_round": lambda x, eps: (x.mean(0), np.sqrt(x.var(0) + eps)),
    "one_for_all": lambda x, eps: (np.sqrt(x.var() + eps), x.mean()),
    "by_row": lambda x, eps: (np.sqrt(x.var(1) + eps), x.mean(1)),
    "axis_kept": lambda x, eps: (np.sqrt(x.var(0, keepdims=True) + eps), x.mean(0, keepdims=True)),
}


def undo(rule):
    return lambda x, eps=1e-5: rule(x, eps)


for told, rule in UNDO.items():
    one = undo(rule)
    one.__name__ = told
    wrong("identity_parameters")(one)

# ---- norm_axes

AXES = {
    "exchanged": lambda kind, ndim: {"layer": (0, *range(2, ndim)), "batch": tuple(range(1, ndim)), "instance": (2, 3)}[kind],
    "those_that_stay": lambda kind, ndim: {"batch": (1,), "layer": (0,), "instance": (0, 1)}[kind],
    "images_only": lambda kind, ndim: {"batch": (0,), "layer": tuple(range(1, ndim)), "instance": (2, 3)}[kind],
    "pixels_only_for_batch": lambda kind, ndim: {"batch": (2, 3) if ndim == 4 else (0,), "layer": tuple(range(1, ndim)), "instance": (2, 3)}[kind],
    "channels_only": lambda kind, ndim: {"batch": (0, *range(2, ndim)), "layer": (1,), "instance": (2, 3)}[kind],
    "last_axis": lambda kind, ndim: {"batch": (0, *range(2, ndim)), "layer": (ndim - 1,), "instance": (2, 3)}[kind],
    "everything_for_batch": lambda kind, ndim: {"batch": tuple(range(ndim)), "layer": tuple(range(1, ndim)), "instance": (2, 3)}[kind],
    "instance_with_channels": lambda kind, ndim: {"batch": (0, *range(2, ndim)), "layer": tuple(range(1, ndim)), "instance": (1, 2, 3)}[kind],
    "instance_with_images": lambda kind, ndim: {"batch": (0, *range(2, ndim)), "layer": tuple(range(1, ndim)), "instance": (0, 2, 3)}[kind],
    "vectors_only": lambda kind, ndim: {"batch": (0,), "layer": (1,), "instance": (2, 3)}[kind],
    "from_1": lambda kind, ndim: {"batch": (1, *range(3, ndim + 1)), "layer": tuple(range(2, ndim + 1)), "instance": (3, 4)}[kind],
    "a_number_for_one": lambda kind, ndim: {("batch", 2): 0, ("layer", 2): 1}.get((kind, ndim), (0, 2, 3)),
    "lists": lambda kind, ndim: {"batch": [0, *range(2, ndim)], "layer": list(range(1, ndim)), "instance": [2, 3]}[kind],
}  # fmt: skip

for told, rule in AXES.items():
    rule.__name__ = told
    wrong("norm_axes")(rule)

# ---- layernorm

LAYER = {
    "batch_norm": lambda x, g, b, eps: (x - x.mean(0)) / np.sqrt(x.var(0) + eps) * g + b,
    "all_together": lambda x, g, b, eps: (x - x.mean()) / np.sqrt(x.var() + eps) * g + b,
    "no_keepdims": lambda x, g, b, eps: (x - x.mean(1)) / np.sqrt(x.var(1) + eps) * g + b,
    "with_ddof": lambda x, g, b, eps: (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, ddof=1, keepdims=True) + eps) * g + b,
    "eps_to_the_deviation": lambda x, g, b, eps: (x - x.mean(1, keepdims=True)) / (x.std(1, keepdims=True) + eps) * g + b,
    "without_eps": lambda x, g, b, eps: (x - x.mean(1, keepdims=True)) / x.std(1, keepdims=True) * g + b,
    "by_the_variance": lambda x, g, b, eps: (x - x.mean(1, keepdims=True)) / (x.var(1, keepdims=True) + eps) * g + b,
    "without_gamma": lambda x, g, b, eps: (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + eps) + b,
    "without_beta": lambda x, g, b, eps: (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + eps) * g,
    "gamma_beta_swapped": lambda x, g, b, eps: (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + eps) * b + g,
    "not_centred_rows": lambda x, g, b, eps: x / np.sqrt(x.var(1, keepdims=True) + eps) * g + b,
    "brackets": lambda x, g, b, eps: (((x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + eps)) + b) * g,
    "gamma_by_example": lambda x, g, b, eps: (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + eps) * g[:, None] + b[:, None],
}  # fmt: skip


def layer(rule):
    return lambda x, gamma, beta, eps=1e-5: rule(x, gamma, beta, eps)


for told, rule in LAYER.items():
    one = layer(rule)
    one.__name__ = told
    wrong("layernorm")(one)

# ---- fold_batchnorm; a is gamma / deviation, c the factor in the shape of w

FOLD = {
    "bias_lost": lambda w, b, a, c, g, beta, m, v, eps: (w * c, beta - m * a),
    "bias_as_it_was": lambda w, b, a, c, g, beta, m, v, eps: (w * c, beta - m * a + b),
    "mean_lost": lambda w, b, a, c, g, beta, m, v, eps: (w * c, b * a + beta),
    "mean_as_it_was": lambda w, b, a, c, g, beta, m, v, eps: (w * c, b * a - m + beta),
    "mean_added": lambda w, b, a, c, g, beta, m, v, eps: (w * c, (b + m) * a + beta),
    "beta_lost": lambda w, b, a, c, g, beta, m, v, eps: (w * c, (b - m) * a),
    "beta_scaled": lambda w, b, a, c, g, beta, m, v, eps: (w * c, (b - m + beta) * a),
    "weights_untouched": lambda w, b, a, c, g, beta, m, v, eps: (w, (b - m) * a + beta),
    "gamma_lost": lambda w, b, a, c, g, beta, m, v, eps: (w * (c / g[:, None, None, None]), (b - m) * (a / g) + beta),
    "gamma_not_in_the_bias": lambda w, b, a, c, g, beta, m, v, eps: (w * c, (b - m) * (a / g) + beta),
    "eps_lost": lambda w, b, a, c, g, beta, m, v, eps: (w * (g / np.sqrt(v))[:, None, None, None], (b - m) * g / np.sqrt(v) + beta),
    "eps_next_to_the_root": lambda w, b, a, c, g, beta, m, v, eps: (w * (g / (np.sqrt(v) + eps))[:, None, None, None], (b - m) * g / (np.sqrt(v) + eps) + beta),
    "variance_divides": lambda w, b, a, c, g, beta, m, v, eps: (w * (g / (v + eps))[:, None, None, None], (b - m) * g / (v + eps) + beta),
    "along_the_columns": lambda w, b, a, c, g, beta, m, v, eps: (w * a, (b - m) * a + beta),
    "along_the_channels": lambda w, b, a, c, g, beta, m, v, eps: (w * a[:, None, None], (b - m) * a + beta),
    "swapped_results": lambda w, b, a, c, g, beta, m, v, eps: ((b - m) * a + beta, w * c),
}  # fmt: skip


def fold(rule):
    def answer(w, b, gamma, beta, running_mean, running_var, eps=1e-5):
        b = np.zeros(len(w)) if b is None else b
        a = gamma / np.sqrt(running_var + eps)
        return rule(w, b, a, a[:, None, None, None], gamma, beta, running_mean, running_var, eps)

    return answer


for told, rule in FOLD.items():
    one = fold(rule)
    one.__name__ = told
    wrong("fold_batchnorm")(one)

# ---- activation_bytes and largest_batch


def numbers(shapes):
    return sum(int(np.prod(shape)) for shape in shapes)


COSTS = {
    "one_image": lambda shapes, n, size: numbers(shapes) * size,
    "values_only": lambda shapes, n, size: numbers(shapes) * n,
    "always_four": lambda shapes, n, size: numbers(shapes) * n * 4,
    "largest_layer": lambda shapes, n, size: max(int(np.prod(s)) for s in shapes) * n * size,
    "last_layer": lambda shapes, n, size: int(np.prod(shapes[-1])) * n * size,
    "first_layer": lambda shapes, n, size: int(np.prod(shapes[0])) * n * size,
    "sides_added": lambda shapes, n, size: sum(sum(s) for s in shapes) * n * size,
    "a_set_of_shapes": lambda shapes, n, size: numbers(set(shapes)) * n * size,
    "twice": lambda shapes, n, size: 2 * numbers(shapes) * n * size,
    "megabytes": lambda shapes, n, size: numbers(shapes) * n * size / 2**20,
    "channels_forgotten": lambda shapes, n, size: sum(int(np.prod(s[-2:])) for s in shapes) * n * size,
    "bits": lambda shapes, n, size: numbers(shapes) * n * size * 8,
}


def cost(rule):
    return lambda shapes, batch_size, bytes_per_value=4: rule(shapes, batch_size, bytes_per_value)


for told, rule in COSTS.items():
    one = cost(rule)
    one.__name__ = told
    wrong("activation_bytes")(one)

BATCHES = {
    "divided": lambda shapes, budget, size: budget / (numbers(shapes) * size),
    "rounded": lambda shapes, budget, size: round(budget / (numbers(shapes) * size)),
    "rounded_up": lambda shapes, budget, size: int(np.ceil(budget / (numbers(shapes) * size))),
    "at_least_one": lambda shapes, budget, size: max(1, budget // (numbers(shapes) * size)),
    "one_more": lambda shapes, budget, size: budget // (numbers(shapes) * size) + 1,
    "strictly_below": lambda shapes, budget, size: max(0, (budget - 1) // (numbers(shapes) * size)),
    "no_bytes": lambda shapes, budget, size: budget // numbers(shapes),
    "four_bytes": lambda shapes, budget, size: budget // (numbers(shapes) * 4),
    "largest_activation": lambda shapes, budget, size: (
        budget // (max(int(np.prod(s)) for s in shapes) * size)
    ),
    "power_of_two": lambda shapes, budget, size: (
        2 ** int(np.log2(max(1, budget // (numbers(shapes) * size))))
    ),
    "sides": lambda shapes, budget, size: budget // (sum(sum(s) for s in shapes) * size),
    "one_less": lambda shapes, budget, size: budget // (numbers(shapes) * size) - 1,
}


def batch(rule):
    return lambda shapes, budget_bytes, bytes_per_value=4: rule(shapes, budget_bytes, bytes_per_value)


for told, rule in BATCHES.items():
    one = batch(rule)
    one.__name__ = told
    wrong("largest_batch")(one)
