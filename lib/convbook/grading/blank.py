"""Take a library away while one function runs: in the student's process, and only there."""

from __future__ import annotations

import _thread
import functools
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


def without(library: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return `function` such that every call of `library` from within it, in any thread, is `Forbidden`.

    The watch of `convbook.answers.watch` sees one thread; here the functions themselves are gone.
    """
    if library != "torch" or "torch" not in sys.modules:
        return function

    @functools.wraps(function, updated=())
    def alone(*args: Any, **kwargs: Any) -> Any:
        blanks = _blanks()
        starts = [
            (threading.Thread, "start"),
            (threading, "_start_new_thread"),
            (_thread, "start_new_thread"),
        ]
        kept_starts = [(owner, name, getattr(owner, name)) for owner, name in starts]
        for owner, name in starts:
            setattr(owner, name, _refused("another thread"))
        for space, _, gone in blanks:
            space.update(gone)
        try:
            return function(*args, **kwargs)
        finally:
            for owner, name, kept in kept_starts:
                setattr(owner, name, kept)
            for space, kept, _ in blanks:
                space.update(kept)

    return alone


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
