"""What an explanation of a wrong answer must agree with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from convbook.checks.engine.compare import Raised
from convbook.checks.engine.observe import Trial

if TYPE_CHECKING:
    from convbook.checks.engine.judge import Trials


def evidence_of(trials: Trials) -> Iterator[list[Trial]]:
    """Yield the trials that an explanation must agree with: all, then fewer.

    Every reply counts first. Failing that, the crashes are left out: an answer may make a known mistake and
    stumble elsewhere besides. Failing that, so is what was rightly refused: an answer may be more careful than
    the mistake. Failing cases come first, for they rule out most. Of an answer so slow that most cases
    were never tried nothing is said: few cases look like many mistakes.
    """
    if trials.missed > len(trials.done):
        return
    heard = sorted((t for t in trials.done if t.conclusive), key=lambda t: t.fault is None)
    steady = [t for t in heard if t.reply.status == "returned" or isinstance(t.wanted, Raised)]
    plain = [t for t in steady if t.reply.status == "returned" or t.fault is not None]
    kinds = [heard, steady, plain] if steady and steady[0].fault else [heard]
    for position, evidence in enumerate(kinds):
        if position == 0 or len(evidence) < len(kinds[position - 1]):  # else nothing was left out
            yield evidence


def explains(trials: Trials, evidence: Sequence[Trial], ways: Sequence[Any]) -> bool:
    """Tell whether mistakes made in these ways contradict no trial and give what was heard in one that failed."""
    agreed = False
    for trial in evidence:
        alike = trials.question.observer.explains(trials.question, trial, ways)
        if alike is False:
            return False
        agreed = agreed or (bool(alike) and (trial.fault is not None or trial.reply.status == "raised"))
    return agreed
