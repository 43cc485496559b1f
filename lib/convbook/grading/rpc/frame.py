"""The frame that plain values travel in: what every reader and writer of it agrees on."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

HEAD = struct.Struct(">4sIQ")  # mark, bytes of the header, bytes of all buffers
MARK = b"cvb1"
LARGEST_HEADER = 16 * 1024**2
LARGEST_BODY = 512 * 1024**2
DEEPEST = 60
SAFE_INTEGER = 2**53
MOST_CONTAINERS = 200_000  # lists, tuples, sets and dictionaries in one frame
MOST_ITEMS = 2_000_000  # what they hold in all
MODEST_BITS, MOST_BITS = (
    1_024,
    2_000_000,
)  # of one integer that is not counted, and of all others in one frame
MOST_FRACTION_BITS = 100_000  # of all fractions: their sum has as many
LONGEST_RANGE = 10_000_000
MOST_COLLISIONS = 200  # different values with one hash: a set of n of them takes the square of n steps
KINDS = "biufcSUmM"  # NumPy's letters for dtypes that hold plain data


class Malformed(ValueError):
    """Say that what arrived is not a frame of ours."""


class NotPlain(TypeError):
    """Say that a value cannot cross as a plain value."""


@dataclass(frozen=True)
class Handle:
    """Stand for something that stays where it is. `mine` is seen from whoever holds the handle.

    `plain` is what it holds, where it is of a class derived from a number, a text or a collection; `about` is what
    is told of a class, an object or a module.
    """

    mine: bool
    id: int
    kind: str
    name: str = ""
    plain: Any = None
    about: Any = None


@dataclass(frozen=True)
class Same:
    """Stand for an argument of a call that came back itself: the one at this place."""

    place: int


class Size:
    """Count what one frame holds, before anything is done with it; `refuse` is raised with a sentence if it is too much.

    Every operation on what has passed takes a bounded time: nobody's value can hold up whoever compares it.
    """

    def __init__(self, refuse: type[Exception]):
        self.refuse = refuse
        self.containers, self.items, self.bits, self.fraction_bits = 0, 0, 0, 0

    def container(self, length: int) -> None:
        """Count a list or another container."""
        self.containers, self.items = self.containers + 1, self.items + length
        if self.containers > MOST_CONTAINERS or self.items > MOST_ITEMS:
            raise self.refuse(
                f"a value of more than {MOST_CONTAINERS:,} lists, or {MOST_ITEMS:,} items, is too large"
            )

    def integer(self, bits: int) -> None:
        """Count a large integer; those of a few words are what any answer may hold many of."""
        self.bits += bits if bits > MODEST_BITS else 0
        if self.bits > MOST_BITS:
            raise self.refuse(f"integers of more than {MOST_BITS:,} bits are too large")

    def fraction(self, bits: int) -> None:
        """Count a fraction."""
        self.fraction_bits += bits
        if self.fraction_bits > MOST_FRACTION_BITS:
            raise self.refuse(f"fractions of more than {MOST_FRACTION_BITS:,} bits are too large")

    def steps(self, start: int, stop: int, step: int) -> None:
        """Count a range."""
        if abs(stop - start) > LONGEST_RANGE * abs(step):
            raise self.refuse(f"a range of more than {LONGEST_RANGE:,} numbers is too long")


def split(frame: bytes) -> tuple[bytes, bytes]:
    """Return the header and the buffers of one frame."""
    _, header, _ = HEAD.unpack(frame[: HEAD.size])
    return frame[HEAD.size : HEAD.size + header], frame[HEAD.size + header :]
