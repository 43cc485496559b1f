"""Find the same person in the gradebook and in a class list; who is not found, or found twice, is named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from convbook.reports.gradebook import Person
from convbook.reports.roster import Entry, fold

NEAR = 75  # of 100: names this much alike are worth a suggestion


@dataclass
class Matches:
    """Hold who is who: entries by student, students without an entry and why, entries without a student."""

    found: dict[str, Entry] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    left: list[Entry] = field(default_factory=list)


def _lower(text: str) -> str:
    return text.strip().casefold()


def _local(address: str) -> str:
    return _lower(address).partition("@")[0]


def _name(name: str) -> str:
    return " ".join(sorted(fold(name).split()))


WAYS: tuple[tuple[Callable[[Person], str], Callable[[Entry], str]], ...] = (  # the most trustworthy first
    (lambda p: _lower(p.lms_id), lambda e: _lower(e.get("lms"))),
    (lambda p: _lower(p.id), lambda e: _lower(e.get("login"))),
    (lambda p: _lower(p.id), lambda e: _lower(e.get("number"))),
    (lambda p: _lower(p.id), lambda e: _lower(e.get("sis"))),
    (lambda p: _lower(p.email), lambda e: _lower(e.get("email"))),
    (lambda p: _lower(p.email), lambda e: _lower(e.get("login"))),
    (lambda p: _lower(p.id), lambda e: _lower(e.get("email"))),
    (lambda p: _local(p.id), lambda e: _local(e.get("email") or e.get("login"))),
    (lambda p: _local(p.email), lambda e: _lower(e.get("login"))),
    (lambda p: _name(p.name if p.name != p.id else ""), lambda e: _name(e.name)),
)


def match(people: Iterable[Person], entries: Iterable[Entry]) -> Matches:
    """Return who is who. Nobody is guessed: a way counts only where it names exactly one on both sides."""
    waiting, left, matches = {one.id: one for one in people}, list(entries), Matches()
    for of_person, of_entry in WAYS:
        mine, theirs = _by(waiting.values(), of_person), _by(left, of_entry)
        for key, persons in mine.items():
            if len(persons) == 1 and len(theirs.get(key, [])) == 1:
                matches.found[persons[0].id] = theirs[key][0]
                del waiting[persons[0].id]
        taken = {id(entry) for entry in matches.found.values()}
        left = [entry for entry in left if id(entry) not in taken]
    matches.left = left
    matches.missing = {one.id: _why(one, left) for one in waiting.values()}
    return matches


def _by(things: Iterable[Any], key: Callable[[Any], str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for thing in things:
        if word := key(thing):
            found[word].append(thing)
    return found


def _why(person: Person, left: list[Entry]) -> str:
    """Return why somebody is not matched, with the nearest name that is left."""
    twice = [entry.name for entry in left if _name(entry.name) == _name(person.name) and entry.name]
    if twice:
        return f"{len(twice)} of the list are called {twice[0]}"
    names = [entry.name for entry in left if entry.name]
    if not names:
        return "every line of the list belongs to somebody else"
    from rapidfuzz import fuzz, process

    name, alike, _ = process.extractOne(person.name, names, scorer=fuzz.token_sort_ratio, processor=fold)
    nearest = f"; nearest: {name}" if alike >= NEAR else ""
    return f"nobody of the list has this id, e-mail address or name{nearest}"
