"""Observe a function that fills a model from a state-dict: what it fills with what, what it says, what it returns."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from convbook.answers import Answer, Built
from convbook.answers.values import Reference, StateOf
from convbook.checks.engine.compare import Fault
from convbook.checks.engine.modules.seen import VALUES, Entries, about, counts_of, differing, loaded
from convbook.checks.engine.observe import Records
from convbook.checks.engine.oracles import Oracle
from convbook.forms import Case, Reply

EXPECTED = (
    "ValueError",
    "RuntimeError",
    "KeyError",
    "TypeError",
    "AssertionError",
)  # raised on purpose, as a rule
PARTS = ("event", "filled", "kept", "returned", "message", "given")
HINT = (
    "walk both in order, side by side: `model.state_dict()` and `state_dict`; compare all before you copy any"
)
KEPT = {
    "shared": "; the model's tensors are the state-dict's own", "new tensors": "; the model holds new tensors",
    "frozen": "; they are no longer the trainable ones", "in place": "",
}  # fmt: skip


class Loading(Records):
    """Hand a function a model and a state-dict whose every number is another, and look where they went."""

    library = "PyTorch"

    def watch(self, answer: Answer, case: Case, seconds: float, forbid: str) -> Reply:
        entries, theirs = case.args
        model = answer.place(Reference("shelf", {"entries": entries, "start": 1000.1}))
        other = answer.place(Reference("shelf", {"entries": theirs, "start": 1.1}))
        before, given = model.state().value, other.state().value
        trained = model.parameters().value
        reply = answer.as_module().call(model, StateOf(other), seconds=seconds)
        if reply.status not in ("returned", "raised"):
            return reply
        fits = len(entries) == len(theirs) and differing(entries, theirs) is None
        if reply.status == "raised" and fits and reply.error_kind not in EXPECTED[:3]:
            return reply  # a slip of the learner's own, no refusal
        seen = loaded(
            _filled(before, model.state().value, given),
            given="as it was" if _same(given, reply.arguments[1]) else "changed",
        )
        seen["words"] = f"{reply.error_kind}: {reply.error}" if reply.status == "raised" else ""
        if reply.status == "raised":
            value_error = isinstance(reply.error, ValueError) or reply.error_kind == "ValueError"
            told = _told(str(reply.error), entries, theirs) if value_error else ""
            seen |= {
                "event": "ValueError" if value_error else reply.error_kind,
                "returned": "",
                "message": told,
            }
        else:
            returned = (
                "the model"
                if reply.value is model
                else "nothing"
                if reply.value is None
                else "something else"
            )
            seen |= {
                "returned": returned,
                "kept": _kept(model, other, trained, entries) if fits and seen["filled"] else "in place",
            }
        return Reply("returned", seen, (), None, reply.printed, reply.seconds)

    def alike(self, part: str, yours: Any, goal: Any, case: Case) -> bool:
        return bool(yours == goal)

    def _same(self, one: Mapping[str, Any], other: Mapping[str, Any], case: Case) -> bool:
        return all(one[part] == other[part] for part in PARTS)

    def fault(self, question: Any, case: Case, reply: Reply, wanted: Any) -> Fault | None:
        if reply.status != "returned" or self._same(reply.value, wanted, case):
            return None
        seen, (model, state_dict) = reply.value, case.args
        yours = seen["words"]
        if seen["event"] == "returns":
            yours = f"no error; {_filling(seen, wanted)}{KEPT[seen['kept']]}; {seen['returned']} is returned"
        elif seen["filled"]:
            yours += " (the model is half filled)"
        yours += "; the state-dict is changed" if seen["given"] == "changed" else ""
        goal = "every tensor holds the value at its place in the state-dict, and the model comes back"
        if wanted["event"] != "returns":
            goal = f"a ValueError that tells {len(model)} and {len(state_dict)}; the model as it was"
            if len(model) == len(state_dict):
                told = [
                    f"{name} {shape}"
                    for name, shape, _ in (side[differing(model, state_dict) or 0] for side in case.args)
                ]
                goal = f"a ValueError that names {told[0]} and {told[1]}; the model as it was"
        return Fault("wrong", f"goes wrong: {case.about}", yours, goal, HINT)

    def mutant(self, oracle: Oracle, ways: Sequence[Any]) -> Callable[..., Any]:
        """Return a function that fills, raises and returns as a bent record says."""
        if not ways:
            raise ValueError("only a bent record becomes a function: the straight one is the exercise")

        def mutant(model: Any, state_dict: Any) -> Any:
            from convbook.checks.engine.modules.filling import performed

            return performed(model, state_dict, lambda mine, theirs: oracle.run((mine, theirs), {}, ways))

        mutant.__name__ = mutant.__qualname__ = oracle.function.__name__
        return mutant

    def case_text(self, question: Any, case: Case) -> str:
        model, state_dict = case.args
        return f"{case.about}: {len(model)} tensors in the model, {len(state_dict)} in the state-dict"


def _filling(seen: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    if not seen["filled"]:
        return "the model holds what it held before"
    if seen["filled"] == wanted["filled"]:
        return "every tensor holds its value"
    wrong = next(
        (n for n, goal in wanted["filled"].items() if seen["filled"].get(n) != goal),
        next(iter(seen["filled"])),
    )
    other = seen["filled"].get(wrong)
    return f"{wrong} holds " + (
        "what it held before" if other is None else other if other == VALUES else f"the value of {other}"
    )


def _same(given: Mapping[str, np.ndarray], after: Any) -> bool:
    """Tell whether a state-dict holds what it held, under the same names in the same order."""
    if not isinstance(after, dict) or list(after) != list(given):
        return False
    return all(np.array_equal(given[name], after[name]) for name in given)


def _filled(
    before: Mapping[str, np.ndarray], after: Mapping[str, np.ndarray], given: Mapping[str, np.ndarray]
) -> dict[str, str]:
    """Return for every tensor that was written into whose value it holds."""
    found = {}
    for name, was in before.items():
        now = after.get(name)
        if now is None or not np.array_equal(was, now):
            found[name] = next((n for n, v in given.items() if now is not None and _equal(v, now)), VALUES)
    return found


def _equal(one: np.ndarray, other: np.ndarray) -> bool:
    return one.shape == other.shape and np.array_equal(one.astype(other.dtype), other)


def _kept(model: Built, other: Built, trained: list[str], entries: Entries) -> str:
    """Return what became of the model's own tensors: written into, replaced, shared or frozen."""
    if model.parameters().value != trained:
        return "frozen"
    model.load_state({name: np.full(shape, -7.0) for name, shape, _ in entries})
    if any((array == -7).any() for array in other.state().value.values()):
        return "shared"
    return "in place" if np.all(model.call().value == -7) else "new tensors"


def _told(message: str, model: Entries, state_dict: Entries) -> str:
    """Return what an error tells: "about" which two entries, or which two "counts", or what of it is missing."""
    place = differing(model, state_dict)
    counts = all(re.search(rf"\b{len(entries)}\b", message) for entries in (model, state_dict))
    if counts and len(model) != len(state_dict):
        return counts_of(model, state_dict)
    sides = [entries[place or 0] for entries in (model, state_dict)]
    shapes = place is not None and all(_shape_told(shape, message) for _, shape, _ in sides)
    if place is not None and all(name in message for name, _, _ in sides):
        return about(*sides) if shapes else "no shapes"
    spoken = [[entry for entry in entries if entry[0] in message] for entries in (model, state_dict)]
    if all(spoken):  # the model's stands first, as a rule
        return about(
            min(spoken[0], key=lambda e: message.find(e[0])),
            max(spoken[1], key=lambda e: message.rfind(e[0])),
        )
    if shapes:
        return "no names"
    numbers = re.findall(r"\d+", message)
    return f"counts {numbers[0]} and {numbers[1]}" if len(numbers) == 2 else "neither"


def _shape_told(shape: tuple[int, ...], message: str) -> bool:
    """Tell whether a message has the sides of a shape, one after the other, as "(3, 2)", "[3, 2]" or "3x2" have.

    >>> _shape_told((3, 2), "fc: 3x2"), _shape_told((3, 2), "3 and 12")
    (True, False)
    """
    return bool(re.search(r"(?<!\d)" + r"\D{1,3}".join(map(str, shape)) + r"(?!\d)", message))
