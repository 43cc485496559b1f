"""Wrong answers to the PyTorch exercises of unit 07, as people really write them."""

from __future__ import annotations

import copy
import math

import torch
from torch import nn

from wrong import wrong

# ---- mc_predict


def _dropout_on(model):
    model.eval()
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.train()


def _modes(model):
    return {part: part.training for part in model.modules()}


def _back(modes):
    for part, mode in modes.items():
        part.training = mode


@wrong("mc_predict")
@torch.no_grad()
def everything_in_training_mode(model, x, passes):
    modes = _modes(model)
    model.train()
    outputs = torch.stack([model(x) for _ in range(passes)])
    _back(modes)
    return outputs.mean(0), outputs.std(0)


@wrong("mc_predict")
@torch.no_grad()
def everything_in_evaluation_mode(model, x, passes):
    modes = _modes(model)
    model.eval()
    outputs = torch.stack([model(x) for _ in range(passes)])
    _back(modes)
    return outputs.mean(0), outputs.std(0)


@wrong("mc_predict")
@torch.no_grad()
def eval_at_the_end(model, x, passes):
    _dropout_on(model)
    outputs = torch.stack([model(x) for _ in range(passes)])
    model.eval()
    return outputs.mean(0), outputs.std(0)


@wrong("mc_predict")
@torch.no_grad()
def train_at_the_end(model, x, passes):
    _dropout_on(model)
    outputs = torch.stack([model(x) for _ in range(passes)])
    model.train()
    return outputs.mean(0), outputs.std(0)


@wrong("mc_predict")
@torch.no_grad()
def modes_forgotten(model, x, passes):
    _dropout_on(model)
    outputs = torch.stack([model(x) for _ in range(passes)])
    return outputs.mean(0), outputs.std(0)


@wrong("mc_predict")
@torch.no_grad()
def only_the_models_own_mode(model, x, passes):
    before = model.training
    _dropout_on(model)
    outputs = torch.stack([model(x) for _ in range(passes)])
    model.train(before)
    return outputs.mean(0), outputs.std(0)


@wrong("mc_predict")
@torch.no_grad()
def probabilities(model, x, passes):
    modes = _modes(model)
    _dropout_on(model)
    outputs = torch.stack([model(x).softmax(1) for _ in range(passes)])
    _back(modes)
    return outputs.mean(0), outputs.std(0)


@wrong("mc_predict")
@torch.no_grad()
def variance(model, x, passes):
    modes = _modes(model)
    _dropout_on(model)
    outputs = torch.stack([model(x) for _ in range(passes)])
    _back(modes)
    return outputs.mean(0), outputs.var(0)


@wrong("mc_predict")
@torch.no_grad()
def over_the_images(model, x, passes):
    modes = _modes(model)
    _dropout_on(model)
    outputs = torch.stack([model(x) for _ in range(passes)])
    _back(modes)
    return outputs.mean(1), outputs.std(1)


@wrong("mc_predict")
@torch.no_grad()
def one_pass_less(model, x, passes):
    modes = _modes(model)
    _dropout_on(model)
    outputs = torch.stack([model(x) for _ in range(1, passes)])
    _back(modes)
    return outputs.mean(0), outputs.std(0)


@wrong("mc_predict")
@torch.no_grad()
def one_pass_copied(model, x, passes):
    modes = _modes(model)
    _dropout_on(model)
    outputs = torch.stack([model(x)] * passes)
    _back(modes)
    return outputs.mean(0), outputs.std(0)


@wrong("mc_predict")
@torch.no_grad()
def exchanged(model, x, passes):
    modes = _modes(model)
    _dropout_on(model)
    outputs = torch.stack([model(x) for _ in range(passes)])
    _back(modes)
    return outputs.std(0), outputs.mean(0)


@wrong("mc_predict")
@torch.no_grad()
def train_left_and_batch_norm_off(model, x, passes):
    model.train()
    for part in model.modules():
        if isinstance(part, nn.BatchNorm1d | nn.BatchNorm2d):
            part.eval()
    outputs = torch.stack([model(x) for _ in range(passes)])
    return outputs.mean(0), outputs.std(0)


@wrong("mc_predict")
def standard_error(model, x, passes):
    modes = _modes(model)
    _dropout_on(model)
    with torch.no_grad():
        outputs = torch.stack([model(x) for _ in range(passes)])
    _back(modes)
    return outputs.mean(0), outputs.std(0) / passes**0.5


# ---- EarlyStopper


class Base:
    """What the wrong answers have in common; each changes one thing."""

    def __init__(self, patience, min_delta=0.0):
        self.patience, self.min_delta = patience, min_delta
        self.best_loss, self.bad, self.best = float("inf"), 0, None

    def snapshot(self, model):
        return {name: value.detach().clone() for name, value in model.state_dict().items()}

    def update(self, loss, model):
        if loss < self.best_loss - self.min_delta:
            self.best_loss, self.bad, self.best = loss, 0, self.snapshot(model)
            return False
        self.bad += 1
        return self.bad >= self.patience

    def restore(self, model):
        model.load_state_dict(self.best)


@wrong("EarlyStopper")
class KeptByReference(Base):
    def snapshot(self, model):
        return model.state_dict()


@wrong("EarlyStopper")
class ShallowCopy(Base):
    def snapshot(self, model):
        return copy.copy(model.state_dict())


@wrong("EarlyStopper")
class TheModelItself(Base):
    def snapshot(self, model):
        return model

    def restore(self, model):
        model.load_state_dict(self.best.state_dict())


@wrong("EarlyStopper")
class ParametersOnly(Base):
    def snapshot(self, model):
        return [p.detach().clone() for p in model.parameters()]

    def restore(self, model):
        with torch.no_grad():
            for p, best in zip(model.parameters(), self.best, strict=True):
                p.copy_(best)


@wrong("EarlyStopper")
class StrictlyMore(Base):
    def update(self, loss, model):
        if loss < self.best_loss - self.min_delta:
            self.best_loss, self.bad, self.best = loss, 0, self.snapshot(model)
            return False
        self.bad += 1
        return self.bad > self.patience


@wrong("EarlyStopper")
class AskedBeforeCounting(Base):
    def update(self, loss, model):
        if loss < self.best_loss - self.min_delta:
            self.best_loss, self.bad, self.best = loss, 0, self.snapshot(model)
            return False
        stop = self.bad >= self.patience
        self.bad += 1
        return stop


@wrong("EarlyStopper")
class PlusMinDelta(Base):
    def update(self, loss, model):
        if loss < self.best_loss + self.min_delta:
            self.best_loss, self.bad, self.best = loss, 0, self.snapshot(model)
            return False
        self.bad += 1
        return self.bad >= self.patience


@wrong("EarlyStopper")
class NeverReset(Base):
    def update(self, loss, model):
        if loss < self.best_loss - self.min_delta:
            self.best_loss, self.best = loss, self.snapshot(model)
            return False
        self.bad += 1
        return self.bad >= self.patience


@wrong("EarlyStopper")
class BestFollowsAlways(Base):
    def update(self, loss, model):
        better = loss < self.best_loss - self.min_delta
        if loss < self.best_loss:
            self.best_loss, self.best = loss, self.snapshot(model)
        self.bad = 0 if better else self.bad + 1
        return self.bad >= self.patience


@wrong("EarlyStopper")
class LeastWithoutASnapshot(Base):
    def update(self, loss, model):
        better = loss < self.best_loss - self.min_delta
        if better:
            self.best = self.snapshot(model)
        self.best_loss = min(self.best_loss, loss)
        self.bad = 0 if better else self.bad + 1
        return self.bad >= self.patience


@wrong("EarlyStopper")
class AgainstTheLastLoss(Base):
    last = math.inf

    def update(self, loss, model):
        better = loss < self.last - self.min_delta
        self.last = loss
        if better:
            self.best_loss, self.bad, self.best = loss, 0, self.snapshot(model)
            return False
        self.bad += 1
        return self.bad >= self.patience


@wrong("EarlyStopper")
class NothingWhileItGoesOn(Base):
    def update(self, loss, model):
        if loss < self.best_loss - self.min_delta:
            self.best_loss, self.bad, self.best = loss, 0, self.snapshot(model)
            return
        self.bad += 1
        if self.bad >= self.patience:
            return True


@wrong("EarlyStopper")
class EqualIsBetter(Base):
    def update(self, loss, model):
        if loss <= self.best_loss - self.min_delta:
            self.best_loss, self.bad, self.best = loss, 0, self.snapshot(model)
            return False
        self.bad += 1
        return self.bad >= self.patience


@wrong("EarlyStopper")
class NewTensors(Base):
    def restore(self, model):
        for name, value in self.best.items():
            setattr(model, name, nn.Parameter(value.clone()) if name == "weight" else value.clone())


@wrong("EarlyStopper")
class TheLastState(Base):
    def update(self, loss, model):
        self.best = self.snapshot(model)
        if loss < self.best_loss - self.min_delta:
            self.best_loss, self.bad = loss, 0
            return False
        self.bad += 1
        return self.bad >= self.patience


@wrong("EarlyStopper")
class MinDeltaForgotten(Base):
    def update(self, loss, model):
        if loss < self.best_loss:
            self.best_loss, self.bad, self.best = loss, 0, self.snapshot(model)
            return False
        self.bad += 1
        return self.bad >= self.patience


@wrong("EarlyStopper")
class RestoredByReference(Base):
    def restore(self, model):
        for name, p in model.named_parameters():
            p.data = self.best[name]
        for name, b in model.named_buffers():
            b.data = self.best[name]


@wrong("EarlyStopper")
class BestStaysAtTheFirst(Base):
    def update(self, loss, model):
        if math.isinf(self.best_loss):
            self.best_loss = loss
        elif loss >= self.best_loss - self.min_delta:
            self.bad += 1
            return self.bad >= self.patience
        self.bad, self.best = 0, self.snapshot(model)
        return False


@wrong("EarlyStopper")
class CountedAgainstTheLastLoss(Base):
    last = math.inf

    def update(self, loss, model):
        if loss < self.best_loss - self.min_delta:
            self.best_loss, self.best = loss, self.snapshot(model)
        self.bad = 0 if loss < self.last - self.min_delta else self.bad + 1
        self.last = loss
        return self.bad >= self.patience


@wrong("EarlyStopper")
class BestBeginsAtZero(Base):
    def __init__(self, patience, min_delta=0.0):
        super().__init__(patience, min_delta)
        self.best_loss, self.best = 0.0, None

    def restore(self, model):
        if self.best is not None:
            model.load_state_dict(self.best)


@wrong("EarlyStopper")
class BestBeginsAtAHundred(Base):
    def __init__(self, patience, min_delta=0.0):
        super().__init__(patience, min_delta)
        self.best_loss, self.best = 100.0, None


@wrong("mc_predict")
@torch.no_grad()
def a_seed_in_every_pass(model, x, passes):
    modes, outputs = _modes(model), []
    _dropout_on(model)
    for _ in range(passes):
        torch.manual_seed(0)
        outputs.append(model(x))
    _back(modes)
    return torch.stack(outputs).mean(0), torch.stack(outputs).std(0)
