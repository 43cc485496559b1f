"""Where a run's time went: start, students' code, tests, writing, waiting; by the processor and by the clock."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from convbook.grading.job import Job, Result

ROWS = {
    "start": "start",
    "student": "students' code",
    "tests": "tests, with the answers they call",
    "writing": "reading and writing",
    "waiting": "waiting",
}


@dataclass
class Timing:
    """Add up where the time of a run goes.

    A run is the work of its workers and of one writer, the command itself. The clock's seconds of each are added up
    and divided by their number, so that all rows together are the time that the run took. Whatever nobody did
    anything in is waiting: a worker for the last hand-ins of the others, the writer for results.
    """

    begun: float = field(default_factory=time.monotonic)
    ready: float = 0.0  # when the first hand-in could run
    own: float = 0.0  # the writer's processor time until then
    clock: dict[str, float] = field(default_factory=lambda: dict.fromkeys(ROWS, 0.0))
    processor: dict[str, float] = field(default_factory=lambda: dict.fromkeys(ROWS, 0.0))

    def start(self) -> None:
        """Note that the reading of hand-ins begins: what comes before is the start."""
        self.ready, self.own = time.monotonic(), time.process_time()

    def add(self, job: Job, result: Result) -> None:
        """Add what a hand-in took. Starting its processes and bringing them to where they were counts as start."""
        checks = {cell.id for cell in job.cells if cell.role == "check"}
        tests = sum(cell.seconds for cell in result.cells if cell.id in checks)
        own = sum(cell.seconds for cell in result.cells if cell.id not in checks)
        self.clock["tests"] += tests
        self.clock["student"] += own
        self.clock["start"] += max(0.0, result.seconds - tests - own)
        for row, seconds in result.processor.items():
            self.processor[row] += seconds

    def wrote(self, begun: float) -> None:
        """Add what the writer did since a moment of `time.monotonic()`."""
        self.clock["writing"] += max(0.0, time.monotonic() - max(begun, self.ready))

    def done(self, engine: Any) -> dict[str, dict[str, float]]:
        """Return the seconds of the processor and of the clock, row by row. Waiting is what is left over."""
        ready = max(self.ready or time.monotonic(), getattr(engine, "ready", 0.0))
        many = getattr(engine, "workers", 0) + 1
        elapsed = time.monotonic() - self.begun
        clock = {**self.clock, "start": self.clock["start"] + many * (ready - self.begun)}
        clock["waiting"] = max(0.0, many * elapsed - sum(clock.values()))
        processor = {**self.processor, "start": self.own + getattr(engine, "spent", 0.0)}
        processor["writing"] = time.process_time() - self.own
        rows = {row: (processor[row], clock[row] / many) for row in ROWS}
        rows["whole"] = (sum(processor.values()), elapsed)
        return {name: {"processor": round(p, 3), "clock": round(c, 3)} for name, (p, c) in rows.items()}


def table(timing: dict[str, dict[str, float]]) -> str:
    """Return a report's timing as a table.

    >>> print(table({"tests": {"processor": 1.25, "clock": 2.0}, "whole": {"processor": 1.25, "clock": 2.0}}))
    where the time went                  processor     clock
    tests, with the answers they call       1.25 s    2.00 s
    the whole                               1.25 s    2.00 s
    """
    names = {**ROWS, "whole": "the whole"}
    lines = [f"{'where the time went':37}{'processor':>9}{'clock':>10}"]
    lines += [f"{names[n]:37}{row['processor']:7.2f} s{row['clock']:8.2f} s" for n, row in timing.items()]
    return "\n".join(lines)
