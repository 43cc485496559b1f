"""What `make_stage` is asked to build, as a plan; bent, it is a named mistake."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from convbook.answers.values import Reference
from convbook.checks.modules.recipe import refuse_straight
from convbook.checks.seed import generator, secret
from convbook.forms import Mistake

NAME = "make_stage"
Rows = list[tuple[int, int, int]]


@dataclass(frozen=True)
class StageCase:
    """One call: `make_stage(block, c_in, c, blocks, stride)` with a block of this expansion."""

    expansion: int
    c_in: int
    c: int
    blocks: int
    stride: int
    drawn: bool = False

    @property
    def args(self) -> tuple:
        return Reference("relay", {"expansion": self.expansion}), self.c_in, self.c, self.blocks, self.stride

    def __str__(self) -> str:
        if self.drawn and secret():
            return "one drawn for grading"
        told = f"a block of expansion {self.expansion}, c_in={self.c_in}, c={self.c}"
        return f"make_stage({told}, blocks={self.blocks}, stride={self.stride})"


@dataclass(frozen=True)
class Stage:
    """What a stage turned out to be: how its blocks were built, how many of them are different, how it is kept.

    `trained` says whether its blocks have weights that training would change.
    """

    rows: tuple
    different: int
    kept_as: str = "Sequential"
    trained: bool = True


BENDS = {  # what goes wrong, and how; the straight way stands first
    "later": ("right", "c", "c_in"),
    "first": ("right", "c · expansion"),
    "count": ("blocks", "one", "blocks + 1", "none"),
    "stride": ("first", "every", "last", "ignored"),
    "reused": ("none", "all", "later"),
    "kept_as": ("Sequential", "list", "ModuleList"),
    "run": ("all", "first only"),
}


def plan(case: StageCase, *, later="right", first="right", count="blocks", stride="first", reused="none",
         kept_as="Sequential", run="all") -> Stage:  # fmt: skip
    """Return the stage that a call asks for: rows of `(c_in, c, stride)`. The keywords bend it."""
    wide = case.c * case.expansion
    blocks = {"blocks": case.blocks, "one": 1, "blocks + 1": case.blocks + 1, "none": 0}[count]
    maps = {"right": wide, "c": case.c, "c_in": case.c_in}[later]
    rows: Rows = [(wide if first == "c · expansion" else case.c_in, case.c, case.stride)]
    rows += [(maps, case.c, case.stride if stride == "every" else 1) for _ in range(blocks - 1)]
    if stride == "last":
        rows = [(a, b, case.stride if i == blocks - 1 else 1) for i, (a, b, _) in enumerate(rows)]
    if stride == "ignored":
        rows = [(a, b, 1) for a, b, _ in rows]
    if reused == "all":
        return Stage(tuple([rows[0]] * blocks), 1, kept_as)
    return Stage(tuple(rows[:blocks]), min(blocks, 2) if reused == "later" else blocks, kept_as)


def cases() -> list[StageCase]:
    """Return small stages, with and without change of shape, then drawn ones."""
    rng = generator(NAME)
    drawn = [[int(v) for v in rng.integers([1, 1, 1, 1, 1], [5, 7, 7, 6, 4])] for _ in range(3)]
    return [
        StageCase(1, 2, 3, 2, 2), StageCase(1, 2, 2, 3, 1), StageCase(4, 2, 3, 3, 2), StageCase(4, 8, 2, 2, 1),
        StageCase(1, 3, 4, 1, 2), *(StageCase(*numbers, drawn=True) for numbers in drawn),
    ]  # fmt: skip


def builder(**bend: Any) -> Any:
    """Return a function that builds the stage of a bent plan."""
    refuse_straight(bend, BENDS, "plan becomes a function")

    def make_stage(block, c_in, c, blocks, stride):
        from torch import nn

        class FirstOnly(nn.Sequential):
            def forward(self, x):
                return self[0](x)

        stage = plan(StageCase(block.expansion, c_in, c, blocks, stride), **bend)
        made = [block(*row) for row in stage.rows]
        made = [made[min(i, stage.different - 1)] for i in range(len(made))]
        if bend.get("run") == "first only":
            return FirstOnly(*made)
        return {
            "Sequential": lambda: nn.Sequential(*made),
            "ModuleList": lambda: nn.ModuleList(made),
            "list": lambda: made,
        }[stage.kept_as]()

    return make_stage


def bent(name: str, explanation: str, here: str = "", **bend: Any) -> Mistake:
    """Return a named mistake whose answer builds the stage of a bent plan."""
    return Mistake(name, explanation, builder(**bend), here, bend)


FIRST = "with stride {stride} the first block is ({c_in}, {c}, {stride}), every later one ({wide}, {c}, 1)"
WIDE = "a block leaves with c · expansion = {c} · {expansion} = {wide} maps, and the next one takes them"
MISTAKES = (
    bent("one block is used again and again", "every block is built anew: one object used twice has one set of weights",
         "{blocks} blocks are asked for, each with weights of its own", reused="all"),
    bent("the stride is in every block", "only the first block takes the stride", FIRST, stride="every"),
    bent("the stride is in the last block", "the first block takes the stride, so the others work on fewer pixels", FIRST,
         stride="last"),
    bent("the stride is ignored", "the first block takes the stride", FIRST, stride="ignored"),
    bent("later blocks take c maps", "the expansion counts from the second block on", WIDE, later="c"),
    bent("later blocks take c_in maps", "only the first block sees the stage's input", WIDE, later="c_in"),
    bent("the first block takes c · expansion maps", "the first block sees the stage's input, with c_in maps", FIRST,
         first="c · expansion"),
    bent("one block whatever is asked for", "a stage has `blocks` blocks", "here {blocks}", count="one"),
    bent("one block too many", "the first block counts as well", "{blocks} in all: one, then {blocks} − 1 more",
         count="blocks + 1"),
    bent("the block that is given is not used", "build `block(…)`, whatever class is handed in", FIRST, count="none"),
    bent("only the first block is run", "an nn.Sequential runs all of its blocks, without a forward of its own",
         run="first only"),
    bent("a list and not a module", "an nn.Sequential runs its blocks one after the other and owns their weights; a list does "
         "neither", kept_as="list"),
    bent("an nn.ModuleList and not an nn.Sequential", "a ModuleList owns its blocks but cannot be called", kept_as="ModuleList"),
)  # fmt: skip
ONLY_FIRST = next(mistake for mistake in MISTAKES if "run" in mistake.bend)
VARIANTS = (("one block is used again and again", {"reused": "later"}),)  # other ways to make a named mistake
