"""Show how far a run is: a bar that is redrawn in a terminal; elsewhere a line for the first result and now and then."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Callable
from typing import TextIO

WIDTH = 24
PAUSE = 10.0  # seconds between two lines where a bar cannot be redrawn
REDRAW = 0.1
TICK = 1.0  # seconds between two redrawings while nothing is done
ENOUGH = 3  # results from which the rest can be told
SILENCE = 5.0  # seconds without a result after which no promise is made


class Progress:
    """Count submissions; use it as a context manager. Writes to stderr, so `--json` on stdout stays clean."""

    def __init__(self, total: int, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic):
        self.total, self.done = total, 0
        self.stream = stream or sys.stderr
        self.live = self.stream.isatty()
        self.clock = clock
        # When the first and the last result came, and the last drawing.
        self.first = self.stepped = self.drawn = clock()
        self.who, self.slowest = "", (0.0, "")
        self.ended, self.lock = threading.Event(), threading.Lock()

    def __enter__(self) -> Progress:
        if self.live:
            threading.Thread(target=self._tick, daemon=True, name="convbook-progress").start()
        return self

    def __exit__(self, *error: object) -> None:
        self.ended.set()
        if self.live and self.total:
            self._write("\r\x1b[K")

    def step(self, who: str, seconds: float = 0.0) -> None:
        """Say that one more is done, whose it was and how long it took."""
        self.done, self.who = self.done + 1, who
        self.slowest = max(self.slowest, (seconds, who))
        now = self.stepped = self.clock()
        self.first = now if self.done == 1 else self.first
        due = now - self.drawn >= (REDRAW if self.live else PAUSE)
        if due or self.done == 1 or (self.live and self.done == self.total):
            self._draw()

    def test(self, who: str, cell: str, right: bool) -> None:
        """Say, while no hand-in is done yet, how a test of the first one went."""
        if self.done == 0 and (self.live or not self.who):
            verdict = "right" if right else "not right"
            self.who = f"{who}: {verdict}, {cell}"  # a narrow terminal cuts the end off
            self._draw()

    def line(self, who: str) -> str:
        """Return the line that is shown."""
        full = int(WIDTH * self.done / max(1, self.total))
        left = self.remaining()
        slow = f"  slowest so far {self.slowest[1]} ({self.slowest[0]:.0f} s)" if self.slowest[0] >= 2 else ""
        return f"{'█' * full}{'·' * (WIDTH - full)} {self.done}/{self.total}  {left}  {who}{slow}"

    def remaining(self) -> str:
        """Return how long it will still take, as far as can be told; after a silence, that it cannot be told."""
        if not self.done:
            return "starting"
        now, left = self.clock(), self.total - self.done
        # The start counts once, not for every hand-in.
        each = (self.stepped - self.first) / max(1, self.done - 1)
        silence = now - self.stepped
        if left and silence > max(SILENCE, 3 * each):
            return f"{silence:.0f} s without a result, {left} to come"
        if left and self.done < ENOUGH:
            return f"{left} to come"
        seconds = max(0.0, each * left - silence)
        return f"{seconds:.0f} s left" if seconds < 100 else f"{seconds / 60:.0f} min left"

    def _tick(self) -> None:
        while not self.ended.wait(TICK):
            if self.clock() - self.drawn >= TICK:
                self._draw()

    def _draw(self) -> None:
        self.drawn, line = self.clock(), self.line(self.who)
        room = shutil.get_terminal_size().columns - 1
        self._write(f"\r\x1b[K{line[:room]}" if self.live else line + "\n")

    def _write(self, text: str) -> None:
        try:
            with self.lock:
                self.stream.write(text)
                self.stream.flush()
        except (OSError, ValueError, UnicodeError):
            self.live = False
