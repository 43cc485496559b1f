"""Do here what a call in the other process did to its arguments."""

from __future__ import annotations

import builtins
import functools
import sys
from typing import Any

import numpy as np

MULTIPLIER = 0x2360ED051FC65DA44385DF649FCCF645  # of PCG64, O'Neill 2014


def settled(old: Any, new: Any) -> Any:
    """Return an argument as the call left it: `old` itself, changed in place, wherever that can be.

    >>> numbers = [1, 2]
    >>> settled(numbers, [1, 3]) is numbers, numbers
    (True, [1, 3])
    """
    if new is None:
        return old
    if isinstance(old, np.ndarray) and isinstance(new, np.ndarray):
        if old.shape != new.shape or old.dtype != new.dtype:
            return new
        if not old.flags.writeable:
            return old if old.tobytes() == new.tobytes() else new
        old[...] = new
        return old
    if isinstance(old, list) and isinstance(new, list):
        old[:] = [settled(old[i], item) if i < len(old) else item for i, item in enumerate(new)]
        return old
    if isinstance(old, dict) and isinstance(new, dict):
        items = {key: settled(old.get(key), item) for key, item in new.items()}
        old.clear()
        old.update(items)
        return old
    if type(old) is tuple and type(new) is tuple and len(old) == len(new):
        return tuple(settled(a, b) for a, b in zip(old, new, strict=True))
    if isinstance(old, np.random.Generator) and isinstance(new, np.random.Generator):
        advance(old, new)
        return old
    if is_a(old, "Tensor") and is_a(new, "Tensor"):
        if old.shape == new.shape and old.dtype == new.dtype:
            old.data.copy_(new)
            if old.is_leaf and old.requires_grad:
                old.grad = new.grad
        return old
    return new if type(old) in (int, float, str, bool, bytes, complex, type(None)) else old


def advance(rng: np.random.Generator, drawn: np.random.Generator) -> None:
    """Move `rng` on to where `drawn`, its copy in another process, has come.

    At most 2**40 steps: whoever holds the copy says how much was drawn, and cannot choose what comes next.
    Bit generators that cannot tell a distance stay where they are.
    """
    here, there = rng.bit_generator.state, drawn.bit_generator.state
    if not here["bit_generator"] == there["bit_generator"] == "PCG64":
        return
    (start, increment), (end, other) = here["state"].values(), there["state"].values()
    if increment == other and distance(start, end, increment) < 2**40:
        half = {"has_uint32": there["has_uint32"] & 1, "uinteger": there["uinteger"] % 2**32}
        rng.bit_generator.state = {**here, "state": there["state"], **half}


def distance(here: int, there: int, increment: int) -> int:
    """Return the number of steps of PCG64 from one state to another, bit by bit (Brown 1994).

    >>> rng = np.random.PCG64(1)
    >>> start = rng.state["state"]
    >>> _ = rng.random_raw(1000)
    >>> distance(start["state"], rng.state["state"]["state"], start["inc"])
    1000
    """
    factor, plus, steps = MULTIPLIER, increment, 0
    for bit in range(128):
        if (here ^ there) >> bit & 1:
            here, steps = (here * factor + plus) % 2**128, steps | 1 << bit
        factor, plus = factor * factor % 2**128, (factor + 1) * plus % 2**128
    return steps


def torch_here() -> Any:
    """Return torch where it is loaded, else None: what stands in its place where it may not be used is no torch."""
    return sys.modules["torch"] if "torch._C" in sys.modules else None


def class_places() -> dict[str, Any]:
    """Return the modules whose classes both sides know by their names."""
    torch = torch_here()
    of_torch = {"nn": torch.nn, "optim": torch.optim, "data": torch.utils.data} if torch is not None else {}
    return {"builtins": builtins, **of_torch}


def is_a(value: Any, name: str) -> bool:
    """Tell whether something is of torch's class of that name; where torch is not loaded, nothing is."""
    torch = torch_here()
    # By its type: what an object says of its `__class__` is its own affair.
    return torch is not None and issubclass(type(value), functools.reduce(getattr, name.split("."), torch))
