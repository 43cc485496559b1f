"""The course's own words: an exercise, a mistake, a case, a reply, a verdict.

Floor 0: everything else speaks in these, so nothing here imports the rest of
the course, NumPy or torch.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


class CheckFailed(AssertionError):
    """Tell a learner that an answer is wrong, and why.

    `exercise` is the exercise's name, `mistake` the name of the recognised mistake or None,
    `mistakes` all recognised names (two when two are made at once). `share` is the part of the answer that is right,
    from 0 to 1, where an exercise has parts. A notebook shows the message alone, never the course's own stack.
    """

    def __init__(
        self,
        message: str,
        exercise: str = "",
        mistakes: tuple[str, ...] = (),
        kind: str = "wrong",
        share: float = 0.0,
    ):
        super().__init__(message)
        self.exercise = exercise
        self.mistakes = tuple(mistakes)
        self.kind = kind
        self.share = share

    @property
    def mistake(self) -> str | None:
        return self.mistakes[0] if self.mistakes else None

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class NotAttempted(CheckFailed):
    """Say that an exercise's stub is still as it was handed out."""


class NotYet(Exception):
    """Say that a demonstration waits for an answer. A notebook shows only the sentence."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class Unread:
    """Stand for an answer whose cell is no Python: whatever is done with it says so, in one sentence."""

    def __init__(self, name: str, line: int, why: str):
        self._said = (
            f"{name} does not exist yet: its cell has a syntax error in line {line} ({why}). "
            "Mend that line and run the cell again."
        )

    def __str__(self) -> str:
        return self._said

    __repr__ = __str__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise NotYet(self._said)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # Python's and IPython's own questions
            raise AttributeError(name)
        raise NotYet(self._said)


class LearnerError(Exception):
    """Stand for an exception that was raised in another process by the learner's code.

    `kind` is the exception's class name, `trace` its traceback as text.
    """

    def __init__(self, kind: str, message: str, trace: str = ""):
        super().__init__(f"{kind}: {message}" if message else kind)
        self.kind = kind
        self.message = message
        self.trace = trace

    def _render_traceback_(self) -> list[str]:
        return [self.trace or str(self)]


@dataclass(frozen=True)
class Mistake:
    """Describe one usual mistake: what it is called, why it is wrong, and an answer that makes it.

    `explanation` is a sentence for anyone. `here` is a template that puts the numbers of the
    failing case into the rule; its fields are the exercise's facts. `answer` is the
    oracle with the mistake in it, so it reveals nothing. `ways` are the changes that make the mistake, each by itself:
    what they are, the exercise's observer knows.
    """

    name: str
    explanation: str
    answer: Callable[..., Any]
    here: str = ""
    ways: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Case:
    """Hold the arguments of one trial of an answer, and a word about what is special in it.

    `drawn` marks a case that came from the seed: while a class is graded its numbers stay untold.
    """

    args: tuple = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    about: str = ""
    drawn: bool = False


@dataclass(frozen=True)
class Reply:
    """Hold what came back from one call of an answer.

    `status` is one of `returned`, `raised`, `stub` (the untouched hand-out), `endless` (stopped by
    the clock) or `forbidden` (it reached for what the exercise rules out: see `forbidden`).
    `arguments` are the positional arguments as the call left them.
    """

    status: str
    value: Any = None
    arguments: tuple = ()
    error: BaseException | None = None
    printed: str = ""
    seconds: float = 0.0
    forbidden: str = ""

    @property
    def error_kind(self) -> str:
        """Return the class name of what was raised, here or in another process."""
        if isinstance(self.error, LearnerError):
            return self.error.kind
        return type(self.error).__name__ if self.error is not None else ""


@dataclass(frozen=True)
class Verdict:
    """Say what a judge found: right or not, the kind of fault, its names and the message.

    `kind` is `right`, `wrong`, `not attempted`, `crash`, `endless`, `forbidden`, `changed input`,
    `wrong type`, `wrong dtype`, `wrong shape`, `not finite` or `too slow`.
    `error` is the learner's own exception, to be raised as it is. `cause` is what explains a wrong answer that makes no
    mistake known by name: a relation that holds in every case. `share` is the part that is right, where an exercise has parts.
    """

    exercise: str
    kind: str
    message: str
    mistakes: tuple[str, ...] = ()
    error: BaseException | None = None
    case: Case | None = None
    cause: str = ""
    share: float = 0.0

    @property
    def right(self) -> bool:
        return self.kind == "right"

    @property
    def mistake(self) -> str | None:
        return self.mistakes[0] if self.mistakes else None


@dataclass(frozen=True)
class Exercise:
    """Check one answer when called: print one line if it is right, raise `CheckFailed` if not.

    `judging` takes the learner's object (or an `Answer`) and returns a `Verdict`. `told` hears the exercise's name and the
    verdict, after a right answer's line and before a wrong one's: it keeps what a learner did.
    """

    name: str
    title: str
    points: int
    mistakes: tuple[Mistake, ...]
    judging: Callable[[Any], Verdict]
    told: Callable[[str, Verdict], None] | None = field(default=None, compare=False, repr=False)
    outcomes: list[Verdict] = field(default_factory=list, compare=False, repr=False)

    def judge(self, answer: Any) -> Verdict:
        """Return the verdict on a learner's object, or an `Answer`.

        The first check loads PyTorch, and what PyTorch loads sets warnings filters of its own: they end here.
        """
        if isinstance(answer, Unread):
            return Verdict(self.name, "crash", str(answer))
        with warnings.catch_warnings():
            return self.judging(answer)

    def __call__(self, answer: Any) -> None:
        __tracebackhide__ = True  # IPython leaves this frame out of a learner's traceback
        verdict = self.judge(answer)
        self.outcomes[:] = [verdict]
        if verdict.right:
            print(verdict.message)
            self._tell(verdict)
            return
        self._tell(verdict)
        self._refuse(verdict)

    def credit(self, answer: Any) -> float | None:
        """Check an answer that has parts: print what is said to it, and return the points for the parts that are right.

        A cell whose last line is a number earns that many points in nbgrader. All points are None, as in every check;
        where nothing is right, `CheckFailed` is raised.
        """
        __tracebackhide__ = True
        verdict = self.judge(answer)
        self.outcomes[:] = [verdict]
        points = round(self.points * verdict.share, 2)
        if not verdict.right and points == 0:
            self._tell(verdict)
            self._refuse(verdict)
        print(verdict.message)
        self._tell(verdict)
        return None if verdict.right else points

    def _tell(self, verdict: Verdict) -> None:
        if self.told is not None:
            self.told(self.name, verdict)

    def _refuse(self, verdict: Verdict) -> None:
        __tracebackhide__ = True
        if verdict.error is not None:
            raise verdict.error
        failure = NotAttempted if verdict.kind == "not attempted" else CheckFailed
        raise failure(verdict.message, self.name, verdict.mistakes, verdict.kind, verdict.share)

    @property
    def state(self) -> str:
        """Return `not tried`, or the kind of the last verdict."""
        return self.outcomes[0].kind if self.outcomes else "not tried"


@dataclass(frozen=True)
class Unit:
    """Name one unit of the course and list its exercises in order."""

    folder: str
    title: str
    exercises: tuple[Exercise, ...]

    @property
    def points(self) -> int:
        return sum(exercise.points for exercise in self.exercises)


def is_ours(file: str) -> bool:
    """Tell whether a file is this library's: by where it lies, whatever a clone is called."""
    return file.startswith(_LIBRARY)


_LIBRARY = os.path.dirname(os.path.abspath(__file__)) + os.sep
