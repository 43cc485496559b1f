"""An assignment whose source notebook is gone: the gradebook still knows its tests, and every score stands."""

from __future__ import annotations

import shutil

import pytest

from class_of_200 import POINTS, Made, hand_in, hand_out, make_course, packed, solved
from convbook.grading.running.engine import Engine
from plain_course import auto_scores, grade, line


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Grade one class with the source and without it; return the two folders and reports."""
    folder = make_course(tmp_path_factory.mktemp("source") / "with")
    released = hand_out(folder)
    hand_in(folder, Made("ada", "honest", {"unit.ipynb": packed(solved(released))}, None))
    wrong = solved(released, square="def square(x): return x")
    hand_in(folder, Made("bob", "honest", {"unit.ipynb": packed(wrong)}, None))
    other = folder.parent / "without"
    shutil.copytree(folder, other)
    shutil.rmtree(other / "source")
    return [(place, grade(place, lambda: Engine(2))) for place in (folder, other)]


@pytest.mark.parametrize("student", ["ada", "bob"])
def test_every_score_is_as_with_the_source(both, student):
    (known, _), (unknown, _) = both
    assert auto_scores(unknown, student) == auto_scores(known, student)


def test_the_report_says_that_all_tests_are_weak_and_why(both):
    report = both[1][1]
    assert set(report.weak) == set(POINTS) and not report.unsolved
    assert any("source" in note and "beside the student's code" in note for note in report.notes)
    assert line(report, "ada").status == "graded" and not line(report, "ada").remarks
