"""The class list: who is in the course, as Canvas, Moodle or any other table says it.

Columns are found by their heads, in the languages in which Moodle is mostly used; a file may come with any of
the usual encodings and separators.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from convbook.nbgrader_course import CourseError

CANVAS, MOODLE, WORKSHEET, TABLE = "canvas", "moodle", "moodle's grading worksheet", "table"
HEADS = {
    "identifier": "identifier|kennung|identifiant|identificador|identificatore",
    "login": "sis login id|login id|login|username|user name|student id|benutzername|anmeldename|"
    "nom d utilisateur|nombre de usuario",
    "sis": "sis user id|sis id",
    "number": "id number|idnumber|id nummer|matrikelnummer|numero d identification|numero de id|"
    "codice identificativo",
    "email": "email address|email|e mail|mail|e mail adresse|e mail address|adresse de courriel|"
    "direccion de correo|indirizzo email",
    "first": "first name|firstname|given name|vorname|prenom|nombre|nome",
    "last": "last name|lastname|surname|family name|nachname|nom de famille|nom|apellido s|apellidos|cognome",
    "full": "student|full name|fullname|name|vollstandiger name|nom complet|nombre completo|nome completo",
    "section": "section",
    "lms": "lms user id",
    "grade": "grade|bewertung|note|calificacion|valutazione",
}
NOT_STUDENTS = re.compile(r"\s*points possible|\s*student, test$|\s*test student$", re.IGNORECASE)


@dataclass
class Entry:
    """Hold one line of a class list: its cells as they came, and those of known meaning by `HEADS`' names."""

    cells: dict[str, str]
    known: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """Return a cell of known meaning, "" where there is none."""
        return self.known.get(name, "")

    @property
    def name(self) -> str:
        """Return the name, the first name first."""
        both = f"{self.get('first')} {self.get('last')}".strip()
        last, comma, first = self.get("full").partition(", ")
        return both or (f"{first} {last}" if comma else last)


@dataclass
class Roster:
    """Hold a class list: of which kind it is, its columns in order and by meaning, and its lines."""

    kind: str
    columns: list[str]
    heads: dict[str, str]
    entries: list[Entry]


def read(path: Path) -> Roster:
    """Return the class list in a file.

    Raises `CourseError`, in one sentence, for a file that is none; `OSError` for one that cannot be read.
    """
    return parse(_decoded(path), str(path))


def parse(content: str, name: str = "the class list") -> Roster:
    """Return the class list in a text; `name` is what a complaint calls it."""
    rows = [
        row
        for row in csv.reader(content.splitlines(), delimiter=_separator(content))
        if any(map(str.strip, row))
    ]
    if not rows:
        raise CourseError(f"{name} is empty; export the class list once more, as CSV")
    columns = [column.strip() for column in rows[0]]
    if columns[:2] and fold(columns[0]) == "student" and len(columns) > 1 and fold(columns[1]) == "id":
        kind, heads = CANVAS, _heads(columns) | {"lms": columns[1]}
    else:
        heads = _heads(columns)
        kind = (
            WORKSHEET if {"identifier", "grade"} <= heads.keys() else MOODLE if _is_moodle(heads) else TABLE
        )
        if kind == TABLE and "login" not in heads and "id" in map(fold, columns):
            heads["login"] = columns[[fold(column) for column in columns].index("id")]
    if not {"login", "number", "email", "full", "last", "lms", "sis"} & heads.keys():
        raise CourseError(
            f"{name} is no class list: its first line has no column such as Student, ID, Username, "
            f"ID number, Email address or Last name, only {', '.join(columns[:6])[:120]}"
        )
    entries = [_entry(columns, heads, row) for row in rows[1:]]
    kept = [
        one
        for one in entries
        if not NOT_STUDENTS.match(one.get("full") or one.name) and any(one.known.values())
    ]
    return Roster(kind, columns, heads, kept)


def _is_moodle(heads: dict[str, str]) -> bool:
    """Tell a list of Moodle's by columns nobody else has together: an address, two names, no own id."""
    return (
        {"first", "last", "email"} <= heads.keys()
        and ("number" in heads or "login" not in heads)
        and "lms" not in heads
    )


def _heads(columns: list[str]) -> dict[str, str]:
    """Return which column has which meaning; of two that could be meant the first."""
    found: dict[str, str] = {}
    for name, words in HEADS.items():
        for column in columns:
            if fold(column) in words.split("|"):
                found.setdefault(name, column)
    return found


def _entry(columns: list[str], heads: dict[str, str], row: list[str]) -> Entry:
    cells = dict(zip(columns, [*row, *[""] * len(columns)], strict=False))
    return Entry(cells, {name: cells[column].strip() for name, column in heads.items()})


def _decoded(path: Path) -> str:
    content = path.read_bytes()
    if content[:2] in (b"PK", b"\xd0\xcf"):
        raise CourseError(f"{path} is an Excel file; save it as CSV (UTF-8) first")
    encodings = (
        ["utf-16"] if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "cp1252", "latin-1"]
    )
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise CourseError(f"{path} is no text; a class list is a CSV file")


def _separator(content: str) -> str:
    first = next((line for line in content.splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)


def fold(text: str) -> str:
    """Return a text for comparison: lower case, no accents, single spaces, umlauts in both spellings alike.

    >>> fold("  Jürgen MÜLLER-Weiß"), fold("Juergen Mueller Weiss")
    ('jurgen muller weiss', 'jurgen muller weiss')
    """
    plain = unicodedata.normalize("NFKD", text.casefold()).casefold()
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    for letter, written in (
        ("ł", "l"),
        ("ø", "o"),
        ("æ", "ae"),
        ("đ", "d"),
        ("ı", "i"),
        ("þ", "th"),
        ("ð", "d"),
    ):
        plain = plain.replace(letter, written)
    for both in ("ae", "oe", "ue"):
        plain = plain.replace(both, both[0])
    return " ".join(re.findall(r"\w+", plain))
