"""Run every wrong answer of `tests/wrong` through its check, and print how many are told what is wrong with them.

    python benchmarks/explained.py                  a row an exercise, and all together
    python benchmarks/explained.py --list           also the answers that were not told, with what the check said
    python benchmarks/explained.py --all im2col     every message of an exercise, to be judged by a person
    python benchmarks/explained.py corr2d flip180   these exercises only

The share counts messages, not their truth: a wrong name counts as told. Read them with `--all` now and then.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

COURSE = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(COURSE / "lib"), str(COURSE / "tests")]

from convbook.checks import of_topic  # noqa: E402
from convbook.forms import Exercise, Verdict  # noqa: E402
from wrong import WRONG, modules  # noqa: E402

TOLD = ("named", "relation", "advice", "sentence")
COLUMNS = (*TOLD, "untold", "accepted")
MEANING = {
    "named": "a mistake, or several, by name",
    "relation": "what holds in every case: right where padding is 0, of opposite sign, ...",
    "advice": "a crash, and what its error means",
    "sentence": "a fault with a sentence of its own: type, dtype, changed input, endless, forbidden, ...",
    "untold": "'differs', 'is wrong', 'has the wrong shape', or a crash without advice",
    "accepted": "taken for right: must be 0",
}
OWN = {"wrong type", "wrong dtype", "not finite", "changed input", "endless", "forbidden", "too slow"}
SAYS_NOTHING = re.compile(r"^✗ \w+ (differs in \d+ of \d+ places|is wrong|has the wrong shape)$")
SAYS_OF_A_NAME = "of the notebook, which is none of its arguments"


@dataclass(frozen=True)
class Told:
    """Hold one wrong answer's name, what its check said, how that counts and how long it took."""

    exercise: str
    answer: str
    verdict: Verdict
    counts: str
    seconds: float


def exercises() -> dict[str, Exercise]:
    """Return the exercises that have wrong answers, by name: only the units they belong to are loaded."""
    units = [unit for topic in sorted(modules()) if (unit := of_topic(topic)) is not None]
    return {
        exercise.name: exercise for unit in units for exercise in unit.exercises if exercise.name in WRONG
    }


def words(verdict: Verdict) -> str:
    """Return all that a learner reads: the message, or for a crash the error with its notes."""
    if verdict.error is None:
        return verdict.message
    notes = "\n".join(getattr(verdict.error, "__notes__", ()))
    return f"{type(verdict.error).__name__}: {verdict.error}\n{notes}"


def counted(verdict: Verdict) -> str:
    """Say in which column a verdict belongs: the first of `COLUMNS` that fits.

    >>> counted(Verdict("flip180", "wrong", "✗ flip180 differs in 2 of 4 places"))
    'untold'
    >>> counted(Verdict("flip180", "wrong shape", "✗ flip180: it is transposed", ("it is transposed",)))
    'named'
    """
    if verdict.right:
        return "accepted"
    if verdict.mistakes:
        return "named"
    if verdict.cause:
        return "relation"
    said = words(verdict)
    if verdict.error is not None:
        return "advice" if re.search(r"^ +advice ", said, re.MULTILINE) else "untold"
    headline = said.splitlines()[0]
    if verdict.kind in OWN or SAYS_OF_A_NAME in said or not SAYS_NOTHING.match(headline):
        return "sentence"
    return "untold"


def judged(names: Iterable[str] = ()) -> list[Told]:
    """Return what the checks say about the wrong answers to these exercises, or to all."""
    known = exercises()
    found = []
    for name in names or known:
        for answer in WRONG[name]:
            start = time.perf_counter()
            verdict = known[name].judge(answer)
            found.append(Told(name, answer.__name__, verdict, counted(verdict), time.perf_counter() - start))
    return found


def share_told(found: list[Told]) -> float:
    """Return the share of answers that were told what is wrong."""
    return sum(told.counts in TOLD for told in found) / len(found)


def row(name: str, found: list[Told]) -> str:
    """Return the line of the table for these answers."""
    of_kind = Counter(told.counts for told in found)
    cells = "".join(f"{of_kind[column]:>10}" for column in COLUMNS)
    slowest = max(told.seconds for told in found)
    return f"{name:<22}{len(found):>8}{cells}{share_told(found):>8.0%}{slowest:>9.1f} s"


def main() -> None:
    """Judge, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("exercises", nargs="*", metavar="EXERCISE", help="these only (all)")
    parser.add_argument("--list", action="store_true", help="print the untold answers with their messages")
    parser.add_argument("--all", action="store_true", help="print every answer with its message")
    arguments = parser.parse_args()
    if unknown := sorted(set(arguments.exercises) - set(WRONG)):
        parser.error(f"no wrong answers to {', '.join(unknown)}; there are some to {', '.join(WRONG)}")
    found = judged(arguments.exercises)
    print(f"{'exercise':<22}{'answers':>8}{''.join(f'{c:>10}' for c in COLUMNS)}{'told':>8}{'slowest':>11}")
    for name in dict.fromkeys(told.exercise for told in found):
        print(row(name, [told for told in found if told.exercise == name]))
    print(row("all", found))
    print("\n" + "\n".join(f"{column:<10}{meaning}" for column, meaning in MEANING.items()))
    for told in found:
        if arguments.all or (arguments.list and told.counts not in TOLD):
            print(f"\n--- {told.exercise} by {told.answer}: {told.counts}\n{words(told.verdict)}")


if __name__ == "__main__":
    main()
