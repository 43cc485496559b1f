"""The Python files of a new exercise: the page with its check, the unit's list, right answers for the tests."""

from __future__ import annotations

import ast
from pathlib import Path

from convbook.authoring.course import Course
from convbook.authoring.new import python_text, templates
from convbook.authoring.new.names import checks_folder
from convbook.authoring.new.templates import filled
from convbook.nbgrader_course import CourseError


def checks_with(
    course: Course, unit: str, name: str, names: dict[str, str], page: str | None
) -> dict[Path, bytes]:
    """Return the unit's files with one more exercise: the page first, then the list if it lies elsewhere."""
    folder, topic = checks_folder(course), unit[3:]
    whole, package = folder / f"{topic}.py", folder / topic / "__init__.py"
    if whole.is_file():
        if page:
            raise CourseError(f"{course.short(whole)} is one file and has no pages; leave --page out")
        return {whole: _listed(_paged(_text(whole), names, whole), name, whole).encode()}
    if not package.is_file():
        raise CourseError(
            f"there are no checks of {unit}: neither {course.short(whole)} nor {course.short(package)} exists"
        )
    path = package.parent / f"{page or _last_page(package, topic)}.py"
    if not path.stem.isidentifier() or path.stem in (name, "__init__", *_members(_text(package), package)[1]):
        raise CourseError(
            f"{path.stem!r} will not do as a page; give a name such as layers that no exercise has"
        )
    text = _text(path) if path.is_file() else filled(templates.PAGE, names)
    listed = python_text.with_imports(
        _text(package), f"from convbook.checks.{topic}.{path.stem} import {name}"
    )
    return {path: _paged(text, names, path).encode(), package: _listed(listed, name, package).encode()}


def ways_with(course: Course, unit: str, names: dict[str, str]) -> dict[Path, bytes]:
    """Return the unit's file of right answers with two more."""
    path = course.folder / "tests" / "right" / f"{unit[3:]}.py"
    text = _text(path) if path.is_file() else filled(templates.WAYS, names)
    example = templates.example(names["name"])
    text = python_text.with_imports(text, example.ways_imports)
    return {path: python_text.inserted(text, filled(example.ways, names), above=None).encode()}


def _paged(source: str, names: dict[str, str], path: Path) -> str:
    """Return a page's source with the example in it."""
    taken = {names["name"], f"{names['lower_name']}_cases"} & python_text.names_at_the_top(source)
    if taken:
        raise CourseError(f"{path.name} defines {' and '.join(sorted(taken))} already; choose another name")
    example = templates.example(names["name"])
    source = python_text.with_imports(source, example.imports)
    listed = _members(source, path)[0] if python_text.assignment(source, "unit") else None
    return python_text.inserted(source, filled(example.check, names), above=listed)


def _listed(source: str, name: str, path: Path) -> str:
    _members(source, path)
    return python_text.with_member(source, name)


def _members(source: str, path: Path) -> tuple[ast.Assign, list[str]]:
    """Return the statement that lists a unit's exercises, and their names."""
    try:
        return python_text.members(source)
    except ValueError as error:
        raise CourseError(
            f"{path} cannot take another exercise into its list: {error}; add it by hand"
        ) from error


def _last_page(package: Path, topic: str) -> str:
    """Return the name of the file that holds the unit's last exercise."""
    source = _text(package)
    last = _members(source, package)[1][-1:]
    for node in ast.parse(source).body:
        if isinstance(node, ast.ImportFrom) and set(last) & {alias.name for alias in node.names}:
            return (node.module or "").rpartition(".")[2]
    raise CourseError(
        f"the checks of {topic} are a folder: give the file for the new one with --page, such as --page layers"
    )


def _text(path: Path) -> str:
    """Return the text of a Python file that can be read as Python."""
    text = path.read_text(encoding="utf-8")
    try:
        ast.parse(text)
    except SyntaxError as error:
        raise CourseError(
            f"{path} is no whole Python file ({error.msg}, line {error.lineno}); repair it first"
        ) from error
    return text
