"""The one list of units finds every unit by itself, and names a broken one."""

from __future__ import annotations

import sys

import pytest

from convbook import checks
from convbook.nbgrader_course import CourseError

GOOD = 'from convbook.forms import Unit\nunit = Unit("{folder}", "Title", ())\n'


@pytest.fixture
def add(tmp_path, monkeypatch):
    """Return a function that lays a module of checks beside the units; afterwards it is gone again."""
    monkeypatch.setattr(checks, "__path__", [str(tmp_path)])
    before = set(sys.modules)

    def add(name: str, source: str) -> None:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(source)

    yield add
    for name in set(sys.modules) - before:
        if name.startswith("convbook.checks."):
            del sys.modules[name]
            vars(checks).pop(name.split(".")[2], None)


def folders() -> list[str]:
    return [unit.folder for unit in checks.units()]


def test_every_unit_of_the_course_is_found_in_order():
    assert {"00_start_here", "01_convolution", "10_resnet"} <= set(folders())
    assert folders() == sorted(folders())


def test_modules_and_packages_with_a_unit_are_found_and_others_are_not(add):
    add("zzz.py", GOOD.format(folder="01_zzz"))
    add("aaa/__init__.py", GOOD.format(folder="02_aaa"))
    add("helpers.py", "unit_of_length = 1\n")
    add("engine/__init__.py", "raise RuntimeError('the engine is no unit')\n")
    assert folders() == ["01_zzz", "02_aaa"]


@pytest.mark.parametrize("word", ["start_here", "00_start_here"])
def test_a_unit_is_found_by_its_folder_or_topic_without_the_others(add, word):
    add("start_here.py", GOOD.format(folder="00_start_here"))
    add("broken.py", "1 / 0\n")
    assert checks.unit(word).folder == "00_start_here"


@pytest.mark.parametrize("word", ["7", "07"])
def test_a_unit_is_found_by_its_number(add, word):
    add("sharing.py", GOOD.format(folder="07_sharing"))
    assert checks.unit(word).folder == "07_sharing"


@pytest.mark.parametrize("word", ["8", "counting", "08_sharing", "engine", ""])
def test_a_word_that_is_no_unit_is_answered_with_those_there_are(add, word):
    add("sharing.py", GOOD.format(folder="07_sharing"))
    with pytest.raises(CourseError, match=rf"no unit is called '{word}'; there are checks for sharing"):
        checks.unit(word)


BROKEN = {
    "x = 1\ny = (1,\n": r"SyntaxError: .*\(sharing.py, line 2\)",
    "x = 1\n1 / 0\n": r"ZeroDivisionError: division by zero \(sharing.py, line 2\)",
    "import convbook.nowhere\n": r"ModuleNotFoundError: No module named 'convbook.nowhere' \(sharing.py, line 1\)",
    "unit = 3\n": r"sharing.unit is a int; it should be Unit",
}


@pytest.mark.parametrize("source", BROKEN)
def test_a_broken_unit_is_named_in_one_sentence(add, source):
    add("sharing.py", source)
    with pytest.raises(CourseError, match=BROKEN[source]) as failure:
        checks.units()
    assert "sharing" in str(failure.value) and "\n" not in str(failure.value)


def test_two_units_of_one_folder_are_both_named(add):
    add("sharing.py", GOOD.format(folder="07_sharing"))
    add("caring.py", GOOD.format(folder="07_sharing"))
    with pytest.raises(CourseError, match=r"checks\.caring and .*checks\.sharing both say .* 07_sharing"):
        checks.units()
