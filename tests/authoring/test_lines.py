"""The table of lines a check costs: every line of a unit is attributed once, to the exercises that need it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from convbook import checks
from convbook.forms import Exercise, Unit
from convbook.nbgrader_course import CourseError

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "lines.py"
spec = importlib.util.spec_from_file_location("lines_of_checks", SCRIPT)
lines = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = lines  # dataclasses look their module up
spec.loader.exec_module(lines)

INIT = """from convbook.checks.sharing.page import first, second
from convbook.forms import Unit

unit = Unit("07_sharing", "Sharing", (first, second))
"""
PAGE = '''"""A page."""

from convbook.checks.sharing import far

BOTH = 1  # needed by helper, and helper by both


def helper():
    return BOTH


def only_first():
    # a comment counts

    return far.told


@exercise(
    cases=only_first,
    why=helper,
)
def first(x):
    return x


@exercise(why=helper)
def second(x):
    return first
'''
FAR = "told = [\n    1,\n]\nnobody = 2\n"


@pytest.fixture
def sharing(tmp_path):
    """Return a unit of two exercises and its files."""
    folder = tmp_path / "sharing"
    folder.mkdir()
    files = {"__init__.py": INIT, "page.py": PAGE, "far.py": FAR}
    for name, source in files.items():
        (folder / name).write_text(source)
    exercises = tuple(Exercise(n, n, 1, (), lambda answer: None) for n in ("first", "second"))
    return Unit("07_sharing", "Sharing", exercises), [folder / name for name in files]


def test_helpers_are_shared_among_their_users_and_the_rest_stands_by_itself(sharing):
    found = lines.cost(*sharing)
    # own: 6 and 3; only_first 3 and told 3 for first alone; BOTH and helper: 3 shared
    # the rest: 2 lines of the page, 1 of far.py and 3 of __init__.py
    assert found == {"first": 6 + 3 + 3 + 1.5, "second": 3 + 1.5, lines.REST: 2 + 1 + 3}


def test_every_line_of_a_unit_is_attributed_once(sharing):
    unit, files = sharing
    full = sum(bool(line.strip()) for path in files for line in path.read_text().splitlines())
    assert sum(lines.cost(unit, files).values()) == full


@pytest.mark.parametrize("topic", checks.topics())
def test_the_units_of_the_course_are_attributed_to_the_last_line(topic):
    unit = checks.unit(topic)
    files = lines.files_of(unit)
    full = sum(bool(line.strip()) for path in files for line in path.read_text(encoding="utf-8").splitlines())
    assert sum(lines.cost(unit, files).values()) == pytest.approx(full)


def test_an_exercise_that_no_file_defines_is_named(sharing):
    unit, files = sharing
    with pytest.raises(CourseError, match="07_sharing: no file of its checks defines first"):
        lines.cost(unit, [path for path in files if path.name != "page.py"])


def test_what_exceeds_a_limit_is_told_in_a_sentence_and_by_the_exit_code(capsys):
    assert lines.main(["start_here", "--limit", "1000", "--average", "1000"]) == 0
    assert lines.main(["start_here", "--limit", "1", "--average", "1"]) == 1
    said = capsys.readouterr().out
    assert "00_start_here: brightness costs" in said
    assert "the average is" in said


def test_the_table_has_a_row_for_every_exercise_a_sum_for_every_unit_and_the_average():
    text = lines.table({"01_a": {"one": 10.0, "two": 20.0}, "02_b": {"three": 60.0}})
    rows = [line.split() for line in text.splitlines() if line]
    assert ["01_a", "two", "20"] in rows and ["01_a", "all", "2", "30"] in rows
    assert rows[-1] == ["average", "30,", "most", "60", "(three)"]


def test_a_word_that_is_no_unit_is_one_sentence(capsys):
    assert lines.main(["nowhere"]) == 2
    assert "no unit is called 'nowhere'" in capsys.readouterr().err
