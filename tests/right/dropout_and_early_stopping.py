"""Right answers to the exercises of unit 07, in other styles than the solution's: only tests may know them."""

from __future__ import annotations

import copy
import itertools
import math
from fractions import Fraction

import numpy as np
import torch
from torch import nn

from right import way


@way("dropout_classic")
def where_and_uniform(x, p, training, rng):
    return np.where(rng.uniform(size=x.shape) >= p, x, 0) if training else (1 - p) * x


@way("dropout_classic")
def binomial_of_what_stays(x, p, training, rng):
    if not training:
        return x * (1 - p)
    return x * rng.binomial(1, 1 - p, x.shape)


@way("dropout_classic")
def chosen_one_by_one(x, p, training, rng):
    y = np.array(x)
    if training:
        for place in np.ndindex(x.shape):
            if rng.random() < p:
                y[place] = 0
    else:
        y = y * (1 - p)
    return y


@way("dropout")
def choice_between_two_numbers(x, p, training, rng):
    if not training:
        return x, np.ones_like(x)
    mask = rng.choice([0.0, 1 / (1 - p)], size=x.shape, p=[p, 1 - p])
    return x * mask, mask


@way("dropout")
def two_returns(x, p, training, rng):
    mask = np.ones(x.shape)
    if training and p > 0:
        mask[rng.random(x.shape) < p] = 0
        mask /= 1 - p
    return x * mask, mask


@way("dropout")
def booleans_in_evaluation(x, p, training, rng):
    mask = (rng.random(x.shape) > p) / (1 - p) if training else np.full(x.shape, True)
    return x * mask, mask


@way("dropout_backward")
def where_it_is_not_zero(dout, mask):
    return np.where(mask != 0, dout * mask, 0)


@way("dropout_backward")
def einsum_backward(dout, mask):
    return np.einsum("...,...->...", dout, mask)


@way("number_of_masks")
def shifted(units):
    return 1 << units


@way("number_of_masks")
def doubled_in_a_loop(units):
    masks = 1
    for _ in range(units):
        masks *= 2
    return masks


@way("number_of_masks")
def as_a_fraction(units):
    return Fraction(2) ** units


@way("log10_masks")
def logarithm_of_the_number(units):
    return math.log10(2**units)


@way("log10_masks")
def change_of_base(units):
    return units / np.log2(10)


@way("subnetwork_average")
def product_of_states(x, w, p):
    total = np.zeros(len(w))
    for mask in itertools.product((0, 1), repeat=len(x)):
        kept = sum(mask)
        total += (1 - p) ** kept * p ** (len(x) - kept) * np.maximum(w @ (np.array(mask) * x), 0)
    return total


@way("subnetwork_average")
def all_masks_in_one_matrix(x, w, p):
    masks = (np.arange(2 ** len(x))[:, None] >> np.arange(len(x))) & 1
    weights = np.prod(np.where(masks, 1 - p, p), axis=1)
    return weights @ np.maximum((masks * x) @ w.T, 0)


@way("subnetwork_average")
def one_input_after_another(x, w, p):
    def average(known, rest):
        if not len(rest):
            return np.maximum(w @ np.array(known), 0)
        return p * average([*known, 0.0], rest[1:]) + (1 - p) * average([*known, rest[0]], rest[1:])

    return average([], x)


@way("dropconnect_linear")
def einsum_with_masks(x, w, b, p, rng):
    masks = rng.random((len(x), *w.shape)) >= p
    return np.einsum("noi,ni->no", masks * w, x) + b


@way("dropconnect_linear")
def one_image_at_a_time(x, w, b, p, rng):
    rows = [np.where(rng.random(w.shape) < p, 0, w) @ image + b for image in x]
    return np.stack(rows)


@way("mc_predict")
def by_kind(model, x, passes):
    before = {part: part.training for part in model.modules()}
    model.eval()
    for part in model.modules():
        if "Dropout" in type(part).__name__:
            part.train()
    with torch.no_grad():
        outputs = torch.stack([model(x) for _ in range(passes)])
    for part, mode in before.items():
        part.training = mode
    return outputs.mean(0), outputs.std(0, unbiased=False)


@way("mc_predict")
def batch_norm_switched_off(model, x, passes):
    modes = [(part, part.training) for part in model.modules()]
    model.train()
    for part in model.modules():
        if isinstance(part, nn.modules.batchnorm._BatchNorm):
            part.eval()
    try:
        outputs = [model(x).detach() for _ in range(passes)]
    finally:
        for part, mode in modes:
            part.training = mode
    mean = sum(outputs) / passes
    variance = sum((one - mean) ** 2 for one in outputs) / (passes - 1)
    return mean, variance.sqrt()


@way("mc_predict")
def one_large_batch(model, x, passes):
    modes = [part.training for part in model.modules()]
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.train()
    with torch.no_grad():
        outputs = model(x.repeat_interleave(passes, 0)).reshape(len(x), passes, -1)
    for part, mode in zip(model.modules(), modes, strict=True):
        part.training = mode
    return outputs.mean(1), outputs.std(1)


@way("EarlyStopper")
class DeepCopied:
    def __init__(self, patience, min_delta=0.0):
        self.patience, self.min_delta = patience, min_delta
        self.best_loss = None
        self.waited = 0

    def update(self, loss, model):
        if self.best_loss is None or self.best_loss - loss > self.min_delta:
            self.best_loss, self.waited = loss, 0
            self.best_model = copy.deepcopy(model)
            return False
        self.waited += 1
        return self.waited >= self.patience

    def restore(self, model):
        model.load_state_dict(self.best_model.state_dict())


@way("EarlyStopper")
class CountedFromTheBest:
    def __init__(self, patience, min_delta=0.0):
        self.patience = patience
        self.min_delta = min_delta
        self.best_loss = np.inf
        self.update_number = self.best_update = 0

    def update(self, loss, model):
        self.update_number += 1
        if loss < self.best_loss - self.min_delta:
            self.best_loss = np.float64(loss)
            self.best_update = self.update_number
            self.kept = {name: value.detach().numpy().copy() for name, value in model.state_dict().items()}
        return np.bool_(self.update_number - self.best_update == self.patience)

    def restore(self, model):
        with torch.no_grad():
            for name, value in model.state_dict().items():
                value.copy_(torch.from_numpy(self.kept[name]))


@way("mc_predict")
def asked_of_a_copy(model, x, passes):
    double = copy.deepcopy(model).eval()
    for part in double.modules():
        if isinstance(part, nn.Dropout):
            part.train()
    with torch.no_grad():
        outputs = torch.stack([double(x) for _ in range(passes)])
    return outputs.mean(0), outputs.std(0)


@way("mc_predict")
def with_gradients(model, x, passes):
    modes = {part: part.training for part in model.modules()}
    model.eval()
    for part in model.modules():
        part.training = isinstance(part, nn.Dropout)
    outputs = torch.stack([model(x) for _ in range(passes)])
    for part, mode in modes.items():
        part.training = mode
    return outputs.mean(0), outputs.std(0)
