"""Write the test: a learner's `test_conv2d` against right and faulty implementations, and the share that it rejects."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from convbook.answers import Answer
from convbook.checks.engine.declare import Question, exercise, mistake, question_of
from convbook.checks.engine.seed import generator
from convbook.checks.engine.shares import Found, Parts, Stopped, shared
from convbook.checks.exam.implementations import ADVICE, KINDS, Implementation, disguised, everyone
from convbook.checks.exam.testers import missing, tester
from convbook.forms import Reply

SECONDS = 20.0  # for all implementations together: on a busy machine, while a class is graded, each call crosses processes
PATCHED = ("numpy", "numpy.testing", "torch", "torch.nn.functional")
RAISE = "a test rejects by raising: `assert np.allclose(yours, wanted)`; what it returns is ignored"
EXACT = (
    "float32 keeps 7 digits, and another order of summing changes the last ones: compare with a tolerance, "
    "`np.allclose(yours, wanted, rtol=1e-4, atol=1e-4)`, and ask for no dtype"
)
FAIR = "a right implementation must pass, or nothing that the test says can be believed"


@dataclass(frozen=True)
class Tried:
    """Hold what a test did with one implementation."""

    one: Implementation
    reply: Reply

    @property
    def rejected(self) -> bool:
        return self.reply.status == "raised"


def tried(question: Question, held: Answer) -> list[Tried]:
    """Let a test judge all implementations, in an order drawn from the seed; raise `Stopped` where it cannot go on."""
    everybody = everyone()
    order = generator(question.name).permutation(len(everybody))
    found, left = [], SECONDS
    for place in order:
        one = everybody[place]
        with unpatched():
            reply = held.call(disguised(one.make()), seconds=max(left, 0.05))
        left -= reply.seconds
        _go_on(reply, first=not found)
        found.append(Tried(one, reply))
    return found


def _go_on(reply: Reply, first: bool) -> None:
    if reply.status == "stub" and first:
        raise Stopped(Found(0.0, "not attempted yet", kind="not attempted"))
    if reply.status == "endless":
        why = "a `while` loop that never ends, or too many or too large cases: small images show every fault"
        said = f"it had not judged all {len(everyone())} implementations after {SECONDS:.0f} s"
        raise Stopped(Found(0.0, said, (("why", why),), kind="endless"))
    if reply.error_kind in ("SystemExit", "ProcessDied"):
        raise Stopped(
            Found(0.0, "it ends the whole program instead of raising", (("why", RAISE),), kind="crash")
        )


@contextlib.contextmanager
def unpatched() -> Iterator[None]:
    """Take back what a test replaces in NumPy and PyTorch, and say so: it would change what it tests."""
    import sys

    before = {name: dict(vars(sys.modules[name])) for name in PATCHED if name in sys.modules}
    yield
    changed = [
        f"{name}.{key}"
        for name, own in before.items()
        for key, value in own.items()
        if not key.startswith("_") and vars(sys.modules[name]).get(key) is not value
    ]
    for full in changed:
        name, _, key = full.rpartition(".")
        setattr(sys.modules[name], key, before[name][key])
    if changed:
        why = "a test looks from outside: it calls `implementation` with arrays and compares what comes back"
        raise Stopped(Found(0.0, f"it replaces {changed[0]}", (("why", why),), kind="forbidden"))


def survivors(found: list[Tried]) -> dict[str, tuple[int, int]]:
    """Return for every kind of fault how many slipped through, and how many there are."""
    counts = {}
    for kind in KINDS:
        of_kind = [one for one in found if one.one.kind == kind]
        counts[kind] = (sum(not one.rejected for one in of_kind), len(of_kind))
    return counts


def named(kind: str) -> str:
    return f"faults of one kind slip through: {kind}"


def looked_at(question: Question, held: Answer) -> Found:
    """Return which faulty implementations a test rejects, if it accepts all right ones."""
    found = tried(question, held)
    right = [one for one in found if one.one.right]
    if any(one.rejected for one in right):
        return unfair(right, [one for one in found if not one.one.right])
    counts = survivors(found)
    slipped, faulty = (sum(numbers) for numbers in zip(*counts.values(), strict=True))
    if not slipped:
        return Found(
            1.0, f"rejects all {faulty} faulty implementations and accepts all {len(right)} right ones"
        )
    share = (faulty - slipped) / faulty
    if share < 0.5 and tells_otherwise(found):
        name = "it returns or prints its verdict instead of raising"
    elif slipped == faulty:
        name = "it rejects nothing"
    else:
        return leaky(counts, slipped, faulty)
    return Found(
        share, name, (("rejects", f"{faulty - slipped} of {faulty} faulty ones"), ("why", RAISE)), (name,)
    )


def unfair(right: list[Tried], faulty: list[Tried]) -> Found:
    """Return what there is to say of a test that rejects a right implementation."""
    wronged = [one for one in right if one.rejected]
    narrow = {"float32", "another order of summing"}
    name = (
        "it is stricter than rounding"
        if {t.one.what for t in wronged} <= narrow
        else "it rejects a right one"
    )
    if all(t.reply.error_kind not in ("AssertionError", "CheckFailed") for t in wronged):
        name = "it stops with an error of its own" if name != "it is stricter than rounding" else name
    error = wronged[0].reply.error
    said = " ".join(str(getattr(error, "message", error)).split())
    yours = f"{wronged[0].reply.error_kind}{': ' if said else ''}{said[:160]}"
    why = EXACT if name == "it is stricter than rounding" else FAIR
    believed = [kind for kind in KINDS if any(t.one.kind == kind and not t.rejected for t in faulty)]
    if len(wronged) == len(right) and believed:
        why = f"it accepts faults of this kind: {', '.join(believed)}. Are the numbers that it wants right? Ask `F.conv2d`"
    which = ", ".join(sorted(t.one.what for t in wronged))
    rows = (
        ("rejects", f"{len(wronged)} of {len(right)} right ones: {which}"),
        ("raised", yours),
        ("why", why),
    )
    return Found(0.0, name, rows, (name,))


def tells_otherwise(found: list[Tried]) -> bool:
    """Tell whether a test returns a truth value, or says something else for faulty implementations than for right ones."""
    said: dict[bool, set] = {True: set(), False: set()}
    for one in found:
        if not one.rejected:
            said[one.one.right].add((repr(one.reply.value)[:80], one.reply.printed))
    if {str(one.reply.value) for one in found if not one.rejected} == {"True", "False"}:
        return True
    return bool(said[False] - said[True]) and len(said[True]) == 1


def leaky(counts: dict[str, tuple[int, int]], slipped: int, faulty: int) -> Found:
    """Return what there is to say of a test through which some faults slip."""
    open_kinds = {kind: of for kind, of in counts.items() if of[0]}
    through = [kind for kind, (missed, of) in open_kinds.items() if missed == of]
    mistakes = tuple(named(kind) for kind in through or open_kinds)
    headline = mistakes[0] if len(mistakes) == 1 else f"faults of {len(open_kinds)} kinds slip through"
    rows = [("rejects", f"{faulty - slipped} of {faulty} faulty ones, and no right one")]
    rows += [("slipped", f"{kind}: {missed} of {of}") for kind, (missed, of) in open_kinds.items()]
    rows += [("why", f"{kind}: {ADVICE[kind]}") for kind in list(open_kinds)[:3]]
    return Found((faulty - slipped) / faulty, headline, tuple(rows), mistakes)


def _prints(implementation: Callable[..., Any]) -> None:
    try:
        tester()(implementation)
    except AssertionError:
        print("wrong")


def _returns(implementation: Callable[..., Any]) -> bool:
    with contextlib.suppress(AssertionError):
        tester()(implementation)
        return True
    return False


def _needs_more(implementation: Callable[..., Any]) -> None:
    raise AssertionError(f"this cannot be right: {np.shape(implementation)}")


@shared(looked_at)
@exercise(
    "Write the test", points=6, cases=lambda rng: (), observe=Parts(), forbid="",
    why="a test raises for every faulty implementation and lets every right one pass",
    help=("operands could not be broadcast together",),
    mistakes=(
        *(mistake(named(kind), advice, answer=missing(kind)) for kind, advice in ADVICE.items()),
        mistake("it is stricter than rounding", EXACT, answer=tester(rtol=0.0, atol=1e-12)),
        mistake("it rejects a right one", FAIR, answer=_needs_more),
        mistake("it stops with an error of its own", FAIR, answer=lambda implementation: implementation.name),
        mistake("it returns or prints its verdict instead of raising", RAISE, answer=_returns),
        mistake("it rejects nothing", RAISE, answer=lambda implementation: None),
    ),
)  # fmt: skip
def test_conv2d(implementation):
    return {}


def kinds_of_faults(test: Callable[..., Any]) -> dict[str, tuple[int, int]]:
    """Return for every kind of fault how many implementations a test rejects, and how many there are.

    Raises `ValueError` in one sentence for a test that cannot judge them all, or that rejects a right one.
    """
    from convbook.answers import hold

    try:
        found = tried(question_of(test_conv2d), hold(test))
    except Stopped as stopped:
        raise ValueError(f"this test cannot be used: {stopped.found.headline}") from None
    if any(one.rejected for one in found if one.one.right):
        raise ValueError("this test rejects a right implementation: see what its check says")
    return {kind: (of - missed, of) for kind, (missed, of) in survivors(found).items()}
