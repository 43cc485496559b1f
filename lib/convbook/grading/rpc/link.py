"""The trusted side's line to the student's process: starts it, times it, replaces it when it dies."""

from __future__ import annotations

import socket
import time
import types
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from convbook.grading.rpc.endings import TOO_LONG, how
from convbook.grading.rpc.peer import Peer, Refused
from convbook.grading.rpc.reader import BASES
from convbook.grading.rpc.transport import Closed, Handle, Late, Malformed, NotPlain

GRACE = 1.0  # seconds after which a process that should have stopped a call itself is ended
FORK_SECONDS = 10.0
DEATHS = 2  # how often a process may end in one test; more would only take time from the tests behind it


class Died(RuntimeError):
    """Say how the student's process ended."""


class LinkLate(TimeoutError):
    """Say that the student's process did not answer in time; it has been ended."""


def patience(seconds: float) -> float:
    """Return how long to wait, by the clock on the wall, for what has so many seconds of its own."""
    return 4 * seconds + 10


def _arrays(args: list) -> list:
    """Return the arrays among arguments as a call left them, None for the others."""
    return [a if isinstance(a, np.ndarray) and a.flags.writeable else None for a in args]


def _named_arrays(kwargs: dict) -> dict:
    return dict(zip(kwargs, _arrays(list(kwargs.values())), strict=True))


class Link:
    """Talk to one student's process after another, or to a fork of it that is thrown away.

    `spawn()` starts a process and returns a socket to it, `end_student()` ends it and says how it had ended;
    `prepare()` brings a process to where the notebook is. While `apart` is set, all is asked of a fork of the
    process: a new one whenever one ends. `generation` counts processes and forks: what belongs to one is not in another.
    """

    def __init__(
        self,
        spawn: Callable[[], socket.socket],
        end_student: Callable[[], str],
        prepare: Callable[[Link], None],
        make: Callable[[Link, Handle], Any],
        note: Callable[[str, str], None],
        ruling_out: Callable[[str], Link] | None = None,
        heard: Callable[[Any], None] = lambda seen: None,
    ):
        self.spawn, self.end_student, self.prepare, self.make, self.note = (
            spawn,
            end_student,
            prepare,
            make,
            note,
        )
        self.ruling_out = ruling_out or (lambda library: self)  # the link to a process without a library
        self.heard = heard  # what cells and answers have reached for
        self.forbid: tuple[str, ...] = ()  # what the course rules out everywhere
        self.peer: Peer | None = None  # whom we talk to: the process or its fork
        self.whole: Peer | None = None
        self.apart = False
        self.deaths = 0  # of processes and forks, since somebody set it to 0
        self.generation = 0
        self.until = float("inf")  # the end of the cell's time by the clock on the wall
        self.budget = float("inf")  # what is left of it in seconds of the student's own process
        self.ready, self.done = (
            False,
            0,
        )  # whether files lie in this process, and how many cells have run in it
        self.sources: list[str] = []
        self.things: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
        self.lent: dict[int, Any] = {}
        self.lendings = 0
        self.given_up: list[int] = []

    def alive(self) -> None:
        """Make sure that there is a process, that it has run what came before, and, while `apart`, that it has a fork."""
        if self.peer is None:
            self._another()
            self.ready, self.done = False, 0
            self.peer = self.whole = Peer(self.spawn(), self._serve, self._give, self._take)
        if self.peer is self.whole:
            self.prepare(self)
            if self.apart:
                self._fork()

    def _another(self) -> None:
        """Begin with what knows nothing of what we hold, or holds it no more."""
        self.generation += 1
        self.things.clear()
        self.given_up.clear()

    def _fork(self) -> None:
        """Let the process fork; it refuses where it has threads, which a fork would lose."""
        if self.deaths >= DEATHS:
            raise Died(f"it had ended {self.deaths} times in this test, so the rest of it was not tried")
        ours, theirs = socket.socketpair()
        with theirs:
            forked = self._asked({"do": "fork"}, FORK_SECONDS, theirs)
        if forked is not True:
            ours.close()
            return
        self._another()
        self.peer = Peer(ours, self._serve, self._give, self._take)

    def rejoin(self) -> None:
        """Throw the fork away, if there is one, and go on with the process itself."""
        self.apart = False
        if self.peer is not self.whole:
            self.stop()

    def stop(self) -> str:
        """End the fork, or the process where there is none, and return how it had ended."""
        if self.peer is None:
            return ""
        self.deaths += 1
        self.peer.channel.close()
        if self.peer is not self.whole:
            self.peer = self.whole
            self._another()
            try:
                return how(int(self._asked({"do": "end_fork"}, FORK_SECONDS)))
            except (Died, LinkLate, Refused, TypeError, ValueError) as why:
                return str(why)
        self.peer = self.whole = None
        return self.end_student()

    def seconds_left(self) -> float:
        """Return how much of the cell's time is left."""
        return max(0.0, min(self.budget, self.until - time.monotonic(), 3600.0))

    def ask(self, question: dict, seconds: float) -> Any:
        """Return the student's process's answer; its end, or `seconds`, end the call.

        Its own clock counts `seconds`; by the clock on the wall it has several times that, for a busy machine.
        """
        if self.peer is None:
            raise Died("it has ended")
        if "seconds" in question:
            question = {**question, "seconds": min(question["seconds"], self.seconds_left())}
        if self.given_up:
            question, self.given_up = {**question, "drop": self.given_up}, []
        try:
            answer = self._asked(question, patience(seconds))
        except LinkLate:
            self.budget -= seconds
            raise
        if isinstance(answer, dict) and "seconds" in question:
            spent = answer.pop("spent", None)
            self.budget -= spent if isinstance(spent, float) and spent > 0 else 0.0
            if answer.get("seen"):
                self.heard(answer["seen"])
        return answer

    def _asked(self, question: dict, seconds: float, give: socket.socket | None = None) -> Any:
        peer, finished = self.peer, False
        try:
            answer = peer.ask(question, min(time.monotonic() + seconds, self.until) + GRACE, give)
            # Stopped by its own clock, it may have been in the middle of calling us: the line is not clean.
            finished = not (self.lent and isinstance(answer, dict) and answer.get("status") == "endless")
            return answer
        except Refused:
            finished = True
            raise
        except NotPlain as why:
            finished = True  # it was not sent
            raise Refused(str(why)) from None
        except Late:
            raise LinkLate("it did not answer in time") from None
        except Closed:
            ended = self.stop() if self.peer is peer else ""
            if TOO_LONG in ended:
                raise LinkLate(ended) from None
            raise Died(ended or "without a word") from None
        except Malformed as why:
            self.note("protocol", f"the student's process sent what it may not send: {why}")
            raise Died("it broke the protocol and was ended") from None
        finally:
            if not finished and self.peer is peer:  # also when our own clock rang in the middle of a frame
                self.stop()

    def look(self, name: str) -> Any:
        """Return what a name stands for in the student's process; `Refused` if it is not defined."""
        self.alive()
        value = self.ask({"do": "look", "name": name}, 10.0)
        if hasattr(value, "_label"):
            value._label = name
        return value

    def forget(self, number: int, generation: int) -> None:
        """Let the student's process give up an object that is not needed any more."""
        if generation == self.generation:
            self.given_up.append(number)

    # --- what the student's process may do: call what was lent to it since this cell began

    def _serve(self, message: dict) -> dict:
        target = self.lent.get(message.get("id"))
        do, args, kwargs = message.get("do"), message.get("args"), message.get("kwargs")
        if target is None or not isinstance(args, list) or not isinstance(kwargs, dict):
            raise Malformed("it called what it was not lent")
        try:
            if do == "next" and isinstance(target, Iterator):
                return {"value": next(([item] for item in target), None)}
            if do == "call" and callable(target):
                value = target(*args, **kwargs)
                return {"value": value, "args": _arrays(args), "kwargs": _named_arrays(kwargs)}
        except Exception as error:
            return {"error": [type(error).__name__, str(error)[:2000]]}
        raise Malformed("it asked for what cannot be done")

    def _give(self, value: Any) -> Handle | None:
        if hasattr(value, "_number"):
            if getattr(value, "_link", self) is not self:
                raise NotPlain(f"{value.name} is in another process")
            if value._generation != self.generation:
                if isinstance(value, BASES):
                    return None  # what it holds is sent
                raise NotPlain(f"{value.name} belongs to a process that has ended")
            return Handle(False, value._number, "")
        if isinstance(value, Iterator):
            return self._lend(value, "iterator")
        if callable(value) and not isinstance(value, type | types.ModuleType):
            return self._lend(value, "function")
        return None

    def _lend(self, value: Any, kind: str) -> Handle:
        self.lendings += 1
        self.lent[self.lendings] = value
        return Handle(True, self.lendings, kind, getattr(value, "__name__", kind))

    def _take(self, handle: Handle) -> Any:
        if handle.mine:
            if handle.id not in self.lent:
                raise Malformed("it returned what it was not lent")
            return self.lent[handle.id]
        if handle.plain is not None:
            return self.make(self, handle)
        known = self.things.get(handle.id)
        if known is None:
            if handle.id in self.given_up:  # it came back before we said that we do not need it
                self.given_up.remove(handle.id)
            known = self.things[handle.id] = self.make(self, handle)
        return known
