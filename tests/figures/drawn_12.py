"""One example of every figure of unit 12, by the function's module and name."""

from __future__ import annotations

from collections.abc import Callable

from convbook.figures import exam
from convbook.style import Figure

MADE: dict[str, Callable[[], Figure]] = {
    "exam.board": lambda: exam.board({"the kernel": (3, 4), "the padding": (0, 2), "sides that differ": (3, 3)}, "your test"),
}  # fmt: skip
