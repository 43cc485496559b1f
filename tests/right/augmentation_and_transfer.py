"""Right answers to the exercises of unit 08, in other styles than the solution's: only tests may know them."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from right import way


@way("random_flip")
def where_over_the_batch(x, p, rng):
    return np.where(rng.random(len(x))[:, None, None, None] < p, x[..., ::-1], x)


@way("random_flip")
def image_by_image(x, p, rng):
    return np.stack([np.flip(image, 2) if rng.uniform() < p else image for image in x])


@way("random_flip")
def by_binomial_numbers(x, p, rng):
    y = x.copy()
    chosen = rng.binomial(1, p, size=x.shape[0]).astype(bool)
    y[chosen] = y[chosen, :, :, ::-1]
    return y


@way("random_crop")
def padded_once_and_cut(x, padding, rng):
    n, _, h, w = x.shape
    full = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows, columns = rng.integers(0, 2 * padding + 1, (2, n))
    return np.stack(
        [full[i, :, r : r + h, q : q + w] for i, (r, q) in enumerate(zip(rows, columns, strict=True))]
    )


@way("random_crop")
def written_into_zeros(x, padding, rng):
    n, _, h, w = x.shape
    y = np.zeros_like(x)
    for i in range(n):
        down, right = rng.integers(-padding, padding, 2, endpoint=True)
        target = np.s_[max(0, down) : h + min(0, down), max(0, right) : w + min(0, right)]
        source = np.s_[max(0, -down) : h + min(0, -down), max(0, -right) : w + min(0, -right)]
        y[i, :, target[0], target[1]] = x[i, :, source[0], source[1]]
    return y


@way("random_crop")
def chosen_among_all_windows(x, padding, rng):
    full = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    windows = np.lib.stride_tricks.sliding_window_view(full, x.shape[2:], axis=(2, 3))
    places = np.arange(2 * padding + 1)
    n = len(x)
    return windows[np.arange(n), :, rng.choice(places, n), rng.choice(places, n)]


def _sides(image, size):
    h, w = image.shape[1:]
    return (size, size * w // h) if h <= w else (size * h // w, size)


@way("resize_short_side")
def pixel_by_pixel(image, size):
    c, h, w = image.shape
    rows, columns = _sides(image, size)
    y = np.zeros((c, rows, columns))
    for i in range(rows):
        for j in range(columns):
            r = min(max((i + 0.5) * h / rows - 0.5, 0), h - 1)
            q = min(max((j + 0.5) * w / columns - 0.5, 0), w - 1)
            a, b = int(r), int(q)
            below, right = min(a + 1, h - 1), min(b + 1, w - 1)
            top = (1 - (q - b)) * image[:, a, b] + (q - b) * image[:, a, right]
            bottom = (1 - (q - b)) * image[:, below, b] + (q - b) * image[:, below, right]
            y[:, i, j] = (1 - (r - a)) * top + (r - a) * bottom
    return y


@way("resize_short_side")
def one_axis_after_the_other_by_interp(image, size):
    for axis, side in zip((1, 2), _sides(image, size), strict=True):
        old = image.shape[axis]
        places = (np.arange(side) + 0.5) * old / side - 0.5
        image = np.apply_along_axis(
            lambda line, at=places, n=old: np.interp(at, np.arange(n), line), axis, image
        )
    return image


@way("resize_short_side")
def two_matrices(image, size):
    def weights(new, old):
        at = np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
        return np.maximum(0, 1 - np.abs(at[:, None] - np.arange(old)))

    rows, columns = _sides(image, size)
    return weights(rows, image.shape[1]) @ image @ weights(columns, image.shape[2]).T


@way("ten_crop")
def corners_by_negative_slices(image, size):
    h, w = image.shape[1:]
    top, left = (h - size) // 2, (w - size) // 2
    five = [image[:, :size, :size], image[:, :size, -size:], image[:, -size:, :size], image[:, -size:, -size:],
            image[:, top : top + size, left : left + size]]  # fmt: skip
    return np.stack([*five, *(crop[:, :, ::-1] for crop in five)])


@way("ten_crop")
def crops_of_the_mirrored_image_one_after_the_other(image, size):
    y = []
    for one in (image, np.flip(image, 2)):
        margin = one.shape[1] - size, one.shape[2] - size
        for down, right in ((0.5, 0.5), (0, 0), (0, 1), (1, 0), (1, 1)):
            r, q = int(margin[0] * down), int(margin[1] * right)
            y.append(one[:, r : r + size, q : q + size])
    return np.array(y)


@way("random_resized_patch")
def drawn_up_to_and_with_high(image, low, high, size, rng):
    full = two_matrices(image, int(rng.integers(low, high, endpoint=True)))
    row, column = (int(rng.integers(side - size + 1)) for side in full.shape[1:])
    return full[:, row : row + size, column : column + size]


@way("random_resized_patch")
def chosen_from_lists(image, low, high, size, rng):
    full = one_axis_after_the_other_by_interp(image, rng.choice(np.arange(low, high + 1)))
    windows = np.lib.stride_tricks.sliding_window_view(full, (size, size), axis=(1, 2))
    return windows[:, rng.choice(windows.shape[1]), rng.choice(windows.shape[2])]


@way("random_resized_patch")
def places_by_shares(image, low, high, size, rng):
    short = low + int(rng.random() * (high - low + 1))
    full = pixel_by_pixel(image, short)
    row = int(rng.random() * (full.shape[1] - size + 1))
    column = int(rng.random() * (full.shape[2] - size + 1))
    return full[:, row : row + size, column : column + size].copy()


@way("multi_crop_predict")
def one_batch_of_crops(model, crops):
    before = model.training
    model.eval()
    with torch.no_grad():
        shares = torch.softmax(model(crops), dim=1)
    model.train(before)
    return shares.mean(0)


@way("multi_crop_predict")
def crop_by_crop(model, crops):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    total = sum(F.softmax(model(crop[None])[0], -1) for crop in crops)
    for part, mode in modes:
        part.training = mode
    return total / len(crops)


NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)


@way("freeze")
def a_train_that_does_nothing(module):
    for parameter in module.parameters():
        parameter.requires_grad = False
    for part in module.modules():
        if isinstance(part, nn.modules.batchnorm._BatchNorm):
            part.eval()
            part.train = lambda mode=True, part=part: part


@way("freeze")
def a_hook_before_every_pass(module):
    module.requires_grad_(False)
    for part in module.modules():
        if isinstance(part, NORMS):
            part.eval()
            part.register_forward_pre_hook(lambda norm, args: norm.eval() and None)
    return module


@way("freeze")
def the_whole_part_stays_in_evaluation_mode(module):
    module.requires_grad_(False)
    module.eval()
    for part in module.modules():
        part.train = lambda mode=True, part=part: part


@way("freeze")
def another_forward(module):
    for p in module.parameters():
        p.requires_grad_(False)
    for part in [m for m in module.modules() if isinstance(m, NORMS)]:
        part.forward = lambda x, n=part: F.batch_norm(
            x, n.running_mean, n.running_var, n.weight, n.bias, False, 0.0, n.eps
        )


@way("replace_head")
def by_rpartition(model, name, n_classes):
    parent, _, last = name.rpartition(".")
    place = model.get_submodule(parent)
    old = getattr(place, last)
    setattr(
        place, last, nn.Linear(old.in_features, n_classes, bias=old.bias is not None, dtype=old.weight.dtype)
    )
    return model


@way("replace_head")
def walked_down_by_getattr(model, name, n_classes):
    *path, last = name.split(".")
    place = model
    for step in path:
        place = place._modules[step]
    old = place._modules[last]
    place._modules[last] = nn.Linear(old.weight.shape[1], n_classes, old.bias is not None).to(old.weight)
    return model


@way("replace_head")
def set_by_torch(model, name, n_classes):
    old = model.get_submodule(name)
    new = nn.Linear(old.in_features, n_classes, old.bias is not None, old.weight.device, old.weight.dtype)
    nn.init.zeros_(new.weight)
    model.set_submodule(name, new)
    return model


@way("parameter_groups")
def by_names_with_a_dot(model, head, lr_body, lr_head):
    named = list(model.named_parameters())
    return [
        {"params": [p for n, p in named if n.startswith(head + ".")], "lr": lr_head},
        {"params": [p for n, p in named if not n.startswith(head + ".")], "lr": lr_body},
    ]


@way("parameter_groups")
def by_identity(model, head, lr_body, lr_head):
    ours = set(model.get_submodule(head).parameters())
    body = (p for p in model.parameters() if p not in ours)
    return [
        {"params": body, "lr": lr_body},
        {"params": model.get_submodule(head).parameters(), "lr": lr_head},
    ]


@way("parameter_groups")
def a_group_for_every_parameter(model, head, lr_body, lr_head):
    ours = {id(p) for p in model.get_submodule(head).parameters()}
    return [{"params": [p], "lr": lr_head if id(p) in ours else lr_body} for p in model.parameters()]


@way("resize_short_side")
def by_numpys_interpolation(image, size):
    for axis, new in enumerate(_sides(image, size), 1):
        old = image.shape[axis]
        places = (np.arange(new) + 0.5) * old / new - 0.5
        image = np.apply_along_axis(
            lambda line, at=places, old=old: np.interp(at, np.arange(old), line), axis, image
        )
    return image


@way("freeze")
def by_a_hook_before_each_forward(module):
    module.requires_grad_(False)
    for part in module.modules():
        if isinstance(part, nn.BatchNorm1d | nn.BatchNorm2d):
            part.register_forward_pre_hook(lambda one, _: setattr(one, "training", False))


@way("parameter_groups")
def a_group_for_each_parameter(model, head, lr_body, lr_head):
    inside = {id(p) for p in model.get_submodule(head).parameters()}
    return [{"params": [p], "lr": lr_head if id(p) in inside else lr_body} for p in model.parameters()]
