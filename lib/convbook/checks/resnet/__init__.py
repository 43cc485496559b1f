"""The checks of unit 10: a ResNet by hand."""

from convbook.checks.progress import reporter
from convbook.checks.resnet.blocks import BasicBlock, Bottleneck
from convbook.checks.resnet.networks import ResNet, published_shapes
from convbook.checks.resnet.plain import PlainNet
from convbook.checks.resnet.shortcut import shortcut_a
from convbook.checks.resnet.stage import make_stage
from convbook.checks.resnet.weights import load_by_order
from convbook.forms import Unit

unit = Unit(
    "10_resnet",
    "ResNet",
    (PlainNet, BasicBlock, shortcut_a, Bottleneck, make_stage, ResNet, load_by_order),
)
progress = reporter(unit)

__all__ = [
    "BasicBlock",
    "Bottleneck",
    "PlainNet",
    "ResNet",
    "load_by_order",
    "make_stage",
    "progress",
    "published_shapes",
    "shortcut_a",
    "unit",
]
