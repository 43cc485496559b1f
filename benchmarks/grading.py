"""Grade the same hand-ins with stock nbgrader and with `convbook grade`, in one run, and print how they compare.

    python benchmarks/grading.py                            unit 01, 3 hand-ins by stock, 100 by us
    python benchmarks/grading.py --unit 10 --ours 48 --stock 3
    python benchmarks/grading.py --plain --ours 96 --stock 9    a plain course of nine functions, without convbook
    python benchmarks/grading.py --workers 8                more cores

Both sides get the same machine, one after the other, and every hand-in: sandbox and split process on, for us. Times are
from the command's start to its exit, those of the clock depend on what else the machine does; the ratio is what to look
at. Stock is slow, so it gets fewer hand-ins. They differ: of a unit every third lacks an answer, in the plain course seven
answers of ten are right. So let stock have three of a unit's, nine of the plain course's, or more.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

import plain_course

COURSE = Path(__file__).resolve().parents[1]
MIB = 1024**2
STOCK_ONLY = """
for section in ("Autograde", "GenerateFeedback"):
    c.pop(section, None)
"""
RESULT = re.compile(
    rb"Writing \d+ bytes to .*autograded|[1-9]\d*/\d+  "
)  # what stock and what we say with a hand-in
TEST = re.compile(rb" 0/\d+  .*: .*right, ")  # what we say with the first test


@dataclass
class Took:
    """Hold what a command took: seconds of the clock and of all processors, and when the first result was told."""

    seconds: float
    processor: float
    first: float
    test: float  # when the first test of the first hand-in was told, where that is said

    def row(self, name: str, number: int) -> str:
        """Return a line of the table."""
        return (
            f"{name:22}{60 * number / self.seconds:10.1f}{self.seconds / number:10.2f}"
            f"{self.processor / number:12.3f}{self.first:14.1f}"
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--unit", default="01", help="the unit's number (01)")
    which.add_argument("--plain", action="store_true", help="a plain course of nine functions instead")
    parser.add_argument("--stock", type=int, default=3, metavar="N", help="hand-ins for stock nbgrader (3)")
    parser.add_argument(
        "--ours", type=int, default=100, metavar="N", help="hand-ins for convbook grade (100)"
    )
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count(), metavar="N", help="submissions at once (cores)"
    )
    arguments = parser.parse_args()
    sources = sorted((COURSE / "solutions").iterdir())
    unit = "" if arguments.plain else next(p.name for p in sources if p.name.startswith(arguments.unit))
    with tempfile.TemporaryDirectory(prefix="convbook-benchmark-") as folder:
        compare(Path(folder), unit, arguments)


def compare(folder: Path, unit: str, arguments: argparse.Namespace) -> None:
    """Grade with both and print the table."""
    make = lay_out if unit else lay_out_plain
    theirs = make(folder / "stock", unit, arguments.stock)
    ours = make(folder / "ours", unit, arguments.ours)
    unit = unit or plain_course.UNIT
    with open(theirs / "nbgrader_config.py", "a", encoding="utf-8") as file:
        file.write(STOCK_ONLY)
    print(
        f"{unit}: {arguments.stock} hand-ins by stock, {arguments.ours} by convbook with {arguments.workers} workers"
    )
    print(f"{'':22}{'a minute':>10}{'s each':>10}{'processor':>12}{'first result':>14}")
    stock = run(["nbgrader", "autograde", unit], theirs)
    print(stock.row("nbgrader autograde", arguments.stock))
    memory = Memory()
    memory.start()
    command = ["convbook", "grade", unit, "--json", "--workers", str(arguments.workers)]
    whole = run(command, ours)
    memory.over.set()
    report = json.loads((ours / "stdout").read_text(encoding="utf-8"))
    whole.processor = report["timing"]["whole"][
        "processor"
    ]  # what runs in a sandbox is lost to whoever started it
    print(whole.row("convbook grade", arguments.ours))
    each = stock.seconds / arguments.stock
    print(f"ratio, start-up included: {each * arguments.ours / whole.seconds:.1f}")
    steady = sum(line["seconds"] for line in report["lines"]) / arguments.workers / arguments.ours
    print(f"ratio once warm:          {each / steady:.1f}   ({steady:.2f} s each)")
    print(f"first test of the first hand-in on the screen after {whole.test:.1f} s")
    print(f"memory per concurrent submission, beyond the shared part: {memory.most / MIB:.0f} MiB")
    parts = [f"{name} {part['clock']:.1f}" for name, part in report["timing"].items()]
    print(f"seconds of the clock: {', '.join(parts)}")
    parts = [f"{name} {part['processor']:.1f}" for name, part in report["timing"].items()]
    print(f"seconds of the processor: {', '.join(parts)}")
    print(f"scores: {compared(scores(theirs), scores(ours))}")


def compared(theirs: dict, ours: dict) -> str:
    """Say whether our scores are stock's, and where not; only hand-ins that stock graded count."""
    apart = [
        f"{student} {cell}: stock {score}, convbook {ours.get((student, cell))}"
        for (student, cell), score in theirs.items()
        if ours.get((student, cell)) != score
    ]
    return "; ".join([f"{len(theirs) - len(apart)} of {len(theirs)} the same", *apart])


def names(number: int) -> list[str]:
    """Return the students' names."""
    return [f"student-{n:03}" for n in range(number)]


def lay_out(folder: Path, unit: str, number: int) -> Path:
    """Make a course of one unit with hand-ins: every third one has an answer wrong."""
    shutil.copytree(COURSE / "solutions" / unit, folder / "solutions" / unit)
    shutil.copy(COURSE / "nbgrader_config.py", folder)
    source = json.loads((folder / "solutions" / unit / f"{unit}.ipynb").read_text(encoding="utf-8"))
    run(["nbgrader", "generate_assignment", unit], folder)
    for place, name in enumerate(names(number)):
        put(folder / "grading" / "submitted" / name / unit, hand_in(source, place))
    return folder


def lay_out_plain(folder: Path, unit: str, number: int) -> Path:
    """Make the plain course with hand-ins."""
    unit = plain_course.UNIT
    plain_course.lay_out(folder)
    run(["nbgrader", "generate_assignment", unit], folder)
    released = json.loads((folder / "release" / unit / f"{unit}.ipynb").read_text(encoding="utf-8"))
    for place, name in enumerate(names(number)):
        put(folder / "submitted" / name / unit, plain_course.hand_in(released, place))
    return folder


def put(folder: Path, notebook: dict) -> None:
    """Hand a notebook in."""
    folder.mkdir(parents=True)
    (folder / f"{folder.name}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


def hand_in(source: dict, place: int) -> dict:
    """Return a solved notebook; no two are alike."""
    notebook = copy.deepcopy(source)
    answers = []
    for cell in notebook["cells"]:
        lines = "".join(cell["source"]).split("\n")
        cell["source"] = "\n".join(
            line for line in lines if "### BEGIN" not in line and "### END" not in line
        )
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            answers.append(cell)
    notebook["cells"][-1]["source"] += f"\n\nHand-in {place}."
    if place % 3 == 2:
        answers[place % len(answers)]["source"] = "# I do not know"
    return notebook


def run(words: list[str], course: Path) -> Took:
    """Run a command in a course's folder; its output goes into a file there. Return what it took."""
    scripts = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": scripts + os.pathsep + os.environ["PATH"]}
    command, said, results, test = [sys.executable, "-m", *words], [], [], 0.0
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with (
        open(course / "stdout", "wb") as out,
        subprocess.Popen(command, cwd=course, env=environment, stdout=out, stderr=subprocess.PIPE) as process,
    ):
        for line in process.stderr:
            said.append(line)
            if RESULT.search(line):
                results.append(time.perf_counter() - begun)
            if TEST.search(line):
                test = time.perf_counter() - begun
    seconds, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{b''.join(said).decode(errors='replace')[-2000:]}")
    sys.stdout.flush()
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    written_before = (
        words[0] == "nbgrader"
    )  # stock writes a notebook before it runs, and once more with its result
    first = results[written_before] if len(results) > written_before else seconds
    return Took(seconds, processor, first, test)


def scores(course: Path) -> dict[tuple[str, str], float | None]:
    """Return all automatic scores by student and cell."""
    place = course / "grading" if (course / "grading").is_dir() else course
    with sqlite3.connect(place / "gradebook.db") as db:
        rows = db.execute(
            "select a.student_id, c.name, g.auto_score from grade g join submitted_notebook s on g.notebook_id = s.id "
            "join submitted_assignment a on s.assignment_id = a.id join base_cell c on g.cell_id = c.id"
        )
        return {(student, cell): score for student, cell, score in rows}


class Memory(threading.Thread):
    """Look at the forked processes while a run goes on; `most` is the private memory of one submission's, at worst."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most, self.over = 0.0, threading.Event()

    def run(self) -> None:
        while not self.over.wait(1.0):  # a look takes time from those that it looks at
            self.look()

    def look(self) -> None:
        """Add up what belongs to forked processes alone and share it among the submissions under way."""
        forks, judges = 0.0, 0
        for process in psutil.Process().children(recursive=True):
            try:
                line, parent = process.cmdline(), process.parent()
                if (
                    "convbook.grading.running.template" not in line
                    or "convbook.grading.running.template" not in parent.cmdline()
                ):
                    continue
                if not process.name().startswith("python") or not parent.name().startswith("python"):
                    continue
                forks += process.memory_full_info().uss
                judges += "trusted" in line
            except (psutil.Error, AttributeError):
                continue
        if judges:
            self.most = max(self.most, forks / judges)


if __name__ == "__main__":
    main()
