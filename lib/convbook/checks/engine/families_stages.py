"""Mistakes of networks that are made of a stem and stages of blocks, called `layer1.0`, `layer1.1`, … as published."""

from __future__ import annotations

from convbook.checks.engine.declare import Draft, mistake
from convbook.checks.engine.families_modules import NEVER_CALLED
from convbook.checks.engine.modules import Graph, Node
from convbook.checks.engine.modules.edits import into, set_, shared, swapped, unused, without

STEM = "the stem is convolution, batch norm, ReLU, max pool"
POOL = "the stem's max pool is 3×3, with stride 2 and padding 1"
FIRST = "the 7×7 convolution has stride 2 and padding 3"
OPENS, OPENING = "stages 2, 3 and 4 open with stride 2", "layer2.0, layer3.0, layer4.0"


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


def of_blocks(stages: str, head: str) -> tuple[Draft, ...]:
    """Return the mistakes of building and running blocks in stages; `stages` and `head` have the case's numbers."""
    return (
        mistake("the expansion is forgotten between two stages", "a stage leaves with c · expansion maps, and the next one takes "
                "them", "here the expansion is {expansion}", edit=set_(OPENING, taken=narrowed),
                ways=[{"edit": set_(f"{OPENING}, fc", taken=narrowed)}]),
        mistake("the expansion is forgotten in the head", "the last stage leaves with 512 · expansion maps, and the linear layer "
                "takes them", head, edit=set_("fc", taken=narrowed)),
        mistake("only the first block of a stage is run", "every block of a stage is run, one after the other", stages,
                edit=unused(after_opening)),
        mistake("one block is used again and again", "every block of a stage is built anew: one object used twice has one set of "
                "weights", stages, edit=shared(after_opening, lambda n, _: n.name[:6], names_kept=True)),
        mistake("the first stage has a stride too", "after the max pool stage 1 keeps the size; stages 2, 3 and 4 halve it",
                edit=set_("layer1.0", stride=2)),
        mistake("no stage has a stride", OPENS, edit=set_("kind:block", stride=1)),
        mistake("the stride is in the last block of a stage", "the first block of a stage takes the stride",
                edit=set_("kind:block", stride=closes)),
    )  # fmt: skip


def stem() -> tuple[Draft, ...]:
    """Return the mistakes of a stem: 7×7 convolution, batch norm, ReLU, max pool."""
    return (
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
    )  # fmt: skip
