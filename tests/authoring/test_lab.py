"""A learner's own copy: made once, added to, never overwritten, whatever happens; and the lab on it."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

import tiny
from convbook.__main__ import main
from convbook.authoring import files, lab, work
from convbook.authoring.course import open_course
from convbook.authoring.lab import command, free, work_folder
from convbook.authoring.work import MANIFEST, bring_up_to_date
from convbook.nbgrader_course import CourseError

NAME = f"{tiny.UNIT}/{tiny.UNIT}.ipynb"


@pytest.fixture
def mine(released):
    """Return a learner's folder, just made."""
    folder = work_folder(released)
    bring_up_to_date(released, folder)
    return folder


def upstream(course, text, name=NAME):
    path = course.release / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_the_first_time_everything_is_copied(released, tmp_path):
    told = bring_up_to_date(released, tmp_path / "mine")
    assert told == [f"Your own copy of the notebooks is in {tmp_path / 'mine'}."]
    assert (tmp_path / "mine" / NAME).read_bytes() == (released.release / NAME).read_bytes()


def test_the_second_time_nothing_happens_and_nothing_is_said(released, mine):
    (mine / NAME).write_text("my work")
    assert bring_up_to_date(released, mine) == []
    assert (mine / NAME).read_text() == "my work"


def test_a_new_unit_is_added(released, mine):
    upstream(released, "{}", "02_new/02_new.ipynb")
    assert bring_up_to_date(released, mine) == ["New unit: 02_new."]
    assert (mine / "02_new" / "02_new.ipynb").read_text() == "{}"


@pytest.mark.parametrize("touched", [True, False])
def test_a_changed_unit_is_offered_beside_the_learners_and_said_once(released, mine, touched):
    if touched:
        (mine / NAME).write_text("my work")
    before = (mine / NAME).read_text()
    upstream(released, "second edition")
    (told,) = bring_up_to_date(released, mine)
    assert f"{NAME} has changed since you got it; yours is untouched" in told
    assert "01_counting.new.ipynb" in told
    assert (mine / NAME).read_text() == before
    assert (mine / NAME).with_name("01_counting.new.ipynb").read_text() == "second edition"
    assert bring_up_to_date(released, mine) == []


def test_a_newer_offer_takes_the_place_of_one_that_was_left_alone(released, mine):
    for text in ("second", "third"):
        upstream(released, text)
        bring_up_to_date(released, mine)
    assert (mine / NAME).with_name("01_counting.new.ipynb").read_text() == "third"
    assert len(list((mine / tiny.UNIT).iterdir())) == 2


def test_an_offer_the_learner_worked_in_stays(released, mine):
    upstream(released, "second")
    bring_up_to_date(released, mine)
    offer = (mine / NAME).with_name("01_counting.new.ipynb")
    offer.write_text("I went on here")
    upstream(released, "third")
    assert "01_counting.new2.ipynb" in bring_up_to_date(released, mine)[0]
    assert offer.read_text() == "I went on here"


def test_who_takes_the_offer_is_up_to_date(released, mine):
    upstream(released, "second")
    bring_up_to_date(released, mine)
    os.replace((mine / NAME).with_name("01_counting.new.ipynb"), mine / NAME)
    assert bring_up_to_date(released, mine) == []
    upstream(released, "third")
    assert "has changed since you got it" in bring_up_to_date(released, mine)[0]


def test_a_notebook_the_learner_removed_comes_back_fresh(released, mine):
    (mine / NAME).unlink()
    assert "a fresh one is there now" in bring_up_to_date(released, mine)[0]
    assert (mine / NAME).read_bytes() == (released.release / NAME).read_bytes()


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"copied": 3}'])
def test_a_lost_or_broken_manifest_costs_nothing(released, mine, content):
    (mine / NAME).write_text("my work")
    (mine / MANIFEST).unlink() if content is None else (mine / MANIFEST).write_text(content)
    assert bring_up_to_date(released, mine) == []
    assert (mine / NAME).read_text() == "my work"
    upstream(released, "second")
    assert "has changed" in bring_up_to_date(released, mine)[0]


def test_missing_notebooks_are_one_clear_sentence(course, capsys):
    assert main(["lab", "--course", str(course.folder)]) == 2
    said = capsys.readouterr().err
    assert "there are no notebooks in" in said and said.count("\n") == 1


def test_a_file_in_the_place_of_the_folder_is_one_clear_sentence(released, capsys):
    (released.folder / "work").write_text("")
    assert main(["lab", "--course", str(released.folder)]) == 2
    assert "a file stands where a folder is needed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EROFS, "the disk is read-only"),
        (errno.EACCES, "no permission"),
    ],
)
def test_a_disk_that_refuses_is_one_clear_sentence_and_no_half_file(released, monkeypatch, number, words):
    def refuse(source, target):
        raise OSError(number, "refused")

    monkeypatch.setattr(files.os, "replace", refuse)
    folder = released.folder / "work"
    with pytest.raises(CourseError, match=words) as told:
        bring_up_to_date(released, folder)
    assert "\n" not in str(told.value)
    assert [p for p in folder.rglob("*") if p.is_file()] == []


def test_what_was_copied_before_the_disk_was_full_is_remembered(released, monkeypatch):
    upstream(released, "{}", "02_new/02_new.ipynb")
    whole = work.write_whole

    def full_at_the_second(path, content):
        if path.name == "02_new.ipynb":
            raise OSError(errno.ENOSPC, "refused")
        return whole(path, content)

    monkeypatch.setattr(work, "write_whole", full_at_the_second)
    with pytest.raises(CourseError):
        bring_up_to_date(released, released.folder / "work")
    assert list(json.loads((released.folder / "work" / MANIFEST).read_text())["copied"]) == [NAME]


def test_a_port_in_use_is_one_clear_sentence(released, capsys):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert not free(port)
        assert main(["lab", "--port", str(port), "--course", str(released.folder)]) == 2
    assert f"port {port} is in use" in capsys.readouterr().err
    assert free(port)


def test_the_lab_opens_the_first_unit_with_this_interpreter(released, mine):
    words = command(released, mine, port=9000, browser=False)
    assert words[:3] == [sys.executable, "-m", "jupyterlab"]
    assert f"--LabApp.default_url=/lab/tree/{NAME}" in words
    assert f"--ServerApp.root_dir={mine}" in words
    assert {"--ServerApp.port=9000", "--ServerApp.port_retries=0", "--no-browser"} <= set(words)
    assert "--no-browser" not in command(released, mine, port=None, browser=True)


def test_an_interpreter_that_is_gone_is_one_clear_sentence(released):
    with pytest.raises(CourseError, match="JupyterLab could not be started"):
        lab.run([str(released.folder / "no-python")], cwd=released.folder)


def answered(url: str, seconds: float) -> int:
    """Return the status of a page's answer; the server names its address a moment before it listens."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=seconds) as answer:
                return answer.status
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@pytest.mark.skipif(os.name != "posix", reason="signals as on Linux and macOS")
def test_the_lab_answers_with_the_first_notebook_and_ends_when_asked(released):
    words = [sys.executable, "-m", "convbook", "lab", "--no-browser", "--course", str(released.folder)]
    with subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as running:
        try:
            url = next(m[0] for line in running.stderr if (m := re.search(r"http://127\.0\.0\.1:\S+", line)))
            assert f"/lab/tree/{NAME}" in url
            assert answered(url, seconds=30) == 200
        finally:
            running.send_signal(signal.SIGTERM)
        running.stderr.read()
        deadline = time.monotonic() + 20
        while running.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert running.poll() is not None


def test_the_working_folder_may_be_inside_the_course(released, monkeypatch):
    monkeypatch.chdir(released.source / tiny.UNIT)
    assert open_course().folder == released.folder


def test_a_terminal_inside_the_lab_knows_the_course_s_commands():
    found = shutil.which("convbook", path=lab.environment()["PATH"])
    assert found is not None and os.path.samefile(os.path.dirname(found), os.path.dirname(sys.executable))
