"""Keep what a learner's checks said: `work/progress.json`, by unit and exercise, with the mistakes met and mended.

Written where a learner calls a check in a notebook of their own copy, and nowhere else: not while a class is graded, not by a
test. Whatever goes wrong here, the check says what it says.
"""

from __future__ import annotations

import contextlib
from datetime import datetime
from pathlib import Path
from typing import Any

from convbook.forms import Verdict
from convbook.records import PROGRESS, folder, number, somebody_is_there


def keep(exercise: str, verdict: Verdict) -> None:
    """Keep a verdict on an exercise of this notebook; an untouched stub is no try."""
    if verdict.kind == "not attempted" or not somebody_is_there():
        return
    with contextlib.suppress(Exception):
        if (place := folder()) is not None:
            unit = Path.cwd().name
            PROGRESS.change(place, lambda kept: _add(kept, unit, exercise, verdict))


def _add(kept: dict[str, dict[str, Any]], unit: str, exercise: str, verdict: Verdict) -> None:
    """Add a verdict: one more try, the mistakes that it names, and after a right answer those that are mended."""
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    of_unit = kept.setdefault(unit, {})
    about = of_unit[exercise] = _object(of_unit.get(exercise))
    about |= {"tries": number(of_unit, exercise, "tries") + 1, "state": verdict.kind, "last": now}
    mistakes = about["mistakes"] = _object(about.get("mistakes"))
    for name in verdict.mistakes:
        met = number(mistakes, name, "met") + 1
        first = _object(mistakes.get(name)).get("first", now)
        mistakes[name] = {"met": met, "first": first, "last": now, "mended": None}
    if verdict.right:
        for name in mistakes:
            one = mistakes[name] = _object(mistakes[name])
            one["mended"] = one.get("mended") or now


def _object(value: Any) -> dict[str, Any]:
    """Return what is kept if it is an object, else an empty one: a person may have edited the file."""
    return value if isinstance(value, dict) else {}
