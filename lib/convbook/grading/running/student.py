"""The student's process: runs the student's cells and calls what they define. It never holds a test."""

from __future__ import annotations

import contextlib
import functools
import gc
import os
import random
import signal
import socket
import sys
import threading
import types
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from convbook.answers import LocalAnswer, limits
from convbook.answers.answer import Built
from convbook.answers.calling import observe, settled
from convbook.answers.limits import Watch
from convbook.answers.values import Opaque
from convbook.forms import Reply
from convbook.grading.rpc.arguments import is_a
from convbook.grading.rpc.arguments import settled as changed_here
from convbook.grading.rpc.chance import InStep
from convbook.grading.rpc.errors import builtin_error
from convbook.grading.rpc.transport import Closed, Handle, Malformed, NotPlain, Peer, Refused
from convbook.grading.running import sandbox, served
from convbook.grading.running.audit import Audit
from convbook.grading.running.faces import STATE, Faces, packages, ruled_out
from convbook.grading.running.shell import Shell
from convbook.grading.running.traces import told

ANSWER_METHODS = ("call", "build", "attribute", "as_module", "place")
BUILT_METHODS = (
    "call", "double", "train", "state", "shapes", "load_state", "parameters", "gradient", "trace", "attribute",
)  # fmt: skip


TIMED = ("run", "answer", "built", "call", "operate")  # what runs a student's code


class StudentServer:
    """Hold the shell and everything that the trusted process has a handle to."""

    def __init__(self, sock: socket.socket, output_bytes: int):
        self.shell = Shell.fresh(output_bytes)
        self.held: dict[int, Any] = {}
        self.numbers: dict[int, int] = {}
        self.given = 0
        self.child = 0  # the fork that talks to the trusted process now
        self.overwritten: dict[str, Any] = {}
        self.audit = Audit()
        self.plain = False  # a plain test asks: it sees objects and modules as they are
        self._begin(sock)
        self.faces = next((one for one in sys.meta_path if isinstance(one, Faces)), Faces(()))
        self.faces.noted = self.audit.inside
        self.forbid: list[str] = []  # what the course rules out
        limits.now = limits.own_time

    def _begin(self, sock: socket.socket) -> None:
        """Begin as the other side does: neither has told of a module, an optimizer or a generator yet."""
        self.modules: Any = None  # once one has crossed
        self.optimizers: dict[int, Any] = {}  # copies of a test's own
        self.chance = InStep(trusts=True)
        self.peer = Peer(sock, self.serve, self.give, self.take)
        self.peer.news, self.peer.hear = self._news, self._hear

    # --- what is asked of us

    def serve(self, message: dict) -> Any:
        """Do one thing that the trusted process asks for."""
        for number in message.pop("drop", ()):
            value = self.held.pop(number, None)
            self.numbers.pop(id(value), None)
        asked = message.pop("do")
        self.plain = asked in ("look", "call", "operate")
        began, limited = limits.own_time(), contextlib.nullcontext()
        if "seconds" in message:  # the system ends this process where its own clock cannot end the question
            limited = sandbox.processor_limit(2 * message["seconds"] + 2)
        try:
            with limited:
                done = ASKED[asked](self, **message)
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
                self._begin(sock)
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

    def run(
        self, source: str, seconds: float, figures: bool, remember: bool, room: int, next_room: int
    ) -> dict[str, Any]:
        """Run one cell, which may show so much as there is room for, and tell whether the next one fits."""
        self.shell.outputs.room = room
        self.audit.taken()  # what comes from here on is this cell's
        STATE.touched = False
        self.shell.lenient = remember  # a cell of the student's, not a test
        process = os.getpid()
        status, outputs = self.shell.run(source, seconds, figures, remember=remember)
        if os.getpid() != process:  # a child that the cell forked came back: it has nothing to say here
            os._exit(0)
        fits = self.fits(next_room)
        return {"status": status, "outputs": outputs, "faces": STATE.touched, "fits": fits}

    def usual_names(self, imports: list[str] | None) -> list[str]:
        """Let names that the notebook overwrote mean what they usually mean; without `imports`, what it made of them."""
        if imports is None:
            self.shell.user_ns.update(self.overwritten)
            self.overwritten = {}
            return []
        self.overwritten |= self.shell.usual_names(imports)  # asked twice, it has them already
        return sorted(self.overwritten)

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
    ) -> Any:
        """Use a function or class as an `Answer`."""
        if method not in ANSWER_METHODS:
            raise Refused(f"an answer has no method {method!r}")
        if (
            method == "call"
        ):  # not through `Answer.call`: an argument of the student's may be called `seconds`
            with self.without(forbid) as used:
                reply = observe(target, args, kwargs, seconds, value=settled)
            return self.told(self._unless_used(reply, used), args, kwargs)
        if method == "build":
            kwargs = {**kwargs, "seconds": seconds, "forbid": forbid}
        with self.without(forbid):
            return self.told(getattr(LocalAnswer(target), method)(*args, **kwargs), args, kwargs)

    def call(
        self, target: Any, args: list, kwargs: dict, seconds: float, learn: dict | None, **_: Any
    ) -> Any:
        """Call something as a plain test does, which sees what it really gives."""
        call = served.Call(target, learn, args, kwargs, self.modules)
        with self.without("") as used:
            reply = observe(call, args, kwargs, seconds, value=call.told)
        return self.told(self._unless_used(reply, used), args, kwargs)

    def operate(self, target: Any, method: str, args: list, seconds: float, **_: Any) -> Any:
        """Do with an object what a plain test does with it: read an attribute, take an item, add another."""
        done = functools.partial(served.OPERATIONS[method], target)
        with self.without("") as used:
            reply = observe(done, args, {}, seconds, value=lambda result: result)
        return {**self.told(self._unless_used(reply, used), [], {}), "args": []}

    def without(self, forbid: str) -> contextlib.AbstractContextManager[list[str]]:
        """Let the use of what the course or this call rules out be told."""
        return ruled_out({*self.forbid, *(packages(forbid) if forbid else ())})

    def _unless_used(self, reply: Reply, used: list[str]) -> Reply:
        """Return a reply, or what was ruled out and used, whatever the answer made of it."""
        return Reply("forbidden", arguments=reply.arguments, forbidden=used[0]) if used else reply

    def built(self, target: Any, method: str, args: list, kwargs: dict, **_: Any) -> Any:
        """Use a module as a `Built`."""
        if method not in BUILT_METHODS or not isinstance(target, Built):
            raise Refused(f"a module has no method {method!r}")
        with self.without(""):
            return self.told(getattr(target, method)(*args, **kwargs), args, kwargs)

    def fits(self, room: int) -> bool:
        """Tell whether there is room to go on: some memory, and a thread, which the clock of every call needs."""
        try:
            np.empty(room, np.uint8)
            if not is_alone():  # a thread takes time to start, and there are as few as ever
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
            "args": [
                a if isinstance(a, served.CHANGEABLE) or is_a(a, "Tensor") else None for a in reply.arguments
            ],
            "kwargs": {k: v for k, v in kwargs.items() if isinstance(v, served.CHANGEABLE)},
            "error": error,
            "printed": reply.printed,
            "forbidden": reply.forbidden,
        }

    # --- handles

    def give(self, value: Any) -> Handle | None:
        """Return a handle to something that stays here."""
        if isinstance(value, Far):
            return Handle(False, value._far_id, "")
        if is_a(value, "optim.Optimizer"):
            theirs = [number for number, one in self.optimizers.items() if one is value]
            if theirs:
                return Handle(False, theirs[0], "")
        if is_a(value, "Tensor"):
            place = self.modules.place_of(value) if self.plain and self.modules else None
            return None if place is None else Handle(*place[0], "tensor", place[1])
        if self.plain and is_a(value, "nn.Module"):
            with contextlib.suppress(NotPlain):
                mine, number = self._shared().refer(value)
                told = self.modules.offer(value) if mine else None
                return Handle(mine, number, "module", type(value).__name__, about=told)
        number = self.number(value)
        if isinstance(value, Built):
            return Handle(True, number, "built", ",".join(value.kinds))
        kind = served.kind_of(value)
        name = type(value).__name__ if kind == "object" else getattr(value, "__name__", type(value).__name__)
        return Handle(
            True, number, kind, name if isinstance(name, str) else kind, about=served.about(value, kind)
        )

    def number(self, value: Any) -> int:
        """Return the number under which the trusted process may use something of ours."""
        number = self.numbers.get(id(value))
        if number is None:
            self.given += 1
            number = self.given
            self.held[number], self.numbers[id(value)] = value, number
        return number

    def take(self, handle: Handle) -> Any:
        """Return what a handle stands for: our own object, or something to call over there."""
        if handle.kind == "tensor":
            if handle.about:
                self._shared().accept(handle.about)
            return self._shared().tensor((handle.mine, handle.id), handle.name)
        if handle.kind == "optimizer":
            self.optimizers[handle.id] = served.optimizer(handle, self.optimizers.get(handle.id))
            return self.optimizers[handle.id]
        if handle.mine:
            return self.held[handle.id]
        if handle.kind == "module":
            return self._shared().accept(handle.about)
        far = {"iterator": FarIterator, "iterable": FarIterable}.get(handle.kind, FarFunction)
        return far(self, handle)

    # --- what both processes hold is kept alike

    def _shared(self) -> Any:
        if self.modules is None:
            from convbook.grading.rpc.shared import FarModule, Shared  # torch is there only where it is used

            def caller(module: Any, number: int) -> FarFunction:
                return FarFunction(self, Handle(True, number, ""))

            self.modules = Shared(self.number, self.held.get, lambda node: FarModule(), caller, {})
        return self.modules

    def _news(self) -> Any:
        if not self.plain:
            return None
        optimizers = []
        if self.optimizers:
            from convbook.grading.rpc.shared import optimizer_state

            optimizers = [[number, optimizer_state(one)] for number, one in self.optimizers.items()]
        modules = self.modules.news() if self.modules else []
        return {"chance": self.chance.news(), "modules": modules, "optimizers": optimizers}

    def _hear(self, news: Any) -> None:
        self.chance.hear(news["chance"])
        if news["modules"]:
            self._shared().hear(news["modules"])

    def over_there(self, handle: Handle, do: str, args: tuple = (), kwargs: dict | None = None) -> Any:
        """Call something that lives in the trusted process."""
        reply = self.peer.ask({"do": do, "id": handle.id, "args": list(args), "kwargs": kwargs or {}})
        if "error" in reply:
            kind, message = reply["error"]
            # The one would end a loop, the other needs more than a message.
            unfit = kind in ("StopIteration", "UnicodeDecodeError")
            raise (RuntimeError if unfit else builtin_error(kind) or RuntimeError)(message)
        for old, new in zip(args, reply.get("args", ()), strict=False):
            changed_here(old, new)
        for name, new in reply.get("kwargs", {}).items():
            changed_here((kwargs or {}).get(name), new)
        return reply["value"]


WHAT_IS_ASKED = "run look call operate answer built fits start fork end_fork usual_names"
ASKED = {name: getattr(StudentServer, name) for name in WHAT_IS_ASKED.split()}


class Far:
    """Stand for something of the trusted process: it can be called, and nothing else."""

    def __init__(self, server: StudentServer, handle: Handle):
        self._far_id, self.__name__ = handle.id, handle.name
        self._ask = lambda *what: server.over_there(handle, *what)  # no deep copy enters the server by it


class FarIterator(Far):
    """Iterate over what the trusted process generates."""

    def __iter__(self) -> FarIterator:
        return self

    def __next__(self) -> Any:
        item = self._ask("next")
        if item is None:
            raise StopIteration
        return item[0]


class FarIterable(Far):
    """See of a data set or a loader of the trusted process its length, its items, and what it is made of."""

    def __iter__(self) -> Any:
        return self._ask("look", ("iter",))

    def __len__(self) -> int:
        return self._ask("look", ("len",))

    def __getitem__(self, key: Any) -> Any:
        return self._ask("look", ("item", key))

    dataset = property(lambda self: self._ask("look", ("dataset",)))
    batch_size = property(lambda self: self._ask("look", ("batch_size",)))


class FarFunction(Far):
    """Call a function of the trusted process."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("call", args, kwargs)


def is_alone() -> bool:
    """Tell whether this process has no child, and no thread beside the main one and the clock's."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return False
    except ChildProcessError:
        return len(os.listdir("/proc/self/task")) <= 2
    except AttributeError:  # not on this system
        return False


def listening(peer: Peer) -> NoReturn:
    """Serve the trusted process until it closes the connection, and end."""
    with contextlib.suppress(Closed, Malformed, NotPlain):
        peer.listen()
    os._exit(0)


def main(sock: socket.socket, output_bytes: int) -> None:
    """Serve the trusted process."""
    Watch.shared = Watch()
    listening(StudentServer(sock, output_bytes).peer)
