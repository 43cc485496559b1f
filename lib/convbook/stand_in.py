"""Show a demonstration whatever the state of the answer it uses: the learner's own where it works, PyTorch's else.

    from convbook.stand_in import yours
    yours(corr2d, check.corr2d)(image, kernel)

Nothing here answers an exercise: the stand-in is the check's oracle, which is PyTorch itself. What PyTorch has no
function for (a block, a network, a kernel of one's own choice) has no stand-in: the cell says so in one line, and ends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from convbook.answers import hold
from convbook.answers.values import copied
from convbook.checks.engine.compare import same
from convbook.checks.engine.declare import question_of
from convbook.checks.engine.observe import Calls
from convbook.forms import Exercise, NotYet, Unread

SECONDS = 20.0  # for one call: a demonstration may be larger than the cases of a check
INSTEAD = "this cell uses PyTorch's result"


def yours(answer: Any, exercise: Exercise) -> Any:
    """Return the learner's answer, with PyTorch standing in for a function that is open, fails or goes wrong.

    A function is tried on the very arguments of each call and compared with the check's oracle there; the first time
    they differ one line says so. Where the exercise has no oracle, what comes back is the answer itself; one that does
    not pass its check is announced in one line.

    Raises `NotYet` for an answer without a stand-in that is still to be written.
    """
    oracle = _oracle(exercise)
    if oracle is None:
        return _attempted(answer, exercise)
    question = question_of(exercise)
    if hasattr(question.observer, "seen"):
        return GuardedSeen(answer, exercise.name, oracle, question)
    return Guarded(answer, exercise.name, oracle)


class Guarded:
    """A learner's function that may fail: then the oracle's result comes back, and one line says so."""

    def __init__(self, answer: Any, name: str, oracle: Callable[..., Any]):
        self.answer, self.name, self.oracle = answer, name, oracle
        self.told = False

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        wanted = self.oracle(*copied(args), **copied(kwargs))
        if isinstance(self.answer, Unread):
            self._say(f"{self.answer} Until then {INSTEAD}.")
            return wanted
        reply = hold(self.answer).call(*copied(args), seconds=SECONDS, **copied(kwargs))
        if reply.status == "returned" and same(self.seen(reply), wanted, "float32"):
            return self.handed_over(self.seen(reply), args)
        self._tell(reply)
        return self.handed_over(wanted, args)

    def seen(self, reply: Any) -> Any:
        """Return what is compared with the oracle's result."""
        return reply.value

    def handed_over(self, result: Any, args: Any) -> Any:
        """Return what the caller gets."""
        return result

    def _tell(self, reply: Any) -> None:
        what = {
            "stub": "is not done yet",
            "returned": "gives another result here than PyTorch",
            "endless": f"did not end within {SECONDS:g} s",
        }.get(reply.status, f"stopped here with {reply.error_kind}")
        self._say(f"{self.name} {what}: {INSTEAD}.")

    def _say(self, line: str) -> None:
        if not self.told:
            print(line)
        self.told = True


class GuardedSeen(Guarded):
    """A learner's function of which the exercise's observer sees more than the result.

    Where it writes into its arguments, the caller's arrays are updated, whoever computes.
    """

    def __init__(self, answer: Any, name: str, oracle: Callable[..., Any], question: Any):
        super().__init__(answer, name, oracle)
        self.question = question

    def seen(self, reply: Any) -> Any:
        return self.question.observer.seen(self.question.oracle, reply)

    def handed_over(self, result: Any, args: Any) -> Any:
        return self.question.observer.left(self.question.oracle, result, args)


def working(ways: Mapping[str, Callable[[], Any]]) -> dict[str, Callable[[], Any]]:
    """Return the functions of `ways` that run without an error; one line names each that does not.

    >>> list(working({"a": lambda: 1, "b": lambda: 1 / 0}))
    b is left out: it stopped with ZeroDivisionError.
    ['a']
    """
    kept = {}
    for name, way in ways.items():
        try:
            way()
        except NotImplementedError:
            print(f"{name} is left out: it is not done yet.")
        except NotYet as waits:
            print(f"{name} is left out. {waits}")
        except Exception as error:
            print(f"{name} is left out: it stopped with {type(error).__name__}.")
        else:
            kept[name] = way
    return kept


def _attempted(answer: Any, exercise: Exercise) -> Any:
    """Return an answer that has no stand-in, unless it is still the stub; say so where its check is not passed."""
    if isinstance(answer, Unread):
        raise NotYet(str(answer))
    if exercise.state == "right":
        return answer
    verdict = exercise.judge(answer)  # the last check may have seen an earlier version
    question = question_of(exercise)
    drawn = getattr(question.observer, "stand_in", None)
    if (
        not verdict.right and drawn is not None
    ):  # left to chance: not to be compared, but PyTorch can draw as well
        what = "is not done yet" if verdict.kind == "not attempted" else "does not pass its check yet"
        print(f"{exercise.name} {what}: {INSTEAD}.")
        return drawn(question)
    if verdict.kind == "not attempted":
        raise NotYet(f"{exercise.name} is not done yet: nothing can stand in for it, so this cell waits.")
    if not verdict.right:
        print(f"{exercise.name} does not pass its check yet: what follows shows what it does now.")
    return answer


def _oracle(exercise: Exercise) -> Callable[..., Any] | None:
    """Return what an exercise compares with, or None where it judges by behaviour."""
    question = question_of(exercise)
    if not isinstance(question.observer, Calls):
        return None
    return lambda *args, **kwargs: question.oracle.run(args, kwargs)
