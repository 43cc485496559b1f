"""Grade on submit: watch the exchange's inbox, collect what arrives, grade it, publish its feedback, within seconds.

nbgrader's own exchange classes collect and release, so a course's own exchange plugin works as long as it keeps
hand-ins in a folder. The folder is looked at again and again (no two systems notify alike, and networks
drives do not at all); a hand-in counts as complete when it has its time stamp and has not changed since the last look.
"""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from pathlib import Path
from typing import Any

from convbook.grading.course import Course, GradingError, in_folder
from convbook.grading.pipeline import Pipeline
from convbook.grading.recording.feedback import Pages
from convbook.grading.recording.page import score
from convbook.grading.recording.report import UNREADABLE
from convbook.grading.recording.store import exclusive

PAUSE = 0.5  # seconds between two looks


class Inbox:
    """Look at one assignment's hand-ins in the exchange."""

    def __init__(self, course: Course, assignment: str):
        from nbgrader.exchange import ExchangeFactory

        self.course, self.assignment = course, assignment
        self.factory = ExchangeFactory(parent=course.app)
        root = getattr(self._action("Collect"), "root", "")
        if not course.directory.course_id or not root:
            raise GradingError(
                "--watch needs an exchange: set c.CourseDirectory.course_id and c.Exchange.root"
            )
        self.folder = Path(root) / course.directory.course_id / "inbound"
        self.seen: dict[str, list[tuple]] = {}
        self.done: set[str] = set()

    def arrived(self) -> dict[str, Path]:
        """Return the complete hand-ins that are new since the last look: student → folder."""
        found: dict[str, Path] = {}
        for path in sorted(self.folder.glob(f"*+{self.assignment}+*")):
            state = _state(path)
            complete = self.seen.get(path.name) == state and (path / "timestamp.txt").is_file()
            if complete and path.name not in self.done:
                self.done.add(path.name)
                found[path.name.rsplit(f"+{self.assignment}+", 1)[0]] = path
            self.seen[path.name] = state
        return found

    def collect(self, student: str, folder: Path) -> None:
        """Bring a student's hand-in to where it is graded, as `nbgrader collect --update` does."""
        for path in (folder, *folder.rglob("*")):
            if path.is_symlink():
                raise GradingError(f"{path.name} is a symbolic link; the hand-in was not collected")
        self.start("Collect", student, update=True)

    def start(self, name: str, student: str, **settings: Any) -> None:
        """Let one of nbgrader's exchange actions do its work for a student."""
        from nbgrader.utils import temp_attrs

        with (
            temp_attrs(self.course.directory, assignment_id=self.assignment, student_id=student),
            in_folder(self.course.root),
        ):
            self._action(name, **settings).start()

    def _action(self, name: str, **settings: Any) -> Any:
        directory, app = self.course.directory, self.course.app
        action = getattr(self.factory, name)
        return action(coursedir=directory, authenticator=app.authenticator, parent=app, **settings)


def _state(path: Path) -> list[tuple]:
    """Return what changes while a hand-in is still being copied."""
    found = []
    for place, _, names in os.walk(path):
        for file in (Path(place, name) for name in names):
            with suppress(OSError):  # gone meanwhile
                info = file.lstat()
                found.append((file.name, info.st_size, info.st_mtime_ns))
    return sorted(found)


def watch(
    course: Course,
    assignment: str,
    engine: Callable[[], AbstractContextManager[Any]],
    say: Callable[[str], None],
    require_sandbox: bool = False,
    stop: Callable[[], bool] = lambda: False,
) -> int:
    """Grade what arrives until Ctrl-C (or until `stop` says so) and return the exit code."""
    inbox = Inbox(course, assignment)
    say(f"watching {inbox.folder} for {assignment}; Ctrl-C ends it")
    with ExitStack() as open_things:
        # Opened for the first hand-in, and kept warm for those that follow.
        warm = functools.cache(lambda: open_things.enter_context(engine()))
        try:
            while not stop():
                for student, folder in inbox.arrived().items():
                    say(_one(inbox, lambda: nullcontext(warm()), student, folder, require_sandbox))
                time.sleep(PAUSE)
        except KeyboardInterrupt:
            say("stopped; what has arrived and is not graded will be found at the next start")
            return 130
    return 0


def _one(inbox: Inbox, engine: Any, student: str, folder: Path, require_sandbox: bool) -> str:
    """Collect, grade and publish one hand-in and return the sentence about it; nothing in it ends the watch."""
    begun, course, assignment = time.monotonic(), inbox.course, inbox.assignment
    try:
        inbox.collect(student, folder)
        with exclusive(course.store.folder / "lock", lambda sentence: None), in_folder(course.root):
            pipeline = Pipeline(course, assignment, require_sandbox=require_sandbox)
            report = pipeline.grade(engine, [student])
        if not report.complete:
            raise KeyboardInterrupt
        line = report.lines[0]
        if line.status != UNREADABLE or line.points:
            Pages(course, assignment).write(student)
            inbox.start("ReleaseFeedback", student)  # where `nbgrader fetch_feedback` finds it
        if line.status == UNREADABLE:
            return f"{student}: unreadable: {line.reason}"
        return f"{student}: {score(line)} ({time.monotonic() - begun:.1f} s)"
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # nbgrader's exchange may even exit
        return f"{student}: could not be graded: {error or type(error).__name__}"
