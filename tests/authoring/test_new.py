"""`convbook new` begins a unit and an exercise, and docs/authoring.md leads from there to a proven unit."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from convbook.authoring import new
from convbook.authoring.canonical import as_bytes, canonical, grade_id, read
from convbook.authoring.course import Course, open_course
from convbook.authoring.headings import exercises_of, title_of
from convbook.authoring.new import python_text
from convbook.checks import topics
from convbook.nbgrader_course import CourseError, path_with_programs

ROOT = Path(__file__).resolve().parents[2]
FOLDER, NAME, TITLE = "13_budgets", "layer_size", "Parameters of a layer"


def scratch_course(folder: Path) -> Course:
    """Return a copy of this course with unit 00 only, its own library and what its tests need."""
    quiet = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(ROOT / "lib", folder / "lib", ignore=quiet)
    for other in set(topics()) - {"start_here"}:
        path = folder / "lib" / "convbook" / "checks" / other
        shutil.rmtree(path) if path.is_dir() else path.with_suffix(".py").unlink()
    for part in ("solutions", "notebooks"):
        shutil.copytree(ROOT / part / "00_start_here", folder / part / "00_start_here")
    for name in ("nbgrader_config.py", "README.md", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    for name in ("right", "checks"):
        if (ROOT / "tests" / name).is_dir():
            shutil.copytree(ROOT / "tests" / name, folder / "tests" / name, ignore=quiet)
    for other in set(topics()) - {"start_here"}:
        (folder / "tests" / "right" / f"{other}.py").unlink(missing_ok=True)
    return open_course(folder)


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Return a scratch course whose checks are those that Python would load."""
    from convbook import checks

    found = scratch_course(tmp_path / "course")
    monkeypatch.setattr(checks, "__path__", [str(found.folder / "lib" / "convbook" / "checks")])
    return found


@pytest.fixture
def begun(course):
    """Return a scratch course with a new unit and its first exercise."""
    new.new_unit(course, FOLDER, "Budgets")
    new.new_exercise(course, FOLDER, NAME, TITLE, "3")
    return course


def files_of(course: Course) -> dict[str, bytes]:
    """Return every file of a course with its content."""
    paths = (p for p in course.folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    return {p.relative_to(course.folder).as_posix(): p.read_bytes() for p in paths}


def refused(course: Course, begin, *words: str) -> str:
    """Return the sentence that refuses something; nothing may have been written."""
    before = files_of(course)
    with pytest.raises(CourseError) as failure:
        begin(course, *words)
    assert files_of(course) == before
    assert "\n" not in str(failure.value)
    return str(failure.value)


def loaded(path: Path, name: str):
    """Return a module that is loaded from a file, not by its name."""
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def check_of(course: Course):
    return loaded(course.folder / "lib" / "convbook" / "checks" / "budgets.py", "budgets_check")


def test_a_new_unit_is_a_list_of_checks_and_a_notebook(course):
    said = new.new_unit(course, FOLDER, "Budgets")
    notebook = read(course.notebook(FOLDER))
    title = title_of(notebook)
    assert (title.number, title.topic, title.exercises, title.points) == (13, "Budgets", 0, 0)
    assert "from convbook.checks import budgets as check" in notebook["cells"][1]["source"]
    unit = check_of(course).unit
    assert (unit.folder, unit.title, unit.exercises) == (FOLDER, "Budgets", ())
    assert [line.split(":")[0] for line in said] == [
        "lib/convbook/checks/budgets.py",
        "solutions/13_budgets/13_budgets.ipynb",
        "next",
    ]


def test_a_new_exercise_is_a_check_that_runs_with_its_mistakes_named(begun):
    exercise = check_of(begun).layer_size
    assert (exercise.name, exercise.title, exercise.points) == (NAME, TITLE, 3)
    assert exercise.judge(lambda x: x.mean(axis=1)).right
    assert len(exercise.mistakes) == 3
    for mistake in exercise.mistakes:
        assert exercise.judge(mistake.answer).mistakes == (mistake.name,)


def test_a_new_exercise_is_five_cells_that_nbgrader_knows_before_the_recap(begun):
    notebook = read(begun.notebook(FOLDER))
    names = [cell["id"] for cell in notebook["cells"]]
    five = [
        "exercise-layer_size",
        "layer_size",
        "try-layer_size",
        "check-layer_size",
        "hints-layer_size",
    ]
    assert names == ["title", "imports", *five, "recap"]
    assert [grade_id(cell) for cell in notebook["cells"] if grade_id(cell)] == [
        "layer_size",
        "check-layer_size",
    ]
    (exercise,) = exercises_of(notebook)
    assert (exercise.unit, exercise.number, exercise.title, exercise.points) == (13, 1, TITLE, 3)
    title = title_of(notebook)
    assert (title.minutes, title.exercises, title.points) == (15, 1, 3)
    assert begun.notebook(FOLDER).read_bytes() == as_bytes(canonical(notebook))


def test_the_example_has_two_right_answers_in_other_styles(begun):
    source = (begun.folder / "tests" / "right" / "budgets.py").read_text(encoding="utf-8")
    ways = []
    space = {"way": lambda *names: lambda answer: ways.append((names, answer))}
    exec(source.replace("from right import way", "").replace("from __future__ import annotations", ""), space)
    assert [names for names, _ in ways] == [(NAME,), (NAME,)]
    assert all(check_of(begun).layer_size.judge(answer).right for _, answer in ways)


def test_a_second_exercise_is_added_to_all_three_files(begun):
    new.new_exercise(begun, "13", "row_means", "Means", "1")
    check = check_of(begun)
    assert [exercise.name for exercise in check.unit.exercises] == [NAME, "row_means"]
    assert check.__all__ == ["drill", "layer_size", "progress", "row_means", "unit"]
    notebook = read(begun.notebook(FOLDER))
    title = title_of(notebook)
    assert (title.minutes, title.exercises, title.points) == (25, 2, 4)
    assert [(e.number, e.points) for e in exercises_of(notebook)] == [(1, 3), (2, 1)]
    assert "· 1 point**" in notebook["cells"][7]["source"]
    ways = (begun.folder / "tests" / "right" / "budgets.py").read_text(encoding="utf-8")
    assert ways.count("from right import way") == 1 and ways.count("@way(") == 4


def test_what_is_written_is_formatted_as_the_course_is(begun):
    new.new_exercise(begun, "13", "row_means", "Means", "1")
    ruff = shutil.which("ruff", path=path_with_programs())
    assert ruff is not None
    files = ["lib/convbook/checks/budgets.py", "tests/right/budgets.py"]
    for words in (["check"], ["format", "--check"]):
        done = subprocess.run([ruff, *words, *files], cwd=begun.folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


def as_folder(course: Course) -> Path:
    """Make a folder of a unit's checks, with one page, and return it."""
    whole = course.folder / "lib" / "convbook" / "checks" / "budgets.py"
    folder = whole.with_suffix("")
    folder.mkdir()
    page, _, rest = whole.read_text(encoding="utf-8").partition("unit = Unit(")
    (folder / "sizes.py").write_text(page, encoding="utf-8")
    start = "from convbook.checks.budgets.sizes import layer_size\nfrom convbook.checks.engine.progress import reporter\n"
    init = f'"""The checks of unit 13."""\n\n{start}from convbook.forms import Unit\n\nunit = Unit({rest}'
    (folder / "__init__.py").write_text(init, encoding="utf-8")
    whole.unlink()
    return folder


def test_where_the_checks_are_a_folder_the_exercise_goes_to_the_page_of_the_last_one(begun):
    folder = as_folder(begun)
    new.new_exercise(begun, FOLDER, "row_means", "Means", "2")
    assert "def row_means(x)" in (folder / "sizes.py").read_text(encoding="utf-8")
    init = (folder / "__init__.py").read_text(encoding="utf-8")
    assert "from convbook.checks.budgets.sizes import layer_size, row_means" in init
    assert "(layer_size, row_means))" in init


def test_a_unit_that_lists_its_exercises_on_a_line_of_their_own_takes_one_more(begun):
    path = begun.folder / "lib" / "convbook" / "checks" / "budgets.py"
    before, _, _ = path.read_text(encoding="utf-8").partition("unit = ")
    listed = (
        "exercises = (layer_size,)\nunit = Unit('13_budgets', 'Budgets', exercises)\n\n"
        '__all__ = ["unit", *(exercise.name for exercise in exercises)]\n'
    )
    path.write_text(before + listed, encoding="utf-8")
    new.new_exercise(begun, "13", "row_means", "Means", "2")
    check = check_of(begun)
    assert check.__all__ == ["unit", "layer_size", "row_means"]
    assert "\n\n\nexercises = (layer_size, row_means)\nunit = " in path.read_text(encoding="utf-8")


def test_a_long_list_of_exercises_gets_a_line_each_as_ruff_writes_it(begun):
    names = [f"an_exercise_of_a_long_name_{number}" for number in range(5)]
    for name in names:
        new.new_exercise(begun, "13", name, "Means", "2")
    test_what_is_written_is_formatted_as_the_course_is(begun)
    assert [exercise.name for exercise in check_of(begun).unit.exercises] == [NAME, *names, "row_means"]


def test_where_the_checks_are_a_folder_a_new_page_may_be_named(begun):
    folder = as_folder(begun)
    new.new_exercise(begun, FOLDER, "row_means", "Means", "2", "layers")
    assert loaded(folder / "layers.py", "layers_page").row_means.points == 2
    init = (folder / "__init__.py").read_text(encoding="utf-8")
    assert "from convbook.checks.budgets.layers import row_means" in init
    assert "will not do as a page" in refused(begun, new.new_exercise, FOLDER, "sums", "Sums", "2", "sums")


def test_a_new_exercise_of_a_class_is_a_graph_with_its_cells_and_two_classes(begun):
    pytest.importorskip("convbook.checks.engine.modules.observer")
    new.new_exercise(begun, "13", "ConvLayer", "A layer", "4")
    exercise = check_of(begun).ConvLayer
    assert len(exercise.mistakes) >= 1
    for mistake in exercise.mistakes:
        assert exercise.judge(mistake.answer).mistakes == (mistake.name,)
    ways = []
    source = (begun.folder / "tests" / "right" / "budgets.py").read_text(encoding="utf-8")
    space = {"way": lambda name: lambda answer: ways.append((name, answer))}
    exec(source.replace("from right import way", "").replace("from __future__ import annotations", ""), space)
    classes = [answer for name, answer in ways if name == "ConvLayer"]
    assert [exercise.judge(answer).kind for answer in classes] == ["right", "right"]
    test_what_is_written_is_formatted_as_the_course_is(begun)


def test_the_notebook_of_a_class_imports_torch_once_and_its_stub_is_not_attempted(begun):
    new.new_exercise(begun, "13", "ConvLayer", "A layer", "4")
    new.new_exercise(begun, "13", "SecondLayer", "Another layer", "4")
    cells = {cell["id"]: cell["source"] for cell in read(begun.notebook(FOLDER))["cells"]}
    assert cells["imports"].count("import torch\nfrom torch import nn\n") == 1
    assert cells["ConvLayer"].count("### BEGIN SOLUTION") == 2
    assert cells["check-ConvLayer"] == "check.ConvLayer(ConvLayer)"


UNITS_REFUSED = {
    "one digit": ("2_budgets", "no name for a unit"),
    "capital letters": ("02_Budgets", "no name for a unit"),
    "no topic": ("02_", "no name for a unit"),
    "a path": ("../02_budgets", "no name for a unit"),
    "a word of Python": ("02_class", "no name for a unit"),
    "a digit first": ("02_2d", "no name for a unit"),
    "a number that is taken": ("00_budgets", "00_start_here has this number already"),
    "a topic that is taken": ("02_start_here", "00_start_here has this topic already"),
    "the engine": ("02_engine", "has something called engine already"),
    "a name of the checks themselves": ("02_units", "has something called units already"),
}


@pytest.mark.parametrize("reason", UNITS_REFUSED)
def test_a_unit_that_cannot_be_is_refused_in_one_sentence(course, reason):
    folder, sentence = UNITS_REFUSED[reason]
    assert sentence in refused(course, new.new_unit, folder, "Budgets")


@pytest.mark.parametrize("title", ["", " Budgets", "two\nlines", "a {brace}", "**bold**"])
def test_a_title_that_will_not_do_is_refused(course, title):
    assert "will not do as a title" in refused(course, new.new_unit, FOLDER, title)


def test_a_unit_that_exists_is_not_begun_again(begun):
    assert "13_budgets has this number already" in refused(begun, new.new_unit, FOLDER, "Budgets")


def test_a_folder_without_a_notebook_is_not_written_into(course):
    course.notebook(FOLDER).parent.mkdir()
    assert "solutions/13_budgets exists already" in refused(course, new.new_unit, FOLDER, "Budgets")


EXERCISES_REFUSED = {
    "a word of Python": (("13", "lambda", TITLE, "3"), "no name for an exercise"),
    "half a class": (("13", "Conv_Net", TITLE, "3"), "no name for an exercise"),
    "a function of Python's own": (("13", "sum", TITLE, "3"), "means something else"),
    "a name of the notebook": (("13", "check", TITLE, "3"), "means something else"),
    "itself again": (("13", NAME, TITLE, "3"), "13_budgets has an exercise layer_size already"),
    "another unit's": (("13", "brightness", TITLE, "3"), "00_start_here has an exercise brightness already"),
    "a helper's": (("13", "layer_size_cases", TITLE, "3"), "defines layer_size_cases already"),
    "no unit": (("14", "sums", TITLE, "3"), "no unit is called '14'"),
    "no points": (("13", "sums", TITLE, "0"), "will not do as points"),
    "half a point": (("13", "sums", TITLE, "1.5"), "will not do as points"),
    "minus a point": (("13", "sums", TITLE, "-1"), "will not do as points"),
    "many points": (("13", "sums", TITLE, "1000"), "from 1 to 100"),
    "a page without a folder": (("13", "sums", TITLE, "3", "layers"), "leave --page out"),
    "no title": (("13", "sums", "", "3"), "will not do as a title"),
}  # fmt: skip


@pytest.mark.parametrize("reason", EXERCISES_REFUSED)
def test_an_exercise_that_cannot_be_is_refused_in_one_sentence(begun, reason):
    words, sentence = EXERCISES_REFUSED[reason]
    assert sentence in refused(begun, new.new_exercise, *words)


def test_a_list_that_cannot_be_read_is_left_as_it_is(begun):
    path = begun.folder / "lib" / "convbook" / "checks" / "budgets.py"
    path.write_text(
        path.read_text(encoding="utf-8").replace("(layer_size,))", "tuple([layer_size]))"), encoding="utf-8"
    )
    assert "cannot take another exercise into its list" in refused(
        begun, new.new_exercise, "13", "sums", "Sums", "3"
    )
    path.write_text("def broken(:\n", encoding="utf-8")
    assert "repair it first" in refused(begun, new.new_exercise, "13", "sums", "Sums", "3")


def test_a_title_cell_without_its_cost_is_left_as_it_is(begun):
    notebook = read(begun.notebook(FOLDER))
    notebook["cells"][0]["source"] = "# 13 · Budgets\nPromise."
    begun.notebook(FOLDER).write_bytes(as_bytes(canonical(notebook)))
    assert "does not tell the cost" in refused(begun, new.new_exercise, "13", "sums", "Sums", "3")


def test_where_one_file_cannot_be_written_none_is(begun, monkeypatch):
    whole = new.write_whole

    def full_disk(path, content):
        if path.parent.name == "right":
            raise OSError(28, "No space left on device", str(path))
        return whole(path, content)

    monkeypatch.setattr(new, "write_whole", full_disk)
    before = files_of(begun)
    with pytest.raises(OSError, match="No space left"):
        new.new_exercise(begun, "13", "sums", "Sums", "3")
    assert files_of(begun) == before


def test_a_library_that_is_not_the_courses_own_is_not_written_into(tmp_path):
    course = scratch_course(tmp_path / "course")
    assert "not in this course" in refused(course, new.new_unit, FOLDER, "Budgets")


def test_imports_are_added_where_they_belong_and_remarks_beside_them_stay():
    source = '"""Doc."""\n\nfrom __future__ import annotations\n\nimport os  # for paths\n\nx = os\n'
    more = python_text.with_imports(source, "import os\nfrom convbook.forms import Case\n")
    assert more.count("import os") == 1 and "# for paths" in more
    assert more.index("# for paths") < more.index("from convbook.forms import Case") < more.index("x = os")
    later = "import b\n\nx = 1\nimport c\n"
    assert python_text.with_imports(later, "import a") == "import a\nimport b\n\nx = 1\nimport c\n"


# The document


BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Reader:
    """Follow docs/authoring.md in a scratch copy of the course: run its commands, write its files and cells."""

    def __init__(self, course: Course):
        self.course = course
        self.ran: list[str] = []
        self.printed = ""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        self.environment = kept | {"PATH": path_with_programs(), "PYTHONPATH": str(course.folder / "lib")}

    def follow(self, kind: str, text: str) -> None:
        first, _, rest = text.partition("\n")
        if kind == "sh":
            for line in text.splitlines():
                self.run(line)
        elif found := re.fullmatch(r"# ((?:lib|tests)/\S+)", first):
            (self.course.folder / found[1]).write_text(rest, encoding="utf-8")
        elif found := re.fullmatch(r"(?:# cell (\S+)|<!-- cell (\S+) -->)", first):
            self.write_cell(found[1] or found[2], rest)
        elif kind == "python":
            self.printed = self.run(f"{sys.executable} -", given=text)
        elif kind == "text":
            assert self.printed.strip() == text.strip()
        else:
            raise AssertionError(f"nobody knows what to do with a block of {kind} that begins {first!r}")

    def run(self, line: str, given: str = "") -> str:
        done = subprocess.run(
            line,
            shell=True,
            input=given,
            cwd=self.course.folder,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        self.ran.append(line)
        return done.stdout

    def write_cell(self, name: str, source: str) -> None:
        notebook = read(self.course.notebook(FOLDER))
        (cell,) = (cell for cell in notebook["cells"] if cell["id"] == name)
        cell["source"] = source
        self.course.notebook(FOLDER).write_bytes(as_bytes(canonical(notebook)))


def parts_of_the_document() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the blocks of the way to a new unit, and those of what comes after it."""
    text = (ROOT / "docs" / "authoring.md").read_text(encoding="utf-8")
    way, _, after = text.partition("## What stands on the page")
    return BLOCK.findall(way), BLOCK.findall(after)


def test_the_document_leads_from_nothing_to_a_unit_that_is_proven(tmp_path):
    reader = Reader(scratch_course(tmp_path / "course"))
    blocks, _ = parts_of_the_document()
    assert {kind for kind, _ in blocks} == {"sh", "python", "text", "markdown"}
    for kind, text in blocks:
        reader.follow(kind, text)
    assert "convbook check 13" in reader.ran  # which was green
    assert reader.ran[-1].startswith(
        "python -m pytest"
    )  # and so was this: the tests of every unit, over the new exercise
    assert "the biases are missing" in reader.printed  # the wrong answer, by its name


def test_the_document_goes_on_to_a_class_whose_mistake_nobody_declared(tmp_path):
    pytest.importorskip("convbook.checks.engine.modules.observer")
    reader = Reader(scratch_course(tmp_path / "course"))
    reader.run('convbook new unit 13_budgets "Budgets"')
    for kind, text in parts_of_the_document()[1]:
        reader.follow(kind, text)
    assert reader.printed.startswith("✗ ConvLayer: ")


def test_every_command_of_the_document_is_in_a_block_that_is_run():
    text = (ROOT / "docs" / "authoring.md").read_text(encoding="utf-8")
    outside = BLOCK.sub("", text)
    commands = re.findall(r"^    ((?:convbook|python|make|jupytext|nbgrader|pip) .*)$", outside, re.MULTILINE)
    assert commands == ["make test"]  # the whole of the tests, which cannot run itself


def test_the_command_says_what_it_did_and_refuses_in_one_sentence(course, capsys):
    from convbook.__main__ import main

    at = ["--course", str(course.folder)]
    assert main(["new", "unit", FOLDER, "Budgets", *at]) == 0
    assert main(["new", "exercise", "13", NAME, TITLE, "--points", "3", *at]) == 0
    assert capsys.readouterr().out.count("\n") == 3 + 4
    assert main(["new", "exercise", "13", NAME, TITLE, "--points", "three", *at]) == 2
    said = capsys.readouterr().err
    assert said.startswith("convbook new: ") and said.count("\n") == 1


def test_the_command_shows_examples_of_itself():
    from convbook.__main__ import main

    with contextlib.redirect_stdout(io.StringIO()) as out, pytest.raises(SystemExit) as end:
        main(["new", "--help"])
    assert end.value.code == 0
    assert "\n  convbook new unit" in out.getvalue() and "\n  convbook new exercise" in out.getvalue()
