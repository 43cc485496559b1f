"""Plain values over a socket: a length, a JSON header, raw buffers. Nothing that arrives is ever executed.

One side of the socket may be hostile: sizes, depths, types and shapes are checked before anything is built.
What is not plain (functions, classes, objects of unknown kinds) crosses as a `Handle`, which only its owner
can open. A generator of random numbers crosses as its state.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import time
from collections.abc import Iterator
from typing import Any

from convbook.grading.rpc import frame
from convbook.grading.rpc.frame import Give, Handle, Malformed, NotPlain, Take
from convbook.grading.rpc.packing import packed, unpacked

__all__ = ["Channel", "Closed", "Handle", "Late", "Malformed", "NotPlain"]
SMALL = 1 << 16  # bytes; a frame below it is sent in one piece


class Closed(ConnectionError):
    """Say that the other process has gone."""


class Late(TimeoutError):
    """Say that nothing arrived, or could be sent, in time."""


class Channel:
    """Send and receive values over a connected stream socket.

    `give(object)` may return a `Handle` for what is not plain; `take(handle)` returns what a handle
    stands for here. Without them a value that is not plain raises `NotPlain`.
    """

    def __init__(self, sock: socket.socket, give: Give | None = None, take: Take | None = None):
        self.sock, self.give, self.take = sock, give, take

    def send(self, value: Any, until: float | None = None) -> None:
        """Send one value; `until` is a moment of `time.monotonic()`."""
        pieces = packed(value, self.give)
        if sum(map(len, pieces)) < SMALL:  # in one piece: each would wake the other process
            pieces = [b"".join(pieces)]
        # The clock of a call (`answers.limits`) rings when a frame is sent whole, not in the middle of it.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGURG})
        try:
            for piece in pieces:
                with _in_time(self.sock, until, "the other process does not read"):
                    self.sock.sendall(piece)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def receive(self, until: float | None = None) -> Any:
        """Return the next value that arrives."""
        mark, header_size, body_size = frame.HEAD.unpack(self._exactly(frame.HEAD.size, until))
        if mark != frame.MARK or header_size > frame.LARGEST_HEADER or body_size > frame.LARGEST_BODY:
            raise Malformed("a frame with a wrong beginning or of a forbidden size arrived")
        both = memoryview(self._exactly(header_size + body_size, until))
        return unpacked(bytes(both[:header_size]), both[header_size:], self.take)

    def _exactly(self, size: int, until: float | None) -> bytearray:
        # Grows as bytes arrive: an announced size alone reserves no memory.
        data = bytearray()
        while len(data) < size:
            with _in_time(self.sock, until, "the other process does not answer"):
                piece = self.sock.recv(min(size - len(data), 1 << 20))
                if not piece:
                    raise ConnectionError
                data += piece
        return data

    def close(self) -> None:
        """Close the socket."""
        self.sock.close()


@contextlib.contextmanager
def _in_time(sock: socket.socket, until: float | None, late: str) -> Iterator[None]:
    """Wait for the other process until then, and say in words of ours that it is late, or gone."""
    left = None if until is None else until - time.monotonic()
    try:
        if left is not None and left <= 0:
            raise TimeoutError
        sock.settimeout(left)
        yield
    except TimeoutError as why:
        raise Late(late) from why
    except OSError as why:
        raise Closed("the other process has gone") from why
