"""A class of 200, graded for real: right, wrong, faulty and hostile hand-ins, side by side, by the command itself."""

from __future__ import annotations

import csv
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from class_of_200 import FULL, HONEST, hand_in, kinds, make_class, make_course
from convbook.grading.recording.report import GRADED
from plain_course import auto_scores, rows

SECONDS = 4  # for one cell: a class has its share of endless loops
SAMPLE = ("honest-right", "honest-wrong-hidden", "honest-off-by-one", "honest-untouched")
KILLS = 6


def convbook(*words, **more):
    """Return the finished command."""
    command = [sys.executable, "-m", "convbook", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, **more)


@pytest.fixture(scope="module")
def whole_class(tmp_path_factory):
    """Grade the class once and return its folder, its hand-ins and its report."""
    folder = make_course(tmp_path_factory.mktemp("class") / "course", SECONDS)
    made = {one.name: one for one in make_class(folder, 200)}
    ran = convbook("grade", "unit", "--course", folder, "--json", "--feedback")
    assert ran.returncode == 1, ran.stderr[-2000:]  # some hand-ins of this class cannot be read
    report = json.loads(ran.stdout)
    return folder, made, {line["student"]: line for line in report["lines"]}, report


def test_every_student_has_exactly_one_line(whole_class):
    _, made, lines, report = whole_class
    assert len(made) == 200 and set(lines) == set(made) and len(report["lines"]) == 200


def test_every_hand_in_gets_what_it_earned(whole_class):
    _, made, lines, _ = whole_class
    wanted = {n: (m.score, m.status) for n, m in made.items() if m.score is not None}
    assert {name: (lines[name]["score"], lines[name]["status"]) for name in wanted} == wanted


def test_the_gradebook_says_what_the_report_says(whole_class):
    folder, made, lines, _ = whole_class
    totals: dict[str, float] = {}
    for student, _, _, _, score, *_ in rows(folder)["grades"]:
        totals[student] = totals.get(student, 0) + (score or 0)
    assert totals == {name: lines[name]["score"] for name in made}


def test_no_hostile_hand_in_earns_what_it_did_not_solve(whole_class):
    _, made, lines, _ = whole_class
    for name, one in made.items():
        if one.kind == "hostile":
            assert lines[name]["score"] <= (FULL if one.score is None else one.score), name
    assert lines["hostile-forks"]["score"] <= FULL


def test_honest_hand_ins_raise_no_remark_at_all(whole_class):
    _, made, lines, _ = whole_class
    assert {
        n: lines[n]["remarks"] for n, m in made.items() if m.kind == "honest" and lines[n]["remarks"]
    } == {}
    assert all(lines[n]["status"] == GRADED for n, m in made.items() if m.kind == "honest")


def test_what_was_touched_is_told(whole_class):
    _, _, lines, _ = whole_class
    for name, words in (
        ("file-changed-test", "the text of the test test-square was changed"),
        ("file-deleted-test", "test-scale was deleted"),
        ("file-more-points", "points said 100"),
        ("file-skips-its-tests", "tells Jupyter not to run it"),
        ("hostile-link", "data.txt is a symbolic link"),
        ("file-conflict", "merge conflict"),
        ("file-renamed", "unit (1).ipynb was taken for it"),
        ("hostile-network", "network"),
    ):
        said = " ".join(remark["sentence"] for remark in lines[name]["remarks"])
        assert words in said, name


def test_what_cannot_be_read_says_why(whole_class):
    _, made, lines, _ = whole_class
    for name, one in made.items():
        if one.status == "unreadable":
            assert one.says in lines[name]["reason"], name


def test_a_sample_scores_as_stock_nbgrader_scores_it(whole_class, tmp_path):
    folder, made, _, _ = whole_class
    other = make_course(tmp_path / "stock", SECONDS)
    for name in SAMPLE:
        hand_in(other, made[name])
    environment = {**os.environ, "PATH": os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]}
    subprocess.run(
        ["nbgrader", "autograde", "unit"], cwd=other, env=environment, check=True, capture_output=True
    )
    ours, theirs = rows(folder), rows(other)
    for table in ("grades", "comments", "submissions"):
        assert [row for row in ours[table] if row[0] in SAMPLE] == theirs[table], table


def test_the_class_s_feedback_holds_no_secret_and_no_script(whole_class):
    folder, _, lines, _ = whole_class
    pages = sorted((folder / "feedback").glob("*/unit/unit.html"))
    assert len(pages) == len(lines)
    for page in pages:
        body = page.read_text(encoding="utf-8").split("<body>", 1)[1]
        text = re.sub(r"<[^>]+>", "", body)
        assert "HIDDEN" not in text and "total([1.5" not in text and "<script" not in body, page
        assert str(folder) not in body and sys.prefix not in body, page


def test_nbgrader_exports_what_was_graded(whole_class):
    folder, made, lines, _ = whole_class
    command = [sys.executable, "-m", "nbgrader", "export", "--to", str(folder / "grades.csv")]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    with open(folder / "grades.csv", encoding="utf-8", newline="") as file:
        exported = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert exported == {name: lines[name]["score"] for name in made}


def test_a_second_run_runs_nothing(whole_class):
    folder, _, lines, _ = whole_class
    before = rows(folder)
    again = json.loads(convbook("grade", "unit", "--course", folder, "--json").stdout)
    assert again["ran"] == 0 and rows(folder) == before
    assert {line["student"]: line["score"] for line in again["lines"]} == {
        n: line["score"] for n, line in lines.items()
    }


# --- killed


@pytest.fixture(scope="module")
def honest_class(tmp_path_factory):
    folder = make_course(tmp_path_factory.mktemp("killed") / "course", SECONDS)
    honest = [one for one in kinds(folder) if one.name.removeprefix("honest-") in HONEST]
    for turn in range(2):
        for one in honest:
            one.name = f"{one.name}-{turn}"
            hand_in(folder, one)
    return folder


def test_a_run_killed_at_random_moments_ends_like_one_that_was_not(honest_class, tmp_path):
    killed = shutil.copytree(honest_class, tmp_path / "killed")
    assert convbook("grade", "unit", "--course", honest_class).returncode == 0
    chance, cut_off = random.Random(4), 0
    for _ in range(KILLS):
        cut_off += _killed_once(killed, chance.uniform(0.0, 0.8))
    assert cut_off >= KILLS // 2, "most runs must have been killed in their middle"
    assert convbook("grade", "unit", "--course", killed).returncode == 0
    assert rows(killed) == rows(honest_class)
    assert auto_scores(killed, "honest-right-0") == auto_scores(honest_class, "honest-right-0")
    left = [p for p in (killed / "autograded").rglob("*") if p.name.startswith((".convbook", ".part"))]
    assert left == []


def _killed_once(folder, wait) -> bool:
    """Start a run, wait for its first new result and a little longer, and kill it; True if it had not finished."""
    command = [sys.executable, "-m", "convbook", "grade", "unit", "--course", str(folder)]
    results = folder / ".convbook"
    before = len(list(results.rglob("*.json")))
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    until = time.monotonic() + 120
    while (
        process.poll() is None and len(list(results.rglob("*.json"))) <= before and time.monotonic() < until
    ):
        time.sleep(0.02)
    time.sleep(wait)
    finished = process.poll() is not None
    if not finished:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    with sqlite3.connect(folder / "gradebook.db") as db:
        assert db.execute("pragma integrity_check").fetchone() == ("ok",)
    return not finished
