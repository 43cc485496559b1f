"""What a walk through a model's tensors and a state-dict's comes to, and the usual ways to get it wrong.

A walk is told of names, shapes and kinds alone: it fills nothing, it says what would be filled with what.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from convbook.checks.engine.declare import Draft, mistake
from convbook.checks.engine.modules.seen import VALUES, Entries, Record, counts_of, loaded, refused


def walked(
    model: Entries, state_dict: Entries, counts: str = "first", shapes: str = "compared", early: bool = False
) -> Record:
    """Return what comes of walking along both sides.

    `counts` are compared "first", "last" or stay "unchecked"; `shapes` are "compared", stay "unchecked" or are "forced";
    with `early` each pair is copied as soon as it was compared.
    """
    differ = len(model) != len(state_dict)
    if differ and counts == "first":
        return refused(counts_of(model, state_dict))
    filled: dict[str, str] = {}
    for (name, mine, _), (other, theirs, _) in zip(model, state_dict, strict=False):
        if mine != theirs and shapes == "compared":
            return refused(f"about {name} and {other}", filled=filled if early else {})
        if mine != theirs and not (
            _spreads(theirs, mine) if shapes == "unchecked" else _forced(theirs, mine)
        ):
            return refused(event="RuntimeError", filled=filled)
        filled[name] = other if mine == theirs else VALUES
    return (
        refused(counts_of(model, state_dict), filled=filled)
        if differ and counts == "last"
        else loaded(filled)
    )


def _spreads(theirs: tuple[int, ...], mine: tuple[int, ...]) -> bool:
    """Tell whether `copy_` would spread one shape over another without a word."""
    try:
        return np.broadcast_shapes(theirs, mine) == mine
    except ValueError:
        return False


def _forced(theirs: tuple[int, ...], mine: tuple[int, ...]) -> bool:
    return prod(theirs) in (1, prod(mine))


def parameters_first(entries: Entries) -> Entries:
    """Return entries with the buffers behind the parameters."""
    return tuple(sorted(entries, key=lambda entry: entry[2] != "parameter"))


def alphabetical(entries: Entries) -> Entries:
    """Return entries sorted by name."""
    return tuple(sorted(entries))


def by_name(model: Entries, state_dict: Entries, strict: bool = False) -> Record:
    """Return what comes of `load_state_dict`, which goes by names."""
    ours, names = [name for name, _, _ in model], {name for name, _, _ in state_dict}
    pairs = {name: name for name in ours if name in names}
    return refused(event="RuntimeError", filled=pairs) if strict and names != set(ours) else loaded(pairs)


def left_to_torch(model: Entries, state_dict: Entries) -> Record:
    """Return what comes of handing `load_state_dict` the values under the model's names: it fills what fits, then complains."""
    pairs = list(zip(model, state_dict, strict=False))
    fitting = {mine[0]: theirs[0] for mine, theirs in pairs if mine[1] == theirs[1]}
    return loaded(fitting) if len(fitting) == len(model) else refused(event="RuntimeError", filled=fitting)


def backwards(model: Entries, state_dict: Entries) -> Record:
    """Return what comes of copying the model's values into the state-dict, nothing compared."""
    record = walked(state_dict, model, counts="unchecked", shapes="unchecked")
    return record | {"filled": {}, "given": "changed" if record["filled"] else "as it was"}


def on_success(**changed: Any) -> Callable[..., Record]:
    """Return the change of what is seen where the model is filled."""
    return lambda r: r | changed if r["event"] == "returns" else r


def of_kinds(*kinds: str) -> Callable[..., Record]:
    """Return the change by which only tensors of some kinds are filled."""

    def change(r: Record, model: Entries) -> Record:
        left = {name for name, _, kind in model if kind in kinds}
        return r | {"filled": {name: other for name, other in r["filled"].items() if name in left}}

    return change


def on_refusal(of_shapes: str = "", of_counts: str = "") -> Callable[..., Record]:
    """Return the change of what an error tells of shapes, of counts, or of both."""

    def change(r: Record, model: Entries, state_dict: Entries) -> Record:
        told = of_shapes if len(model) == len(state_dict) else of_counts
        return refused(told or r["message"]) if r["event"] == "ValueError" else r

    return change


def as_another(event: str) -> Callable[..., Record]:
    """Return the change of an error's kind."""
    return lambda r: refused(event=event) if r["event"] == "ValueError" else r


def complaints() -> tuple[Draft, ...]:
    """Return the mistakes of refusing: in what is said, and in the kind of error."""
    return (
        mistake("the message does not name the entries", "say which two entries differ: the model's name and the state-dict's",
                result=on_refusal("no names")),
        mistake("the message does not tell the shapes", "say both shapes: they are what tells the reader where to look",
                result=on_refusal("no shapes")),
        mistake("the message tells neither names nor shapes", "say which two entries differ, and in what: both names and both shapes",
                result=on_refusal("neither"), ways=[{"result": on_refusal("neither", "neither")}]),
        mistake("the message does not tell the two counts", "say how many tensors there are on each side",
                result=on_refusal(of_counts="neither")),
        mistake("another error than a ValueError", "what cannot be filled is a wrong *value* of `state_dict`: `raise ValueError(…)`",
                result=as_another("RuntimeError"),
                ways=[{"result": as_another(kind)} for kind in ("KeyError", "TypeError", "AssertionError")]),
    )  # fmt: skip


def destinations() -> tuple[Draft, ...]:
    """Return the mistakes of what is filled, and what is returned."""
    return (
        mistake("the model is not returned", "the last line returns the model", result=on_success(returned="nothing")),
        mistake("something else than the model is returned", "`load_state_dict` returns a report, not the model: the last line "
                "returns the model itself", result=on_success(returned="something else")),
        mistake("the tensors are shared, not copied", "training the model would now change the state-dict: copy the values with "
                "`copy_`", result=on_success(kept="shared")),
        mistake("new tensors take the place of the model's own", "an optimiser made earlier would go on with the old ones: write "
                "into the tensors that are there, with `copy_`", result=on_success(kept="new tensors")),
        mistake("a copy of the model is filled", "the model itself is filled, in place, and returned",
                result=on_success(filled={}, returned="something else")),
        mistake("it leaves the complaint to PyTorch", "`load_state_dict` raises a RuntimeError about the model's names alone: compare "
                "first, and raise a ValueError that names both sides", instead=left_to_torch),
        mistake("it writes into tensors that PyTorch watches", "`model.parameters()` are watched for gradients: use the tensors in "
                "`model.state_dict()`, which has the buffers as well, or `with torch.no_grad():`",
                instead=lambda: refused(event="RuntimeError")),
        mistake("the state-dict is changed", "whoever handed it over may need it again: read from it, do not `pop` or rename",
                result=on_success(given="changed")),
    )  # fmt: skip
