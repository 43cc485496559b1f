"""The trusted process: runs the check cells of one job, with the student's names as proxies. No student code here."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import socket
import sys
import time
import zlib
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from convbook.checks.engine.seed import seeded
from convbook.forms import CheckFailed, LearnerError, NotAttempted
from convbook.grading.job import Cell, CellResult, Job
from convbook.grading.rpc.frame import LARGEST_BODY
from convbook.grading.rpc.link import Died, Link, LinkLate
from convbook.grading.rpc.peer import Refused
from convbook.grading.rpc.remote import thing
from convbook.grading.rpc.transport import Channel
from convbook.grading.running import sandbox
from convbook.grading.running.audit import sentence
from convbook.grading.running.names import Names, idle_cells
from convbook.grading.running.outputs import only_outputs
from convbook.grading.running.shell import Shell

MODEST_SECONDS = 5.0  # for a cell after the others have used up all the time; a definition takes none
STARTS = 40  # student's processes that one job may cost
DEATHS = 2  # how often they may end in one test; more would only take starts from the tests behind it
ROOM, ROOM_SECONDS = 48 * 1024**2, 10.0  # bytes that the next cell should find
BY_THE_CLOCK = ("endless", "too slow")  # kinds of a check's failure
LONGEST_WORD = 200  # characters of what a cell is said to have reached for


class Session:
    """Run one job from its first cell to its last."""

    def __init__(self, job: Job, engine: Channel, known: list[CellResult]):
        self.job, self.engine = job, engine
        self.known = {result.id: result for result in known}
        self.ends = time.monotonic() + job.limits.submission_seconds
        self.ran: list[Cell] = []
        self.skip: set[str] = {r.id for r in known if r.status in ("died", "time-out")}
        self.starts, self.deaths, self.cell = 0, 0, ""
        self.room = min(ROOM, job.limits.memory_bytes // 8)
        self.fits: bool | None = None  # whether the process has that room; None: not known
        self.own_left = job.limits.own_seconds
        self.before: Cell | None = None
        self.idle = idle_cells(job) if job.only_needed else frozenset()
        self.link = Link(self._spawn, self._end_student, self._prepare, thing, self._note)
        self.shell = Shell.fresh(job.limits.output_bytes)
        self.shell.hidden_lines = True
        self.names = Names(job.instructor or _from_solution(job), self.shell.user_ns, self.link.look)

    def run(self) -> None:
        """Run all cells; every result is sent as soon as it is there."""
        for cell in self.job.cells:
            self.cell, self.deaths = cell.id, 0
            if cell.role == "student":
                self.link.sources.append(cell.source)
            known = self.known.get(cell.id)
            if known is not None:  # an earlier trusted process has judged it
                self._again(cell, known)
                continue
            self._tell("begin", cell=cell.id)
            self._tell("result", result=asdict(self._result(cell)))
        self.link.stop()
        self._tell("end")

    def _again(self, cell: Cell, known: CellResult) -> None:
        if cell.role == "student" and known.status != "skipped":
            self.ran.append(cell)
        elif known.status == "ok" and not known.weak:
            self._tell("begin", cell=cell.id)
            self._check(cell)

    def _result(self, cell: Cell) -> CellResult:
        if cell.id in self.idle:
            return CellResult(cell.id, "skipped")
        left = self.ends - time.monotonic()
        if left <= 0:
            said = "the time for this submission was over before this cell"
            return CellResult(cell.id, "skipped", [_error("TimeOver", said)])
        # The cell's clock starts when its place is ready.
        for make_ready in (self._make_room, self.link.alive):
            with contextlib.suppress(Died, LinkLate, Refused):
                make_ready()
        self.before, self.deaths = cell, 0
        started = time.monotonic()
        seconds = min(self.job.limits.cell_seconds, left)
        if cell.role == "student":
            seconds = min(seconds, max(self.own_left, MODEST_SECONDS))
        self.link.until = started + seconds
        if cell.role == "check" and not cell.declared_weak:
            result = self._check(cell)
            self.fits = None
        else:
            result = self._student(cell)
            result.weak = cell.role == "check"
        result.seconds = round(time.monotonic() - started, 4)
        self.own_left -= result.seconds if cell.role == "student" else 0.0
        result.timed |= result.status == "time-out"
        return result

    def _make_room(self) -> None:
        """Replace a process that has used up its memory or its threads; the cell that did it does not run again."""
        if self.link.peer is None:
            return
        self.link.until = min(self.ends, time.monotonic() + ROOM_SECONDS)
        fits, self.fits = self.fits, None
        if fits is None:  # a test has used the process since; a cell tells with its result
            fits = self.link.ask({"do": "fits", "room": self.room}, ROOM_SECONDS)
        if fits is False:
            self.link.stop()
            if self.before is not None and self.before.role == "student":
                self.skip.add(self.before.id)

    # --- cells of the student

    def _student(self, cell: Cell) -> CellResult:
        limits, seconds = self.job.limits, self.link.seconds_left()
        try:
            self.link.alive()
            told = self._run_there(cell, self.job.figures)
        except LinkLate:
            self.skip.add(cell.id)
            said = f"the cell was ended after {seconds:.0f} s and could not be interrupted"
            return CellResult(cell.id, "time-out", [_error("TimeOver", said)])
        except Died as how:
            self.skip.add(cell.id)
            return CellResult(
                cell.id, "died", [_error("ProcessDied", f"the process ended in this cell: {how}")]
            )
        except Refused as why:
            return CellResult(cell.id, "error", [_error("Refused", str(why))])
        if cell.role == "student":
            self.ran.append(cell)
        status = told.get("status")
        status = status if status in ("ok", "error", "time-out") else "error"
        self._heard(cell, told.get("seen"))
        return CellResult(cell.id, status, only_outputs(told.get("outputs"), limits.output_bytes))

    def _run_there(self, cell: Cell, figures: bool) -> dict:
        seconds = self.link.seconds_left()
        question = {"do": "run", "id": cell.id, "source": cell.source, "seconds": seconds, "figures": figures}
        question |= {"remember": cell.role == "student", "room": self.room}
        told = self.link.ask(question, seconds)
        told = told if isinstance(told, dict) else {}
        self.fits = told.get("fits") if isinstance(told.get("fits"), bool) else None
        return told

    def _heard(self, cell: Cell, seen: Any) -> None:
        for item in seen[:20] if isinstance(seen, list) else ():
            if isinstance(item, list) and len(item) == 2:
                self._note(*sentence(str(item[0])[:LONGEST_WORD], str(item[1])[:LONGEST_WORD]))

    # --- cells with tests

    def _check(self, cell: Cell) -> CellResult:
        left = self.link.seconds_left()
        self.link.lent.clear()
        with self._judging(cell):
            try:
                self.names.provide(cell.source, cell.id)
            except (LinkLate, Died) as why:
                kind = "time-out" if isinstance(why, LinkLate) else "died"
                return CellResult(
                    cell.id, kind, [_error("ProcessDied", f"the student's process ended: {why}")]
                )
            except Exception as error:
                said = f"{type(error).__name__}: {error}"
                return CellResult(
                    cell.id, "error", [_error("SetupFailed", f"a cell before the test: {said}")]
                )
            status, outputs = self.shell.run(cell.source, left + 1.0, again=0)
        failure = self.shell.failure
        if isinstance(failure, LearnerError) and failure.kind in ("ProcessDied", "TimeoutError"):
            status = "died" if failure.kind == "ProcessDied" else "time-out"
        ours = failure if isinstance(failure, CheckFailed) else None
        mistakes, timed = (list(ours.mistakes), ours.kind in BY_THE_CLOCK) if ours else ([], False)
        if failure is None and status == "ok":
            mistakes = partly_wrong(cell.id)
        attempted = not (isinstance(failure, NotAttempted) or _is_stub(failure))
        return CellResult(cell.id, status, outputs, mistakes=mistakes, timed=timed, attempted=attempted)

    @contextlib.contextmanager
    def _judging(self, cell: Cell) -> Iterator[None]:
        with seeded(self.job.seed):
            yield

    # --- the student's process

    def _spawn(self) -> socket.socket:
        with unrung():
            return self._spawned()

    def _spawned(self) -> socket.socket:
        if self.deaths >= DEATHS:
            raise Died(f"it had ended {self.deaths} times in this test, so the rest of it was not tried")
        self.starts += 1
        if self.starts > STARTS:
            raise Died("it had to be started too often")
        self._tell("spawn")
        _, descriptors, _, _ = socket.recv_fds(self.engine.sock, 1, 1)
        if not descriptors:
            raise Died("no process could be started for it")
        return socket.socket(fileno=descriptors[0])

    def _end_student(self) -> str:
        self.deaths += 1
        with unrung():
            self._tell("end_student")
            return self.engine.receive(time.monotonic() + 30)["how"]

    def _prepare(self) -> None:
        """Bring a new process to where the last one was: files, then all earlier cells but those that ended one."""
        with self._clock_stopped():
            self._replay()

    @contextlib.contextmanager
    def _clock_stopped(self) -> Iterator[None]:
        """Give the replay a time of its own: the cell that is running does not pay for it."""
        began, until = time.monotonic(), self.link.until
        left, again = signal.setitimer(signal.ITIMER_REAL, 0)
        self.link.until = min(self.ends, began + self.job.limits.cell_seconds + 5)
        try:
            yield
        finally:
            self.link.until = until + time.monotonic() - began
            if left:
                signal.setitimer(signal.ITIMER_REAL, left, again)

    def _replay(self) -> None:
        seed = zlib.crc32(f"{self.job.student} {self.job.notebook}".encode())
        self.link.ask({"do": "start", "files": dict(self.job.files), "seed": seed}, 20)
        for cell in self.ran:
            if cell.id in self.skip:
                continue
            try:
                self._run_there(cell, figures=False)
            except (Died, LinkLate):
                self.skip.add(cell.id)
                self.link.alive()
                return

    # --- the engine

    def _note(self, kind: str, said: str) -> None:
        with unrung():
            self._tell("note", kind=kind, cell=self.cell, sentence=said)

    def _tell(self, event: str, **more: Any) -> None:
        self.engine.send({"event": event, **more})


@contextlib.contextmanager
def unrung() -> Iterator[None]:
    """Let the cell's alarm wait: a frame to the engine is sent and read whole."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})


def _is_stub(failure: BaseException | None) -> bool:
    """Tell whether a plain test met the `raise NotImplementedError()` that stands in an open answer."""
    kind = failure.kind if isinstance(failure, LearnerError) else type(failure).__name__
    return kind == "NotImplementedError"


def partly_wrong(cell: str) -> list[str]:
    """Return the mistakes that a check of ours found in an answer of which a part was right, by its check cell's name."""
    if not cell.startswith("check-"):
        return []
    loaded = [module for name, module in list(sys.modules.items()) if name.startswith("convbook.checks.")]
    for exercise in (e for m in loaded for e in getattr(getattr(m, "unit", None), "exercises", ())):
        if cell == f"check-{exercise.name}" and exercise.outcomes:
            return list(exercise.outcomes[0].mistakes)
    return []


def _error(name: str, said: str) -> dict[str, Any]:
    return {"output_type": "error", "ename": name, "evalue": said, "traceback": [f"{name}: {said}"]}


def _from_solution(job: Job) -> tuple[Cell, ...]:
    return tuple(Cell(f"solution-{n}", "student", source) for n, source in enumerate(job.solution))


def main(sock: socket.socket, folder: str) -> None:
    """Receive a job, run it in a folder that is ours alone, and end. Whoever made the folder removes it."""
    engine = Channel(sock)
    sandbox.only(sock.fileno())
    order = engine.receive()
    known = json.loads(order.pop("known"))
    job = Job.from_parts(**order)
    os.chdir(folder)
    sys.path.insert(0, folder)  # the instructor's own modules; nothing of the student's lies here
    for name, data in job.trusted_files.items():
        path = Path(name)
        if not path.is_absolute() and ".." not in path.parts:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sandbox.limit_memory(job.limits.memory_bytes + LARGEST_BODY)  # what students return takes room here, too
    Session(job, engine, [CellResult(**result) for result in known]).run()
