"""The check of `load_by_order`: fill a model from a state-dict whose names are another's."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from convbook.answers import Answer, Built, LocalAnswer, hold
from convbook.answers.values import Reference, StateOf
from convbook.checks.message import _page as page
from convbook.checks.message import not_a_function
from convbook.checks.resnet.loaders import MISTAKES, VARIANTS, pairwise
from convbook.forms import Exercise, Mistake, Reply, Verdict

NAME, POINTS = "load_by_order", 6
Entries = tuple[tuple[str, tuple[int, ...], str], ...]

MINE: Entries = (
    ("stem.weight", (2, 1, 3, 3), "parameter"), ("norm.weight", (2,), "parameter"), ("norm.bias", (2,), "parameter"),
    ("norm.running_mean", (2,), "buffer"), ("norm.running_var", (2,), "buffer"), ("norm.num_batches_tracked", (), "count"),
    ("head.weight", (3, 2), "parameter"), ("head.bias", (3,), "parameter"),
)  # fmt: skip
NAMES = ("conv1.w", "bn1.w", "bn1.b", "bn1.mean", "bn1.var", "bn1.count", "fc.w", "fc.b")
THEIRS: Entries = tuple((name, shape, kind) for name, (_, shape, kind) in zip(NAMES, MINE, strict=True))


@dataclass(frozen=True)
class Trial:
    """One call: the model's tensors, the state-dict's, and what must come of it.

    `wanted` is "loaded", "shapes" (a `ValueError` about the entries number `differs`) or "counts".
    """

    about: str
    model: Entries
    state: Entries
    wanted: str = "loaded"
    differs: int = 0


def exchanged(entries: Entries, one: int, other: int) -> Entries:
    """Return entries with two of them in each other's place."""
    order = list(entries)
    order[one], order[other] = order[other], order[one]
    return tuple(order)


def reshaped(entries: Entries, place: int, shape: tuple[int, ...]) -> Entries:
    """Return entries with another shape at one place."""
    name, _, kind = entries[place]
    return (*entries[:place], (name, shape, kind), *entries[place + 1 :])


TRIALS = (
    Trial("the same shapes under other names", MINE, THEIRS),
    Trial("some names are the same, in other places", MINE,
          tuple((MINE[p][0], *entry[1:]) for p, entry in zip((0, 2, 1, 4, 3, 5, 6, 7), THEIRS, strict=True))),
    Trial("the first shape differs", MINE, reshaped(THEIRS, 0, (2, 1, 5, 5)), "shapes", 0),
    Trial("a later shape differs", MINE, reshaped(THEIRS, 6, (4, 2)), "shapes", 6),
    Trial("two shapes differ", MINE, reshaped(reshaped(THEIRS, 3, (5,)), 6, (4, 2)), "shapes", 3),
    Trial("the same shapes in another order", MINE, exchanged(THEIRS, 0, 6), "shapes", 0),
    Trial("as many numbers, in another shape", MINE, reshaped(THEIRS, 6, (2, 3)), "shapes", 6),
    Trial("a shape that could be broadcast", MINE, reshaped(THEIRS, 7, (1,)), "shapes", 7),
    Trial("one tensor too many", MINE, (*THEIRS, ("extra.w", (2,), "parameter")), "counts"),
    Trial("one tensor too few", MINE, THEIRS[:-1], "counts"),
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What came of a trial, in one word each."""

    event: str
    model: str = "filled"
    returned: str = "the model"
    message: str = "tells all"
    given: str = "as it was"
    yours: str = field(default="", compare=False)


RIGHT = {
    "loaded": Outcome("loaded"),
    "shapes": Outcome("ValueError", "untouched", "", "tells all"),
    "counts": Outcome("ValueError", "untouched", "", "tells all"),
}


def tried(answer: Answer, trial: Trial) -> Outcome | Reply:
    """Return what came of one trial, or the reply that ended it."""
    model = answer.place(Reference("shelf", {"entries": trial.model, "start": 1000.1}))
    other = answer.place(Reference("shelf", {"entries": trial.state, "start": 1.1}))
    before, given = model.state().value, other.state().value
    trained = model.parameters().value
    reply = answer.as_module().call(model, StateOf(other))
    if reply.status not in ("returned", "raised"):
        return reply
    after = model.state().value
    untouched = all(np.array_equal(before[name], after.get(name)) for name in before)
    kept = "as it was" if _same(given, reply.arguments[1]) else "changed"
    if reply.status == "raised":
        is_value_error = isinstance(reply.error, ValueError)
        told = _told(str(reply.error), trial) if is_value_error else ""
        event = "ValueError" if is_value_error else reply.error_kind
        words = f"{reply.error_kind}: {reply.error}"
        return Outcome(event, "untouched" if untouched else "half filled", "", told, kept, words)
    filled = "untouched" if untouched else _filled(model, other, list(given.values()), trial)
    if filled == "filled" and model.parameters().value != trained:
        filled = "frozen"
    return Outcome("loaded", filled, _returned(reply, model), given=kept)


def _same(given: dict[str, np.ndarray], after: Any) -> bool:
    """Tell whether a state-dict holds what it held, under the same names in the same order."""
    if not isinstance(after, dict) or list(after) != list(given):
        return False
    return all(np.array_equal(given[name], after[name]) for name in given)


def _returned(reply: Reply, model: Built) -> str:
    if reply.value is model:
        return "the model"
    return "nothing" if reply.value is None else "something else"


def _filled(model: Built, other: Built, given: list[np.ndarray], trial: Trial) -> str:
    """Return how a model was filled: rightly, in part, with new tensors, or with the state-dict's own."""
    values = list(model.state().value.values())
    right = [a.shape == b.shape and np.array_equal(a, b) for a, b in zip(values, given, strict=False)]
    if not all(right) or trial.wanted != "loaded":
        parameters = [r for r, (_, _, kind) in zip(right, trial.model, strict=False) if kind == "parameter"]
        return "parameters only" if all(parameters) and trial.wanted == "loaded" else "wrongly filled"
    model.load_state({name: np.full(shape, -7.0) for name, shape, _ in trial.model})
    if any((array == -7).any() for array in other.state().value.values()):
        return "shared"
    if not np.all(model.call().value == -7):
        return "new tensors"
    return "filled"


def _told(message: str, trial: Trial) -> str:
    if trial.wanted == "loaded":
        parameters = sum(kind == "parameter" for _, _, kind in trial.model)
        return "counts parameters" if re.search(rf"\b{parameters}\b", message) else ""
    counts = all(re.search(rf"\b{len(entries)}\b", message) for entries in (trial.model, trial.state))
    if trial.wanted == "counts" or (counts and len(trial.model) != len(trial.state)):
        return "tells all" if counts else "no counts"
    sides = [entries[trial.differs] for entries in (trial.model, trial.state)]
    names = all(name in message for name, _, _ in sides)
    shapes = all(_shape_told(shape, message) for _, shape, _ in sides)
    return (
        "tells all"
        if names and shapes
        else "no names"
        if shapes
        else "no shapes"
        if names
        else "no names and shapes"
    )


def _shape_told(shape: tuple[int, ...], message: str) -> bool:
    """Tell whether a message has the sides of a shape, one after the other, as "(3, 2)", "[3, 2]" or "3x2" have.

    >>> _shape_told((3, 2), "fc: 3x2"), _shape_told((3, 2), "3 and 12")
    (True, False)
    """
    return bool(re.search(r"(?<!\d)" + r"\D{1,3}".join(map(str, shape)) + r"(?!\d)", message))


FILLED = {
    "untouched": "the model holds what it held before",
    "filled": "every tensor holds its value",
    "wrongly filled": "the model does not hold those values",
    "parameters only": "the parameters hold their values, the buffers do not",
    "frozen": "every tensor holds its value, but they are no longer the trainable ones",
    "shared": "the model's tensors are the state-dict's own",
    "new tensors": "the model holds new tensors",
}


def judge_loading(answer: Any) -> Verdict:
    """Return the verdict on a function that loads weights: the first trial that goes wrong."""
    held = hold(answer)
    if isinstance(held, LocalAnswer) and not callable(held.target):
        return not_a_function(load_by_order, held.target)
    outcomes = []
    for trial in TRIALS:
        outcome = tried(held, trial)
        if isinstance(outcome, Reply):
            return _stopped(trial, outcome)
        if trial.wanted == "loaded" and outcome.event not in (
            "loaded",
            "ValueError",
            "RuntimeError",
            "KeyError",
        ):
            return _crash(held, trial)
        outcomes.append(outcome)
    for trial, outcome in zip(TRIALS, outcomes, strict=True):
        if outcome != RIGHT[trial.wanted]:
            return _wrong(trial, outcome, _named(outcomes))
    return Verdict(NAME, "right", f"✓ {NAME}: right in all {len(TRIALS)} cases ({POINTS} points)")


def _named(outcomes: list[Outcome]) -> Mistake | None:
    called = {mistake.name: mistake for mistake in MISTAKES}
    ways = [(mistake.name, mistake.answer) for mistake in MISTAKES]
    for name, answer in (*ways, *((name, functools.partial(pairwise, **bend)) for name, bend in VARIANTS)):
        if all(
            tried(hold(answer), trial) == outcome for trial, outcome in zip(TRIALS, outcomes, strict=True)
        ):
            return called[name]
    return None


def _wrong(trial: Trial, outcome: Outcome, mistake: Mistake | None) -> Verdict:
    entry, other = (side[min(trial.differs, len(side) - 1)] for side in (trial.model, trial.state))
    wanted = {
        "loaded": "every tensor holds the value at its place in the state-dict, and the model comes back",
        "shapes": f"a ValueError that names {entry[0]} {entry[1]} and {other[0]} {other[1]}; the model as it was",
        "counts": f"a ValueError that tells {len(trial.model)} and {len(trial.state)}; the model as it was",
    }[trial.wanted]
    yours = outcome.yours or outcome.event
    if outcome.event == "loaded":
        yours = f"no error; {FILLED[outcome.model]}; {outcome.returned} is returned"
    elif outcome.model == "half filled":
        yours += " (the model is half filled)"
    if outcome.given == "changed":
        yours += "; the state-dict is changed"
    headline = f"✗ {NAME}: {mistake.name}" if mistake else f"✗ {NAME} goes wrong: {trial.about}"
    hint = "walk both in order, side by side: `model.state_dict()` and `state_dict`; compare all before you copy any"
    rows = [("case", f"{trial.about}: {len(trial.model)} tensors in the model, {len(trial.state)} in the state-dict"),
            ("yours", yours), ("wanted", wanted), ("look at", mistake.explanation if mistake else hint)]  # fmt: skip
    return Verdict(NAME, "wrong", page(headline, rows), (mistake.name,) if mistake else ())


def _crash(answer: Answer, trial: Trial) -> Verdict:
    model, other = (answer.place(Reference("shelf", {"entries": e})) for e in (trial.model, trial.state))
    return _stopped(trial, answer.as_module().call(model, StateOf(other)))


def _stopped(trial: Trial, reply: Reply) -> Verdict:
    if reply.status == "stub":
        return Verdict(NAME, "not attempted", f"• {NAME}: not attempted yet")
    if reply.status == "endless":
        return Verdict(
            NAME, "endless", page(f"✗ {NAME} was stopped: it did not finish", [("case", trial.about)])
        )
    note = page(f"✗ {NAME} stopped with {reply.error_kind}", [("case", trial.about)])
    if hasattr(reply.error, "add_note"):
        reply.error.add_note(note)
    return Verdict(NAME, "crash", note, error=reply.error)


load_by_order = Exercise(NAME, "Weights from elsewhere", POINTS, MISTAKES, judge_loading)
