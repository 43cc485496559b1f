"""The check of `make_stage`: it brings its own blocks, which tell how they were built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from convbook.answers import Answer, Built, hold
from convbook.answers.values import Reference
from convbook.checks.message import _page as page
from convbook.checks.seed import generator, secret
from convbook.forms import Exercise, Mistake, Reply, Verdict

NAME, POINTS = "make_stage", 5
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
    """What a stage turned out to be: how its blocks were built, how many of them are different, how it is kept."""

    rows: tuple
    different: int
    kept_as: str = "Sequential"


def plan(case: StageCase, *, later="right", first="right", count="blocks", stride="first", reused=False,
         kept_as="Sequential") -> Stage:  # fmt: skip
    """Return the stage that a call asks for: rows of `(c_in, c, stride)`. The keywords bend it."""
    wide = case.c * case.expansion
    blocks = {"blocks": case.blocks, "one": 1, "blocks + 1": case.blocks + 1}[count]
    maps = {"right": wide, "c": case.c, "c_in": case.c_in}[later]
    rows: Rows = [(wide if first == "c · expansion" else case.c_in, case.c, case.stride)]
    rows += [(maps, case.c, case.stride if stride == "every" else 1) for _ in range(blocks - 1)]
    if stride == "last":
        rows = [(a, b, case.stride if i == blocks - 1 else 1) for i, (a, b, _) in enumerate(rows)]
    if stride == "ignored":
        rows = [(a, b, 1) for a, b, _ in rows]
    if reused:
        return Stage(tuple([rows[0]] * blocks), 1, kept_as)
    return Stage(tuple(rows), blocks, kept_as)


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
    if not bend:
        raise ValueError("only a bent plan becomes a function: the straight one is the exercise")

    def make_stage(block, c_in, c, blocks, stride):
        from torch import nn

        stage = plan(StageCase(block.expansion, c_in, c, blocks, stride), **bend)
        made = [block(*row) for row in stage.rows]
        made = [made[0]] * len(made) if stage.different == 1 else made
        if stage.kept_as == "Sequential":
            return nn.Sequential(*made)
        return nn.ModuleList(made) if stage.kept_as == "ModuleList" else made

    return make_stage


def bent(name: str, explanation: str, here: str = "", **bend: Any) -> Mistake:
    """Return a named mistake whose answer builds the stage of a bent plan."""
    return Mistake(name, explanation, builder(**bend), here, bend)


FIRST = "with stride {stride} the first block is ({c_in}, {c}, {stride}), every later one ({wide}, {c}, 1)"
WIDE = "a block leaves with c · expansion = {c} · {expansion} = {wide} maps, and the next one takes them"
MISTAKES = (
    bent("one block is used again and again", "every block is built anew: one object used twice has one set of weights",
         "{blocks} blocks are asked for, each with weights of its own", reused=True),
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
    bent("a list and not a module", "an nn.Sequential runs its blocks one after the other and owns their weights; a list does "
         "neither", kept_as="list"),
    bent("an nn.ModuleList and not an nn.Sequential", "a ModuleList owns its blocks but cannot be called", kept_as="ModuleList"),
)  # fmt: skip


def seen(answer: Answer, case: StageCase) -> Stage | Reply:
    """Return the stage that an answer builds, or the reply that ended it."""
    reply = answer.build(*case.args, forbid="torchvision")
    if reply.status != "returned":
        return reply
    if not isinstance(reply.value, Built):
        return Stage((), 0, reply.value.kind)
    kept_as = "Sequential" if "Sequential" in reply.value.kinds else reply.value.kinds[0]
    state = reply.value.state().value
    rows = tuple(tuple(int(v) for v in row) for name, row in state.items() if name.endswith("built_with"))
    gains = [name for name in reply.value.parameters().value if name.endswith("gain")]
    return Stage(rows, len(gains), kept_as)


def judge_stage(answer: Any) -> Verdict:
    """Return the verdict on a function that builds stages: the first call that goes wrong."""
    held = hold(answer)
    found = []
    for case in cases():
        stage = seen(held, case)
        if isinstance(stage, Reply):
            return _stopped(case, stage)
        found.append((case, stage))
    for case, stage in found:
        if stage != plan(case):
            return _wrong(case, stage, _named(found))
    for case in cases():
        reply = flow(held, case)
        if reply is not None:
            return reply
    return Verdict(NAME, "right", f"✓ {NAME}: right in all {len(found)} cases ({POINTS} points)")


def flow(answer: Answer, case: StageCase) -> Verdict | None:
    """Return the verdict on a stage that does more, or less, than run its blocks in order; None if all is well."""
    built = answer.build(*case.args).value
    built.double()
    names = list(built.shapes().value)
    rng = np.random.default_rng(0)
    state = {n: rng.normal(size=s) for n, s in built.shapes().value.items() if not n.endswith("built_with")}
    built.load_state(state)
    x = wanted = rng.normal(size=(2, case.c_in, 7, 9))
    for name in (n.removesuffix("gain") for n in names if n.endswith("gain")):
        stride = case.stride if wanted is x else 1
        maps = np.arange(case.c * case.expansion) % wanted.shape[1]
        wanted = wanted[:, maps, ::stride, ::stride] * state[name + "gain"][:, None, None]
        wanted = wanted + state[name + "shift"][:, None, None]
    reply = built.call(x)
    if reply.status != "returned":
        return _stopped(case, reply)
    if (
        isinstance(reply.value, np.ndarray)
        and reply.value.shape == wanted.shape
        and np.allclose(reply.value, wanted)
    ):
        return None
    headline = f"✗ {NAME}: its stage does something else than run its blocks one after the other"
    hint = "the nn.Sequential holds the blocks and nothing else, in the order in which they were built"
    return Verdict(NAME, "wrong", page(headline, [("case", str(case)), ("look at", hint)]))


def _named(found: list[tuple[StageCase, Stage]]) -> tuple[Mistake, ...]:
    for mistake in MISTAKES:
        if all(_alike(stage, plan(case, **mistake.bend)) for case, stage in found):
            return (mistake,)
    for one in MISTAKES:
        for other in MISTAKES:
            together = one.bend | other.bend
            if len(together) == 2 and all(_alike(stage, plan(case, **together)) for case, stage in found):
                return one, other
    return ()


def _alike(stage: Stage, bent: Stage) -> bool:
    return stage == bent or (stage.kept_as == bent.kept_as == "list")


def _wrong(case: StageCase, stage: Stage, mistakes: tuple[Mistake, ...]) -> Verdict:
    wanted = plan(case)
    headline = f"✗ {NAME} builds another stage than asked for"
    if mistakes:
        headline = f"✗ {NAME}: " + "; and ".join(mistake.name for mistake in mistakes)
    rows = [("case", str(case))]
    hidden = case.drawn and secret()
    if not hidden:
        rows += [("yours", _told(stage)), ("wanted", _told(wanted))]
    numbers = {"stride": case.stride, "c_in": case.c_in, "c": case.c, "wide": case.c * case.expansion,
               "expansion": case.expansion, "blocks": case.blocks}  # fmt: skip
    for mistake in mistakes:
        here = mistake.here.format(**numbers) if mistake.here and not hidden else ""
        rows.append(("look at", f"{mistake.explanation}; {here}" if here else mistake.explanation))
    if not mistakes and not hidden:
        rows.append(("look at", FIRST.format(**numbers)))
    return Verdict(NAME, "wrong", page(headline, rows), tuple(m.name for m in mistakes))


def _told(stage: Stage) -> str:
    if stage.kept_as != "Sequential":
        return f"a {stage.kept_as}"
    blocks = ", ".join(f"block{row}" for row in stage.rows)
    return f"an nn.Sequential of {blocks}" + (", all one object" if stage.different < len(stage.rows) else "")


def _stopped(case: StageCase, reply: Reply) -> Verdict:
    if reply.status == "stub":
        return Verdict(NAME, "not attempted", f"• {NAME}: not attempted yet")
    rows = [("case", str(case))]
    if reply.status == "endless":
        return Verdict(NAME, "endless", page(f"✗ {NAME} was stopped: it did not finish", rows))
    if reply.status == "forbidden":
        headline = f"✗ {NAME} hands the work to a ready-made network: {reply.forbidden}"
        return Verdict(NAME, "forbidden", page(headline, rows))
    note = page(f"✗ {NAME} stopped with {reply.error_kind}", rows)
    if hasattr(reply.error, "add_note"):
        reply.error.add_note(note)
    return Verdict(NAME, "crash", note, error=reply.error)


make_stage = Exercise(NAME, "A stage", POINTS, MISTAKES, judge_stage)
