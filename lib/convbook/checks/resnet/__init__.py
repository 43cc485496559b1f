"""The checks of unit 10: a ResNet by hand."""

from convbook.checks.engine.drilling import driller
from convbook.checks.engine.progress import reporter
from convbook.checks.resnet.blocks import BasicBlock, Bottleneck
from convbook.checks.resnet.drawings import drawing, network_drawing
from convbook.checks.resnet.networks import ResNet
from convbook.checks.resnet.plain import PlainNet
from convbook.checks.resnet.published import published_shapes
from convbook.checks.resnet.residual_net import ResidualNet
from convbook.checks.resnet.shortcut import shortcut_a
from convbook.checks.resnet.stage import make_stage
from convbook.checks.resnet.weights import load_by_order
from convbook.forms import Unit

EXERCISES = (PlainNet, BasicBlock, make_stage, ResidualNet, shortcut_a, Bottleneck, ResNet, load_by_order)
unit = Unit("10_resnet", "ResNet", EXERCISES)
progress = reporter(unit)
drill = driller(unit)

__all__ = [
    *(exercise.name for exercise in EXERCISES),
    "drawing",
    "drill",
    "network_drawing",
    "progress",
    "published_shapes",
    "unit",
]
