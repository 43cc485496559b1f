"""`convbook solution` shows one answer to whoever learns alone, after a try, unless the instructor says no."""

from __future__ import annotations

import json
import shutil

import pytest

import tiny
from convbook.__main__ import main

OFF = "\nc.ConvbookCourse.solutions = False\n"


@pytest.fixture
def ask(course, capsys):
    """Return a function that asks for a solution and returns exit code, output and error."""

    def asked(*words: str) -> tuple[int, str, str]:
        code = main(["solution", *words, "--course", str(course.folder)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return asked


def refused(ask, *words: str) -> str:
    code, out, err = ask(*words)
    assert code == 2 and not out and err.count("\n") == 1 and err.startswith("convbook solution: ")
    return err


@pytest.mark.parametrize("word", ["01.1", "1.1", "twice"])
def test_a_number_or_a_name_leads_to_the_instructors_cell_as_it_runs(ask, word):
    code, out, _ = ask(word, "--yes")
    assert code == 0 and out.startswith("Exercise 1.1 — Twice\n\ndef twice(x):")
    assert "return 2 * x" in out and "SOLUTION" not in out
    names = {}
    exec(out.partition("\n\n")[2], names)
    assert names["twice"](3) == 6


def test_an_exercise_with_two_answers_shows_both(ask):
    assert "return 3 * x" in ask("1.2", "--yes")[1] and "return 4 * x" in ask("half_of", "--yes")[1]


def test_before_the_first_try_there_are_the_hints(ask):
    code, out, _ = ask("1.1")
    assert code == 0 and "Hint — too small?\n  Two of them." in out and "--yes" in out
    assert "return 2" not in out


def test_after_a_try_there_is_the_solution(ask, course):
    work = course.folder / "work"
    work.mkdir()
    (work / "progress.json").write_text(json.dumps({tiny.UNIT: {"twice": {"tries": 2}}}))
    assert "(2 tries)" in ask("1.1")[1] and "return 2 * x" in ask("1.1")[1]
    assert "return 3" not in ask("1.2")[1]


def test_a_try_that_only_the_saved_notebook_shows_counts_too_and_half_a_notebook_is_none(ask, course):
    path = course.folder / "work" / tiny.UNIT / f"{tiny.UNIT}.ipynb"
    notebook = json.loads(course.notebook(tiny.UNIT).read_text())
    tiny.write(path, notebook)
    assert "Hint — too small?" in ask("1.1")[1]
    (cell,) = (cell for cell in notebook["cells"] if cell["id"] == "check-twice")
    cell["outputs"] = [{"output_type": "error", "ename": "CheckFailed", "evalue": "✗ no", "traceback": []}]
    path.write_text(json.dumps(notebook))
    assert "(1 try)" in ask("1.1")[1]
    path.write_text("{")
    assert "Hint — too small?" in ask("1.1")[1]


def test_an_instructor_switches_it_off(ask, course):
    config = course.folder / "nbgrader_config.py"
    config.write_text(config.read_text() + OFF)
    assert "switched solutions off" in refused(ask, "1.1", "--yes")


def test_the_courses_own_configuration_names_the_switch(repository):
    assert f"# {OFF.strip()}\n" in (repository / "nbgrader_config.py").read_text()


def test_a_course_without_sources_says_so(ask, course):
    shutil.rmtree(course.source)
    assert "the solutions are not in this course" in refused(ask, "1.1")


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("1.3", "unit 1 has 1.1 twice, 1.2 thrice"),
        ("01.12", "unit 01 has 1.1 twice"),
        ("thrise", "did you mean 1.2 thrice?"),
        ("7.1", "such as 01.6"),
        ("größe", "such as 01.6"),
        ("", "such as 01.6"),
    ],
)
def test_a_word_that_fits_no_exercise_is_told_what_may_be_meant(ask, word, wanted):
    assert wanted in refused(ask, word)
