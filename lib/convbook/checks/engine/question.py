"""A question: what is declared of one exercise, and the words it is declared with."""

from __future__ import annotations

import itertools
import string
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from convbook.checks.engine.cases import size
from convbook.checks.engine.oracles import Change, DeclarationError, Oracle, parameters
from convbook.forms import Case, Exercise, Mistake

if TYPE_CHECKING:
    from convbook.checks.engine.observe import Observer


@dataclass(frozen=True)
class Draft:
    """Hold a mistake as it is declared, before the exercise's oracle is known."""

    name: str
    explanation: str
    here: str = ""
    ways: tuple[Any, ...] = ()
    answer: Callable[..., Any] | None = None


@dataclass(frozen=True)
class Question:
    """Hold all that is declared of one exercise.

    `why` is the rule with the case's numbers, `shape` the rule where only the shape is wrong. `counts` says that
    values matter, not the number type. `uses` are earlier exercises whose answers this one may call. `observer`
    drives an answer through a case and compares what it saw.
    """

    name: str
    title: str
    points: int
    oracle: Oracle
    cases: Callable[[np.random.Generator], Iterable[Case]]
    why: str
    observer: Observer
    mistakes: tuple[Mistake, ...] = ()
    shape: str = ""
    forbid: str = "torch"
    counts: bool = False
    probes: tuple[Callable[..., Any], ...] = ()
    help: tuple[str, ...] = ()
    uses: tuple[Exercise, ...] = ()

    def ordered_cases(self, rng: np.random.Generator) -> list[Case]:
        """Return the cases: hand-made ones in their order, the simplest first, then drawn ones, the smallest first."""
        return sorted(self.cases(rng), key=lambda one: size(one) if one.drawn else 0)

    def suspects(self) -> tuple[Mistake, ...]:
        """Return all mistakes that can be told by name: the declared ones, then those the observer makes by itself."""
        return (*self.mistakes, *self.observer.automatic(self))

    def pairs(self) -> Iterator[tuple[Mistake, Mistake]]:
        """Yield every two mistakes that can be made at once."""
        for one, other in itertools.combinations(self.mistakes, 2):
            if one.ways and other.ways and self.observer.combine(one.ways[0], other.ways[0]):
                yield one, other


def mistake(
    name: str,
    explanation: str,
    here: str = "",
    *,
    result: Callable[..., Any] | None = None,
    instead: Callable[..., Any] | None = None,
    edit: Callable[..., Any] | None = None,
    answer: Callable[..., Any] | None = None,
    ways: Sequence[Mapping[str, Any]] = (),
    **arguments: Callable[..., Any],
) -> Draft:
    """Return a mistake: its name completes "your function …", the explanation is for anyone, `here` has the case's numbers.

    Give changed arguments by their names, a changed `result`, a rule `instead` of the oracle's, an `edit` of a module's
    graph, or a whole wrong `answer`. `ways` are further ways to make the same mistake, each a dict of the same keywords.
    """
    main = {**arguments, "result": result, "instead": instead, "edit": edit}
    found = tuple(_change(way) for way in (main, *ways) if any(v is not None for v in way.values()))
    if not found and answer is None:
        raise DeclarationError(
            f"the mistake {name!r} changes nothing: give an argument, a result, an edit or an answer"
        )
    return Draft(name, explanation, here, found, answer)


def _change(way: Mapping[str, Any]) -> Any:
    if way.get("edit") is not None:
        return way["edit"]
    arguments = {n: f for n, f in way.items() if n not in ("result", "instead", "edit") and f is not None}
    return Change(arguments, way.get("result"), way.get("instead"))


def question_of(exercise: Exercise) -> Question:
    """Return what was declared of an exercise."""
    return exercise.judging.args[0]  # type: ignore[attr-defined]


def examine_words(question: Question) -> None:
    """Raise `DeclarationError` where a mistake speaks of what the exercise has not: cheap, done as it is declared."""
    oracle = question.oracle
    arguments = set(oracle.signature.parameters)
    letters = {letter for group in (*oracle.axes.values(), oracle.result_axes) for letter in group}
    known = {*arguments, *letters, *oracle.further, *question.observer.facts, "yours", "wanted", "again"}
    for template, owner in [(question.why, "its rule"), (question.shape, "its rule for shapes")] + [
        (m.here, f"the mistake {m.name!r}") for m in question.mistakes
    ]:
        for field_name in fields(template):
            if field_name not in known:
                raise DeclarationError(
                    f"{question.name}: {owner} speaks of {{{field_name}}}, which is no fact of the exercise"
                )
    for one in question.mistakes:
        for way in one.ways:
            if isinstance(way, Change):
                _examine_change(question.name, one.name, way, arguments, known)


def _examine_change(exercise: str, name: str, way: Change, arguments: set[str], known: set[str]) -> None:
    for argument in way.arguments:
        if argument not in arguments:
            raise DeclarationError(
                f"{exercise}: the mistake {name!r} changes {argument!r}, which is no argument of the exercise"
            )
    for function in way.functions():
        wanted = parameters(function)
        free = wanted[1:] if function is way.result else wanted
        for parameter, needed in free:
            if needed and parameter not in known:
                raise DeclarationError(
                    f"{exercise}: the mistake {name!r} asks for {parameter!r}, which is no fact of the exercise"
                )


def fields(template: str) -> list[str]:
    """Return the names that stand in braces in a template.

    >>> fields("{h} · {w} pixels")
    ['h', 'w']
    """
    return [name for _, name, _, _ in string.Formatter().parse(template) if name]
