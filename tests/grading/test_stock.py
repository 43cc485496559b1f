"""Behind nbgrader's own names: `nbgrader autograde`, formgrader's button and `nbgrader generate_feedback`."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from traitlets.config import Config

from class_of_200 import hand_in, kinds, make_course
from convbook.grading import stock
from convbook.grading.running.engine import Engine
from plain_course import grade, rows

OURS = "\nfrom convbook.grading import stock\nstock.use(c)\n"
WANTED = {"honest-right", "honest-partly", "honest-raises", "code-warns", "code-exits", "file-renamed", "file-copied-test",
          "file-stripped", "file-truncated", "unreadable-not-json", "hostile-link", "hostile-equals-everything"}  # fmt: skip


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Grade the same hand-ins by `convbook grade` and by `nbgrader autograde`."""
    folders = []
    for name in ("ours", "theirs"):
        folder = make_course(tmp_path_factory.mktemp("stock") / name)
        for one in kinds(folder):
            if one.name in WANTED:
                hand_in(folder, one)
        with open(folder / "nbgrader_config.py", "a", encoding="utf-8") as file:
            file.write(OURS)
        folders.append(folder)
    grade(folders[0], lambda: Engine(2))
    _nbgrader(folders[1], "autograde", "unit")
    return folders


def _nbgrader(folder, *words):
    environment = {**os.environ, "PATH": os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]}
    subprocess.run(
        ["nbgrader", *words], cwd=folder, env=environment, check=True, capture_output=True, timeout=300
    )


def test_the_scores_are_the_same_by_both_names(both):
    ours, theirs = (sorted((row[0], row[2], row[4]) for row in rows(folder)["grades"]) for folder in both)
    assert set(ours) ^ set(theirs) == set()
    assert {row[0] for row in ours} == WANTED


def test_what_a_link_pointed_to_is_not_handed_on(both):
    for folder in both:
        assert not (folder / "autograded" / "hostile-link" / "unit" / "data.txt").exists()


def test_generate_feedback_hides_what_is_hidden(both):
    for folder in both:
        _nbgrader(folder, "generate_feedback", "unit", "--force")
        page = (folder / "feedback" / "honest-partly" / "unit" / "unit.html").read_text(encoding="utf-8")
        assert "Score: 14.0 / 19.0" in page and "HIDDEN" not in page


def test_formgrader_s_button_uses_the_engine(both):
    from nbgrader.apps.api import NbGraderAPI

    from convbook.grading.course import Course, in_folder
    from convbook.grading.plugin import KEEPER

    course = Course(both[1])
    before = rows(both[1])["grades"]
    with in_folder(both[1]):
        api = NbGraderAPI(coursedir=course.directory, parent=course.app)
        told = api.autograde("unit", "honest-right")
    KEEPER.close()
    assert told["success"], told
    assert rows(both[1])["grades"] == before


def test_the_configuration_loads_nothing_heavy():
    code = "import sys; from convbook.grading import stock; from traitlets.config import Config; stock.use(Config()); print({'torch', 'nbgrader', 'numpy'} & set(sys.modules))"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "set()"
    )


def test_where_nothing_can_be_forked_autograde_stays_nbgrader_s_own(monkeypatch):
    config = Config()
    monkeypatch.delattr("os.fork")
    stock.use(config)
    assert "Autograde" not in config and "Clean" in config.GenerateFeedback.preprocessors[0]
