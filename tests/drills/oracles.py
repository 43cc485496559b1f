"""The answer of every kind of drill, worked out in another way: by PyTorch, or by counting one by one."""

from __future__ import annotations

import itertools

import numpy as np
import torch
from torch import nn

from convbook.drills import Volume

ORACLES = {}


def oracle(function):
    """Register the other way to the answer of the kind that bears the function's name; it takes the facts."""
    ORACLES[function.__name__] = function
    return function


def places(n, k, stride=1, padding=0):
    """Count the starts of a window one by one."""
    return sum(1 for start in range(-padding, n + padding, stride) if start + k <= n + padding)


@oracle
def output_size(f):
    return places(f["n"], f["k"], f["stride"], f["padding"])


@oracle
def output_volume(f):
    layer = nn.Conv2d(f["c"], f["f"], f["k"], f["stride"], f["padding"])
    return Volume(*layer(torch.zeros(1, f["c"], f["n"], f["n"])).shape[1:])


@oracle
def stride_that_fits(f):
    exact = [s for s in (2, 3, 5) if range(0, f["n"] - f["k"] + 1, s)[-1] == f["n"] - f["k"]]
    assert len(exact) == 1
    return exact[0]


@oracle
def same_padding(f):
    return next(p for p in range(99) if places(60, f["k"], 1, p) == 60)


@oracle
def windows_on_a_pixel(f):
    image = torch.zeros(1, 1, f["n"], f["n"], requires_grad=True)
    nn.functional.conv2d(image, torch.ones(1, 1, f["k"], f["k"])).sum().backward()
    return int(image.grad[0, 0, f["row"], f["column"]])


@oracle
def one_window(f):
    x, w = (torch.tensor(f[name], dtype=torch.double).view(1, 1, 2, 2) for name in "xw")
    return int(nn.functional.conv2d(x, w, torch.tensor([f["bias"]], dtype=torch.double)))


def numbers_of(*layers):
    return sum(p.numel() for layer in layers for p in layer.parameters())


@oracle
def parameters(f):
    return numbers_of(nn.Conv2d(f["c_in"], f["c_out"], f["k"]))


@oracle
def what_drives_parameters(f):
    before, after = ({"c_in": 6, "c_out": 5, "k": 3} for _ in "ab")
    changed = {"filters are": "k", "input has": "c_in", "there are": "c_out"}
    for words, name in changed.items():
        if words in f["change"]:
            before[name], after[name] = f["a"], f["b"]
    one, two = (nn.Conv2d(s["c_in"], s["c_out"], s["k"], bias=False, device="meta") for s in (before, after))
    return numbers_of(two) // numbers_of(one)


@oracle
def multiply_adds(f):
    products = 0
    for _ in itertools.product(range(f["c_out"]), range(f["h_out"]), range(f["w_out"])):
        products += f["c_in"] * f["k"] * f["k"]
    return products


@oracle
def dense_parameters(f):
    return numbers_of(nn.Flatten(), nn.Linear(int(np.prod(f["shape_in"])), f["units"]))


@oracle
def bottleneck_weights(f):
    return numbers_of(
        nn.Conv2d(f["c"], f["squeeze"], 1, bias=False), nn.Conv2d(f["squeeze"], f["c"], f["k"], bias=False)
    )


@oracle
def receptive_field(f):
    first, last = 0, 0
    for k, stride in reversed(f["layers"]):
        first, last = first * stride, last * stride + k - 1
    return last - first + 1


@oracle
def commutes_with_shift(f):
    net = nn.Conv1d(1, 1, f["k"], f["stride"], bias=False)
    x = torch.rand(1, 1, 200, generator=torch.Generator().manual_seed(0))
    before, after = net(x)[0, 0], net(x.roll(f["moved"], -1))[0, 0]
    steps = [torch.allclose(before[10:20], after[10 + step : 20 + step], atol=1e-6) for step in range(20)]
    return "yes" if any(steps) else "no"


@oracle
def shift_through_stride(f):
    net = nn.Sequential(*(nn.Conv1d(1, 1, 3, 2, bias=False) for _ in range(f["many"])))
    x = torch.zeros(1, 1, 400)
    x[..., 200] = 1.0
    there, moved = net(x)[0, 0], net(x.roll(f["moved"], -1))[0, 0]
    start, end = (int(y.nonzero()[0]) for y in (there, moved))
    return end - start


@oracle
def convolution_matrix(f):
    layer = nn.Conv1d(1, 1, f["k"], bias=False)
    nn.init.ones_(layer.weight)
    return int(layer(torch.eye(f["n"])[:, None]).count_nonzero())


@oracle
def shared_gradient(f):
    weight = torch.tensor(1.0, requires_grad=True)
    sum(weight * place for place in f["uses"]).backward()
    return int(weight.grad)


@oracle
def grouped_weights(f):
    return numbers_of(nn.Conv2d(f["c_in"], f["c_out"], f["k"], groups=f["groups"], bias=False))


@oracle
def batch_norm(f):
    layer = nn.BatchNorm1d(1, eps=1e-12).double()
    layer.weight.data.fill_(f["gamma"]), layer.bias.data.fill_(f["beta"])
    return layer(torch.tensor(f["x"], dtype=torch.double)[:, None])[0, 0].item()


@oracle
def running_average(f):
    layer = nn.BatchNorm1d(1, momentum=f["momentum"]).double()
    layer.running_mean.fill_(f["old"])
    for _ in range(2):
        layer(torch.tensor([[f["mean"] - 1.0], [f["mean"] + 1.0]], dtype=torch.double))
    return float(layer.running_mean)


@oracle
def shared_statistics(f):
    x = torch.zeros(f["n"], f["c"], f["h"], f["w"], dtype=torch.double)
    norm = {
        "batch": nn.BatchNorm2d(f["c"]),
        "layer": nn.LayerNorm(x.shape[1:]),
        "instance": nn.InstanceNorm2d(f["c"]),
    }
    x[0, 0, 0, 0] = 1.0
    return int((norm[f["which"].split()[0]].double().train()(x) != 0).sum())


@oracle
def layer_norm(f):
    layer = nn.LayerNorm(len(f["x"]), eps=1e-12).double()
    layer.weight.data.fill_(f["gamma"]), layer.bias.data.fill_(f["beta"])
    return layer(torch.tensor([f["x"], f["other"]], dtype=torch.double))[0, 0].item()


@oracle
def folded_bias(f):
    layer = nn.BatchNorm1d(1, eps=1e-12).double().eval()
    layer.weight.data.fill_(f["gamma"]), layer.bias.data.fill_(f["beta"])
    layer.running_mean.fill_(f["mean"]), layer.running_var.fill_(f["deviation"] ** 2)
    return layer(torch.tensor([[f["b"]]], dtype=torch.double)).item()


def bytes_of_one(f):
    return sum(torch.empty(shape, device="meta").numel() for shape in f["shapes"]) * f["bytes_per_value"]


@oracle
def batch_memory(f):
    return sum(bytes_of_one(f) for _ in range(f["batch_size"]))


@oracle
def largest_batch(f):
    left, many, one = f["budget_bytes"], 0, bytes_of_one(f)
    while left >= one:
        left, many = left - one, many + 1
    return many
