"""Unit 12 as an instructor grades it: points for the parts that are right, across processes, as stock nbgrader gives them."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from convbook.grading.running.engine import Engine
from plain_course import grade, line
from test_own_unit import COURSE, hand_in
from whole_unit import lay_out, source_of

UNIT = "12_exam"
NO_LOOK = (
    'assert np.array_equal(x, kept[0]) and np.array_equal(kernels, kept[1]), "it writes into its arguments"',
    "pass",
)


@pytest.fixture(scope="module")
def source() -> dict:
    return source_of(COURSE, UNIT)


def with_one_drill_open(source: dict) -> dict:
    """Return a hand-in: one drill open, one fault mended only, a test that looks at no arguments."""
    changed = hand_in(source, {"test_conv2d": NO_LOOK})
    for cell in changed["cells"]:
        if cell["id"] == "ten_drills":
            cell["source"] = cell["source"].replace(
                "return name, answers", "return name, [None, *answers[1:]]"
            )
        if cell["id"] == "find_the_bugs":
            cell["source"] = cell["source"].replace(
                "return name, fixes", "return name, dict(list(fixes.items())[:1])"
            )
    return changed


def scores(database: Path) -> dict[str, dict[str, float]]:
    """Return the automatic scores of every student by cell."""
    with sqlite3.connect(database) as db:
        found: dict[str, dict[str, float]] = {}
        for student, cell, score in db.execute(
            "select a.student_id, c.name, g.auto_score from grade g join base_cell c on g.cell_id = c.id "
            "join submitted_notebook s on g.notebook_id = s.id join submitted_assignment a on s.assignment_id = a.id"
        ):
            found.setdefault(student, {})[cell] = score
    return found


@pytest.fixture(scope="module")
def graded(source, tmp_path_factory):
    stub = {name: None for name in ("ten_drills", "find_the_bugs", "test_conv2d")}
    hand_ins = {
        "right": hand_in(source, {}),
        "partly": with_one_drill_open(source),
        "stub": hand_in(source, stub),
    }
    folder = lay_out(tmp_path_factory.mktemp("exam") / "course", source, UNIT, hand_ins)
    return folder, grade(folder, lambda: Engine(2), UNIT), hand_ins


def test_each_part_that_is_right_earns_its_points_across_processes(graded):
    folder, report, _ = graded
    found = scores(folder / "grading" / "gradebook.db")
    assert line(report, "right").score == 20 and line(report, "stub").score == 0
    assert found["partly"]["check-ten_drills"] == 7.2
    assert found["partly"]["check-find_the_bugs"] == 2
    assert 5 < found["partly"]["check-test_conv2d"] < 6
    assert report.weak == []
    mistakes = {cell["cell"]: cell["mistakes"] for cell in line(report, "partly").cells}
    assert mistakes["check-ten_drills"] == ["a question is left open"]
    assert len(mistakes["check-find_the_bugs"]) == 2


def test_stock_nbgrader_gives_the_same_partial_points(graded, source, tmp_path):
    folder, _, hand_ins = graded
    other = lay_out(
        tmp_path / "stock", source, UNIT, {"partly": hand_ins["partly"], "stub": hand_ins["stub"]}
    )
    with open(other / "nbgrader_config.py", "a", encoding="utf-8") as file:
        file.write("\nfor section in ('Autograde', 'GenerateFeedback'):\n    c.pop(section, None)\n")
    environment = {**os.environ, "PATH": os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]}
    for words in (["generate_assignment", UNIT], ["autograde", UNIT]):
        subprocess.run(["nbgrader", *words], cwd=other, env=environment, check=True, capture_output=True)
    ours, theirs = (scores(place / "grading" / "gradebook.db") for place in (folder, other))
    assert theirs == {name: ours[name] for name in ("partly", "stub")}
