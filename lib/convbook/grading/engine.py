"""Run jobs, many at once: every job gets a trusted process and a student's process, forked from warm ones."""

from __future__ import annotations

import concurrent.futures
import contextlib
import hashlib
import itertools
import os
import queue
import socket
import subprocess
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from typing import Any

from convbook.grading import sandbox
from convbook.grading.forge import how
from convbook.grading.job import CellResult, Job, Result, Tried
from convbook.grading.sandbox import NoSandbox
from convbook.grading.sources import modules_named
from convbook.grading.transport import Channel, Late, Malformed

PATIENCE = 15.0  # seconds beyond a cell's own time until the trusted process is given up
WARM_PATIENCE = 180.0
TRUSTED_STARTS = 4
FORGE_STARTS = 3
MOST_FORGES = 3
NOT_SANDBOXED = "NOT SANDBOXED: students' code runs with your own rights, because {}."


class Engine:
    """Run jobs in `workers` threads; use it as a context manager.

    Results depend on the job alone. Without bubblewrap students' code runs unprotected: `warning` says so, and
    with `require_sandbox` the engine refuses to start.
    """

    def __init__(self, workers: int | None = None, require_sandbox: bool = False, use_sandbox: bool = True):
        self.workers = workers or os.cpu_count() or 1
        why = sandbox.obstacle() if use_sandbox else "the sandbox was switched off"
        if why and require_sandbox:
            raise NoSandbox(f"grading was asked to run in a sandbox only, but {why}.")
        self.sandboxed = not why
        self.warning = NOT_SANDBOXED.format(why) if why else ""
        self.pool = concurrent.futures.ThreadPoolExecutor(self.workers, "convbook-grade")
        self.slots: queue.SimpleQueue[int] = queue.SimpleQueue()
        for slot in range(self.workers):
            self.slots.put(slot)
        self.forges: OrderedDict[str, Forges] = OrderedDict()
        self.lock = threading.Lock()

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def submit(self, job: Job) -> concurrent.futures.Future[Result]:
        """Return a future of the job's result."""
        return self.pool.submit(self._run, job)

    def run(self, jobs: Iterable[Job]) -> Iterator[Result]:
        """Yield the results as they are ready, in any order; jobs are taken only as fast as they are run."""
        jobs, waiting = iter(jobs), set()
        try:
            while True:
                room = 2 * self.workers - len(waiting)
                waiting |= {self.submit(job) for job in itertools.islice(jobs, room)}
                if not waiting:
                    return
                done, waiting = concurrent.futures.wait(waiting, return_when="FIRST_COMPLETED")
                for future in done:
                    yield future.result()
        finally:
            for future in waiting:
                future.cancel()

    def tried(self, job: Job) -> Tried:
        """Return what the instructor's own notebook, as a submission, shows about its tests.

        A plain test that looks at a live object (an attribute, a class's instance) cannot run in the trusted
        process. It fails apart from the code that it tests and passes beside it: declare it weak in every student's job.
        """
        checks = {cell.id for cell in job.cells if cell.role == "check"}
        apart = self.submit(job).result()
        failing = {cell.id for cell in apart.cells if cell.id in checks and cell.status != "ok"}
        if not failing:
            return Tried()
        cells = tuple(replace(cell, declared_weak=cell.id in failing) for cell in job.cells)
        beside = self.submit(replace(job, cells=cells)).result()
        weak = frozenset(cell.id for cell in beside.cells if cell.weak and cell.status == "ok")
        return Tried(weak, frozenset(failing) - weak)

    def close(self) -> None:
        """End all processes."""
        self.pool.shutdown(wait=True, cancel_futures=True)
        for forges in self.forges.values():
            forges.close()
        self.forges.clear()

    def _run(self, job: Job) -> Result:
        slot = self.slots.get()
        try:
            for _ in range(FORGE_STARTS):
                try:
                    with self._forges(job) as forges:
                        forges.start(job)
                        return Run(job, forges, slot, self.sandboxed).finish()
                except ForgeLost as lost:
                    why = str(lost)
                    self._discard(forges)
            return not_run(job, why, self.sandboxed)
        finally:
            self.slots.put(slot)

    def _discard(self, forges: Forges) -> None:
        with self.lock:
            for key in [key for key, other in self.forges.items() if other is forges]:
                del self.forges[key]
        forges.close()

    @contextlib.contextmanager
    def _forges(self, job: Job) -> Iterator[Forges]:
        key = hashlib.sha256(repr((job.solution, job.instructor)).encode()).hexdigest()
        with self.lock:
            forges = self.forges.setdefault(key, Forges(self.sandboxed))
            self.forges.move_to_end(key)
            forges.users += 1
            idle = [name for name, other in self.forges.items() if other.users == 0]
            gone = [self.forges.pop(name) for name in idle[: max(0, len(self.forges) - MOST_FORGES)]]
        for other in gone:
            other.close()
        try:
            yield forges
        finally:
            with self.lock:
                forges.users -= 1


class ForgeLost(RuntimeError):
    """Say that a warm process cannot go on; a new one can."""


class Process:
    """Hold one forge: a process that forks others."""

    def __init__(self, role: str, sandboxed: bool):
        ours, theirs = socket.socketpair()
        arguments = [
            "-m",
            "convbook.grading.forge",
            role,
            str(theirs.fileno()),
            "sandboxed" if sandboxed else "open",
        ]
        inside = role == "student" and sandboxed
        variables = sandbox.environment() if role == "student" else {**os.environ, **QUIET}
        self.process = subprocess.Popen(
            sandbox.command(arguments, inside),
            pass_fds=[theirs.fileno()],
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        self.channel, self.lock = Channel(ours), threading.Lock()

    def ask(self, do: str, seconds: float = 60.0, give: socket.socket | None = None, **order: Any) -> Any:
        """Return the forge's answer; `give` is a socket that follows the order."""
        until = time.monotonic() + seconds
        try:
            with self.lock:
                self.channel.send({"do": do, **order}, until)
                if give is not None:
                    socket.send_fds(self.channel.sock, [b"s"], [give.fileno()])
                reply = self.channel.receive(until)
        except (OSError, Malformed) as lost:  # Closed and Late among them
            raise ForgeLost(f"the warm process ended or hangs ({lost})") from lost
        if "error" in reply:
            raise ForgeLost(reply["error"])
        return reply["value"]

    def close(self) -> None:
        self.channel.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


QUIET = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MPLBACKEND": "Agg",
    "PYTHONDONTWRITEBYTECODE": "1",
    **sandbox.SMALL,
}


class Forges:
    """Hold the two forges of one notebook, started and warmed when first needed."""

    def __init__(self, sandboxed: bool):
        self.sandboxed, self.users, self.lock = sandboxed, 0, threading.Lock()
        self.trusted: Process | None = None
        self.student: Process | None = None
        self.warm = False

    def start(self, job: Job) -> None:
        """Start both side by side, the first time; the student's is told which modules to import, and sees the hand-out."""
        with self.lock:
            if self.warm:
                return
            own = [cell.source for cell in job.instructor] or list(job.solution)
            public = [cell.source for cell in job.instructor if cell.role == "setup"]
            self.trusted, self.student = (Process(role, self.sandboxed) for role in ("trusted", "student"))
            with concurrent.futures.ThreadPoolExecutor(1) as beside:
                known = {"cells": public, "modules": modules_named(own)}
                early = beside.submit(self.student.ask, "warm", WARM_PATIENCE, **known)
                modules = self.trusted.ask("warm", WARM_PATIENCE, cells=own, modules=[])
                early.result()
            self.student.ask(
                "warm", WARM_PATIENCE, cells=[], modules=modules
            )  # what those modules loaded late
            self.warm = True

    def close(self) -> None:
        """End both."""
        for process in (self.student, self.trusted):
            if process is not None:
                process.close()


class Run:
    """Accompany one job: pass on results, start and end the student's processes, watch the clock."""

    def __init__(self, job: Job, forges: Forges, slot: int, sandboxed: bool):
        self.job, self.forges = job, forges
        self.user = 1_000_000 + (os.getpid() % 10_000) * 100 + slot % 100
        self.result = Result(
            job.key, job.student, job.notebook, sandboxed=sandboxed, worker=f"{os.getpid()}-{slot}"
        )
        self.child: int | None = None
        self.cell = ""

    def finish(self) -> Result:
        """Return the result, whatever happens."""
        started = time.monotonic()
        for _ in range(TRUSTED_STARTS):
            if self._attempt(started + self.job.limits.submission_seconds):
                break
        judged = {cell.id for cell in self.result.cells}
        for cell in self.job.cells:
            if cell.id not in judged:
                self.result.cells.append(
                    CellResult(cell.id, "skipped", [_gave_up("the cell could not be run")])
                )
        places = {cell.id: number for number, cell in enumerate(self.job.cells)}
        self.result.cells.sort(key=lambda cell: places[cell.id])
        self.result.seconds = round(time.monotonic() - started, 4)
        return self.result

    def _attempt(self, ends: float) -> bool:
        """Run the job in one trusted process; False if that process was lost and another should go on."""
        ours, theirs = socket.socketpair()
        pid = self.forges.trusted.ask("fork", give=theirs)
        theirs.close()
        channel = Channel(ours)
        try:
            known = [asdict(cell) for cell in self.result.cells]
            channel.send({"job": self.job.to_json(), "known": known})
            return self._listen(channel, ends)
        except (OSError, Malformed) as lost:  # Closed and Late among them
            self._lost(lost)
            return False
        finally:
            channel.close()
            self._dismiss()
            ended = self.forges.trusted.ask("end", pid=pid)
            self.result.peak_memory_bytes = max(self.result.peak_memory_bytes, ended["peak"])

    def _listen(self, channel: Channel, ends: float) -> bool:
        patience = 2 * self.job.limits.cell_seconds + PATIENCE  # a cell, and the replay of all before it
        while True:
            message = channel.receive(time.monotonic() + patience)
            event = message.pop("event")
            if event == "begin":
                self.cell = message["cell"]
            elif event == "result":
                self.result.cells.append(CellResult(**message["result"]))
            elif event == "note":
                if message not in self.result.events:
                    self.result.events.append(message)
            elif event == "hire":
                self._hire(channel)
            elif event == "dismiss":
                channel.send({"how": self._dismiss()})
            elif event == "end":
                return True

    def _hire(self, channel: Channel) -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            limits = asdict(self.job.limits)
            self.child = self.forges.student.ask("fork", give=theirs, limits=limits, user=self.user)
            socket.send_fds(channel.sock, [b"s"], [ours.fileno()])

    def _dismiss(self) -> str:
        if self.child is None:
            return ""
        ended = self.forges.student.ask("end", pid=self.child)
        self.child = None
        self.result.peak_memory_bytes = max(self.result.peak_memory_bytes, ended["peak"])
        return ended["how"]

    def _lost(self, why: Exception) -> None:
        """Write down that the cell which was running cost the trusted process."""
        judged = {cell.id for cell in self.result.cells}
        if self.cell and self.cell not in judged:
            status = "time-out" if isinstance(why, Late) else "died"
            said = (
                "the test did not finish" if status == "time-out" else "the process that ran the test ended"
            )
            self.result.cells.append(CellResult(self.cell, status, [_gave_up(said)]))


def not_run(job: Job, why: str, sandboxed: bool) -> Result:
    """Return the result of a job that could not be run at all."""
    cells = [
        CellResult(cell.id, "skipped", [_gave_up(f"the cell could not be run: {why}")]) for cell in job.cells
    ]
    event = {"kind": "engine", "cell": "", "sentence": f"this submission could not be run: {why}"}
    return Result(job.key, job.student, job.notebook, cells, [event], sandboxed)


def _gave_up(said: str) -> dict[str, Any]:
    return {"output_type": "error", "ename": "NotRun", "evalue": said, "traceback": [f"NotRun: {said}"]}


__all__ = ["Engine", "NoSandbox", "how"]
