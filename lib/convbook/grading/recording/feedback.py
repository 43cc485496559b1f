"""Write the students' feedback pages, where and as `nbgrader generate_feedback` would, from cleaned notebooks.

nbgrader's own template, preprocessors and grades make the page; only what goes into it is cleaned first (`clean`). Pages
take longer to make than a notebook takes to grade, so a class is shared out among processes.
"""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from convbook.grading.course import Course, in_folder
from convbook.grading.reading.handin import NOT_FOR_STUDENTS
from convbook.grading.recording.store import write_whole

WORTH_SHARING = 6  # students


def write_all(
    course: Course, assignment: str, students: Iterable[str], workers: int | None = None
) -> dict[str, str]:
    """Write the pages of these students and return why it failed, for those it failed for."""
    students = list(students)
    workers = min(workers or os.cpu_count() or 1, len(students))
    if len(students) < WORTH_SHARING or workers < 2:
        return _write_some(str(course.root), assignment, students)
    shares = [students[number::workers] for number in range(workers)]
    spawn = multiprocessing.get_context("spawn")  # a fork would share the gradebook's connection
    with concurrent.futures.ProcessPoolExecutor(workers, mp_context=spawn) as pool:
        found = pool.map(partial(_write_some, str(course.root), assignment), shares)
        return {student: why for failed in found for student, why in failed.items()}


def _write_some(root: str, assignment: str, students: list[str]) -> dict[str, str]:
    course, failed = Course(root), {}
    pages = Pages(course, assignment)
    for student in students:
        try:
            pages.write(student)
        except Exception as error:
            failed[student] = f"{type(error).__name__}: {error}"
    return failed


class Pages:
    """Make the feedback pages of one assignment."""

    def __init__(self, course: Course, assignment: str):
        from nbgrader.converters import GenerateFeedback

        from convbook.grading.recording.clean import Clean
        from convbook.grading.recording.safe import SafeHTML

        self.course, self.assignment = course, assignment
        converter = GenerateFeedback(coursedir=course.directory, parent=course.app)
        self.exporter = SafeHTML(parent=converter, config=converter.config)
        steps = [step for step in converter.preprocessors if step != f"{Clean.__module__}.Clean"]
        for step in [Clean, *steps]:
            self.exporter.register_preprocessor(step, enabled=True)
        self.mode = int(str(converter.permissions), 8)

    def write(self, student: str) -> list[Path]:
        """Write one student's pages and return their paths."""
        from nbformat.v4 import reads

        graded = self.course.folder("autograded", student, self.assignment)
        target = self.course.folder("feedback", student, self.assignment)
        if target.is_symlink() or graded.is_symlink():
            raise OSError("its folder is a symbolic link, which is refused")
        pages = {path: target / f"{path.stem}.html" for path in sorted(graded.glob("*.ipynb"))}
        with in_folder(self.course.root):
            for path, place in pages.items():
                if path.is_symlink():
                    raise OSError(f"{path.name} is a symbolic link, which is refused")
                names = {"student": student, "assignment": self.assignment, "notebook": path.stem}
                about = {"nbgrader": names | {"db_url": self.course.directory.db_url}}
                page, _ = self.exporter.from_notebook_node(reads(path.read_text(encoding="utf-8")), about)
                write_whole(place, page.encode(), self.mode)
        for name in NOT_FOR_STUDENTS:  # release_feedback needs them; nothing else of the folder belongs here
            if (graded / name).is_file() and not (graded / name).is_symlink():
                write_whole(target / name, (graded / name).read_bytes(), self.mode)
        return list(pages.values())
