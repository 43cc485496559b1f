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
from dataclasses import asdict, fields
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from convbook.grading.job import Limits
from convbook.grading.recording.store import Store
from convbook.nbgrader_course import CONFIG, CourseError, course_folder, programs_of_this_environment

UNIT = re.compile(r"(\d+)_(.+)")
SWITCHES = ("workers", "run_everything", "require_sandbox", "forbid")
FOREVER = 24 * 3600.0
in_folder = contextlib.chdir  # nbgrader's converters and relative database names need the course's folder


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
        found = sorted(self._handed_in(glob.escape(assignment)))
        return {student: path for student, name, path in found if name == assignment}

    def students(self, assignment: str) -> list[str]:
        """Return every student of the roster and every student who has handed in anything at all."""
        anyone = {student for student, _, _ in self._handed_in("*")} | set(self.submissions(assignment))
        with self.gradebook() as gradebook:
            anyone |= {student.id for student in gradebook.students}
        return sorted(anyone - self._excluded)

    @property
    def _excluded(self) -> set[str]:
        return set(self.directory.student_id_exclude.split(","))

    def _handed_in(self, assignment: str) -> Iterator[tuple[str, str, Path]]:
        """Yield student, assignment and folder of what was handed in; `assignment` may hold wildcards."""
        place = partial(self.directory.format_path, self.directory.submitted_directory)
        pattern = place("(?P<student>[^/]+)", "(?P<assignment>[^/]+)", escape=True)
        for path in glob.glob(place("*", assignment)):
            found = re.fullmatch(pattern, path)
            if found and found["student"] not in self._excluded and os.path.isdir(path):
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
        from sqlalchemy.exc import SQLAlchemyError

        self.store.folder.parent.mkdir(parents=True, exist_ok=True)
        url = self.directory.db_url
        try:
            with programs_of_this_environment(), Gradebook(url, self.directory.course_id) as gradebook:
                yield gradebook
        except SQLAlchemyError as error:
            words = str(getattr(error, "orig", None) or error).splitlines()[0]
            raise GradingError(f"the gradebook {url} cannot be used: {words}") from error

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
        place = self.directory.format_path(self.directory.source_directory, ".", "*")
        names = {Path(notebook).parent.name for notebook in glob.glob(f"{place}/*.ipynb")}
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
        known = asdict(default)
        for name, usual in known.items():
            value = given.get(name, usual)
            if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
                raise GradingError(f"c.ConvbookGrade.{name} is {value!r}; it must be a number above 0")
            known[name] = type(usual)(value)
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
        except (Exception, SystemExit) as error:
            # A course's configuration is code: it may raise anything, or exit.
            why = f"{type(error).__name__}: {error}"
            raise GradingError(f"the configuration {root / CONFIG} could not be used: {why}") from error
    app.log_level = logging.CRITICAL
    return app
