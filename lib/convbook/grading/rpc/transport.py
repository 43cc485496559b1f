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
from collections.abc import Callable, Iterator
from typing import Any

from convbook.grading.rpc.frame import (
    HEAD,
    LARGEST_BODY,
    LARGEST_HEADER,
    MARK,
    Handle,
    Malformed,
    NotPlain,
)
from convbook.grading.rpc.reader import unpacked
from convbook.grading.rpc.writer import packed

SMALL = 1 << 18
__all__ = ["Channel", "Closed", "Handle", "Late", "Malformed", "NotPlain"]


SMALL = 1 << 16  # bytes; a frame below it is sent and received in one piece


class Closed(ConnectionError):
    """Say that the other process has gone."""


class Late(TimeoutError):
    """Say that nothing arrived, or could be sent, in time."""


class Channel:
    """Send and receive values over a connected stream socket.

    `give(object)` may return a `Handle` for what is not plain; `take(handle)` returns what a handle
    stands for here. Without them a value that is not plain raises `NotPlain`.
    """

    def __init__(
        self,
        sock: socket.socket,
        give: Callable[[Any], Handle | None] | None = None,
        take: Callable[[Handle], Any] | None = None,
        largest_body: int = LARGEST_BODY,
    ):
        self.sock, self.give, self.take, self.largest_body = sock, give, take, largest_body

    def send(self, value: Any, until: float | None = None) -> None:
        """Send one value; `until` is a moment of `time.monotonic()`."""
        frame = packed(value, self.give, self.largest_body)
        if sum(map(len, frame)) < SMALL:  # in one piece: each would wake the other process
            frame = [b"".join(frame)]
        try:
            with _clock_waiting():
                for piece in frame:
                    _wait_no_longer_than(self.sock, until)
                    self.sock.sendall(piece)
        except TimeoutError as late:
            raise Late("the other process does not read") from late
        except OSError as gone:
            raise Closed("the other process has gone") from gone

    def receive(self, until: float | None = None) -> Any:
        """Return the next value that arrives."""
        mark, header_size, body_size = HEAD.unpack(self._exactly(HEAD.size, until))
        if mark != MARK or header_size > LARGEST_HEADER or body_size > self.largest_body:
            raise Malformed("a frame with a wrong beginning or of a forbidden size arrived")
        if header_size + body_size < SMALL:
            both = self._exactly(header_size + body_size, until)
            return unpacked(bytes(both[:header_size]), both[header_size:], self.take)
        header = bytes(self._exactly(header_size, until))
        return unpacked(header, self._exactly(body_size, until), self.take)

    def _exactly(self, size: int, until: float | None) -> bytearray:
        # Grows as bytes arrive: an announced size alone reserves no memory.
        data = bytearray()
        while len(data) < size:
            try:
                _wait_no_longer_than(self.sock, until)
                piece = self.sock.recv(min(size - len(data), 1 << 20))
            except TimeoutError as late:
                raise Late("the other process does not answer") from late
            except OSError as gone:
                raise Closed("the other process has gone") from gone
            if not piece:
                raise Closed("the other process has gone")
            data += piece
        return data

    def close(self) -> None:
        """Close the socket."""
        self.sock.close()


@contextlib.contextmanager
def _clock_waiting() -> Iterator[None]:
    """Let the clock of a call (`answers.limits`) ring when a frame is sent whole, not in the middle of it."""
    if not hasattr(signal, "SIGURG") or not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGURG})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _wait_no_longer_than(sock: socket.socket, until: float | None) -> None:
    if until is None:
        sock.settimeout(None)
        return
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    sock.settimeout(left)
