"""The check of the whole network: `ResNet`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from convbook.answers.values import Reference
from convbook.checks.engine.declare import exercise, mistake
from convbook.checks.engine.families_modules import NEVER_CALLED, heads, logits
from convbook.checks.engine.modules import Graph, Modules, Node, built
from convbook.checks.engine.modules.edits import into, set_, shared, swapped, unowned, unused, without
from convbook.checks.resnet.published import NETWORKS
from convbook.forms import Case

STEM = "the stem is convolution, batch norm, ReLU, max pool"
POOL = "the stem's max pool is 3×3, with stride 2 and padding 1"
FIRST = "the 7×7 convolution has stride 2 and padding 3"
STAGES = "layers = {layers} asks for that many blocks in each of the four stages"
HEAD = "the mean of each of the {features} maps goes into the linear layer"
COUNT, OPENS = "`layers` says how many blocks each stage has", "stages 2, 3 and 4 open with stride 2"


def relay(expansion: int, layout: str = "") -> Reference:
    """Return a reference to the course's own stand-in for a block."""
    return Reference("relay", {"expansion": expansion, "layout": layout})


def network_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield networks of the published depths, of which names and shapes count, then small ones on small images."""
    for depth, (layout, expansion, layers) in NETWORKS.items():
        yield built(
            relay(expansion, layout),
            list(layers),
            x=np.zeros((1, 3, 1, 1)),
            tensors=True,
            about=f"ResNet-{depth}",
        )
    fixed = np.random.default_rng(10)  # no two windows alike: where a maximum is tied, so is its gradient
    yield built(relay(1), [1, 3, 1, 1], 3, x=fixed.normal(size=(2, 3, 37, 64)))
    yield built(relay(4), [3, 1, 1, 2], 5, x=fixed.normal(size=(1, 3, 64, 37)))
    layers, expansion = [int(v) for v in rng.integers(1, 4, 4)], int(rng.integers(1, 4))
    yield built(relay(expansion), layers, 4, x=rng.normal(size=(2, 3, *rng.integers(40, 70, 2))), drawn=True)


def closes(node: Node, graph: Graph) -> int:
    """Return the stride of a block where the last of a stage has it."""
    last = [n.name for n in graph.body if n.name.startswith(node.name[:6])][-1]
    return 2 if node.name == last and not node.name.startswith("layer1") else 1


def narrowed(node: Node, graph: Graph) -> int:
    """Return how many maps a layer takes if the expansion before it is forgotten."""
    return graph.sizes()[node.sources[0]][0] // next(
        n.get("expansion") for n in graph.body if n.kind == "block"
    )


def after_opening(node: Node, graph: Graph) -> bool:
    """Tell whether a block is a later one of its stage."""
    return node.kind == "block" and not node.name.endswith(".0")


opening = "layer2.0, layer3.0, layer4.0"


@exercise(
    "The whole network", points=12, cases=network_cases, shapes="x (n, 3, h, w) -> (n, n_classes)", forbid="torchvision",
    observe=Modules(by_name=True, image=(224, 224), published="load_by_order"),
    facts={"expansion": lambda block: block.options["expansion"], "features": lambda expansion: 512 * expansion},
    why="7×7 convolution with stride 2 and padding 3, batch norm, ReLU, 3×3 max pool with stride 2 and padding 1; four stages of "
    "{layers} blocks; the mean of every map; a linear layer from {features} to {n_classes}",
    mistakes=(
        *heads(HEAD),
        mistake("a head without pooling", "global average pooling leaves one number a map, whatever the image's size; without it the "
                "linear layer would need 49 times as many weights", HEAD, edit=into("kind:mean", "flatten"),
                ways=[{"edit": set_("fc", taken=lambda n, g: 4 * g.sizes()[n.sources[0]][0])}]),
        mistake("the head looks at one pixel only", "global average pooling takes the mean over all pixels of a map", HEAD,
                edit=into("kind:mean", "corner")),
        mistake("the expansion is forgotten between two stages", "a stage leaves with c · expansion maps, and the next one takes "
                "them", "here the expansion is {expansion}", edit=set_(opening, taken=narrowed),
                ways=[{"edit": set_(f"{opening}, fc", taken=narrowed)}]),
        mistake("the expansion is forgotten in the head", "the last stage leaves with 512 · expansion maps, and the linear layer "
                "takes them", HEAD, edit=set_("fc", taken=narrowed)),
        mistake("only the first block of a stage is run", "every block of a stage is run, one after the other", STAGES,
                edit=unused(after_opening)),
        mistake("one block is used again and again", "every block of a stage is built anew: one object used twice has one set of "
                "weights", STAGES, edit=shared(after_opening, lambda n, _: n.name[:6], names_kept=True)),
        mistake("one block in every stage", COUNT, STAGES, layers=lambda layers: [1] * 4),
        mistake("always two blocks in a stage", COUNT, STAGES, layers=lambda layers: [2] * 4),
        mistake("every stage has as many blocks as the first", COUNT, STAGES, layers=lambda layers: [layers[0]] * 4),
        mistake("the stages are in reverse order", COUNT, STAGES, layers=lambda layers: layers[::-1]),
        mistake("the stages are kept in a plain list", "a module owns what is set as an attribute, or sits in an nn.Sequential or "
                "nn.ModuleList: what a plain list holds is never trained or saved", edit=unowned("kind:block")),
        mistake("the first stage has a stride too", "after the max pool stage 1 keeps the size; stages 2, 3 and 4 halve it",
                edit=set_("layer1.0", stride=2)),
        mistake("no stage has a stride", OPENS, edit=set_("kind:block", stride=1)),
        mistake("the stride is in the last block of a stage", "the first block of a stage takes the stride",
                edit=set_("kind:block", stride=closes)),
        mistake("no max pool after the stem", "a 3×3 max pool with stride 2 and padding 1 follows the stem's ReLU",
                edit=without("kind:maxpool")),
        mistake("the max pool has no padding", "the 3×3 max pool of the stem has padding 1", edit=set_("kind:maxpool", padding=0)),
        mistake("a 2×2 max pool", POOL, edit=set_("kind:maxpool", k=2, padding=0)),
        mistake("the max pool has another stride", "the stem's 3×3 max pool has stride 2; left out, its stride is 3, like its window",
                edit=set_("kind:maxpool", stride=3), ways=[{"edit": set_("kind:maxpool", stride=1)}]),
        mistake("an average pool after the stem", "the stem ends with a *max* pool", edit=into("kind:maxpool", "avgpool")),
        mistake("the stem's convolution has no stride", FIRST, edit=set_("conv1", stride=1)),
        mistake("the stem's convolution has another padding", FIRST, edit=set_("conv1", padding=0),
                ways=[{"edit": set_("conv1", padding=p)} for p in (2, 1)]),
        mistake("a 3×3 stem", "the stem's convolution is 7×7: it sees more of a large image at once", edit=set_("conv1", k=3, padding=1),
                ways=[{"edit": set_("conv1", k=3, padding=1, stride=1)}]),
        mistake("the stem is convolution, ReLU, batch norm", STEM, edit=swapped("bn1", "kind:relu")),
        mistake("no ReLU in the stem", STEM, edit=without("kind:relu")),
        mistake("the stem's batch norm is declared and never used", NEVER_CALLED, edit=unused("bn1")),
        mistake("the stem has no batch norm", STEM, edit=without("bn1")),
        mistake("bias in the stem's convolution", "the batch norm that follows subtracts the mean, and any bias with it: "
                "`bias=False`", edit=set_("conv1", bias=True)),
        *logits(),
    ),
)  # fmt: skip
def ResNet(x, block, layers, n_classes=1000):
    x = x.conv(64, 7, 2, bias=False, name="conv1").bn("bn1").relu().maxpool(3, 2, 1)
    for stage, blocks in enumerate(layers):
        for i in range(blocks):
            x = x.block(block, 64 * 2**stage, 2 if stage and not i else 1, name=f"layer{stage + 1}.{i}")
    return x.mean().linear(n_classes, name="fc")
