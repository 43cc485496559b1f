"""What went wrong in the student's process: its exceptions, as exceptions here, and how it ended."""

from __future__ import annotations

import builtins
import functools
import signal
from typing import Any

from convbook.forms import LearnerError

NOT_STARTED, NO_MEMORY = 70, 71  # exit codes
TOO_LONG = "it used too much processor time"
WORDS = {
    NOT_STARTED: "it could not be started",
    NO_MEMORY: "it had no memory left",
    -signal.SIGSEGV: "a segmentation fault",
    -signal.SIGBUS: "a bus error",
    -signal.SIGABRT: "it aborted",
    -signal.SIGFPE: "an arithmetic error of the processor",
    -signal.SIGKILL: "it was ended, for its memory or for its time",
    -signal.SIGXCPU: TOO_LONG,
    -signal.SIGPROF: TOO_LONG,
}


def as_error(kind: Any, message: Any = "", trace: Any = "", bases: Any = ()) -> LearnerError:
    """Return an exception that is called `kind` and is caught by `except` clauses for its builtin bases.

    >>> isinstance(as_error("ValueError", "k is even"), ValueError)
    True
    >>> isinstance(as_error("Mine", "", "", ["Mine", "KeyError", "Exception"]), LookupError)
    True
    """
    kind, message, trace = str(kind)[:200], str(message)[:10_000], str(trace)[:50_000]
    names = [base for base in bases if isinstance(base, str)] if isinstance(bases, list) else []
    rest = names[1:20] if names[:1] == [kind] else names[:20]
    return error_class((kind, *rest))(kind, message, trace)


class Raised(LearnerError):
    """Say what an exception of the student's process said, with its own traceback."""

    def __init__(self, kind: str, message: str, trace: str):
        Exception.__init__(self, message)
        self.kind, self.message, self.trace = kind, message, trace

    def __str__(self) -> str:
        return self.message

    def _render_traceback_(self) -> list[str]:
        return [self.trace or f"{self.kind}: {self.message}".removesuffix(": ")]


@functools.lru_cache(1000)
def error_class(names: tuple[str, ...]) -> type[LearnerError]:
    """Return the class of an exception by its name and those of its base classes: the same for the same names.

    >>> issubclass(error_class(("Mine", "Theirs", "KeyError")), error_class(("Theirs", "KeyError")))
    True
    """
    kind = names[0] if names[0].isidentifier() else "Error"
    found = builtin_error(kind)
    if found is None and len(names) > 1:
        return type(kind, (error_class(names[1:]),), {"__module__": "builtins"})
    try:
        return type(kind, (Raised, *([found] if found else [])), {"__module__": "builtins"})
    except TypeError:  # exceptions of which nothing can be derived together with another
        return type(kind, (Raised,), {"__module__": "builtins"})


def builtin_error(name: str) -> type[Exception] | None:
    """Return Python's own exception of that name; None where there is none."""
    found = getattr(builtins, name, None)
    return found if isinstance(found, type) and issubclass(found, Exception) else None


def how(code: int) -> str:
    """Say in words how a process ended."""
    return WORDS.get(code) or (f"it left with code {code}" if code >= 0 else f"signal {-code}")
