"""The check of `make_stage`: it brings its own blocks, which tell how they were built."""

from __future__ import annotations

from typing import Any

import numpy as np

from convbook.answers import Answer, Built, LocalAnswer, hold
from convbook.checks.message import _page as page
from convbook.checks.message import not_a_function
from convbook.checks.resnet.plans import (
    FIRST,
    MISTAKES,
    NAME,
    ONLY_FIRST,
    VARIANTS,
    Stage,
    StageCase,
    cases,
    plan,
)
from convbook.checks.seed import secret
from convbook.forms import Exercise, Mistake, Reply, Verdict

POINTS = 5


def seen(answer: Answer, case: StageCase) -> Stage | Reply:
    """Return the stage that an answer builds, or the reply that ended it."""
    reply = answer.build(*case.args, forbid="torchvision")
    if reply.status != "returned":
        return reply
    if not isinstance(reply.value, Built):
        return Stage((), 0, reply.value.kind)
    built = reply.value
    kept_as = "Sequential" if "Sequential" in built.kinds else built.kinds[0]
    state = built.state().value
    rows = tuple(tuple(int(v) for v in row) for name, row in state.items() if name.endswith("built_with"))
    trained = not rows or any(name.endswith("gain") for name in built.parameters().value)
    return Stage(rows, _different(built, [n for n in state if n.endswith("gain")]), kept_as, trained)


def _different(built: Built, gains: list[str]) -> int:
    """Return how many blocks there are behind these names: what is written into one is then found in its others."""
    shapes = built.shapes().value
    built.load_state({name: np.full(shapes[name], 2.0 + i) for i, name in enumerate(gains)})
    state = built.state().value
    return len({float(state[name].flat[0]) for name in gains})


def judge_stage(answer: Any) -> Verdict:
    """Return the verdict on a function that builds stages: the first call that goes wrong."""
    held = hold(answer)
    if isinstance(held, LocalAnswer) and not callable(held.target):
        return not_a_function(make_stage, held.target)
    found = []
    for case in cases():
        stage = seen(held, case)
        if isinstance(stage, Reply):
            return _stopped(case, stage)
        found.append((case, stage))
    for case, stage in found:
        if stage != plan(case):
            return _wrong(case, stage, _named(found))
    if (verdict := misrun(held)) is not None:
        return verdict
    return Verdict(NAME, "right", f"✓ {NAME}: right in all {len(found)} cases ({POINTS} points)")


def misrun(answer: Answer) -> Verdict | None:
    """Return the verdict on stages that do more, or less, than run their blocks in order; None if all is well."""
    wrong: StageCase | None = None
    only_first = True
    for case in cases():
        reply, through = flow(answer, case)
        if reply.status != "returned":
            return _stopped(case, reply)
        if not _equal(reply.value, through[-1]):
            wrong = wrong or case
        only_first = only_first and _equal(reply.value, through[0])
    if wrong is None:
        return None
    headline = f"✗ {NAME}: its stage does something else than run its blocks one after the other"
    hint = "the nn.Sequential holds the blocks and nothing else, in the order in which they were built"
    if only_first:
        headline, hint = f"✗ {NAME}: {ONLY_FIRST.name}", ONLY_FIRST.explanation
    names = (ONLY_FIRST.name,) if only_first else ()
    return Verdict(NAME, "wrong", page(headline, [("case", str(wrong)), ("look at", hint)]), names)


def flow(answer: Answer, case: StageCase) -> tuple[Reply, list[np.ndarray]]:
    """Return what a stage gives for a random input, and what its blocks give, one after the other."""
    built = answer.build(*case.args).value
    built.double()
    names = list(built.shapes().value)
    rng = np.random.default_rng(0)
    state = {n: rng.normal(size=s) for n, s in built.shapes().value.items() if not n.endswith("built_with")}
    built.load_state(state)
    x = wanted = rng.normal(size=(2, case.c_in, 7, 9))
    through: list[np.ndarray] = []
    for name in (n.removesuffix("gain") for n in names if n.endswith("gain")):
        stride = 1 if through else case.stride
        maps = np.arange(case.c * case.expansion) % wanted.shape[1]
        wanted = wanted[:, maps, ::stride, ::stride] * state[name + "gain"][:, None, None]
        wanted = wanted + state[name + "shift"][:, None, None]
        through.append(wanted)
    return built.call(x), through


def _equal(yours: Any, wanted: np.ndarray) -> bool:
    return isinstance(yours, np.ndarray) and yours.shape == wanted.shape and np.allclose(yours, wanted)


def _named(found: list[tuple[StageCase, Stage]]) -> tuple[Mistake, ...]:
    called = {mistake.name: mistake for mistake in MISTAKES}
    for name, bend in (*((m.name, m.bend) for m in MISTAKES), *VARIANTS):
        if all(_alike(stage, plan(case, **bend)) for case, stage in found):
            return (called[name],)
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
    if stage.kept_as == "NoneType":
        headline = f"✗ {NAME} returns nothing: is the `return` missing?"
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
        return "nothing" if stage.kept_as == "NoneType" else f"a {stage.kept_as}"
    if not stage.rows:
        return "an nn.Sequential without any `block`"
    text = f"an nn.Sequential of {', '.join(f'block{row}' for row in stage.rows)}"
    if stage.different < len(stage.rows):
        text += ", all one object" if stage.different == 1 else f", only {stage.different} of them different"
    return text if stage.trained else f"{text}, with weights that are not trained"


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
