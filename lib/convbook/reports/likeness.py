"""Answers that are more alike than this class's answers usually are: a hint to look, never a verdict.

Code is compared as a sequence of tokens in which comments, docstrings and layout are gone and own names are
numbered in their order, so that renaming hides nothing; the distance is RapidFuzz's. What is usual is learnt
from the class itself: an exercise of three lines that everybody writes alike gives no hint, nor does the
instructor's own answer.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np

from convbook.reports.stored import OPEN, RIGHT, Results
from convbook.reports.tokens import form

SHORTEST = 45  # tokens: of less, two people write the same by themselves
ALIKE = 0.92  # of 1: as alike as two answers are between which names and a line were changed
CLASS, LARGE = 8, 100  # students with an answer: below, nobody knows which code, which mistake is usual
FEW, FEW_SHARE = 4, 0.05  # what more students have than this many, or than this share of the class, is usual
RARE = 0.01  # of the class: a mistake of at most so many, or of two, is unusual
ENOUGH = 2  # things in common


@dataclass
class Hint:
    """Say that a few students have something in common that is rare in their class.

    `alike` says for an exercise how alike their code is, `usual` how alike two answers of the class are in
    the middle, both 0 to 1; `wrong` are the exercises where the common code is wrong, `mistakes` the unusual ones
    that all of them made.
    """

    students: tuple[str, ...]
    alike: dict[str, float] = field(default_factory=dict)
    usual: dict[str, float] = field(default_factory=dict)
    wrong: set[str] = field(default_factory=set)
    mistakes: set[str] = field(default_factory=set)

    @property
    def things(self) -> int:
        """Return how many things they have in common."""
        return len(self.alike) + len(self.mistakes)

    def plain(self) -> dict[str, Any]:
        """Return the hint as plain data."""
        return {
            "students": list(self.students), "alike": self.alike, "usual": self.usual,
            "wrong": sorted(self.wrong), "mistakes": sorted(self.mistakes),
        }  # fmt: skip


def hints(results: Results) -> list[Hint]:
    """Return who has several things in common that are rare in the class; those with most in common first.

    One thing alone is no hint: among the pairs of a large class some are always the most alike.
    """
    found: dict[tuple[str, str], Hint] = {}
    for item in results.items:
        for pair, (alike, usual) in _alike(results, item).items():
            hint = found.setdefault(pair, Hint(pair))
            hint.alike[item], hint.usual[item] = round(alike, 3), round(usual, 3)
            if _wrong(results, item, pair[0]):
                hint.wrong.add(item)
    for pair, mistakes in _shared_mistakes(results).items():
        hint = found.setdefault(pair, Hint(pair))
        hint.mistakes = {one for one in mistakes if one.partition(": ")[0] not in hint.alike}
    strong = [hint for hint in found.values() if hint.things >= ENOUGH]
    return sorted(_joined(strong), key=lambda hint: (-hint.things, -len(hint.wrong), hint.students))


def _wrong(results: Results, item: str, student: str) -> bool:
    one = next(s for s in results.students if s.person.id == student)
    return one.attempts[item].outcome not in (OPEN, RIGHT)


def _joined(pairs: list[Hint]) -> list[Hint]:
    """Return pairs that overlap as one hint: who copied from whom is nothing that code can tell."""
    groups: list[Hint] = []
    for hint in pairs:
        near = [group for group in groups if set(group.students) & set(hint.students)]
        groups = [group for group in groups if group not in near]
        for other in near:
            hint.students = tuple(sorted({*hint.students, *other.students}))
            hint.alike |= {k: min(v, hint.alike.get(k, v)) for k, v in other.alike.items()}
            hint.usual |= other.usual
            hint.wrong, hint.mistakes = hint.wrong | other.wrong, hint.mistakes | other.mistakes
        groups.append(hint)
    return groups


def _alike(results: Results, item: str) -> dict[tuple[str, str], tuple[float, float]]:
    """Return the pairs whose answers to one exercise are unusually alike: `(how alike, what is usual)`."""
    forms = _forms(results, item)
    writers = [len(names) for names in forms.values()]
    if sum(writers) < CLASS or len(forms) < 2:
        return {}
    grid, names = _grid(list(forms)), list(forms.values())
    likeness = _Likeness(grid, writers)
    unusual = np.triu(grid >= ALIKE) & (grid > likeness.usual_to(_few(sum(writers))))
    found: dict[tuple[str, str], tuple[float, float]] = {}
    for a, b in zip(*np.nonzero(unusual), strict=True):
        pairs = combinations(names[a], 2) if a == b else ((x, y) for x in names[a] for y in names[b])
        found |= {tuple(sorted(pair)): (float(grid[a, b]), likeness.middle()) for pair in pairs}
    return found


def _forms(results: Results, item: str) -> dict[str, list[str]]:
    """Return the forms of an exercise's answers and who wrote each, but for short ones and the solution."""
    own = form(results.items[item].solution)
    found: dict[str, list[str]] = defaultdict(list)
    for student in results.students:
        attempt = student.attempts.get(item)
        if attempt and attempt.code and attempt.outcome != OPEN:
            one = form(attempt.code)
            if len(one) >= SHORTEST and one != own:
                found[one].append(student.person.id)
    return found


def _grid(forms: list[str]) -> np.ndarray:
    """Return how alike every two forms are, 0 to 1. Shape: (forms, forms)"""
    from rapidfuzz.distance import Indel
    from rapidfuzz.process import cdist

    return cdist(forms, forms, scorer=Indel.normalized_similarity)


class _Likeness:
    """Hold how alike the students of the class are, each pair, and each with the nearest other."""

    def __init__(self, grid: np.ndarray, writers: list[int]):
        many = np.asarray(writers)
        rows, columns = np.triu_indices(len(many), 1)
        same = np.sum(many * (many - 1) // 2)  # pairs with one and the same form
        values = np.append(grid[rows, columns], 1.0)
        order = np.argsort(values)
        self.values = values[order]
        self.pairs = np.append(many[rows] * many[columns], same)[order]
        others = grid - np.eye(len(many))
        self.nearest = np.repeat(np.where(many > 1, 1.0, others.max(axis=1)), many)

    def usual_to(self, few: int) -> float:
        """Return how alike two must be so that no more than a few students have somebody as near as that."""
        falling = np.sort(self.nearest)[::-1]
        return float(falling[few]) + 1e-6 if few < len(falling) else 0.0

    def middle(self) -> float:
        """Return how alike two students of the class usually are: the median."""
        return float(self.values[np.searchsorted(self.pairs.cumsum(), self.pairs.sum() / 2)])


def _few(everyone: int) -> int:
    return max(FEW, int(FEW_SHARE * everyone))


def _rare(there: int) -> int:
    return max(2, int(RARE * there))


def _shared_mistakes(results: Results) -> dict[tuple[str, str], set[str]]:
    """Return who made the same unusual mistakes, named by a check: pair → `exercise: mistake`."""
    made: dict[tuple[str, str], set[str]] = defaultdict(set)
    there = sum(student.handed_in for student in results.students)
    for student in results.students:
        for item, attempt in student.attempts.items():
            for name in attempt.mistakes:
                made[item, name].add(student.person.id)
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for (item, name), students in made.items():
        if there >= LARGE and len(students) <= _rare(there):
            for pair in combinations(sorted(students), 2):
                found[pair].add(f"{item}: {name}")
    return found
