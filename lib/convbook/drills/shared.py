"""Take an exercise's oracle and its declared mistakes for drills: rules and slips are written once, in the checks."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from convbook.forms import Exercise, Mistake


def right(exercise: Exercise, **given: Any) -> Any:
    """Return what an exercise's oracle gives for these arguments."""
    return exercise.judging.args[0].oracle.run((), given)  # type: ignore[attr-defined]


def slips(
    exercise: Exercise,
    *names: str,
    arguments: Callable[[dict], dict] | None = None,
    part: Callable[[Any, dict], Any] = lambda y, facts: y,
) -> dict[str, Callable[..., Any]]:
    """Return some declared mistakes of an exercise, as sentences with their formulas of a drill's facts.

    `arguments` makes the exercise's arguments of the facts; without it they bear the same names. `part` makes of what the
    exercise would return, and the facts, what the drill asks for.
    A name may go on with ": " and a reason of the drill's own, where the exercise's speaks of code.
    Raises `LookupError` where the exercise declares no such mistake.
    """
    found = {sentence(exercise, name): _declared(exercise, name) for name in names}
    return {said: _Slip(one, arguments or _by_name(one), part) for said, one in found.items()}


def sentence(exercise: Exercise, name: str) -> str:
    """Return the words of a declared mistake, for a drill that makes it with a formula of its own."""
    one = _declared(exercise, name)
    return f"{name}: {one.explanation}" if name == one.name else name


def _declared(exercise: Exercise, name: str) -> Mistake:
    for one in exercise.mistakes:
        if name == one.name or name.startswith(f"{one.name}: "):
            return one
    raise LookupError(f"{exercise.name} declares no mistake called {name!r}")


class _Slip:
    """Make one declared mistake with a drill's facts."""

    def __init__(self, mistake: Mistake, arguments: Callable[[dict], dict], part: Callable[[Any, dict], Any]):
        self.mistake, self.arguments, self.part = mistake, arguments, part

    def of(self, facts: dict) -> Any:
        return self.part(self.mistake.answer(**self.arguments(facts)), facts)


def _by_name(mistake: Mistake) -> Callable[[dict], dict]:
    names = list(inspect.signature(mistake.answer).parameters)
    return lambda facts: {name: facts[name] for name in names if name in facts}
