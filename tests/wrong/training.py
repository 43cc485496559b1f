"""Wrong answers to the data, step and loss of unit 05, as people write them: only tests and benchmarks may know them."""

from __future__ import annotations

import numpy as np

from wrong import wrong

# ---- fit_normalizer


@wrong("fit_normalizer")
def sample_std(x):
    return x.mean(axis=(0, 2, 3)), x.std(axis=(0, 2, 3), ddof=1)


@wrong("fit_normalizer")
def variance(x):
    return x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))


@wrong("fit_normalizer")
def one_for_all(x):
    return x.mean(), x.std()


@wrong("fit_normalizer")
def mean_image(x):
    return x.mean(axis=0), x.std(axis=0)


@wrong("fit_normalizer")
def per_image(x):
    return x.mean(axis=(2, 3)), x.std(axis=(2, 3))


@wrong("fit_normalizer")
def over_channels(x):
    return x.mean(axis=(1, 2, 3)), x.std(axis=(1, 2, 3))


@wrong("fit_normalizer")
def kept_axes(x):
    return x.mean(axis=(0, 2, 3), keepdims=True), x.std(axis=(0, 2, 3), keepdims=True)


@wrong("fit_normalizer")
def mean_of_stds(x):
    return x.mean((0, 2, 3)), x.std((2, 3)).mean(0)


@wrong("fit_normalizer")
def returns_the_normalized_images(x):
    mean, std = x.mean((0, 2, 3), keepdims=True), x.std((0, 2, 3), keepdims=True)
    return (x - mean) / std


@wrong("fit_normalizer")
def with_an_epsilon(x):
    return x.mean((0, 2, 3)), x.std((0, 2, 3)) + 1e-5


@wrong("fit_normalizer")
def only_the_mean(x):
    return x.mean((0, 2, 3))


@wrong("fit_normalizer")
def std_over_one_axis(x):
    return x.mean((0, 2, 3)), x.std(axis=0).mean((1, 2))


# ---- apply_normalizer


@wrong("apply_normalizer")
def own_statistics(x, mean, std):
    return (x - x.mean((0, 2, 3), keepdims=True)) / x.std((0, 2, 3), keepdims=True)


@wrong("apply_normalizer")
def own_statistics_of_each_image(x, mean, std):
    return (x - x.mean((2, 3), keepdims=True)) / x.std((2, 3), keepdims=True)


@wrong("apply_normalizer")
def without_brackets(x, mean, std):
    return x - mean[:, None, None] / std[:, None, None]


@wrong("apply_normalizer")
def along_the_columns(x, mean, std):
    return (x - mean) / std


@wrong("apply_normalizer")
def only_centred(x, mean, std):
    return x - mean.reshape(1, -1, 1, 1)


@wrong("apply_normalizer")
def only_scaled(x, mean, std):
    return x / std.reshape(1, -1, 1, 1)


@wrong("apply_normalizer")
def by_the_variance(x, mean, std):
    return (x - mean[None, :, None, None]) / std[None, :, None, None] ** 2


@wrong("apply_normalizer")
def std_inverted(x, mean, std):
    return (x - mean[:, None, None]) * std[:, None, None]


@wrong("apply_normalizer")
def first_channel_only(x, mean, std):
    return (x - mean[0]) / std[0]


@wrong("apply_normalizer")
def in_place(x, mean, std):
    x -= mean[:, None, None]
    x /= std[:, None, None]
    return x


@wrong("apply_normalizer")
def back_again(x, mean, std):
    return x * std[:, None, None] + mean[:, None, None]


@wrong("apply_normalizer")
def last_channel_is_forgotten(x, mean, std):
    y = x.copy()
    for c in range(x.shape[1] - 1):
        y[:, c] = (x[:, c] - mean[c]) / std[c]
    return y


# ---- minibatches


@wrong("minibatches")
def whole_batches_only(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    for b in range(len(x) // batch_size):
        chosen = order[b * batch_size : (b + 1) * batch_size]
        yield x[chosen], y[chosen]


@wrong("minibatches")
def labels_unshuffled(x, y, batch_size, rng):
    x = x[rng.permutation(len(x))]
    for i in range(0, len(x), batch_size):
        yield x[i : i + batch_size], y[i : i + batch_size]


@wrong("minibatches")
def two_permutations(x, y, batch_size, rng):
    x, y = rng.permutation(x), rng.permutation(y)
    for i in range(0, len(x), batch_size):
        yield x[i : i + batch_size], y[i : i + batch_size]


@wrong("minibatches")
def never_shuffled(x, y, batch_size, rng):
    for i in range(0, len(x), batch_size):
        yield x[i : i + batch_size], y[i : i + batch_size]


@wrong("minibatches")
def seeded_inside(x, y, batch_size, rng):
    order = np.random.default_rng(0).permutation(len(x))
    for i in range(0, len(x), batch_size):
        yield x[order[i : i + batch_size]], y[order[i : i + batch_size]]


ONCE = {}


@wrong("minibatches")
def shuffled_once_for_ever(x, y, batch_size, rng):
    if len(x) not in ONCE:
        ONCE[len(x)] = rng.permutation(len(x))
    order = ONCE[len(x)]
    for i in range(0, len(x), batch_size):
        yield x[order[i : i + batch_size]], y[order[i : i + batch_size]]


@wrong("minibatches")
def global_generator(x, y, batch_size, rng):
    order = np.random.permutation(len(x))
    for i in range(0, len(x), batch_size):
        yield x[order[i : i + batch_size]], y[order[i : i + batch_size]]


@wrong("minibatches")
def drawn_with_replacement(x, y, batch_size, rng):
    for i in range(0, len(x), batch_size):
        chosen = rng.integers(0, len(x), min(batch_size, len(x) - i))
        yield x[chosen], y[chosen]


@wrong("minibatches")
def order_of_batches_only(x, y, batch_size, rng):
    starts = np.arange(0, len(x), batch_size)
    rng.shuffle(starts)
    for i in starts:
        yield x[i : i + batch_size], y[i : i + batch_size]


@wrong("minibatches")
def returned_too_early(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    for i in range(0, len(x), batch_size):
        return x[order[i : i + batch_size]], y[order[i : i + batch_size]]


@wrong("minibatches")
def changes_the_data(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    x[:], y[:] = x[order], y[order]
    for i in range(0, len(x), batch_size):
        yield x[i : i + batch_size], y[i : i + batch_size]


@wrong("minibatches")
def images_only(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    for i in range(0, len(x), batch_size):
        yield x[order[i : i + batch_size]]


@wrong("minibatches")
def one_batch_too_many(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    for b in range(len(x) // batch_size + 1):
        yield x[order[b * batch_size : (b + 1) * batch_size]], y[order[b * batch_size : (b + 1) * batch_size]]


# ---- sgd_momentum_step


def _each(params, grads, velocity):
    return zip(params, grads, velocity, strict=False)


@wrong("sgd_momentum_step")
def an_average(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    for p, g, v in _each(params, grads, velocity):
        v[...] = momentum * v + (1 - momentum) * (g + weight_decay * p)
        p -= lr * v


@wrong("sgd_momentum_step")
def decay_after_the_step(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    for p, g, v in _each(params, grads, velocity):
        v[...] = momentum * v + g
        p -= lr * v
        p *= 1 - lr * weight_decay


@wrong("sgd_momentum_step")
def decay_beside_the_velocity(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    for p, g, v in _each(params, grads, velocity):
        v[...] = momentum * v + g
        p -= lr * (v + weight_decay * p)


@wrong("sgd_momentum_step")
def rebound(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    for p, g, v in _each(params, grads, velocity):
        v = momentum * v + g + weight_decay * p
        p = p - lr * v


@wrong("sgd_momentum_step")
def new_arrays_in_the_lists(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    for i in range(len(params)):
        velocity[i] = momentum * velocity[i] + grads[i] + weight_decay * params[i]
        params[i] = params[i] - lr * velocity[i]


@wrong("sgd_momentum_step")
def rate_in_the_velocity(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    for p, g, v in _each(params, grads, velocity):
        v[...] = momentum * v + lr * (g + weight_decay * p)
        p -= v


@wrong("sgd_momentum_step")
def velocity_points_downhill(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    for p, g, v in _each(params, grads, velocity):
        v[...] = momentum * v - lr * (g + weight_decay * p)
        p += v


@wrong("sgd_momentum_step")
def velocity_not_kept(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    for p, g, v in _each(params, grads, velocity):
        step = momentum * v + g + weight_decay * p
        p -= lr * step


@wrong("sgd_momentum_step")
def no_decay(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    for p, g, v in _each(params, grads, velocity):
        v[...] = momentum * v + g
        p -= lr * v


@wrong("sgd_momentum_step")
def nesterov(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    for p, g, v in _each(params, grads, velocity):
        g = g + weight_decay * p
        v[...] = momentum * v + g
        p -= lr * (g + momentum * v)


@wrong("sgd_momentum_step")
def no_momentum(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    for p, g, _v in _each(params, grads, velocity):
        p -= lr * (g + weight_decay * p)


@wrong("sgd_momentum_step")
def gradients_changed(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    for p, g, v in _each(params, grads, velocity):
        g += weight_decay * p
        v *= momentum
        v += g
        p -= lr * v


@wrong("sgd_momentum_step")
def uphill(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    for p, g, v in _each(params, grads, velocity):
        v[...] = momentum * v + g + weight_decay * p
        p += lr * v


# ---- softmax_cross_entropy


def _softmax(logits):
    e = np.exp(logits - logits.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def _right(logits, labels):
    z = logits - logits.max(1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(1, keepdims=True))
    d = np.exp(logp)
    d[np.arange(len(labels)), labels] -= 1
    return -logp[np.arange(len(labels)), labels].mean(), d / len(labels)


@wrong("softmax_cross_entropy")
def summed(logits, labels):
    loss, d = _right(logits, labels)
    return loss * len(labels), d * len(labels)


@wrong("softmax_cross_entropy")
def gradient_of_the_sum(logits, labels):
    loss, d = _right(logits, labels)
    return loss, d * len(labels)


@wrong("softmax_cross_entropy")
def unshifted(logits, labels):
    e = np.exp(logits)
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(len(labels)), labels]).mean()
    p[np.arange(len(labels)), labels] -= 1
    return loss, p / len(labels)


@wrong("softmax_cross_entropy")
def unshifted_log_sum(logits, labels):
    total = np.log(np.exp(logits).sum(1))
    loss = (total - logits[np.arange(len(labels)), labels]).mean()
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    p[np.arange(len(labels)), labels] -= 1
    return loss, p / len(labels)


@wrong("softmax_cross_entropy")
def log_of_a_rounded_zero(logits, labels):
    p = _softmax(logits)
    return -np.log(p[np.arange(len(labels)), labels]).mean(), _right(logits, labels)[1]


@wrong("softmax_cross_entropy")
def with_an_epsilon_in_the_log(logits, labels):
    p = _softmax(logits)
    return -np.log(p[np.arange(len(labels)), labels] + 1e-12).mean(), _right(logits, labels)[1]


@wrong("softmax_cross_entropy")
def two_softmaxes(logits, labels):
    return _right(_softmax(logits), labels)


@wrong("softmax_cross_entropy")
def softmax_over_images(logits, labels):
    e = np.exp(logits - logits.max(0))
    p = e / e.sum(0)
    loss = -np.log(p[np.arange(len(labels)), labels]).mean()
    p[np.arange(len(labels)), labels] -= 1
    return loss, p / len(labels)


@wrong("softmax_cross_entropy")
def no_one_hot(logits, labels):
    return _right(logits, labels)[0], _softmax(logits) / len(labels)


@wrong("softmax_cross_entropy")
def one_taken_from_a_whole_column(logits, labels):
    p = _softmax(logits)
    d = p.copy()
    d[:, labels] -= 1
    return _right(logits, labels)[0], d / len(labels)


@wrong("softmax_cross_entropy")
def sign_of_the_gradient(logits, labels):
    loss, d = _right(logits, labels)
    return loss, -d


@wrong("softmax_cross_entropy")
def sign_of_the_loss(logits, labels):
    loss, d = _right(logits, labels)
    return -loss, d


@wrong("softmax_cross_entropy")
def mean_over_everything(logits, labels):
    one_hot = np.eye(logits.shape[1])[labels]
    z = logits - logits.max(1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(1, keepdims=True))
    return -(one_hot * logp).mean(), (_softmax(logits) - one_hot) / len(labels)


@wrong("softmax_cross_entropy")
def only_the_loss(logits, labels):
    return _right(logits, labels)[0]


# ---- found by a second reader


@wrong("fit_normalizer")
def one_std_for_all_channels(x):
    return x.mean(axis=(0, 2, 3)), np.full(x.shape[1], x.std())


@wrong("fit_normalizer")
def mean_distance(x):
    mean = x.mean(axis=(0, 2, 3))
    return mean, abs(x - mean[:, None, None]).mean(axis=(0, 2, 3))


@wrong("apply_normalizer")
def divided_by_its_own_std(x, mean, std):
    return (x - mean[:, None, None]) / x.std(axis=(0, 2, 3), keepdims=True)


@wrong("apply_normalizer")
def one_mean_and_one_std(x, mean, std):
    return (x - mean.mean()) / std.mean()


@wrong("apply_normalizer")
def pixels_of_255(x, mean, std):
    return (x / 255 - mean[:, None, None]) / std[:, None, None]


@wrong("minibatches")
def flattened_images(x, y, batch_size, rng):
    order, x = rng.permutation(len(x)), x.reshape(len(x), -1)
    for i in range(0, len(x), batch_size):
        yield x[order[i : i + batch_size]], y[order[i : i + batch_size]]


@wrong("minibatches")
def fractional_labels(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    for i in range(0, len(x), batch_size):
        yield x[order[i : i + batch_size]], y[order[i : i + batch_size]].astype(float)


@wrong("minibatches")
def shuffled_inside_each_batch(x, y, batch_size, rng):
    for i in range(0, len(x), batch_size):
        order = i + rng.permutation(min(batch_size, len(x) - i))
        yield x[order], y[order]


@wrong("minibatches")
def order_of_the_batches_only(x, y, batch_size, rng):
    for i in rng.permutation(range(0, len(x), batch_size)):
        yield x[i : i + batch_size], y[i : i + batch_size]


@wrong("minibatches")
def permutation_inside_the_loop(x, y, batch_size, rng):
    for i in range(0, len(x), batch_size):
        order = rng.permutation(len(x))
        yield x[order[i : i + batch_size]], y[order[i : i + batch_size]]


@wrong("minibatches")
def one_row_too_few_in_range(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    for i in range(0, len(x) - 1, batch_size):
        yield x[order[i : i + batch_size]], y[order[i : i + batch_size]]


@wrong("minibatches")
def slices_one_short(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    for i in range(0, len(x), batch_size):
        yield x[order[i : i + batch_size - 1]], y[order[i : i + batch_size - 1]]


@wrong("minibatches")
def last_batch_filled_up(x, y, batch_size, rng):
    order = rng.permutation(len(x))
    for i in range(0, len(x), batch_size):
        chosen = order[i : i + batch_size]
        chosen = np.concatenate([chosen, order[: batch_size - len(chosen)]])
        yield x[chosen], y[chosen]


@wrong("sgd_momentum_step")
def step_before_the_velocity(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    for p, g, v in zip(params, grads, velocity, strict=True):
        p -= lr * v
        v *= momentum
        v += g + weight_decay * p


@wrong("sgd_momentum_step")
def return_inside_the_loop(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    for p, g, v in zip(params, grads, velocity, strict=True):
        v *= momentum
        v += g + weight_decay * p
        p -= lr * v
        return


@wrong("sgd_momentum_step")
def momentum_times_gradient(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    for p, g, v in zip(params, grads, velocity, strict=True):
        v += momentum * (g + weight_decay * p)
        p -= lr * v


@wrong("sgd_momentum_step")
def momentum_as_a_constant(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    for p, g, v in zip(params, grads, velocity, strict=True):
        v *= 0.9
        v += g + weight_decay * p
        p -= lr * v


def _log_softmax(z):
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def _one_hot(logits, labels):
    return np.eye(logits.shape[1])[labels]


@wrong("softmax_cross_entropy")
def largest_of_all_logits(logits, labels):
    z, n = logits - logits.max(), len(labels)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -log_p[np.arange(n), labels].mean(), (np.exp(log_p) - _one_hot(logits, labels)) / n


@wrong("softmax_cross_entropy")
def loss_of_whole_columns(logits, labels):
    log_p = _log_softmax(logits)
    return -log_p[:, labels].mean(), (np.exp(log_p) - _one_hot(logits, labels)) / len(labels)


@wrong("softmax_cross_entropy")
def gradient_only_at_the_label(logits, labels):
    log_p, one = _log_softmax(logits), _one_hot(logits, labels)
    return -(log_p * one).sum() / len(one), (np.exp(log_p) - 1) * one / len(one)


@wrong("softmax_cross_entropy")
def gradient_of_the_logarithm_alone(logits, labels):
    log_p, one = _log_softmax(logits), _one_hot(logits, labels)
    return -(log_p * one).sum() / len(one), -one / np.exp(log_p) / len(one)


@wrong("softmax_cross_entropy")
def gradient_over_classes(logits, labels):
    log_p, one = _log_softmax(logits), _one_hot(logits, labels)
    return -(log_p * one).sum() / len(one), (np.exp(log_p) - one) / one.shape[1]


@wrong("dead_fraction")
def with_a_tolerance(activations):
    return (activations.max(axis=0) < 1e-3).mean()


@wrong("dead_fraction")
def mostly_at_zero(activations):
    return ((activations <= 0).mean(axis=0) > 0.5).mean()
