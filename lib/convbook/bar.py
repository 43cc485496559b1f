"""A progress bar of one line on standard output: nbgrader gives no points to a cell that writes to stderr."""

from __future__ import annotations

import sys
import threading

from tqdm import tqdm

PAUSE = 0.25  # seconds between two drawings: a notebook that is run by a program keeps every one of them


class Bar(tqdm):
    """Draw tqdm's bar as text where somebody can watch it, and nothing anywhere else.

    Text needs no widget, and a saved notebook keeps its last state. `options` are tqdm's own.
    """

    # No thread that watches the bar: a sandbox may refuse one, and tqdm would warn of that on stderr. No lock for
    # several processes either: on macOS that starts a helper process.
    monitor_interval = 0
    _lock = threading.RLock()

    def __init__(self, total: int, shown: bool = True, **options):
        super().__init__(
            total=total, file=sys.stdout, disable=not (shown and watched()), mininterval=PAUSE, miniters=1,
            position=0, **options,
        )  # fmt: skip


def watched() -> bool:
    """Return whether standard output is a terminal or the output of a notebook's cell, not a file or a pipe."""
    shell = sys.modules.get("IPython")
    return sys.stdout.isatty() or (shell is not None and shell.get_ipython() is not None)
