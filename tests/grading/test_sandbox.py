"""The student's room: what is in it, what is not, and that an ordinary user can have one too."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from convbook.grading.job import Cell, Limits
from convbook.grading.running import sandbox, seccomp
from convbook.grading.running.engine import Engine
from hand_in import job, last, said

needs_sandbox = pytest.mark.skipif(bool(sandbox.obstacle()), reason=f"no sandbox here: {sandbox.obstacle()}")
REPOSITORY = Path(__file__).resolve().parents[2]


def inside(code: str) -> str:
    """Return what a line of Python prints in the sandbox of the warm process."""
    ran = subprocess.run(sandbox.command(["-c", code]), capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


@needs_sandbox
def test_the_warm_process_sees_no_home_no_course_and_no_network():
    assert inside(f"import os; print(os.path.exists({str(REPOSITORY / 'README.md')!r}))") == "False"
    assert inside("import os; print(os.listdir('/home') if os.path.exists('/home') else [])") == "[]"
    assert inside("import socket; print([name for _, name in socket.if_nameindex()])") == "['lo']"
    assert inside("import os; print('HOME' in os.environ, os.environ['HOME'])") == "True /tmp"


@needs_sandbox
def test_this_python_and_the_library_are_there_read_only():
    assert inside("import convbook, numpy; print(convbook.__file__)").endswith("convbook/__init__.py")
    write = "import convbook, os\ntry: open(convbook.__file__, 'a')\nexcept OSError as e: print(e.errno)"
    assert inside(write) == "30"


@needs_sandbox
def test_going_in_can_be_proved():
    subprocess.run(
        sandbox.command(["-c", "import convbook.grading.running.sandbox as s; s.prove()"]),
        check=True,
        timeout=60,
    )


def test_without_bubblewrap_the_reason_is_a_sentence(monkeypatch):
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    sandbox.obstacle.cache_clear()
    try:
        assert "bubblewrap is not installed" in sandbox.obstacle()
        with Engine(workers=1) as engine:
            assert "NOT SANDBOXED" in engine.warning and "apt install bubblewrap" in engine.warning
        with pytest.raises(sandbox.NoSandbox, match="bubblewrap is not installed"):
            Engine(workers=1, require_sandbox=True)
    finally:
        sandbox.obstacle.cache_clear()


def test_elsewhere_than_on_linux_the_reason_is_a_sentence(monkeypatch):
    monkeypatch.setattr(sandbox.sys, "platform", "darwin")
    sandbox.obstacle.cache_clear()
    try:
        assert sandbox.obstacle() == "the sandbox needs Linux"
    finally:
        sandbox.obstacle.cache_clear()


@needs_sandbox
def test_the_filter_of_system_calls_is_in_place():
    if not seccomp.program():
        pytest.skip("the system calls of this processor are not known here")
    with Engine(workers=1) as engine:
        text = said(engine.submit(job("print(open('/proc/self/status').read())")).result())
    assert "Seccomp:\t2" in text and "NoNewPrivs:\t1" in text
    assert "CapEff:\t0000000000000000" in text


@needs_sandbox
def test_nobody_may_be_made_to_stand_still_and_signals_that_end_are_free():
    cell = """
import os, signal, subprocess
for stop in (signal.SIGSTOP, signal.SIGTSTP):
    for send in (lambda: os.kill(os.getpid(), stop), lambda: signal.raise_signal(stop)):
        try: send()
        except OSError as error: print(type(error).__name__)
child = subprocess.Popen(["sleep", "60"])
child.terminate()
print(child.wait())
"""
    if not seccomp.program():
        pytest.skip("the system calls of this machine are not known")
    with Engine(workers=1) as engine:
        result = engine.submit(job(more=(Cell("stop", "student", cell),))).result()
    assert "PermissionError\n" * 4 + "-15\n" in said(result)


@needs_sandbox
def test_memory_is_bounded_and_the_error_is_python_s():
    limits = Limits(cell_seconds=10, memory_bytes=256 * 1024**2)
    with Engine(workers=1) as engine:
        result = engine.submit(
            job("kept = [bytes(10**6)]\nkept.append(bytes(10**9))", limits=limits)
        ).result()
        assert "MemoryError" in said(result) and result.cells[1].status == "error"
        shared = "import mmap\nmmap.mmap(-1, 10**10)"
        assert engine.submit(job(shared, limits=limits)).result().cells[1].status == "error"


@needs_sandbox
def test_many_processes_together_may_not_take_more_memory_than_one():
    hog = """
import os, time
for _ in range(6):
    if os.fork() == 0:
        kept = bytearray(150_000_000)
        kept[::4096] = bytes([1]) * len(kept[::4096])
        time.sleep(30); os._exit(0)
time.sleep(4)
"""
    limits = Limits(cell_seconds=10, memory_bytes=256 * 1024**2)
    with Engine(workers=1) as engine:
        result = engine.submit(job(hog, limits=limits)).result()
    assert result.cells[1].status == "died"


AS_NOBODY = """
import sys
sys.path.insert(0, {tests!r})
from hand_in import SQUARE, job, said
from convbook.grading.running import sandbox
from convbook.grading.running.engine import Engine
print("obstacle", repr(sandbox.obstacle()))
bomb = "import os\\nfor _ in range(500):\\n    try:\\n        if os.fork() == 0:\\n            import time; time.sleep(20)\\n    except OSError: break\\nelse: print('unbound')\\nprint('who', os.getuid())\\n"
with Engine(workers=1) as engine:
    for source in (SQUARE, "def square(x): return 3", bomb + SQUARE):
        result = engine.submit(job(source)).result()
        print(result.sandboxed, [cell.status for cell in result.cells], said(result).replace("\\n", " "))
"""


@needs_sandbox
@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become somebody else"
)
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not installed")
def test_an_ordinary_user_has_the_same_sandbox(tmp_path):
    # In a room of its own where this Python can be reached, whoever it belongs to.
    shown = [part for path in sandbox._needed() for part in ("--ro-bind", path, path)]
    parents = [part for path in sandbox._parents() for part in ("--perms", "0755", "--dir", path)]
    tests = str(Path(__file__).parent)
    command = [
        "bwrap", "--perms", "1777", "--tmpfs", "/tmp", *parents, *sandbox._system(), *shown,
        "--ro-bind", tests, "/tests", "--dev-bind", "/dev", "/dev", "--dev-bind", "/proc", "/proc",
        "--setenv", "HOME", "/tmp",
        "--setenv", "PYTHONDONTWRITEBYTECODE", "1",
        "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--bounding-set", "-all",
        sys.executable, "-P", "-c", AS_NOBODY.format(tests="/tests"),
    ]  # fmt: skip
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120)
    lines = ran.stdout.splitlines()
    if lines and "Operation not permitted" in lines[0]:
        pytest.skip("no user namespaces inside another sandbox here")
    assert lines[0] == "obstacle ''", ran.stdout + ran.stderr
    assert lines[1].startswith("True ['ok', 'ok', 'ok']"), ran.stdout + ran.stderr
    assert lines[2].startswith("True ['ok', 'ok', 'error']")
    assert lines[3].startswith("True ['ok', 'ok'") and "who 1000" in lines[3] and "unbound" not in lines[3], (
        lines[3]
    )


def test_the_room_without_a_sandbox_is_a_folder_that_is_gone_afterwards():
    with Engine(workers=1, use_sandbox=False) as engine:
        result = engine.submit(job("import os\nopen('a', 'w').write('b')\nprint(os.getcwd())")).result()
        place = said(result).split()[0]
        assert last(result) is not None and not Path(place).exists()
