"""`Answer`: call it, build it, read and write its state, differentiate it, switch its mode."""

from __future__ import annotations

import contextlib
import io
import sys
import time
import types
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from convbook.answers.limits import TooSlow, time_limit
from convbook.answers.values import Reference, copied
from convbook.answers.watch import Forbidden, nothing_forbidden, watched
from convbook.forms import Reply, is_ours

CALL_SECONDS = 4.0
PRINTED_CHARACTERS = 2_000


class Answer(ABC):
    """Hold one learner's function or class, wherever it runs.

    Every method returns a `Reply`: nothing a learner's code does is raised at the caller.
    """

    name: str

    @abstractmethod
    def call(self, *args: Any, seconds: float = CALL_SECONDS, forbid: str = "", **kwargs: Any) -> Reply:
        """Call the answer as a function. `forbid="torch"` refuses the use of torch inside it.

        A generator is run to its end (at most 10,000 items) and its items come back as a list.
        """

    @abstractmethod
    def build(self, *args: Any, seconds: float = CALL_SECONDS, forbid: str = "", **kwargs: Any) -> Reply:
        """Build an instance of the answer, a class; the reply's value is a `Built`."""

    @abstractmethod
    def source(self) -> str:
        """Return the answer's source text, or an empty string where there is none."""

    def as_module(self) -> Built:
        """Return the answer, a function of tensors, as a `Built` without parameters: to be called and differentiated."""
        raise NotImplementedError(f"{type(self).__name__} cannot hold a function of tensors")

    def place(self, reference: Reference) -> Built:
        """Make one of the course's own modules on the answer's side, as an argument for it."""
        raise NotImplementedError(f"{type(self).__name__} cannot make the course's own modules")

    def attribute(self, name: str) -> Reply:
        """Return a plain attribute (number, string, tuple) of the answer itself, for instance of a class."""
        raise NotImplementedError(f"{type(self).__name__} cannot read attributes")


class Built(ABC):
    """Hold one `torch.nn.Module` that a learner's code made. Arrays in, arrays out.

    All replies carry NumPy arrays; the module computes in float64 after `double()`.
    `kinds` are the names of its class and of all base classes, so `"Sequential" in built.kinds` can be asked.
    """

    kinds: tuple[str, ...] = ()

    @abstractmethod
    def call(self, *args: Any, seconds: float = CALL_SECONDS, **kwargs: Any) -> Reply:
        """Run the module on arrays; the value is its output as arrays."""

    @abstractmethod
    def double(self) -> Reply:
        """Turn parameters and buffers into float64."""

    @abstractmethod
    def train(self, mode: bool = True) -> Reply:
        """Switch the module to training or evaluation."""

    @abstractmethod
    def state(self) -> Reply:
        """Return the state-dict, in order, as a dict of arrays."""

    @abstractmethod
    def load_state(self, state: dict[str, Any]) -> Reply:
        """Write arrays into parameters and buffers of the same names."""

    @abstractmethod
    def parameters(self) -> Reply:
        """Return the names of the trainable parameters, in order."""

    @abstractmethod
    def gradient(self, *args: Any, weights: Any = None, seconds: float = CALL_SECONDS) -> Reply:
        """Differentiate `sum(weights * output)`, or the plain sum, by inputs and parameters.

        The value is `{"output": array, "inputs": [array or None], "parameters": {name: array or None}}`.
        """

    @abstractmethod
    def trace(self, *args: Any, seconds: float = CALL_SECONDS) -> Reply:
        """Return what ran, in order: dicts with `name`, `kind`, `settings`, `input`, `output`.

        One entry for every PyTorch operation that gives a tensor, whether a layer or a function asked for it: `name` is
        the innermost module that was running, `kind` one word ("conv", "bn", "relu", "maxpool", "add", "cat", …),
        `settings` its stride, padding and the like, `tensors` the names in the state-dict of what it used ("" for
        a tensor that no state-dict holds), `sources` the entries whose outputs it took (-1 for the first input), `result` whether the module returned it.
        """

    def shapes(self) -> Reply:
        """Return the shapes of the state-dict's entries, in order, without their values."""
        raise NotImplementedError(f"{type(self).__name__} does not tell shapes")

    @abstractmethod
    def attribute(self, name: str) -> Reply:
        """Return a plain attribute (number, string, tuple) of the module or its class."""


def hold(answer: Any) -> Answer:
    """Return `answer` as an `Answer`: as it is if it is one, wrapped if it is a learner's object."""
    return answer if isinstance(answer, Answer) else LocalAnswer(answer)


class LocalAnswer(Answer):
    """Hold an object of this very process."""

    def __init__(self, target: Any):
        self.target = target
        self.name = getattr(target, "__name__", type(target).__name__)

    def call(self, *args: Any, seconds: float = CALL_SECONDS, forbid: str = "", **kwargs: Any) -> Reply:
        return run(self.target, args, kwargs, seconds, forbid, value=_settled)

    def build(self, *args: Any, seconds: float = CALL_SECONDS, forbid: str = "", **kwargs: Any) -> Reply:
        from convbook.answers import module  # torch is loaded only where modules are built

        return module.build(self.target, args, kwargs, seconds, forbid)

    def as_module(self) -> Built:
        from convbook.answers import module

        return module.wrapped(self.target)

    def place(self, reference: Reference) -> Built:
        from convbook.answers import module

        return module.placed(reference)

    def attribute(self, name: str) -> Reply:
        from convbook.answers import module

        return module.attribute_of(self.target, name)

    def source(self) -> str:
        import inspect

        try:
            return inspect.getsource(self.target)
        except (OSError, TypeError):
            return ""


def run(
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


def _settled(result: Any) -> Any:
    """Return a result as a plain value: generators run to their end, arrays copied."""
    if isinstance(result, types.GeneratorType):
        items = []
        for item in result:
            items.append(copied(item))
            if len(items) == 10_000:
                break
        return items
    return copied(result)
