"""Refuse system calls that no homework needs: namespaces, mounts, tracing, memory outside all limits, odd sockets, stops."""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

SET_SECCOMP, FILTER = 22, 2
ALLOW, ERROR = 0x7FFF0000, 0x00050000
LOAD, EQUAL, MASK, RETURN, AT_LEAST = 0x20, 0x15, 0x45, 0x06, 0x35
FIRST_STOP, LAST_STOP = 19, 22  # SIGSTOP to SIGTTOU: a process that stands still uses up no time of its own
NEW_NAMESPACES = 0x7E020080  # all CLONE_NEW… flags

ARCHITECTURES = {  # its mark, the numbers of calls that are refused, and of those whose arguments decide
    "x86_64": (
        0xC000003E,
        {
            "ptrace": 101, "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161, "unshare": 272, "setns": 308,
            "memfd_create": 319, "bpf": 321, "userfaultfd": 323, "perf_event_open": 298, "process_vm_readv": 310,
            "process_vm_writev": 311, "keyctl": 250, "add_key": 248, "request_key": 249, "io_uring_setup": 425,
            "kexec_load": 246, "shmget": 29, "fsopen": 430, "fsmount": 432, "move_mount": 429, "memfd_secret": 447,
        },
        {"clone": 56, "socket": 41, "kill": 62, "tkill": 200, "tgkill": 234},
    ),
    "aarch64": (
        0xC00000B7,
        {
            "ptrace": 117, "mount": 40, "umount2": 39, "pivot_root": 41, "chroot": 51, "unshare": 97, "setns": 268,
            "memfd_create": 279, "bpf": 280, "userfaultfd": 282, "perf_event_open": 241, "process_vm_readv": 270,
            "process_vm_writev": 271, "keyctl": 219, "add_key": 217, "request_key": 218, "io_uring_setup": 425,
            "kexec_load": 104, "shmget": 194, "fsopen": 430, "fsmount": 432, "move_mount": 429, "memfd_secret": 447,
        },
        {"clone": 220, "socket": 198, "kill": 129, "tkill": 130, "tgkill": 131},
    ),
}  # fmt: skip
CLONE3 = 435
FIRST, SECOND, THIRD = 16, 24, 32  # where a call's arguments lie
# Families of sockets: Unix, internet 4 and 6, netlink. A network namespace shuts these in; not every other one:
# a virtual machine reaches its host over one of its own.
FAMILIES = (1, 2, 10, 16)


def program() -> bytes:
    """Return the filter for this machine, empty where its system calls are not known here."""
    if platform.machine() not in ARCHITECTURES:
        return b""
    mark, refused, calls = ARCHITECTURES[platform.machine()]
    allow, refuse = _step(RETURN, ALLOW), _step(RETURN, ERROR | errno.EPERM)
    steps = [
        _step(LOAD, 4),  # the architecture: calls of another one would have other numbers
        _step(EQUAL, mark, 1, 0),
        refuse,
        _step(LOAD, 0),  # the number of the call
    ]
    if platform.machine() == "x86_64":  # the x32 interface has its own numbers
        steps += [_step(AT_LEAST, 0x40000000, 0, 1), refuse]
    for number in refused.values():
        steps += _on(number, refuse)
    # Its flags lie in memory; where it is unknown, glibc uses clone.
    steps += _on(CLONE3, _step(RETURN, ERROR | errno.ENOSYS))
    for name, signal in (("kill", SECOND), ("tkill", SECOND), ("tgkill", THIRD)):
        stops = _step(AT_LEAST, FIRST_STOP, 0, 2), _step(AT_LEAST, LAST_STOP + 1, 1, 0)
        steps += _on(calls[name], _step(LOAD, signal), *stops, refuse, allow)
    count = len(FAMILIES)
    usual = [_step(EQUAL, family, count - place, 0) for place, family in enumerate(FAMILIES)]
    steps += _on(calls["socket"], _step(LOAD, FIRST), *usual, refuse, allow)
    steps += _on(calls["clone"], _step(LOAD, FIRST), _step(MASK, NEW_NAMESPACES, 0, 1), refuse)
    return b"".join([*steps, allow])


def install() -> None:
    """Put the filter on this process and all it starts, for good; needs `no_new_privs`."""
    if code := program():
        buffer = ctypes.create_string_buffer(code, len(code))
        # The kernel's `struct sock_fprog`: how many steps there are, and where.
        filters = struct.pack("HP", len(code) // 8, ctypes.addressof(buffer))
        ctypes.CDLL(None).prctl(SET_SECCOMP, FILTER, filters, 0, 0)


def _on(number: int, *steps: bytes) -> list[bytes]:
    """Return steps that are gone through for this call alone."""
    return [_step(EQUAL, number, 0, len(steps)), *steps]


def _step(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("=HBBI", code, then, otherwise, value)
