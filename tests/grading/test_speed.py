"""Where a run's time goes is told, a first result comes early, and the benchmark runs."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from convbook.grading.job import Cell, CellResult, Job, Result
from convbook.grading.running.early import Early
from convbook.grading.running.engine import Engine
from convbook.grading.timing import Timing

BENCHMARK = Path(__file__).resolve().parents[2] / "benchmarks" / "grading.py"
JOB = Job(
    "key",
    "ada",
    "unit",
    (
        Cell("square", "student", "def square(x):\n    return x * x"),
        Cell("test", "check", "assert square(3) == 9"),
    ),
    instructor=(Cell("square", "student", "def square(x):\n    return x * x"),),
)


def took(own: float, test: float, seconds: float, **processor: float) -> Result:
    """Return a result that took so long."""
    cells = [CellResult("square", "ok", seconds=own), CellResult("test", "ok", seconds=test)]
    return Result("key", "ada", "unit", cells, seconds=seconds, processor=processor)


def test_the_rows_of_the_timing_are_the_whole():
    timing = Timing(time.monotonic() - 10)
    timing.ready, timing.own = timing.begun + 4, 0.0
    for _ in range(4):
        timing.add(JOB, took(1.0, 0.5, 1.75, student=0.8, tests=0.25))
    timing.clock["writing"] = 1.5
    rows = timing.done(SimpleNamespace(workers=2, ready=0.0, spent=3.0))
    whole = rows.pop("whole")
    assert whole["clock"] == pytest.approx(10, abs=0.2)
    assert sum(row["clock"] for row in rows.values()) == pytest.approx(whole["clock"], rel=0.05)
    # Of two workers and a writer, 30 seconds in all: 12 before the first hand-in, 7 with hand-ins, 1.5 with writing.
    assert rows["start"]["clock"] == pytest.approx((3 * 4 + 4 * 0.25) / 3, abs=0.1)
    assert rows["student"]["clock"] == pytest.approx(4 / 3, abs=0.01)
    assert rows["tests"]["clock"] == pytest.approx(2 / 3, abs=0.01)
    assert rows["waiting"]["clock"] == pytest.approx((30 - 12 - 7 - 1.5) / 3, abs=0.2)
    assert (rows["student"]["processor"], rows["tests"]["processor"]) == (3.2, 1.0)
    assert rows["start"]["processor"] == 3.0 and rows["waiting"]["processor"] == 0.0


def test_templates_that_were_started_early_are_used_and_end_with_the_engine(tmp_path):
    with Early(tmp_path, "unit") as early, Engine(1, early=early) as engine:
        started = early.made.result()
        result = engine.submit(JOB).result()
        assert [cell.status for cell in result.cells] == ["ok", "ok"]
        assert list(engine.templates.values()) == [started] and early() is None
    assert started.trusted.process.returncode == 0 and engine.spent > 0
    assert result.processor["student"] > 0 and result.processor["tests"] > 0


def test_templates_that_nobody_needs_end_at_once(tmp_path):
    with Early(tmp_path, "unit") as early:
        started = early.made.result()
    ended = [one.process.poll() for one in (started.trusted, *started.students.values())]
    assert len(ended) == 2 and None not in ended


def test_an_environment_that_the_configuration_changed_is_not_missed(tmp_path, monkeypatch):
    with Early(tmp_path, "unit") as early:
        early.made.result()
        monkeypatch.setenv("DATA_FOLDER", "/data")
        assert early() is None


def test_the_benchmark_grades_a_plain_course_with_both(tmp_path):
    command = [sys.executable, str(BENCHMARK), "--plain", "--ours", "4", "--stock", "1", "--workers", "2"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    table = {
        line.split("  ")[0]: [float(n) for n in line.split()[2:]] for line in ran.stdout.splitlines()[2:4]
    }
    rate, each, processor, first = table["convbook grade"]
    assert rate == pytest.approx(60 / each, rel=0.05) and processor > 0
    assert first < 4 * each  # a first result comes before the last
    test = float(re.search(r"first test of the first hand-in on the screen after ([\d.]+) s", ran.stdout)[1])
    assert 0 < test <= first
    ratio = float(re.search(r"ratio, start-up included: ([\d.]+)", ran.stdout)[1])
    assert ratio == pytest.approx(table["nbgrader autograde"][1] / each, rel=0.05)
    assert "scores: 9 of 9 the same" in ran.stdout
    for kind in ("clock", "processor"):
        text = re.search(rf"seconds of the {kind}: (.*)", ran.stdout)[1]
        *rows, whole = [float(number) for number in re.findall(r"[\d.]+", text)]
        assert sum(rows) == pytest.approx(whole, rel=0.05, abs=0.3)
