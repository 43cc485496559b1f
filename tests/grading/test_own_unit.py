"""Unit 01 as an instructor grades it: named mistakes counted, no weak test, cheats refused, scores as stock gives them."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from convbook.grading.recording.report import GRADED, mistakes
from convbook.grading.running.engine import Engine
from plain_course import grade, line
from pretend import PretendEngine

COURSE = Path(__file__).resolve().parents[2]
UNIT = "01_convolution"
WANTED = {
    "right": ({}, 40),
    "flipped": ({"corr2d": ("def corr2d(x, k):", "def corr2d(x, k):\n    k = k[::-1, ::-1]")}, 35),
    "stubs": ({"corr2d": None, "conv_out_size": None}, None),
    "torch": ({"flip180": "import torch\ndef flip180(k):\n    return torch.flip(torch.as_tensor(k.copy()), (0, 1)).numpy()"}, 38),
    "patched": ({"corr2d": "check.corr2d = lambda answer: None\nimport convbook.checks.judge as j\nj.judge = lambda *a, **k: None\ndef corr2d(x, k):\n    return x"}, None),
    "overwrites": ({"corr2d": ("def corr2d(x, k):", "list, sum, np, check, print, range, get_ipython, display = 'my own words for things'.split()[:1] * 8\ndef corr2d(x, k):")}, 40),
    "endless": ({"flip180": "def flip180(k):\n    while True:\n        pass"}, 38),
}  # fmt: skip


@pytest.fixture(scope="module")
def source():
    path = COURSE / "solutions" / UNIT / f"{UNIT}.ipynb"
    if not path.is_file():
        pytest.skip("unit 01 has no source here")
    return json.loads(path.read_text(encoding="utf-8"))


def lay_out(folder: Path, source: dict, names) -> Path:
    """Make a course with unit 01 alone; of its cells only those that exercises need, so that the test stays quick."""
    source = copy.deepcopy(source)
    kept = [c for c in source["cells"] if c["metadata"].get("nbgrader") or c["id"] == "imports"]
    source["cells"] = kept
    (folder / "solutions" / UNIT).mkdir(parents=True)
    (folder / "solutions" / UNIT / f"{UNIT}.ipynb").write_text(json.dumps(source), encoding="utf-8")
    shutil.copy(COURSE / "nbgrader_config.py", folder)
    for name in names:
        target = folder / "grading" / "submitted" / name / UNIT
        target.mkdir(parents=True)
        (target / f"{UNIT}.ipynb").write_text(json.dumps(hand_in(source, WANTED[name][0])), encoding="utf-8")
    return folder


def hand_in(source: dict, changes: dict) -> dict:
    """Return the solved notebook with some answers changed: replaced, made of a (part, new part), or left a stub."""
    notebook = copy.deepcopy(source)
    for cell in notebook["cells"]:
        lines = "".join(cell["source"]).split("\n")
        cell["source"] = "\n".join(
            text for text in lines if "### BEGIN" not in text and "### END" not in text
        )
        change = changes.get(cell["id"], "")
        if change is None:
            cell["source"] = f"def {cell['id']}(*a, **k):\n    raise NotImplementedError()"
        elif isinstance(change, tuple):
            cell["source"] = cell["source"].replace(*change, 1)
        elif change:
            cell["source"] = change
    return notebook


@pytest.fixture(scope="module")
def graded(source, tmp_path_factory):
    folder = lay_out(tmp_path_factory.mktemp("own") / "course", source, WANTED)
    return folder, grade(folder, lambda: Engine(2), UNIT)


def test_scores_are_what_was_earned(graded):
    _, report = graded
    for name, (_, score) in WANTED.items():
        if score is not None:
            assert line(report, name).score == score, name
    assert line(report, "right").status == GRADED and line(report, "right").remarks == []


def test_the_students_processes_of_this_unit_have_no_torch(graded):
    (found,) = (json.loads(path.read_text())["kept"] for path in graded[0].rglob(".convbook/weak/*/*.json"))
    assert found["hidden"] == ["torch"]


def test_no_test_of_ours_is_weak(graded):
    assert graded[1].weak == []


def test_the_class_s_mistakes_have_names(graded):
    found = mistakes(graded[1].lines)
    assert found["check-corr2d"]["mistakes"] == {"the kernel is flipped": 1}


def test_cheating_earns_nothing_and_forbidden_calls_are_told(graded):
    _, report = graded
    patched = {cell["cell"]: cell["status"] for cell in line(report, "patched").cells}
    assert patched["check-corr2d"] == "error"
    assert any("torch" in remark["sentence"] for remark in line(report, "torch").remarks)
    assert {c["cell"] for c in line(report, "endless").cells if c["status"] != "ok" and c["check"]} >= {
        "check-flip180"
    }


class Asked(PretendEngine):
    """Keep the seeds of the jobs that would run."""

    def result(self, job):
        self.seeds[job.student] = job.seed
        return super().result(job)


def test_cases_follow_from_what_is_handed_in_and_from_nothing_else(source, tmp_path):
    """Another hand-in has other cases; the same cells have the same, whoever hands them in and however often."""
    seeds = []
    folder = lay_out(tmp_path / "course", source, ["right", "stubs"])
    twin = folder / "grading" / "submitted" / "twin"
    shutil.copytree(folder / "grading" / "submitted" / "right", twin)
    for force in (False, True):
        engine = Asked()
        engine.seeds = {}
        grade(folder, engine, UNIT, force=force)
        seeds.append(engine.seeds)
    assert seeds[0] == seeds[1] and seeds[0]["right"] == seeds[0]["twin"] != seeds[0]["stubs"]


def test_the_scores_equal_stock_nbgrader_s(graded, source, tmp_path):
    import sqlite3

    other = lay_out(tmp_path / "stock", source, ["flipped"])
    with open(other / "nbgrader_config.py", "a", encoding="utf-8") as file:
        file.write("\nfor section in ('Autograde', 'GenerateFeedback'):\n    c.pop(section, None)\n")
    environment = {**os.environ, "PATH": os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]}
    for words in (["generate_assignment", UNIT], ["autograde", UNIT]):
        subprocess.run(["nbgrader", *words], cwd=other, env=environment, check=True, capture_output=True)
    found = []
    for folder in (graded[0], other):
        with sqlite3.connect(folder / "grading" / "gradebook.db") as db:
            rows = db.execute(
                "select c.name, g.auto_score, g.needs_manual_grade from grade g join base_cell c on g.cell_id = c.id "
                "join submitted_notebook s on g.notebook_id = s.id "
                "join submitted_assignment a on s.assignment_id = a.id where a.student_id = 'flipped'"
            ).fetchall()
        found.append(sorted(rows))
    assert found[0] == found[1]
