"""Every command of the README and of docs/ is run: here, on a scratch copy of the course, or by a test that is named here.

A page's commands run in order, in one copy, with unit 00 for a unit and three made-up students for a class. What a page shows
below a command is compared with what the command printed.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from convbook.__main__ import build_parser
from convbook.authoring.canonical import read
from convbook.authoring.course import open_course
from convbook.authoring.work import bring_up_to_date
from convbook.nbgrader_course import path_with_programs

ROOT = Path(__file__).resolve().parents[2]
UNIT = "00_start_here"
PAGES = ("README.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")))
PROGRAMS = (
    "convbook", "make", "python", "jupytext", "nbgrader", "jupyter", "pytest", "pip", "conda", "npm", "node", "git", "source",
    "dask", "docker", "apt", "cp", "mkdir", "rm", "sed", "for", "PYTHONPATH=tests", "cd", "curl", "ssh", "helm", "kubectl",
)  # fmt: skip
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# Pages that a test of their own follows: page -> the file that does.
FOLLOWED = {
    "docs/authoring.md": "tests/authoring/test_new.py",
    "docs/teaching.md": "tests/course/test_documents.py",
    "docs/reports.md": "tests/reports/test_export.py",
}

# Commands that cost too much for a second time, or that need what no test has: command -> where it is run, by what words.
LAB, PLAIN, CI = "tests/authoring/test_lab.py", "tests/course/test_plain_nbgrader.py", ".ci/run"
TEACHING = "docs/teaching.md"  # whose own commands run below
CLUSTER, PAPERS = "tests/grading/test_cluster.py", "tests/drills/test_printed_papers.py"
ELSEWHERE = {
    "make lab": (LAB, "test_the_lab_answers_with_the_first_notebook_and_ends_when_asked"),
    "convbook lab": (LAB, "test_the_lab_answers_with_the_first_notebook_and_ends_when_asked"),
    "make lint": ("Makefile", "keep-going lint"), "make test": (CI, "keep-going test"), "make test-lowest": (CI, "test-lowest"),
    "make check": ("Makefile", "lint javascript check"), "convbook check 0": ("Makefile", "convbook check"),
    "make release": ("tests/authoring/test_release.py", "def test_"),
    "source .venv/bin/activate": (LAB, "test_a_terminal_inside_the_lab_knows_the_course_s_commands"),
    "conda env create --file environment.yml": ("tests/test_environment.py", "environment.yml"),
    "conda activate convbook": ("tests/test_environment.py", "environment.yml"),
    "nbgrader generate_assignment --force 01_convolution": (PLAIN, '"generate_assignment"'),
    "nbgrader release_assignment 01_convolution": (PLAIN, '"release_assignment"'),
    "nbgrader release_assignment 00_start_here": (PLAIN, '"release_assignment"'),
    "nbgrader collect 01_convolution": (PLAIN, '"collect"'),
    "nbgrader autograde 01_convolution": (PLAIN, '"autograde"'),
    "nbgrader generate_feedback 01_convolution": (PLAIN, '"generate_feedback"'),
    "convbook grade 1": ("tests/grading/test_grading_command.py", "test_grade_prints_a_line_for_everyone"),
    "convbook report 1": ("tests/grading/test_grading_command.py", "test_report_shows_the_last_run_again"),
    "convbook grade 1 --watch": ("tests/grading/test_arrivals.py", "test_what_arrives_is_graded"),
    "python benchmarks/grading.py --unit 01": ("benchmarks/grading.py", '"--unit"'),
    'pip install "convbook[cluster]"': ("Makefile", "[dev,cluster,hub,book]"),
    "convbook grade 10 --scheduler tcp://10.0.0.5:8786": (CLUSTER, "test_a_cluster_comes_to_the_same_scores"),
    "convbook grade 1 --scheduler tcp://127.0.0.1:8786": (CLUSTER, "test_a_cluster_comes_to_the_same_scores"),
    "dask scheduler --host 127.0.0.1 --port 8786": (CLUSTER, "scheduler"),
    "dask worker tcp://127.0.0.1:8786 --nthreads 1 --no-nanny": (CLUSTER, "worker"),
    "convbook drill": (PAPERS, "test_the_command_keeps_what_was_answered"),
    "convbook drill --list": (PAPERS, "test_the_kinds_are_listed_by_unit"),
    "convbook drill --unit 02 --count 5": ("tests/drills/test_practice.py", "def test_"),
    "convbook drill --kind output_size": ("tests/drills/test_practice.py", "def test_"),
    "convbook drill --paper names.txt --out papers/ --seed 7": (PAPERS, "test_the_command_writes_papers_and_keys"),
    "convbook new widget pixel_walk": ("tests/widgets/test_gallery.py", "test_a_new_widget_works_at_once"),
    "mkdir ~/hub-trial && cd ~/hub-trial": ("tests/hub/running_hub.py", "jupyterhub_config.py"),
    "nbgrader collect --update 01_convolution": (TEACHING, "nbgrader collect --update 00_start_here"),
    "convbook grade 01_convolution --feedback": (TEACHING, "convbook grade 00_start_here --feedback"),
    "nbgrader release_feedback 01_convolution": (TEACHING, "nbgrader release_feedback 00_start_here"),
    "python benchmarks/student_memory.py --unit 10": ("benchmarks/student_memory.py", '"--unit"'),
    "pip install 'convbook[book]'": ("Makefile", "hub,book]"), "convbook book": ("tests/course/test_book.py", '"book"'),
    "python benchmarks/grading.py --plain --ours 96": ("tests/grading/test_speed.py", '"--plain", "--ours"'),
    "convbook grade 1 --timing": ("tests/grading/test_grading_command.py", "--timing"),
    "npm ci": (".ci/javascript", "npm ci"), "pytest tests/widgets": ("Makefile", "pytest -q"),
    "PYTHONPATH=tests python tests/widgets/test_golden.py": ("tests/widgets/test_golden.py", "__main__"),
    "PYTHONPATH=tests python tests/widgets/test_flow_scope.py": ("tests/widgets/test_flow_scope.py", "__main__"),
    "PYTHONPATH=tests python tests/widgets/matrix_cases.py": ("tests/widgets/matrix_cases.py", "__main__"),
}  # fmt: skip

# Commands that no test can run, and why; what they do on one machine is tested all the same.
NOT_RUN = {
    "dask scheduler --protocol tls --tls-ca-file ca.pem --tls-cert scheduler.pem --tls-key scheduler-key.pem": "needs certificates",
    "dask worker tls://10.0.0.5:8786 --nthreads 1 --no-nanny --tls-ca-file ca.pem --tls-cert worker.pem --tls-key worker-key.pem":
        "needs certificates, and a second machine",
    "convbook grade 1 --scheduler tls://10.0.0.5:8786": "needs the two above",
    "git subtree split --prefix notebooks --branch students": "a scratch copy has no history",
    "git push YOUR_REMOTE students": "needs a remote",
    "docker build --file etc/hub/Dockerfile --tag convbook-hub:1 .": "needs Docker; tests/hub/test_container.py reads the file",
}  # fmt: skip
HERE = ("docs/first_evening.md", "docs/first_hour_teaching.md", "docs/first_hour_contributing.md")


def commands_of(text: str) -> Iterator[str]:
    """Yield a page's commands in order, without the remarks behind them: fenced as `sh`, or indented by four blanks."""
    outside = FENCED.sub(lambda block: block[0] if block[1] == "sh" else "", text)
    fenced = [line for kind, block in FENCED.findall(text) if kind == "sh" for line in block.splitlines()]
    indented = re.findall(r"^    (\S.*)$", FENCED.sub("", outside), re.MULTILINE)
    for line in [*fenced, *(line for line in indented if line.split()[0] in PROGRAMS)]:
        if command := re.split(r"\s{2,}", line.strip())[0]:
            yield command


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


class Scratch:
    """A copy of the course in which one page's commands run, one after the other."""

    def __init__(self, folder: Path, own_library: bool = False):
        self.folder = folder
        quiet = shutil.ignore_patterns("__pycache__", "*.pyc")
        for part in ("solutions", "notebooks", *(("lib", "tests") if own_library else ())):
            shutil.copytree(ROOT / part, folder / part, ignore=quiet)
        for name in ("nbgrader_config.py", "README.md", "pyproject.toml"):
            shutil.copy(ROOT / name, folder)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        self.environment = kept | {"PATH": path_with_programs(), "NO_COLOR": "1", "HOME": str(folder)}
        if own_library:
            self.environment["PYTHONPATH"] = str(folder / "lib")

    def run(self, command: str) -> str:
        done = subprocess.run(
            command, shell=True, cwd=self.folder, env=self.environment, input="q\n", capture_output=True, text=True, timeout=300
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def follow(self, name: str, other: tuple[str, ...] = ()) -> dict[str, str]:
        """Run a page's commands but those that run elsewhere, compare what it shows, and return what each printed.

        `other` are shown texts that no command of the page prints; the test compares them.
        """
        printed: dict[str, str] = {}
        said = ""
        for kind, block in FENCED.findall(page(name)):
            if kind == "sh":
                for command in filter(None, map(str.strip, block.splitlines())):
                    if command not in ELSEWHERE:
                        said = printed[command] = self.run(command)
            elif kind == "text" and not block.startswith(other):
                shown = [line.split() for line in block.strip().splitlines()]
                lines = [line.split() for line in said.splitlines()]
                assert all(line in lines for line in shown), (
                    f"{name} shows\n{block}\nand what came is\n{said}"
                )
        return printed


@pytest.mark.parametrize("name", [name for name in PAGES if name not in FOLLOWED])
def test_every_command_of_a_page_is_run_here_or_in_a_named_place(name):
    unknown = [c for c in commands_of(page(name)) if c not in ELSEWHERE and c not in NOT_RUN]
    if name in HERE:  # its fenced commands run below
        fenced = "".join(block for kind, block in FENCED.findall(page(name)) if kind == "sh").splitlines()
        unknown = [command for command in unknown if command not in fenced]
    if name == "README.md":  # these two run below
        unknown = [command for command in unknown if not command.startswith("jupytext ")]
    assert not unknown, f"nobody runs these commands of {name}; say in ELSEWHERE who does: {unknown}"


def test_the_named_places_are_there_and_say_what_they_run():
    for command, (place, words) in ELSEWHERE.items():
        assert words in (ROOT / place).read_text(encoding="utf-8"), f"{command}: {place} does not run it"
    for name, place in FOLLOWED.items():
        assert Path(name).name in (ROOT / place).read_text(encoding="utf-8")


def test_nothing_is_named_that_no_page_tells():
    told = {command for name in PAGES for command in commands_of(page(name))}
    known = {*ELSEWHERE, *NOT_RUN}
    assert known <= told, f"no page has these commands: {sorted(known - told)}"


@pytest.mark.parametrize("name", PAGES)
def test_convbook_understands_every_command_that_a_page_names(name, capsys):
    """A sentence may name a command without what it takes: `convbook grade`."""
    named = re.findall(r"`(convbook [a-z][^`\n]*)`", FENCED.sub("", page(name)))
    for command in [*named, *(c for c in commands_of(page(name)) if c.startswith("convbook "))]:
        for words in (part.split()[1:] for part in command.split(" && ")):
            try:
                build_parser(words).parse_args(shlex.split(" ".join(words)))
            except SystemExit as end:
                said = capsys.readouterr().err
                assert end.code == 0 or "are required" in said, f"{name}: `{command}` is refused: {said}"


@pytest.mark.parametrize("name", PAGES)
def test_every_link_to_a_file_leads_somewhere(name):
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page(name)):
        assert ((ROOT / name).parent / target).exists(), f"{name} links to {target}, and it is not there"


def test_every_ratio_of_the_readme_names_a_measurement_that_takes_its_options():
    measured = re.findall(r"^\| `python (benchmarks/\S+?\.py)([^`]*)` \|", page("README.md"), re.MULTILINE)
    assert len(measured) > 3
    for script, options in measured:
        source = (ROOT / script).read_text(encoding="utf-8")
        for option in re.findall(r"--[a-z-]+", options):
            assert f'"{option}"' in source, f"{script} has no option {option}"


def test_a_learners_first_evening(tmp_path):
    from convbook.checks import start_here

    wrong = start_here.brightness.judge(lambda image: image.sum() / image.shape[0]).message
    assert wrong in page("docs/first_evening.md")
    scratch = Scratch(tmp_path / "course")
    work = scratch.folder / "work"
    bring_up_to_date(
        open_course(scratch.folder), work
    )  # what `convbook lab` does before it opens the browser
    solve(work / UNIT / f"{UNIT}.ipynb")
    printed = scratch.follow("docs/first_evening.md", other=("✗ brightness",))
    assert "\nNext: Go on with exercise 1.1, " in printed["convbook progress"]
    assert "Hint — " in printed["convbook solution 01.1"] and "--yes" in printed["convbook solution 01.1"]
    assert "1 of 2 · unit 00" in printed["convbook drill --unit 00 --count 2"]


def solve(path: Path) -> None:
    """Save a learner's unit 00 as it is after a right answer."""
    notebook = read(path)
    (cell,) = (cell for cell in notebook["cells"] if cell["id"] == "check-brightness")
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "✓ brightness is right\n"}]
    path.write_text(json.dumps(notebook), encoding="utf-8")


def test_a_teachers_first_hour(tmp_path):
    scratch = Scratch(tmp_path / "course")
    printed = scratch.follow("docs/first_hour_teaching.md")
    marks = (scratch.folder / "grades.csv").read_text(encoding="utf-8").splitlines()
    header, *rows = (line.split(",") for line in marks)
    scores = {row[header.index("student_id")]: float(row[header.index("score")]) for row in rows}
    assert scores == {"ada": 2, "ben": 0, "cleo": 0}
    assert f"{UNIT}: 3 graded" in printed[f"convbook grade {UNIT}"]
    assert "it is the sum, not the mean" in (scratch.folder / "report.html").read_text(encoding="utf-8")
    pages = scratch.folder.glob(f"grading/feedback/*/{UNIT}/{UNIT}.html")
    assert {path.parts[-3] for path in pages} == {"ada", "ben", "cleo"}


def test_a_terms_tasks_in_their_order(tmp_path):
    scratch = Scratch(tmp_path / "course")
    for block in re.findall(r"(?:^    .*\n|^\n+(?=    ))+", page("docs/teaching.md"), re.MULTILINE):
        scratch.run("set -e\n" + textwrap.dedent(block))
    header, row = (line.split(",") for line in (tmp_path / "grades.csv").read_text("utf-8").splitlines())
    got = dict(zip(header, row, strict=True))
    assert (got["student_id"], float(got["raw_score"])) == ("ada", 2)
    assert list((tmp_path / "ada" / UNIT / "feedback").rglob("*.html"))


def test_a_contributors_first_hour(tmp_path):
    scratch = Scratch(tmp_path / "course", own_library=True)
    text = page("docs/first_hour_contributing.md")
    (change,) = (block for kind, block in FENCED.findall(text) if kind == "diff")
    before, after = (line[1:] for line in change.splitlines())
    file = scratch.folder / "lib" / "convbook" / "checks" / "start_here.py"
    source = file.read_text(encoding="utf-8")
    assert source.count(f"{before}\n") == 1
    file.write_text(source.replace(f"{before}\n", f"{before}\n{after}\n"), encoding="utf-8")
    printed = scratch.follow("docs/first_hour_contributing.md")
    assert "0 faults" in printed["convbook check 0 --no-run"]
    assert " passed" in printed["python -m pytest -q tests/checks/test_units.py -k brightness"]


def test_the_readmes_way_to_edit_a_unit_as_text(tmp_path):
    scratch = Scratch(tmp_path / "course")
    source = scratch.folder / "solutions" / "01_convolution" / "01_convolution.ipynb"
    before = source.read_bytes()
    ways = [c.replace("/tmp/", "") for c in commands_of(page("README.md")) if c.startswith("jupytext")]
    assert len(ways) == 2
    for command in ways:
        scratch.run(command)
    scratch.run("convbook clean")
    assert source.read_bytes() == before
