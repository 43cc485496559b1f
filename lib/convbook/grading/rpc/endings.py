"""How a process ended, in words."""

from __future__ import annotations

import signal

NOT_STARTED, NO_MEMORY = 70, 71  # exit codes
TOO_LONG = "it used too much processor time"
WORDS = {
    NOT_STARTED: "it could not be started",
    NO_MEMORY: "it had no memory left",
    -signal.SIGSEGV: "a segmentation fault",
    -signal.SIGBUS: "a bus error",
    -signal.SIGABRT: "it aborted",
    -signal.SIGFPE: "an arithmetic error of the processor",
    -signal.SIGKILL: "it was ended, for its memory or for its time",
    -signal.SIGXCPU: TOO_LONG,
    -signal.SIGPROF: TOO_LONG,
}


def how(code: int) -> str:
    """Say in words how a process ended."""
    return WORDS.get(code) or (f"it left with code {code}" if code >= 0 else f"signal {-code}")
