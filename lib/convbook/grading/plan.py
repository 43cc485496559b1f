"""Which notebooks are run, and which results still hold.

A result holds as long as nothing that could change it has changed: the student's cells and the tests, the
instructor's cells around them, the files, the limits, the seed, the library. All of it is hashed, notebook by notebook.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from convbook.grading.course import Course
from convbook.grading.job import Cell, Job, Result, Tried
from convbook.grading.reading.handin import HandIn, data_files, own_contents, own_files
from convbook.grading.reading.reference import Reference
from convbook.grading.reading.repair import Repaired
from convbook.grading.recording.fingerprint import library
from convbook.grading.recording.store import digest
from convbook.grading.running.guess import guessed

OWN_TIMES = 10  # a student's cells may take so many times as long as the instructor's


@dataclass
class Part:
    """Hold one notebook of one student on its way: its `result`, or before there is one the `job` that gives it."""

    student: str
    notebook: str
    repaired: Repaired
    key: str
    job: Job | None = None
    result: Result | None = None


class Planner:
    """Make the parts of one assignment's grading."""

    def __init__(
        self,
        course: Course,
        assignment: str,
        references: Iterable[Reference],
        force: bool = False,
        require_sandbox: bool = False,
    ):
        self.course, self.assignment, self.force = course, assignment, force
        self.require_sandbox = require_sandbox
        self.limits, settings = course.limits, course.section("ConvbookGrade")
        self.forbid = tuple(settings.get("forbid", ()))
        self.everything = bool(settings.get("run_everything", False))
        self.own_files = own_files(course, assignment)
        excluded = course.section("Autograde").get("exclude_overwriting", {})
        self.kept_files = set(excluded.get(assignment, []))
        self.trusted = own_contents(self.own_files, self.limits)
        self.largest_file = min(self.limits.file_bytes, course.directory.max_file_size * 1000)
        self.tried: dict[str, Tried] = {}  # by notebook, once it is recalled or tried
        # By notebook, too: the instructor's code cells that grading depends on, and what is the same for every student.
        self.instructor = {r.name: r.instructor(self._whole(r)) for r in references}
        self.common = {name: self._common(name, cells) for name, cells in self.instructor.items()}

    def _whole(self, reference: Reference) -> bool:
        """Tell whether all of a notebook runs: what a test of another course may notice (a file, a path) nobody can know."""
        return self.everything or reference.by_hand or not reference.all_ours

    def _common(self, name: str, cells: tuple[Cell, ...]) -> str:
        """Return the hash of all that is the same for every student, but for the tests."""
        others = [asdict(cell) for cell in cells if cell.role != "check"]
        files = {name: hashlib.sha256(content).hexdigest() for name, content in self.trusted.items()}
        return digest(others, asdict(self.limits), files, self._secret(name), library(), self.forbid)

    def _secret(self, name: str) -> int:
        """Return the secret number of a notebook from which all random cases come."""
        return self.course.store.seed(self.assignment, name)

    def part(self, hand_in: HandIn, repaired: Repaired) -> Part:
        """Return one notebook of a student, with the job that is left to do."""
        reference = repaired.reference
        if not self._whole(reference):
            repaired.leave_out_what_only_shows()
        weak = self._known(reference).weak
        cells = tuple(
            replace(cell, declared_weak=cell.role == "check" and cell.id in weak) for cell in repaired.cells()
        )
        own = {n: p for n, p in self.own_files.items() if n not in self.kept_files or n not in hand_in.files}
        files = data_files(hand_in, own, self.limits.disk_bytes // 2, self.largest_file)
        sums = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
        text = [(c.id, c.role, c.source, c.declared_weak) for c in cells]  # points change no result
        key = digest(self.common[reference.name], text, sums)
        part = Part(hand_in.student, reference.name, repaired, key)
        part.result = self._recalled(part)
        if part.result is None:
            answers = digest([c.source for c in cells if c.role != "check"], sums)
            part.job = self._job(reference, answers, cells, key=key, student=part.student, files=files)
        return part

    def as_assumed(self, reference: Reference) -> bool:
        """Tell whether a job that was made before the tests were tried is as it would be made now."""
        assumed, found = self._assumed(reference), self._known(reference)
        same = (found.weak, found.hidden, found.shared) == (assumed.weak, assumed.hidden, assumed.shared)
        return same and self._own_seconds(reference) == self.limits.own_seconds

    def _own_seconds(self, reference: Reference) -> float:
        return max(self.limits.own_seconds, OWN_TIMES * self._known(reference).seconds)

    def _known(self, reference: Reference) -> Tried:
        return self.tried.get(reference.name) or self._assumed(reference)

    def _assumed(self, reference: Reference) -> Tried:
        """Return what is most likely true of a notebook's tests: the processes that this needs start at once."""
        if not (reference.has_source and reference.all_ours):
            return Tried()
        cells = self.instructor[reference.name]
        answers = [cell.source for cell in cells if cell.role == "student"]
        return Tried(hidden=guessed(answers, [cell.source for cell in cells]))

    def _model(self, reference: Reference) -> Job:
        """Return the instructor's own notebook as a job: every test must pass, and no test should need to run weak."""
        cells = tuple(
            replace(cell, role="check" if cell.role == "check" else "student")
            for cell in self.instructor[reference.name]
        )
        key = digest([asdict(c) for c in cells])
        return self._job(reference, key, cells, key=key, student="the instructor's own", files=self.trusted)

    def _job(self, reference: Reference, own_cells: str, cells: Iterable[Cell], **fields: Any) -> Job:
        """Return a job with these fields, and those that it shares with all of the notebook's."""
        tried = self._known(reference)
        return Job(
            notebook=reference.name,
            cells=tuple(replace(cell, seen=cell.id in reference.seen) for cell in cells),
            limits=replace(self.limits, own_seconds=self._own_seconds(reference)),
            # Other cases for every hand-in, the same for the same one: what was recorded is of no use the next time.
            seed=drawn_from(self._secret(reference.name), own_cells),
            instructor=self.instructor[reference.name],
            trusted_files=self.trusted,
            forbid=self.forbid,
            hidden=tried.hidden,
            whole=not reference.has_source,
            shared=tried.shared,
            **fields,
        )

    def recall_tests(self, reference: Reference) -> bool:
        """Take over what an earlier run found out about a notebook's tests; False if nothing is remembered."""
        kept = self.course.store.read(*self._tried_at(reference))
        if kept is not None:
            self.tried[reference.name] = Tried.from_plain(kept)
        return kept is not None

    def try_tests(self, reference: Reference, run: Callable[[Job], Tried]) -> None:
        """Find out, and remember, which tests are weak: the instructor's own notebook shows it; without it all are."""
        if reference.has_source:
            tried = run(self._model(reference))
        else:
            tried = Tried(weak=frozenset(cell.name for cell in reference.cells if cell.is_check))
        self.tried[reference.name] = tried
        self.course.store.write(tried.plain(), *self._tried_at(reference))

    def _tried_at(self, reference: Reference) -> tuple[str, ...]:
        cells = [asdict(cell) for cell in self.instructor[reference.name]]
        return ("weak", self.assignment, f"{digest(self.common[reference.name], cells)}.json")

    def _recalled(self, part: Part) -> Result | None:
        """Return what an earlier run found, if that still holds."""
        kept = None if self.force else self.course.store.read(*self._kept_at(part))
        try:
            result = Result.from_plain(kept) if kept else None
        except (KeyError, TypeError):  # an older version's
            return None
        holds = result is not None and result.key == part.key
        return result if holds and (result.sandboxed or not self.require_sandbox) else None

    def finish(self, part: Part, result: Result) -> None:
        """Take a new result, and remember it."""
        part.result = result
        self.course.store.write(asdict(result), *self._kept_at(part))

    def _kept_at(self, part: Part) -> tuple[str, ...]:
        return ("results", self.assignment, part.student, f"{part.notebook}.json")


def drawn_from(secret: int, own_cells: str) -> int:
    """Return the seed of one hand-in's cases: the same for the same cells and files, another for any others."""
    return int(digest(secret, own_cells)[:12], 16)
