"""What nbgrader's `Autograde` calls when `stock.use` has been asked for.

`Autograde` reads every notebook twice through its exporter: once to clean what was handed in, once to run it. Our
exporter does all of that the first time (read whatever is there, repair, run, write the outputs that carry the
scores), so that what is left for nbgrader is what it does best: to save the grades.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode, from_dict

from convbook.grading.course import Course
from convbook.grading.pipeline import placeholder
from convbook.grading.plan import Planner
from convbook.grading.reading.handin import read_hand_in
from convbook.grading.reading.recover import Unreadable
from convbook.grading.reading.reference import read_references
from convbook.grading.reading.repair import repair
from convbook.grading.recording import outcome
from convbook.grading.running.engine import Engine

IDLE_SECONDS = 60.0  # how long the warm processes wait for another submission


class Keeper:
    """Keep one engine for the submissions that nbgrader brings one by one; close it when none comes any more."""

    def __init__(self) -> None:
        self.lock, self.engine = threading.RLock(), None
        self.timer = threading.Timer(IDLE_SECONDS, self.close)

    @contextlib.contextmanager
    def warm(self) -> Iterator[Engine]:
        """Open the engine, or take the one that is still warm."""
        with self.lock:
            self.timer.cancel()
            self.engine = self.engine or Engine(1)
            yield self.engine
            self.timer = threading.Timer(IDLE_SECONDS, self.close)
            self.timer.daemon = True
            self.timer.start()

    def close(self) -> None:
        """End the engine's processes."""
        with self.lock:
            self.timer.cancel()
            if self.engine is not None:
                self.engine.close()
            self.engine = None


KEEPER = Keeper()
atexit.register(KEEPER.close)


class Grader(NotebookExporter):
    """Read, repair and run a submission where nbgrader would only read it."""

    def from_filename(self, filename: str, resources: dict | None = None, **more: Any) -> tuple[str, dict]:
        """Return the graded notebook as text, the first time; the second time just what was written then."""
        if not getattr(self.parent, "_sanitizing", False):
            return super().from_filename(filename, resources=resources, **more)
        names = resources["nbgrader"]
        folder = Path(filename).parent
        notebook = grade(names["student"], names["assignment"], names["notebook"], folder, self.log)
        _refuse_links(folder, Path(self.parent._format_dest(names["assignment"], names["student"])))
        if not os.path.exists(filename):
            _ask_for_tasks_again(names)
        resources["metadata"] = {"name": names["notebook"], "path": str(folder)}
        return self.from_notebook_node(notebook, resources, **more)


def grade(student: str, assignment: str, notebook: str, folder: Path, log: Any) -> NotebookNode:
    """Return one graded notebook; nbgrader works in the course's folder."""
    course = Course(os.getcwd())
    references = read_references(course, assignment)
    reference = next(reference for reference in references if reference.name == notebook)
    planner = Planner(course, assignment, [reference])
    if not planner.recall_tests(reference):
        with KEEPER.warm() as engine:
            planner.try_tests(reference, engine.tried)
    hand_in = read_hand_in(course, student, folder, references)
    found = hand_in.notebooks[notebook]
    if isinstance(found, Unreadable):
        log.error("%s, %s: %s", student, assignment, found)
        return from_dict(placeholder(reference, str(found)))
    repaired = repair(found.cells, reference, found.metadata, damaged=bool(found.mended))
    part = planner.part(hand_in, repaired)
    if part.job is not None:
        with KEEPER.warm() as engine:
            planner.finish(part, engine.submit(part.job).result())
    for remark in [*hand_in.remarks, *repaired.remarks]:
        log.warning("%s, %s: %s", student, assignment, remark.sentence)
    return from_dict(outcome.notebook(repaired, part.result))


def take_what_is_there(assignment: str, student: str, notebooks: list[str]) -> None:
    """Let nbgrader go through the assignment's notebooks, under whatever names they were handed in.

    nbgrader calls this before every submission with the list of files that it will go through; changing that
    list is the one way to have a renamed notebook graded.
    """
    if not notebooks:
        return
    course, folder = Course(os.getcwd()), Path(notebooks[0]).parent
    references = read_references(course, assignment)
    found = read_hand_in(course, student, folder, references).notebooks
    wanted = [
        str(folder / f"{name}.ipynb")
        for name, what in found.items()
        if len(references) == 1 or not str(what).startswith("there is no")
    ]
    notebooks[:] = wanted or notebooks


def _ask_for_tasks_again(names: dict[str, str]) -> None:
    """Take back the zeros that nbgrader gave to the tasks of a notebook because it was handed in under another name."""
    from nbgrader.api import Gradebook

    with Gradebook(names["db_url"]) as gradebook:
        found = gradebook.find_submission_notebook(names["notebook"], names["assignment"], names["student"])
        for grade_of in found.grades:
            if grade_of.cell.type == "TaskCell":
                grade_of.auto_score, grade_of.needs_manual_grade = None, True
        gradebook.db.commit()


def _refuse_links(submitted: Path, graded: Path) -> None:
    """Take out of the graded folder what nbgrader has copied by following a symbolic link."""
    for path in submitted.rglob("*"):
        if path.is_symlink():
            with contextlib.suppress(OSError):
                (graded / path.relative_to(submitted)).unlink()
