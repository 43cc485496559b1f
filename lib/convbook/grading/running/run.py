"""One job on its way through a trusted process and a student's process, from the first cell to the last."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from convbook.grading.job import CellResult, Job, Result
from convbook.grading.rpc.link import patience
from convbook.grading.rpc.transport import Channel, Late, Malformed
from convbook.grading.running.templates import Templates

PATIENCE = 15.0  # seconds beyond a cell's own time until the trusted process is given up
TRUSTED_STARTS = 4


class Run:
    """Accompany one job: pass on results, start and end the student's processes, watch the clock."""

    def __init__(self, job: Job, templates: Templates, slot: int, sandboxed: bool, told: Callable[..., None]):
        self.job, self.templates, self.told = job, templates, told
        self.user = 1_000_000 + (os.getpid() % 10_000) * 100 + slot % 100
        worker = f"{os.getpid()}-{slot}"
        self.result = Result(job.key, job.student, job.notebook, sandboxed=sandboxed, worker=worker)
        self.cpu = processor(slot)
        self.children: dict[str, int] = {}  # by the library that a process lacks beyond what none has
        self.cell = ""

    def finish(self) -> Result:
        """Return the result, whatever happens."""
        started = time.monotonic()
        for _ in range(TRUSTED_STARTS):
            if self._attempt():
                break
        judged = {cell.id: cell for cell in self.result.cells}
        ids = [cell.id for cell in self.job.cells]
        self.result.cells = [
            judged.get(id) or CellResult.ended(id, "skipped", "NotRun", "the cell could not be run")
            for id in ids
        ]
        self.result.seconds = round(time.monotonic() - started, 4)
        return self.result

    def _attempt(self) -> bool:
        """Run the job in one trusted process; False if that process was lost and another should go on."""
        ours, theirs = socket.socketpair()
        pid = self.templates.trusted.ask("fork", give=theirs, cpu=self.cpu)
        theirs.close()
        channel = Channel(ours)
        try:
            known = [asdict(cell) for cell in self.result.cells]
            channel.send({**self.job.apart(), "known": json.dumps(known).encode()})
            return self._listen(channel)
        except (OSError, Malformed) as lost:  # Closed and Late among them
            self._lost(lost)
            return False
        finally:
            channel.close()
            for without in list(self.children):
                self._end_student(without)
            self._used("tests", self.templates.trusted.ask("end", pid=pid))

    def _listen(self, channel: Channel) -> bool:
        # A cell, and the replay of all before it.
        longest = 2 * patience(self.job.limits.cell_seconds + 5) + PATIENCE
        while True:
            message = channel.receive(time.monotonic() + longest)
            event = message.pop("event")
            if event == "begin":
                self.cell = message["cell"]
            elif event == "result":
                self.result.cells.append(CellResult(**message["result"]))
                self.told(self.job, self.result.cells[-1])
            elif event == "note":
                if message not in self.result.events:
                    self.result.events.append(message)
            elif event == "spawn":
                self._spawn(channel, message["without"])
            elif event == "end_student":
                channel.send({"how": self._end_student(message["without"])})
            elif event == "asked":
                self.result.asked = sorted({*self.result.asked, message["library"]})
            elif event == "end":
                return True

    def _spawn(self, channel: Channel, without: str) -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            settings = {"cpu": self.cpu, "limits": asdict(self.job.limits), "user": self.user}
            template = self.templates.student(self.job.without(without))
            self.children[without] = template.ask("fork", give=theirs, **settings)
            socket.send_fds(channel.sock, [b"s"], [ours.fileno()])

    def _end_student(self, without: str) -> str:
        if without not in self.children:
            return ""
        ended = self.templates.student(self.job.without(without)).ask("end", pid=self.children.pop(without))
        self._used("student", ended)
        return ended["how"]

    def _used(self, role: str, ended: dict[str, Any]) -> None:
        """Note what a process that has ended had used."""
        self.result.processor[role] = self.result.processor.get(role, 0.0) + ended["processor"]

    def _lost(self, why: Exception) -> None:
        """Write down that the cell which was running cost the trusted process."""
        if self.cell and all(cell.id != self.cell for cell in self.result.cells):
            late = isinstance(why, Late)
            said = "the test did not finish" if late else "the process that ran the test ended"
            self.result.cells.append(
                CellResult.ended(self.cell, "time-out" if late else "died", "NotRun", said)
            )


def processor(slot: int) -> int | None:
    """Return the processor on which both processes of a job run; None where the system does not let us choose.

    They take turns: on two processors each would wait for the other's to wake up, at every question.
    """
    if not hasattr(os, "sched_getaffinity"):
        return None
    ours = sorted(os.sched_getaffinity(0))
    return ours[(os.getpid() + slot) % len(ours)]


def not_run(job: Job, why: str, sandboxed: bool) -> Result:
    """Return the result of a job that could not be run at all."""
    said = f"the cell could not be run: {why}"
    cells = [CellResult.ended(cell.id, "skipped", "NotRun", said) for cell in job.cells]
    event = {"kind": "engine", "cell": "", "sentence": f"this submission could not be run: {why}"}
    return Result(job.key, job.student, job.notebook, cells, [event], sandboxed)
