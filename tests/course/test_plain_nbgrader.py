"""Unit 01 goes the whole way of an assignment with nbgrader's own commands, from the source to the CSV file."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path

import pytest

from classroom import UNIT, Classroom, answered, read, solution_cells, thin
from convbook.__main__ import main
from convbook.authoring.canonical import MAY_FAIL

FLIPPED = """
def conv2d_naive(x, w, b=None, stride=1, padding=0):
    w = w[:, :, ::-1, ::-1]
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    kh, kw = w.shape[2:]
    windows = np.lib.stride_tricks.sliding_window_view(padded, (kh, kw), axis=(2, 3))[:, :, ::stride, ::stride]
    y = np.einsum("nchwij,fcij->nfhw", windows, w)
    return y if b is None else y + b.reshape(1, -1, 1, 1)
"""
BROKEN = "def corr2d(x, k)\n    return the colon is missing\n"


@pytest.fixture(scope="module")
def classroom(tmp_path_factory, repository) -> Classroom:
    """Return a class that went through release, hand-in, grading, feedback and export."""
    room = Classroom(tmp_path_factory.mktemp("class"), repository)
    room.nbgrader("generate_assignment", UNIT)
    released, solved = read(room.notebook("notebooks")), read(room.notebook("solutions"))
    answers = solution_cells(solved)
    # One student goes through the exchange; the others' notebooks lie where `collect` puts them.
    room.nbgrader("release_assignment", UNIT)
    room.nbgrader("fetch_assignment", UNIT, within=room.student)
    own = room.student / UNIT / f"{UNIT}.ipynb"
    own.write_text(json.dumps(answered(read(own), answers)))
    room.nbgrader("submit", UNIT, within=room.student)
    room.nbgrader("collect", UNIT)
    (room.collected,) = [place.name for place in (room.root / "submitted").iterdir()]
    flipped = answered(released, answers | {"conv2d_naive": FLIPPED})
    room.hand_in("flora", flipped)
    # The whole notebook is run for those above and for the empty one; the others lack what gives no points.
    room.hand_in("nora", tagged(thin(flipped), []))
    room.hand_in("tom", tagged(thin(flipped), [MAY_FAIL]))
    room.hand_in("emil", released)
    room.hand_in("bruno", thin(answered(released, answers | {"corr2d": BROKEN})))
    room.nbgrader("autograde", UNIT)
    room.nbgrader("generate_feedback", UNIT)
    room.nbgrader("export", "--to", str(room.root / "grades.csv"))
    return room


def tagged(notebook: dict, tags: list[str]) -> dict:
    """Return a hand-in whose cells carry these tags and no others, whatever they carried."""
    cells = [cell | {"metadata": cell["metadata"] | {"tags": list(tags)}} for cell in notebook["cells"]]
    return notebook | {"cells": cells}


def scores(classroom: Classroom) -> dict[str, float]:
    with (classroom.root / "grades.csv").open() as file:
        return {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}


def feedback(classroom: Classroom, student: str) -> str:
    return (classroom.root / "feedback" / student / UNIT / f"{UNIT}.html").read_text()


def test_the_right_answers_earn_all_points_through_the_exchange(classroom):
    assert scores(classroom)[classroom.collected] == 40


def test_a_flipped_kernel_costs_its_own_exercise_only(classroom):
    assert scores(classroom)["flora"] == 31


def test_the_tag_that_lets_a_cell_fail_neither_gives_nor_takes_points(classroom):
    marked = [
        cell
        for cell in read(classroom.notebook("notebooks"))["cells"]
        if MAY_FAIL in cell["metadata"].get("tags", [])
    ]
    assert {"check-corr2d", "check-conv2d_naive", "impulse"} <= {cell["id"] for cell in marked}
    found = scores(classroom)
    assert found["flora"] == found["nora"] == found["tom"] == 31  # as handed out, without tags, on every cell


def test_convbook_grade_gives_the_same_points(classroom, tmp_path, capsys):
    other = tmp_path / "course"
    left_out = shutil.ignore_patterns("gradebook.db", "autograded", "feedback", "grades.csv")
    shutil.copytree(classroom.root, other, ignore=left_out)
    config = (other / "nbgrader_config.py").read_text().replace(str(classroom.root), str(other))
    (other / "nbgrader_config.py").write_text(config)
    assert main(["grade", UNIT, "--course", str(other), "--json"]) in (0, 1)
    lines = json.loads(capsys.readouterr().out)
    assert {one["student"]: one["score"] for one in lines["lines"]} == scores(classroom)


def test_a_question_is_plain_text_in_what_was_graded(classroom):
    graded = read(classroom.root / "autograded" / "flora" / UNIT / f"{UNIT}.ipynb")
    (asked,) = [cell for cell in graded["cells"] if cell["id"] == "ask-edges"]
    (shown,) = asked["outputs"]
    assert set(shown["data"]) == {"text/plain", "text/html"}
    assert "guess_edges" not in json.dumps(graded["metadata"]) and "Which edges" not in json.dumps(
        graded["metadata"]
    )


def test_an_empty_notebook_earns_nothing(classroom):
    assert scores(classroom)["emil"] == 0


def test_a_broken_cell_costs_its_own_exercise_only(classroom):
    assert scores(classroom)["bruno"] == 35


def test_feedback_shows_our_message_and_none_of_our_stack(classroom):
    page = feedback(classroom, "flora")
    assert "the kernel is flipped" in page
    assert not re.search(r"convbook/checks/\w+\.py", page)
    assert "CheckFailed" not in page


def test_feedback_says_what_was_not_attempted(classroom):
    assert "conv2d_naive: not attempted yet" in feedback(classroom, "emil")


def test_the_release_that_learners_get_holds_no_answer(classroom):
    page = classroom.notebook("notebooks").read_text()
    assert "### BEGIN SOLUTION" not in page
    assert "room // stride + 1" not in page


def test_the_instructors_files_are_where_nbgrader_puts_them(classroom):
    for folder in ("autograded", "feedback"):
        students = {place.name for place in Path(classroom.root / folder).iterdir()}
        assert {"flora", "emil", "bruno", classroom.collected} <= students
