"""The course's health: a good course has no fault, and every fault is found and named."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import pytest

import tiny
from convbook.authoring.canonical import clean
from convbook.authoring.health import checks_of, examine_course, examine_unit, report
from convbook.authoring.health.runs import execute, solution_faults, unsolved_faults
from convbook.authoring.table import renew_readme
from convbook.forms import Exercise, Unit
from convbook.nbgrader_course import CourseError


def checks(topic="counting", **points):
    """Return the unit as convbook.checks would have it."""
    named = {"twice": 3, "thrice": 2, "half_of": 2} | points
    exercises = tuple(Exercise(n, n, p, (), lambda answer: None) for n, p in named.items() if p)
    return Unit(f"01_{topic}", "Counting", exercises)


def good_cells():
    """Return the cells of a unit whose checks are called as the real ones are."""
    helpers = [
        tiny.CHECK.format(name=n, argument=3, wanted=w)
        for n, w in (("twice", 6), ("thrice", 9), ("half_of", 12))
    ]
    cells = tiny.cells()
    names = ", ".join(f"{n}=check_{n}" for n in ("twice", "thrice", "half_of"))
    space = f"from types import SimpleNamespace\ncheck = SimpleNamespace({names})"
    cells[2]["source"] = "\n\n".join([*helpers, space])
    for cell in cells:
        cell["source"] = re.sub(r"^check_(\w+)\(", r"check.\1(", cell["source"])
    return cells


def unit_of(course, cells):
    tiny.write(course.notebook(tiny.UNIT), tiny.notebook(cells))
    clean([course.source])
    return course


def faults_of(course, find_checks=lambda topic: checks()):
    return [str(f) for f in examine_unit(course, tiny.UNIT, find_checks) if not f.warning]


def replace(place, old, new):
    def change(cells):
        assert old in cells[place]["source"]
        cells[place]["source"] = cells[place]["source"].replace(old, new)

    return change


def grading(place, **new):
    return lambda cells: cells[place]["metadata"]["nbgrader"].update(new)


def swap(first, second):
    def change(cells):
        cells[first], cells[second] = cells[second], cells[first]

    return change


def insert(cell):
    return lambda cells: cells.insert(3, cell)


FAULTS = {
    "the title has no number": (replace(0, "# 1 · ", "# "), "does not begin with a title"),
    "another unit's number": (replace(0, "# 1 ·", "# 2 ·"), "the title says unit 2, the folder 1"),
    "no promise": (replace(0, "Count things, and you know how many there are.\n", ""), "sentence of promise"),
    "no cost": (replace(0, "**10 min", "10 min"), "does not tell the cost in the form"),
    "too many exercises": (replace(0, "2 exercises", "3 exercises"), "says 3 exercises, the notebook has 2"),
    "wrong points": (replace(0, "7 points", "8 points"), "says 8 points, the banners add up to 7"),
    "wrong graded points": (replace(0, "7 points", "8 points"), "says 8 points, nbgrader's cells add up to 7"),
    "too few minutes": (replace(0, "10 min", "9 min"), "says 9 min, the exercises alone add up to 10"),
    "numbers skip": (replace(10, "1.2", "1.3"), "exercise 1.3 stands where 1.2 is expected"),
    "a banner without cost": (replace(5, "**4 min", "4 min"), "exercise 1.1 does not tell its cost"),
    "a banner's points": (replace(5, "3 points", "4 points"), "exercise 1.1 says 4 points, nbgrader gives 3"),
    "nbgrader's points": (grading(8, points=4), "exercise 1.1 says 3 points, nbgrader gives 4"),
    "the check's points": (grading(8, points=4), "check-twice: nbgrader gives 4 points, the check 3"),
    "check before try": (swap(7, 8), "should go banner, solution, try, check, hints"),
    "no hints": (lambda cells: cells.pop(9), "should go banner, solution, try, check, hints"),
    "no try": (lambda cells: cells.pop(7), "should go banner, solution, try, check, hints"),
    "a name not defined": (replace(6, "def twice", "def double"), "called 'twice' but does not define it"),
    "a check misnamed": (grading(8, grade_id="check-double"), "a check is called after its answer: check-twice"),
    "an answer unjudged": (grading(8, grade_id="check-double"), "no check cell check-twice judges this answer"),
    "a check unknown": (grading(8, grade_id="check-double"), "convbook.checks.counting has no double"),
    "a check missing": (lambda cells: cells.pop(8), "has twice, the notebook has no check cell check-twice"),
    "a check not called": (replace(8, "check.twice", "check_twice"), "does not call check.twice"),
    "a stray check": (lambda cells: cells.insert(3, tiny.check("x", 0)), "a check cell that no exercise's banner"),
    "asked in prose": (insert(tiny.markdown("**Predict.** How many?")), "asks for a prediction in prose"),
    "never answered": (insert(tiny.code("guess = Predict('?')")), "asks guess, and no later cell calls guess.truth"),
    "never asked": (insert(tiny.code("guess.truth(3)")), "tells the truth of guess, which no cell before it asks"),
    "answered at once": (insert(tiny.code("guess = Predict('?')\nguess.truth(3)")), "which no cell before it asks"),
    "a name twice": (grading(15, grade_id="check-thrice"), "2 cells have this grade_id"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_every_disagreement_is_named(course, fault):
    change, sentence = FAULTS[fault]
    cells = good_cells()
    change(cells)
    assert [line for line in faults_of(unit_of(course, cells)) if sentence in line], fault


def test_a_good_unit_has_no_fault(course):
    assert faults_of(unit_of(course, good_cells())) == []


def test_answers_under_one_banner_may_each_be_tried_and_checked(course):
    cells = good_cells()
    # thrice: solution, try, check; then half_of: solution, try, check
    order = [*range(12), 13, 14, 12, 13, 15, 16, 17]
    assert faults_of(unit_of(course, [cells[place] for place in order])) == []


def test_a_unit_without_checks_is_named(course):
    assert "there is no unit 01_counting in convbook.checks.counting" in "".join(
        faults_of(unit_of(course, good_cells()), find_checks=lambda topic: None)
    )


def test_checks_that_belong_to_another_folder_are_named(course):
    told = faults_of(unit_of(course, good_cells()), lambda topic: checks("sharing"))
    assert any("says its unit is 01_sharing" in line for line in told)


def test_a_real_units_checks_are_found_and_a_missing_one_is_none():
    assert checks_of("convolution").folder == "01_convolution"
    assert checks_of("no_such_topic") is None


def test_an_unclean_source_is_named(course):
    tiny.write(course.notebook(tiny.UNIT), tiny.notebook(good_cells()))
    assert any("not in the committed form" in line for line in faults_of(course))


LEAKS = {
    "a marker": ("### END SOLUTION", "the marks of a solution"),
    "a hidden test's marker": ("### BEGIN HIDDEN TESTS", "the marks of a hidden test"),
    "a mark scheme's marker": ("### BEGIN MARK SCHEME", "the marks of a mark scheme"),
    "the solution's text": ("    result = 2 * x\n    return result + 0", "the text of a solution"),
    "the hidden test's text": ("assert twice(8) == 16, 'a hidden case'", "the text of a hidden test"),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_every_leak_is_named(released, leak):
    text, sentence = LEAKS[leak]
    cells = good_cells()
    cells[6]["source"] = cells[6]["source"].replace("return 2 * x", "result = 2 * x\n    return result + 0")
    cells[8]["source"] += (
        "\n### BEGIN HIDDEN TESTS\nassert twice(8) == 16, 'a hidden case'\n### END HIDDEN TESTS"
    )
    unit_of(released, cells)
    assert not any(sentence in line for line in faults_of(released))
    path = released.released(tiny.UNIT)
    handed_out = json.loads(path.read_text())
    handed_out["cells"][4]["source"] = text.splitlines(keepends=True)
    path.write_text(json.dumps(handed_out))
    assert any(sentence in line for line in faults_of(released))


def test_an_output_in_the_release_is_named(released):
    path = released.released(tiny.UNIT)
    handed_out = json.loads(path.read_text())
    handed_out["cells"][1]["execution_count"] = 3
    path.write_text(json.dumps(handed_out))
    assert any("carries an output" in line for line in faults_of(released))


def course_faults(course):
    return "\n".join(str(f) for f in examine_course(course, [tiny.UNIT]))


def test_the_release_the_readme_and_the_folders_are_compared(released):
    renew_readme(released)
    assert course_faults(released) == ""
    (released.source / tiny.UNIT / "helper.py").write_text("")
    (released.source / "notes").mkdir()
    (released.release / "02_gone").mkdir()
    readme = released.folder / "README.md"
    readme.write_text(readme.read_text().replace("| 7 |", "| 8 |"))
    released.released(tiny.UNIT).write_bytes(b"{}")
    told = course_faults(released)
    assert f"solutions/{tiny.UNIT}/helper.py: only notebooks and figures" in told
    assert "solutions/notes: a unit's folder is called like 01_topic" in told
    assert "notebooks/02_gone: no source stands behind it" in told
    assert "README.md: its table of units is out of date" in told
    assert f"notebooks/{tiny.UNIT}/{tiny.UNIT}.ipynb: the release is out of date" in told
    readme.write_text("")
    assert "README.md: it has no table of units" in course_faults(released)


def test_long_cells_and_a_missing_recap_are_warnings_only(course):
    cells = good_cells()
    cells[3]["source"] = "word " * 121
    cells[4]["source"] = "import sys; sys.path.append('.')\n" + "1\n" * 12
    cells[-1]["source"] = "The end."
    cells[6]["source"] = "def twice(x):\n    return 2 * x"
    found = list(examine_unit(unit_of(course, cells), tiny.UNIT, lambda topic: checks()))
    assert all(finding.warning for finding in found)
    told = "\n".join(map(str, found))
    for words in (
        "121 words of prose",
        "13 lines of code",
        "no recap",
        "no sys.path",
        "no ### BEGIN SOLUTION",
    ):
        assert words in told


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Run three notebooks once, side by side: a good solution, a bad one, and a release that gives points away."""
    from concurrent.futures import ThreadPoolExecutor

    folder = tmp_path_factory.mktemp("runs")
    bad = good_cells()
    bad[1]["source"] = "import math, sys\nprint('careful', file=sys.stderr)"
    bad[14]["source"] = "1"  # nbgrader reads the number as a point
    bad[15]["source"] = "assert False, 'no'"
    given = good_cells()
    given[1]["source"] = "undefined_name"
    given[6]["source"] = "def twice(x):\n    raise NotImplementedError()"
    given[11]["source"] = given[12]["source"] = "thrice = half_of = None"
    given[8]["source"] = "print('nothing is checked')"
    one_line = "class NotYet(Exception):\n    def _render_traceback_(self):\n        return ['later']\nraise NotYet()"
    given[17:17] = [tiny.code("picture = thrice(3)") | {"id": "shows"}, tiny.code(one_line) | {"id": "waits"}]
    made = {"good": (good_cells(), False), "bad": (bad, False), "unsolved": (given, True)}
    paths = {
        name: tiny.write(folder / f"{name}.ipynb", tiny.notebook(cells)) for name, (cells, _) in made.items()
    }
    with ThreadPoolExecutor() as pool:
        waiting = {name: pool.submit(execute, paths[name], 60, keep) for name, (_, keep) in made.items()}
    return {name: future.result() for name, future in waiting.items()}


def sentences(findings):
    return "\n".join(map(str, findings))


def test_a_good_solution_runs_clean(course, runs):
    assert sentences(solution_faults(course, tiny.UNIT, runs["good"], 60)) == ""
    assert runs["good"].notebook["cells"][8]["outputs"][0]["text"] == "✓ twice\n"


def test_errors_stderr_and_lost_points_of_a_solution_are_named(course, runs):
    told = sentences(solution_faults(course, tiny.UNIT, runs["bad"], 60))
    assert "writes to stderr: careful" in told
    assert "check-thrice: the solution earns 1 of 2 points" in told
    assert "check-half_of: the solution fails with AssertionError: no" in told


def test_a_solution_over_its_budget_is_named(course, runs):
    assert "the unit's budget is 0.001 s" in sentences(
        solution_faults(course, tiny.UNIT, runs["good"], 0.001)
    )


def test_points_for_nothing_and_early_failures_are_named(course, runs):
    told = sentences(unsolved_faults(course, tiny.UNIT, runs["unsolved"]))
    assert "fails before the first exercise with NameError" in told
    assert "check-twice: unsolved, this check earns 3 of 3 points" in told
    assert "check-thrice" not in told and "check-half_of" not in told


def test_a_demonstration_that_an_open_answer_breaks_is_named_unless_it_says_so_in_one_line(course, runs):
    told = sentences(unsolved_faults(course, tiny.UNIT, runs["unsolved"]))
    assert "cell shows: unsolved, it fails with TypeError" in told and "let `yours` stand in" in told
    assert "cell waits" not in told and told.count("let `yours`") == 1  # cells that try an answer may fail


def test_a_notebook_that_never_ends_is_stopped_and_named(course, tmp_path):
    path = tiny.write(
        tmp_path / "endless.ipynb", tiny.notebook([tiny.code("1"), tiny.code("while True: pass")])
    )
    run = execute(path, seconds=2, keep_going=False)
    told = sentences(solution_faults(course, tiny.UNIT, run, 60))
    assert "the solution did not finish: a cell ran longer than 2 s" in told


def test_a_kernel_that_dies_is_named(course, tmp_path):
    path = tiny.write(tmp_path / "dies.ipynb", tiny.notebook([tiny.code("import os; os._exit(1)")]))
    run = execute(path, seconds=20, keep_going=True)
    assert "did not finish: the kernel died" in sentences(unsolved_faults(course, tiny.UNIT, run))


def test_the_report_counts_and_its_exit_code_tells(released, capsys):
    unit_of(released, good_cells())
    options = SimpleNamespace(run=False, find_checks=lambda topic: checks())
    assert report(released, [tiny.UNIT], run=False, find_checks=options.find_checks) == 1
    assert "the release is out of date" in capsys.readouterr().out
    from convbook.authoring.release import release

    release(released, [tiny.UNIT])
    renew_readme(released)
    assert report(released, [tiny.UNIT], run=True, find_checks=options.find_checks) == 0
    said = capsys.readouterr().out
    assert f"{tiny.UNIT}: ran, solution" in said
    assert "1 unit: 0 faults, 1 warning" in said


def test_a_course_without_units_is_told_so(course):
    with pytest.raises(CourseError, match="has no units"):
        report(course, [])
