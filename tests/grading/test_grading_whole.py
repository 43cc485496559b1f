"""One assignment from hand-in to gradebook: what is graded, kept, graded again, and what stops nothing."""

from __future__ import annotations

import json
import os
import shutil
import threading

import pytest

from class_of_200 import FULL, TESTS, Made, cell_of, hand_in, hand_out, make_course, notebook, packed, solved
from convbook.grading.course import Course
from convbook.grading.recording.record import Recorder
from convbook.grading.recording.report import ABSENT, GRADED, REPAIRED, UNREADABLE
from convbook.grading.recording.store import exclusive
from plain_course import auto_scores, grade, line, rows
from pretend import PretendEngine


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    return make_course(tmp_path_factory.mktemp("plain") / "course")


@pytest.fixture
def course(fresh, tmp_path):
    return shutil.copytree(fresh, tmp_path / "course")


@pytest.fixture
def three(course):
    """A course with three honest hand-ins."""
    released = hand_out(course)
    for name, answers in (
        ("ada", {}),
        ("bob", {"square": "def square(x):\n    return x"}),
        ("eve", {"primes": "def primes(n):\n    return [2]"}),
    ):
        hand_in(course, Made(name, "honest", {"unit.ipynb": packed(solved(released, **answers))}, None))
    return course


def test_everyone_in_the_roster_has_a_line(three):
    with Course(three).gradebook() as gradebook:
        gradebook.add_student("zoe")
    (three / "submitted" / "yan" / "another").mkdir(parents=True)
    report = grade(three, PretendEngine())
    assert [(one.student, one.status) for one in report.lines] == [
        ("ada", GRADED), ("bob", GRADED), ("eve", GRADED), ("yan", ABSENT), ("zoe", ABSENT),
    ]  # fmt: skip
    assert line(report, "zoe").reason == "nothing was handed in"


def test_scores_reach_the_gradebook_with_partial_credit(three):
    report = grade(three, PretendEngine())
    assert auto_scores(three, "ada") == {
        "test-square": 2, "test-total": 3, "test-scale": 4, "test-partial": 5, "test-stack": 2, "why": None, "picture": None,
    }  # fmt: skip
    assert auto_scores(three, "eve")["test-partial"] == 1 and auto_scores(three, "bob")["test-square"] == 0
    assert (line(report, "ada").score, line(report, "ada").points, line(report, "ada").waiting) == (
        FULL,
        19,
        2,
    )


def test_what_has_not_changed_is_not_run_again(three):
    grade(three, PretendEngine())
    before, engine = rows(three), PretendEngine()
    report = grade(three, engine)
    assert (engine.opened, engine.ran, rows(three)) == (0, [], before)
    assert all(one.again for one in report.lines) and line(report, "bob").score == FULL - 2


def test_force_runs_everything_again(three):
    grade(three, PretendEngine())
    engine = PretendEngine()
    grade(three, engine, force=True)
    assert {student for student, _ in engine.ran} == {"ada", "bob", "eve"}


def test_a_new_hand_in_is_run_alone(three):
    grade(three, PretendEngine())
    better = Made("bob", "honest", {"unit.ipynb": packed(solved(hand_out(three)))}, None)
    hand_in(three, better)
    engine = PretendEngine()
    report = grade(three, engine)
    assert {student for student, _ in engine.ran} == {"bob"} and line(report, "bob").score == FULL


def test_after_a_change_to_one_test_the_notebook_runs_again_whole(three):
    grade(three, PretendEngine())
    change_test(three, "test-total", "assert total([1, 2, 3]) == 7")
    engine = PretendEngine()
    report = grade(three, engine, renew=True)
    whole = PretendEngine()
    grade(three, whole, renew=True, force=True)
    assert sorted(engine.ran) == sorted(whole.ran)
    assert line(report, "ada").score == FULL - 3 and line(report, "bob").score == FULL - 5


def test_a_source_with_other_tests_is_noticed_and_the_gradebook_s_are_used(three):
    change_test(three, "test-total", "assert False")
    report = grade(three, PretendEngine())
    assert line(report, "ada").score == FULL
    assert any("test-total" in note and "--renew" in note for note in report.notes)


def change_test(course, name, text):
    path = course / "source" / "unit" / "unit.ipynb"
    content = json.loads(path.read_text(encoding="utf-8"))
    cell_of(content, name)["source"] = text
    path.write_bytes(packed(content))


def test_a_person_s_score_survives_a_regrade_and_is_looked_at_again(three):
    grade(three, PretendEngine())
    with Course(three).gradebook() as gradebook:
        gradebook.find_grade("test-square", "unit", "unit", "bob").manual_score = 1.5
        gradebook.find_grade("why", "unit", "unit", "bob").manual_score = 2
        gradebook.find_grade("why", "unit", "unit", "bob").needs_manual_grade = False
        gradebook.db.commit()
    grade(three, PretendEngine())
    found = {row[2]: row[4:] for row in rows(three)["grades"] if row[0] == "bob"}
    assert found["why"] == (None, 2, None, 0), "an unchanged hand-in is not touched"
    grade(three, PretendEngine(), force=True)
    found = {row[2]: row[4:] for row in rows(three)["grades"] if row[0] == "bob"}
    assert found["test-square"] == (0, 1.5, None, 1) and found["why"] == (None, 2, None, 1)


def test_a_gradebook_that_lost_its_scores_is_filled_again_without_running(three):
    grade(three, PretendEngine())
    with Course(three).gradebook() as gradebook:
        gradebook.remove_submission("unit", "eve")
    engine = PretendEngine()
    grade(three, engine)
    assert engine.ran == [] and auto_scores(three, "eve")["test-partial"] == 1


@pytest.mark.parametrize("step", ["the folder", "the rows", "the note"])
def test_a_run_that_is_cut_off_loses_nothing_and_counts_nothing_twice(three, tmp_path, monkeypatch, step):
    other = shutil.copytree(three, tmp_path / "other")
    grade(other, PretendEngine())

    class Cut(BaseException):
        pass

    def cut(*_args, **_more):
        raise Cut

    with monkeypatch.context() as patch:
        if step == "the folder":
            patch.setattr("convbook.grading.recording.folder._set_permissions", cut)
        elif step == "the rows":
            patch.setattr(Recorder, "_write_penalties", cut)
        else:
            patch.setattr("convbook.grading.recording.store.write_whole", cut)
        with pytest.raises(Cut):
            grade(three, PretendEngine())
    grade(three, PretendEngine())
    assert rows(three) == rows(other)
    assert sorted(p.name for p in (three / "autograded" / "ada").iterdir()) == ["unit"]


def test_ctrl_c_keeps_what_is_done(three):
    report = grade(three, PretendEngine(stop_after=2))
    assert not report.complete and {one.student for one in report.lines} == {"ada", "bob"}
    engine = PretendEngine()
    grade(three, engine)
    assert {student for student, _ in engine.ran} == {"eve"}


def test_a_failure_of_ours_is_one_line(three, monkeypatch):
    from convbook.grading import pipeline

    whole = pipeline.repair

    def failing(cells, *rest, **more):
        if any("return x\n" in cell["source"] + "\n" and "square" in cell["source"] for cell in cells):
            raise ZeroDivisionError("our own mistake")
        return whole(cells, *rest, **more)

    monkeypatch.setattr(pipeline, "repair", failing)
    report = grade(three, PretendEngine())
    assert [one.student for one in report.lines if one.status == UNREADABLE] == ["bob"]
    assert "our own mistake" in line(report, "bob").reason and line(report, "eve").status == GRADED


def test_an_engine_that_cannot_run_a_job_is_no_score(three):
    class Broken(PretendEngine):
        def result(self, job):
            from convbook.grading.running.run import not_run

            return not_run(job, "the machine is full", True) if job.student == "bob" else super().result(job)

    report = grade(three, Broken())
    assert "the machine is full" in line(report, "bob").reason and auto_scores(three, "bob") == {}
    assert line(grade(three, PretendEngine()), "bob").score == FULL - 2


def test_a_changed_test_of_the_whole_class_is_an_older_release(three):
    for name in ("ada", "bob", "eve"):
        content = solved(hand_out(three))
        cell_of(content, "test-square")["source"] = "assert square(2) == 4"
        hand_in(three, Made(name, "honest", {"unit.ipynb": packed(content)}, None))
    report = grade(three, PretendEngine())
    assert {one.status for one in report.lines} == {GRADED} and report.class_versions == ["test-square"]


def test_files_of_the_instructor_lie_over_those_of_the_student(three):
    (three / "source" / "unit" / "data.csv").write_text("true", encoding="utf-8")
    (three / "submitted" / "ada" / "unit" / "data.csv").write_text("mine", encoding="utf-8")
    (three / "submitted" / "ada" / "unit" / "own.txt").write_text("own", encoding="utf-8")
    grade(three, PretendEngine())
    graded = three / "autograded" / "ada" / "unit"
    assert (graded / "data.csv").read_text(encoding="utf-8") == "true"
    assert (graded / "own.txt").read_text(encoding="utf-8") == "own"
    assert (graded / "unit.ipynb").stat().st_mode & 0o777 == 0o444


def test_an_assignment_that_the_gradebook_does_not_know_is_entered_from_its_source(three):
    (three / "gradebook.db").unlink()
    report = grade(three, PretendEngine())
    assert line(report, "ada").score == FULL


def test_of_several_notebooks_a_missing_one_gets_nothing_and_the_others_their_score(three):
    second = notebook(
        [
            cell_of(json.loads((three / "source/unit/unit.ipynb").read_text()), name)
            for name in ("square", "test-square")
        ]
    )
    (three / "source" / "unit" / "more.ipynb").write_bytes(packed(second))
    (three / "gradebook.db").unlink()
    (three / "submitted" / "ada" / "unit" / "more.ipynb").write_bytes(
        packed(notebook([solved(hand_out(three))["cells"][2]]))
    )
    report = grade(three, PretendEngine())
    assert line(report, "ada").score == FULL + 2
    assert line(report, "bob").score == FULL - 2 and line(report, "bob").status == REPAIRED
    assert [row[4] for row in rows(three)["grades"] if row[:2] == ("bob", "more")] == [0]


def test_in_another_course_every_cell_runs(three):
    """What a cell there leaves behind (a file, a path, a setting) cannot be told from outside."""
    content = json.loads((three / "source/unit/unit.ipynb").read_text())
    content["cells"] = content["cells"][:4]  # nothing that a person grades
    writes = [
        {
            **content["cells"][1],
            "id": "writes",
            "source": "import pathlib\npathlib.Path('a.txt').write_text('1')",
        }
    ]
    content["cells"][2:2] = writes
    (three / "source/unit/unit.ipynb").write_bytes(packed(content))
    (three / "gradebook.db").unlink()
    released = solved(content)
    hand_in(three, Made("ada", "honest", {"unit.ipynb": packed(released)}, None))
    engine = PretendEngine()
    grade(three, engine, students=["ada"])
    assert [cell for _, cell in engine.ran] == ["cell-1", "cell-2", "square", "test-square"]


def test_a_gradebook_that_cannot_be_written_is_one_sentence(three, monkeypatch):
    def fail(*_):
        raise RuntimeError("attempt to write a readonly database\n[SQL: INSERT INTO …]\n[parameters: …]")

    monkeypatch.setattr(Recorder, "_write_rows", fail)
    report = grade(three, PretendEngine())
    assert "readonly database" in line(report, "ada").reason and "SQL" not in line(report, "ada").reason


def test_a_second_run_waits_for_the_first_and_says_so(tmp_path):
    said, order, inside = [], [], threading.Event()

    def first():
        with exclusive(tmp_path / "lock", said.append):
            inside.set()
            threading.Event().wait(0.5)
            order.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    inside.wait(5)
    with exclusive(tmp_path / "lock", said.append):
        order.append("second")
    thread.join()
    assert order == ["first", "second"] and len(said) == 1 and f"(process {os.getpid()})" in said[0]


def test_the_hidden_tests_are_in_the_graded_notebook_as_nbgrader_has_them(three):
    grade(three, PretendEngine())
    content = json.loads((three / "autograded/ada/unit/unit.ipynb").read_text(encoding="utf-8"))
    assert "".join(cell_of(content, "test-total")["source"]) == TESTS["test-total"]
