"""Watch what a student's processes use together: the limits of the system count each one alone."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def families(roots: list[int]) -> dict[int, list[int]]:
    """Return, for every root, it and all processes that descend from it."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, IndexError, ValueError):  # it ended just now
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found: dict[int, list[int]] = {root: [] for root in roots}
    for process in parents:
        at = process
        while at in parents and at not in found:
            at = parents[at]
        if at in found:
            found[at].append(process)
    return found


def quick_memory(process: int) -> int:
    """Return the bytes of its own that a process holds; what a fork shares is counted in full."""
    try:
        _, resident, shared, *_ = Path("/proc", str(process), "statm").read_text().split()
    except (OSError, ValueError):
        return 0
    return (int(resident) - int(shared)) * PAGE


def exact_memory(process: int) -> int:
    """Return the same, but what is shared is divided among those who share it."""
    try:
        lines = Path("/proc", str(process), "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss_Anon:"))


def too_large(limits: dict[int, int], shared: int) -> list[int]:
    """Return the roots whose families hold more than their limit; `shared` is what each had from its fork."""
    large = []
    for root, family in families(list(limits)).items():
        quick = sum(max(0, quick_memory(process) - shared) for process in family)
        if quick > limits[root] and sum(map(exact_memory, family)) > limits[root] + shared:
            large.append(root)
    return large
