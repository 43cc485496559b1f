"""Say in one sentence, wherever an answer is used, that its cell has a syntax error.

Python defines nothing of a cell it cannot read. What uses the answer would stop with a NameError, which sends a learner
to look for a typo in the wrong cell. So a name that such a cell would have defined stands for `Unread`, until it is mended.
"""

from __future__ import annotations

import os
import re
from typing import Any

from convbook.forms import Unread

DEFINED = re.compile(r"^(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)


def listen(shell: Any) -> None:
    """Look at every cell that a notebook's shell could not read. Where a notebook is graded, do nothing."""
    ours = type(shell).__module__.startswith(
        "convbook."
    )  # the shell in which `convbook grade` runs a hand-in
    if shell is None or ours or os.environ.get("NBGRADER_EXECUTION"):
        return

    def ran(result: Any) -> None:
        error = result.error_before_exec
        if isinstance(error, SyntaxError):
            stand_for(result.info.raw_cell, error, shell.user_ns)

    shell.events.register("post_run_cell", ran)


def stand_for(source: str, error: SyntaxError, names: dict[str, Any]) -> None:
    """Put an `Unread` under each name that a cell would have defined and that stands for nothing yet."""
    for name in DEFINED.findall(source):
        if name not in names or isinstance(names[name], Unread):
            names[name] = Unread(name, error.lineno or 1, error.msg)
