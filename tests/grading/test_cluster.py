"""The same results from a Dask cluster as from here, also when a worker is killed in the middle."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

import pytest

from class_of_200 import HONEST, hand_in, kinds, make_course
from convbook.grading.cluster import Cluster
from convbook.grading.course import GradingError
from convbook.grading.running.engine import Engine
from plain_course import grade, rows

pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def class_of_honest(tmp_path_factory):
    folder = make_course(tmp_path_factory.mktemp("cluster") / "course", 10)
    for one in kinds(folder):
        if one.name.removeprefix("honest-") in HONEST:
            hand_in(folder, one)
    return folder


@pytest.fixture
def scheduler(tmp_path):
    """Start a scheduler and two workers on this machine; yield its address and the workers."""
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "10",
    }
    started = []

    def start(*words):
        process = subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_scheduler" if words[0] == "scheduler" else "distributed.cli.dask_worker", *words[1:]],
            cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        started.append(process)
        return process

    head = start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    address = None
    for line in head.stdout:
        if found := re.search(r"tcp://127\.0\.0\.1:\d+", line):
            address = found[0]
            break
    threading.Thread(target=head.stdout.read, daemon=True).start()
    workers = [
        start(
            "worker",
            address,
            "--nthreads",
            "1",
            "--no-nanny",
            "--no-dashboard",
            "--local-directory",
            str(tmp_path / f"w{n}"),
        )
        for n in range(2)
    ]
    for worker in workers:
        threading.Thread(target=worker.stdout.read, daemon=True).start()
    _wait_for_workers(address, 2)
    yield address, workers
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_for_workers(address, number):
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(number, timeout=60)


def test_a_cluster_comes_to_the_same_scores_even_if_a_worker_is_killed(class_of_honest, scheduler, tmp_path):
    address, workers = scheduler
    remote = shutil.copytree(class_of_honest, tmp_path / "remote")
    killed = []

    class Killing(Cluster):
        def run(self, jobs):
            for number, result in enumerate(super().run(jobs)):
                if number == 2:
                    os.killpg(workers[0].pid, signal.SIGKILL)
                    killed.append(workers[0].wait())
                yield result

    report = grade(remote, lambda: Killing(address))
    assert killed == [-signal.SIGKILL] and report.complete and report.ran == len(HONEST)
    grade(class_of_honest, lambda: Engine(2))
    assert rows(remote) == rows(class_of_honest)


def test_where_no_scheduler_answers_it_says_so(monkeypatch):
    monkeypatch.setattr("convbook.grading.cluster.CONNECT_SECONDS", 1)
    begun = time.monotonic()
    with pytest.raises(GradingError, match=r"no scheduler answers at tcp://127\.0\.0\.1:9"):
        Cluster("tcp://127.0.0.1:9")
    assert time.monotonic() - begun < 30
