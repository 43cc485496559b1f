"""Does anything reach learners that is not for them?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from convbook.authoring.canonical import notebooks_in, read
from convbook.authoring.course import Course, units_in
from convbook.authoring.headings import name_of, role
from convbook.authoring.health.findings import Finding
from convbook.authoring.release import FIGURES

MARKS = {
    "a solution": ("BEGIN SOLUTION", "END SOLUTION"),
    "a hidden test": ("BEGIN HIDDEN TESTS", "END HIDDEN TESTS"),
    "a mark scheme": ("BEGIN MARK SCHEME", "END MARK SCHEME"),
}
WINDOW = 3  # so many lines of a solution in a row, found again, are no accident
TELLING = 20  # nor are this many characters


def leaks(course: Course, unit: str) -> Iterator[Finding]:
    """Yield a finding for every marker, secret text, output or stray file in a unit's release."""
    secrets = [s for path in notebooks_in([course.source / unit]) for s in secrets_of(read(path))]
    for path in notebooks_in([course.release / unit] if (course.release / unit).is_dir() else []):
        for cell in read(path)["cells"]:
            for sentence in sorted(set(_told(cell, secrets))):
                yield Finding(course.short(path), sentence, name_of(cell))


def _told(cell: dict[str, Any], secrets: list[tuple[str, list[str]]]) -> Iterator[str]:
    for what, marks in MARKS.items():
        if any(mark in cell["source"] for mark in marks):
            yield f"the marks of {what} are still there"
    lines = _lines(cell["source"])
    for what, secret in secrets:
        if holds(lines, secret):
            yield f"the text of {what} can be read here"
    if cell.get("outputs") or cell.get("execution_count"):
        yield "it carries an output or an execution count of the author's"


def secrets_of(notebook: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """Return what may not be seen: `(what it is, its lines)` for each solution, hidden test and mark scheme."""
    found = []
    for cell in notebook["cells"]:
        marked = False
        for what, (begin, end) in MARKS.items():
            inside = re.findall(rf"{begin}[^\n]*\n(.*?)\n[^\n]*{end}", cell["source"], re.DOTALL)
            found += [(what, _lines(text)) for text in inside]
            marked = marked or bool(inside)
        if role(cell) in ("solution", "text") and not marked and "task" not in cell["metadata"]:
            found.append(("a solution", _lines(cell["source"])))
    return found


def holds(lines: list[str], secret: list[str]) -> bool:
    """Tell whether some lines of a secret, in a row, stand in a cell.

    >>> holds(["a = 1", "total = total + weights[i] * x[i]"], ["total = total + weights[i] * x[i]"])
    True
    >>> holds(["return x"], ["return x"])
    False
    """
    size = min(WINDOW, len(secret))
    windows = [secret[n : n + size] for n in range(len(secret) - size + 1)] if size else []
    telling = [w for w in windows if sum(map(len, w)) >= TELLING]
    return any(lines[n : n + size] == w for w in telling for n in range(len(lines) - size + 1))


def stray_files(course: Course) -> Iterator[Finding]:
    """Yield a finding for every file in the source or the release that is neither notebook nor figure."""
    for root in (course.source, course.release):
        for path in sorted(root.rglob("*")) if root.is_dir() else []:
            hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
            if path.is_file() and not hidden and not _belongs(path, root):
                yield Finding(
                    course.short(path),
                    "only notebooks and figures (.png, .svg, .gif), each in its unit's folder, belong here; "
                    "nbgrader copies whatever else it finds to learners",
                )
    for folder in (p for p in sorted(course.source.iterdir()) if p.is_dir() and p.name[0] not in "._"):
        if folder.name not in units_in(course.source):
            yield Finding(
                course.short(folder), f"a unit's folder is called like 01_topic and holds {folder.name}.ipynb"
            )


def _belongs(path: Path, root: Path) -> bool:
    return path.parent.parent == root and path.suffix in (".ipynb", *FIGURES)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]
