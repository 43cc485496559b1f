"""Which notebooks are run, and which results still hold.

A result holds as long as nothing that could change it has changed. What it depends on is hashed in two parts:
the *student's part* (the student's cells, the instructor's cells around the tests, the files, the limits, the seed,
the library) and, one by one, the *tests* with the earlier tests they take names from. When only tests have
changed, the student's cells run again (a test needs living functions) up to the last changed test, with the
changed tests alone; all other results are kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace

from convbook.grading.course import Course
from convbook.grading.job import Cell, CellResult, Job, Result, Tried
from convbook.grading.reading.handin import HandIn, data_files, own_contents, own_files
from convbook.grading.reading.placed import Remark
from convbook.grading.reading.reference import Reference
from convbook.grading.reading.repair import Repaired
from convbook.grading.recording.fingerprint import library
from convbook.grading.recording.store import digest
from convbook.grading.running.names import builds_on

OWN_TIMES = 10  # a student's cells may take so many times as long as the instructor's


@dataclass
class Part:
    """Hold one notebook of one student on its way through grading.

    `job` is what must be run, None when nothing must. `known` are the results that still hold.
    """

    student: str
    notebook: str
    repaired: Repaired
    key: str
    keys: dict[str, str]
    job: Job | None
    known: dict[str, CellResult] = field(default_factory=dict)
    result: Result | None = None
    remarks: list[Remark] = field(default_factory=list)


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
        self.limits = course.limits
        self.forbid = tuple(course.section("ConvbookGrade").get("forbid", ()))
        self.everything = bool(course.section("ConvbookGrade").get("run_everything", False))
        self.own_files = own_files(course, assignment)
        excluded = course.section("Autograde").get("exclude_overwriting", {})
        self.kept_files = set(excluded.get(assignment, []))
        self.trusted = own_contents(self.own_files, self.limits)
        self.largest_file = min(self.limits.file_bytes, course.directory.max_file_size * 1000)
        self.tried: dict[str, Tried] = {}  # by notebook, once it is recalled or tried
        self.common = {reference.name: self._common(reference) for reference in references}

    def _common(self, reference: Reference) -> str:
        """Return the hash of all that is the same for every student, but for the tests."""
        others = [asdict(cell) for cell in self.instructor(reference) if cell.role != "check"]
        text = "\n".join(cell.source for cell in self.instructor(reference))
        files = {name: hashlib.sha256(content).hexdigest() for name, content in self.trusted.items()}
        return digest(others, asdict(self.limits), files, self.secret(reference), library(text), self.forbid)

    def instructor(self, reference: Reference) -> tuple[Cell, ...]:
        """Return the instructor's code cells that grading depends on."""
        return reference.instructor(self._whole(reference))

    def _whole(self, reference: Reference) -> bool:
        """Tell whether all of a notebook runs: what a test of another course may notice (a file, a path) nobody can know."""
        return self.everything or reference.by_hand or not reference.all_ours

    def secret(self, reference: Reference) -> int:
        """Return the secret number of a notebook from which all random cases come."""
        return self.course.store.seed(self.assignment, reference.name)

    def part(self, hand_in: HandIn, repaired: Repaired) -> Part:
        """Return one notebook of a student, with the job that is left to do."""
        reference = repaired.reference
        if not self._whole(reference):
            repaired.leave_out_what_only_shows()
        cells = self.declared(repaired.cells(), reference)
        own = {n: p for n, p in self.own_files.items() if n not in self.kept_files or n not in hand_in.files}
        files = data_files(hand_in, own, self.limits.disk_bytes // 2, self.largest_file)
        shape = [(c.id, c.role) if c.role == "check" else (c.id, c.role, c.source) for c in cells]
        sums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        part_key = digest(self.common[reference.name], shape, sums)
        own_cells = digest([c.source for c in cells if c.role != "check"], sums)
        keys = {"": part_key, **test_keys(cells)}
        part = Part(
            hand_in.student, reference.name, repaired, digest(keys), keys, None, remarks=hand_in.remarks
        )
        job = self._job(reference, hand_in.student, part.key, own_cells, cells, files)
        if own_seconds := self.longer(reference):
            job = replace(job, limits=replace(self.limits, own_seconds=own_seconds))
        part.job = None if self._recall(part, cells) else self._rest(job, part)
        return part

    def longer(self, reference: Reference) -> float:
        """Return the seconds that a student's cells have, where the instructor's own need long; otherwise 0."""
        seconds = OWN_TIMES * self.tried.get(reference.name, Tried()).seconds
        return seconds if seconds > self.limits.own_seconds else 0.0

    def model(self, reference: Reference) -> Job:
        """Return the instructor's own notebook as a job: every test must pass, and no test should need to run weak."""
        cells = tuple(
            replace(cell, role="check" if cell.role == "check" else "student")
            for cell in self.instructor(reference)
        )
        key = digest([asdict(c) for c in cells])
        job = self._job(reference, "the instructor's own", key, key, cells, self.trusted)
        # Where no solution uses PyTorch, its tests most likely rule it out: then its process is the one students need.
        solved = reference.all_ours and "torch" not in " ".join(job.solution)
        return replace(job, hidden=("torch",) if solved else ())

    def _job(
        self,
        reference: Reference,
        student: str,
        key: str,
        own_cells: str,
        cells: tuple[Cell, ...],
        files: Mapping[str, bytes],
    ) -> Job:
        instructor = self.instructor(reference)
        tried = self.tried.get(reference.name, Tried())
        return Job(
            key=key,
            student=student,
            notebook=reference.name,
            cells=tuple(replace(cell, seen=cell.id in reference.seen) for cell in cells),
            files=files,
            solution=tuple(cell.source for cell in instructor if cell.role == "student"),
            limits=self.limits,
            # Other cases for every hand-in, the same for the same one: what was recorded is of no use the next time.
            seed=drawn_from(self.secret(reference), own_cells),
            instructor=instructor,
            trusted_files=self.trusted,
            forbid=self.forbid,
            hidden=tried.hidden,
            whole=not reference.has_source,
            shared=tried.shared,
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
            tried = run(self.model(reference))
        else:
            tried = Tried(weak=frozenset(cell.name for cell in reference.cells if cell.is_check))
        self.tried[reference.name] = tried
        self.course.store.write(tried.plain(), *self._tried_at(reference))

    def _tried_at(self, reference: Reference) -> tuple[str, ...]:
        cells = [asdict(cell) for cell in self.instructor(reference)]
        return ("weak", self.assignment, f"{digest(self.common[reference.name], cells)}.json")

    def declared(self, cells: tuple[Cell, ...], reference: Reference) -> tuple[Cell, ...]:
        """Return cells of which those are declared weak that are known to be."""
        weak = self.tried.get(reference.name, Tried()).weak
        return tuple(replace(c, declared_weak=c.role == "check" and c.id in weak) for c in cells)

    # --- what is known already

    def _kept(self, student: str, notebook: str) -> tuple[str, ...]:
        return ("results", self.assignment, student, f"{notebook}.json")

    def _recall(self, part: Part, cells: tuple[Cell, ...]) -> bool:
        """Take over the results that still hold; True when they are all there."""
        kept = None if self.force else self.course.store.read(*self._kept(part.student, part.notebook))
        try:
            if not kept or kept["keys"].get("") != part.keys[""]:
                return False
            result = Result.from_json(kept["result"])
            if self.require_sandbox and not result.sandboxed:
                return False
            same = {name for name, key in part.keys.items() if kept["keys"].get(name) == key}
        except (KeyError, TypeError, ValueError, AttributeError):
            return False
        checks = {cell.id for cell in cells if cell.role == "check"}
        part.known = {r.id: r for r in result.cells if r.id not in checks or r.id in same}
        part.result = replace(result, key=part.key)
        return all(cell.id in part.known for cell in cells)

    def _rest(self, job: Job, part: Part) -> Job:
        """Return the job without what is known: up to the last test that must run, with the tests it builds on."""
        checks = [cell for cell in job.cells if cell.role == "check"]
        due = {cell.id for cell in checks if cell.id not in part.known}
        if not part.known or not due:
            return job
        for cell in checks:
            if cell.id in due:
                due |= {other.id for other in builds_on(cell, checks, shared=True)}
        if any(cell.declared_weak for cell in checks if cell.id in due):
            due |= {cell.id for cell in checks}
        last = max(n for n, cell in enumerate(job.cells) if cell.id in due)
        return replace(job, cells=tuple(c for c in job.cells[: last + 1] if c.role != "check" or c.id in due))

    def finish(self, part: Part, result: Result) -> None:
        """Join a new result with what was known, and remember the whole."""
        fresh = {cell.id: cell for cell in result.cells}
        joined = {**{name: cell for name, cell in part.known.items() if name not in fresh}, **fresh}
        for name, cell in part.known.items():
            if name in part.keys and name in fresh:  # a test that ran again only because another needed it
                joined[name] = cell
        order = [cell.id for cell in part.repaired.cells()]
        cells = [joined[name] for name in order if name in joined]
        events = (
            result.events
            if not part.known or part.result is None
            else _together(part.result.events, result.events)
        )
        part.result = replace(result, key=part.key, cells=cells, events=events)
        kept = {"keys": part.keys, "result": part.result.to_json()}
        self.course.store.write(kept, *self._kept(part.student, part.notebook))


def drawn_from(secret: int, own_cells: str) -> int:
    """Return the seed of one hand-in's cases: the same for the same cells and files, another for any others."""
    return int(digest(secret, own_cells)[:12], 16)


def test_keys(cells: Iterable[Cell]) -> dict[str, str]:
    """Return a hash for every test: of its text, its points do not matter, and of the tests it builds on."""
    checks = [cell for cell in cells if cell.role == "check"]
    return {
        cell.id: digest(
            cell.source, cell.declared_weak, [other.source for other in builds_on(cell, checks, shared=True)]
        )
        for cell in checks
    }


def _together(old: list[dict[str, str]], new: list[dict[str, str]]) -> list[dict[str, str]]:
    return [*old, *(event for event in new if event not in old)]
