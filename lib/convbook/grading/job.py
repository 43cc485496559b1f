"""What travels between the grader's rooms: a job goes to a worker, a result comes back. Plain data only.

Both turn into JSON and back without loss, so a job can cross to another process or another machine.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

FILES = ("files", "trusted_files")  # a job's fields that hold files


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
        return cls(
            frozenset(plain["weak"]),
            frozenset(plain.get("unsolved", ())),
            plain.get("seconds", 0.0),
            tuple(plain.get("hidden", ())),
            plain.get("shared", False),
        )


@dataclass(frozen=True)
class Job:
    """One notebook of one student, ready to run: repaired, in order. `key` is the hash of all that is graded."""

    key: str
    student: str
    notebook: str
    cells: tuple[Cell, ...]
    files: Mapping[str, bytes] = field(
        default_factory=dict
    )  # what lies beside the notebook, perhaps read when asked for
    solution: tuple[str, ...] = ()  # the student-role cells of the instructor: warm up the trusted side
    limits: Limits = Limits()
    seed: int = 0
    instructor: tuple[Cell, ...] = ()  # the source notebook's code cells in order: see `Job.instructor` below
    trusted_files: dict[str, bytes] = field(default_factory=dict)  # what lies beside the source notebook
    figures: bool = True  # draw the figures that student cells leave open
    forbid: tuple[str, ...] = ()  # libraries, or parts of them, that the course rules out
    hidden: tuple[str, ...] = ()  # libraries that no test lets an answer use
    whole: bool = (
        False  # show students' processes all of this library: tests run there, for no source tells of them
    )
    shared: bool = False  # run all tests in one student's process, not each in a fork

    # `instructor` tells the trusted process where the names of a check cell come from. Roles: `student` for the
    # cells with a solution, `check` for the cells with tests, `setup` for all others (imports, data, helpers). A
    # name that a `setup` cell defines last is made from that cell, one that a `student` cell defines comes from
    # the student. Check cells are found by `id`.

    def without(self, library: str = "") -> tuple[str, ...]:
        """Return the libraries that a student's process lacks, with one more that a test rules out."""
        return tuple(sorted({*self.forbid, *self.hidden, library} - {""}))

    def to_json(self) -> str:
        """Return the job as one line of JSON."""
        plain = asdict(self)
        for field_name in FILES:
            files = getattr(self, field_name)
            plain[field_name] = {name: base64.b64encode(data).decode() for name, data in files.items()}
        return json.dumps(plain)

    def apart(self) -> dict[str, Any]:
        """Return the job as `from_parts` takes it: JSON, and the files as bytes, which may be large."""
        text = replace(self, **{name: {} for name in FILES}).to_json().encode()
        return {"job": text, **{name: dict(getattr(self, name)) for name in FILES}}

    @classmethod
    def from_parts(cls, job: bytes, **files: dict[str, bytes]) -> Job:
        """Return the job that `apart` took apart."""
        return replace(cls.from_json(job.decode()), **files)

    @classmethod
    def from_json(cls, text: str) -> Job:
        """Return the job that `to_json` wrote."""
        plain = json.loads(text)
        plain["cells"] = tuple(Cell(**cell) for cell in plain["cells"])
        for field_name in FILES:
            files = plain.get(field_name, {})
            plain[field_name] = {name: base64.b64decode(data) for name, data in files.items()}
        plain["instructor"] = tuple(Cell(**cell) for cell in plain.get("instructor", ()))
        for field_name in ("solution", "forbid", "hidden"):
            plain[field_name] = tuple(plain.get(field_name, ()))
        plain["limits"] = Limits(**plain["limits"])
        return cls(**plain)


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
    peak_memory_bytes: int = 0
    processor: dict[str, float] = field(default_factory=dict)  # seconds of the processes of both roles
    worker: str = ""
    asked: list[str] = field(
        default_factory=list
    )  # libraries that tests ruled out; "": a test ruled out none

    @property
    def timed(self) -> int:
        """Return in how many cells the clock decided: alone on the machine they might end otherwise."""
        return sum(cell.timed for cell in self.cells)

    def to_json(self) -> str:
        """Return the result as one line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Result:
        """Return the result that `to_json` wrote."""
        plain = json.loads(text)
        plain["cells"] = [CellResult(**cell) for cell in plain["cells"]]
        return cls(**plain)
