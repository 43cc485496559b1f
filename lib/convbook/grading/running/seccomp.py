"""Refuse system calls that no homework needs: namespaces, mounts, tracing, memory outside all limits, odd sockets, stops."""

from __future__ import annotations

import ctypes
import platform
import struct

SET_SECCOMP, FILTER = 22, 2
ALLOW, REFUSE, UNKNOWN = (
    0x7FFF0000,
    0x00050000 | 1,
    0x00050000 | 38,
)  # errno 1: not permitted, 38: no such call
LOAD, EQUAL, MASK, RETURN, AT_LEAST = 0x20, 0x15, 0x45, 0x06, 0x35
FIRST_STOP, LAST_STOP = 19, 22  # SIGSTOP to SIGTTOU: a process that stands still uses up no time of its own
NEW_NAMESPACES = 0x7E020080  # all CLONE_NEW… flags

ARCHITECTURES = {
    "x86_64": (
        0xC000003E,
        {
            "ptrace": 101, "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161, "unshare": 272, "setns": 308,
            "memfd_create": 319, "bpf": 321, "userfaultfd": 323, "perf_event_open": 298, "process_vm_readv": 310,
            "process_vm_writev": 311, "keyctl": 250, "add_key": 248, "request_key": 249, "io_uring_setup": 425,
            "kexec_load": 246, "shmget": 29, "fsopen": 430, "fsmount": 432, "move_mount": 429, "memfd_secret": 447,
        },
        56,
        41,
        ((62, 24), (200, 24), (234, 32)),
    ),
    "aarch64": (
        0xC00000B7,
        {
            "ptrace": 117, "mount": 40, "umount2": 39, "pivot_root": 41, "chroot": 51, "unshare": 97, "setns": 268,
            "memfd_create": 279, "bpf": 280, "userfaultfd": 282, "perf_event_open": 241, "process_vm_readv": 270,
            "process_vm_writev": 271, "keyctl": 219, "add_key": 217, "request_key": 218, "io_uring_setup": 425,
            "kexec_load": 104, "shmget": 194, "fsopen": 430, "fsmount": 432, "move_mount": 429, "memfd_secret": 447,
        },
        220,
        198,
        ((129, 24), (130, 24), (131, 32)),
    ),
}  # fmt: skip
CLONE3 = 435
# Families of sockets: Unix, internet 4 and 6, netlink. A network namespace shuts these in; not every other one:
# a virtual machine reaches its host over one of its own.
FAMILIES = (1, 2, 10, 16)


def program() -> bytes:
    """Return the filter for this machine, empty where its system calls are not known here."""
    if platform.machine() not in ARCHITECTURES:
        return b""
    mark, refused, clone, new_socket, kills = ARCHITECTURES[platform.machine()]
    steps = [
        _step(LOAD, 4),  # the architecture: calls of another one would have other numbers
        _step(EQUAL, mark, 1, 0),
        _step(RETURN, REFUSE),
        _step(LOAD, 0),  # the number of the call
    ]
    if platform.machine() == "x86_64":  # the x32 interface has its own numbers
        steps += [_step(AT_LEAST, 0x40000000, 0, 1), _step(RETURN, REFUSE)]
    for number in refused.values():
        steps += [_step(EQUAL, number, 0, 1), _step(RETURN, REFUSE)]
    steps += [
        _step(EQUAL, CLONE3, 0, 1),
        _step(RETURN, UNKNOWN),
    ]  # its flags lie in memory: glibc then uses clone
    for number, signal in kills:  # kill, tkill and tgkill, with the place of the signal among the arguments
        steps += [
            _step(EQUAL, number, 0, 5),
            _step(LOAD, signal),
            _step(AT_LEAST, FIRST_STOP, 0, 2),
            _step(AT_LEAST, LAST_STOP + 1, 1, 0),
            _step(RETURN, REFUSE),
            _step(RETURN, ALLOW),
        ]
    count = len(FAMILIES)
    steps += [
        _step(EQUAL, new_socket, 0, count + 3),
        _step(LOAD, 16),  # the family
        *(_step(EQUAL, family, count - place, 0) for place, family in enumerate(FAMILIES)),
        _step(RETURN, REFUSE),
        _step(RETURN, ALLOW),
    ]
    steps += [
        _step(EQUAL, clone, 0, 3),
        _step(LOAD, 16),  # the flags
        _step(MASK, NEW_NAMESPACES, 0, 1),
        _step(RETURN, REFUSE),
        _step(RETURN, ALLOW),
    ]
    return b"".join(steps)


def install() -> bool:
    """Put the filter on this process and all it starts, for good; needs `no_new_privs`."""
    code = program()
    if not code:
        return False
    buffer = ctypes.create_string_buffer(code, len(code))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))

    filters = Program(len(code) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.prctl(SET_SECCOMP, FILTER, ctypes.byref(filters), 0, 0) == 0


def _step(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("=HBBI", code, then, otherwise, value)
