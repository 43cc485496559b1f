"""Two processes that ask each other: a question may be answered with a question, as in a conversation."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable
from typing import Any

from convbook.grading.rpc.frame import Give, Take
from convbook.grading.rpc.transport import Channel, Malformed, NotPlain

ASKED_BACK = 200_000  # questions that one answer may cost


class Refused(RuntimeError):
    """Say why the other side did not do what it was asked."""


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
