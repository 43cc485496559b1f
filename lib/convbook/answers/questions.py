"""Refuse `input()` while a learner's code is looked at: nobody answers, and a cell that waits for a person never ends."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NOBODY_ANSWERS = "input() waits for a person; take what you need as arguments"


@contextmanager
def no_questions(why: str = "input() is not answered here") -> Iterator[None]:
    """Let `input()` raise `RuntimeError(why)` inside the block."""

    def refuse(*_: Any) -> str:
        raise RuntimeError(why)

    asks, builtins.input = builtins.input, refuse
    try:
        yield
    finally:
        builtins.input = asks
