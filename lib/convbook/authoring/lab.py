"""Open the course in JupyterLab, on the learner's own copy."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from convbook.authoring.course import Course, open_course, units_in
from convbook.authoring.work import bring_up_to_date
from convbook.nbgrader_course import CourseError, path_with_programs


def open_lab(course: Path | None, work: Path | None, port: int | None, browser: bool = True) -> int:
    """Bring the learner's copy up to date, run JupyterLab on its first unit until it is closed; return its exit code."""
    found = open_course(course)
    mine = work_folder(found, work)
    for sentence in bring_up_to_date(found, mine):
        print(sentence)
    if port is not None and not free(port):
        raise CourseError(
            f"port {port} is in use by another program; choose another with --port, or leave it out"
        )
    print("Starting JupyterLab; close it with Ctrl-C in this window.", flush=True)
    return run(command(found, mine, port, browser), cwd=mine)


def work_folder(course: Course, work: Path | None = None) -> Path:
    """Return the learner's folder: the one given, else `work/` in the course's folder."""
    return work.resolve() if work else course.folder / "work"


def command(course: Course, work: Path, port: int | None, browser: bool) -> list[str]:
    """Return the command that starts JupyterLab with this very interpreter."""
    first = units_in(course.release)[0]
    words = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={work}"]
    words.append(f"--LabApp.default_url=/lab/tree/{first}/{first}.ipynb")
    words += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"] if port is not None else []
    words += [] if browser else ["--no-browser"]
    return words + (["--allow-root"] if _is_root() else [])


def run(words: list[str], cwd: Path) -> int:
    """Run a program until it ends and return its exit code; Ctrl-C and a request to end are its own to answer."""
    try:
        child = subprocess.Popen(words, cwd=cwd, env=environment())
    except OSError as error:
        raise CourseError(
            f"JupyterLab could not be started: {error.strerror}; run `make lab` again"
        ) from error
    before = {
        s: signal.signal(s, lambda *_: None) for s in (signal.SIGINT,)
    }  # the terminal tells the child too
    before[signal.SIGTERM] = signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    try:
        return child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def environment() -> dict[str, str]:
    """Return the environment for JupyterLab: this installation's kernel and programs before any other of the machine.

    So `convbook` and `nbgrader` can be typed in a terminal inside JupyterLab, although nothing was activated.
    """
    return os.environ | {"JUPYTER_PREFER_ENV_PATH": "1", "PATH": path_with_programs()}


def free(port: int) -> bool:
    """Tell whether nothing listens on a port of this machine."""
    with socket.socket() as probe:
        if os.name == "posix":  # elsewhere this option lets two programs share a port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
