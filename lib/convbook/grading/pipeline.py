"""Grade one assignment from end to end: read, repair, plan, run, record, report. Nothing a student hands in stops it."""

from __future__ import annotations

import itertools
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from convbook.grading.course import Course, GradingError
from convbook.grading.job import CellResult, Job, Result, Tried
from convbook.grading.plan import Part, Planner
from convbook.grading.progress import Progress
from convbook.grading.reading.handin import HandIn, marked_names, read_hand_in, whose
from convbook.grading.reading.recover import Found, Remark, Unreadable
from convbook.grading.reading.reference import read_references
from convbook.grading.reading.repair import repair
from convbook.grading.recording import outcome
from convbook.grading.recording.folder import sweep
from convbook.grading.recording.record import Graded, Recorder
from convbook.grading.recording.report import ABSENT, GRADED, NOTHING, REPAIRED, UNREADABLE, Line, Report
from convbook.grading.recording.store import digest
from convbook.grading.timing import Timing

AGAIN_SECONDS = 120.0  # what may be spent on judging again what the clock decided
TOLD = ("status", "seconds", "mistakes", "timed", "attempted")  # of a cell in the report


class Runs(Protocol):
    """Run jobs: the local engine, the one on a cluster, or a test's."""

    warning: str
    told: Callable[[Job, CellResult], None]

    def run(self, jobs: Iterable[Job]) -> Iterator[Result]: ...

    def tried(self, job: Job) -> Tried: ...


Opens = Callable[[], AbstractContextManager[Runs]]


class Pipeline:
    """Grade the submissions of one assignment, once."""

    def __init__(
        self,
        course: Course,
        assignment: str,
        force: bool = False,
        renew: bool = False,
        require_sandbox: bool = False,
        timing: Timing | None = None,
    ):
        self.course, self.assignment, self.force = course, assignment, force
        self.timing = timing or Timing()
        self.references = {one.name: one for one in read_references(course, assignment, renew)}
        if not self.references:
            raise GradingError(f"the gradebook knows no notebook of {assignment}")
        self.planner = Planner(course, assignment, self.references.values(), force, require_sandbox)
        self.report = Report(assignment)
        self.waiting: dict[str, tuple[HandIn, dict[str, Part]]] = {}  # read, and not recorded yet
        self.timed: list[Result] = []
        self.engine: Runs | None = None
        self.anew, self.kept_unsandboxed = 0, 0  # hand-ins

    def grade(self, engine: Opens, students: Iterable[str] | None = None) -> Report:
        """Grade all submissions, or those of some students, and return the report.

        `engine` is opened only when something has to run. After Ctrl-C the report holds what was done, and says so.
        """
        begun = time.monotonic()
        there = self.course.submissions(self.assignment)
        everyone = self.course.students(self.assignment)
        wanted = everyone if students is None else self._known(students, everyone)
        sweep(self.course, self.assignment, wanted)
        todo = {student: there[student] for student in wanted if student in there}
        try:
            with self.course.gradebook() as gradebook, Progress(len(todo)) as self.progress:
                self.recorder = Recorder(self.course, self.assignment, gradebook)
                self._through(engine, todo)
            self.report.timing = self.timing.done(self.engine)
        except KeyboardInterrupt:
            self.report.complete = False
        self._complete_report(wanted)
        self.report.seconds = time.monotonic() - begun
        self._keep_report(whole_class=students is None)
        return self.report

    def _known(self, students: Iterable[str], everyone: list[str]) -> list[str]:
        strangers = sorted(set(students) - set(everyone))
        if strangers:
            raise GradingError(
                f"{', '.join(strangers)}: neither in the roster nor in {self.course.folder('submitted', '', '')}"
            )
        return sorted(set(students))

    def _complete_report(self, wanted: list[str]) -> None:
        """Add to the report what is known of the tests, who handed in nothing, and the notes."""
        report, tried = self.report, self.planner.tried
        report.weak = sorted(cell for one in tried.values() for cell in one.weak)
        report.unsolved = sorted(cell for one in tried.values() for cell in one.unsolved)
        report.notes += [
            f"the tests of {name} need what earlier ones leave behind: they run in one process, not each in a fork of it"
            for name, one in tried.items()
            if one.shared
        ]
        seen = {line.student for line in report.lines}
        if report.complete:
            report.lines += [Line(student, ABSENT, NOTHING) for student in wanted if student not in seen]
        report.lines.sort(key=lambda line: line.student)
        if self.kept_unsandboxed:
            report.notes.append(
                f"{self.kept_unsandboxed} unchanged hand-ins were graded without a sandbox in an earlier run; "
                "`--require-sandbox` grades them again."
            )
        report.notes += [remark for reference in self.references.values() for remark in reference.remarks]
        report.settle()

    def _keep_report(self, whole_class: bool) -> None:
        """Remember the report; one about some students goes into the last one about all.

        The one before a whole run that graded something anew stays beside it: reports compare the two.
        """
        store, name, plain = self.course.store, f"{self.assignment}.json", self.report.plain()
        kept = store.read("reports", name)
        if kept and whole_class and self.anew:
            store.write(kept, "reports", "before", name)
        if kept:
            lines = {line["student"]: line for line in [*kept.get("lines", []), *plain["lines"]]}
            plain["lines"] = [lines[student] for student in sorted(lines)]
        store.write(plain, "reports", name)

    def _through(self, engine: Opens, there: dict[str, Path]) -> None:
        """Bring the hand-ins that are `there` from reading to recording."""
        self.timing.start()
        jobs = self._jobs(there)
        unknown = [one for one in self.references.values() if not self.planner.recall_tests(one)]
        first = None if unknown else next(jobs, None)
        if first is None and not (unknown and there):
            return
        with engine() as self.engine:
            self.report.warning, self.engine.told = self.engine.warning, self._told
            early = self._beside_the_trial(jobs) if [one.has_source for one in unknown] == [True] else None
            for reference in unknown:
                self.planner.try_tests(reference, self.engine.tried)
            if early is not None and self.planner.as_assumed(unknown[0]):
                self._arrived(early.result())
            elif early is not None:
                self.waiting.clear()
                recorded = {line.student for line in self.report.lines}
                jobs = self._jobs({s: folder for s, folder in there.items() if s not in recorded})
            for result in self.engine.run(itertools.chain([first] if first else [], jobs)):
                self._arrived(result)
            self._judge_again()
        for student in list(self.waiting):
            with self._as_a_line(student):
                raise RuntimeError("its results never came")

    # Before the first hand-in runs, the instructor's own notebook shows which tests are weak. Mostly none is: one
    # hand-in runs at the same time, so that a first result is there seconds earlier; it runs again where one is.

    def _beside_the_trial(self, jobs: Iterator[Job]) -> Any:
        """Start the first hand-in's first job and return the future of its result; None if there is none."""
        submit = getattr(self.engine, "submit", None)  # only the local engine has time to spare here
        job = next(jobs, None) if submit else None
        return submit(job) if job is not None else None

    def _told(self, job: Job, cell: CellResult) -> None:
        """Show how the first tests went; the instructor's own are nobody's."""
        tests = {one.id for one in job.cells if one.role == "check"}
        if job.student in self.waiting and cell.id in tests:
            self.progress.test(job.student, cell.id, cell.status == "ok")

    # --- on the way in

    def _jobs(self, there: dict[str, Any]) -> Iterator[Job]:
        for student, folder in there.items():
            jobs: list[Job] = []
            with self._as_a_line(student):
                jobs = self._take_in(student, folder)
            yield from jobs
            self._perhaps_record(student)

    def _take_in(self, student: str, folder: Any) -> list[Job]:
        hand_in = read_hand_in(self.course, student, folder, self.references.values())
        parts: dict[str, Part] = {}
        for name, found in hand_in.notebooks.items():
            if isinstance(found, Found):
                reference = self.references[name]
                repaired = repair(found.cells, reference, found.metadata, damaged=bool(found.mended))
                other = whose(found, reference, lambda: self.other_cells)
                if other:
                    said = f"{name}.ipynb holds cells of {other} and none of its own: was the wrong file handed in?"
                    hand_in.remarks.append(Remark("note", said))
                parts[name] = self.planner.part(hand_in, repaired)
        self.waiting[student] = (hand_in, parts)
        return [part.job for part in parts.values() if part.job is not None]

    @cached_property
    def other_cells(self) -> dict[str, set[str]]:
        """Return the names of the cells of each other assignment of the course."""
        names = [name for name in self.course.assignments() if name != self.assignment]
        return {name: marked_names(self.course.source_folder(name)) for name in names}

    # --- on the way out

    def _judge_again(self) -> None:
        """Judge what the clock decided once more, alone: no verdict depends on what else the machine had to do."""
        ends = time.monotonic() + AGAIN_SECONDS
        for result in sorted(self.timed, key=lambda result: result.seconds):
            if result.student not in self.waiting:  # another notebook of the same hand-in failed meanwhile
                continue
            if time.monotonic() + result.seconds <= ends:
                [second] = self.engine.run([self.waiting[result.student][1][result.notebook].job])
                self._settled(min(result, second, key=lambda one: one.timed))
                continue
            said = (
                "a time limit decided here; it was not judged again alone: that would have taken longer than "
                f"what was left of the {AGAIN_SECONDS:g} s for it"
            )
            result.events.append({"kind": "note", "cell": "", "sentence": said})
            self._settled(result)

    def _arrived(self, result: Result) -> None:
        if result.student not in self.waiting:
            return
        if result.timed:
            self.timed.append(result)
        else:
            self._settled(result)

    def _settled(self, result: Result) -> None:
        part = self.waiting[result.student][1][result.notebook]
        self.timing.add(part.job, result)
        broken = next((event for event in result.events if event["kind"] == "engine"), None)
        with self._as_a_line(result.student):
            if broken is not None:  # our own fault: nothing is recorded, the next run tries again
                raise RuntimeError(broken["sentence"])
            self.planner.finish(part, result)
            part.job = None
            self.report.ran += 1
            if not result.sandboxed and not self.report.warning:
                where = result.worker or "a worker"
                self.report.warning = f"NOT SANDBOXED: {where} ran students' code unprotected."
        self._perhaps_record(result.student)

    def _perhaps_record(self, student: str) -> None:
        """Record a submission when the last of its notebooks is there."""
        hand_in, parts = self.waiting.get(student, (None, {}))
        if hand_in is not None and all(part.job is None for part in parts.values()):
            del self.waiting[student]
            with self._as_a_line(student):
                self._record(hand_in, parts)

    def _record(self, hand_in: HandIn, parts: dict[str, Part]) -> None:
        graded = self._graded(hand_in, parts)
        again = not self.force and self.recorder.is_recorded(graded)
        scores, standing = self.recorder.record(graded, again)
        self.anew += not again
        self.kept_unsandboxed += again and not all(part.result.sandboxed for part in parts.values())
        remarks, cells = list(hand_in.remarks), []
        for part in parts.values():
            remarks += part.repaired.remarks + outcome.differences(part.repaired, part.result)
            remarks += [Remark(e["kind"], e["sentence"], e["cell"]) for e in part.result.events]
            cells += _cells(part, f"{part.notebook}/" if len(self.references) > 1 else "")
        reasons = [str(found) for found in hand_in.notebooks.values() if isinstance(found, Unreadable)]
        remarks += [Remark("repair", reason) for reason in reasons if parts]
        mended = any(remark.kind in ("repair", "tamper") for remark in remarks)
        line = Line(
            hand_in.student,
            UNREADABLE if reasons and not parts else REPAIRED if mended else GRADED,
            "; ".join(reasons),
            score=sum(score or 0.0 for score in scores.values()),
            points=sum(reference.points for reference in self.references.values()),
            again=again,
            seconds=sum(part.result.seconds for part in parts.values()),
            remarks=[asdict(remark) for remark in remarks],
            cells=cells,
            **standing,
        )
        line.waiting += len(graded.unreadable)
        self._enter(line)

    def _graded(self, hand_in: HandIn, parts: dict[str, Part]) -> Graded:
        graded = Graded(hand_in)
        for name, found in hand_in.notebooks.items():
            reference = self.references[name]
            if isinstance(found, Found):
                part = parts[name]
                graded.notebooks[name] = outcome.notebook(part.repaired, part.result)
                marks = [[cell.name, cell.points, cell.checksum] for cell in reference.cells if cell.marked]
                graded.sums[name] = digest(part.key, marks, [p.cell["source"] for p in part.repaired.placed])
                continue
            graded.sums[name] = str(found)
            if len(hand_in.notebooks) > 1 and str(found).startswith("there is no"):
                graded.missing.add(name)
            else:
                graded.notebooks[name] = outcome.placeholder(reference, str(found))
                graded.unreadable.add(name)
        return graded

    def _enter(self, line: Line) -> None:
        self.report.lines.append(line)
        self.progress.step(line.student, line.seconds)

    @contextmanager
    def _as_a_line(self, student: str) -> Iterator[None]:
        """Read or write for a submission; a failure of our own in it becomes one line of the report."""
        begun = time.monotonic()
        try:
            yield
        except Exception as error:
            self.waiting.pop(student, None)
            where = traceback.extract_tb(error.__traceback__)[-1]
            what = (str(error).splitlines() or [""])[0]  # a database's error brings its whole statement
            said = f"grading failed: {type(error).__name__}: {what} ({where.name}, line {where.lineno})"
            self._enter(Line(student, UNREADABLE, said))
        self.timing.wrote(begun)


def _cells(part: Part, before: str) -> list[dict[str, Any]]:
    """Return what the report tells of the tests and of the cells that took long; `before` each name stands this."""
    checks = {cell.id for cell in part.repaired.cells() if cell.role == "check"}
    return [
        {"cell": before + cell.id, "check": cell.id in checks, **{name: getattr(cell, name) for name in TOLD}}
        for cell in part.result.cells
        if cell.id in checks or cell.seconds >= 1.0
    ]
