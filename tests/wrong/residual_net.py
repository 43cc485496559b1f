"""Wrong answers to `ResidualNet`, the step of unit 10 that earns no points."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from right.resnet import Basic, BottleneckBlock, Residual, stage
from wrong import wrong


class Net(nn.Module):
    """What the wrong ones share; each changes one thing."""

    strides, blocks, widths = (1, 2, 2), (1, 1, 1), (1, 2, 4)

    def __init__(self, block, n, width=8, n_classes=10):
        super().__init__()
        e = block.expansion
        self.conv1, self.bn1 = nn.Conv2d(1, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
        c_in = width
        for number in range(3):
            c = self.widths[number] * width
            setattr(
                self,
                f"layer{number + 1}",
                stage(block, c_in, c, self.blocks[number] * n, self.strides[number]),
            )
            c_in = c * e
        self.fc = nn.Linear(c_in, n_classes)

    def forward(self, x):
        return self.fc(self.body(F.relu(self.bn1(self.conv1(x)))).mean((2, 3)))

    def body(self, x):
        return self.layer3(self.layer2(self.layer1(x)))


@wrong("ResidualNet")
class TwoNBlocksInAStage(Net):
    blocks = (2, 2, 2)


@wrong("ResidualNet")
class EveryStageHalves(Net):
    strides = (2, 2, 2)


@wrong("ResidualNet")
class NoStageHalves(Net):
    strides = (1, 1, 1)


@wrong("ResidualNet")
class TheMapsStayAsTheyAre(Net):
    widths = (1, 1, 1)


@wrong("ResidualNet")
class TheMapsDoubleAtOnce(Net):
    widths = (2, 4, 8)


@wrong("ResidualNet")
class SoftmaxAtTheEnd(Net):
    def forward(self, x):
        return super().forward(x).softmax(1)


@wrong("ResidualNet")
class NoReluInTheStem(Net):
    def forward(self, x):
        return self.fc(self.body(self.bn1(self.conv1(x))).mean((2, 3)))


@wrong("ResidualNet")
class TheNormIsForgotten(Net):
    def forward(self, x):
        return self.fc(self.body(F.relu(self.conv1(x))).mean((2, 3)))


@wrong("ResidualNet")
class TheMaximumOfEveryMap(Net):
    def forward(self, x):
        return self.fc(self.body(F.relu(self.bn1(self.conv1(x)))).amax((2, 3)))


@wrong("ResidualNet")
class TheLastStageIsNeverRun(Net):
    def body(self, x):
        x = self.layer2(self.layer1(x))
        return torch.cat([x, x], 1)


@wrong("ResidualNet")
class TheStemHasABias(Net):
    def __init__(self, block, n, width=8, n_classes=10):
        super().__init__(block, n, width, n_classes)
        self.conv1 = nn.Conv2d(1, width, 3, padding=1)


@wrong("ResidualNet")
class TheNumberOfClassesIsFixed(Net):
    def __init__(self, block, n, width=8, n_classes=10):
        super().__init__(block, n, width, 10)


@wrong("ResidualNet")
class TheWidthIsFixed(Net):
    def __init__(self, block, n, width=8, n_classes=10):
        super().__init__(block, n, 8, n_classes)


@wrong("ResidualNet")
class TheExpansionCountsInTheWidthsToo(Net):
    def __init__(self, block, n, width=8, n_classes=10):
        nn.Module.__init__(self)
        e = block.expansion
        self.conv1, self.bn1 = nn.Conv2d(1, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
        self.layer1 = stage(block, width, width, n, 1)
        self.layer2 = stage(block, width * e, 2 * width * e, n, 2)
        self.layer3 = stage(block, 2 * width * e * e, 4 * width * e * e, n, 2)
        self.fc = nn.Linear(4 * width * e**3, n_classes)


@wrong("ResidualNet")
class TheNextStageTakesTheWidthAlone(Net):
    def __init__(self, block, n, width=8, n_classes=10):
        super().__init__(block, n, width, n_classes)
        self.layer2 = stage(block, width, 2 * width, n, 2)
        self.layer3 = stage(block, 2 * width, 4 * width, n, 2)


@wrong("ResidualNet")
class TheWidthAloneInEveryPlace(TheNextStageTakesTheWidthAlone):
    def __init__(self, block, n, width=8, n_classes=10):
        super().__init__(block, n, width, n_classes)
        self.fc = nn.Linear(4 * width, n_classes)


@wrong("ResidualNet")
class TheStemOfResNet18(Net):
    def __init__(self, block, n, width=8, n_classes=10):
        super().__init__(block, n, width, n_classes)
        self.conv1 = nn.Conv2d(1, width, 7, 2, 3, bias=False)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        return self.fc(self.body(x).mean((2, 3)))


@wrong("ResidualNet")
class AReluBehindEveryStage(Net):
    def body(self, x):
        for layer in (self.layer1, self.layer2, self.layer3):
            x = F.relu(layer(x))
        return x


@wrong("ResidualNet")
class TheBlockIsAlwaysTheBasicOne(Net):
    def __init__(self, block, n, width=8, n_classes=10):
        super().__init__(Basic, n, width, n_classes)


@wrong("ResidualNet")
class TheMapsAreFlattened(Net):
    def forward(self, x):
        return self.fc(self.body(F.relu(self.bn1(self.conv1(x)))).flatten(1))


@wrong("PlainNet")
class TheLastReluIsMissing(nn.Module):
    widths, last_relu = (1, 2, 4), False

    def __init__(self, n, width=8, n_classes=10):
        super().__init__()
        layers, c_in = [], 1
        for place in range(6 * n + 1):
            number = max(place - 1, 0) // (2 * n)
            c, stride = width * self.widths[number], 2 if number and (place - 1) % (2 * n) == 0 else 1
            layers += [nn.Conv2d(c_in, c, 3, stride, 1), nn.BatchNorm2d(c), nn.ReLU()]
            c_in = c
        self.layers = nn.Sequential(*(layers if self.last_relu else layers[:-1]))
        self.fc = nn.Linear(c_in, n_classes)

    def forward(self, x):
        return self.fc(self.layers(x).mean((2, 3)))


@wrong("PlainNet")
class OneWidthMoreInEveryStage(TheLastReluIsMissing):
    widths, last_relu = (1, 2, 3), True


@wrong("ResNet")
class AlwaysAThousandClasses(Residual):
    def __init__(self, block, layers, n_classes=1000):
        super().__init__(block, layers, 1000)


@wrong("ResNet")
class AlwaysTheBlocksOfResNet34(Residual):
    def __init__(self, block, layers, n_classes=1000):
        super().__init__(block, (3, 4, 6, 3), n_classes)


@wrong("Bottleneck")
class ThePaddingOfTheFirst(BottleneckBlock):
    def __init__(self, c_in, c_mid, stride=1):
        super().__init__(c_in, c_mid, stride)
        self.conv1 = nn.Conv2d(c_in, c_mid, 1, padding=1, bias=False)
        self.conv2 = nn.Conv2d(c_mid, c_mid, 3, stride, bias=False)
