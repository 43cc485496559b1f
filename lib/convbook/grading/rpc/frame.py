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


def split(frame: bytes) -> tuple[bytes, bytes]:
    """Return the header and the buffers of one frame."""
    _, header, _ = HEAD.unpack(frame[: HEAD.size])
    return frame[HEAD.size : HEAD.size + header], frame[HEAD.size + header :]
