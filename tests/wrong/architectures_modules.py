"""Wrong answers to unit 9's inception and VGG, as people really write them."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from right.architectures import BranchesInAList
from wrong import wrong


@wrong("inception_macs")
def projection_in_the_naive_module(c_in, h, w, spec, bottleneck=True):
    c1, r3, c3, r5, c5, pool = spec
    reduced = c_in * (r3 + r5) + 9 * r3 * c3 + 25 * r5 * c5
    return h * w * (c_in * (c1 + pool) + (reduced if bottleneck else c_in * (9 * c3 + 25 * c5)))


@wrong("inception_macs")
def naive_with_reductions(c_in, h, w, spec, bottleneck=True):
    c1, r3, c3, r5, c5, pool = spec
    return h * w * (c_in * (c1 + r3 + r5 + pool) + 9 * r3 * c3 + 25 * r5 * c5)


@wrong("inception_macs")
def reductions_for_free(c_in, h, w, spec, bottleneck=True):
    c1, r3, c3, r5, c5, pool = spec
    if bottleneck:
        return h * w * (c_in * (c1 + pool) + 9 * r3 * c3 + 25 * r5 * c5)
    return h * w * c_in * (c1 + 9 * c3 + 25 * c5)


@wrong("inception_macs")
def weights_not_macs(c_in, h, w, spec, bottleneck=True):
    c1, r3, c3, r5, c5, pool = spec
    if bottleneck:
        return c_in * (c1 + r3 + r5 + pool) + 9 * r3 * c3 + 25 * r5 * c5
    return c_in * (c1 + 9 * c3 + 25 * c5)


@wrong("inception_macs")
def two_operations_each(c_in, h, w, spec, bottleneck=True):
    c1, r3, c3, r5, c5, pool = spec
    if bottleneck:
        return 2 * h * w * (c_in * (c1 + r3 + r5 + pool) + 9 * r3 * c3 + 25 * r5 * c5)
    return 2 * h * w * c_in * (c1 + 9 * c3 + 25 * c5)


@wrong("inception_macs")
def all_maps_after_reduction(c_in, h, w, spec, bottleneck=True):
    c1, r3, c3, r5, c5, pool = spec
    if bottleneck:
        return h * w * c_in * (c1 + r3 + r5 + pool + 9 * c3 + 25 * c5)
    return h * w * c_in * (c1 + 9 * c3 + 25 * c5)


@wrong("inception_macs")
def square_images(c_in, h, w, spec, bottleneck=True):
    c1, r3, c3, r5, c5, pool = spec
    if bottleneck:
        return h * h * (c_in * (c1 + r3 + r5 + pool) + 9 * r3 * c3 + 25 * r5 * c5)
    return h * h * c_in * (c1 + 9 * c3 + 25 * c5)


@wrong("inception_macs")
def sides_not_squares(c_in, h, w, spec, bottleneck=True):
    c1, r3, c3, r5, c5, pool = spec
    if bottleneck:
        return h * w * (c_in * (c1 + r3 + r5 + pool) + 3 * r3 * c3 + 5 * r5 * c5)
    return h * w * c_in * (c1 + 3 * c3 + 5 * c5)


@wrong("inception_macs")
def flag_turned_round(c_in, h, w, spec, bottleneck=True):
    c1, r3, c3, r5, c5, pool = spec
    if not bottleneck:
        return h * w * (c_in * (c1 + r3 + r5 + pool) + 9 * r3 * c3 + 25 * r5 * c5)
    return h * w * c_in * (c1 + 9 * c3 + 25 * c5)


@wrong("inception_macs")
def no_projection_at_all(c_in, h, w, spec, bottleneck=True):
    c1, r3, c3, r5, c5, _ = spec
    if bottleneck:
        return h * w * (c_in * (c1 + r3 + r5) + 9 * r3 * c3 + 25 * r5 * c5)
    return h * w * c_in * (c1 + 9 * c3 + 25 * c5)


@wrong("inception_macs")
def biases_too(c_in, h, w, spec, bottleneck=True):
    c1, r3, c3, r5, c5, pool = spec
    if bottleneck:
        return h * w * (c_in * (c1 + r3 + r5 + pool) + 9 * r3 * c3 + 25 * r5 * c5 + sum(spec))
    return h * w * (c_in * (c1 + 9 * c3 + 25 * c5) + c1 + c3 + c5)


@wrong("inception_macs")
def pool_counted_as_nine(c_in, h, w, spec, bottleneck=True):
    c1, r3, c3, r5, c5, pool = spec
    if bottleneck:
        return h * w * (c_in * (c1 + r3 + r5 + 9 * pool) + 9 * r3 * c3 + 25 * r5 * c5)
    return h * w * c_in * (c1 + 9 * c3 + 25 * c5)


@wrong("inception_macs")
def pool_compares_count(c_in, h, w, spec, bottleneck=True):
    c1, r3, c3, r5, c5, pool = spec
    if bottleneck:
        return h * w * (c_in * (c1 + r3 + r5 + pool + 9) + 9 * r3 * c3 + 25 * r5 * c5)
    return h * w * c_in * (c1 + 9 * c3 + 25 * c5 + 9)


@wrong("inception_macs")
def sides_exchanged(c_in, h, w, spec, bottleneck=True):
    c1, r3, c3, r5, c5, pool = spec
    if bottleneck:
        return h * w * (c_in * (c1 + r3 + r5 + pool) + 25 * r3 * c3 + 9 * r5 * c5)
    return h * w * c_in * (c1 + 25 * c3 + 9 * c5)


@wrong("inception_macs")
def unpacked_in_another_order(c_in, h, w, spec, bottleneck=True):
    c1, c3, r3, c5, r5, pool = spec
    if bottleneck:
        return h * w * (c_in * (c1 + r3 + r5 + pool) + 9 * r3 * c3 + 25 * r5 * c5)
    return h * w * c_in * (c1 + 9 * c3 + 25 * c5)


@wrong("inception_macs")
def projection_of_all_branches(c_in, h, w, spec, bottleneck=True):
    c1, r3, c3, r5, c5, pool = spec
    if bottleneck:
        return h * w * (c_in * (c1 + r3 + r5) + 9 * r3 * c3 + 25 * r5 * c5 + (c1 + c3 + c5) * pool)
    return h * w * c_in * (c1 + 9 * c3 + 25 * c5)


@wrong("inception_macs")
def borders_lost(c_in, h, w, spec, bottleneck=True):
    c1, r3, c3, r5, c5, pool = spec
    inner = [max(h - lost, 0) * max(w - lost, 0) for lost in (2, 4)]
    if bottleneck:
        return h * w * c_in * (c1 + r3 + r5 + pool) + inner[0] * 9 * r3 * c3 + inner[1] * 25 * r5 * c5
    return h * w * c_in * c1 + c_in * (inner[0] * 9 * c3 + inner[1] * 25 * c5)


def relu(c_in, c_out, k):
    return nn.Sequential(nn.Conv2d(c_in, c_out, k, padding=k // 2), nn.ReLU())


class Four(nn.Module):
    """A learner's module; those below change one thing of it."""

    def __init__(self, c_in, c1, r3, c3, r5, c5, pool):
        super().__init__()
        self.b1 = relu(c_in, c1, 1)
        self.b3 = nn.Sequential(relu(c_in, r3, 1), relu(r3, c3, 3))
        self.b5 = nn.Sequential(relu(c_in, r5, 1), relu(r5, c5, 5))
        self.bp = relu(c_in, pool, 1)

    def pooled(self, x):
        return self.bp(F.max_pool2d(x, 3, 1, 1))

    def forward(self, x):
        return torch.cat([self.b1(x), self.b3(x), self.b5(x), self.pooled(x)], 1)


@wrong("Inception")
class ProjectedFirst(Four):
    def pooled(self, x):
        return F.max_pool2d(self.bp(x), 3, 1, 1)


@wrong("Inception")
class ProjectedFirstThenRelu(BranchesInAList):
    def __init__(self, *numbers):
        super().__init__(*numbers)
        pool, conv, after = self.branches[3]
        self.branches[3] = nn.Sequential(conv, pool, after)


@wrong("Inception")
class PoolInFront(Four):
    def forward(self, x):
        return torch.cat([self.pooled(x), self.b1(x), self.b3(x), self.b5(x)], 1)


@wrong("Inception")
class FiveBeforeThree(Four):
    def forward(self, x):
        return torch.cat([self.b1(x), self.b5(x), self.b3(x), self.pooled(x)], 1)


@wrong("Inception")
class LargestFirst(Four):
    def forward(self, x):
        return torch.cat([self.b5(x), self.b3(x), self.b1(x), self.pooled(x)], 1)


@wrong("Inception")
class LinearProjection(Four):
    def __init__(self, *numbers):
        super().__init__(*numbers)
        self.bp = self.bp[0]


@wrong("Inception")
class LinearReduction(Four):
    def __init__(self, *numbers):
        super().__init__(*numbers)
        self.b3[0] = self.b3[0][0]


@wrong("Inception")
class LinearReductions(Four):
    def __init__(self, *numbers):
        super().__init__(*numbers)
        self.b3[0], self.b5[0] = self.b3[0][0], self.b5[0][0]


@wrong("Inception")
class NoRelus(Four):
    def __init__(self, *numbers):
        super().__init__(*numbers)
        self.b1, self.bp = self.b1[0], self.bp[0]
        self.b3 = nn.Sequential(self.b3[0][0], self.b3[1][0])
        self.b5 = nn.Sequential(self.b5[0][0], self.b5[1][0])


@wrong("Inception")
class NormedConvolutions(Four):
    def __init__(self, *numbers):
        super().__init__(*numbers)
        self.b1.insert(1, nn.BatchNorm2d(numbers[1]))


@wrong("Inception")
class Unbiased(Four):
    def __init__(self, c_in, c1, r3, c3, r5, c5, pool):
        super().__init__(c_in, c1, r3, c3, r5, c5, pool)
        self.b1[0] = nn.Conv2d(c_in, c1, 1, bias=False)


@wrong("Inception")
class AveragePool(Four):
    def pooled(self, x):
        return self.bp(F.avg_pool2d(x, 3, 1, 1))


@wrong("Inception")
class AddedBranches(Four):
    def forward(self, x):
        return self.b1(x) + self.b3(x) + self.b5(x) + self.pooled(x)


@wrong("Inception")
class PoolOfStrideThree(Four):
    def pooled(self, x):
        return self.bp(F.max_pool2d(x, 3))


@wrong("Inception")
class Unpadded(Four):
    def __init__(self, c_in, c1, r3, c3, r5, c5, pool):
        super().__init__(c_in, c1, r3, c3, r5, c5, pool)
        self.b3[1][0] = nn.Conv2d(r3, c3, 3)


@wrong("Inception")
class CatAlongRows(Four):
    def forward(self, x):
        return torch.cat([self.b1(x), self.b3(x), self.b5(x), self.pooled(x)], 2)


@wrong("Inception")
class NaiveModule(Four):
    def __init__(self, c_in, c1, r3, c3, r5, c5, pool):
        super().__init__(c_in, c1, r3, c3, r5, c5, pool)
        self.b3, self.b5 = relu(c_in, c3, 3), relu(c_in, c5, 5)


@wrong("Inception")
class ProjectionForgotten(Four):
    def pooled(self, x):
        return F.max_pool2d(x, 3, 1, 1)


@wrong("Inception")
class SameReduction(Four):
    def __init__(self, c_in, c1, r3, c3, r5, c5, pool):
        super().__init__(c_in, c1, r3, c3, r5, c5, pool)
        self.b5 = nn.Sequential(relu(c3, r5, 1), relu(r5, c5, 5))

    def forward(self, x):
        three = self.b3(x)
        return torch.cat([self.b1(x), three, self.b5(three), self.pooled(x)], 1)


def layers(
    config, c_in, conv=lambda a, b: [nn.Conv2d(a, b, 3, padding=1), nn.ReLU()], pool=lambda: nn.MaxPool2d(2)
):
    """Return a learner's list of layers, and how many maps the last of them gives."""
    found = []
    for one in config:
        if one == "M":
            found.append(pool())
        else:
            found += conv(c_in, one)
            c_in = one
    return found, c_in


def ended(found, c, n_classes):
    return nn.Sequential(*found, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(c, n_classes))


@wrong("make_vgg")
def without_relus(config, c_in, n_classes):
    return ended(*layers(config, c_in, lambda a, b: [nn.Conv2d(a, b, 3, padding=1)]), n_classes)


@wrong("make_vgg")
def unpadded(config, c_in, n_classes):
    return ended(*layers(config, c_in, lambda a, b: [nn.Conv2d(a, b, 3), nn.ReLU()]), n_classes)


@wrong("make_vgg")
def unbiased(config, c_in, n_classes):
    return ended(
        *layers(config, c_in, lambda a, b: [nn.Conv2d(a, b, 3, padding=1, bias=False), nn.ReLU()]), n_classes
    )


@wrong("make_vgg")
def normed(config, c_in, n_classes):
    conv = lambda a, b: [nn.Conv2d(a, b, 3, padding=1), nn.BatchNorm2d(b), nn.ReLU()]  # noqa: E731
    return ended(*layers(config, c_in, conv), n_classes)


@wrong("make_vgg")
def averaged_pools(config, c_in, n_classes):
    return ended(*layers(config, c_in, pool=lambda: nn.AvgPool2d(2)), n_classes)


@wrong("make_vgg")
def overlapping_pools(config, c_in, n_classes):
    return ended(*layers(config, c_in, pool=lambda: nn.MaxPool2d(3, 2)), n_classes)


@wrong("make_vgg")
def padded_overlapping_pools(config, c_in, n_classes):
    return ended(*layers(config, c_in, pool=lambda: nn.MaxPool2d(3, 2, 1)), n_classes)


@wrong("make_vgg")
def emptied_configuration(config, c_in, n_classes):
    found = []
    while config:
        one = config.pop(0)
        found += [nn.MaxPool2d(2)] if one == "M" else [nn.Conv2d(c_in, one, 3, padding=1), nn.ReLU()]
        c_in = c_in if one == "M" else one
    return ended(found, c_in, n_classes)


@wrong("make_vgg")
def pools_of_stride_one(config, c_in, n_classes):
    return ended(*layers(config, c_in, pool=lambda: nn.MaxPool2d(2, 1)), n_classes)


@wrong("make_vgg")
def flattened(config, c_in, n_classes):
    found, _ = layers(config, c_in)
    return nn.Sequential(*found, nn.Flatten(), nn.LazyLinear(n_classes))


@wrong("make_vgg")
def global_maximum(config, c_in, n_classes):
    found, c = layers(config, c_in)
    return nn.Sequential(*found, nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(c, n_classes))


@wrong("make_vgg")
def probabilities(config, c_in, n_classes):
    return nn.Sequential(ended(*layers(config, c_in), n_classes), nn.Softmax(1))


@wrong("make_vgg")
def hidden_layer(config, c_in, n_classes):
    found, c = layers(config, c_in)
    return nn.Sequential(*ended(found, c, c), nn.ReLU(), nn.Linear(c, n_classes))


@wrong("make_vgg")
def maps_not_carried_on(config, c_in, n_classes):
    found = []
    for one in config:
        found += [nn.MaxPool2d(2)] if one == "M" else [nn.Conv2d(c_in, one, 3, padding=1), nn.ReLU()]
    return ended(found, config[-1], n_classes)


@wrong("make_vgg")
def ten_classes_always(config, c_in, n_classes):
    return ended(*layers(config, c_in), 10)


@wrong("make_vgg")
def relu_after_the_pool(config, c_in, n_classes):
    conv = lambda a, b: [nn.Conv2d(a, b, 3, padding=1)]  # noqa: E731
    found, c = layers(config, c_in, conv, lambda: nn.Sequential(nn.MaxPool2d(2), nn.ReLU()))
    return ended(found, c, n_classes)


@wrong("make_vgg")
def one_layer_for_a_width(config, c_in, n_classes):
    made = {}

    def conv(a, b):
        return [made.setdefault((a, b), nn.Conv2d(a, b, 3, padding=1)), nn.ReLU()]

    return ended(*layers(config, c_in, conv, lambda: nn.MaxPool2d(2)), n_classes)
