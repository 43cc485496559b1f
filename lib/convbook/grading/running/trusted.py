"""The trusted process: runs the check cells of one job, with the student's names as proxies. No student code here."""

from __future__ import annotations

import ast
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
from convbook.grading.reading.sources import is_opaque, modules_named
from convbook.grading.rpc.frame import LARGEST_BODY
from convbook.grading.rpc.link import Died, Link, LinkLate, patience
from convbook.grading.rpc.objects import thing
from convbook.grading.rpc.transport import Channel, Refused
from convbook.grading.running import absent, sandbox
from convbook.grading.running.audit import sentence
from convbook.grading.running.faces import APART, is_inside
from convbook.grading.running.names import Names, builds_on
from convbook.grading.running.outputs import NOTEBOOK_TIMES, only_outputs, size
from convbook.grading.running.shell import Shell

MODEST_SECONDS = 5.0  # for a cell after the others have used up all the time; a definition takes none
STARTS = 40  # student's processes that one job may cost
ROOM, ROOM_SECONDS = 48 * 1024**2, 10.0  # bytes that the next cell should find
BY_THE_CLOCK = ("endless", "too slow")  # kinds of a check's failure
USUAL_SECONDS = 10.0
LONGEST_WORD = 200  # characters of what a cell is said to have reached for


class Session:
    """Run one job from its first cell to its last."""

    def __init__(self, job: Job, engine: Channel, known: list[CellResult]):
        self.job, self.engine = job, engine
        self.known = {result.id: result for result in known}
        self.ends = time.monotonic() + 2 * job.limits.submission_seconds + 10  # by the clock on the wall
        self.left = job.limits.submission_seconds  # of the student's process
        self.own_left = job.limits.own_seconds
        self.room = NOTEBOOK_TIMES * job.limits.output_bytes  # for what all cells of the student's show
        self.next_room = min(ROOM, job.limits.memory_bytes // 8)
        self.ran: list[Cell] = []
        self.skip = {r.id for r in known if r.status in ("died", "time-out")}
        self.starts, self.cell = 0, ""
        self.again = False  # what runs now has run before
        self.before: Cell | None = None
        self.usual: list[str] = []  # names that the notebook has overwritten
        self.beside = seen_and_alone(job.cells)
        self.handed_out = {cell.id: cell.source.strip() for cell in job.instructor if cell.role == "setup"}
        self.shown = modules_named(text for text in self.handed_out.values() if "convbook" in text)
        self.asked: set[str] = set()  # what tests have ruled out, "" for nothing
        self.links: dict[str, Link] = {}  # to the process, and to those without a library
        self.link = self._new_link("")
        self.shell = Shell.fresh(job.limits.output_bytes)
        self.shell.hidden_lines = True
        self.names = Names(job.instructor, self.shell.user_ns, self.link.look)

    def run(self) -> None:
        """Run all cells; every result is sent as soon as it is there."""
        for cell in self.job.cells:
            self.cell = cell.id
            if cell.role == "student":
                self.link.sources.append(cell.source)
                self._remark_imports(cell)
            known = self.known.get(cell.id)
            if known is not None:  # an earlier trusted process has judged it
                if cell.role == "student" and known.status != "skipped":
                    self.ran.append(cell)
                elif self.job.shared and known.status == "ok" and not known.weak:
                    self._tell("begin", cell=cell.id)
                    self._check(cell)
                continue
            self._tell("begin", cell=cell.id)
            self._tell("result", result=asdict(self._result(cell)))
        for link in self.links.values():
            link.stop()
        self._tell("end")

    def _result(self, cell: Cell) -> CellResult:
        if self.left <= 0 or time.monotonic() > self.ends:
            said = "the time for this submission was over before this cell"
            return CellResult.ended(cell.id, "skipped", "TimeOver", said)
        seconds = min(self.job.limits.cell_seconds, self.left)
        if cell.role == "student":
            seconds = min(seconds, max(self.own_left, MODEST_SECONDS))
        # The cell's clock starts when its place is ready.
        for make_ready in (self._make_room, self.link.alive, lambda: self._set_apart(cell)):
            with contextlib.suppress(Died, LinkLate, Refused):
                make_ready()
        self.before = cell
        started = time.monotonic()
        for link in self.links.values():
            link.until, link.budget, link.deaths = started + patience(seconds), seconds, 0
        result = self._judged(cell) if cell.role == "check" else self._student(cell)
        for link in self.links.values():
            link.rejoin()
        spent = seconds - min(link.budget for link in self.links.values())
        passed = time.monotonic() - started
        result.seconds = round(min(passed, spent) if cell.role == "student" else passed, 4)
        self.left -= spent
        self.own_left -= spent if cell.role == "student" else 0.0
        result.timed |= result.status == "time-out"
        if result.status in ("died", "time-out"):
            self.beside = set()  # the end of a fork costs no second run of the cells before it
        return result

    def _make_room(self) -> None:
        """Replace a process that has used up its memory or its threads; the cell that did it does not run again."""
        for link in self.links.values():
            if link.peer is None:
                continue
            link.until, link.budget = time.monotonic() + ROOM_SECONDS, ROOM_SECONDS
            if link.fits is None:  # something has been called since it told
                link.fits = link.ask({"do": "fits", "room": self.next_room}, ROOM_SECONDS)
            fits, link.fits = link.fits, None
            if fits is False:
                link.stop()
                if self.before is not None and self.before.role == "student":
                    self.skip.add(self.before.id)

    def _set_apart(self, cell: Cell) -> None:
        """Let a test talk to forks that are thrown away after it, in which the tests it takes names from have run."""
        if cell.role != "check" or self.job.shared or cell.id in self.beside:
            return
        for link in self.links.values():
            link.apart = True
        self.link.alive()
        checks = [other for other in self.job.cells if other.role == "check"]
        with self._clock_stopped():
            for other in reversed(builds_on(cell, checks)):
                if other.declared_weak:
                    self._run_there(self.link, other, figures=False)
                else:
                    self._check(other)

    # --- cells of the student

    def _student(self, cell: Cell) -> CellResult:
        link, seconds = self.link, self.link.seconds_left()
        try:
            link.alive()
            told = self._run_there(link, cell, figures=True)
        except LinkLate:
            self.skip.add(cell.id)
            said = f"the cell was ended after {seconds:.0f} s and could not be interrupted"
            return CellResult.ended(cell.id, "time-out", "TimeOver", said)
        except Died as how:
            self.skip.add(cell.id)
            return CellResult.ended(cell.id, "died", "ProcessDied", f"the process ended in this cell: {how}")
        except Refused as why:
            return CellResult.ended(cell.id, "error", "Refused", str(why))
        if cell.role == "student":
            self.ran.append(cell)
            link.done, link.fits = len(self.ran), told.get("fits")
        status = told.get("status")
        status = status if status in ("ok", "error", "time-out") else "error"
        # What a cell of the hand-out shows of things that are not there is of no use to anybody.
        hollow = told.get("faces") is True and self.handed_out.get(cell.id) == cell.source.strip()
        if hollow and status != "time-out":
            return CellResult(cell.id, "ok")
        if cell.role == "check" and told.get("faces") is True:  # nothing in it is what it seems
            said = "this test uses what is not there where the student's code runs"
            return CellResult.ended(cell.id, "error", "NotThere", said)
        outputs = only_outputs(told.get("outputs"), self._room(cell))
        self.room -= size(outputs) if cell.role == "student" else 0
        if cell.role == "student" and (package := absent.named_in(outputs)):
            self.note("note", f"the cell {cell.id} stops because the package {package} is not installed here")
        return CellResult(cell.id, status, outputs)

    def _room(self, cell: Cell) -> int:
        """Return how much a cell may show: a test as much as ever, the others have a room in common."""
        most = self.job.limits.output_bytes
        return max(0, min(most, self.room)) if cell.role == "student" else most

    def _run_there(self, link: Link, cell: Cell, figures: bool) -> dict:
        seconds = link.seconds_left()
        question = {"do": "run", "source": cell.source, "seconds": seconds, "figures": figures}
        more = {"remember": cell.role == "student", "room": self._room(cell), "next_room": self.next_room}
        told = link.ask({**question, **more}, seconds)
        return told if isinstance(told, dict) else {}

    def heard(self, seen: Any) -> None:
        """Note what a cell or an answer has reached for."""
        for item in seen[:20] if isinstance(seen, list) and not self.again else ():
            if isinstance(item, list) and len(item) == 2:
                self.note(*sentence(str(item[0])[:LONGEST_WORD], str(item[1])[:LONGEST_WORD]))

    def _remark_imports(self, cell: Cell) -> None:
        """Note what a student's own cell imports of the inside of this library, some of which is there."""
        if self.handed_out.get(cell.id) == cell.source.strip() or "convbook" not in cell.source:
            return
        found = [name for name in modules_named([cell.source]) if is_inside(name) and name not in self.shown]
        if found:
            self.note(*sentence("inside", found[0][:LONGEST_WORD]))

    # --- cells with tests

    def _judged(self, cell: Cell) -> CellResult:
        """Judge a test; where it fails and the notebook has overwritten usual names, once more with those put back."""
        result = self._once(cell)
        if result.status != "error" and not result.mistakes:
            return result
        with contextlib.suppress(Died, LinkLate, Refused):
            again = self._with_usual_names(cell)
            better = len(again.mistakes) < len(result.mistakes) + (result.status != "ok") if again else False
            if again and again.status == "ok" and better:
                said = "was judged with the usual meaning of " + ", ".join(self.usual[:5])
                self.note("note", f"{cell.id} {said}, which the notebook overwrites")
                return again
        package = absent.named_in(result.outputs)
        if package:
            self.note("note", f"{cell.id} fails because the package {package} is not installed here")
        return result

    def _with_usual_names(self, cell: Cell) -> CellResult | None:
        """Judge a test in a process that has all names of Python and of the hand-out's imports; None where all has them."""
        imports = [ast.unparse(s.node) for s in self.names.statements if s.imports and not is_opaque(s.node)]
        self.usual = []
        if not self._put_back(imports):
            return None
        for link in self.links.values():
            link.rejoin()
            link.deaths = 0
        self._set_apart(cell)
        for link in self.links.values():
            if link.peer is not None:
                link.alive()
        self._put_back(imports)
        try:
            return self._once(cell)
        finally:
            self._put_back(None)

    def _put_back(self, imports: list[str] | None) -> bool:
        """Put usual names back, or without `imports` what the notebook made of them; False where nothing was overwritten."""
        for link in self.links.values():
            if link.peer is not None:
                names = link.ask({"do": "usual_names", "imports": imports}, USUAL_SECONDS)
                if isinstance(names, list) and names:
                    self.usual = [str(name)[:LONGEST_WORD] for name in names]
        return bool(self.usual)

    def _once(self, cell: Cell) -> CellResult:
        result = self._student(cell) if cell.declared_weak else self._check(cell)
        result.weak = cell.declared_weak
        return result

    def _check(self, cell: Cell) -> CellResult:
        for link in self.links.values():
            link.take_back()
        with seeded(self.job.seed):
            try:
                self.names.provide(cell.source, cell.id)
            except (LinkLate, Died) as why:
                kind = "time-out" if isinstance(why, LinkLate) else "died"
                return CellResult.ended(cell.id, kind, "ProcessDied", f"the student's process ended: {why}")
            except Exception as error:
                said = f"a cell before the test: {type(error).__name__}: {error}"
                return CellResult.ended(cell.id, "error", "SetupFailed", said)
            left = max(0.0, self.link.until - time.monotonic())
            # A student's layer of torch's is computed here, where an alarm may wait for its end.
            with sandbox.processor_limit(2 * self.job.limits.cell_seconds + 10):
                status, outputs = self.shell.run(cell.source, left + 1.0, again=0)
        failure = self.shell.failure
        kind = failure.kind if isinstance(failure, LearnerError) else ""
        status = {"ProcessDied": "died", "TimeoutError": "time-out"}.get(kind, status)
        ours = failure if isinstance(failure, CheckFailed) else None
        mistakes, timed = (list(ours.mistakes), ours.kind in BY_THE_CLOCK) if ours else ([], False)
        if failure is None and status == "ok":
            mistakes = partly_wrong(cell.id)
        # In an open answer stands `raise NotImplementedError()`.
        is_stub = "NotImplementedError" in (kind, type(failure).__name__)
        attempted = not (is_stub or isinstance(failure, NotAttempted))
        return CellResult(cell.id, status, outputs, mistakes=mistakes, timed=timed, attempted=attempted)

    # --- the student's processes

    def _new_link(self, library: str) -> Link:
        """Return the link to the process without a library; it is started when it is needed."""
        link = Link(self, library, self.job.forbid)
        if self.links:
            link.sources, link.apart = self.link.sources, self.link.apart
            link.until, link.budget = self.link.until, self.link.budget
        self.links[library] = link
        return link

    stand_in = staticmethod(thing)

    def shared_modules(self, link: Link) -> Any:
        """Return what holds the modules of both processes."""
        from convbook.grading.rpc.modules import TrustedModules  # torch is there only where it is used

        return TrustedModules(link)

    def ruling_out(self, library: str) -> Link:
        """Return the link for a call that rules a library out."""
        if library not in self.asked:
            self.asked.add(library)
            with unrung():
                self._tell("asked", library=library)
        if library in self.job.hidden or library not in APART:
            return self.link
        return self.links.get(library) or self._new_link(library)

    def spawn(self, library: str) -> socket.socket:
        """Start a process without a library and return a socket to it."""
        with unrung():
            self.starts += 1
            if self.starts > STARTS:
                raise Died("it had to be started too often")
            self._tell("spawn", without=library)
            _, descriptors, _, _ = socket.recv_fds(self.engine.sock, 1, 1)
            if not descriptors:
                raise Died("no process could be started for it")
            return socket.socket(fileno=descriptors[0])

    def end_student(self, library: str) -> str:
        """End it and return how it had ended."""
        with unrung():
            self._tell("end_student", without=library)
            return self.engine.receive(time.monotonic() + 30)["how"]

    def prepare(self, link: Link) -> None:
        """Bring a process to where the notebook is: files, then all earlier cells but those that ended one."""
        if link.done == len(self.ran) and link.ready:
            return
        with self._clock_stopped():
            if not link.ready:
                seed = zlib.crc32(f"{self.job.student} {self.job.notebook}".encode())
                start = {"files": dict(self.job.files), "seed": seed, "shown": self.shown}
                link.ask({"do": "start", **start, "forbid": list(self.job.forbid)}, 20)
                link.ready = True
            for cell in self.ran[link.done :]:
                if cell.id not in self.skip:
                    try:
                        self._run_there(link, cell, figures=False)
                    except (Died, LinkLate):
                        self.skip.add(cell.id)
                        link.alive()
                        return
            link.done = len(self.ran)

    @contextlib.contextmanager
    def _clock_stopped(self) -> Iterator[None]:
        """Give what is run again a time of its own: the cell that is running does not pay for it."""
        began = time.monotonic()
        kept = [(link, link.until, link.budget) for link in self.links.values()]
        left, again = signal.setitimer(signal.ITIMER_REAL, 0)
        self.again, before = True, self.again
        seconds = self.job.limits.cell_seconds + 5
        for link, _, _ in kept:
            link.until, link.budget = min(self.ends, began + patience(seconds)), seconds
        try:
            yield
        finally:
            self.again = before
            for link, until, budget in kept:
                link.until, link.budget = until + time.monotonic() - began, budget
            if left:
                signal.setitimer(signal.ITIMER_REAL, left, again)

    # --- the engine

    def note(self, kind: str, said: str) -> None:
        """Tell the engine of something that a person should know."""
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


def seen_and_alone(cells: tuple[Cell, ...]) -> set[str]:
    """Return the tests that need no fork: there is nothing in them to keep, and no other test takes names from them."""
    checks = [cell for cell in cells if cell.role == "check"]
    sources = {cell.id: builds_on(cell, checks) for cell in checks}
    joined = {other.id for found in sources.values() for other in found}
    return {cell.id for cell in checks if cell.seen and not sources[cell.id] and cell.id not in joined}


def partly_wrong(cell: str) -> list[str]:
    """Return the mistakes that a check of ours found in an answer of which a part was right, by its check cell's name."""
    if not cell.startswith("check-"):
        return []
    loaded = [module for name, module in list(sys.modules.items()) if name.startswith("convbook.checks.")]
    for exercise in (e for m in loaded for e in getattr(getattr(m, "unit", None), "exercises", ())):
        if cell == f"check-{exercise.name}" and exercise.outcomes:
            return list(exercise.outcomes[0].mistakes)
    return []


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
