"""Drills that need no kernel: several rounds of questions, drawn when the book is made, each with what marks an answer."""

from __future__ import annotations

from typing import Any

from convbook import drills
from convbook.drills.papers import Drill, shown_value, told
from convbook.drills.practice import Practice

ROUNDS = 12


def rounds(titles: list[str], many: int = ROUNDS) -> list[list[dict[str, Any]]]:
    """Return rounds of questions of the kinds with these titles, the first as the notebook itself asks them.

    Each question has `shown`, what the reader sees, and `key`, what an answer is compared with.
    """
    by_title = {f"Unit {one.unit} · {one.title}": one for one in drills.KINDS.values()}
    practice = Practice(list(by_title.values()))
    kinds = [by_title[title] for title in titles]
    return [[_asked(practice.another(kind)) for kind in kinds] for _ in range(many)]


def _asked(drill: Drill) -> dict[str, Any]:
    kind = drill.kind
    shown = {"title": f"Unit {kind.unit} · {kind.title}", "text": drill.text,
             "answer": shown_value(drill.answer), "worked": drill.worked}  # fmt: skip
    return {"shown": shown, "key": key(drill)}


def key(drill: Drill) -> dict[str, Any]:
    """Return what marks an answer in the browser, as plain JSON: `static/_drill_reader.js` reads it."""
    kind, wanted = drill.kind, drill.answer
    mistakes = [
        {"said": told(sentence), "value": _plain(value), "decimals": near}
        for sentence, value, near in drill.wrong_answers()
    ]
    return {
        "wanted": _plain(wanted), "volume": hasattr(wanted, "_fields"), "decimals": kind.decimals,
        "options": list(kind.options), "square": kind.square, "mistakes": mistakes,
    }  # fmt: skip


def _plain(value: Any) -> Any:
    """Return a number, a text or a shape as JSON takes it; None for what nobody can type."""
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    number = float(value)
    return number if number - number == 0 else None
