"""The frame that plain values travel in: what whoever writes or reads one agrees on."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

HEAD = struct.Struct(">4sIQ")  # mark, bytes of the header, bytes of all buffers
MARK = b"cvb1"
LARGEST_HEADER = 16 * 1024**2
LARGEST_BODY = 512 * 1024**2
DEEPEST = 60
SAFE_INTEGER = 2**53
MODEST_BITS = 1_024  # of one integer that is not counted: any answer may hold many
LONGEST_RANGE = 10_000_000
MOST_COLLISIONS = 200  # different values with one hash: a set of n of them takes the square of n steps
DTYPES = "biufcSUmM"  # NumPy's letters for dtypes that hold plain data
TOO_LARGE = "a value of more than 200,000 lists, or 2,000,000 items, is too large"
MOST = {  # of each in one frame, and what is said of more
    "lists": (200_000, TOO_LARGE),  # tuples, sets and dictionaries, too
    "items": (2_000_000, TOO_LARGE),  # what they hold in all
    "bits": (2_000_000, "integers of more than 2,000,000 bits are too large"),
    "fraction_bits": (100_000, "fractions of more than 100,000 bits are too large"),  # as many has their sum
}


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


Give = Callable[[Any], Handle | None]  # returns what stands for a value that does not cross
Take = Callable[[Handle], Any]  # returns what a handle stands for


class Size:
    """Count what one frame holds, before anything is done with it; `refuse` is raised with a sentence if it is too much.

    Every operation on what has passed takes a bounded time: nobody's value can hold up whoever compares it.
    """

    def __init__(self, refuse: type[Exception]):
        self.refuse, self.counted = refuse, Counter[str]()

    def count(self, **numbers: int) -> None:
        """Count so many more of the things that a frame may hold the `MOST` of."""
        self.counted.update(numbers)
        for what in numbers:
            if self.counted[what] > MOST[what][0]:
                raise self.refuse(MOST[what][1])

    def steps(self, numbers: range) -> range:
        """Return a range that is short enough."""
        if abs(numbers.stop - numbers.start) > LONGEST_RANGE * abs(numbers.step):
            raise self.refuse(f"a range of more than {LONGEST_RANGE:,} numbers is too long")
        return numbers
