"""The two warm processes of one notebook, as the engine holds them: asked over a socket, started and ended here."""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from convbook.grading.job import Job
from convbook.grading.reading.sources import modules_named
from convbook.grading.rpc.transport import Channel, Malformed
from convbook.grading.running import sandbox
from convbook.grading.running.faces import packages

WARM_PATIENCE = 180.0
ALWAYS = ["numpy", "matplotlib.pyplot"]  # what any notebook of such a course imports


class TemplateLost(RuntimeError):
    """Say that a warm process cannot go on; a new one can."""


class Process:
    """Hold one template: a process that forks others."""

    def __init__(self, role: str, sandboxed: bool, hidden: Sequence[str] = (), library: str = ""):
        ours, theirs = socket.socketpair()
        arguments = [
            "-m",
            "convbook.grading.running.template",
            role,
            str(theirs.fileno()),
            "sandboxed" if sandboxed else "open",
            "part" if library else "whole",
            *hidden,
        ]
        gone = [package for name in hidden if "." not in name for package in packages(name)]
        inside = role == "student" and sandboxed
        # Without a sandbox /tmp is everybody's: whoever guessed the name of a folder in it could have put files there.
        self.home = tempfile.mkdtemp(prefix="convbook-home-") if role == "student" and not sandboxed else ""
        variables = (
            sandbox.environment(self.home or "/tmp") if role == "student" else {**os.environ, **sandbox.QUIET}
        )
        self.process = subprocess.Popen(
            sandbox.command(arguments, inside, library, gone),
            pass_fds=[theirs.fileno()],
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        self.channel, self.lock = Channel(ours), threading.Lock()
        self.early: threading.Thread | None = None  # in which it is asked to import before more is known
        self.modules: list[str] = []  # that it has then

    def ask(self, do: str, seconds: float = 60.0, give: socket.socket | None = None, **order: Any) -> Any:
        """Return the template's answer; `give` is a socket that follows the order."""
        until = time.monotonic() + seconds
        try:
            with self.lock:
                self.channel.send({"do": do, **order}, until)
                if give is not None:
                    socket.send_fds(self.channel.sock, [b"s"], [give.fileno()])
                reply = self.channel.receive(until)
        except (OSError, Malformed) as lost:  # Closed and Late among them
            raise TemplateLost(f"the warm process ended or hangs ({lost})") from lost
        if "error" in reply:
            raise TemplateLost(reply["error"])
        return reply["value"]

    def close(self) -> float:
        """End the process and return the processor time that it used itself, 0 where it does not say."""
        spent = 0.0
        with contextlib.suppress(TemplateLost):
            spent = self.ask("spent", 1.0)
        self.channel.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.home:
            shutil.rmtree(self.home, ignore_errors=True)
        return spent

    def kill(self) -> None:
        """End the process at once, whatever it is importing: bubblewrap by what runs in it, or that would go on alone."""
        with contextlib.suppress(OSError):
            children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
            for pid in [*map(int, children), self.process.pid]:
                os.kill(pid, signal.SIGKILL)
        self.process.kill()

    def hang_up(self) -> None:
        """Let the process end, with all its children, whatever is being asked of it."""
        with contextlib.suppress(OSError):
            self.channel.sock.shutdown(socket.SHUT_RDWR)


class Templates:
    """Hold the warm processes of one notebook: one for tests, one for students, and more where tests rule out a library.

    `library` is what of this library students' processes see.
    """

    def __init__(self, sandboxed: bool, library: str, trusted: Process | None = None):
        self.sandboxed, self.library, self.users, self.lock = sandboxed, library, 0, threading.Lock()
        self.trusted = trusted or Process("trusted", sandboxed=False)
        self.students: dict[tuple[str, ...], Process] = {}  # by the libraries that are not there
        self.modules: list[str] = []
        self.warm, self.variables = False, variables()

    def begin(self, hidden: tuple[str, ...]) -> Process:
        """Return a student's process without some libraries; it is started where there is none."""
        if hidden not in self.students:
            self.students[hidden] = Process("student", self.sandboxed, hidden, self.library)
        return self.students[hidden]

    def start(self, job: Job) -> None:
        """Start both side by side, the first time; the student's is told which modules to import, and sees the hand-out."""
        with self.lock:
            if self.warm:
                return
            own = [cell.source for cell in job.instructor if cell.role != "check"]
            tests = [cell.source for cell in job.instructor if cell.role == "check"]
            self.public = [cell.source for cell in job.instructor if cell.role == "setup"]
            if job.whole:
                self.library = ""
                for process in self.students.values():
                    process.close()
                self.students.clear()
            if self.trusted.early is not None:
                self.trusted.early.join()
            named = [*modules_named([*own, *tests]), *not_ours(self.trusted.modules)]
            with concurrent.futures.ThreadPoolExecutor(1) as beside:
                early = beside.submit(self._student, job.without(), named)
                wanted = modules_named(tests)
                modules = self.trusted.ask("warm", WARM_PATIENCE, cells=own, modules=wanted, later=tests)
                self.modules = not_ours(modules)
                early.result().ask("warm", WARM_PATIENCE, cells=[], modules=self.modules)
            self.warm = True

    def student(self, hidden: tuple[str, ...]) -> Process:
        """Return the process that students' processes are forked from, in which some libraries are not there."""
        with self.lock:
            return self.students.get(hidden) or self._student(hidden, self.modules)

    def _student(self, hidden: tuple[str, ...], modules: list[str]) -> Process:
        process = self.begin(hidden)
        process.ask("warm", WARM_PATIENCE, cells=self.public, modules=modules)
        return process

    def _all(self) -> list[Process]:
        return [*self.students.values(), self.trusted]

    def give_up(self) -> None:
        """End all, which nobody needed; not waiting for what they are importing."""
        self.hang_up()
        for process in self._all():
            process.kill()
        self.close()

    def hang_up(self) -> None:
        """Let all end at once."""
        for process in self._all():
            process.hang_up()

    def close(self) -> float:
        """End all and return the processor time that they used themselves."""
        return sum(process.close() for process in self._all())


def variables() -> dict[str, str]:
    """Return the environment in which the trusted process runs, but for PATH, which we change ourselves for a while."""
    return {name: value for name, value in os.environ.items() if name != "PATH"}


def importing(process: Process, modules: list[str]) -> Process:
    """Let a process import before it is known for which notebook; whoever asks it next waits for that, and is told."""
    order = {"do": "warm", "seconds": WARM_PATIENCE, "cells": [], "modules": [*ALWAYS, *modules]}
    process.early = threading.Thread(target=_quietly, args=(process, order), daemon=True)
    process.early.start()
    return process


def _quietly(process: Process, order: dict[str, Any]) -> None:
    with contextlib.suppress(TemplateLost):  # whoever asks next is told
        process.modules = process.ask(**order)


def not_ours(modules: list[str]) -> list[str]:
    """Return the modules that students' processes need as well: what tests load of this library is none of theirs."""
    return [name for name in modules if not name.startswith("convbook")]
