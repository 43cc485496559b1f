"""The student's room: what it sees, what it may use. Linux with bubblewrap; elsewhere only the limits hold."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import glob
import os
import resource
import shutil
import signal
import site
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from convbook.grading.job import Limits
from convbook.grading.running import seccomp

NEW_MOUNTS, NEW_USER, NEW_PIDS, NEW_NETWORK, NEW_IPC = 0x20000, 0x10000000, 0x20000000, 0x40000000, 0x8000000
NO_SUID, NO_DEVICES, NO_EXEC, RECURSIVE, PRIVATE = 2, 4, 8, 0x4000, 0x40000
READ_ONLY, AGAIN, BIND = 1, 0x20, 0x1000
NO_NEW_PRIVILEGES = 38
MODEST_ROOM = 512 * 1024**2  # address space beyond memory, for what is mapped and not used
FOLDER = "/tmp/notebook"
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
SETTINGS = (
    "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "fonts", "localtime", "mime.types",
)  # fmt: skip


class NoSandbox(RuntimeError):
    """Say why students' code cannot be shut in on this machine."""


@functools.cache
def obstacle() -> str:
    """Return why there is no sandbox here, or an empty string if there is one."""
    if not sys.platform.startswith("linux"):
        return "the sandbox needs Linux"
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed (Debian and Ubuntu: `apt install bubblewrap`)"
    tried = subprocess.run(
        command(["-c", "import convbook.grading.running.sandbox as s; s.prove()"]),
        capture_output=True,
        text=True,
    )
    if tried.returncode:
        words = (tried.stderr.strip().splitlines() or ["no reason given"])[-1]
        return f"bubblewrap does not work here: {words}"
    return ""


def command(
    arguments: list[str], inside: bool = True, library: str = "", hidden: Iterable[str] = ()
) -> list[str]:
    """Return the command that runs this Python with `arguments`, inside the sandbox or not.

    Inside there is the system and this Python, read-only; no network, no home, no course. With `library`, a folder that
    `staging.staged` made, that is all of this library; of `hidden` packages nothing is there.
    """
    python = [sys.executable, "-P", *arguments]
    if not inside:
        return python
    shown = [part for path in _needed() for part in ("--ro-bind", path, path)]
    folders = [part for path in _parents() for part in ("--perms", "0755", "--dir", path)]
    own = [] if os.geteuid() == 0 else ["--unshare-user", "--uid", "0", "--gid", "0"]
    return [
        shutil.which("bwrap") or "bwrap", *own,
        "--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--hostname", "notebook",
        "--cap-add", "ALL", "--new-session", "--perms", "1777", "--tmpfs", "/tmp", *folders, *_system(), *shown,
        *(taken_away(library, hidden) if library else ()),
        "--proc", "/proc", "--dev", "/dev", "--chdir", "/tmp",
        "--clearenv", *[part for name, value in environment().items() for part in ("--setenv", name, value)],
        *python,
    ]  # fmt: skip


QUIET = {  # of both processes: one thread, no windows, nothing written beside a module
    "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "Agg", "PYTHONDONTWRITEBYTECODE": "1",
    # Arrays up to 32 MB come from memory that was in use before: new memory is zeroed by the machine, page by page.
    "MALLOC_MMAP_THRESHOLD_": "33554432", "MALLOC_TRIM_THRESHOLD_": "134217728",
}  # fmt: skip


def environment(home: str = "/tmp") -> dict[str, str]:
    """Return all environment variables that the student's process has."""
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": home, "IPYTHONDIR": f"{home}/.ipython", "MPLCONFIGDIR": f"{home}/.matplotlib",
        "LANG": "C.UTF-8", "TZ": "UTC", "PYTHONHASHSEED": "0", **QUIET,
    }  # fmt: skip


def _system() -> list[str]:
    parts: list[str] = []
    for path in SYSTEM:
        if os.path.islink(path):
            parts += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            parts += ["--ro-bind", path, path]
    parts += ["--perms", "0755", "--dir", "/etc"]  # bubblewrap makes the folders above a bind private to root
    for name in SETTINGS:
        parts += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    return parts


def _needed() -> list[str]:
    """Return this Python, its packages and this library; nothing else of the machine."""
    import convbook

    library = str(Path(convbook.__file__).parent)
    packages = [*site.getsitepackages(), site.getusersitepackages()]
    python = [
        sys.prefix,
        sys.base_prefix,
        os.path.dirname(os.path.realpath(sys.executable)),
        *packages,
        library,
    ]
    found: list[str] = []
    for path in sorted({os.path.abspath(path) for path in python if os.path.isdir(path)}, key=len):
        covered = any(path == kept or path.startswith(kept + "/") for kept in [*SYSTEM, *found])
        if not covered:
            found.append(path)
    return found


def taken_away(library: str, hidden: Iterable[str]) -> list[str]:
    """Return bubblewrap's words for a copy of this library in its place, and for empty folders in the place of packages."""
    import convbook

    place = str(Path(convbook.__file__).parent)
    words = ["--ro-bind", library, place, "--ro-bind", f"{place}/data", f"{place}/data"]
    for name in hidden:
        for path in _places_of(name):
            words += ["--tmpfs", path] if os.path.isdir(path) else ["--ro-bind", os.devnull, path]
    return words


@functools.cache
def _places_of(package: str) -> list[str]:
    """Return where a top-level package lies, with its compiled libraries, for any Python that the sandbox shows."""
    prefixes = {sys.prefix, sys.base_prefix, "/usr", "/usr/local", str(site.getuserbase())}
    folders = {*sys.path, *site.getsitepackages(), site.getusersitepackages()}
    for prefix in prefixes:
        folders |= set(glob.glob(f"{prefix}/lib*/python*/*-packages"))
    name = glob.escape(package)
    found = [
        path
        for folder in sorted(filter(None, folders))
        for ending in ("", ".py", ".*.so", ".libs")
        for path in glob.glob(f"{glob.escape(folder)}/{name}{ending}")
    ]
    for prefix in prefixes:
        found += [*glob.glob(f"{prefix}/lib/lib{name}*.so*"), *glob.glob(f"{prefix}/lib/*/lib{name}*.so*")]
    shown = [*SYSTEM, *_needed()]
    real = {os.path.realpath(path) for path in found}
    return sorted(path for path in real if any(path.startswith(f"{os.path.realpath(top)}/") for top in shown))


def _parents() -> list[str]:
    parents = {str(parent) for path in _needed() for parent in Path(path).parents if str(parent) != "/"}
    inside = [parent for parent in parents if not any(parent.startswith(path) for path in _needed())]
    return sorted(inside, key=len)


# --- inside, after the fork ---------------------------------------------------------------------------


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _do(name: str, *arguments: object) -> None:
    if getattr(_libc(), name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise NoSandbox(f"{name}: {os.strerror(number)}")


def fork_apart() -> int:
    """Fork; the child is the first process of a process namespace of its own and ends with all its children."""
    home = os.open("/proc/self/ns/pid", os.O_RDONLY)
    try:
        _do("unshare", NEW_PIDS)
        child = os.fork()
        if child:
            _do("setns", home, NEW_PIDS)
        return child
    finally:
        os.close(home)


def enter(limits: Limits, user: int) -> None:
    """Shut this process in: folders, network and processes of its own, another user, limits, no way back."""
    _do("unshare", NEW_MOUNTS | NEW_IPC | NEW_NETWORK)
    _do("mount", b"none", b"/", None, RECURSIVE | PRIVATE, None)
    _do("mount", b"proc", b"/proc", b"proc", NO_SUID | NO_DEVICES | NO_EXEC, None)
    size = f"size={limits.disk_bytes},nr_inodes=20000,mode=1777".encode()
    # An environment may itself lie below /tmp: what the new, empty /tmp would hide is held, and shown again.
    held = {path: os.open(path, os.O_PATH) for path in _needed() if path.startswith("/tmp/")}
    for place in (b"/tmp", b"/dev/shm"):
        _do("mount", b"tmpfs", place, b"tmpfs", NO_SUID | NO_DEVICES, size)
    for path, descriptor in held.items():
        os.makedirs(path, 0o755, exist_ok=True)
        _do("mount", f"/proc/self/fd/{descriptor}".encode(), path.encode(), None, BIND | RECURSIVE, None)
        _do("mount", None, path.encode(), None, BIND | AGAIN | READ_ONLY, None)
        os.close(descriptor)
    Path("/proc/self/oom_score_adj").write_text("1000")
    os.mkdir(FOLDER)
    namespaced = Path("/proc/self/uid_map").read_text().split()[2] == "1"
    if not namespaced:
        os.chown(FOLDER, user, user)
    os.chdir(FOLDER)
    # In a namespace of its own a process counts from the moment it is inside: limited before, it would be counted
    # together with everything else of the user who grades.
    limit(limits, processes=not namespaced)
    if namespaced:
        _become_nobody_in_a_namespace()
        limit_processes(limits)
    else:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    _do("prctl", NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    seccomp.install()


def _become_nobody_in_a_namespace() -> None:
    """Give up all capabilities in a user namespace of its own, so that processes are counted alone."""
    _do("unshare", NEW_USER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text("1000 0 1")
    Path("/proc/self/gid_map").write_text("1000 0 1")
    os.setresgid(1000, 1000, 1000)
    os.setresuid(1000, 1000, 1000)
    version = (ctypes.c_uint32 * 2)(0x20080522, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _do("capset", version, nothing)


def limit(limits: Limits, processes: bool) -> None:
    """Bound memory, files, processor time and, where the user is the process's own, processes."""
    data, space = _in_use()
    bounds = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_DATA: data + limits.memory_bytes,
        resource.RLIMIT_AS: space + limits.memory_bytes + MODEST_ROOM,
        resource.RLIMIT_FSIZE: limits.file_bytes,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_CPU: int(limits.submission_seconds * 2) + 10,
    }
    for which, value in bounds.items():
        _bound(which, value)
    if processes:
        limit_processes(limits)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a file that is too large is an error, not the end


def limit_processes(limits: Limits) -> None:
    """Bound the processes and threads of this process's user."""
    _bound(resource.RLIMIT_NPROC, limits.processes)


def _bound(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (value, value))


@contextlib.contextmanager
def processor_limit(seconds: float) -> Iterator[None]:
    """End this process after so much processor time: no alarm of Python's interrupts one long computation in C."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def limit_memory(more: int) -> None:
    """Bound the data that this process may hold beyond what it has already."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    bound = _in_use()[0] + more
    bound = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (bound, hard))


def _in_use() -> tuple[int, int]:
    """Return the data and the address space that this process uses already."""
    try:
        lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
        return tuple(int(lines[key].split()[0]) * 1024 for key in ("VmData", "VmSize"))
    except (OSError, KeyError):
        return 0, 4 * 1024**3


def prove() -> None:
    """Go once through everything that a student's process goes through; raises where it fails."""
    child = fork_apart()
    if child == 0:
        status = 1
        try:
            enter(Limits(), 1_000_000)
            status = 0
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    sys.exit(os.waitstatus_to_exitcode(status))


def only(descriptor: int) -> None:
    """Close everything that was open but one descriptor; what is read is empty, what is written is lost."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nowhere, standard)
    os.closerange(3, descriptor)
    os.closerange(descriptor + 1, 65_536)
