"""Notice when an answer hands the work to a library that the exercise rules out."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any


class Forbidden(BaseException):
    """Say which forbidden function was reached.

    Not an `Exception`: an answer must not be able to catch it and go on. One that does is told at its end.
    """


@contextlib.contextmanager
def nothing_forbidden() -> Iterator[None]:
    """Watch nothing."""
    yield


@contextlib.contextmanager
def watched(library: str) -> Iterator[None]:
    """Raise `Forbidden` as soon as the block calls `library`; only "torch" is known.

    PyTorch itself reports every call made in a thread, so no function of it is replaced and a
    renamed import changes nothing. Threads that the block starts are watched too, and told of when it ends.

    >>> import torch
    >>> with watched("torch"):  # doctest: +ELLIPSIS
    ...     torch.zeros(2)
    Traceback (most recent call last):
    ...
    convbook.answers.watch.Forbidden: torch...
    """
    if library != "torch":
        raise ValueError(f"only torch can be watched, not {library!r}")
    from torch.overrides import TorchFunctionMode, resolve_name
    from torch.utils._python_dispatch import TorchDispatchMode

    found: list[
        Forbidden
    ] = []  # kept, for an answer, a pool of threads or TorchScript may swallow what is raised

    def refuse(name: str) -> None:
        found.append(Forbidden(name))
        raise found[-1]

    class Calls(TorchFunctionMode):
        def __torch_function__(self, function, types, args=(), kwargs=None):
            refuse(resolve_name(function) or "torch")

    class Operations(TorchDispatchMode):  # what bypasses the above: compiled and scripted code
        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            refuse("torch")

    @contextlib.contextmanager
    def modes() -> Iterator[None]:
        with Operations(), Calls():
            yield

    try:
        with _threads_watched(modes), modes():
            yield
    finally:
        if found:
            raise found[0] from None


@contextlib.contextmanager
def _threads_watched(modes: Callable[[], Any]) -> Iterator[None]:
    """Run every thread that this one starts, and those they start, inside `modes`."""
    original, family = threading.Thread.start, {threading.get_ident()}

    def start(thread: threading.Thread) -> None:
        if threading.get_ident() in family:
            thread.run = _guarded(thread.run, modes, family)  # type: ignore[method-assign]
        original(thread)

    threading.Thread.start = start  # type: ignore[method-assign]
    try:
        yield
    finally:
        threading.Thread.start = original  # type: ignore[method-assign]


def _guarded(run: Callable[[], None], modes: Callable[[], Any], family: set[int]) -> Callable[[], None]:
    def guarded() -> None:
        family.add(threading.get_ident())
        with contextlib.suppress(Forbidden), modes():
            run()

    return guarded
