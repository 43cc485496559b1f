"""What is drawn for whom: the learner's name, and a number that the instructor of a course may set."""

from __future__ import annotations

from typing import Any

from convbook.answers import Answer
from convbook.checks.engine.shares import Found, Stopped

SECONDS = 4.0
_seed = [0]


def course_seed(seed: int) -> None:
    """Draw all papers and scripts of this course from another number: the same names get other ones.

    Raises `ValueError` for what is no whole number.
    """
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise ValueError(f"the seed of a course is a whole number, such as 2027; this is {seed!r}")
    _seed[:] = [seed]


def seed() -> int:
    return _seed[0]


def named(name: str) -> str:
    """Return a name; raise `ValueError`, in one sentence, where it is empty or no text."""
    if not isinstance(name, str) or not name.strip():
        raise ValueError('write your name between quotation marks, as in name = "Ada Lovelace"')
    return name


def answered(held: Answer, kind: type, what: str, form: str) -> tuple[str, Any]:
    """Return the name and the list or dict that an answer gives; raise `Stopped` with one sentence where it does not."""
    reply = held.call(seconds=SECONDS)
    if reply.status == "stub":
        raise Stopped(Found(0.0, "not attempted yet", kind="not attempted"))
    if reply.status == "endless":
        raise Stopped(
            Found(0.0, f"it had not returned after {SECONDS:.0f} s", (("why", form),), kind="endless")
        )
    if reply.status != "returned":
        said = " ".join(f"{reply.error_kind}: {getattr(reply.error, 'message', reply.error)}".split())
        raise Stopped(Found(0.0, f"it stops with {said[:160]}", (("why", form),), kind="crash"))
    pair = reply.value
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        told = "nothing" if pair is None else f"a {type(pair).__name__}"
        raise Stopped(_wrong(f"it returns {told}, not your name and your {what}", form))
    name, given = pair
    if not isinstance(name, str) or not name.strip():
        raise Stopped(_wrong("it gives no name: yours draws what is asked", form))
    if kind is list and isinstance(given, tuple):
        given = list(given)
    if not isinstance(given, kind):
        raise Stopped(_wrong(f"the {what} are a {type(given).__name__}, not a {kind.__name__}", form))
    return name, given


def _wrong(headline: str, form: str) -> Found:
    return Found(0.0, headline, (("why", form),), kind="wrong type")
