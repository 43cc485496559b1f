"""Right answers to unit 9, each written in its own way."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from right import way


@way("alexnet_shapes")
def written_down():
    return [
        ("conv1", (96, 55, 55)), ("pool1", (96, 27, 27)), ("conv2", (256, 27, 27)), ("pool2", (256, 13, 13)),
        ("conv3", (384, 13, 13)), ("conv4", (384, 13, 13)), ("conv5", (256, 13, 13)), ("pool5", (256, 6, 6)),
        ("fc6", (4096,)), ("fc7", (4096,)), ("fc8", (1000,)),
    ]  # fmt: skip


@way("alexnet_shapes")
def other_names_and_numbers_of_numpy():
    return tuple([name.upper(), tuple(np.int64(side) for side in shape)] for name, shape in written_down())


@way("vgg16_table")
def counted_row_by_row():
    rows, c, side = [], 3, 224
    for block, (count, f) in enumerate([(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)], 1):
        for i in range(count):
            rows.append((f"conv{block}_{i + 1}", f * side * side, 9 * c * f + f))
            c = f
        side //= 2
        rows.append((f"pool{block}", c * side * side, 0))
    taken = c * side * side
    for name, units in (("fc6", 4096), ("fc7", 4096), ("fc8", 1000)):
        rows.append((name, units, taken * units + units))
        taken = units
    return rows


@way("vgg16_table")
def floats_in_a_tuple_of_lists():
    return tuple([f"row {i}", float(a), np.int64(p)] for i, (_, a, p) in enumerate(counted_row_by_row()))


@way("stack_params")
def weights_of_arrays(c, k, layers):
    return sum(np.zeros((c, c, k, k)).size for _ in range(layers))


@way("stack_params")
def one_product(c, k, layers):
    return float(layers * (c * k) ** 2)


@way("stack_field")
def layer_by_layer(k, layers):
    size = 1
    for _ in range(layers):
        size += k - 1
    return size


@way("stack_field")
def from_the_kernels(k, layers):
    return k * layers - (layers - 1)


@way("collapse_stack")
def shifted_copies(kernels):
    whole = kernels[0].astype(float)
    for k in kernels[1:]:
        h, w = whole.shape[-2:]
        kh, kw = k.shape[-2:]
        lead = (k.shape[0], whole.shape[1]) if k.ndim == 4 else ()
        new = np.zeros((*lead, h + kh - 1, w + kw - 1))
        for i in range(kh):
            for j in range(kw):
                part = np.einsum("fm,mchw->fchw", k[:, :, i, j], whole) if k.ndim == 4 else k[i, j] * whole
                new[..., i : i + h, j : j + w] += part
        whole = new
    return whole


@way("collapse_stack")
def product_of_spectra(kernels):
    h, w = (1 + sum(k.shape[axis] - 1 for k in kernels) for axis in (-2, -1))
    spectrum = np.fft.fft2(kernels[0], (h, w))
    for k in kernels[1:]:
        other = np.fft.fft2(k, (h, w))
        spectrum = np.einsum("fmhw,mchw->fchw", other, spectrum) if k.ndim == 4 else other * spectrum
    return np.fft.ifft2(spectrum).real


@way("inception_macs")
def branch_by_branch(c_in, h, w, spec, bottleneck=True):
    c1, r3, c3, r5, c5, pool = spec
    if bottleneck:
        each = c_in * c1 + c_in * r3 + 9 * r3 * c3 + c_in * r5 + 25 * r5 * c5 + c_in * pool
    else:
        each = c_in * c1 + 9 * c_in * c3 + 25 * c_in * c5
    return each * h * w


@way("inception_macs")
def layers_in_a_table(c_in, h, w, spec, bottleneck=True):
    c1, r3, c3, r5, c5, pool = spec
    table = [(1, c_in, c1), (3, c_in, c3), (5, c_in, c5)]
    if bottleneck:
        table = [(1, c_in, c1), (1, c_in, r3), (3, r3, c3), (1, c_in, r5), (5, r5, c5), (1, c_in, pool)]
    return float(sum(k * k * a * b * h * w for k, a, b in table))


@way("Inception")
class OneReluAtTheEnd(nn.Module):
    """The last ReLU of all branches at once, behind the concatenation."""

    def __init__(self, c_in, c1, r3, c3, r5, c5, pool):
        super().__init__()
        self.pool = nn.Conv2d(c_in, pool, 1)
        self.five = nn.Sequential(nn.Conv2d(c_in, r5, 1), nn.ReLU(), nn.Conv2d(r5, c5, 5, padding=2))
        self.three = nn.Sequential(nn.Conv2d(c_in, r3, 1), nn.ReLU(), nn.Conv2d(r3, c3, 3, padding=1))
        self.one = nn.Conv2d(c_in, c1, 1)

    def forward(self, x):
        pooled = self.pool(F.max_pool2d(x, 3, 1, 1))
        return torch.cat([self.one(x), self.three(x), self.five(x), pooled], 1).relu()


@way("Inception")
class BranchesInAList(nn.Module):
    def __init__(self, c_in, c1, r3, c3, r5, c5, pool):
        super().__init__()

        def conv(a, b, k):
            return [nn.Conv2d(a, b, k, padding="same"), nn.ReLU()]

        self.branches = nn.ModuleList([
            nn.Sequential(*conv(c_in, c1, 1)),
            nn.Sequential(*conv(c_in, r3, 1), *conv(r3, c3, 3)),
            nn.Sequential(*conv(c_in, r5, 1), *conv(r5, c5, 5)),
            nn.Sequential(nn.MaxPool2d(3, 1, 1), *conv(c_in, pool, 1)),
        ])  # fmt: skip

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branches], dim=1)


@way("make_vgg")
def one_sequential(config, c_in, n_classes):
    layers = []
    for one in config:
        if one == "M":
            layers.append(nn.MaxPool2d(2))
        else:
            layers += [nn.Conv2d(c_in, one, 3, padding=1), nn.ReLU()]
            c_in = one
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(c_in, n_classes))


@way("make_vgg")
class AsAClass(nn.Module):
    def __init__(self, config, c_in, n_classes):
        super().__init__()
        self.config, taken = config, c_in
        self.convs = nn.ModuleList()
        for one in config:
            if one != "M":
                self.convs.append(nn.Conv2d(taken, one, 3, padding=1))
                taken = one
        self.head = nn.Linear(taken, n_classes)

    def forward(self, x):
        convs = iter(self.convs)
        for one in self.config:
            x = F.max_pool2d(x, 2) if one == "M" else F.relu(next(convs)(x))
        return self.head(x.mean((2, 3)))
