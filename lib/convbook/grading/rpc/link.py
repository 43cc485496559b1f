"""The trusted side's line to the student's process: starts it, times it, replaces it when it dies."""

from __future__ import annotations

import contextlib
import socket
import time
import types
import weakref
from collections.abc import Callable, Iterable, Iterator, Sized
from typing import Any

import numpy as np

from convbook.grading.rpc.arguments import is_a, torch_here
from convbook.grading.rpc.chance import InStep
from convbook.grading.rpc.peer import Peer, Refused
from convbook.grading.rpc.reader import BASES
from convbook.grading.rpc.transport import Closed, Handle, Late, Malformed, NotPlain

GRACE = 1.0  # seconds after which a process that should have stopped a call itself is ended


class Died(RuntimeError):
    """Say how the student's process ended."""


class LinkLate(TimeoutError):
    """Say that the student's process did not answer in time; it has been ended."""


def _arrays(args: list) -> list:
    """Return the arrays among arguments as a call left them, None for the others."""
    return [a if isinstance(a, np.ndarray) and a.flags.writeable else None for a in args]


def _named_arrays(kwargs: dict) -> dict:
    return dict(zip(kwargs, _arrays(list(kwargs.values())), strict=True))


class Link:
    """Talk to one student's process after another.

    `spawn()` starts a process and returns a socket to it, `end_student()` ends it and says how it had ended;
    `prepare(ask)` brings a new process to where the last one was. `generation` counts the processes.
    """

    def __init__(
        self,
        spawn: Callable[[], socket.socket],
        end_student: Callable[[], str],
        prepare: Callable[[], None],
        make: Callable[[Link, Handle], Any],
        note: Callable[[str, str], None],
        make_modules: Callable[[Link], Any] = lambda link: None,
    ):
        self.spawn, self.end_student, self.prepare, self.make, self.note = (
            spawn,
            end_student,
            prepare,
            make,
            note,
        )
        self.make_modules = make_modules
        self.peer: Peer | None = None
        self.generation = 0
        self.until = float("inf")  # the end of the cell's time
        self.sources: list[str] = []
        self.things: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
        self.lent: dict[int, Any] = {}
        self.lendings = 0
        self.given_up: list[int] = []
        self.keeps = False  # what is called may keep its arguments: a class
        self.plain = False  # a plain test is asking: it sees objects and modules as in one process
        self.modules: Any = None  # `TrustedModules`, once a module has crossed
        # Objects of which something can be changed in place here.
        self.holding: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
        self.chance = InStep(trusts=False)

    def alive(self) -> None:
        """Make sure that there is a process and that it has run what came before."""
        if self.peer is None:
            self.start()
            self.prepare()

    def start(self) -> None:
        """Start a new process; nothing has run in it yet."""
        self.generation += 1
        self.things.clear()
        self.holding.clear()
        self.given_up.clear()
        self.modules, self.chance = None, InStep(trusts=False)
        self.peer = Peer(self.spawn(), self._serve, self._give, self._take)
        self.peer.news, self.peer.hear = self._news, self._hear

    def stop(self) -> str:
        """End the process and return how it had ended."""
        if self.peer is None:
            return ""
        self.peer.channel.close()
        self.peer = None
        return self.end_student()

    def seconds_left(self) -> float:
        """Return how much of the cell's time is left."""
        return max(0.0, min(self.until - time.monotonic(), 3600.0))

    def ask(self, question: dict, seconds: float) -> Any:
        """Return the student's process's answer; its end, or `seconds`, end the call."""
        if self.peer is None:
            raise Died("it has ended")
        peer = self.peer
        if self.given_up:
            question, self.given_up = {**question, "drop": self.given_up}, []
        finished = False
        try:
            answer = peer.ask(question, min(time.monotonic() + seconds + GRACE, self.until + GRACE))
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
            raise Died(self.stop() or "without a word") from None
        except Malformed as why:
            self.note("protocol", f"the student's process sent what it may not send: {why}")
            raise Died("it broke the protocol and was ended") from None
        finally:
            if not finished:  # also when our own clock rang in the middle of a frame
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

    def learning(self, target: Any, args: tuple, kwargs: dict) -> Any:
        """Return what a call may be differentiated by; None where there is no torch."""
        return self.shared().learning(target, args, kwargs) if torch_here() is not None else None

    def numbered(self, value: Any) -> int | None:
        """Return the number of an object that lives over there."""
        if self.modules is not None and is_a(value, "nn.Module"):
            return self.modules.number(value)
        return getattr(value, "__dict__", {}).get("_number")

    def shared(self) -> Any:
        """Return what is held on both sides; torch must be there."""
        if self.modules is None:
            self.modules = self.make_modules(self)
        return self.modules

    def _news(self) -> Any:
        if not self.plain:
            return None
        return {"chance": self.chance.news(), "modules": self.modules.news() if self.modules else []}

    def _hear(self, news: Any) -> None:
        with understood():
            self.chance.hear(news["chance"])
            if news["modules"] or news["optimizers"]:
                self.shared().hear(news["modules"])
                self.modules.hear_optimizers(news["optimizers"])

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
                return {"value": value, "args": _arrays(args), "kwargs": _named_arrays(kwargs)}
        except Exception as error:
            return {"error": [type(error).__name__, str(error)[:2000]]}
        raise Malformed("it asked for what cannot be done")

    def _give(self, value: Any) -> Handle | None:
        if "_number" in getattr(value, "__dict__", ()):
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
        kept = {
            n: one for n, one in self.lent.items() if is_a(one, "nn.Module") or is_a(one, "optim.Optimizer")
        }
        self.lent = kept

    def _lend(self, value: Any, kind: str) -> Handle:
        return Handle(True, self.lend(value), kind, getattr(value, "__name__", kind))

    def _take(self, handle: Handle) -> Any:
        if handle.kind == "tensor":
            with understood():
                return self.shared().tensor((handle.mine, handle.id), handle.name)
        if handle.mine:
            if handle.id not in self.lent:
                raise Malformed("it returned what it was not lent")
            return self.lent[handle.id]
        if handle.kind == "module":
            with understood():
                return self.shared().accept(handle.about)
        if handle.plain is not None:
            return self.make(self, handle)
        known = self.things.get(handle.id)
        if known is None:
            if handle.id in self.given_up:  # it came back before we said that we do not need it
                self.given_up.remove(handle.id)
            known = self.things[handle.id] = self.make(self, handle)
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


@contextlib.contextmanager
def understood() -> Iterator[None]:
    """Say of whatever cannot be understood, wherever that shows, that it is `Malformed`."""
    try:
        yield
    except Malformed:
        raise
    except (
        KeyError,
        IndexError,
        TypeError,
        ValueError,
        AttributeError,
        RuntimeError,
        OverflowError,
    ) as wrong:
        raise Malformed(f"what was told of a module cannot be read: {type(wrong).__name__}") from wrong
