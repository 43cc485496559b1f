"""Declare a kind of drill: what is drawn, asked and answered, and the mistakes that give a number of their own.

    kind("output_size", "01", "How many places fit",
         draw=lambda rng: {"n": pick(rng, 8, 32), "k": pick(rng, 2, 5)},
         ask="A window of {k} pixels moves along a side of {n} pixels. At how many places does it fit?",
         answer=lambda n, k: n - k + 1,
         worked="{n} − {k} = {room} steps, and the first place: {room} + 1 = {answer}.",
         mistakes={"the + 1 is missing: the first place counts too": lambda n, k: n - k})

Every function names as its parameters the facts it wants. A text in braces may use every fact, and `{answer}`.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from convbook.checks.engine.oracles import DeclarationError, call_by_name
from convbook.drills.reading import same

TRIES = 500  # draws until the answer is one that no mistake gives
ALIKE = 5  # draws of which the best is taken, if two mistakes give one number in each of them
Facts = dict[str, Any]


class Volume(NamedTuple):
    """Hold the shape of maps; an answer may name the channels first or last."""

    c: int
    h: int
    w: int


@dataclass(frozen=True)
class Kind:
    """Hold one kind of drill; `unit` is its unit's number as text, "02".

    `decimals` says how exactly a number is asked for: None for a whole number. `options` are the words of a question
    that is answered by a word, `square` that the side of a square is asked for. `exam` are the lecture's announced exam questions that the kind covers.
    """

    name: str
    unit: str
    title: str
    drawing: Callable[[np.random.Generator], Facts]
    asking: str | Callable[..., str]
    answering: Callable[..., Any]
    working: str | Callable[..., str]
    mistakes: Mapping[str, Callable[[Facts], Any]]
    decimals: int | None = None
    options: tuple[str, ...] = ()
    square: bool = False
    exam: tuple[str, ...] = ()

    def draw(self, rng: np.random.Generator) -> Facts:
        """Return facts for one question, drawn again until no mistake gives the right answer.

        Mistakes that give each other's number are avoided too, as long as that is possible.
        """
        best, fewest, suitable = None, 0, 0
        for _ in range(TRIES):
            facts = self.drawing(rng)
            wrong = self._wrong_answers(facts)
            if wrong is None:
                continue
            told = [repr(one) for one in wrong if one is not None]
            alike, suitable = len(told) - len(set(told)), suitable + 1
            if best is None or alike < fewest:
                best, fewest = facts, alike
            if fewest == 0 or suitable == ALIKE:
                return best
        if best is None:
            raise DeclarationError(
                f"{self.name}: in {TRIES} draws some mistake gave the right answer each time"
            )
        return best

    def _wrong_answers(self, facts: Facts) -> list[Any] | None:
        """Return what each mistake gives; None as soon as one gives the right answer."""
        right, wrong = self.answer(facts), []
        for formula in self.mistakes.values():
            wrong.append(self.made(formula, facts))
            if same(wrong[-1], right, self.decimals):
                return None
        return wrong

    @staticmethod
    def made(formula: Callable[[Facts], Any], facts: Facts) -> Any:
        """Return what a mistake gives, or None where it gives nothing that could be written down."""
        try:
            return formula(facts)
        except (ArithmeticError, ValueError, RuntimeError):
            return None

    def answer(self, facts: Facts) -> Any:
        """Return the right answer: a number, a `Volume`, a tuple of numbers, or one of the options."""
        return call_by_name(self.answering, facts)

    def ask(self, facts: Facts) -> str:
        """Return the question as text."""
        return _filled(self.asking, facts)

    def worked(self, facts: Facts) -> str:
        """Return the way to the answer with the question's own numbers, one step a line."""
        return _filled(self.working, {**facts, "answer": self.answer(facts)})


def kind(
    name: str,
    unit: str,
    title: str,
    *,
    draw: Callable[[np.random.Generator], Facts],
    ask: str | Callable[..., str],
    answer: Callable[..., Any],
    worked: str | Callable[..., str],
    mistakes: Mapping[str, Callable[..., Any]],
    **more: Any,
) -> Kind:
    """Return a kind of drill; `more` are `decimals`, `options`, `square` and `exam` of `Kind`."""
    named = {sentence: _of_facts(formula) for sentence, formula in mistakes.items()}
    return Kind(name, unit, title, draw, ask, answer, worked, named, **more)


def _of_facts(formula: Any) -> Callable[[Facts], Any]:
    """Return a formula that takes all facts; one that a check declares does so already."""
    return formula.of if hasattr(formula, "of") else lambda facts: call_by_name(formula, facts)


def pick(rng: np.random.Generator, low: int, high: int) -> int:
    """Return a whole number from `low` to `high`, both included."""
    return int(rng.integers(low, high + 1))


def one_of(rng: np.random.Generator, *choices: Any) -> Any:
    """Return one of the choices."""
    return choices[pick(rng, 0, len(choices) - 1)]


def some(rng: np.random.Generator, many: int, low: int, high: int) -> list[int]:
    """Return several whole numbers from `low` to `high`, no two alike."""
    order = rng.permutation(high - low + 1)
    return [low + int(number) for number in order[:many]]


class _Words(string.Formatter):
    """Fill in numbers as they are written in a text: − for a minus, and as few decimals as say it."""

    def convert_field(self, value: Any, conversion: str | None) -> Any:
        if conversion == "p":  # {x!p}: in brackets where it is negative
            return f"({shown(value)})" if value < 0 else shown(value)
        return super().convert_field(value, conversion)

    def format_field(self, value: Any, spec: str) -> str:
        return shown(value) if not spec else format(value, spec).replace("-", "−")


def _filled(template: str | Callable[..., str], facts: Facts) -> str:
    if callable(template):
        return call_by_name(template, facts)
    return _Words().vformat(template, (), facts)


def shown(value: Any) -> str:
    """Return a number, a shape or a list of numbers as it is written in a text.

    >>> shown(1179648), shown(-0.25), shown((10, 28, 28))
    ('1,179,648', '−0.25', '(10, 28, 28)')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, (tuple, list)):
        return "(" + ", ".join(shown(one) for one in value) + ("," if len(value) == 1 else "") + ")"
    if isinstance(value, float) and value != int(value):
        text = f"{value:.4f}".rstrip("0").rstrip(".") if abs(value) >= 0.1 else f"{value:.4g}"
        return text.replace("-", "−")
    return f"{int(value):,}".replace("-", "−") if abs(value) > 9999 else str(int(value)).replace("-", "−")
