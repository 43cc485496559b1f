"""What an honest class brings, beside its answers, ends no run and costs nobody a point."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from class_of_200 import (
    FULL,
    RIGHT,
    Made,
    cell_of,
    code,
    hand_in,
    hand_out,
    make_course,
    packed,
    prose,
    solved,
)
from convbook.grading.course import Course, GradingError
from convbook.grading.job import Cell, Job, Limits, Tried
from convbook.grading.recording.page import text as report_text
from convbook.grading.recording.report import ABSENT, GRADED
from convbook.grading.running import sandbox
from convbook.grading.running.engine import Engine
from convbook.reports import stored
from hand_in import said
from plain_course import auto_scores, grade, line, rows
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
    with pytest.raises(
        GradingError, match=r"huge\.bin \(200 MB\) does not fit .* c\.ConvbookGrade\.disk_bytes"
    ):
        grade(course, Engine)


def test_what_goes_wrong_with_one_hand_in_is_a_line_about_it(course, monkeypatch):
    from convbook.grading.running import run

    attempt = run.Run._attempt

    def failing(self):
        if self.job.student == "bob":
            raise ValueError("a fault of ours")
        return attempt(self)

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
    command = [
        "bwrap",
        "--dev-bind",
        "/",
        "/",
        *(word for words in shown for word in words),
        "--cap-add",
        "ALL",
        *drop,
    ]
    tried = subprocess.run(
        [*command, sys.executable, "-c", "import os; print(os.geteuid())"], capture_output=True
    )
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
    from convbook.grading import pipeline

    monkeypatch.setattr(pipeline, "AGAIN_SECONDS", 0.0)
    for student in ("ada", "bob"):
        give(course, student)
    report = grade(course, BusyMachine())
    assert [one.score for one in report.lines] == [FULL - 2] * 2
    assert all("not judged again alone" in one.remarks[0]["sentence"] for one in report.lines)


def test_a_verdict_by_the_clock_is_marked_as_one():
    asked = Cell(
        "test", "check", "from convbook.checks import convolution as check\ncheck.flip180(flip180)", 1.0
    )
    cells = (Cell("flip", "student", "def flip180(k):\n    while True: pass"), asked)
    top = (Cell("loop", "student", "while True: pass"), Cell("test", "check", "assert 1 == 2"))
    with Engine(1) as engine:
        answers, loops = engine.run(
            [
                Job("a", "ada", "unit", cells, instructor=cells),
                Job("b", "bob", "unit", top, instructor=top, limits=replace(Limits(), cell_seconds=0.5)),
            ]
        )
    by_name = {
        result.student: [(cell.id, cell.timed) for cell in result.cells] for result in (answers, loops)
    }
    assert by_name == {"ada": [("flip", False), ("test", True)], "bob": [("loop", True), ("test", False)]}


# --- late hand-ins: what the gradebook says now holds, without a run


def due(course, text, rule=""):
    with Course(course).gradebook() as gradebook:
        gradebook.update_or_create_assignment("unit", duedate=text)
    if rule:
        settings = course / "nbgrader_config.py"
        (course / "late.py").write_text(LATE.format(rule))
        settings.write_text(
            settings.read_text() + "\nimport sys\n" + f"sys.path.insert(0, {str(course)!r})\n" + PLUGIN
        )


LATE = """
from nbgrader.plugins import BasePlugin

class Rule(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return {}
"""
PLUGIN = "c.AssignLatePenalties.plugin_class = 'late.Rule'\n"


def test_late_penalties_follow_the_due_date_and_the_rule_in_both_directions(course, monkeypatch):
    give(course, "ada")
    due(course, "2026-03-01 10:00:00 UTC", rule="2 * total_seconds_late / 3600")
    engine = PretendEngine()
    first = grade(course, engine)
    ran = len(engine.ran)
    assert (line(first, "ada").score, line(first, "ada").penalty) == (FULL, 4)
    assert "12 / 19, 4 lost for being late" in report_text(first)
    due(course, "2026-03-01 11:00:00 UTC")
    assert line(grade(course, engine), "ada").penalty == 2
    due(course, "2026-03-02 11:00:00 UTC")
    assert line(grade(course, engine), "ada").penalty == 0
    assert rows(course)["submissions"][0][3] is None, "nbgrader's own entry for no penalty"
    due(course, "2026-03-01 09:00:00 UTC")
    forced = line(grade(course, engine, force=True), "ada")
    assert (forced.score, forced.penalty) == (FULL, 6) and len(engine.ran) == 2 * ran, (
        "only `--force` ran again"
    )


def test_the_report_shows_what_counts_with_scores_by_hand_and_late_penalties(course):
    for student in ("ada", "bob"):
        give(course, student)
    grade(course, PretendEngine())
    with Course(course).gradebook() as gradebook:
        gradebook.find_grade("test-square", "unit", "unit", "ada").manual_score = 1.5
        gradebook.find_grade("test-total", "unit", "unit", "bob").extra_credit = 0.5
        gradebook.find_grade("why", "unit", "unit", "bob").manual_score = 2
        gradebook.db.commit()
    by_hand = grade(course, PretendEngine())
    text = report_text(by_hand)
    assert "15.5 / 19, 16 by the tests, −0.5 by hand, 2 to be graded by hand" in text
    assert "18.5 / 19, 16 by the tests, +2.5 by hand, 1 to be graded by hand" in text
    assert by_hand.plain()["spread"]["mean"] == 17 and line(by_hand, "ada").score == FULL
    due(course, "2026-03-01 11:54:00 UTC", rule="2 * total_seconds_late / 3600")
    late = grade(course, PretendEngine())
    assert "15.3 / 19, 16 by the tests, −0.5 by hand, 0.2 lost for being late" in report_text(late)
    with Course(course).gradebook() as gradebook:
        for student in stored.read(Course(course), "unit").students:
            kept, one = gradebook.find_submission("unit", student.person.id), line(late, student.person.id)
            counted = pytest.approx(kept.score - kept.late_submission_penalty)
            assert one.counts == counted == student.score
            assert (one.by_hand, one.penalty) == (student.by_hand, student.penalty)


def test_a_timestamp_that_cannot_be_read_is_said_and_stops_nothing(course):
    give(course, "ada")
    (course / "submitted" / "ada" / "unit" / "timestamp.txt").write_text("yesterday evening")
    one = line(grade(course, PretendEngine()), "ada")
    assert one.score == FULL and "holds no time that can be read" in one.remarks[0]["sentence"]


def test_points_that_were_changed_in_the_source_are_said_and_accuse_nobody(course):
    for student in ("ada", "bob", "eve"):
        give(course, student)
    path = course / "source" / "unit" / "unit.ipynb"
    content = json.loads(path.read_text(encoding="utf-8"))
    cell_of(content, "test-square")["metadata"]["nbgrader"]["points"] = 7
    path.write_bytes(packed(content))
    report = grade(course, PretendEngine())
    assert any("test-square (2, now 7)" in note and "--renew" in note for note in report.notes)
    assert [one.score for one in report.lines] == [FULL] * 3
    renewed = grade(course, PretendEngine(), renew=True)
    assert [one.score for one in renewed.lines] == [FULL + 5] * 3
    assert not any(one.said("tamper") for one in renewed.lines), "they all have the older release"
    assert {one.status for one in renewed.lines} == {GRADED}
    text = report_text(renewed)
    assert text.count("as in an older release") == 1 and "of test-square (ada, bob, eve)" in text
    one = grade(course, PretendEngine(), students=["ada"])
    assert line(one, "ada").status == GRADED and not line(one, "ada").said("tamper"), "nor is a class of one"


def test_who_handed_in_nothing_is_absent_and_no_fault_of_the_run(course):
    give(course, "ada")
    with Course(course).gradebook() as gradebook:
        gradebook.add_student("zoe")
    report = grade(course, PretendEngine())
    assert [(one.student, one.status) for one in report.lines] == [("ada", GRADED), ("zoe", ABSENT)]
    assert "1 graded, 1 absent" in report_text(
        report
    ) and "zoe  absent: nothing was handed in" in report_text(report)


def test_another_unit_s_notebook_is_told_by_its_name(course):
    shutil.copytree(course / "source" / "unit", course / "source" / "other")
    (course / "source" / "other" / "unit.ipynb").rename(course / "source" / "other" / "other.ipynb")
    path = course / "source" / "other" / "other.ipynb"
    content = json.loads(path.read_text(encoding="utf-8"))
    for cell in content["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["grade_id"] += "-of-the-other"
            cell["source"] = f"# another cell: {cell['metadata']['nbgrader']['grade_id']}"
        cell["id"] = "o" + cell["id"][:30]
    path.write_bytes(packed(content))
    hand_in(course, Made("ada", "honest", {"unit.ipynb": packed(content)}, None))
    report = grade(course, PretendEngine())
    assert "unit.ipynb holds cells of other and none of its own" in str(line(report, "ada").remarks)


def test_what_the_configuration_rules_out_reaches_every_job_and_shared_tests_are_named(course):
    settings = course / "nbgrader_config.py"
    settings.write_text(
        settings.read_text() + "\nc.ConvbookGrade.forbid = ['torch.nn.functional', 'scipy']\n"
    )
    give(course, "ada")
    jobs = []

    class Sharing(PretendEngine):
        def tried(self, job):
            return Tried(shared=True)

        def result(self, job):
            jobs.append(job)
            return super().result(job)

    report = grade(course, Sharing())
    assert [(job.forbid, job.shared) for job in jobs] == [(("torch.nn.functional", "scipy"), True)]
    assert any("run in one process" in note for note in report.notes)


# --- what people write beside their answers


OWN_NAMES = "list, sum, np, check, print, range = [1], 0, 'an array', 'ok', 'x', 3\nget_ipython = display = len = None\n"
PICTURES = "display({'image/png': 'iVBO' * 990_000}, raw=True)\n"


def odd_hand_ins(course):
    """Return what is handed in beside right answers, by student."""

    def edited(change, **answers):
        content = solved(hand_out(course), **answers)
        change(content["cells"])
        return packed(content)

    def deep(cells):
        cells[3]["metadata"]["mine"] = json.loads("[" * 700 + "]" * 700)

    def many_pictures(cells):
        cells[2:2] = [code(PICTURES) | {"id": f"picture-{n}"} for n in range(40)]

    def in_markdown(cells):
        cells.insert(
            2, prose(f"My square:\n```python\n{RIGHT['square']}\n```") | {"id": "words", "metadata": {}}
        )

    def shell(cells):
        cells.insert(2, code("x = !ls\n" * 480 + "y = 1\n" * 39_520) | {"id": "shell"})

    seaborn = "import seaborn as sns, math\nfrom nowhere import this\nimport string\n"
    stub = "".join(cell_of(hand_out(course), "square")["source"])
    return {
        "names": edited(lambda cells: cells.insert(2, code(OWN_NAMES) | {"id": "own"})),
        "builtin": edited(lambda cells: cells.insert(2, code("sum = 0") | {"id": "own"}), total="def total(numbers):\n    return sum(numbers)"),
        "absent": edited(lambda cells: None, square=seaborn + RIGHT["square"], total=seaborn + "def total(n):\n    return sns.total(n)"),
        "pip": edited(lambda cells: cells.insert(2, code("!pip install seaborn\n%pip install -q numpy") | {"id": "pip"})),
        "deep": edited(deep),
        "pictures": edited(many_pictures),
        "markdown": edited(in_markdown, square=stub),
        "shell": edited(shell),
    }  # fmt: skip


@pytest.fixture(scope="module")
def odd(fresh, tmp_path_factory):
    folder = shutil.copytree(fresh, tmp_path_factory.mktemp("odd") / "course")
    for student, content in odd_hand_ins(folder).items():
        hand_in(folder, Made(student, "honest", {"unit.ipynb": content}, None))
    return folder, grade(folder, lambda: Engine(1))


def sentences(odd, student):
    return " / ".join(remark["sentence"] for remark in line(odd[1], student).remarks)


def test_what_stands_beside_the_answers_costs_only_what_it_breaks(odd):
    scores = {one.student: one.score for one in odd[1].lines}
    lost = {"absent": 3, "shell": FULL}
    assert scores == {student: FULL - lost.get(student, 0) for student in odd_hand_ins(odd[0])}
    assert not any(one.said("tamper", "process", "network") for one in odd[1].lines)


def test_names_that_a_notebook_overwrites_are_said_where_they_mattered(odd):
    assert "test-partial was judged with the usual meaning of" in sentences(odd, "names")
    assert "test-total was judged with the usual meaning of sum" in sentences(odd, "builtin")


def test_a_package_that_is_missing_is_said_exercise_by_exercise(odd):
    assert sentences(odd, "absent") == "test-total fails because the package seaborn is not installed here"


def test_pip_without_network_is_answered_at_once(odd):
    graded = json.loads((odd[0] / "autograded" / "pip" / "unit" / "unit.ipynb").read_text(encoding="utf-8"))
    (shown,) = next(cell["outputs"] for cell in graded["cells"] if cell["id"] == "pip")
    first, second = "".join(shown["text"]).splitlines()
    assert first.startswith("There is no network") and first.endswith("Not here: seaborn.")
    assert "Here already: numpy" in second and sentences(odd, "pip") == ""


def test_what_was_mended_or_refused_is_said(odd):
    assert "metadata that were nested too deep" in sentences(odd, "deep")
    assert "the answer square stood in a markdown cell" in sentences(odd, "markdown")
    assert (line(odd[1], "shell").status, line(odd[1], "shell").reason) == (
        "unreadable",
        "unit.ipynb: a cell holds too many magics and shell commands (lines with ! or %) to be graded",
    )


def test_all_pictures_of_a_notebook_share_one_room(odd):
    graded = odd[0] / "autograded" / "pictures" / "unit" / "unit.ipynb"
    assert 10e6 < graded.stat().st_size < 40e6, "it shows 160 MB"


def test_a_time_without_a_zone_is_universal_time_as_in_nbgrader(course):
    give(course, "ada")
    for time_handed_in, late in (
        ("2026-03-01 12:00:00", 1),
        ("2026-03-01 12:00:00 CET", 0),
        ("2026-03-01T12:00+01:00", 0),
    ):
        due(course, "2026-03-01 11:00:00 UTC")
        (course / "submitted" / "ada" / "unit" / "timestamp.txt").write_text(time_handed_in)
        grade(course, PretendEngine())
        with Course(course).gradebook() as gradebook:
            handed_in = gradebook.find_submission("unit", "ada")
            assert handed_in.total_seconds_late == 3600 * late, time_handed_in


# --- the sandbox, the clock, Ctrl-C


def test_what_ran_without_a_sandbox_is_said_and_run_again_where_one_is_required(course):
    give(course, "ada")

    class Open(PretendEngine):
        def result(self, job):
            return replace(super().result(job), sandboxed=False)

    grade(course, Open())
    shut = PretendEngine()
    kept = grade(course, shut)
    assert not shut.ran and any("graded without a sandbox" in note for note in kept.notes)
    grade(course, shut, require_sandbox=True)
    assert shut.ran, "what was kept is not enough"


def test_without_a_sandbox_the_home_is_nobody_else_s():
    where = "import os\nhome = os.path.expanduser('~')\nprint(home, oct(os.stat(home).st_mode & 0o777), os.environ['IPYTHONDIR'])"
    cells = (Cell("home", "student", where),)
    with Engine(1, use_sandbox=False) as engine:
        [result] = engine.run([Job("key", "ada", "unit", cells, instructor=cells)])
    home, mode, ipython = said(result).split()[:3]
    assert mode == "0o700" and ipython.startswith(home) and home not in ("/tmp", str(Path.home()))
    assert not Path(home).exists(), "and nothing of it stays"


def test_endless_cells_of_a_notebook_share_one_budget():
    loops = [Cell(f"loop-{n}", "student", "while True: pass") for n in range(3)]
    cells = (
        *loops,
        Cell("square", "student", "def square(x):\n    return x * x"),
        Cell("test", "check", "assert square(3) == 9"),
    )
    limits = Limits(cell_seconds=30, own_seconds=1.0)
    with Engine(1) as engine:
        [result] = engine.run([Job("key", "ada", "unit", cells, instructor=cells[3:], limits=limits)])
    assert [cell.status for cell in result.cells] == ["time-out"] * 3 + ["ok"] * 2
    assert sum(cell.seconds for cell in result.cells) < 30, "three times five seconds, not three times thirty"


def test_three_times_ctrl_c_ends_in_one_clear_report(course):
    slow = "import time\ntime.sleep(15)\ndef square(x):\n    return x * x"
    for student in ("ada", "bob"):
        give(course, student, square=slow)
    command = [sys.executable, "-m", "convbook", "grade", "unit", "--course", str(course)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lock = course / ".convbook" / "lock"
    while not lock.exists() and process.poll() is None:
        time.sleep(0.1)
    time.sleep(3)  # it reads the course, starts its processes, or runs the first student's cells
    for _ in range(3):
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in out + err
    assert "stopped before its end" in out or "stopped" in err
