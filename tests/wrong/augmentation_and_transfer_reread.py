"""Wrong answers to the exercises of unit 08 that a reader gave, and whose cause the checks did not tell at first."""

from __future__ import annotations

import copy

import numpy as np
from torch import nn

from wrong import wrong
from wrong.augmentation_and_transfer import _cut, _grid, _padded, _short
from wrong.augmentation_and_transfer_models import NORMS, _asked, _groups, _new, _put, _still


@wrong("random_flip")
def a_coin_whatever_p(x, p, rng):
    return np.where((rng.random(len(x)) < 0.5)[:, None, None, None], x[..., ::-1], x)


@wrong("random_flip")
def channels_reversed_too(x, p, rng):
    return np.where((rng.random(len(x)) < p)[:, None, None, None], x[:, ::-1, :, ::-1], x)


@wrong("random_crop")
def an_offset_for_each_channel(x, padding, rng):
    apart = x.reshape(-1, 1, *x.shape[2:])
    draws = rng.integers(0, 2 * padding + 1, (len(apart), 2))
    return _cut(apart, _padded(apart, padding), draws).reshape(x.shape)


def _mixed(image, size, line):
    """Return an image mixed along both axes by `line`: (old, new) -> first neighbour, second one, share of the second."""
    rows, columns = _short(image, size)
    low, high, t = line(image.shape[1], rows)
    image = image[:, low] * (1 - t)[:, None] + image[:, high] * t[:, None]
    low, high, t = line(image.shape[2], columns)
    return image[:, :, low] * (1 - t) + image[:, :, high] * t


def _places(old, new):
    return (np.arange(new) + 0.5) * old / new - 0.5


@wrong("resize_short_side")
def half_a_pixel_too_far(image, size):
    def line(old, new):
        at = np.clip((np.arange(new) + 0.5) * old / new, 0, old - 1)
        low = at.astype(int)
        return low, np.minimum(low + 1, old - 1), at - low

    return _mixed(image, size, line)


@wrong("resize_short_side")
def weights_exchanged(image, size):
    def line(old, new):
        at = np.clip(_places(old, new), 0, old - 1)
        low = at.astype(int)
        return low, np.minimum(low + 1, old - 1), 1 - (at - low)

    return _mixed(image, size, line)


@wrong("resize_short_side")
def one_scale_for_both_axes(image, size):
    def line(old, new):
        at = np.clip((np.arange(new) + 0.5) * min(image.shape[1:]) / size - 0.5, 0, old - 1)
        low = at.astype(int)
        return low, np.minimum(low + 1, old - 1), at - low

    return _mixed(image, size, line)


@wrong("resize_short_side")
def places_not_clipped(image, size):
    def line(old, new):
        at = _places(old, new)
        low = np.floor(at).astype(int)
        return low, np.minimum(low + 1, old - 1), at - low

    return _mixed(image, size, line)


@wrong("resize_short_side")
def neighbours_clipped_and_not_the_place(image, size):
    def line(old, new):
        at = _places(old, new)
        low = np.clip(np.floor(at).astype(int), 0, max(old - 2, 0))
        return low, np.minimum(low + 1, old - 1), at - low

    return _mixed(image, size, line)


@wrong("resize_short_side")
def int_of_a_float_scale(image, size):
    h, w = image.shape[1:]
    scale = size / min(h, w)
    rows, columns = int(h * scale), int(w * scale)
    return _grid(image, rows, columns)


@wrong("ten_crop")
def lower_left_twice(image, size):
    h, w = image.shape[1:]
    places = [(0, 0), (0, w - size), (h - size, 0), (h - size, 0), ((h - size) // 2, (w - size) // 2)]
    five = [image[:, r : r + size, q : q + size] for r, q in places]
    return np.stack(five + [crop[..., ::-1] for crop in five])


@wrong("multi_crop_predict")
def sigmoid_of_the_logits(model, crops):
    return _asked(model, crops).sigmoid().mean(0)


@wrong("multi_crop_predict")
def mean_in_the_logarithm(model, crops):
    return _asked(model, crops).log_softmax(1).mean(0).exp()


@wrong("freeze")
def one_dimension_only(module):
    module.requires_grad_(False)
    for part in module.modules():
        if isinstance(part, nn.BatchNorm1d):
            _still(part)


@wrong("freeze")
def train_replaced_without_eval(module):
    module.requires_grad_(False)
    for part in module.modules():
        if isinstance(part, NORMS):
            part.train = lambda mode=True, part=part: part


@wrong("freeze")
def tracking_off_and_eval(module):
    module.requires_grad_(False)
    for part in module.modules():
        if isinstance(part, NORMS):
            part.track_running_stats = False
            part.eval()


@wrong("replace_head")
def everything_else_frozen(model, name, n_classes):
    model.requires_grad_(False)
    _put(model, name, _new(model.get_submodule(name), n_classes))
    return model


@wrong("parameter_groups")
def parameters_of_a_copy(model, head, lr_body, lr_head):
    return _groups(copy.deepcopy(model), lambda n: n.startswith(head + "."), lr_body, lr_head)


@wrong("random_resized_patch")
def resized_to_the_patch(image, low, high, size, rng):
    rows, columns = _short(image, size)
    small = _grid(image, rows, columns)
    row, column = rng.integers(0, rows - size + 1), rng.integers(0, columns - size + 1)
    return small[:, row : row + size, column : column + size]
