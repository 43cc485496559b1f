"""A call that takes too long is stopped, whatever it does, and leaves no trace."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import weakref

import pytest

from convbook.answers.limits import TICK, TooSlow, Watch, time_limit

SHORT = 0.15


def spin():
    while True:
        pass


def sleep():
    time.sleep(30)


def wait_for_ever():
    threading.Event().wait()


def join():
    thread = threading.Thread(target=time.sleep, args=(1.5,), daemon=True)
    thread.start()
    thread.join()


def swallow_while_spinning():
    number = 0
    while True:
        try:
            number += 1
        except BaseException:
            continue


def swallow_while_asleep():
    while True:
        try:  # noqa: SIM105  (as learners write it)
            time.sleep(30)
        except BaseException:
            pass


def swallow_deep():
    def inner():
        try:
            time.sleep(30)
        except BaseException:
            return None

    while True:
        inner()


def linger_in_finally():
    try:
        spin()
    finally:
        time.sleep(30)


def recover_recursively(depth: int = 0):
    try:
        time.sleep(30)
    except BaseException:
        if depth < 50:
            recover_recursively(depth + 1)


ENDLESS = [spin, sleep, wait_for_ever, join, swallow_while_spinning, swallow_while_asleep, swallow_deep,
           linger_in_finally, recover_recursively]  # fmt: skip


@pytest.mark.parametrize("endless", ENDLESS)
def test_an_endless_call_is_stopped_soon(endless):
    started = time.perf_counter()
    with pytest.raises(TooSlow), time_limit(SHORT):
        endless()
    assert SHORT * 0.9 < time.perf_counter() - started < SHORT + 1.2


def test_a_loop_in_the_block_itself_is_stopped():
    with pytest.raises(TooSlow), time_limit(SHORT):
        while True:
            pass


def test_what_ends_in_time_is_left_alone_even_afterwards():
    with time_limit(SHORT):
        result = sum(range(1000))
    time.sleep(2 * SHORT)
    assert result == 499500


def test_an_exception_of_the_block_comes_out_unchanged():
    with pytest.raises(KeyError, match="mine"), time_limit(1.0):
        raise KeyError("mine")


def test_except_exception_does_not_swallow_the_clock():
    def careless():
        try:
            spin()
        except Exception:
            return "swallowed"

    with pytest.raises(TooSlow), time_limit(SHORT):
        careless()


def test_the_inner_of_two_limits_stops_first_and_the_outer_still_works():
    with time_limit(1.5), pytest.raises(TooSlow), time_limit(SHORT):
        time.sleep(10)
    with pytest.raises(TooSlow), time_limit(SHORT), time_limit(10):
        time.sleep(10)


def test_the_signal_and_the_threads_are_as_before():
    before = signal.getsignal(signal.SIGURG)
    for _ in range(5):
        with pytest.raises(TooSlow), time_limit(0.02):
            spin()
    assert signal.getsignal(signal.SIGURG) == before
    assert not [t for t in threading.enumerate() if t.name == "convbook-time-limit"]


def test_a_late_signal_does_no_harm():
    with time_limit(1.0):
        pass
    signal.raise_signal(signal.SIGURG)


def test_a_thread_other_than_the_main_one_is_stopped_too():
    heard = []

    def work():
        try:
            with time_limit(SHORT):
                spin()
        except TooSlow:
            heard.append("stopped")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(5)
    assert heard == ["stopped"]


def test_context_managers_around_the_call_are_left_properly():
    left = []

    class Guard:
        def __enter__(self):
            return self

        def __exit__(self, *reason):
            for _ in range(1000):
                left.append(len(left))

    for _ in range(5):
        left.clear()
        with pytest.raises(TooSlow), time_limit(0.05), Guard():
            swallow_while_spinning()
        assert len(left) == 1000


def test_the_variables_around_the_block_are_freed_as_soon_as_their_function_ends():
    class Weight:
        pass

    freed = []

    def check():
        weight = Weight()
        weakref.finalize(weight, freed.append, "weight")
        with time_limit(1.0):
            pass

    for count in range(1, 21):
        check()
        assert len(freed) == count


def test_leaving_the_block_waits_for_no_tick():
    started = time.perf_counter()
    for _ in range(100):
        with time_limit(1.0):
            pass
    assert time.perf_counter() - started < 100 * TICK / 4


# Threads change places at every chance, so that a watcher nobody waits for frees the tensors while Python shuts
# down; without the wait, 6 of 6 such processes were aborted.
MANY_TENSORS = """
import sys, torch
from convbook.answers.limits import time_limit

def check():
    tensors = [torch.ones(1) for _ in range(100_000)]
    with time_limit(4.0):
        pass

sys.setswitchinterval(1e-6)
check()
print("done")
"""


def test_a_process_that_ends_right_after_the_block_ends_well():
    for _ in range(4):
        done = subprocess.run([sys.executable, "-c", MANY_TENSORS], capture_output=True, text=True)
        assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


@pytest.fixture
def shared():
    Watch.shared = Watch()
    yield Watch.shared
    watch, Watch.shared = Watch.shared, None
    watch.close()


def test_one_watch_serves_many_blocks_with_one_thread(shared):
    for _ in range(500):
        with time_limit(5.0):
            pass
    threads = [thread for thread in threading.enumerate() if thread.name == "convbook-time-limit"]
    assert threads == [shared.thread] and not shared.due
    for _ in range(2):
        began = time.monotonic()
        with pytest.raises(TooSlow), time_limit(SHORT):
            sleep()
        assert time.monotonic() - began < 5


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_shared_watch_goes_on_in_a_forked_process(shared):
    with time_limit(5.0):
        pass
    child = os.fork()
    if child == 0:
        try:
            with time_limit(SHORT):
                sleep()
        except TooSlow:
            os._exit(7)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_a_block_inside_another_is_stopped_by_its_own_shared_clock(shared):
    with time_limit(20.0):
        with pytest.raises(TooSlow), time_limit(SHORT):
            sleep()
        finished = True
    assert finished
