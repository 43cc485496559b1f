"""Grade the same hand-ins with stock nbgrader and with `convbook grade`, in one run, and print how they compare.

    python benchmarks/grading.py                            unit 01, 4 hand-ins by stock, 100 by us
    python benchmarks/grading.py --unit 10 --ours 20 --stock 2
    python benchmarks/grading.py --workers 8                more cores

Both sides get the same machine, one after the other, and every hand-in: sandbox and split process on, for us. Absolute
times depend on the machine; the ratio is what to look at. Stock is slow, so it gets fewer hand-ins; its rate does not depend on
their number.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

COURSE = Path(__file__).resolve().parents[1]
MIB = 1024**2
STOCK_ONLY = """
for section in ("Autograde", "GenerateFeedback"):
    c.pop(section, None)
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--unit", default="01", help="the unit's number (01)")
    parser.add_argument("--stock", type=int, default=4, metavar="N", help="hand-ins for stock nbgrader (4)")
    parser.add_argument(
        "--ours", type=int, default=100, metavar="N", help="hand-ins for convbook grade (100)"
    )
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count(), metavar="N", help="submissions at once (cores)"
    )
    arguments = parser.parse_args()
    unit = next(p.name for p in sorted((COURSE / "solutions").iterdir()) if p.name.startswith(arguments.unit))
    with tempfile.TemporaryDirectory(prefix="convbook-benchmark-") as folder:
        theirs = lay_out(Path(folder) / "stock", unit, arguments.stock)
        ours = lay_out(Path(folder) / "ours", unit, arguments.ours)
        for course in (theirs, ours):
            run([sys.executable, "-m", "nbgrader", "generate_assignment", unit], course)
        with open(theirs / "nbgrader_config.py", "a", encoding="utf-8") as file:
            file.write(STOCK_ONLY)
        print(
            f"{unit}: {arguments.stock} hand-ins by stock, {arguments.ours} by convbook with {arguments.workers} workers"
        )
        stock = timed([sys.executable, "-m", "nbgrader", "autograde", unit], theirs) / arguments.stock
        print(f"stock nbgrader autograde   {60 / stock:8.1f} a minute   {stock:6.2f} s each")
        memory = Memory()
        command = [
            sys.executable,
            "-m",
            "convbook",
            "grade",
            unit,
            "--json",
            "--workers",
            str(arguments.workers),
        ]
        whole = timed(command, ours, memory) / arguments.ours
        print(
            f"convbook grade             {60 / whole:8.1f} a minute   {whole:6.2f} s each, from start to exit"
        )
        print(f"ratio                      {stock / whole:8.1f} x")
        report = json.loads((ours / "stdout").read_text(encoding="utf-8"))
        steady = sum(line["seconds"] for line in report["lines"]) / arguments.workers / arguments.ours
        print(f"ratio once warm            {stock / steady:8.1f} x   {steady:6.2f} s each")
        print(f"memory per concurrent submission, beyond the shared part: {memory.most / MIB:.0f} MiB")
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
    for place, name in enumerate(names(number)):
        target = folder / "grading" / "submitted" / name / unit
        target.mkdir(parents=True)
        (target / f"{unit}.ipynb").write_text(json.dumps(hand_in(source, place)), encoding="utf-8")
    return folder


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


def run(command: list[str], course: Path) -> None:
    """Run a command in a course's folder; its output goes into a file there."""
    scripts = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": scripts + os.pathsep + os.environ["PATH"]}
    with open(course / "stdout", "wb") as out, open(course / "stderr", "wb") as err:
        ended = subprocess.run(
            command, cwd=course, env=environment, stdout=out, stderr=err, check=False
        ).returncode
    if ended:
        sys.exit(f"{' '.join(command)} failed:\n{(course / 'stderr').read_text(encoding='utf-8')[-2000:]}")


def timed(command: list[str], course: Path, memory: Memory | None = None) -> float:
    """Return how many seconds a command takes."""
    begun = time.perf_counter()
    if memory is not None:
        memory.start()
    run(command, course)
    seconds = time.perf_counter() - begun
    if memory is not None:
        memory.over.set()
    return seconds


def scores(course: Path) -> dict[tuple[str, str], float | None]:
    """Return all automatic scores by student and cell."""
    import sqlite3

    with sqlite3.connect(course / "grading" / "gradebook.db") as db:
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
        while not self.over.wait(0.25):
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
