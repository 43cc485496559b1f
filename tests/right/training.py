"""Right answers to the exercises of unit 05, in other styles than the solution's: only tests may know them."""

from __future__ import annotations

import copy

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from right import way


@way("fit_normalizer")
def channel_by_channel(x):
    means, stds = [], []
    for channel in range(x.shape[1]):
        values = x[:, channel].ravel()
        means.append(values.mean())
        stds.append(np.sqrt(((values - values.mean()) ** 2).mean()))
    return np.array(means), np.array(stds)


@way("fit_normalizer")
def from_moments(x):
    rows = np.moveaxis(x.astype(float), 1, 0).reshape(x.shape[1], -1)
    mean = rows.sum(1) / rows.shape[1]
    return mean, np.sqrt(np.var(rows, axis=1))


@way("apply_normalizer")
def one_channel_after_the_other(x, mean, std):
    y = np.array(x)
    for c in range(len(mean)):
        y[:, c] = (x[:, c] - mean[c]) / std[c]
    return y


@way("apply_normalizer")
def channels_last(x, mean, std):
    return ((x.transpose(0, 2, 3, 1) - mean) / std).transpose(0, 3, 1, 2)


@way("minibatches")
def array_split(x, y, batch_size, rng):
    order = rng.permutation(len(y))
    for chosen in np.split(order, range(batch_size, len(y), batch_size)):
        yield x[chosen], y[chosen]


@way("minibatches")
def shuffled_in_place(x, y, batch_size, rng):
    order = np.arange(len(x))
    rng.shuffle(order)
    start = 0
    while start < len(x):
        yield x[order[start : start + batch_size]], y[order[start : start + batch_size]]
        start += batch_size


@way("minibatches")
def sorted_random_numbers(x, y, batch_size, rng):
    order = list(np.argsort(rng.random(len(x))))
    while order:
        chosen, order = order[:batch_size], order[batch_size:]
        yield np.array([x[i] for i in chosen]), np.array([y[i] for i in chosen])


@way("sgd_momentum_step")
def by_number(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    for i in range(len(params)):
        g = grads[i] + weight_decay * params[i]
        velocity[i] *= momentum
        velocity[i] += g
        params[i] -= lr * velocity[i]


@way("sgd_momentum_step")
def with_slices(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    for p, g, v in zip(params, grads, velocity, strict=False):
        v[...] = v * momentum + g + weight_decay * p
        p[:] = p - lr * v


@way("sgd_momentum_step")
def plain_descent_leaves_the_velocity(params, grads, velocity, lr, momentum=0.9, weight_decay=0.0):
    for p, g, v in zip(params, grads, velocity, strict=False):
        step = g + weight_decay * p
        if momentum != 0:
            np.multiply(v, momentum, out=v)
            np.add(v, step, out=v)
            step = v
        np.subtract(p, lr * step, out=p)


@way("softmax_cross_entropy")
def log_sum_exp(logits, labels):
    n = len(labels)
    top = logits.max(1)
    z = logits - top[:, None]
    total = np.log(np.exp(z).sum(1))
    loss = (total - z[np.arange(n), labels]).mean()
    d = np.exp(z - total[:, None])
    d[range(n), labels] -= 1
    return loss, d / n


@way("softmax_cross_entropy")
def image_by_image(logits, labels):
    losses, d = [], np.zeros(logits.shape)
    for i, label in enumerate(labels):
        shifted = [float(z) - float(max(logits[i])) for z in logits[i]]
        total = sum(np.exp(z) for z in shifted)
        losses.append(np.log(total) - shifted[label])
        d[i] = [np.exp(z) / total for z in shifted]
        d[i, label] -= 1
    return float(np.mean(losses)), d / len(labels)


@way("activation")
def with_a_table(x, kind):
    rules = {
        "sigmoid": lambda: 1 / (1 + np.exp(-x)),
        "tanh": lambda: np.tanh(x),
        "relu": lambda: np.maximum(x, 0),
        "leaky_relu": lambda: np.maximum(x, 0.01 * x),
        "elu": lambda: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    }
    return rules[kind]()


@way("activation")
def with_masks(x, kind):
    y = np.array(x, dtype=x.dtype)
    below = x < 0
    if kind == "relu":
        y[below] = 0
    elif kind == "leaky_relu":
        y[below] *= 0.01
    elif kind == "elu":
        y[below] = np.exp(x[below]) - 1
    elif kind == "tanh":
        y = 2 / (1 + np.exp(-2 * x)) - 1
    else:
        y = np.where(
            below, np.exp(np.minimum(x, 0)) / (1 + np.exp(np.minimum(x, 0))), 1 / (1 + np.exp(-np.abs(x)))
        )
    return y


@way("activation_gradient")
def from_the_outputs(x, kind):
    if kind == "sigmoid":
        s = 1 / (1 + np.exp(-x))
        return s * (1 - s)
    if kind == "tanh":
        return 1 - np.tanh(x) ** 2
    if kind == "relu":
        return (x > 0).astype(x.dtype)
    if kind == "leaky_relu":
        return np.where(x > 0, 1.0, 0.01)
    return np.where(x > 0, 1, np.exp(np.minimum(x, 0)))


@way("activation_gradient")
def from_other_formulas(x, kind):
    far = np.exp(-np.abs(x))
    rules = {
        "sigmoid": far / (1 + far) ** 2,
        "tanh": 4 * far**2 / (1 + far**2) ** 2,
        "relu": np.heaviside(x, 0.0),
        "leaky_relu": 0.01 + 0.99 * np.heaviside(x, 0.0),
        "elu": np.exp(-np.maximum(-x, 0)),
    }
    return rules[kind]


@way("dead_fraction")
def unit_by_unit(activations):
    dead = sum(1 for unit in activations.T if not any(value > 0 for value in unit))
    return dead / activations.shape[1]


@way("dead_fraction")
def counted_from_the_living(activations):
    return 1 - np.count_nonzero((activations > 0).any(axis=0)) / activations.shape[1]


@way("LeNet5")
class WithAverages(nn.Module):
    def __init__(self, n_classes=10):
        super().__init__()
        self.c1, self.c3 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5)
        self.c5, self.f6, self.out = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, n_classes)

    def forward(self, x):
        x = F.avg_pool2d(torch.tanh(self.c1(x)), 2)
        x = F.avg_pool2d(torch.tanh(self.c3(x)), 2).flatten(1)
        return self.out(torch.tanh(self.f6(torch.tanh(self.c5(x)))))


@way("LeNet5")
class AsInThePaper(nn.Module):
    def __init__(self, n_classes=10):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 6, 5), nn.AvgPool2d(2, 2), nn.Sigmoid(), nn.Conv2d(6, 16, 5), nn.AvgPool2d(2, 2), nn.Sigmoid(),
            nn.Conv2d(16, 120, 5), nn.Sigmoid(),
        )  # fmt: skip
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(120, 84), nn.Sigmoid(), nn.Linear(84, n_classes))

    def forward(self, x):
        return self.head(self.features(x))


@way("LeNet5")
class PooledFirst(nn.Module):
    def __init__(self, n_classes=10):
        super().__init__()
        self.conv1, self.conv2, self.pool = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5), nn.MaxPool2d(2)
        self.fc1, self.fc2, self.fc3 = (
            nn.Linear(16 * 5 * 5, 120),
            nn.Linear(120, 84),
            nn.Linear(84, n_classes),
        )

    def forward(self, x):
        x = F.relu(self.pool(self.conv1(x)))
        x = F.relu(self.pool(self.conv2(x)))
        x = x.view(x.size(0), -1)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))


@way("LeNet5")
class SqueezedByFlatten(nn.Module):
    def __init__(self, n_classes=10):
        super().__init__()
        self.c1, self.c3, self.c5 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5), nn.Conv2d(16, 120, 5)
        self.f6, self.out = nn.Linear(120, 84), nn.Linear(84, n_classes)

    def forward(self, x):
        x = F.max_pool2d(self.c1(x).relu(), 2)
        x = F.max_pool2d(self.c3(x).relu(), 2)
        x = torch.flatten(self.c5(x), 1).relu()
        return self.out(self.f6(x).relu())


@way("train_epoch")
def with_a_criterion(model, batches, optimizer):
    criterion = nn.CrossEntropyLoss()
    model.train()
    running, seen = 0.0, 0
    for images, labels in batches:
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        running += loss.item() * images.size(0)
        seen += images.size(0)
    return running / seen


@way("train_epoch")
def zeroed_at_the_end(model, batches, optimizer):
    losses = []
    model.train()
    for x, y in list(batches):
        each = -F.log_softmax(model(x), 1)[torch.arange(len(y)), y]
        each.mean().backward()
        optimizer.step()
        model.zero_grad()
        losses.append(each.detach())
    return torch.cat(losses).mean()


@way("train_epoch")
def gradients_by_name(model, batches, optimizer):
    total = torch.zeros(())
    count = 0
    for x, y in batches:
        model.train(True)
        loss = F.nll_loss(model(x).log_softmax(-1), y)
        for p, g in zip(
            model.parameters(), torch.autograd.grad(loss, list(model.parameters())), strict=False
        ):
            p.grad = g
        optimizer.step()
        total = total + loss.detach() * len(x)
        count += len(x)
    return float(total / count)


@way("evaluate")
def remembered_in_a_list(model, batches):
    modes = [m.training for m in model.modules()]
    model.eval()
    right = total = 0
    with torch.no_grad():
        for x, y in batches:
            right += (model(x).argmax(1) == y).sum().item()
            total += len(y)
    for m, mode in zip(model.modules(), modes, strict=False):
        m.training = mode
    return right / total


@way("evaluate")
@torch.inference_mode()
def in_inference_mode(model, batches):
    before = {name: m.training for name, m in model.named_modules()}
    for m in model.modules():
        m.training = False
    try:
        hits = torch.cat([torch.max(model(x), dim=1).indices == y for x, y in batches])
    finally:
        for name, m in model.named_modules():
            m.training = before[name]
    return hits.float().mean().item()


@way("evaluate")
def most_of_the_way_by_numpy(model, batches):
    training = [m for m in model.modules() if m.training]
    model.eval()
    hits = []
    for x, y in batches:
        with torch.no_grad():
            hits += (model(x).numpy().argmax(1) == y.numpy()).tolist()
    for m in training:
        m.training = True
    return np.mean(hits)


@way("evaluate")
@torch.no_grad()
def on_a_copy(model, batches):
    copied, right, count = copy.deepcopy(model).eval(), 0, 0
    for x, y in batches:
        right += int((copied(x).max(1).indices == y).sum())
        count += len(y)
    return right / count


@way("minibatches")
def a_list_cut_by_split(x, y, batch_size, rng):
    order = np.argsort(rng.random(len(x)))
    return [(x[part], y[part]) for part in np.split(order, range(batch_size, len(order), batch_size))]


@way("activation_gradient")
def by_hyperbolic_cosines(x, kind):
    near, above = np.clip(x, -300, 300), (x > 0).astype(x.dtype)
    if kind in ("sigmoid", "tanh"):
        return 1 / np.cosh(near) ** 2 if kind == "tanh" else 1 / (2 * np.cosh(near / 2)) ** 2
    below = {"relu": 0.0, "leaky_relu": 0.01, "elu": np.exp(np.minimum(x, 0))}[kind]
    return above + (1 - above) * below
