"""The commands `convbook grade` and `convbook report`, their report and their bar."""

from __future__ import annotations

import argparse
import io
import json
import shutil

import pytest

from class_of_200 import Made, hand_in, hand_out, make_course, packed, solved
from convbook.grading import command
from convbook.grading.progress import Progress
from convbook.grading.recording import page
from convbook.grading.recording.page import text
from convbook.grading.recording.report import Line, Report, mistakes
from pretend import PretendEngine


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    folder = make_course(tmp_path_factory.mktemp("command") / "course")
    released = hand_out(folder)
    hand_in(folder, Made("ada", "honest", {"unit.ipynb": packed(solved(released))}, None))
    hand_in(
        folder,
        Made(
            "bob", "honest", {"unit.ipynb": packed(solved(released, square="def square(x): return x"))}, None
        ),
    )
    return folder


@pytest.fixture
def course(fresh, tmp_path, monkeypatch):
    monkeypatch.setattr(command, "_engine", lambda *_: PretendEngine())
    return shutil.copytree(fresh, tmp_path / "course")


def run(*words):
    """Run a command as the command line does and return its exit code."""
    parser = argparse.ArgumentParser(f"convbook {words[0]}")
    command.add_arguments(parser)
    return command.run(
        argparse.Namespace(**vars(parser.parse_args([str(word) for word in words[1:]])), command=words[0])
    )


def test_grade_prints_a_line_for_everyone(course, capsys):
    assert run("grade", "unit", "--course", course) == 0
    shown = capsys.readouterr().out
    assert "unit: 2 graded" in shown and "ada      16 / 19" in shown and "test-square       1      1" in shown


def test_where_the_time_went_is_said_when_asked(course, capsys):
    run("grade", "unit", "--course", course, "--timing")
    rows = capsys.readouterr().out.partition("where the time went")[2].splitlines()[1:]
    assert [row.split("  ")[0] for row in rows][-1] == "the whole" and len(rows) == 6


def test_report_shows_the_last_run_again(course, capsys):
    assert run("report", "unit", "--course", course) == 2
    assert "has not been graded yet" in capsys.readouterr().err
    run("grade", "unit", "--course", course)
    first = capsys.readouterr().out
    assert run("report", "unit", "--course", course) == 0
    assert capsys.readouterr().out == first


def test_json_is_all_there_is_on_stdout(course, capsys):
    run("grade", "unit", "--course", course, "--json")
    plain = json.loads(capsys.readouterr().out)
    assert plain["counts"] == {"graded": 2, "graded with repairs": 0, "unreadable": 0, "absent": 0}
    assert plain["mistakes"]["test-square"]["failed"] == 1


def test_some_students_only_and_the_report_keeps_the_others(course, capsys):
    run("grade", "unit", "--course", course, "--json")
    capsys.readouterr()
    run("grade", "unit", "--course", course, "--students", "bob", "--json")
    assert [line["student"] for line in json.loads(capsys.readouterr().out)["lines"]] == ["bob"]
    run("report", "unit", "--course", course, "--json")
    assert [line["student"] for line in json.loads(capsys.readouterr().out)["lines"]] == ["ada", "bob"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["grade", "other"], "no assignment 'other'; it has unit"),
        (["grade", "unit", "--students", "zoe"], "zoe: neither in the roster"),
    ],
)
def test_what_is_not_possible_is_one_sentence(course, capsys, words, sentence):
    assert run(*words, "--course", course) == 2
    shown = capsys.readouterr().err
    assert sentence in shown and "Traceback" not in shown


def test_a_broken_configuration_or_gradebook_is_one_sentence(course, capsys, tmp_path):
    (course / "gradebook.db").write_bytes(b"not a database at all" * 100)
    assert run("grade", "unit", "--course", course) == 2
    assert "gradebook" in capsys.readouterr().err
    (course / "nbgrader_config.py").write_text("raise KeyError('oops')", encoding="utf-8")
    assert run("grade", "unit", "--course", course) == 2
    assert "nbgrader_config.py could not be used: KeyError" in capsys.readouterr().err
    assert run("grade", "unit", "--course", tmp_path / "nowhere") == 2
    assert "there is no folder" in capsys.readouterr().err


def test_limits_come_from_the_configuration(course):
    from convbook.grading.course import Course, GradingError

    limits = Course(course).limits
    assert (limits.cell_seconds, limits.submission_seconds, limits.memory_bytes) == (6.0, 25.0, 600_000_000)
    with open(course / "nbgrader_config.py", "a", encoding="utf-8") as file:
        file.write("c.ConvbookGrade.processes = 'many'\n")
    with pytest.raises(GradingError, match=r"c\.ConvbookGrade\.processes is 'many'"):
        Course(course).limits  # noqa: B018


@pytest.mark.parametrize(
    ("setting", "said"), [("memory_byte", "did you mean memory_bytes?"), ("colour", "there are cell_seconds")]
)
def test_a_setting_that_nobody_reads_is_told(course, capsys, setting, said):
    with open(course / "nbgrader_config.py", "a", encoding="utf-8") as file:
        file.write(f"c.ConvbookGrade.{setting} = 1\n")
    assert run("grade", "unit", "--course", course) == 2
    shown = capsys.readouterr().err
    assert f"c.ConvbookGrade.{setting} is no setting" in shown and said in shown


def test_mistakes_of_a_class_are_counted_by_name():
    cell = {
        "cell": "check-f",
        "status": "error",
        "seconds": 0.1,
        "mistakes": ["kernel flipped"],
        "check": True,
    }
    lines = [
        Line("a", "graded", cells=[cell]),
        Line("b", "graded", cells=[cell]),
        Line("c", "graded", cells=[cell | {"status": "ok", "mistakes": []}]),
    ]
    ended = {"right": 1, "wrong": 2, "not attempted": 0, "stopped": 0}
    assert mistakes(lines) == {
        "check-f": {"tried": 3, "failed": 2, **ended, "mistakes": {"kernel flipped": 2}}
    }
    assert "2 × kernel flipped" in text(Report("unit", lines))


def test_the_first_screen_tells_how_the_class_did_and_what_it_misunderstood():
    """An exercise that 17 of 22 never tried stands below the one that 10 got wrong; tampering comes last."""
    rare = {
        "cell": "check-rare",
        "status": "error",
        "seconds": 0.1,
        "mistakes": [],
        "check": True,
        "attempted": False,
    }
    hard = rare | {"cell": "check-hard", "attempted": True, "mistakes": ["kernel flipped"]}
    fine, late = (
        {"status": "ok", "attempted": True, "mistakes": []},
        {"status": "time-out", "attempted": True, "mistakes": []},
    )
    lines = []
    for n in range(22):
        cells = [rare if n < 17 else rare | fine, (hard if n < 10 else hard | (late if n < 12 else fine))]
        lines.append(Line(f"s{n:02}", "graded", score=float(n), points=20.0, cells=cells))
    lines[3].remarks.append({"kind": "tamper", "sentence": "a test was changed", "cell": "", "version": ""})
    lines.append(Line("zoe", "unreadable", reason="an empty file", points=20.0))
    shown = text(Report("unit", lines)).splitlines()
    screen = "\n".join(shown[:24])
    assert "Scores: mean 10.5, median 10.5 of 20" in screen
    assert "  0 – 2        2  ██" in screen
    rows = [line.split() for line in shown if line.startswith("  check-")]
    assert rows[0][:5] == ["check-hard", "10", "10", "·", "2"] and rows[0][5:] == [
        "10",
        "×",
        "kernel",
        "flipped",
    ]
    assert rows[1][:5] == ["check-rare", "5", "·", "17", "·"]
    assert "zoe: unreadable, an empty file" in "\n".join(shown[:32]) and "s00: 0 of 20 points" in "\n".join(
        shown[:32]
    )
    assert shown.index("Tests or metadata touched, or something reached for:") == len(shown) - 4


def test_remarks_without_number_are_summed_up():
    one = Line("eve", "graded", remarks=[_tamper(f"place {n} was touched") for n in range(30_000)])
    others = [Line(f"s{n}", "graded", remarks=[_tamper("the kernel's name was changed")]) for n in range(9)]
    shown = text(Report("unit", [one, *others]))
    assert len(shown.splitlines()) < 40 and "and 29,990 more like these; `--json` has all" in shown
    assert "9 students: the kernel's name was changed" in shown and shown.count("kernel's name") == 1


def _tamper(sentence):
    return {"kind": "tamper", "sentence": sentence, "cell": "", "version": ""}


def test_a_setting_of_nbgrader_s_that_cannot_be_is_one_sentence(course, capsys):
    with open(course / "nbgrader_config.py", "a", encoding="utf-8") as file:
        file.write("c.ExecutePreprocessor.timeout = 'soon'\n")
    assert run("grade", "unit", "--course", course) == 2
    shown = capsys.readouterr().err
    assert "'timeout' trait" in shown and "Traceback" not in shown


@pytest.mark.parametrize("workers", ["'many'", "0", "True", "1.5"])
def test_a_number_of_workers_that_cannot_be_is_one_sentence(course, workers):
    from convbook.grading.course import Course, GradingError

    with open(course / "nbgrader_config.py", "a", encoding="utf-8") as file:
        file.write(f"c.ConvbookGrade.workers = {workers}\n")
    with pytest.raises(GradingError, match=r"c\.ConvbookGrade\.workers is"):
        Course(course).workers  # noqa: B018


def test_nothing_in_the_report_commands_the_terminal():
    evil = "a\x1b[2J\n  eve   27 / 27 \u202e"
    remark = {"kind": "tamper", "sentence": f"{evil} was refused", "cell": evil, "version": ""}
    lines = [Line(evil, "graded", remarks=[remark]), Line("bob", "unreadable", reason=evil)]
    shown = text(Report("unit", lines))
    assert "\x1b" not in shown and "\u202e" not in shown and "\n  eve" not in shown and "27 / 27" in shown


def test_tests_that_the_instructor_fails_are_told():
    report = Report("unit", unsolved=["test-square"])
    assert "own solution does not pass here" in text(report) and "test-square" in text(report)


def test_a_run_without_sandbox_says_so_first():
    report = Report("unit", warning="NOT SANDBOXED: students' code runs with your own rights")
    assert text(report).split("\n")[1].startswith("NOT SANDBOXED")


def test_the_bar_tells_how_far_how_long_and_who():
    now = [0.0]
    progress = Progress(4, io.StringIO(), clock=lambda: now[0])
    now[0] = 30.0  # most of it was the start
    progress.step("ada", 3.0)
    line = progress.line("ada")
    assert "1/4" in line and "3 to come" in line and "ada" in line and "slowest so far ada (3 s)" in line
    for now[0] in (34.0, 38.0):
        progress.step("bob")
    assert progress.remaining() == "4 s left"
    now[0] = 60.0
    assert progress.remaining() == "22 s without a result, 1 to come"


def test_the_first_result_is_told_at_once_where_no_bar_can_be_redrawn():
    stream, now = io.StringIO(), [0.0]
    progress = Progress(40, stream, clock=lambda: now[0])
    for now[0] in (2.0, 2.5, 3.0, 12.5, 13.0):
        progress.step("ada")
    told = [line.split()[1] for line in stream.getvalue().splitlines()]
    assert told == ["1/40", "4/40"]  # the first, and one every ten seconds


def test_the_first_hand_in_is_told_test_by_test_until_it_is_done():
    stream = io.StringIO()
    progress = Progress(40, stream, clock=lambda: 0.0)
    progress.test("ada", "test-relu", True)
    progress.test("ada", "test-pool", False)  # one line is enough where no bar can be redrawn
    progress.step("ada")
    progress.test("bob", "test-relu", False)
    said = stream.getvalue().splitlines()
    assert len(said) == 2 and said[0].endswith("0/40  starting  ada: right, test-relu")
    assert "1/40" in said[1] and said[1].endswith("  ada")


def test_a_closed_stream_does_not_stop_the_run():
    stream = io.StringIO()
    progress = Progress(2, stream, clock=lambda: 1e9)
    stream.close()
    progress.drawn = 0.0
    progress.step("ada")
    assert progress.done == 1


def test_a_system_that_cannot_fork_says_what_works_there(course, capsys, monkeypatch):
    monkeypatch.delattr("os.fork")
    assert run("grade", "unit", "--course", course) == 2
    said = capsys.readouterr().err
    assert "Windows Subsystem for Linux" in said and "`nbgrader autograde unit` works here" in said


def test_one_student_who_does_a_thing_nine_times_is_one_student():
    remark = {"kind": "inside", "cell": "", "sentence": "the cell opened /etc/x"}
    lines = [Line("a", "graded", remarks=[remark] * 9), Line("b", "graded")]
    shown = page._said_of_each(Report("unit", lines), "inside")
    assert shown == ["  a: the cell opened /etc/x"]
