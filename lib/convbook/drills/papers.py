"""Draw papers: questions for a name and a seed, always the same ones, and what is said to an answer."""

from __future__ import annotations

import difflib
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from convbook.drills.kinds import Facts, Kind, shown
from convbook.drills.reading import Unreadable, meanings, same
from convbook.nbgrader_course import CourseError


class DrillError(CourseError, ValueError):
    """Say in one sentence why no drill can be drawn; a notebook shows the sentence alone."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


@dataclass(frozen=True)
class Mark:
    """Hold what is said to one answer; `right` is None where the answer could not be read, and nothing is counted.

    `kind` is the drill's kind by name, `mistake` the sentence of the mistake that gives exactly this answer.
    """

    right: bool | None
    sentence: str
    kind: str
    mistake: str | None
    worked: str


@dataclass(frozen=True)
class Drill:
    """Hold one question: its kind, and the facts that were drawn for it."""

    kind: Kind
    facts: Facts = field(hash=False)

    @property
    def text(self) -> str:
        return self.kind.ask(self.facts)

    @property
    def answer(self) -> Any:
        return self.kind.answer(self.facts)

    @property
    def worked(self) -> str:
        return self.kind.worked(self.facts)

    def mark(self, answer: Any) -> Mark:
        """Return what is to be said to an answer, a number or text as a person types it."""
        kind, wanted = self.kind, self.answer
        try:
            read = meanings(answer, wanted, kind.options, kind.square)
        except Unreadable as why:
            return Mark(None, str(why), kind.name, None, self.worked)
        typed = str(answer).strip() if isinstance(answer, str) else shown_value(read[0])
        if any(same(one, wanted, kind.decimals) for one in read):
            return Mark(True, "Right.", kind.name, None, self.worked)
        for sentence, value, decimals in self.wrong_answers():
            if any(same(one, value, decimals) for one in read):
                return Mark(
                    False, f"{typed} is not right: {told(sentence)}", kind.name, sentence, self.worked
                )
        return Mark(
            False, f"{typed} is not right, and no usual mistake gives it.", kind.name, None, self.worked
        )

    def wrong_answers(self) -> Iterator[tuple[str, Any, int | None]]:
        """Yield each mistake's sentence, the answer it gives, and how many decimals of it count."""
        for sentence, formula in self.kind.mistakes.items():
            value = self.kind.made(formula, self.facts)
            part = self.kind.decimals is None and isinstance(value, float) and not value.is_integer()
            # an answer that should have been rounded may have any number of decimals
            yield sentence, value, 1 if part else self.kind.decimals


@dataclass(frozen=True)
class Paper:
    """Hold the questions drawn for one name and one seed."""

    name: str
    seed: int
    questions: list[Drill]


def shown_value(value: Any) -> str:
    """Return an answer as it is printed in a sentence or a key."""
    return shown(tuple(map(_plain, value))) if isinstance(value, tuple) else shown(_plain(value))


def _plain(value: Any) -> Any:
    return value if isinstance(value, (str, int)) else float(value)


def told(sentence: str) -> str:
    """Return a mistake as it is told: its name, and then why, each as a sentence."""
    name, colon, why = sentence.partition(": ")
    symbol = re.match(r"[b-z]\b", why)  # v = … and p is …: a large letter would be another symbol
    text = f"{name}. {why if symbol else why[:1].upper() + why[1:]}" if colon else name
    return text if text.endswith((".", "!", "?")) else f"{text}."


def clean_name(name: str) -> str:
    """Return a name as it is printed: blanks at its ends gone, inner ones folded, umlauts as one sign each.

    >>> clean_name("  Ada   Lovelace ")
    'Ada Lovelace'
    """
    words = unicodedata.normalize("NFC", str(name)).split()
    return " ".join(filter(None, ("".join(sign for sign in word if sign.isprintable()) for word in words)))


def clean_seed(seed: Any) -> int:
    """Return a seed as a whole number; raise `DrillError` where it is none."""
    if not isinstance(seed, bool):
        if isinstance(seed, (int, np.integer)):
            return int(seed)
        if isinstance(seed, str) and re.fullmatch(r"\s*[-+]?\d{1,30}\s*", seed):
            return int(seed)
    raise DrillError(f"the seed {str(seed)[:40]!r} is no whole number; give one such as 7")


def clean_count(count: Any) -> int:
    """Return how many questions are asked for; raise `DrillError` where that is no number from 1 to 1,000."""
    if isinstance(count, (int, np.integer)) and not isinstance(count, bool) and 1 <= count <= 1000:
        return int(count)
    raise DrillError(f"{count!r} questions cannot be drawn; give a whole number from 1 to 1000")


def generator(*words: Any) -> np.random.Generator:
    """Return a generator of its own for some words, the same on every machine."""
    told = hashlib.sha256("\0".join(map(str, words)).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(told[:16], "little")))


def chosen(
    all_kinds: Mapping[str, Kind], units: Iterable[Any] | None = None, kinds: Iterable[str] | None = None
) -> list[Kind]:
    """Return the kinds of some units, or some kinds by name; raise `DrillError` for one that does not exist."""
    names = [kinds] if isinstance(kinds, str) else kinds
    numbers = [units] if isinstance(units, (str, int)) else units
    left = list(all_kinds.values())
    if names is not None:
        names = list(names)
        if unknown := [name for name in names if name not in all_kinds]:
            near = difflib.get_close_matches(str(unknown[0]), all_kinds, 2, 0.5)
            hint = f"do you mean {' or '.join(near)}?" if near else "`convbook drill --list` names them all"
            raise DrillError(f"no drill is called {unknown[0]!r}; {hint}")
        left = [all_kinds[name] for name in dict.fromkeys(names)]
    if numbers is not None:
        wanted = [_unit(number) for number in numbers]
        present = sorted({one.unit for one in all_kinds.values()})
        if unknown := [number for number in wanted if number not in present]:
            raise DrillError(f"unit {unknown[0]!r} has no drills; there are drills for {', '.join(present)}")
        left = [one for one in left if one.unit in wanted]
    if not left:
        raise DrillError("no drill is of these kinds and of these units at once")
    return left


def _unit(word: Any) -> str:
    number = str(word).strip().partition("_")[0]
    return f"{int(number):02d}" if number.isdecimal() and len(number) < 9 else number


def draw_paper(all_kinds: Mapping[str, Kind], name: str, seed: Any = 0, count: int = 10, units: Any = None,
               kinds: Any = None) -> Paper:  # fmt: skip
    """Return the paper of one name and seed; upper and lower case make no difference to what is drawn."""
    printed, number, many = clean_name(name), clean_seed(seed), clean_count(count)
    owner = printed.casefold()
    left = chosen(all_kinds, units, kinds)
    order = _spread(left, many, generator("order", owner, number))
    seen: dict[str, int] = {}
    questions = []
    for one in order:
        seen[one.name] = seen.get(one.name, 0) + 1
        # each question has a generator of its own: a kind added later changes no other kind's numbers
        questions.append(Drill(one, one.draw(generator("facts", owner, number, one.name, seen[one.name]))))
    return Paper(printed, number, questions)


def _spread(kinds: list[Kind], count: int, rng: np.random.Generator) -> list[Kind]:
    """Return `count` kinds, unit after unit in turn, none twice before each has been taken once; in the units' order."""
    places = {one.name: number for number, one in enumerate(kinds)}
    taken: list[Kind] = []
    while len(taken) < count:
        by_unit: dict[str, list[Kind]] = {}
        for number in rng.permutation(len(kinds)):
            by_unit.setdefault(kinds[number].unit, []).append(kinds[number])
        while by_unit and len(taken) < count:
            for unit in list(by_unit)[: count - len(taken)]:
                taken.append(by_unit[unit].pop())
                if not by_unit[unit]:
                    del by_unit[unit]
    return sorted(taken, key=lambda one: (one.unit, places[one.name]))


def keyed(paper: Paper) -> list[tuple[str, str]]:
    """Return the key of a paper: for each question its answer and the way to it."""
    return [(shown_value(drill.answer), drill.worked) for drill in paper.questions]
