"""The check of `make_stage`: it is given blocks that tell how they were built."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from convbook.checks.engine.declare import case, drawn, exercise, mistake
from convbook.checks.engine.modules.seen import FIRST, stage
from convbook.checks.engine.modules.stages import Stages
from convbook.checks.resnet.networks import relay
from convbook.forms import Case

OPENS = "with stride {stride} the first block is ({c_in}, {c}, {stride}), every later one ({wide}, {c}, 1)"
WIDE = "a block leaves with c · expansion = {c} · {expansion} = {wide} maps, and the next one takes them"
ANEW = "every block is built anew: one object used twice has one set of weights"
TAKES = "the first block takes the stride"
SHAPES = ((1, 2, 3, 2, 2), (1, 2, 2, 3, 1), (4, 2, 3, 3, 2), (4, 8, 2, 2, 1), (1, 3, 4, 1, 2))


def stage_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Yield small stages, with and without change of shape, then drawn ones."""
    for expansion, *numbers in SHAPES:
        yield case(relay(expansion), *numbers)
    for _ in range(3):
        expansion, *numbers = (int(v) for v in rng.integers([1, 1, 1, 1, 1], [5, 7, 7, 6, 4]))
        yield drawn(relay(expansion), *numbers)


@exercise(
    "A stage", points=5, cases=stage_cases, observe=Stages(), forbid="torchvision", why=OPENS,
    facts={"expansion": lambda block: block.options["expansion"], "wide": lambda c, expansion: c * expansion},
    help=("expected input … to have … channels, but got",),
    mistakes=(
        mistake("one block is used again and again", ANEW, "{blocks} blocks are asked for, each with weights of its own",
                result=lambda s: stage(s["blocks"][:1] * len(s["blocks"]), 1),
                ways=[{"result": lambda s: stage(s["blocks"], min(len(s["blocks"]), 2))}]),
        mistake("the stride is in every block", "only the first block takes the stride", OPENS,
                result=lambda s, stride: stage((a, b, stride) for a, b, _ in s["blocks"])),
        mistake("the stride is in the last block", f"{TAKES}, so the others work on fewer pixels", OPENS,
                result=lambda s, stride, blocks: stage((a, b, stride if i == blocks - 1 else 1)
                                                       for i, (a, b, _) in enumerate(s["blocks"]))),
        mistake("the stride is ignored", TAKES, OPENS, stride=lambda: 1),
        mistake("later blocks take c maps", "the expansion counts from the second block on", WIDE,
                result=lambda s, c: stage([*s["blocks"][:1], *((c, b, t) for _, b, t in s["blocks"][1:])])),
        mistake("later blocks take c_in maps", "only the first block sees the stage's input", WIDE,
                result=lambda s, c_in: stage((c_in, b, t) for _, b, t in s["blocks"])),
        mistake("the first block takes c · expansion maps", "the first block sees the stage's input, with c_in maps", OPENS,
                c_in=lambda wide: wide),
        mistake("one block whatever is asked for", "a stage has `blocks` blocks", "here {blocks}", blocks=lambda: 1),
        mistake("one block too many", "the first block counts as well", "{blocks} in all: one, then {blocks} − 1 more",
                blocks=lambda blocks: blocks + 1),
        mistake("the block that is given is not used", "build `block(…)`, whatever class is handed in", OPENS, blocks=lambda: 0),
        mistake("only the first block is run", "an nn.Sequential runs all of its blocks, without a forward of its own",
                result=lambda s: stage(s["blocks"], runs=FIRST if len(s["blocks"]) > 1 else s["runs"])),
        mistake("a list and not a module", "an nn.Sequential runs its blocks one after the other and owns their weights; a list "
                "does neither", result=lambda s: stage(s["blocks"], kept="list")),
        mistake("an nn.ModuleList and not an nn.Sequential", "a ModuleList owns its blocks but cannot be called",
                result=lambda s: stage(s["blocks"], kept="ModuleList")),
    ),
)  # fmt: skip
def make_stage(block, c_in, c, blocks, stride):
    first, later = (c_in, c, stride), (c * block.options["expansion"], c, 1)
    return stage([first, *[later] * (blocks - 1)][:blocks])
