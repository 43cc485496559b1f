"""A progress bar of one line on standard output, so that no notebook cell turns red."""

from __future__ import annotations

import sys
import time

from convbook.training.history import Moment

WIDTH = 20  # characters of the bar itself
PAUSE = 0.25  # seconds between two drawings: a notebook keeps every one of them in its file


def line(now: Moment) -> str:
    """Return the bar's text for this moment.

    >>> from convbook.training.history import History
    >>> line(Moment("plain 8", 2, 4, 5, 10, 0.25, 0.9, 0.1, 3.0, History()))
    'plain 8 · epoch 2/4 ███████▌············ loss 0.250 · accuracy 0.900 · 5 s to go'
    """
    eighths = round(now.done * WIDTH * 8)
    bar = "█" * (eighths // 8) + ("", *"▏▎▍▌▋▊▉")[eighths % 8]
    name = f"{now.name} · " if now.name else ""
    left = now.seconds * (1 - now.done) / now.done
    when = f"{left:.0f} s to go" if now.done < 1 else f"{now.seconds:.1f} s"
    scores = f"loss {now.loss:.3f} · accuracy {now.accuracy:.3f}"
    if now.history.validation_accuracies:
        scores += f" · validation {now.history.validation_accuracies[-1]:.3f}"
    return f"{name}epoch {now.epoch}/{now.epochs} {bar:·<{WIDTH}} {scores} · {when}"


class Bar:
    """Draw `line` again and again in the same place; draw nothing when not `shown`."""

    def __init__(self, shown: bool):
        self.shown = shown
        self._drawn_at = float("-inf")
        self._longest = 0

    def draw(self, now: Moment, always: bool = False) -> None:
        """Draw this moment, unless the last drawing is only just past."""
        if not self.shown or (time.perf_counter() - self._drawn_at < PAUSE and not always):
            return
        text = line(now)
        self._longest = max(self._longest, len(text))
        sys.stdout.write("\r" + text.ljust(self._longest))
        sys.stdout.flush()
        self._drawn_at = time.perf_counter()

    def end(self) -> None:
        """Leave the last drawing in place and go to the next line."""
        if self.shown and self._longest:
            sys.stdout.write("\n")
            sys.stdout.flush()
            self._longest = 0
