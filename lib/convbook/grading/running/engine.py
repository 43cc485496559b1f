"""Run jobs, many at once: every job gets a trusted process and a student's process, forked from warm ones."""

from __future__ import annotations

import concurrent.futures
import contextlib
import functools
import hashlib
import itertools
import os
import queue
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from convbook.grading.job import CellResult, Job, Result, Tried
from convbook.grading.running import sandbox
from convbook.grading.running.faces import APART
from convbook.grading.running.run import Run, not_run
from convbook.grading.running.sandbox import NoSandbox
from convbook.grading.running.staging import staged
from convbook.grading.running.templates import TemplateLost, Templates

TEMPLATE_STARTS = 3
MOST_TEMPLATES = 3
NOT_SANDBOXED = "NOT SANDBOXED: students' code runs with your own rights, because {}."


class Engine:
    """Run jobs in `workers` threads; use it as a context manager.

    Results depend on the job alone. Without bubblewrap students' code runs unprotected: `warning` says so, and
    with `require_sandbox` the engine refuses to start.
    """

    def __init__(
        self,
        workers: int | None = None,
        require_sandbox: bool = False,
        use_sandbox: bool = True,
        early: Callable[[], Templates | None] = lambda: None,
    ):
        self.early = early
        self.told: Callable[[Job, CellResult], None] = lambda job, cell: None  # of each cell as it is done
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
        self.folder = tempfile.TemporaryDirectory(prefix="convbook-library-")
        self.templates: OrderedDict[str, Templates] = OrderedDict()
        self.lock, self.stopping = threading.Lock(), False
        self.ready, self.spent = 0.0, 0.0  # when the first hand-in could run; processor time of the templates

    @functools.cached_property
    def library(self) -> str:
        """Return where the part of this library lies that students' processes have; early templates bring their own."""
        return staged(self.folder.name)

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, kind: type[BaseException] | None = None, *error: object) -> None:
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            self.stop()
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

        def run(**changes: Any) -> tuple[Result, frozenset[str]]:
            result = self._trial(replace(job, **changes))
            return result, frozenset(c.id for c in result.cells if c.id in checks and c.status != "ok")

        apart, failing = run()
        if apart.timed:  # no test becomes weak because the machine was busy
            apart, failing = min((apart, failing), run(), key=lambda found: found[0].timed)
        shared = False
        if failing:  # perhaps a test needs what an earlier one left behind
            _, left = run(shared=True)
            shared, failing = left < failing, min(failing, left, key=len)
        weak: frozenset[str] = frozenset()
        if failing:
            cells = tuple(replace(cell, declared_weak=cell.id in failing) for cell in job.cells)
            weak = failing - run(cells=cells, shared=shared)[1]
        seconds = round(sum(cell.seconds for cell in apart.cells if cell.id not in checks), 2)
        return Tried(weak, failing - weak, seconds, needed_by_none(apart.asked), shared)

    def _trial(self, job: Job) -> Result:
        result = self.submit(job).result()
        self.spent += sum(result.processor.values())
        self.ready = time.monotonic()
        return result

    def stop(self) -> None:
        """End what runs now; its results are lost, and the next run makes them again."""
        self.stopping = True
        with self.lock:
            for templates in self.templates.values():
                templates.hang_up()

    def close(self) -> None:
        """Wait for what runs, and end all processes."""
        self.pool.shutdown(wait=True, cancel_futures=True)
        while self.templates:
            self._discard(next(iter(self.templates.values())))
        self.folder.cleanup()

    def _run(self, job: Job) -> Result:
        slot, why = self.slots.get(), "the run was stopped"
        try:
            for _ in range(TEMPLATE_STARTS):
                if self.stopping:
                    break
                try:
                    with self._templates(job) as templates:
                        templates.start(job)
                        self.ready = self.ready or time.monotonic()
                        return Run(job, templates, slot, self.sandboxed, self.told).finish()
                except TemplateLost as lost:
                    why = str(lost)
                    self._discard(templates)
            return not_run(job, why, self.sandboxed)
        except Exception as error:  # one hand-in's fault, or ours with it, is no reason to leave the others
            return not_run(job, f"{type(error).__name__}: {error}", self.sandboxed)
        finally:
            self.slots.put(slot)

    def _discard(self, templates: Templates) -> None:
        with self.lock:
            for key in [key for key, other in self.templates.items() if other is templates]:
                del self.templates[key]
        self.spent += templates.close()

    @contextlib.contextmanager
    def _templates(self, job: Job) -> Iterator[Templates]:
        key = hashlib.sha256(repr((job.instructor, job.whole)).encode()).hexdigest()
        with self.lock:
            if key not in self.templates:
                self.templates[key] = self.early() or Templates(self.sandboxed, self.library)
            templates = self.templates[key]
            self.templates.move_to_end(key)
            templates.users += 1
            idle = [name for name, other in self.templates.items() if other.users == 0]
            gone = [self.templates.pop(name) for name in idle[: max(0, len(self.templates) - MOST_TEMPLATES)]]
        for other in gone:
            self.spent += other.close()
        try:
            yield templates
        finally:
            with self.lock:
                templates.users -= 1


def needed_by_none(asked: list[str]) -> tuple[str, ...]:
    """Return the libraries that no student's process of a notebook needs, by what its tests have ruled out.

    >>> needed_by_none(["torch"]), needed_by_none(["", "torch"]), needed_by_none(["torch", "torchvision"])
    (('torch',), (), ('torchvision',))
    """
    others = tuple(name for name in asked if name and name not in APART)
    return tuple(asked) if len(asked) == 1 and asked[0] else others
