"""What lies in a hand-in's folder is found under whatever name, and what is not taken is told."""

from __future__ import annotations

import json
import os
import shutil

import pytest

from class_of_200 import RIGHT, TESTS, cell_of, code, hand_out, make_course, notebook, packed, solved
from convbook.grading.course import Course
from convbook.grading.reading.handin import MOST_FILES, read_hand_in
from convbook.grading.reading.recover import Found, Unreadable
from convbook.grading.reading.reference import read_references

IMPORTS = code("import numpy as np", "imports")
SECOND = notebook(
    [
        IMPORTS | {"metadata": {}},
        code(RIGHT["primes"], "primes-again", solution=True),
        code(TESTS["test-partial"], "test-primes", grade=True, locked=True, points=5),
    ]
)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A course of two notebooks, `unit` and `more`, that begin with the same cell."""
    folder = make_course(tmp_path_factory.mktemp("handin") / "course")
    (folder / "source" / "unit" / "more.ipynb").write_bytes(packed(SECOND))
    (folder / "gradebook.db").unlink()
    return folder


@pytest.fixture
def read(fresh, tmp_path):
    """Hand in some files and return what is read: the hand-in and its remarks' sentences."""
    folder = shutil.copytree(fresh, tmp_path / "course")
    course = Course(folder)
    references = read_references(course, "unit")
    place = folder / "submitted" / "ada" / "unit"
    place.mkdir(parents=True)

    def reading(files):
        for name, content in files.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(content)
        hand_in = read_hand_in(course, "ada", place, references)
        return hand_in, [remark.sentence for remark in hand_in.remarks]

    reading.place, reading.right = place, packed(solved(hand_out(folder)))
    return reading


def names(found: Found) -> set[str]:
    return {cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in found.cells}


def test_two_notebooks_under_each_other_s_name_are_told_apart(read):
    hand_in, said = read({"unit.ipynb": packed(SECOND), "more.ipynb": read.right})
    assert "square" in names(hand_in.notebooks["unit"]) and "test-primes" in names(hand_in.notebooks["more"])
    assert sorted(said) == [
        "more.ipynb holds another notebook; unit.ipynb was taken for it",
        "unit.ipynb holds another notebook; more.ipynb was taken for it",
    ]


def test_a_missing_notebook_is_missing_though_another_begins_alike(read):
    hand_in, said = read({"unit.ipynb": read.right})
    assert str(hand_in.notebooks["more"]) == "there is no more.ipynb; the hand-in holds unit.ipynb"
    assert isinstance(hand_in.notebooks["unit"], Found) and said == []


def test_a_good_copy_is_taken_for_a_broken_notebook(read):
    hand_in, said = read({"unit.ipynb": b"", "unit (1).ipynb": read.right, "more.ipynb": packed(SECOND)})
    assert isinstance(hand_in.notebooks["unit"], Found)
    assert said == ["unit.ipynb could not be read; unit (1).ipynb was taken for it"]


def test_a_notebook_among_thousands_of_files_is_found(read):
    read.place.joinpath("a").mkdir()
    for number in range(MOST_FILES + 5):
        read.place.joinpath("a", f"{number}.txt").touch()
    hand_in, said = read({"unit.ipynb": read.right, "more.ipynb": packed(SECOND)})
    assert all(isinstance(found, Found) for found in hand_in.notebooks.values())
    assert said == ["5 files were left out: there are too many"] and len(hand_in.files) == MOST_FILES


def test_a_pipe_is_called_a_pipe_and_not_waited_for(read):
    os.mkfifo(read.place / "unit.ipynb")
    hand_in, _ = read({"more.ipynb": packed(SECOND)})
    assert str(hand_in.notebooks["unit"]) == "unit.ipynb is a special file, which is refused"


def test_where_there_is_no_notebook_it_says_what_there_is(read):
    hand_in, _ = read({"solution.zip": b"PK", "timestamp.txt": b"2026-03-01 12:00:00 UTC"})
    reason = hand_in.notebooks["unit"]
    assert isinstance(reason, Unreadable)
    assert str(reason) == "there is no unit.ipynb; the hand-in holds no notebook at all, only solution.zip"


def test_a_notebook_without_a_known_cell_is_graded_as_it_is(read):
    blank = notebook([code("1 + 1", "mine") | {"metadata": {}}])
    hand_in, said = read({"unit.ipynb": json.dumps(blank).encode(), "more.ipynb": packed(SECOND)})
    assert isinstance(hand_in.notebooks["unit"], Found) and said == []


def test_work_in_a_copy_beside_the_untouched_hand_out_is_found(read, fresh):
    stub = packed(hand_out(fresh))
    hand_in, said = read({"unit.ipynb": stub, "unit-Copy1.ipynb": read.right, "final/notes.txt": b"mine"})
    assert hand_in.notebooks["unit"].cells != json.loads(stub)["cells"]
    assert f"unit-Copy1.ipynb was taken: it holds {len(RIGHT) + 1} answers, unit.ipynb none" in said


def test_of_two_notebooks_with_answers_the_report_says_which_was_graded(read, fresh):
    released = hand_out(fresh)
    half = packed(solved(released, total="".join(cell_of(released, "total")["source"])))
    _, said = read({"unit.ipynb": read.right, "unit (2).ipynb": half})
    assert (
        f"unit.ipynb was graded ({len(RIGHT) + 1} answers); beside it lay unit (2).ipynb ({len(RIGHT)})"
        in said
    )
