"""Plain values over a socket: a length, a JSON header, raw buffers. Nothing that arrives is ever executed.

One side of the socket may be hostile: sizes, depths, types and shapes are checked before anything is built.
What is not plain (functions, classes, objects of unknown kinds) crosses as a `Handle`, which only its owner
can open. A generator of random numbers crosses as its state. A question may be answered with a question.
"""

from __future__ import annotations

import contextlib
import secrets
import signal
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

from convbook.grading.rpc import frame
from convbook.grading.rpc.frame import Give, Handle, Malformed, NotPlain, Take
from convbook.grading.rpc.packing import packed, unpacked

__all__ = ["Channel", "Closed", "Handle", "Late", "Malformed", "NotPlain", "Peer", "Refused"]
ASKED_BACK = 200_000  # questions that one answer may cost
SMALL = 1 << 16  # bytes; a frame below it is sent in one piece


class Closed(ConnectionError):
    """Say that the other process has gone."""


class Late(TimeoutError):
    """Say that nothing arrived, or could be sent, in time."""


class Refused(RuntimeError):
    """Say why the other side did not do what it was asked."""


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


class Peer:
    """Ask the other side, and serve what it asks meanwhile.

    Every question carries a number drawn at random; only a reply with the number of the question that is
    open is taken. Any other frame is `Malformed`: whoever sent it is not to be trusted any more.
    """

    def __init__(self, sock: socket.socket, serve: Callable[[dict], Any], give: Give, take: Take):
        self.channel = Channel(sock, give, take)
        self.serve = serve
        self.news: Callable[[], Any] = lambda: None  # what every message tells besides; None for nothing
        self.hear: Callable[[Any], None] = lambda news: None

    def ask(self, question: dict, until: float | None = None, give: socket.socket | None = None) -> Any:
        """Return the other side's answer to a question; `give` is a socket that follows it."""
        token = secrets.token_hex(8)
        self.channel.send({"ask": token, **question, "news": self.news()}, until)
        if give is not None:
            socket.send_fds(self.channel.sock, [b"s"], [give.fileno()])
        for _ in range(ASKED_BACK):
            message = self._message(until)
            if message.get("reply") == token:
                self._heard(message)
                if "refused" in message:
                    raise Refused(str(message["refused"])[:2000])
                return message.get("value")
            if "ask" not in message:
                raise Malformed("a reply arrived that answers no question")
            self._answer(message, until)
        raise Malformed("the other process asks without end")

    def listen(self) -> None:
        """Serve until the other side closes."""
        while True:
            self._answer(self._message(None), None)

    def _message(self, until: float | None) -> dict:
        message = self.channel.receive(until)
        if not isinstance(message, dict):
            raise Malformed("a message was expected")
        return message

    def _heard(self, message: dict) -> None:
        if (news := message.pop("news", None)) is not None:
            self.hear(news)

    def _answer(self, message: dict, until: float | None) -> None:
        token = message.pop("ask", None)
        if not isinstance(token, str):
            raise Malformed("a reply arrived that answers no question")
        try:
            self._heard(message)
            self.channel.send({"reply": token, "value": self.serve(message), "news": self.news()}, until)
        except (Refused, NotPlain) as why:
            self.channel.send({"reply": token, "refused": str(why)}, until)
