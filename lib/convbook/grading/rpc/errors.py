"""Exceptions of the student's process, as exceptions here."""

from __future__ import annotations

import builtins
from typing import Any

from convbook.forms import LearnerError


def as_error(kind: Any, message: Any = "", trace: Any = "", bases: Any = ()) -> LearnerError:
    """Return an exception that is called `kind` and is caught by `except` clauses for its builtin bases.

    >>> isinstance(as_error("ValueError", "k is even"), ValueError)
    True
    >>> isinstance(as_error("Mine", "", "", ["Mine", "KeyError", "Exception"]), LookupError)
    True
    """
    kind, message, trace = str(kind)[:200], str(message)[:10_000], str(trace)[:50_000]
    names = [kind, *(base for base in bases if isinstance(base, str))] if isinstance(bases, list) else [kind]
    found = next((b for n in names if (b := _builtin(n)) is not None), None)
    try:
        made = type(
            kind if kind.isidentifier() else "Error", (LearnerError, *([found] if found else [])), _BODY
        )
        return made(kind, message, trace)
    except TypeError:  # exceptions of which nothing can be derived together with another
        return type(kind if kind.isidentifier() else "Error", (LearnerError,), _BODY)(kind, message, trace)


def _builtin(name: str) -> type[Exception] | None:
    found = getattr(builtins, name, None)
    fits = isinstance(found, type) and issubclass(found, Exception) and found is not Exception
    return found if fits else None


def _begin(self: LearnerError, kind: str, message: str, trace: str) -> None:
    Exception.__init__(self, message)
    self.kind, self.message, self.trace = kind, message, trace


def _shown(self: LearnerError) -> list[str]:
    return [self.trace or f"{self.kind}: {self.message}".removesuffix(": ")]


_BODY = {
    "__init__": _begin,
    "__str__": lambda self: self.message,
    "_render_traceback_": _shown,
    "__module__": "builtins",
}
