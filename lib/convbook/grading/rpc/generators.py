"""Generators of random numbers cross as their state; what was drawn is drawn here as well."""

from __future__ import annotations

from typing import Any

import numpy as np

from convbook.grading.rpc.frame import Malformed

BIT_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")


def plain_state(rng: np.random.Generator) -> dict:
    """Return a generator's state as JSON can hold it: numbers as hexadecimal text."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        if isinstance(value, np.ndarray):
            return [value.dtype.str, [hex(int(n)) for n in value]]
        return value if isinstance(value, str) else hex(int(value))

    return plain(rng.bit_generator.state)


def generator_from(state: Any) -> np.random.Generator:
    """Return a new generator with a state that `plain_state` wrote."""
    if not isinstance(state, dict) or state.get("bit_generator") not in BIT_GENERATORS:
        raise Malformed("the state of a random generator was expected")

    def full(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: full(item) for key, item in value.items()}
        if isinstance(value, list):
            return np.array([int(n, 16) for n in value[1]], dtype=_unsigned(value[0]))
        return int(value, 16)

    name = state["bit_generator"]
    bits = getattr(np.random, name)(0)
    bits.state = {"bit_generator": name, **{k: full(v) for k, v in state.items() if k != "bit_generator"}}
    return np.random.Generator(bits)


def _unsigned(name: Any) -> np.dtype:
    dtype = np.dtype(name)
    if dtype.kind != "u":
        raise Malformed("the state of a random generator holds whole numbers")
    return dtype


def advance(rng: np.random.Generator, drawn: np.random.Generator) -> None:
    """Move `rng` on to where `drawn`, its copy in another process, has come.

    At most 2**40 steps: whoever holds the copy says how much was drawn, and cannot choose what comes next.
    Bit generators that cannot tell a distance stay where they are.
    """
    here, there = rng.bit_generator.state, drawn.bit_generator.state
    if type(rng.bit_generator) is not np.random.PCG64 or there["bit_generator"] != "PCG64":
        return
    if here["state"]["inc"] != there["state"]["inc"]:
        return
    steps = distance(here["state"]["state"], there["state"]["state"], here["state"]["inc"])
    if steps < 2**40:
        rng.bit_generator.advance(steps)
        state = rng.bit_generator.state
        state["has_uint32"], state["uinteger"] = there["has_uint32"] & 1, there["uinteger"] % 2**32
        rng.bit_generator.state = state


def distance(here: int, there: int, increment: int) -> int:
    """Return the number of steps of PCG64 from one state to another, bit by bit (Brown 1994).

    >>> rng = np.random.PCG64(1)
    >>> start = rng.state["state"]
    >>> _ = rng.random_raw(1000)
    >>> distance(start["state"], rng.state["state"]["state"], start["inc"])
    1000
    """
    factor, plus, steps, bit, all_bits = MULTIPLIER, increment, 0, 1, 2**128 - 1
    while here != there:
        if (here ^ there) & bit:
            here = (here * factor + plus) & all_bits
            steps |= bit
        plus = (factor + 1) * plus & all_bits
        factor = factor * factor & all_bits
        bit <<= 1
        if bit > all_bits:
            break
    return steps


MULTIPLIER = 0x2360ED051FC65DA44385DF649FCCF645  # of PCG64, O'Neill 2014
