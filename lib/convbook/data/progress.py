"""A line of text that grows while a file comes in."""

from __future__ import annotations

import sys
import time

WIDTH = 24  # characters
PAUSE = 0.2  # seconds between two drawings


class Progress:
    """Draw how much of a file has come, on one line of standard output that is drawn again and again."""

    def __init__(self, name: str, total: int, start: int = 0, quiet: bool = False):
        self.name, self.total, self.quiet = name, total, quiet
        self.start, self.came, self.began, self.drawn = start, start, time.monotonic(), 0.0

    def at(self, came: int) -> None:
        """Note that `came` bytes of the file are here, and draw if the last drawing is old."""
        self.came = came
        now = time.monotonic()
        if not self.quiet and (now - self.drawn >= PAUSE or came == self.total):
            self.drawn = now
            # The blanks wipe what a longer line before this one left behind.
            print(
                "\r" + line(self.name, came, self.total, self._speed(now), blocks()) + "    ",
                end="",
                flush=True,
            )

    def end(self) -> None:
        """Close the line, so that what is printed next begins on one of its own."""
        if self.drawn:
            print(file=sys.stdout, flush=True)
            self.drawn = 0.0

    def _speed(self, now: float) -> float:
        return max(self.came - self.start, 0) / max(now - self.began, 1e-9)


def line(name: str, came: int, total: int, bytes_per_second: float, blocks: str) -> str:
    """Return the text of a progress bar, drawn with the two characters of `blocks`.

    >>> line("images.gz", 2_000_000, 8_000_000, 1_000_000.0, "#.")
    'images.gz ######.................. 2.0 of 8.0 MB, 1.0 MB/s, 6 s left'
    """
    full = WIDTH * min(came, total) // max(total, 1)
    bar = blocks[0] * full + blocks[1] * (WIDTH - full)
    left = f", {(total - came) / bytes_per_second:.0f} s left" if bytes_per_second and came < total else ""
    return f"{name} {bar} {came / 1e6:.1f} of {total / 1e6:.1f} MB, {bytes_per_second / 1e6:.1f} MB/s{left}"


def blocks() -> str:
    """Return the two characters of a bar that this output can show: an old Windows console cannot show all."""
    try:
        "█░".encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return "#."
    return "█░"
