"""Generators of random numbers cross as their state; what was drawn is drawn here as well."""

from __future__ import annotations

from typing import Any

import numpy as np

from convbook.grading.rpc.frame import Malformed

BIT_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
MULTIPLIER = 0x2360ED051FC65DA44385DF649FCCF645  # of PCG64, O'Neill 2014


def generator_from(state: Any) -> np.random.Generator:
    """Return a new generator with a state that arrived: `Generator.bit_generator.state` of another."""
    inner = state.get("state") if type(state) is dict else None
    for one in [*state.values(), *inner.values()] if type(inner) is dict else [None]:
        if type(one) not in (str, int, dict) and not (type(one) is np.ndarray and one.dtype.kind == "u"):
            raise Malformed("the state of a random generator was expected")
    name, places = state["bit_generator"], (inner.get("pos", 0), state.get("buffer_pos", 0))
    # NumPy reads at whatever place it is told.
    if name not in BIT_GENERATORS or not all(0 <= place <= 624 for place in places):
        raise Malformed("the state of a random generator was expected")
    bits = getattr(np.random, name)(0)
    bits.state = state
    return np.random.Generator(bits)


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
