"""Observers: each drives an answer through a case in its own way, and says how what it saw differs from what was wanted.

The judge knows no exercise and no kind of answer: it asks the exercise's observer. `Calls` calls a function of arrays.
`Records` is the base for whatever is seen in several parts (an output and its gradient, what was built, what was left
in a model): each part has a name, and the first that differs is told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from convbook.answers import Answer, LocalAnswer, hold
from convbook.answers.values import laid_out, layout_of
from convbook.checks.engine.compare import Fault, Raised, fault_of, is_a, same, shown
from convbook.checks.engine.oracles import Change, DeclarationError, Oracle
from convbook.checks.engine.seed import generator, secret
from convbook.forms import Case, Mistake, Reply


@dataclass(frozen=True)
class Trial:
    """Hold one case with what was wanted, what came back and how it differs (None where it is right)."""

    case: Case
    wanted: Any
    reply: Reply
    fault: Fault | None
    facts: dict[str, float] = field(
        default_factory=dict, compare=False
    )  # numbers of the case, once they were asked for

    @property
    def conclusive(self) -> bool:
        """Tell whether this trial says anything about the rule: a result, or an exception."""
        return self.reply.status in ("returned", "raised")


class Observer:
    """Say how an answer is tried and compared. A new kind of exercise is a new observer, never a new judge."""

    wants = "the function"  # what the check must be given, for the message to whoever gives something else
    library = "NumPy"  # what the learner computes with, for the hints
    pairing_seconds = 0.0  # of computing, for two mistakes at once; 0 is the usual time
    facts: tuple[str, ...] = ()  # names that templates may use besides the exercise's own facts

    def holds(self, target: Any) -> bool:
        """Tell whether a learner's object is of the kind that is wanted."""
        return callable(target)

    def observe(self, question: Any, answer: Answer, case: Case, seconds: float, forbid: str) -> Reply:
        """Return what an answer does in one case; the value of the reply is what is compared."""
        raise NotImplementedError

    def wanted(self, question: Any, case: Case) -> Any:
        """Return what should be seen in one case."""
        raise NotImplementedError

    def fault(self, question: Any, case: Case, reply: Reply, wanted: Any) -> Fault | None:
        """Return how a reply that returned differs from what was wanted, or None."""
        raise NotImplementedError

    def explains(self, question: Any, trial: Trial, ways: Sequence[Any]) -> bool | None:
        """Tell whether mistakes made in these ways give what was seen; None where they have nothing to say."""
        raise NotImplementedError

    def matters(self, question: Any, case: Case, ways: Sequence[Any]) -> bool:
        """Tell whether mistakes made in these ways change what is wanted in a case."""
        raise NotImplementedError

    def compares(self, case: Case) -> bool:
        """Tell whether a case looks at all that an answer does, so that its being right can be held against another's fault."""
        return True

    def mutant(self, oracle: Oracle, ways: Sequence[Any]) -> Callable[..., Any]:
        """Return an answer that makes mistakes in these ways, all at once; `ValueError` where there are none."""
        raise NotImplementedError

    def declared(self, cases: Callable[[np.random.Generator], Any]) -> Observer:
        """Return the observer of one exercise, once its cases are known."""
        return self

    def automatic(self, question: Any) -> tuple[Mistake, ...]:
        """Return mistakes that nobody had to declare."""
        return ()

    def combine(self, one: Any, other: Any) -> bool:
        """Tell whether two ways can be gone at once."""
        return True

    def facts_of(self, question: Any, trial: Trial) -> Mapping[str, Any]:
        """Return the numbers that templates may use in one case."""
        raise NotImplementedError

    def case_text(self, question: Any, case: Case) -> str:
        """Return a case as a person reads it."""
        raise NotImplementedError

    def shown(self, wanted: Any) -> str:
        """Return what is wanted as a person reads it."""
        return shown(wanted)

    def remarks(self, question: Any, answer: Answer, trial: Trial) -> list[str]:
        """Return what else is odd in an answer that makes no known mistake, as sentences."""
        return []

    def note(self, question: Any, answer: Answer) -> str:
        """Return a remark for the green line of a right answer, or nothing."""
        return ""


class Calls(Observer):
    """Call a function of plain values and arrays, and compare its result."""

    def observe(self, question: Any, answer: Answer, case: Case, seconds: float, forbid: str) -> Reply:
        args = tuple(fresh(a) for a in case.args)
        return answer.call(*args, seconds=seconds, forbid=forbid, **case.kwargs)

    def wanted(self, question: Any, case: Case) -> Any:
        return outcome(question.oracle, case)

    def fault(self, question: Any, case: Case, reply: Reply, wanted: Any) -> Fault | None:
        if reply.status != "returned" and not isinstance(wanted, Raised):
            return None
        return fault_of(reply, wanted, precision(case), question.counts)

    def explains(self, question: Any, trial: Trial, ways: Sequence[Any]) -> bool | None:
        """Tell whether a mutant gives what was heard.

        It must explain the fault: a right number of the wrong type is no known mistake. Where an exception is asked
        for, any number in its place is like another (and so is the division by zero of a bare formula). A mutant that
        breaks says nothing; only what it refuses on purpose is a result like any other.
        """
        if not all(isinstance(way, Change) for way in ways):
            return False
        made, heard = outcome(question.oracle, trial.case, ways), _heard(trial)
        if trial.fault is not None and same(made, trial.wanted, precision(trial.case)):
            return False
        if isinstance(trial.wanted, Raised) and made != trial.wanted:
            bare = heard == Raised("ZeroDivisionError") or not isinstance(
                heard, Raised | BaseException | type
            )
            return trial.fault is not None and bare
        if isinstance(made, Raised) and not isinstance(trial.wanted, Raised) and made.kind != "ValueError":
            return None  # the mutant broke: in NumPy the same mistake may do anything
        return same(heard, made, precision(trial.case))

    def matters(self, question: Any, case: Case, ways: Sequence[Any]) -> bool:
        made = outcome(question.oracle, case, ways)
        return not same(made, outcome(question.oracle, case), precision(case))

    def mutant(self, oracle: Oracle, ways: Sequence[Any]) -> Callable[..., Any]:
        return oracle.mutant(*ways)

    def combine(self, one: Any, other: Any) -> bool:
        twice = set(one.arguments) & set(
            other.arguments
        )  # the second change would meet what the first has made
        return not twice and not (one.instead and other.instead) and one != other

    def facts_of(self, question: Any, trial: Trial) -> Mapping[str, Any]:
        facts = question.oracle.facts(trial.case.args, trial.case.kwargs)
        if isinstance(trial.wanted, np.ndarray):
            facts.add_axes(question.oracle.result_axes, trial.wanted.shape)
        facts.known |= {"yours": trial.reply.value, "wanted": trial.wanted}
        return facts

    def note(self, question: Any, answer: Answer) -> str:
        """Return a remark on whole numbers that are given as floats: equal, and yet refused where an int is needed."""
        first = next(iter(question.cases(generator(question.name))), None)
        if first is None or not isinstance(self.wanted(question, first), int):
            return ""
        value = self.observe(question, answer, first, 1.0, question.forbid).value
        if not isinstance(value, float | np.floating):
            return ""
        return f"it returns {value!r}, a float: equal, but `range` and `np.pad` ask for a whole number, as `//` gives it"

    def case_text(self, question: Any, case: Case) -> str:
        """Return every argument by its name, small arrays in full."""
        hide = case.drawn and secret()
        arguments = dict(zip(question.oracle.signature.parameters, case.args, strict=False)) | case.kwargs
        arrays = {name: value for name, value in arguments.items() if isinstance(value, np.ndarray)}
        if hide and not arrays:
            return "one drawn for grading"
        text = ", ".join(f"{name} {_brief(value)}" for name, value in arguments.items() if value is not None)
        if case.about:
            text = f"{text} ({case.about})".strip()
        if arrays and not hide and sum(one.size for one in arrays.values()) <= 40:
            indented = (
                f"\n{name} = " + re.sub("\n+", "\n" + " " * (len(name) + 3), shown(one))
                for name, one in arrays.items()
            )
            text += "".join(indented)
        return text


CALLS = Calls()


def _heard(trial: Trial) -> Any:
    """Return the value, or what was raised, as something comparable."""
    if trial.reply.status != "raised":
        return trial.reply.value
    if isinstance(trial.wanted, Raised) and is_a(trial.reply, trial.wanted):
        return trial.wanted
    return Raised(trial.reply.error_kind)


def outcome(oracle: Oracle, case: Case, ways: Sequence[Change] = ()) -> Any:
    """Return what an oracle gives for a case, with an exception as `Raised`.

    As it is, it may raise only `ValueError`; with a mistake in it, it may break in any way.
    """
    try:
        return oracle.run(case.args, case.kwargs, ways)
    except ValueError:
        return Raised("ValueError")
    except Exception as error:
        if not ways:
            raise
        return Raised(type(error).__name__)


def fresh(value: Any) -> Any:
    """Return a copy of an argument that lies in memory as the original does."""
    return laid_out(value, layout_of(value)) if isinstance(value, np.ndarray) else value


def precision(case: Case) -> str:
    """Return "float32" if an argument is of that type, else "float64"."""
    for value in (*case.args, *case.kwargs.values()):
        for one in value if isinstance(value, list) else (value,):
            if isinstance(one, np.ndarray) and one.dtype == np.float32:
                return "float32"
    return "float64"


def _brief(value: Any) -> str:
    if isinstance(value, np.ndarray):
        kind = "" if value.dtype == np.float64 else f" {value.dtype}"
        return f"{value.shape}{kind}"
    return repr(value)


class Records(Observer):
    """See an answer in several named parts: a dict of plain values, compared part by part in its order.

    The oracle returns the same dict for a right answer. A mistake is a changed argument or a changed record, or a whole
    wrong answer, which is then observed like a learner's. `words` says each part in the message; a part whose value is an
    array or a number is compared with tolerance.
    """

    words: Mapping[str, str] = {}

    def watch(self, answer: Answer, case: Case, seconds: float, forbid: str) -> Reply:
        """Return a reply whose value is the record of one case."""
        raise NotImplementedError

    def observe(self, question: Any, answer: Answer, case: Case, seconds: float, forbid: str) -> Reply:
        return self.watch(answer, case, seconds, forbid)

    def wanted(self, question: Any, case: Case) -> Any:
        return question.oracle.run(case.args, case.kwargs)

    def fault(self, question: Any, case: Case, reply: Reply, wanted: Any) -> Fault | None:
        if reply.status != "returned":
            return None
        for part, goal in wanted.items():
            if (fault := self.part_fault(part, reply.value.get(part), goal, case)) is not None:
                return fault
        return None

    def part_fault(self, part: str, yours: Any, goal: Any, case: Case) -> Fault | None:
        """Return how one part of a record differs, or None."""
        if self.alike(part, yours, goal, case):
            return None
        if isinstance(goal, np.ndarray):
            fault = fault_of(Reply("returned", yours), goal, precision(case))
            if fault is not None:
                return replace(fault, sentence=f"{self.words.get(part, part)} {fault.sentence}")
        told = self.words.get(part, part)
        return Fault("wrong", told, self.told(part, yours), self.told(part, goal))

    def told(self, part: str, value: Any) -> str:
        """Return the value of a part for a reader."""
        return shown(value)

    def alike(self, part: str, yours: Any, goal: Any, case: Case) -> bool:
        """Tell whether two values of a part are the same."""
        if isinstance(goal, np.ndarray | float | int) and not isinstance(goal, bool):
            return same(yours, goal, precision(case))
        return bool(yours == goal)

    def explains(self, question: Any, trial: Trial, ways: Sequence[Any]) -> bool | None:
        if trial.reply.status != "returned":
            return None
        made = self.predicted(question, trial.case, ways)
        if made is None:
            return False
        if trial.fault is not None and self._same(made, trial.wanted, trial.case):
            return False
        return self._same(trial.reply.value, made, trial.case)

    def matters(self, question: Any, case: Case, ways: Sequence[Any]) -> bool:
        made = self.predicted(question, case, ways)
        return made is None or not self._same(made, self.wanted(question, case), case)

    def predicted(self, question: Any, case: Case, ways: Sequence[Any]) -> dict[str, Any] | None:
        """Return the record that mistakes give: changed, or observed in an answer that makes them."""
        changes = [way for way in ways if isinstance(way, Change)]
        answers = [way for way in ways if not isinstance(way, Change)]
        if answers:
            reply = self.watch(hold(answers[0]), case, 2.0, "")
            return reply.value if reply.status == "returned" else None
        try:
            return question.oracle.run(case.args, case.kwargs, changes)
        except Exception:
            return None

    def _same(self, one: Mapping[str, Any], other: Mapping[str, Any], case: Case) -> bool:
        return set(one) == set(other) and all(
            self.alike(part, one[part], other[part], case) for part in other
        )

    def combine(self, one: Any, other: Any) -> bool:
        return isinstance(one, Change) and isinstance(other, Change)

    def mutant(self, oracle: Oracle, ways: Sequence[Any]) -> Callable[..., Any]:
        raise DeclarationError(f"{oracle.function.__name__}: give the mistake an `answer` that makes it")

    def facts_of(self, question: Any, trial: Trial) -> Mapping[str, Any]:
        return question.oracle.facts(trial.case.args, trial.case.kwargs)

    def case_text(self, question: Any, case: Case) -> str:
        if case.drawn and secret():
            return "one drawn for grading"
        arguments = dict(zip(question.oracle.signature.parameters, case.args, strict=False)) | case.kwargs
        text = ", ".join(f"{name}={_brief(value)}" for name, value in arguments.items())
        return f"{question.name}({text})" + (f" ({case.about})" if case.about else "")


def ways_of(mistake: Mistake) -> tuple[Any, ...]:
    """Return the ways of a mistake; its answer where it has no others."""
    return mistake.ways or (mistake.answer,)


def admitted(observer: Observer, held: Answer) -> bool:
    """Tell whether an answer is of the kind that an observer can drive."""
    return not isinstance(held, LocalAnswer) or observer.holds(held.target)
