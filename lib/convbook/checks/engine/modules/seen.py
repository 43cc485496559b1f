"""What is seen of a stage that was built, and of a model that was filled: plain records, compared part by part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

ALL, FIRST, OTHER = "all of its blocks, in order", "only its first block", "something else"
Row = tuple[int, int, int]


def stage(
    rows: Iterable[Row], different: int | None = None, kept: str = "Sequential", runs: str = ALL
) -> dict[str, Any]:
    """Return what is seen of a stage: how it is kept, how its blocks were built, how many differ, what it runs."""
    rows = tuple(rows)
    return {
        "kept": kept,
        "blocks": rows,
        "different": len(rows) if different is None else different,
        "trained": True,
        "runs": runs,
    }


Entry = tuple[str, tuple[int, ...], str]
Entries = tuple[Entry, ...]
Record = dict[str, Any]
VALUES = "other values"


def loaded(pairs: Mapping[str, str], **rest: Any) -> Record:
    """Return what is seen where a model was filled: `pairs` tells which tensor of the model holds which value."""
    seen = {
        "event": "returns",
        "filled": dict(pairs),
        "kept": "in place",
        "returned": "the model",
        "message": "",
        "given": "as it was",
    }
    return seen | rest


def refused(message: str = "", event: str = "ValueError", filled: Mapping[str, str] | None = None) -> Record:
    """Return what is seen where a function raised an error and filled nothing, or something before."""
    return loaded(filled or {}, event=event, returned="", message=message if event == "ValueError" else "")


def differing(model: Entries, state_dict: Entries) -> int | None:
    """Return the first place where the shapes differ, or None."""
    pairs = enumerate(zip(model, state_dict, strict=False))
    return next((place for place, (mine, theirs) in pairs if mine[1] != theirs[1]), None)


def about(mine: Entry, theirs: Entry) -> str:
    """Return the word for an error that tells two entries."""
    return f"about {mine[0]} and {theirs[0]}"


def counts_of(model: Entries, state_dict: Entries) -> str:
    """Return the word for an error that tells two counts."""
    return f"counts {len(model)} and {len(state_dict)}"
