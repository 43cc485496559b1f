"""FlowScope's phrases and numbers, as `static/_flow.js` has them."""

from __future__ import annotations

import math
from typing import Any

from convbook.widgets.wording import number


def progress(row: dict[str, Any]) -> str:
    """Return a sentence about the network that trains now."""
    if not row["errors"]:
        return f"Training {row['name']}: the first of {row['epochs']} epochs is running."
    return (
        f"Training {row['name']}: epoch {len(row['errors'])} of {row['epochs']} is done, "
        f"{share(row['errors'][-1])} of the training images were wrong in it."
    )


def result(row: dict[str, Any]) -> str:
    """Return a sentence about one training that has ended."""
    if not row["errors"]:
        return f"{row['name']}: no epoch was finished."
    text = f"{row['name']}: after epoch {len(row['errors'])} of {row['epochs']}, {share(row['errors'][-1])} of the "
    text += "training images were wrong"
    return (
        f"{text}, and {share(row['validation'][-1])} of the validation images."
        if row["validation"]
        else f"{text}."
    )


def fate(row: dict[str, Any]) -> str:
    """Return a phrase about what a network of the experiment came to."""
    if row["final"] is not None:
        return f"{share(row['final'])} for the {row['kind']} network"
    return (
        f"{share(row['errors'][-1])} for the {row['kind']} network, stopped after epoch {len(row['errors'])}"
    )


def share(part: float) -> str:
    """Return a part of 1 in per cent."""
    return f"{number(100 * part, 1)}\N{NO-BREAK SPACE}%"


def finite(values: Any) -> list[float | None]:
    """Return numbers that JSON can carry: NaN and infinity become None."""
    return [float(value) if math.isfinite(value) else None for value in values]
