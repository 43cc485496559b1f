"""The student's process: runs the student's cells and calls what they define. It never holds a test."""

from __future__ import annotations

import contextlib
import functools
import gc
import inspect
import itertools
import os
import random
import signal
import socket
import sys
import threading
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from convbook.answers import LocalAnswer, limits
from convbook.answers.answer import Built
from convbook.answers.calling import observe, settled
from convbook.answers.values import Opaque, copied
from convbook.forms import Reply
from convbook.grading.rpc.arguments import settled as changed_here
from convbook.grading.rpc.frame import Same
from convbook.grading.rpc.peer import Peer, Refused
from convbook.grading.rpc.transport import Closed, Handle, Malformed, NotPlain
from convbook.grading.running.audit import Audit
from convbook.grading.running.faces import STATE, Faces, packages, ruled_out
from convbook.grading.running.shell import Shell
from convbook.grading.running.traces import told

ANSWER_METHODS = ("call", "build", "attribute", "as_module", "place")
BUILT_METHODS = (
    "call", "double", "train", "state", "shapes", "load_state", "parameters", "gradient", "trace", "attribute",
)  # fmt: skip


TIMED = ("run", "answer", "built", "iterate")  # what runs a student's code
CHANGEABLE = (np.ndarray, np.random.Generator, list, dict)
MOST_ITEMS = 10_000  # as for a generator


class StudentServer:
    """Hold the shell and everything that the trusted process has a handle to."""

    def __init__(self, sock: socket.socket, output_bytes: int):
        self.shell = Shell.fresh(output_bytes)
        self.peer = Peer(sock, self.serve, self.give, self.take)
        self.held: dict[int, Any] = {}
        self.numbers: dict[int, int] = {}
        self.given = 0
        self.child = 0  # the fork that talks to the trusted process now
        self.audit = Audit()
        self.faces = next((one for one in sys.meta_path if isinstance(one, Faces)), Faces(()))
        self.faces.noted = self.audit.inside
        self.forbid: list[str] = []  # what the course rules out
        limits.now = limits.own_time

    # --- what is asked of us

    def serve(self, message: dict) -> Any:
        """Do one thing that the trusted process asks for."""
        for number in message.pop("drop", ()):
            value = self.held.pop(number, None)
            self.numbers.pop(id(value), None)
        do = {
            "run": self.run_cell,
            "look": self.look,
            "answer": self.answer,
            "built": self.built,
            "iterate": self.iterate,
            "fits": self.fits,
            "start": self.start,
            "fork": self.fork,
            "end_fork": self.end_fork,
        }
        began = limits.own_time()
        try:
            with _processor_limit(message.get("seconds")):
                asked = message.pop("do")
                done = do[asked](**message)
            if asked in TIMED and isinstance(done, dict):
                done |= {"spent": limits.own_time() - began, "seen": self.audit.taken()}
            return done
        except (Refused, Closed, Malformed):
            raise
        except Exception as error:
            raise Refused(f"{type(error).__name__}: {error}") from None

    def fork(self) -> bool:
        """Let a fork of this process serve over the socket that follows; False where threads run, which it would lose."""
        _, descriptors, _, _ = socket.recv_fds(self.peer.channel.sock, 1, 1)
        with socket.socket(fileno=descriptors[0]) as sock:
            others = {thread.name for thread in threading.enumerate()} - {"MainThread", "convbook-time-limit"}
            if others:
                return False
            try:
                self.child = os.fork()
            except OSError:  # too many processes
                return False
            if self.child == 0:
                with contextlib.suppress(OSError):
                    os.setsid()
                gc.freeze()  # what it has from its parent is not looked at again, and not copied for that
                self.peer.channel.close()
                self.peer = Peer(sock, self.serve, self.give, self.take)
                listening(self.peer)
            return True

    def end_fork(self) -> int:
        """End the fork with what it started; return its exit code."""
        with contextlib.suppress(OSError):
            os.kill(self.child, signal.SIGKILL)
        with contextlib.suppress(OSError):
            os.killpg(self.child, signal.SIGKILL)
        _, status = os.waitpid(self.child, 0)
        return os.waitstatus_to_exitcode(status)

    def start(self, files: dict[str, bytes], seed: int, shown: list[str], forbid: list[str]) -> None:
        """Lay out the files beside the notebook, modules among them, and begin with known random numbers."""
        self.faces.shown, self.forbid = frozenset(shown), forbid
        sys.path.insert(0, os.getcwd())
        for name, data in files.items():
            path = Path(name)
            if path.is_absolute() or ".." in path.parts:
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        random.seed(seed)
        np.random.seed(seed % 2**32)
        if "torch" in sys.modules:
            sys.modules["torch"].manual_seed(seed)

    def run_cell(self, id: str, source: str, seconds: float, figures: bool, remember: bool) -> dict[str, Any]:
        """Run one cell."""
        self.audit.begin(id)
        STATE.touched = False
        process = os.getpid()
        status, outputs = self.shell.run(source, seconds, figures, remember=remember)
        if os.getpid() != process:  # a child that the cell forked came back: it has nothing to say here
            os._exit(0)
        return {"status": status, "outputs": outputs, "faces": STATE.touched}

    def look(self, name: str) -> Any:
        """Return what a name stands for: a plain value, or a handle."""
        if name not in self.shell.user_ns:
            raise Refused(f"name {name!r} is not defined")
        value = self.shell.user_ns[name]
        if isinstance(value, types.ModuleType):
            return Opaque("module")
        return value

    def answer(
        self,
        target: Any,
        method: str,
        args: list,
        kwargs: dict,
        seconds: float = 4.0,
        forbid: str = "",
        itself: bool = False,
    ) -> Any:
        """Use a function or class as an `Answer`; with `itself` as a plain test does, which sees what it really gives."""
        if method not in ANSWER_METHODS:
            raise Refused(f"an answer has no method {method!r}")
        if (
            method == "call"
        ):  # not through `Answer.call`: an argument of the student's may be called `seconds`
            value = functools.partial(_itself_or_copied, args) if itself else settled
            with self.without(forbid) as used:
                reply = observe(target, args, kwargs, seconds, value=value)
            if used:  # whatever the answer made of it
                reply = Reply("forbidden", arguments=reply.arguments, forbidden=used[0])
            return self.told(reply, args, kwargs)
        if method == "build":
            kwargs = {**kwargs, "seconds": seconds, "forbid": forbid}
        with self.without(forbid):
            return self.told(getattr(LocalAnswer(target), method)(*args, **kwargs), args, kwargs)

    def without(self, forbid: str) -> contextlib.AbstractContextManager[list[str]]:
        """Let the use of what the course or this call rules out be told."""
        return ruled_out({*self.forbid, *(packages(forbid) if forbid else ())})

    def built(self, target: Any, method: str, args: list, kwargs: dict, **_: Any) -> Any:
        """Use a module as a `Built`."""
        if method not in BUILT_METHODS or not isinstance(target, Built):
            raise Refused(f"a module has no method {method!r}")
        with self.without(""):
            return self.told(getattr(target, method)(*args, **kwargs), args, kwargs)

    def iterate(self, target: Any, seconds: float, most: int | None, **_: Any) -> Any:
        """Go on through an object: `most` items of it, or all."""
        return self.told(
            observe(lambda: list(itertools.islice(target, most or MOST_ITEMS)), (), {}, seconds), [], {}
        )

    def fits(self, room: int) -> bool:
        """Tell whether there is room to go on: some memory, and a thread, which the clock of every call needs."""
        try:
            np.empty(room, np.uint8)
            thread = threading.Thread(target=int)
            thread.start()
            thread.join()
        except (MemoryError, RuntimeError):
            return False
        return True

    def told(self, reply: Any, args: list, kwargs: dict) -> Any:
        """Return a reply as plain values, with the arguments as the call left them."""
        if not isinstance(reply, Reply):
            return reply
        error = None
        if reply.error is not None:
            name, message, lines = told(reply.error, None, self.shell.compile)
            error = [name, message, "\n".join(lines), [kind.__name__ for kind in type(reply.error).__mro__]]
        return {
            "status": reply.status,
            "value": reply.value,
            "args": [a if isinstance(a, CHANGEABLE) or _is_tensor(a) else None for a in reply.arguments],
            "kwargs": {k: v for k, v in kwargs.items() if isinstance(v, CHANGEABLE)},
            "error": error,
            "printed": reply.printed,
            "forbidden": reply.forbidden,
        }

    # --- handles

    def give(self, value: Any) -> Handle:
        """Return a handle to something that stays here."""
        if isinstance(value, Far):
            return Handle(False, value._far_id, "")
        number = self.numbers.get(id(value))
        if number is None:
            self.given += 1
            number = self.given
            self.held[number], self.numbers[id(value)] = value, number
        if isinstance(value, Built):
            return Handle(True, number, "built", ",".join(value.kinds))
        kind = "class" if isinstance(value, type) else "function" if callable(value) else "object"
        name = getattr(value, "__name__", type(value).__name__) if kind != "object" else type(value).__name__
        kind = "iterable" if kind == "object" and hasattr(type(value), "__iter__") else kind
        return Handle(True, number, kind, name if isinstance(name, str) else kind)

    def take(self, handle: Handle) -> Any:
        """Return what a handle stands for: our own object, or something to call over there."""
        if handle.mine:
            return self.held[handle.id]
        return FarIterator(self, handle) if handle.kind == "iterator" else far_function(self, handle)

    def over_there(self, handle: Handle, do: str, args: tuple = (), kwargs: dict | None = None) -> Any:
        """Call something that lives in the trusted process."""
        reply = self.peer.ask({"do": do, "id": handle.id, "args": list(args), "kwargs": kwargs or {}})
        if "error" in reply:
            kind, message = reply["error"]
            raise _builtin(kind)(message)
        for old, new in zip(args, reply.get("args", ()), strict=False):
            changed_here(old, new)
        for name, new in reply.get("kwargs", {}).items():
            changed_here((kwargs or {}).get(name), new)
        return reply["value"]


def _itself_or_copied(args: list, result: Any) -> Any:
    """Return what a plain test sees of a result: an argument that came back is that, a generator is no list."""
    if isinstance(result, types.GeneratorType):
        return result
    place = next(
        (n for n, given in enumerate(args) if given is result and isinstance(given, CHANGEABLE)), None
    )
    return copied(result) if place is None else Same(place)


class Far:
    """Stand for something of the trusted process: it can be called, and nothing else."""

    _far_id: int


class FarIterator(Far):
    """Iterate over what the trusted process generates."""

    def __init__(self, server: StudentServer, handle: Handle):
        self._far_id, self._next = handle.id, lambda: server.over_there(handle, "next")

    def __iter__(self) -> FarIterator:
        return self

    def __next__(self) -> Any:
        item = self._next()
        if item is None:
            raise StopIteration
        return item[0]


class FarFunction(Far):
    """Call a function of the trusted process."""

    def __init__(self, server: StudentServer, handle: Handle):
        self._far_id, self.__name__ = handle.id, handle.name
        self._call = lambda args, kwargs: server.over_there(handle, "call", args, kwargs)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._call(args, kwargs)


def far_function(server: StudentServer, handle: Handle) -> Callable[..., Any]:
    """Return something callable that stands for a function of the trusted process."""
    return FarFunction(server, handle)


def _is_tensor(value: Any) -> bool:
    return type(value).__module__.partition(".")[0] == "torch" and hasattr(value, "detach")


def _builtin(kind: str) -> type[Exception]:
    import builtins

    found = getattr(builtins, kind, None)
    fits = inspect.isclass(found) and issubclass(found, Exception)
    return found if fits and kind not in ("StopIteration", "UnicodeDecodeError") else RuntimeError


@contextlib.contextmanager
def _processor_limit(seconds: Any) -> Iterator[None]:
    """End this process where its own clock cannot: in one long computation in C."""
    if not isinstance(seconds, int | float):
        yield
        return
    signal.setitimer(signal.ITIMER_PROF, 2 * seconds + 2)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def listening(peer: Peer) -> NoReturn:
    """Serve the trusted process until it closes the connection, and end."""
    with contextlib.suppress(Closed, Malformed, NotPlain):
        peer.listen()
    os._exit(0)


def main(sock: socket.socket, output_bytes: int) -> None:
    """Serve the trusted process."""
    listening(StudentServer(sock, output_bytes).peer)
