"""Run the same jobs on a Dask cluster: JSON and files out, JSON back, nothing a student made is ever unpickled.

A worker is one warm engine, kept as long as the worker lives. A worker that dies is reported by the scheduler and
its jobs run again elsewhere; jobs are idempotent, so running one twice does no harm. The gradebook has one writer: the
process that called.
"""

from __future__ import annotations

import atexit
import functools
import itertools
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from convbook.grading.course import GradingError
from convbook.grading.job import Job, Result, Tried
from convbook.grading.running.engine import Engine
from convbook.grading.running.run import not_run

RETRIES = 3
CONNECT_SECONDS = 20
AHEAD = 2  # jobs a worker's thread has waiting, so that it never stands idle


@functools.cache
def _engine(require_sandbox: bool) -> Engine:
    """Return this worker's own engine. It runs what Dask gives it: no more jobs at once than the worker has threads."""
    engine = Engine(require_sandbox=require_sandbox)
    atexit.register(engine.close)
    return engine


def run_on_worker(job: dict[str, Any], require_sandbox: bool) -> bytes:
    """Run one job where this is called; a worker calls it."""
    result = _engine(require_sandbox).submit(Job.from_parts(**job)).result()
    return json.dumps(asdict(result)).encode()


def try_on_worker(job: dict[str, Any], require_sandbox: bool) -> dict[str, Any]:
    """Return what the instructor's own notebook shows about its tests; a worker calls it."""
    return _engine(require_sandbox).tried(Job.from_parts(**job)).plain()


def state_of_worker(require_sandbox: bool) -> str:
    """Return what a worker's engine warns of; empty where there is a sandbox."""
    return _engine(require_sandbox).warning


def _client(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError as error:
        raise GradingError("a cluster needs Dask: `pip install convbook[cluster]`") from error
    try:
        return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise GradingError(f"no scheduler answers at {address}: {str(error).splitlines()[0]}") from error


class Cluster:
    """Run jobs on the cluster whose scheduler is at `address`, or of a Dask `client`; a context manager, like `Engine`."""

    def __init__(self, address: str = "", require_sandbox: bool = False, client: Any = None):
        self.require_sandbox, self.warning = require_sandbox, ""
        self.own = client is None
        self.client = client if client is not None else _client(address)

    def __enter__(self) -> Cluster:
        try:
            told = self.client.run(state_of_worker, self.require_sandbox)
            obstacle = "" if told else "the scheduler has no workers yet; start some, and try again"
        except RuntimeError as error:  # NoSandbox among them
            obstacle = f"a worker refused: {error}"
        if obstacle:
            self.__exit__()
            raise GradingError(obstacle)
        self.warning = next(filter(None, told.values()), "")
        return self

    def __exit__(self, *error: object) -> None:
        if self.own:  # the cluster goes on for others, and a client that was given stays open
            self.client.close()

    def tried(self, job: Job) -> Tried:
        """Return what the instructor's own notebook shows about its tests."""
        return Tried.from_plain(self._send(try_on_worker, job).result())

    def run(self, jobs: Iterable[Job]) -> Iterator[Result]:
        """Yield the results as they are ready, in any order."""
        from distributed import as_completed

        jobs, waiting = iter(jobs), {}
        ready = as_completed(loop=self.client.loop)
        try:
            while True:
                workers = self.client.scheduler_info(n_workers=-1)["workers"].values()
                room = max(1, AHEAD * sum(worker["nthreads"] for worker in workers))
                for job in itertools.islice(jobs, max(0, room - len(waiting))):
                    future = self._send(run_on_worker, job)
                    waiting[future.key] = job
                    ready.add(future)
                if not waiting:
                    return
                future = next(ready)
                yield self._result(future, waiting.pop(future.key))
        finally:
            self.client.cancel(list(ready.futures))

    def _send(self, task: Any, job: Job) -> Any:
        return self.client.submit(task, job.apart(), self.require_sandbox, pure=False, retries=RETRIES)

    def _result(self, future: Any, job: Job) -> Result:
        try:
            return Result.from_plain(json.loads(future.result()))
        except Exception as error:  # after all retries; the run goes on
            return not_run(job, f"the cluster could not run it ({type(error).__name__}: {error})", False)
