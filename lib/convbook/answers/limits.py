"""Stop a call that takes too long, in any thread and on any system."""

from __future__ import annotations

import _thread
import contextlib
import ctypes
import functools
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, ClassVar

IDLE = 1.0  # seconds between two looks of a watch that has nothing to do: most calls need not wake it
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
    watch = Watch.shared or Watch()
    interruption.begin()
    watch.begin(interruption, seconds)
    try:
        yield
    finally:
        # From here on nothing may be raised; what was raised and not yet delivered is taken back.
        interruption.active = False
        watch.end(interruption)
        if watch is not Watch.shared:
            watch.close()


class Watch:
    """Interrupt blocks that are late, from a thread of its own.

    Each block has its own watch. Where a process makes thousands of short calls (grading), one that is put at
    `Watch.shared` serves all of them: starting a thread takes longer than most calls. A block that ends in time says
    nothing to the thread, which wakes at the moment it had planned, finds the block gone, and sleeps on.
    """

    shared: ClassVar[Watch | None] = None

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.due: dict[Signals | Raising, float] = {}
        self.next, self.open = math.inf, True  # `next`: when the thread looks again
        self.thread: threading.Thread | None = None
        self.process = 0

    def begin(self, interruption: Signals | Raising, seconds: float) -> None:
        """Interrupt after so many seconds, and every tick from then on."""
        if (
            self.process != os.getpid()
        ):  # a fork takes no thread along, and perhaps a lock that nobody gives back
            self.__init__()
            self.process = os.getpid()
            self.thread = threading.Thread(target=self._run, daemon=True, name="convbook-time-limit")
            self.thread.start()
        with self.changed:
            moment = self.due[interruption] = now() + seconds
            if moment < self.next:
                self.changed.notify()

    def end(self, interruption: Signals | Raising) -> None:
        """Let a block go."""
        with self.changed:
            self.due.pop(interruption, None)
            interruption.end()

    def close(self) -> None:
        """End the thread.

        One still alive while Python shuts down could free a block's last tensor there, which ends the process. It
        wakes at once, so waiting for it costs a switch of threads.
        """
        with self.changed:
            self.open = False
            self.changed.notify()
        if self.thread is not None:
            self.thread.join()

    def _run(self) -> None:
        with self.changed:
            while self.open:
                moment = now()
                for interruption in [one for one, due in self.due.items() if due <= moment]:
                    interruption.interrupt()
                    self.due[interruption] = moment + TICK
                self.next = min(self.due.values(), default=moment + IDLE)
                self.changed.wait(self.next - moment)


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
