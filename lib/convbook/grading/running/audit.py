"""Notice what a student's cell reaches for: the network, files outside its folder, the inside of this library."""

from __future__ import annotations

import os
import sys
from typing import Any

MOST = 20  # of a kind that is told
PYTHON = os.path.dirname(os.__file__)
NETWORK = {"socket.connect", "socket.sendto", "socket.bind", "socket.getaddrinfo"}
HEARD = {*NETWORK, "open"}


class Audit:
    """Listen to Python's audit events; only what a cell does itself counts, not what a library does for it."""

    def __init__(self) -> None:
        self.seen: list[list[str]] = []
        places = {sys.prefix, sys.base_prefix, os.getcwd(), *sys.path, "/tmp", "/dev", "/proc", "/usr"}
        self.folders = tuple(map(os.path.realpath, places))
        sys.addaudithook(self.listen)

    def taken(self) -> list[list[str]]:
        """Return what was seen since the last time, as `[kind, what]`."""
        seen, self.seen = self.seen, []
        return seen

    def listen(self, event: str, args: tuple[Any, ...]) -> None:
        """Hear one audit event."""
        if event not in HEARD or len(self.seen) >= MOST or not _by_a_cell():
            return
        if event == "open":
            if isinstance(args[0], str) and not self._is_inside(args[0]):
                self.seen.append(["file", args[0][:200]])
        elif event == "socket.getaddrinfo" or isinstance(args[1], tuple):  # processes talk by names of files
            self.seen.append(["network", event])

    def inside(self, module: str) -> None:
        """Note that a module was imported which is none of a learner's."""
        if len(self.seen) < MOST:
            self.seen.append(["inside", module[:200]])

    def _is_inside(self, path: str) -> bool:
        full = os.path.realpath(path)
        return any(full == folder or full.startswith(folder + os.sep) for folder in self.folders)


def _by_a_cell() -> bool:
    """Tell whether a cell itself called: the first frame outside Python's own library is a cell's."""
    frame = sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith("<ipython-input"):
            return True
        if not _standard(name) and frame.f_code.co_name != "_modified_open":  # IPython's own `open`
            return False
        frame = frame.f_back
    return False


def _standard(name: str) -> bool:
    own = name.endswith("audit.py") or name.startswith("<frozen")
    return own or (name.startswith(PYTHON) and "site-packages" not in name)


def sentence(kind: str, what: str) -> tuple[str, str]:
    """Return the kind of an attempt and the sentence that reports it."""
    if kind == "network":
        return kind, f"the cell reached for the network ({what})"
    if kind == "inside":
        return kind, f"the cell imports {what}, which belongs to the inside of this library"
    return "file", f"the cell opened {what}, which lies outside its folder"
