"""The trusted side's line to the student's process: starts it, times it, replaces it when it dies."""

from __future__ import annotations

import contextlib
import itertools
import socket
import time
import types
import weakref
from collections.abc import Iterable, Iterator, Sized
from typing import Any

import numpy as np

from convbook.grading.rpc.arguments import is_a
from convbook.grading.rpc.chance import InStep
from convbook.grading.rpc.errors import TOO_LONG, how
from convbook.grading.rpc.packing import BASES, UNREADABLE
from convbook.grading.rpc.transport import Closed, Handle, Late, Malformed, NotPlain, Peer, Refused

GRACE = 1.0  # seconds after which a process that should have stopped a call itself is ended
FORK_SECONDS = 10.0
HELD = ("generation", "things", "holding", "given_up", "modules", "chance")  # of one process or fork
DEATHS = 2  # how often a process may end in one test; more would only take time from the tests behind it


class Died(RuntimeError):
    """Say how the student's process ended."""


class LinkLate(TimeoutError):
    """Say that the student's process did not answer in time; it has been ended."""


def patience(seconds: float) -> float:
    """Return how long to wait, by the clock on the wall, for what has so many seconds of its own."""
    return 4 * seconds + 10


class Link:
    """Talk to one student's process after another, or to a fork of it that is thrown away.

    `owner` is the session that this serves: it starts processes (`spawn`) and says how they ended (`end_student`),
    brings one to where the notebook is (`prepare`), makes stand-ins for what is over there (`stand_in`,
    `shared_modules`), knows the link to a process without a library (`ruling_out`), and is told what happens
    (`note`, `heard`). While `apart` is set, all is asked of a fork of the process: a new one whenever one ends.
    `generation` counts processes and forks: what belongs to one is not in another.
    """

    def __init__(self, owner: Any, library: str, forbid: tuple[str, ...]):
        self.owner, self.library = owner, library  # the library that the process lacks beyond what none has
        self.forbid = forbid  # what the course rules out everywhere
        self.peer: Peer | None = None  # whom we talk to: the process or its fork
        self.whole: Peer | None = None
        self.apart = False
        self.deaths = 0  # of processes and forks, since somebody set it to 0
        self.numbers = itertools.count(1)
        self.held_whole: dict[str, Any] = {}  # what is held of the process while its fork is asked
        self.until = float("inf")  # the end of the cell's time by the clock on the wall
        self.budget = float("inf")  # what is left of it in seconds of the student's own process
        self.ready, self.done = False, 0  # whether files lie in this process, how many cells have run in it
        self.fits: Any = None  # whether the process has room for another cell, as it said itself
        self.sources: list[str] = []
        self.lent: dict[int, Any] = {}
        self.lendings = 0
        self.keeps = False  # what is called may keep its arguments: a class
        self.plain = False  # a plain test is asking: it sees objects and modules as in one process
        self._another()

    def alive(self) -> None:
        """Make sure that there is a process, that it has run what came before, and, while `apart`, that it has a fork."""
        if self.peer is None:
            self._another()
            self.ready, self.done, self.fits = False, 0, None
            self.peer = self.whole = self._peer_at(self.owner.spawn(self.library))
        if self.peer is self.whole:
            self.owner.prepare(self)
            if self.apart:
                self._fork()

    def _another(self) -> None:
        """Begin with a process or fork that knows nothing of what we hold."""
        self.generation = next(self.numbers)
        self.things: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
        # Objects of which something can be changed in place here.
        self.holding: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
        self.given_up: list[int] = []
        self.modules: Any = None  # `TrustedModules`, once a module has crossed
        self.chance = InStep(trusts=False)

    def _peer_at(self, sock: socket.socket) -> Peer:
        """Return the other end of a socket, which hears what both sides hold."""
        peer = Peer(sock, self._serve, self._give, self._take)
        peer.news, peer.hear = self._news, self._hear
        return peer

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
        self.held_whole = {name: getattr(self, name) for name in HELD}
        self._another()
        self.peer = self._peer_at(ours)

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
            vars(self).update(self.held_whole)
            try:
                return how(int(self._asked({"do": "end_fork"}, FORK_SECONDS)))
            except (Died, LinkLate, Refused, TypeError, ValueError) as why:
                return str(why)
        self.peer = self.whole = None
        return self.owner.end_student(self.library)

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
                self.owner.heard(answer["seen"])
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
            self.owner.note("protocol", f"the student's process sent what it may not send: {why}")
            raise Died("it broke the protocol and was ended") from None
        finally:
            if not finished and self.peer is peer:  # also when our own clock rang in the middle of a frame
                self.stop()

    def look(self, name: str) -> Any:
        """Return what a name stands for in the student's process; `Refused` if it is not defined."""
        self.alive()
        with self.plainly():
            value = self.ask({"do": "look", "name": name}, 10.0)
        held = self.modules.far.get(value) if self.modules and is_a(value, "nn.Module") else value
        if "_label" in getattr(held, "__dict__", ()):
            held._label = name
        return value

    # --- plain tests: what both processes hold is kept alike

    @contextlib.contextmanager
    def plainly(self, keeps: bool = False) -> Iterator[None]:
        """Ask as a plain test does; with `keeps`, what is asked may keep the tensors that it is given."""
        before, self.plain, self.keeps = self.plain, True, keeps
        if not before:
            for one in list(self.holding.values()):
                one._tell_changes()
        try:
            yield
        finally:
            self.plain = before

    def numbered(self, value: Any) -> int | None:
        """Return the number of an object that lives over there."""
        if self.modules is not None and is_a(value, "nn.Module"):
            return self.modules.number(value)
        return getattr(value, "__dict__", {}).get("_number")

    def shared(self) -> Any:
        """Return what is held on both sides; torch must be there."""
        if self.modules is None:
            self.modules = self.owner.shared_modules(self)
        return self.modules

    def _news(self) -> Any:
        if not self.plain:
            return None
        return {"chance": self.chance.news(), "modules": self.modules.news() if self.modules else []}

    def _hear(self, news: Any) -> None:
        try:
            self.chance.hear(news["chance"])
            if news["modules"] or news["optimizers"]:
                self.shared().hear(news["modules"])
                self.modules.hear_optimizers(news["optimizers"])
        except Malformed:
            raise
        except UNREADABLE as wrong:
            raise Malformed(f"what was told of a module cannot be read: {type(wrong).__name__}") from wrong

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
            if do == "look":
                return {"value": looked_at(target, *args)}
            if do == "call" and callable(target):
                value = target(*args, **kwargs)
                named = dict(zip(kwargs, _arrays(kwargs.values()), strict=True))
                return {"value": value, "args": _arrays(args), "kwargs": named}
        except Exception as error:
            return {"error": [type(error).__name__, str(error)[:2000]]}
        raise Malformed("it asked for what cannot be done")

    def _give(self, value: Any) -> Handle | None:
        if "_number" in getattr(value, "__dict__", ()):
            if getattr(value, "_link", self) is not self:
                raise NotPlain(f"{value._name} is in another process")
            if value._generation != self.generation:
                if isinstance(value, BASES):
                    return None  # what it holds is sent
                raise NotPlain(f"{value._name} belongs to a process that has ended")
            return Handle(False, value._number, "")
        if is_a(value, "Tensor"):
            return self.shared().give_tensor(value) if self.plain else None
        if self.plain and is_a(value, "optim.Optimizer"):
            return self.shared().give_optimizer(value)
        if is_a(value, "nn.Module") and (self.plain or self.numbered(value) is not None):
            return self.shared().give_module(value)
        if isinstance(value, Iterator):
            return self._lend(value, "iterator")
        if self.plain and isinstance(value, Iterable) and not isinstance(value, BASES):
            return self._lend(value, "iterable")
        if callable(value) and not isinstance(value, type | types.ModuleType):
            return self._lend(value, "function")
        return None

    def lend(self, value: Any) -> int:
        """Return the number under which the student's process may use something of ours."""
        self.lendings += 1
        self.lent[self.lendings] = value
        return self.lendings

    def take_back(self) -> None:
        """Let the student's process use no longer what was lent, but for modules and optimizers: it holds copies."""
        copied = ("nn.Module", "optim.Optimizer")
        self.lent = {n: one for n, one in self.lent.items() if any(is_a(one, kind) for kind in copied)}

    def _lend(self, value: Any, kind: str) -> Handle:
        return Handle(True, self.lend(value), kind, getattr(value, "__name__", kind))

    def _take(self, handle: Handle) -> Any:
        if handle.kind == "tensor":
            return self.shared().tensor((handle.mine, handle.id), handle.name)
        if handle.mine:
            if handle.id not in self.lent:
                raise Malformed("it returned what it was not lent")
            return self.lent[handle.id]
        if handle.kind == "module":
            return self.shared().accept(handle.about)
        if handle.plain is not None:
            return self.owner.stand_in(self, handle)
        known = self.things.get(handle.id)
        if known is None:
            if handle.id in self.given_up:  # it came back before we said that we do not need it
                self.given_up.remove(handle.id)
            known = self.things[handle.id] = self.owner.stand_in(self, handle)
        return known


def looked_at(target: Any, what: Any, key: Any = None) -> Any:
    """Return what the student's process may see of a data set or loader of ours."""
    if what == "len" and isinstance(target, Sized):
        return len(target)
    if what == "iter" and isinstance(target, Iterable):
        return iter(target)
    if what == "item" and hasattr(type(target), "__getitem__") and isinstance(key, int | slice):
        return target[key]
    if what in ("dataset", "batch_size") and type(target).__module__.startswith("torch.utils.data"):
        return getattr(target, what)
    raise Refused(f"a {type(target).__name__} of a test does not show {str(what)[:40]!r}")


def _arrays(values: Iterable) -> list:
    """Return the arrays among arguments as a call left them, None for the others."""
    return [a if isinstance(a, np.ndarray) and a.flags.writeable else None for a in values]
