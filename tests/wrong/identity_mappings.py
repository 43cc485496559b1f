"""Wrong answers to the exercises of unit 11, as people really write them."""

from __future__ import annotations

import functools
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from wrong import wrong

# ---- path_gain


@wrong("path_gain")
def added_up(scales):
    return sum(scales)


@wrong("path_gain")
def begins_at_zero(scales):
    gain = 0
    for scale in scales:
        gain *= scale
    return gain


@wrong("path_gain")
def mean_of_all(scales):
    return sum(scales) / len(scales) if len(scales) else 0.0


@wrong("path_gain")
def return_inside_the_loop(scales):
    gain = 1.0
    for scale in scales:
        gain *= scale
        return gain
    return gain


@wrong("path_gain")
def every_product(scales):
    return np.cumprod(scales)


@wrong("path_gain")
def first_to_the_power(scales):
    return scales[0] ** len(scales) if len(scales) else 1.0


@wrong("path_gain")
def nothing_returned(scales):
    gain = 1.0
    for scale in scales:
        gain *= scale


@wrong("path_gain")
def one_plus_each(scales):
    gain = 1.0
    for scale in scales:
        gain *= 1 + scale
    return gain


@wrong("path_gain")
def exponent_of_absolute_logarithms(scales):
    return math.exp(sum(math.log(abs(scale)) if scale else -math.inf for scale in scales))


@wrong("path_gain")
def without_the_last_block(scales):
    gain = 1.0
    for i in range(len(scales) - 1):
        gain *= scales[i]
    return gain


@wrong("path_gain")
def reduced_without_a_beginning(scales):
    return functools.reduce(lambda a, b: a * b, scales)


@wrong("path_gain")
def overwritten(scales):
    gain = 1.0
    for scale in scales:
        gain = scale
    return gain


# ---- residual_sum


@wrong("residual_sum")
def outputs_collected(blocks, x):
    outputs = []
    for block in blocks:
        x = block(x)
        outputs.append(x)
    return x, outputs


@wrong("residual_sum")
def called_twice(blocks, x):
    contributions = []
    for block in blocks:
        contributions.append(block(x) - x)
        x = block(x)
    return x, contributions


@wrong("residual_sum")
def always_from_the_first_input(blocks, x):
    contributions = [block(x) - x for block in blocks]
    return x + sum(contributions), contributions


@wrong("residual_sum")
def added_in_place(blocks, x):
    contributions = []
    for block in blocks:
        f = block(x) - x
        contributions.append(f)
        x += f
    return x, contributions


@wrong("residual_sum")
def block_taken_for_f(blocks, x):
    contributions = []
    for block in blocks:
        f = block(x)
        contributions.append(f)
        x = x + f
    return x, contributions


@wrong("residual_sum")
def only_the_end(blocks, x):
    for block in blocks:
        x = block(x)
    return x


@wrong("residual_sum")
def the_other_way_round(blocks, x):
    contributions = []
    for block in blocks:
        y = block(x)
        contributions.append(y - x)
        x = y
    return contributions, x


@wrong("residual_sum")
def minus_the_wrong_way(blocks, x):
    contributions = []
    for block in blocks:
        y = block(x)
        contributions.append(x - y)
        x = y
    return x, contributions


@wrong("residual_sum")
def minus_the_start(blocks, x):
    start, contributions = x, []
    for block in blocks:
        x = block(x)
        contributions.append(x - start)
    return x, contributions


@wrong("residual_sum")
def x_never_moves_on(blocks, x):
    contributions = []
    for block in blocks:
        y = block(x)
        contributions.append(y - x)
    return x, contributions


@wrong("residual_sum")
def zero_differences(blocks, x):
    contributions = []
    for block in blocks:
        x = block(x)
        contributions.append(x - x)
    return x, contributions


@wrong("residual_sum")
def sum_without_x(blocks, x):
    contributions = []
    for block in blocks:
        y = block(x)
        contributions.append(y - x)
        x = y
    return sum(contributions) if contributions else torch.zeros_like(x), contributions


@wrong("residual_sum")
def stacked(blocks, x):
    contributions = [torch.zeros_like(x)]
    for block in blocks:
        y = block(x)
        contributions.append(y - x)
        x = y
    return x, torch.stack(contributions)


@wrong("residual_sum")
def calls_the_list(blocks, x):
    y = blocks(x)
    return y, [y - x]


@wrong("residual_sum")
def forgets_to_return(blocks, x):
    contributions = []
    for block in blocks:
        y = block(x)
        contributions.append(y - x)
        x = y


# ---- gradient_at_input


def _through(blocks, x):
    for block in blocks:
        x = block(x)
    return x


@wrong("gradient_at_input")
def plain_backward(blocks, x):
    start = x.detach().clone().requires_grad_()
    _through(blocks, start).sum().backward()
    return start.grad.norm().item()


@wrong("gradient_at_input")
def on_x_itself(blocks, x):
    x.requires_grad_()
    _through(blocks, x).sum().backward()
    return x.grad.norm().item()


@wrong("gradient_at_input")
def x_left_wanting(blocks, x):
    x.requires_grad_()
    (gradient,) = torch.autograd.grad(_through(blocks, x).sum(), x)
    return gradient.norm().item()


@wrong("gradient_at_input")
def gradients_zeroed_afterwards(blocks, x):
    start = x.detach().clone().requires_grad_()
    _through(blocks, start).sum().backward()
    for block in blocks:
        block.zero_grad()
    return start.grad.norm().item()


@wrong("gradient_at_input")
def in_evaluation_mode(blocks, x):
    for block in blocks:
        block.eval()
    start = x.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(_through(blocks, start).sum(), start)
    return gradient.norm().item()


@wrong("gradient_at_input")
def mean_of_the_rows(blocks, x):
    start = x.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(_through(blocks, start).sum(), start)
    return gradient.flatten(1).norm(dim=1).mean().item()


@wrong("gradient_at_input")
def mean_of_the_output(blocks, x):
    start = x.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(_through(blocks, start).mean(), start)
    return gradient.norm().item()


@wrong("gradient_at_input")
def a_tensor_returned(blocks, x):
    start = x.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(_through(blocks, start).sum(), start)
    return gradient.norm()


@wrong("gradient_at_input")
def squared(blocks, x):
    start = x.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(_through(blocks, start).sum(), start)
    return (gradient**2).sum().item()


@wrong("gradient_at_input")
def absolute_values(blocks, x):
    start = x.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(_through(blocks, start).sum(), start)
    return gradient.abs().sum().item()


@wrong("gradient_at_input")
def x_wants_no_gradient(blocks, x):
    (gradient,) = torch.autograd.grad(_through(blocks, x).sum(), x)
    return gradient.norm().item()


@wrong("gradient_at_input")
def only_the_last_block(blocks, x):
    for block in blocks:
        x = x.detach().requires_grad_()
        y = block(x)
    (gradient,) = torch.autograd.grad(y.sum(), x)
    return gradient.norm().item()


@wrong("gradient_at_input")
def norm_of_the_parameters(blocks, x):
    y = _through(blocks, x.detach()).sum()
    gradients = torch.autograd.grad(y, [p for block in blocks for p in block.parameters()])
    return torch.cat([g.flatten() for g in gradients]).norm().item()


# ---- PreActBlock


class _Base(nn.Module):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        self.bn1, self.bn2 = nn.BatchNorm2d(c_in), nn.BatchNorm2d(c_out)
        self.conv1 = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False)
        self.short = None
        if stride != 1 or c_in != c_out:
            self.short = nn.Conv2d(c_in, c_out, 1, stride, bias=False)

    def f(self, a):
        return self.conv2(F.relu(self.bn2(self.conv1(a))))

    def forward(self, x):
        a = F.relu(self.bn1(x))
        return self.f(a) + (x if self.short is None else self.short(a))


@wrong("PreActBlock")
class ReluAtTheEnd(_Base):
    def forward(self, x):
        return F.relu(super().forward(x))


@wrong("PreActBlock")
class ActivatedInputAdded(_Base):
    def forward(self, x):
        a = F.relu(self.bn1(x))
        return self.f(a) + (a if self.short is None else self.short(a))


@wrong("PreActBlock")
class InputOverwritten(_Base):
    def forward(self, x):
        x = F.relu(self.bn1(x))
        y = self.f(x)
        return y + (x if self.short is None else self.short(x))


@wrong("PreActBlock")
class ReluInPlaceOnTheInput(_Base):
    def forward(self, x):
        a = F.relu(self.bn1(x), inplace=True)
        return self.f(a)


@wrong("PreActBlock")
class NormTwice(_Base):
    def forward(self, x):
        y = self.f(F.relu(self.bn1(x)))
        return y + (x if self.short is None else self.short(F.relu(self.bn1(x))))


@wrong("PreActBlock")
class NormOfTheWrongWidth(_Base):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__(c_in, c_out, stride)
        self.bn1 = nn.BatchNorm2d(c_out)


@wrong("PreActBlock")
class ProjectionWithNorm(_Base):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__(c_in, c_out, stride)
        if self.short is not None:
            self.short = nn.Sequential(self.short, nn.BatchNorm2d(c_out))


@wrong("PreActBlock")
class OnlyWherePixelsChange(_Base):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__(c_in, c_out, stride)
        if stride == 1:
            self.short = None


@wrong("PreActBlock")
class OnlyWhereMapsChange(_Base):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__(c_in, c_out, stride)
        if c_in == c_out:
            self.short = None


@wrong("PreActBlock")
class AlwaysProjected(_Base):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__(c_in, c_out, stride)
        self.short = nn.Conv2d(c_in, c_out, 1, stride, bias=False)


@wrong("PreActBlock")
class WithBiases(_Base):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__(c_in, c_out, stride)
        self.conv1 = nn.Conv2d(c_in, c_out, 3, stride, 1)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, 1, 1)


@wrong("PreActBlock")
class StrideOnTheSecond(_Base):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__(c_in, c_out, stride)
        self.conv1 = nn.Conv2d(c_in, c_out, 3, 1, 1, bias=False)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, stride, 1, bias=False)


@wrong("PreActBlock")
class TheBlockOfUnitTen(nn.Module):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False), nn.BatchNorm2d(c_out)
        self.conv2, self.bn2 = nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False), nn.BatchNorm2d(c_out)
        self.short = nn.Sequential()
        if stride != 1 or c_in != c_out:
            self.short = nn.Sequential(nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out))

    def forward(self, x):
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))) + self.short(x))


@wrong("PreActBlock")
class ReluBeforeNorm(_Base):
    def forward(self, x):
        a = self.bn1(F.relu(x))
        y = self.conv2(self.bn2(F.relu(self.conv1(a))))
        return y + (x if self.short is None else self.short(a))


@wrong("PreActBlock")
class NoAddition(_Base):
    def forward(self, x):
        return self.f(F.relu(self.bn1(x)))


# ---- ShortcutBlock


class _Kinds(nn.Module):
    def __init__(self, c, kind):
        super().__init__()
        self.kind = kind
        self.bn1, self.bn2 = nn.BatchNorm2d(c), nn.BatchNorm2d(c)
        self.conv1, self.conv2 = (nn.Conv2d(c, c, 3, padding=1, bias=False) for _ in range(2))
        if kind in ("gate", "conv"):
            self.side = nn.Conv2d(c, c, 1, bias=kind == "gate")

    def f(self, x):
        return self.conv2(F.relu(self.bn2(self.conv1(F.relu(self.bn1(x))))))

    def h(self, x):
        if self.kind == "scale":
            return 0.5 * x
        if self.kind == "gate":
            return (1 - torch.sigmoid(self.side(x))) * x
        if self.kind == "conv":
            return self.side(x)
        return F.dropout(x, 0.5, self.training) if self.kind == "dropout" else x

    def forward(self, x):
        return self.h(x) + self.f(x)


@wrong("ShortcutBlock")
class GateTurnedRound(_Kinds):
    def h(self, x):
        return torch.sigmoid(self.side(x)) * x if self.kind == "gate" else super().h(x)


@wrong("ShortcutBlock")
class GateWithoutSigmoid(_Kinds):
    def h(self, x):
        return (1 - self.side(x)) * x if self.kind == "gate" else super().h(x)


@wrong("ShortcutBlock")
class GateWithoutBias(_Kinds):
    def __init__(self, c, kind):
        super().__init__(c, kind)
        if kind == "gate":
            self.side = nn.Conv2d(c, c, 1, bias=False)


@wrong("ShortcutBlock")
class GateNotMultiplied(_Kinds):
    def h(self, x):
        return 1 - torch.sigmoid(self.side(x)) if self.kind == "gate" else super().h(x)


@wrong("ShortcutBlock")
class DropoutAlwaysOn(_Kinds):
    def h(self, x):
        return F.dropout(x, 0.5) if self.kind == "dropout" else super().h(x)


@wrong("ShortcutBlock")
class DropoutOnTheChange(_Kinds):
    def forward(self, x):
        if self.kind == "dropout":
            return x + F.dropout(self.f(x), 0.5, self.training)
        return super().forward(x)


@wrong("ShortcutBlock")
class ScaledSum(_Kinds):
    def forward(self, x):
        return 0.5 * (x + self.f(x)) if self.kind == "scale" else super().forward(x)


@wrong("ShortcutBlock")
class ReluAfterTheSum(_Kinds):
    def forward(self, x):
        return F.relu(super().forward(x))


@wrong("ShortcutBlock")
class ConvolutionWithNorm(_Kinds):
    def __init__(self, c, kind):
        super().__init__(c, kind)
        if kind == "conv":
            self.side = nn.Sequential(nn.Conv2d(c, c, 1, bias=False), nn.BatchNorm2d(c))


@wrong("ShortcutBlock")
class AllKindsDeclared(_Kinds):
    def __init__(self, c, kind):
        super().__init__(c, kind)
        self.side = nn.Conv2d(c, c, 1)


@wrong("ShortcutBlock")
class ActivatedOnTheShortcut(_Kinds):
    def forward(self, x):
        a = F.relu(self.bn1(x))
        return self.h(a) + self.conv2(F.relu(self.bn2(self.conv1(a))))


@wrong("ShortcutBlock")
class OneConvolutionTwice(_Kinds):
    def f(self, x):
        return self.conv1(F.relu(self.bn2(self.conv1(F.relu(self.bn1(x))))))


@wrong("ShortcutBlock")
class AttributeForgotten(nn.Module):
    def __init__(self, c, kind):
        super().__init__()
        self.bn1, self.bn2 = nn.BatchNorm2d(c), nn.BatchNorm2d(c)
        self.conv1, self.conv2 = (nn.Conv2d(c, c, 3, padding=1, bias=False) for _ in range(2))

    def forward(self, x):
        f = self.conv2(F.relu(self.bn2(self.conv1(F.relu(self.bn1(x))))))
        return 0.5 * x + f if self.kind == "scale" else x + f


@wrong("ShortcutBlock")
class UnknownKindsAreIdentity(_Kinds):
    def h(self, x):
        return x if self.kind in ("identity", "dropout") else super().h(x)


# ---- found by an adversary who had not seen the declared mistakes


@wrong("path_gain")
def mean_to_the_power(scales):
    return (sum(scales) / len(scales)) ** len(scales) if len(scales) else 1.0


@wrong("path_gain")
def zeros_skipped(scales):
    gain = 1.0
    for scale in scales:
        if scale == 0:
            continue
        gain *= scale
    return gain


@wrong("path_gain")
def cut_to_int(scales):
    gain = 1
    for scale in scales:
        gain = int(gain * scale)
    return gain


@wrong("residual_sum")
def from_the_last_block(blocks, x):
    contributions = []
    for block in reversed(blocks):
        y = block(x)
        contributions.append(y - x)
        x = y
    return x, contributions


@wrong("residual_sum")
def one_sum_in_place(blocks, x):
    contributions, total = [], torch.zeros_like(x)
    for block in blocks:
        y = block(x)
        total += y - x
        contributions.append(total)
        x = y
    return x, contributions


@wrong("residual_sum")
def blocks_popped(blocks, x):
    contributions = []
    while blocks:
        y = blocks.pop(0)(x)
        contributions.append(y - x)
        x = y
    return x, contributions


@wrong("residual_sum")
def return_in_the_loop(blocks, x):
    contributions = []
    for block in blocks:
        y = block(x)
        contributions.append(y - x)
        return y, contributions
    return x, contributions


@wrong("residual_sum")
def shortcut_added_again(blocks, x):
    contributions = []
    for block in blocks:
        contributions.append(block(x) - x)
        x = block(x) + x
    return x, contributions


@wrong("gradient_at_input")
def norms_multiplied(blocks, x):
    product = 1.0
    for block in blocks:
        start = x.detach().clone().requires_grad_()
        y = block(start)
        product *= torch.autograd.grad(y.sum(), start)[0].norm().item()
        x = y
    return product


@wrong("gradient_at_input")
def largest_singular_value(blocks, x):
    start = x.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(_through(blocks, start).sum(), start)
    return torch.linalg.matrix_norm(gradient.flatten(1), 2).item()


@wrong("gradient_at_input")
def tuple_kept(blocks, x):
    start = x.detach().clone().requires_grad_()
    gradient = torch.autograd.grad(_through(blocks, start).sum(), start)
    return gradient.norm().item()


@wrong("gradient_at_input")
def rounded_to_cents(blocks, x):
    start = x.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(_through(blocks, start).sum(), start)
    return round(gradient.norm().item(), 2)


@wrong("PreActBlock")
class ExtraNormBehindF(_Base):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__(c_in, c_out, stride)
        self.bn3 = nn.BatchNorm2d(c_out)

    def f(self, a):
        return self.bn3(super().f(a))


@wrong("PreActBlock")
class RawIntoTheConvolution(_Base):
    def forward(self, x):
        a = F.relu(self.bn1(x))
        return self.f(x) + (x if self.short is None else self.short(a))


@wrong("ShortcutBlock")
class GateOnF(_Kinds):
    def forward(self, x):
        if self.kind == "gate":
            return x + (1 - torch.sigmoid(self.side(x))) * self.f(x)
        return super().forward(x)


@wrong("ShortcutBlock")
class ConvolutionBesideX(_Kinds):
    def h(self, x):
        return x + self.side(x) if self.kind == "conv" else super().h(x)


@wrong("ShortcutBlock")
class KindMisspelled(_Kinds):
    def h(self, x):
        return x if self.kind == "scale" else super().h(x)


@wrong("ShortcutBlock")
class TanhInTheGate(_Kinds):
    def h(self, x):
        return (1 - torch.tanh(self.side(x))) * x if self.kind == "gate" else super().h(x)
