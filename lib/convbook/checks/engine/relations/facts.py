"""What relations ask of a trial: its numbers, and whether it went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from convbook.checks.engine.compare import Raised
from convbook.checks.engine.observe import Trial

if TYPE_CHECKING:
    pass


def numbers(trial: Trial) -> tuple[np.ndarray, np.ndarray] | None:
    """Return yours and wanted as arrays of one shape, or None where they are no such numbers."""
    try:
        yours, wanted = np.asarray(trial.reply.value, dtype=float), np.asarray(trial.wanted, dtype=float)
    except (TypeError, ValueError, OverflowError):
        return None
    fits = trial.reply.status == "returned" and yours.shape == wanted.shape and np.isfinite(yours).all()
    return (yours, wanted) if fits else None


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def entries(wanted: Any) -> int:
    """Return how many numbers a result holds; a list of shapes is one result, a tuple may hold arrays of several shapes."""
    if isinstance(wanted, tuple):
        return sum(entries(part) for part in wanted)
    return 1 if isinstance(wanted, list) else int(np.size(wanted))


def is_wrong(trial: Trial) -> bool:
    """Tell whether a trial went wrong: another result than wanted, or a crash where a result is wanted."""
    return trial.fault is not None or (
        trial.reply.status == "raised" and not isinstance(trial.wanted, Raised)
    )


def is_empty(wanted: Any) -> bool:
    return isinstance(wanted, np.ndarray) and not wanted.any()
