"""Blocks for BlockXray's tests: right ones, wrong ones, and such as cannot be run."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn


class BasicBlock(nn.Module):
    """A right block; each class below makes one mistake."""

    expansion = 1

    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(c_out)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(c_out)
        self.downsample = nn.Sequential()
        if stride != 1 or c_in != c_out:
            self.downsample = nn.Sequential(
                nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out)
            )

    def forward(self, x):
        f = F.relu(self.bn1(self.conv1(x)))
        f = self.bn2(self.conv2(f))
        return F.relu(f + self.downsample(x))


class NoRelu(BasicBlock):
    def forward(self, x):
        return F.relu(self.bn2(self.conv2(self.bn1(self.conv1(x)))) + self.downsample(x))


class Exchanged(BasicBlock):
    def forward(self, x):
        f = self.bn1(F.relu(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(f)) + self.downsample(x))


class Shared(BasicBlock):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__(c_in, c_out, stride)
        self.bn2 = self.bn1


class LateStride(BasicBlock):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__(c_in, c_out, stride)
        self.conv1.stride, self.conv2.stride = (1, 1), (stride, stride)


class EarlyRelu(BasicBlock):
    def forward(self, x):
        f = F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))
        return F.relu(f + self.downsample(x))


class Added(BasicBlock):
    """Something that nobody named: a further convolution of its own."""

    def __init__(self, c_in, c_out, stride=1):
        super().__init__(c_in, c_out, stride)
        self.conv3 = nn.Conv2d(c_out, c_out, 5, 1, 2)

    def forward(self, x):
        f = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(torch.tanh(self.conv3(f)) + self.downsample(x))


class NoShortcut(BasicBlock):
    def forward(self, x):
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))
