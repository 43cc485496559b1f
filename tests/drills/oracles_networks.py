"""The answers of the later kinds of drills, worked out in another way."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from convbook.drills import Volume
from drills.oracles import numbers_of, oracle, places


def row(y):
    return tuple(float(one) for one in y.flatten())


@oracle
def mean_pixel(f):
    return sum(map(sum, f["rows"])) / sum(map(len, f["rows"]))


@oracle
def numbers_in_an_image(f):
    return np.zeros((f["c"], f["h"], f["w"])).size


@oracle
def pixel_in_0_to_1(f):
    return float(np.linspace(0, 1, 256)[f["value"]])


@oracle
def max_pooling(f):
    return row(functional.max_pool2d(torch.tensor([f["rows"]], dtype=torch.double), 2))


@oracle
def average_pooling(f):
    return row(functional.avg_pool2d(torch.tensor([f["rows"]], dtype=torch.double), 2))


@oracle
def max_pooling_backward(f):
    x = torch.tensor([f["rows"]], dtype=torch.double, requires_grad=True)
    functional.max_pool2d(x, 2, 1).backward(torch.tensor([f["gradients"]], dtype=torch.double))
    return int(x.grad[0, 1, 1])


@oracle
def relu_gradient(f):
    x = torch.tensor(f["inputs"], dtype=torch.double, requires_grad=True)
    x.relu().backward(torch.tensor(f["gradients"], dtype=torch.double))
    return row(x.grad)


@oracle
def regrouped_filters(f):
    return tuple(nn.Conv2d(f["c"], f["f"], 3).weight.transpose(0, 1).shape[:2])


@oracle
def weight_gradient(f):
    w = torch.ones(2, dtype=torch.double, requires_grad=True)
    y = functional.conv1d(torch.tensor([[f["pixels"]]], dtype=torch.double), w[None, None])
    y.backward(torch.tensor([[f["gradients"]]], dtype=torch.double))
    return int(w.grad[0])


@oracle
def momentum_step(f):
    weight = torch.tensor(float(f["p"]), dtype=torch.double, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=f["lr"], momentum=f["momentum"])
    optimizer.state[weight]["momentum_buffer"] = torch.tensor(float(f["v"]), dtype=torch.double)
    weight.grad = torch.tensor(float(f["g"]), dtype=torch.double)
    optimizer.step()
    return weight.item()


@oracle
def softmax_gradient(f):
    logits = torch.tensor([f["values"]], dtype=torch.double).log().requires_grad_()
    functional.cross_entropy(logits, torch.tensor([f["label"]])).backward()
    return float(logits.grad[0, f["asked"]])


@oracle
def mean_cross_entropy(f):
    shares = torch.tensor(f["shares"], dtype=torch.double)
    return float(
        functional.nll_loss(torch.stack([shares, 1 - shares], 1).log(), torch.zeros(3, dtype=torch.long))
    )


@oracle
def steps_of_training(f):
    loader = torch.utils.data.DataLoader(range(f["n"]), batch_size=f["batch"])
    return sum(len(loader) for _ in range(f["epochs"]))


@oracle
def normalised_pixel(f):
    return float((Fraction(str(f["x"])) - Fraction(str(f["mean"]))) / Fraction(str(f["std"])))


@oracle
def dead_units(f):
    return sum(not any(value > 0 for value in column) for column in zip(*f["rows"], strict=True)) / 4


@oracle
def dropout_classic(f):
    return float(f["x"] * (1 - Fraction(str(f["p"]))))


@oracle
def dropout_inverted(f):
    layer = nn.Dropout(f["p"]).double()
    return float(layer(torch.full((1000,), float(f["x"]), dtype=torch.double)).max())


@oracle
def number_of_masks(f):
    return sum(1 for _ in itertools.product((0, 1), repeat=f["units"]))


@oracle
def units_kept(f):
    return int(f["units"] * (1 - Fraction(str(f["p"]))))


@oracle
def expected_sum(f):
    mean, p = 0.0, f["p"]
    for mask in itertools.product((0, 1), repeat=2):
        chance = math.prod(1 - p if kept else p for kept in mask)
        mean += chance * (sum(m * x * w for m, x, w in zip(mask, f["xs"], f["ws"], strict=True)) + f["bias"])
    return mean


def plateau(f):
    """Let PyTorch's own scheduler count the epochs in a row that are not better."""
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    watch = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=f["patience"] - 1, threshold=0.0)
    for epoch, loss in enumerate(f["losses"]):
        watch.step(loss)
        if optimizer.param_groups[0]["lr"] < 1:
            return f["losses"].index(watch.best), epoch
    raise AssertionError("the losses end before it stops")


@oracle
def epoch_kept(f):
    return plateau(f)[0]


@oracle
def epoch_stopped(f):
    return plateau(f)[1]


def starts(room, size):
    return sum(1 for start in range(room) if start + size <= room)


@oracle
def random_crops(f):
    return starts(f["n"] + 2 * f["padding"], f["n"]) ** 2


@oracle
def patch_places(f):
    return torch.zeros(f["h"], f["w"]).unfold(0, f["size"], 1).unfold(1, f["size"], 1)[..., 0, 0].numel()


@oracle
def views_at_test_time(f):
    return sum(5 + 5 for _ in range(f["images"]) for _ in range(f["scales"]))


@oracle
def resized_side(f):
    scaled = functional.interpolate(torch.zeros(1, 1, 1, f["w"]), scale_factor=(1.0, f["size"] / f["h"]))
    return scaled.shape[-1]


@oracle
def frozen_body(f):
    return numbers_of(nn.Linear(f["features"], f["classes"]))


@oracle
def mean_over_crops(f):
    return float(np.mean(f["shares"]))


def left(shape, *layers):
    return Volume(*nn.Sequential(*layers).to("meta")(torch.empty(1, *shape, device="meta")).shape[1:])


@oracle
def alexnet_pool(f):
    return left((3, f["n"], f["n"]), nn.Conv2d(3, f["f"], 11, 4), nn.MaxPool2d(3, 2))


@oracle
def vgg_stage(f):
    return numbers_of(nn.Conv2d(f["c"], f["f"], 3), nn.Conv2d(f["f"], f["f"], 3), nn.MaxPool2d(2))


def plain(c_in, c_out, k):
    return nn.Conv2d(c_in, c_out, k, bias=False, device="meta")


@oracle
def three_small_filters(f):
    return numbers_of(plain(f["c"], f["c"], 7)) - numbers_of(*(plain(f["c"], f["c"], 3) for _ in range(3)))


@oracle
def stack_field(f):
    return next(side for side in range(1, 99) if places_after(side, f) == 1)


def places_after(side, f):
    for _ in range(f["layers"]):
        side = places(side, f["k"])
    return side


@oracle
def inception_channels(f):
    x = torch.empty(1, f["c_in"], 8, 8, device="meta")
    branches = [[plain(f["c_in"], f["c1"], 1)], [plain(f["c_in"], f["r3"], 1), nn.Conv2d(f["r3"], f["c3"], 3, padding=1, device="meta")],
                [plain(f["c_in"], f["r5"], 1), nn.Conv2d(f["r5"], f["c5"], 5, padding=2, device="meta")],
                [nn.MaxPool2d(3, 1, 1), plain(f["c_in"], f["pool"], 1)]]  # fmt: skip
    return torch.cat([nn.Sequential(*branch)(x) for branch in branches], 1).shape[1]


@oracle
def reduced_branch(f):
    return numbers_of(plain(f["c_in"], f["r"], 1)) + numbers_of(plain(f["r"], f["c"], 5))


@oracle
def slash_two(f):
    return left((f["c"], f["n"], f["n"]), nn.Conv2d(f["c"], 2 * f["c"], 3, 2, 1, device="meta"))


@oracle
def slash_two_shortcut(f):
    return numbers_of(plain(f["c"], f["f"], 1), nn.BatchNorm2d(f["f"]))


@oracle
def basic_block(f):
    return numbers_of(
        *(layer for _ in range(2) for layer in (plain(f["c"], f["c"], 3), nn.BatchNorm2d(f["c"])))
    )


@oracle
def bottleneck_block(f):
    return numbers_of(plain(f["c"], f["m"], 1), plain(f["m"], f["m"], 3), plain(f["m"], f["c"], 1))


@oracle
def resnet_depth(f):
    layers = ["7 × 7"] + [f"{stage} {block} {conv}" for stage, blocks in enumerate(f["blocks"]) for block in range(blocks)
                          for conv in range(f["inside"])] + ["linear"]  # fmt: skip
    known = {
        ((2, 2, 2, 2), 2): 18,
        ((3, 4, 6, 3), 2): 34,
        ((3, 4, 6, 3), 3): 50,
        ((3, 4, 23, 3), 3): 101,
        ((3, 8, 36, 3), 3): 152,
    }
    assert known.get((f["blocks"], f["inside"]), len(layers)) == len(layers)
    return len(layers)


def slope(block, many):
    x = torch.tensor(1.0, dtype=torch.double, requires_grad=True)
    y = x
    for number in range(many):
        y = block(y, number)
    y.backward()
    return float(x.grad)


@oracle
def scaled_shortcuts(f):
    return slope(lambda y, _: f["scale"] * y, f["many"])


@oracle
def residual_gradient(f):
    return int(slope(lambda y, number: y + f["slopes"][number] * y, len(f["slopes"])))


@oracle
def residual_sum(f):
    x = f["x"]
    for part in f["parts"]:
        x = x + part
    return x


@oracle
def gated_shortcut(f):
    gate, x = Fraction(str(f["gate"])), f["x"]
    return float(x - gate * x + f["f"])


def lenet(f):
    return [
        nn.Conv2d(f["c"], f["f"], f["k"]),
        nn.MaxPool2d(2),
        nn.Conv2d(f["f"], f["g"], f["k"]),
        nn.MaxPool2d(2),
    ]


@oracle
def lenet_volume(f):
    return left((f["c"], f["n"], f["n"]), *lenet(f))


@oracle
def lenet_inputs_of_the_head(f):
    return math.prod(lenet_volume(f))


@oracle
def lenet_parameters(f):
    return numbers_of(*lenet(f), nn.Linear(math.prod(lenet_volume(f)), 10))
