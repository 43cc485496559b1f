"""Take a library away while one function runs: in the student's process, and only there."""

from __future__ import annotations

import _thread
import contextlib
import functools
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

from convbook.answers.watch import Forbidden

MODULES = (
    "torch",
    "torch.nn.functional",
    "torch._C._nn",
    "torch._C._VariableFunctions",
    "torch.linalg",
    "torch.fft",
)


TAKEN: list[list[tuple[Any, str, Any]]] = []  # what is to be given back


def without(library: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return `function` such that every call of `library` from within it, in any thread, is `Forbidden`.

    The watch of `convbook.answers.watch` sees one thread; here the functions themselves are gone. Whoever calls it
    under a clock says `put_back` afterwards.
    """
    if library != "torch" or "torch" not in sys.modules:
        return function
    starts = [(threading.Thread, "start"), (threading, "_start_new_thread"), (_thread, "start_new_thread")]
    kept_starts = [(owner, name, getattr(owner, name)) for owner, name in starts]

    @functools.wraps(function, updated=())
    def alone(*args: Any, **kwargs: Any) -> Any:
        _end_helpers()
        TAKEN.append(kept_starts)
        for owner, name in starts:
            setattr(owner, name, _refused("another thread"))
        for space, _, gone in _blanks():
            space.update(gone)
        try:
            return function(*args, **kwargs)
        finally:
            put_back()

    return alone


def put_back() -> None:
    """Give back what a function had to do without; nothing if it has been given back.

    The clock interrupts a call at its every step, so that what `alone` does at its end may itself be cut off.
    """
    for kept_starts in TAKEN:
        for owner, name, kept in kept_starts:
            setattr(owner, name, kept)
    for space, kept, _ in _blanks() if TAKEN else ():
        space.update(kept)
    TAKEN.clear()


def _end_helpers() -> None:
    """End the processes that cells have left running: in one of them the library is still whole."""
    if os.getpid() != 1:  # not in a room of our own: they might be anybody's
        return
    for name in os.listdir("/proc"):
        if name.isdigit() and name != "1":
            with contextlib.suppress(OSError):
                os.kill(int(name), signal.SIGKILL)


@functools.cache
def _blanks() -> list[tuple[dict, dict, dict]]:
    """Return, for every namespace of torch, what it holds and what replaces it."""
    found = []
    for name in MODULES:
        module = functools.reduce(
            lambda at, part: getattr(at, part, None), name.split(".")[1:], sys.modules["torch"]
        )
        space = getattr(module, "__dict__", None)
        if not isinstance(space, dict):
            continue
        kept = {
            key: value
            for key, value in space.items()
            if not key.startswith("__") and callable(value) and not isinstance(value, type)
        }
        found.append((space, kept, {key: _refused(f"{name}.{key}") for key in kept}))
    return found


def _refused(name: str) -> Callable[..., Any]:
    def refused(*args: Any, **kwargs: Any) -> Any:
        raise Forbidden(name)

    return refused
