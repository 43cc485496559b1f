"""Tell an exception as a notebook would, without this machine's paths and without our own stack."""

from __future__ import annotations

import contextlib
import linecache
import re
import traceback
from types import TracebackType
from typing import Any

from convbook.forms import LearnerError, is_ours

SHELL = re.compile(r"[/\\](IPython|traitlets|asyncio)[/\\]")
LIBRARY = re.compile(r"^.*[/\\](?:site-packages|dist-packages|python3\.\d+)[/\\]")
LONGEST = 12  # frames
HIDDEN = re.compile(r"###\s*(BEGIN|END) HIDDEN TESTS")
FROM_HIDDEN_TEST = "raised by the student's code when a hidden test called it"


def told(
    error: BaseException, trace: TracebackType | None, compiler: Any, hidden_lines: bool = False
) -> tuple[str, str, list[str]]:
    """Return an exception's name, its message and its traceback as lines of text."""
    name, message = type(error).__name__, text_of(error)
    with contextlib.suppress(Exception):  # where it does not itself say how it is shown
        lines = [str(line) for line in error._render_traceback_()]
        of_student = hidden_lines and isinstance(error, LearnerError)
        if of_student and any(map(_is_hidden, traceback.extract_tb(trace))):
            lines.append(FROM_HIDDEN_TEST)
        return name, message, lines
    if isinstance(error, SyntaxError):
        said = "".join(traceback.format_exception_only(error)).rstrip()
        return name, message, [re.sub(r'File ".*?", ', "Cell, ", said)]
    stack = traceback.extract_tb(trace if trace is not None else error.__traceback__)
    frames = [text for frame in stack if (text := _frame(frame, compiler, hidden_lines))]
    if len(frames) > LONGEST:
        frames[LONGEST // 2 : -LONGEST // 2] = [f"  … {len(frames) - LONGEST} more calls"]
    return name, message, ["Traceback (most recent call last):", *frames, f"{name}: {message}".rstrip(": ")]


def text_of(error: BaseException) -> str:
    """Return an exception's message; a message that cannot be made is empty."""
    try:
        return re.sub(r" ?\(<ipython-input.*?>, (line \d+)\)", r" (\1)", str(error)[:10_000])
    except Exception:
        return ""


def _frame(frame: traceback.FrameSummary, compiler: Any, hidden_lines: bool) -> str:
    number = getattr(compiler, "_filename_map", {}).get(frame.filename)
    inside = "" if frame.name == "<module>" else f", in {frame.name}"
    if number is not None or frame.filename.startswith("<ipython-input"):
        where = f"  Cell In[{number}], line {frame.lineno}{inside}" if number else f"  In a cell{inside}"
        shown = "" if hidden_lines and _is_hidden(frame) else f"\n    {frame.line}"
        return where + shown
    if is_ours(frame.filename) or SHELL.search(frame.filename):
        return ""
    return f"  File {LIBRARY.sub('', frame.filename)}, line {frame.lineno}{inside}"


def _is_hidden(frame: traceback.FrameSummary) -> bool:
    hidden = False
    for line in linecache.getlines(frame.filename)[: frame.lineno]:
        mark = HIDDEN.search(line)
        hidden = mark.group(1) == "BEGIN" if mark else hidden
    return hidden
