"""Numbers about a class: the spread of its scores, how hard each exercise was and how well it tells.

*Difficulty* is the share of right answers among those who tried. *Discrimination* is the corrected item-total
correlation: how the points in one exercise go together with the points in all others (point-biserial where an
exercise is right or wrong).
"""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Sequence
from typing import Any

from convbook.reports.stored import OPEN, RIGHT, STOPPED, WRONG, Results, Student

ENOUGH = 20  # students: a correlation of fewer is mostly chance
BINS = 10
TELLS, HARDLY = 0.3, 0.1
LEFT_OUT = 1 / 3  # of those who handed in: as many without an answer is a thing to ask the class about


def spread(students: Sequence[Student]) -> dict[str, Any]:
    """Return how many scores there are, mean, median and quartiles as shares, and how many in each tenth."""
    shares = sorted(student.share for student in students if student.handed_in and student.points > 0)
    if not shares:
        return {"students": 0, "bins": [0] * BINS}
    bins = [0] * BINS
    for share in shares:
        bins[min(BINS - 1, max(0, int(BINS * share + 1e-9)))] += 1
    quartiles = statistics.quantiles(shares, n=4, method="inclusive") if len(shares) > 1 else shares * 3
    return {
        "students": len(shares),
        "mean": statistics.fmean(shares),
        "median": quartiles[1],
        "quartiles": [quartiles[0], quartiles[2]],
        "full": sum(share >= 1 for share in shares),
        "bins": bins,
    }


def exercises(results: Results) -> list[dict[str, Any]]:
    """Return what the class did with every exercise, in the notebook's order."""
    return [_exercise(results, name) for name in results.items]


def _exercise(results: Results, name: str) -> dict[str, Any]:
    item, met = results.items[name], [s for s in results.students if name in s.attempts]
    ended = Counter(student.attempts[name].outcome for student in met)
    tried = sum(ended.values()) - ended[OPEN]
    relation = discrimination(*pairs(results, name))
    return {
        "name": name,
        "points": item.points,
        **{kind.replace(" ", "_"): ended[kind] for kind in (RIGHT, WRONG, OPEN, STOPPED)},
        "tried": tried,
        "difficulty": ended[RIGHT] / tried if tried else None,
        "discrimination": relation,
        "tells": _tells(relation, tried),
        "says": in_words(relation, ended[RIGHT], tried),
    }


def left_out(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the exercises that a third or more did not attempt, most first: wrong answers do not show them.

    >>> found = [{"name": "a", "tried": 2, "not_attempted": 1}, {"name": "b", "tried": 3, "not_attempted": 1}]
    >>> [one["name"] for one in left_out(found)]
    ['a']
    """
    many = [
        one for one in found if one["not_attempted"] >= LEFT_OUT * (one["tried"] + one["not_attempted"]) > 0
    ]
    return sorted(many, key=lambda one: -one["not_attempted"])


def pairs(results: Results, name: str) -> tuple[list[float], list[float]]:
    """Return for everyone who handed in the points of one exercise, and those of all others."""
    ones, rests = [], []
    for student in results.students:
        if student.handed_in and name in student.attempts:
            earned = {n: _earned(student, n, results) for n in student.attempts}
            ones.append(earned.pop(name))
            rests.append(sum(earned.values()))
    return ones, rests


def _earned(student: Student, name: str, results: Results) -> float:
    attempt = student.attempts[name]
    if attempt.score is not None:
        return attempt.score
    return (results.items[name].points or 1.0) if attempt.outcome == RIGHT else 0.0


def discrimination(one: Sequence[float], rest: Sequence[float]) -> float | None:
    """Return the correlation of an exercise's points with the rest; None where it would say nothing.

    That is with few students, or where all have the same.

    >>> discrimination([0.0, 1.0] * 10, [3.0, 9.0] * 10)
    1.0
    >>> discrimination([1.0] * 30, [3.0, 9.0] * 15) is None
    True
    """
    if len(one) < ENOUGH or len(set(one)) < 2 or len(set(rest)) < 2:
        return None
    return round(statistics.correlation(one, rest), 10)


def _tells(relation: float | None, tried: int) -> str:
    if relation is None:
        return "too few" if tried < ENOUGH else "all the same"
    return (
        "well"
        if relation >= TELLS
        else "a little"
        if relation >= HARDLY
        else "no"
        if relation > -HARDLY
        else "reversed"
    )


def in_words(relation: float | None, right: int, tried: int) -> str:
    """Return one sentence on what a discrimination means for the exercise."""
    if relation is None or math.isnan(relation):
        if tried < ENOUGH:
            return f"too few tried it to say how well it tells students apart ({tried} of at least {ENOUGH})"
        return "everyone did the same here, so it does not tell students apart"
    if relation >= TELLS:
        return "who is strong in the rest of the unit is right here, who is weak is not"
    if relation >= HARDLY:
        return "tells strong from weak students a little"
    if relation > -HARDLY:
        return "says next to nothing about how strong a student is: look at its wording, or at who guesses"
    return "weaker students do better here than strong ones: look for a fault in the exercise or its check"
