"""Wrong answers to the activations, networks and loops of unit 05, as people write them."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from wrong import wrong

# ---- activation


def _rules(**changed):
    rules = {
        "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
        "tanh": np.tanh,
        "relu": lambda x: np.maximum(x, 0),
        "leaky_relu": lambda x: np.where(x > 0, x, 0.01 * x),
        "elu": lambda x: np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1),
    } | changed
    return lambda x, kind: rules[kind](x)


def _named(exercise, **answers):
    for name, answer in answers.items():
        answer.__name__ = answer.__qualname__ = name
        wrong(exercise)(answer)


_named(
    "activation",
    sigmoid_as_a_ratio=_rules(sigmoid=lambda x: np.exp(x) / (1 + np.exp(x))),
    tanh_as_a_ratio=_rules(tanh=lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))),
    elu_by_masks=_rules(elu=lambda x: x * (x > 0) + (np.exp(x) - 1) * (x <= 0)),
    slope_of_a_tenth=_rules(leaky_relu=lambda x: np.where(x > 0, x, 0.1 * x)),
    slope_of_a_fifth=_rules(leaky_relu=lambda x: np.where(x > 0, x, 0.2 * x)),
    leaky_by_maximum_of_the_wrong_sign=_rules(leaky_relu=lambda x: np.maximum(x, -0.01 * x)),
    elu_without_minus_one=_rules(elu=lambda x: np.where(x > 0, x, np.exp(np.minimum(x, 0)))),
    sigmoid_sign=_rules(sigmoid=lambda x: 1 / (1 + np.exp(x))),
    relu_as_a_mask=_rules(relu=lambda x: np.where(x > 0, 1.0, 0.0)),
    relu_of_the_absolute=_rules(relu=np.abs),
    tanh_for_sigmoid=_rules(sigmoid=np.tanh),
    relu_for_everything=lambda x, kind: np.maximum(x, 0),
)


@wrong("activation")
def relu_in_place(x, kind):
    if kind in ("relu", "leaky_relu"):
        x[x < 0] *= 0 if kind == "relu" else 0.01
        return x
    return _rules()(x, kind)


@wrong("activation")
def an_if_on_an_array(x, kind):
    if kind == "relu":
        return x if x > 0 else 0
    return _rules()(x, kind)


# ---- activation_gradient


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _slopes(**changed):
    rules = {
        "sigmoid": lambda x: _sigmoid(x) * (1 - _sigmoid(x)),
        "tanh": lambda x: 1 - np.tanh(x) ** 2,
        "relu": lambda x: (x > 0) * 1.0,
        "leaky_relu": lambda x: np.where(x > 0, 1, 0.01),
        "elu": lambda x: np.where(x > 0, 1, np.exp(np.minimum(x, 0))),
    } | changed
    return lambda x, kind: rules[kind](x)


_named(
    "activation_gradient",
    the_activation_itself=_rules(),
    relu_one_at_zero=_slopes(relu=lambda x: (x >= 0) * 1.0),
    leaky_one_at_zero=_slopes(leaky_relu=lambda x: np.where(x >= 0, 1, 0.01)),
    sigmoid_of_x=_slopes(sigmoid=lambda x: x * (1 - x)),
    tanh_of_x=_slopes(tanh=lambda x: 1 - x**2),
    both_of_x=_slopes(sigmoid=lambda x: x * (1 - x), tanh=lambda x: 1 - x**2),
    tanh_unsquared=_slopes(tanh=lambda x: 1 - np.tanh(x)),
    tanh_like_sigmoid=_slopes(tanh=lambda x: np.tanh(x) * (1 - np.tanh(x))),
    elu_minus_one=_slopes(elu=lambda x: np.where(x > 0, 1, np.exp(np.minimum(x, 0)) - 1)),
    flat_below_zero=_slopes(leaky_relu=lambda x: (x > 0) * 1.0, elu=lambda x: (x > 0) * 1.0),
    slope_times_x=_slopes(relu=lambda x: np.maximum(x, 0), leaky_relu=lambda x: np.where(x > 0, x, 0.01 * x)),
    true_and_false=_slopes(relu=lambda x: x > 0),
    sigmoid_overflows=_slopes(sigmoid=lambda x: np.exp(x) / (1 + np.exp(x)) ** 2),
    elu_by_masks=_slopes(elu=lambda x: (x > 0) + (x <= 0) * np.exp(x)),
)

# ---- dead_fraction

_named(
    "dead_fraction",
    share_of_zeros=lambda activations: np.mean(activations <= 0),
    share_of_exact_zeros=lambda activations: np.mean(activations == 0),
    any_zero=lambda activations: np.mean((activations <= 0).any(axis=0)),
    by_example=lambda activations: np.mean((activations <= 0).all(axis=1)),
    living=lambda activations: np.mean((activations > 0).any(axis=0)),
    number=lambda activations: int((activations <= 0).all(axis=0).sum()),
    over_examples=lambda activations: (activations <= 0).all(axis=0).sum() / len(activations),
    sum_is_zero=lambda activations: np.mean(activations.sum(axis=0) == 0),
    sum_is_not_positive=lambda activations: np.mean(activations.sum(axis=0) <= 0),
    mask=lambda activations: (activations <= 0).all(axis=0),
    exactly_zero=lambda activations: np.mean((activations == 0).all(axis=0)),
    strictly_below=lambda activations: np.mean((activations < 0).all(axis=0)),
    percent=lambda activations: 100 * np.mean((activations <= 0).all(axis=0)),
    max_of_everything=lambda activations: float(activations.max() <= 0),
)

# ---- LeNet5


def _lenet(forward=None, **layers):
    class LeNet5(nn.Module):
        def __init__(self, n_classes=10):
            super().__init__()
            made = {
                "c1": lambda: nn.Conv2d(1, 6, 5), "c3": lambda: nn.Conv2d(6, 16, 5), "f5": lambda: nn.Linear(400, 120),
                "f6": lambda: nn.Linear(120, 84), "out": lambda: nn.Linear(84, n_classes),
            } | layers  # fmt: skip
            for name, make in made.items():
                setattr(self, name, make())

        def forward(self, x):
            return (forward or _forward)(self, x)

    return LeNet5


def _maps(net, x, act=F.relu, pool=lambda x: F.max_pool2d(x, 2)):
    return pool(act(net.c3(pool(act(net.c1(x)))))).flatten(1)


def _forward(net, x, act=F.relu):
    return net.out(act(net.f6(act(net.f5(_maps(net, x, act))))))


def _linear(x):
    return x


_named(
    "LeNet5",
    NoActivations=_lenet(lambda net, x: _forward(net, x, _linear)),
    NoneBetweenTheLinear=_lenet(lambda net, x: net.out(net.f6(net.f5(_maps(net, x))))),
    NoneAfterTheConvolutions=_lenet(lambda net, x: net.out(F.relu(net.f6(F.relu(net.f5(_maps(net, x, _linear))))))),
    Softmax=_lenet(lambda net, x: _forward(net, x).softmax(1)),
    LogSoftmax=_lenet(lambda net, x: F.log_softmax(_forward(net, x), 1)),
    ReluAtTheEnd=_lenet(lambda net, x: F.relu(_forward(net, x))),
    Padded=_lenet(c1=lambda: nn.Conv2d(1, 6, 5, padding=2), c3=lambda: nn.Conv2d(6, 16, 5, padding=2), f5=lambda: nn.Linear(1024, 120)),
    ForMnist=_lenet(c1=lambda: nn.Conv2d(1, 6, 5, padding=2), f5=lambda: nn.Linear(576, 120)),
    Kernels3=_lenet(c1=lambda: nn.Conv2d(1, 6, 3), c3=lambda: nn.Conv2d(6, 16, 3), f5=lambda: nn.Linear(576, 120)),
    AlwaysTen=_lenet(out=lambda: nn.Linear(84, 10)),
    WithoutBias=_lenet(c1=lambda: nn.Conv2d(1, 6, 5, bias=False), c3=lambda: nn.Conv2d(6, 16, 5, bias=False)),
    WithoutF6=_lenet(lambda net, x: net.out(F.relu(net.f5(_maps(net, x)))), f6=nn.Identity, out=lambda: nn.Linear(120, 10)),
    FlattenedEverything=_lenet(lambda net, x: _forward(net, x).flatten()),
    ForgotToFlatten=_lenet(lambda net, x: net.out(F.relu(net.f6(F.relu(net.f5(F.max_pool2d(F.relu(net.c3(F.max_pool2d(F.relu(net.c1(x)), 2))), 2))))))),
    OneActivationMissing=_lenet(lambda net, x: net.out(net.f6(F.relu(net.f5(_maps(net, x)))))),
)  # fmt: skip

# ---- train_epoch


def _epoch(
    model,
    batches,
    optimizer,
    zero=True,
    train=True,
    loss_of=F.cross_entropy,
    result=lambda losses, sizes: (losses @ sizes) / sizes.sum(),
):
    if train:
        model.train()
    losses, sizes = [], []
    for x, y in batches:
        if zero:
            optimizer.zero_grad()
        loss = loss_of(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        sizes.append(len(y))
    return result(np.array(losses), np.array(sizes))


_named(
    "train_epoch",
    not_zeroed=lambda model, batches, optimizer: _epoch(model, batches, optimizer, zero=False),
    mean_of_batches=lambda model, batches, optimizer: _epoch(model, batches, optimizer, result=lambda l, n: l.mean()),
    sum_of_batches=lambda model, batches, optimizer: _epoch(model, batches, optimizer, result=lambda l, n: l.sum()),
    sum_of_examples=lambda model, batches, optimizer: _epoch(model, batches, optimizer, result=lambda l, n: l @ n),
    last_loss=lambda model, batches, optimizer: _epoch(model, batches, optimizer, result=lambda l, n: l[-1]),
    divided_by_examples=lambda model, batches, optimizer: _epoch(model, batches, optimizer, result=lambda l, n: l.sum() / n.sum()),
    mode_as_it_was=lambda model, batches, optimizer: _epoch(model, batches, optimizer, train=False),
    softmax_first=lambda model, batches, optimizer: _epoch(model, batches, optimizer, loss_of=lambda z, y: F.cross_entropy(z.softmax(1), y)),
    summed_loss=lambda model, batches, optimizer: _epoch(
        model, batches, optimizer, loss_of=lambda z, y: F.cross_entropy(z, y, reduction="sum"), result=lambda l, n: l.sum() / n.sum()),
    not_zeroed_and_mean_of_batches=lambda model, batches, optimizer: _epoch(
        model, batches, optimizer, zero=False, result=lambda l, n: l.mean()),
)  # fmt: skip


@wrong("train_epoch")
def zeroed_between(model, batches, optimizer):
    model.train()
    total = count = 0
    for x, y in batches:
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
        total += loss.item() * len(y)
        count += len(y)
    return total / count


@wrong("train_epoch")
def no_step(model, batches, optimizer):
    model.train()
    total = count = 0
    for x, y in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        total += loss.item() * len(y)
        count += len(y)
    return total / count


@wrong("train_epoch")
def in_evaluation_mode(model, batches, optimizer):
    model.eval()
    total = count = 0
    for x, y in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        count += len(y)
    return total / count


@wrong("train_epoch")
def returns_inside(model, batches, optimizer):
    model.train()
    for x, y in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        return loss.item()


@wrong("train_epoch")
def left_in_evaluation(model, batches, optimizer):
    loss = _epoch(model, batches, optimizer)
    model.eval()
    return loss


@wrong("train_epoch")
def asks_for_a_length(model, batches, optimizer):
    total = _epoch(model, batches, optimizer, result=lambda l, n: l.sum())
    return total / len(batches)


@wrong("train_epoch")
def an_optimizer_of_its_own(model, batches, optimizer):
    return _epoch(model, batches, torch.optim.SGD(model.parameters(), lr=0.01))


# ---- evaluate


def _count(model, batches):
    right = total = 0
    for x, y in batches:
        right += (model(x).argmax(1) == y).sum().item()
        total += len(y)
    return right, total


@wrong("evaluate")
def training_mode(model, batches):
    with torch.no_grad():
        right, total = _count(model, batches)
    return right / total


@wrong("evaluate")
def always_training_afterwards(model, batches):
    model.eval()
    with torch.no_grad():
        right, total = _count(model, batches)
    model.train()
    return right / total


@wrong("evaluate")
def mode_not_restored(model, batches):
    model.eval()
    with torch.no_grad():
        right, total = _count(model, batches)
    return right / total


@wrong("evaluate")
def only_the_models_own_mode(model, batches):
    was = model.training
    model.eval()
    with torch.no_grad():
        right, total = _count(model, batches)
    model.train(was)
    return right / total


def _restoring(result, gradients=torch.no_grad):
    def evaluate(model, batches):
        modes = [(m, m.training) for m in model.modules()]
        model.eval()
        with gradients():
            pairs = [(model(x).argmax(1), y) for x, y in batches]
        for m, mode in modes:
            m.training = mode
        hits = [(z == y).float() for z, y in pairs]
        return result(hits)

    return evaluate


_named(
    "evaluate",
    with_gradients=_restoring(lambda hits: torch.cat(hits).mean().item(), torch.enable_grad),
    mean_of_batches=_restoring(lambda hits: np.mean([h.mean().item() for h in hits])),
    percent=_restoring(lambda hits: 100 * torch.cat(hits).mean().item()),
    count=_restoring(lambda hits: int(torch.cat(hits).sum())),
    error=_restoring(lambda hits: 1 - torch.cat(hits).mean().item()),
    last_batch=_restoring(lambda hits: hits[-1].mean().item()),
    divided_by_batches=_restoring(lambda hits: torch.cat(hits).sum().item() / len(hits)),
    divided_by_the_first_batch=_restoring(
        lambda hits: torch.cat(hits).sum().item() / (len(hits) * len(hits[0]))
    ),
    no_result=_restoring(lambda hits: None),
)


@wrong("evaluate")
def gradients_off_for_ever(model, batches):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    torch.set_grad_enabled(False)
    right, total = _count(model, batches)
    for m, mode in modes:
        m.training = mode
    return right / total


@wrong("evaluate")
def gradients_on_for_ever(model, batches):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    torch.set_grad_enabled(False)
    right, total = _count(model, batches)
    torch.set_grad_enabled(True)
    for m, mode in modes:
        m.training = mode
    return right / total


@wrong("evaluate")
def trained_afterwards_and_mean_of_batches(model, batches):
    model.eval()
    with torch.no_grad():
        shares = [(model(x).argmax(1) == y).float().mean().item() for x, y in batches]
    model.train()
    return sum(shares) / len(shares)


# ---- found by a second reader

_named(
    "activation",
    tanh_as_a_sigmoid_of_x=_rules(tanh=lambda x: (1 + np.tanh(x / 2)) / 2),
    sigmoid_without_its_half=_rules(sigmoid=lambda x: np.tanh(x / 2) / 2),
    leaky_as_a_level=_rules(leaky_relu=lambda x: np.where(x > 0, x, 0.01)),
    leaky_by_the_minimum=_rules(leaky_relu=lambda x: np.minimum(x, 0.01 * x)),
    elu_upside_down=_rules(elu=lambda x: np.where(x > 0, x, 1 - np.exp(np.minimum(x, 0)))),
    relu_of_the_largest=_rules(relu=lambda x: x * 0 + max(0, x.max())),
)


def _slopes(**changed):
    def sigmoid(x):
        return (1 + np.tanh(x / 2)) / 2

    rules = {
        "sigmoid": lambda x: sigmoid(x) * (1 - sigmoid(x)),
        "tanh": lambda x: 1 - np.tanh(x) ** 2,
        "relu": lambda x: np.where(x > 0, 1.0, 0.0),
        "leaky_relu": lambda x: np.where(x > 0, 1.0, 0.01),
        "elu": lambda x: np.where(x > 0, 1.0, np.exp(np.minimum(x, 0))),
    } | changed
    return lambda x, kind: rules[kind](x)


_named(
    "activation_gradient",
    sigmoid_itself=_slopes(sigmoid=lambda x: (1 + np.tanh(x / 2)) / 2),
    sigmoid_falls=_slopes(sigmoid=lambda x: -(1 - np.tanh(x / 2) ** 2) / 4),
    leaky_value_below_zero=_slopes(leaky_relu=lambda x: np.where(x > 0, 1.0, 0.01 * x)),
    elu_times_x=_slopes(elu=lambda x: np.where(x > 0, 1.0, x * np.exp(np.minimum(x, 0)))),
    relu_as_a_sign=_slopes(relu=np.sign),
)


@wrong("train_epoch")
def loss_without_item(model, batches, optimizer):
    model.train()
    total = count = 0
    for x, y in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss * len(y)
        count += len(y)
    return total / count


@wrong("train_epoch")
def one_step_at_the_end(model, batches, optimizer):
    model.train()
    optimizer.zero_grad()
    total = count = 0
    for x, y in batches:
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        total += loss.item() * len(y)
        count += len(y)
    optimizer.step()
    return total / count


@wrong("train_epoch")
def nll_of_logits(model, batches, optimizer):
    model.train()
    total = count = 0
    for x, y in batches:
        optimizer.zero_grad()
        loss = F.nll_loss(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        count += len(y)
    return total / count


def _share(model, batches):
    right = count = 0
    with torch.no_grad():
        for x, y in batches:
            right += (model(x).argmax(1) == y).sum().item()
            count += len(y)
    return right / count


def _restored(model, batches):
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    share = _share(model, batches)
    for part, mode in modes:
        part.training = mode
    return share


@wrong("evaluate")
def only_the_children_put_back(model, batches):
    mode, modes = model.training, [(child, child.training) for child in model.children()]
    model.eval()
    share = _share(model, batches)
    model.training = mode
    for child, was in modes:
        child.train(was)
    return share


@wrong("evaluate")
def weights_frozen_for_good(model, batches):
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    return _restored(model, batches)


@wrong("evaluate")
def gradients_cleared(model, batches):
    model.zero_grad()
    return _restored(model, batches)


@wrong("evaluate")
def rounded_to_percent(model, batches):
    return round(_restored(model, batches), 2)
