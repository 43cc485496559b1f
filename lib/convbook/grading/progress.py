"""Show how far a run is: a bar that is redrawn in a terminal, a line now and then elsewhere."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from typing import TextIO

WIDTH = 24
PAUSE = 10.0  # seconds between two lines where a bar cannot be redrawn
REDRAW = 0.1


class Progress:
    """Count submissions; use it as a context manager. Writes to stderr, so `--json` on stdout stays clean."""

    def __init__(self, total: int, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic):
        self.total, self.done = total, 0
        self.stream = stream or sys.stderr
        self.live = bool(getattr(self.stream, "isatty", lambda: False)())
        self.clock, self.begun = clock, clock()
        self.drawn = self.begun if not self.live else float("-inf")
        self.slowest: tuple[float, str] = (0.0, "")

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *error: object) -> None:
        if self.live and self.total:
            self._write("\r\x1b[K")

    def step(self, who: str, seconds: float = 0.0) -> None:
        """Say that one more is done, whose it was and how long it took."""
        self.done += 1
        self.slowest = max(self.slowest, (seconds, who))
        now = self.clock()
        if now - self.drawn >= (REDRAW if self.live else PAUSE) or (self.live and self.done == self.total):
            self.drawn = now
            self._write(
                ("\r\x1b[K" + self.line(who)[: _columns() - 1]) if self.live else self.line(who) + "\n"
            )

    def line(self, who: str) -> str:
        """Return the line that is shown."""
        full = int(WIDTH * self.done / max(1, self.total))
        left = self.remaining()
        slow = f"  slowest so far {self.slowest[1]} ({self.slowest[0]:.0f} s)" if self.slowest[0] >= 2 else ""
        return f"{'█' * full}{'·' * (WIDTH - full)} {self.done}/{self.total}  {left}  {who}{slow}"

    def remaining(self) -> str:
        """Return how long it will still take, as far as can be told."""
        if not self.done:
            return "starting"
        seconds = (self.clock() - self.begun) / self.done * (self.total - self.done)
        return f"{seconds:.0f} s left" if seconds < 100 else f"{seconds / 60:.0f} min left"

    def _write(self, text: str) -> None:
        try:
            self.stream.write(text)
            self.stream.flush()
        except (OSError, ValueError, UnicodeError):
            self.live = False


def _columns() -> int:
    return shutil.get_terminal_size().columns
