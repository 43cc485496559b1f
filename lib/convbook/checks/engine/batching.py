"""An observer of functions that deal data out in shuffled batches: seen in three passes, judged by behaviour.

The second pass goes on with the first one's random numbers, the third begins with them again. Every word about an order is
said of 24 rows or more, where a right shuffle is mistaken for a wrong one less than once in a hundred million checks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from convbook.answers import Answer
from convbook.checks.engine.compare import Fault, shown
from convbook.checks.engine.observe import Records
from convbook.checks.engine.oracles import Oracle
from convbook.forms import Case, Reply

ENOUGH = 24  # rows from which on an order is looked at
FORM = "every item is a pair (x, y) of arrays: `yield x[chosen], y[chosen]`"


class Batching(Records):
    """Call `f(x, y, batch_size, rng)` three times; a case holds a seed in the generator's place."""

    words: Mapping[str, str] = {
        "form": "does not give pairs of arrays", "kind": "changes shape or dtype of what it deals out", "pairs": "separates images from their labels",
        "rows": "does not deal out every row once in a pass", "sizes": "gives batches of other sizes",
        "order": "does not shuffle", "again": "does not shuffle anew", "rng": "does not draw from rng",
    }  # fmt: skip

    def watch(self, answer: Answer, case: Case, seconds: float, forbid: str) -> Reply:
        x, y, batch_size, seed = case.args
        first, other = np.random.default_rng(seed), np.random.default_rng(seed)
        passes = []
        for rng in (first, first, other):
            given = x.copy(), y.copy()
            reply = answer.call(*given, batch_size, rng, seconds=seconds, forbid=forbid)
            if reply.status != "returned" or not all(map(np.array_equal, reply.arguments[:2], case.args)):
                return reply
            passes.append(reply.value)
        return Reply("returned", summary(passes, case), case.args, None, reply.printed, reply.seconds)

    def wanted(self, question: Any, case: Case) -> Any:
        return self.predicted(question, case, ())

    def predicted(self, question: Any, case: Case, ways: Sequence[Any]) -> dict[str, Any] | None:
        *given, seed = case.args
        first, other = np.random.default_rng(seed), np.random.default_rng(seed)
        try:
            runs = [question.oracle.run((*given, rng), {}, ways) for rng in (first, first, other)]
        except (RuntimeError, ValueError, IndexError):
            return None
        return summary(runs, case)

    def mutant(self, oracle: Oracle, ways: Sequence[Any]) -> Any:
        return oracle.mutant(*ways)

    def fault(self, question: Any, case: Case, reply: Reply, wanted: Any) -> Fault | None:
        return super().fault(question, case, reply, wanted) if isinstance(reply.value, dict) else None

    def part_fault(self, part: str, yours: Any, goal: Any, case: Case) -> Fault | None:
        if yours == goal:
            return None
        return Fault(
            "wrong",
            self.words[part],
            shown(yours).strip("'"),
            shown(goal).strip("'"),
            FORM if part == "form" else "",
        )

    def combine(self, one: Any, other: Any) -> bool:
        twice = set(one.arguments) & set(other.arguments)
        return not twice and not (one.instead and other.instead) and one != other

    def case_text(self, question: Any, case: Case) -> str:
        x, y, batch_size, _ = case.args
        text = f"x {x.shape}, y {y.shape}, batch_size {batch_size}"
        return text + (f" ({case.about})" if case.about else "")


def summary(passes: Sequence[Any], case: Case) -> dict[str, Any]:
    """Return what three passes over the data were like, in words."""
    x, y, batch_size, _ = case.args
    if (form := form_of(passes[0])) != "pairs of arrays":
        return {"form": form}
    kind = kind_of(passes[0], x, y)
    rows, labels = numbers([pair[0] for pair in passes[0]], x), numbers([pair[1] for pair in passes[0]], y)
    told: dict[str, Any] = {"form": form, "kind": kind}
    told["pairs"] = "every row with its own label" if same(rows, labels) else "rows with labels of other rows"
    told["rows"] = dealt(np.concatenate(rows) if rows else np.zeros(0, int), len(x))
    told["sizes"] = sorted((len(part) for part in rows), reverse=True)
    if len(x) >= ENOUGH and told["rows"] == "each once":
        orders = [np.concatenate(numbers([pair[0] for pair in run], x)) for run in passes]
        told["order"] = order_of(orders[0], rows, batch_size)
        told["again"] = (
            "the same order in every pass"
            if np.array_equal(*orders[:2])
            else "another order in the next pass"
        )
        repeated = np.array_equal(orders[0], orders[2])
        told["rng"] = (
            "the same state of rng gives the same order"
            if repeated
            else "the same state of rng gives another order"
        )
    return told


def form_of(items: Any) -> str:
    """Return what an answer gave: "pairs of arrays", or in words what it gave instead."""
    if items is None:
        return "nothing"
    if isinstance(items, tuple) or not isinstance(items, list):
        return f"one {type(items).__name__} in place of one batch after the other"
    for item in items:
        if not isinstance(item, tuple | list) or len(item) != 2:
            return "items that are no pairs"
        if not all(isinstance(part, np.ndarray) for part in item):
            return "pairs that hold a " + next(
                type(p).__name__ for p in item if not isinstance(p, np.ndarray)
            )
        if len(item[0].shape) < len(item[1].shape):
            return "pairs (y, x)"
    return "pairs of arrays"


def kind_of(items: Sequence[Any], x: np.ndarray, y: np.ndarray) -> str:
    """Return in words whether images and labels kept their shape and their kind of number.

    >>> kind_of([(np.zeros((2, 6)), np.array([0, 1]))], np.zeros((4, 2, 3)), np.arange(4))
    'rows of shape (6,) in place of (2, 3)'
    """
    for part, whole in ((pair[k], whole) for pair in items for k, whole in enumerate((x, y))):
        if part.shape == whole.shape[1:]:
            continue  # single rows: what came in place of a batch is told by the sizes
        if part.shape[1:] != whole.shape[1:]:
            return f"rows of shape {part.shape[1:]} in place of {whole.shape[1:]}"
        if part.dtype.kind != whole.dtype.kind:
            return f"{part.dtype} in place of {whole.dtype}"
    return "as they came"


def numbers(parts: Sequence[np.ndarray], whole: np.ndarray) -> list[np.ndarray]:
    """Return for every batch which rows of the whole it holds; −1 for what is no row of it."""
    places = {row.tobytes(): place for place, row in enumerate(np.ascontiguousarray(whole, float))}
    return [
        np.array([places.get(np.ascontiguousarray(row, float).tobytes(), -1) for row in part], int)
        for part in parts
    ]


def same(one: Sequence[np.ndarray], other: Sequence[np.ndarray]) -> bool:
    return len(one) == len(other) and all(map(np.array_equal, one, other))


def dealt(rows: np.ndarray, many: int) -> str:
    """Return in words how often the rows of the data came.

    >>> dealt(np.array([2, 0, 1]), 3), dealt(np.array([2, 0]), 3), dealt(np.array([0, 0, 1]), 3)
    ('each once', 'some never', 'some twice or more, some never')
    """
    counts = np.bincount(rows[rows >= 0], minlength=many)
    if (rows < 0).any():
        return "rows that are none of x"
    found = [
        word
        for word, there in (("some twice or more", counts > 1), ("some never", counts == 0))
        if there.any()
    ]
    return ", ".join(found) or "each once"


def order_of(order: np.ndarray, batches: Sequence[np.ndarray], batch_size: int) -> str:
    """Return in words how the rows are ordered: the first of these that holds."""
    if np.array_equal(order, np.arange(len(order))):
        return "the order of x"
    starts = np.arange(0, len(order), batch_size)
    if len(starts) == len(batches) and all(
        np.array_equal(np.sort(part), start + np.arange(len(part)))
        for start, part in zip(starts, batches, strict=True)
    ):
        return "the order of x, but for rows of one batch"
    steps = np.abs(np.diff(order))
    if (steps == 1).sum() > len(order) // 2:
        return "neighbours stay neighbours"
    if all(len({int(row) // batch_size for row in part}) == 1 for part in batches):
        return "a batch always holds the same rows"
    return "shuffled"
