"""What travels between the grader's rooms: a job goes to a worker, a result comes back. Plain data only.

Both turn into plain values and back without loss, so a job can cross to another process or another machine.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Limits:
    """Bound what one submission may use: seconds, bytes, numbers of things."""

    cell_seconds: float = 30.0
    own_seconds: float = 60.0  # for all of a notebook's cells but the tests; then each has MODEST_SECONDS
    submission_seconds: float = 300.0
    memory_bytes: int = 2 * 1024**3
    file_bytes: int = 64 * 1024**2
    disk_bytes: int = 256 * 1024**2
    processes: int = 64
    open_files: int = 256
    output_bytes: int = 200_000


@dataclass(frozen=True)
class Cell:
    """One code cell to run. `role` is `student` (runs in the sandbox) or `check` (runs in the trusted process).

    `declared_weak` on a check cell: it may run beside the student's code where it cannot run apart.
    `seen`: students were given all that it calls answers with, as in a plain test without hidden lines.
    """

    id: str
    role: str
    source: str
    points: float = 0.0
    declared_weak: bool = False
    seen: bool = False


@dataclass(frozen=True)
class Tried:
    """Hold what the instructor's own notebook shows: ids of check cells.

    `weak` ones pass only beside the code that they test, `unsolved` ones do not pass at all. All its other cells
    took `seconds` together. `hidden` libraries are ruled out wherever they could be used. `shared`: the tests need
    what earlier tests left in the student's process.
    """

    weak: frozenset[str] = frozenset()
    unsolved: frozenset[str] = frozenset()
    seconds: float = 0.0
    hidden: tuple[str, ...] = ()
    shared: bool = False

    def plain(self) -> dict[str, Any]:
        """Return it as it is stored and sent."""
        return {**asdict(self), "weak": sorted(self.weak), "unsolved": sorted(self.unsolved)}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Tried:
        """Return what `plain` wrote."""
        cells = {name: frozenset(plain[name]) for name in ("weak", "unsolved")}
        return cls(**plain | cells | {"hidden": tuple(plain["hidden"])})


@dataclass(frozen=True)
class Job:
    """One notebook of one student, ready to run: repaired, in order. `key` is the hash of all that is graded."""

    key: str
    student: str
    notebook: str
    cells: tuple[Cell, ...]
    # What lies beside the notebook. Paths are read when the job leaves: many hand-ins' files would fill the memory.
    files: Mapping[str, bytes | Path] = field(default_factory=dict)
    limits: Limits = Limits()
    seed: int = 0
    # `instructor` tells the trusted process where the names of a check cell come from: the source notebook's code
    # cells in order. Roles: `student` for the cells with a solution, `check` for the cells with tests, `setup` for all
    # others (imports, data, helpers). A name that a `setup` cell defines last is made from that cell, one that a
    # `student` cell defines comes from the student. Check cells are found by `id`.
    instructor: tuple[Cell, ...] = ()
    trusted_files: dict[str, bytes] = field(default_factory=dict)  # what lies beside the source notebook
    forbid: tuple[str, ...] = ()  # libraries, or parts of them, that the course rules out
    hidden: tuple[str, ...] = ()  # libraries that no test lets an answer use
    # Show students' processes all of this library: tests run there, for no source tells of them.
    whole: bool = False
    shared: bool = False  # run all tests in one student's process, not each in a fork

    def without(self, library: str = "") -> tuple[str, ...]:
        """Return the libraries that a student's process lacks, with one more that a test rules out."""
        return tuple(sorted({*self.forbid, *self.hidden, library} - {""}))

    def apart(self) -> dict[str, Any]:
        """Return the job as `from_parts` takes it: JSON, and the files as bytes, which may be large."""
        files = {n: f.read_bytes() if isinstance(f, Path) else f for n, f in self.files.items()}
        bare = json.dumps(asdict(replace(self, files={}, trusted_files={})))
        return {"job": bare.encode(), "files": files, "trusted_files": self.trusted_files}

    @classmethod
    def from_parts(cls, job: bytes, **files: dict[str, bytes]) -> Job:
        """Return the job that `apart` took apart."""
        plain = json.loads(job)
        cells = {name: tuple(Cell(**cell) for cell in plain[name]) for name in ("cells", "instructor")}
        words = {name: tuple(plain[name]) for name in ("forbid", "hidden")}
        return cls(**plain | cells | words | files | {"limits": Limits(**plain["limits"])})


@dataclass
class CellResult:
    """What one cell did. `status`: `ok`, `error`, `time-out`, `died` (its process ended), `skipped`.

    `outputs` are nbformat 4 output dicts. `weak`: the check ran beside the student's code.
    `mistakes` are the names a check of ours recognised. `timed`: the clock decided, not a comparison.
    `attempted` is false where a test met an answer that is still as it was handed out.
    """

    id: str
    status: str
    outputs: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0
    weak: bool = False
    mistakes: list[str] = field(default_factory=list)
    timed: bool = False
    attempted: bool = True

    @classmethod
    def ended(cls, cell: str, status: str, name: str, said: str) -> CellResult:
        """Return the result of a cell that ended with an error which it did not raise itself."""
        error = {"output_type": "error", "ename": name, "evalue": said, "traceback": [f"{name}: {said}"]}
        return cls(cell, status, [error])


@dataclass
class Result:
    """What one job gave. `events` are sentences for the tamper report, each `{"kind", "cell", "sentence"}`."""

    key: str
    student: str
    notebook: str
    cells: list[CellResult] = field(default_factory=list)
    events: list[dict[str, str]] = field(default_factory=list)
    sandboxed: bool = False
    seconds: float = 0.0
    processor: dict[str, float] = field(default_factory=dict)  # seconds of the processes of both roles
    worker: str = ""
    asked: list[str] = field(default_factory=list)  # libraries that tests ruled out; "": one ruled out none

    @property
    def timed(self) -> int:
        """Return in how many cells the clock decided: alone on the machine they might end otherwise."""
        return sum(cell.timed for cell in self.cells)

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Result:
        """Return the result that `dataclasses.asdict` made plain."""
        return cls(**plain | {"cells": [CellResult(**cell) for cell in plain["cells"]]})
