"""Stop a call that takes too long, in any thread and on any system."""

from __future__ import annotations

import _thread
import contextlib
import ctypes
import functools
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

TICK = 0.1  # seconds between two interruptions of a call that does not give up


now: Callable[[], float] = time.monotonic  # what limits are counted in; grading sets `own_time`


def own_time() -> float:
    """Return seconds that stand still while this process waits for a processor that others use.

    They go on while it computes, sleeps or waits for anything else. Elsewhere than on Linux they always go on.
    """
    try:
        waited = int(Path("/proc/self/schedstat").read_text().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        waited = 0.0
    return time.monotonic() - waited


class TooSlow(BaseException):
    """Say that a call was stopped by the clock.

    Not an `Exception`: an answer's own `except Exception` must not swallow it.
    """


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `TooSlow` inside the block once `seconds` have passed.

    In a main thread where signals exist, sleeping and waiting end at once, and a call that catches everything is
    interrupted again at its every step until it gives up. Elsewhere (Windows, other threads) Python code is
    interrupted every tenth of a second. A single long computation in C is stopped when it returns.

    >>> with time_limit(1.0):
    ...     sum(range(10))
    45
    """
    owner = sys._getframe(2)  # the frame of the `with`, behind contextlib
    interruption = Signals(owner) if _signals_work() else Raising()
    done, lock = threading.Event(), threading.Lock()
    ends = now() + seconds

    def interrupt_when_due() -> None:
        wait = seconds
        while not done.wait(wait):
            if (wait := ends - now()) > 0:
                continue
            with lock:
                if not done.is_set():
                    interruption.interrupt()
            wait = TICK

    watcher = threading.Thread(target=interrupt_when_due, daemon=True, name="convbook-time-limit")
    interruption.begin()
    watcher.start()
    try:
        yield
    finally:
        # From here on nothing may be raised; what was raised and not yet delivered is taken back.
        interruption.active = False
        with lock:
            done.set()
            interruption.end()
        # A watcher still alive while Python shuts down could free the block's last tensor there, which ends the
        # process. It wakes at once, so waiting for it costs a switch of threads.
        watcher.join()


class Raising:
    """Interrupt this thread by an exception that Python delivers at its next step."""

    active = True

    def __init__(self) -> None:
        self.thread = threading.get_ident()

    def begin(self) -> None:
        """Nothing is needed."""

    def interrupt(self) -> None:
        """Let `TooSlow` be raised in the thread that made this object."""
        self._set(ctypes.py_object(TooSlow))

    def end(self) -> None:
        """Take back what was not delivered."""
        self._set(None)

    def _set(self, error: Any) -> None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.thread), error)


class Signals:
    """Interrupt the main thread by a signal, which wakes it from sleep too.

    SIGURG is ignored where no handler is set, so one that comes late does no harm. `owner` is the frame
    that holds the `with` block: while the block is being left, nothing is raised.
    """

    active = True

    def __init__(self, owner: FrameType):
        self.owner: FrameType | None = owner
        self.before: Any = None
        self.again = _again()

    def begin(self) -> None:
        """Take the signal."""
        self.before = signal.signal(signal.SIGURG, self._handle)

    def interrupt(self) -> None:
        """Send the signal to the main thread."""
        with contextlib.suppress(OSError):
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGURG)

    def end(self) -> None:
        """Give the signal back, and let go of the frame: its variables are the caller's to free."""
        signal.signal(signal.SIGURG, self.before)
        self.owner = None

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if not self.active:
            return
        inner = None
        while frame is not None and frame is not self.owner:
            frame, inner = frame.f_back, frame
        if inner is not None and inner.f_code.co_name in ("__enter__", "__exit__"):
            return
        if inner is not None and frame is not None:  # once more at the very next step: `except` is no way out
            _ = -self.again
        raise TooSlow


def _again() -> Any:
    """Return an object whose negative trips the signal once more.

    Python looks at signals after every call and every jump back. Were this a call, the handler would interrupt itself;
    an operator is none, so the next look is taken in the learner's code.
    """
    trip = functools.partial(_thread.interrupt_main, signal.SIGURG)
    return type("Again", (), {"__neg__": staticmethod(trip)})()


def _signals_work() -> bool:
    return (
        threading.current_thread() is threading.main_thread()
        and hasattr(signal, "pthread_kill")
        and signal.getsignal(signal.SIGURG) is not None  # None: taken by something that is not Python
    )
