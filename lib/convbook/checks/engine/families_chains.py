"""What answers do wrong with chains of blocks, as changes of the record that the observers of `chains` compare."""

from __future__ import annotations

from typing import Any

import torch

from convbook.checks.engine.chains import pulled, states


def bent(**parts: Any) -> Any:
    """Return the change of some parts of a record: values, or functions of the chain's states."""

    def change(record: dict[str, Any], blocks: Any, x: Any) -> dict[str, Any]:
        known = states(blocks, x)
        new = {name: value(known, record) if callable(value) else value for name, value in parts.items()}
        new = {
            name: value.clone() if isinstance(value, torch.Tensor) else value for name, value in new.items()
        }
        if "contributions" in new:
            new["many"] = len(new["contributions"])
        return record | new

    return change


def rows(found: torch.Tensor) -> torch.Tensor:
    """Return contributions, or the empty tensor where there are none."""
    return found if len(found) else torch.zeros(0)


def fresh(blocks: Any, x: torch.Tensor) -> torch.Tensor:
    """Return what every block makes of the first input alone."""
    return torch.stack([states([one], x)[1] for one in blocks]) if blocks else x[None][:0]


def apart(record: dict[str, Any], blocks: Any, x: Any) -> dict[str, Any]:
    """Return the record of an answer that gives every block the first input."""
    parts = fresh(blocks, x) - x
    return record | {"contributions": rows(parts), "last": x + parts.sum(0)}


def doubled(record: dict[str, Any], blocks: Any, x: Any) -> dict[str, Any]:
    """Return the record of an answer that takes a whole block for F."""
    found = [x]
    for one in blocks:
        found.append(found[-1] + states([one], found[-1])[1])
    return record | {"contributions": rows(torch.diff(torch.stack(found), dim=0)), "last": found[-1].clone()}


def turned(record: dict[str, Any], blocks: Any, x: Any) -> dict[str, Any]:
    """Return the record of an answer that begins with the last block."""
    found = states(blocks[::-1], x)
    return record | {"contributions": rows(torch.diff(found, dim=0)), "last": found[-1].clone()}


def on_top(record: dict[str, Any], blocks: Any, x: Any) -> dict[str, Any]:
    """Return the record of an answer that adds the input once more to what a block gives."""
    now, parts = x, []
    for one in blocks:
        after = states([one], now)[1]
        parts.append(after - now)
        now = after + now
    return record | {"contributions": rows(torch.stack(parts) if parts else x[None][:0]), "last": now.clone()}


def of_the_first(s: torch.Tensor, record: dict[str, Any]) -> list[int]:
    """Return the calls of an answer that runs the first block only."""
    return [int(place == 0) for place in range(len(record["calls"]))]


def measured(function: Any) -> Any:
    """Return the change of the norm: `function` of the gradient, the chain and x."""
    return lambda record, blocks, x: record | {"norm": float(function(pulled(blocks, x), blocks, x))}


def single(gradient: torch.Tensor, blocks: Any, x: torch.Tensor) -> torch.Tensor:
    """Return the product of the norms that every block's own gradient has."""
    every = states(blocks, x)
    norms = [pulled([one], before).norm() for one, before in zip(blocks, every, strict=False)]
    return torch.stack(norms).prod() if norms else torch.ones(())


def added(record: dict[str, Any], blocks: Any, x: Any, before: dict[str, bool]) -> dict[str, Any]:
    """Return the record of an answer that calls `backward` on x itself: the gradient adds to the one that is there."""
    there = 0.25 * (before["gradients"] and before["wants"])
    changed = {"input": "changed", "parameters": "changed" if blocks else "as before"}
    return record | changed | {"norm": float((pulled(blocks, x) + there).norm())}


def to_mode(training: bool) -> Any:
    """Return the change of an answer that leaves every block in one mode."""
    return lambda record, blocks: (
        record | {"modes": "changed" if any(b["training"] != training for b in blocks) else "as before"}
    )
