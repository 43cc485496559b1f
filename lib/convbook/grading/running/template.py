"""The warm process that others are forked from: everything slow has been done once, nothing secret is in it.

Two run for every notebook. The *student* template sits in the sandbox and sees the hand-out only: its
children run students' code. The *trusted* template has run the instructor's notebook: its children judge.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
import warnings
from dataclasses import dataclass, field
from typing import Any

from convbook.grading.job import Limits
from convbook.grading.rpc.errors import NO_MEMORY, NOT_STARTED, how
from convbook.grading.rpc.transport import Channel, Closed
from convbook.grading.running import compiler, pages, sandbox, watch
from convbook.grading.running.faces import Faces

WARM_SECONDS = 60.0
LATER_SECONDS = 5.0  # others wait for a fork meanwhile
CELL_SECONDS = 20.0
WATCH_SECONDS = 0.25
FIRST_ENDS = 6  # a class of fewer is done sooner without


@dataclass
class Template:
    """Fork processes on demand and say how they ended."""

    role: str
    channel: Channel
    sandboxed: bool
    folders: dict[int, str] = field(default_factory=dict)
    limits: dict[int, int] = field(default_factory=dict)  # bytes that a child's whole family may hold
    ended: int = 0
    later: list[str] = field(default_factory=list)  # cells to run once the first results are there

    def serve(self) -> None:
        """Do what the engine asks until it closes the connection; then nothing of ours stays."""
        do = {"warm": self.warm, "fork": self.fork, "end": self.end, "spent": time.process_time}
        try:
            while True:
                self._watch()
                order = self.channel.receive()
                try:
                    asked = order.pop("do")
                    self.channel.send({"value": do[asked](**order)})
                    self._gather_after(asked)
                except OSError as error:
                    if isinstance(error, Closed):
                        raise
                    self.channel.send({"error": f"{type(error).__name__}: {error}"})
        finally:
            for child in list(self.folders):
                self.end(child)

    def _gather_after(self, asked: str) -> None:
        """Make further forks cheap, once the first results are there: they would have to wait for this."""
        if asked == "end":
            self.ended += 1
            if self.ended == FIRST_ENDS:
                if self.later:  # a student's process has none
                    warm(self.role, self.later, [], LATER_SECONDS)
                pages.gather()

    def _watch(self) -> None:
        """While nothing is asked, end families that outgrow their limit."""
        while self.limits and not select.select([self.channel.sock], [], [], WATCH_SECONDS)[0]:
            for child in watch.too_large(self.limits, watch.quick_memory(os.getpid())):
                os.kill(child, signal.SIGKILL)

    def warm(self, cells: list[str], modules: list[str], later: list[str] | None = None) -> list[str]:
        """Import, and run cells, so that no child has to do anything for the first time; `later` ones can wait."""
        self.later = later or []
        return warm(self.role, cells, modules)

    def fork(self, cpu: int | None, **settings: Any) -> int:
        """Fork one process that runs on a processor and speaks over the socket which follows this order."""
        _, descriptors, _, _ = socket.recv_fds(self.channel.sock, 1, 1)
        apart = self.role == "student" and self.sandboxed
        folder = "" if apart else tempfile.mkdtemp(prefix="convbook-")
        child = sandbox.fork_apart() if apart else os.fork()
        if child == 0:
            if cpu is not None:
                os.sched_setaffinity(0, {cpu})
            self._become(socket.socket(fileno=descriptors[0]), folder, settings)
        os.close(descriptors[0])
        self.folders[child] = folder
        if apart:
            self.limits[child] = settings["limits"]["memory_bytes"]
        return child

    def _become(self, sock: socket.socket, folder: str, settings: dict[str, Any]) -> None:
        try:
            self.channel.close()
            for signal_number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(signal_number, signal.SIG_DFL)
            if self.role == "trusted":
                from convbook.grading.running import trusted

                os.setsid()
                trusted.main(sock, folder)
            else:
                from convbook.grading.running import student

                _shut_in(self.sandboxed, folder, sock.fileno(), **settings)
                student.main(sock, settings["limits"]["output_bytes"])
            os._exit(0)
        except BaseException as error:
            print(f"{self.role}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
            os._exit(NO_MEMORY if isinstance(error, MemoryError) else NOT_STARTED)

    def end(self, pid: int) -> dict[str, Any]:
        """End one process with all that it started; return how it had ended before, and its processor time."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        _, status, usage = os.wait4(pid, 0)
        folder = self.folders.pop(pid, "")
        self.limits.pop(pid, None)
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
        return {"how": how(os.waitstatus_to_exitcode(status)), "processor": usage.ru_utime + usage.ru_stime}


def _shut_in(sandboxed: bool, folder: str, descriptor: int, limits: dict[str, Any], user: int) -> None:
    if sandboxed:
        sandbox.enter(Limits(**limits), user)
    else:
        os.setsid()
        os.chdir(folder)
        sandbox.limit(Limits(**limits), processes=False)
    sandbox.only(descriptor)


def warm(role: str, cells: list[str], modules: list[str], seconds: float = WARM_SECONDS) -> list[str]:
    """Import `modules`, run `cells`, and leave nothing of them but what was slow; return what is imported."""
    import importlib

    os.environ["MPLBACKEND"] = "Agg"
    hidden = next((one.hidden for one in sys.meta_path if isinstance(one, Faces)), ())
    modules = [name for name in modules if name.partition(".")[0] not in hidden]
    torch_is_used = "torch" in modules or any("torch" in text or "convbook" in text for text in cells)
    if torch_is_used and "torch" not in hidden:
        with contextlib.suppress(ImportError):
            import torch

            torch.set_num_threads(1)  # before any operation: a fork inherits a pool of threads that are dead
            compiler.keep_out()
    before = _settings()
    gc.disable()  # imports leave nothing to collect
    for name in modules:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    from convbook.grading.running import shell

    importlib.import_module(f"convbook.grading.running.{role}")
    if "torch" in sys.modules:
        importlib.import_module("convbook.grading.rpc.modules")
    space = shell.Shell.fresh()
    shows = role == "student"  # figures; a test hardly ever draws one
    new = [name for name in FIRST_USES if name in sys.modules and (shows or name != "matplotlib")]
    new = [name for name in new if name not in used]
    used.update(new)
    ends = time.monotonic() + seconds
    folder = tempfile.mkdtemp(prefix="convbook-")
    os.chdir(folder)
    gc.enable()
    for source in [*(FIRST_USES[library] for library in new), *cells]:
        left = ends - time.monotonic()
        if left > 0:
            with contextlib.suppress(Exception):
                space.run(source, min(left, CELL_SECONDS), figures=shows)
        if role == "trusted":
            names = sys.modules["convbook.grading.running.names"]
            for read in (names.known, names.reads, names.bound):  # once, not by every child
                read(source)
    os.chdir("/tmp" if role == "student" else "/")
    shutil.rmtree(folder, ignore_errors=True)
    space.reset(new_session=True)
    space.compile._filename_map.clear()
    _restore(before)
    import linecache

    linecache.clearcache()
    shell.Shell.spare = shell.Shell.fresh() if cells else space  # cells may have left something in theirs
    gc.freeze()
    return sorted(name for name in sys.modules if not name.startswith("__"))


FIRST_USES = {  # what is slow the first time in a library
    "matplotlib": """
import matplotlib.pyplot as plt
plt.plot([0, 1]); plt.imshow([[0, 1]], alpha=0.5); plt.title("a"); plt.colorbar()
""",
    "torch": """
import torch
from torch import nn
net = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                    nn.Dropout(), nn.Linear(32, 2))
for dtype in (torch.float32, torch.float64):
    net = net.to(dtype)
    nn.functional.cross_entropy(net(torch.zeros(2, 1, 8, 8, dtype=dtype)), torch.tensor([0, 1])).backward()
for kind in (torch.optim.SGD, torch.optim.Adam):
    one = torch.zeros(1, requires_grad=True)
    steps = kind([one], 0.1)
    one.sum().backward(); steps.step(); steps.zero_grad()
""",
    "sys": "1 / 0",
}
used: set[str] = set()  # libraries that this process has used


def _settings() -> dict[str, Any]:
    import random

    import numpy as np

    kept: dict[str, Any] = {"random": random.getstate(), "numpy": np.random.get_state(), "err": np.geterr()}
    kept["warnings"] = list(warnings.filters)
    if "torch" in sys.modules:
        torch = sys.modules["torch"]
        kept["torch"] = torch.get_default_dtype(), torch.get_rng_state()
    return kept


def _restore(kept: dict[str, Any]) -> None:
    """Put back what the warm-up's cells may have set."""
    import random

    import numpy as np

    random.setstate(kept["random"])
    np.random.set_state(kept["numpy"])
    np.seterr(**kept["err"])
    np.set_printoptions(edgeitems=3, threshold=1000, precision=8, suppress=False, linewidth=75)
    warnings.filters[:] = kept["warnings"]
    if "torch" in kept:
        torch = sys.modules["torch"]
        torch.set_default_dtype(kept["torch"][0])
        torch.set_rng_state(kept["torch"][1])
        torch.set_grad_enabled(True)
    matplotlib = sys.modules.get("matplotlib")
    if matplotlib is not None:
        matplotlib.rcdefaults()
        matplotlib.use("Agg")


def main(role: str, descriptor: str, sandboxed: str, library: str, *hidden: str) -> None:
    """Serve the engine over an inherited socket; `hidden` libraries, and most of this one, are not there for students."""
    if role == "student":
        Faces(hidden, whole=library == "whole").install()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the engine's to handle
    gc.set_threshold(10_000, 10, 10)  # collecting garbage took a twentieth of a hand-in's time
    sock = socket.socket(fileno=int(descriptor))
    with contextlib.suppress(Closed):
        Template(role, Channel(sock), sandboxed == "sandboxed").serve()
    os._exit(0)  # to give back all memory piece by piece takes longer


if __name__ == "__main__":
    # Not `__main__`'s copy: children import this module.
    from convbook.grading.running.template import main as begin

    begin(*sys.argv[1:])
