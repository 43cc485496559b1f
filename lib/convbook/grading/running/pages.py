"""Gather a process's memory in large pages: a fork copies the table of pages, and 2 MB then take one entry, not 512."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

LARGE = 2 * 1024**2
COLLAPSE = 25  # MADV_COLLAPSE, since Linux 6.1; elsewhere nothing happens


def gather() -> None:
    """Gather what lies in whole large pages, where the system can."""
    if not sys.platform.startswith("linux"):
        return
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    for start, end in _own_memory():
        first, last = -(-start // LARGE) * LARGE, end // LARGE * LARGE
        if first < last:
            advise(first, last - first, COLLAPSE)


def _own_memory() -> list[tuple[int, int]]:
    """Return where memory lies that is this process's alone and no file's."""
    found = []
    for line in Path("/proc/self/maps").read_text().splitlines():
        place, rights, _, _, inode, *name = line.split()
        if rights == "rw-p" and inode == "0" and name != ["[stack]"]:
            start, _, end = place.partition("-")
            found.append((int(start, 16), int(end, 16)))
    return found
