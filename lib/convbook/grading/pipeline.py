"""Grade one assignment from end to end: read, repair, plan, run, record, report. Nothing a student hands in stops it."""

from __future__ import annotations

import itertools
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict
from typing import Any, Protocol

from convbook.grading.course import Course, GradingError
from convbook.grading.job import Job, Result, Tried
from convbook.grading.plan import Part, Planner
from convbook.grading.progress import Progress
from convbook.grading.reading.handin import HandIn, marked_names, read_hand_in, whose
from convbook.grading.reading.placed import Remark
from convbook.grading.reading.recover import Found, Unreadable
from convbook.grading.reading.reference import Reference, read_references
from convbook.grading.reading.repair import repair
from convbook.grading.recording import outcome
from convbook.grading.recording.folder import sweep
from convbook.grading.recording.record import Graded, Recorder
from convbook.grading.recording.report import ABSENT, GRADED, NOTHING, REPAIRED, UNREADABLE, Line, Report
from convbook.grading.recording.store import digest
from convbook.grading.timing import Timing

AGAIN_SECONDS = 120.0  # what may be spent on judging again what the clock decided


class Runs(Protocol):
    """Run jobs: the local engine, the one on a cluster, or a test's."""

    warning: str

    def run(self, jobs: Iterable[Job]) -> Iterator[Result]: ...

    def tried(self, job: Job) -> Tried: ...


class Pipeline:
    """Grade the submissions of one assignment."""

    def __init__(
        self,
        course: Course,
        assignment: str,
        force: bool = False,
        renew: bool = False,
        require_sandbox: bool = False,
        timing: Timing | None = None,
    ):
        self.timing = timing or Timing()
        self.course, self.assignment = course, assignment
        self.references = read_references(course, assignment, renew)
        if not self.references:
            raise GradingError(f"the gradebook knows no notebook of {assignment}")
        self.planner = Planner(course, assignment, self.references, force, require_sandbox)
        self.force = force
        self.report = Report(assignment)
        self.graded_now: list[str] = []
        self.kept_unsandboxed = 0
        self._others: dict[str, set[str]] | None = None

    def grade(
        self,
        engine: Callable[[], AbstractContextManager[Runs]],
        students: Iterable[str] | None = None,
        say: Callable[[Progress, str], None] | None = None,
    ) -> Report:
        """Grade all submissions, or those of some students, and return the report.

        `engine` is opened only when something has to run. After Ctrl-C the report holds what was done, and says so.
        """
        begun = time.monotonic()
        there = self.course.submissions(self.assignment)
        everyone = self.course.students(self.assignment)
        self.whole_class = students is None
        wanted = everyone if students is None else self._known(students, everyone)
        sweep(self.course, self.assignment, wanted)
        try:
            with Recorder(self.course, self.assignment, self.references) as recorder:
                todo = [student for student in wanted if student in there]
                with Progress(len(todo)) as progress:
                    run = _Run(self, recorder, progress)
                    run.through(engine, {s: there[s] for s in todo})
            self.report.timing = self.timing.done(run.engine)
        except KeyboardInterrupt:
            self.report.complete = False
        tried = self.planner.tried.values()
        self.report.weak = sorted(cell for one in tried for cell in one.weak)
        self.report.unsolved = sorted(cell for one in tried for cell in one.unsolved)
        self.report.notes += [
            f"the tests of {name} need what earlier ones leave behind: they run in one process, not each in a fork of it"
            for name, one in self.planner.tried.items()
            if one.shared
        ]
        seen = {line.student for line in self.report.lines}
        if self.report.complete:
            self.report.lines += [Line(s, ABSENT, NOTHING) for s in wanted if s not in seen]
        self.report.lines.sort(key=lambda line: line.student)
        if self.kept_unsandboxed:
            self.report.notes.append(
                f"{self.kept_unsandboxed} unchanged hand-ins were graded without a sandbox in an earlier run; "
                "`--require-sandbox` grades them again."
            )
        self.report.notes += [remark for reference in self.references for remark in reference.remarks]
        self.report.seconds = time.monotonic() - begun
        self.report.settle()
        self._keep()
        return self.report

    def _known(self, students: Iterable[str], everyone: list[str]) -> list[str]:
        strangers = sorted(set(students) - set(everyone))
        if strangers:
            raise GradingError(
                f"{', '.join(strangers)}: neither in the roster nor in {self.course.folder('submitted', '', '')}"
            )
        return sorted(set(students))

    def other_cells(self) -> dict[str, set[str]]:
        """Return the names of the cells of each other assignment of the course."""
        if self._others is None:
            names = [name for name in self.course.assignments() if name != self.assignment]
            self._others = {name: marked_names(self.course.source_folder(name)) for name in names}
        return self._others

    def _keep(self) -> None:
        """Remember the report; one about some students goes into the last one about all.

        The one before a whole run that graded something anew stays beside it: reports compare the two.
        """
        plain = self.report.plain()
        kept = self.course.store.read("reports", f"{self.assignment}.json")
        if kept and self.whole_class and self.graded_now:
            self.course.store.write(kept, "reports", "before", f"{self.assignment}.json")
        if kept:
            lines = {line["student"]: line for line in kept.get("lines", [])}
            lines |= {line["student"]: line for line in plain["lines"]}
            plain["lines"] = [lines[name] for name in sorted(lines)]
        self.course.store.write(plain, "reports", f"{self.assignment}.json")


class _Run:
    """Hold what is between reading and recording."""

    def __init__(self, whole: Pipeline, recorder: Recorder, progress: Progress):
        self.whole, self.course, self.planner = whole, whole.course, whole.planner
        self.references = {reference.name: reference for reference in whole.references}
        self.recorder, self.progress = recorder, progress
        self.waiting: dict[str, tuple[HandIn, dict[str, Part]]] = {}
        self.timed: list[Result] = []
        self.engine: Runs | None = None

    def through(self, engine: Callable[[], AbstractContextManager[Runs]], there: dict[str, Any]) -> None:
        self.whole.timing.start()
        jobs = self._jobs(there)
        unknown = [
            reference for reference in self.references.values() if not self.planner.recall_tests(reference)
        ]
        first = None if unknown else next(jobs, None)
        if first is None and not (unknown and there):
            return
        with engine() as self.engine:
            self.whole.report.warning = self.engine.warning
            alone = len(unknown) == 1 and unknown[0].has_source
            early = self._beside_the_trial(jobs) if alone else None
            for reference in unknown:
                self.planner.try_tests(reference, self.engine.tried)
            if early is not None and not self.planner.as_assumed(unknown[0]):
                jobs, early = self._jobs(self._not_recorded(there)), None
            if early is not None:
                self._arrived(early.result())
            first = first or next(jobs, None)
            if first is not None:
                for result in self.engine.run(itertools.chain([first], jobs)):
                    self._arrived(result)
            self._judge_again(self.engine.run)
        for student in list(self.waiting):
            self._failed(student, RuntimeError("its results never came"))

    # Before the first hand-in runs, the instructor's own notebook shows which tests are weak. Mostly none is: one
    # hand-in runs at the same time, so that a first result is there seconds earlier; it runs again where one is.

    def _beside_the_trial(self, jobs: Iterator[Job]) -> Any:
        """Start the first hand-in's first job and return the future of its result; None if there is none."""
        submit = getattr(self.engine, "submit", None)  # only the local engine has time to spare here
        job = next(jobs, None) if submit else None
        return submit(job) if job is not None else None

    def _not_recorded(self, there: dict[str, Any]) -> dict[str, Any]:
        self.waiting.clear()
        recorded = {line.student for line in self.whole.report.lines}
        return {student: folder for student, folder in there.items() if student not in recorded}

    # --- on the way in

    def _jobs(self, there: dict[str, Any]) -> Iterator[Job]:
        for student, folder in there.items():
            begun = time.monotonic()
            try:
                jobs = self._take_in(student, folder)
            except Exception as error:
                self._failed(student, error)
                continue
            self.whole.timing.wrote(begun)
            yield from jobs
            self._perhaps_record(student)

    def _take_in(self, student: str, folder: Any) -> list[Job]:
        hand_in = read_hand_in(self.course, student, folder, self.references.values())
        parts: dict[str, Part] = {}
        for name, found in hand_in.notebooks.items():
            if isinstance(found, Found):
                repaired = repair(
                    found.cells, self.references[name], found.metadata, damaged=bool(found.mended)
                )
                other = whose(found, self.references[name], self.whole.other_cells)
                if other:
                    said = f"{name}.ipynb holds cells of {other} and none of its own: was the wrong file handed in?"
                    hand_in.remarks.append(Remark("note", said))
                parts[name] = self.planner.part(hand_in, repaired)
        self.waiting[student] = (hand_in, parts)
        return [part.job for part in parts.values() if part.job is not None]

    # --- on the way out

    def _judge_again(self, run: Callable[[Iterable[Job]], Iterator[Result]]) -> None:
        """Judge what the clock decided once more, alone: no verdict depends on what else the machine had to do."""
        ends = time.monotonic() + AGAIN_SECONDS
        for first in sorted(self.timed, key=lambda result: result.seconds):
            if first.student not in self.waiting:  # another notebook of the same hand-in failed meanwhile
                continue
            if time.monotonic() + first.seconds > ends:
                said = (
                    "a time limit decided here; it was not judged again alone: that would have taken longer than "
                    f"what was left of the {AGAIN_SECONDS:g} s for it"
                )
                first.events.append({"kind": "note", "cell": "", "sentence": said})
                self._settled(first)
                continue
            for second in run([self.waiting[first.student][1][first.notebook].job]):
                self._settled(second if second.timed < first.timed else first)

    def _arrived(self, result: Result) -> None:
        if result.student not in self.waiting:
            return
        if result.timed:
            self.timed.append(result)
        else:
            self._settled(result)

    def _settled(self, result: Result) -> None:
        part = self.waiting[result.student][1][result.notebook]
        self.whole.timing.add(part.job, result)
        broken = next((event for event in result.events if event["kind"] == "engine"), None)
        try:
            if broken is not None:  # our own fault: nothing is recorded, the next run tries again
                raise RuntimeError(broken["sentence"])
            self.planner.finish(part, result)
            part.job = None
            if not result.sandboxed and not self.whole.report.warning:
                self.whole.report.warning = (
                    f"NOT SANDBOXED: {result.worker or 'a worker'} ran students' code unprotected."
                )
            self.whole.report.ran += 1
            self._perhaps_record(result.student)
        except Exception as error:
            self._failed(result.student, error)

    def _perhaps_record(self, student: str) -> None:
        """Record a submission when the last of its notebooks is there."""
        if student not in self.waiting:
            return
        hand_in, parts = self.waiting[student]
        if any(part.job is not None for part in parts.values()):
            return
        del self.waiting[student]
        begun = time.monotonic()
        try:
            self._record(hand_in, parts)
        except Exception as error:
            self._failed(student, error)
        self.whole.timing.wrote(begun)

    def _record(self, hand_in: HandIn, parts: dict[str, Part]) -> None:
        graded = self._graded(hand_in, parts)
        again = not self.whole.force and self.recorder.is_recorded(graded)
        scores = self.recorder.in_gradebook[hand_in.student] if again else self.recorder.record(graded)
        if again:
            self.recorder.renew_penalty(graded)
            kept = [part.result for part in parts.values() if part.result]
            self.whole.kept_unsandboxed += any(not result.sandboxed for result in kept)
        else:
            self.whole.graded_now.append(hand_in.student)
        line = self._line(hand_in, parts, scores, graded)
        line.again = again
        self.whole.report.lines.append(line)
        self.progress.step(hand_in.student, line.seconds)

    def _graded(self, hand_in: HandIn, parts: dict[str, Part]) -> Graded:
        notebooks, sums, bad, missing = {}, {}, set(), set()
        for name, found in hand_in.notebooks.items():
            if isinstance(found, Unreadable):
                if len(hand_in.notebooks) > 1 and str(found).startswith("there is no"):
                    missing.add(name)
                else:
                    notebooks[name] = placeholder(self.references[name], str(found))
                    bad.add(name)
                sums[name] = str(found)
            else:
                notebooks[name] = outcome.notebook(parts[name].repaired, parts[name].result)
                marks = [[c.name, c.points, c.checksum] for c in self.references[name].cells if c.marked]
                sums[name] = digest(
                    parts[name].key, marks, [p.cell["source"] for p in parts[name].repaired.placed]
                )
        return Graded(hand_in, notebooks, sums, frozenset(bad), frozenset(missing))

    def _line(self, hand_in: HandIn, parts: dict[str, Part], scores: dict[str, Any], graded: Graded) -> Line:
        remarks = [asdict(remark) for remark in hand_in.remarks]
        cells: list[dict[str, Any]] = []
        for part in parts.values():
            remarks += [asdict(remark) for remark in (*part.repaired.remarks, *_found(part))]
            remarks += [asdict(Remark(e["kind"], e["sentence"], e["cell"])) for e in part.result.events]
            cells += _cells(part, len(self.references) > 1)
        reasons = [str(found) for found in hand_in.notebooks.values() if isinstance(found, Unreadable)]
        standing = self.recorder.standing[hand_in.student]
        status = UNREADABLE if reasons and not parts else REPAIRED if _mended(remarks) or reasons else GRADED
        if parts and reasons:
            remarks += [asdict(Remark("repair", reason)) for reason in reasons]
        return Line(
            student=hand_in.student,
            status=status,
            reason="; ".join(reasons),
            score=sum(score or 0.0 for score in scores.values()),
            points=sum(reference.points for reference in self.references.values()),
            by_hand=standing.by_hand,
            penalty=standing.penalty,
            waiting=standing.waiting + len(graded.unreadable),
            seconds=sum(part.result.seconds for part in parts.values()),
            remarks=remarks,
            cells=cells,
        )

    def _failed(self, student: str, error: Exception) -> None:
        """Turn a failure of our own in one submission into one line of the report."""
        self.waiting.pop(student, None)
        where = traceback.extract_tb(error.__traceback__)[-1]
        what = (str(error).splitlines() or [""])[0]  # a database's error brings its whole statement
        said = f"grading failed: {type(error).__name__}: {what} ({where.name}, line {where.lineno})"
        self.whole.report.lines.append(Line(student, UNREADABLE, said))
        self.progress.step(student)


def placeholder(reference: Reference, reason: str) -> dict[str, Any]:
    """Return a notebook that stands for one that could not be read, so that formgrader has a page for it."""
    notebook = outcome.notebook(repair([], reference), None)
    said = f"**This hand-in could not be read:** {reason}"
    cell = {"cell_type": "markdown", "id": "convbook-unreadable", "metadata": {}, "source": said}
    notebook["cells"].insert(0, cell)
    return notebook


def _found(part: Part) -> list[Remark]:
    return outcome.differences(part.repaired, part.result) + outcome.generous(part.repaired, part.result)


def _mended(remarks: list[dict[str, str]]) -> bool:
    return any(remark["kind"] in ("repair", "tamper") for remark in remarks)


def _cells(part: Part, several: bool) -> list[dict[str, Any]]:
    roles = {cell.id: cell.role for cell in part.repaired.cells()}
    prefix = f"{part.notebook}/" if several else ""
    return [
        {
            "cell": prefix + cell.id,
            "status": cell.status,
            "seconds": cell.seconds,
            "mistakes": cell.mistakes,
            "timed": cell.timed,
            "attempted": cell.attempted,
            "check": roles.get(cell.id) == "check",
        }
        for cell in part.result.cells
        if roles.get(cell.id) == "check" or cell.seconds >= 1.0
    ]
