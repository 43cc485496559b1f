"""Ask drills in a terminal: one after another, with progress; leave at any time."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import textwrap
from collections.abc import Callable

from convbook.drills.papers import Drill, Mark, shown_value
from convbook.drills.practice import Practice

GREEN, RED, QUIET = "32", "31", "2"
HELP = "Type an answer; ? shows the way to it, q ends."


class Session:
    """Ask `count` drills on standard input and output, and say at the end how it went."""

    def __init__(self, practice: Practice, count: int, read: Callable[[str], str] | None = None):
        self.practice, self.count, self.read = practice, count, read or input
        self.asked = self.right = 0
        self.wrong: list[str] = []
        self.colours = (
            sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        )

    def run(self) -> int:
        """Ask until the last question, q, Ctrl-D or Ctrl-C; print a summary and return the exit code 0."""
        with contextlib.suppress(ImportError):
            import readline  # noqa: F401  # arrow keys while an answer is typed

        self.say(HELP, QUIET)
        with contextlib.suppress(EOFError, KeyboardInterrupt, _Enough):
            for number in range(1, self.count + 1):
                self.one(number)
        print()
        self.summary()
        return 0

    def one(self, number: int) -> None:
        """Ask one drill: a wrong answer is explained and may be tried again once, then the way is shown."""
        drill = self.practice.next()
        print()
        self.say(f"{number} of {self.count} · unit {drill.kind.unit} · {drill.kind.title}", QUIET)
        self.say(drill.text)
        mark = self.answer(drill, "answer: ")
        right = bool(mark and mark.right)
        self.asked += 1
        self.right += right
        if not right and drill.kind.title not in self.wrong:
            self.wrong.append(drill.kind.title)
        self.practice.heard(drill, right)
        if mark and not right:
            self.say(f"✗ {mark.sentence}", RED)
            mark = self.answer(drill, "again, or Enter for the way: ", enter=True)
        if mark and mark.right:
            self.say("✓ right", GREEN)
        else:
            self.say(f"The answer is {shown_value(drill.answer)}:" if mark is None else f"✗ {mark.sentence} The answer is "
                     f"{shown_value(drill.answer)}:", QUIET if mark is None else RED)  # fmt: skip
            self.say(drill.worked)

    def answer(self, drill: Drill, prompt: str, enter: bool = False) -> Mark | None:
        """Return what is said to the next answer that can be read; None where the way is asked for."""
        while True:
            typed = self.read(prompt).strip()
            if typed.casefold() in ("q", "quit", "exit"):
                raise _Enough
            if typed == "?" or (enter and not typed):
                return None
            mark = drill.mark(typed)
            if mark.right is not None:
                return mark
            self.say(mark.sentence)

    def summary(self) -> None:
        """Print how many were right, and what comes back."""
        if not self.asked:
            self.say("Nothing was answered.")
            return
        self.say(f"{self.right} of {self.asked} right at the first try.")
        if self.wrong and self.practice.place is not None:
            self.say(f"These come back soon: {', '.join(self.wrong)}.")
        if self.practice.place is None:
            self.say(
                "Nothing is kept of it: `convbook lab` makes the folder in which your records lie.", QUIET
            )

    def say(self, text: str, colour: str = "") -> None:
        """Print a text, line by line, broken at the width of the terminal."""
        width = max(40, min(100, shutil.get_terminal_size((80, 24)).columns))
        lines = [part for line in text.splitlines() for part in textwrap.wrap(line, width) or [""]]
        told = "\n".join(lines)
        print(f"\033[{colour}m{told}\033[0m" if colour and self.colours else told)


class _Enough(Exception):
    """End the session."""
