"""Right answers to unit 10, each written in its own way."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from right import way


@way("BasicBlock")
class Basic(nn.Module):
    expansion = 1

    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False), nn.BatchNorm2d(c_out)
        self.conv2, self.bn2 = nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False), nn.BatchNorm2d(c_out)
        self.downsample = None
        if stride != 1 or c_in != c_out:
            self.downsample = nn.Sequential(
                nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out)
            )

    def forward(self, x):
        shortcut = x if self.downsample is None else self.downsample(x)
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + shortcut)


@way("BasicBlock")
class ShortcutFirst(nn.Module):
    """The projection is defined before all, ReLU works in place, the sum as well."""

    expansion = 1

    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        self.z = nn.Identity()
        if stride != 1 or c_in != c_out:
            self.z = nn.Sequential(nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out))
        self.a = nn.Sequential(
            nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False), nn.BatchNorm2d(c_out), nn.ReLU(inplace=True),
            nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False), nn.BatchNorm2d(c_out),
        )  # fmt: skip

    def forward(self, x):
        y = self.a(x)
        y += self.z(x)
        return y.relu_()


@way("BasicBlock")
class Padded(Basic):
    """Padding by hand, torch.relu and torch.add."""

    def forward(self, x):
        y = F.conv2d(F.pad(x, (1, 1, 1, 1)), self.conv1.weight, stride=self.conv1.stride)
        y = torch.relu(self.bn1(y))
        y = self.bn2(self.conv2(y))
        return torch.relu(torch.add(x if self.downsample is None else self.downsample(x), y))


@way("BasicBlock")
class Clamped(Basic):
    """A ReLU by clamp and by maximum, a sum by stack."""

    def forward(self, x):
        shortcut = self.downsample(x) if self.downsample else x
        y = self.bn1(self.conv1(x)).clamp(min=0)
        y = torch.stack([shortcut, self.bn2(self.conv2(y))]).sum(0)
        return torch.maximum(y, torch.zeros_like(y))


@way("BasicBlock")
class EmptySequential(Basic):
    """An empty nn.Sequential is an identity."""

    def __init__(self, c_in, c_out, stride=1):
        super().__init__(c_in, c_out, stride)
        self.downsample = self.downsample or nn.Sequential()


@way("BasicBlock")
class LambdaShortcut(Basic):
    """The shortcut is a plain function."""

    def __init__(self, c_in, c_out, stride=1):
        super().__init__(c_in, c_out, stride)
        self.shortcut = (lambda x: x) if self.downsample is None else (lambda x: self.downsample(x))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(self.shortcut(x) + y)


class ConvNorm(nn.Module):
    def __init__(self, c_in, c_out, k, stride=1):
        super().__init__()
        self.norm = nn.BatchNorm2d(c_out)  # defined before the convolution
        self.weights = nn.Conv2d(c_in, c_out, k, stride, "same" if stride == 1 else k // 2, bias=False)

    def forward(self, x):
        return self.norm(self.weights(x))


@way("BasicBlock")
class Nested(nn.Module):
    """Own layers inside layers, residual after the shortcut."""

    expansion = 1

    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        self.parts = nn.ModuleList([ConvNorm(c_out, c_out, 3), ConvNorm(c_in, c_out, 3, stride)])
        if stride != 1 or c_in != c_out:
            self.parts.append(ConvNorm(c_in, c_out, 1, stride))

    def forward(self, x):
        y = self.parts[0](F.relu(self.parts[1](x)))
        return F.relu(y + (self.parts[2](x) if len(self.parts) == 3 else x))


@way("BasicBlock")
class ByDictionary(nn.Module):
    """A ModuleDict, and a ReLU with an out argument's worth of detours."""

    expansion = 1

    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        self.m = nn.ModuleDict({"one": ConvNorm(c_in, c_out, 3, stride), "two": ConvNorm(c_out, c_out, 3)})
        if (c_in, stride) != (c_out, 1):
            self.m["three"] = ConvNorm(c_in, c_out, 1, stride)

    def forward(self, x):
        f = self.m["two"](nn.functional.relu(self.m["one"](x)))
        s = self.m["three"](x) if "three" in self.m else x
        return ((f + s) + (f + s).abs()) / 2


@way("BasicBlock")
class Keywords(Basic):
    """Tensors handed over by keyword: they are arguments, not layers."""

    def forward(self, x):
        shortcut = x
        if self.downsample is not None:
            conv = self.downsample[0]
            shortcut = self.downsample[1](F.conv2d(input=x, weight=conv.weight, stride=conv.stride))
        y = torch.add(input=self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))), other=shortcut)
        return torch.where(condition=y > 0, input=y, other=torch.zeros_like(y))


@way("BasicBlock")
class SetTwice(Basic):
    """Every layer under two names: as an attribute, and in a list that forward walks along."""

    def __init__(self, c_in, c_out, stride=1):
        super().__init__(c_in, c_out, stride)
        self.path = nn.Sequential(self.conv1, self.bn1, nn.ReLU(), self.conv2, self.bn2)

    def forward(self, x):
        return F.relu(self.path(x) + (x if self.downsample is None else self.downsample(x)))


@way("BasicBlock")
class Lazy(nn.Module):
    """Layers that learn their sizes from the first input."""

    expansion = 1

    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        self.path = nn.Sequential(
            nn.LazyConv2d(c_out, 3, stride, 1, bias=False), nn.LazyBatchNorm2d(), nn.ReLU(),
            nn.LazyConv2d(c_out, 3, 1, 1, bias=False), nn.LazyBatchNorm2d(),
        )  # fmt: skip
        self.side = nn.Identity()
        if (c_in, stride) != (c_out, 1):
            self.side = nn.Sequential(nn.LazyConv2d(c_out, 1, stride, bias=False), nn.LazyBatchNorm2d())

    def forward(self, x):
        return F.relu(self.path(x) + self.side(x))


@way("Bottleneck")
class BottleneckBlock(nn.Module):
    expansion = 4

    def __init__(self, c_in, c_mid, stride=1):
        super().__init__()
        c = 4 * c_mid
        self.conv1, self.bn1 = nn.Conv2d(c_in, c_mid, 1, bias=False), nn.BatchNorm2d(c_mid)
        self.conv2, self.bn2 = nn.Conv2d(c_mid, c_mid, 3, stride, 1, bias=False), nn.BatchNorm2d(c_mid)
        self.conv3, self.bn3 = nn.Conv2d(c_mid, c, 1, bias=False), nn.BatchNorm2d(c)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if stride != 1 or c_in != c:
            self.downsample = nn.Sequential(nn.Conv2d(c_in, c, 1, stride, bias=False), nn.BatchNorm2d(c))

    def forward(self, x):
        shortcut = x if self.downsample is None else self.downsample(x)
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        return self.relu(self.bn3(self.conv3(y)) + shortcut)


@way("Bottleneck")
class NestedBottleneck(nn.Module):
    expansion = 4

    def __init__(self, c_in, c_mid, stride=1):
        super().__init__()
        self.side = (
            nn.Identity() if (c_in, stride) == (4 * c_mid, 1) else ConvNorm(c_in, 4 * c_mid, 1, stride)
        )
        self.main = nn.Sequential(
            ConvNorm(c_in, c_mid, 1), nn.ReLU(), ConvNorm(c_mid, c_mid, 3, stride), nn.ReLU(),
            ConvNorm(c_mid, 4 * c_mid, 1),
        )  # fmt: skip

    def forward(self, x):
        return F.relu(self.main(x) + self.side(x))


@way("PlainNet")
class Plain(nn.Module):
    """With biases in the convolutions: the exercise leaves them open."""

    bias = True

    def __init__(self, n, width=8, n_classes=10):
        super().__init__()
        layers, c_in = [], 1
        widths = [width] + [width * 2**stage for stage in range(3) for _ in range(2 * n)]
        for place, c in enumerate(widths):
            stride = 2 if place in (1 + 2 * n, 1 + 4 * n) else 1
            layers += [nn.Conv2d(c_in, c, 3, stride, 1, bias=self.bias), nn.BatchNorm2d(c), nn.ReLU()]
            c_in = c
        self.body, self.head = nn.Sequential(*layers), nn.Linear(c_in, n_classes)

    def forward(self, x):
        return self.head(self.body(x).mean((2, 3)))


@way("PlainNet")
class PlainWithoutBias(Plain):
    bias = False


@way("PlainNet")
class PlainPooled(Plain):
    def forward(self, x):
        return self.head(torch.flatten(F.adaptive_avg_pool2d(self.body(x), (1, 1)), 1))


@way("PlainNet")
class PlainEinsum(Plain):
    def forward(self, x):
        maps = self.body(x)
        return self.head(torch.einsum("nchw->nc", maps) / maps[0, 0].numel())


@way("PlainNet")
class PlainLazyHead(Plain):
    def __init__(self, n, width=8, n_classes=10):
        super().__init__(n, width, n_classes)
        self.head = nn.LazyLinear(n_classes)


@way("PlainNet")
class PlainSetTwice(Plain):
    def __init__(self, n, width=8, n_classes=10):
        super().__init__(n, width, n_classes)
        self.all = nn.Sequential(self.body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), self.head)

    def forward(self, x):
        return self.all(x)


@way("shortcut_a")
def free_shortcut(x, c_out, stride):
    kept = x[:, :, ::stride, ::stride]
    return F.pad(kept, (0, 0, 0, 0, 0, c_out - x.shape[1]))


@way("shortcut_a")
def shortcut_by_cat(x, c_out, stride):
    kept = x[..., ::stride, ::stride]
    n, c, h, w = kept.shape
    return torch.cat([kept, torch.zeros(n, c_out - c, h, w, dtype=x.dtype)], dim=1)


@way("shortcut_a")
def shortcut_by_filling(x, c_out, stride):
    kept = x[:, :, ::stride, ::stride]
    out = x.new_zeros(len(x), c_out, *kept.shape[2:])
    out[:, : x.shape[1]] = kept
    return out


@way("shortcut_a")
def shortcut_by_pooling(x, c_out, stride):
    kept = F.avg_pool2d(x, 1, stride)
    return torch.cat([kept, kept.new_zeros(len(x), c_out - x.shape[1], *kept.shape[2:])], 1)


@way("make_stage")
def stage(block, c_in, c, blocks, stride):
    first = block(c_in, c, stride)
    return nn.Sequential(first, *(block(c * block.expansion, c, 1) for _ in range(blocks - 1)))


@way("make_stage")
def stage_by_loop(block, c_in, c, blocks, stride):
    layers = []
    for number in range(blocks):
        layers.append(block(c_in, c, stride=stride if number == 0 else 1))
        c_in = c * block.expansion
    return nn.Sequential(*layers)


@way("make_stage")
def stage_by_adding(block, c_in, c, blocks, stride):
    made = nn.Sequential()
    for number in range(blocks):
        made.add_module(
            f"block{number}", block(c * block.expansion if number else c_in, c, 1 if number else stride)
        )
    return made


@way("ResidualNet")
class ResidualOfDigits(nn.Module):
    def __init__(self, block, n, width=8, n_classes=10):
        super().__init__()
        e = block.expansion
        self.conv1, self.bn1 = nn.Conv2d(1, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
        self.layer1 = stage(block, width, width, n, 1)
        self.layer2 = stage(block, width * e, 2 * width, n, 2)
        self.layer3 = stage(block, 2 * width * e, 4 * width, n, 2)
        self.fc = nn.Linear(4 * width * e, n_classes)

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(F.relu(self.bn1(self.conv1(x))))))
        return self.fc(x.mean((2, 3)))


@way("ResidualNet")
class ResidualInALoop(nn.Module):
    """Blocks built without a function for stages, layers as modules, a flat mean."""

    def __init__(self, block, n, width=8, n_classes=10):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(1, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width)
        c_in = width
        for number in (1, 2, 3):
            blocks, c = [], width * 2 ** (number - 1)
            for place in range(n):
                blocks.append(block(c_in, c, stride=2 if number > 1 and place == 0 else 1))
                c_in = c * block.expansion
            setattr(self, f"layer{number}", nn.Sequential(*blocks))
        self.fc = nn.Linear(c_in, n_classes)
        self.relu, self.pool = nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1)

    def forward(self, x):
        x = self.relu(self.bn1(self.conv1(x)))
        for one in (self.layer1, self.layer2, self.layer3):
            x = one(x)
        return self.fc(self.pool(x).flatten(1))


@way("ResNet")
class Residual(nn.Module):
    def __init__(self, block, layers, n_classes=1000):
        super().__init__()
        e = block.expansion
        self.conv1, self.bn1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)
        self.layer1 = stage(block, 64, 64, layers[0], 1)
        self.layer2 = stage(block, 64 * e, 128, layers[1], 2)
        self.layer3 = stage(block, 128 * e, 256, layers[2], 2)
        self.layer4 = stage(block, 256 * e, 512, layers[3], 2)
        self.fc = nn.Linear(512 * e, n_classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))


@way("ResNet")
class ResidualInitialized(Residual):
    """Layers as modules, weights drawn anew, the head defined first."""

    def __init__(self, block, layers, n_classes=1000):
        nn.Module.__init__(self)
        self.fc = nn.Linear(512 * block.expansion, n_classes)
        self.relu, self.maxpool = nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.c_in = 64
        for number, count in enumerate(layers):
            setattr(
                self, f"layer{number + 1}", self.stage(block, 64 * 2**number, count, 1 if number == 0 else 2)
            )
        self.conv1, self.bn1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def stage(self, block, c, count, stride):
        made = []
        for number in range(count):
            made.append(block(self.c_in, c, stride if number == 0 else 1))
            self.c_in = c * block.expansion
        return nn.Sequential(*made)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        for number in range(1, 5):
            x = getattr(self, f"layer{number}")(x)
        return self.fc(torch.flatten(self.avgpool(x), 1))


@way("ResNet")
class ResidualUnfolded(Residual):
    """A max pool by hand: where two pixels of a window are alike, each gets half of the gradient."""

    def forward(self, x):
        x = F.pad(F.relu(self.bn1(self.conv1(x))), (1, 1, 1, 1))
        x = x.unfold(2, 3, 2).unfold(3, 3, 2).amax((-2, -1))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))


@way("load_by_order")
def load_pairs(model, state_dict):
    own = model.state_dict()
    if len(own) != len(state_dict):
        raise ValueError(f"the model has {len(own)} tensors, the state-dict {len(state_dict)}")
    pairs = list(zip(own.items(), state_dict.items(), strict=True))
    for (name, mine), (other, theirs) in pairs:
        if mine.shape != theirs.shape:
            raise ValueError(f"{name} {tuple(mine.shape)} does not fit {other} {tuple(theirs.shape)}")
    for (_, mine), (_, theirs) in pairs:
        mine.copy_(theirs)
    return model


@way("load_by_order")
def load_renamed(model, state_dict):
    mine, theirs = list(model.state_dict().items()), list(state_dict.items())
    for (name, a), (other, b) in zip(mine, theirs, strict=False):
        if a.shape != b.shape:
            raise ValueError(f"{other}: {list(b.shape)} cannot fill {name}: {list(a.shape)}")
    if len(mine) != len(theirs):
        raise ValueError(f"{len(theirs)} given, {len(mine)} asked for")
    model.load_state_dict({name: value for (name, _), (_, value) in zip(mine, theirs, strict=True)})
    return model


@way("load_by_order")
def load_by_tensors(model, state_dict):
    names = [n for n, _ in model.named_parameters()] + [n for n, _ in model.named_buffers()]
    own = {name: tensor for name, tensor in model.state_dict(keep_vars=True).items() if name in names}
    assert list(own) == list(model.state_dict())
    if len(own) != len(state_dict):
        raise ValueError(f"counts differ: {len(own)} != {len(state_dict)}")
    for name, other in zip(own, state_dict, strict=True):
        if own[name].shape != state_dict[other].shape:
            raise ValueError(f"{name} has {own[name].shape}, {other} has {state_dict[other].shape}")
    with torch.no_grad():
        for name, other in zip(own, state_dict, strict=True):
            own[name].copy_(state_dict[other])
    return model


class Unfit(ValueError):
    """An error of the learner's own, derived from the one asked for."""


@way("load_by_order")
def load_or_complain(model, state_dict):
    try:
        return load_pairs(model, state_dict)
    except ValueError as error:
        raise Unfit(str(error)) from error


@way("load_by_order")
def load_telling_all(model, state_dict):
    """Every difference in one message, shapes as 3x2."""
    mine, theirs = model.state_dict(), state_dict
    if len(mine) != len(theirs):
        raise ValueError(len(mine), len(theirs))
    told = {name: f"{name} {'x'.join(map(str, t.shape))}" for d in (mine, theirs) for name, t in d.items()}
    wrong = [
        f"{told[a]} / {told[b]}"
        for a, b in zip(mine, theirs, strict=True)
        if mine[a].shape != theirs[b].shape
    ]
    if wrong:
        raise ValueError("\n".join(wrong))
    for a, b in zip(mine, theirs, strict=True):
        mine[a].copy_(theirs[b])
    return model
