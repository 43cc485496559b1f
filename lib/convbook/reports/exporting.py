"""The commands `convbook export` and `convbook roster`: what they read, write and say."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import Any

from convbook.grading.course import Course
from convbook.nbgrader_course import CourseError
from convbook.reports import export, gradebook, roster, tables
from convbook.reports.gradebook import Person, Unit
from convbook.reports.matching import match
from convbook.reports.roster import Entry, Roster
from convbook.reports.words import people as in_words

KEPT = "roster.json"  # the list that was imported last, beside what grading remembers
NO_FOLDER = re.compile(r"[/\\\x00-\x1f]|^\.+$")
TOLD = 20  # lines on the terminal; the file beside has all


def run_export(arguments: argparse.Namespace) -> int:
    """Write grades for another system and return the exit code: 1 where somebody is not matched."""
    course = Course(arguments.course)
    units = _units(course, arguments.units)
    people = _everyone(course, units)
    exported = export.export(
        arguments.to, people, units, _list_for(course, arguments), arguments.absent == "blank"
    )
    name = f"-{next(iter(units))}" if len(units) == 1 else ""
    path = arguments.out or Path(f"grades-{arguments.to}{name}.csv")
    tables.write(path, tables.text(exported.rows, tables.EXCEL if arguments.to == "csv" else ""))
    print(path)
    waiting = sum(total.waiting > 0 for unit in units.values() for total in unit.totals.values())
    if waiting:
        said = "1 hand-in waits" if waiting == 1 else f"{waiting} hand-ins wait"
        _say(f"{said} for points by hand; what is judged so far counts")
    return _tell_missing(exported, people, units, path)


def _units(course: Course, words: list[str]) -> dict[str, Unit]:
    names = [course.assignment(word) for word in words] or None
    found = gradebook.units(course, names)
    empty = [name for name in names or found if name not in found or not found[name].totals]
    found = {name: unit for name, unit in found.items() if name not in empty}
    if not found:
        what = ", ".join(empty) or "this course"
        raise CourseError(f"no hand-in of {what} is in the gradebook; `convbook grade UNIT` enters them")
    if empty:
        _say(f"left out, because nothing was handed in and graded: {', '.join(empty)}")
    return found


def _everyone(course: Course, units: dict[str, Unit]) -> dict[str, Person]:
    people = gradebook.persons(course)
    for unit in units.values():
        people |= {name: Person(name) for name in unit.totals if name not in people}
    return dict(sorted(people.items()))


def _list_for(course: Course, arguments: argparse.Namespace) -> Roster | None:
    """Return the class list of the command line, else the one imported last if it fits the system."""
    if arguments.roster:
        return roster.read(arguments.roster)
    kept = course.store.read(KEPT)
    if not kept or arguments.to == "csv" or not isinstance(kept.get("text"), str):
        return None
    found = roster.parse(kept["text"], "the class list that was imported last")
    fits = found.kind == roster.CANVAS if arguments.to == "canvas" else found.kind == roster.MOODLE
    return found if fits else None


def _tell_missing(
    exported: export.Exported, people: dict[str, Person], units: dict[str, Unit], path: Path
) -> int:
    if not exported.missing:
        if exported.unknown:
            _say(f"{in_words(len(exported.unknown))} of the list are not in the gradebook; cells are empty")
        return 0
    beside = path.with_name(f"{path.stem}-unmatched{path.suffix}")
    tables.write(beside, tables.text(export.missing_rows(exported, people, units), tables.EXCEL))
    graded = {student for unit in units.values() for student in unit.totals}
    verb = "is" if len(exported.missing) == 1 else "are"
    _say(f"{in_words(len(exported.missing))} of the gradebook {verb} not in the class list; see {beside}:")
    for student in list(exported.missing)[:TOLD]:
        nothing = "" if student in graded else " (has no grades here)"
        _say(f"  {_who(people[student])}{nothing}: {exported.missing[student]}")
    if len(exported.missing) > TOLD:
        _say(f"  and {len(exported.missing) - TOLD} more")
    return 1


def run_roster(arguments: argparse.Namespace) -> int:
    """Enter a class list into the gradebook and return the exit code: 1 where somebody is not matched."""
    course = Course(arguments.course)
    found = roster.read(arguments.file)
    people = gradebook.persons(course)
    matches = match(people.values(), found.entries)
    new = {_new_id(entry, arguments.id): entry for entry in matches.left}
    clash = sorted(set(new) & set(people))
    if clash or len(new) < len(matches.left):
        raise CourseError(
            f"ids would be given twice ({', '.join(clash) or 'two lines have one'}); use another --id COLUMN"
        )
    known = {student: entry for student, entry in matches.found.items() if _news(people[student], entry)}
    if not arguments.check:
        _enter(course, {**new, **known})
        course.store.write({"text": _text_of(found)}, KEPT)
    done = "would be " if arguments.check else ""
    print(
        f"{found.kind}: {in_words(len(new))} {done}added, {len(known)} {done}renewed, "
        f"{len(matches.found) - len(known)} unchanged"
    )
    for student, why in matches.missing.items():
        _say(f"  in the gradebook, not in the class list: {_who(people[student])}: {why}")
    return 1 if matches.missing else 0


def _new_id(entry: Entry, column: str | None) -> str:
    """Return the id of a new student: a column's, or the login, the number, the e-mail's first part."""
    if column is not None and column not in entry.cells:
        raise CourseError(f"the class list has no column {column!r}; it has {', '.join(entry.cells)}")
    words = [entry.cells[column]] if column else [entry.get("login"), entry.get("number") or entry.get("sis")]
    words += [] if column else [entry.get("email").partition("@")[0]]
    found = next((word.strip() for word in words if word.strip()), "")
    if not found or NO_FOLDER.search(found):
        raise CourseError(
            f"{entry.name or 'a line without a name'} has no id that can be a folder's name "
            f"({found!r}); choose the column that has one with --id COLUMN"
        )
    return found


def _about(entry: Entry) -> dict[str, str]:
    """Return what the gradebook can keep of an entry."""
    first, last = entry.get("first"), entry.get("last")
    if not last:
        before, comma, after = entry.get("full").partition(", ")
        parts = entry.name.rsplit(" ", 1)
        first, last = (
            (after, before) if comma else (parts[0], parts[1]) if len(parts) == 2 else ("", entry.name)
        )
    about = {
        "first_name": first,
        "last_name": last,
        "email": entry.get("email"),
        "lms_user_id": entry.get("lms"),
    }
    return {name: value for name, value in about.items() if value}


def _news(person: Person, entry: Entry) -> bool:
    had = {
        "first_name": person.first,
        "last_name": person.last,
        "email": person.email,
        "lms_user_id": person.lms_id,
    }
    return any(had[name] != value for name, value in _about(entry).items())


def _enter(course: Course, entries: dict[str, Entry]) -> None:
    with course.gradebook() as book:
        for student, entry in entries.items():
            book.update_or_create_student(student, **_about(entry))


def _text_of(found: Roster) -> str:
    rows: list[list[Any]] = [
        found.columns,
        *([entry.cells.get(c, "") for c in found.columns] for entry in found.entries),
    ]
    return tables.text(rows)


def _who(person: Person) -> str:
    from convbook.reports.text import printable

    return printable(f"{person.id} ({person.name})" if person.name != person.id else person.id)


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)
