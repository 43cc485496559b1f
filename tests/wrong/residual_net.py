"""Wrong answers to `ResidualNet`, the step of unit 10 that earns no points."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from right.resnet import stage
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
