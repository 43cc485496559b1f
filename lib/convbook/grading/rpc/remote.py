"""The `Answer` of a student's function or class that lives in another process, and the modules it builds."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from convbook.answers.answer import CALL_SECONDS, Answer, Built
from convbook.answers.values import Reference
from convbook.forms import LearnerError, Reply
from convbook.grading.reading.sources import definition, reaches
from convbook.grading.rpc.arguments import settled, torch_here
from convbook.grading.rpc.errors import as_error
from convbook.grading.rpc.frame import Same
from convbook.grading.rpc.link import Died, Link, LinkLate
from convbook.grading.rpc.transport import Refused

# Whoever is asked whether it equals, contains or comes near a value that a test expects can say yes to everything.
# Only an object that the test itself made of a class, where the instructor has a class, is asked such a thing.
VERDICTS = frozenset((
    "add", "all", "allclose", "any", "array_equal", "close", "compare", "compareTo", "contains",
    "count", "difference", "dist", "div", "eq", "equal", "equals", "find", "ge", "gt", "index",
    "intersection", "is_close", "isclose", "isdisjoint", "issubset", "issuperset", "le", "lt", "match",
    "matches", "minus", "mul", "ne", "plus", "startswith", "endswith", "sub", "subtract",
    "symmetric_difference",
))  # fmt: skip


class Thing:
    """Stand for an object of the student's process. It is equal to itself only."""

    _bases: tuple[type, ...] = ()  # of a class: what it is derived from, as far as that is known here
    _under_test = False  # made by the test itself, of a class that the instructor's notebook defines as one
    _makes_objects = False  # it is a class, and one of that name stands in the instructor's own cell

    def __init__(self, link: Link, number: int, name: str, label: str = ""):
        self._link, self._number, self._name = link, number, name
        self._generation, self._label = link.generation, label

    def __del__(self) -> None:
        self._link.forget(self._number, self._generation)

    def _here(self) -> Thing:
        """Return the object in the process that lives now: an older one is looked up again by its name."""
        self._link.alive()
        if self._generation == self._link.generation:
            return self
        if not self._label:
            raise Died("it belongs to a process that has ended")
        again = self._link.look(self._label)
        if not isinstance(again, Thing):
            raise Died(f"{self._label} is not there any more")
        self._number, self._generation = again._number, again._generation
        again._generation = -1  # its number is ours now: it may not be given up with it
        self._link.things[self._number] = self
        return self

    def _at(self, link: Link) -> Thing:
        """Return the same in one of the student's processes."""
        if link is self._link:
            return self._here()
        again = link.look(self._label or self._name)
        if not isinstance(again, RemoteAnswer):
            raise Died(f"{self._name} is not there")
        return again


class RemoteAnswer(Thing, Answer):
    """Hold a function or class of the student's process; it can also simply be called."""

    def __init__(self, link: Link, number: int, name: str, label: str = ""):
        Thing.__init__(self, link, number, name, label)
        self.name = self.__name__ = self.__qualname__ = name
        self.__doc__, self.__annotations__ = None, {}  # not ours for the student's: they are not known here

    def call(self, *args: Any, seconds: float = CALL_SECONDS, forbid: str = "", **kwargs: Any) -> Reply:
        reply = self._use("call", args, kwargs, seconds, forbid)
        if reply.status == "forbidden":
            whose = "exercise" if forbid else "course"
            self._link.owner.note(
                "forbidden", f"{self.name} uses {reply.forbidden}, which this {whose} rules out"
            )
        return reply

    def _ruled_out(self, forbid: str = "") -> str:
        """Return what the answer's source uses of what this call or the course rules out; empty if nothing."""
        libraries = [*self._link.forbid, *([forbid] if forbid else [])]
        sources, name = tuple(self._link.sources), self._label or self.name
        found = (reaches(sources, name, library) for library in libraries)
        return next(filter(None, found), "")

    def build(self, *args: Any, seconds: float = CALL_SECONDS, forbid: str = "", **kwargs: Any) -> Reply:
        return self._use("build", args, kwargs, seconds, forbid)

    def attribute(self, name: str) -> Reply:
        return self._use("attribute", (name,), {}, CALL_SECONDS)

    def as_module(self) -> Built:
        return self._made("as_module")

    def place(self, reference: Reference) -> Built:
        return self._made("place", reference)

    def source(self) -> str:
        return definition(self._link.sources, self._label or self.name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it as the plain function that a test expects: a value comes back, or an exception."""
        return called(self, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        if name == "__bases__" and self._bases:  # `issubclass` asks for it
            return (*self._bases, *operated(self, "parents"))
        if name.startswith("_") or (name in VERDICTS and not (self._makes_objects or self._under_test)):
            raise AttributeError(name)
        return operated(self, "get", name)

    def __instancecheck__(self, one: Any) -> bool:
        return self._link.numbered(one) is not None and operated(self, "holds", one) is True

    def _use(self, method: str, args: tuple, kwargs: dict, seconds: float, forbid: str = "") -> Reply:
        found = self._ruled_out(forbid if method == "call" else "")
        if found:
            return Reply("forbidden", arguments=args, forbidden=found)
        question = {"do": "answer", "method": method, "forbid": forbid}
        return used(self, self._link.owner.ruling_out(forbid), question, args, kwargs, seconds)

    def _made(self, method: str, *args: Any) -> Built:
        self._link.owner.ruling_out("")
        question = {"do": "answer", "target": self._here(), "method": method}
        try:
            made = self._link.ask({**question, "args": list(args), "kwargs": {}}, CALL_SECONDS)
        except (Died, LinkLate, Refused) as why:
            raise as_error("RuntimeError", str(why)) from None
        if not isinstance(made, Built):
            raise as_error("TypeError", f"{self.name} made no module")
        return made


def _asking(method: str) -> Callable[..., Reply]:
    """Return a method that is done with the module where it lives."""

    def ask(self: RemoteBuilt, *args: Any, **kwargs: Any) -> Reply:
        question, seconds = {"do": "built", "method": method}, kwargs.get("seconds", CALL_SECONDS)
        return used(self, self._link, question, args, kwargs, seconds, settle=False)

    return ask


ASKED = {name: _asking(name) for name, method in vars(Built).items() if callable(method) and name[0] != "_"}


class RemoteBuilt(Thing, type("Asked", (Built,), ASKED)):
    """Hold a module that the student's code made. Every method of `Built` is done where it lives."""

    def __init__(self, link: Link, number: int, kinds: tuple[str, ...]):
        Thing.__init__(self, link, number, kinds[0] if kinds else "module")
        self.kinds = kinds


def called(thing: Thing, args: tuple, kwargs: dict) -> Any:
    """Call what lives in the student's process as a plain test does; gradients flow back through it."""
    thing._link.owner.ruling_out("")  # a plain call rules nothing out
    learning = thing._link.shared().learning(thing, args, kwargs) if torch_here() is not None else None
    question = {"do": "call", "learn": None if learning is None else learning.told}
    ruled_out = thing._ruled_out() if isinstance(thing, RemoteAnswer) else ""
    value = outcome(thing, question, args, kwargs, ruled_out)
    if learning is not None:
        value = learning.joined(value)
    made = getattr(value, "__dict__", {}).get("__far__", value)  # of a module, what stands behind it
    if thing._makes_objects and isinstance(made, Thing):
        made._under_test = True
    return args[value.place] if isinstance(value, Same) and 0 <= value.place < len(args) else value


def operated(thing: Thing, operation: str, *args: Any) -> Any:
    """Do with an object of the student's process one of the things that a plain test does with it."""
    return outcome(thing, {"do": "operate", "method": operation}, args, {})


def outcome(thing: Thing, question: dict, args: tuple, kwargs: dict, ruled_out: str = "") -> Any:
    """Return what the student's code gave, or raise what it raised; `ruled_out` is what it may not use."""
    left = thing._link.seconds_left()
    if left <= 0:
        raise as_error("TimeoutError", f"the time of this cell was over when {thing._name} was called")
    reply = Reply("forbidden", forbidden=ruled_out)
    if not ruled_out:
        with thing._link.plainly(keeps=bool(thing._bases)):
            reply = used(thing, thing._link, question, args, kwargs, left)
    print(reply.printed, end="")
    if reply.status == "returned":
        return reply.value
    if reply.status == "endless":
        raise as_error("TimeoutError", f"{thing._name} did not finish in time")
    if reply.status == "forbidden":
        said = f"{thing._name} uses {reply.forbidden}, which this course rules out"
        thing._link.owner.note("forbidden", said)
        raise as_error("AssertionError", said)
    raise reply.error or as_error("RuntimeError", f"{thing._name}: {reply.status}")


def used(
    thing: Thing, link: Link, question: dict, args: tuple, kwargs: dict, seconds: float, settle: bool = True
) -> Reply:
    """Ask one of the student's processes to use an answer or a module, and return what came back.

    With `settle`, what the call changed in its arguments is changed here too, as in one process.
    """
    started = time.perf_counter()
    try:
        asked = {**question, "target": thing._at(link), "args": list(args), "kwargs": kwargs}
        told = link.ask({**asked, "seconds": seconds}, seconds)
        return _reply(told, args, kwargs, time.perf_counter() - started, settle)
    except LinkLate:
        return Reply("endless", arguments=args, seconds=time.perf_counter() - started)
    except Died as how:
        error: LearnerError = as_error("ProcessDied", f"the process that ran this code ended: {how}")
    except Refused as why:
        error = as_error("RuntimeError", str(why))
    return Reply("raised", arguments=args, error=error, seconds=time.perf_counter() - started)


STATUSES = ("returned", "raised", "stub", "endless", "forbidden")


def _reply(told: Any, args: tuple, kwargs: dict, seconds: float, settle: bool) -> Reply:
    if not isinstance(told, dict) or told.get("status") not in STATUSES:
        raise Refused("what came back is no reply")
    after, changed = told.get("args"), told.get("kwargs")
    after = after if isinstance(after, list) and len(after) == len(args) else [None] * len(args)
    if settle and isinstance(changed, dict):
        for name, new in changed.items():
            settled(kwargs.get(name), new)
    pairs = zip(args, after, strict=True)
    error = told.get("error")
    return Reply(
        status=told["status"],
        value=told.get("value") if told["status"] == "returned" else None,
        arguments=tuple(settled(old, new) if settle or new is None else new for old, new in pairs),
        error=as_error(*error) if isinstance(error, list) and len(error) == 4 else None,
        printed=str(told.get("printed", ""))[:2000],
        seconds=seconds,
        forbidden=str(told.get("forbidden", ""))[:200],
    )
