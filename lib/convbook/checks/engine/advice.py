"""Advise on the usual errors that a learner's own code raises."""

from __future__ import annotations

from typing import Any


def advise(kind: str, message: str, question: Any) -> str:
    """Return one sentence of advice on an error, or nothing."""
    return ""
