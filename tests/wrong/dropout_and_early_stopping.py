"""Wrong answers to the NumPy exercises of unit 07, as people really write them."""

from __future__ import annotations

import itertools
import math

import numpy as np

from wrong import wrong

# ---- dropout_classic


@wrong("dropout_classic")
def times_p_at_test_time(x, p, training, rng):
    if training:
        return x * (rng.random(x.shape) >= p)
    return x * p


@wrong("dropout_classic")
def inverted_instead(x, p, training, rng):
    return x * (rng.random(x.shape) >= p) / (1 - p) if training else x


@wrong("dropout_classic")
def kept_with_probability_p(x, p, training, rng):
    if not training:
        return x * (1 - p)
    return x * (rng.random(x.shape) < p)


@wrong("dropout_classic")
def never_scaled(x, p, training, rng):
    return x * (rng.random(x.shape) >= p) if training else x


@wrong("dropout_classic")
def scaled_in_both(x, p, training, rng):
    if training:
        return x * (rng.random(x.shape) >= p) / (1 - p)
    return x * (1 - p)


@wrong("dropout_classic")
def one_mask_for_the_batch(x, p, training, rng):
    if not training:
        return x * (1 - p)
    return x * (rng.random(x.shape[1:]) >= p)


@wrong("dropout_classic")
def whole_rows(x, p, training, rng):
    if not training:
        return x * (1 - p)
    keep = rng.random(len(x)) >= p
    return x * keep.reshape(-1, *[1] * (x.ndim - 1))


@wrong("dropout_classic")
def whole_channels(x, p, training, rng):
    if not training:
        return x * (1 - p)
    sides = x.shape if x.ndim < 4 else (*x.shape[:2], 1, 1)
    return x * (rng.random(sides) >= p)


@wrong("dropout_classic")
def global_generator(x, p, training, rng):
    return x * (np.random.rand(*x.shape) >= p) if training else x * (1 - p)


@wrong("dropout_classic")
def seeded_inside(x, p, training, rng):
    rng = np.random.default_rng(0)
    return x * (rng.random(x.shape) >= p) if training else x * (1 - p)


@wrong("dropout_classic")
def drawn_in_evaluation(x, p, training, rng):
    y = x * (rng.random(x.shape) >= p)
    return y if training else y * (1 - p)


@wrong("dropout_classic")
def exactly_a_share(x, p, training, rng):
    if not training:
        return x * (1 - p)
    y = x.copy().reshape(-1)
    y[rng.permutation(y.size)[: round(p * y.size)]] = 0
    return y.reshape(x.shape)


@wrong("dropout_classic")
def the_mode_turned_round(x, p, training, rng):
    if not training:
        return x * (rng.random(x.shape) >= p)
    return x * (1 - p)


@wrong("dropout_classic")
def drops_in_place(x, p, training, rng):
    if training:
        x[rng.random(x.shape) < p] = 0
        return x
    return x * (1 - p)


# ---- dropout


@wrong("dropout")
def mask_without_the_scale(x, p, training, rng):
    if not training:
        return x, np.ones_like(x)
    mask = (rng.random(x.shape) >= p).astype(float)
    return x * mask / (1 - p), mask


@wrong("dropout")
def divided_by_p(x, p, training, rng):
    if not training or p == 0:
        return x, np.ones_like(x)
    mask = (rng.random(x.shape) >= p) / p
    return x * mask, mask


@wrong("dropout")
def multiplied_by_keep(x, p, training, rng):
    if not training:
        return x, np.ones_like(x)
    mask = (rng.random(x.shape) >= p) * (1 - p)
    return x * mask, mask


@wrong("dropout")
def scaled_twice(x, p, training, rng):
    if not training:
        return x, np.ones_like(x)
    mask = (rng.random(x.shape) >= p) / (1 - p)
    return x * mask / (1 - p), mask


@wrong("dropout")
def scaled_at_test_time(x, p, training, rng):
    mask = (rng.random(x.shape) >= p) / (1 - p) if training else np.full(x.shape, 1 - p)
    return x * mask, mask


@wrong("dropout")
def the_classic_recipe(x, p, training, rng):
    mask = (rng.random(x.shape) >= p).astype(x.dtype) if training else np.full(x.shape, 1 - p, x.dtype)
    return x * mask, mask


@wrong("dropout")
def keep_and_drop(x, p, training, rng):
    if not training:
        return x, np.ones_like(x)
    mask = (rng.random(x.shape) < p) / (1 - p)
    return x * mask, mask


@wrong("dropout")
def keep_is_p_throughout(x, p, training, rng):
    if not training or p == 0:
        return x, np.ones_like(x)
    mask = (rng.random(x.shape) < p) / p
    return x * mask, mask


@wrong("dropout")
def one_row_of_draws(x, p, training, rng):
    if not training:
        return x, np.ones_like(x)
    mask = np.broadcast_to((rng.random(x.shape[1:]) >= p) / (1 - p), x.shape)
    return x * mask, mask


@wrong("dropout")
def mask_of_one_image(x, p, training, rng):
    mask = (rng.random((1, *x.shape[1:])) >= p) / (1 - p) if training else np.ones((1, *x.shape[1:]))
    return x * mask, mask


@wrong("dropout")
def only_y(x, p, training, rng):
    return x * (rng.random(x.shape) >= p) / (1 - p) if training else x


@wrong("dropout")
def no_mask_in_evaluation(x, p, training, rng):
    if not training:
        return x, None
    mask = (rng.random(x.shape) >= p) / (1 - p)
    return x * mask, mask


@wrong("dropout")
def mask_of_the_dropped(x, p, training, rng):
    if not training:
        return x, np.ones_like(x)
    dropped = rng.random(x.shape) < p
    return np.where(dropped, 0, x / (1 - p)), dropped.astype(float)


@wrong("dropout")
def two_draws(x, p, training, rng):
    if not training:
        return x, np.ones_like(x)
    y = x * (rng.random(x.shape) >= p) / (1 - p)
    return y, (rng.random(x.shape) >= p) / (1 - p)


@wrong("dropout")
def training_ignored(x, p, training, rng):
    mask = (rng.random(x.shape) >= p) / (1 - p)
    return x * mask, mask


@wrong("dropout")
def numpys_own_generator(x, p, training, rng):
    if not training:
        return x, np.ones_like(x)
    mask = np.random.binomial(1, 1 - p, x.shape) / (1 - p)
    return x * mask, mask


# ---- dropout_backward


@wrong("dropout_backward")
def without_the_scale(dout, mask):
    return dout * (mask > 0)


@wrong("dropout_backward")
def passed_on(dout, mask):
    return dout


@wrong("dropout_backward")
def scaled_once_more(dout, mask):
    return dout * mask * mask.max()


@wrong("dropout_backward")
def squared(dout, mask):
    return dout * mask**2


@wrong("dropout_backward")
def divided_where_kept(dout, mask):
    return np.divide(dout, mask, out=np.zeros_like(dout), where=mask != 0)


@wrong("dropout_backward")
def divided_plainly(dout, mask):
    return dout / mask


@wrong("dropout_backward")
def the_dropped_ones(dout, mask):
    return dout * (mask == 0)


@wrong("dropout_backward")
def dropped_ones_in_full(dout, mask):
    return np.where(mask == 0, dout, dout * mask)


@wrong("dropout_backward")
def signs_of_relu(dout, mask):
    return np.maximum(dout * mask, 0)


@wrong("dropout_backward")
def summed_over_images(dout, mask):
    return (dout * mask).sum(axis=0)


@wrong("dropout_backward")
def the_mask(dout, mask):
    return mask


# ---- number_of_masks


@wrong("number_of_masks")
def square(units):
    return units**2


@wrong("number_of_masks")
def twice(units):
    return 2 * units


@wrong("number_of_masks")
def without_the_empty_one(units):
    return 2**units - 1


@wrong("number_of_masks")
def numpy_power(units):
    return np.power(np.int64(2), units)


@wrong("number_of_masks")
def float_power(units):
    return 2.0**units


@wrong("number_of_masks")
def through_a_float(units):
    return math.pow(2, units)


@wrong("number_of_masks")
def orders(units):
    return math.factorial(units)


@wrong("number_of_masks")
def half_of_them(units):
    return math.comb(units, units // 2)


@wrong("number_of_masks")
def one_factor_less(units):
    masks = 1
    for _ in range(1, units):
        masks *= 2
    return masks


@wrong("number_of_masks")
def exclusive_or(units):
    return 2 ^ units


@wrong("number_of_masks")
def neither_all_nor_none(units):
    return 2**units - 2


# ---- log10_masks


@wrong("log10_masks")
def natural_logarithm(units):
    return units * math.log(2)


@wrong("log10_masks")
def base_two(units):
    return math.log2(2**units)


@wrong("log10_masks")
def of_the_units(units):
    return math.log10(units)


@wrong("log10_masks")
def digits(units):
    return len(str(2**units)) if units < 5000 else int(units * math.log10(2)) + 1


@wrong("log10_masks")
def floored(units):
    return int(units * math.log10(2))


@wrong("log10_masks")
def rounded(units):
    return round(units * math.log10(2))


@wrong("log10_masks")
def of_a_float(units):
    return math.log10(2.0**units)


@wrong("log10_masks")
def of_numpys_power(units):
    return np.log10(np.power(2.0, units))


@wrong("log10_masks")
def of_twice(units):
    return math.log10(2 * units)


@wrong("log10_masks")
def of_the_square(units):
    return 2 * math.log10(units)


@wrong("log10_masks")
def short_constant(units):
    return units * 0.3


# ---- subnetwork_average


def _masks(n):
    return [np.array(mask) for mask in itertools.product((0, 1), repeat=n)]


@wrong("subnetwork_average")
def plain_mean(x, w, p):
    return np.mean([np.maximum(w @ (mask * x), 0) for mask in _masks(len(x))], axis=0)


@wrong("subnetwork_average")
def relu_last(x, w, p):
    total = np.zeros(len(w))
    for mask in _masks(len(x)):
        total += np.prod(np.where(mask, 1 - p, p)) * (w @ (mask * x))
    return np.maximum(total, 0)


@wrong("subnetwork_average")
def weight_scaling(x, w, p):
    return np.maximum(w @ x * (1 - p), 0)


@wrong("subnetwork_average")
def p_is_keep(x, w, p):
    return sum(np.prod(np.where(mask, p, 1 - p)) * np.maximum(w @ (mask * x), 0) for mask in _masks(len(x)))


@wrong("subnetwork_average")
def no_relu(x, w, p):
    return sum(np.prod(np.where(mask, 1 - p, p)) * (w @ (mask * x)) for mask in _masks(len(x)))


@wrong("subnetwork_average")
def inverted_masks(x, w, p):
    return sum(
        np.prod(np.where(mask, 1 - p, p)) * np.maximum(w @ (mask * x / (1 - p)), 0) for mask in _masks(len(x))
    )


@wrong("subnetwork_average")
def divided_besides(x, w, p):
    total = sum(np.prod(np.where(mask, 1 - p, p)) * np.maximum(w @ (mask * x), 0) for mask in _masks(len(x)))
    return total / 2 ** len(x)


@wrong("subnetwork_average")
def summed_up(x, w, p):
    return sum(np.maximum(w @ (mask * x), 0) for mask in _masks(len(x)))


@wrong("subnetwork_average")
def last_mask_left_out(x, w, p):
    return sum(
        np.prod(np.where(mask, 1 - p, p)) * np.maximum(w @ (mask * x), 0) for mask in _masks(len(x))[:-1]
    )


@wrong("subnetwork_average")
def all_in_one_number(x, w, p):
    return np.sum(
        [np.prod(np.where(mask, 1 - p, p)) * np.maximum(w @ (mask * x), 0) for mask in _masks(len(x))]
    )


@wrong("subnetwork_average")
def one_dropped_at_a_time(x, w, p):
    results = []
    for i in range(len(x)):
        mask = np.ones(len(x))
        mask[i] = 0
        results.append(np.maximum(w @ (mask * x), 0))
    return np.mean(results, axis=0)


# ---- dropconnect_linear


@wrong("dropconnect_linear")
def one_mask_for_all_images(x, w, b, p, rng):
    return x @ (w * (rng.random(w.shape) >= p)).T + b


@wrong("dropconnect_linear")
def inputs_dropped(x, w, b, p, rng):
    return (x * (rng.random(x.shape) >= p)) @ w.T + b


@wrong("dropconnect_linear")
def outputs_dropped(x, w, b, p, rng):
    return (x @ w.T) * (rng.random((len(x), len(w))) >= p) + b


@wrong("dropconnect_linear")
def rescaled(x, w, b, p, rng):
    masks = (rng.random((len(x), *w.shape)) >= p) / (1 - p)
    return np.einsum("noi,ni->no", masks * w, x) + b


@wrong("dropconnect_linear")
def kept_with_p(x, w, b, p, rng):
    if p == 0:
        return x @ w.T + b
    masks = rng.random((len(x), *w.shape)) < p
    return np.einsum("noi,ni->no", masks * w, x) + b


@wrong("dropconnect_linear")
def bias_dropped(x, w, b, p, rng):
    masks = rng.random((len(x), *w.shape)) >= p
    return np.einsum("noi,ni->no", masks * w, x) + b * (rng.random((len(x), len(b))) >= p)


@wrong("dropconnect_linear")
def bias_forgotten(x, w, b, p, rng):
    masks = rng.random((len(x), *w.shape)) >= p
    return np.einsum("noi,ni->no", masks * w, x)


@wrong("dropconnect_linear")
def nothing_dropped(x, w, b, p, rng):
    return x @ w.T + b


@wrong("dropconnect_linear")
def scaled_by_keep(x, w, b, p, rng):
    masks = rng.random((len(x), *w.shape)) >= p
    return np.einsum("noi,ni->no", masks * w, x) * (1 - p) + b


@wrong("dropconnect_linear")
def foreign_generator(x, w, b, p, rng):
    masks = np.random.rand(len(x), *w.shape) >= p
    return np.einsum("noi,ni->no", masks * w, x) + b


@wrong("dropconnect_linear")
def same_seed_for_every_image(x, w, b, p, rng):
    return np.stack([(w * (np.random.default_rng(1).random(w.shape) >= p)) @ image + b for image in x])


@wrong("dropconnect_linear")
def product_dropped_with_bias(x, w, b, p, rng):
    return (x @ w.T + b) * (rng.random((len(x), len(w))) >= p)


@wrong("dropconnect_linear")
def kept_with_p_in_every_case(x, w, b, p, rng):
    masks = rng.random((len(x), *w.shape)) < p
    return np.einsum("noi,ni->no", masks * w, x) + b


# ---- dropout: what a second reader wrote


@wrong("dropout")
def mask_first(x, p, training, rng):
    mask = (rng.random(x.shape) >= p) / (1 - p) if training else np.ones_like(x)
    return mask, x * mask


@wrong("dropout")
def divided_by_p_in_every_case(x, p, training, rng):
    mask = (rng.random(x.shape) >= p) / np.float64(p) if training else np.ones_like(x)
    return x * mask, mask


@wrong("dropout")
def p_to_keep_in_every_case(x, p, training, rng):
    mask = (rng.random(x.shape) < p) / np.float64(p) if training else np.ones_like(x)
    return x * mask, mask


@wrong("dropout")
def mask_of_whole_numbers(x, p, training, rng):
    mask = np.ones(x.shape, dtype=int)
    if training:
        mask[...] = 1 / (1 - p)
        mask[rng.random(x.shape) < p] = 0
    return x * mask, mask


# ---- dropout_backward


@wrong("dropout_backward")
def one_minus_mask(dout, mask):
    return dout * (1 - mask)


@wrong("dropout_backward")
def largest_of_the_mask(dout, mask):
    return dout * mask.max()


@wrong("dropout_backward")
def mean_over_images(dout, mask):
    return dout * mask / len(dout)


@wrong("dropout_backward")
def mean_over_everything(dout, mask):
    return dout * mask / dout.size


# ---- counting


@wrong("number_of_masks")
def none_or_one_dropped(units):
    return units + 1


@wrong("log10_masks")
def divided_by_the_logarithm(units):
    return units / math.log10(2)


@wrong("log10_masks")
def power_of_the_logarithm(units):
    return math.log10(2) ** units


# ---- subnetwork_average


def rows_of_masks(x):
    return np.array(list(itertools.product((0, 1), repeat=len(x))))


@wrong("subnetwork_average")
def chance_of_the_kept_only(x, w, p):
    return sum((1 - p) ** mask.sum() * np.maximum(w @ (mask * x), 0) for mask in rows_of_masks(x))


@wrong("subnetwork_average")
def binomial_for_every_mask(x, w, p):
    n, total = len(x), np.zeros(len(w))
    for mask in rows_of_masks(x):
        k = int(mask.sum())
        total += math.comb(n, k) * (1 - p) ** k * p ** (n - k) * np.maximum(w @ (mask * x), 0)
    return total


@wrong("subnetwork_average")
def relu_of_the_inputs(x, w, p):
    chances = np.prod(np.where(rows_of_masks(x), 1 - p, p), axis=1)
    return sum(c * (w @ np.maximum(m * x, 0)) for c, m in zip(chances, rows_of_masks(x), strict=True))


@wrong("subnetwork_average")
def relu_of_each_product(x, w, p):
    return (1 - p) * np.maximum(w * x, 0).sum(1)


@wrong("subnetwork_average")
def without_the_empty_mask(x, w, p):
    rows = rows_of_masks(x)[1:]
    chances = np.prod(np.where(rows, 1 - p, p), axis=1)
    return chances / chances.sum() @ np.maximum((rows * x) @ w.T, 0)
