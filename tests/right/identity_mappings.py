"""Right answers to the exercises of unit 11, in other styles than the solution's: only tests may know them."""

from __future__ import annotations

import functools
import itertools
import math
import operator

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from right import way

# ---- PreActBlock


@way("PreActBlock")
class WithFunctions(nn.Module):
    """The projection takes the activated input; ReLUs are functions; the projection is declared first."""

    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        self.shortcut = nn.Identity()
        self.changes = stride != 1 or c_in != c_out
        if self.changes:
            self.shortcut = nn.Conv2d(c_in, c_out, 1, stride, bias=False)
        self.norms = nn.ModuleList([nn.BatchNorm2d(c_in), nn.BatchNorm2d(c_out)])
        self.first = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False)
        self.second = nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False)

    def forward(self, x):
        active = F.relu(self.norms[0](x))
        inside = self.second(F.relu(self.norms[1](self.first(active))))
        return inside + self.shortcut(active if self.changes else x)


@way("PreActBlock")
class RawProjection(nn.Module):
    """The projection takes the raw input; F is one Sequential."""

    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        self.f = nn.Sequential(
            nn.BatchNorm2d(c_in), nn.ReLU(), nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False),
            nn.BatchNorm2d(c_out), nn.ReLU(), nn.Conv2d(c_out, c_out, 3, padding=1, bias=False),
        )  # fmt: skip
        self.project = None
        if (c_in, 1) != (c_out, stride):
            self.project = nn.Conv2d(c_in, c_out, kernel_size=1, stride=stride, bias=False)

    def forward(self, x):
        return torch.add(x if self.project is None else self.project(x), self.f(x))


@way("PreActBlock")
class Clamped(nn.Module):
    """ReLUs in place and by clamp; an empty Sequential is the identity; padding by word."""

    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        self.bn1, self.relu = nn.BatchNorm2d(c_in), nn.ReLU(inplace=True)
        self.conv1 = nn.Conv2d(c_in, c_out, (3, 3), stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(c_out)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, padding="same", bias=False)
        layers = [nn.Conv2d(c_in, c_out, 1, stride, bias=False)] if stride != 1 or c_in != c_out else []
        self.downsample = nn.Sequential(*layers)

    def forward(self, x):
        active = self.relu(self.bn1(x))
        y = self.conv1(active)
        y = self.conv2(self.bn2(y).clamp(min=0))
        y += self.downsample(active) if len(self.downsample) else x
        return y


# ---- path_gain


@way("path_gain")
def gain_in_a_loop(scales):
    gain = 1
    for scale in scales:
        gain = gain * scale
    return gain


@way("path_gain")
def gain_by_reduce(scales):
    return functools.reduce(operator.mul, scales, 1.0)


@way("path_gain")
def gain_with_numpy(scales):
    return np.prod(scales)


@way("path_gain")
def gain_of_a_tensor(scales):
    return float(torch.tensor(scales, dtype=torch.float64).prod())


@way("path_gain")
def gain_with_math(scales):
    return math.prod(scales)


# ---- residual_sum


@way("residual_sum")
def unrolled_with_a_list_of_states(blocks, x):
    states = [x]
    for block in blocks:
        states.append(block(states[-1]))
    return states[-1], [after - before for before, after in itertools.pairwise(states)]


@way("residual_sum")
@torch.no_grad()
def unrolled_without_gradients(blocks, x):
    contributions = []
    total = x
    for block in blocks:
        contributions.append(block(total) - total)
        total = total + contributions[-1]
    return total, contributions


@way("residual_sum")
def unrolled_by_recursion(blocks, x):
    if len(blocks) == 0:
        return x, []
    y = blocks[0](x)
    last, rest = unrolled_by_recursion(blocks[1:], y)
    return last, [y - x, *rest]


# ---- ShortcutBlock


class Change(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(c), nn.Conv2d(c, c, 3, padding=1, bias=False)
        self.bn2, self.conv2 = nn.BatchNorm2d(c), nn.Conv2d(c, c, 3, padding=1, bias=False)

    def forward(self, x):
        return self.conv2(F.relu(self.bn2(self.conv1(F.relu(self.bn1(x))))))


@way("ShortcutBlock")
class WithBranches(nn.Module):
    def __init__(self, c, kind):
        super().__init__()
        self.kind, self.f = kind, Change(c)
        if kind in ("gate", "conv"):
            self.side = nn.Conv2d(c, c, 1)

    def forward(self, x):
        if self.kind == "scale":
            h = x / 2
        elif self.kind == "gate":
            h = torch.sigmoid(-self.side(x)) * x
        elif self.kind == "conv":
            h = self.side(x)
        elif self.kind == "dropout":
            h = F.dropout(x, 0.5, self.training)
        else:
            h = x
        return h + self.f(x)


class Gate(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.conv = nn.Conv2d(c, c, 1)

    def forward(self, x):
        return x - self.conv(x).sigmoid() * x


class Half(nn.Module):
    def forward(self, x):
        return x * 0.5


@way("ShortcutBlock")
class WithATable(nn.Module):
    def __init__(self, c, kind):
        super().__init__()
        kinds = {"identity": nn.Identity, "scale": Half, "gate": lambda: Gate(c), "dropout": nn.Dropout,
                 "conv": lambda: nn.Conv2d(c, c, 1, bias=False)}  # fmt: skip
        self.h = kinds[kind]()
        self.f = nn.Sequential(
            nn.BatchNorm2d(c), nn.ReLU(), nn.Conv2d(c, c, 3, 1, 1, bias=False),
            nn.BatchNorm2d(c), nn.ReLU(), nn.Conv2d(c, c, 3, 1, 1, bias=False),
        )  # fmt: skip

    def forward(self, x):
        return self.f(x) + self.h(x)


# ---- gradient_at_input


@way("gradient_at_input")
def by_hand_over_a_copy(blocks, x):
    leaf = x.detach().clone().requires_grad_(True)
    y = leaf
    for block in blocks:
        y = block(y)
    (gradient,) = torch.autograd.grad(y.sum(), leaf)
    return float((gradient**2).sum() ** 0.5)


@way("gradient_at_input")
def with_ones_as_the_gradient_above(blocks, x):
    with torch.enable_grad():
        start = x.detach().requires_grad_()
        end = functools.reduce(lambda value, block: block(value), blocks, start)
        gradient = torch.autograd.grad(end, start, torch.ones_like(end))[0]
    return torch.linalg.vector_norm(gradient).item()


@way("gradient_at_input")
def with_backward_for_one_leaf(blocks, x):
    leaf = x.detach().clone().requires_grad_()
    y = nn.Sequential(*blocks)(leaf) if blocks else leaf * 1
    y.sum().backward(inputs=[leaf])
    return np.sqrt(np.square(leaf.grad.numpy()).sum())
