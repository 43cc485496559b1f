"""How a process ended, in words."""

from __future__ import annotations

import signal

NOT_STARTED, NO_MEMORY = 70, 71  # exit codes
TOO_LONG = "it used too much processor time"


def how(code: int) -> str:
    """Say in words how a process ended."""
    if code in (NOT_STARTED, NO_MEMORY):
        return "it could not be started" if code == NOT_STARTED else "it had no memory left"
    if code >= 0:
        return f"it left with code {code}"
    known = {
        signal.SIGSEGV: "a segmentation fault",
        signal.SIGBUS: "a bus error",
        signal.SIGABRT: "it aborted",
        signal.SIGFPE: "an arithmetic error of the processor",
        signal.SIGKILL: "it was ended, for its memory or for its time",
        signal.SIGXCPU: TOO_LONG,
        signal.SIGPROF: TOO_LONG,
    }
    return known.get(-code, f"signal {-code}")
