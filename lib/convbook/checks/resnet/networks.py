"""The check of the whole network: `ResNet`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from convbook.answers.values import Reference
from convbook.checks.engine.declare import exercise, mistake
from convbook.checks.engine.families_modules import heads, logits
from convbook.checks.engine.families_stages import of_blocks, stem
from convbook.checks.engine.modules import Modules, built
from convbook.checks.engine.modules.edits import Edit, into, set_, unowned
from convbook.checks.resnet.published import NETWORKS
from convbook.forms import Case

STAGES = "layers = {layers} asks for that many blocks in each of the four stages"
HEAD = "the mean of each of the {features} maps goes into the linear layer"
CALLER = "the caller says which: an argument of __init__ has to be used"
COUNT = "`layers` says how many blocks each stage has"


def relay(expansion: int, layout: str = "") -> Reference:
    """Return a reference to the course's own stand-in for a block."""
    return Reference("relay", {"expansion": expansion, "layout": layout})


def network_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield networks of the published depths, of which names and shapes count, then small ones on small images."""
    for depth, (layout, expansion, layers) in NETWORKS.items():
        block, tiny = relay(expansion, layout), np.zeros((1, 3, 1, 1))
        yield built(block, list(layers), x=tiny, tensors=True, about=f"ResNet-{depth}")
    fixed = np.random.default_rng(10)  # no two windows alike: where a maximum is tied, so is its gradient
    yield built(relay(1), [1, 3, 1, 1], 3, x=fixed.normal(size=(2, 3, 37, 64)))
    yield built(relay(4), [3, 1, 1, 2], 5, x=fixed.normal(size=(1, 3, 64, 37)))
    layers, expansion = [int(v) for v in rng.integers(1, 4, 4)], int(rng.integers(1, 4))
    yield built(relay(expansion), layers, 4, x=rng.normal(size=(2, 3, *rng.integers(40, 70, 2))), drawn=True)


def flattened() -> Edit:
    """Return the edit of a head that lays all pixels side by side, in front of a linear layer that takes one number a map."""
    return set_("fc", taken=lambda n, g: g.sizes()[n.sources[0]][0]) & into("kind:mean", "flatten")


@exercise(
    "The whole network", points=12, cases=network_cases, shapes="x (n, 3, h, w) -> (n, n_classes)", forbid="torchvision",
    observe=Modules(by_name=True, image=(224, 224), published="load_by_order"),
    facts={"expansion": lambda block: block.options["expansion"], "features": lambda expansion: 512 * expansion},
    why="7×7 convolution with stride 2 and padding 3, batch norm, ReLU, 3×3 max pool with stride 2 and padding 1; four stages of "
    "{layers} blocks of the class that is given; the mean of every map; a linear layer from {features} to {n_classes}",
    help=("mat1 and mat2 shapes cannot be multiplied",),
    mistakes=(
        *heads(HEAD),
        mistake("a head without pooling", "global average pooling leaves one number a map, whatever the image's size; without it the "
                "linear layer would need 49 times as many weights", HEAD, edit=into("kind:mean", "flatten"),
                ways=[{"edit": set_("fc", taken=lambda n, g: 4 * g.sizes()[n.sources[0]][0])}, {"edit": flattened()}]),
        mistake("the head looks at one pixel only", "global average pooling takes the mean over all pixels of a map", HEAD,
                edit=into("kind:mean", "corner")),
        mistake("one block in every stage", COUNT, STAGES, layers=lambda layers: [1] * 4),
        mistake("always two blocks in a stage", COUNT, STAGES, layers=lambda layers: [2] * 4),
        mistake("every stage has as many blocks as the first", COUNT, STAGES, layers=lambda layers: [layers[0]] * 4),
        mistake("layers is ignored", COUNT, STAGES, layers=lambda layers: [3, 4, 6, 3]),
        mistake("n_classes is ignored", CALLER, "here n_classes = {n_classes}", n_classes=lambda: 1000),
        mistake("the stages are in reverse order", COUNT, STAGES, layers=lambda layers: layers[::-1]),
        mistake("the stages are kept in a plain list", "a module owns what is set as an attribute, or sits in an nn.Sequential or "
                "nn.ModuleList: what a plain list holds is never trained or saved", edit=unowned("kind:block")),
        *of_blocks(STAGES, HEAD),
        *stem(),
        *logits(),
    ),
)  # fmt: skip
def ResNet(x, block, layers, n_classes=1000):
    x = x.conv(64, 7, 2, bias=False, name="conv1").bn("bn1").relu().maxpool(3, 2, 1)
    for stage, blocks in enumerate(layers):
        for i in range(blocks):
            x = x.block(block, 64 * 2**stage, 2 if stage and not i else 1, name=f"layer{stage + 1}.{i}")
    return x.mean().linear(n_classes, name="fc")
