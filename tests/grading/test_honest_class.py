"""What an honest class brings, beside its answers, ends no run and costs nobody a point."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from class_of_200 import FULL, Made, hand_in, hand_out, make_course, packed, solved
from convbook.grading.course import GradingError
from convbook.grading.job import Cell, Job, Limits
from convbook.grading.recording.report import GRADED
from convbook.grading.running import sandbox
from convbook.grading.running.engine import Engine
from hand_in import said
from plain_course import auto_scores, grade, line
from pretend import PretendEngine

MEGA = 1_000_000
READS = "import os\n\ndef square(x):\n    assert os.path.getsize('data.bin') == {}\n    return x * x"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    return make_course(tmp_path_factory.mktemp("honest") / "course", seconds=20)


@pytest.fixture
def course(fresh, tmp_path):
    return shutil.copytree(fresh, tmp_path / "course")


def give(course, student, files=None, **answers):
    content = {"unit.ipynb": packed(solved(hand_out(course), **answers)), **(files or {})}
    hand_in(course, Made(student, "honest", content, None))


def test_large_files_reach_the_answers_that_read_them(course):
    (course / "source" / "unit" / "ours.bin").write_bytes(bytes(7 * MEGA))
    give(course, "ada")
    give(course, "bob", {"data.bin": bytes(20 * MEGA)}, square=READS.format(20 * MEGA))
    give(course, "eve", {"data.bin": bytes(3)}, square=READS.format(3).replace("data.bin", "ours.bin"))
    report = grade(course, Engine)
    assert [(one.student, one.status) for one in report.lines] == [(s, GRADED) for s in ("ada", "bob", "eve")]
    assert (line(report, "ada").score, line(report, "bob").score) == (FULL, FULL)
    assert auto_scores(course, "eve")["test-square"] == 0, "ours.bin has 7 MB, not three bytes"


def test_a_file_that_is_too_large_is_left_out_and_said(course):
    settings = course / "nbgrader_config.py"
    settings.write_text(settings.read_text() + "\nc.CourseDirectory.max_file_size = 2000\n")
    give(course, "ada", {"data.bin": bytes(3 * MEGA), "small.bin": b"1"})
    report = grade(course, Engine)
    assert line(report, "ada").score == FULL
    assert [remark["sentence"] for remark in line(report, "ada").remarks] == [
        "data.bin (3 MB) was left out: 2 MB one file may have"
    ]


def test_a_file_of_the_instructor_s_that_has_no_room_is_named_before_anything_runs(course):
    with (course / "source" / "unit" / "huge.bin").open("wb") as file:
        file.truncate(200 * MEGA)
    give(course, "ada")
    with pytest.raises(GradingError, match=r"huge\.bin \(200 MB\) does not fit .* c\.ConvbookGrade\.disk_bytes"):
        grade(course, Engine)


def test_what_goes_wrong_with_one_hand_in_is_a_line_about_it(course, monkeypatch):
    from convbook.grading.running import run

    attempt = run.Run._attempt

    def failing(self, ends):
        if self.job.student == "bob":
            raise ValueError("a fault of ours")
        return attempt(self, ends)

    monkeypatch.setattr(run.Run, "_attempt", failing)
    for student in ("ada", "bob", "eve"):
        give(course, student)
    report = grade(course, Engine)
    assert (line(report, "ada").score, line(report, "eve").score) == (FULL, FULL)
    assert "a fault of ours" in line(report, "bob").reason


CROWD = """
from convbook.grading.job import Limits
from convbook.grading.running.engine import Engine
from hand_in import SQUARE, job

lines = ["import threading, time", "helper = threading.Thread(target=time.sleep, args=(2,))", "helper.start()", "helper.join()"]
text = chr(10).join([*lines, SQUARE])
with Engine(workers=7, require_sandbox=True) as engine:
    results = engine.run(job(text, student=f"s{n}", limits=Limits(processes=5)) for n in range(7))
    print(sorted({cell.status for result in results for cell in result.cells}))
"""


def test_a_function_that_ends_its_process_costs_no_other_exercise():
    """Three such functions, each called sixty times by its test, would use up all starts that a hand-in has."""
    names = ("one", "two", "three", "four")
    dies = "def {}(x):\n    import ctypes\n    ctypes.string_at(0)"
    test = "for n in range(60):\n    try:\n        {0}(n)\n    except Exception:\n        pass\nassert {0}(3) == 9"
    answers = [*(Cell(name, "student", dies.format(name)) for name in names[:3])]
    answers.append(Cell("four", "student", "def four(x):\n    return x * x"))
    tests = [Cell(f"test-{name}", "check", test.format(name), 1.0) for name in names]
    own = [Cell(name, "student", f"def {name}(x):\n    return x * x") for name in names]
    order = Job("key", "ada", "unit", (*answers, *tests), instructor=(*own, *tests))
    with Engine(1) as engine:
        result = engine.submit(order).result()
    assert [cell.status for cell in result.cells[4:]] == ["died"] * 3 + ["ok"]
    assert "it had ended 2 times in this test, so the rest of it was not tried" in said(result)


def as_an_ordinary_user(python):
    """Return the command that runs this Python as `nobody`, who is shown what lies in closed folders; None without root."""
    needed = [Path(path) for path in (*sandbox._needed(), Path(__file__).parent)]
    closed = {folder for path in needed for folder in path.parents if not folder.stat().st_mode & 1}
    hidden = [path for path in needed if closed & set(path.parents)]
    between = {folder for path in hidden for folder in path.parents if closed & set(folder.parents)}
    shown = [("--tmpfs", str(folder)) for folder in sorted(closed)]
    shown += [("--perms", "0755", "--dir", str(folder)) for folder in sorted(between)]
    shown += [("--ro-bind", str(path), str(path)) for path in hidden]
    drop = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--inh-caps=-all"]
    command = ["bwrap", "--dev-bind", "/", "/", *(word for words in shown for word in words), "--cap-add", "ALL", *drop]
    tried = subprocess.run([*command, sys.executable, "-c", "import os; print(os.geteuid())"], capture_output=True)
    return [*command, *python] if tried.stdout.strip() == b"65534" else None


def test_many_students_at_once_have_their_threads_each_when_an_ordinary_user_grades(tmp_path):
    """With room for 5 processes each, 7 students at once start a thread each: 14 in all, and the user's own."""
    if os.geteuid():
        command = [sys.executable, "-c", CROWD]
    else:
        command = as_an_ordinary_user([sys.executable, "-c", CROWD])
    if command is None or sandbox.obstacle():
        pytest.skip("no ordinary user, or no sandbox, can be had on this machine")
    paths = {"PYTHONPATH": str(Path(__file__).parent), "HOME": "/tmp"}
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **paths}, cwd="/")
    assert done.stdout.strip() == "['ok']", done.stdout + done.stderr[-2000:]


class BusyMachine(PretendEngine):
    """Stop the first run of everybody's test of `square` by the clock, as a busy machine does."""

    def __init__(self, ever: tuple[str, ...] = ()):
        super().__init__()
        self.ever, self.seen, self.alone = ever, [], []

    def run(self, jobs):
        jobs = list(jobs)
        self.alone += [job.student for job in jobs] if len(jobs) == 1 else []
        for result in super().run(jobs):
            if result.student not in self.seen or result.student in self.ever:
                late = next(cell for cell in result.cells if cell.id == "test-square")
                late.status, late.timed = "time-out", True
            self.seen.append(result.student)
            yield result


def test_what_the_clock_decided_is_judged_again_alone(course):
    for student in ("ada", "bob"):
        give(course, student)
    engine = BusyMachine(ever=("bob",))
    report = grade(course, engine)
    assert sorted(engine.alone) == ["ada", "bob"]
    assert (line(report, "ada").score, line(report, "bob").score) == (FULL, FULL - 2)
    assert grade(course, engine).lines[1].score == FULL - 2 and len(engine.alone) == 2, "and once only"


def test_what_is_too_much_to_be_judged_again_is_said(course, monkeypatch):
    from convbook.grading import conduct

    monkeypatch.setattr(conduct, "AGAIN_SECONDS", 0.0)
    for student in ("ada", "bob"):
        give(course, student)
    report = grade(course, BusyMachine())
    assert [one.score for one in report.lines] == [FULL - 2] * 2
    assert all("not judged again alone" in one.remarks[0]["sentence"] for one in report.lines)


def test_a_verdict_by_the_clock_is_marked_as_one():
    asked = Cell("test", "check", "from convbook.checks import convolution as check\ncheck.flip180(flip180)", 1.0)
    cells = (Cell("flip", "student", "def flip180(k):\n    while True: pass"), asked)
    top = (Cell("loop", "student", "while True: pass"), Cell("test", "check", "assert 1 == 2"))
    with Engine(1) as engine:
        answers, loops = engine.run(
            [
                Job("a", "ada", "unit", cells, instructor=cells),
                Job("b", "bob", "unit", top, instructor=top, limits=replace(Limits(), cell_seconds=0.5)),
            ]
        )
    by_name = {result.student: [(cell.id, cell.timed) for cell in result.cells] for result in (answers, loops)}
    assert by_name == {"ada": [("flip", False), ("test", True)], "bob": [("loop", True), ("test", False)]}
