"""Any nbgrader course: its folders, its gradebook and its settings, as nbgrader itself reads them.

nbgrader's own application object loads the configuration, so whatever an `nbgrader_config.py` may say (other
folder names, another database, another late-submission plugin, extra preprocessors) holds here too.
"""

from __future__ import annotations

import contextlib
import difflib
import glob
import logging
import os
import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cached_property
from pathlib import Path
from typing import Any

from convbook.grading.job import Limits
from convbook.grading.recording.store import Store
from convbook.nbgrader_course import CONFIG, CourseError, course_folder, programs_of_this_environment

UNIT = re.compile(r"(\d+)_(.+)")
SWITCHES = ("workers", "run_everything", "require_sandbox", "forbid")
FOREVER = 24 * 3600.0


class GradingError(CourseError):
    """Say in one sentence why grading is not possible at all, and what to do."""


class Course:
    """Open the course in `folder`, or without one the course in or above the working folder."""

    def __init__(self, folder: str | Path | None = None):
        root = course_folder(folder)
        self.app = _application(root)
        self.directory = self.app.coursedir
        self.root = Path(self.directory.root)

    # --- folders

    def folder(self, step: str, student: str, assignment: str) -> Path:
        """Return the folder of one student and assignment; `step` is `submitted`, `autograded`, `feedback`, `source` …"""
        name = getattr(self.directory, f"{step}_directory")
        return Path(os.path.normpath(self.directory.format_path(name, student, assignment)))

    def source_folder(self, assignment: str) -> Path:
        """Return the folder of an assignment's source notebooks."""
        return self.folder("source", ".", assignment)

    def submissions(self, assignment: str) -> dict[str, Path]:
        """Return what was handed in for an assignment: student → folder, sorted by student."""
        found = self._matches("submitted", "*", glob.escape(assignment))
        excluded = set(filter(None, self.directory.student_id_exclude.split(",")))
        return {
            student: path
            for student, name, path in sorted(found)
            if name == assignment and student not in excluded
        }

    def students(self, assignment: str) -> list[str]:
        """Return every student of the roster and every student who has handed in anything at all."""
        anyone = {student for student, _, _ in self._matches("submitted", "*", "*")}
        with self.gradebook() as gradebook:
            anyone |= {student.id for student in gradebook.students}
        excluded = set(filter(None, self.directory.student_id_exclude.split(",")))
        return sorted((anyone | set(self.submissions(assignment))) - excluded)

    def _matches(self, step: str, student: str, assignment: str) -> Iterator[tuple[str, str, Path]]:
        directory, name = self.directory, getattr(self.directory, f"{step}_directory")
        pattern = directory.format_path(name, "(?P<student>[^/]+)", "(?P<assignment>[^/]+)", escape=True)
        for path in glob.glob(directory.format_path(name, student, assignment)):
            found = re.fullmatch(pattern, path)
            if found and os.path.isdir(path):
                yield found["student"], found["assignment"], Path(path)

    @cached_property
    def store(self) -> Store:
        """Return the folder in which grading remembers: `.convbook`, beside the gradebook if that is a file."""
        url = self.directory.db_url
        place = Path(url.removeprefix("sqlite:///")).parent if url.startswith("sqlite:///") else self.root
        return Store((self.root / place) / ".convbook")

    # --- the gradebook

    @contextlib.contextmanager
    def gradebook(self) -> Iterator[Any]:
        """Open nbgrader's gradebook; a new one is made where there is none."""
        from nbgrader.api import Gradebook

        self.store.folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            with (
                programs_of_this_environment(),
                Gradebook(self.directory.db_url, self.directory.course_id) as gradebook,
            ):
                yield gradebook
        except Exception as error:
            if type(error).__module__.startswith("sqlalchemy"):
                words = str(getattr(error, "orig", None) or error).splitlines()[0]
                raise GradingError(
                    f"the gradebook {self.directory.db_url} cannot be used: {words}"
                ) from error
            raise

    def assignment(self, word: str) -> str:
        """Return the name of the assignment that a word stands for.

        A word is the assignment's name; in a course of numbered units also its number or its topic.
        """
        there = self.assignments()
        if word in there:
            return word
        for name in there:
            unit = UNIT.fullmatch(name)
            if unit and (word == unit[2] or (word.isdigit() and int(word) == int(unit[1]))):
                return name
        known = ", ".join(there) or "none yet"
        raise GradingError(f"this course has no assignment {word!r}; it has {known}")

    def assignments(self) -> list[str]:
        """Return the names of all assignments that have a source or stand in the gradebook."""
        found = glob.glob(self.directory.format_path(self.directory.source_directory, ".", "*"))
        names = {
            os.path.basename(os.path.normpath(path))
            for path in found
            if glob.glob(glob.escape(path) + "/*.ipynb")
        }
        with self.gradebook() as gradebook:
            return sorted(names | {assignment.name for assignment in gradebook.assignments})

    # --- settings

    def section(self, name: str) -> dict[str, Any]:
        """Return one section of the configuration, such as `ConvbookGrade`."""
        return dict(self.app.config.get(name, {}))

    @property
    def workers(self) -> int | None:
        """Return how many submissions are graded at once, where the configuration says it."""
        workers = self.section("ConvbookGrade").get("workers")
        if workers is not None and (type(workers) is not int or workers < 1):
            raise GradingError(f"c.ConvbookGrade.workers is {workers!r}; it must be a whole number above 0")
        return workers

    def _refuse_unknown(self, given: dict[str, Any]) -> None:
        """A setting that nobody reads would leave its author believing in it."""
        known = sorted([*SWITCHES, *(field.name for field in fields(Limits))])
        for name in sorted(set(given) - set(known)):
            near = difflib.get_close_matches(name, known, 1)
            meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            raise GradingError(f"c.ConvbookGrade.{name} is no setting of `convbook grade`; {meant}")

    @cached_property
    def limits(self) -> Limits:
        """Return what one submission may use.

        A cell's time is nbgrader's own (`c.ExecutePreprocessor.timeout`); every field of `Limits` can be set as
        `c.ConvbookGrade.memory_bytes = …` in the course's configuration.
        """
        from nbgrader.preprocessors import Execute

        seconds = Execute(parent=self.app).timeout
        seconds = FOREVER if seconds is None or seconds < 0 else float(seconds)
        default = Limits(cell_seconds=seconds, submission_seconds=max(300.0, 4 * seconds))
        given = self.section("ConvbookGrade")
        self._refuse_unknown(given)
        known = {field.name: getattr(default, field.name) for field in fields(Limits)}
        for name in known:
            value = given.get(name, known[name])
            if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
                raise GradingError(f"c.ConvbookGrade.{name} is {value!r}; it must be a number above 0")
            known[name] = type(known[name])(value)
        return Limits(**known)


def _application(root: Path) -> Any:
    """Return nbgrader's application with the configuration of the course in `root`."""
    from nbgrader.apps import AutogradeApp

    app = AutogradeApp()
    app.raise_config_file_errors = True
    app.log.handlers[:], app.log.propagate = [logging.NullHandler()], False
    with in_folder(root):
        try:
            app.initialize([], root=str(root))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a course's configuration is code: it may raise anything, or exit
            raise GradingError(
                f"the configuration {root / CONFIG} could not be used: {type(error).__name__}: {error}"
            ) from error
    app.log_level = logging.CRITICAL
    return app


@contextlib.contextmanager
def in_folder(folder: Path) -> Iterator[None]:
    """Work in a folder for a while; nbgrader's converters and relative database names need it."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
