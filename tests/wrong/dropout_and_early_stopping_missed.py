"""Further wrong answers to unit 07, by another reader: slips in details rather than in the idea."""

from __future__ import annotations

import copy
import itertools
import math

import numpy as np
import torch
from torch import nn

from wrong import wrong

# ---- dropout_classic


@wrong("dropout_classic")
def uniform_of_another_range(x, p, training, rng):
    return x * (rng.uniform(-1, 1, x.shape) >= p) if training else x * (1 - p)


@wrong("dropout_classic")
def normal_numbers(x, p, training, rng):
    return x * (rng.normal(size=x.shape) >= p) if training else x * (1 - p)


@wrong("dropout_classic")
def always_half(x, p, training, rng):
    return x * rng.integers(0, 2, x.shape) if training else x * (1 - p)


@wrong("dropout_classic")
def rounded_draws(x, p, training, rng):
    return x * np.round(rng.random(x.shape)) if training else x * (1 - p)


@wrong("dropout_classic")
def one_number_drawn(x, p, training, rng):
    if not training:
        return x * (1 - p)
    return x if rng.random() >= p else np.zeros_like(x)


@wrong("dropout_classic")
def scaled_by_what_was_kept(x, p, training, rng):
    if not training:
        return x
    mask = rng.random(x.shape) >= p
    return x * mask / max(mask.mean(), 1e-9)


@wrong("dropout_classic")
def square_root_of_keep(x, p, training, rng):
    return x * (rng.random(x.shape) >= p) if training else x * np.sqrt(1 - p)


@wrong("dropout_classic")
def evaluation_divides(x, p, training, rng):
    return x * (rng.random(x.shape) >= p) if training else x / (1 - p)


@wrong("dropout_classic")
def columns_of_the_last_axis(x, p, training, rng):
    return x * (rng.random(x.shape[-1]) >= p) if training else x * (1 - p)


@wrong("dropout_classic")
def draws_multiply(x, p, training, rng):
    return x * rng.random(x.shape) if training else x * (1 - p)


@wrong("dropout_classic")
def small_numbers_dropped(x, p, training, rng):
    return np.where(np.abs(x) < p, 0, x) if training else x * (1 - p)


@wrong("dropout_classic")
def dropped_become_tiny(x, p, training, rng):
    return np.where(rng.random(x.shape) < p, 1e-3 * x, x) if training else x * (1 - p)


@wrong("dropout_classic")
def mask_returned(x, p, training, rng):
    return (rng.random(x.shape) >= p).astype(x.dtype) if training else x * (1 - p)


@wrong("dropout_classic")
def pair_returned(x, p, training, rng):
    mask = rng.random(x.shape) >= p if training else np.full(x.shape, 1 - p)
    return x * mask, mask


@wrong("dropout_classic")
def dropped_removed(x, p, training, rng):
    return x[rng.random(x.shape) >= p] if training else x * (1 - p)


@wrong("dropout_classic")
def shuffled_half(x, p, training, rng):
    if not training:
        return x * (1 - p)
    keep = np.arange(x.size) >= int(p * x.size)
    rng.shuffle(keep)
    return x * keep.reshape(x.shape)


# ---- dropout


@wrong("dropout")
def always_doubled(x, p, training, rng):
    mask = (rng.random(x.shape) >= p) * 2.0 if training else np.ones_like(x)
    return x * mask, mask


@wrong("dropout")
def scaled_by_the_kept_share(x, p, training, rng):
    mask = np.ones(x.shape)
    if training:
        mask = (rng.random(x.shape) >= p).astype(float)
        mask /= max(mask.mean(), 1e-9)
    return x * mask, mask


@wrong("dropout")
def boolean_mask(x, p, training, rng):
    mask = rng.random(x.shape) >= p if training else np.ones(x.shape, bool)
    return x * mask / (1 - p if training else 1), mask


@wrong("dropout")
def root_of_the_scale(x, p, training, rng):
    mask = (rng.random(x.shape) >= p) / np.sqrt(1 - p) if training else np.ones_like(x)
    return x * mask, mask


@wrong("dropout")
def one_plus_p(x, p, training, rng):
    mask = (rng.random(x.shape) >= p) * (1 + p) if training else np.ones_like(x)
    return x * mask, mask


@wrong("dropout")
def integer_division(x, p, training, rng):
    mask = (rng.random(x.shape) >= p) // (1 - p) if training else np.ones_like(x)
    return x * mask, mask


@wrong("dropout")
def whole_channels_pair(x, p, training, rng):
    sides = (*x.shape[:2], *[1] * (x.ndim - 2))
    mask = np.broadcast_to((rng.random(sides) >= p) / (1 - p), x.shape) if training else np.ones_like(x)
    return x * mask, mask


@wrong("dropout")
def mask_of_the_last_axis(x, p, training, rng):
    mask = (rng.random(x.shape[-1]) >= p) / (1 - p) if training else np.ones(x.shape[-1])
    return x * mask, mask


@wrong("dropout")
def evaluation_mask_is_zero(x, p, training, rng):
    mask = (rng.random(x.shape) >= p) / (1 - p) if training else np.zeros_like(x)
    return (x * mask if training else x), mask


@wrong("dropout")
def evaluation_times_the_scale(x, p, training, rng):
    mask = (rng.random(x.shape) >= p) / (1 - p) if training else np.full(x.shape, 1 / (1 - p))
    return x * mask, mask


@wrong("dropout")
def output_as_mask(x, p, training, rng):
    y = x * (rng.random(x.shape) >= p) / (1 - p) if training else x
    return y, y


@wrong("dropout")
def mask_from_the_output(x, p, training, rng):
    y = x * (rng.random(x.shape) >= p) / (1 - p) if training else x
    return y, (y > 0) / (1 - p) if training else np.ones_like(x)


@wrong("dropout")
def random_numbers_kept_in_the_mask(x, p, training, rng):
    if not training:
        return x, np.ones_like(x)
    mask = rng.random(x.shape)
    mask[mask < p] = 0
    return x * mask / (1 - p), mask


@wrong("dropout")
def kept_draw_less_than_keep_of_p(x, p, training, rng):
    if not training:
        return x, np.ones_like(x)
    keep = p
    mask = (rng.random(x.shape) < keep) / (1 - keep)
    return x * mask, mask


@wrong("dropout")
def given_as_a_list(x, p, training, rng):
    mask = (rng.random(x.shape) >= p) / (1 - p) if training else np.ones_like(x)
    return [x * mask, mask]


@wrong("dropout")
def scale_in_evaluation_instead(x, p, training, rng):
    mask = (rng.random(x.shape) >= p).astype(float) if training else np.ones_like(x)
    return (x * mask if training else x / (1 - p)), mask


# ---- dropout_backward


@wrong("dropout_backward")
def mask_first_then_mean(dout, mask):
    return dout * mask / mask.sum()


@wrong("dropout_backward")
def scale_by_share(dout, mask):
    keep = (mask > 0).mean()
    return dout * mask * keep


@wrong("dropout_backward")
def divided_by_the_share(dout, mask):
    keep = (mask > 0).mean()
    return dout * mask / max(keep, 1e-9)


@wrong("dropout_backward")
def matrix_product(dout, mask):
    return dout @ mask.T


@wrong("dropout_backward")
def added(dout, mask):
    return dout + mask


@wrong("dropout_backward")
def only_the_kept(dout, mask):
    return dout[mask > 0]


@wrong("dropout_backward")
def doubled_where_kept(dout, mask):
    return dout * (mask > 0) * 2


@wrong("dropout_backward")
def mask_as_truth(dout, mask):
    return dout if mask.any() else np.zeros_like(dout)


@wrong("dropout_backward")
def changed_in_place(dout, mask):
    dout *= mask
    return dout


@wrong("dropout_backward")
def root_of_the_mask(dout, mask):
    return dout * np.sqrt(mask)


@wrong("dropout_backward")
def difference(dout, mask):
    return dout - mask


@wrong("dropout_backward")
def mask_of_the_gradient(dout, mask):
    return mask * (dout > 0)


@wrong("dropout_backward")
def not_of_the_mask(dout, mask):
    return dout * (mask == 0) * mask.max()


@wrong("dropout_backward")
def pair_of_gradients(dout, mask):
    return dout * mask, dout * mask


@wrong("dropout_backward")
def mask_cast_to_int(dout, mask):
    return dout * mask.astype(int)


@wrong("dropout_backward")
def negative_where_dropped(dout, mask):
    return np.where(mask > 0, dout * mask, -dout)


# ---- number_of_masks


@wrong("number_of_masks")
def squares(units):
    return units * units // 1


@wrong("number_of_masks")
def power_turned_round(units):
    return units**units


@wrong("number_of_masks")
def pairs_of_units(units):
    return units * (units - 1) // 2


@wrong("number_of_masks")
def triangular(units):
    return sum(range(units + 1))


@wrong("number_of_masks")
def one_more_level(units):
    return 2 ** (units + 1)


@wrong("number_of_masks")
def shifted_two(units):
    return 2 << units


@wrong("number_of_masks")
def sum_of_powers(units):
    return sum(2**i for i in range(units))


@wrong("number_of_masks")
def three_states(units):
    return 3**units


@wrong("number_of_masks")
def exponential(units):
    return round(math.exp(units)) if units < 700 else 2**units


@wrong("number_of_masks")
def as_text(units):
    return str(2**units)


@wrong("number_of_masks")
def numpy_product(units):
    return int(np.prod([2] * units))


@wrong("number_of_masks")
def numpy_exp2(units):
    return int(np.exp2(units))


# ---- log10_masks


@wrong("log10_masks")
def rounded_up(units):
    return math.ceil(units * math.log10(2))


@wrong("log10_masks")
def one_unit_more(units):
    return (units + 1) * math.log10(2)


@wrong("log10_masks")
def one_unit_less(units):
    return (units - 1) * math.log10(2)


@wrong("log10_masks")
def logs_multiplied(units):
    return math.log10(2) * math.log10(units)


@wrong("log10_masks")
def log_plus(units):
    return math.log10(2) + math.log10(units)


@wrong("log10_masks")
def power_of_two_of_log(units):
    return 2 ** math.log10(units)


@wrong("log10_masks")
def log_of_three(units):
    return units * math.log10(3)


@wrong("log10_masks")
def ten_to_the(units):
    return 10.0**units


@wrong("log10_masks")
def divided_by_ln10_twice(units):
    return units * math.log(2) / math.log(10) ** 2


@wrong("log10_masks")
def without_full_mask(units):
    return math.log10(2**units - 1)


@wrong("log10_masks")
def rounded_to_two(units):
    return round(units * math.log10(2), 2)


@wrong("log10_masks")
def single_precision_text(units):
    return len(str(2**units)) - 1 if units < 4000 else units * math.log10(2)


# ---- subnetwork_average


def _all(n):
    return np.array(list(itertools.product((0, 1), repeat=n)))


def _chances(n, p):
    return np.prod(np.where(_all(n), 1 - p, p), axis=1)


@wrong("subnetwork_average")
def only_full_and_empty(x, w, p):
    return (1 - p) ** len(x) * np.maximum(w @ x, 0)


@wrong("subnetwork_average")
def median_of_all(x, w, p):
    return np.median(np.maximum((_all(len(x)) * x) @ w.T, 0), axis=0)


@wrong("subnetwork_average")
def likeliest_alone(x, w, p):
    return np.maximum(w @ x, 0)


@wrong("subnetwork_average")
def binomial_without_order(x, w, p):
    n, total = len(x), np.zeros(len(w))
    for k in range(n + 1):
        mask = np.arange(n) < k
        total += math.comb(n, k) * (1 - p) ** k * p ** (n - k) * np.maximum(w @ (mask * x), 0)
    return total


@wrong("subnetwork_average")
def dropped_weights_of_outputs(x, w, p):
    y = np.maximum(w @ x, 0)
    return (1 - p) * y


@wrong("subnetwork_average")
def sampled(x, w, p):
    rng = np.random.default_rng(0)
    masks = rng.random((2000, len(x))) >= p
    return np.maximum((masks * x) @ w.T, 0).mean(0)


@wrong("subnetwork_average")
def chances_normalised_without_empty(x, w, p):
    chances = _chances(len(x), p)
    return chances[1:] @ np.maximum((_all(len(x))[1:] * x) @ w.T, 0) / max(1 - p ** len(x), 1e-9)


@wrong("subnetwork_average")
def masks_of_the_weights(x, w, p):
    return np.maximum((w * (1 - p)) @ x, 0)


@wrong("subnetwork_average")
def geometric(x, w, p):
    y = np.maximum((_all(len(x)) * x) @ w.T, 0)
    return np.exp(_chances(len(x), p) @ np.log(y + 1e-12))


@wrong("subnetwork_average")
def absolute_value(x, w, p):
    return _chances(len(x), p) @ np.abs((_all(len(x)) * x) @ w.T)


@wrong("subnetwork_average")
def chance_added(x, w, p):
    chances = np.sum(np.where(_all(len(x)), 1 - p, p), axis=1)
    return chances @ np.maximum((_all(len(x)) * x) @ w.T, 0)


@wrong("subnetwork_average")
def divided_by_chances_of_all(x, w, p):
    return np.mean(_chances(len(x), p)[:, None] * np.maximum((_all(len(x)) * x) @ w.T, 0), axis=0)


# ---- dropconnect_linear


@wrong("dropconnect_linear")
def always_half_of_the_weights(x, w, b, p, rng):
    if p == 0:
        return x @ w.T + b
    masks = rng.integers(0, 2, (len(x), *w.shape))
    return np.einsum("noi,ni->no", masks * w, x) + b


@wrong("dropconnect_linear")
def weights_and_inputs(x, w, b, p, rng):
    masks = rng.random((len(x), *w.shape)) >= p
    return np.einsum("noi,ni->no", masks * w, x * (rng.random(x.shape) >= p)) + b


@wrong("dropconnect_linear")
def bias_divided(x, w, b, p, rng):
    masks = rng.random((len(x), *w.shape)) >= p
    return (np.einsum("noi,ni->no", masks * w, x) + b) / (1 - p)


@wrong("dropconnect_linear")
def whole_output_scaled(x, w, b, p, rng):
    masks = rng.random((len(x), *w.shape)) >= p
    return (np.einsum("noi,ni->no", masks * w, x) + b) * (1 - p)


@wrong("dropconnect_linear")
def expected_weights(x, w, b, p, rng):
    return x @ (w * (1 - p)).T + b


@wrong("dropconnect_linear")
def weights_changed_for_good(x, w, b, p, rng):
    w *= rng.random(w.shape) >= p
    return x @ w.T + b


@wrong("dropconnect_linear")
def accumulating_masks(x, w, b, p, rng):
    rows, kept = [], w.copy()
    for image in x:
        kept = kept * (rng.random(w.shape) >= p)
        rows.append(kept @ image + b)
    return np.stack(rows)


@wrong("dropconnect_linear")
def bias_once_a_weight(x, w, b, p, rng):
    masks = rng.random((len(x), *w.shape)) >= p
    return (masks * (w * x[:, None, :] + b[:, None])).sum(2)


@wrong("dropconnect_linear")
def weights_shared_between_outputs(x, w, b, p, rng):
    masks = rng.random((len(x), 1, w.shape[1])) >= p
    return np.einsum("noi,ni->no", masks * w, x) + b


@wrong("dropconnect_linear")
def bias_dropped_with_the_outputs(x, w, b, p, rng):
    masks = rng.random((len(x), len(w))) >= p
    return (x @ w.T) * masks + b * masks


@wrong("dropconnect_linear")
def draws_as_weights(x, w, b, p, rng):
    masks = rng.random((len(x), *w.shape))
    return np.einsum("noi,ni->no", np.where(masks < p, 0, masks) * w, x) + b


@wrong("dropconnect_linear")
def p_percent(x, w, b, p, rng):
    masks = rng.random((len(x), *w.shape)) >= p / 2
    return np.einsum("noi,ni->no", masks * w, x) + b


@wrong("dropconnect_linear")
def exact_number_of_weights(x, w, b, p, rng):
    rows = []
    for image in x:
        kept = w.copy().reshape(-1)
        kept[rng.choice(kept.size, int(p * kept.size), replace=False)] = 0
        rows.append(kept.reshape(w.shape) @ image + b)
    return np.stack(rows)


@wrong("dropconnect_linear")
def bias_inside_the_mask(x, w, b, p, rng):
    wider = np.concatenate([w, b[:, None]], axis=1)
    masks = rng.random((len(x), *wider.shape)) >= p
    return np.einsum("noi,ni->no", masks * wider, np.concatenate([x, np.ones((len(x), 1))], axis=1))


@wrong("dropconnect_linear")
def mask_of_the_batch_shape(x, w, b, p, rng):
    return x @ w.T * (rng.random((len(x), 1)) >= p) + b


@wrong("dropconnect_linear")
def relu_besides(x, w, b, p, rng):
    masks = rng.random((len(x), *w.shape)) >= p
    return np.maximum(np.einsum("noi,ni->no", masks * w, x) + b, 0)


# ---- mc_predict


def _on(model):
    modes = {part: part.training for part in model.modules()}
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.train()
    return modes


def _off(modes):
    for part, mode in modes.items():
        part.training = mode


@wrong("mc_predict")
@torch.no_grad()
def only_direct_children(model, x, passes):
    modes = {part: part.training for part in model.modules()}
    model.eval()
    for part in model.children():
        if isinstance(part, nn.Dropout):
            part.train()
    outputs = torch.stack([model(x) for _ in range(passes)])
    _off(modes)
    return outputs.mean(0), outputs.std(0)


@wrong("mc_predict")
@torch.no_grad()
def log_probabilities(model, x, passes):
    modes = _on(model)
    outputs = torch.stack([model(x).log_softmax(1) for _ in range(passes)])
    _off(modes)
    return outputs.mean(0), outputs.std(0)


@wrong("mc_predict")
@torch.no_grad()
def over_the_classes(model, x, passes):
    modes = _on(model)
    outputs = torch.stack([model(x) for _ in range(passes)])
    _off(modes)
    return outputs.mean(2), outputs.std(2)


@wrong("mc_predict")
@torch.no_grad()
def mean_of_everything(model, x, passes):
    modes = _on(model)
    outputs = torch.stack([model(x) for _ in range(passes)])
    _off(modes)
    return outputs.mean(), outputs.std()


@wrong("mc_predict")
@torch.no_grad()
def median_for_mean(model, x, passes):
    modes = _on(model)
    outputs = torch.stack([model(x) for _ in range(passes)])
    _off(modes)
    return outputs.median(0).values, outputs.std(0)


@wrong("mc_predict")
@torch.no_grad()
def whole_range(model, x, passes):
    modes = _on(model)
    outputs = torch.stack([model(x) for _ in range(passes)])
    _off(modes)
    return outputs.mean(0), outputs.max(0).values - outputs.min(0).values


@wrong("mc_predict")
@torch.no_grad()
def labels_averaged(model, x, passes):
    modes = _on(model)
    outputs = torch.stack([model(x).argmax(1).float() for _ in range(passes)])
    _off(modes)
    return outputs.mean(0), outputs.std(0)


@wrong("mc_predict")
@torch.no_grad()
def all_passes_returned(model, x, passes):
    modes = _on(model)
    outputs = torch.stack([model(x) for _ in range(passes)])
    _off(modes)
    return outputs


@wrong("mc_predict")
@torch.no_grad()
def mean_alone(model, x, passes):
    modes = _on(model)
    outputs = torch.stack([model(x) for _ in range(passes)])
    _off(modes)
    return outputs.mean(0)


@wrong("mc_predict")
@torch.no_grad()
def image_by_image(model, x, passes):
    modes = {part: part.training for part in model.modules()}
    model.train()
    outputs = torch.stack([torch.cat([model(one[None]) for one in x]) for _ in range(passes)])
    _off(modes)
    return outputs.mean(0), outputs.std(0)


@wrong("mc_predict")
@torch.no_grad()
def batch_norm_left_off(model, x, passes):
    modes = {part: part.training for part in model.modules()}
    _on(model)
    outputs = torch.stack([model(x) for _ in range(passes)])
    for part, mode in modes.items():
        if isinstance(part, nn.Dropout):
            part.training = mode
    return outputs.mean(0), outputs.std(0)


@wrong("mc_predict")
@torch.no_grad()
def noise_on_the_input(model, x, passes):
    modes = {part: part.training for part in model.modules()}
    model.eval()
    outputs = torch.stack([model(x + 0.1 * torch.randn_like(x)) for _ in range(passes)])
    _off(modes)
    return outputs.mean(0), outputs.std(0)


# ---- EarlyStopper


class Plain:
    """What these wrong answers have in common; each changes one thing."""

    def __init__(self, patience, min_delta=0.0):
        self.patience, self.min_delta = patience, min_delta
        self.best_loss, self.bad, self.best = float("inf"), 0, None

    def better(self, loss):
        return loss < self.best_loss - self.min_delta

    def update(self, loss, model):
        if self.better(loss):
            self.best_loss, self.bad, self.best = loss, 0, copy.deepcopy(model.state_dict())
        else:
            self.bad += 1
        return self.bad >= self.patience

    def restore(self, model):
        model.load_state_dict(self.best)


@wrong("EarlyStopper")
class CountedOnTheClass(Plain):
    bad_of_all = 0

    def update(self, loss, model):
        kind = type(self)
        if self.better(loss):
            self.best_loss, kind.bad_of_all, self.best = loss, 0, copy.deepcopy(model.state_dict())
        else:
            kind.bad_of_all += 1
        return kind.bad_of_all >= self.patience


@wrong("EarlyStopper")
class BestOnTheClass(Plain):
    kept = {}  # noqa: RUF012

    def update(self, loss, model):
        if self.better(loss):
            self.best_loss, self.bad = loss, 0
            self.kept.update({name: value.clone() for name, value in model.state_dict().items()})
        else:
            self.bad += 1
        return self.bad >= self.patience

    def restore(self, model):
        model.load_state_dict(self.kept)


@wrong("EarlyStopper")
class LossesOnTheClass:
    losses = []  # noqa: RUF012

    def __init__(self, patience, min_delta=0.0):
        self.patience, self.min_delta, self.bad = patience, min_delta, 0
        self.losses.clear()
        self.best_loss = float("inf")

    def update(self, loss, model):
        if not self.losses or loss < min(self.losses) - self.min_delta:
            self.losses.append(loss)
            self.best_loss, self.bad, self.best = loss, 0, copy.deepcopy(model.state_dict())
        else:
            self.bad += 1
        return self.bad >= self.patience

    def restore(self, model):
        model.load_state_dict(self.best)


@wrong("EarlyStopper")
class BestLossOnTheClass(Plain):
    lowest = float("inf")

    def __init__(self, patience, min_delta=0.0):
        super().__init__(patience, min_delta)
        type(self).lowest = float("inf")

    def update(self, loss, model):
        if loss < type(self).lowest - self.min_delta:
            self.best_loss = type(self).lowest = loss
            self.bad, self.best = 0, copy.deepcopy(model.state_dict())
        else:
            self.bad += 1
        return self.bad >= self.patience


@wrong("EarlyStopper")
class RelativeDelta(Plain):
    def better(self, loss):
        return self.best_loss == float("inf") or loss < self.best_loss * (1 - self.min_delta)


@wrong("EarlyStopper")
class OnlyExactlyPatience(Plain):
    def update(self, loss, model):
        if self.better(loss):
            self.best_loss, self.best = loss, copy.deepcopy(model.state_dict())
        else:
            self.bad += 1
        return self.bad == self.patience


@wrong("EarlyStopper")
class ResetToOne(Plain):
    def update(self, loss, model):
        if self.better(loss):
            self.best_loss, self.bad, self.best = loss, 1, copy.deepcopy(model.state_dict())
        else:
            self.bad += 1
        return self.bad >= self.patience


@wrong("EarlyStopper")
class CountDecremented(Plain):
    def update(self, loss, model):
        if self.better(loss):
            self.best_loss, self.best = loss, copy.deepcopy(model.state_dict())
            self.bad = max(0, self.bad - 1)
        else:
            self.bad += 1
        return self.bad >= self.patience


@wrong("EarlyStopper")
class WorseByMinDelta(Plain):
    def update(self, loss, model):
        if loss < self.best_loss:
            self.best_loss, self.bad, self.best = loss, 0, copy.deepcopy(model.state_dict())
        elif loss > self.best_loss + self.min_delta:
            self.bad += 1
        return self.bad >= self.patience


@wrong("EarlyStopper")
class SnapshotOfTheModel(Plain):
    def update(self, loss, model):
        if self.better(loss):
            self.best_loss, self.bad, self.best = loss, 0, model
        else:
            self.bad += 1
        return self.bad >= self.patience

    def restore(self, model):
        model = copy.deepcopy(self.best)  # noqa: F841


@wrong("EarlyStopper")
class RestoreReturnsTheModel(Plain):
    def update(self, loss, model):
        if self.better(loss):
            self.best_loss, self.bad, self.best = loss, 0, copy.deepcopy(model)
        else:
            self.bad += 1
        return self.bad >= self.patience

    def restore(self, model):
        return self.best


@wrong("EarlyStopper")
class SnapshotWhenWorse(Plain):
    def update(self, loss, model):
        if self.better(loss):
            self.best_loss, self.bad = loss, 0
        else:
            self.bad += 1
            self.best = copy.deepcopy(model.state_dict())
        return self.bad >= self.patience

    def restore(self, model):
        if self.best is not None:
            model.load_state_dict(self.best)


@wrong("EarlyStopper")
class MeanOfTheLosses(Plain):
    def update(self, loss, model):
        self.seen = [*getattr(self, "seen", []), loss]
        mean = sum(self.seen) / len(self.seen)
        if mean < self.best_loss - self.min_delta:
            self.best_loss, self.bad, self.best = mean, 0, copy.deepcopy(model.state_dict())
        else:
            self.bad += 1
        return self.bad >= self.patience


@wrong("EarlyStopper")
class PatienceUsedUp(Plain):
    def update(self, loss, model):
        if self.better(loss):
            self.best_loss, self.best = loss, copy.deepcopy(model.state_dict())
        else:
            self.patience -= 1
        return self.patience <= 0


@wrong("EarlyStopper")
class BestLossIsTheCurrent(Plain):
    def update(self, loss, model):
        if self.better(loss):
            self.bad, self.best = 0, copy.deepcopy(model.state_dict())
        else:
            self.bad += 1
        self.best_loss = loss
        return self.bad >= self.patience


@wrong("EarlyStopper")
class RestoredOnce(Plain):
    def restore(self, model):
        if self.best is not None:
            model.load_state_dict(self.best)
            self.best = None
