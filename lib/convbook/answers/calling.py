"""Call a learner's code under the clock, and describe all that happened as a `Reply`."""

from __future__ import annotations

import contextlib
import io
import sys
import time
import types
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from convbook.answers.limits import TooSlow, time_limit
from convbook.answers.values import copied
from convbook.answers.watch import Forbidden, nothing_forbidden, watched
from convbook.forms import Reply, is_ours

PRINTED_CHARACTERS = 2_000


def observe(
    function: Callable[..., Any],
    args: Sequence[Any],
    kwargs: dict[str, Any],
    seconds: float,
    forbid: str = "",
    value: Callable[[Any], Any] = copied,
) -> Reply:
    """Call a learner's function under the clock and describe all that happened as a `Reply`.

    What it prints is kept, its warnings are silenced, and `value` turns the result
    into what the judge may hold while the clock still runs.
    """
    printed = io.StringIO()
    started = time.perf_counter()
    status, result, error, name = "returned", None, None, ""
    guard = watched(forbid) if forbid else nothing_forbidden()
    with contextlib.ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.enter_context(contextlib.redirect_stdout(printed))
        stack.enter_context(contextlib.redirect_stderr(printed))
        try:
            with time_limit(seconds), guard:
                result = value(function(*args, **kwargs))
        except TooSlow:
            status = "endless"
        except Forbidden as reached:
            status, name = "forbidden", str(reached)
        except NotImplementedError as stub:
            status, error = ("stub" if is_stub(stub) else "raised"), stub
        except KeyboardInterrupt:
            raise
        except BaseException as own:  # SystemExit too: an answer may not close the notebook
            status, error = "raised", own.with_traceback(learners_part(own.__traceback__))
    return Reply(
        status=status,
        value=result,
        arguments=tuple(args),
        error=error,
        printed=printed.getvalue()[:PRINTED_CHARACTERS],
        seconds=time.perf_counter() - started,
        forbidden=name,
    )


def learners_part(trace: types.TracebackType | None) -> types.TracebackType | None:
    """Return the frames of a traceback that are the learner's; all but the first, which is ours, where there are none.

    An error in a layer comes back through dozens of frames of PyTorch and of the course that tell a learner nothing.
    """
    frames = []
    while trace is not None:
        frames.append(trace)
        trace = trace.tb_next
    kept = [one for one in frames if not _is_plumbing(one.tb_frame.f_code.co_filename)] or frames[1:]
    for one, following in zip(kept, [*kept[1:], None], strict=False):
        one.tb_next = following
    return kept[0] if kept else None


def _is_plumbing(file: str) -> bool:
    torch = sys.modules.get("torch")
    return is_ours(file) or any(Path(file).is_relative_to(root) for root in getattr(torch, "__path__", ()))


def is_stub(error: NotImplementedError) -> bool:
    """Tell whether an exception is the bare one of an untouched hand-out (nbgrader's stub)."""
    return not error.args


def settled(result: Any) -> Any:
    """Return a result as a plain value: generators run to their end, arrays copied."""
    if isinstance(result, types.GeneratorType):
        items = []
        for item in result:
            items.append(copied(item))
            if len(items) == 10_000:
                break
        return items
    return copied(result)
